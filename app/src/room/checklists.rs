//! A checklist for each phase of the playbook, ticked by what the record shows (RUNBOOK §12).

use super::Desk;
use crate::parts::memo::memo;
use domain::checklist::{Phase, phases};
use leptos::prelude::*;
use markup::view;

/// All of them, folded.
#[component]
pub(super) fn Checklists() -> impl IntoView {
    let desk = Desk::here();
    let all = memo(move || {
        let policy = desk.policy();
        desk.incident.with(|i| phases(i, &policy))
    });
    // Each stays where it is and open or shut while its lines are ticked.
    let folded = (0..all.with_untracked(Vec::len))
        .map(|place| {
            let of =
                move |read: fn(&Phase) -> AnyView| move || all.with(|a| a.get(place).map(read));
            view! {
                <details>
                    <summary>{of(summary)}</summary>
                    <ul class="criteria">{of(items)}</ul>
                </details>
            }
        })
        .collect_view();
    view! {
        <section class="checklists" aria-labelledby="checklists">
            <h3 id="checklists">"Checklists"</h3>
            {folded}
        </section>
    }
}

fn summary(phase: &Phase) -> AnyView {
    let count = format!("{} of {}", phase.done(), phase.items.len());
    view! { {phase.name}" "<span class="quiet">{count}</span> }.into_any()
}

fn items(phase: &Phase) -> AnyView {
    phase
        .items
        .iter()
        .map(|item| {
            let (state, word) = if item.done {
                ("met", "Done: ")
            } else {
                ("missing", "Not done: ")
            };
            view! {
                <li data-state=state><p class="what"><span class="vh">{word}</span>{item.what.clone()}</p></li>
            }
        })
        .collect_view()
        .into_any()
}
