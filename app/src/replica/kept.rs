//! What becomes of a replica whose device kept something strange.

use super::core::{Absorbed, Core};
use crate::api::{BUILD, Pulled, PulledEvent, Snapshot};
use domain::json::{from_str, from_value};
use domain::timeline::EntryKind;
use domain::{
    CommandId, Event, IncidentId, Person, PersonId, Policies, Policy, Record, Recorded, Time,
};
use serde_json::{Value, json};
use uuid::Uuid;

/// Places in the log of the first incident and of the second.
const FIRST: [u64; 3] = [1, 3, 5];
const SECOND: [u64; 2] = [2, 4];
const HEAD: u64 = 5;

pub(super) fn id(n: u128) -> IncidentId {
    IncidentId(Uuid::from_u128(n))
}

pub(super) fn me() -> Person {
    Person {
        id: PersonId(Uuid::from_u128(7)),
        name: "Ana".to_owned(),
        title: String::new(),
        administrator: false,
    }
}

/// A report, then entries.
pub(super) fn recorded(incident: u128, seq: u64, version: u64) -> Recorded {
    let at = Time::from_timestamp(1_700_000_000 + seq as i64, 0).expect("a valid test time");
    let event = match version {
        1 => Event::Reported {
            what: format!("Incident {incident} is slow"),
            source: "Alert".to_owned(),
        },
        _ => Event::EntryLogged {
            kind: EntryKind::Action,
            text: format!("Entry at {seq}"),
            result: None,
            links: Vec::new(),
            happened_at: None,
        },
    };
    Recorded {
        seq,
        incident: id(incident),
        version,
        at,
        made_at: at,
        by: me().to_ref(),
        command: CommandId(Uuid::from_u128(seq.into())),
        stamped_at: None,
        event,
    }
}

pub(super) fn record(incident: u128, places: &[u64]) -> Record {
    let versions = places.iter().zip(1..);
    versions
        .map(|(seq, version)| recorded(incident, *seq, version))
        .collect()
}

pub(super) fn snapshot() -> Snapshot {
    Snapshot {
        me: me(),
        people: vec![me()],
        people_version: 1,
        policies: Policies::new(Policy::default()),
        head: HEAD,
        hash: None,
        now: Time::from_timestamp(1_700_000_100, 0).expect("a valid test time"),
        incidents: vec![record(1, &FIRST), record(2, &SECOND)],
        abridged: Vec::new(),
        closed: Vec::new(),
        clock_is_wrong: false,
    }
}

pub(super) fn pulled(events: Vec<Recorded>, head: u64) -> Pulled {
    Pulled {
        events: events.into_iter().map(PulledEvent::from).collect(),
        head,
        hash: None,
        lost: false,
        build: BUILD,
        more: false,
        now: snapshot().now,
        people: None,
        clock_is_wrong: false,
    }
}

/// As the device keeps it, before anything happened to it there.
fn kept() -> Value {
    serde_json::to_value(snapshot()).expect("a snapshot can be written")
}

#[test]
fn what_was_kept_is_what_there_is_and_goes_on_from_there() {
    let before = Core::new(snapshot());
    let mut after = Core::new(from_value(kept()).expect("it reads"));
    assert_eq!(after.shown(), before.shown());
    assert_eq!(after.shown().len(), 2);
    let next = pulled(vec![recorded(2, 6, 3), recorded(3, 7, 1)], 7);
    assert_eq!(after.absorb(next), Absorbed::InStep);
    assert_eq!(after.shown()[&id(2)].timeline.len(), 3);
    let written = after.to_snapshot(snapshot().now);
    let records = [record(1, &FIRST), record(2, &[2, 4, 6]), record(3, &[7])];
    assert_eq!((written.head, written.incidents), (7, records.to_vec()));
}

#[test]
fn a_snapshot_that_an_older_build_kept_is_as_if_nothing_was_kept() {
    let mut old = kept();
    let folded: Vec<_> = snapshot().incidents.iter().map(Record::fold).collect();
    old["incidents"] = serde_json::to_value(folded).expect("an incident can be written");
    assert!(from_value::<Snapshot>(old).is_err());
}

#[test]
fn a_snapshot_that_was_cut_off_or_garbled_is_as_if_nothing_was_kept() {
    let text = kept().to_string();
    for end in 0..text.len() {
        let read = text.get(..end).map(from_str::<Snapshot>);
        assert!(read.is_none_or(|r| r.is_err()), "cut off at {end}");
    }
    for (at, garbage) in [
        ("/incidents", json!({})),
        ("/incidents/0", json!(null)),
        ("/incidents/0/1", json!([])),
        ("/incidents/0/1/version", json!("two")),
        ("/incidents/1/0/incident", json!("here")),
        ("/head", json!(-1)),
    ] {
        let mut garbled = kept();
        *garbled.pointer_mut(at).expect("it is there") = garbage;
        assert!(from_value::<Snapshot>(garbled).is_err(), "{at}");
    }
}

/// What it can show it shows, without a network too; what is missing comes with the first exchange.
#[test]
fn a_record_that_is_not_whole_is_left_out_and_asked_for_again() {
    let of_another: Vec<Recorded> = record(1, &FIRST)
        .events()
        .chain(record(2, &SECOND).events())
        .cloned()
        .collect();
    let without = |gone: u64| {
        let all = record(1, &FIRST);
        let left = all.events().filter(|r| r.version != gone).cloned();
        left.collect::<Record>()
    };
    for broken in [
        Record::default(),
        without(1),
        without(2),
        Record::from_iter(of_another),
    ] {
        let mut given = snapshot();
        given.incidents[0] = broken.clone();
        let mut core = Core::new(given);
        assert_eq!(core.shown().into_keys().collect::<Vec<_>>(), [id(2)]);
        // Kept once more before there is a network, it is still noticed.
        core = Core::new(core.to_snapshot(snapshot().now));
        let nothing = || pulled(Vec::new(), HEAD);
        assert_eq!(core.absorb(nothing()), Absorbed::Lost, "{broken:?}");
        core.reset(snapshot());
        assert_eq!(core.shown().len(), 2);
        assert_eq!(core.absorb(nothing()), Absorbed::InStep);
        let written = core.to_snapshot(snapshot().now);
        assert_eq!(written.incidents, snapshot().incidents);
    }
}

#[test]
fn what_lags_behind_its_own_head_is_noticed_with_its_next_event() {
    let mut given = snapshot();
    given.incidents[0] = record(1, &FIRST[..2]);
    let mut core = Core::new(given);
    assert_eq!(core.shown()[&id(1)].version, 2, "shown as far as it goes");
    let next = || pulled(vec![recorded(1, 6, 4)], 6);
    assert_eq!(core.absorb(next()), Absorbed::Lost);
    core.reset(snapshot());
    assert_eq!(core.absorb(next()), Absorbed::InStep);
    assert_eq!(core.shown()[&id(1)].version, 4);
}

#[test]
fn of_two_tabs_the_one_that_is_behind_may_keep_its_state_last() {
    let (mut ahead, behind) = (Core::new(snapshot()), Core::new(snapshot()));
    let news = vec![recorded(1, 6, 4), recorded(2, 7, 3)];
    assert_eq!(ahead.absorb(pulled(news.clone(), 7)), Absorbed::InStep);
    let mut opened = Core::new(behind.to_snapshot(snapshot().now));
    assert_eq!(opened.absorb(pulled(news.clone(), 7)), Absorbed::InStep);
    assert_eq!(opened.shown(), ahead.shown());
    // The server's answer may reach what is there already.
    assert_eq!(opened.absorb(pulled(news, 7)), Absorbed::InStep);
    assert_eq!(opened.shown(), ahead.shown());
}

#[test]
fn an_incident_asked_for_by_name_takes_the_place_of_an_older_one_only() {
    let mut core = Core::new(snapshot());
    core.adopt(record(1, &FIRST[..1]));
    assert_eq!(core.shown()[&id(1)].version, 3, "an older one");
    core.adopt(record(1, &[1, 3, 5, 6]));
    assert_eq!(core.shown()[&id(1)].version, 4, "a newer one");
    core.adopt(record(3, &[]));
    core.adopt(Record::from_iter([recorded(3, 7, 2)]));
    assert_eq!(core.shown().len(), 2, "none that is not whole");
    let written = core.to_snapshot(snapshot().now).incidents;
    assert_eq!(written, [record(1, &[1, 3, 5, 6]), record(2, &SECOND)]);
    // It knows this event already, and follows with the next.
    let next = vec![recorded(1, 6, 4), recorded(1, 7, 5)];
    assert_eq!(core.absorb(pulled(next, 7)), Absorbed::InStep);
    assert_eq!(core.shown()[&id(1)].version, 5);
}

#[test]
fn what_was_asked_for_by_name_is_doubted_when_the_log_goes_on_in_another_way() {
    let opened = || {
        let mut core = Core::new(snapshot());
        core.adopt(record(1, &[1, 3, 5, 6]));
        core
    };
    let mut of_another_author = recorded(1, 6, 4);
    of_another_author.command = CommandId(Uuid::from_u128(60));
    for other in [of_another_author, recorded(2, 6, 3)] {
        let mut core = opened();
        assert_eq!(core.absorb(pulled(vec![other], 6)), Absorbed::Lost);
        core.reset(snapshot());
        assert_eq!(core.shown()[&id(1)].version, 3);
    }
}

#[test]
fn log_that_ends_before_what_it_gave_is_another_log() {
    let nothing = || pulled(Vec::new(), HEAD);
    let mut core = Core::new(snapshot());
    core.begin_exchange(0);
    // It came while the answer to the pull was on its way.
    core.adopt(record(1, &[1, 3, 5, 6]));
    assert_eq!(core.absorb(nothing()), Absorbed::InStep);
    core.begin_exchange(0);
    assert_eq!(core.absorb(nothing()), Absorbed::Lost);
    core.reset(snapshot());
    core.begin_exchange(0);
    assert_eq!(core.absorb(nothing()), Absorbed::InStep);
}
