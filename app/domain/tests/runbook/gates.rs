//! Every criterion of every gate, alone: missing just that one, and having it (RUNBOOK §7).

use crate::room::{Room, ana, at, bo, evidence, named, what_opens};
use chrono::Duration;
use domain::checklist::phases;
use domain::evidence::Proves;
use domain::gate::{Need, criteria, missing};
use domain::update::UpdateKind;
use domain::{Command, Refusal, Severity, Status};

/// The commands that supply this gate, each with what it supplies.
fn supplies(room: &Room, to: Status) -> Vec<(Need, Command)> {
    let mut needs: Vec<Need> = criteria(&room.incident, to, &room.policy)
        .into_iter()
        .map(|c| c.need)
        .collect();
    let mut commands = what_opens(to, room.now);
    match to {
        // The end of the impact came with the gate before.
        Status::Resolved => needs.retain(|n| *n != Need::ImpactEnd),
        Status::Closed => {
            commands.remove(0);
            commands.insert(0, room.update(UpdateKind::Resolution));
        }
        _ => {}
    }
    assert_eq!(needs.len(), commands.len(), "{to:?}: {needs:?}");
    needs.into_iter().zip(commands).collect()
}

/// One step before this status; Northwind is hurt.
fn before(severity: Severity, to: Status) -> Room {
    let place = Status::ALL.iter().position(|s| *s == to).unwrap() - 1;
    let mut room = Room::declared(severity);
    room.moves_to(Status::ALL[place]);
    room.note("Northwind");
    room
}

/// Each step of each severity.
fn steps() -> impl Iterator<Item = (Severity, Status)> {
    let of = |severity| {
        Status::ALL
            .into_iter()
            .skip(1)
            .map(move |to| (severity, to))
    };
    Severity::ALL.into_iter().flat_map(of)
}

#[test]
fn each_criterion_alone_keeps_its_gate_shut_and_the_last_one_opens_it() {
    for (severity, to) in steps() {
        let all = supplies(&before(severity, to), to);
        for (left_out, supply) in &all {
            let mut room = before(severity, to);
            for (need, command) in &all {
                if need != left_out {
                    room.ok(&ana(), command.clone());
                }
            }
            let refusal = room.send(&ana(), Command::MoveStatus { to }).unwrap_err();
            let missing = vec![left_out.clone()];
            let shut = Refusal::GateShut { to, missing };
            assert_eq!(refusal, shut, "{severity:?} to {to:?}");
            room.ok(&ana(), supply.clone());
            room.ok(&ana(), Command::MoveStatus { to });
            assert_eq!(room.incident.status, to);
        }
    }
}

#[test]
fn nothing_supplied_leaves_every_criterion_missing_in_the_order_to_supply_them() {
    for (severity, to) in steps() {
        let room = before(severity, to);
        let needs: Vec<_> = supplies(&room, to)
            .into_iter()
            .map(|(need, _)| need)
            .collect();
        assert_eq!(missing(&room.incident, to, &room.policy), needs, "{to:?}");
    }
    let room = Room::at_status(Status::Closed);
    assert_eq!(criteria(&room.incident, Status::Active, &room.policy), []);
}

#[test]
fn resolved_needs_the_end_of_the_impact_when_going_back_took_it_away() {
    let mut room = Room::at_status(Status::Resolved);
    room.back_to(Status::Contained);
    let lacks = |room: &Room, to| missing(&room.incident, to, &room.policy);
    let proof = |proves| Need::Evidence { proves };
    assert_eq!(
        lacks(&room, Status::Mitigated),
        [proof(Proves::CustomersWork), Need::ImpactEnd]
    );
    assert_eq!(
        lacks(&room, Status::Resolved),
        [proof(Proves::Validated), Need::ImpactEnd],
        "the cause stays stated"
    );
}

#[test]
fn two_who_move_the_status_at_once_move_it_one_step() {
    let mut room = Room::at_status(Status::Active);
    for command in what_opens(Status::Contained, room.now) {
        room.ok(&ana(), command);
    }
    for command in what_opens(Status::Mitigated, room.now) {
        room.ok(&ana(), command);
    }
    let contain = Command::MoveStatus {
        to: Status::Contained,
    };
    room.ok(&ana(), contain.clone());
    let second = room.wait(1).refused(&bo(), contain);
    assert_eq!(second, "It is Contained already, since 10:00 UTC.");
    assert_eq!(room.incident.status, Status::Contained);
    assert_eq!(room.incident.moves.len(), 2);

    // One moves on while the other goes back: whoever is second hears where it stands.
    let mut room = Room::at_status(Status::Contained);
    room.back_to(Status::Active);
    let late = room.refused(
        &bo(),
        Command::MoveStatus {
            to: Status::Mitigated,
        },
    );
    assert_eq!(late, "One step at a time: after Active comes Contained.");
}

#[test]
fn going_back_and_stepping_forward_again_is_counted_and_takes_new_proof() {
    let mut room = Room::at_status(Status::Mitigated);
    room.wait(10).back_to(Status::Active);
    room.wait(10).back_to_is_refused(Status::Active);
    room.ok(&ana(), evidence(Proves::HarmStopped));
    room.ok(
        &ana(),
        Command::MoveStatus {
            to: Status::Contained,
        },
    );
    assert_eq!(room.incident.went_back(), 1);
    assert_eq!(room.incident.reached_at(Status::Contained), Some(at(20)));
    assert_eq!(room.incident.reopenings().count(), 0, "it was not over");
}

#[test]
fn a_closed_incident_is_reopened_and_closed_again_with_what_still_stands() {
    let mut room = Room::at_status(Status::Closed);
    room.now += Duration::days(1);
    room.back_to(Status::Resolved);
    // Nothing was undone: the decisions, the word to customers and the booking stand.
    assert_eq!(missing(&room.incident, Status::Closed, &room.policy), []);
    room.note("Tallis");
    let credit = Need::Credit {
        customer: named("Tallis"),
    };
    assert_eq!(
        missing(&room.incident, Status::Closed, &room.policy),
        [credit]
    );
}

#[test]
fn a_post_mortem_missed_altogether_is_booked_late_and_does_not_keep_the_incident_open_forever() {
    let mut room = Room::at_status(Status::Resolved);
    for command in what_opens(Status::Closed, room.now) {
        if !matches!(command, Command::BookPostMortem { .. }) {
            room.ok(&ana(), command);
        }
    }
    room.publishes(UpdateKind::Resolution);
    let booked = |at| Command::BookPostMortem {
        at,
        facilitator: bo(),
    };
    // The fifth business day ended at midnight before the 1st of December.
    room.now = at(14 * 60) + Duration::days(7) + Duration::hours(1);
    let close = Command::MoveStatus { to: Status::Closed };
    assert_eq!(room.refused(&ana(), close.clone()), "Closed needs 1 more.");
    let in_time = room.now + Duration::days(2);
    room.refused(&ana(), booked(room.now + Duration::days(20)));
    room.ok(&ana(), booked(in_time));
    room.ok(&ana(), close);
    use domain::clock::{ClockKind, ClockState};
    assert_eq!(
        room.clock_state(ClockKind::PostMortemBooked),
        Some(ClockState::MetLate)
    );
    assert_eq!(
        room.clock_state(ClockKind::PostMortemHeld),
        Some(ClockState::Overdue)
    );
}

#[test]
fn a_need_is_told_with_the_number_of_the_policy() {
    for (days, told) in [
        (1, "A post-mortem booked inside 1 business day"),
        (5, "A post-mortem booked inside 5 business days"),
        (7, "A post-mortem booked inside 7 business days"),
    ] {
        let mut room = before(Severity::Sev2, Status::Closed);
        room.policy.post_mortem_business_days = days;
        assert_eq!(Need::PostMortem.label(&room.policy), told);
        let listed = phases(&room.incident, &room.policy);
        assert!(listed.iter().flat_map(|p| &p.items).any(|i| i.what == told));
    }
}
