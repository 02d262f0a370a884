//! The page as the customer will get it, beside the words.

use super::draft::Draft;
use super::exact::Exact;
use crate::parts::countdown::minute_of;
use crate::parts::dynamic::part;
use crate::parts::memo::{Memo, memo};
use crate::parts::when::hm;
use crate::replica::Replica;
use domain::Refusal;
use domain::update::{ComponentState, UpdateKind};
use leptos::prelude::*;
use markup::view;

/// The page as the customer will get it.
#[component]
pub(super) fn Preview(
    draft: RwSignal<Draft>,
    exact: Memo<Option<String>>,
    refusal: RwSignal<Option<Refusal>>,
) -> impl IntoView {
    // A time of day that was typed means another day once it has passed.
    let minute = minute_of(Replica::here());
    let text = memo(move || {
        minute.track();
        draft.with(|d| d.to_text(Replica::here().server_now()))
    });
    let next = move || {
        draft.with(|d| d.kind.promises()).then(|| match text.get().map(|t| t.next_at) {
        Ok(Some(at)) => view! { <p class="promise">"Next update by "<time class="by">{hm(at)}</time>" even if nothing has changed"</p> }.into_any(),
        _ => view! { <p class="promise">"No time is promised yet"</p> }.into_any(),
    })
    };
    view! {
        <section class="preview" aria-labelledby="seen">
            <h2 class="hint" id="seen">"What the customer will see"</h2>
            <p class="now-line">{part(move || draft.with(|d| d.acknowledge.clone()))}</p>
            {part(next)}
            <dl class="parts">
                <dt>"Who is affected"</dt><dd>{part(move || draft.with(|d| d.impact.clone()))}</dd>
                <dt>"What we do"</dt><dd>{part(move || draft.with(|d| d.action.clone()))}</dd>
                {part(move || draft.with(|d| (d.kind == UpdateKind::Resolution).then(|| view! {
                    <dt>"What caused it"</dt><dd>{d.cause.clone()}</dd>
                    <dt>"What keeps it from coming back"</dt><dd>{d.prevention.clone()}</dd>
                })))}
            </dl>
            <ul class="components">
                {part(move || draft.with(|d| d.components.clone()).into_iter().map(|(name, state)| {
                    view! { <li>{name}" "<span class="works" data-state=state_key(state)>{state.label()}</span></li> }
                }).collect_view())}
            </ul>
            {part(move || exact.get().map(|address| view! { <Exact address text refusal /> }))}
        </section>
    }
}

fn state_key(state: ComponentState) -> &'static str {
    match state {
        ComponentState::Operational => "works",
        ComponentState::DegradedPerformance => "slow",
        ComponentState::PartialOutage => "partly",
        ComponentState::MajorOutage => "down",
    }
}
