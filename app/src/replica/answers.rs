//! What a replica makes of what the server says: refusals, people, an older log, events of a newer build.

use super::core::{Absorbed, Core, Returned};
use super::kept::{id, me, pulled, recorded, snapshot};
use crate::api::{Answer, Outcome, People, Pulled};
use domain::json::from_value;
use domain::timeline::EntryKind;
use domain::{
    Command, CommandId, Envelope, Event, IncidentId, Person, PersonId, Recorded, Refusal,
};
use serde_json::json;
use uuid::Uuid;

fn entry(incident: IncidentId, text: &str) -> Envelope {
    Envelope {
        id: CommandId(Uuid::from_u128(4_000)),
        incident,
        made_at: snapshot().now,
        command: Command::LogEntry {
            kind: EntryKind::Action,
            text: text.to_owned(),
            result: None,
            links: Vec::new(),
            happened_at: None,
        },
    }
}

#[test]
fn a_refused_command_comes_back_with_every_word() {
    let mut core = Core::new(snapshot());
    let before = core.shown();
    let envelope = entry(id(1), "Every word of it");
    // Reports take no entries yet; what was made before a newer state is refused by the server only.
    core.pending.push(envelope.clone());
    let refusal = Refusal::out_of_order("It was dismissed meanwhile");
    core.answered(&[Answer {
        command: envelope.id,
        outcome: Outcome::Refused {
            refusal: refusal.clone(),
        },
    }]);
    assert!(core.pending.is_empty());
    assert_eq!(core.returned, [Returned { envelope, refusal }]);
    assert_eq!(core.shown(), before);
}

#[test]
fn a_server_restored_from_an_older_backup_is_noticed() {
    let mut core = Core::new(snapshot());
    assert_eq!(
        core.absorb(pulled(Vec::new(), 3)),
        Absorbed::Lost,
        "it is shorter"
    );
    let mut core = Core::new(snapshot());
    let grown = Pulled {
        lost: true,
        ..pulled(vec![recorded(1, 6, 4)], 6)
    };
    assert_eq!(core.absorb(grown), Absorbed::Lost, "it is another one");
}

#[test]
fn who_can_take_a_role_is_who_the_server_said_last() {
    let mut core = Core::new(snapshot());
    let names = |core: &Core| {
        let all = core.people.all.iter();
        all.map(|p| p.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        (names(&core), core.people.version),
        (vec!["Ana".to_owned()], 1)
    );
    let person = |n: u128, name: &str| Person {
        id: PersonId(Uuid::from_u128(n)),
        name: name.to_owned(),
        ..me()
    };
    let people = People {
        version: 77,
        all: vec![person(7, "Ana Berg"), person(8, "Bo")],
    };
    let moved = Pulled {
        people: Some(people),
        ..pulled(Vec::new(), snapshot().head)
    };
    assert_eq!(core.absorb(moved), Absorbed::InStep);
    assert_eq!(names(&core), ["Ana Berg", "Bo"]);
    // What she does from now on is shown under her name of now.
    assert_eq!(core.me.name, "Ana Berg");
    assert_eq!(
        core.absorb(pulled(Vec::new(), snapshot().head)),
        Absorbed::InStep
    );
    assert_eq!(names(&core), ["Ana Berg", "Bo"]);
    // So it is when the device opens without a network.
    let again = Core::new(core.to_snapshot(snapshot().now));
    assert_eq!((names(&again), again.people.version), (names(&core), 77));
}

/// Of a kind that this build does not know.
fn strange(incident: IncidentId, seq: u64, version: u64) -> Recorded {
    let known = recorded(1, seq, version);
    let event: Event =
        from_value(json!({"kind": "moon_landed.7", "data": {"crew": 3}})).expect("kept as it is");
    assert!(matches!(event, Event::Unknown(_)));
    Recorded {
        incident,
        event,
        ..known
    }
}

fn dismiss(incident: IncidentId) -> Envelope {
    Envelope {
        command: Command::DismissReport {
            reason: "A test of the pager".to_owned(),
        },
        ..entry(incident, "")
    }
}

#[test]
fn nothing_is_decided_on_what_a_newer_build_wrote() {
    let mut core = Core::new(snapshot());
    assert!(core.clone().submit(dismiss(id(1))).is_ok());
    let news = pulled(vec![strange(id(1), 6, 4)], 6);
    assert_eq!(core.absorb(news), Absorbed::InStep);
    let why = core
        .submit(dismiss(id(1)))
        .expect_err("it is not understood");
    assert!(why.to_string().contains("Reload the page"), "{why}");
    assert!(
        core.clone().submit(dismiss(id(2))).is_ok(),
        "the other one is"
    );
    // What waits is not laid on it either, and still goes to the server.
    core.pending.push(dismiss(id(1)));
    assert!(core.shown()[&id(1)].is_to_triage());
    assert!(core.is_pending(dismiss(id(1)).id));
    // As it is opened from the device.
    let mut again = Core::new(core.to_snapshot(snapshot().now));
    assert!(again.submit(dismiss(id(1))).is_err());
}

#[test]
fn a_closed_incident_that_a_newer_build_may_have_opened_again_is_asked_for() {
    let mut core = Core::new(snapshot());
    // Not held: it was closed before.
    let news = pulled(vec![strange(id(9), 6, 12)], 6);
    assert_eq!(core.absorb(news), Absorbed::Lost);
}

#[test]
fn nothing_is_decided_by_settings_that_a_newer_build_wrote() {
    let mut core = Core::new(snapshot());
    let news = pulled(vec![strange(IncidentId::SETTINGS, 6, 1)], 6);
    assert_eq!(core.absorb(news), Absorbed::InStep);
    assert!(core.submit(dismiss(id(2))).is_err());
    // All there is, as this build reads it.
    core.reset(snapshot());
    assert!(core.submit(dismiss(id(2))).is_ok());
}
