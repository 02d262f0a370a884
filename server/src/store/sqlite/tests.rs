//! What is SQLite's own: the file, its locks, its triggers, and whoever tampers with it.

mod keeping;
mod opening;
mod people;
mod search;
mod tampering;

use super::SqliteStore;
use super::read::RECORDS;
use crate::store::contract::{self, Scribe, command_id, declared, told};
use crate::store::{Store, StoreError, Verified};
use domain::{Event, Status};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Row as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// A folder with a database that is not made yet.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("drumbeat.db")
    }

    fn url(&self) -> String {
        url(&self.file())
    }

    /// What anybody with the file can do.
    async fn raw(&self) -> SqliteConnection {
        SqliteConnectOptions::new()
            .filename(self.file())
            .foreign_keys(false)
            .connect()
            .await
            .unwrap()
    }

    /// A log of three incidents and nine events, and the store closed again.
    async fn with_a_log() -> Self {
        let place = Self::new();
        let store = SqliteStore::open(&place.url()).await.unwrap();
        let mut scribe = Scribe::default();
        let batch = vec![
            scribe.accepted(1, 1, declared("One", 1)),
            scribe.accepted(2, 2, declared("Two", 2)),
            scribe.accepted(3, 1, told("First")),
            scribe.accepted(4, 1, told("Second")),
            scribe.accepted(
                5,
                2,
                vec![Event::StatusMoved {
                    to: Status::Contained,
                }],
            ),
            scribe.accepted(6, 3, declared("Three", 3)),
        ];
        let standings = [1, 2, 3].map(|n| scribe.standing(n));
        store.append(&batch, &standings).await.unwrap();
        assert_eq!(
            store.verify().await.unwrap(),
            Verified {
                events: 9,
                incidents: 3,
                faults: vec![]
            }
        );
        store.close().await;
        place
    }
}

fn url(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}

#[tokio::test]
async fn it_lives_through_the_story_and_a_restart() {
    let place = Place::new();
    let store = Arc::new(SqliteStore::open(&place.url()).await.unwrap());
    let written = contract::story(Arc::clone(&store) as Arc<dyn Store>).await;
    let closed = store.closed(10).await.unwrap();
    store.close().await;

    let again = SqliteStore::open(&place.url()).await.unwrap();
    assert_eq!(again.since(0, u32::MAX).await.unwrap(), written);
    assert_eq!(again.closed(10).await.unwrap(), closed);
    assert_eq!(
        again.outcome(command_id(1)).await.unwrap().unwrap().0,
        contract::ana().id
    );
    assert!(again.verify().await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn it_runs_as_the_design_says() {
    let place = Place::new();
    let store = SqliteStore::open(&place.url()).await.unwrap();
    let mut writing = store.writer.begin().await.unwrap();
    let full: i64 = sqlx::query_scalar("PRAGMA synchronous")
        .fetch_one(writing.on())
        .await
        .unwrap();
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode")
        .fetch_one(writing.on())
        .await
        .unwrap();
    let keys: bool = sqlx::query_scalar("PRAGMA foreign_keys")
        .fetch_one(writing.on())
        .await
        .unwrap();
    assert_eq!((full, mode.as_str(), keys), (2, "wal", true));
    writing.roll_back().await.unwrap();
    let written = sqlx::query("DELETE FROM people")
        .execute(&store.readers)
        .await;
    assert!(
        matches!(
            written.map_err(StoreError::from),
            Err(StoreError::Unavailable(_))
        ),
        "readers cannot write"
    );
    #[cfg(unix)]
    {
        let mode = std::fs::metadata(place.file()).unwrap();
        assert_eq!(
            std::os::unix::fs::PermissionsExt::mode(&mode.permissions()) & 0o077,
            0
        );
    }
}

#[tokio::test]
async fn records_are_found_without_looking_at_any_other_incident() {
    let place = Place::with_a_log().await;
    let mut raw = place.raw().await;
    let plan = sqlx::query(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {RECORDS}")))
        .fetch_all(&mut raw)
        .await
        .unwrap();
    let steps: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
    let by_incident = "SEARCH events USING INDEX sqlite_autoindex_events_1 (incident=?";
    assert!(
        steps.iter().any(|s| s.starts_with(by_incident)),
        "{steps:?}"
    );
    let is_slow = |s: &String| s.starts_with("SCAN events") || s.contains("TEMP B-TREE");
    assert!(!steps.iter().any(is_slow), "{steps:?}");
}

#[tokio::test]
async fn a_batch_of_any_size_is_written_in_its_order() {
    let place = Place::new();
    let store = SqliteStore::open(&place.url()).await.unwrap();
    let mut scribe = Scribe::default();
    let mut batch = vec![scribe.accepted(1, 1, declared("One", 1))];
    let mut written = Vec::new();
    // Around the sizes of a statement, and more than the largest twice over.
    for size in [1, 2, 3, 127, 128, 129, 300] {
        let next = 1 + batch.len() + written.len();
        batch.extend((0..size).map(|n| {
            let words = format!("{size}, {n}");
            scribe.accepted((next + n) as u128, 1, told(&words))
        }));
        store.append(&batch, &[scribe.standing(1)]).await.unwrap();
        written.append(&mut batch);
    }
    let events: Vec<_> = written.iter().flat_map(|d| d.events.clone()).collect();
    assert_eq!(store.since(0, u32::MAX).await.unwrap(), events);
    let ids: Vec<_> = written.iter().map(|d| d.command).collect();
    assert_eq!(store.outcomes(&ids).await.unwrap().len(), ids.len());
    assert_eq!(store.verify().await.unwrap().faults.len(), 0);
}
