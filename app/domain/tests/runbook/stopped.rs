//! Seats one by one, and what stops a clock or leaves it as it is: closing, resolving, reopening,
//! a change of severity or of cadence (RUNBOOK §2, §4).

use crate::room::{Room, ana, at, bo, cy, declare, offer, person, report, what_opens};
use ClockState::{AtRisk, Met, MetLate, Overdue, Running, Stopped};
use chrono::Duration;
use domain::clock::{Clock, ClockKind, ClockState, clocks};
use domain::fix::Party;
use domain::update::UpdateKind;
use domain::{Command, Role, Severity, Status};
use std::collections::BTreeSet;

const CORE: ClockKind = ClockKind::CoreRolesNamed;
const RELIEF: ClockKind = ClockKind::CommanderRelief;
const HELD: ClockKind = ClockKind::PostMortemHeld;
const BOOKED: ClockKind = ClockKind::PostMortemBooked;
const CREDIT: ClockKind = ClockKind::CreditDecision;

#[test]
fn each_core_role_alone_keeps_them_all_from_being_named() {
    for missing in Role::CORE {
        let mut room = Room::declared(Severity::Sev1);
        for (n, role) in Role::CORE.into_iter().enumerate() {
            if role != missing {
                room.seats(role, &person(n));
            }
        }
        let last = Role::CORE.iter().position(|r| *r == missing).unwrap();
        for (late_s, open, named) in [(0, AtRisk, Met), (1, Overdue, MetLate)] {
            let mut room = room.clone();
            room.now = at(30) + Duration::seconds(late_s);
            room.ok(&ana(), offer(missing, &person(last)));
            assert_eq!(room.clock_state(CORE), Some(open), "{missing:?} is asked");
            room.ok(&person(last), Command::AcceptRole { role: missing });
            room.wait(1_000);
            assert_eq!(room.clock_state(CORE), Some(named), "{missing:?}");
        }
    }
}

#[test]
fn an_offer_and_a_hand_over_of_any_seat_are_answered_within_5_minutes() {
    let second = Duration::seconds(1);
    for role in Role::ALL {
        let kind = ClockKind::RoleAccepted(role);
        let mut offered = Room::declared(Severity::Sev1);
        offered.wait(10).ok(&ana(), offer(role, &cy()));
        let mut handed_over = Room::declared(Severity::Sev1);
        handed_over.seats(role, &bo());
        let hand_over = Command::HandOverRole {
            role,
            to: cy(),
            note: "Failover runs".to_owned(),
            two_hats: None,
        };
        handed_over.wait(10).ok(&bo(), hand_over);
        for room in [offered, handed_over] {
            let clock = room.clock(kind).unwrap();
            assert_eq!(
                (clock.started_at, clock.due_at),
                (at(10), at(15)),
                "{role:?}"
            );
            // The last five minutes are all there is.
            let states = [at(10), at(15), at(15) + second].map(|when| clock.state(when));
            assert_eq!(states, [AtRisk, AtRisk, Overdue], "{role:?}");
            let reason = "Gone".to_owned();
            let declined = Some(reason.clone());
            for (by, answer) in [
                (cy(), Command::AcceptRole { role }),
                (
                    cy(),
                    Command::DeclineRole {
                        role,
                        reason: declined,
                    },
                ),
                (
                    ana(),
                    Command::WithdrawOffer {
                        role,
                        person: cy().id,
                        reason,
                    },
                ),
            ] {
                for late_s in [0, 1] {
                    let mut room = room.clone();
                    room.now = at(15) + Duration::seconds(late_s);
                    room.ok(&by, answer.clone());
                    assert_eq!(room.clock(kind), None, "{answer:?}");
                    let turn = room.incident.seat(role).history.last().unwrap();
                    let waited = turn.ended_at - turn.offer.offered_at;
                    assert_eq!(waited, Duration::seconds(300 + late_s), "{answer:?}");
                }
            }
        }
    }
}

/// Asks for what nobody answers.
fn neglect(room: &mut Room) {
    room.ok(&ana(), offer(Role::CsSales, &bo()));
    room.ok(
        &ana(),
        Command::OpenHypothesis {
            statement: "A pool is exhausted".to_owned(),
            owner: bo(),
            timebox_min: None,
        },
    );
    room.ok(
        &ana(),
        Command::AskParty {
            party: Party::Legal,
            whom: "Ada Lind".to_owned(),
            what: "Do we owe a notice?".to_owned(),
        },
    );
}

#[test]
fn closing_stops_what_nobody_did_and_reopening_excuses_nothing() {
    let mut room = Room::declared(Severity::Sev1);
    neglect(&mut room);
    room.moves_to(Status::Resolved);
    let hypothesis = ClockKind::HypothesisTimebox(room.incident.hypotheses[0].id);
    let party = ClockKind::PartyResponse(room.incident.asks[0].id);
    let kinds = [
        ClockKind::CommanderNamed,
        CORE,
        ClockKind::SponsorNamed,
        ClockKind::RoleAccepted(Role::CsSales),
        hypothesis,
        party,
    ];
    let states = |room: &Room| kinds.map(|kind| room.clock_state(kind).unwrap());
    room.wait(1);
    assert_eq!(
        states(&room),
        [Running, Running, Running, AtRisk, Running, Running]
    );
    room.wait(60);
    let late = [Overdue; 6];
    assert_eq!(states(&room), late, "resolved, somebody still owes it");
    room.moves_to(Status::Closed);
    room.wait(1_000);
    assert_eq!(states(&room), [Stopped; 6]);
    room.back_to(Status::Resolved);
    assert_eq!(states(&room), late, "what was late is late again");
}

#[test]
fn resolving_stops_the_brief_and_the_relief_and_no_step_before_it_does() {
    for severity in [Severity::Sev1, Severity::Sev2] {
        let mut room = Room::declared(severity);
        // Without a commander nobody has to approve it.
        room.publishes(UpdateKind::First);
        room.seats(Role::Commander, &ana());
        for status in [Status::Contained, Status::Mitigated, Status::Resolved] {
            room.moves_to(status);
            let running = status < Status::Resolved;
            for kind in [ClockKind::Brief, RELIEF] {
                let clock = room.clock(kind).unwrap();
                assert_eq!(clock.is_running(), running, "{kind:?} when {status:?}");
            }
        }
    }
}

#[test]
fn reopened_the_clocks_of_the_resolution_are_gone_and_start_again_with_the_next_one() {
    let mut room = Room::at_status(Status::Resolved);
    room.note("Northwind");
    for kind in [BOOKED, HELD, CREDIT] {
        assert_eq!(room.clock(kind).unwrap().started_at, at(0), "{kind:?}");
    }
    for to in [Status::Active, Status::Contained, Status::Mitigated] {
        let mut room = room.clone();
        room.wait(24 * 60).back_to(to);
        for kind in [BOOKED, HELD, CREDIT] {
            assert_eq!(room.clock(kind), None, "{kind:?} once back to {to:?}");
        }
        room.publishes(UpdateKind::Progress);
        room.moves_to(Status::Resolved);
        // Resolved on Tuesday the 24th at 10:00 UTC.
        let midnight = at(14 * 60);
        for (kind, days) in [(BOOKED, 2), (CREDIT, 4), (HELD, 8)] {
            let clock = room.clock(kind).unwrap();
            let due_at = midnight + Duration::days(days);
            assert_eq!(
                (clock.started_at, clock.due_at),
                (at(1_440), due_at),
                "{kind:?}"
            );
        }
    }
}

#[test]
fn an_action_is_at_risk_in_the_last_fifth_of_its_time() {
    let mut room = Room::at_status(Status::Resolved);
    // Agreed at 10:00 UTC, due by the end of the day after: 38 hours, of which 7.6 are the last.
    let id = room.ok(
        &ana(),
        Command::AgreeAction {
            what: "Limit connections".to_owned(),
            owner: bo(),
            due_on: at(1_440).date_naive(),
            acceptance: "A test fails".to_owned(),
        },
    );
    let clock = room.clock(ClockKind::ActionDone(id)).unwrap();
    let (due, second) = (at(38 * 60), Duration::seconds(1));
    assert_eq!((clock.started_at, clock.due_at), (at(0), due));
    let risk = due - Duration::minutes(456);
    let states = [risk - second, risk, due, due + second].map(|when| clock.state(when));
    assert_eq!(states, [Running, AtRisk, AtRisk, Overdue]);
}

/// Every clock but those of words and of the sponsor, in an incident that stands so.
fn asked_for_everything(status: Status) -> Room {
    let mut room = Room::empty();
    room.ok(&bo(), report());
    room.wait(7).ok(&ana(), declare(Severity::Sev2, at(0)));
    neglect(&mut room);
    room.seats(Role::Commander, &ana());
    room.note("Northwind");
    room.moves_to(status);
    // An action and a plan; credit and the post-mortem wait.
    for command in what_opens(Status::Closed, room.now).into_iter().skip(3) {
        room.ok(&ana(), command);
    }
    room
}

#[test]
fn a_change_of_severity_or_of_cadence_moves_no_other_clock() {
    let re_aimed = [
        ClockKind::FirstUpdate,
        ClockKind::NextUpdate,
        ClockKind::Brief,
        ClockKind::SponsorNamed,
    ];
    let others = |room: &Room| -> Vec<Clock> {
        let mut all = clocks(&room.incident, &room.policy);
        all.retain(|c| !re_aimed.contains(&c.kind));
        all
    };
    let mut labels = BTreeSet::new();
    for status in [Status::Active, Status::Resolved] {
        let room = asked_for_everything(status);
        let before = others(&room);
        labels.extend(before.iter().map(|c| c.kind.label()));
        for wait_min in [0, 20, 5_000] {
            for to in [Severity::Sev1, Severity::Sev3] {
                let mut changed = room.clone();
                changed.wait(wait_min).severity(to);
                assert_eq!(others(&changed), before, "{to:?} after {wait_min} min");
            }
            for every_min in [5, 30, 300] {
                let mut changed = room.clone();
                changed.wait(wait_min).cadence(every_min);
                assert_eq!(others(&changed), before, "every {every_min} min");
            }
        }
    }
    let expected = [
        "Accept CS/Sales Owner",
        "Answer from a party",
        "Conclude the hypothesis",
        "Core roles named",
        "Credit decided",
        "Declare or dismiss",
        "Incident Commander named",
        "Post-mortem booked",
        "Post-mortem held",
        "Relieve the Incident Commander",
        "Remediation action done",
    ];
    assert_eq!(labels.into_iter().collect::<Vec<_>>(), expected);
    // The cadence is of customers: it is nothing to the brief and to the sponsor.
    let mut sev_1 = Room::declared(Severity::Sev1);
    let of = |room: &Room| [ClockKind::Brief, ClockKind::SponsorNamed].map(|kind| room.clock(kind));
    let before = of(&sev_1);
    sev_1.wait(20).cadence(10);
    assert_eq!(of(&sev_1), before);
}
