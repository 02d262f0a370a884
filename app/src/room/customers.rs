//! Customers on the incident, and what closing it asks for.

use super::{Desk, forms};
use crate::board::thousands;
use crate::replica::Replica;
use domain::Status;
use domain::customer::{ChurnRisk, Credit, Customer};
use leptos::prelude::*;

/// The panel.
#[component]
pub fn Customers() -> impl IntoView {
    let desk = Desk::here();
    let all = Memo::new(move |_| desk.incident.with(|i| i.customers.clone()));
    let open = move || desk.incident.with(|i| i.is_open());
    let add = move |_| desk.open(forms::customer(None, &Replica::here().policy()));
    view! {
        <section data-panel="people" aria-labelledby="people">
            <div class="section-head">
                <h2 id="people">"Customers"</h2>
                {move || open().then(|| view! { <button class="slim" type="button" on:click=add>"Add…"<span class="vh">" a customer"</span></button> })}
            </div>
            {move || all.with(Vec::is_empty).then(|| view! { <p class="hint">"Nobody is named yet. Who is hurt, what do they see, and when does their contract renew?"</p> })}
            <ul class="facts-list">
                {move || all.get().into_iter().map(|c| view! { <CustomerLine customer=c /> }).collect_view()}
            </ul>
            {move || desk.incident.with(|i| i.status >= Status::Resolved).then(|| view! { <Closing /> })}
            <p class="actions"><a class="button slim" href=move || format!("{}/brief", desk.incident.with(|i| crate::board::room_of(i)))>"Executive brief"</a></p>
        </section>
    }
}

#[component]
fn CustomerLine(customer: Customer) -> impl IntoView {
    let desk = Desk::here();
    let currency = Replica::here().policy().currency.clone();
    let name = customer.name.clone();
    let credit = desk.incident.with(|i| {
        i.credits
            .iter()
            .find(|c| c.customer == name)
            .map(|c| c.credit.clone())
    });
    let credit = credit.map(|credit| match credit {
        Credit::Granted { amount, reason } => format!(
            "Credit {}.{:02} {}: {reason}",
            amount.minor / 100,
            amount.minor % 100,
            amount.currency
        ),
        Credit::None { reason } => format!("No credit: {reason}"),
    });
    let worse = is_worse(&customer);
    let mood = mood(&customer);
    let renews = customer
        .renews_on
        .map(|d| format!(", renews {}", d.format("%-d %B %Y")))
        .unwrap_or_default();
    let again = customer.clone();
    view! {
        <li>
            <p class="account"><b>{customer.name}</b><span class="money">{thousands(customer.annual_revenue)}" "{currency}</span></p>
            <p class="quiet">{customer.tier}{renews}</p>
            <p>{customer.sees}</p>
            <p><span class=if worse { "worse" } else { "quiet" }>{mood}</span></p>
            {credit.map(|c| view! { <p class="quiet">{c}</p> })}
            {desk.incident.with(|i| i.is_open()).then(|| view! {
                <p class="actions"><button class="plain slim" type="button"
                    on:click=move |_| desk.open(forms::customer(Some(&again), &Replica::here().policy()))>"Change…"</button></p>
            })}
        </li>
    }
}

fn is_worse(c: &Customer) -> bool {
    let churn = matches!((c.churn_before, c.churn_now), (Some(before), Some(now)) if now > before);
    let mood =
        matches!((c.sentiment_before, c.sentiment_now), (Some(before), Some(now)) if now < before);
    churn || mood
}

/// `Sentiment +1 to −1, churn risk low to high`.
#[must_use]
pub(crate) fn mood(c: &Customer) -> String {
    format!("Sentiment {}, churn risk {}", sentiment(c), churn(c))
}

/// `+1 to −1`.
#[must_use]
pub(crate) fn sentiment(c: &Customer) -> String {
    let signed = |n: i8| match n {
        0 => "0".to_owned(),
        n if n > 0 => format!("+{n}"),
        n => format!("−{}", n.unsigned_abs()),
    };
    match (c.sentiment_before, c.sentiment_now) {
        (Some(before), Some(now)) => format!("{} to {}", signed(before), signed(now)),
        (None, Some(only)) | (Some(only), None) => signed(only),
        (None, None) => "not asked".to_owned(),
    }
}

/// `low to high`.
#[must_use]
pub(crate) fn churn(c: &Customer) -> String {
    match (
        c.churn_before.map(ChurnRisk::label),
        c.churn_now.map(ChurnRisk::label),
    ) {
        (Some(before), Some(now)) if before != now => format!("{before} to {now}"),
        (_, Some(only)) | (Some(only), None) => only.to_owned(),
        (None, None) => "not rated".to_owned(),
    }
}

/// What the record says of the follow-up, once it is resolved.
#[component]
fn Closing() -> impl IntoView {
    let desk = Desk::here();
    let lines = move || {
        desk.incident.with(|i| {
            let mut lines = Vec::new();
            if let Some(booked) = &i.post_mortem {
                lines.push(format!(
                    "Post-mortem {} UTC with {}",
                    booked.at.format("%-d %b %H:%M"),
                    booked.facilitator.name
                ));
            }
            for action in &i.actions {
                lines.push(format!(
                    "{}: {} by {}, done when {}",
                    action.what, action.owner.name, action.due_on, action.acceptance
                ));
            }
            if let Some(plan) = &i.follow_up {
                lines.push(format!("Follow-up: {plan}"));
            }
            lines
        })
    };
    let open = move || desk.incident.with(|i| i.is_open());
    view! {
        <section aria-labelledby="closing">
            <div class="section-head">
                <h3 id="closing">"Follow-up"</h3>
                {move || open().then(|| view! { <button class="slim" type="button" on:click=move |_| desk.open(forms::action(Replica::here()))>"Agree an action…"</button> })}
            </div>
            {move || lines().is_empty().then(|| view! { <p class="hint">"Nothing is agreed yet."</p> })}
            <ul class="facts-list">{move || lines().into_iter().map(|l| view! { <li><p>{l}</p></li> }).collect_view()}</ul>
        </section>
    }
}
