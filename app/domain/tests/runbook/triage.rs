//! Five questions and the severity matrix; reports that join an incident (RUNBOOK §2).

use crate::room::{Room, ana, at, bo, cy, declare, minutes, report};
use domain::clock::{ClockKind, ClockState};
use domain::command::Details;
use domain::triage::{Risk, Triage, Users, YesNo, propose};
use domain::{Command, IncidentId, IncidentNumber, Policy, Refusal, Severity, Time};
use uuid::Uuid;

/// Answers: users, percent, data, security, executive, strategic.
fn answers(
    users: Users,
    percent: Option<u8>,
    data: Risk,
    security: Risk,
    executive: YesNo,
    strategic: YesNo,
) -> Triage {
    Triage {
        users: Some(users),
        percent,
        data: Some(data),
        security: Some(security),
        executive: Some(executive),
        strategic: Some(strategic),
    }
}

#[test]
fn each_rule_of_the_matrix_fires_and_its_neighbour_does_not() {
    use Severity::{Sev1, Sev2, Sev3};
    use YesNo::{No, Yes};
    const NO: Risk = Risk::None;
    const MAYBE: Risk = Risk::Suspected;
    const SURE: Risk = Risk::Confirmed;
    let none = "No rule for more fires";
    for (triage, severity, rule) in [
        (answers(Users::None, None, NO, NO, No, No), Sev3, none),
        (
            answers(Users::None, None, SURE, NO, No, No),
            Sev1,
            "Data is confirmed to be exposed",
        ),
        (
            answers(Users::None, None, MAYBE, NO, No, No),
            Sev2,
            "Data may be at risk",
        ),
        (
            answers(Users::None, None, NO, SURE, No, No),
            Sev1,
            "A break-in is confirmed",
        ),
        (
            answers(Users::None, None, NO, MAYBE, No, No),
            Sev2,
            "Signs of an attack",
        ),
        (
            answers(Users::None, None, MAYBE, MAYBE, No, No),
            Sev1,
            "Signs of an attack and data at risk: taken as true until shown otherwise",
        ),
        (
            answers(Users::All, None, NO, NO, No, No),
            Sev1,
            "Broad outage: all users are hit",
        ),
        (
            answers(Users::Many, None, NO, NO, No, No),
            Sev2,
            "A major function is degraded for many users",
        ),
        (answers(Users::Some, Some(9), NO, NO, No, No), Sev3, none),
        (
            answers(Users::Some, Some(10), NO, NO, No, No),
            Sev1,
            "Broad outage: 10 % of users or more are hit",
        ),
        (
            answers(Users::Many, None, NO, NO, No, Yes),
            Sev1,
            "A strategic customer is stopped",
        ),
        (
            answers(Users::Some, None, NO, NO, No, Yes),
            Sev2,
            "A key customer is blocked",
        ),
        (answers(Users::None, None, NO, NO, No, Yes), Sev3, none),
        (
            answers(Users::Some, None, NO, NO, Yes, No),
            Sev2,
            "Some users are hit and executives are watching",
        ),
        (answers(Users::Some, None, NO, NO, No, No), Sev3, none),
        (answers(Users::None, None, NO, NO, Yes, No), Sev3, none),
    ] {
        let proposal = propose(&triage, &Policy::default()).unwrap();
        assert_eq!(
            (proposal.severity, proposal.rule.as_str()),
            (severity, rule),
            "{triage:?}"
        );
    }
}

#[test]
fn unsure_counts_as_the_worst() {
    let unsure = Triage {
        users: Some(Users::Unsure),
        ..Triage::default()
    };
    let alone = |triage: Triage| propose(&triage, &Policy::default()).map(|p| p.severity);
    assert_eq!(alone(unsure), Some(Severity::Sev1));
    let data = Some(Risk::Unsure);
    assert_eq!(
        alone(Triage {
            data,
            ..Triage::default()
        }),
        Some(Severity::Sev1)
    );
    let security = Some(Risk::Unsure);
    assert_eq!(
        alone(Triage {
            security,
            ..Triage::default()
        }),
        Some(Severity::Sev1)
    );
    for (executive, strategic) in [(Some(YesNo::Unsure), None), (None, Some(YesNo::Unsure))] {
        let users = Some(Users::Some);
        let watched = Triage {
            users,
            executive,
            strategic,
            ..Triage::default()
        };
        assert_eq!(alone(watched), Some(Severity::Sev2));
    }
    assert_eq!(alone(Triage::default()), None, "nothing was asked");
    let answered = Some(YesNo::No);
    let one = Triage {
        executive: answered,
        ..Triage::default()
    };
    assert_eq!(alone(one), Some(Severity::Sev3));
}

#[test]
fn the_matrix_of_the_policy_decides_and_of_its_rules_the_worst_and_then_the_first() {
    let mut policy = Policy::default();
    let triage = answers(
        Users::All,
        Some(50),
        Risk::None,
        Risk::None,
        YesNo::No,
        YesNo::No,
    );
    policy.severity_rules.reverse();
    let proposal = propose(&triage, &policy).unwrap();
    assert_eq!(proposal.rule, "Broad outage: 10 % of users or more are hit");
    policy.severity_rules.clear();
    assert_eq!(propose(&triage, &policy).unwrap().severity, Severity::Sev3);
}

fn declared_with(severity: Severity, details: Details) -> Command {
    let mut command = declare(severity, at(0));
    if let Command::Declare { details: d, .. } = &mut command {
        *d = details;
    }
    command
}

fn all_hit() -> Triage {
    Triage {
        users: Some(Users::All),
        ..Triage::default()
    }
}

#[test]
fn another_severity_than_the_matrix_proposes_needs_a_reason_that_is_kept() {
    let with = |why: Option<&str>| Details {
        triage: all_hit(),
        other_severity: why.map(str::to_owned),
        ..Details::default()
    };
    for severity in [Severity::Sev2, Severity::Sev3] {
        for why in [None, Some(""), Some("  ")] {
            let mut room = Room::empty();
            let refused = room.refused(&ana(), declared_with(severity, with(why)));
            assert_eq!(
                refused,
                "Severity differs from SEV-1, which the matrix proposes (Broad outage: all users are hit); say why."
            );
            assert_eq!(room.incident.version, 0);
        }
        let mut room = Room::empty();
        room.ok(&ana(), declared_with(severity, with(Some("A test system"))));
        let declared = room.incident.declared.as_ref().unwrap();
        assert_eq!(
            declared.details.other_severity.as_deref(),
            Some("A test system")
        );
        assert_eq!(
            declared.proposal.as_ref().map(|p| p.severity),
            Some(Severity::Sev1)
        );
        assert!(
            room.incident.timeline[0]
                .text
                .contains("set because: A test system")
        );
    }
    // As proposed, no reason is kept; without answers none is asked.
    let mut room = Room::empty();
    room.ok(&ana(), declared_with(Severity::Sev1, with(Some("Sure"))));
    assert_eq!(
        room.incident
            .declared
            .as_ref()
            .unwrap()
            .details
            .other_severity,
        None
    );
    Room::empty().ok(&ana(), declared_with(Severity::Sev3, Details::default()));
}

#[test]
fn a_percentage_is_at_most_100_and_when_we_noticed_is_not_in_the_future() {
    for (percent, may) in [(0, true), (100, true), (101, false), (255, false)] {
        let triage = Triage {
            percent: Some(percent),
            ..Triage::default()
        };
        let severity = if percent < 10 {
            Severity::Sev3
        } else {
            Severity::Sev1
        };
        let details = Details {
            triage,
            ..Details::default()
        };
        let answer = Room::empty().send(&ana(), declared_with(severity, details));
        assert_eq!(answer.is_ok(), may, "{percent}: {answer:?}");
    }
    for (noticed, taken) in [
        (at(-5), Some(at(-5))),
        (at(1), Some(at(0))),
        (at(2), None),
        (Time::MAX_UTC, None),
        (Time::MIN_UTC, None),
    ] {
        let details = Details {
            detected_at: Some(noticed),
            ..Details::default()
        };
        let mut room = Room::empty();
        let answer = room.send(&ana(), declared_with(Severity::Sev2, details));
        assert_eq!(answer.is_ok(), taken.is_some(), "{noticed}");
        assert_eq!(room.incident.detected_at(), taken);
    }
}

#[test]
fn when_we_noticed_is_as_stated_or_the_first_report_or_the_declaration() {
    let mut room = Room::empty();
    room.ok(&bo(), report());
    assert_eq!(room.incident.detected_at(), None);
    room.wait(9).ok(&ana(), declare(Severity::Sev1, at(0)));
    assert_eq!(room.incident.detected_at(), Some(at(0)));
    assert_eq!(
        Room::declared(Severity::Sev1).incident.detected_at(),
        Some(at(0))
    );
}

fn other() -> IncidentId {
    IncidentId(Uuid::from_u128(8_000))
}

fn join(into: IncidentId) -> Command {
    let number = Some(IncidentNumber {
        year: 2026,
        serial: 41,
    });
    Command::JoinReport { into, number }
}

#[test]
fn a_report_joins_another_incident_and_is_over_then() {
    for (min, state) in [(15, ClockState::Met), (16, ClockState::MetLate)] {
        let mut room = Room::empty();
        room.ok(&cy(), report());
        room.wait(min).ok(&ana(), join(other()));
        assert_eq!(room.clock_state(ClockKind::DeclareOrDismiss), Some(state));
        assert!(!room.incident.is_to_triage() && !room.incident.is_open());
        let dismiss = Command::DismissReport {
            reason: "Noise".to_owned(),
        };
        for second in [join(other()), declare(Severity::Sev1, at(0)), dismiss] {
            let refusal = room.send(&bo(), second).unwrap_err();
            assert!(matches!(refusal, Refusal::Superseded { .. }), "{refusal}");
            assert!(
                refusal
                    .to_string()
                    .starts_with("Ana joined this report to INC-2026-0041")
            );
        }
        let on_it = Command::TellInside {
            to: "All".to_owned(),
            text: "Hm".to_owned(),
        };
        let why = room.refused(&bo(), on_it);
        assert_eq!(why, "This report joined another incident. Go on there.");
    }
}

#[test]
fn a_report_joins_neither_itself_nor_the_settings_and_must_exist() {
    let mut room = Room::empty();
    assert_eq!(
        room.send(&ana(), join(other())),
        Err(Refusal::NoSuchIncident)
    );
    room.ok(&cy(), report());
    for into in [room.incident.id, IncidentId::SETTINGS] {
        let why = room.refused(&ana(), join(into));
        assert_eq!(why, "Incident must be another, open one.");
    }
}

#[test]
fn an_open_incident_takes_a_report_with_the_time_it_came() {
    let take = |received_at| Command::TakeReport {
        report: other(),
        what: "Sync is late".to_owned(),
        source: "Call from Halden Foods".to_owned(),
        received_at,
    };
    let mut room = Room::declared(Severity::Sev2);
    room.wait(30).ok(&ana(), take(at(12)));
    let line = room.incident.timeline.last().unwrap();
    assert_eq!((line.happened_at, line.recorded_at), (at(12), at(30)));
    assert_eq!(line.text, "Call from Halden Foods: Sync is late");
    assert!(room.send(&ana(), take(room.now + minutes(2))).is_err());
    let mut closed = Room::at_status(domain::Status::Closed);
    assert!(closed.refused(&ana(), take(at(0))).contains("is closed"));
}
