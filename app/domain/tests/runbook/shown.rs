//! Countdowns, spans, the beat strip: what every screen shows of time (DESIGN §5).

use crate::room::{Room, at, minutes};
use chrono::Duration;
use domain::Severity;
use domain::beat::{BeatKind, Strip, strip_of};
use domain::clock::{countdown, span};
use domain::update::UpdateKind;

#[test]
fn a_countdown_shows_zero_at_the_due_time_and_not_before() {
    for (ms, shown) in [
        (7_844_000, "2:10:44"),
        (3_600_000, "1:00:00"),
        (3_599_001, "1:00:00"),
        (3_599_000, "59:59"),
        (60_000, "01:00"),
        (1_000, "00:01"),
        (1, "00:01"),
        (0, "00:00"),
        (-1, "00:00"),
        (-999, "00:00"),
        (-1_000, "−00:01"),
        (-252_000, "−04:12"),
        (-36_000_000, "−10:00:00"),
        (359_999_000, "99:59:59"),
        (360_000_000, "4 d 4 h"),
        (-359_999_000, "−99:59:59"),
        (-382_881_000, "−4 d 10 h"),
    ] {
        assert_eq!(countdown(Duration::milliseconds(ms)), shown, "{ms} ms");
    }
}

#[test]
fn a_span_is_said_in_its_two_largest_units() {
    for (min, shown) in [
        (-5, "0 min"),
        (0, "0 min"),
        (41, "41 min"),
        (60, "1 h"),
        (130, "2 h 10 min"),
        (1_439, "23 h 59 min"),
        (1_440, "1 d"),
        (1_441, "1 d"),
        (1_500, "1 d 1 h"),
        (4_560, "3 d 4 h"),
    ] {
        assert_eq!(span(minutes(min)), shown, "{min} min");
    }
}

fn strip(room: &Room) -> Strip {
    strip_of(&room.incident, &room.policy, room.now)
}

fn kinds(strip: &Strip) -> Vec<BeatKind> {
    strip.beats.iter().map(|b| b.kind).collect()
}

#[test]
fn what_waits_to_be_sent_keeps_no_promise() {
    for kind in [UpdateKind::First, UpdateKind::Progress] {
        let mut room = Room::declared(Severity::Sev1);
        if kind == UpdateKind::Progress {
            room.publishes(UpdateKind::First);
        }
        room.wait(125);
        let seen = |room: &Room| {
            let clocks = domain::clock::clocks(&room.incident, &room.policy);
            (clocks, strip(room))
        };
        let before = seen(&room);
        room.publishes(kind);
        assert_ne!(seen(&room), before);
        room.incident.updates.last_mut().unwrap().unsent = true;
        assert_eq!(seen(&room), before, "{kind:?}");
    }
}

#[test]
fn the_strip_has_a_beat_for_every_update_every_miss_the_promise_and_now() {
    use BeatKind::{Missed, Now, Owed, Told};
    let mut room = Room::declared(Severity::Sev1);
    assert_eq!(kinds(&strip(&room)), [Now, Owed]);
    assert_eq!(
        strip(&room).label,
        "No update given; the next is due at 11:00 UTC"
    );
    room.wait(10);
    room.publishes(UpdateKind::First);
    room.wait(125);
    assert_eq!(kinds(&strip(&room)), [Told, Missed, Missed, Now, Owed]);
    assert_eq!(
        strip(&room).label,
        "One update given, 2 promised times missed; the next is due at 13:10 UTC"
    );
    room.publishes(UpdateKind::Progress);
    room.moves_to(domain::Status::Resolved);
    room.wait(5);
    room.publishes(UpdateKind::Resolution);
    assert_eq!(
        kinds(&strip(&room)),
        [Told, Missed, Missed, Told, Told],
        "over: no promise, no now"
    );
    assert!(strip(&room).label.ends_with("; nothing more is owed"));
}

#[test]
fn beats_stay_on_the_strip_in_order_and_are_bounded() {
    let mut room = Room::declared(Severity::Sev1);
    room.publishes(UpdateKind::First);
    // Forgotten for a month.
    room.wait(30 * 24 * 60);
    let strip = strip(&room);
    assert!(strip.beats.is_sorted_by_key(|b| b.at_permille));
    assert!(
        strip
            .beats
            .iter()
            .all(|b| (0..=1_000).contains(&b.at_permille))
    );
    assert!(strip.beats.len() <= 83, "{}", strip.beats.len());
    assert!(
        strip.label.contains("719 promised times missed"),
        "{}",
        strip.label
    );
}

#[test]
fn a_report_has_no_strip() {
    let mut room = Room::empty();
    room.ok(&crate::room::bo(), crate::room::report());
    assert_eq!(strip(&room), Strip::default());
    assert_eq!(room.now, at(0));
}
