//! The index of words, and a log that is older than it.

use super::Place;
use crate::store::contract::find::{self, serials, some_are_closed};
use crate::store::contract::{Scribe, declared};
use crate::store::{SqliteStore, Store};
use app::api::Sought;
use domain::{Event, Status};
use sqlx::Connection;

#[tokio::test]
async fn it_lives_through_the_story_of_finding() {
    let place = Place::new();
    let store = SqliteStore::open(&place.url()).await.unwrap();
    find::story(&store).await;
    store.close().await;
}

#[tokio::test]
async fn the_index_is_made_from_a_log_that_is_older_than_it() {
    let place = Place::new();
    let store = SqliteStore::open(&place.url()).await.unwrap();
    let mut scribe = Scribe::default();
    some_are_closed(&store, &mut scribe).await;
    // More than fit into one chunk, and one that is not closed among them.
    let many: Vec<u128> = (100..200).collect();
    let mut batch = Vec::new();
    for n in &many {
        let mut events = declared("Many", u32::try_from(*n).unwrap());
        if *n != 150 {
            events.push(Event::StatusMoved { to: Status::Closed });
        }
        batch.push(scribe.accepted(1_000 + n, *n, events));
    }
    let standings: Vec<_> = many.iter().map(|n| scribe.standing(*n)).collect();
    store.append(&batch, &standings).await.unwrap();
    store.close().await;

    // As before the third migration.
    let mut raw = place.raw().await;
    sqlx::raw_sql(
        "DROP TABLE search; DROP TABLE search_made; DELETE FROM _sqlx_migrations WHERE version = 3",
    )
    .execute(&mut raw)
    .await
    .unwrap();
    raw.close().await.unwrap();

    let store = SqliteStore::open(&place.url()).await.unwrap();
    let found = store.find(&Sought::default(), None, 200).await.unwrap();
    assert!(!found.complete && found.incidents.is_empty());
    let mut steps = 0;
    while store.index_more().await.unwrap() {
        steps += 1;
        // What is written meanwhile stays, above and below of where the making is.
        if steps == 2 {
            let back = Event::StatusMovedBack {
                to: Status::Active,
                reason: "Worse".to_owned(),
            };
            let plan = Event::FollowUpPlanned {
                plan: "Meanwhile".to_owned(),
            };
            let batch = [
                scribe.accepted(5_000, 199, vec![back]),
                scribe.accepted(5_001, 101, vec![plan]),
            ];
            let standings = [scribe.standing(199), scribe.standing(101)];
            store.append(&batch, &standings).await.unwrap();
        }
    }
    assert!(steps > 3, "in steps");
    assert_eq!(serials(&store, "pool orchard", None).await, [1]);
    assert_eq!(serials(&store, "meanwhile many", None).await, [101]);
    let found = store.find(&Sought::default(), None, 200).await.unwrap();
    let all: Vec<u32> = found.incidents.iter().map(|s| s.number.serial).collect();
    let mut expected: Vec<u32> = (100..199).rev().filter(|n| *n != 150).collect();
    expected.extend([42, 2, 1]);
    assert_eq!(all, expected);
    assert!(store.verify().await.unwrap().faults.is_empty());
    store.close().await;

    // An edition of before: made over, and nothing is there twice.
    let mut raw = place.raw().await;
    sqlx::raw_sql("UPDATE search_made SET edition = 0")
        .execute(&mut raw)
        .await
        .unwrap();
    raw.close().await.unwrap();
    let store = SqliteStore::open(&place.url()).await.unwrap();
    assert!(
        !store
            .find(&Sought::default(), None, 1)
            .await
            .unwrap()
            .complete
    );
    while store.index_more().await.unwrap() {}
    let found = store.find(&Sought::default(), None, 200).await.unwrap();
    assert!(found.complete && !found.more);
    assert_eq!(found.incidents.len(), expected.len());
    store.close().await;
}

#[tokio::test]
async fn a_push_to_what_is_open_writes_nothing_into_the_index() {
    let place = Place::new();
    let store = SqliteStore::open(&place.url()).await.unwrap();
    let mut scribe = Scribe::default();
    let batch = [scribe.accepted(1, 1, declared("Open", 1))];
    store.append(&batch, &[scribe.standing(1)]).await.unwrap();
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM search_docsize")
        .fetch_one(&store.readers)
        .await
        .unwrap();
    assert_eq!(rows, 0);
    let close = Event::StatusMoved { to: Status::Closed };
    let batch = [scribe.accepted(2, 1, vec![close])];
    store.append(&batch, &[scribe.standing(1)]).await.unwrap();
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM search_docsize")
        .fetch_one(&store.readers)
        .await
        .unwrap();
    assert_eq!(rows, 1);
    store.close().await;
}
