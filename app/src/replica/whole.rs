//! One incident as the server has told it: its log, which the device keeps, and what that folds to,
//! which the screens read.

use domain::{Abridged, Event, Incident, IncidentId, Record, Recorded};
use std::sync::Arc;

/// The log of an incident, whole or as much of it as a board needs.
#[derive(Clone, Debug)]
pub(super) enum Kept {
    /// From its first event on.
    Whole(Record),
    /// Its timeline is not here: fetched when its room is opened.
    Abridged(Abridged),
}

/// An incident that is held. The two never differ: `folded` is the fold of `kept`.
#[derive(Clone, Debug)]
pub(super) struct Whole {
    kept: Kept,
    folded: Arc<Incident>,
    /// Whether an event in it is of a kind that this build does not know.
    is_beyond: bool,
}

/// Whether it is of a kind that this build does not know.
pub(super) fn is_unknown(recorded: &Recorded) -> bool {
    // One that is damaged where it is kept is refused by the rules themselves.
    matches!(recorded.event, Event::Unknown(_)) && !recorded.event.is_unreadable()
}

impl Whole {
    /// None when the record is not whole.
    pub(super) fn of(record: Record) -> Option<Self> {
        let folded = Arc::new(record.fold()?);
        let is_beyond = record.events().any(is_unknown);
        let kept = Kept::Whole(record);
        Some(Self {
            kept,
            folded,
            is_beyond,
        })
    }

    /// None when it has no beginning.
    pub(super) fn abridged(abridged: Abridged) -> Option<Self> {
        let folded = Arc::new(abridged.fold()?);
        let is_beyond = abridged.events.iter().any(is_unknown);
        let kept = Kept::Abridged(abridged);
        Some(Self {
            kept,
            folded,
            is_beyond,
        })
    }

    pub(super) fn id(&self) -> IncidentId {
        self.folded.id
    }

    pub(super) fn version(&self) -> u64 {
        self.folded.version
    }

    pub(super) fn kept(&self) -> &Kept {
        &self.kept
    }

    fn events(&self) -> Box<dyn DoubleEndedIterator<Item = &Recorded> + '_> {
        match &self.kept {
            Kept::Whole(record) => Box::new(record.events()),
            Kept::Abridged(abridged) => Box::new(abridged.events.iter()),
        }
    }

    /// Place in the log of the last event held.
    pub(super) fn last_seq(&self) -> Option<u64> {
        self.events().next_back().map(|last| last.seq)
    }

    /// The events held that stand after this place in the log, the last first.
    pub(super) fn events_after(&self, head: u64) -> impl Iterator<Item = &Recorded> {
        self.events().rev().take_while(move |r| r.seq > head)
    }

    pub(super) fn is_whole(&self) -> bool {
        matches!(self.kept, Kept::Whole(_))
    }

    pub(super) fn folded(&self) -> &Arc<Incident> {
        &self.folded
    }

    pub(super) fn is_beyond(&self) -> bool {
        self.is_beyond
    }

    /// Whether `other` of the same incident says more.
    pub(super) fn is_less_than(&self, other: &Self) -> bool {
        let rank = |w: &Self| (w.version(), w.is_whole());
        rank(self) < rank(other)
    }

    /// The next event. One that it has already is passed over; false when one before it is missing.
    pub(super) fn take(&mut self, next: Recorded) -> bool {
        if next.version <= self.version() {
            return true;
        }
        if !self.folded.is_followed_by(&next) {
            return false;
        }
        Arc::make_mut(&mut self.folded).apply(&next);
        self.is_beyond |= is_unknown(&next);
        match &mut self.kept {
            Kept::Whole(record) => record.push(next),
            Kept::Abridged(abridged) => abridged.push(next),
        }
        true
    }
}
