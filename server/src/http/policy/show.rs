//! The policy as everybody reads it.

use super::approvals::Known;
use super::fields::{
    COMPONENTS, CURRENCY, HOLIDAYS, LINES, NUMBERS, SWITCHES, Text, Unit, WORDS, shown,
};
use super::history::{self, Change};
use super::rules;
use super::zone;
use crate::http::Site;
use crate::http::accounts::frame::page;
use crate::http::fault::Fault;
use crate::http::session::SignedIn;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Html;
use chrono::Duration;
use domain::approval::is_open_to_all;
use domain::triage::SeverityRule;
use domain::wording::Fault as Breach;
use domain::zone::Zone;
use domain::{IncidentNumber, Person, Policy, Time};
use leptos::prelude::*;
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    version: Option<u32>,
}

/// What the page says.
pub(super) struct Page<'a> {
    /// The version that is shown.
    pub(super) policy: &'a Policy,
    /// The one in force.
    pub(super) in_force: u32,
    /// How the versions came about, oldest first.
    pub(super) changes: &'a [Change],
    /// Everybody whom the credit matrix can name.
    pub(super) known: &'a Known,
    /// Server time.
    pub(super) now: Time,
}

pub(super) async fn show(
    State(site): State<Arc<Site>>,
    SignedIn(who): SignedIn,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Html<String>, Fault> {
    let policies = site.log.policies();
    let in_force = policies.current().version;
    let asked = asked.map_err(|_| Fault::BadRequest("Open the policy anew, from the menu."))?;
    let version = asked.0.version.unwrap_or(in_force);
    let shown = policies.versions().iter().find(|p| p.version == version);
    let mut changes = history::read(&site).await?;
    // The store may be ahead of what is shown.
    changes.retain(|change| change.version <= in_force);
    let page = Page {
        policy: shown.ok_or(Fault::NotFound)?,
        in_force,
        changes: &changes,
        known: &Known::of(&site.log.people().now()),
        now: site.clock.now(),
    };
    draw(&who, &page).map_err(Fault::internal)
}

pub(super) fn draw(who: &Person, shown: &Page<'_>) -> Result<Html<String>, serde_json::Error> {
    let policy = shown.policy;
    let value = serde_json::to_value(policy)?;
    let (version, is_in_force) = (policy.version, policy.version == shown.in_force);
    let note = if is_in_force {
        "in force"
    } else {
        "replaced since; incidents declared under it keep it"
    };
    let may_change = who.administrator && is_in_force;
    Ok(page("Policy", who, || {
        view! {
            <div class="page-head"><h1>{format!("Policy, version {version}")}</h1>
                {may_change.then(|| view! { <a class="button" href="/policy/edit">"Change…"</a> })}</div>
            {is_in_force.then(|| zone::told(policy, may_change)).flatten()}
            <p class="quiet">{format!("This version is {note}. An incident keeps the version it was declared under.")}</p>
            <section><h2>"Clocks"</h2>{numbers(&value)}</section>
            <section><h2>"Severity matrix"</h2><p class="quiet">"Every condition of a rule must hold; the worst severity that any rule asks for is proposed, and the rule that says so. Unsure counts as the worst answer."</p>{matrix(policy)}</section>
            <section><h2>"Roles and approvals"</h2><p>"On a SEV-1 and SEV-2, Incident Commander, Engineering Owner and Comms Lead are three different people, unless a reason is given that both cards show."</p>{switches(&value)}</section>
            <section><h2>"Credits"</h2><p class="quiet">"Nobody approves their own proposal. Who approves is always as in the version in force, also where an incident keeps an older one."</p>{texts(&value, &[CURRENCY])}{credits(policy, shown.known)}</section>
            <section><h2>"Channels and page"</h2>{texts(&value, &LINES)}<p>"A channel is named like "<b>{example(policy)}</b>"."</p>{texts(&value, &[COMPONENTS])}</section>
            <section><h2>"Business days"</h2><p>{days(&policy.zone, shown.now)}</p>{texts(&value, &[HOLIDAYS])}</section>
            <section><h2>"Wording"</h2>{wording()}{texts(&value, &WORDS)}</section>
            <section><h2>"Versions"</h2>{versions(shown)}</section>
        }
    }))
}

fn facts(class: &'static str, all: impl Iterator<Item = (&'static str, String)>) -> AnyView {
    let lines = all
        .map(|(label, value)| view! { <div><dt>{label}</dt><dd>{value}</dd></div> })
        .collect_view();
    view! { <dl class=class>{lines}</dl> }.into_any()
}

fn numbers(value: &Value) -> AnyView {
    let said = NUMBERS
        .iter()
        .map(|n| (n.label, said(n.unit, &shown(value, n.at))));
    facts("policy-facts", said)
}

/// `60 min`, `4 h`, `1 business day`.
fn said(unit: Unit, number: &str) -> String {
    match (unit, number.parse::<u32>()) {
        (Unit::Minutes, Ok(min)) if min > 60 && min % 60 == 0 => format!("{} h", min / 60),
        _ => format!("{number} {}", unit.after(number)),
    }
}

fn switches(value: &Value) -> AnyView {
    let word = |at| {
        if shown(value, at) == "on" {
            "yes"
        } else {
            "no"
        }
    };
    facts(
        "policy-facts",
        SWITCHES
            .map(|(at, label)| (label, word(at).to_owned()))
            .into_iter(),
    )
}

fn texts(value: &Value, all: &[Text]) -> AnyView {
    facts(
        "account-facts",
        all.iter().map(|text| {
            let items = shown(value, text.at).replace('\n', ", ");
            let none = items.is_empty().then(|| "none".to_owned());
            (text.label, none.unwrap_or(items))
        }),
    )
}

fn matrix(policy: &Policy) -> AnyView {
    let rows = policy.severity_rules.iter();
    let rows = rows
        .map(|rule| {
            view! { <tr><th scope="row">{rule.severity.label()}</th><td>{rule.name.clone()}</td><td>{conditions(rule)}</td></tr> }
        })
        .collect_view();
    view! {
        <table class="table policy-table"><thead><tr><th scope="col">"Severity"</th><th scope="col">"Rule"</th><th scope="col">"When"</th></tr></thead>
            <tbody>{rows}</tbody></table>
        {policy.severity_rules.is_empty().then(|| view! { <p>"There is no rule: SEV-3 is proposed for everything."</p> })}
    }
    .into_any()
}

fn conditions(rule: &SeverityRule) -> String {
    let mut all = Vec::new();
    all.extend(
        rule.users
            .map(|u| format!("users hit: {}", rules::users_asked(u))),
    );
    all.extend(rule.percent.map(|p| format!("at least {p} % of users")));
    all.extend(
        rule.data
            .map(|r| format!("data at risk: {}", rules::risk_asked(r))),
    );
    all.extend(
        rule.security
            .map(|r| format!("signs of an attack: {}", rules::risk_asked(r))),
    );
    all.extend(rule.executive.then(|| "executives watching".to_owned()));
    all.extend(
        rule.strategic
            .then(|| "a strategic customer hit".to_owned()),
    );
    all.join(", ")
}

fn credits(policy: &Policy, known: &Known) -> AnyView {
    let rows = policy.credit_matrix.iter();
    let rows = rows
        .map(|row| {
            let up_to = row.up_to.as_ref();
            let up_to = up_to.map_or_else(|| "above".to_owned(), |m| format!("up to {}", m.shown()));
            let may = known.names(&row.people, is_open_to_all(&policy.credit_matrix, row));
            view! { <tr><th scope="row">{up_to}</th><td>{row.approver.clone()}</td><td>{may}</td></tr> }
        })
        .collect_view();
    view! {
        <table class="table policy-table"><thead><tr><th scope="col">"Amount"</th><th scope="col">"Approved by"</th><th scope="col">"Who may"</th></tr></thead>
            <tbody>{rows}</tbody></table>
    }
    .into_any()
}

fn example(policy: &Policy) -> String {
    let number = IncidentNumber {
        year: 2026,
        serial: 42,
    };
    policy.channel(number, "Checkout errors")
}

/// Where business days are counted, how far that is from UTC, and when clocks there change next.
fn days(zone: &Zone, now: Time) -> String {
    let there = match utc_and(zone.offset_at(now)) {
        utc if utc == zone.name => String::new(),
        there => format!(": {there} now"),
    };
    let next = zone.shifts.iter().find(|shift| shift.at > now);
    let next = next.map_or_else(String::new, |shift| {
        let then = utc_and(Duration::minutes(shift.utc_offset_min.into()));
        format!(
            ", and {then} from {} UTC on",
            shift.at.format("%Y-%m-%d %H:%M")
        )
    });
    format!(
        "Business days are counted in {}{there}{next}. Saturdays and Sundays are none.",
        zone.name
    )
}

/// `UTC`, `UTC+1`, `UTC−3:30`.
fn utc_and(offset: Duration) -> String {
    let min = offset.num_minutes();
    let sign = if min < 0 { '−' } else { '+' };
    let (hours, rest) = (min.abs() / 60, min.abs() % 60);
    match (hours, rest) {
        (0, 0) => "UTC".to_owned(),
        (_, 0) => format!("UTC{sign}{hours}"),
        _ => format!("UTC{sign}{hours}:{rest:02}"),
    }
}

fn wording() -> AnyView {
    let lines = Breach::ALL
        .map(|fault| {
            let stays = if fault.may_stay() {
                "stays with a reason"
            } else {
                "is never published"
            };
            view! { <li><b>{fault.label()}</b>{format!(": {}; {stays}.", fault.instead())}</li> }
        })
        .into_iter()
        .collect_view();
    view! { <ul class="facts-list">{lines}</ul> }.into_any()
}

/// Newest first, each with who made it, when and why.
fn versions(shown: &Page<'_>) -> AnyView {
    let changes = shown.changes.iter().rev();
    let lines = changes
        .map(|change| {
            let Change { version, at, by, reason } = change.clone();
            let at = format!("{}, {by}", at.format("%-d %B %Y, %H:%M UTC"));
            view! { <li>{version_link(version)}<p class="quiet">{at}</p><p class="said">{reason}</p></li> }
        })
        .collect_view();
    view! { <ol class="policy-versions">{lines}<li>{version_link(1)}<p class="quiet">"as shipped"</p></li></ol> }
        .into_any()
}

fn version_link(version: u32) -> impl IntoView {
    view! { <a href=format!("/policy?version={version}")>{format!("Version {version}")}</a> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_said_in_whole_hours_where_it_has_some() {
        for (min, text) in [
            ("1", "1 min"),
            ("60", "60 min"),
            ("61", "61 min"),
            ("119", "119 min"),
            ("120", "2 h"),
            ("1440", "24 h"),
        ] {
            assert_eq!(said(Unit::Minutes, min), text);
        }
        assert_eq!(said(Unit::BusinessDays, "1"), "1 business day");
        assert_eq!(said(Unit::BusinessDays, "2"), "2 business days");
    }

    #[test]
    fn an_offset_is_said_in_hours_and_minutes() {
        for (min, said) in [
            (0, "UTC"),
            (60, "UTC+1"),
            (-300, "UTC−5"),
            (330, "UTC+5:30"),
            (-210, "UTC−3:30"),
            (-30, "UTC−0:30"),
        ] {
            assert_eq!(utc_and(Duration::minutes(min)), said, "{min}");
        }
    }
}
