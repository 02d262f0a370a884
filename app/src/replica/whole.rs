//! One incident as the server has told it: its log, which the device keeps, and what that folds to,
//! which the screens read.

use domain::{Incident, IncidentId, Record, Recorded};
use std::sync::Arc;

/// An incident held whole. The two never differ: `folded` is the fold of `record`.
#[derive(Clone, Debug)]
pub(super) struct Whole {
    record: Record,
    folded: Arc<Incident>,
}

impl Whole {
    /// None when the record is not whole.
    pub(super) fn of(record: Record) -> Option<Self> {
        let folded = Arc::new(record.fold()?);
        Some(Self { record, folded })
    }

    pub(super) fn id(&self) -> IncidentId {
        self.folded.id
    }

    pub(super) fn version(&self) -> u64 {
        self.folded.version
    }

    pub(super) fn record(&self) -> &Record {
        &self.record
    }

    pub(super) fn folded(&self) -> &Arc<Incident> {
        &self.folded
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
        self.record.push(next);
        true
    }
}
