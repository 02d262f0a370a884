//! Full disks, locked files, lost answers, impatient people.

use super::asks::{all_accepted, declare, entry, new_incident, person, push};
use super::trouble::Fails;
use super::{PANICS, Place};
use crate::clock::ServerClock;
use crate::log::{Log, QUEUE_MAX};
use crate::store::{SqliteStore, Store};
use app::api::{ApiError, Outcome};
use domain::Policy;
use std::sync::Arc;
use tokio::task::JoinSet;

#[tokio::test]
async fn a_store_that_cannot_write_changes_nothing_and_loses_nothing() {
    let place = Place::new().await;
    let incident = new_incident();
    place.push_one(declare(incident)).await;
    let (head, live) = (place.log.subscribe(), place.log.live());
    let wanted = entry(incident, "Important");
    for _ in 0..3 {
        place.store.fail_next(Fails::BeforeWriting);
        let error = push(&place.log, 1, wanted.clone()).await.unwrap_err();
        assert!(matches!(error, ApiError::Unavailable { .. }), "{error:?}");
        assert_eq!(*place.log.live(), *live);
        assert_eq!(place.log.head(), 2);
        assert!(!head.has_changed().unwrap());
    }
    all_accepted(&push(&place.log, 1, wanted.clone()).await.unwrap());
    all_accepted(&push(&place.log, 1, wanted).await.unwrap());
    assert_eq!(place.log.head(), 3);
    place.memory_is_the_log().await;
}

#[tokio::test]
async fn a_commit_whose_answer_was_lost_is_found_again() {
    let place = Place::new().await;
    let (a, b) = (new_incident(), new_incident());
    place.push_one(declare(a)).await;
    let wanted = entry(a, "Written, but nobody was told");
    place.store.fail_next(Fails::AfterWriting);
    push(&place.log, 1, wanted.clone()).await.unwrap_err();
    assert_eq!(place.log.head(), 2, "not shown while it is in doubt");
    place.store.fail_next(Fails::AfterWriting);
    let other = declare(b);
    push(&place.log, 1, other.clone()).await.unwrap_err();
    all_accepted(&push(&place.log, 1, wanted).await.unwrap());
    all_accepted(&push(&place.log, 1, other).await.unwrap());
    assert_eq!(place.log.head(), 5);
    assert_eq!(*place.log.subscribe().borrow(), 5);
    place.memory_is_the_log().await;
}

#[tokio::test]
async fn a_locked_file_is_told_to_come_back_and_then_acts_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("drumbeat.db");
    let url = format!("sqlite://{}", file.display());
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open_cramped(&url, None).await.unwrap());
    let log = Log::start(
        Arc::clone(&store),
        Policy::default(),
        ServerClock::default(),
    )
    .await
    .unwrap();
    let wanted = declare(new_incident());
    let mut other =
        sqlx::ConnectOptions::connect(&sqlx::sqlite::SqliteConnectOptions::new().filename(&file))
            .await
            .unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE")
        .execute(&mut other)
        .await
        .unwrap();
    let error = push(&log, 1, wanted.clone()).await.unwrap_err();
    assert!(
        matches!(error, ApiError::Unavailable { retry_after_s: 1.. }),
        "{error:?}"
    );
    log.ready().await.unwrap_err();
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    log.ready().await.unwrap();
    all_accepted(&push(&log, 1, wanted.clone()).await.unwrap());
    all_accepted(&push(&log, 1, wanted).await.unwrap());
    assert_eq!(store.head().await.unwrap(), 2);
}

#[tokio::test]
async fn an_author_who_goes_away_is_heard_all_the_same() {
    let place = Place::new().await;
    let incident = new_incident();
    place.push_one(declare(incident)).await;
    let mut head = place.log.subscribe();
    let gate = place.store.hold().await;
    let handler = tokio::spawn(push(&place.log, 1, entry(incident, "Sent and gone")));
    place.store.is_held().await;
    handler.abort();
    assert!(handler.await.unwrap_err().is_cancelled());
    drop(gate);
    head.changed().await.unwrap();
    assert_eq!(place.log.head(), 3);
    place.memory_is_the_log().await;
}

#[tokio::test]
async fn a_full_queue_sends_people_away() {
    let place = Place::new().await;
    let incident = new_incident();
    place.push_one(declare(incident)).await;
    let gate = place.store.hold().await;
    let mut senders = JoinSet::new();
    senders.spawn(push(&place.log, 1, entry(incident, "first")));
    place.store.is_held().await;
    for _ in 0..QUEUE_MAX {
        senders.spawn(push(&place.log, 1, entry(incident, "waits")));
    }
    while place.log.queue.capacity() > 0 {
        tokio::task::yield_now().await;
    }
    let error = push(&place.log, 1, entry(incident, "too many"))
        .await
        .unwrap_err();
    assert!(
        matches!(error, ApiError::Unavailable { retry_after_s: 1.. }),
        "{error:?}"
    );
    drop(gate);
    for answers in senders.join_all().await {
        all_accepted(&answers.unwrap());
    }
    assert_eq!(place.log.head() as usize, 2 + 1 + QUEUE_MAX);
}

#[tokio::test]
async fn shutdown_answers_what_was_taken_and_takes_no_more() {
    let place = Place::new().await;
    let incident = new_incident();
    place.push_one(declare(incident)).await;
    let gate = place.store.hold().await;
    let mut senders = JoinSet::new();
    senders.spawn(push(&place.log, 1, entry(incident, "first")));
    place.store.is_held().await;
    for _ in 0..10 {
        senders.spawn(push(&place.log, 1, entry(incident, "taken")));
    }
    while place.log.queue.capacity() > QUEUE_MAX - 10 {
        tokio::task::yield_now().await;
    }
    let closing = tokio::spawn({
        let log = place.log.clone();
        async move { log.shutdown().await }
    });
    drop(gate);
    closing.await.unwrap();
    for answers in senders.join_all().await {
        all_accepted(&answers.unwrap());
    }
    assert_eq!(place.log.head(), 13);
    let late = push(&place.log, 1, entry(incident, "late")).await;
    assert!(
        matches!(late, Err(ApiError::Unavailable { .. })),
        "{late:?}"
    );
    place.log.ready().await.unwrap_err();
    place.log.shutdown().await;
    assert_eq!(
        place.log.pull(0, None).await.unwrap().events.len(),
        13,
        "reading goes on"
    );
}

#[tokio::test]
async fn command_that_panics_is_refused_by_itself_and_the_push_goes_on() {
    let place = Place::new().await;
    let incident = new_incident();
    let commands = vec![
        declare(incident),
        entry(incident, "Before"),
        entry(incident, PANICS),
        entry(incident, "After"),
    ];
    let answers = place.log.push(person(1), commands.clone()).await.unwrap();
    let refused: Vec<bool> = answers
        .iter()
        .map(|a| matches!(a.outcome, Outcome::Refused { .. }))
        .collect();
    assert_eq!(refused, [false, false, true, false]);
    let Outcome::Refused { refusal } = &answers[2].outcome else {
        unreachable!()
    };
    assert!(refusal.to_string().contains("Take it back"), "{refusal}");
    // Sent again, it gets the same answer, also after a restart.
    let place = place.restarted().await;
    assert_eq!(place.log.push(person(1), commands).await.unwrap(), answers);
    place.memory_is_the_log().await;
}
