//! How each component does.

use super::draft::{Draft, Edit};
use crate::parts::memo::memo;
use domain::update::ComponentState;
use leptos::prelude::*;
use markup::view;
use std::collections::BTreeMap;

/// One choice for each. What is not chosen stays as readers know it.
#[component]
pub(super) fn Components(
    all: Vec<String>,
    /// What was left out and goes on.
    carried: BTreeMap<String, ComponentState>,
    draft: RwSignal<Draft>,
    edit: Edit,
) -> impl IntoView {
    let selects = all
        .into_iter()
        .enumerate()
        .map(|(i, name)| {
            let id = format!("component-{i}");
            let of = name.clone();
            let known = carried.get(&name).copied().unwrap_or(ComponentState::Operational);
            let state = memo(move || draft.with(|d| d.components.get(&of).copied().unwrap_or(known)));
            let options = ComponentState::ALL
                .into_iter()
                .enumerate()
                .map(|(i, s)| view! { <option value=i.to_string() selected=move || state.get() == s>{s.label()}</option> })
                .collect_view();
            let changed = name.clone();
            let change = move |e| {
                let place = event_target_value(&e).parse::<usize>().unwrap_or(0);
                let new = ComponentState::ALL.get(place).copied().unwrap_or(ComponentState::Operational);
                let name = changed.clone();
                edit.run(Box::new(move |d| {
                    // Working is said where readers know otherwise, and need not be said elsewhere.
                    if new == known && known == ComponentState::Operational {
                        d.components.remove(&name);
                    } else {
                        d.components.insert(name, new);
                    }
                }));
            };
            view! { <div><label for=id.clone()>{name}</label><select id=id on:change=change>{options}</select></div> }
        })
        .collect_view();
    view! {
        <fieldset class="field"><legend>"Components"</legend><div class="component-states">{selects}</div></fieldset>
    }
}
