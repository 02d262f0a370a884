//! What is read, and from where.

use super::Place;
use super::asks::{
    all_accepted, declare, entry, envelope, new_incident, past, person, report, update, whole_life,
};
use crate::clock::ServerClock;
use crate::log::BoundBackend;
use app::api::{ApiError, Backend, Outcome, PULL_MAX, PulledEvent};
use chrono::Duration;
use domain::update::UpdateKind;
use domain::{Command, IncidentId, Person, Recorded, Status};

#[tokio::test]
async fn pulls_come_from_memory_or_from_the_store_and_agree() {
    let place = Place::new().await;
    let incident = new_incident();
    place.push_one(declare(incident)).await;
    let many = (0..i64::from(PULL_MAX) + 500).map(|_| (person(1), entry(incident, "x"), past(1)));
    all_accepted(&place.log.replay_all(many.collect()).await.unwrap());
    let all = place.all_events().await;
    pulls_agree(&place, &all).await;
    pulls_agree(&place.restarted().await, &all).await;
}

async fn pulls_agree(place: &Place, all: &[Recorded]) {
    let head = all.len() as u64;
    let reads = place.store.reads();
    let end = place.log.pull(head - 3, None).await.unwrap();
    assert_eq!(end.events, all[all.len() - 3..]);
    assert!(!end.more);
    let nothing = place.log.pull(head, None).await.unwrap();
    assert_eq!(
        (nothing.events.len(), nothing.head, nothing.more),
        (0, head, false)
    );
    // Ahead of the log: the server was restored, and says so by a smaller head.
    let ahead = place.log.pull(head + 7, None).await.unwrap();
    assert_eq!(
        (ahead.events.len(), ahead.head, ahead.more),
        (0, head, false)
    );
    assert_eq!(
        place.store.reads(),
        reads,
        "none of these asked the database"
    );

    let mut pulled: Vec<Recorded> = Vec::new();
    loop {
        let next = place.log.pull(pulled.len() as u64, None).await.unwrap();
        assert_eq!(next.head, head);
        pulled.extend(next.events.into_iter().map(PulledEvent::into_recorded));
        if !next.more {
            break;
        }
    }
    assert_eq!(pulled, all);
}

#[tokio::test]
async fn strangers_never_reach_the_database() {
    let place = Place::new().await;
    let incident = new_incident();
    all_accepted(
        &place
            .log
            .replay_all(whole_life(incident, past(1)))
            .await
            .unwrap(),
    );
    let reads = place.store.reads();
    for _ in 0..100 {
        assert_eq!(place.log.published()[0].id, incident);
    }
    assert_eq!(place.store.reads(), reads);
}

#[tokio::test]
async fn the_public_bell_rings_only_for_what_customers_see() {
    let place = Place::new().await;
    let (a, b) = (new_incident(), new_incident());
    let mut told = place.log.subscribe_told();
    place.push_one(declare(a)).await;
    place.push_one(report(b)).await;
    place.push_one(entry(a, "Internal")).await;
    assert!(!told.has_changed().unwrap());
    let first = update(a, UpdateKind::First, ServerClock::default().now(), None);
    assert_eq!(place.push_one(first).await, Outcome::Accepted);
    assert!(told.has_changed().unwrap());
    assert_eq!(*told.borrow_and_update(), 5);
    assert_eq!(
        place.log.published()[0].updates.len(),
        1,
        "it is on the next GET"
    );
    place.push_one(entry(a, "Internal again")).await;
    assert!(!told.has_changed().unwrap());
    place.memory_is_the_log().await;
}

#[tokio::test]
async fn closed_incidents_leave_memory_but_not_the_log() {
    let place = Place::new().await;
    let mut ids = Vec::new();
    for day in 1..=28 {
        for hour in 0..3 {
            let (incident, at) = (new_incident(), past(day) + Duration::hours(hour));
            all_accepted(
                &place
                    .log
                    .replay_all(whole_life(incident, at))
                    .await
                    .unwrap(),
            );
            ids.push(incident);
        }
    }
    assert!(place.log.live().is_empty());
    assert_eq!(place.log.published().len(), 50);
    let newest: Vec<IncidentId> = ids.iter().rev().take(30).copied().collect();
    let closed = |s: &app::api::Snapshot| s.closed.iter().map(|c| c.id).collect::<Vec<_>>();
    let records = |s: &app::api::Snapshot| {
        let all = s.incidents.iter().map(domain::Record::incident);
        all.collect::<Vec<_>>()
    };
    let me = Person {
        id: person(1).id,
        name: "Person 1".to_owned(),
        title: String::new(),
        administrator: false,
    };
    let snapshot = place.log.snapshot(me.clone(), None).await.unwrap();
    assert_eq!(
        (closed(&snapshot), snapshot.incidents.len()),
        (newest.clone(), 0)
    );

    // An old one is found in the store, and can be written to.
    let oldest = "INC-2026-0001".parse().unwrap();
    let snapshot = place.log.snapshot(me.clone(), Some(oldest)).await.unwrap();
    assert_eq!(records(&snapshot), [Some(ids[0])]);
    assert_eq!(snapshot.head, place.log.head());
    assert_eq!(
        place.push_one(entry(ids[0], "Years later")).await,
        Outcome::Accepted
    );
    let (head, read) = place.log.incident(oldest).await.unwrap();
    assert_eq!(
        (head, read.timeline.last().unwrap().text.as_str()),
        (place.log.head(), "Years later")
    );

    // Reopened, it is live, and the list of the closed is whole again.
    let last = *ids.last().unwrap();
    let back = envelope(
        last,
        Command::MoveBack {
            to: Status::Active,
            reason: "Again".to_owned(),
        },
    );
    assert_eq!(place.push_one(back).await, Outcome::Accepted);
    let snapshot = place.log.snapshot(me.clone(), None).await.unwrap();
    let newest: Vec<IncidentId> = ids.iter().rev().skip(1).take(30).copied().collect();
    assert_eq!(closed(&snapshot), newest);
    assert_eq!(records(&snapshot), [Some(last)]);

    let place = place.restarted().await;
    let again = place.log.snapshot(me.clone(), None).await.unwrap();
    assert_eq!(
        (again.closed, again.incidents, again.head),
        (snapshot.closed, snapshot.incidents, snapshot.head)
    );
    let backend = BoundBackend {
        log: place.log.clone(),
        me,
        from: String::new(),
    };
    let nothing = "INC-2026-9999".parse().unwrap();
    assert_eq!(
        backend.open(nothing, 0).await.unwrap_err(),
        ApiError::NotFound
    );
    assert_eq!(
        backend.snapshot(Some(nothing)).await.unwrap_err(),
        ApiError::NotFound
    );
    let mine = backend.push(vec![entry(last, "As me")]).await.unwrap();
    all_accepted(&mine);
    assert_eq!(
        backend
            .pull(backend.log.head() - 1, None, None)
            .await
            .unwrap()
            .events[0]
            .by,
        backend.me.to_ref()
    );
}
