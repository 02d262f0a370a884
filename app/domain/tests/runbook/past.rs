//! The past is not rewritten: what was met stays met and what was late stays late, whatever is
//! decided anew afterwards (RUNBOOK §2, §4).

use crate::room::{Room, ana, at, bo, brief, cy, named, offer, person};
use crate::zones::utc;
use ClockState::{Met, MetLate, Overdue, Running, Stopped};
use chrono::Duration;
use domain::adherence::{Adherence, brief_promises};
use domain::clock::{ClockKind, ClockState};
use domain::customer::{Credit, Judgement, Money};
use domain::gate::{Need, missing};
use domain::update::UpdateKind;
use domain::{Command, Role, Severity, Status, Time};

const BOOKED: ClockKind = ClockKind::PostMortemBooked;
const HELD: ClockKind = ClockKind::PostMortemHeld;
const CREDIT: ClockKind = ClockKind::CreditDecision;
const BRIEF: ClockKind = ClockKind::Brief;
const CORE: ClockKind = ClockKind::CoreRolesNamed;

fn book(at: Time) -> Command {
    Command::BookPostMortem {
        at,
        facilitator: bo(),
    }
}

fn held(at: Time) -> Command {
    Command::HoldPostMortem { at }
}

fn no_credit(reason: &str) -> Command {
    Command::DecideCredit {
        customer: named("Northwind"),
        credit: Credit::None {
            reason: reason.to_owned(),
        },
    }
}

/// Resolved on Monday 2026-11-23 at 10:00 UTC; Northwind is hurt. Booked by the end of the 24th,
/// credit by the 26th, held by the 30th.
fn resolved() -> Room {
    let mut room = Room::at_status(Status::Resolved);
    room.note("Northwind");
    room
}

#[test]
fn a_post_mortem_that_moves_to_another_day_was_booked_when_it_first_was() {
    for (booked, state) in [("2026-11-25 00:00", Met), ("2026-11-25 00:01", MetLate)] {
        let mut room = resolved();
        room.now = utc(booked);
        room.ok(&ana(), book(utc("2026-11-27 09:00")));
        room.now = utc("2026-11-26 09:00");
        room.ok(&ana(), book(utc("2026-11-30 09:00")));
        assert_eq!(room.clock_state(BOOKED), Some(state), "{booked}");
        // Missed altogether and booked once more, it does not keep the gate shut either.
        room.now = utc("2026-12-01 09:00");
        room.ok(&ana(), book(utc("2026-12-03 09:00")));
        assert_eq!(room.clock_state(BOOKED), Some(state), "{booked}");
        assert_eq!(room.clock_state(HELD), Some(Overdue));
        let lacks = missing(&room.incident, Status::Closed, &room.policy);
        assert!(!lacks.contains(&Need::PostMortem), "{lacks:?}");
    }
}

#[test]
fn a_booking_from_before_it_was_reopened_is_no_first_one() {
    let mut room = resolved();
    room.ok(&ana(), book(utc("2026-11-24 09:00")));
    room.now = utc("2026-11-25 09:00");
    room.back_to(Status::Active);
    room.publishes(UpdateKind::Progress);
    room.moves_to(Status::Resolved);
    // Booked late this time, by the end of the 26th it should have been.
    room.now = utc("2026-11-27 09:00");
    room.ok(&ana(), book(utc("2026-11-30 09:00")));
    assert_eq!(room.clock_state(BOOKED), Some(MetLate));
}

#[test]
fn a_post_mortem_is_held_once_for_each_time_it_was_resolved() {
    for (first, state) in [("2026-12-01 00:00", Met), ("2026-12-01 00:01", MetLate)] {
        let mut room = resolved();
        room.ok(&ana(), book(utc("2026-11-24 09:00")));
        room.now = utc("2026-12-02 09:00");
        room.ok(&ana(), held(utc(first)));
        let expected = format!("The post-mortem was held already, at {first} UTC.");
        for again in [held(utc("2026-11-24 09:00")), book(utc("2026-12-03 09:00"))] {
            assert_eq!(room.refused(&bo(), again), expected);
        }
        assert_eq!(room.clock_state(HELD), Some(state), "{first}");
    }
    let mut room = resolved();
    room.ok(&ana(), book(utc("2026-11-24 09:00")));
    room.ok(&ana(), held(room.now));
    room.wait(60).back_to(Status::Active);
    room.publishes(UpdateKind::Progress);
    room.moves_to(Status::Resolved);
    assert_eq!(room.clock_state(HELD), Some(Running), "owed again");
    room.wait(30);
    room.ok(&ana(), held(room.now));
    assert_eq!(room.clock_state(HELD), Some(Met));
}

#[test]
fn a_post_mortem_that_was_held_needs_no_booking_to_close() {
    let mut room = resolved();
    room.ok(&ana(), book(utc("2026-11-24 09:00")));
    // Reopened over its time, and held a little later than it was booked for.
    room.now = utc("2026-11-24 08:00");
    room.back_to(Status::Active);
    room.publishes(UpdateKind::Progress);
    room.now = utc("2026-11-24 11:00");
    room.moves_to(Status::Resolved);
    let lacks = |room: &Room| {
        let lacks = missing(&room.incident, Status::Closed, &room.policy);
        lacks.contains(&Need::PostMortem)
    };
    assert!(lacks(&room), "booked for a time before it was resolved");
    room.now = utc("2026-11-24 15:00");
    room.ok(&ana(), held(room.now));
    assert!(!lacks(&room));
    assert_eq!(room.clock_state(BOOKED), Some(Met));
    // Held before it was reopened, it does not count.
    room.wait(1).back_to(Status::Active);
    room.wait(1).publishes(UpdateKind::Progress);
    room.moves_to(Status::Resolved);
    assert!(lacks(&room));
}

#[test]
fn a_credit_decided_anew_was_decided_when_it_first_was() {
    for (decided, state) in [("2026-11-27 00:00", Met), ("2026-11-27 00:01", MetLate)] {
        let mut room = resolved();
        room.now = utc(decided);
        room.ok(&ana(), no_credit("Above 99.9 %"));
        room.now = utc("2026-11-28 09:00");
        room.ok(&ana(), no_credit("They agree"));
        room.wait(5).ok(
            &ana(),
            Command::ProposeCredit {
                customer: named("Northwind"),
                credit: Credit::Granted {
                    amount: Money {
                        currency: "EUR".to_owned(),
                        minor: 5_000,
                    },
                    reason: "Goodwill".to_owned(),
                },
                monthly_fee: None,
                working: None,
            },
        );
        let proposal = room.incident.proposals[0].id;
        let judgement = Judgement::Approve;
        let judge = Command::JudgeCredit {
            proposal,
            judgement,
        };
        room.wait(5).ok(&bo(), judge);
        assert_eq!(room.clock_state(CREDIT), Some(state), "{decided}");
        let [now] = room.incident.credits.as_slice() else {
            panic!("one decision is in force");
        };
        assert_eq!(now.credit.reason(), "Goodwill");
        let before: Vec<_> = room.incident.earlier_credits.iter().collect();
        let reasons: Vec<_> = before.iter().map(|d| d.credit.reason()).collect();
        assert_eq!(reasons, ["Above 99.9 %", "They agree"]);
    }
}

#[test]
fn a_seat_left_empty_does_not_excuse_another_that_was_never_filled() {
    let vacate = |role| Command::VacateRole {
        role,
        reason: "Asleep".to_owned(),
        holder: None,
    };
    let mut room = Room::declared(Severity::Sev1);
    for (n, role) in Role::ALL.into_iter().enumerate() {
        if role != Role::CsSales {
            room.seats(role, &person(n));
        }
    }
    room.wait(31).ok(&ana(), vacate(Role::Comms));
    let clock = room.clock(CORE).unwrap();
    assert_eq!((clock.started_at, clock.due_at), (at(0), at(30)));
    assert_eq!(clock.state(room.now), Overdue, "CS/Sales is still missing");
    // The late one comes, and the seat left empty has its own half an hour.
    room.seats(Role::CsSales, &person(3));
    let clock = room.clock(CORE).unwrap();
    assert_eq!((clock.started_at, clock.due_at), (at(31), at(61)));
    assert_eq!(clock.state(room.now), Running);
    room.wait(5).seats(Role::Comms, &cy());
    assert_eq!(room.clock_state(CORE), Some(MetLate), "one came late");
    assert_eq!(room.clock(CORE).unwrap().due_at, at(30));
}

fn briefs(room: &Room) -> (u32, u32) {
    let a = Adherence::of(&brief_promises(&room.incident, &room.policy, room.now));
    (a.owed, a.kept)
}

fn publish_brief(room: &mut Room) {
    let after_version = room.incident.briefs.last().map_or(0, |b| b.version);
    let text = brief();
    let publish = Command::PublishBrief {
        text,
        after_version,
    };
    room.ok(&cy(), publish);
}

#[test]
fn no_brief_is_owed_for_the_time_it_was_resolved_and_a_first_one_once_it_comes_back() {
    let mut room = Room::declared(Severity::Sev2);
    room.wait(60);
    // A word at the last moment is one.
    publish_brief(&mut room);
    room.moves_to(Status::Resolved);
    room.wait(2_000);
    assert_eq!(
        (room.clock_state(BRIEF), briefs(&room)),
        (Some(Stopped), (1, 1))
    );
    room.back_to(Status::Mitigated);
    let clock = room.clock(BRIEF).unwrap();
    let back_at = at(2_060);
    assert_eq!(
        (clock.started_at, clock.due_at),
        (back_at, back_at + Duration::minutes(60))
    );
    assert_eq!(
        briefs(&room),
        (1, 1),
        "two days in silence are not held against it"
    );
    room.now = back_at + Duration::minutes(61);
    assert_eq!(room.clock_state(BRIEF), Some(Overdue));
    assert_eq!(briefs(&room), (2, 1));
    publish_brief(&mut room);
    assert_eq!(
        room.clock(BRIEF).unwrap().due_at,
        room.now + Duration::minutes(240)
    );
    room.moves_to(Status::Resolved);
    room.wait(10_000);
    assert_eq!(
        (room.clock_state(BRIEF), briefs(&room)),
        (Some(Stopped), (2, 1))
    );
}

#[test]
fn the_brief_goes_by_severity_and_status_together() {
    // Resolved while it was mild, then found to be worse: nothing is owed until it comes back.
    let mut room = Room::declared(Severity::Sev3);
    room.moves_to(Status::Resolved);
    room.wait(10).severity(Severity::Sev1);
    assert_eq!(room.clock(BRIEF), None);
    room.wait(10).back_to(Status::Active);
    assert_eq!(room.clock(BRIEF).unwrap().due_at, at(80));
    // Mild while it goes on, and resolved so.
    room.wait(10).severity(Severity::Sev3);
    assert_eq!(room.clock(BRIEF), None);
    room.publishes(UpdateKind::Progress);
    room.moves_to(Status::Resolved);
    assert_eq!((room.clock(BRIEF), briefs(&room)), (None, (0, 0)));
}

#[test]
fn an_offer_made_again_is_answered_in_its_own_time() {
    let kind = ClockKind::RoleAccepted(Role::Comms);
    let mut room = Room::declared(Severity::Sev1);
    room.ok(&ana(), offer(Role::Comms, &cy()));
    room.wait(6);
    assert_eq!(room.clock_state(kind), Some(Overdue));
    room.ok(&ana(), offer(Role::Comms, &bo()));
    assert_eq!(room.clock(kind).unwrap().due_at, at(11));
    // That Cy did not answer in time stays on the card.
    let turn = &room.incident.seat(Role::Comms).history[0];
    let waited = turn.ended_at - turn.offer.offered_at;
    assert_eq!(waited, Duration::minutes(6));
}
