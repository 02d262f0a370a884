//! The executive brief: one sheet, its age in front of everybody (RUNBOOK §8).

pub mod edit;
#[cfg(feature = "ssr")]
pub mod linked;

use crate::api::LinkKind;
use crate::board::{revenue, room_of};
use crate::frame::NotFound;
use crate::parts::beats::Beats;
use crate::parts::countdown::{Left, state_name, state_of};
use crate::parts::dynamic::part;
use crate::parts::memo::memo;
use crate::parts::severity::{Sev, Stage};
use crate::parts::share::Share;
use crate::parts::when::hm;
use crate::replica::Replica;
use crate::room::{addressed, churn, sentiment};
use crate::route::Address;
use domain::beat::strip_as_of;
use domain::brief::{Ask, Brief};
use domain::clock::{ClockKind, clocks, span};
use domain::customer::Customer;
use domain::shown::{Shown as _, moment};
use domain::{Incident, Policy, Time};
use leptos::prelude::*;
use markup::view;
use std::sync::Arc;

/// The page: the newest version, or the one named by `?version=`.
#[component]
pub fn BriefPage() -> impl IntoView {
    let found = addressed();
    let address = Address::here();
    let asked = memo(move || {
        let version = address.said("version");
        version.and_then(|v| v.parse::<u32>().ok())
    });
    part(move || match found.get() {
        Some(incident) => {
            let last = incident.briefs.last().map(|b| b.version);
            // What was never written leads to the newest, which says its number.
            let written = |version: &u32| incident.briefs.iter().any(|b| b.version == *version);
            let version = asked.get().filter(written).or(last);
            let brief = incident
                .briefs
                .iter()
                .find(|b| Some(b.version) == version)
                .cloned();
            let newest = brief.as_ref().map(|b| b.version) == last;
            view! {
                <main class="page brief" id="main">
                    <Tools incident=Arc::clone(&incident) version />
                    {match brief {
                        Some(brief) => {
                            let policy = Replica::here().policy_of(&incident);
                            let (as_of, version) = (brief.published_at, brief.version);
                            view! {
                                <Sheet incident=Arc::clone(&incident) brief policy>
                                    <Refresh incident as_of newest version />
                                </Sheet>
                            }
                            .into_any()
                        }
                        None => view! { <NoneYet incident /> }.into_any(),
                    }}
                </main>
            }
            .into_any()
        }
        None => NotFound().into_any(),
    })
}

#[component]
fn Tools(incident: Arc<Incident>, version: Option<u32>) -> impl IntoView {
    let room = room_of(&incident);
    let next = incident.briefs.len() + 1;
    let versions = incident
        .briefs
        .iter()
        .map(|b| {
            let current = (Some(b.version) == version).then_some("page");
            view! { <li><a href=format!("{room}/brief?version={}", b.version) aria-current=current>{b.version}</a></li> }
        })
        .collect_view();
    let has_some = !incident.briefs.is_empty();
    view! {
        <div class="brief-tools">
            <a class="button slim" href=room.clone()>"Room"</a>
            {has_some.then(|| view! { <nav aria-label="Versions"><ol>{versions}</ol></nav> })}
            <button class="slim" type="button" on:click=|_| print()>"Print"</button>
            <Share kind=LinkKind::Brief target=incident.id.to_string() />
            {incident.is_open().then(|| view! { <a class="button slim primary" href=format!("{room}/brief/edit")>{format!("Write brief {next}")}</a> })}
        </div>
    }
}

fn print() {
    #[cfg(feature = "hydrate")]
    if let Some(window) = web_sys::window() {
        // A browser that will not print says so itself.
        let _ = window.print();
    }
}

#[component]
fn NoneYet(incident: Arc<Incident>) -> impl IntoView {
    let replica = Replica::here();
    let clock = clocks(&incident, &replica.policy_of(&incident))
        .into_iter()
        .find(|c| c.kind == ClockKind::Brief && c.is_running());
    view! {
        <div class="page-head"><h1>{format!("No brief yet: {}", incident.title())}</h1></div>
        <p>"Executives have not been told in writing. The first brief is drafted from the record; read it, mend it, publish it."</p>
        {clock.map(|c| view! { <p class="refresh"><Left due_at=c.due_at /><span class="quiet">"until it is due, "{hm(c.due_at)}</span></p> })}
    }
}

/// The sheet, which needs no replica; `children` say how old it is.
#[component]
fn Sheet(
    incident: Arc<Incident>,
    brief: Brief,
    policy: Arc<Policy>,
    children: Children,
) -> impl IntoView {
    let (as_of, authors) = (brief.published_at, brief.authors());
    let strip = strip_as_of(&incident, &policy, as_of);
    let revenue = match revenue(&brief.customers, &policy.currency) {
        none if none.is_empty() => "not known".to_owned(),
        all => all,
    };
    let ended = brief.impact_ended_at;
    let lasted = brief.impact().map(span).unwrap_or_default();
    let text = brief.text;
    let lasting = match ended {
        Some(_) => "Impact lasted",
        None => "Impact so far",
    };
    let risks = text
        .risks
        .into_iter()
        .map(|r| view! { <li>{r}</li> })
        .collect_view();
    let asks = text
        .asks
        .into_iter()
        .map(|a| view! { <AskLine ask=a /> })
        .collect_view();
    let eta = text.eta.map(|eta| view! {
        <p><b>"By "{eta.at.shown("%-d %B %H:%M")}" UTC"</b>", "{eta.confidence.label()}" confidence. Depends on "{eta.depends_on}"."</p>
    });
    let unknown = (eta.is_none() && ended.is_none())
        .then(|| view! { <p>"Not known yet. The next brief says more."</p> });
    let ended = ended
        .map(|at| view! { <p><b>"The impact ended "{at.shown("%-d %B %H:%M")}" UTC"</b>"."</p> });
    let changed = text
        .changed
        .lines()
        .map(|line| view! { <p>{line.to_owned()}</p> })
        .collect_view();
    view! {
        <article>
            <header class="brief-top">
                <div>
                    <p class="actions">
                        <Sev severity=brief.severity />" "<Stage status=brief.status />
                        " "<span class="quiet">{format!("{}, brief {}", incident.number_label(), brief.version)}</span>
                    </p>
                    <h1>{incident.title().to_owned()}</h1>
                    <p class="quiet">"As of "<time datetime=as_of.to_rfc3339()>{as_of.shown("%-d %B %Y, %H:%M UTC")}</time>". Written by "{authors}</p>
                </div>
                {children()}
            </header>
            <div class="sheet-columns">
                <section class="across" aria-labelledby="b0">
                    <h2 class="vh" id="b0">"What happened"</h2>
                    <p class="lede">{text.happened}</p>
                    <Beats strip />
                </section>
                <section class="across" aria-labelledby="b1">
                    <h2 id="b1">"Impact"</h2>
                    <p>{text.impact}</p>
                    <dl class="impact">
                        <div><dt>"Customers known"</dt><dd>{brief.customers.len()}</dd></div>
                        <div><dt>"Revenue a year"</dt><dd>{revenue}</dd></div>
                        <div><dt>{lasting}</dt><dd>{lasted}</dd></div>
                    </dl>
                </section>
                <section aria-labelledby="b2"><h2 id="b2">"We ask of you"</h2>
                    {if asks.is_empty() { view! { <p>"Nothing at this time."</p> }.into_any() } else { view! { <ul class="points">{asks}</ul> }.into_any() }}
                </section>
                <section aria-labelledby="b3"><h2 id="b3">"When it ends"</h2>{ended}{eta}{unknown}</section>
                <section aria-labelledby="b4"><h2 id="b4">"Risks"</h2>
                    {if risks.is_empty() { view! { <p>"None named."</p> }.into_any() } else { view! { <ul class="points">{risks}</ul> }.into_any() }}
                </section>
                <section aria-labelledby="b5"><h2 id="b5">"Changed since the last brief"</h2>{changed}</section>
                <Accounts customers=brief.customers currency=policy.currency.clone() />
            </div>
        </article>
    }
}

/// How old the sheet is and when the next one comes; past its time it says so.
#[component]
fn Refresh(incident: Arc<Incident>, as_of: Time, newest: bool, version: u32) -> impl IntoView {
    let replica = Replica::here();
    let now = replica.now();
    let age = move || span(now.get() - as_of);
    if !newest {
        return view! { <p class="refresh"><span class="quiet">"An older version. "<a href=format!("{}/brief", room_of(&incident))>"Read the newest"</a></span></p> }.into_any();
    }
    let clock = clocks(&incident, &replica.policy_of(&incident))
        .into_iter()
        .find(|c| c.kind == ClockKind::Brief && c.is_running());
    let Some(clock) = clock else {
        return view! { <p class="refresh"><span class="quiet">"The last brief: it is resolved. "{age}" old"</span></p> }.into_any();
    };
    let state = state_of(&clock);
    let words = move || {
        let (age, due) = (age(), moment(clock.due_at, now.get()));
        match state.get() {
            domain::clock::ClockState::Overdue => {
                format!("This brief is out of date: {age} old, a new one was due {due}")
            }
            _ => format!("to brief {}, due {due}. This one is {age} old", version + 1),
        }
    };
    view! {
        <p class="refresh" data-state=move || state_name(state.get())>
            <Left due_at=clock.due_at /><span class="quiet">{words}</span>
        </p>
    }
    .into_any()
}

#[component]
fn AskLine(ask: Ask) -> impl IntoView {
    let by = ask
        .needed_by
        .map(|at| format!(", by {} UTC", at.shown("%-d %b %H:%M")))
        .unwrap_or_default();
    view! { <li><b>{ask.what}</b>{format!(" ({}{by})", ask.of)}</li> }
}

#[component]
fn Accounts(customers: Vec<Customer>, currency: String) -> impl IntoView {
    (!customers.is_empty()).then(|| {
        let rows = customers
            .into_iter()
            .map(|c| {
                let (mood, risk) = (sentiment(&c), churn(&c));
                let paid = revenue(std::slice::from_ref(&c), &currency);
                // What is in the column's own currency stands there as a number.
                let number = paid.strip_suffix(&format!(" {currency}")).unwrap_or(&paid).to_owned();
                // What the heads of the columns say, where a phone has no room for them.
                let unit = paid.get(number.len()..).filter(|_| !paid.is_empty()).map(|unit| format!("{unit} a year"));
                let because = c.churn_reason.map(|why| view! { <span class="because">{why}</span> });
                let renews = c.renews_on.map(|d| d.shown("%-d %b %Y")).unwrap_or_else(|| "not known".to_owned());
                view! {
                    <tr>
                        <th scope="row">{c.name}</th><td>{c.tier}</td><td class="number nowrap" data-unit=unit>{number}</td>
                        <td class="nowrap">{renews}</td><td>{mood}</td><td>{risk}{because}</td>
                    </tr>
                }
            })
            .collect_view();
        view! {
            <section class="across" aria-labelledby="b6">
                <h2 id="b6">"Customers"</h2>
                <table class="table">
                    <thead><tr>
                        <th scope="col">"Account"</th><th scope="col">"Tier"</th><th scope="col" class="number">{currency.clone()}" a year"</th>
                        <th scope="col">"Renews"</th><th scope="col">"Sentiment"</th><th scope="col">"Churn risk"</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </section>
        }
    })
}
