//! How much one answer carries, and of which log.

use super::asks::{all_accepted, declare, declare_at, entry, envelope, new_incident, past, person};
use super::{Place, start};
use crate::store::Store as _;
use app::api::{PULL_MAX_BYTES, Pulled, PulledEvent};
use domain::clock::clocks;
use domain::{Command, Incident, IncidentId, Person, Policy, Recorded};

fn me() -> Person {
    Person {
        id: person(1).id,
        name: "Person 1".to_owned(),
        title: String::new(),
        administrator: false,
    }
}

/// An incident with so many entries of 8 KB each.
async fn long_incident(place: &Place, entries: i64) -> IncidentId {
    let incident = new_incident();
    place.push_one(declare(incident)).await;
    let text = "ä".repeat(4_000);
    let all = (0..entries).map(|_| (person(1), entry(incident, &text), past(1)));
    all_accepted(&place.log.replay_all(all.collect()).await.unwrap());
    incident
}

fn bytes(pulled: &Pulled) -> usize {
    let events = pulled.events.iter();
    events
        .map(|e| serde_json::to_string(e).unwrap().len())
        .sum()
}

#[tokio::test]
async fn pulls_are_bounded_in_bytes_from_memory_and_from_the_store() {
    let mut place = Place::new().await;
    long_incident(&place, 600).await;
    let all = place.all_events().await;
    // What the tail has let go comes from the store.
    for _ in 0..2 {
        let (mut pulled, mut pulls): (Vec<Recorded>, _) = (Vec::new(), 0);
        loop {
            let next = place.log.pull(pulled.len() as u64, None).await.unwrap();
            assert!(
                bytes(&next) <= PULL_MAX_BYTES + 64 * 1024,
                "{}",
                bytes(&next)
            );
            assert_eq!(next.more, pulled.len() + next.events.len() < all.len());
            pulled.extend(next.events.into_iter().map(PulledEvent::into_recorded));
            pulls += 1;
            if !next.more {
                break;
            }
        }
        assert_eq!(pulled, all);
        assert!(pulls >= 9, "{pulls}");
        place = place.restarted().await;
    }
}

#[tokio::test]
async fn answer_is_the_same_json_whether_it_was_written_before_or_not() {
    let place = Place::new().await;
    long_incident(&place, 3).await;
    for since in [0, 2, place.log.head()] {
        let pulled = place.log.pull(since, None).await.unwrap();
        let (before, after) = pulled.json_around().unwrap();
        let composed = before + &PulledEvent::list(&pulled.events).unwrap() + &after;
        assert_eq!(composed, serde_json::to_string(&pulled).unwrap());
        assert_eq!(serde_json::from_str::<Pulled>(&composed).unwrap(), pulled);
    }
}

#[tokio::test]
async fn client_that_followed_another_log_is_told_that_it_is_lost() {
    let place = Place::new().await;
    let incident = new_incident();
    place.push_one(declare(incident)).await;
    place.push_one(entry(incident, "Before the backup")).await;
    let backed_up = place.log.head();
    let folder = tempfile::tempdir().unwrap();
    place
        .store
        .backup(&folder.path().join("drumbeat.db"))
        .await
        .unwrap();
    let seen_then = place.log.pull(0, None).await.unwrap().hash;
    for _ in 0..3 {
        place.push_one(entry(incident, "Only here")).await;
    }
    let seen = place.log.pull(0, None).await.unwrap();
    let (head, seen) = (seen.head, seen.hash);
    assert!(seen.is_some());

    // The backup is restored, and grows past the place where the client is.
    let (store, log) = start(&folder).await;
    let restored = Place { folder, store, log };
    for _ in 0..4 {
        restored.push_one(entry(incident, "Only there")).await;
    }
    for _ in 0..2 {
        let lost = restored.log.pull(head, seen.as_deref()).await.unwrap();
        assert!(
            lost.lost && lost.events.is_empty() && !lost.more,
            "{lost:?}"
        );
        // Who has not seen what is gone goes on.
        let follows = restored.log.pull(backed_up, seen_then.as_deref());
        let follows = follows.await.unwrap();
        assert_eq!((follows.lost, follows.events.len()), (false, 4));
        // An older client does not say what it has seen.
        assert!(!restored.log.pull(head, None).await.unwrap().lost);
    }
    let snapshot = restored.log.snapshot(me(), None).await.unwrap();
    let next = restored.log.pull(snapshot.head, snapshot.hash.as_deref());
    let next = next.await.unwrap();
    assert!(!next.lost);
    assert_eq!(next.hash, snapshot.hash);
    // Beyond the end of the log: it did not grow as far.
    let ahead = restored.log.pull(head + 90, seen.as_deref()).await.unwrap();
    assert!(ahead.lost);
}

#[tokio::test]
async fn what_a_client_names_is_known_at_each_place_of_the_log() {
    let place = Place::new().await;
    let incident = new_incident();
    place.push_one(declare(incident)).await;
    let many = (0..2_300).map(|_| (person(1), entry(incident, "x"), past(1)));
    all_accepted(&place.log.replay_all(many.collect()).await.unwrap());
    let hashes = place.store.hashes(0, u32::MAX).await.unwrap();
    for since in [1, 2, 299, 300, 301, 302, 303, 2_000, place.log.head()] {
        let own = hex::encode(hashes[since as usize - 1]);
        let pulled = place.log.pull(since, Some(&own)).await.unwrap();
        assert!(!pulled.lost, "{since}");
        let last = pulled.events.last().map_or(since, |e| e.seq);
        assert_eq!(pulled.hash, Some(hex::encode(hashes[last as usize - 1])));
        let other = hex::encode([7; 32]);
        assert!(place.log.pull(since, Some(&other)).await.unwrap().lost);
    }
}

/// Clocks, seats, beats: all that a board draws.
fn drawn(incident: &Incident) -> String {
    let policy = Policy::default();
    let clocks = clocks(incident, &policy);
    let moves = &incident.moves;
    let (title, number, severity) = (incident.title(), incident.number, incident.severity());
    let (seats, version, told) = (&incident.seats, incident.version, incident.updates.len());
    format!("{clocks:?} {moves:?} {title} {number:?} {severity:?} {seats:?} {version} {told}")
}

#[tokio::test]
async fn long_record_is_carried_abridged_and_opened_in_parts() {
    let place = Place::new().await;
    let (long, short) = (long_incident(&place, 100).await, new_incident());
    place.push_one(declare(short)).await;
    let usual = place.log.snapshot(me(), None).await.unwrap();
    let whole: Vec<_> = usual
        .incidents
        .iter()
        .map(domain::Record::incident)
        .collect();
    assert_eq!(whole, [Some(short)]);
    assert_eq!(usual.abridged.len(), 1);
    let json = serde_json::to_string(&usual).unwrap();
    assert!(json.len() < 16 * 1024, "{}", json.len());
    let live = place.log.live();
    let folded = usual.abridged[0].fold().unwrap();
    assert_eq!(drawn(&folded), drawn(&live[&long]));
    assert!(folded.timeline.len() < live[&long].timeline.len());

    // It follows what happens next.
    let next = Command::MoveStatus {
        to: domain::Status::Contained,
    };
    place.push_one(entry(long, "One more")).await;
    place.push_one(envelope(long, next)).await;
    let mut core = app::replica::core::Core::new(usual.clone());
    let pulled = place.log.pull(usual.head, usual.hash.as_deref()).await;
    core.absorb(pulled.unwrap());
    assert_eq!(drawn(&core.shown()[&long]), drawn(&place.log.live()[&long]));
    assert!(core.is_abridged(long) && !core.is_abridged(short));

    // Its room is opened part by part, each bounded.
    let number = live[&long].number.unwrap();
    let mut record = domain::Record::default();
    let mut parts = 0;
    loop {
        let part = place.log.open(number, record.version()).await.unwrap();
        part.events.into_iter().for_each(|r| record.push(r));
        parts += 1;
        if !part.more {
            break;
        }
    }
    assert!(parts > 1, "{parts}");
    assert_eq!(record.fold().unwrap(), *place.log.live()[&long]);
    core.adopt(record);
    assert!(!core.is_abridged(long));
    assert_eq!(core.shown(), *place.log.live());
}

#[tokio::test]
async fn page_carries_the_most_pressing_and_the_browser_asks_for_the_rest() {
    const OPEN: usize = 205;
    let place = Place::new().await;
    let oldest = new_incident();
    let mut all = vec![(person(1), declare_at(oldest, past(1)), past(3))];
    all.extend((1..OPEN).map(|_| (person(1), declare_at(new_incident(), past(1)), past(2))));
    all_accepted(&place.log.replay_all(all).await.unwrap());
    let few = place.log.page_snapshot(me(), None).await.unwrap();
    let carried: Vec<_> = few
        .incidents
        .iter()
        .filter_map(domain::Record::incident)
        .collect();
    assert_eq!(carried.len(), 200);
    assert!(!carried.contains(&oldest), "the newest come first");
    // It shows what it has; its first exchange says that this is not all.
    let mut core = app::replica::core::Core::new(few);
    assert_eq!(core.shown().len(), 200);
    let pulled = place.log.pull(core.head, core.hash.as_deref()).await;
    let absorbed = core.absorb(pulled.unwrap());
    assert_eq!(absorbed, app::replica::core::Absorbed::Lost);
    core.reset(place.log.snapshot(me(), None).await.unwrap());
    assert_eq!(core.shown(), *place.log.live());
    // The one that the page is about is in it, whatever its age.
    let number = place.log.live()[&oldest].number;
    let about = place.log.page_snapshot(me(), number).await.unwrap();
    assert!(about.incidents.iter().any(|r| r.incident() == Some(oldest)));
}
