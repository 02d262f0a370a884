//! An incident as what it is: its own log. This is what crosses the network and what a device keeps;
//! whoever holds it folds it, so that no folded state is ever written down or read.

mod abridged;

pub use abridged::Abridged;

use crate::{Incident, IncidentId, Recorded};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::Arc;

/// The events of one incident, in order and from the first one on. Copies share them.
///
/// It may come from a device or a network that garbled it: only [`Record::fold`] says whether it is whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    events: Vec<Arc<Recorded>>,
}

impl Record {
    /// One more event, the next of the same incident.
    pub fn push(&mut self, next: Recorded) {
        self.push_shared(Arc::new(next));
    }

    /// The same of one that others hold too.
    pub fn push_shared(&mut self, next: Arc<Recorded>) {
        self.events.push(next);
    }

    /// The events in order.
    pub fn events(&self) -> impl DoubleEndedIterator<Item = &Recorded> {
        self.events.iter().map(|r| &**r)
    }

    /// The last version that it holds; 0 when it is empty.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.events.last().map_or(0, |r| r.version)
    }

    /// Which incident it is of; none when it is empty.
    #[must_use]
    pub fn incident(&self) -> Option<IncidentId> {
        self.events.first().map(|r| r.incident)
    }

    /// The incident as it is after these events. None when this is not the whole log of one incident up
    /// to some version: it is empty, does not begin with the first version, lacks one, or has an event of
    /// another incident in it.
    #[must_use]
    pub fn fold(&self) -> Option<Incident> {
        let mut incident = Incident::empty(self.incident()?);
        for recorded in self.events() {
            if !incident.is_followed_by(recorded) {
                return None;
            }
            incident.apply(recorded);
        }
        Some(incident)
    }
}

impl Incident {
    /// Whether this is the event that comes next in its log.
    #[must_use]
    pub fn is_followed_by(&self, next: &Recorded) -> bool {
        next.incident == self.id && Some(next.version) == self.version.checked_add(1)
    }
}

impl FromIterator<Recorded> for Record {
    fn from_iter<I: IntoIterator<Item = Recorded>>(events: I) -> Self {
        Self {
            events: events.into_iter().map(Arc::new).collect(),
        }
    }
}

/// As the list of its events.
impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.events())
    }
}

impl<'de> Deserialize<'de> for Record {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<Recorded>::deserialize(deserializer).map(Self::from_iter)
    }
}
