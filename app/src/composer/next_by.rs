//! The time of the next update, which is a promise.

use super::draft::{Draft, Edit, choices};
use crate::replica::Replica;
use domain::policy::lasting;
use domain::shown::{Shown as _, moment};
use domain::{Incident, Policy};
use leptos::prelude::*;
use markup::view;
use std::sync::Arc;

/// Two times to choose from, or another.
#[component]
pub(super) fn NextBy(
    incident: Arc<Incident>,
    policy: Arc<Policy>,
    draft: RwSignal<Draft>,
    edit: Edit,
) -> impl IntoView {
    let replica = Replica::here();
    let cadence = incident.cadence_min(&policy);
    // Made once: a choice that moved under the finger would promise something else.
    let now = replica.now().get_untracked();
    let offered = choices(&incident, &policy, now);
    // A time that was chosen earlier and is no choice any more stands as if it had been typed.
    let earlier = {
        let offered = offered.clone();
        move |d: &Draft| d.next_at.filter(|at| !offered.contains(at))
    };
    let shown = earlier.clone();
    let shown = move |d: &Draft| match (d.next_text.as_str(), shown(d)) {
        ("", Some(at)) => at.shown("%H:%M").to_string(),
        (typed, _) => typed.to_owned(),
    };
    let chips = offered
        .into_iter()
        .map(|at| {
            let pressed = move || draft.with(|d| (d.next_text.is_empty() && d.next_at == Some(at)).to_string());
            let choose = move |_| {
                edit.run(Box::new(move |d| {
                    d.next_at = Some(at);
                    d.next_text = String::new();
                }));
            };
            view! { <button class="chip" type="button" aria-pressed=pressed on:click=choose>{moment(at, now)}</button> }
        })
        .collect_view();
    view! {
        <fieldset class="field">
            <legend>"Next update by "<span class="hint">{format!("at most {} from now", lasting(cadence))}</span></legend>
            <div class="chips">
                {chips}
                <span class="with-unit">
                    <label class="hint" for="next-text">"or"</label>
                    <input class="hhmm" id="next-text" inputmode="numeric" autocomplete="off" placeholder="hh:mm" aria-describedby="next-utc"
                        prop:value=move || draft.with(&shown)
                        on:input=move |e| {
                            let (typed, earlier) = (event_target_value(&e), earlier.clone());
                            edit.run(Box::new(move |d| {
                                d.next_at = d.next_at.filter(|_| earlier(d).is_none());
                                d.next_text = typed;
                            }));
                        } />
                    " "<span id="next-utc">"UTC"</span>
                </span>
            </div>
        </fieldset>
    }
}
