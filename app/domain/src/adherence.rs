//! Promises kept and missed (RUNBOOK §4). A silence of five hours on a 60-minute cadence is
//! five misses, not one.

use crate::policy::minutes;
use crate::{Incident, Policy, Severity, Status, Time};
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
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    /// The first due time.
    pub first_due_at: Time,
    /// Every further due time comes this much later.
    pub every: Duration,
    /// The word that ended it; none while it lasts.
    pub ended_at: Option<Time>,
}

/// No incident owes more than this many words; it bounds the work of a forgotten one.
const DUES_MAX: usize = 10_000;

/// The due times of these stretches, oldest first. A late word does not undo the due times
/// that passed before it.
#[must_use]
pub fn promises(stretches: impl IntoIterator<Item = Stretch>, now: Time) -> Vec<Promise> {
    let mut all = Vec::new();
    for stretch in stretches {
        match stretch.ended_at {
            Some(at) if at <= stretch.first_due_at => {
                all.push(Promise {
                    due_at: stretch.first_due_at,
                    state: PromiseState::Kept,
                });
            }
            Some(at) => missed_until(&stretch, |due| due <= at, &mut all),
            None => {
                missed_until(&stretch, |due| due < now, &mut all);
                let owed = all
                    .last()
                    .filter(|p| p.state == PromiseState::Missed && p.due_at >= stretch.first_due_at)
                    .map_or(stretch.first_due_at, |p| p.due_at + stretch.every);
                all.push(Promise {
                    due_at: owed,
                    state: PromiseState::Owed,
                });
            }
        }
    }
    all
}

fn missed_until(stretch: &Stretch, passed: impl Fn(Time) -> bool, all: &mut Vec<Promise>) {
    let mut due = stretch.first_due_at;
    let every = stretch.every.max(Duration::minutes(1));
    while passed(due) && all.len() < DUES_MAX {
        all.push(Promise {
            due_at: due,
            state: PromiseState::Missed,
        });
        due += every;
    }
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
    let Some(declared) = &incident.declared else {
        return Vec::new();
    };
    let mut stretches = vec![Stretch {
        first_due_at: declared.at + minutes(policy.first_update_min),
        every: minutes(
            incident
                .updates
                .first()
                .map_or_else(|| incident.cadence_min(policy), |u| u.cadence_min),
        ),
        ended_at: incident.updates.first().map(|u| u.published_at),
    }];
    for (i, update) in incident.updates.iter().enumerate() {
        let every = minutes(update.cadence_min);
        let ended_at = incident.updates.get(i + 1).map(|u| u.published_at);
        let first_due_at = update.text.next_at.or_else(|| {
            // After a resolution nothing is owed until it is reopened.
            incident
                .reopenings()
                .find(|at| *at >= update.published_at && ended_at.is_none_or(|end| *at <= end))
                .map(|reopened| reopened + every)
        });
        if let Some(first_due_at) = first_due_at {
            stretches.push(Stretch {
                first_due_at,
                every,
                ended_at,
            });
        }
    }
    promises(stretches, now)
}

/// Due times of executive briefs (SEV-1 and SEV-2), until it is resolved.
#[must_use]
pub fn brief_promises(incident: &Incident, policy: &Policy, now: Time) -> Vec<Promise> {
    let Some(declared) = &incident.declared else {
        return Vec::new();
    };
    if declared.severity == Severity::Sev3 {
        return Vec::new();
    }
    let every = minutes(policy.brief_every_min);
    let resolved_at = incident
        .reached_at(Status::Resolved)
        .filter(|_| incident.status >= Status::Resolved);
    let starts = std::iter::once(declared.at + minutes(policy.first_brief_min))
        .chain(incident.briefs.iter().map(|b| b.published_at + every));
    let ends = incident
        .briefs
        .iter()
        .map(|b| Some(b.published_at))
        .chain([None]);
    let stretches = starts.zip(ends).map(|(first_due_at, ended_at)| Stretch {
        first_due_at,
        every,
        ended_at,
    });
    let mut all = promises(stretches, resolved_at.unwrap_or(now));
    if resolved_at.is_some() {
        all.retain(|p| p.state != PromiseState::Owed);
    }
    all
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
        let stretch = Stretch {
            first_due_at: at(60),
            every: Duration::minutes(60),
            ended_at: ended_min.map(at),
        };
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
        let stretch = Stretch {
            first_due_at: at(60),
            every: Duration::minutes(60),
            ended_at: None,
        };
        let owed = |now| {
            promises([stretch], at(now))
                .last()
                .map(|p| (p.due_at, p.state))
        };
        assert_eq!(owed(30), Some((at(60), PromiseState::Owed)));
        assert_eq!(owed(61), Some((at(120), PromiseState::Owed)));
    }
}
