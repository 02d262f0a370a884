//! People in the file itself: brought up to date without anybody being signed out, and never lost.

use super::Place;
use crate::store::sqlite::open::MIGRATIONS;
use crate::store::sqlite::read::ENTRUSTED;
use crate::store::{Account, Deed, Put, SqliteStore, Store};
use domain::{Person, PersonId, PersonRef, Time};
use sqlx::migrate::Migrator;
use sqlx::{Connection, Row, SqliteConnection};
use uuid::Uuid;

/// A database as the program before removals made it: Ana with two sessions, Bo with one.
async fn older() -> Place {
    let place = Place::new();
    std::fs::write(place.file(), "").unwrap();
    let mut raw = place.raw().await;
    let before = MIGRATIONS.iter().filter(|m| m.version < 7).cloned();
    Migrator::with_migrations(before.collect())
        .run_direct(None, &mut raw, false)
        .await
        .unwrap();
    sqlx::raw_sql(
        "INSERT INTO people VALUES
             (unhex(format('%032x', 1)), 'Ana', 'Lead', 1, 'ana@acme.example', 'hash'),
             (unhex(format('%032x', 2)), 'Bo', 'Support', 0, 'bo@acme.example', NULL);
         INSERT INTO sessions VALUES
             (unhex(format('%064x', 1)), unhex(format('%032x', 1)), 9000),
             (unhex(format('%064x', 2)), unhex(format('%032x', 1)), 9000),
             (unhex(format('%064x', 3)), unhex(format('%032x', 2)), 9000);",
    )
    .execute(&mut raw)
    .await
    .unwrap();
    raw.close().await.unwrap();
    place
}

fn person(n: u128) -> PersonId {
    PersonId(Uuid::from_u128(n))
}

fn token(n: u8) -> [u8; 32] {
    let mut hash = [0; 32];
    hash[31] = n;
    hash
}

#[tokio::test]
async fn an_older_database_keeps_its_people_and_signs_nobody_out() {
    let place = older().await;
    let store = SqliteStore::open(&place.url()).await.unwrap();
    let ana = Account {
        person: Person {
            id: person(1),
            name: "Ana".to_owned(),
            title: "Lead".to_owned(),
            administrator: true,
        },
        email: "ana@acme.example".to_owned(),
        password_hash: Some("hash".to_owned()),
    };
    assert_eq!(store.account("Ana@acme.example").await.unwrap(), Some(ana));
    let now = Time::from_timestamp_millis(8999).unwrap();
    for (n, name) in [(1, "Ana"), (2, "Ana"), (3, "Bo")] {
        let (whose, _) = store.session(&token(n), now).await.unwrap().unwrap();
        assert_eq!(whose.name, name);
    }
    let ana = PersonRef {
        id: person(1),
        name: "Ana".to_owned(),
    };
    let deed = Deed::new(ana, now, "");
    assert_eq!(
        store.remove_person(person(2), &deed).await.unwrap(),
        Put::Done
    );
    assert_eq!(store.session(&token(3), now).await.unwrap(), None);
    assert!(store.verify().await.unwrap().faults.is_empty());
    store.close().await;

    let mut raw = place.raw().await;
    let broken: Vec<sqlx::sqlite::SqliteRow> = sqlx::query("PRAGMA foreign_key_check")
        .fetch_all(&mut raw)
        .await
        .unwrap();
    assert!(broken.is_empty());
}

/// One keyboard types é as one character, another as two.
#[tokio::test]
async fn email_of_an_older_build_is_found_in_either_spelling() {
    let place = Place::new();
    let store = SqliteStore::open(&place.url()).await.unwrap();
    for n in 1..=3 {
        let account = Account {
            person: Person {
                id: person(n),
                name: format!("Person {n}"),
                title: String::new(),
                administrator: false,
            },
            email: format!("{n}@acme.example"),
            password_hash: None,
        };
        assert!(store.add_account(&account).await.unwrap());
    }
    store.close().await;
    let mut raw = place.raw().await;
    // As they were typed; the third is the second in another spelling.
    for (n, email) in [
        (1, "rene\u{301}@acme.example"),
        (2, "jose\u{301}@acme.example"),
        (3, "jos\u{e9}@acme.example"),
    ] {
        sqlx::query("UPDATE people SET email = ?2 WHERE id = unhex(format('%032x', ?1))")
            .bind(n)
            .bind(email)
            .execute(&mut raw)
            .await
            .unwrap();
    }
    raw.close().await.unwrap();
    let store = SqliteStore::open(&place.url()).await.unwrap();
    for spelling in ["ren\u{e9}@acme.example", "Rene\u{301}@ACME.example"] {
        let found = store.account(spelling).await.unwrap().unwrap();
        assert_eq!(found.person.id, person(1));
    }
    let both = ["jos\u{e9}@acme.example", "jose\u{301}@acme.example"];
    for spelling in both {
        let found = store.account(spelling).await.unwrap().unwrap();
        assert_eq!(found.person.id, person(3), "whose spelling it is");
    }
}

async fn refused(raw: &mut SqliteConnection, statement: &'static str, says: &str) {
    let error = sqlx::raw_sql(statement).execute(raw).await.unwrap_err();
    assert!(error.to_string().contains(says), "{statement}: {error}");
}

#[tokio::test]
async fn the_database_itself_deletes_nobody_and_undoes_no_removal() {
    let place = older().await;
    SqliteStore::open(&place.url()).await.unwrap().close().await;
    let mut raw = place.raw().await;
    refused(&mut raw, "DELETE FROM people", "never deleted").await;
    sqlx::raw_sql(
        "UPDATE people SET removed_by = id, removed_by_name = 'Ana', removed_at_ms = 1 WHERE name = 'Bo'",
    )
    .execute(&mut raw)
    .await
    .unwrap();
    for back in [
        "UPDATE people SET removed_by = NULL, removed_by_name = NULL, removed_at_ms = NULL WHERE name = 'Bo'",
        "UPDATE people SET name = 'Somebody else' WHERE name = 'Bo'",
        "UPDATE people SET removed_at_ms = 2 WHERE name = 'Bo'",
    ] {
        refused(&mut raw, back, "never changed again").await;
    }
    let half = "UPDATE people SET removed_at_ms = 1 WHERE name = 'Ana'";
    refused(&mut raw, half, "CHECK constraint").await;
    let capitals = "UPDATE people SET email = 'Ana@acme.example' WHERE name = 'Ana'";
    refused(&mut raw, capitals, "CHECK constraint").await;
}

#[tokio::test]
async fn what_was_entrusted_to_somebody_is_found_without_reading_the_log() {
    let place = Place::with_a_log().await;
    let mut raw = place.raw().await;
    let plan = sqlx::query(sqlx::AssertSqlSafe(format!(
        "EXPLAIN QUERY PLAN {ENTRUSTED}"
    )))
    .fetch_all(&mut raw)
    .await
    .unwrap();
    let steps: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
    assert!(
        steps.iter().any(|s| s.contains("events_entrusted")),
        "{steps:?}"
    );
}
