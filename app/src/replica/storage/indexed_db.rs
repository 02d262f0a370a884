//! The device of a browser.

use super::{Change, Storage, Table};
use idb::{
    Database, DatabaseEvent, Factory, ObjectStore, ObjectStoreParams, Query, Transaction,
    TransactionMode,
};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsValue;

const NAME: &str = "drumbeat";
/// See [`Table::name`].
const VERSION: u32 = 1;

/// IndexedDB. It may be forbidden: nothing is found then, and nothing kept.
pub struct IndexedDb;

thread_local! {
    static DATABASE: RefCell<Option<Rc<Database>>> = const { RefCell::new(None) };
}

async fn database() -> Option<Rc<Database>> {
    if let Some(open) = DATABASE.with(|d| d.borrow().clone()) {
        return Some(open);
    }
    let mut request = Factory::new().ok()?.open(NAME, Some(VERSION)).ok()?;
    request.on_upgrade_needed(|event| {
        let Ok(database) = event.database() else {
            return;
        };
        for table in Table::ALL {
            // It exists already when a later version upgrades: nothing to do then.
            let _ = database.create_object_store(table.name(), ObjectStoreParams::new());
        }
    });
    let mut database = request.await.ok()?;
    // Others asked at the same time: one connection is enough, and the only one that is let go.
    if let Some(open) = DATABASE.with(|d| d.borrow().clone()) {
        database.close();
        return Some(open);
    }
    // Another tab wants to upgrade or to delete it, or the browser closed it: whoever holds on blocks the other tab.
    // The next one who asks opens it again, if it is still of this version.
    database.on_version_change(|_| let_go());
    database.on_close(|_| let_go());
    let open = Rc::new(database);
    DATABASE.with(|d| *d.borrow_mut() = Some(Rc::clone(&open)));
    Some(open)
}

fn let_go() {
    if let Some(open) = DATABASE.with(|d| d.borrow_mut().take()) {
        open.close();
    }
}

async fn begin(table: Table, mode: TransactionMode) -> Option<(Transaction, ObjectStore)> {
    let database = database().await?;
    let transaction = database.transaction(&[table.name()], mode).ok()?;
    let store = transaction.object_store(table.name()).ok()?;
    Some((transaction, store))
}

async fn row(store: &ObjectStore, key: &str) -> Option<String> {
    let request = store.get(JsValue::from_str(key)).ok()?;
    request.await.ok()??.as_string()
}

fn write(store: &ObjectStore, change: &Change) -> Option<()> {
    let key = JsValue::from_str(&change.key);
    match &change.json {
        Some(json) => store.put(&JsValue::from_str(json), Some(&key)).map(drop),
        None => store.delete(Query::Key(key)).map(drop),
    }
    .ok()
}

/// Not generic: the browser's half holds it once.
async fn commit(transaction: Transaction, store: ObjectStore, changes: Vec<Change>) -> Option<()> {
    for change in &changes {
        if write(&store, change).is_none() {
            let _ = transaction.abort();
            return None;
        }
    }
    transaction.commit().ok()?.await.ok()?;
    Some(())
}

impl Storage for IndexedDb {
    async fn get(&self, table: Table, key: &str) -> Option<String> {
        let (_transaction, store) = begin(table, TransactionMode::ReadOnly).await?;
        row(&store, key).await
    }

    async fn all(&self, table: Table) -> Vec<(String, String)> {
        let read = async {
            let (_transaction, store) = begin(table, TransactionMode::ReadOnly).await?;
            // Asked for in one go: a transaction in which nothing is asked ends.
            let (keys, values) = (store.get_all_keys(None, None), store.get_all(None, None));
            let (keys, values) = (keys.ok()?.await.ok()?, values.ok()?.await.ok()?);
            let rows = keys.iter().zip(values.iter());
            let texts = rows.filter_map(|(key, json)| Some((key.as_string()?, json.as_string()?)));
            Some(texts.collect())
        };
        read.await.unwrap_or_default()
    }

    async fn update(
        &self,
        table: Table,
        key: &str,
        then: impl FnOnce(Option<String>) -> Vec<Change>,
    ) -> bool {
        let Some((transaction, store)) = begin(table, TransactionMode::ReadWrite).await else {
            return false;
        };
        let changes = then(row(&store, key).await);
        commit(transaction, store, changes).await.is_some()
    }

    async fn clear(&self, table: Table) -> bool {
        let cleared = async {
            let (transaction, store) = begin(table, TransactionMode::ReadWrite).await?;
            store.clear().ok()?.await.ok()?;
            commit(transaction, store, Vec::new()).await
        };
        cleared.await.is_some()
    }
}
