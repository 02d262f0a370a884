//! An account that is renamed goes by its new name on each open incident that has it: else its old name
//! would stay there, and whoever gets that name later would look the same to who publishes. It is changed by
//! a command of the server, as it is changed by hand, so that every browser hears of it.
//!
//! Done after accounts are written, at each start, because a crash may have come between the two, and when
//! status goes back: an incident that was closed may be open again, with the names of that day. In between,
//! the door puts names right (`account_names.rs`).
//!
//! Customers are told what was learned after an incident is closed, too: one that is in memory is renamed with the
//! open ones, and any other before it is shown to somebody.

use super::batch::Ask;
use super::seats::{Queue, RETRY, ROUNDS_MAX, send, until_stopped};
use super::{Shared, drumbeat, fault};
use crate::store::StoreError;
use app::api::ApiError;
use domain::customer::Customer;
use domain::{AccountId, Command, CommandId, Envelope, Incident, IncidentId};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use uuid::Uuid;

/// Commands in one push.
const CHUNK: usize = 200;

/// Ends when the writer does.
pub(super) async fn keep(shared: Arc<Shared>, queue: Queue) {
    until_stopped(&shared, forever(&shared, &queue)).await;
}

async fn forever(shared: &Shared, queue: &Queue) {
    loop {
        shared.renamed.notified().await;
        while let Err(error) = rename(shared, queue).await {
            tracing::warn!(%error, "incidents do not have the new names of accounts yet");
            tokio::time::sleep(RETRY).await;
            shared.clock.until_believed().await;
        }
    }
}

/// Renames what is called otherwise than its account. Safe to repeat: it looks at what is there.
pub(super) async fn rename(shared: &Shared, queue: &Queue) -> Result<(), ApiError> {
    let _one = shared.renaming.lock().await;
    for _ in 0..ROUNDS_MAX {
        // What was decided before the new name was known is on the record once this is answered.
        send(queue, Vec::new()).await?;
        let shown = can_be_told(shared);
        let all = outdated(shared, &shown).await.map_err(fault::unread)?;
        if all.is_empty() {
            return Ok(());
        }
        let mut all = all.into_iter().peekable();
        while all.peek().is_some() {
            let asks = all.by_ref().take(CHUNK);
            let asks = asks.map(|(incident, was, name)| ask(shared, incident, was, name));
            send(queue, asks.collect()).await?;
        }
    }
    tracing::error!("customers on incidents cannot get the new names of their accounts");
    Ok(())
}

/// The same on a closed incident, before it is shown. True where it may have changed since it was read.
pub(super) async fn rename_on(
    shared: &Shared,
    queue: &Queue,
    incident: &Arc<Incident>,
) -> Result<bool, ApiError> {
    if incident.is_open() || !is_told(incident) {
        return Ok(false);
    }
    let outdated_on = async |incident: &Arc<Incident>| {
        let all = outdated(shared, std::slice::from_ref(incident)).await;
        all.map_err(fault::unread)
    };
    if outdated_on(incident).await?.is_empty() {
        return Ok(false);
    }
    // Somebody else who looks at it may have renamed them meanwhile.
    let _one = shared.renaming.lock().await;
    let newest = shared.view().find(incident.id);
    let incident = newest.as_ref().unwrap_or(incident);
    let all = outdated_on(incident).await?.into_iter();
    let asks = all.map(|(incident, was, name)| ask(shared, incident, was, name));
    let policy = shared.view().policies.of(incident);
    // What would be refused each time that somebody looks at it is not even asked.
    let is_taken = |ask: &Ask| {
        let (command, at) = (ask.envelope.command.clone(), ask.envelope.made_at);
        domain::decide(incident, command, &ask.actor, &policy, at).is_ok()
    };
    let asks: Vec<Ask> = asks.filter(is_taken).collect();
    if !asks.is_empty() {
        send(queue, asks).await?;
    }
    Ok(true)
}

/// The incidents in memory of which customers are told something yet.
fn can_be_told(shared: &Shared) -> Vec<Arc<Incident>> {
    let view = shared.view();
    let closed = view.closed_in_memory().filter(|i| is_told(i));
    let open = view.live.values().filter(|i| i.is_open());
    let all = open.chain(closed).filter(|i| i.unreadable.is_none());
    all.cloned().collect()
}

/// Whether what was learned may follow once it is closed.
fn is_told(incident: &Incident) -> bool {
    incident.resolution_published() && incident.unreadable.is_none()
}

/// The lines on these incidents that are called otherwise than their account, with its name.
async fn outdated(
    shared: &Shared,
    incidents: &[Arc<Incident>],
) -> Result<Vec<(IncidentId, Customer, String)>, StoreError> {
    let lines = || {
        let each = incidents.iter();
        each.flat_map(|i| i.customers.iter().map(move |line| (i.id, line)))
    };
    let accounts: BTreeSet<AccountId> = lines().filter_map(|(_, line)| line.account).collect();
    if accounts.is_empty() {
        return Ok(Vec::new());
    }
    let accounts = Vec::from_iter(accounts);
    let names = shared.store.account_names(&accounts).await?;
    let names: HashMap<AccountId, String> = names.into_iter().collect();
    let outdated = lines().filter_map(|(incident, line)| {
        let name = names.get(&line.account?)?;
        (line.name != *name).then(|| (incident, line.clone(), name.clone()))
    });
    Ok(outdated.collect())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the server is the author of these commands, and makes their ids"
)]
fn ask(shared: &Shared, incident: IncidentId, was: Customer, name: String) -> Ask {
    let to = Customer {
        name,
        ..was.clone()
    };
    Ask {
        actor: drumbeat(),
        envelope: Envelope {
            id: CommandId(Uuid::now_v7()),
            incident,
            made_at: shared.clock.now(),
            command: Command::ChangeCustomer {
                was: Box::new(was),
                to: Box::new(to),
            },
        },
        at: None,
        of_session: false,
        from: String::new(),
    }
}
