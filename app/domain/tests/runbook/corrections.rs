//! Times that were stamped by a clock that was ahead, after somebody said what the time is.

use crate::golden::EVENTS;
use chrono::{DateTime, Duration, TimeZone as _, Utc};
use domain::{Corrections, Incident, Recorded, Time};
use serde_json::Value;

/// Fields that tell of the future, and may: what was agreed, promised or planned.
const AHEAD: [&str; 14] = [
    "brief_published.1 text.eta.at",
    "brief_published.2 text.eta.at",
    "draft_ready.1 text.update.text.next_at",
    "brief_published.1 text.asks.needed_by",
    "brief_published.2 text.asks.needed_by",
    "post_mortem_booked.1 at",
    "call_scheduled.1 at",
    "call_scheduled.2 at",
    "call_ended.1 next_at",
    "draft_ready.1 text.update.next_at",
    "update_published.1 text.next_at",
    "update_published.2 text.next_at",
    "policy_changed.1 policy.zone.shifts",
    "clock_confirmed.1 log_at",
];

fn golden() -> Vec<Recorded> {
    let lines = EVENTS.lines();
    lines.map(|l| serde_json::from_str(l).unwrap()).collect()
}

/// Before all of the golden log.
fn latest() -> Time {
    Utc.with_ymd_and_hms(2026, 1, 1, 9, 0, 0).unwrap()
}

/// The times in it, each with the names of the fields that lead to it.
fn times(value: &Value, path: &str, found: &mut Vec<(String, Time)>) {
    match value {
        Value::String(text) => {
            if let Ok(at) = text.parse::<DateTime<Utc>>() {
                found.push((path.to_owned(), at));
            }
        }
        Value::Array(all) => all.iter().for_each(|v| times(v, path, found)),
        Value::Object(fields) => {
            for (name, value) in fields {
                let dot = if path.is_empty() { "" } else { "." };
                times(value, &format!("{path}{dot}{name}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn nothing_that_was_stamped_ahead_claims_a_past_that_lies_ahead() {
    let confirmed = Corrections::from_iter([(u64::MAX, latest())]);
    let mut wrong = Vec::new();
    for recorded in golden() {
        let kind = recorded.event.kind().to_owned();
        let stamped = recorded.at;
        let corrected = confirmed.correct(recorded);
        assert_eq!(corrected.stamped_at, Some(stamped), "{kind}");
        assert_eq!((corrected.at, corrected.made_at), (latest(), latest()));
        let mut found = Vec::new();
        let event = serde_json::to_value(&corrected.event).unwrap();
        times(&event["data"], "", &mut found);
        for (path, at) in found {
            let named = format!("{kind} {path}");
            let may = AHEAD.iter().any(|ahead| named.starts_with(ahead));
            if !may && at > latest() {
                wrong.push(named);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn a_promise_is_inside_the_cadence_of_the_time_that_counts() {
    let confirmed = Corrections::from_iter([(u64::MAX, latest())]);
    let log: Vec<Recorded> = golden().into_iter().map(|r| confirmed.correct(r)).collect();
    let mut promises = 0;
    for recorded in &log {
        let incident = Incident::fold(
            recorded.incident,
            log.iter().filter(|r| r.incident == recorded.incident),
        );
        for update in incident.updates {
            let cadence = Duration::minutes(update.cadence_min.into());
            assert!(
                update
                    .text
                    .next_at
                    .is_none_or(|at| at <= latest() + cadence)
            );
            promises += usize::from(update.text.next_at.is_some());
        }
    }
    assert!(promises > 0);
}

#[test]
fn only_what_stands_before_a_confirmation_under_a_later_time_is_corrected() {
    let first = golden().swap_remove(0);
    let at = |min: i64| latest() + Duration::minutes(min);
    let confirmed = Corrections::from_iter([(10, at(0)), (20, at(30))]);
    for (seq, stamped, counts) in [
        (9, 180, 0),
        (9, -1, -1),
        (9, 0, 0),
        // After the first: what it says of that one is not its business.
        (11, 10, 10),
        (11, 180, 30),
        (21, 180, 180),
    ] {
        let mut recorded = first.clone();
        (recorded.seq, recorded.at, recorded.made_at) = (seq, at(stamped), at(stamped));
        let corrected = confirmed.correct(recorded.clone());
        assert_eq!((corrected.at, corrected.made_at), (at(counts), at(counts)));
        let is_ahead = stamped != counts;
        assert_eq!(corrected.stamped_at, is_ahead.then(|| at(stamped)));
        assert!(is_ahead || corrected == recorded);
    }
}
