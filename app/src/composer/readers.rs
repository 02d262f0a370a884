//! Who reads it, and what it corrects of what they read before.

use super::draft::{Draft, Edit};
use crate::parts::dynamic::part;
use crate::parts::el::El;
use crate::parts::memo::{Memo, memo};
use domain::UpdateId;
use leptos::prelude::*;
use markup::view;

/// Everybody, customers by name, or colleagues only.
#[component]
pub(super) fn Readers(draft: RwSignal<Draft>, edit: Edit) -> impl IntoView {
    let named = memo(move || draft.with(|d| d.named));
    let inside = memo(move || draft.with(|d| d.inside));
    view! {
        <fieldset class="field">
            <legend>"Who reads it"</legend>
            <div class="chips">
                {reader(" Public page", memo(move || !named.get() && !inside.get()), edit, |d| (d.named, d.inside) = (false, false))}
                {reader(" Named customers only", memo(move || named.get() && !inside.get()), edit, |d| (d.named, d.inside) = (true, false))}
                {reader(" Colleagues only", inside, edit, |d| d.inside = true)}
            </div>
        </fieldset>
        {part(move || (named.get() || inside.get()).then(|| view! {
            <p class="field">
                <label for="readers-named">{if inside.get() { "Whom " } else { "Which customers " }}<span class="hint">"separated by commas"</span></label>
                <input id="readers-named" autocomplete="off" prop:value=move || draft.with(|d| d.customers.clone())
                    on:input=move |e| {
                        let typed = event_target_value(&e);
                        edit.run(Box::new(move |d| d.customers = typed));
                    } />
            </p>
        }))}
    }
}

fn reader(label: &'static str, chosen: Memo<bool>, edit: Edit, choose: fn(&mut Draft)) -> El {
    view! {
        <label class="chip"><input type="radio" name="readers" prop:checked=move || chosen.get()
            on:change=move |_| edit.run(Box::new(choose)) />{label}</label>
    }
}

/// Which update this one corrects; a published one is never edited.
#[component]
pub(super) fn Corrects(
    told: Vec<(UpdateId, String)>,
    draft: RwSignal<Draft>,
    edit: Edit,
) -> impl IntoView {
    if told.is_empty() {
        return ().into_any();
    }
    let chosen = draft.with_untracked(|d| d.corrects);
    let ids: Vec<UpdateId> = told.iter().map(|(id, _)| *id).collect();
    let options = told
        .into_iter()
        .enumerate()
        .map(|(i, (id, label))| view! { <option value=i.to_string() selected=chosen == Some(id)>{label}</option> })
        .collect_view();
    view! {
        <p class="field">
            <label for="corrects">"It corrects "<span class="hint">"what was published stays as it was"</span></label>
            <select id="corrects" on:change=move |e| {
                let id = event_target_value(&e).parse::<usize>().ok().and_then(|i| ids.get(i).copied());
                edit.run(Box::new(move |d| d.corrects = id));
            }>
                <option value="" selected=chosen.is_none()>"nothing"</option>
                {options}
            </select>
        </p>
    }
    .into_any()
}
