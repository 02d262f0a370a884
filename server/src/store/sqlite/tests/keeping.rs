//! Locked files, full disks, and copies.

use super::{Place, url};
use crate::store::contract::{Scribe, declared, told};
use crate::store::{SqliteStore, Store, StoreError};
use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use std::sync::Arc;

#[tokio::test]
async fn a_locked_database_is_unavailable_and_comes_back() {
    let place = Place::new();
    let store = SqliteStore::open_cramped(&place.url(), None).await.unwrap();
    let mut scribe = Scribe::default();
    let batch = [scribe.accepted(1, 1, declared("One", 1))];
    let standings = [scribe.standing(1)];
    let mut other = place.raw().await;
    sqlx::raw_sql("BEGIN IMMEDIATE")
        .execute(&mut other)
        .await
        .unwrap();
    let error = store.append(&batch, &standings).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    assert!(matches!(
        store.ready().await,
        Err(StoreError::Unavailable(_))
    ));
    assert_eq!(store.head().await.unwrap(), 0, "readers read on");
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    store.ready().await.unwrap();
    store.append(&batch, &standings).await.unwrap();
    assert_eq!(store.head().await.unwrap(), 2);
}

#[tokio::test]
async fn a_full_disk_is_unavailable_and_what_was_written_stays() {
    let place = Place::new();
    SqliteStore::open(&place.url()).await.unwrap().close().await;
    let pages = pages(&place).await;
    let store = SqliteStore::open_cramped(&place.url(), Some(pages + 4))
        .await
        .unwrap();
    let mut scribe = Scribe::default();
    let first = [scribe.accepted(1, 1, declared("One", 1))];
    store.append(&first, &[scribe.standing(1)]).await.unwrap();
    let large = [scribe.accepted(2, 1, told(&"word ".repeat(20_000)))];
    for _ in 0..3 {
        let error = store
            .append(&large, &[scribe.standing(1)])
            .await
            .unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    }
    assert_eq!(store.since(0, 10).await.unwrap(), first[0].events);
    assert!(store.verify().await.unwrap().faults.is_empty());
    store.close().await;

    let roomy = SqliteStore::open(&place.url()).await.unwrap();
    roomy.append(&large, &[scribe.standing(1)]).await.unwrap();
    assert_eq!(roomy.head().await.unwrap(), 3);
    assert!(roomy.verify().await.unwrap().faults.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_while_writing_is_whole() {
    let place = Place::new();
    let store = Arc::new(SqliteStore::open(&place.url()).await.unwrap());
    let writer = tokio::spawn({
        let store = Arc::clone(&store);
        async move {
            let mut scribe = Scribe::default();
            for n in 1..=150 {
                let batch = [scribe.accepted(n, n % 7, told("Working on it"))];
                store
                    .append(&batch, &[scribe.standing(n % 7)])
                    .await
                    .unwrap();
            }
        }
    });
    let mut heads = Vec::new();
    for n in 0..4 {
        let copy = place.folder.path().join(format!("backup-{n}.db"));
        store.backup(&copy).await.unwrap();
        let copied = SqliteStore::open_existing(&url(&copy)).await.unwrap();
        let verified = copied.verify().await.unwrap();
        assert!(verified.faults.is_empty(), "{:#?}", verified.faults);
        heads.push(copied.head().await.unwrap());
        assert_eq!(verified.events, heads[n]);
        copied.close().await;
    }
    writer.await.unwrap();
    assert!(heads.is_sorted(), "{heads:?}");
    assert!(store.verify().await.unwrap().faults.is_empty());
    let left: Vec<_> = std::fs::read_dir(place.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("partial"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_backup_never_replaces_a_file() {
    let place = Place::with_a_log().await;
    let store = SqliteStore::open(&place.url()).await.unwrap();
    let copy = place.folder.path().join("copy.db");
    std::fs::write(&copy, "").unwrap();
    let error = store.backup(&copy).await.unwrap_err();
    assert!(error.to_string().contains("exists already"), "{error}");
    assert_eq!(std::fs::read(&copy).unwrap(), b"");
    let error = store
        .backup(&place.folder.path().join("no/such/copy.db"))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, StoreError::Unusable(line) if line.ends_with("does not exist. Make it first.")),
        "{error:?}"
    );

    let good = place.folder.path().join("good.db");
    store.backup(&good).await.unwrap();
    let restored = SqliteStore::open(&url(&good)).await.unwrap();
    assert_eq!(
        restored.since(0, 100).await.unwrap(),
        store.since(0, 100).await.unwrap()
    );
    let mut raw = SqliteConnectOptions::new()
        .filename(&good)
        .connect()
        .await
        .unwrap();
    sqlx::raw_sql("DELETE FROM events")
        .execute(&mut raw)
        .await
        .unwrap_err();
}

async fn why_not_ready(store: &SqliteStore) -> String {
    match store.ready().await {
        Err(StoreError::Unavailable(line)) => {
            assert!(!line.contains('\n') && !line.contains('/'), "{line}");
            line
        }
        other => panic!("expected Unavailable, got {other:?}"),
    }
}

/// Beginning to write succeeds on a full disk and where only the file itself is read-only.
#[tokio::test]
async fn ready_means_that_a_write_reached_the_disk() {
    let place = Place::new();
    SqliteStore::open(&place.url()).await.unwrap().close().await;
    // Migrations leave pages that are free.
    sqlx::raw_sql("VACUUM")
        .execute(&mut place.raw().await)
        .await
        .unwrap();
    let pages = pages(&place).await;
    let store = SqliteStore::open_cramped(&place.url(), Some(pages))
        .await
        .unwrap();
    let line = why_not_ready(&store).await;
    assert!(line.contains("is full. Make room"), "{line}");
    store.close().await;

    let store = SqliteStore::open(&place.url()).await.unwrap();
    store.ready().await.unwrap();
    let mut writing = store.writer.begin().await.unwrap();
    sqlx::raw_sql("PRAGMA query_only = ON")
        .execute(writing.on())
        .await
        .unwrap();
    writing.commit().await.unwrap();
    let line = why_not_ready(&store).await;
    assert!(line.contains("read-only. Let the server's user"), "{line}");
    store.ready().await.unwrap();
}

#[tokio::test]
async fn the_database_does_not_grow_however_often_it_is_asked_whether_it_is_ready() {
    let place = Place::new();
    let store = SqliteStore::open(&place.url()).await.unwrap();
    store.ready().await.unwrap();
    let before = pages(&place).await;
    for _ in 0..50 {
        store.ready().await.unwrap();
    }
    assert_eq!(pages(&place).await, before);
}

async fn pages(place: &Place) -> u32 {
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count")
        .fetch_one(&mut place.raw().await)
        .await
        .unwrap();
    u32::try_from(pages).unwrap()
}
