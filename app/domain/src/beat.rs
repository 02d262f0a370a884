//! The beat strip: one line of time on which every customer update is a beat (DESIGN §5).

use crate::adherence::{Promise, PromiseState, promises_known};
use crate::shown::Shown as _;
use crate::{Incident, Policy, Time, order};
use chrono::Duration;

/// What stands at one place of the strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BeatKind {
    /// An update was published.
    Told,
    /// A promise passed in silence.
    Missed,
    /// The promise now owed.
    Owed,
    /// This moment.
    Now,
}

/// One place of the strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beat {
    /// From the left, per mille of the strip.
    pub at_permille: i64,
    /// What stands there.
    pub kind: BeatKind,
}

/// The whole strip.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strip {
    /// In order of time.
    pub beats: Vec<Beat>,
    /// The same in words, for who cannot see it.
    pub label: String,
}

/// A strip shows at most this many beats of a kind, the newest ones.
const BEATS_MAX: usize = 80;

/// The strip of an incident as its team sees it.
#[must_use]
pub fn strip_of(incident: &Incident, policy: &Policy, now: Time) -> Strip {
    strip_known(incident, policy, now, Time::MAX_UTC)
}

/// The strip as its team saw it at that moment, whatever happened since.
#[must_use]
pub fn strip_as_of(incident: &Incident, policy: &Policy, at: Time) -> Strip {
    strip_known(incident, policy, at, at)
}

fn strip_known(incident: &Incident, policy: &Policy, now: Time, until: Time) -> Strip {
    let Some(declared) = &incident.declared else {
        return Strip::default();
    };
    let told = incident.updates_until(until).iter();
    let told: Vec<Time> = told.map(|u| u.published_at).collect();
    let promises = promises_known(incident, policy, now, until);
    strip(declared.at, &told, &promises, now)
}

/// Lays out what was told and what was promised between `start` and a little after the last
/// of them.
#[must_use]
pub fn strip(start: Time, told: &[Time], promises: &[Promise], now: Time) -> Strip {
    let owed = promises
        .iter()
        .find(|p| p.state == PromiseState::Owed)
        .map(|p| p.due_at);
    let over = owed.is_none();
    let last_told = told.last().copied().unwrap_or(start);
    let until = owed.map_or(last_told, |due| due.max(now));
    let span_ms = (until - start).max(Duration::minutes(1)).num_milliseconds();
    // Room on both sides, so that no beat is cut by the edge.
    let place = |t: Time| 20 + ((t - start).num_milliseconds() * 950 / span_ms).clamp(0, 950);

    let missed: Vec<Time> = promises
        .iter()
        .filter(|p| p.state == PromiseState::Missed)
        .map(|p| p.due_at)
        .collect();
    let mut beats: Vec<Beat> = Vec::new();
    let newest = |times: &[Time]| times.len().saturating_sub(BEATS_MAX);
    beats.extend(told[newest(told)..].iter().map(|t| Beat {
        at_permille: place(*t),
        kind: BeatKind::Told,
    }));
    beats.extend(missed[newest(&missed)..].iter().map(|t| Beat {
        at_permille: place(*t),
        kind: BeatKind::Missed,
    }));
    beats.extend(owed.map(|t| Beat {
        at_permille: place(t),
        kind: BeatKind::Owed,
    }));
    if !over {
        beats.push(Beat {
            at_permille: place(now),
            kind: BeatKind::Now,
        });
    }
    order::by(&mut beats, |b| [b.at_permille, 0, 0]);
    Strip {
        beats,
        label: label(told.len(), missed.len(), owed),
    }
}

fn label(told: usize, missed: usize, owed: Option<Time>) -> String {
    let told = match told {
        0 => "No update given".to_owned(),
        1 => "One update given".to_owned(),
        n => format!("{n} updates given"),
    };
    let missed = match missed {
        0 => String::new(),
        1 => ", one promised time missed".to_owned(),
        n => format!(", {n} promised times missed"),
    };
    let owed = owed.map_or_else(
        || "; nothing more is owed".to_owned(),
        |at| format!("; the next is due at {} UTC", at.shown("%H:%M")),
    );
    format!("{told}{missed}{owed}")
}
