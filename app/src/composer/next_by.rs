//! The time of the next update, which is a promise.

use super::draft::{Draft, Edit, choices};
use crate::parts::countdown::minute_of;
use crate::parts::dynamic::list;
use crate::parts::memo::effect;
use crate::parts::when::hm;
use crate::replica::Replica;
use domain::policy::lasting;
use domain::{Incident, Policy, Time};
use leptos::prelude::*;
use markup::view;
use std::sync::Arc;

/// Times to choose from, or another.
#[component]
pub(super) fn NextBy(
    incident: Arc<Incident>,
    policy: Arc<Policy>,
    draft: RwSignal<Draft>,
    edit: Edit,
) -> impl IntoView {
    let replica = Replica::here();
    let cadence = incident.cadence_min(&policy);
    let minute = minute_of(replica);
    let offered = RwSignal::new(with_chosen(
        choices(&incident, &policy, minute.get_untracked()),
        draft.with_untracked(|d| d.next_at),
        minute.get_untracked(),
    ));
    // A choice that moved under the finger would promise something else: those that are ahead stay.
    effect(move || {
        let now = minute.get();
        let mut times = offered.get_untracked();
        times.retain(|at| *at > now);
        if times.is_empty() {
            times = choices(&incident, &policy, now);
        }
        let times = with_chosen(times, draft.with(|d| d.next_at), now);
        if offered.with_untracked(|o| *o != times) {
            offered.set(times);
        }
    });
    let chips = move || {
        offered
            .get()
            .into_iter()
            .map(|at| (at, draft, edit))
            .collect()
    };
    view! {
        <fieldset class="field">
            <legend>"Next update by "<span class="hint">{format!("at most {} from now", lasting(cadence))}</span></legend>
            <div class="chips">
                {list(chips, |(at, ..)| at.timestamp().to_string(), chip)}
                <span class="with-unit">
                    <label class="hint" for="next-text">"or"</label>
                    <input class="hhmm" id="next-text" inputmode="numeric" autocomplete="off" placeholder="hh:mm" aria-describedby="next-utc"
                        prop:value=move || draft.with(|d| d.next_text.clone())
                        on:input=move |e| {
                            let typed = event_target_value(&e);
                            edit.run(Box::new(move |d| d.next_text = typed));
                        } />
                    " "<span id="next-utc">"UTC"</span>
                </span>
            </div>
        </fieldset>
    }
}

fn chip((at, draft, edit): (Time, RwSignal<Draft>, Edit)) -> AnyView {
    let is_chosen =
        move || draft.with(|d| (d.next_text.is_empty() && d.next_at == Some(at)).to_string());
    let choose = move |_| {
        edit.run(Box::new(move |d| {
            d.next_at = Some(at);
            d.next_text = String::new();
        }));
    };
    view! { <button class="chip" type="button" aria-pressed=is_chosen on:click=choose>{hm(at)}</button> }
        .into_any()
}

/// What was chosen earlier stays a choice as long as it is ahead.
fn with_chosen(mut times: Vec<Time>, chosen: Option<Time>, now: Time) -> Vec<Time> {
    times.extend(chosen.filter(|at| *at > now && !times.contains(at)));
    times.sort();
    times
}
