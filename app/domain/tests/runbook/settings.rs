//! New versions of the policy, each bound on both sides of its edge (RUNBOOK, "the policy in
//! force is shown to everyone").

use crate::room::{Room, ana, at, declare};
use domain::zone::{Shift, Zone};
use domain::{Command, Event, Policies, Policy, Refusal, Severity, Time};

pub fn change(policy: Policy) -> Command {
    Command::ChangePolicy {
        policy: Box::new(policy),
        reason: "Agreed with Support".to_owned(),
        after_version: 1,
    }
}

/// The policy as shipped, but for this.
pub fn with(spoil: impl FnOnce(&mut Policy)) -> Policy {
    let mut policy = Policy::default();
    spoil(&mut policy);
    policy
}

pub fn sent(policy: Policy) -> Result<Policy, Refusal> {
    let mut room = Room::settings();
    room.send(&ana(), change(policy))?;
    match &room.log.last().unwrap().event {
        Event::PolicyChanged { policy, .. } => Ok(Policy::clone(policy)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_span_of_minutes_is_between_a_minute_and_90_days() {
    type Field = fn(&mut Policy) -> &mut u32;
    let fields: [(Field, &str); 15] = [
        (|p| &mut p.triage_min, "Declare or dismiss"),
        (|p| &mut p.commander_min, "Incident Commander named"),
        (|p| &mut p.core_roles_min, "Core roles named"),
        (|p| &mut p.sponsor_min, "Executive Sponsor named"),
        (|p| &mut p.accept_min, "Role accepted"),
        (|p| &mut p.first_update_min, "First customer update"),
        (|p| &mut p.cadence_min[0], "Cadence for SEV-1"),
        (|p| &mut p.cadence_min[1], "Cadence for SEV-2"),
        (|p| &mut p.cadence_min[2], "Cadence for SEV-3"),
        (|p| &mut p.first_brief_min, "First executive brief"),
        (|p| &mut p.brief_every_min, "Executive brief"),
        (|p| &mut p.response_min[0], "Response for SEV-1"),
        (|p| &mut p.response_min[1], "Response for SEV-2"),
        (|p| &mut p.response_min[2], "Response for SEV-3"),
        (|p| &mut p.relief_min, "Commander relief"),
    ];
    for (field, name) in fields {
        for (min, may) in [
            (0, false),
            (1, true),
            (129_600, true),
            (129_601, false),
            (u32::MAX, false),
        ] {
            let answer = sent(with(|p| *field(p) = min));
            assert_eq!(answer.is_ok(), may, "{name}: {min}");
            if let Err(refusal) = answer {
                let why = format!("{name} must be between 1 minute and 90 days.");
                assert_eq!(refusal.to_string(), why);
            }
        }
    }
}

#[test]
fn a_hypothesis_gets_no_longer_than_one_may_have() {
    for (min, may) in [
        (0, false),
        (1, true),
        (10_080, true),
        (10_081, false),
        (u32::MAX, false),
    ] {
        let answer = sent(with(|p| p.hypothesis_min = min));
        assert_eq!(answer.is_ok(), may, "{min}");
        match answer {
            Err(refusal) => assert_eq!(
                refusal.to_string(),
                "Hypothesis timebox must be between 1 minute and 7 days."
            ),
            // What the policy gives can be opened.
            Ok(policy) => {
                let mut room = Room::declared(Severity::Sev1);
                room.policy = policy;
                room.ok(&ana(), guess());
            }
        }
    }
    // An older policy gave more: its version is in force for its incidents, and says what is wrong.
    let mut room = Room::declared(Severity::Sev1);
    room.policy.hypothesis_min = 10_081;
    let refused = room.refused(&ana(), guess());
    assert_eq!(refused, "Timebox must be between 1 minute and 7 days.");
}

fn guess() -> Command {
    Command::OpenHypothesis {
        statement: "A pool is exhausted".to_owned(),
        owner: ana(),
        timebox_min: None,
    }
}

#[test]
fn business_days_are_1_to_60_and_a_post_mortem_is_booked_before_it_is_held() {
    for (held, booked, credit, may) in [
        (5, 1, 3, true),
        (60, 60, 60, true),
        (61, 1, 3, false),
        (0, 1, 3, false),
        (5, 0, 3, false),
        (5, 5, 3, true),
        (5, 6, 3, false),
        (5, 1, 0, false),
        (5, 1, 61, false),
    ] {
        let answer = sent(with(|p| {
            p.post_mortem_business_days = held;
            p.booked_business_days = booked;
            p.credit_business_days = credit;
        }));
        assert_eq!(answer.is_ok(), may, "{held} {booked} {credit}");
    }
}

#[test]
fn words_of_the_policy_are_checked_and_tidied() {
    type Spoil = fn(&mut Policy);
    let bad: [(Spoil, &str); 8] = [
        (
            |p| p.page_name = " ".to_owned(),
            "Page name must not be empty.",
        ),
        (
            |p| p.currency = "EURO".to_owned(),
            "Currency must be a code of three letters, such as EUR.",
        ),
        (
            |p| p.currency = "E1R".to_owned(),
            "Currency must be a code of three letters, such as EUR.",
        ),
        (
            |p| p.channel_prefix = "in c-".to_owned(),
            "Channel prefix must be at most 20 characters without spaces.",
        ),
        (
            |p| p.channel_prefix = "x".repeat(21),
            "Channel prefix must be at most 20 characters without spaces.",
        ),
        (
            |p| p.components = vec!["é".repeat(201)],
            "Component must be at most 200 characters.",
        ),
        (
            |p| p.jargon = (0..501).map(|n| format!("word {n}")).collect(),
            "Jargon are more than 500.",
        ),
        (
            |p| p.internal_names = vec!["a\nb".to_owned()],
            "Internal name must be a single line.",
        ),
    ];
    for (spoil, why) in bad {
        assert_eq!(sent(with(spoil)).unwrap_err().to_string(), why);
    }
    let tidied = sent(with(|p| {
        p.components = ["Checkout ", "", " Checkout", "Sync"]
            .map(str::to_owned)
            .to_vec();
        p.channel_prefix = " inc- ".to_owned();
        let day = |text: &str| text.parse().unwrap();
        p.holidays = vec![day("2026-12-25"), day("2026-01-01"), day("2026-12-25")];
    }))
    .unwrap();
    assert_eq!(tidied.components, ["Checkout", "Sync"]);
    assert_eq!(tidied.channel_prefix, "inc-");
    assert_eq!(tidied.holidays.len(), 2);
    assert!(tidied.holidays.is_sorted());
}

#[test]
fn a_zone_lies_within_a_day_of_utc_and_its_shifts_are_in_order() {
    let at = |text: &str| text.parse::<Time>().unwrap();
    let shift = |text: &str, utc_offset_min| Shift {
        at: at(text),
        utc_offset_min,
    };
    let zone = |utc_offset_min, shifts| Zone {
        name: "Europe/Berlin".to_owned(),
        utc_offset_min,
        shifts,
    };
    let (spring, autumn) = ("2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z");
    let far = Shift {
        at: Time::MAX_UTC,
        utc_offset_min: 60,
    };
    for (zone, may) in [
        (zone(60, vec![shift(spring, 120), shift(autumn, 60)]), true),
        (zone(60, vec![shift(autumn, 60), shift(spring, 120)]), false),
        (zone(60, vec![shift(spring, 120), shift(spring, 60)]), false),
        (zone(-1_440, vec![]), true),
        (zone(1_440, vec![]), true),
        (zone(1_441, vec![]), false),
        (zone(i32::MIN, vec![]), false),
        (zone(60, vec![shift(spring, i32::MAX)]), false),
        (zone(60, vec![far]), false),
        (
            Zone {
                name: "é".repeat(201),
                ..Zone::default()
            },
            false,
        ),
    ] {
        let answer = sent(with(|p| p.zone = zone.clone()));
        assert_eq!(answer.is_ok(), may, "{zone:?}: {:?}", answer.err());
    }
}

#[test]
fn of_two_who_change_the_policy_the_second_reads_it_first() {
    let mut room = Room::settings();
    let blank = Command::ChangePolicy {
        policy: Box::default(),
        reason: " ".to_owned(),
        after_version: 1,
    };
    assert_eq!(room.refused(&ana(), blank), "Reason must not be empty.");
    let wanted = with(|p| {
        p.version = 77;
        p.relief_min = 120;
    });
    let first = sent(wanted.clone()).unwrap();
    assert_eq!(
        (first.version, first.relief_min),
        (2, 120),
        "the version is given"
    );
    room.policy = first;
    let why = room.refused(&ana(), change(wanted));
    assert!(
        why.starts_with("The policy was changed to version 2 while you were writing."),
        "{why}"
    );
}

#[test]
fn the_settings_take_nothing_else_and_an_incident_takes_no_policy() {
    let mut settings = Room::settings();
    let declared = declare(Severity::Sev1, at(0));
    assert_eq!(
        settings.send(&ana(), declared),
        Err(Refusal::NoSuchIncident)
    );
    let mut incident = Room::declared(Severity::Sev1);
    assert!(incident.send(&ana(), change(Policy::default())).is_err());
}

#[test]
fn an_incident_keeps_the_policy_it_was_declared_under() {
    let mut policies = Policies::new(Policy::default());
    let old = Room::declared(Severity::Sev1);
    policies.add(with(|p| {
        p.version = 2;
        p.cadence_min = [30, 60, 90];
    }));
    assert_eq!(policies.of(&old.incident).version, 1);
    assert_eq!(policies.current().version, 2);
    let mut new = Room::empty();
    new.policy = Policy::clone(&policies.current());
    assert_eq!(
        policies.of(&new.incident).version,
        2,
        "not declared: the one in force"
    );
    new.ok(&ana(), declare(Severity::Sev1, at(0)));
    assert_eq!(new.incident.policy_version(), Some(2));
    assert_eq!(policies.of(&new.incident).cadence_min, [30, 60, 90]);
    policies.add(with(|p| p.version = 2));
    assert_eq!(policies.versions().len(), 2, "a version is known once");
}
