//! Who reads it, and what it corrects of what they read before.

use super::draft::{Draft, Edit};
use super::without_link::WithoutLink;
use crate::parts::dynamic::part;
use crate::parts::el::El;
use crate::parts::memo::{Memo, memo};
use crate::parts::readers::{Choosing, CustomerPicker, customers_of, toggled};
use crate::replica::Replica;
use domain::customer::{Customer, CustomerRef};
use domain::{Command, Incident, Refusal, UpdateId};
use leptos::prelude::*;
use markup::view;
use std::sync::Arc;

/// Everybody, customers by name, or colleagues only.
#[component]
pub(super) fn Readers(
    draft: RwSignal<Draft>,
    edit: Edit,
    found: Memo<Option<Arc<Incident>>>,
    refusal: RwSignal<Option<Refusal>>,
) -> impl IntoView {
    let named = memo(move || draft.with(|d| d.named));
    let inside = memo(move || draft.with(|d| d.inside));
    let choosing = choosing(draft, edit, found, refusal);
    view! {
        <fieldset class="field">
            <legend>"Who reads it"</legend>
            <div class="chips">
                {reader(" Public page", memo(move || !named.get() && !inside.get()), edit, |d| (d.named, d.inside) = (false, false))}
                {reader(" Named customers only", memo(move || named.get() && !inside.get()), edit, |d| (d.named, d.inside) = (true, false))}
                {reader(" Colleagues only", inside, edit, |d| d.inside = true)}
            </div>
        </fieldset>
        {part(move || (named.get() && !inside.get()).then(|| view! {
            <CustomerPicker choosing />
            {part(move || chosen(draft, choosing.known, true).map(|names| view! {
                <p class="hint">{names}" by the links that were made for the account. Without one nobody there can read it: look under Customers in the room (Share…) before you publish."</p>
            }))}
            {part(move || chosen(draft, choosing.known, false).map(|names| view! {
                <p class="hint">{names}" by a link to a page of their own. Make it under Customers in the room (Share…) before you publish."</p>
            }))}
            <WithoutLink draft found />
        }))}
        {part(move || inside.get().then(|| view! {
            <p class="field">
                <label for="readers-named">"Whom"</label>
                <input id="readers-named" autocomplete="off" prop:value=move || draft.with(|d| d.customers.clone())
                    on:input=move |e| {
                        let typed = event_target_value(&e);
                        edit.run(Box::new(move |d| d.customers = typed));
                    } />
            </p>
        }))}
    }
}

/// Whoever is not on the incident and has no account is put on it at once: an update is addressed to
/// customers that there are.
fn choosing(
    draft: RwSignal<Draft>,
    edit: Edit,
    found: Memo<Option<Arc<Incident>>>,
    refusal: RwSignal<Option<Refusal>>,
) -> Choosing {
    let toggle = Callback::new(move |customer: CustomerRef| {
        edit.run(Box::new(move |d| toggled(&mut d.readers, customer)));
    });
    let add = Callback::new(move |customer: CustomerRef| {
        let Some(incident) = found.get_untracked() else {
            return;
        };
        let line = incident.customer(customer.id).map(Customer::to_ref);
        if line.is_none() && customer.id.account().is_none() {
            let customer = customer.clone();
            let added = Replica::here().send(incident.id, Command::AddCustomer { customer });
            if let Err(why) = added {
                return refusal.set(Some(why));
            }
        }
        let customer = line.unwrap_or(customer);
        if !draft.with_untracked(|d| d.readers.contains(&customer)) {
            toggle.run(customer);
        }
    });
    Choosing {
        known: memo(move || found.with(|f| f.as_deref().map(customers_of).unwrap_or_default())),
        chosen: memo(move || draft.with(|d| d.readers.clone())),
        toggle,
        add,
    }
}

/// That those of the chosen read it who have an account, or those who have none; nothing where there are no such.
fn chosen(
    draft: RwSignal<Draft>,
    known: Memo<Vec<(CustomerRef, bool)>>,
    with_account: bool,
) -> Option<String> {
    let names: Vec<String> = known.with(|known| {
        let has_account = |chosen: &CustomerRef| {
            let mut lines = known.iter().filter(|(line, _)| line == chosen);
            chosen.id.account().is_some() || lines.any(|(_, has_account)| *has_account)
        };
        draft.with(|d| {
            let such = d.readers.iter().filter(|c| has_account(c) == with_account);
            // As on its chip: the line may have got another name since.
            let line = |c: &CustomerRef| known.iter().find(|(line, _)| line == c);
            let name = |c: &CustomerRef| line(c).map_or(&c.name, |(line, _)| &line.name).clone();
            such.map(name).collect()
        })
    });
    let (last, others) = names.split_last()?;
    Some(match others {
        [] => format!("{last} reads it"),
        others => format!("{} and {last} read it", others.join(", ")),
    })
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
