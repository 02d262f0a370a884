//! Who was promised an update and would not read the next one: what is published to others does not exist for them
//! (RUNBOOK §5).

use crate::room::{Room, ana, at, customer, cy, named, update_text};
use domain::update::{Audience, UpdateKind, left_waiting};
use domain::{Command, Severity};

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
fn whoever_an_update_leaves_out_still_waits_for_what_they_were_promised() {
    let mut room = room();
    room.wait(10);
    publishes(
        &mut room,
        UpdateKind::First,
        readers(&["Tallis", "Orchard"]),
    );
    room.wait(10);
    let narrower = readers(&["Tallis", "Saltmarsh"]);
    let orchard = [("Orchard".to_owned(), 70)];
    assert_eq!(waiting(&room, &narrower), orchard);
    publishes(&mut room, UpdateKind::Progress, narrower.clone());
    assert_eq!(
        waiting(&room, &narrower),
        orchard,
        "and the next one does not reach them either"
    );
    publishes(&mut room, UpdateKind::Progress, readers(&["Orchard"]));
    assert_eq!(waiting(&room, &narrower), [("Orchard".to_owned(), 80)]);
    assert_eq!(waiting(&room, &Audience::Public), []);
}

#[test]
fn a_word_to_everybody_is_read_by_everybody_and_one_to_some_is_not() {
    let mut room = room();
    room.wait(10);
    publishes(&mut room, UpdateKind::First, readers(&["Tallis"]));
    room.wait(10);
    publishes(&mut room, UpdateKind::Progress, Audience::Public);
    let some = readers(&["Tallis", "Orchard", "Saltmarsh"]);
    assert_eq!(waiting(&room, &some), [("everybody".to_owned(), 80)]);
    assert_eq!(waiting(&room, &Audience::Public), []);
}
