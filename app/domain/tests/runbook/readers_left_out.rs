//! Who was promised an update and would not read the next one: what is published to others does not exist for them
//! (RUNBOOK §5).

use crate::room::{Room, ana, at, customer, cy, declare, named, update_text, what_opens};
use domain::adherence::{Adherence, update_promises};
use domain::clock::{ClockKind, ClockState};
use domain::customer::{Credit, Customer, CustomerId, CustomerRef};
use domain::gate::{Need, missing};
use domain::promise::readers_left_out;
use domain::update::{Audience, UpdateKind};
use domain::{AccountId, Command, CommandId, Event, Severity, Status};
use uuid::Uuid;

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
    let all = readers_left_out(&room.incident, &room.policy, audience).into_iter();
    all.map(|one| {
        let name = match one.reader {
            Audience::Public => "everybody".to_owned(),
            Audience::Named { customers } => customers[0].name.clone(),
        };
        (name, (one.due_at - at(0)).num_minutes())
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

/// What Closed needs beside the resolution update.
fn supply_the_rest(room: &mut Room) {
    let credits = ["Tallis", "Orchard", "Saltmarsh"].map(|name| Command::DecideCredit {
        customer: named(name),
        credit: Credit::None {
            reason: "Above the agreed 99.9 %".to_owned(),
        },
    });
    for command in what_opens(Status::Closed, room.now)
        .into_iter()
        .chain(credits)
    {
        room.ok(&ana(), command);
    }
}

/// Kept and owed so far.
fn counted(room: &Room) -> (u32, u32) {
    let adherence = Adherence::of(&update_promises(&room.incident, &room.policy, room.now));
    (adherence.kept, adherence.owed)
}

fn due(room: &Room) -> Option<(String, i64)> {
    let clock = room.clock(ClockKind::NextUpdate)?;
    Some((clock.about, (clock.due_at - at(0)).num_minutes()))
}

#[test]
fn update_to_others_keeps_no_promise_and_the_clock_says_whose_it_is() {
    let mut room = room();
    room.wait(10);
    publishes(
        &mut room,
        UpdateKind::First,
        readers(&["Tallis", "Orchard"]),
    );
    assert_eq!(
        due(&room),
        Some((String::new(), 70)),
        "all who were told wait"
    );
    room.wait(50);
    publishes(&mut room, UpdateKind::Progress, readers(&["Tallis"]));
    assert_eq!(due(&room), Some(("Orchard".to_owned(), 70)));
    assert_eq!(counted(&room), (1, 1), "the first update");
    room.wait(15);
    assert_eq!(
        room.clock_state(ClockKind::NextUpdate),
        Some(ClockState::Overdue)
    );
    assert_eq!(counted(&room), (1, 2), "Orchard was not told by 70");
    publishes(&mut room, UpdateKind::Progress, readers(&["Orchard"]));
    assert_eq!(due(&room), Some(("Tallis".to_owned(), 120)));
    publishes(&mut room, UpdateKind::Progress, Audience::Public);
    assert_eq!(
        due(&room),
        Some((String::new(), 135)),
        "everybody reads that"
    );
    assert_eq!(counted(&room), (3, 4));
}

#[test]
fn incident_is_not_closed_while_somebody_was_not_told_that_it_is_over() {
    let mut room = room();
    room.wait(10);
    publishes(
        &mut room,
        UpdateKind::First,
        readers(&["Tallis", "Orchard"]),
    );
    room.moves_to(Status::Resolved);
    publishes(&mut room, UpdateKind::Resolution, readers(&["Tallis"]));
    supply_the_rest(&mut room);
    let left = Need::ResolutionFor {
        readers: "Orchard".to_owned(),
    };
    assert_eq!(
        missing(&room.incident, Status::Closed, &room.policy),
        [left]
    );
    let close = Command::MoveStatus { to: Status::Closed };
    let why = room.refused(&ana(), close.clone());
    assert_eq!(why, "Closed needs 1 more.");
    assert_eq!(due(&room), Some(("Orchard".to_owned(), 70)));

    let learned = |room: &Room| {
        let mut text = update_text(UpdateKind::Learned, room.now, 60);
        text.audience = readers(&["Tallis"]);
        let after = room.incident.updates.last().map(|u| u.id);
        let excuses = Vec::new();
        Command::PublishUpdate {
            text,
            after,
            excuses,
        }
    };
    let command = learned(&room);
    assert_eq!(
        room.refused(&cy(), command),
        "The resolution update did not go to Orchard. Send it to them first."
    );
    publishes(&mut room, UpdateKind::Resolution, readers(&["Orchard"]));
    assert_eq!(due(&room), None);
    room.ok(&ana(), close);
    let command = learned(&room);
    room.ok(&cy(), command);
}

#[test]
fn reopening_owes_an_update_to_each_who_was_told_that_it_is_over() {
    let mut room = room();
    room.wait(10);
    publishes(
        &mut room,
        UpdateKind::First,
        readers(&["Tallis", "Orchard"]),
    );
    room.moves_to(Status::Resolved);
    publishes(
        &mut room,
        UpdateKind::Resolution,
        readers(&["Tallis", "Orchard"]),
    );
    room.wait(60).back_to(Status::Active);
    assert_eq!(due(&room), Some((String::new(), 130)));
    room.wait(10);
    publishes(&mut room, UpdateKind::Progress, readers(&["Orchard"]));
    assert_eq!(due(&room), Some(("Tallis".to_owned(), 130)));
    assert_eq!(
        waiting(&room, &readers(&["Orchard"])),
        [("Tallis".to_owned(), 130)]
    );
    room.wait(60);
    assert_eq!(
        counted(&room),
        (2, 3),
        "the first, the last before it was over, and not this one"
    );
}

/// As an older build published: a name alone, whether anybody bore it or not.
fn old_update(room: &mut Room, kind: UpdateKind, name: &str) {
    let mut text = update_text(kind, room.now, 60);
    text.audience = Audience::only(CustomerRef::by_name(name));
    let event = Event::UpdateSent {
        text,
        cadence_min: 60,
        approved_by: None,
        excuses: Vec::new(),
    };
    let id = CommandId(Uuid::from_u128(
        90_000 + room.incident.updates.len() as u128,
    ));
    room.record(&cy(), id, event);
}

#[test]
fn nothing_is_owed_once_it_is_closed_also_where_somebody_waited() {
    let mut room = room();
    room.wait(10);
    publishes(
        &mut room,
        UpdateKind::First,
        readers(&["Tallis", "Orchard"]),
    );
    room.moves_to(Status::Resolved);
    publishes(&mut room, UpdateKind::Resolution, readers(&["Tallis"]));
    room.wait(90);
    // By the rule of older builds, who asked only whether anybody was told.
    let closed = Event::StatusMoved { to: Status::Closed };
    room.record(&ana(), CommandId(Uuid::from_u128(9)), closed);
    assert_eq!((due(&room), counted(&room)), (None, (1, 2)));
    room.wait(10_000);
    assert_eq!((due(&room), counted(&room)), (None, (1, 2)));

    room.back_to(Status::Active);
    assert_eq!(
        due(&room),
        Some((String::new(), 10_160)),
        "both are owed an update"
    );
}

#[test]
fn order_is_that_of_the_log_where_times_are_the_same() {
    let mut room = room();
    room.wait(10);
    publishes(&mut room, UpdateKind::First, readers(&["Tallis"]));
    room.moves_to(Status::Resolved);
    publishes(&mut room, UpdateKind::Resolution, readers(&["Tallis"]));
    room.wait(600);
    // Made without a network, and sent at once.
    room.back_to(Status::Mitigated);
    room.moves_to(Status::Resolved);
    publishes(&mut room, UpdateKind::Resolution, readers(&["Tallis"]));
    assert_eq!(due(&room), None);
    room.back_to(Status::Mitigated);
    assert_eq!(due(&room), Some((String::new(), 670)));
}

#[test]
fn name_that_nobody_bore_keeps_no_incident_open() {
    let mut room = room();
    room.wait(10);
    old_update(&mut room, UpdateKind::First, "Orchrd");
    assert_eq!(due(&room), Some((String::new(), 70)));
    room.wait(10);
    publishes(&mut room, UpdateKind::Progress, readers(&["Tallis"]));
    assert_eq!(due(&room), Some((String::new(), 80)));
    assert_eq!(counted(&room), (2, 2));
}

#[test]
fn reader_of_an_older_update_is_called_by_the_name_of_today() {
    let mut room = room();
    room.wait(10);
    let noted = Event::CustomerKnown {
        customer: Customer {
            account: None,
            ..customer("Harbour")
        },
    };
    room.record(&ana(), CommandId(Uuid::from_u128(91)), noted);
    old_update(&mut room, UpdateKind::First, "Harbour");
    let was = room.incident.customers.last().unwrap().clone();
    let to = Customer {
        name: "Quay".to_owned(),
        ..was.clone()
    };
    let (was, to) = (Box::new(was), Box::new(to));
    room.ok(&ana(), Command::ChangeCustomer { was, to });
    assert_eq!(
        waiting(&room, &readers(&["Tallis"])),
        [("Quay".to_owned(), 70)]
    );
    let quay = room.incident.customers.last().unwrap().to_ref();
    assert_eq!(waiting(&room, &Audience::only(quay)), []);
}

/// A SEV-1 that was declared to these by name.
fn declared_to(readers: Audience) -> Room {
    let mut room = Room::empty();
    let mut declare = declare(Severity::Sev1, room.now);
    if let Command::Declare { audience, .. } = &mut declare {
        *audience = readers;
    }
    room.ok(&ana(), declare);
    room
}

/// A customer who is known by name only.
fn entry() -> CustomerRef {
    CustomerRef::new(CustomerId::Entry(CommandId(Uuid::from_u128(0xac))), "Acme")
}

/// The account that it turns out to be.
fn account() -> CustomerRef {
    CustomerRef::new(CustomerId::Account(AccountId(Uuid::from_u128(7))), "Globex")
}

/// The entry is joined to the account.
fn joins(room: &mut Room) {
    let was = room.incident.customer(entry().id).unwrap().clone();
    let to = Customer {
        account: account().id.account(),
        id: was.id,
        ..customer("Globex")
    };
    let (was, to) = (Box::new(was), Box::new(to));
    room.ok(&ana(), Command::ChangeCustomer { was, to });
}

#[test]
fn entry_was_not_told_what_its_account_was_told_before_they_were_joined() {
    let mut room = room();
    let acme = entry();
    let add = Command::AddCustomer {
        customer: acme.clone(),
    };
    room.ok(&ana(), add);
    room.wait(10);
    publishes(&mut room, UpdateKind::First, Audience::only(acme.clone()));
    let globex = account();
    publishes(
        &mut room,
        UpdateKind::Progress,
        Audience::only(globex.clone()),
    );
    room.wait(70);
    assert_eq!(counted(&room), (1, 3), "both were to be told by 70");
    joins(&mut room);
    assert_eq!(counted(&room), (1, 3), "as it was");
    assert_eq!(
        due(&room),
        Some((String::new(), 70)),
        "the later word counts"
    );
    room.wait(1);
    publishes(&mut room, UpdateKind::Progress, Audience::only(globex));
    assert_eq!(
        due(&room),
        Some((String::new(), 141)),
        "who was the entry reads it too"
    );
}

#[test]
fn whoever_it_was_declared_to_by_name_is_owed_the_first_update() {
    let mut room = declared_to(readers(&["Tallis", "Orchard"]));
    assert_eq!(room.clock(ClockKind::NextUpdate), None);
    room.wait(10);
    publishes(&mut room, UpdateKind::First, readers(&["Tallis"]));
    assert_eq!(due(&room), Some(("Orchard".to_owned(), 60)));
    assert_eq!(
        waiting(&room, &readers(&["Tallis"])),
        [("Orchard".to_owned(), 60)]
    );
    room.wait(55);
    assert_eq!(counted(&room), (0, 1), "Orchard was to hear by 60");
    publishes(&mut room, UpdateKind::Progress, readers(&["Orchard"]));
    assert_eq!(due(&room), Some(("Tallis".to_owned(), 70)));
}

#[test]
fn first_update_to_some_keeps_the_promise_to_everybody() {
    // What everybody may read is published or not: nobody waits for it by name.
    let mut room = room();
    room.wait(10);
    publishes(&mut room, UpdateKind::First, readers(&["Tallis"]));
    assert_eq!(
        (due(&room), counted(&room)),
        (Some((String::new(), 70)), (1, 1))
    );
}

#[test]
fn entry_that_is_joined_reads_what_its_account_was_told_before() {
    for over in [false, true] {
        let acme = entry();
        let mut room = declared_to(Audience::only(acme.clone()));
        room.wait(5);
        let globex = account();
        publishes(&mut room, UpdateKind::First, Audience::only(globex.clone()));
        if over {
            room.moves_to(Status::Resolved);
            publishes(
                &mut room,
                UpdateKind::Resolution,
                Audience::only(globex.clone()),
            );
        }
        assert_eq!(due(&room).unwrap(), ("Acme".to_owned(), 60));
        room.wait(5);
        joins(&mut room);
        let owed = if over {
            None
        } else {
            Some((String::new(), 65))
        };
        assert_eq!(due(&room), owed);
        room.wait(50);
        assert_eq!(counted(&room), if over { (2, 2) } else { (1, 1) });
    }
}
