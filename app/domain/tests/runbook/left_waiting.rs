//! A promise is kept to those whom it was made to: what is published to others does not exist for them (RUNBOOK §5).

use crate::room::{Room, ana, at, customer, cy, named, update_text};
use domain::adherence::{Adherence, update_promises};
use domain::clock::{ClockKind, ClockState};
use domain::update::{Audience, UpdateKind, left_waiting};
use domain::{Command, Severity, Status};

/// A SEV-1 of which three customers are on the record.
fn room() -> Room {
    let mut room = Room::declared(Severity::Sev1);
    for name in ["Tallis", "Orchard", "Saltmarsh"] {
        let customer = customer(name);
        room.ok(&ana(), Command::NoteCustomer { customer });
    }
    room
}

fn readers(names: &[&str]) -> Audience {
    Audience::Named {
        customers: names.iter().map(named).collect(),
    }
}

/// Publishes to these; the next word is promised in an hour.
fn publishes(room: &mut Room, kind: UpdateKind, audience: Audience) {
    let mut text = update_text(kind, room.now, 60);
    text.audience = audience;
    let update = Command::PublishUpdate {
        text,
        after: room.incident.updates.last().map(|u| u.id),
        excuses: Vec::new(),
    };
    room.ok(&cy(), update);
}

/// Promises whose time has come, and how many were kept.
fn counted(room: &Room) -> (u32, u32) {
    let all = update_promises(&room.incident, &room.policy, room.now);
    let a = Adherence::of(&all);
    (a.owed, a.kept)
}

fn due_min(room: &Room) -> i64 {
    let clock = room.clock(ClockKind::NextUpdate).unwrap();
    (clock.due_at - at(0)).num_minutes()
}

/// Names and minutes.
fn waiting(room: &Room, audience: &Audience) -> Vec<(String, i64)> {
    let all = left_waiting(&room.incident, audience).into_iter();
    all.map(|(reader, by)| match reader {
        Audience::Public => ("everybody".to_owned(), (by - at(0)).num_minutes()),
        Audience::Named { customers } => (customers[0].name.clone(), (by - at(0)).num_minutes()),
    })
    .collect()
}

#[test]
fn an_update_to_others_keeps_no_promise() {
    let mut room = room();
    room.wait(10);
    publishes(
        &mut room,
        UpdateKind::First,
        readers(&["Tallis", "Orchard"]),
    );
    room.wait(10);
    let narrower = readers(&["Tallis", "Saltmarsh"]);
    assert_eq!(waiting(&room, &narrower), [("Orchard".to_owned(), 70)]);
    publishes(&mut room, UpdateKind::Progress, narrower.clone());
    assert_eq!(due_min(&room), 70, "Orchard waits for what it was promised");
    room.wait(51);
    assert_eq!(
        room.clock_state(ClockKind::NextUpdate),
        Some(ClockState::Overdue)
    );
    assert_eq!(counted(&room), (2, 1), "the first word, and nothing at 70");

    // One word after the other, to each: the promise is kept by the last of them.
    publishes(&mut room, UpdateKind::Progress, readers(&["Orchard"]));
    assert_eq!(due_min(&room), 80, "what the two were promised");
    publishes(&mut room, UpdateKind::Progress, narrower);
    assert_eq!(due_min(&room), 131);
    assert_eq!(counted(&room), (3, 2), "in time at 80, too late for 70");
    assert_eq!(waiting(&room, &Audience::Public), []);
}

#[test]
fn a_word_to_everybody_is_read_by_everybody_and_one_to_some_is_not() {
    let mut room = room();
    room.wait(10);
    publishes(&mut room, UpdateKind::First, readers(&["Tallis"]));
    room.wait(10);
    publishes(&mut room, UpdateKind::Progress, Audience::Public);
    assert_eq!(due_min(&room), 80);
    let some = readers(&["Tallis", "Orchard", "Saltmarsh"]);
    assert_eq!(waiting(&room, &some), [("everybody".to_owned(), 80)]);
    room.wait(10);
    publishes(&mut room, UpdateKind::Progress, some);
    assert_eq!(due_min(&room), 80, "the public was told nothing since");
    room.wait(51);
    assert_eq!(counted(&room), (3, 2));
}

#[test]
fn nothing_is_owed_to_who_was_left_out_once_it_is_over_and_what_was_missed_stays() {
    let mut room = Room::at_status(Status::Mitigated);
    let customer = customer("Tallis");
    room.ok(&ana(), Command::NoteCustomer { customer });
    publishes(&mut room, UpdateKind::First, Audience::Public);
    let (owed, kept) = counted(&room);
    room.wait(30);
    publishes(&mut room, UpdateKind::Progress, readers(&["Tallis"]));
    room.wait(31);
    room.moves_to(Status::Resolved);
    publishes(&mut room, UpdateKind::Resolution, readers(&["Tallis"]));
    assert_eq!(room.clock(ClockKind::NextUpdate), None);
    assert_eq!(counted(&room), (owed + 2, kept + 1));
    room.wait(30 * 24 * 60);
    assert_eq!(counted(&room), (owed + 2, kept + 1), "a month later too");
}
