//! The parts that are written in words, with what breaks trust marked below each.

use super::draft::{Draft, Edit};
use crate::parts::dynamic::part;
use crate::parts::memo::{Memo, memo};
use domain::wording::{Mark, Watch, marks};
use leptos::prelude::*;
use markup::view;

/// One of them.
#[component]
pub(super) fn Part(
    id: &'static str,
    label: &'static str,
    hint: &'static str,
    draft: RwSignal<Draft>,
    edit: Edit,
    watch: Memo<Watch>,
    get: fn(&Draft) -> &String,
    set: fn(&mut Draft, String),
) -> impl IntoView {
    let faults = memo(move || {
        draft.with(|d| {
            if d.inside {
                Vec::new()
            } else {
                watch.with(|w| marks(get(d), w))
            }
        })
    });
    let line = move |place: usize, mark: Mark| {
        let advice = mark.advice();
        if !mark.fault.may_stay() {
            return view! { <li data-weight="never"><span>{advice}</span></li> }.into_any();
        }
        let field = format!("{id}-excuse-{place}");
        let words = mark.words.to_lowercase();
        let given = words.clone();
        let reason = move || draft.with(|d| d.excuses.get(&given).cloned().unwrap_or_default());
        view! {
            <li data-weight="reason">
                <span>{advice}</span>
                <label for=field.clone()>"Why it stays"<span class="vh">" as “"{mark.words}"”"</span></label>
                <input id=field autocomplete="off" prop:value=reason
                    on:input=move |e| {
                        let (typed, words) = (event_target_value(&e), words.clone());
                        edit.run(Box::new(move |d| drop(d.excuses.insert(words, typed))));
                    } />
            </li>
        }
        .into_any()
    };
    let marks_id = format!("{id}-marks");
    view! {
        <div class="field part">
            <label for=id>{label}" "{(!hint.is_empty()).then(|| view! { <span class="hint">{hint}</span> })}</label>
            <textarea id=id rows="3" required aria-describedby=marks_id.clone() prop:value=move || draft.with(|d| get(d).clone())
                on:input=move |e| {
                    let typed = event_target_value(&e);
                    edit.run(Box::new(move |d| set(d, typed)));
                }></textarea>
            <ul class="marks" id=marks_id>
                {part(move || faults.get().into_iter().enumerate().map(|(i, mark)| line(i, mark)).collect_view())}
            </ul>
        </div>
    }
}

/// What a resolution says beside the four.
#[component]
pub(super) fn ClosureParts(
    draft: RwSignal<Draft>,
    edit: Edit,
    watch: Memo<Watch>,
) -> impl IntoView {
    let window = move |id: &'static str,
                       label: &'static str,
                       get: fn(&Draft) -> &String,
                       set: fn(&mut Draft, String)| {
        view! {
            <p class="field">
                <label for=id>{label}</label>
                <input id=id type="datetime-local" required prop:value=move || draft.with(|d| get(d).clone())
                    on:input=move |e| {
                        let typed = event_target_value(&e);
                        edit.run(Box::new(move |d| set(d, typed)));
                    } />
            </p>
        }
    };
    view! {
        <Part id="cause" label="What caused it" hint="" draft edit watch get=|d| &d.cause set=|d, t| d.cause = t />
        <Part id="prevention" label="What keeps it from coming back" hint="" draft edit watch get=|d| &d.prevention set=|d, t| d.prevention = t />
        <div class="fields">
            {window("impact-from", "Impact from, UTC", |d| &d.impact_from, |d, t| d.impact_from = t)}
            {window("impact-to", "Impact to, UTC", |d| &d.impact_to, |d, t| d.impact_to = t)}
        </div>
    }
}
