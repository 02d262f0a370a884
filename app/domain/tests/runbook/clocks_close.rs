//! Clocks that run once it is resolved, in business days of the policy's zone (RUNBOOK §4).

use crate::room::{Room, ana, bo, named, what_opens};
use crate::zones::{berlin, day, utc, zone};
use ClockState::{AtRisk, Met, MetLate, Overdue, Running};
use chrono::{Duration, NaiveDate};
use domain::clock::{ClockKind, ClockState, Owner};
use domain::customer::Credit;
use domain::zone::Zone;
use domain::{Command, CommandId, Role, Status, Time};

const BOOKED: ClockKind = ClockKind::PostMortemBooked;
const HELD: ClockKind = ClockKind::PostMortemHeld;
const CREDIT: ClockKind = ClockKind::CreditDecision;

/// Resolved on Friday 2026-11-27 at 10:00 UTC; Berlin; Northwind is hurt.
fn resolved() -> Room {
    let mut room = Room::empty();
    room.policy.zone = berlin();
    room.now = utc("2026-11-27 10:00");
    room.ok(
        &ana(),
        crate::room::declare(domain::Severity::Sev2, room.now),
    );
    room.note("Northwind");
    room.moves_to(Status::Resolved);
    room
}

fn book(at: Time) -> Command {
    Command::BookPostMortem {
        at,
        facilitator: bo(),
    }
}

fn no_credit(who: &str) -> Command {
    Command::DecideCredit {
        customer: named(who),
        credit: Credit::None {
            reason: "Above 99.9 %".to_owned(),
        },
    }
}

#[test]
fn the_clocks_of_the_resolution_turn_at_their_moment() {
    let room = resolved();
    let second = Duration::seconds(1);
    for (kind, owner, due, days) in [
        (BOOKED, Role::Commander, "2026-11-30 23:00", 1),
        (CREDIT, Role::CsSales, "2026-12-02 23:00", 3),
        (HELD, Role::Commander, "2026-12-04 23:00", 5),
    ] {
        let clock = room.clock(kind).unwrap();
        assert_eq!(
            (clock.started_at, clock.due_at),
            (room.now, utc(due)),
            "{days} business days"
        );
        assert_eq!(clock.owner, Owner::Role(owner));
        let risk = clock.due_at - (clock.due_at - clock.started_at) / 5;
        for (when, state) in [
            (risk - second, Running),
            (risk, AtRisk),
            (clock.due_at, AtRisk),
            (clock.due_at + second, Overdue),
        ] {
            assert_eq!(clock.state(when), state, "{kind:?} at {when}");
        }
    }
    assert_eq!(Room::at_status(Status::Mitigated).clock(BOOKED), None);
}

#[test]
fn the_post_mortem_is_booked_and_held_in_time_or_late() {
    for (booked, state) in [("2026-11-30 23:00", Met), ("2026-11-30 23:01", MetLate)] {
        let mut room = resolved();
        room.now = utc(booked);
        room.ok(&ana(), book(utc("2026-12-04 09:00")));
        assert_eq!(room.clock_state(BOOKED), Some(state), "{booked}");
        assert_eq!(room.clock_state(HELD), Some(Running), "booked is not held");
    }
    for (held, state) in [("2026-12-04 23:00", Met), ("2026-12-04 23:01", MetLate)] {
        let mut room = resolved();
        room.ok(&ana(), book(utc("2026-12-04 09:00")));
        room.now = utc("2026-12-08 09:00");
        room.ok(&ana(), Command::HoldPostMortem { at: utc(held) });
        assert_eq!(room.clock_state(HELD), Some(state), "{held}");
    }
}

#[test]
fn a_post_mortem_is_held_once_it_is_booked_and_resolved_and_not_in_the_future() {
    let mut room = resolved();
    let held = |at| Command::HoldPostMortem { at };
    let why = room.refused(&ana(), held(room.now));
    assert_eq!(why, "No post-mortem is booked. Book it first.");
    room.ok(&ana(), book(utc("2026-11-30 09:00")));
    room.wait(60);
    let resolved_at = utc("2026-11-27 10:00");
    for (at, may) in [
        (resolved_at - Duration::seconds(1), false),
        (resolved_at, true),
        (room.now, true),
        (room.now + Duration::seconds(60), true),
        (room.now + Duration::seconds(61), false),
        (Time::MAX_UTC, false),
        (Time::MIN_UTC, false),
    ] {
        assert_eq!(room.clone().send(&ana(), held(at)).is_ok(), may, "{at}");
    }
}

#[test]
fn credit_is_decided_once_it_is_for_every_customer() {
    for (decided, state) in [("2026-12-02 23:00", Met), ("2026-12-02 23:01", MetLate)] {
        let mut room = resolved();
        room.note("Tallis");
        room.ok(&ana(), no_credit("Northwind"));
        assert!(room.clock(CREDIT).unwrap().is_running(), "Tallis waits");
        room.now = utc(decided);
        room.ok(&ana(), no_credit("Tallis"));
        room.wait(1_000);
        assert_eq!(room.clock_state(CREDIT), Some(state), "{decided}");
    }
    // Decided before it was resolved, and with nobody hurt.
    let mut early = Room::at_status(Status::Mitigated);
    early.moves_to(Status::Resolved);
    assert_eq!(early.clock(CREDIT), None, "nobody is hurt");
    early.note("Northwind");
    assert!(early.clock(CREDIT).unwrap().is_running());
}

fn agree(due_on: NaiveDate) -> Command {
    Command::AgreeAction {
        what: "Limit connections".to_owned(),
        owner: bo(),
        due_on,
        acceptance: "A test fails".to_owned(),
    }
}

fn finish(action: CommandId, proof: &str) -> Command {
    Command::FinishAction {
        action,
        proof: proof.to_owned(),
    }
}

#[test]
fn an_action_is_due_by_the_end_of_its_day_in_the_policy_s_zone() {
    for (zone, due) in [
        (Zone::default(), "2026-12-02 00:00"),
        (berlin(), "2026-12-01 23:00"),
        (zone("America/New_York", -300, &[]), "2026-12-02 05:00"),
    ] {
        let mut room = resolved();
        room.policy.zone = zone;
        let id = room.ok(&ana(), agree(day("2026-12-01")));
        let kind = ClockKind::ActionDone(id);
        let clock = room.clock(kind).unwrap();
        assert_eq!(clock.due_at, utc(due));
        assert_eq!(clock.owner, Owner::Person(bo()));
        assert_eq!(clock.label(), "Remediation action done: Limit connections");
        for (late_min, state) in [(0, Met), (1, MetLate)] {
            let mut room = room.clone();
            room.now = utc(due) + Duration::minutes(late_min);
            room.ok(&bo(), finish(id, "The test fails on one server"));
            assert_eq!(room.clock_state(kind), Some(state));
        }
        assert_eq!(clock.state(utc(due) + Duration::seconds(1)), Overdue);
    }
}

#[test]
fn a_due_date_at_the_end_of_time_harms_nobody_in_any_zone() {
    for offset_min in [-1_440, 0, 1_440] {
        let mut room = resolved();
        room.policy.zone = zone("Nowhere", offset_min, &[("2026-12-01 00:00", -offset_min)]);
        let id = room.ok(&ana(), agree(NaiveDate::MAX));
        let clock = room.clock(ClockKind::ActionDone(id)).unwrap();
        assert_eq!(clock.state(room.now), Running, "{offset_min}");
        let zone = &room.policy.zone;
        for at in [Time::MIN_UTC, Time::MAX_UTC] {
            let _shown = (zone.local(at), zone.day_at(at), zone.meant(at.naive_utc()));
        }
    }
}

#[test]
fn an_action_may_be_due_today_by_the_day_of_the_policy_s_zone() {
    // 22:59 UTC is still the 30th in Berlin; a minute later it is the 1st.
    for (now, today) in [
        ("2026-11-30 22:59", "2026-11-30"),
        ("2026-11-30 23:00", "2026-12-01"),
    ] {
        let mut room = resolved();
        room.now = utc(now);
        let before = day(today).pred_opt().unwrap();
        assert!(room.send(&ana(), agree(before)).is_err(), "{now}");
        room.ok(&ana(), agree(day(today)));
    }
}

#[test]
fn an_action_is_done_once_with_proof_also_after_closing() {
    let mut room = Room::at_status(Status::Closed);
    let id = room.incident.actions[0].id;
    let stranger = CommandId(uuid::Uuid::from_u128(99_999));
    let why = room.refused(&bo(), finish(stranger, "Done"));
    assert_eq!(why, "Action is not of this incident.");
    assert_eq!(
        room.refused(&bo(), finish(id, " ")),
        "Proof must not be empty."
    );
    room.ok(&bo(), finish(id, "The test fails on one server"));
    let again = room.refused(&bo(), finish(id, "Again"));
    assert_eq!(again, "This action is done already.");
    room.ok(&ana(), agree(day("2027-01-15")));
    assert_eq!(
        room.incident.actions.len(),
        2,
        "one more is agreed after closing"
    );
}

#[test]
fn a_post_mortem_booked_before_it_was_reopened_does_not_count() {
    let mut room = resolved();
    room.ok(&ana(), book(utc("2026-11-30 09:00")));
    assert_eq!(room.clock_state(BOOKED), Some(Met));
    room.now = utc("2026-12-01 09:00");
    room.back_to(Status::Active);
    assert_eq!(room.clock(BOOKED), None, "it is not over");
    room.publishes(domain::update::UpdateKind::Progress);
    room.moves_to(Status::Resolved);
    let clock = room.clock(BOOKED).unwrap();
    assert_eq!(
        (clock.is_running(), clock.due_at),
        (true, utc("2026-12-02 23:00"))
    );
    room.publishes(domain::update::UpdateKind::Resolution);
    for command in what_opens(Status::Closed, room.now) {
        if !matches!(command, Command::BookPostMortem { .. }) {
            room.ok(&ana(), command);
        }
    }
    let closing = Command::MoveStatus { to: Status::Closed };
    assert_eq!(
        room.refused(&ana(), closing.clone()),
        "Closed needs 1 more."
    );
    room.ok(&ana(), book(utc("2026-12-08 22:59")));
    room.ok(&ana(), closing);
    assert_eq!(named("Northwind"), room.incident.credits[0].customer);
}
