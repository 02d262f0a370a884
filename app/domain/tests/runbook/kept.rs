//! What keeps a promise on its due time and breaks it a second later: each word that is owed, and
//! by when once the cadence was changed (RUNBOOK §4).

use crate::room::{Room, ana, at, brief, cy};
use chrono::Duration;
use domain::adherence::{Adherence, brief_promises, update_promises};
use domain::clock::{ClockKind, ClockState};
use domain::update::UpdateKind;
use domain::{Command, Severity, Status};

const NEXT: ClockKind = ClockKind::NextUpdate;

/// Promises to customers whose time has come, and how many were kept.
fn updates(room: &Room) -> (u32, u32) {
    let a = Adherence::of(&update_promises(&room.incident, &room.policy, room.now));
    (a.owed, a.kept)
}

fn briefs(room: &Room) -> (u32, u32) {
    let a = Adherence::of(&brief_promises(&room.incident, &room.policy, room.now));
    (a.owed, a.kept)
}

fn publish_brief(room: &mut Room) {
    let after_version = room.incident.briefs.last().map_or(0, |b| b.version);
    let text = brief();
    room.ok(
        &cy(),
        Command::PublishBrief {
            text,
            after_version,
        },
    );
}

const CADENCES: [(Severity, i64); 3] = [
    (Severity::Sev1, 60),
    (Severity::Sev2, 120),
    (Severity::Sev3, 1_440),
];

#[test]
fn a_word_to_customers_keeps_its_promise_up_to_the_due_time() {
    for (severity, cadence_min) in CADENCES {
        for (late_s, kept) in [(-1, true), (0, true), (1, false)] {
            let late = Duration::seconds(late_s);
            let kept = u32::from(kept);
            let what = format!("{severity:?}, {late_s} s late");
            let mut first = Room::declared(severity);
            first.now = at(60) + late;
            first.publishes(UpdateKind::First);
            assert_eq!(updates(&first), (1, kept), "first: {what}");

            let mut next = Room::declared(severity);
            next.publishes(UpdateKind::First);
            next.now = at(cadence_min) + late;
            next.publishes(UpdateKind::Progress);
            assert_eq!(updates(&next), (2, 1 + kept), "next: {what}");

            let mut over = Room::declared(severity);
            over.moves_to(Status::Resolved);
            over.now = at(cadence_min) + late;
            over.publishes(UpdateKind::Resolution);
            over.wait(10_000);
            assert_eq!(updates(&over), (2, 1 + kept), "resolution: {what}");
            assert_eq!(over.clock(NEXT), None, "{what}");
        }
    }
}

#[test]
fn a_silence_of_five_hours_on_a_60_minute_cadence_is_five_misses() {
    let mut room = Room::declared(Severity::Sev1);
    room.publishes(UpdateKind::First);
    assert_eq!(updates(&room), (1, 1));
    room.wait(60);
    assert_eq!(
        updates(&room),
        (1, 1),
        "on the due time itself it is not missed yet"
    );
    room.wait(240).wait(1);
    assert_eq!(updates(&room), (6, 1));
    room.publishes(UpdateKind::Progress);
    room.wait(30);
    assert_eq!(
        updates(&room),
        (6, 1),
        "a late word does not undo what passed before it"
    );
    room.publishes(UpdateKind::Progress);
    assert_eq!(updates(&room), (7, 2));
}

#[test]
fn a_brief_keeps_its_promise_up_to_the_due_time() {
    for severity in [Severity::Sev1, Severity::Sev2] {
        for (late_s, kept) in [(-1, true), (0, true), (1, false)] {
            let late = Duration::seconds(late_s);
            let kept = u32::from(kept);
            let what = format!("{severity:?}, {late_s} s late");
            let mut room = Room::declared(severity);
            room.now = at(60) + late;
            publish_brief(&mut room);
            assert_eq!(briefs(&room), (1, kept), "first: {what}");

            let mut room = Room::declared(severity);
            publish_brief(&mut room);
            room.now = at(240) + late;
            publish_brief(&mut room);
            assert_eq!(briefs(&room), (2, 1 + kept), "next: {what}");
        }
    }
}

/// Briefs are owed until it is resolved or mild. What happens in that very moment belongs to it.
#[test]
fn a_brief_that_is_due_as_the_time_for_briefs_ends_is_kept_by_then_or_not_owed() {
    let resolves = |room: &mut Room| room.moves_to(Status::Resolved);
    let eases = |room: &mut Room| room.severity(Severity::Sev3);
    let due_s = 60 * 60;
    for end in [resolves as fn(&mut Room), eases] {
        for (told_s, ended_s, counted) in [
            (None, due_s - 1, (0, 0)),
            (None, due_s, (0, 0)),
            (None, due_s + 1, (1, 0)),
            (Some(due_s - 1), due_s, (1, 1)),
            (Some(due_s), due_s, (1, 1)),
            (Some(due_s - 1), due_s - 1, (1, 1)),
            (Some(due_s + 1), due_s + 1, (1, 0)),
            // Told once it was over, it keeps nothing and nothing was owed.
            (Some(due_s), due_s - 1, (0, 0)),
            (Some(due_s + 1), due_s, (0, 0)),
            (Some(due_s + 2), due_s + 1, (1, 0)),
        ] {
            let mut room = Room::declared(Severity::Sev2);
            let after = |s: i64| at(0) + Duration::seconds(s);
            if let Some(told_s) = told_s.filter(|told_s| *told_s <= ended_s) {
                room.now = after(told_s);
                publish_brief(&mut room);
            }
            room.now = after(ended_s);
            end(&mut room);
            if let Some(told_s) = told_s.filter(|told_s| *told_s > ended_s) {
                room.now = after(told_s);
                publish_brief(&mut room);
            }
            room.wait(1_000);
            assert_eq!(
                briefs(&room),
                counted,
                "told at {told_s:?} s, over at {ended_s} s"
            );
        }
    }
}

#[test]
fn a_change_of_cadence_re_aims_the_promise_to_customers() {
    // Told at minute 10; the change comes at minute 40.
    for (severity, every_min, due_min) in [
        (Severity::Sev1, 20, 60),
        (Severity::Sev2, 20, 60),
        (Severity::Sev2, 60, 100),
        (Severity::Sev3, 240, 280),
        // Just shorter than what is left, as long as it, and longer: then the promise stands.
        (Severity::Sev2, 89, 129),
        (Severity::Sev2, 90, 130),
        (Severity::Sev2, 91, 130),
        (Severity::Sev1, 120, 70),
        (Severity::Sev2, 300, 130),
    ] {
        let what = format!("{severity:?} every {every_min} min");
        let mut room = Room::declared(severity);
        room.wait(10).publishes(UpdateKind::First);
        room.wait(30).cadence(every_min);
        let clock = room.clock(NEXT).unwrap();
        assert_eq!(
            (clock.started_at, clock.due_at),
            (at(10), at(due_min)),
            "{what}"
        );
        let second = Duration::seconds(1);
        let span = (clock.due_at - clock.started_at) / 5;
        let risk = clock.due_at - span.max(Duration::minutes(5));
        for (when, state) in [
            (risk - second, ClockState::Running),
            (risk, ClockState::AtRisk),
            (at(due_min), ClockState::AtRisk),
            (at(due_min) + second, ClockState::Overdue),
        ] {
            assert_eq!(clock.state(when), state, "{what} at {when}");
        }
        for (late_s, kept) in [(0, 2), (1, 1)] {
            let mut room = room.clone();
            room.now = at(due_min) + Duration::seconds(late_s);
            room.publishes(UpdateKind::Progress);
            assert_eq!(updates(&room), (2, kept), "{what}, {late_s} s late");
            let next = room.now + Duration::minutes(i64::from(every_min));
            assert_eq!(room.clock(NEXT).unwrap().due_at, next, "{what}");
        }
    }
}

#[test]
fn a_shorter_silence_brings_a_promise_nearer_up_to_where_it_would_put_it_off() {
    let to_sev_1 = |room: &mut Room| room.severity(Severity::Sev1);
    let hourly = |room: &mut Room| room.cadence(60);
    // SEV-2, told at once: due at minute 120. Hourly from then on.
    for change in [to_sev_1 as fn(&mut Room), hourly] {
        for (changed_s, due_s) in [
            (0, 3_600),
            (3_599, 7_199),
            (3_600, 7_200),
            (3_601, 7_200),
            (7_199, 7_200),
            (7_200, 7_200),
            // Broken by then, it stays broken.
            (7_201, 7_200),
        ] {
            let mut room = Room::declared(Severity::Sev2);
            room.publishes(UpdateKind::First);
            room.now = at(0) + Duration::seconds(changed_s);
            change(&mut room);
            let due_at = at(0) + Duration::seconds(due_s);
            let clock = room.clock(NEXT).unwrap();
            assert_eq!(clock.due_at, due_at, "changed after {changed_s} s");
            // Both count the same promise.
            room.now = due_at;
            assert_eq!(updates(&room), (1, 1), "changed after {changed_s} s");
            room.now += Duration::seconds(1);
            assert_eq!(updates(&room), (2, 1), "changed after {changed_s} s");
        }
    }
}

#[test]
fn reopened_the_promise_runs_from_then_by_the_severity_or_the_agreed_cadence() {
    for (severity, cadence_min) in CADENCES {
        for agreed in [None, Some(45)] {
            let mut room = Room::declared(severity);
            room.moves_to(Status::Resolved);
            room.wait(5).publishes(UpdateKind::Resolution);
            if let Some(every_min) = agreed {
                room.cadence(every_min);
            }
            let every = agreed.map_or(cadence_min, i64::from);
            room.wait(5).back_to(Status::Mitigated);
            let due = at(10 + every);
            assert_eq!(room.clock(NEXT).unwrap().due_at, due, "{severity:?}");
            for (late_s, kept) in [(0, 3), (1, 2)] {
                let mut room = room.clone();
                room.now = due + Duration::seconds(late_s);
                room.publishes(UpdateKind::Progress);
                assert_eq!(updates(&room), (3, kept), "{severity:?}, {late_s} s late");
            }
        }
    }
    // From Closed to Resolved it is still over: nothing is owed.
    let mut closed = Room::at_status(Status::Closed);
    closed.back_to(Status::Resolved);
    assert_eq!(closed.clock(NEXT), None);
    assert!(
        closed
            .refused(&ana(), closed.update(UpdateKind::Progress))
            .contains("it is over")
    );
}
