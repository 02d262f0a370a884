//! The report that a declaration is made from: its clock, what else may be done with it, and what was decided.

use crate::board::{dismiss, room_of};
use crate::parts::countdown::{Left, state_name, state_of};
use crate::parts::dynamic::part;
use crate::parts::focus;
use crate::parts::form::{FormDialog, Values};
use crate::parts::notice::RefusalNotice;
use crate::parts::severity::Sev;
use crate::parts::when::hm;
use crate::replica::held::held;
use crate::replica::{Replica, draft as kept};
use crate::route::Address;
use domain::clock::clocks;
use domain::{Command, Incident, Refusal};
use leptos::prelude::*;
use markup::view;
use std::sync::Arc;

/// The clock this answers.
#[component]
pub(super) fn Answers(incident: Arc<Incident>) -> impl IntoView {
    let replica = Replica::here();
    let clock = clocks(&incident, &replica.policy())
        .into_iter()
        .find(domain::clock::Clock::is_running);
    let (Some(clock), Some(report)) = (clock, incident.report.clone()) else {
        return ().into_any();
    };
    let state = state_of(&clock);
    view! {
        <section class="band" data-state=move || state_name(state.get()) aria-label="The clock this answers">
            <div class="clock lead" data-state=move || state_name(state.get())>
                <div class="time"><Left due_at=clock.due_at /></div>
                <div class="what">
                    <p>"to declare or dismiss"</p>
                    <p class="whose">{format!("“{}”, {}, {}", report.what, report.source, hm(report.received_at))}</p>
                </div>
            </div>
        </section>
    }
    .into_any()
}

/// The report waits no more: what became of it, and what was written for it meanwhile.
#[component]
pub(super) fn Decided(
    /// By whom and when.
    decision: Decision,
    /// Under which the device keeps what was written.
    key: String,
    /// Set to declare another incident.
    anew: RwSignal<bool>,
) -> impl IntoView {
    let written = RwSignal::new(Values::new());
    kept::restore(key, written, |v, old: Values| *v = old);
    on_cleanup(focus::begin);
    let (head, words, room) = decision;
    let room =
        room.map(|(room, label)| view! { <a class="button primary" href=room>{label}</a>" " });
    view! {
        <div class="page-head"><h1>{head}</h1></div>
        <div class="otherwise">
            <p>{words}</p>
            <p class="actions">{room}<a class="button" href="/">"Go to the board"</a></p>
            {part(move || (!written.with(Values::is_empty)).then(|| view! {
                <p class="actions">"What you wrote is kept on this device. "
                    <button class="slim" type="button" on:click=move |_| anew.set(true)>"Declare another incident with it…"</button></p>
            }))}
        </div>
    }
}

/// A heading, what was decided by whom and when, and the way to the incident that it is now a part of, with its name.
pub(super) type Decision = (&'static str, String, Option<(String, String)>);

/// Of a report; none when this device does not hold it.
pub(super) fn decision(report: Option<&Incident>) -> Decision {
    if let Some(report) = report {
        if let Some(declared) = &report.declared {
            let words = format!("{} declared it at {}.", declared.by.name, hm(declared.at));
            let room = (room_of(report), format!("Open {}", report.number_label()));
            return ("This report is an incident", words, Some(room));
        }
        if let Some(joined) = &report.joined {
            let key = joined
                .number
                .map_or_else(|| joined.into.to_string(), |n| n.to_string());
            let words = format!(
                "{} joined it to an incident at {}.",
                joined.by.name,
                hm(joined.at)
            );
            let room = (format!("/incidents/{key}"), format!("Open {key}"));
            return ("This report is part of an incident", words, Some(room));
        }
        if let Some(dismissed) = &report.dismissed {
            let (by, at) = (&dismissed.by.name, hm(dismissed.at));
            let words = format!("{by} dismissed it at {at}: {}", dismissed.reason);
            return ("This report is dismissed", words, None);
        }
    }
    let words = "It was declared, joined to an incident or dismissed, or the address is mistyped.";
    ("No such report waits", words.to_owned(), None)
}

/// What else may be done with a report: it tells of an incident that is open, or of none.
#[component]
pub(super) fn Otherwise(report: Arc<Incident>) -> impl IntoView {
    let replica = Replica::here();
    let dismissing = RwSignal::new(false);
    let refusal = RwSignal::new(None::<Refusal>);
    let id = report.id;
    let open = held(move |_| {
        replica.incidents().with(|all| {
            all.values()
                .filter(|i| i.is_open())
                .cloned()
                .collect::<Vec<_>>()
        })
    });
    let address = Address::here();
    let join = Callback::new(move |into: Arc<Incident>| {
        let Some(said) = report.report.clone() else {
            return;
        };
        let number = into.number;
        let take = Command::TakeReport {
            report: id,
            what: said.what,
            source: said.source,
            received_at: said.received_at,
        };
        // Taken first: should the other one be refused, the report stands twice and is not lost. Joined again, it is
        // taken already.
        let taken = match into.taken_reports.contains(&id) {
            true => Ok(()),
            false => replica.send(into.id, take).map(drop),
        };
        let joined = taken.and_then(|()| {
            replica.send(
                id,
                Command::JoinReport {
                    into: into.id,
                    number,
                },
            )
        });
        match joined {
            Ok(_) => address.go(&room_of(&into)),
            Err(why) => refusal.set(Some(why)),
        }
    });
    let line = move |incident: Arc<Incident>| {
        let (number, title) = (incident.number_label(), incident.title().to_owned());
        let into = Arc::clone(&incident);
        view! {
            <li>
                <p class="what">{incident.severity().map(|severity| view! { <Sev severity /> })}" "{title}" "<small>{number.clone()}</small></p>
                <button class="slim" type="button" on:click=move |_| join.run(Arc::clone(&into))>"Join "<span class="vh">{number}</span></button>
            </li>
        }
    };
    view! {
        <section class="otherwise" aria-labelledby="otherwise">
            <h2 id="otherwise">"Is it known already, or nothing?"</h2>
            {part(move || refusal.get().map(|refusal| view! { <RefusalNotice refusal /> }))}
            <ul class="joinable">{part(move || open.get().into_iter().map(line).collect_view())}</ul>
            <p class="actions"><button class="slim" type="button" on:click=move |_| dismissing.set(true)>"Dismiss the report…"</button></p>
            {part(move || dismissing.get().then(|| view! {
                <FormDialog form=dismiss() incident=id on_close=move |()| dismissing.set(false) />
            }))}
        </section>
    }
}
