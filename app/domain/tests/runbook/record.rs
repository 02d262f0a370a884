//! An incident crosses the network and is kept as its own log, and is folded by whoever gets it.

use crate::golden::EVENTS;
use domain::{Incident, IncidentId, Record, Recorded};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The golden log as one record for each incident.
fn records() -> Vec<Record> {
    let lines = EVENTS.lines();
    let log: Vec<Recorded> = lines.map(|l| serde_json::from_str(l).unwrap()).collect();
    let ids: BTreeSet<IncidentId> = log.iter().map(|r| r.incident).collect();
    let of = |id: IncidentId| log.iter().filter(move |r| r.incident == id).cloned();
    ids.into_iter().map(|id| of(id).collect()).collect()
}

/// The longest of them as its events.
fn longest() -> Vec<Recorded> {
    let all = records();
    let longest = all.iter().max_by_key(|r| r.events().count()).unwrap();
    longest.events().cloned().collect()
}

#[test]
fn a_record_folds_to_what_its_log_folds_to() {
    for record in records() {
        let id = record.incident().unwrap();
        let folded = record.fold().unwrap();
        assert_eq!(folded, Incident::fold(id, record.events()));
        assert_eq!(folded.version, record.events().count() as u64);
    }
}

#[test]
fn a_record_that_grows_is_the_same_as_one_that_was_read_whole() {
    let events = longest();
    let mut grown = Record::default();
    assert_eq!(
        (grown.incident(), grown.fold()),
        (None, None),
        "nothing yet"
    );
    for (place, next) in events.iter().enumerate() {
        let before = grown.clone();
        grown.push(next.clone());
        assert_eq!(before.events().count(), place, "a copy stays as it was");
        assert_eq!(grown, events[..=place].iter().cloned().collect());
    }
    assert_eq!(grown.fold(), Record::from_iter(events).fold());
}

#[test]
fn a_record_survives_being_written_and_read_by_both_readers() {
    for record in records() {
        let json = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<Record>(&json).unwrap(), record);
        assert_eq!(domain::json::from_str::<Record>(&json).unwrap(), record);
    }
}

type Change = fn(&mut Vec<Recorded>);

fn elsewhere() -> IncidentId {
    IncidentId(uuid::Uuid::from_u128(77))
}

#[test]
fn what_is_not_the_whole_log_of_one_incident_is_no_incident() {
    let whole = longest();
    let changes: [(&str, Change); 8] = [
        ("nothing", |events| events.clear()),
        ("no first event", |events| drop(events.remove(0))),
        ("a gap", |events| drop(events.remove(events.len() / 2))),
        ("an event twice", |events| {
            events.insert(1, events[1].clone());
        }),
        ("two events the other way round", |events| events.swap(1, 2)),
        ("an event of another incident", |events| {
            events[2].incident = elsewhere();
        }),
        ("a first event of another incident", |events| {
            events[0].incident = elsewhere();
        }),
        ("a version that none can follow", |events| {
            events[0].version = u64::MAX;
        }),
    ];
    assert!(Record::from_iter(whole.clone()).fold().is_some());
    for (what, change) in changes {
        let mut events = whole.clone();
        change(&mut events);
        assert_eq!(Record::from_iter(events).fold(), None, "{what}");
    }
}

#[test]
fn an_incident_that_was_kept_folded_is_not_read_as_a_record() {
    let folded = serde_json::to_value(records()[0].fold().unwrap()).unwrap();
    for old in [folded, json!({}), json!(null), json!("log"), json!([7])] {
        let read = domain::json::from_value::<Record>(old.clone());
        assert!(read.is_err(), "{old}");
        assert!(serde_json::from_value::<Record>(old).is_err());
    }
    let none: Value = json!([]);
    assert_eq!(
        domain::json::from_value::<Record>(none).unwrap().fold(),
        None
    );
}
