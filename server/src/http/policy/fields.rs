//! The fields of a policy that a form can change, each with its label and its unit. One table
//! serves the page and the form.

use domain::{Policy, Refusal};
use serde_json::Value;
use std::collections::HashMap;

/// A whole number: its place in the policy as JSON, its label, its unit.
pub(super) struct Number {
    pub(super) at: &'static str,
    pub(super) label: &'static str,
    pub(super) unit: &'static str,
}

const fn number(at: &'static str, label: &'static str, unit: &'static str) -> Number {
    Number { at, label, unit }
}

/// Every number, in the order of RUNBOOK §4.
pub(super) const NUMBERS: [Number; 19] = [
    number("/triage_min", "Declare or dismiss a report", "min"),
    number("/commander_min", "Incident Commander named", "min"),
    number("/core_roles_min", "Core roles named", "min"),
    number("/sponsor_min", "Executive Sponsor named, SEV-1", "min"),
    number("/accept_min", "A role accepted", "min"),
    number("/first_update_min", "First customer update", "min"),
    number("/cadence_min/0", "Next customer update, SEV-1", "min"),
    number("/cadence_min/1", "Next customer update, SEV-2", "min"),
    number("/cadence_min/2", "Next customer update, SEV-3", "min"),
    number("/first_brief_min", "First executive brief", "min"),
    number("/brief_every_min", "Next executive brief", "min"),
    number("/hypothesis_min", "A hypothesis concluded", "min"),
    number(
        "/response_min/0",
        "Legal, security and others acknowledge, SEV-1",
        "min",
    ),
    number(
        "/response_min/1",
        "Legal, security and others acknowledge, SEV-2",
        "min",
    ),
    number(
        "/response_min/2",
        "Legal, security and others acknowledge, SEV-3",
        "min",
    ),
    number("/relief_min", "Commander relieved", "min"),
    number(
        "/booked_business_days",
        "Post-mortem booked",
        "business days",
    ),
    number(
        "/post_mortem_business_days",
        "Post-mortem held",
        "business days",
    ),
    number("/credit_business_days", "Credit decided", "business days"),
];

/// Lines of text: the place of a list in the policy as JSON, its label, a hint.
pub(super) const LISTS: [(&str, &str, &str); 4] = [
    (
        "/components",
        "Components",
        "what customers know the service by",
    ),
    (
        "/holidays",
        "Holidays",
        "as 2026-12-25; weekends are never business days",
    ),
    (
        "/jargon",
        "Words that customers would not know",
        "marked in updates, beside those that ship",
    ),
    (
        "/internal_names",
        "Names that stay inside",
        "hosts, teams and tools; marked in updates",
    ),
];

/// Single lines of text.
pub(super) const LINES: [(&str, &str, &str); 3] = [
    ("/page_name", "Name on the status page", ""),
    ("/channel_prefix", "A channel's name begins with", "e.g. #"),
    ("/currency", "Currency", "ISO 4217, e.g. EUR"),
];

/// Yes or no.
pub(super) const SWITCHES: [(&str, &str); 4] = [
    (
        "/approve_updates/0",
        "The commander approves customer updates, SEV-1",
    ),
    (
        "/approve_updates/1",
        "The commander approves customer updates, SEV-2",
    ),
    (
        "/approve_updates/2",
        "The commander approves customer updates, SEV-3",
    ),
    ("/approve_briefs", "The commander approves executive briefs"),
];

/// What stands there, as text: numbers and words as they are, lists one item per line, `on` for yes.
pub(super) fn text(policy: &Value, at: &str) -> String {
    match policy.pointer(at) {
        Some(Value::Array(items)) => {
            let lines = items.iter().map(|i| i.as_str().unwrap_or_default());
            lines.collect::<Vec<_>>().join("\n")
        }
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(yes)) => if *yes { "on" } else { "" }.to_owned(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

/// The policy with what was typed in place of what stood there.
pub(super) fn read(policy: &Policy, typed: &HashMap<String, String>) -> Result<Policy, Refusal> {
    let unreadable =
        |what: &str| Refusal::invalid(what.to_owned(), "cannot be read; open the form anew");
    let mut value = serde_json::to_value(policy).map_err(|_| unreadable("The policy"))?;
    let mut put = |at: &str, new: Value| {
        if let Some(place) = value.pointer_mut(at) {
            *place = new;
        }
    };
    let typed = |at: &str| typed.get(at).map_or("", |t| t.trim());
    for Number { at, label, .. } in NUMBERS {
        let n: u32 = typed(at)
            .parse()
            .map_err(|_| Refusal::invalid(label, "needs a whole number"))?;
        put(at, n.into());
    }
    for (at, ..) in LINES {
        put(at, typed(at).into());
    }
    for (at, label, _) in LISTS {
        let lines: Vec<&str> = typed(at)
            .lines()
            .map(str::trim)
            .filter(|l| !l.is_empty())
            .collect();
        let wrong = |l: &&&str| at == "/holidays" && l.parse::<chrono::NaiveDate>().is_err();
        if let Some(day) = lines.iter().find(wrong) {
            return Err(Refusal::invalid(
                label,
                format!("“{day}” is no date such as 2026-12-25"),
            ));
        }
        put(at, lines.into());
    }
    for (at, _) in SWITCHES {
        put(at, (typed(at) == "on").into());
    }
    serde_json::from_value(value).map_err(|_| unreadable("The form"))
}
