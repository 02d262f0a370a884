//! What the head has no room for: the severities it had, its times, the promises kept so far, and
//! the policy it goes by.

use super::Desk;
use crate::parts::countdown::minute_of;
use crate::parts::dynamic::part;
use crate::parts::memo::memo;
use domain::adherence::{Adherence, Promise, brief_promises, update_promises};
use domain::clock::span;
use domain::policy::minutes;
use domain::shown::Shown as _;
use domain::{Incident, Policy, Time};
use leptos::prelude::*;
use markup::view;

/// Folded below the head.
#[component]
pub fn About() -> impl IntoView {
    let desk = Desk::here();
    let minute = minute_of(desk.replica);
    let parts = memo(move || {
        let minute = minute.get();
        let policy = desk.policy();
        desk.incident.with(|i| parts(i, &policy, minute))
    });
    let version = memo(move || desk.incident.with(|i| i.policy_version()));
    let drawn = move || {
        let part = |(title, lines): (&'static str, Vec<String>)| {
            let lines = lines
                .into_iter()
                .map(|line| view! { <dd>{line}</dd> })
                .collect_view();
            view! { <div><dt>{title}</dt>{lines}</div> }
        };
        parts.get().into_iter().map(part).collect_view()
    };
    part(move || {
        version.get().map(|version| {
            view! {
                <details class="about">
                    <summary>"Severity, times, promises and policy"</summary>
                    <dl>
                        {drawn}
                        <div><dt>"Goes by"</dt><dd><a href="/policy" rel="external">{format!("Policy {version}")}</a></dd></div>
                    </dl>
                </details>
            }
        })
    })
}

fn at(time: Time) -> String {
    time.shown("%-d %b %H:%M UTC")
}

fn parts(incident: &Incident, policy: &Policy, now: Time) -> Vec<(&'static str, Vec<String>)> {
    vec![
        ("Severity", severities(incident)),
        ("Times", times(incident)),
        ("Customer updates", updates(incident, policy, now)),
        (
            "Executive briefs",
            vec![kept(&brief_promises(incident, policy, now))],
        ),
    ]
}

/// Every severity it had, and why.
fn severities(incident: &Incident) -> Vec<String> {
    let Some(declared) = &incident.declared else {
        return Vec::new();
    };
    let mut lines = vec![format!(
        "{} from {}, declared by {}",
        declared.severity.label(),
        at(declared.at),
        declared.by.name
    )];
    if let Some(proposal) = &declared.proposal {
        lines.push(format!(
            "The matrix proposed {}: {}",
            proposal.severity.label(),
            proposal.rule
        ));
    }
    if let Some(why) = &declared.details.other_severity {
        lines.push(format!("Declared otherwise: {why}"));
    }
    lines.extend(incident.severity_changes.iter().map(|change| {
        format!(
            "{} from {}, {}: {}",
            change.to.label(),
            at(change.at),
            change.by.name,
            change.reason
        )
    }));
    lines
}

fn times(incident: &Incident) -> Vec<String> {
    let line = |what: &str, time: Option<Time>| time.map(|time| format!("{what} {}", at(time)));
    [
        line("Impact began", incident.impact_began_at()),
        line("Detected", incident.detected_at()),
        line("Declared", incident.declared.as_ref().map(|d| d.at)),
        line("Impact ended", incident.impact_ended_at),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// How the promises to customers were kept, and the cadences they were measured by.
fn updates(incident: &Incident, policy: &Policy, now: Time) -> Vec<String> {
    let mut lines = vec![kept(&update_promises(incident, policy, now))];
    let all = incident.earlier_cadences.iter().chain(&incident.cadence);
    lines.extend(all.map(|change| {
        format!(
            "Every {} from {}, {}: {}",
            span(minutes(change.every_min)),
            at(change.at),
            change.by.name,
            change.reason
        )
    }));
    lines
}

fn kept(promises: &[Promise]) -> String {
    let Adherence { owed, kept } = Adherence::of(promises);
    match owed {
        0 => "None was due yet".to_owned(),
        _ => format!("{kept} of {owed} due came in time"),
    }
}
