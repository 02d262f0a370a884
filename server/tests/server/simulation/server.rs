//! The server of a run: the real log on a file, which ends well or badly and is replaced by an older copy.

use domain::{Person, PersonId, Policy};
use server::clock::ServerClock;
use server::log::Log;
use server::store::{Account, SqliteStore, Store};
use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use tempfile::TempDir;
use uuid::Uuid;

pub struct Server {
    folder: TempDir,
    /// Names given to files so far.
    files: u32,
    file: PathBuf,
    pub clock: ServerClock,
    /// How far the clock was set.
    pub set_ms: Rc<Cell<i64>>,
    /// By how much it was set last.
    last_set_ms: i64,
    pub store: Arc<SqliteStore>,
    /// What tabs ask: each start puts another one here.
    pub log: Rc<RefCell<Log>>,
}

/// The first one is the administrator.
pub fn account(n: u128) -> Account {
    Account {
        person: Person {
            id: PersonId(Uuid::from_u128(n)),
            name: format!("Person {n}"),
            title: "Support".to_owned(),
            administrator: n == 1,
        },
        email: format!("{n}@acme.example"),
        password_hash: None,
    }
}

/// In memory where the machine has such a folder: nothing here is about a disk.
fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

async fn open(file: &Path) -> Arc<SqliteStore> {
    let url = format!("sqlite://{}", file.display());
    Arc::new(SqliteStore::open(&url).await.unwrap())
}

async fn serve(store: &Arc<SqliteStore>, clock: &ServerClock) -> Log {
    let store = Arc::clone(store) as Arc<dyn Store>;
    let log = Log::start(store, Policy::default(), clock.clone());
    log.await.unwrap()
}

impl Server {
    pub async fn new(people: impl IntoIterator<Item = u128>) -> Self {
        let (folder, clock) = (folder(), ServerClock::default());
        let file = folder.path().join("0.db");
        let store = open(&file).await;
        for n in people {
            assert!(store.add_account(&account(n)).await.unwrap());
        }
        let log = serve(&store, &clock).await;
        Self {
            folder,
            files: 0,
            file,
            clock,
            set_ms: Rc::default(),
            last_set_ms: 0,
            store,
            log: Rc::new(RefCell::new(log)),
        }
    }

    pub fn log(&self) -> Log {
        self.log.borrow().clone()
    }

    fn new_file(&mut self) -> PathBuf {
        self.files += 1;
        self.folder.path().join(format!("{}.db", self.files))
    }

    async fn stop(&self) {
        self.log().shutdown().await;
        self.store.close().await;
    }

    async fn start(&mut self) {
        self.store = open(&self.file).await;
        let log = serve(&self.store, &self.clock).await;
        *self.log.borrow_mut() = log;
    }

    /// What is on its way to a tab may arrive: it was sent before.
    pub async fn restart(&mut self) {
        self.stop().await;
        self.start().await;
    }

    /// It goes on from what was on disk at this moment, with nothing put in order before.
    pub async fn crash(&mut self) {
        let (before, after) = (self.file.clone(), self.new_file());
        std::fs::copy(&before, &after).unwrap();
        let wal = |file: &Path| PathBuf::from(format!("{}-wal", file.display()));
        if wal(&before).exists() {
            std::fs::copy(wal(&before), wal(&after)).unwrap();
        }
        self.stop().await;
        self.file = after;
        self.start().await;
    }

    pub async fn back_up(&mut self) -> PathBuf {
        let backup = self.new_file();
        self.store.backup(&backup).await.unwrap();
        backup
    }

    /// It goes on from an older copy.
    pub async fn restore(&mut self, backup: PathBuf) {
        self.stop().await;
        self.file = backup;
        self.start().await;
    }

    /// Somebody sets the clock.
    pub fn set_clock(&mut self, ms: i64) {
        self.clock.advance_wall(ms);
        self.set_ms.set(self.set_ms.get() + ms);
        self.last_set_ms = ms;
    }

    /// Somebody sets it back to what it was.
    pub fn undo_clock(&mut self) {
        self.set_clock(-self.last_set_ms);
        self.last_set_ms = 0;
    }

    /// The administrator says that it is right.
    pub async fn confirm_clock(&self) {
        let seen = self.clock.wall();
        let administrator = account(1).person.to_ref();
        let log = self.log();
        log.confirm_clock(administrator, seen).await.unwrap();
    }
}
