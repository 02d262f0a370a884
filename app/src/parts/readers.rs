//! Choosing the customers that an update is for: those of the incident, and any account that is found
//! by a part of its name. A name that is no account becomes an entry of the incident.

use super::dynamic::part;
use super::memo::{Memo, memo};
use crate::replica::new_entry_id;
use domain::account::key;
use domain::customer::{CustomerId, CustomerRef};
use domain::{AccountId, Incident};
use leptos::prelude::*;
use markup::view;

/// Who is chosen, and what a choice does.
#[derive(Clone, Copy)]
pub(crate) struct Choosing {
    /// The customers of the incident, and whether each has an account.
    pub(crate) known: Memo<Vec<(CustomerRef, bool)>>,
    /// Those who will read it.
    pub(crate) chosen: Memo<Vec<CustomerRef>>,
    /// Takes one in, or out again.
    pub(crate) toggle: Callback<CustomerRef>,
    /// Takes one in that the incident does not have yet.
    pub(crate) add: Callback<CustomerRef>,
}

/// What is known of the name that is typed.
#[derive(Clone, Default, PartialEq, Eq)]
struct Lookup {
    /// The name it is about.
    typed: String,
    accounts: Vec<(AccountId, String)>,
    /// Why accounts could not be looked up.
    problem: Option<String>,
}

/// A checkbox for each, and a line that finds others.
#[component]
pub(crate) fn CustomerPicker(choosing: Choosing) -> impl IntoView {
    let Choosing {
        known,
        chosen,
        toggle,
        add,
    } = choosing;
    let offered = memo(move || {
        let mut all = known.get();
        chosen.with(|chosen| {
            for customer in chosen {
                if !all.iter().any(|(known, _)| known == customer) {
                    all.push((customer.clone(), customer.id.account().is_some()));
                }
            }
        });
        all
    });
    let typed = RwSignal::new(String::new());
    let found = RwSignal::new(Lookup::default());
    #[cfg(feature = "hydrate")]
    browser::look_up(typed, found);
    let take = move |customer: CustomerRef| {
        add.run(customer);
        typed.set(String::new());
        found.set(Lookup::default());
    };
    view! {
        <fieldset class="field">
            <legend>"Which customers"</legend>
            <div class="chips">
                {part(move || with_notes(offered.get()).into_iter().map(|(customer, note)| {
                    let (is_it, tapped) = (customer.clone(), customer.clone());
                    view! {
                        <label class="chip">
                            <input type="checkbox" prop:checked=move || chosen.with(|c| c.contains(&is_it))
                                on:change=move |_| toggle.run(tapped.clone()) />
                            " "{customer.name}<span class="hint">{note}</span>
                        </label>
                    }
                }).collect_view())}
            </div>
            <p class="field">
                <label for="find-customer">"Another customer "<span class="hint">"a part of the name finds the account"</span></label>
                <input id="find-customer" autocomplete="off" maxlength="200" prop:value=move || typed.get()
                    on:input=move |e| typed.set(event_target_value(&e)) />
            </p>
            <div class="chips" aria-live="polite">
                {part(move || {
                    let name = typed.get().trim().to_owned();
                    found.with(|found| offers(&name, found)).into_iter().map(|(label, customer)| view! {
                        <button class="slim" type="button" on:click=move |_| take(customer.clone())>{label}</button>
                    }).collect_view()
                })}
                {part(move || found.with(|f| f.problem.clone()).map(|why| view! { <p class="hint">{why}</p> }))}
            </div>
        </fieldset>
    }
}

/// Each with what tells it from the others: two never look alike.
fn with_notes(offered: Vec<(CustomerRef, bool)>) -> Vec<(CustomerRef, String)> {
    let looks = |(customer, has_account): &(CustomerRef, bool)| {
        (customer.name.trim().to_lowercase(), *has_account)
    };
    let all: Vec<_> = offered.iter().map(looks).collect();
    let note = |(customer, has_account): (CustomerRef, bool)| {
        let look = looks(&(customer.clone(), has_account));
        let mut note = if has_account { "" } else { ", no account" }.to_owned();
        if all.iter().filter(|other| **other == look).count() > 1 {
            let id = customer.id.uuid().simple().to_string();
            note.push_str(" (id …");
            note.push_str(id.get(26..).unwrap_or_default());
            note.push(')');
        }
        (customer, note)
    };
    offered.into_iter().map(note).collect()
}

/// The accounts that were found, and the name itself where it is none of theirs.
fn offers(name: &str, found: &Lookup) -> Vec<(String, CustomerRef)> {
    if name.is_empty() || found.typed != name {
        return Vec::new();
    }
    let mut offers: Vec<(String, CustomerRef)> = found
        .accounts
        .iter()
        .map(|(id, called)| {
            let customer = CustomerRef::new(CustomerId::Account(*id), called);
            (format!("Add {called}"), customer)
        })
        .collect();
    let is_account = |(_, called): &(AccountId, String)| key(called) == key(name);
    if !found.accounts.iter().any(is_account) {
        let entry = CustomerRef::new(CustomerId::Entry(new_entry_id()), name);
        offers.push((format!("Add “{name}” without an account"), entry));
    }
    offers
}

/// The customers of an incident, as they are chosen.
pub(crate) fn customers_of(incident: &Incident) -> Vec<(CustomerRef, bool)> {
    let all = incident.customers.iter();
    all.map(|c| (c.to_ref(), c.account.is_some())).collect()
}

/// With this customer taken in, or out where they were in.
pub(crate) fn toggled(chosen: &mut Vec<CustomerRef>, customer: CustomerRef) {
    match chosen.iter().position(|c| *c == customer) {
        Some(place) => drop(chosen.remove(place)),
        None => chosen.push(customer),
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::Lookup;
    use crate::api::{self, FillIn};
    use crate::parts::asked::{ACCOUNT, Asks};
    use crate::parts::form::text;
    use gloo_timers::future::TimeoutFuture;
    use leptos::prelude::*;
    use leptos::task::spawn_local;

    /// How long typing must pause before the server is asked.
    const PAUSE_MS: u32 = 200;

    pub(super) fn look_up(typed: RwSignal<String>, found: RwSignal<Lookup>) {
        Effect::new(move |_| {
            let name = typed.with(|t| t.trim().to_owned());
            if !name.is_empty() {
                spawn_local(ask(name, typed, found));
            }
        });
    }

    async fn ask(name: String, typed: RwSignal<String>, found: RwSignal<Lookup>) {
        // More may have been typed since, or the form closed.
        let stands = || typed.try_with_untracked(|t| t.trim() == name) == Some(true);
        TimeoutFuture::new(PAUSE_MS).await;
        if !stands() {
            return;
        }
        let named = name.clone();
        let asks = Asks::Account { named };
        let answer = api::ask(FillIn { asks }).await;
        if !stands() {
            return;
        }
        let (accounts, problem) = match answer {
            Ok(all) => {
                let account = |v: &crate::parts::form::Values| {
                    Some((text(v, ACCOUNT).parse().ok()?, text(v, "name").to_owned()))
                };
                (all.iter().filter_map(account).collect(), None)
            }
            Err(why) => (
                Vec::new(),
                Some(format!(
                    "{why} Accounts cannot be looked up; choose a customer of the incident, or wait."
                )),
            ),
        };
        found.set(Lookup {
            typed: name,
            accounts,
            problem,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn two_of_one_name_do_not_look_alike() {
        let account = |n| CustomerId::Account(AccountId(Uuid::from_u128(n)));
        let entry = CustomerId::Entry(domain::CommandId(Uuid::from_u128(3)));
        let named = |id, name: &str, has_account| (CustomerRef::new(id, name), has_account);
        let noted = with_notes(vec![
            named(account(1), "Tallis Travel", true),
            named(account(2), "Tallis travel", true),
            named(entry, "Tallis Travel", false),
            named(account(4), "Orchard Bank", true),
        ]);
        let notes: Vec<&str> = noted.iter().map(|(_, note)| note.as_str()).collect();
        assert_eq!(
            notes,
            [" (id …000001)", " (id …000002)", ", no account", ""]
        );
    }

    #[test]
    fn a_name_with_a_comma_is_one_customer() {
        let found = Lookup {
            typed: "Saltmarsh Books, Inc.".to_owned(),
            accounts: vec![(
                AccountId(Uuid::from_u128(2)),
                "Saltmarsh Books, Inc.".to_owned(),
            )],
            problem: None,
        };
        let offers = offers("Saltmarsh Books, Inc.", &found);
        let labels: Vec<&str> = offers.iter().map(|(label, _)| label.as_str()).collect();
        assert_eq!(labels, ["Add Saltmarsh Books, Inc."]);
    }

    #[test]
    fn name_of_an_account_is_not_offered_without_it() {
        let typed = "tallis  travel".to_owned();
        let tallis = (AccountId(Uuid::from_u128(1)), "Tallis Travel".to_owned());
        let found = Lookup {
            typed: typed.clone(),
            accounts: vec![tallis],
            problem: None,
        };
        let labels: Vec<String> = offers(&typed, &found).into_iter().map(|o| o.0).collect();
        assert_eq!(labels, ["Add Tallis Travel"]);
    }
}
