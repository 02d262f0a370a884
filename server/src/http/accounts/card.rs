//! One account: everything that is known of it, and what its SLA gives for a month.

use super::frame::{notice, page};
use super::list::strategic;
use crate::http::Site;
use crate::http::fault::Fault;
use crate::http::session::SignedIn;
use crate::people::alike;
use crate::store::KeptAccount;
use app::api::LinkKind;
use app::parts::share::links_path;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::Html;
use domain::account::{Account, Contact};
use domain::credit::{Month, calculate};
use domain::sla::Sla;
use domain::{Person, Refusal, Time};
use leptos::prelude::*;
use serde::Deserialize;
use std::sync::Arc;

/// What the calculator is asked, as typed.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    month: Option<String>,
    impact_min: Option<String>,
    other_impact_min: Option<String>,
}

pub(super) async fn show(
    State(site): State<Arc<Site>>,
    SignedIn(who): SignedIn,
    Path(id): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Html<String>, Fault> {
    let Query(asked) =
        asked.map_err(|_| Fault::BadRequest("Open the account anew, from the list."))?;
    let kept = account(&site, &id).await?;
    let alike = match who.administrator {
        true => looks_like(&site, &kept.account).await?,
        false => None,
    };
    Ok(draw(&who, &kept, &asked, alike, site.clock.now()))
}

/// The account that an address names.
pub(super) async fn account(site: &Site, id: &str) -> Result<KeptAccount, Fault> {
    let id = id.parse().map_err(|_| Fault::NotFound)?;
    site.store.account_by_id(id).await?.ok_or(Fault::NotFound)
}

/// What an administrator is told of an account whose name people would take for that of another.
async fn looks_like(site: &Site, account: &Account) -> Result<Option<String>, Fault> {
    let names = site.store.all_account_names().await?;
    let others: Vec<String> = names
        .into_iter()
        .filter(|(id, name)| *id != account.id && alike::are(name, &account.name))
        .map(|(_, name)| name)
        .collect();
    Ok((!others.is_empty()).then(|| {
        format!(
            "“{}” looks like the name of another account: {}. If it is not the same customer, give one of them another name, so that nobody takes one for the other.",
            account.name,
            others.join(", ")
        )
    }))
}

fn draw(
    who: &Person,
    kept: &KeptAccount,
    asked: &Asked,
    alike: Option<String>,
    now: Time,
) -> Html<String> {
    let account = &kept.account;
    let name = account.name.clone();
    let edit = format!("/accounts/{}/edit", account.id);
    let administrator = who.administrator;
    let since = format!(
        "Last changed {} by {}",
        kept.changed_at.format("%-d %B %Y, %H:%M UTC"),
        kept.changed_by
    );
    let links = links_path(LinkKind::Status, &format!("account/{}", account.id));
    page(&account.name, who, || {
        view! {
            <p class="account-way"><a href="/accounts">"All accounts"</a></p>
            <div class="page-head">
                <h1>{name}</h1>
                <a class="button" href=links>"Share…"<span class="vh">" their page"</span></a>
                {administrator.then(|| view! { <a class="button" href=edit>"Edit"</a> })}
            </div>
            {alike.map(|text| notice("conflict", text))}
            {account.strategic.then(|| view! { <p>{strategic()}</p> })}
            {facts(account)}
            <section aria-labelledby="contacts">
                <h2 id="contacts">"Contacts"</h2>
                {contacts(&account.contacts)}
            </section>
            <section aria-labelledby="sla">
                <h2 id="sla">"SLA"</h2>
                {account.sla.as_ref().map(tiers)}
                {match &account.sla {
                    Some(sla) => calculator(account, sla, asked, now).into_any(),
                    None => view! { <p class="quiet">"No SLA, so no credit can be calculated."</p> }.into_any(),
                }}
            </section>
            <p class="quiet">{since}</p>
        }
    })
}

fn facts(account: &Account) -> impl IntoView + use<> {
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "not known".to_owned());
    let facts = [
        ("Tier", account.tier.clone()),
        ("Annual revenue", account.annual_revenue.shown()),
        ("Monthly fee", account.monthly_fee.shown()),
        (
            "Renews on",
            or_none(account.renews_on.map(|d| d.format("%-d %B %Y").to_string())),
        ),
        ("Owner", or_none(account.owner.clone())),
        ("Deal stage", or_none(account.deal_stage.clone())),
    ];
    let facts = facts
        .into_iter()
        .map(|(label, value)| view! { <div><dt>{label}</dt><dd>{value}</dd></div> })
        .collect_view();
    view! { <dl class="account-facts">{facts}</dl> }
}

fn contacts(contacts: &[Contact]) -> impl IntoView + use<> {
    if contacts.is_empty() {
        return view! { <p class="quiet">"Nobody is named yet."</p> }.into_any();
    }
    let people = contacts.iter().cloned().map(contact).collect_view();
    view! { <ul class="account-contacts">{people}</ul> }.into_any()
}

fn contact(contact: Contact) -> impl IntoView {
    let email = contact.email.map(|email| {
        let href = format!("mailto:{email}");
        view! { <a href=href>{email}</a> }
    });
    let phone = contact.phone.map(|phone| {
        let dialled: String = phone
            .chars()
            .filter(|c| c.is_ascii_digit() || *c == '+')
            .collect();
        let href = format!("tel:{dialled}");
        view! { <a href=href>{phone}</a> }
    });
    view! {
        <li><b>{contact.name}</b>{contact.role.map(|role| view! { <span>{role}</span> })}{email}{phone}</li>
    }
}

fn tiers(sla: &Sla) -> impl IntoView + use<> {
    let rows = sla
        .tiers
        .iter()
        .map(|tier| {
            let (below, credit) = (format!("{} %", tier.below), format!("{} %", tier.credit));
            view! { <tr><td class="number">{below}</td><td class="number">{credit}</td></tr> }
        })
        .collect_view();
    let cap = format!("A month gives at most {} % of its fee.", sla.cap);
    view! {
        <table class="table account-tiers">
            <thead><tr><th class="number" scope="col">"Availability below"</th><th class="number" scope="col">"Of the monthly fee"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
        <p class="quiet">{cap}</p>
    }
}

fn calculator(account: &Account, sla: &Sla, asked: &Asked, now: Time) -> impl IntoView + use<> {
    let href = format!("/accounts/{}#calculator", account.id);
    let month = asked
        .month
        .clone()
        .unwrap_or_else(|| now.format("%Y-%m").to_string());
    let zero = |text: &Option<String>| text.clone().unwrap_or_else(|| "0".to_owned());
    let (impact, other) = (zero(&asked.impact_min), zero(&asked.other_impact_min));
    let result =
        asked
            .impact_min
            .is_some()
            .then(|| match working(account, sla, &month, &impact, &other) {
                Ok(lines) => {
                    let lines = lines
                        .into_iter()
                        .map(|l| view! { <li>{l}</li> })
                        .collect_view();
                    view! { <ol class="credit-working">{lines}</ol> }.into_any()
                }
                Err(refusal) => notice("refused", refusal.to_string()).into_any(),
            });
    view! {
        <form class="form" id="calculator" method="get" action=href>
            <h3>"What does a month give?"</h3>
            <div class="fields">
                <p class="field"><label for="m">"Month "<span class="hint">"year-month, UTC"</span></label>
                    <input id="m" name="month" value=month required /></p>
                <p class="field"><label for="i">"Impact of the incident, minutes"</label>
                    <input id="i" name="impact_min" inputmode="numeric" value=impact required /></p>
                <p class="field"><label for="o">"Impact of others that month, minutes"</label>
                    <input id="o" name="other_impact_min" inputmode="numeric" value=other required /></p>
            </div>
            <p><button>"Calculate"</button></p>
        </form>
        {result}
    }
}

fn working(
    account: &Account,
    sla: &Sla,
    month: &str,
    impact: &str,
    other: &str,
) -> Result<Vec<String>, Refusal> {
    let minutes = |text: &str, field: &str| {
        let number = text.trim().parse::<u32>();
        number.map_err(|_| Refusal::invalid(field, "must be a whole number of minutes"))
    };
    let parts = month.trim().split_once('-');
    let month = parts
        .and_then(|(year, month)| Month::new(year.parse().ok()?, month.parse().ok()?))
        .ok_or_else(|| Refusal::invalid("Month", "must be written year-month, such as 2026-11"))?;
    let (impact, other) = (
        minutes(impact, "Impact")?,
        minutes(other, "Impact of others")?,
    );
    Ok(calculate(sla, &account.monthly_fee, month, impact, other)?.lines())
}
