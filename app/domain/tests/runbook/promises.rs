//! Property tests of the log's promises (DESIGN §3): L3, a fold is a fold from anywhere on;
//! L4, no order of commands breaks a gate or a role rule.

use crate::allowed::assert_allowed;
use crate::commands::COMMANDS;
use crate::recount::assert_counted_right;
use crate::room::{Room, ana, update_text};
use crate::sound::{assert_sound, look_at_everything};
use crate::tries::{BEGINNINGS, begin, fitting, tried, tries};
use crate::wild::stuff;
use chrono::Duration;
use domain::beat::{strip_as_of, strip_of};
use domain::brief::draft;
use domain::clock::clocks;
use domain::next_step::next_steps;
use domain::update::UpdateKind;
use domain::wording::{Watch, marks};
use domain::{Command, CommandId, Envelope, Event, Incident, Recorded, Refusal, Status};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// How many sequences of commands each property runs.
pub const SEQUENCES: u32 = 240;
/// How many commands a sequence has at most.
pub const LONGEST: usize = 90;

proptest! {
    #![proptest_config(ProptestConfig { cases: SEQUENCES, failure_persistence: None, ..ProptestConfig::default() })]

    /// L4.
    #[test]
    fn no_order_of_commands_breaks_a_gate_a_role_or_a_promise(
        from in 0..BEGINNINGS,
        tries in tries(LONGEST),
    ) {
        let mut room = begin(from);
        for t in &tries {
            room.now += Duration::seconds(t.wait_s);
            let (by, asked) = tried(&room, t);
            let by = fitting(&room, &asked, &by, t);
            let before = room.incident.clone();
            match room.send(&by, asked.clone()) {
                Ok(_) => assert_allowed(&before, &by, &asked, &room),
                Err(refusal) => prop_assert_eq!(&room.incident, &before, "{}", refusal),
            }
            assert_sound(&room);
            assert_counted_right(&room);
        }
        look_at_everything(&room);
    }

    /// L3.
    #[test]
    fn a_fold_is_the_same_step_by_step_and_from_any_snapshot_on(
        from in 0..BEGINNINGS,
        tries in tries(LONGEST),
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
        let then = Incident::fold(whole.id, &room.log[..cut]);
        let (last, next) = (room.log[..cut].last(), room.log.get(cut));
        if let Some(last) = last.filter(|last| next.is_none_or(|next| next.at > last.at)) {
            let of_then = then.declared.as_ref().map(|_| strip_as_of(&whole, &room.policy, last.at));
            prop_assert_eq!(of_then.unwrap_or_default(), strip_of(&then, &room.policy, last.at));
        }
        let stored = serde_json::to_string(&then).unwrap();
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
        from in 0..BEGINNINGS,
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
        let _shown = (draft(&room.incident, &room.policy, room.now), strip_of(&room.incident, &room.policy, room.now));
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
