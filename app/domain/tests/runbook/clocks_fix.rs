//! Clocks that run while the cause is looked for, and the clock of the commander's relief
//! (RUNBOOK §3, §4, §6).

use crate::room::{Room, ana, at, bo, offer, person};
use ClockState::{AtRisk, Met, MetLate, Overdue, Running, Stopped};
use chrono::Duration;
use domain::clock::{ClockKind, ClockState, Owner};
use domain::fix::{Party, Verdict};
use domain::{Command, CommandId, PersonRef, Role, Severity, Status, Time};

fn guess(owner: &PersonRef, timebox_min: Option<u32>) -> Command {
    Command::OpenHypothesis {
        statement: "A pool is exhausted".to_owned(),
        owner: owner.clone(),
        timebox_min,
    }
}

fn conclude(hypothesis: CommandId, verdict: Verdict) -> Command {
    Command::ConcludeHypothesis {
        hypothesis,
        verdict,
        because: "The pool was half empty".to_owned(),
    }
}

fn ask(party: Party) -> Command {
    Command::AskParty {
        party,
        whom: "Ada Lind".to_owned(),
        what: "Do we owe a notice?".to_owned(),
    }
}

fn answer(ask: CommandId) -> Command {
    Command::AnswerAsk {
        ask,
        answer: "Within 72 hours".to_owned(),
    }
}

/// The states just before the risk, at it, on the due time, and a second past it.
fn edges(room: &Room, kind: ClockKind, risk: Time, due: Time) -> [ClockState; 4] {
    let second = Duration::seconds(1);
    let clock = room.clock(kind).unwrap();
    assert_eq!(clock.due_at, due, "{kind:?}");
    [risk - second, risk, due, due + second].map(|when| clock.state(when))
}

const TURNS: [ClockState; 4] = [Running, AtRisk, AtRisk, Overdue];

#[test]
fn a_hypothesis_is_concluded_inside_its_timebox() {
    for (asked, due_min, risk_min) in [
        (None, 30, 24),
        (Some(45), 45, 36),
        (Some(6), 6, 1),
        (Some(7 * 24 * 60), 10_080, 8_064),
    ] {
        let mut room = Room::declared(Severity::Sev1);
        let id = room.wait(10).ok(&ana(), guess(&bo(), asked));
        let kind = ClockKind::HypothesisTimebox(id);
        let (risk, due) = (at(10 + risk_min), at(10 + due_min));
        assert_eq!(edges(&room, kind, risk, due), TURNS, "{asked:?}");
        let clock = room.clock(kind).unwrap();
        assert_eq!(clock.owner, Owner::Person(bo()));
        assert_eq!(
            clock.label(),
            "Conclude the hypothesis: A pool is exhausted"
        );
        for verdict in Verdict::ALL {
            for (late_min, state) in [(0, Met), (1, MetLate)] {
                let mut room = room.clone();
                room.wait(due_min + late_min);
                room.ok(&bo(), conclude(id, verdict));
                room.wait(1_000);
                assert_eq!(room.clock_state(kind), Some(state), "{verdict:?}");
            }
        }
    }
}

#[test]
fn a_severity_change_leaves_a_timebox_as_it_was_set_and_closing_stops_it() {
    let mut room = Room::at_status(Status::Resolved);
    let id = room.ok(&ana(), guess(&bo(), None));
    let kind = ClockKind::HypothesisTimebox(id);
    room.severity(Severity::Sev1);
    room.severity(Severity::Sev3);
    assert_eq!(room.clock(kind).unwrap().due_at, at(30));
    room.moves_to(Status::Closed);
    room.wait(1_000);
    assert_eq!(room.clock_state(kind), Some(Stopped));
}

#[test]
fn a_party_says_that_it_has_it_by_the_severity_it_was_asked_under() {
    for (severity, due_min, risk_min) in [
        (Severity::Sev1, 30, 24),
        (Severity::Sev2, 60, 48),
        (Severity::Sev3, 240, 192),
    ] {
        for party in Party::ALL {
            let mut room = Room::declared(severity);
            let id = room.wait(5).ok(&ana(), ask(party));
            let kind = ClockKind::PartyResponse(id);
            let (risk, due) = (at(5 + risk_min), at(5 + due_min));
            assert_eq!(
                edges(&room, kind, risk, due),
                TURNS,
                "{severity:?} {party:?}"
            );
            let clock = room.clock(kind).unwrap();
            let owner = Owner::Party(format!("{} (Ada Lind)", party.label()));
            assert_eq!(clock.owner, owner);
            let label = format!("Answer from a party: {}", party.label());
            assert_eq!(clock.label(), label);

            // An answer says that they have it, too.
            for meet in [Command::AcknowledgeAsk { ask: id }, answer(id)] {
                for (late_min, state) in [(0, Met), (1, MetLate)] {
                    let mut room = room.clone();
                    room.wait(due_min + late_min).ok(&ana(), meet.clone());
                    room.wait(1_000);
                    assert_eq!(room.clock_state(kind), Some(state), "{severity:?} {meet:?}");
                }
            }
        }
    }
}

#[test]
fn what_was_asked_keeps_its_time_when_the_severity_changes_and_the_next_one_gets_the_new() {
    let mut room = Room::declared(Severity::Sev2);
    let first = room.ok(&ana(), ask(Party::Legal));
    room.wait(10).severity(Severity::Sev1);
    let second = room.ok(&ana(), ask(Party::Security));
    room.wait(10).severity(Severity::Sev3);
    let third = room.ok(&ana(), ask(Party::Vendor));
    for (id, due_min) in [(first, 60), (second, 40), (third, 260)] {
        let clock = room.clock(ClockKind::PartyResponse(id)).unwrap();
        assert_eq!(clock.due_at, at(due_min));
    }
}

#[test]
fn an_ask_that_is_late_stays_late_when_the_answer_follows_and_closing_stops_an_open_one() {
    let mut room = Room::at_status(Status::Resolved);
    let late = room.ok(&ana(), ask(Party::Legal));
    let open = room.ok(&ana(), ask(Party::Privacy));
    room.wait(61)
        .ok(&ana(), Command::AcknowledgeAsk { ask: late });
    room.wait(10).ok(&ana(), answer(late));
    assert_eq!(
        room.clock_state(ClockKind::PartyResponse(late)),
        Some(MetLate)
    );
    assert_eq!(
        room.clock_state(ClockKind::PartyResponse(open)),
        Some(Overdue)
    );
    room.moves_to(Status::Closed);
    assert_eq!(
        room.clock_state(ClockKind::PartyResponse(open)),
        Some(Stopped)
    );
}

const RELIEF: ClockKind = ClockKind::CommanderRelief;

fn stay() -> Command {
    Command::StayOn {
        reason: "Eve takes over at 22:00".to_owned(),
    }
}

#[test]
fn the_commander_is_relieved_after_6_hours() {
    let mut room = Room::declared(Severity::Sev3);
    assert_eq!(room.clock(RELIEF), None, "nobody to relieve");
    room.wait(20).ok(&ana(), offer(Role::Commander, &bo()));
    assert_eq!(room.clock(RELIEF), None, "an offer tires nobody");
    room.wait(4).ok(
        &bo(),
        Command::AcceptRole {
            role: Role::Commander,
        },
    );
    let (risk, due) = (at(24 + 288), at(24 + 360));
    assert_eq!(edges(&room, RELIEF, risk, due), TURNS);
    assert_eq!(
        room.clock(RELIEF).unwrap().owner,
        Owner::Role(Role::Commander)
    );
}

#[test]
fn a_hand_over_starts_the_relief_clock_again_once_it_is_accepted() {
    let mut room = Room::declared(Severity::Sev2);
    room.seats(Role::Commander, &ana());
    room.wait(400);
    assert_eq!(room.clock_state(RELIEF), Some(Overdue));
    let hand_over = Command::HandOverRole {
        role: Role::Commander,
        to: bo(),
        note: "Failover runs".to_owned(),
        two_hats: None,
    };
    room.ok(&ana(), hand_over);
    assert_eq!(room.clock_state(RELIEF), Some(Overdue), "not accepted yet");
    room.wait(3).ok(
        &bo(),
        Command::AcceptRole {
            role: Role::Commander,
        },
    );
    assert_eq!(room.clock(RELIEF).unwrap().due_at, at(403 + 360));
}

#[test]
fn who_stays_on_says_why_and_is_asked_again_6_hours_later() {
    let mut room = Room::declared(Severity::Sev2);
    assert_eq!(
        room.refused(&ana(), stay()),
        "Nobody is Incident Commander now."
    );
    room.seats(Role::Commander, &bo());
    let others = room.refused(&ana(), stay());
    assert_eq!(
        others,
        "Bo is Incident Commander; only they can say that they stay."
    );
    let blank = Command::StayOn {
        reason: " ".to_owned(),
    };
    assert_eq!(room.refused(&bo(), blank), "Reason must not be empty.");
    room.wait(350).ok(&bo(), stay());
    assert_eq!(room.clock(RELIEF).unwrap().due_at, at(350 + 360));
    assert_eq!(room.incident.stays.len(), 1);

    // A stay of the one before does not count for the one after.
    room.wait(10).ok(
        &bo(),
        Command::VacateRole {
            role: Role::Commander,
            reason: "Asleep".to_owned(),
            holder: None,
        },
    );
    assert_eq!(room.clock(RELIEF), None);
    room.seats(Role::Commander, &person(4));
    assert_eq!(room.clock(RELIEF).unwrap().due_at, at(360 + 360));
}

#[test]
fn nobody_is_relieved_once_it_is_resolved_unless_it_comes_back() {
    let mut room = Room::declared(Severity::Sev2);
    room.seats(Role::Commander, &ana());
    room.moves_to(Status::Resolved);
    room.wait(400);
    assert_eq!(room.clock_state(RELIEF), Some(Stopped));
    room.back_to(Status::Active);
    assert_eq!(room.clock_state(RELIEF), Some(Overdue));
}

#[test]
fn a_seat_left_empty_starts_its_clocks_again_and_whoever_comes_late_is_late() {
    let cases = [
        (ClockKind::CommanderNamed, Role::Commander, 15),
        (ClockKind::CoreRolesNamed, Role::CsSales, 30),
        (ClockKind::SponsorNamed, Role::Sponsor, 60),
    ];
    for (kind, role, due_min) in cases {
        let mut room = Room::declared(Severity::Sev1);
        for (n, role) in Role::ALL.into_iter().enumerate() {
            room.seats(role, &person(n));
        }
        assert_eq!(room.clock_state(kind), Some(Met), "{kind:?}");
        room.wait(100).ok(
            &ana(),
            Command::VacateRole {
                role,
                reason: "Their account was closed".to_owned(),
                holder: None,
            },
        );
        let clock = room.clock(kind).unwrap();
        assert_eq!(
            (clock.started_at, clock.due_at),
            (at(100), at(100 + due_min))
        );
        assert_eq!(clock.state(at(100 + due_min)), AtRisk, "{kind:?}");
        for (late_min, state) in [(0, Met), (1, MetLate)] {
            let mut room = room.clone();
            room.wait(due_min + late_min).seats(role, &bo_or_eve(role));
            room.wait(500);
            assert_eq!(room.clock_state(kind), Some(state), "{kind:?}");
        }
        // An offer alone names nobody.
        room.wait(due_min + 1)
            .ok(&ana(), offer(role, &bo_or_eve(role)));
        assert_eq!(room.clock_state(kind), Some(Overdue), "{kind:?}");
    }
}

/// Somebody who may sit there without a second hat.
fn bo_or_eve(role: Role) -> PersonRef {
    if role.is_apart() { person(4) } else { bo() }
}
