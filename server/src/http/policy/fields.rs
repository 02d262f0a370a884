//! The fields of a policy that are one number, one line, one list or one box, each with its label
//! and its unit. One table serves the page and the form. The rows of the two matrices are in
//! `rules.rs` and `approvals.rs`.

use super::approvals;
use super::rules;
use super::typed::{Typed, Wrong};
use crate::zone;
use domain::{Person, Policy, Refusal, money};
use serde_json::Value;

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Minutes,
    BusinessDays,
}

impl Unit {
    /// As it stands behind this number.
    pub(super) fn after(self, number: &str) -> &'static str {
        match (self, number) {
            (Self::Minutes, _) => "min",
            (Self::BusinessDays, "1") => "business day",
            (Self::BusinessDays, _) => "business days",
        }
    }
}

/// A whole number: its place in the policy as JSON, its label, its unit, and the highest that may be
/// set; the lowest is 1.
pub(super) struct Number {
    pub(super) at: &'static str,
    pub(super) label: &'static str,
    pub(super) unit: Unit,
    pub(super) max: u32,
}

const fn minutes(at: &'static str, label: &'static str) -> Number {
    Number {
        at,
        label,
        unit: Unit::Minutes,
        max: Policy::MINUTES_MAX,
    }
}

const fn business_days(at: &'static str, label: &'static str) -> Number {
    Number {
        at,
        label,
        unit: Unit::BusinessDays,
        max: Policy::BUSINESS_DAYS_MAX,
    }
}

const TIMEBOX: Number = Number {
    max: Policy::TIMEBOX_MAX_MIN,
    ..minutes("/hypothesis_min", "A hypothesis concluded")
};

/// Every number, in the order of RUNBOOK §4.
pub(super) const NUMBERS: [Number; 19] = [
    minutes("/triage_min", "Declare or dismiss a report"),
    minutes("/commander_min", "Incident Commander named"),
    minutes("/core_roles_min", "Core roles named"),
    minutes("/sponsor_min", "Executive Sponsor named, SEV-1"),
    minutes("/accept_min", "A role accepted"),
    minutes("/first_update_min", "First customer update"),
    minutes("/cadence_min/0", "Next customer update, SEV-1"),
    minutes("/cadence_min/1", "Next customer update, SEV-2"),
    minutes("/cadence_min/2", "Next customer update, SEV-3"),
    minutes("/first_brief_min", "First executive brief"),
    minutes("/brief_every_min", "Next executive brief"),
    TIMEBOX,
    minutes(
        "/response_min/0",
        "Legal, security and others acknowledge, SEV-1",
    ),
    minutes(
        "/response_min/1",
        "Legal, security and others acknowledge, SEV-2",
    ),
    minutes(
        "/response_min/2",
        "Legal, security and others acknowledge, SEV-3",
    ),
    minutes("/relief_min", "Commander relieved"),
    business_days("/booked_business_days", "Post-mortem booked"),
    business_days("/post_mortem_business_days", "Post-mortem held"),
    business_days("/credit_business_days", "Credit decided"),
];

/// Text: its place in the policy as JSON, its label, a hint.
pub(super) struct Text {
    pub(super) at: &'static str,
    pub(super) label: &'static str,
    pub(super) hint: &'static str,
}

const fn text(at: &'static str, label: &'static str, hint: &'static str) -> Text {
    Text { at, label, hint }
}

/// The name of the zone stands for its shifts.
pub(super) const ZONE: Text = text(
    "/zone/name",
    "Time zone of business days",
    "a place of the IANA table, e.g. Europe/Berlin",
);

/// What revenue and credits are counted in; the credit matrix must agree.
pub(super) const CURRENCY: Text = text(
    "/currency",
    "Currency",
    "ISO 4217, e.g. EUR; the bounds below are in it",
);

/// Single lines.
pub(super) const LINES: [Text; 2] = [
    text("/page_name", "Name on the status page", ""),
    text("/channel_prefix", "A channel's name begins with", "e.g. #"),
];

/// What is offered where an incident says what it hits; one a line.
pub(super) const COMPONENTS: Text = text(
    "/components",
    "Components",
    "what customers know the service by",
);

/// Days, one a line.
pub(super) const HOLIDAYS: Text = text(
    "/holidays",
    "Holidays",
    "as 2026-12-25; weekends are never business days",
);

/// Lists of words that are marked in updates.
pub(super) const WORDS: [Text; 2] = [
    text(
        "/jargon",
        "Words that customers would not know",
        "marked in updates, beside those that ship",
    ),
    text(
        "/internal_names",
        "Names that stay inside",
        "hosts, teams and tools; marked in updates",
    ),
];

/// Yes or no: its place, its label.
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

/// Every field that is no row of a matrix: its place, its label.
pub(super) fn single() -> impl Iterator<Item = (&'static str, &'static str)> {
    let numbers = NUMBERS.iter().map(|n| (n.at, n.label));
    let texts = [
        &LINES[..],
        &[CURRENCY, COMPONENTS, ZONE, HOLIDAYS],
        &WORDS[..],
    ];
    let texts = texts.into_iter().flatten().map(|t| (t.at, t.label));
    numbers.chain(texts.collect::<Vec<_>>()).chain(SWITCHES)
}

/// What stands there, as text: numbers and words as they are, lists one item per line, `on` for yes.
pub(super) fn shown(policy: &Value, at: &str) -> String {
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

/// The policy as the form shows it.
pub(super) fn write(policy: &Policy) -> Result<Typed, serde_json::Error> {
    let value = serde_json::to_value(policy)?;
    let mut typed = Typed::default();
    for (at, _) in single() {
        typed.put(at, shown(&value, at));
    }
    rules::write(&policy.severity_rules, &mut typed);
    approvals::write(&policy.credit_matrix, &mut typed);
    typed.put("version", policy.version.to_string());
    Ok(typed)
}

/// The policy with what was typed in place of what stood there, or all that is wrong with it, in
/// the order of the form. What only the whole policy can tell is left to the decision.
pub(super) fn read(
    policy: &Policy,
    typed: &Typed,
    people: &[Person],
) -> Result<Policy, Vec<Wrong>> {
    let mut wrongs = Vec::new();
    let mut value = serde_json::to_value(policy).unwrap_or_default();
    let mut put = |at: &str, new: Value| {
        if let Some(place) = value.pointer_mut(at) {
            *place = new;
        }
    };
    for number in &NUMBERS {
        match whole(number, typed) {
            Ok(n) => put(number.at, n.into()),
            Err(wrong) => wrongs.push(wrong),
        }
    }
    let rules = rules::read(typed).map_err(|all| wrongs.extend(all));
    for (at, _) in SWITCHES {
        put(at, typed.is_on(at).into());
    }
    let currency = typed.trimmed(CURRENCY.at).to_ascii_uppercase();
    let eligible = approvals::eligible(people, &policy.credit_matrix);
    let matrix = if money::is_currency(&currency) {
        approvals::read(typed, &currency, &eligible).map_err(|all| wrongs.extend(all))
    } else {
        let what = "Currency must be a code of three letters, such as EUR.";
        wrongs.push(Wrong::new(CURRENCY.at, what));
        Err(())
    };
    put(CURRENCY.at, currency.into());
    for line in &LINES {
        put(line.at, typed.trimmed(line.at).into());
    }
    match zone_of(typed) {
        Ok(zone) => put("/zone", zone),
        Err(wrong) => wrongs.push(wrong),
    }
    for list in [COMPONENTS, HOLIDAYS].iter().chain(&WORDS) {
        put(list.at, typed.lines(list.at).into());
    }
    wrongs.extend(no_day(typed));
    match (serde_json::from_value::<Policy>(value), rules, matrix) {
        (Ok(mut policy), Ok(rules), Ok(matrix)) if wrongs.is_empty() => {
            policy.severity_rules = rules;
            policy.credit_matrix = matrix;
            Ok(policy)
        }
        _ => {
            if wrongs.is_empty() {
                wrongs.push(Wrong::new("", "The form cannot be read. Open it anew."));
            }
            Err(wrongs)
        }
    }
}

fn whole(number: &Number, typed: &Typed) -> Result<u32, Wrong> {
    let max = number.max;
    let n = typed.trimmed(number.at).parse::<u32>().ok();
    n.filter(|n| (1..=max).contains(n)).ok_or_else(|| {
        let unit = number.unit.after("");
        let what = format!(
            "{} needs a whole number from 1 to {max}, in {unit}.",
            number.label
        );
        Wrong::new(number.at, what)
    })
}

/// The zone with its shifts, looked up whenever a policy is saved, so that a newer table counts.
fn zone_of(typed: &Typed) -> Result<Value, Wrong> {
    let name = typed.trimmed(ZONE.at);
    if let Some(zone) = zone::look_up(name)
        && let Ok(zone) = serde_json::to_value(zone)
    {
        return Ok(zone);
    }
    let part = name.to_lowercase().replace(' ', "_");
    let alike = zone::names()
        .iter()
        .filter(|n| n.to_lowercase().contains(&part));
    let alike: Vec<&str> = alike.take(3).map(String::as_str).collect();
    let such = match &alike[..] {
        [] => "Europe/Berlin or UTC".to_owned(),
        _ if name.is_empty() => "Europe/Berlin or UTC".to_owned(),
        alike => alike.join(" or "),
    };
    let what = format!(
        "Time zone “{name}” is not in the table of zones. Write a name from it, such as {such}."
    );
    Err(Wrong::new(ZONE.at, what))
}

fn no_day(typed: &Typed) -> Option<Wrong> {
    let days = typed.lines(HOLIDAYS.at);
    let wrong = days
        .iter()
        .find(|day| day.parse::<chrono::NaiveDate>().is_err())?;
    let what = format!("Holidays have “{wrong}”, which is no date. Write it as 2026-12-25.");
    Some(Wrong::new(HOLIDAYS.at, what))
}

/// A refusal of the decision, beside the field that it is about.
pub(super) fn refused(refusal: &Refusal) -> Wrong {
    let field = match refusal {
        Refusal::Invalid { field, .. } => field.as_str(),
        _ => "",
    };
    let at = match field {
        "Page name" => "/page_name",
        "Component" => "/components",
        "Channel prefix" => "/channel_prefix",
        "Holidays" => HOLIDAYS.at,
        "Jargon" => "/jargon",
        "Internal name" => "/internal_names",
        "Time zone" => ZONE.at,
        "Post-mortem booked" => "/booked_business_days",
        "Severity rules" => rules::AREA,
        "Approver" | "Approval rows" | "People of a row" => approvals::AREA,
        "Reason" => "reason",
        _ => "",
    };
    Wrong::new(at, refusal.to_string())
}
