//! The list of accounts, with a search.

use super::frame::{count, notice, page};
use crate::http::Site;
use crate::http::fault::Fault;
use crate::http::session::SignedIn;
use crate::store::KeptAccount;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Html;
use domain::Person;
use domain::account::Account;
use leptos::prelude::*;
use serde::Deserialize;
use std::sync::Arc;

/// Accounts on one page of the list.
const PAGE_SIZE: usize = 100;

/// What the address asks for, and what an import that has just ended did.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    q: Option<String>,
    after: Option<String>,
    new: Option<usize>,
    changed: Option<usize>,
    same: Option<usize>,
}

pub(super) async fn show(
    State(site): State<Arc<Site>>,
    SignedIn(who): SignedIn,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Html<String>, Fault> {
    let Query(asked) = asked.map_err(|_| Fault::BadRequest("Open the list anew, from the bar."))?;
    let query = asked.q.clone().unwrap_or_default();
    // One more than fits tells whether there is another page.
    let limit = u32::try_from(PAGE_SIZE + 1).unwrap_or(u32::MAX);
    let mut found = site
        .store
        .accounts(&query, limit, asked.after.as_deref())
        .await?;
    let more = found.len() > PAGE_SIZE;
    found.truncate(PAGE_SIZE);
    Ok(draw(&who, &query, &asked, &found, more))
}

fn draw(
    who: &Person,
    query: &str,
    asked: &Asked,
    found: &[KeptAccount],
    more: bool,
) -> Html<String> {
    let imported = match (asked.new, asked.changed, asked.same) {
        (Some(new), Some(changed), Some(same)) => Some(format!(
            "Imported: {new} new, {changed} changed, {same} the same."
        )),
        _ => None,
    };
    let accounts = found.iter().map(|kept| line(&kept.account)).collect_view();
    let next = found
        .last()
        .filter(|_| more)
        .map(|last| last.account.name.clone());
    let (query, is_first) = (query.to_owned(), asked.after.is_none());
    let nothing = found
        .is_empty()
        .then(|| empty(&query, is_first, who.administrator));
    let shown = count(found.len(), "account", "accounts");
    let administrator = who.administrator;
    page("Accounts", who, || {
        view! {
            <div class="page-head">
                <h1>"Accounts"</h1>
                {administrator.then(|| view! {
                    <p class="actions">
                        <a class="button" href="/accounts/import">"Import CSV"</a>
                        <a class="button primary" href="/accounts/new">"New account"</a>
                    </p>
                })}
            </div>
            {imported.map(|text| notice("kept", text))}
            {search(&query)}
            {nothing.is_none().then(|| view! { <p class="quiet">{shown}{more.then_some(", and more below them")}</p> })}
            {nothing}
            <ul class="accounts">{accounts}</ul>
            {next.map(|after| following(query, after))}
        }
    })
}

fn search(query: &str) -> impl IntoView + use<> {
    let query = query.to_owned();
    view! {
        <form class="account-search" role="search" method="get" action="/accounts">
            <label for="q" class="vh">"Search accounts"</label>
            <input id="q" name="q" type="search" value=query placeholder="Name, tier, owner or deal stage" />
            <button>"Search"</button>
        </form>
    }
}

/// The way on keeps what was searched for; a form writes the address right, whatever the name.
fn following(query: String, after: String) -> impl IntoView {
    view! {
        <form method="get" action="/accounts">
            <input type="hidden" name="q" value=query />
            <input type="hidden" name="after" value=after />
            <button>"Next page"</button>
        </form>
    }
}

fn empty(query: &str, is_first: bool, administrator: bool) -> impl IntoView + use<> {
    let text = match (query.is_empty(), is_first, administrator) {
        (false, _, _) => {
            format!("No account has “{query}” in its name, tier, owner or deal stage.")
        }
        (true, false, _) => "There are no more accounts.".to_owned(),
        (true, true, true) => {
            "No accounts yet. Import a CSV file from your CRM, or add one by hand.".to_owned()
        }
        (true, true, false) => "No accounts yet. An administrator can import them.".to_owned(),
    };
    view! { <p class="empty">{text}</p> }
}

fn line(account: &Account) -> impl IntoView + use<> {
    let href = format!("/accounts/{}", account.id);
    let name = account.name.clone();
    let renews = account.renews_on.map_or_else(
        || "no renewal date".to_owned(),
        |day| format!("renews {}", day.format("%-d %B %Y")),
    );
    let facts = [
        Some(account.tier.clone()),
        Some(renews),
        account.owner.clone(),
    ];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    let facts = facts.join(" · ");
    let revenue = account.annual_revenue.shown();
    view! {
        <li>
            <h2><a href=href>{name}</a></h2>
            <p class="revenue"><b>{revenue}</b>" a year"</p>
            <p class="facts">
                {account.strategic.then(strategic)}{facts}
            </p>
            <p class="facts">{terms(account)}</p>
        </li>
    }
}

/// The mark of a strategic account: a word, not a colour.
pub(super) fn strategic() -> impl IntoView {
    view! { <b class="strategic">"Strategic account"</b>" " }
}

/// The SLA in a few words.
pub(super) fn terms(account: &Account) -> String {
    let Some(sla) = &account.sla else {
        return "No SLA".to_owned();
    };
    let tiers: Vec<String> = sla
        .tiers
        .iter()
        .map(|tier| format!("below {} % → {} %", tier.below, tier.credit))
        .collect();
    format!(
        "SLA: {} of the fee, at most {} %",
        tiers.join(", "),
        sla.cap
    )
}
