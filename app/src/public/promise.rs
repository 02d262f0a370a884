//! The promise in force: when the next word comes, that it is late, or that it is over.

use super::when::{Moment, machine, moment};
use domain::Time;
use domain::adherence::{Adherence, Promise, PromiseState};
use domain::public::PublicIncident;
use leptos::prelude::*;

/// What was promised, told plainly when it was not kept.
#[component]
pub(super) fn Promised(
    /// Of which incident.
    incident: PublicIncident,
    /// The moment that the page tells of.
    now: Time,
) -> impl IntoView {
    if incident.is_over() {
        return over(&incident, now).into_any();
    }
    match incident.next_at() {
        Some(at) if incident.is_late(now) => late(at, silent(&incident, at, now), now).into_any(),
        Some(at) => view! {
            <p class="promise">
                "Next update by "<time class="by" datetime=machine(at)>{moment(at, now)}</time>
                " even if nothing has changed"
            </p>
        }
        .into_any(),
        None => ().into_any(),
    }
}

fn late(promised: Time, silent: usize, now: Time) -> impl IntoView {
    let silence =
        (silent > 1).then(|| format!(" {silent} promised times have passed without a word."));
    view! {
        <p class="promise" data-state="overdue">
            <b>"We promised an update by "<Moment at=promised now />" and it is late."</b>
            " We are sorry."{silence}
        </p>
    }
}

/// How many promised times have passed since the last word.
fn silent(incident: &PublicIncident, promised: Time, now: Time) -> usize {
    let passed = |p: &Promise| p.state == PromiseState::Missed && p.due_at >= promised;
    incident.promises(now).iter().filter(|p| passed(p)).count()
}

fn over(incident: &PublicIncident, now: Time) -> impl IntoView {
    let ended = incident
        .updates
        .iter()
        .find_map(|u| u.closure.as_ref())
        .map(|c| c.impact_to);
    let since = ended.or(incident.last_told_at());
    let kept = kept(incident, now);
    view! {
        <p class="promise">
            <b>"Over since "{since.map(|at| view! { <Moment at now /> })}</b>
            {kept}
        </p>
    }
}

/// `9 of 9 updates came when we promised them`; nothing when none was promised.
fn kept(incident: &PublicIncident, now: Time) -> Option<String> {
    let Adherence { owed, kept } = Adherence::of(&incident.promises(now));
    (owed > 0).then(|| format!("{kept} of {owed} promised updates came in time"))
}

/// The same in a list of past incidents: `72 min, 9 of 9 promised updates came in time`.
pub(super) fn in_short(incident: &PublicIncident, now: Time) -> String {
    let window = incident.updates.iter().find_map(|u| u.closure.as_ref());
    let lasted = match window {
        Some(closure) => super::when::span(closure.impact_from, closure.impact_to),
        None => match (incident.first_told_at(), incident.last_told_at()) {
            (Some(first), Some(last)) => super::when::span(first, last),
            _ => String::new(),
        },
    };
    let whose = match incident.is_by_name() {
        true => ", told to you and not to the public",
        false => "",
    };
    match kept(incident, now) {
        Some(kept) => format!("{lasted}, {kept}{whose}"),
        None => format!("{lasted}{whose}"),
    }
}

/// When an incident is told of at the top of its part: `Checkout, since 13:12 UTC`.
#[component]
pub(super) fn Since(
    /// Which.
    incident: PublicIncident,
    /// The moment that the page tells of.
    now: Time,
) -> impl IntoView {
    let hurt: Vec<String> = incident
        .updates
        .first()
        .map(|u| &u.components)
        .into_iter()
        .flatten()
        .filter(|c| c.state != domain::update::ComponentState::Operational)
        .map(|c| c.name.clone())
        .collect();
    let what = if hurt.is_empty() {
        "First told".to_owned()
    } else {
        format!("{}, first told", hurt.join(", "))
    };
    let status = incident.updates.first().map(|u| u.status.label());
    let at = incident.first_told_at().unwrap_or(now);
    let whose = whose(&incident);
    view! { <p class="quiet">{whose}{what}" "<Moment at now />{status.map(|s| format!(". Status: {s}"))}</p> }
}

/// That only its reader is told of it; nothing where the public is told too.
pub(super) fn whose(incident: &PublicIncident) -> impl IntoView + use<> {
    incident
        .is_by_name()
        .then(|| view! { <b>"Told to you, and not to the public."</b>" " })
}
