//! A device in memory, for simulations: what was committed survives a crash, what was not is gone.

use super::{Change, Storage, Table};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// One device. Clones are other tabs on it.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    rows: Rc<RefCell<BTreeMap<(Table, String), String>>>,
    written: Rc<RefCell<Vec<String>>>,
}

impl Memory {
    /// Names of the rows that were written or removed since this was asked last.
    #[must_use]
    pub fn take_written(&self) -> Vec<String> {
        self.written.take()
    }

    /// Writes a row as an older build would, or a broken disk.
    pub fn put(&self, table: Table, key: &str, json: &str) {
        let key = (table, key.to_owned());
        self.rows.borrow_mut().insert(key, json.to_owned());
    }
}

impl Storage for Memory {
    async fn get(&self, table: Table, key: &str) -> Option<String> {
        self.rows.borrow().get(&(table, key.to_owned())).cloned()
    }

    async fn all(&self, table: Table) -> Vec<(String, String)> {
        let rows = self.rows.borrow();
        let own = rows.iter().filter(|((of, _), _)| *of == table);
        own.map(|((_, key), json)| (key.clone(), json.clone()))
            .collect()
    }

    async fn update(
        &self,
        table: Table,
        key: &str,
        then: impl FnOnce(Option<String>) -> Vec<Change>,
    ) -> bool {
        let before = self.get(table, key).await;
        let mut rows = self.rows.borrow_mut();
        for Change { key, json } in then(before) {
            self.written.borrow_mut().push(key.clone());
            match json {
                Some(json) => drop(rows.insert((table, key), json)),
                None => drop(rows.remove(&(table, key))),
            }
        }
        true
    }

    async fn clear(&self, table: Table) -> bool {
        self.rows.borrow_mut().retain(|(of, _), _| *of != table);
        true
    }
}
