//! What a device keeps, behind a trait: IndexedDB in a browser, memory in a simulation. It outlives a
//! reload, a crash and a dead network (S5).

#[cfg(feature = "hydrate")]
pub(super) mod indexed_db;
#[cfg(not(feature = "hydrate"))]
pub mod memory;

/// A part of what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// Commands that wait to be sent, and those that came back.
    Outbox,
    /// Texts half written.
    Drafts,
    /// What the server said last.
    Record,
}

impl Table {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Outbox, Self::Drafts, Self::Record];

    /// In the database. These names, and version 1 of the database, are as old as the first build: rows are added
    /// beside those of older builds, so that no open tab of an older one can hold up a newer one, or be shut out by it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Outbox => "outbox",
            Self::Drafts => "drafts",
            Self::Record => "last",
        }
    }
}

/// One row, written or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its name.
    pub key: String,
    /// What it holds from now on; none removes it.
    pub json: Option<String>,
}

impl Change {
    /// Writes a row.
    #[must_use]
    pub fn put(key: impl Into<String>, json: String) -> Self {
        Self {
            key: key.into(),
            json: Some(json),
        }
    }

    /// Removes a row.
    #[must_use]
    pub fn delete(key: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            json: None,
        }
    }
}

/// Rows of JSON by name. Private browsing may forbid to keep anything: then nothing is found, and nothing is kept.
#[expect(
    async_fn_in_trait,
    reason = "a browser has one thread; nothing is sent to another one"
)]
pub trait Storage {
    /// One row.
    async fn get(&self, table: Table, key: &str) -> Option<String>;

    /// All rows, by name.
    async fn all(&self, table: Table) -> Vec<(String, String)>;

    /// Reads one row and writes what `then` makes of it, in one transaction that no other tab comes in between of:
    /// all of it or nothing. Whether it is kept.
    async fn update(
        &self,
        table: Table,
        key: &str,
        then: impl FnOnce(Option<String>) -> Vec<Change>,
    ) -> bool;

    /// Removes all rows.
    async fn clear(&self, table: Table) -> bool;
}
