//! The log over a real file database: one writer, many authors, bad days.

mod asks;
mod bad_days;
mod credit;
mod customers;
mod damage;
mod identify;
mod links;
mod pages;
mod people;
mod reading;
mod references;
mod snapshots;
mod trouble;
mod writing;

use super::{Live, Log};
use crate::clock::ServerClock;
use crate::store::{SqliteStore, Store};
use app::api::Outcome;
use asks::{account, person};
use domain::{Command, Envelope, Incident, Policy, Recorded};
use std::sync::Arc;
use tempfile::TempDir;
use trouble::Troubled;

/// A log in a folder of its own, on a store that can be made to fail.
struct Place {
    folder: TempDir,
    store: Arc<Troubled>,
    log: Log,
}

impl Place {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (store, log) = start(&folder).await;
        Self { folder, store, log }
    }

    /// The server stops and starts again.
    async fn restarted(self) -> Self {
        self.log.shutdown().await;
        self.store.close().await;
        let (store, log) = start(&self.folder).await;
        Self {
            folder: self.folder,
            store,
            log,
        }
    }

    async fn push_one(&self, envelope: Envelope) -> Outcome {
        let mut answers = self.log.push(person(1), vec![envelope]).await.unwrap();
        answers.pop().unwrap().outcome
    }

    async fn all_events(&self) -> Vec<Recorded> {
        self.store.since(0, u32::MAX).await.unwrap()
    }

    /// Memory holds what a fold of the whole log gives; nothing more is said of S3 by a server.
    async fn memory_is_the_log(&self) {
        let events = self.all_events().await;
        assert_eq!(self.log.head(), events.len() as u64);
        assert!(
            events
                .iter()
                .enumerate()
                .all(|(i, r)| r.seq == i as u64 + 1),
            "gap-free"
        );
        assert!(events.is_sorted_by_key(|r| r.at), "`at` never goes back");
        let mut folded: Vec<Incident> = Vec::new();
        for event in &events {
            let known = folded.iter_mut().find(|i| i.id == event.incident);
            match known {
                Some(incident) => incident.apply(event),
                None => folded.push(Incident::fold(event.incident, [event])),
            }
        }
        let live: Live = folded
            .iter()
            .filter(|i| i.is_open() || i.is_to_triage())
            .map(|i| (i.id, Arc::new(i.clone())))
            .collect();
        assert_eq!(*self.log.live(), live);
        let mut told: Vec<_> = folded
            .iter()
            .filter(|i| !i.updates.is_empty())
            .cloned()
            .collect();
        told.sort_by_key(|i| std::cmp::Reverse((i.updates.last().unwrap().published_at, i.id)));
        let shown: Vec<_> = self
            .log
            .published()
            .iter()
            .map(|i| Incident::clone(i))
            .collect();
        assert_eq!(shown, told);
        for incident in folded.iter().filter(|i| i.number.is_some()) {
            let (head, read) = self.log.incident(incident.number.unwrap()).await.unwrap();
            assert_eq!((head, &*read), (self.log.head(), incident));
        }
        assert!(self.store.verify().await.unwrap().faults.is_empty());
    }
}

/// What an entry says that the decision trips over, as over a fault of ours.
const PANICS: &str = "A fault of ours";

pub(super) fn panic_at(command: &Command) {
    if let Command::LogEntry { text, .. } = command {
        assert_ne!(text, PANICS);
    }
}

async fn start(folder: &TempDir) -> (Arc<Troubled>, Log) {
    let url = format!("sqlite://{}", folder.path().join("drumbeat.db").display());
    let store = Arc::new(Troubled::new(SqliteStore::open(&url).await.unwrap()));
    for n in 1..=4 {
        // Known already after a restart.
        let _added: bool = store.add_account(&account(n)).await.unwrap();
    }
    let shared = Arc::clone(&store) as Arc<dyn Store>;
    let log = Log::start(shared, Policy::default(), ServerClock::default())
        .await
        .unwrap();
    (store, log)
}
