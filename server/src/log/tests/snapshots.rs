//! All of a snapshot stands at the same place of the log, whatever is written meanwhile.

use super::Place;
use super::asks::{declare, entry, envelope, new_incident, person, push, report};
use super::trouble::Fails;
use app::api::{ApiError, Snapshot};
use app::replica::core::{Absorbed, Core};
use domain::{Command, Incident, IncidentId, Person, Record, Recorded};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::task::JoinSet;

fn me() -> Person {
    Person {
        id: person(1).id,
        name: "Person 1".to_owned(),
        title: String::new(),
        administrator: false,
    }
}

fn dismiss(incident: IncidentId) -> domain::Envelope {
    let reason = "A false alarm".to_owned();
    envelope(incident, Command::DismissReport { reason })
}

/// What a snapshot at this place has to hold: the log of each incident that was live then.
fn records_at(head: u64, log: &[Recorded]) -> Vec<Record> {
    let mut records: BTreeMap<IncidentId, Record> = BTreeMap::new();
    for r in log.iter().filter(|r| r.seq <= head) {
        records.entry(r.incident).or_default().push(r.clone());
    }
    let is_live = |i: &Incident| i.is_open() || i.is_to_triage();
    records.retain(|_, record| is_live(&record.fold().unwrap()));
    records.into_values().collect()
}

/// A browser that starts from it and pulls shows what the server has.
async fn leads_to_now(place: &Place, snapshot: Snapshot) {
    let mut core = Core::new(snapshot);
    let pulled = place.log.pull(core.head, None).await.unwrap();
    assert_eq!(core.absorb(pulled), Absorbed::InStep);
    let mut shown = core.shown();
    shown.retain(|_, i| i.is_open() || i.is_to_triage());
    assert_eq!(shown, *place.log.live());
}

#[tokio::test]
async fn what_is_written_while_a_snapshot_is_read_is_not_in_it() {
    let place = Place::new().await;
    let (a, b, c) = (new_incident(), new_incident(), new_incident());
    for command in [declare(a), report(b), entry(a, "Before")] {
        place.push_one(command).await;
    }
    let before = place.log.head();
    let gate = place.store.hold_records().await;
    let log = place.log.clone();
    let number = place.log.live()[&a].number;
    let reading = tokio::spawn(async move { log.snapshot(me(), number).await });
    place.store.are_records_held().await;
    for command in [entry(a, "Meanwhile"), dismiss(b), declare(c)] {
        place.push_one(command).await;
    }
    drop(gate);
    let snapshot = reading.await.unwrap().unwrap();
    assert!(snapshot.head < place.log.head());
    assert_eq!(snapshot.head, before);
    let expected = records_at(before, &place.all_events().await);
    assert_eq!(snapshot.incidents, expected);
    assert_eq!(expected.len(), 2, "the report was still to triage");
    leads_to_now(&place, snapshot).await;
    let now = place.log.snapshot(me(), None).await.unwrap();
    assert_eq!(
        now.incidents,
        records_at(place.log.head(), &place.all_events().await)
    );
}

#[tokio::test]
async fn what_is_on_disk_but_not_shown_yet_is_in_no_snapshot() {
    let place = Place::new().await;
    let (a, b) = (new_incident(), new_incident());
    place.push_one(declare(a)).await;
    for unheard in [entry(a, "Nobody was told"), declare(b)] {
        place.store.fail_next(Fails::AfterWriting);
        push(&place.log, 1, unheard).await.unwrap_err();
    }
    let log = place.all_events().await;
    // The entry was found when the next command came.
    assert_eq!((log.len(), place.log.head()), (5, 3));
    let snapshot = place.log.snapshot(me(), None).await.unwrap();
    assert_eq!(snapshot.head, 3);
    assert_eq!(snapshot.incidents, records_at(3, &log));
    let one = place.log.live()[&a].number.unwrap();
    let record = place.log.record(one).await.unwrap();
    assert_eq!([record], records_at(3, &log)[..]);
    let next = "INC-2026-0002".parse().unwrap();
    let snapshot = place.log.snapshot(me(), Some(next)).await;
    assert_eq!(snapshot.unwrap_err(), ApiError::NotFound);
    let record = place.log.record(next).await;
    assert_eq!(record.unwrap_err(), ApiError::NotFound);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_snapshot_taken_while_many_write_is_the_log_up_to_its_head() {
    const WRITERS: usize = 4;
    const ROUNDS: usize = 25;
    let place = Place::new().await;
    let mut heads = place.log.subscribe();
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let log = place.log.clone();
        writers.spawn(async move {
            for _ in 0..ROUNDS {
                let (kept, gone) = (new_incident(), new_incident());
                for command in [
                    declare(kept),
                    report(gone),
                    entry(kept, "One"),
                    dismiss(gone),
                ] {
                    push(&log, 1, command).await.unwrap();
                }
            }
        });
    }
    let log = place.log.clone();
    let reader = tokio::spawn(async move {
        let mut snapshots = Vec::new();
        let last = (WRITERS * ROUNDS * 5) as u64;
        loop {
            let snapshot = log.snapshot(me(), None).await.unwrap();
            let is_last = snapshot.head == last;
            snapshots.push(snapshot);
            if is_last {
                return snapshots;
            }
            heads.changed().await.unwrap();
        }
    });
    writers.join_all().await;
    let snapshots = reader.await.unwrap();
    let all = place.all_events().await;
    let places: BTreeSet<u64> = snapshots.iter().map(|s| s.head).collect();
    assert_eq!(places.last().copied(), Some(all.len() as u64));
    for snapshot in snapshots {
        assert_eq!(snapshot.incidents, records_at(snapshot.head, &all));
    }
    let (number, id) = {
        let live = place.log.live();
        let incident = Arc::clone(live.values().next().unwrap());
        (incident.number.unwrap(), incident.id)
    };
    let record = place.log.record(number).await.unwrap();
    assert!(record.events().eq(all.iter().filter(|r| r.incident == id)));
    place.memory_is_the_log().await;
}
