//! Who waits for an update, and what ends the wait (RUNBOOK §4): an update that its readers have, and no other. What is
//! not published to an audience does not exist for it (RUNBOOK §5).

mod walk;

use crate::decide::READERS_MAX;
use crate::update::Audience;
use crate::{Incident, Policy, Time, order};
use chrono::Duration;
use walk::Walk;

/// What began a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// It was declared to them by name: they are owed the first update.
    Declared,
    /// An update that promised another one.
    Update,
    /// A reopening after they were told that it is over.
    Reopened,
}

/// A silence towards some readers until the last of them is told again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// What began it.
    pub since: Since,
    /// How many updates were published by then, the one that began it among them.
    pub updates: usize,
    /// When it began, server time.
    pub from: Time,
    /// By when the readers were to be told.
    pub promised_at: Time,
    /// The longest silence allowed when it began: each further due time comes this much later.
    pub every: Duration,
    /// When the last of the readers was told again.
    pub ended_at: Option<Time>,
    /// When the incident was closed while some of them still waited.
    pub stopped_at: Option<Time>,
    /// The readers who wait still, one each; empty once it ended or stopped.
    pub readers: Vec<Audience>,
}

impl Wait {
    /// Whether somebody waits still.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.ended_at.is_none() && self.stopped_at.is_none()
    }

    /// From when on a changed cadence counts.
    #[must_use]
    pub(crate) fn counts_from(&self) -> Time {
        match self.since {
            Since::Declared => self.promised_at + Duration::milliseconds(1),
            Since::Update | Since::Reopened => self.from,
        }
    }

    /// By when they are to be told by now: a cadence made shorter brings it nearer, one made longer leaves it standing.
    #[must_use]
    pub fn due_at(&self, retimings: &[(Time, Duration)]) -> Time {
        // The first update has a time of its own.
        if self.since == Since::Declared {
            return self.promised_at;
        }
        let since = retimings.iter().filter(|(at, _)| *at >= self.from);
        since.fold(self.promised_at, |due, (at, every)| {
            if *at < due {
                due.min(*at + *every)
            } else {
                due
            }
        })
    }

    /// The readers who wait, in words.
    #[must_use]
    pub fn readers_label(&self) -> String {
        readers_label(&self.readers)
    }
}

/// Names in one label; of the others only how many they are.
const LABEL_NAMES_MAX: usize = 3;

/// These readers in words: "Orchard Bank, Tallis Travel and 4 more".
#[must_use]
pub fn readers_label(readers: &[Audience]) -> String {
    let mut names: Vec<String> = Vec::new();
    for reader in readers {
        match reader {
            Audience::Public => return "everybody who reads the status page".to_owned(),
            named @ Audience::Named { .. } => names.push(named.label()),
        }
    }
    match names.len().saturating_sub(LABEL_NAMES_MAX) {
        0 => names.join(", "),
        more => {
            names.truncate(LABEL_NAMES_MAX);
            format!("{} and {more} more", names.join(", "))
        }
    }
}

/// Every wait that began up to `until`, in the order in which they began.
#[must_use]
pub fn waits(incident: &Incident, policy: &Policy, until: Time) -> Vec<Wait> {
    let mut moves = incident.moves.iter().filter(|m| m.at <= until).peekable();
    let mut walk = Walk::new(incident, policy);
    if let Some(declared) = &incident.declared {
        walk.declared(declared);
    }
    for (place, update) in incident.updates_until(until).iter().enumerate() {
        // By their place in the log: times may be the same, or go back once the clock was put right.
        while let Some(to) = moves.next_if(|m| m.published <= place) {
            walk.moved(to);
        }
        walk.published(update);
    }
    moves.for_each(|to| walk.moved(to));
    walk.join_until(until);
    walk.into_waits()
}

/// The waits that go on, the one that is due first before the others, with when that is.
#[must_use]
pub fn open_waits(incident: &Incident, policy: &Policy) -> Vec<(Time, Wait)> {
    let retimings = incident.retimings(policy);
    let waits = waits(incident, policy, Time::MAX_UTC).into_iter();
    let open = waits.filter(Wait::is_open);
    let mut open: Vec<(Time, Wait)> = open.map(|w| (w.due_at(&retimings), w)).collect();
    order::by(&mut open, |(due_at, _)| [order::at(Some(*due_at)), 0, 0]);
    open
}

/// The readers who are owed an update, each once: a reader is in one wait at a time.
#[must_use]
pub fn readers_waiting(incident: &Incident, policy: &Policy) -> Vec<Audience> {
    let open = open_waits(incident, policy).into_iter();
    open.flat_map(|(_, wait)| wait.readers).collect()
}

/// One update for all of these; none where nobody waits. An update names so many readers at most: the rest get another.
#[must_use]
pub fn audience_of(readers: Vec<Audience>) -> Option<Audience> {
    let mut named = Vec::new();
    for reader in readers {
        match reader {
            Audience::Public => return Some(Audience::Public),
            Audience::Named { customers } => named.extend(customers),
        }
    }
    named.truncate(READERS_MAX);
    (!named.is_empty()).then_some(Audience::Named { customers: named })
}

/// A reader whom the next update would leave waiting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderLeftOut {
    /// Who, alone.
    pub reader: Audience,
    /// By when they are to be told.
    pub due_at: Time,
    /// Since when they are owed one.
    pub since: Since,
}

/// Who waits for an update and would not read one to this audience: their page says so, whoever else is told meanwhile.
#[must_use]
pub fn readers_left_out(
    incident: &Incident,
    policy: &Policy,
    audience: &Audience,
) -> Vec<ReaderLeftOut> {
    let mut all = Vec::new();
    for (due_at, wait) in open_waits(incident, policy) {
        let since = wait.since;
        let waiting = wait.readers.into_iter();
        let not_told = waiting.filter(|reader| !audience.covers(reader, incident));
        all.extend(not_told.map(|reader| ReaderLeftOut {
            reader,
            due_at,
            since,
        }));
    }
    all
}
