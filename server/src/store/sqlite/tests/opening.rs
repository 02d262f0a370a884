//! Files that are not ours, not there, or not of this build.

use super::{Place, url};
use crate::store::{SqliteStore, StoreError};
use sqlx::Connection;

async fn unusable(url: &str) -> String {
    match SqliteStore::open(url).await.err() {
        Some(StoreError::Unusable(line)) => {
            assert!(!line.contains('\n'), "one line: {line}");
            line
        }
        other => panic!("expected Unusable, got {other:?}"),
    }
}

#[tokio::test]
async fn what_cannot_be_opened_says_so_in_one_line() {
    let place = Place::new();
    std::fs::write(
        place.file(),
        "This is a shopping list and no database, whatever its name.",
    )
    .unwrap();
    assert!(
        unusable(&place.url())
            .await
            .contains("is not a Drumbeat database")
    );
    assert!(
        unusable(&url(&place.folder.path().join("no/such/folder.db")))
            .await
            .contains("folder exists")
    );
    assert!(
        unusable(&url(place.folder.path()))
            .await
            .contains("Cannot open")
    );
    for wrong in [
        "drumbeat.db",
        "postgres://localhost/drumbeat",
        "sqlite::memory:",
        "sqlite://x?mode=memory",
        "",
    ] {
        assert!(
            unusable(wrong).await.contains("sqlite://drumbeat.db"),
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn the_database_of_another_program_is_left_alone() {
    let place = Place::new();
    std::fs::write(place.file(), "").unwrap();
    let mut raw = place.raw().await;
    sqlx::raw_sql("CREATE TABLE bookmarks (url TEXT)")
        .execute(&mut raw)
        .await
        .unwrap();
    raw.close().await.unwrap();
    let before = std::fs::read(place.file()).unwrap();
    assert!(
        unusable(&place.url())
            .await
            .contains("is not a Drumbeat database")
    );
    assert_eq!(std::fs::read(place.file()).unwrap(), before);
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let place = Place::with_a_log().await;
    let mut raw = place.raw().await;
    sqlx::raw_sql(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9001, 'from the future', true, x'00', 1)",
    )
    .execute(&mut raw)
    .await
    .unwrap();
    assert!(unusable(&place.url()).await.contains("newer Drumbeat"));
    let error = SqliteStore::open_existing(&place.url())
        .await
        .err()
        .unwrap();
    assert!(error.to_string().contains("newer Drumbeat"), "{error}");
}

#[tokio::test]
async fn to_verify_makes_nothing_and_changes_nothing() {
    let place = Place::new();
    let error = SqliteStore::open_existing(&place.url())
        .await
        .err()
        .unwrap();
    assert!(
        error.to_string().contains("There is no database"),
        "{error}"
    );
    std::fs::write(place.file(), "").unwrap();
    let error = SqliteStore::open_existing(&place.url())
        .await
        .err()
        .unwrap();
    assert!(
        error.to_string().contains("is not a Drumbeat database"),
        "{error}"
    );
    assert_eq!(std::fs::read(place.file()).unwrap(), b"");

    let place = Place::with_a_log().await;
    let mut raw = place.raw().await;
    sqlx::raw_sql("DELETE FROM _sqlx_migrations WHERE version = 2")
        .execute(&mut raw)
        .await
        .unwrap();
    let error = SqliteStore::open_existing(&place.url())
        .await
        .err()
        .unwrap();
    assert!(error.to_string().contains("older Drumbeat"), "{error}");
}
