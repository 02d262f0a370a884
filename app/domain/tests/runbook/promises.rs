//! Property tests of the log's promises (DESIGN §3): L3, a fold is a fold from anywhere on;
//! L4, no order of commands breaks a gate or a role rule.

use crate::commands::{COMMANDS, name_of};
use crate::room::{Room, ana, update_text};
use crate::sound::{assert_allowed, assert_sound, look_at_everything};
use crate::tries::{Try, begin, command, fitting, tried, tries};
use crate::wild::stuff;
use chrono::Duration;
use domain::beat::strip_of;
use domain::brief::draft;
use domain::clock::clocks;
use domain::next_step::next_steps;
use domain::update::UpdateKind;
use domain::wording::{Watch, marks};
use domain::{Command, CommandId, Envelope, Event, Incident, PersonRef, Recorded, Refusal, Status};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::Value;

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// L4.
    #[test]
    fn no_order_of_commands_breaks_a_gate_a_role_or_a_promise(
        from in 0_usize..7,
        tries in tries(90),
    ) {
        let mut room = begin(from);
        for t in &tries {
            room.now += Duration::seconds(t.wait_s);
            let (by, asked) = tried(&room, t);
            let by = fitting(&room, &asked, &by, t);
            let before = room.incident.clone();
            match room.send(&by, asked) {
                Ok(_) => assert_allowed(&before, &by, &room),
                Err(refusal) => prop_assert_eq!(&room.incident, &before, "{}", refusal),
            }
            assert_sound(&room);
        }
        look_at_everything(&room);
    }

    /// L3.
    #[test]
    fn a_fold_is_the_same_step_by_step_and_from_any_snapshot_on(
        from in 0_usize..7,
        tries in tries(50),
        cut in any::<Index>(),
    ) {
        let mut room = begin(from);
        for t in &tries {
            room.now += Duration::seconds(t.wait_s);
            let (by, asked) = tried(&room, t);
            let by = fitting(&room, &asked, &by, t);
            let _answer = room.send(&by, asked);
        }
        let whole = Incident::fold(room.incident.id, &room.log);
        prop_assert_eq!(&whole, &room.incident);
        prop_assert_eq!(whole.version as usize, room.log.len());

        let cut = cut.index(room.log.len() + 1);
        let stored = serde_json::to_string(&Incident::fold(whole.id, &room.log[..cut])).unwrap();
        let mut resumed: Incident = serde_json::from_str(&stored).unwrap();
        for recorded in &room.log[cut..] {
            // As a replica reads it from the wire.
            let wire = serde_json::to_string(recorded).unwrap();
            let read: Recorded = serde_json::from_str(&wire).unwrap();
            prop_assert_eq!(&read, recorded);
            resumed.apply(&read);
        }
        prop_assert_eq!(resumed, whole);
    }

    /// Whatever is typed or claimed, the answer is events or a refusal, and what was accepted
    /// can be folded, shown and sent.
    #[test]
    fn no_text_and_no_time_panics(
        stuff in stuff(),
        which in select(COMMANDS),
        from in 0_usize..8,
    ) {
        let mut room = begin(from);
        let command = stuff.wild(which);
        let id = CommandId(uuid::Uuid::from_u128(5));
        let envelope = Envelope { id, incident: room.incident.id, made_at: room.now, command };
        let wire = serde_json::to_string(&envelope).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Envelope>(&wire).unwrap(), &envelope);
        for text in &stuff.texts {
            for mark in marks(text, &Watch::default()) {
                prop_assert!(text.contains(&mark.words));
            }
        }
        let version = room.incident.version;
        match room.send(&ana(), envelope.command) {
            Ok(_) => prop_assert!(room.incident.version > version),
            Err(refusal) => {
                prop_assert!(!refusal.to_string().is_empty());
                let wire = serde_json::to_string(&refusal).unwrap();
                prop_assert_eq!(serde_json::from_str::<Refusal>(&wire).unwrap(), refusal);
            }
        }
        look_at_everything(&room);
    }

    /// A log from elsewhere may hold events in an order that no command would make.
    #[test]
    fn a_fold_cannot_fail_whatever_the_log_holds(order in proptest::collection::vec(any::<Index>(), 0..60)) {
        let source = begin(6).log;
        let mut room = Room::empty();
        for index in order {
            let Recorded { by, command, event, .. } = index.get(&source).clone();
            room.record(&by, command, event);
            room.wait(1);
        }
        let _shown = (clocks(&room.incident, &room.policy), next_steps(&room.incident, &room.policy, room.now));
        let _shown = (draft(&room.incident), strip_of(&room.incident, &room.policy, room.now));
    }
}

/// The random sequences are worth something only if they get far.
#[test]
fn a_sequence_from_a_closed_incident_can_be_reopened_and_closed_again() {
    let mut room = begin(6);
    assert_eq!(room.incident.status, Status::Closed);
    room.ok(
        &ana(),
        Command::MoveBack {
            to: Status::Active,
            reason: "Back".to_owned(),
        },
    );
    room.wait(5);
    room.ok(
        &ana(),
        Command::PublishUpdate {
            after: room.incident.updates.last().map(|u| u.id),
            text: update_text(UpdateKind::Progress, room.now, 60),
            excuses: Vec::new(),
        },
    );
    room.moves_to(Status::Closed);
    assert_sound(&room);
    look_at_everything(&room);
    let moved = room
        .log
        .iter()
        .filter(|r| matches!(r.event, Event::StatusMoved { .. }))
        .count();
    assert_eq!(moved, 8);
}

/// Every command as it is accepted somewhere, in a state that random sequences reach.
fn accepted() -> Vec<(Room, PersonRef, Command)> {
    let mut runner = TestRunner::deterministic();
    let sequences = (0_usize..8, tries(60));
    let mut found: Vec<(Room, PersonRef, Command)> = Vec::new();
    for _ in 0..400 {
        let (from, sequence) = sequences.new_tree(&mut runner).unwrap().current();
        let mut room = begin(from);
        for t in &sequence {
            room.now += Duration::seconds(t.wait_s);
            let (by, asked) = tried(&room, t);
            let by = fitting(&room, &asked, &by, t);
            let before = room.clone();
            let new = found
                .iter()
                .all(|(_, _, known)| name_of(known) != name_of(&asked));
            if room.send(&by, asked.clone()).is_ok() && new {
                found.push((before, by, asked));
            }
        }
        if found.len() == COMMANDS.len() {
            break;
        }
    }
    found
}

#[test]
fn every_command_is_tried_wildly_and_in_earnest_and_is_accepted_somewhere() {
    let mut runner = TestRunner::deterministic();
    let one = stuff().new_tree(&mut runner).unwrap().current();
    let tries: Vec<Try> = tries(2).new_tree(&mut runner).unwrap().current();
    for name in COMMANDS {
        assert_eq!(name_of(&one.wild(name)), *name);
        assert_eq!(name_of(&command(&begin(3), name, &tries[0])), *name);
    }
    let found = accepted();
    let missing: Vec<_> = COMMANDS
        .iter()
        .filter(|name| {
            found
                .iter()
                .all(|(_, _, command)| name_of(command) != **name)
        })
        .collect();
    assert!(missing.is_empty(), "never accepted: {missing:?}");
}

/// How often somebody is named by id and name.
fn people_in(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(people_in).sum(),
        Value::Object(fields) => {
            let one = fields.len() == 2 && ["id", "name"].iter().all(|k| fields.contains_key(*k));
            usize::from(one) + fields.values().map(people_in).sum::<usize>()
        }
        _ => 0,
    }
}

/// The server puts their names right before it decides: a command must not hide one.
#[test]
fn everybody_whom_a_command_names_is_told_by_it() {
    let mut runner = TestRunner::deterministic();
    let stuff = stuff().new_tree(&mut runner).unwrap().current();
    let wild = COMMANDS.iter().map(|name| stuff.wild(name));
    let in_earnest = accepted().into_iter().map(|(_, _, command)| command);
    let mut naming = std::collections::BTreeSet::new();
    for mut command in wild.chain(in_earnest) {
        let name = name_of(&command);
        let named = people_in(&serde_json::to_value(&command).unwrap());
        let told = usize::from(command.person_mut().is_some());
        assert_eq!(told, named, "add {name} to Command::person_mut");
        naming.extend((named > 0).then_some(name));
    }
    assert_eq!(naming.len(), 8, "{naming:?}");
}

/// Puts a text into one place after the other of a command where people type; tells the place.
fn with_text(command: &Command, text: &str) -> Vec<(String, Command)> {
    fn places(value: &Value, path: &str, found: &mut Vec<String>) {
        match value {
            Value::String(_) => found.push(path.to_owned()),
            Value::Array(items) => {
                for (n, item) in items.iter().enumerate() {
                    places(item, &format!("{path}/{n}"), found);
                }
            }
            Value::Object(fields) => {
                for (name, field) in fields {
                    places(field, &format!("{path}/{name}"), found);
                }
            }
            _ => {}
        }
    }
    let whole = serde_json::to_value(command).unwrap();
    let mut found = Vec::new();
    places(&whole, "", &mut found);
    let mut all = Vec::new();
    for path in found {
        let mut changed = whole.clone();
        *changed.pointer_mut(&path).unwrap() = Value::String(text.to_owned());
        // Words of the wire, times and ids are no places to type in.
        if let Ok(command) = serde_json::from_value(changed) {
            all.push((path, command));
        }
    }
    all
}

#[test]
fn a_10_mb_paste_is_refused_wherever_it_lands_and_nothing_has_happened() {
    let paste = "عطل 🧨 ".repeat(900_000);
    assert!(paste.len() > 10_000_000);
    let mut landed = 0;
    for (room, by, command) in accepted() {
        for (path, pasted) in with_text(&command, &paste) {
            let mut after = room.clone();
            let answer = after.send(&by, pasted);
            // An excuse for words that are not in the text is dropped.
            assert!(
                answer.is_err() || path.contains("/excuses/"),
                "{path} took it"
            );
            assert!(answer.is_ok() || after.incident == room.incident, "{path}");
            landed += 1;
        }
    }
    assert!(landed > 60, "{landed}");
}

#[test]
fn right_to_left_text_and_emoji_are_kept_as_typed() {
    let typed = "عطل في الدفع 🧨 שלום \u{1f468}\u{200d}\u{1f4bb}";
    let mut kept = 0;
    for (room, by, command) in accepted() {
        for (path, command) in with_text(&command, typed) {
            let mut after = room.clone();
            if after.send(&by, command).is_ok() {
                let last = serde_json::to_string(&after.log.last()).unwrap();
                kept += usize::from(last.contains(typed));
            } else {
                // A link, a currency, a component or a customer that is not known.
                assert_eq!(after.incident, room.incident, "{path}");
            }
        }
    }
    assert!(kept > 50, "{kept}");
}
