//! What a tab runs on: a build, a clock that may be wrong, and a device that may fail to write.

use super::dice::Dice;
use super::gate::{Behind, Gate, Verdict};
use app::replica::storage::memory::Memory;
use app::replica::storage::{Change, Storage, Table};
use domain::{Command, Time};
use serde::de::DeserializeOwned;
use server::clock::ServerClock;
use std::cell::Cell;
use std::rc::Rc;

/// What an unknown kind of event is called in the world of an older build.
const STRANGE: &str = "\"of_a_newer_build.1\"";

/// A kind of event that a newer build added, as JSON, and the command that leads to it.
type Added = (&'static str, fn(&Command) -> bool);

const ADDED: [Added; 4] = [
    ("\"entry_amended.1\"", |c| {
        matches!(c, Command::AmendEntry { .. })
    }),
    ("\"severity_changed.1\"", |c| {
        matches!(c, Command::ChangeSeverity { .. })
    }),
    ("\"status_moved.1\"", |c| {
        matches!(c, Command::MoveStatus { .. })
    }),
    ("\"status_moved_back.1\"", |c| {
        matches!(c, Command::MoveBack { .. })
    }),
];

/// A build of the browser's half. An older one does not know one kind of event.
#[derive(Clone, Copy)]
pub struct Build {
    lacks: Option<Added>,
}

impl Build {
    pub const NEWEST: Self = Self { lacks: None };

    /// One from before a kind of event.
    pub fn older(dice: &mut Dice) -> Self {
        Self {
            lacks: Some(dice.one_of(&ADDED)),
        }
    }

    /// Whether its screens can ask for this.
    pub fn offers(self, command: &Command) -> bool {
        self.lacks.is_none_or(|(_, leads_to)| !leads_to(command))
    }

    fn reads(self, json: String) -> String {
        match self.lacks {
            Some((kind, _)) => json.replace(kind, STRANGE),
            None => json,
        }
    }

    fn writes(self, json: String) -> String {
        match self.lacks {
            Some((kind, _)) => json.replace(STRANGE, kind),
            None => json,
        }
    }

    /// Read by the browser's own reader.
    pub fn read<T: DeserializeOwned>(self, json: String) -> T {
        domain::json::from_str(&self.reads(json)).unwrap()
    }
}

/// The clock of a device.
#[derive(Clone)]
pub struct DeviceClock {
    /// The clock of the server, as it was before somebody set it.
    pub server: ServerClock,
    /// How far the server's clock was set since.
    pub set_ms: Rc<Cell<i64>>,
    /// How far this one is off.
    pub skew_ms: Rc<Cell<i64>>,
}

impl DeviceClock {
    pub fn now(&self) -> Time {
        let off = self.skew_ms.get() - self.set_ms.get();
        self.server.wall() + chrono::Duration::milliseconds(off)
    }
}

/// A device as one tab sees it. Tabs on the same device share its memory.
#[derive(Clone)]
pub struct Device {
    pub memory: Memory,
    pub build: Build,
    pub gate: Rc<Gate>,
}

impl Storage for Device {
    async fn get(&self, table: Table, key: &str) -> Option<String> {
        let row = self.memory.get(table, key).await;
        row.map(|json| self.build.reads(json))
    }

    async fn all(&self, table: Table) -> Vec<(String, String)> {
        let rows = self.memory.all(table).await.into_iter();
        rows.map(|(key, json)| (key, self.build.reads(json)))
            .collect()
    }

    /// Nothing is written before the gate: a tab that ends there leaves all as it was.
    async fn update(
        &self,
        table: Table,
        key: &str,
        then: impl FnOnce(Option<String>) -> Vec<Change>,
    ) -> bool {
        if self.gate.wait(Behind::Device).await == Verdict::Fail {
            return false;
        }
        let build = self.build;
        let then = |row: Option<String>| {
            let changes = then(row.map(|json| build.reads(json))).into_iter();
            let written = |change: Change| Change {
                json: change.json.map(|json| build.writes(json)),
                ..change
            };
            changes.map(written).collect()
        };
        self.memory.update(table, key, then).await
    }

    async fn clear(&self, table: Table) -> bool {
        self.memory.clear(table).await
    }
}
