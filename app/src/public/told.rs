//! One update as customers read it.

use super::excerpt::{PART, cut};
use super::when::{Moment, span};
use domain::Time;
use domain::public::{PublicIncident, PublicUpdate};
use domain::update::{Closure, UpdateKind};
use leptos::prelude::*;

/// How much of an update is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// As much as fits a page for bad phones.
    Excerpt,
    /// Every word.
    Whole,
}

/// The newest `count` updates, newest first.
#[component]
pub(super) fn Updates(
    /// Of which incident.
    incident: PublicIncident,
    /// How many.
    count: usize,
    /// How much of each.
    length: Length,
    /// The moment that the page tells of.
    now: Time,
) -> impl IntoView {
    let all = incident.updates.len();
    let updates = incident
        .updates
        .into_iter()
        .take(count)
        .enumerate()
        .map(|(i, update)| view! { <Told update number={all - i} length now /> })
        .collect_view();
    view! { <ol>{updates}</ol> }
}

/// How many bytes an update takes on a page for bad phones.
pub(super) fn weight(update: &PublicUpdate) -> usize {
    let closure = update.closure.as_ref().map_or(0, |c| {
        c.cause.len().min(PART) + c.prevention.len().min(PART)
    });
    [&update.acknowledge, &update.impact, &update.action]
        .iter()
        .map(|t| t.len().min(PART))
        .sum::<usize>()
        + closure
}

/// Whether the excerpt leaves words out.
pub(super) fn is_cut(update: &PublicUpdate) -> bool {
    let closure = update
        .closure
        .iter()
        .flat_map(|c| [&c.cause, &c.prevention]);
    [&update.acknowledge, &update.impact, &update.action]
        .into_iter()
        .chain(closure)
        .any(|t| t.len() > PART)
}

#[component]
fn Told(update: PublicUpdate, number: usize, length: Length, now: Time) -> impl IntoView {
    let name = match update.kind {
        UpdateKind::First => "first update".to_owned(),
        UpdateKind::Progress => format!("update {number}"),
        UpdateKind::Resolution => "it is over".to_owned(),
        UpdateKind::Learned => "what we learned".to_owned(),
    };
    let corrects = update.corrects_of.map(
        |at| view! { <p class="corrects">"This corrects what we said at "<Moment at now />"."</p> },
    );
    let [happens, affected, done] = names_of(update.kind);
    view! {
        <li class="told">
            <h3><Moment at=update.published_at now />" "<small>{name}</small></h3>
            {corrects}
            <dl class="parts">
                <Part name=happens text=update.acknowledge length />
                <Part name=affected text=update.impact length />
                <Part name=done text=update.action length />
                {update.closure.map(|closure| view! { <Closing closure length now /> })}
                {update.next_at.map(|at| view! { <dt>"Next update"</dt><dd>"by "<Moment at now /></dd> })}
            </dl>
        </li>
    }
}

/// What the three parts are called.
pub(super) fn names_of(kind: UpdateKind) -> [&'static str; 3] {
    match kind {
        UpdateKind::First | UpdateKind::Progress => {
            ["What happens", "Who is affected", "What we do"]
        }
        UpdateKind::Resolution => ["What happened", "Who was affected", "What we did"],
        UpdateKind::Learned => ["What we learned", "Who was affected", "What we changed"],
    }
}

#[component]
fn Closing(closure: Closure, length: Length, now: Time) -> impl IntoView {
    let Closure {
        cause,
        prevention,
        impact_from,
        impact_to,
    } = closure;
    let lasted = span(impact_from, impact_to);
    view! {
        <Part name="Cause" text=cause length />
        <dt>"When"</dt>
        <dd><Moment at=impact_from now />" to "<Moment at=impact_to now />", "{lasted}</dd>
        <Part name="What we change" text=prevention length />
    }
}

#[component]
fn Part(name: &'static str, text: String, length: Length) -> impl IntoView {
    let text = match length {
        Length::Excerpt => cut(&text, PART),
        Length::Whole => text,
    };
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| view! { <p>{line.to_owned()}</p> })
        .collect_view();
    view! { <dt>{name}</dt><dd>{lines}</dd> }
}
