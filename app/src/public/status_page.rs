//! The status page: what is happening in one sentence, the next word at an exact time, what was
//! said, how everything does, what was before. It has to load on a bad phone in a crowd, so
//! there is a bound on everything that people write.

use super::excerpt::{HEADLINE, PAST, cut};
use super::promise::{Promised, Since, in_short, whose};
use super::told::{Length, Updates, is_cut, weight};
use super::when::{Day, Moment};
use super::{Frame, Home, name_of};
use crate::parts::beats::Beats;
use domain::Time;
use domain::public::{PublicIncident, PublicView};
use domain::update::{ComponentNote, ComponentState};
use leptos::prelude::*;

/// Bytes of updates that the whole page shows; the rest is one tap away.
const TOLD_BYTES_MAX: usize = 7_000;
/// Incidents that are told of with their updates; further ones are named.
const CURRENT_MAX: usize = 3;
/// Past incidents that are listed.
const PAST_MAX: usize = 10;

/// How everything does now.
#[component]
pub fn StatusPage(
    /// What its reader may know.
    view: PublicView,
    /// Whose page it is.
    #[prop(optional)]
    home: Home,
    /// The moment that the page tells of.
    now: Time,
) -> impl IntoView {
    let PublicView {
        page_name,
        current,
        past,
        components,
    } = view;
    let further = current
        .iter()
        .skip(CURRENT_MAX)
        .cloned()
        .collect::<Vec<_>>();
    let current = current.into_iter().take(CURRENT_MAX).collect::<Vec<_>>();
    let share = TOLD_BYTES_MAX / current.len().max(1);
    let quiet = current.is_empty();
    let current = current
        .into_iter()
        .enumerate()
        .map(|(nth, incident)| view! { <Current incident home=home.clone() nth share now /> })
        .collect_view();
    view! {
        <Frame page_name home=home.clone() now>
            {quiet.then(|| view! {
                <p class="quiet">{now.format("%-d %B %Y, %H:%M UTC").to_string()}</p>
                <h1 class="now-line">"Everything works."</h1>
            })}
            {current}
            <Listed title="Also now" id="also" incidents=further home=home.clone() now />
            <Components components />
            <Listed title="Before" id="before" incidents=past home now />
        </Frame>
    }
}

/// One incident that is not over.
#[component]
fn Current(
    incident: PublicIncident,
    home: Home,
    nth: usize,
    share: usize,
    now: Time,
) -> impl IntoView {
    let count = fitting(&incident, share);
    let left_out = count < incident.updates.len()
        || incident.headline().len() > HEADLINE
        || incident.updates.iter().take(count).any(is_cut);
    let path = home.path_of(&incident);
    let all = left_out.then(|| (path.clone(), incident.updates.len()));
    let headline = cut(incident.headline(), HEADLINE);
    // One sentence is the page's; further incidents stand under it.
    let headline = match nth {
        0 => view! { <h1 class="now-line"><a href=path>{headline}</a></h1> }.into_any(),
        _ => view! { <h2 class="now-line"><a href=path>{headline}</a></h2> }.into_any(),
    };
    if incident.is_damaged {
        return view! { <section>{headline}</section> }.into_any();
    }
    let strip = incident.strip(now);
    let told = view! {
        <Since incident=incident.clone() now />
        {headline}
        <Promised incident=incident.clone() now />
        <Beats strip />
        <section>
            <h2>"Updates"</h2>
            <Updates incident count length=Length::Excerpt now />
            {all.map(|(path, n)| view! { <p><a href=path>{every_word(n)}</a></p> })}
        </section>
    };
    match nth {
        0 => told.into_any(),
        // Keeps its distance from the one above.
        _ => view! { <section>{told}</section> }.into_any(),
    }
}

fn every_word(updates: usize) -> String {
    match updates {
        1 => "Read all of this update".to_owned(),
        n => format!("Read all {n} updates"),
    }
}

/// How many of the newest updates fit into so many bytes; the newest always does.
fn fitting(incident: &PublicIncident, bytes: usize) -> usize {
    let mut sum = 0;
    let fit = incident.updates.iter().take_while(|update| {
        sum += weight(update);
        sum <= bytes
    });
    fit.count().max(1)
}

#[component]
fn Components(components: Vec<ComponentNote>) -> impl IntoView {
    let lines = components
        .into_iter()
        .map(|c| {
            view! { <li>{c.name}" "<span class="works" data-state=state(c.state)>{c.state.label()}</span></li> }
        })
        .collect_view();
    view! {
        <section aria-labelledby="c">
            <h2 id="c">"Components"</h2>
            <ul class="components">{lines}</ul>
        </section>
    }
}

fn state(state: ComponentState) -> Option<&'static str> {
    match state {
        ComponentState::Operational => None,
        ComponentState::DegradedPerformance => Some("slow"),
        ComponentState::PartialOutage => Some("partly"),
        ComponentState::MajorOutage => Some("down"),
    }
}

/// Incidents by name; nothing when there are none. A broken promise is told as plainly here as above.
#[component]
fn Listed(
    title: &'static str,
    id: &'static str,
    incidents: Vec<PublicIncident>,
    home: Home,
    now: Time,
) -> impl IntoView {
    (!incidents.is_empty()).then(|| {
        let lines = incidents
            .into_iter()
            .take(PAST_MAX)
            .map(|incident| {
                let path = home.path_of(&incident);
                let headline = cut(name_of(&incident), PAST);
                let at = incident.first_told_at().unwrap_or(now);
                let told = if incident.is_damaged {
                    ().into_any()
                } else if incident.is_over() {
                    view! { <small>{in_short(&incident, now)}</small> }.into_any()
                } else if incident.is_late(now) {
                    let whose = whose(&incident);
                    view! { <small>{whose}</small><Promised incident now /> }.into_any()
                } else {
                    let whose = whose(&incident);
                    incident
                        .next_at()
                        .map(
                            |at| view! { <small>{whose}"Next update by "<Moment at now /></small> },
                        )
                        .into_any()
                };
                view! { <li><Day at /><a href=path>{headline}</a>{told}</li> }
            })
            .collect_view();
        view! {
            <section aria-labelledby=id>
                <h2 id=id>{title}</h2>
                <ul class="history">{lines}</ul>
            </section>
        }
    })
}
