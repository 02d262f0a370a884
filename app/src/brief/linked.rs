//! The brief behind a secret link: the same sheet, drawn once by the server and without script,
//! so its times are absolute and nothing counts down (INTERFACES §1).

use super::Sheet;
use domain::clock::{Clock, ClockKind, clocks, span};
use domain::shown::Shown as _;
use domain::{Incident, Policy, Time};
use leptos::prelude::*;
use markup::view;
use std::sync::Arc;

/// The page: the version that is asked for, else the newest.
#[component]
pub fn LinkedBrief(
    /// Of which incident.
    incident: Arc<Incident>,
    /// Which version.
    version: Option<u32>,
    /// The policy that the incident goes by.
    policy: Arc<Policy>,
    /// The moment that the page tells of.
    now: Time,
) -> impl IntoView {
    let newest = incident.briefs.last().map(|b| b.version);
    let shown = version.or(newest);
    let brief = incident
        .briefs
        .iter()
        .find(|b| Some(b.version) == shown)
        .cloned();
    let clock = clocks(&incident, &policy)
        .into_iter()
        .find(|c| c.kind == ClockKind::Brief && c.is_running());
    let versions = incident
        .briefs
        .iter()
        .map(|b| {
            let current = (Some(b.version) == shown).then_some("page");
            view! { <li><a href=format!("?version={}", b.version) aria-current=current>{b.version}</a></li> }
        })
        .collect_view();
    let sheet = match brief {
        Some(brief) => {
            let (late, words) = age(brief.published_at, shown == newest, clock.as_ref(), now);
            let state = late.then_some("overdue");
            view! {
                <Sheet incident brief policy>
                    <p class="refresh" data-state=state>{words}</p>
                </Sheet>
            }
            .into_any()
        }
        None => {
            let due = clock.map(|c| format!(" The first one is due by {}.", day(c.due_at)));
            view! {
                <div class="page-head"><h1>{format!("No brief yet: {}", incident.title())}</h1></div>
                <p>"Nothing has been written for executives so far."{due}</p>
            }
            .into_any()
        }
    };
    view! {
        <main class="page brief" id="main">
            <div class="brief-tools">
                <nav aria-label="Versions"><ol>{versions}</ol></nav>
                <p class="quiet">{format!("Read {}. Whoever has this address can read it: do not pass it on.", day(now))}</p>
            </div>
            {sheet}
        </main>
    }
}

/// How old it is and when the next one comes, and whether that time has passed.
fn age(as_of: Time, newest: bool, clock: Option<&Clock>, now: Time) -> (bool, AnyView) {
    if !newest {
        let words = view! { <span class="quiet">"An older version. "<a href="?">"Read the newest"</a></span> };
        return (false, words.into_any());
    }
    let old = span(now - as_of);
    match clock {
        Some(clock) if clock.due_at < now => {
            let words = view! {
                <b class="left">"Out of date"</b>
                <span class="quiet">{format!("It is {old} old. A new one was due by {}.", day(clock.due_at))}</span>
            };
            (true, words.into_any())
        }
        Some(clock) => {
            let words = format!("{old} old. The next one comes by {}.", day(clock.due_at));
            (false, words.into_any())
        }
        None => {
            let words = format!("The last brief: no further one is promised. {old} old.");
            (false, words.into_any())
        }
    }
}

/// `23 November 2026, 14:10 UTC`.
fn day(at: Time) -> String {
    at.shown("%-d %B %Y, %H:%M UTC")
}
