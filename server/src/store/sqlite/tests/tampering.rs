//! The past cannot be changed, and whoever changes it all the same is found (L1).

use super::Place;
use crate::store::contract::{ana, time};
use crate::store::{SqliteStore, Store, StoredFile};
use sha2::{Digest, Sha256};
use sqlx::Connection;

/// The faults found after this was done to the file.
async fn faults_after(tampering: &'static str) -> Vec<String> {
    let place = Place::with_a_log().await;
    let mut raw = place.raw().await;
    sqlx::raw_sql(
        "DROP TRIGGER events_are_never_changed; DROP TRIGGER events_are_never_deleted;
         DROP TRIGGER commands_are_never_changed; DROP TRIGGER commands_are_never_deleted;",
    )
    .execute(&mut raw)
    .await
    .unwrap();
    sqlx::raw_sql(tampering).execute(&mut raw).await.unwrap();
    raw.close().await.unwrap();
    let store = SqliteStore::open_existing(&place.url()).await.unwrap();
    store.verify().await.unwrap().faults
}

#[tokio::test]
async fn the_database_itself_refuses_to_change_the_past() {
    let place = Place::with_a_log().await;
    let mut raw = place.raw().await;
    for (change, word) in [
        ("UPDATE events SET body = '{}' WHERE seq = 3", "append-only"),
        ("UPDATE events SET seq = 77 WHERE seq = 9", "append-only"),
        ("DELETE FROM events WHERE seq = 9", "append-only"),
        ("DELETE FROM events", "append-only"),
        ("UPDATE commands SET outcome = '{}'", "append-only"),
        ("DELETE FROM commands", "append-only"),
        ("INSERT OR REPLACE INTO commands SELECT id, person, incident, '{}' FROM commands", "once"),
        (
            "INSERT OR REPLACE INTO events SELECT seq, incident, version, at_ms, made_at_ms, person,
                 person_name, command, kind, '{}', hash FROM events WHERE seq = 9",
            "without a gap",
        ),
        (
            "INSERT INTO events SELECT seq + 2, incident, version + 1, at_ms, made_at_ms, person,
                 person_name, command, kind, body, hash FROM events WHERE seq = 9",
            "without a gap",
        ),
        (
            "INSERT INTO events SELECT 10, incident, version + 2, at_ms, made_at_ms, person,
                 person_name, command, kind, body, hash FROM events WHERE seq = 9",
            "without a gap",
        ),
    ] {
        let error = sqlx::raw_sql(change).execute(&mut raw).await.unwrap_err();
        assert!(error.to_string().contains(word), "{change}: {error}");
    }
    let store = SqliteStore::open(&place.url()).await.unwrap();
    assert!(store.verify().await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn verify_finds_whoever_tampered() {
    for (tampering, expected) in [
        (
            "UPDATE events SET body = replace(body, 'First', 'Fjrst') WHERE seq = 5",
            "event 5",
        ),
        (
            "UPDATE events SET body = CAST(x'7bff7d' AS TEXT) WHERE seq = 5",
            "event 5",
        ),
        (
            "UPDATE events SET body = replace(body, ':', ': ') WHERE seq = 5",
            "event 5",
        ),
        (
            "UPDATE events SET at_ms = at_ms + 1 WHERE seq = 5",
            "event 5",
        ),
        (
            "UPDATE events SET made_at_ms = made_at_ms - 1 WHERE seq = 5",
            "event 5",
        ),
        (
            "UPDATE events SET person_name = 'Eve' WHERE seq = 5",
            "event 5",
        ),
        (
            "UPDATE events SET person = zeroblob(16) WHERE seq = 5",
            "event 5",
        ),
        (
            "UPDATE events SET kind = 'reported.1' WHERE seq = 5",
            "event 5",
        ),
        (
            "UPDATE events SET command = (SELECT id FROM commands LIMIT 1) WHERE seq = 5",
            "event 5",
        ),
        (
            "UPDATE events SET hash = zeroblob(32) WHERE seq = 5",
            "event 5",
        ),
        // The tail of the log, and of an incident.
        ("DELETE FROM events WHERE seq = 9", "had come to version 2"),
        ("DELETE FROM events WHERE seq >= 8", "had come to version 2"),
        ("DELETE FROM events WHERE seq = 7", "had come to version 3"),
        // With all that knew of it, but the commands.
        (
            "DELETE FROM events WHERE seq >= 8; DELETE FROM standing WHERE serial = 3",
            "its events are gone",
        ),
        (
            "DELETE FROM events WHERE seq IN (3, 4, 7); DELETE FROM standing WHERE serial = 2",
            "event 5: follows event 2",
        ),
        (
            "DELETE FROM events WHERE seq = 5",
            "event 6: follows event 4",
        ),
        (
            "DELETE FROM commands WHERE id = (SELECT command FROM events WHERE seq = 5)",
            "event 5: its command is gone",
        ),
        // Two bodies swapped.
        (
            "CREATE TEMP TABLE swap AS SELECT seq, body FROM events WHERE seq IN (5, 6);
             UPDATE events SET body = (SELECT body FROM swap WHERE swap.seq = 11 - events.seq)
             WHERE seq IN (5, 6)",
            "event 6",
        ),
        // Two places swapped.
        (
            "UPDATE events SET seq = 99 WHERE seq = 5; UPDATE events SET seq = 5 WHERE seq = 7;
             UPDATE events SET seq = 7 WHERE seq = 99",
            "event 7",
        ),
        (
            "UPDATE events SET version = CASE version WHEN 3 THEN 13 WHEN 4 THEN 3 ELSE version END WHERE seq IN (5, 6)",
            "event 5",
        ),
        (
            "UPDATE standing SET serial = 77 WHERE serial = 1",
            "not what its log says",
        ),
        (
            "UPDATE standing SET live = 0 WHERE serial = 1",
            "not what its log says",
        ),
        (
            "UPDATE standing SET summary = NULL WHERE serial = 1",
            "not what its log says",
        ),
        (
            "UPDATE standing SET told_at_ms = NULL WHERE serial = 1",
            "not what its log says",
        ),
        (
            "DELETE FROM standing WHERE serial = 1",
            "its standing is gone",
        ),
    ] {
        let faults = faults_after(tampering).await;
        assert!(
            faults.iter().any(|f| f.contains(expected)),
            "{tampering}: {faults:#?}"
        );
    }
    assert!(
        faults_after("SELECT 1").await.is_empty(),
        "nothing was done"
    );
}

#[tokio::test]
async fn one_changed_event_is_one_fault() {
    let faults = faults_after("UPDATE events SET person_name = 'Eve' WHERE seq = 1").await;
    assert_eq!(faults.len(), 1, "{faults:#?}");
}

#[tokio::test]
async fn a_file_is_never_changed_and_verify_finds_who_did_it_all_the_same() {
    let place = Place::with_a_log().await;
    let store = SqliteStore::open(&place.url()).await.unwrap();
    let file = StoredFile {
        sha256: Sha256::digest(b"proof").into(),
        name: "proof.txt".to_owned(),
        media_type: "text/plain".to_owned(),
        body: b"proof".to_vec(),
        added_by: ana(),
        added_at: time(1),
    };
    store.add_file(&file).await.unwrap();
    store.close().await;
    let mut raw = place.raw().await;
    // As an event does that names it.
    sqlx::raw_sql("INSERT INTO files_named SELECT sha256 FROM files")
        .execute(&mut raw)
        .await
        .unwrap();
    for (change, word) in [
        ("UPDATE files SET body = x'00'", "append-only"),
        ("DELETE FROM files", "append-only"),
        ("DELETE FROM files_named", "stays named"),
        (
            "INSERT OR REPLACE INTO files SELECT sha256, name, media_type, x'00', added_by, added_by_name,
                 added_at_ms FROM files",
            "once",
        ),
    ] {
        let error = sqlx::raw_sql(change).execute(&mut raw).await.unwrap_err();
        assert!(error.to_string().contains(word), "{change}: {error}");
    }
    let faults = async || {
        let store = SqliteStore::open_existing(&place.url()).await.unwrap();
        store.verify().await.unwrap().faults
    };
    assert_eq!(faults().await, Vec::<String>::new());
    sqlx::raw_sql("DROP TRIGGER files_are_never_changed; UPDATE files SET body = x'00'")
        .execute(&mut raw)
        .await
        .unwrap();
    let found = faults().await;
    assert!(
        found.len() == 1 && found[0].contains(&hex::encode(file.sha256)),
        "{found:?}"
    );
}

#[tokio::test]
async fn the_database_itself_refuses_to_change_the_audit_log() {
    let place = Place::with_a_log().await;
    let mut raw = place.raw().await;
    const LINE: &str = "(1, 0, zeroblob(16), 'Ana', '', 'add-person', 'Bo', '')";
    let line = |verb: &str, line: &str| format!("{verb} INTO audit VALUES {line}");
    for (statement, works) in [
        (line("INSERT", &LINE.replace("(1,", "(2,")), false),
        (line("INSERT", LINE), true),
        (line("INSERT", LINE), false),
        (line("REPLACE", LINE), false),
        ("UPDATE audit SET person_name = 'Eve'".to_owned(), false),
        ("DELETE FROM audit".to_owned(), false),
        (line("INSERT", &LINE.replace("(1,", "(3,")), false),
        (line("INSERT", &LINE.replace("(1,", "(2,")), true),
    ] {
        let done = sqlx::query(sqlx::AssertSqlSafe(statement.clone()))
            .execute(&mut raw)
            .await;
        assert_eq!(done.is_ok(), works, "{statement}");
    }
    let kept: (i64, String) = sqlx::query_as("SELECT count(*), min(person_name) FROM audit")
        .fetch_one(&mut raw)
        .await
        .unwrap();
    assert_eq!(kept, (2, "Ana".to_owned()));
}
