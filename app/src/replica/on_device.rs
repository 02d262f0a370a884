//! What a device keeps and gives back: commands in their order, and the record by rows.

use super::core::{Absorbed, Core, Returned};
use super::kept::{id, me, pulled, record, recorded, snapshot};
use super::outbox::{self, Author};
use super::record_rows::{self, Turn};
use super::storage::memory::Memory;
use super::storage::{Storage as _, Table};
use crate::api::Snapshot;
use chrono::Duration;
use domain::json::from_value;
use domain::timeline::EntryKind;
use domain::update::Audience;
use domain::{
    Command, CommandId, Envelope, Event, PersonId, Record, Refusal, Severity, Status, Time,
};
use serde_json::json;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use uuid::Uuid;

/// Memory waits for nothing.
fn now<T>(asked: impl Future<Output = T>) -> T {
    match pin!(asked).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("memory waits for nothing"),
    }
}

fn at(s: i64) -> Time {
    Time::from_timestamp(1_700_000_000 + s, 0).expect("a valid test time")
}

fn entry(n: u128, made_at: Time) -> Envelope {
    Envelope {
        id: CommandId(Uuid::from_u128(n)),
        incident: id(1),
        made_at,
        command: Command::LogEntry {
            kind: EntryKind::Action,
            text: format!("Entry {n}"),
            result: None,
            links: Vec::new(),
            happened_at: None,
        },
    }
}

fn mine() -> Author {
    Author {
        person: me().id,
        session: "this one".to_owned(),
    }
}

fn numbers(envelopes: &[Envelope]) -> Vec<u128> {
    envelopes.iter().map(|e| e.id.0.as_u128()).collect()
}

#[test]
fn commands_are_sent_in_the_order_in_which_they_were_made_whatever_the_clock_says() {
    let device = Memory::default();
    let (one_tab, other_tab) = (device.clone(), device);
    // The estimate of the server's time steps back, and each id is smaller than the one before.
    for (tab, n, made_at) in [
        (&one_tab, 40, at(300)),
        (&other_tab, 30, at(200)),
        (&one_tab, 20, at(-9_000)),
        (&other_tab, 10, at(100)),
    ] {
        assert!(now(outbox::keep(tab, mine(), entry(n, made_at))));
    }
    let waiting = now(outbox::load(&one_tab, &mine())).waiting;
    assert_eq!(numbers(&waiting), [40, 30, 20, 10]);
    // The counter goes on from where it was, also when all that was counted is gone.
    for n in [40, 30, 20, 10] {
        now(outbox::settle(&one_tab, CommandId(Uuid::from_u128(n))));
    }
    let count = now(one_tab.get(Table::Outbox, "count"));
    assert_eq!(count.as_deref(), Some("4"));
}

#[test]
fn commands_that_an_older_build_kept_go_before_newer_ones_in_the_order_of_their_times() {
    let device = Memory::default();
    for (n, made_at) in [(3, at(30)), (1, at(10)), (2, at(20))] {
        let old = json!({"person": me().id, "session": mine().session, "envelope": entry(n, made_at), "refusal": null});
        device.put(
            Table::Outbox,
            &entry(n, made_at).id.to_string(),
            &old.to_string(),
        );
    }
    now(outbox::keep(&device, mine(), entry(4, at(0))));
    let waiting = now(outbox::load(&device, &mine())).waiting;
    assert_eq!(numbers(&waiting), [1, 2, 3, 4]);
}

#[test]
fn the_outbox_of_another_person_and_what_a_newer_build_kept_stay_where_they_are() {
    let device = Memory::default();
    let other = Author {
        person: PersonId(Uuid::from_u128(8)),
        ..mine()
    };
    now(outbox::keep(&device, other.clone(), entry(1, at(0))));
    device.put(
        Table::Outbox,
        "2",
        r#"{"person":"newer","envelope":{"command":{"fly":{}}}}"#,
    );
    assert_eq!(now(outbox::load(&device, &mine())), outbox::Left::default());
    assert_eq!(numbers(&now(outbox::load(&device, &other)).waiting), [1]);
    assert_eq!(
        now(device.all(Table::Outbox)).len(),
        3,
        "two and the counter"
    );
}

#[test]
fn what_came_back_stays_until_its_author_has_dealt_with_it() {
    let device = Memory::default();
    now(outbox::keep(&device, mine(), entry(1, at(0))));
    now(outbox::keep(&device, mine(), entry(2, at(0))));
    let returned = Returned {
        envelope: entry(1, at(0)),
        refusal: Refusal::invalid("Text", "is too long"),
    };
    now(outbox::keep_returned(&device, mine(), returned.clone()));
    let left = now(outbox::load(&device, &mine()));
    assert_eq!(
        (numbers(&left.waiting), left.returned),
        (vec![2], vec![returned])
    );
    now(outbox::settle(&device, entry(1, at(0)).id));
    assert!(now(outbox::load(&device, &mine())).returned.is_empty());
}

#[test]
fn what_an_earlier_session_left_waits_for_its_author_and_then_comes_after_what_was_made_since() {
    let device = Memory::default();
    now(outbox::keep(&device, mine(), entry(1, at(0))));
    let sign = Command::OpenDraft {
        of: domain::draft::Of::Update,
        take_over: false,
    };
    let writes = Envelope {
        command: sign,
        ..entry(2, at(0))
    };
    now(outbox::keep(&device, mine(), writes));
    let later = Author {
        session: "the next one".to_owned(),
        ..mine()
    };
    now(outbox::keep(&device, later.clone(), entry(3, at(0))));
    let left = now(outbox::load(&device, &later));
    assert_eq!(numbers(&left.waiting), [3]);
    assert_eq!(numbers(&left.unconfirmed), [1]);
    // That they were writing is over with the session.
    assert_eq!(
        now(device.all(Table::Outbox)).len(),
        3,
        "two and the counter"
    );
    now(outbox::keep(&device, later.clone(), entry(1, at(0))));
    assert_eq!(numbers(&now(outbox::load(&device, &later)).waiting), [3, 1]);
}

/// As a tab has it after an exchange at this time.
fn after(records: &[Record], head: u64, s: i64) -> Snapshot {
    Snapshot {
        head,
        now: at(s),
        incidents: records.to_vec(),
        ..snapshot()
    }
}

fn kept(device: &Memory) -> Snapshot {
    now(record_rows::load(device, at(0), "")).expect("it is kept")
}

/// By a tab that asked the server before any other tab kept something.
fn keep(device: &Memory, snapshot: &Snapshot) {
    keep_after(device, snapshot, 0);
}

fn keep_after(device: &Memory, snapshot: &Snapshot, kept_before: u64) {
    let turn = Turn {
        kept_at: at(0),
        kept_before,
    };
    assert!(now(record_rows::keep(device, snapshot, turn, "", || true)));
}

/// In a session of this name, while that is open or not. Whether it was done.
fn keep_in(device: &Memory, session: &str, is_open: bool) -> bool {
    let turn = Turn {
        kept_at: at(0),
        kept_before: 0,
    };
    let snapshot = snapshot();
    let keep = record_rows::keep(device, &snapshot, turn, session, || is_open);
    now(keep)
}

#[test]
fn rows_open_only_in_the_session_that_kept_them() {
    let device = Memory::default();
    assert!(keep_in(&device, "hers", true));
    let load = |session| now(record_rows::load(&device, at(0), session));
    assert!(load("hers").is_some());
    assert!(load("the next one").is_none());
}

#[test]
fn nothing_is_kept_once_the_session_has_ended() {
    let device = Memory::default();
    keep_in(&device, "hers", false);
    assert!(now(device.all(Table::Record)).is_empty());
}

#[test]
fn only_the_incident_that_changed_is_written() {
    let device = Memory::default();
    let (first, second) = (record(1, &[1, 3, 5]), record(2, &[2, 4]));
    let before = after(&[first.clone(), second.clone()], 5, 100);
    keep(&device, &before);
    assert_eq!(kept(&device), before);
    let _before = device.take_written();

    let now_second = record(2, &[2, 4, 6]);
    let next = after(&[first, now_second.clone()], 6, 101);
    keep(&device, &next);
    let row = format!("incident/{}", id(2));
    assert_eq!(
        device.take_written(),
        [row.as_str(), "count", "index", "session"]
    );
    assert_eq!(kept(&device), next);
    // Nothing but the time is new.
    keep(
        &device,
        &Snapshot {
            now: at(102),
            ..next
        },
    );
    assert_eq!(device.take_written(), ["count", "index", "session"]);
    // Those that are held no more are gone.
    keep(&device, &after(&[now_second], 6, 103));
    assert_eq!(
        device.take_written(),
        [
            format!("incident/{}", id(1)),
            "count".to_owned(),
            "index".to_owned(),
            "session".to_owned()
        ]
    );
}

#[test]
fn a_tab_that_is_behind_does_not_take_back_what_another_has_kept() {
    let device = Memory::default();
    let ahead = after(&[record(1, &[1, 3, 5, 6]), record(2, &[2, 4])], 6, 101);
    keep(&device, &ahead);
    keep(&device, &after(&[record(1, &[1, 3, 5])], 5, 100));
    assert_eq!(kept(&device), ahead);
}

#[test]
fn what_a_restored_server_says_takes_the_place_of_the_lost_log() {
    let device = Memory::default();
    let lost = after(&[record(1, &[1, 3, 5]), record(2, &[2, 4])], 5, 100);
    keep(&device, &lost);
    // As far as before, with another event at the same place of the incident.
    let mut last = recorded(1, 3, 3);
    last.command = CommandId(Uuid::from_u128(77));
    let events = record(1, &[1, 2]).events().cloned().chain([last]).collect();
    let restored = after(&[events], 3, 102);
    keep(&device, &restored);
    assert_eq!(kept(&device), restored);
}

#[test]
fn a_restored_log_of_an_earlier_time_takes_the_place_of_one_that_was_ahead_of_it() {
    let device = Memory::default();
    let lost = after(&[record(1, &[1, 3, 5]), record(2, &[2, 4])], 5, 10_000);
    keep(&device, &lost);
    let restored = after(&[record(1, &[1, 3])], 3, 200);
    let kept_before = now(record_rows::count(&device));
    keep_after(&device, &restored, kept_before);
    assert_eq!(kept(&device), restored);
}

#[test]
fn what_an_older_build_kept_opens_and_is_replaced_by_rows() {
    let device = Memory::default();
    let json = serde_json::to_string(&snapshot()).expect("it can be written");
    device.put(Table::Record, "snapshot", &json);
    device.put(Table::Record, "kept_at", &json!(at(-50)).to_string());
    let aged = snapshot().now + Duration::seconds(50);
    assert_eq!(
        kept(&device),
        Snapshot {
            now: aged,
            ..snapshot()
        }
    );
    keep(&device, &snapshot());
    assert_eq!(kept(&device), snapshot());
    assert_eq!(now(device.get(Table::Record, "snapshot")), None);
}

#[test]
fn a_row_that_is_garbled_or_missing_is_noticed_and_written_anew() {
    let shorter = json!(record(1, &[1, 3])).to_string();
    for garbage in ["[", "[]", r#"{"a":1}"#, &shorter] {
        let device = Memory::default();
        keep(&device, &snapshot());
        device.put(Table::Record, &format!("incident/{}", id(1)), garbage);
        // It is noticed again when it is opened once more before there is a network.
        for _ in 0..2 {
            let mut core = Core::new(kept(&device));
            assert_eq!(core.shown().into_keys().collect::<Vec<_>>(), [id(2)]);
            let nothing = pulled(Vec::new(), snapshot().head);
            assert_eq!(core.absorb(nothing), Absorbed::Lost, "{garbage}");
        }
        keep(&device, &snapshot());
        assert_eq!(kept(&device), snapshot(), "{garbage}");
    }
    for part in ["index", "people", "policies", "closed"] {
        let device = Memory::default();
        keep(&device, &snapshot());
        device.put(Table::Record, part, "?");
        assert_eq!(now(record_rows::load(&device, at(0), "")), None, "{part}");
        keep(&device, &snapshot());
        assert_eq!(kept(&device), snapshot(), "{part}");
    }
}

/// The report of incident 1 was dismissed.
fn dismissed(seq: u64, version: u64) -> domain::Recorded {
    let mut last = recorded(1, seq, version);
    last.event = Event::ReportDismissed {
        reason: "A test of the pager".to_owned(),
    };
    last
}

/// Declared and closed, two events from these places on.
fn closed(seq: u64, version: u64) -> Vec<domain::Recorded> {
    let mut declared = recorded(1, seq, version);
    declared.event = Event::Declared {
        title: "Exports".to_owned(),
        severity: Severity::Sev3,
        customer_sees: "Exports wait".to_owned(),
        impact_began_at: at(0),
        components: Vec::new(),
        audience: Audience::Public,
    };
    let mut closed = recorded(1, seq + 1, version + 1);
    closed.event = Event::StatusMoved { to: Status::Closed };
    vec![declared, closed]
}

#[test]
fn what_is_over_leaves_the_tab_once_nobody_looks_at_it() {
    let mut core = Core::new(snapshot());
    core.let_go(&[]);
    assert_eq!(core.shown().len(), 2, "both are to triage");
    let over = pulled(closed(6, 4), 7);
    assert_eq!(core.absorb(over), Absorbed::InStep);
    core.let_go(&[id(1)]);
    assert_eq!(core.shown().len(), 2, "somebody looks at it");
    core.pending.push(entry(1, at(0)));
    core.let_go(&[]);
    assert_eq!(core.shown().len(), 2, "an entry for it waits");
    core.pending.clear();
    core.let_go(&[]);
    assert_eq!(core.shown().into_keys().collect::<Vec<_>>(), [id(2)]);
    // What becomes of it is followed by nobody, unless it is opened again.
    let more = pulled(vec![recorded(1, 8, 6)], 8);
    assert_eq!(core.absorb(more), Absorbed::InStep);
    let mut again = recorded(1, 9, 7);
    again.event = Event::StatusMovedBack {
        to: Status::Active,
        reason: "It is back".to_owned(),
    };
    let again = pulled(vec![again], 9);
    assert_eq!(core.absorb(again), Absorbed::Lost);
}

#[test]
fn what_became_of_a_report_stays_in_the_tab() {
    let mut core = Core::new(snapshot());
    core.absorb(pulled(vec![dismissed(6, 4)], 6));
    core.let_go(&[]);
    assert!(core.shown()[&id(1)].dismissed.is_some());
}

#[test]
fn what_a_newer_build_may_have_opened_again_stays_in_the_tab() {
    let mut core = Core::new(snapshot());
    let mut strange = recorded(1, 8, 6);
    strange.event = from_value(json!({"kind": "moon_landed.7", "data": {}})).expect("it is kept");
    let news = closed(6, 4).into_iter().chain([strange]).collect();
    assert_eq!(core.absorb(pulled(news, 8)), Absorbed::InStep);
    core.let_go(&[]);
    assert!(core.shown().contains_key(&id(1)));
}
