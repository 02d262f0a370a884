//! The device of this page's browser (IndexedDB), as the replica uses it.
//!
//! Architecture invariant (D4): what one person wrote is in the tables `Outbox` and `Drafts`, under their
//! id. Every other table is of the record, of one session, which a row of it names. When that session
//! ends, `server/assets/rights.js` clears every store of the database but these two.

use super::outbox::{self as commands, Author, Left};
use super::storage::indexed_db::IndexedDb;
use super::storage::{Change, Storage as _, Table};
use super::{Replica, record_rows, rights};
use crate::api::Snapshot;
use domain::{CommandId, Envelope};
use leptos::task::spawn_local;

/// Keeps a command, then has it sent. Sent only once it is kept: a crash in between must not
/// leave its author believing in something that nobody has.
pub(super) fn keep(replica: Replica, envelope: Envelope) {
    spawn_local(async move {
        commands::keep(&IndexedDb, author(replica), envelope).await;
        super::sync::kick(replica);
    });
}

/// The same for commands of an earlier session that their author has confirmed, without those that were
/// confirmed or discarded in another tab.
pub(super) fn keep_confirmed(replica: Replica, mut confirmed: Vec<Envelope>) {
    spawn_local(async move {
        let left = outbox(replica).await.unconfirmed;
        confirmed.retain(|c| left.iter().any(|l| l.id == c.id));
        for envelope in &confirmed {
            commands::keep(&IndexedDb, author(replica), envelope.clone()).await;
        }
        replica.take_up(confirmed);
        super::sync::kick(replica);
    });
}

/// Lets go of a command that is on the server's disk, or that its author has dealt with.
pub(super) fn settle(id: CommandId) {
    spawn_local(async move {
        commands::settle(&IndexedDb, id).await;
    });
}

/// What this person left on the device.
pub(super) async fn outbox(replica: Replica) -> Left {
    commands::load(&IndexedDb, &author(replica)).await
}

/// Whose what is written here is.
pub(super) fn author(replica: Replica) -> Author {
    Author {
        person: replica.me().id,
        session: rights::session(),
    }
}

/// The last known state, if it is that of the session which is open.
pub async fn snapshot() -> Option<Snapshot> {
    if !rights::is_open() {
        return None;
    }
    let kept = record_rows::load(&IndexedDb, super::device_time(), &rights::session()).await;
    // An older build did not say of which session it was.
    kept.filter(rights::is_of)
}

/// Keeps a text half written.
pub fn keep_draft(key: String, json: String) {
    spawn_local(write_draft(key, Some(json)));
}

/// A text half written, handed to `found`. Not generic: the browser's half holds it once.
pub fn draft(key: String, found: Box<dyn FnOnce(&str)>) {
    spawn_local(async move {
        if let Some(json) = IndexedDb.get(Table::Drafts, &key).await {
            found(&json);
        }
    });
}

/// Lets go of a text that was published or put aside.
pub fn drop_draft(key: String) {
    spawn_local(write_draft(key, None));
}

async fn write_draft(key: String, json: Option<String>) {
    let name = key.clone();
    let change = |_| vec![Change { key, json }];
    IndexedDb.update(Table::Drafts, &name, change).await;
}
