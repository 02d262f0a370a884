//! What customers see (D1).

use crate::room::{Room, ana, at, bo, cy, named, report, update_text};
use domain::public::{PublicIncident, PublicView, Reader};
use domain::update::{Audience, ComponentNote, ComponentState, UpdateKind};
use domain::{Command, Severity, Status};

fn told_to(room: &mut Room, kind: UpdateKind, audience: Audience, words: &str) {
    let after = room.incident.updates.last().map(|u| u.id);
    let mut text = update_text(kind, room.now, 60);
    text.audience = audience;
    text.acknowledge = words.to_owned();
    room.ok(
        &cy(),
        Command::PublishUpdate {
            text,
            after,
            excuses: Vec::new(),
        },
    );
}

fn only(customer: &str) -> Audience {
    Audience::Named {
        customers: vec![named(customer)],
    }
}

fn reader(name: &str) -> Reader {
    Reader::Account(named(name).id.account().unwrap())
}

#[test]
fn what_is_not_published_to_an_audience_does_not_exist_for_it() {
    let mut room = Room::empty();
    room.ok(&bo(), report());
    assert_eq!(
        PublicIncident::of(&room.incident, &Reader::Public),
        None,
        "a report"
    );
    room.ok(&ana(), crate::room::declare(Severity::Sev1, room.now));
    assert_eq!(
        PublicIncident::of(&room.incident, &Reader::Public),
        None,
        "declared, not told"
    );

    told_to(
        &mut room,
        UpdateKind::First,
        only("Orchard"),
        "Your tokens were used.",
    );
    assert_eq!(PublicIncident::of(&room.incident, &Reader::Public), None);
    assert_eq!(PublicIncident::of(&room.incident, &reader("Lumen")), None);
    assert_eq!(
        PublicIncident::of(&room.incident, &reader("orchard")),
        None,
        "names are exact"
    );
    let seen = PublicIncident::of(&room.incident, &reader("Orchard")).unwrap();
    assert_eq!(seen.headline(), "Your tokens were used.");

    told_to(
        &mut room,
        UpdateKind::Progress,
        Audience::Public,
        "Sign-in was slow.",
    );
    let public = PublicIncident::of(&room.incident, &Reader::Public).unwrap();
    assert_eq!(public.updates.len(), 1);
    assert!(!format!("{public:?}").contains("tokens"));
    assert_eq!(
        PublicIncident::of(&room.incident, &reader("Orchard"))
            .unwrap()
            .updates
            .len(),
        2
    );
    assert_eq!(
        PublicIncident::of(&room.incident, &reader("Lumen")).unwrap(),
        public
    );
}

#[test]
fn nothing_inside_reaches_the_customer() {
    const SECRET: &str = "Zebra";
    let mut room = Room::empty();
    let secret = || SECRET.to_owned();
    room.ok(
        &bo(),
        Command::Report {
            what: secret(),
            source: secret(),
        },
    );
    let mut declare = crate::room::declare(Severity::Sev1, room.now);
    if let Command::Declare {
        title,
        customer_sees,
        ..
    } = &mut declare
    {
        (*title, *customer_sees) = (secret(), secret());
    }
    room.ok(&ana(), declare);
    let mut who = cy();
    who.name = secret();
    let log = Command::LogEntry {
        kind: domain::timeline::EntryKind::Action,
        text: secret(),
        result: None,
        links: vec![],
        happened_at: None,
    };
    room.ok(&who, log);
    room.ok(
        &who,
        Command::NoteCustomer {
            customer: crate::room::customer(SECRET),
        },
    );
    room.ok(
        &who,
        Command::ChangeCadence {
            every_min: 60,
            reason: secret(),
        },
    );
    room.ok(&who, room.update(UpdateKind::First));
    let public = PublicIncident::of(&room.incident, &Reader::Public).unwrap();
    assert!(!format!("{public:?}").contains(SECRET));
    assert!(
        !format!("{public:?}").contains("INC-2026"),
        "the number tells how many there were"
    );
}

#[test]
fn the_promises_a_reader_was_given_are_counted_for_that_reader() {
    let mut room = Room::declared(Severity::Sev1);
    told_to(&mut room, UpdateKind::First, Audience::Public, "One.");
    room.wait(50);
    told_to(
        &mut room,
        UpdateKind::Progress,
        only("Orchard"),
        "Two, to one customer.",
    );
    room.wait(40);
    let public = PublicIncident::of(&room.incident, &Reader::Public).unwrap();
    let orchard = PublicIncident::of(&room.incident, &reader("Orchard")).unwrap();
    assert_eq!(
        (public.missed(room.now), public.next_at()),
        (1, Some(at(60)))
    );
    assert_eq!(
        (orchard.missed(room.now), orchard.next_at()),
        (0, Some(at(110)))
    );
    assert!(
        public
            .strip(room.now)
            .label
            .starts_with("One update given, one promised time missed")
    );
}

#[test]
fn it_is_over_while_the_newest_word_says_so() {
    let mut room = Room::at_status(Status::Resolved);
    let public = |room: &Room| PublicIncident::of(&room.incident, &Reader::Public).unwrap();
    assert!(!public(&room).is_over(), "resolved inside, not told yet");
    room.wait(10);
    room.publishes(UpdateKind::Resolution);
    assert!(public(&room).is_over());
    assert_eq!(
        (public(&room).next_at(), public(&room).missed(at(9_999))),
        (None, 0)
    );

    room.wait(10);
    room.ok(
        &ana(),
        Command::MoveBack {
            to: Status::Active,
            reason: "Back".to_owned(),
        },
    );
    assert!(public(&room).is_over(), "customers know nothing of it yet");
    room.publishes(UpdateKind::Progress);
    assert!(!public(&room).is_over());
    assert_eq!(public(&room).next_at(), Some(at(140)));
}

#[test]
fn the_page_lists_what_goes_on_with_the_newest_word_first_among_equals_and_every_component() {
    let room = |told_min: i64, component: &str, state, over: bool| {
        let mut room = Room::declared(Severity::Sev2);
        if over {
            room.moves_to(Status::Resolved);
        }
        room.wait(told_min);
        let kind = match (over, room.incident.updates.is_empty()) {
            (true, _) => UpdateKind::Resolution,
            (_, true) => UpdateKind::First,
            _ => UpdateKind::Progress,
        };
        let after = room.incident.updates.last().map(|u| u.id);
        let mut text = update_text(kind, room.now, 60);
        text.components = vec![ComponentNote {
            name: component.to_owned(),
            state,
        }];
        room.ok(
            &cy(),
            Command::PublishUpdate {
                text,
                after,
                excuses: Vec::new(),
            },
        );
        PublicIncident::of(&room.incident, &Reader::Public).unwrap()
    };
    let told = vec![
        room(5, "Checkout", ComponentState::DegradedPerformance, false),
        room(9, "Checkout", ComponentState::MajorOutage, false),
        room(7, "Reporting", ComponentState::MajorOutage, true),
    ];
    let page = PublicView::of(told, &domain::Policy::default(), at(20));
    let current: Vec<_> = page
        .current
        .iter()
        .map(|i| i.last_told_at().unwrap())
        .collect();
    assert_eq!((current, page.past.len()), (vec![at(9), at(5)], 1));
    let components: Vec<_> = page
        .components
        .iter()
        .map(|c| (c.name.as_str(), c.state.label()))
        .collect();
    assert_eq!(
        components,
        [
            ("Checkout", "Down"),
            ("Sign-in", "Working"),
            ("Data sync", "Working"),
            ("Reporting", "Working")
        ]
    );
}

/// The page's one sentence is about the worst, and a broken promise stands above one that is kept.
#[test]
fn the_worst_heads_the_page_and_then_come_broken_promises() {
    let told = |severity, told_min: i64, words: &str, audience| {
        let mut room = Room::declared(severity);
        room.wait(told_min);
        told_to(&mut room, UpdateKind::First, audience, words);
        PublicIncident::of(&room.incident, &reader("Orchard")).unwrap()
    };
    let public = || Audience::Public;
    let (late, in_time) = (0, 30);
    let incidents = vec![
        told(Severity::Sev3, in_time, "small", public()),
        told(Severity::Sev2, late, "late", public()),
        told(Severity::Sev3, late, "small and late", public()),
        told(Severity::Sev1, in_time, "worst", public()),
        told(Severity::Sev1, in_time - 1, "as bad, told before", public()),
        told(Severity::Sev3, in_time - 2, "theirs", only("Orchard")),
    ];
    let order = |now| {
        let page = PublicView::of(incidents.clone(), &domain::Policy::default(), now);
        let headlines: Vec<String> = page
            .current
            .iter()
            .map(|i| i.headline().to_owned())
            .collect();
        headlines
    };
    assert_eq!(
        order(at(61)),
        [
            "theirs",
            "worst",
            "late",
            "small and late",
            "as bad, told before",
            "small"
        ]
    );
    assert_eq!(
        order(at(60)),
        [
            "theirs",
            "worst",
            "as bad, told before",
            "late",
            "small",
            "small and late"
        ],
        "a promise is not broken before its time has passed"
    );
    assert!(
        PublicView::of(Vec::new(), &domain::Policy::default(), at(0))
            .current
            .is_empty()
    );
}

/// A customer who is told something by name, and then what everybody is told, finds it first too.
#[test]
fn what_was_addressed_to_a_reader_first_stays_first_once_the_public_is_told() {
    let mut theirs = Room::declared(Severity::Sev3);
    told_to(&mut theirs, UpdateKind::First, only("Orchard"), "Yours.");
    told_to(&mut theirs, UpdateKind::Progress, Audience::Public, "Ours.");
    let mut other = Room::declared(Severity::Sev1);
    told_to(&mut other, UpdateKind::First, Audience::Public, "Other.");
    let first = |who: &Reader| {
        let of = |room: &Room| PublicIncident::of(&room.incident, who).unwrap();
        let both = vec![of(&other), of(&theirs)];
        let page = PublicView::of(both, &domain::Policy::default(), at(1));
        page.current[0].headline().to_owned()
    };
    assert_eq!(first(&reader("Orchard")), "Ours.");
    assert_eq!(first(&Reader::Public), "Other.");
}
