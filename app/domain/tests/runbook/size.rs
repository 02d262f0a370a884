//! How much one incident may hold, and one list.

use crate::room::{Room, ana, bo, declare};
use domain::timeline::EntryKind;
use domain::update::{ComponentNote, ComponentState, UpdateKind};
use domain::{Command, Severity, Status};

fn entry(chars: usize) -> Command {
    Command::LogEntry {
        kind: EntryKind::Observation,
        text: "x".repeat(chars),
        result: None,
        links: Vec::new(),
        happened_at: None,
    }
}

#[test]
fn a_component_is_named_once() {
    let mut room = Room::empty();
    let Command::Declare {
        title,
        severity,
        customer_sees,
        impact_began_at,
        audience,
        details,
        ..
    } = declare(Severity::Sev2, room.now)
    else {
        unreachable!("it declares");
    };
    let twice = Command::Declare {
        components: vec!["Checkout".to_owned(), "Checkout".to_owned()],
        title,
        severity,
        customer_sees,
        impact_began_at,
        audience,
        details,
    };
    let why = room.refused(&ana(), twice);
    assert!(why.contains("“Checkout” is named twice"), "{why}");

    let mut room = Room::declared(Severity::Sev2);
    let mut update = room.update(UpdateKind::First);
    if let Command::PublishUpdate { text, .. } = &mut update {
        let note = ComponentNote {
            name: "Checkout".to_owned(),
            state: ComponentState::PartialOutage,
        };
        text.components = vec![note.clone(), note];
    }
    let why = room.refused(&bo(), update);
    assert!(why.contains("is named twice"), "{why}");
}

#[test]
fn a_full_incident_takes_no_more_entries_and_can_still_be_ended() {
    let mut room = Room::declared(Severity::Sev2);
    room.incident.version = 9_999;
    room.ok(&bo(), entry(10));
    let why = room.refused(&bo(), entry(10));
    assert!(why.contains("This incident is full"), "{why}");
    room.moves_to(Status::Contained);
    room.publishes(UpdateKind::First);
    room.incident.version = 20_000;
    let why = room.refused(&bo(), room.update(UpdateKind::Progress));
    assert!(why.contains("This incident is full"), "{why}");
}

#[test]
fn a_timeline_takes_two_thousand_long_entries_and_not_endlessly_many() {
    let mut room = Room::declared(Severity::Sev2);
    for _ in 0..2_500 {
        room.ok(&bo(), entry(8_000));
    }
    let why = room.refused(&bo(), entry(1));
    assert!(why.contains("Attach a file for long texts"), "{why}");
}
