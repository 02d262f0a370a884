//! Calls with customers and their recovery plans (RUNBOOK §9).

use crate::room::{Room, ana, at, bo, minutes, named};
use chrono::{Duration, NaiveDate};
use domain::call::{CallEnd, CallKind, Side};
use domain::next_step::{Target, next_steps};
use domain::{Command, CommandId, Severity, Status, Time};
use uuid::Uuid;

fn room() -> Room {
    let mut room = Room::declared(Severity::Sev2);
    room.note("Northwind");
    room
}

fn schedule(customer: &str, at: Time, daily: bool) -> Command {
    Command::ScheduleCall {
        customer: named(customer),
        kind: CallKind::Executive,
        with: "their CFO".to_owned(),
        at,
        daily,
    }
}

fn held(call: CommandId) -> Command {
    let notes = "They stay calm".to_owned();
    Command::EndCall {
        call,
        end: CallEnd::Held { notes },
    }
}

fn called_off(call: CommandId, reason: &str) -> Command {
    let reason = reason.to_owned();
    Command::EndCall {
        call,
        end: CallEnd::CalledOff { reason },
    }
}

#[test]
fn a_call_is_planned_for_the_future_with_a_customer_on_the_incident() {
    let year = Duration::days(366);
    for (customer, when, may) in [
        ("Northwind", at(0), false),
        ("Northwind", at(0) + Duration::milliseconds(1), true),
        ("Northwind", at(0) + year, true),
        ("Northwind", at(0) + year + Duration::seconds(1), false),
        ("Northwind", Time::MAX_UTC, false),
        ("Northwind", Time::MIN_UTC, false),
        ("Tallis", at(60), false),
        ("", at(60), false),
    ] {
        let answer = room().send(&ana(), schedule(customer, when, false));
        assert_eq!(answer.is_ok(), may, "{customer} {when}: {answer:?}");
    }
    let mut closed = Room::at_status(Status::Closed);
    let why = closed.refused(&ana(), schedule("Northwind", at(60), false));
    assert!(why.contains("is closed"), "{why}");
}

#[test]
fn a_call_is_held_from_an_hour_before_its_time_and_called_off_at_any_time() {
    for (min, may) in [(59, false), (60, true), (120, true), (5_000, true)] {
        let mut room = room();
        let id = room.ok(&ana(), schedule("Northwind", at(120), false));
        room.wait(min);
        assert_eq!(
            room.clone().send(&ana(), held(id)).is_ok(),
            may,
            "at {min} min"
        );
        room.ok(&ana(), called_off(id, "They cannot"));
        let again = room.refused(&ana(), held(id));
        assert!(
            again.starts_with("This call was called off, written down at"),
            "{again}"
        );
    }
    let mut room = room();
    let id = room.ok(&ana(), schedule("Northwind", at(120), false));
    assert_eq!(
        room.refused(&ana(), called_off(id, " ")),
        "Reason must not be empty."
    );
    let stranger = CommandId(Uuid::from_u128(99_999));
    assert_eq!(
        room.refused(&ana(), held(stranger)),
        "Call is not of this incident."
    );
    room.wait(120).ok(&ana(), held(id));
    assert!(
        room.refused(&ana(), held(id))
            .starts_with("This call was held")
    );
    assert_eq!(room.incident.calls.len(), 1, "it was not a daily one");
}

#[test]
fn a_daily_call_is_planned_again_for_the_same_time_of_the_next_day_that_comes() {
    let day = 24 * 60;
    for (held_min, next_min) in [
        (60, 120 + day),
        (120, 120 + day),
        (120 + day - 1, 120 + day),
        // Written down the day after: that day's call has begun, so the next is tomorrow.
        (120 + day, 120 + 2 * day),
        (120 + 3 * day + 5, 120 + 4 * day),
    ] {
        let mut room = room();
        let id = room.ok(&ana(), schedule("Northwind", at(120), true));
        room.wait(held_min);
        let end = room.ok(&ana(), held(id));
        let next = room.incident.calls.last().unwrap();
        assert_eq!(
            (next.id, next.at),
            (end, at(next_min)),
            "held at {held_min} min"
        );
        assert!(next.daily && next.end.is_none() && next.at > room.now);
        assert_eq!(room.incident.calls.len(), 2);
    }
}

#[test]
fn a_daily_call_ends_when_it_is_called_off_or_the_incident_is_closed() {
    let mut room = room();
    let id = room.ok(&ana(), schedule("Northwind", at(120), true));
    room.ok(&ana(), called_off(id, "Covered elsewhere"));
    assert_eq!(room.incident.calls.len(), 1);

    let id = room.ok(&ana(), schedule("Northwind", at(120), true));
    room.moves_to(Status::Closed);
    room.wait(120).ok(&ana(), held(id));
    assert!(room.incident.calls.iter().all(|c| c.end.is_some()));
    let steps = next_steps(&room.incident, &room.policy, room.now);
    assert!(steps.iter().all(|s| !matches!(s.target, Target::Call(_))));
}

#[test]
fn a_call_presses_from_an_hour_before() {
    let mut room = room();
    let id = room.ok(&ana(), schedule("Northwind", at(300), false));
    let place = |room: &Room| {
        let steps = next_steps(&room.incident, &room.policy, room.now);
        let of = |target: &Target| steps.iter().position(|s| s.target == *target).unwrap();
        let gate = Target::Supply(domain::gate::Need::Mitigation);
        of(&Target::Call(id)) < of(&gate)
    };
    room.now = at(240) - Duration::seconds(1);
    assert!(!place(&room), "what opens the gate comes first");
    room.now = at(240);
    assert!(place(&room));
}

fn plan(customer: &str, side: Side, due_on: NaiveDate) -> Command {
    Command::AddPlanStep {
        customer: named(customer),
        what: "Turn single sign-on on".to_owned(),
        side,
        due_on,
    }
}

fn theirs(name: &str) -> Side {
    let name = name.to_owned();
    Side::Theirs { name }
}

#[test]
fn a_recovery_plan_has_steps_of_ours_and_theirs_due_from_today_on() {
    let day = |d| NaiveDate::from_ymd_opt(2026, 11, d).unwrap();
    let ours = || Side::Ours { person: bo() };
    for (customer, side, due_on, may) in [
        ("Northwind", ours(), day(23), true),
        ("Northwind", ours(), day(22), false),
        ("Northwind", theirs("Petra Holm"), day(30), true),
        ("Northwind", theirs(" "), day(30), false),
        ("Tallis", ours(), day(30), false),
    ] {
        let answer = room().send(&ana(), plan(customer, side.clone(), due_on));
        assert_eq!(answer.is_ok(), may, "{customer} {side:?} {due_on}");
    }
}

#[test]
fn today_is_the_day_of_the_policy_s_zone() {
    let mut room = room();
    room.policy.zone = crate::zones::zone("America/New_York", -300, &[]);
    // 04:00 UTC on the 24th is still the 23rd there.
    room.now = at(18 * 60);
    let day = |d| NaiveDate::from_ymd_opt(2026, 11, d).unwrap();
    assert!(
        room.send(&ana(), plan("Northwind", theirs("Petra Holm"), day(22)))
            .is_err()
    );
    room.ok(&ana(), plan("Northwind", theirs("Petra Holm"), day(23)));
}

#[test]
fn a_step_of_the_plan_is_done_once_also_after_closing() {
    let mut room = room();
    room.moves_to(Status::Closed);
    let due_on = (room.now + Duration::days(3)).date_naive();
    let id = room.ok(&ana(), plan("Northwind", theirs("Petra Holm"), due_on));
    let finish = |step, note: &str| Command::FinishPlanStep {
        step,
        note: note.to_owned(),
    };
    assert_eq!(
        room.refused(&ana(), finish(id, "")),
        "What was done must not be empty."
    );
    let stranger = CommandId(Uuid::from_u128(99_999));
    assert_eq!(
        room.refused(&ana(), finish(stranger, "So")),
        "Step is not of this incident."
    );
    let step = |room: &Room| {
        let steps = next_steps(&room.incident, &room.policy, room.now);
        steps.into_iter().find(|s| s.target == Target::PlanStep(id))
    };
    let open = step(&room).unwrap();
    assert_eq!(open.what, "Northwind: Turn single sign-on on (Petra Holm)");
    assert_eq!(
        open.due_at,
        Some(at(14 * 60) + Duration::days(3)),
        "the end of its day"
    );
    room.wait(30).ok(&ana(), finish(id, "It is on"));
    assert_eq!(step(&room), None);
    assert_eq!(
        room.incident.plan[0].done,
        Some(("It is on".to_owned(), at(30)))
    );
    assert_eq!(
        room.refused(&ana(), finish(id, "Again")),
        "This step is done already."
    );
    assert_eq!(room.now - minutes(30), at(0));
}
