//! Report, dismiss, declare (RUNBOOK §2).

use crate::room::{Room, ana, at, bo, declare, minutes, report};
use domain::clock::{ClockKind, ClockState, Owner};
use domain::update::Audience;
use domain::{Command, Event, Refusal, Severity, Time};

fn dismiss() -> Command {
    Command::DismissReport {
        reason: "The probe was down".to_owned(),
    }
}

#[test]
fn a_report_is_declared_or_dismissed_once_and_whoever_is_second_hears_who_was_first() {
    type Do = fn(Time) -> Command;
    let declares: Do = |now| declare(Severity::Sev1, now);
    let dismisses: Do = |_| dismiss();
    for (first, then, did) in [
        (
            declares,
            declares,
            "Ana declared this incident at 10:05 UTC",
        ),
        (
            declares,
            dismisses,
            "Ana declared this incident at 10:05 UTC",
        ),
        (
            dismisses,
            declares,
            "Ana dismissed this report (The probe was down) at 10:05 UTC",
        ),
        (
            dismisses,
            dismisses,
            "Ana dismissed this report (The probe was down) at 10:05 UTC",
        ),
    ] {
        let mut room = Room::empty();
        room.ok(&bo(), report());
        let now = room.wait(5).now;
        room.ok(&ana(), first(now));
        let now = room.wait(1).now;
        let why = room.refused(&bo(), then(now));
        assert!(why.starts_with(did), "{why}");
    }
}

#[test]
fn the_declaration_tells_how_long_after_the_report_it_came() {
    let mut room = Room::empty();
    room.ok(&bo(), report());
    let now = room.wait(9).now;
    room.ok(&ana(), declare(Severity::Sev1, now - minutes(12)));
    assert_eq!(
        room.incident.timeline.last().unwrap().text,
        "Declared SEV-1, 9 min after the first report"
    );
    let declared = room.incident.declared.as_ref().unwrap();
    assert_eq!(
        (declared.impact_began_at, declared.at),
        (at(-3), at(9)),
        "kept apart"
    );
}

#[test]
fn the_declare_or_dismiss_clock_runs_15_minutes() {
    use ClockState::{AtRisk, Met, MetLate, Overdue, Running};
    for (min, open, declared) in [
        (9, Running, Met),
        (10, AtRisk, Met),
        (15, AtRisk, Met),
        (16, Overdue, MetLate),
    ] {
        for end in [dismiss(), declare(Severity::Sev3, at(0))] {
            let mut room = Room::empty();
            room.ok(&bo(), report());
            room.wait(min);
            let clock = room.clock(ClockKind::DeclareOrDismiss).unwrap();
            assert_eq!((clock.started_at, &clock.owner), (at(0), &Owner::OnCall));
            let second = chrono::Duration::seconds(1);
            let edges = [at(10) - second, at(10), at(15), at(15) + second];
            assert_eq!(
                edges.map(|when| clock.state(when)),
                [Running, AtRisk, AtRisk, Overdue]
            );
            assert_eq!(
                (clock.due_at, clock.state(room.now)),
                (at(15), open),
                "at {min} min"
            );
            room.ok(&ana(), end);
            room.wait(100);
            assert_eq!(
                room.clock_state(ClockKind::DeclareOrDismiss),
                Some(declared),
                "at {min} min"
            );
        }
    }
}

#[test]
fn an_incident_is_reported_once_and_may_begin_without_a_report() {
    let mut room = Room::empty();
    assert_eq!(room.send(&bo(), dismiss()), Err(Refusal::NoSuchIncident));
    assert_eq!(
        room.send(
            &bo(),
            Command::MoveStatus {
                to: domain::Status::Contained
            }
        ),
        Err(Refusal::NoSuchIncident)
    );
    room.ok(&bo(), report());
    assert_eq!(room.send(&bo(), report()), Err(Refusal::AlreadyExists));

    let mut room = Room::declared(Severity::Sev2);
    assert_eq!(room.send(&bo(), report()), Err(Refusal::AlreadyExists));
    assert_eq!(room.clock(ClockKind::DeclareOrDismiss), None);
    assert_eq!(room.incident.number_label(), "INC-2026-0042");
}

#[test]
fn a_report_is_no_incident_yet() {
    let entry = || Command::LogEntry {
        kind: domain::timeline::EntryKind::Action,
        text: "Looked".to_owned(),
        result: None,
        links: Vec::new(),
        happened_at: None,
    };
    let mut room = Room::empty();
    room.ok(&bo(), report());
    assert!(room.refused(&bo(), entry()).contains("Declare it"));
    room.ok(&ana(), dismiss());
    assert!(room.refused(&bo(), entry()).contains("dismissed"));
}

#[test]
fn when_it_began_is_not_in_the_future_and_not_a_year_ago() {
    let seconds = chrono::Duration::seconds;
    let day = chrono::Duration::days;
    for (claimed, taken) in [
        (at(0), Some(at(0))),
        (at(-600), Some(at(-600))),
        // An author's estimate of server time may run ahead: that counts as now.
        (at(0) + seconds(1), Some(at(0))),
        (at(0) + seconds(60), Some(at(0))),
        (at(0) + seconds(61), None),
        (at(60), None),
        (at(0) - day(366), Some(at(0) - day(366))),
        (at(0) - day(366) - seconds(1), None),
        (Time::MIN_UTC, None),
        (Time::MAX_UTC, None),
    ] {
        let mut room = Room::empty();
        let answer = room.send(&ana(), declare(Severity::Sev1, claimed));
        assert_eq!(answer.is_ok(), taken.is_some(), "{claimed}: {answer:?}");
        assert_eq!(room.incident.impact_began_at(), taken, "{claimed}");
    }
}

#[test]
fn a_declaration_needs_its_words_and_a_component_and_an_audience_that_exist() {
    type Spoil = fn(&mut Command);
    let cases: [(Spoil, &str); 6] = [
        (
            |c| {
                if let Command::Declare { title, .. } = c {
                    *title = "  ".to_owned();
                }
            },
            "Title must not be empty.",
        ),
        (
            |c| {
                if let Command::Declare { title, .. } = c {
                    *title = "é".repeat(201);
                }
            },
            "Title must be at most 200 characters.",
        ),
        (
            |c| {
                if let Command::Declare { title, .. } = c {
                    *title = "a\nb".to_owned();
                }
            },
            "Title must be a single line.",
        ),
        (
            |c| {
                if let Command::Declare { customer_sees, .. } = c {
                    customer_sees.clear();
                }
            },
            "What the customer sees must not be empty.",
        ),
        (
            |c| {
                if let Command::Declare { components, .. } = c {
                    components.push("Warehouse".to_owned());
                }
            },
            "Component “Warehouse” is not one of: Checkout, Sign-in, Data sync, Reporting.",
        ),
        (
            |c| {
                if let Command::Declare { audience, .. } = c {
                    *audience = Audience::Named { customers: vec![] }
                }
            },
            "Audience names no customer; name one or choose public.",
        ),
    ];
    for (spoil, why) in cases {
        let mut room = Room::empty();
        let mut command = declare(Severity::Sev1, room.now);
        spoil(&mut command);
        assert_eq!(room.refused(&ana(), command), why);
        assert_eq!(room.incident.version, 0, "nothing has happened");
    }
}

#[test]
fn only_the_server_numbers() {
    let room = Room::empty();
    let events = domain::decide(
        &room.incident,
        declare(Severity::Sev1, at(0)),
        &ana(),
        &room.policy,
        at(0),
    )
    .unwrap();
    assert!(matches!(events.as_slice(), [Event::DeclaredBy { .. }]));
}
