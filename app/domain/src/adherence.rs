//! Promises kept and missed (RUNBOOK §4). A silence of five hours on a 60-minute cadence is
//! five misses, not one.

use crate::policy::minutes;
use crate::promise::{Since, waits};
use crate::{Incident, Policy, Severity, Status, Time, order};
use chrono::Duration;

/// What became of one due time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PromiseState {
    /// The word came by then.
    Kept,
    /// It passed in silence.
    Missed,
    /// It lies ahead.
    Owed,
}

/// One due time and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promise {
    /// By when.
    pub due_at: Time,
    /// What became of it.
    pub state: PromiseState,
}

/// A stretch of silence: what it was measured by, and what ended it.
#[derive(Clone, Debug)]
pub struct Stretch {
    /// The first due time.
    pub first_due_at: Time,
    /// Every further due time comes this much later.
    pub every: Duration,
    /// From these times on, within the stretch, the longest silence is this; oldest first.
    pub retimed: Vec<(Time, Duration)>,
    /// The word that ended it; none while it lasts.
    pub ended_at: Option<Time>,
    /// From here on nothing is owed, though no word ended it.
    pub stopped_at: Option<Time>,
}

impl Stretch {
    /// A stretch that is measured in one way from its beginning to its end.
    #[must_use]
    pub fn new(first_due_at: Time, every: Duration, ended_at: Option<Time>) -> Self {
        Self {
            first_due_at,
            every,
            retimed: Vec::new(),
            ended_at,
            stopped_at: None,
        }
    }

    /// Its due times, without end. A shorter cadence brings the next one nearer, from the moment it
    /// was set; what had passed by then stays as it was. A longer one leaves a promise standing.
    pub fn dues(&self) -> impl Iterator<Item = Time> {
        let mut due = self.first_due_at;
        let mut every = self.every;
        let mut changes = self.retimed.clone().into_iter().peekable();
        std::iter::from_fn(move || {
            while let Some((at, new)) = changes.next_if(|(at, _)| *at < due) {
                due = due.min(at + new);
                every = new;
            }
            let this = due;
            due += every.max(Duration::minutes(1));
            Some(this)
        })
    }
}

/// No incident owes more than this many words; it bounds the work of a forgotten one.
const DUES_MAX: usize = 10_000;

/// The due times of these stretches, oldest first. A late word does not undo the due times
/// that passed before it.
#[must_use]
pub fn promises(stretches: impl IntoIterator<Item = Stretch>, now: Time) -> Vec<Promise> {
    let mut all = Vec::new();
    for stretch in stretches {
        let room = DUES_MAX.saturating_sub(all.len());
        let mut first = true;
        for due_at in stretch.dues().take(room.max(1)) {
            if stretch.stopped_at.is_some_and(|at| at <= due_at) {
                break;
            }
            let (state, last) = match stretch.ended_at {
                Some(at) if first && at <= due_at => (PromiseState::Kept, true),
                Some(at) if at < due_at => break,
                None if now <= due_at => (PromiseState::Owed, true),
                _ => (PromiseState::Missed, false),
            };
            all.push(Promise { due_at, state });
            if last {
                break;
            }
            first = false;
        }
    }
    all
}

/// How many words were due and how many came in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Adherence {
    /// Due times that have come.
    pub owed: u32,
    /// Of these, kept.
    pub kept: u32,
}

impl Adherence {
    /// Counts what has been decided; what lies ahead counts for nothing yet.
    #[must_use]
    pub fn of(promises: &[Promise]) -> Self {
        let count = |state| {
            let n = promises.iter().filter(|p| p.state == state).count();
            u32::try_from(n).unwrap_or(u32::MAX)
        };
        let kept = count(PromiseState::Kept);
        Self {
            owed: kept.saturating_add(count(PromiseState::Missed)),
            kept,
        }
    }
}

/// Due times of customer updates.
#[must_use]
pub fn update_promises(incident: &Incident, policy: &Policy, now: Time) -> Vec<Promise> {
    promises_known(incident, policy, now, Time::MAX_UTC)
}

/// The same by what had happened up to `until`.
pub(crate) fn promises_known(
    incident: &Incident,
    policy: &Policy,
    now: Time,
    until: Time,
) -> Vec<Promise> {
    let Some(declared) = &incident.declared else {
        return Vec::new();
    };
    let mut retimings = incident.retimings(policy);
    retimings.retain(|(at, _)| *at <= until);
    let updates = incident.updates_until(until);
    let first_due_at = declared.at + minutes(policy.first_update_min);
    let first = updates.first().map(|u| u.published_at);
    let declared_min = policy.cadence_min_for(declared.severity);
    // The first word has a time of its own. Changes count for the silence after it: those before by
    // what was in force then, those since from when they were made.
    let mut stretches = vec![Stretch {
        retimed: retimings
            .iter()
            .copied()
            .filter(|(at, _)| *at > first_due_at && first.is_none_or(|end| *at <= end))
            .collect(),
        ..Stretch::new(
            first_due_at,
            incident.silence_at(first_due_at, declared_min, policy),
            first,
        )
    }];
    for wait in waits(incident, policy, until) {
        // Of those to whom it was declared by name the last counts.
        if wait.since == Since::Declared {
            stretches.clear();
        }
        let end = wait.ended_at.or(wait.stopped_at).unwrap_or(until);
        let within = retimings.iter().copied();
        stretches.push(Stretch {
            retimed: within
                .filter(|(at, _)| wait.counts_from() <= *at && *at <= end)
                .collect(),
            stopped_at: wait.stopped_at,
            ..Stretch::new(wait.promised_at, wait.every, wait.ended_at)
        });
    }
    let mut all = promises(stretches, now);
    // Readers may be told apart: of what is owed to each, that which comes first is owed next.
    order::by(&mut all, |p| [order::at(Some(p.due_at)), 0, 0]);
    let mut is_first = true;
    all.retain(|p| p.state != PromiseState::Owed || std::mem::take(&mut is_first));
    all
}

/// Due times of executive briefs: while it is a SEV-1 or SEV-2, until it is resolved.
#[must_use]
pub fn brief_promises(incident: &Incident, policy: &Policy, now: Time) -> Vec<Promise> {
    let every = minutes(policy.brief_every_min);
    let mut all = Vec::new();
    for (from, to) in brief_spans(incident) {
        let told: Vec<Time> = incident
            .briefs
            .iter()
            .map(|b| b.published_at)
            .filter(|at| *at >= from && to.is_none_or(|to| *at <= to))
            .collect();
        let starts = std::iter::once(from + minutes(policy.first_brief_min))
            .chain(told.iter().map(|at| *at + every));
        let ends = told.iter().map(|at| Some(*at)).chain([None]);
        let stretches = starts
            .zip(ends)
            .map(|(first_due_at, ended_at)| Stretch::new(first_due_at, every, ended_at));
        let mut span = promises(stretches, to.unwrap_or(now));
        if to.is_some() {
            span.retain(|p| p.state != PromiseState::Owed);
        }
        all.extend(span);
    }
    all
}

/// When executive briefs were owed: it was a SEV-1 or SEV-2 and not resolved. Oldest first; the
/// last one without an end while they still are.
pub(crate) fn brief_spans(incident: &Incident) -> Vec<(Time, Option<Time>)> {
    let severities = incident.severities().map(|(s, at)| (at, Some(s), None));
    let moves = incident.moves.iter().map(|m| (m.at, None, Some(m.to)));
    let mut changes: Vec<(Time, Option<Severity>, Option<Status>)> =
        severities.chain(moves).collect();
    order::by(&mut changes, |(at, _, _)| [at.timestamp_micros(), 0, 0]);
    let (mut high, mut over) = (false, false);
    let mut spans: Vec<(Time, Option<Time>)> = Vec::new();
    for (at, severity, status) in changes {
        high = severity.map_or(high, Severity::is_high);
        over = status.map_or(over, |s| s >= Status::Resolved);
        match (high && !over, spans.last_mut()) {
            (true, Some((_, None))) => {}
            (true, _) => spans.push((at, None)),
            (false, Some((_, end @ None))) => *end = Some(at),
            (false, _) => {}
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn at(min: i64) -> Time {
        chrono::Utc
            .with_ymd_and_hms(2026, 11, 23, 10, 0, 0)
            .single()
            .expect("a valid date")
            + Duration::minutes(min)
    }

    fn counted(ended_min: Option<i64>, now_min: i64) -> (u32, u32) {
        let stretch = Stretch::new(at(60), Duration::minutes(60), ended_min.map(at));
        let a = Adherence::of(&promises([stretch], at(now_min)));
        (a.owed, a.kept)
    }

    #[test]
    fn each_silence_owes_one_word_per_due_time() {
        for (ended_min, owed, kept) in [
            (0, 1, 1),
            (59, 1, 1),
            (60, 1, 1),
            (61, 1, 0),
            (119, 1, 0),
            (120, 2, 0),
            (300, 5, 0),
            (301, 5, 0),
        ] {
            assert_eq!(
                counted(Some(ended_min), 1_000),
                (owed, kept),
                "ended after {ended_min} min"
            );
        }
    }

    #[test]
    fn a_silence_that_lasts_counts_what_has_passed() {
        for (now_min, owed) in [(0, 0), (60, 0), (61, 1), (120, 1), (121, 2), (301, 5)] {
            assert_eq!(counted(None, now_min), (owed, 0), "at {now_min} min");
        }
    }

    #[test]
    fn the_word_now_owed_is_the_first_due_time_ahead() {
        let stretch = Stretch::new(at(60), Duration::minutes(60), None);
        let owed = |now| {
            promises([stretch.clone()], at(now))
                .last()
                .map(|p| (p.due_at, p.state))
        };
        assert_eq!(owed(30), Some((at(60), PromiseState::Owed)));
        assert_eq!(owed(61), Some((at(120), PromiseState::Owed)));
    }

    #[test]
    fn a_shorter_cadence_brings_the_next_due_time_nearer_and_leaves_the_past_as_it_was() {
        let dues = |change_min, every_min, count| {
            let stretch = Stretch {
                retimed: vec![(at(change_min), Duration::minutes(every_min))],
                ..Stretch::new(at(120), Duration::minutes(120), None)
            };
            stretch
                .dues()
                .take(count)
                .map(|due| (due - at(0)).num_minutes())
                .collect::<Vec<_>>()
        };
        assert_eq!(dues(30, 60, 3), [90, 150, 210]);
        assert_eq!(dues(60, 60, 2), [120, 180]);
        assert_eq!(dues(100, 60, 2), [120, 180]);
        assert_eq!(dues(130, 60, 3), [120, 190, 250]);
        // Made longer, the promise stands.
        assert_eq!(dues(30, 240, 2), [120, 360]);
        assert_eq!(dues(120, 240, 3), [120, 240, 480], "on the due time itself");
    }
}
