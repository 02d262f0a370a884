//! The policy as everybody reads it.

use super::fields::{LINES, LISTS, NUMBERS, SWITCHES, text};
use crate::http::Site;
use crate::http::accounts::frame::page;
use crate::http::fault::Fault;
use crate::http::session::SignedIn;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Html;
use domain::triage::SeverityRule;
use domain::wording::Fault as Breach;
use domain::{IncidentNumber, Policy};
use leptos::prelude::*;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    version: Option<u32>,
}

pub(super) async fn show(
    State(site): State<Arc<Site>>,
    SignedIn(who): SignedIn,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Html<String>, Fault> {
    let policies = site.log.policies();
    let current = policies.current();
    let version = asked
        .map_err(|_| Fault::BadRequest("Open the policy anew, from the menu."))?
        .0
        .version
        .unwrap_or(current.version);
    let all = policies.versions();
    let shown = all
        .iter()
        .find(|p| p.version == version)
        .ok_or(Fault::NotFound)?;
    let others: Vec<u32> = all
        .iter()
        .map(|p| p.version)
        .filter(|v| *v != version)
        .collect();
    let value = serde_json::to_value(shown.as_ref()).map_err(Fault::internal)?;
    let policy = Arc::clone(shown);
    let in_force = version == current.version;
    let may_change = who.administrator && in_force;
    Ok(page("Policy", &who, move || {
        let note = if in_force {
            "in force"
        } else {
            "replaced since; incidents declared under it keep it"
        };
        let numbers = NUMBERS
            .map(|n| {
                (
                    n.label.to_owned(),
                    format!("{} {}", text(&value, n.at), n.unit),
                )
            })
            .into_iter();
        let words = LINES
            .map(|(at, label, _)| (label.to_owned(), text(&value, at)))
            .into_iter();
        let switches = SWITCHES
            .map(|(at, label)| {
                (
                    label.to_owned(),
                    if text(&value, at) == "on" {
                        "yes"
                    } else {
                        "no"
                    }
                    .to_owned(),
                )
            })
            .into_iter();
        let lists = LISTS
            .map(|(at, label, _)| {
                let items = text(&value, at).replace('\n', ", ");
                (
                    label.to_owned(),
                    if items.is_empty() {
                        "none".to_owned()
                    } else {
                        items
                    },
                )
            })
            .into_iter();
        view! {
            <div class="page-head"><h1>{format!("Policy, version {version}")}</h1>
                {may_change.then(|| view! { <a class="button" href="/policy/edit">"Change…"</a> })}</div>
            <p class="quiet">{format!("This version is {note}. An incident keeps the version it was declared under.")}</p>
            <section><h2>"Clocks"</h2>{facts(numbers)}</section>
            <section><h2>"Severity matrix"</h2><p class="quiet">"Every condition of a rule must hold; the worst severity that any rule asks for is proposed. Unsure counts as the worst answer."</p>{matrix(&policy)}</section>
            <section><h2>"Roles"</h2><p>"On a SEV-1 and SEV-2, Incident Commander, Engineering Owner and Comms Lead are three different people, unless a reason is given that both cards show."</p>{facts(switches)}</section>
            <section><h2>"Credits"</h2><p class="quiet">"Nobody approves their own proposal."</p>{credits(&policy)}</section>
            <section><h2>"Channels, page and days"</h2>{facts(words)}<p>"A channel is named like "<b>{example(&policy)}</b>"."</p>
                <p>{format!("Business days are counted in {}.", policy.zone.name)}</p>{facts(lists)}</section>
            <section><h2>"Wording"</h2>{wording()}</section>
            {(!others.is_empty()).then(|| view! {
                <section><h2>"Other versions"</h2><p class="actions">
                    {others.into_iter().map(|v| view! { <a class="button slim" href=format!("/policy?version={v}")>{format!("Version {v}")}</a> }).collect_view()}
                </p></section>
            })}
        }
    }))
}

fn facts(all: impl Iterator<Item = (String, String)>) -> impl IntoView {
    let lines = all
        .map(|(label, value)| view! { <div><dt>{label}</dt><dd>{value}</dd></div> })
        .collect_view();
    view! { <dl class="account-facts">{lines}</dl> }
}

fn matrix(policy: &Policy) -> impl IntoView {
    let rows = policy
        .severity_rules
        .iter()
        .map(|rule| {
            view! { <tr><th scope="row">{rule.severity.label()}</th><td>{rule.name.clone()}</td><td>{conditions(rule)}</td></tr> }
        })
        .collect_view();
    view! {
        <table class="import-table"><thead><tr><th scope="col">"Severity"</th><th scope="col">"Rule"</th><th scope="col">"When"</th></tr></thead>
            <tbody>{rows}</tbody></table>
    }
}

fn conditions(rule: &SeverityRule) -> String {
    let mut all = Vec::new();
    all.extend(
        rule.users
            .map(|u| format!("users hit: at least {}", u.label())),
    );
    all.extend(rule.percent.map(|p| format!("at least {p} % of users")));
    all.extend(
        rule.data
            .map(|r| format!("data at risk: at least {}", r.label())),
    );
    all.extend(
        rule.security
            .map(|r| format!("signs of an attack: at least {}", r.label())),
    );
    all.extend(rule.executive.then(|| "executives watching".to_owned()));
    all.extend(
        rule.strategic
            .then(|| "a strategic customer hit".to_owned()),
    );
    all.join(", ")
}

fn credits(policy: &Policy) -> impl IntoView {
    let rows = policy
        .credit_matrix
        .iter()
        .map(|row| {
            let up_to = row
                .up_to
                .as_ref()
                .map_or_else(|| "above".to_owned(), |m| format!("up to {}", m.shown()));
            view! { <tr><th scope="row">{up_to}</th><td>{row.approver.clone()}</td></tr> }
        })
        .collect_view();
    view! {
        <table class="import-table"><thead><tr><th scope="col">"Amount"</th><th scope="col">"Approved by"</th></tr></thead>
            <tbody>{rows}</tbody></table>
    }
}

fn example(policy: &Policy) -> String {
    let number = IncidentNumber {
        year: 2026,
        serial: 42,
    };
    policy.channel(number, "Checkout errors")
}

fn wording() -> impl IntoView {
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
    view! { <ul class="facts-list">{lines}</ul> }
}
