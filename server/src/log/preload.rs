//! Incidents that are not in memory are read before a push waits for the writer: whoever names many closed ones
//! waits for them, and nobody else does.

use super::{Log, Shared, door, fault, load};
use crate::store::{Store, StoreError};
use app::api::ApiError;
use domain::{Envelope, Incident, IncidentId};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Incidents of one push that may have to be read. A browser that has more sends fewer at once.
const READ_MAX: usize = 64;
/// Pushes that are read for at the same time.
pub(super) const AT_ONCE: usize = 2;

/// Incidents as they were at a place in the log; none where there was nothing then.
#[derive(Default)]
pub(super) struct Preloaded(HashMap<IncidentId, (u64, Option<Arc<Incident>>)>);

impl Preloaded {
    /// Takes in what was read for another push; what was read last counts.
    pub(super) fn extend(&mut self, other: Self) {
        for (id, read) in other.0 {
            let newest = self.0.entry(id).or_insert_with(|| read.clone());
            if read.0 > newest.0 {
                *newest = read;
            }
        }
    }

    /// What was read of this incident, and at which place in the log.
    pub(super) fn find(&self, id: IncidentId) -> Option<&(u64, Option<Arc<Incident>>)> {
        self.0.get(&id)
    }
}

impl Log {
    /// Reads the incidents of these commands that are not in memory.
    pub(super) async fn preloaded(&self, commands: &[Envelope]) -> Result<Preloaded, ApiError> {
        let named = commands.iter().flat_map(|e| {
            let other = door::other_incident(&e.command);
            [Some(e.incident), other].into_iter().flatten()
        });
        let ids: BTreeSet<IncidentId> = named.collect();
        let (head, missing) = missing(&self.shared, ids);
        if missing.is_empty() {
            return Ok(Preloaded::default());
        }
        if missing.len() > READ_MAX {
            return Err(ApiError::BadRequest {
                detail: format!("Send commands for at most {READ_MAX} closed incidents at once."),
            });
        }
        let turn = self.shared.preloading.acquire().await;
        let _turn = turn.map_err(|_| fault::busy())?;
        let store = self.shared.store.as_ref();
        let mut read = load_all(store, &missing, head)
            .await
            .map_err(fault::unread)?;
        let read = missing.into_iter().map(|id| (id, (head, read.remove(&id))));
        Ok(Preloaded(read.collect()))
    }
}

fn missing(shared: &Shared, ids: BTreeSet<IncidentId>) -> (u64, Vec<IncidentId>) {
    let view = shared.view();
    let missing = ids.into_iter().filter(|id| view.find(*id).is_none());
    (view.head, missing.collect())
}

/// These incidents folded up to `head`; those that there were then.
pub(super) async fn load_all(
    store: &dyn Store,
    ids: &[IncidentId],
    head: u64,
) -> Result<HashMap<IncidentId, Arc<Incident>>, StoreError> {
    let mut incidents = HashMap::new();
    for id in ids {
        if let Some(incident) = load(store, *id, head).await? {
            incidents.insert(*id, incident);
        }
    }
    Ok(incidents)
}
