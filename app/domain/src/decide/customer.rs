//! What is known of the customers on an incident (RUNBOOK §9). The deal with them goes on after it
//! is closed.

use super::{must_be_open, past};
use crate::account::key;
use crate::customer::{Customer, Money};
use crate::impact::Window;
use crate::money::is_currency;
use crate::shown::Shown as _;
use crate::text::{line, optional, prose};
use crate::{Command, Event, Incident, Policy, Refusal, Time};

/// More than a trillion of the currency is a typing error.
const REVENUE_MAX: u64 = 1_000_000_000_000;

pub(super) fn decide(
    incident: &Incident,
    command: Command,
    policy: &Policy,
    now: Time,
) -> Result<Event, Refusal> {
    match command {
        Command::NoteCustomer { customer } => {
            must_be_open(incident)?;
            noted(incident, customer, policy, now)
        }
        Command::MoveDeal { customer, stage } => deal(incident, customer, &stage),
        _ => Err(Refusal::NoSuchIncident),
    }
}

pub(super) fn known_customer(incident: &Incident, name: String) -> Result<String, Refusal> {
    if incident.customers.iter().any(|c| c.name == name) {
        return Ok(name);
    }
    let problem = format!("“{name}” is not on this incident; add them first");
    Err(Refusal::invalid("Customer", problem))
}

fn deal(incident: &Incident, customer: String, stage: &str) -> Result<Event, Refusal> {
    let customer = known_customer(incident, customer)?;
    let stage = line("Deal stage", stage)?;
    let known = incident.customers.iter().find(|c| c.name == customer);
    if known.and_then(|c| c.deal_stage.as_ref()) == Some(&stage) {
        return Err(Refusal::invalid("Deal stage", "is this already"));
    }
    Ok(Event::DealMoved { customer, stage })
}

fn noted(incident: &Incident, c: Customer, policy: &Policy, now: Time) -> Result<Event, Refusal> {
    let in_range = |s: Option<i8>| s.is_none_or(|s| (-2..=2).contains(&s));
    if !in_range(c.sentiment_before) || !in_range(c.sentiment_now) {
        return Err(Refusal::invalid("Sentiment", "must be between −2 and +2"));
    }
    let name = line("Customer", &c.name)?;
    one_line_per_account(incident, &c, &name)?;
    let (currency, monthly_fee) = paid(&c, policy)?;
    let (impact_from, impact_to) = window(incident, &c, now)?;
    let customer = Customer {
        name,
        tier: line("Tier", &c.tier)?,
        sees: prose("What they see", &c.sees)?,
        churn_reason: churn_reason(&c)?,
        currency: Some(currency),
        monthly_fee,
        impact_from,
        impact_to,
        deal_stage: c.deal_stage.map(|d| line("Deal stage", &d)).transpose()?,
        ..c
    };
    Ok(Event::CustomerKnown { customer })
}

/// Under two names one account would be counted, called and credited twice. Capitals and spaces
/// make no other account.
fn one_line_per_account(incident: &Incident, c: &Customer, name: &str) -> Result<(), Refusal> {
    // Whoever is on it under both names already can still be changed.
    let is_new = incident.customers.iter().all(|k| k.name != name);
    let named = key(name);
    let same = |k: &&Customer| {
        k.account.is_some() && k.account == c.account && k.name != name
            || is_new && key(&k.name) == named
    };
    incident
        .customers
        .iter()
        .find(same)
        .map_or(Ok(()), |known| {
            let problem = format!(
                "is the account of “{}”, which is on this incident; change that line",
                known.name
            );
            Err(Refusal::invalid("Customer", problem))
        })
}

/// The currency of both amounts, and the fee.
fn paid(c: &Customer, policy: &Policy) -> Result<(String, Option<Money>), Refusal> {
    const TOO_MUCH: &str = "is more than a trillion";
    let home = || policy.currency.clone();
    let currency = c.currency.clone().unwrap_or_else(home);
    if !is_currency(&currency) {
        let problem = "must be the three letters of a currency, such as EUR";
        return Err(Refusal::invalid("Currency", problem));
    }
    if c.annual_revenue > REVENUE_MAX {
        return Err(Refusal::invalid("Annual revenue", TOO_MUCH));
    }
    match &c.monthly_fee {
        Some(fee) if fee.currency != currency => {
            let problem = format!("must be in {currency}, as the revenue is");
            Err(Refusal::invalid("Monthly fee", problem))
        }
        Some(fee) if fee.whole() > REVENUE_MAX => Err(Refusal::invalid("Monthly fee", TOO_MUCH)),
        fee => Ok((currency, fee.clone())),
    }
}

/// A risk without a reason is a guess: nobody can act on it (RUNBOOK §9).
fn churn_reason(c: &Customer) -> Result<Option<String>, Refusal> {
    const FIELD: &str = "Why this churn risk";
    match (c.churn_now, optional(FIELD, c.churn_reason.as_deref())?) {
        (Some(_), None) => Err(Refusal::invalid(
            FIELD,
            "must not be empty: a risk now needs its reason",
        )),
        (None, Some(_)) => Err(Refusal::invalid(
            FIELD,
            "stands without a churn risk now; rate it, or empty this",
        )),
        (_, reason) => Ok(reason),
    }
}

/// Both ends of the impact window. It may begin before the incident's: what was declared first
/// was a first guess, and what a customer finds in their own logs is better.
fn window(
    incident: &Incident,
    c: &Customer,
    now: Time,
) -> Result<(Option<Time>, Option<Time>), Refusal> {
    const FROM: &str = "Hurt from";
    const TO: &str = "Hurt until";
    let from = c.impact_from.map(|at| past(FROM, at, now)).transpose()?;
    let to = c.impact_to.map(|at| past(TO, at, now)).transpose()?;
    let stated = Customer {
        impact_from: from,
        impact_to: to,
        ..Customer::default()
    };
    // What was not said here is not judged here.
    let (field, problem) = match (Window::of(incident, &stated), from, to) {
        (Some(window), _, Some(_)) if !window.is_sound() => (
            TO,
            format!("must be after {} UTC", window.from.shown("%Y-%m-%d %H:%M")),
        ),
        (Some(window), Some(_), None) if !window.is_sound() => (
            FROM,
            "must be before the impact of the incident ended".to_owned(),
        ),
        _ => return Ok((from, to)),
    };
    Err(Refusal::invalid(field, problem))
}
