//! Who changed the policy, when and why: told beside each version.

use crate::http::Site;
use crate::http::fault::Fault;
use domain::{Event, IncidentId, Time};

/// How one version came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// The version it made.
    pub(super) version: u32,
    /// When it was put in force.
    pub(super) at: Time,
    /// By whom.
    pub(super) by: String,
    /// What they said of it.
    pub(super) reason: String,
}

/// All changes, oldest first; the first version ships and was made by none.
pub(super) async fn read(site: &Site) -> Result<Vec<Change>, Fault> {
    let log = site.store.log(IncidentId::SETTINGS).await?;
    let changes = log.into_iter().filter_map(|recorded| match recorded.event {
        Event::PolicyChanged { policy, reason } => Some(Change {
            version: policy.version,
            at: recorded.at,
            by: recorded.by.name,
            reason,
        }),
        _ => None,
    });
    Ok(changes.collect())
}
