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
use domain::customer::{Customer, CustomerId, CustomerRef};
use domain::update::Audience;
use domain::{AccountId, Command, CommandId, Envelope, Incident, IncidentId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
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
        let alone = without_line(shared, &shown).await.map_err(fault::unread)?;
        if all.is_empty() && alone.is_empty() {
            return Ok(());
        }
        let renamed = all
            .into_iter()
            .map(|(incident, was, name)| (incident, rename_line(was, name)));
        let added = alone.into_iter();
        let added = added.map(|(incident, customer)| (incident, Command::AddCustomer { customer }));
        let mut all = renamed.chain(added).peekable();
        while all.peek().is_some() {
            let asks = all.by_ref().take(CHUNK);
            let asks = asks.map(|(incident, command)| ask(shared, incident, command));
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
    let asks = all.map(|(incident, was, name)| ask(shared, incident, rename_line(was, name)));
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
    // A closed one may be kept for two reasons.
    let mut once = BTreeSet::new();
    all.filter(|i| once.insert(i.id)).cloned().collect()
}

/// Whether what was learned may follow once it is closed.
fn is_told(incident: &Incident) -> bool {
    incident.resolution_published() && incident.unreadable.is_none()
}

/// The accounts that were told of open incidents and have no line there, by a name that is not theirs any more, with
/// the one of today. Only a line has a name that can be changed: they get one.
async fn without_line(
    shared: &Shared,
    incidents: &[Arc<Incident>],
) -> Result<Vec<(IncidentId, CustomerRef)>, StoreError> {
    let open = incidents.iter().filter(|i| i.is_open());
    let readers = open.flat_map(|incident| {
        let told = incident.updates.iter().map(|u| &u.text.audience);
        let declared = incident.declared.iter().map(|d| &d.audience);
        let named = told.chain(declared).flat_map(Audience::named);
        let of_account = named.filter(|reader| reader.id.account().is_some());
        let alone = of_account.filter(|reader| incident.customer(reader.id).is_none());
        alone.map(|reader| (incident.id, reader))
    });
    let readers: Vec<(IncidentId, &CustomerRef)> = readers.collect();
    let accounts = readers.iter().filter_map(|(_, reader)| reader.id.account());
    let accounts: BTreeSet<AccountId> = accounts.collect();
    if accounts.is_empty() {
        return Ok(Vec::new());
    }
    let accounts = Vec::from_iter(accounts);
    let names = shared.store.account_names(&accounts).await?;
    let names: HashMap<AccountId, String> = names.into_iter().collect();
    let mut renamed: BTreeMap<(IncidentId, CustomerId), CustomerRef> = BTreeMap::new();
    for (incident, reader) in readers {
        let name = reader.id.account().and_then(|account| names.get(&account));
        // An entry that bears either name may be the same customer: it is joined by hand.
        let may_be = |name: &str| {
            let on_it = incidents.iter().filter(|i| i.id == incident);
            let mut lines = on_it.flat_map(|i| &i.customers);
            lines.any(|line| {
                line.account.is_none() && (line.name == name || line.name == reader.name)
            })
        };
        if let Some(name) = name.filter(|name| **name != reader.name && !may_be(name)) {
            let reader = CustomerRef::new(reader.id, name);
            renamed.insert((incident, reader.id), reader);
        }
    }
    let renamed = renamed.into_iter();
    Ok(renamed
        .map(|((incident, _), reader)| (incident, reader))
        .collect())
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

fn rename_line(was: Customer, name: String) -> Command {
    let to = Customer {
        name,
        ..was.clone()
    };
    let (was, to) = (Box::new(was), Box::new(to));
    Command::ChangeCustomer { was, to }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the server is the author of these commands, and makes their ids"
)]
fn ask(shared: &Shared, incident: IncidentId, command: Command) -> Ask {
    Ask {
        actor: drumbeat(),
        envelope: Envelope {
            id: CommandId(Uuid::now_v7()),
            incident,
            made_at: shared.clock.now(),
            command,
        },
        at: None,
        of_session: false,
        from: String::new(),
    }
}
