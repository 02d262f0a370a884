//! Finding closed incidents, whatever database is under it.

use super::{Scribe, declared, told};
use crate::store::{Decided, Store};
use app::api::Sought;
use domain::customer::Customer;
use domain::search::Query;
use domain::timeline::EntryKind;
use domain::{Event, IncidentNumber, Severity, Status};

const LIMIT: u32 = 3;
const NONE: [u32; 0] = [];

/// The whole story. The store must be empty before.
pub(crate) async fn story(store: &dyn Store) {
    assert!(!store.index_more().await.unwrap(), "nothing to make");
    assert_eq!(serials(store, "", None).await, NONE);
    let mut scribe = Scribe::default();
    some_are_closed(store, &mut scribe).await;
    words_are_found(store).await;
    what_people_type_is_never_syntax(store).await;
    filters_and_pages(store, &mut scribe).await;
    what_changes_is_found_as_it_is_now(store, &mut scribe).await;
    assert!(store.verify().await.unwrap().faults.is_empty());
}

/// Closed: 1, 2 and 42. Open: 4. A report that nobody declared has no number.
pub(crate) async fn some_are_closed(store: &dyn Store, scribe: &mut Scribe) {
    let mut checkout = with(declared("Checkout errors", 1), "Ärger in São Paulo 🧨");
    checkout.push(customer("Orchard Bank"));
    checkout.push(Event::CauseStated {
        cause: domain::command::Cause::Known {
            text: "The pool of connections was too small".to_owned(),
        },
    });
    let mut search = declared("عطل في البحث", 2);
    about(&mut search, Severity::Sev1, "Search");
    search.push(customer("R&D \"OR\" NEAR(1)"));
    let mut sync = with(declared("Nightly sync", 42), "Checkout was not touched");
    about(&mut sync, Severity::Sev1, "Data sync");
    // Found by what it was in the end.
    sync.push(Event::SeverityChanged {
        to: Severity::Sev3,
        reason: "One customer".to_owned(),
    });
    let report = Event::Reported {
        what: "Slow checkout".to_owned(),
        source: "Alert".to_owned(),
    };
    let mut batch = vec![
        scribe.accepted(1, 1, checkout),
        scribe.accepted(2, 1, told("We see errors")),
        scribe.accepted(3, 2, search),
        scribe.accepted(4, 3, sync),
        scribe.accepted(5, 4, declared("Checkout again", 4)),
        scribe.accepted(6, 5, vec![report]),
    ];
    for n in 1..=3 {
        batch.push(closing(scribe, 10 + n, n));
    }
    write(store, scribe, &batch, &[1, 2, 3, 4, 5]).await;
}

async fn words_are_found(store: &dyn Store) {
    for (typed, found) in [
        ("", vec![42, 2, 1]),
        ("checkout", vec![42, 1]),
        ("CHECKO", vec![42, 1]),
        ("heckout", vec![]),
        ("touch", vec![42]),
        ("errors checkout", vec![1]),
        ("checkout errors missing", vec![]),
        ("orchard pool", vec![1]),
        ("SAO paulo arger", vec![1]),
        ("🧨", vec![1]),
        ("البحث", vec![2]),
        ("\u{202E}عطل", vec![2]),
        ("we see errors", vec![1]),
        ("everybody", vec![1]),
        ("0042", vec![42]),
        ("42", vec![42]),
        ("INC-2026-0042", vec![42]),
        ("inc-2026-0001", vec![1]),
        ("2026", vec![42, 2, 1]),
        ("again", vec![]),
        ("slow", vec![]),
    ] {
        assert_eq!(serials(store, typed, None).await, found, "“{typed}”");
    }
}

async fn what_people_type_is_never_syntax(store: &dyn Store) {
    for typed in [
        "\"",
        "\"checkout",
        "*",
        "check*",
        "^checkout",
        "words:checkout",
        "{words}:checkout",
        "checkout AND",
        "NOT checkout",
        "OR",
        "NEAR(",
        "NEAR(checkout errors, 2)",
        "(checkout",
        "check+out",
        "-checkout",
        "'; DROP TABLE search; --",
        "\u{0}\u{1}",
        "\u{E000}",
        "\u{E001}0",
        "%_\\",
    ] {
        let found = serials(store, typed, None).await;
        let expected = match typed {
            "\"" | "*" | "\u{0}\u{1}" | "\u{E000}" | "\u{E001}0" | "%_\\" => vec![42, 2, 1],
            "\"checkout" | "check*" | "^checkout" | "(checkout" | "-checkout" => vec![42, 1],
            "NEAR(" => vec![2],
            "OR" => vec![2, 1],
            "NOT checkout" => vec![42],
            _ => vec![],
        };
        assert_eq!(found, expected, "“{typed}”");
    }
    let long = "checkout ".repeat(1_000);
    assert_eq!(serials(store, &long, None).await, [42, 1]);
}

async fn filters_and_pages(store: &dyn Store, scribe: &mut Scribe) {
    let found = async |sought: Sought| {
        let found = store.find(&sought, None, LIMIT).await.unwrap();
        found
            .incidents
            .iter()
            .map(|s| s.number.serial)
            .collect::<Vec<_>>()
    };
    let severity = |severity| Sought {
        severity: Some(severity),
        ..Sought::default()
    };
    assert_eq!(found(severity(Severity::Sev1)).await, [2, 1]);
    assert_eq!(found(severity(Severity::Sev2)).await, NONE);
    assert_eq!(found(severity(Severity::Sev3)).await, [42]);
    let component = |name: &str, typed: &str| Sought {
        component: Some(name.to_owned()),
        words: Query::of(typed),
        ..Sought::default()
    };
    assert_eq!(found(component("Data sync", "")).await, [42]);
    assert_eq!(found(component("Checkout", "checkout")).await, [1]);
    assert_eq!(found(component("data", "")).await, NONE);
    assert_eq!(found(component("\" OR \"", "")).await, NONE);

    let mut batch = Vec::new();
    let more: Vec<u128> = (100..110).collect();
    for n in &more {
        let serial = u32::try_from(*n).unwrap();
        batch.push(scribe.accepted(1_000 + n, *n, declared("Leaf of 105", serial)));
        batch.push(closing(scribe, 2_000 + n, *n));
    }
    write(store, scribe, &batch, &more).await;
    let (mut before, mut all) = (None, Vec::new());
    loop {
        let sought = Sought {
            words: Query::of("leaf"),
            ..Sought::default()
        };
        let found = store.find(&sought, before, LIMIT).await.unwrap();
        assert!(found.incidents.len() <= LIMIT as usize);
        all.extend(found.incidents.iter().map(|s| s.number.serial));
        before = found.incidents.last().map(|s| s.number);
        if !found.more {
            break;
        }
    }
    assert_eq!(all, (100..110).rev().collect::<Vec<_>>());
    // All say 105, but one is it.
    assert_eq!(serials(store, "105", None).await, [105, 109, 108]);
    let older = IncidentNumber {
        year: 2026,
        serial: 108,
    };
    assert_eq!(serials(store, "105", Some(older)).await, [107, 106, 104]);
}

async fn what_changes_is_found_as_it_is_now(store: &dyn Store, scribe: &mut Scribe) {
    let entry = scribe.accepted(3_000, 1, with(Vec::new(), "First wording"));
    write(store, scribe, std::slice::from_ref(&entry), &[1]).await;
    assert_eq!(serials(store, "wording", None).await, [1]);
    let amended = Event::EntryAmended {
        entry: entry.command,
        text: "Corrected".to_owned(),
        reason: "A slip".to_owned(),
    };
    let batch = [scribe.accepted(3_001, 1, vec![amended])];
    write(store, scribe, &batch, &[1]).await;
    assert_eq!(serials(store, "wording", None).await, NONE);
    assert_eq!(serials(store, "corrected", None).await, [1]);

    let back = Event::StatusMovedBack {
        to: Status::Active,
        reason: "Worse".to_owned(),
    };
    let batch = [scribe.accepted(3_002, 1, vec![back])];
    write(store, scribe, &batch, &[1]).await;
    assert_eq!(serials(store, "corrected", None).await, NONE, "open again");
    let batch = [closing(scribe, 3_003, 1)];
    write(store, scribe, &batch, &[1]).await;
    assert_eq!(serials(store, "corrected worse", None).await, [1]);
}

pub(crate) async fn serials(
    store: &dyn Store,
    typed: &str,
    before: Option<IncidentNumber>,
) -> Vec<u32> {
    let sought = Sought {
        words: Query::of(typed),
        ..Sought::default()
    };
    let found = store.find(&sought, before, LIMIT).await.unwrap();
    assert!(found.complete);
    found.incidents.iter().map(|s| s.number.serial).collect()
}

async fn write(store: &dyn Store, scribe: &Scribe, batch: &[Decided], incidents: &[u128]) {
    let standings: Vec<_> = incidents.iter().map(|n| scribe.standing(*n)).collect();
    store.append(batch, &standings).await.unwrap();
}

fn closing(scribe: &mut Scribe, command: u128, incident: u128) -> Decided {
    let event = Event::StatusMoved { to: Status::Closed };
    scribe.accepted(command, incident, vec![event])
}

fn with(mut events: Vec<Event>, text: &str) -> Vec<Event> {
    events.push(Event::EntryLogged {
        kind: EntryKind::Observation,
        text: text.to_owned(),
        result: None,
        links: Vec::new(),
        happened_at: None,
    });
    events
}

fn customer(name: &str) -> Event {
    let customer = Customer {
        name: name.to_owned(),
        tier: "Strategic".to_owned(),
        annual_revenue: 1,
        sees: "Nothing".to_owned(),
        ..Customer::default()
    };
    Event::CustomerNoted { customer }
}

fn about(events: &mut [Event], how_bad: Severity, component: &str) {
    for event in events {
        if let Event::Declared {
            severity,
            components,
            ..
        } = event
        {
            (*severity, *components) = (how_bad, vec![component.to_owned()]);
        }
    }
}
