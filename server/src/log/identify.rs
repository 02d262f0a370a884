//! Once, at the first start with ids of customers: each incident whose record names a customer by a
//! name alone gets one event that says which account bears the name on this day, or that none does.
//!
//! It is done before anybody is served: no name can be given to another account meanwhile. Stopped
//! half way, the next start goes on; the id of each command follows from the incident, so that it
//! acts once. An incident that is damaged takes nothing: it is left for the start at which it can be read again.

use super::batch::Ask;
use super::writer::Push;
use super::{Shared, answered, drumbeat, fault, load};
use crate::store::StoreError;
use app::api::{ApiError, Outcome};
use domain::customer::Bearer;
use domain::{Command, CommandId, Envelope, Event, Incident, IncidentId, Recorded, Time};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use uuid::Builder;

/// Where an older event names a customer.
const FIELDS: [&str; 3] = ["customer", "customers", "name"];
/// Incidents in one transaction.
const CHUNK: usize = 200;

/// Returns when every incident has ids.
pub(super) async fn identify(
    shared: &Shared,
    queue: &mpsc::Sender<Push>,
) -> Result<(), StoreError> {
    let store = shared.store.as_ref();
    let all = store.unidentified().await?;
    if all.is_empty() {
        return Ok(());
    }
    let mut identified = 0;
    let mut left = Vec::new();
    for chunk in all.chunks(CHUNK) {
        let mut asks = Vec::new();
        for id in chunk {
            let Some(incident) = load(store, *id, u64::MAX).await? else {
                continue;
            };
            if incident.unreadable.is_some() {
                left.push(*id);
                continue;
            }
            let names = incident.unidentified_names();
            if incident.customers_identified || names.is_empty() {
                continue;
            }
            let log = store.log(*id).await?;
            asks.push(ask(&incident, bearers(shared, &names, &log).await?, shared));
        }
        let sent = asks.len();
        let refused = send(queue, asks).await?;
        identified += sent - refused.len();
        left.extend(refused);
    }
    store.end_identifying(&left).await?;
    if !left.is_empty() {
        tracing::error!(
            incidents = left.len(),
            "these could not be given ids of customers; the next start tries again"
        );
    }
    if identified > 0 {
        tracing::info!(
            incidents = identified,
            "customers that were known by name have ids now"
        );
    }
    Ok(())
}

/// The incidents that took nothing.
async fn send(queue: &mpsc::Sender<Push>, asks: Vec<Ask>) -> Result<Vec<IncidentId>, StoreError> {
    if asks.is_empty() {
        return Ok(Vec::new());
    }
    let incidents: Vec<IncidentId> = asks.iter().map(|ask| ask.envelope.incident).collect();
    let unwritten = |error: ApiError| StoreError::Unavailable(error.to_string());
    let (push, answer) = Push::new(asks);
    let sent = queue.send(push).await;
    sent.map_err(|_| unwritten(fault::busy()))?;
    let answers = answered(answer).await.map_err(unwritten)?;
    let refused = incidents
        .into_iter()
        .zip(answers)
        .filter(|(_, answer)| answer.outcome != Outcome::Accepted);
    Ok(refused.map(|(incident, _)| incident).collect())
}

/// Names are exact: another spelling was never read by that account. Who was changed after a name was last
/// used may have got the name by that, and is not named.
async fn bearers(
    shared: &Shared,
    names: &[String],
    log: &[Recorded],
) -> Result<Vec<Bearer>, StoreError> {
    let wanted: Vec<&str> = names.iter().map(String::as_str).collect();
    let found = shared.store.accounts_named(&wanted).await?;
    let bearer = |name: &String| Bearer {
        name: name.clone(),
        account: found
            .iter()
            .find(|kept| kept.account.name == *name)
            .filter(|kept| last_use(log, name).is_some_and(|at| kept.changed_at <= at))
            .map(|kept| kept.account.id),
    };
    Ok(names.iter().map(bearer).collect())
}

/// When somebody last named a customer so.
fn last_use(log: &[Recorded], name: &str) -> Option<Time> {
    let names_them = |event: &Event| {
        let texts = domain::json::texts(event);
        texts
            .iter()
            .any(|(field, text)| FIELDS.contains(field) && text == name)
    };
    let last = log.iter().rev().find(|r| names_them(&r.event));
    last.map(|r| r.at)
}

fn ask(incident: &Incident, bearers: Vec<Bearer>, shared: &Shared) -> Ask {
    Ask {
        actor: drumbeat(),
        envelope: Envelope {
            id: command_id(incident),
            incident: incident.id,
            made_at: shared.clock.now(),
            command: Command::IdentifyCustomers { bearers },
        },
        // A clock that is not believed does not keep the server from its start.
        at: Some(shared.clock.now()),
        of_session: false,
        from: String::new(),
    }
}

fn command_id(incident: &Incident) -> CommandId {
    let mut hash = Sha256::new();
    hash.update("customers_identified");
    hash.update(incident.id.0.as_bytes());
    let hash: [u8; 32] = hash.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    CommandId(Builder::from_custom_bytes(bytes).into_uuid())
}
