//! The page and the form have every field of a policy, and a form says again what it was made from.

mod meanwhile;
mod wrong;

use super::approvals::Known;
use super::form::{self, Shown};
use super::history::Change;
use super::typed::Typed;
use super::{approvals, fields, show};
use crate::zone;
use domain::approval::ApprovalRow;
use domain::customer::Money;
use domain::triage::{Risk, SeverityRule, Users};
use domain::{Person, PersonId, Policy, Severity, Time};
use serde_json::{Value, json};
use uuid::Uuid;

fn person(n: u128, name: &str) -> Person {
    Person {
        id: PersonId(Uuid::from_u128(n)),
        name: name.to_owned(),
        title: "Support".to_owned(),
        administrator: true,
    }
}

fn people() -> Vec<Person> {
    vec![person(1, "Ana Ruiz"), person(2, "Bo Lind")]
}

fn known() -> Known {
    Known {
        here: people(),
        gone: vec![person(8, "Cy <Tan>")],
    }
}

fn now() -> Time {
    "2026-11-25T09:00:00Z".parse().unwrap()
}

/// A policy of which nothing is as it ships. A field that is added to `Policy` must be added here,
/// or this does not compile; then the tests below ask for it on the page and in the form.
fn other() -> Policy {
    let day = |text: &str| text.parse().unwrap();
    let words = |all: [&str; 2]| all.map(str::to_owned).to_vec();
    let rule = SeverityRule::new(Severity::Sev2, "At night");
    Policy {
        version: 4,
        page_name: "Other".to_owned(),
        currency: "USD".to_owned(),
        components: words(["Ledger", "Search"]),
        channel_prefix: "inc-".to_owned(),
        triage_min: 101,
        commander_min: 102,
        core_roles_min: 103,
        sponsor_min: 104,
        accept_min: 105,
        first_update_min: 106,
        cadence_min: [107, 108, 109],
        first_brief_min: 110,
        brief_every_min: 111,
        post_mortem_business_days: 12,
        holidays: vec![day("2026-12-24"), day("2026-12-25")],
        zone: zone::look_up("America/New_York").unwrap(),
        severity_rules: vec![
            SeverityRule {
                users: Some(Users::Some),
                percent: Some(7),
                data: Some(Risk::Suspected),
                security: Some(Risk::Confirmed),
                executive: true,
                ..rule.clone()
            },
            SeverityRule {
                name: "By day".to_owned(),
                strategic: true,
                ..rule
            },
        ],
        approve_updates: [false, true, true],
        approve_briefs: false,
        hypothesis_min: 113,
        response_min: [114, 115, 116],
        relief_min: 117,
        booked_business_days: 2,
        credit_business_days: 4,
        credit_matrix: vec![
            ApprovalRow {
                up_to: Some(Money {
                    currency: "USD".to_owned(),
                    minor: 1_234_567,
                }),
                approver: "Lead".to_owned(),
                people: vec![PersonId(Uuid::from_u128(1))],
            },
            ApprovalRow {
                up_to: None,
                approver: "Board".to_owned(),
                people: Vec::new(),
            },
        ],
        jargon: words(["p99", "shard"]),
        internal_names: words(["kepler", "team blue"]),
    }
}

/// Every value in it that is no list and no object, by its place.
fn leaves(value: &Value, at: &str, all: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            let below = fields.iter();
            below.for_each(|(key, value)| leaves(value, &format!("{at}/{key}"), all));
        }
        Value::Array(items) => {
            let below = items.iter().enumerate();
            below.for_each(|(i, value)| leaves(value, &format!("{at}/{i}"), all));
        }
        _ => all.push(at.to_owned()),
    }
}

/// The policy with another value there that may stand there.
fn changed(policy: &Policy, at: &str) -> Policy {
    let value = serde_json::to_value(policy).unwrap();
    let was = value.pointer(at).unwrap();
    let longer = json!(format!("{}x", was.as_str().unwrap_or_default()));
    let candidates = [
        json!(was.as_u64().unwrap_or(0) + 1),
        json!(!was.as_bool().unwrap_or(false)),
        longer,
        json!("2026-12-27"),
        json!("sev1"),
        json!("many"),
        json!("unsure"),
        json!(Uuid::from_u128(2)),
        json!({ "currency": "USD", "minor": 99 }),
    ];
    let other = candidates.into_iter().find_map(|candidate| {
        let mut value = value.clone();
        *value.pointer_mut(at).unwrap() = candidate;
        let other: Policy = serde_json::from_value(value).ok()?;
        (other != *policy).then_some(other)
    });
    other.unwrap_or_else(|| panic!("no other value is known for {at}"))
}

fn page(policy: &Policy) -> String {
    let (who, known) = (person(1, "Ana Ruiz"), known());
    let shown = show::Page {
        policy,
        in_force: 4,
        changes: &[],
        known: &known,
        now: now(),
    };
    show::draw(&who, &shown).unwrap().0
}

fn form_of(policy: &Policy) -> String {
    let shown = Shown {
        typed: fields::write(policy).unwrap(),
        eligible: approvals::eligible(&people(), &policy.credit_matrix),
        known: known(),
        ..Shown::default()
    };
    form::draw(&person(1, "Ana Ruiz"), &shown).0
}

#[test]
fn whatever_changes_in_a_policy_changes_its_page_and_its_form() {
    let policy = other();
    let value = serde_json::to_value(&policy).unwrap();
    let shipped = serde_json::to_value(Policy::default()).unwrap();
    for (field, value) in value.as_object().unwrap() {
        assert_ne!(
            *value, shipped[field],
            "{field} is as it ships: set it in `other`"
        );
    }
    let mut all = Vec::new();
    leaves(&value, "", &mut all);
    // The name of a zone stands for its shifts, in the form; some of them are on the page.
    all.retain(|at| !at.starts_with("/zone/shifts") && at != "/zone/utc_offset_min");
    assert!(all.len() > 50, "{all:?}");
    let (page_of, form) = (page(&policy), form_of(&policy));
    for at in all {
        let other = changed(&policy, &at);
        assert_ne!(page(&other), page_of, "{at} is not on the page");
        assert_ne!(form_of(&other), form, "{at} is not in the form");
    }
}

#[test]
fn a_number_in_the_form_has_the_unit_that_fits_it() {
    let mut policy = Policy::default();
    assert_eq!(policy.booked_business_days, 1);
    assert_eq!(
        form_of(&policy)
            .matches("business days</span></span>")
            .count(),
        2
    );
    assert_eq!(
        form_of(&policy)
            .matches("business day</span></span>")
            .count(),
        1
    );
    policy.booked_business_days = 2;
    assert_eq!(
        form_of(&policy)
            .matches("business days</span></span>")
            .count(),
        3
    );
}

#[test]
fn a_form_that_is_sent_as_it_came_changes_nothing() {
    for policy in [Policy::default(), other()] {
        let typed = fields::write(&policy).unwrap();
        // Made from any other policy: what the form does not have would be that one's.
        let from = Policy {
            version: policy.version,
            ..Policy::default()
        };
        assert_eq!(fields::read(&from, &typed, &people()), Ok(policy));
    }
}

#[test]
fn the_page_tells_the_zone_who_may_approve_and_why_it_was_changed() {
    let (who, known) = (person(1, "Ana Ruiz"), known());
    let change = |version, by: &str, reason: &str| Change {
        version,
        at: now(),
        by: by.to_owned(),
        reason: reason.to_owned(),
    };
    let mut policy = other();
    policy.credit_matrix[1].people = [9, 8, 2].map(|n| PersonId(Uuid::from_u128(n))).to_vec();
    let changes = [
        change(2, "Bo Lind", "<i>We</i> are more"),
        change(4, "Ana Ruiz", "Less"),
    ];
    let shown = show::Page {
        policy: &policy,
        in_force: 4,
        changes: &changes,
        known: &known,
        now: now(),
    };
    let page = show::draw(&who, &shown).unwrap().0;
    for says in [
        "Business days are counted in America/New_York: UTC−5 now, and UTC−4 from 2027-03-14 07:00 UTC on.",
        "<td>Ana Ruiz</td>",
        "<td>somebody without an account, Cy &lt;Tan&gt; (no account any more), Bo Lind</td>",
        "&lt;i&gt;We&lt;/i&gt; are more",
        "25 November 2026, 09:00 UTC, Bo Lind",
        "users hit: some or more, at least 7 % of users, data at risk: suspected or more, signs of an attack: confirmed, executives watching",
    ] {
        assert!(page.contains(says), "{says}\n{page}");
    }
}

/// The form of the shipped policy with this in it.
fn typed(other: &[(&str, &str)]) -> Typed {
    let mut typed = fields::write(&Policy::default()).unwrap();
    other.iter().for_each(|(at, text)| typed.put(*at, *text));
    typed
}
