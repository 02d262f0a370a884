//! What is kept on the device (IndexedDB): commands that wait, texts half written, and the
//! last known board and rooms. It outlives a reload, a crash and a dead network (S5).

use super::Replica;
use super::core::Returned;
use crate::api::Snapshot;
use domain::json::from_str;
use domain::{CommandId, Envelope, PersonId, Time, order};
use idb::{Database, DatabaseEvent, Factory, ObjectStoreParams, Query, TransactionMode};
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsValue;

const NAME: &str = "drumbeat";
const VERSION: u32 = 1;
const OUTBOX: &str = "outbox";
const DRAFTS: &str = "drafts";
const LAST: &str = "last";
const SNAPSHOT: &str = "snapshot";
const KEPT_AT: &str = "kept_at";

/// A command on the device, with whose it is: the next person to sign in on this device does
/// not send it.
#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    person: PersonId,
    envelope: Envelope,
    refusal: Option<domain::Refusal>,
}

thread_local! {
    static DATABASE: RefCell<Option<Rc<Database>>> = const { RefCell::new(None) };
}

/// Keeps a command, then has it sent. Sent only once it is kept: a crash in between must not
/// leave its author believing in something that nobody has.
pub(super) fn keep(replica: Replica, envelope: Envelope) {
    spawn_local(async move {
        let kept = Kept {
            person: replica.me().id,
            envelope,
            refusal: None,
        };
        put(OUTBOX, &kept.envelope.id.to_string(), to_json(&kept)).await;
        super::sync::kick(replica);
    });
}

/// Keeps what came back until its author has dealt with it.
pub(super) fn keep_returned(replica: Replica, returned: Returned) {
    spawn_local(async move {
        let kept = Kept {
            person: replica.me().id,
            envelope: returned.envelope,
            refusal: Some(returned.refusal),
        };
        put(OUTBOX, &kept.envelope.id.to_string(), to_json(&kept)).await;
    });
}

/// Lets go of a command that is on the server's disk, or that its author has dealt with.
pub(super) fn settle(id: CommandId) {
    spawn_local(async move { delete(OUTBOX, &id.to_string()).await });
}

/// What this person left on the device: what waits, in order, and what came back.
pub(super) async fn outbox(person: PersonId) -> (Vec<Envelope>, Vec<Returned>) {
    let mut kept: Vec<Kept> = all(OUTBOX).await;
    kept.retain(|k| k.person == person);
    order::by(&mut kept, |k| [k.envelope.made_at.timestamp_millis(), 0, 0]);
    let (mut waiting, mut returned) = (Vec::new(), Vec::new());
    for k in kept {
        match k.refusal {
            None => waiting.push(k.envelope),
            Some(refusal) => returned.push(Returned {
                envelope: k.envelope,
                refusal,
            }),
        }
    }
    (waiting, returned)
}

/// Keeps the last known state, to open without a network.
pub(super) async fn keep_snapshot(snapshot: &Snapshot) {
    put(LAST, SNAPSHOT, to_json(snapshot)).await;
    put(LAST, KEPT_AT, to_json(&super::device_time())).await;
}

/// The last known state.
pub async fn snapshot() -> Option<Snapshot> {
    // From an older build it may not read: then it is as if nothing was kept.
    let mut snapshot: Snapshot = from_str(&get(LAST, SNAPSHOT).await?).ok()?;
    // Time went on while nothing ran: by as much as the device says.
    let kept_at = get(LAST, KEPT_AT)
        .await
        .and_then(|json| from_str::<Time>(&json).ok());
    let away = kept_at.map_or_else(chrono::Duration::zero, |at| super::device_time() - at);
    snapshot.now += away.max(chrono::Duration::zero());
    Some(snapshot)
}

/// Keeps a text half written.
pub fn keep_draft(key: String, json: String) {
    spawn_local(async move { put(DRAFTS, &key, Some(json)).await });
}

/// A text half written, handed to `found`. Not generic: the browser's half holds it once.
pub fn draft(key: String, found: Box<dyn FnOnce(&str)>) {
    spawn_local(async move {
        if let Some(json) = get(DRAFTS, &key).await {
            found(&json);
        }
    });
}

/// Lets go of a text that was published or put aside.
pub fn drop_draft(key: String) {
    spawn_local(async move { delete(DRAFTS, &key).await });
}

/// Private browsing may forbid a database; the app then works without one, and says nothing
/// is kept only by what it cannot open later.
async fn database() -> Option<Rc<Database>> {
    if let Some(open) = DATABASE.with(|d| d.borrow().clone()) {
        return Some(open);
    }
    let mut request = Factory::new().ok()?.open(NAME, Some(VERSION)).ok()?;
    request.on_upgrade_needed(|event| {
        let Ok(database) = event.database() else {
            return;
        };
        for name in [OUTBOX, DRAFTS, LAST] {
            // It exists already when a later version upgrades: nothing to do then.
            let _ = database.create_object_store(name, ObjectStoreParams::new());
        }
    });
    let open = Rc::new(request.await.ok()?);
    DATABASE.with(|d| *d.borrow_mut() = Some(Rc::clone(&open)));
    Some(open)
}

fn to_json<T: Serialize>(value: &T) -> Option<String> {
    Some(domain::json::to_string(value))
}

async fn put(store: &str, key: &str, json: Option<String>) {
    let Some(json) = json else { return };
    let _ = try_write(store, |s| {
        s.put(&JsValue::from_str(&json), Some(&JsValue::from_str(key)))
            .map(drop)
    })
    .await;
}

async fn delete(store: &str, key: &str) {
    let _ = try_write(store, |s| {
        s.delete(Query::Key(JsValue::from_str(key))).map(drop)
    })
    .await;
}

async fn try_write(
    store: &str,
    write: impl FnOnce(&idb::ObjectStore) -> Result<(), idb::Error>,
) -> Option<()> {
    let database = database().await?;
    let transaction = database
        .transaction(&[store], TransactionMode::ReadWrite)
        .ok()?;
    write(&transaction.object_store(store).ok()?).ok()?;
    transaction.commit().ok()?.await.ok()?;
    Some(())
}

async fn get(store: &str, key: &str) -> Option<String> {
    let database = database().await?;
    let transaction = database
        .transaction(&[store], TransactionMode::ReadOnly)
        .ok()?;
    let request = transaction
        .object_store(store)
        .ok()?
        .get(JsValue::from_str(key))
        .ok()?;
    request.await.ok()??.as_string()
}

async fn all<T: DeserializeOwned>(store: &str) -> Vec<T> {
    let read = async {
        let database = database().await?;
        let transaction = database
            .transaction(&[store], TransactionMode::ReadOnly)
            .ok()?;
        transaction
            .object_store(store)
            .ok()?
            .get_all(None, None)
            .ok()?
            .await
            .ok()
    };
    let values = read.await.unwrap_or_default();
    values
        .into_iter()
        .filter_map(|v| from_str(&v.as_string()?).ok())
        .collect()
}
