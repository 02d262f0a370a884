//! A field of a form for which the server knows something: which accounts there are, what an SLA
//! gives. It needs the network; without it the form is filled in by hand as any other.

use super::dynamic::part;
use super::form::Values;
use domain::IncidentId;
use domain::customer::CustomerId;
use leptos::prelude::*;
use markup::view;
use serde::{Deserialize, Serialize};

/// Among the values of a form: the id of the account that was found. No field shows it.
pub const ACCOUNT: &str = "account";
/// Among what the server fills in: a word on where it comes from, or why there is nothing.
pub const SAID: &str = "said";

/// Among what is said of a reader who has no link: which one, by the digits of their id.
pub const READER: &str = "reader";
/// Whose page a link would be made for.
pub const PAGE: &str = "page";

/// What stands in the form of a credit before anybody has chosen.
pub const CREDIT_KIND: &str = "an amount off the bill";

/// What the server is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asks {
    /// Which accounts have these words in their name. The one that is named fills in the form.
    Account {
        /// What was typed; nothing yet in a form that is only described.
        named: String,
    },
    /// What the SLA of this customer gives for this incident; it fills in the form.
    Credit {
        /// Which incident.
        incident: IncidentId,
        /// Who on it.
        customer: CustomerId,
    },
    /// Which of these could not read by any open link what is published to them on this incident.
    Readers {
        /// Which incident.
        incident: IncidentId,
        /// Who is to read.
        customers: Vec<CustomerId>,
    },
}

/// What stands below the field: the names to choose from, and a word on what was filled in.
#[component]
pub(super) fn Asked(
    asks: Asks,
    /// Of the list of names.
    list: String,
    /// The field's name among the values.
    key: &'static str,
    values: RwSignal<Values>,
) -> impl IntoView {
    let found = RwSignal::new(Vec::<Values>::new());
    let told = RwSignal::new(String::new());
    #[cfg(feature = "hydrate")]
    browser::watch(
        asks,
        browser::Field {
            key,
            values,
            found,
            told,
        },
    );
    #[cfg(not(feature = "hydrate"))]
    let _ = (asks, values);
    let options = part(move || {
        let name = |account: Values| view! { <option value=account.get(key).cloned()></option> };
        found.get().into_iter().map(name).collect_view()
    });
    view! {
        <datalist id=list>{options}</datalist>
        <p class="hint" role="status">{part(move || told.get())}</p>
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::{ACCOUNT, Asks, SAID, Values};
    use crate::api::{self, FillIn};
    use crate::parts::form::text;
    use gloo_timers::future::TimeoutFuture;
    use leptos::prelude::*;
    use leptos::task::spawn_local;

    /// How long typing must pause before the server is asked.
    const PAUSE_MS: u32 = 200;

    /// The field, and what is shown below it.
    #[derive(Clone, Copy)]
    pub(super) struct Field {
        pub(super) key: &'static str,
        pub(super) values: RwSignal<Values>,
        pub(super) found: RwSignal<Vec<Values>>,
        pub(super) told: RwSignal<String>,
    }

    /// A credit is asked for when the form opens, accounts with each pause in the typing.
    pub(super) fn watch(asks: Asks, field: Field) {
        let before = StoredValue::new(Values::new());
        if let Asks::Credit { .. } = asks {
            before.update_value(|b| {
                b.insert("kind".to_owned(), super::CREDIT_KIND.to_owned());
            });
            spawn_local(ask(field, asks, String::new(), before));
            return;
        }
        Effect::new(move |last: Option<String>| {
            let named = field.values.with(|v| text(v, field.key).to_owned());
            if last.is_some_and(|last| last != named) {
                let asks = Asks::Account {
                    named: named.clone(),
                };
                spawn_local(ask(field, asks, named.clone(), before));
            }
            named
        });
    }

    async fn ask(field: Field, asks: Asks, named: String, before: StoredValue<Values>) {
        let is_account = matches!(asks, Asks::Account { .. });
        // More may have been typed since, or the form closed.
        let stands = || {
            let same = |v: &Values| !is_account || text(v, field.key) == named;
            field.values.try_with_untracked(same) == Some(true)
        };
        TimeoutFuture::new(PAUSE_MS).await;
        if !stands() {
            return;
        }
        let answer = api::ask(FillIn { asks }).await;
        if !stands() {
            return;
        }
        let all = match answer {
            Ok(all) => all,
            Err(why) => return field.told.set(format!("{why} Fill it in by hand.")),
        };
        let wanted = named.trim().to_lowercase();
        let is_it = |v: &&Values| !is_account || text(v, field.key).to_lowercase() == wanted;
        let new = all.iter().find(is_it).cloned().unwrap_or_else(|| {
            // Another name: what the last account filled in goes with it.
            let mut blank = before.get_value();
            blank.values_mut().for_each(String::clear);
            blank
        });
        if is_account {
            field.found.set(all);
        }
        field.fill(new, before, is_account);
    }

    impl Field {
        /// Fills in what is empty or as it was filled in before; what was typed stays.
        fn fill(self, new: Values, before: StoredValue<Values>, is_account: bool) {
            let mut said = text(&new, SAID).to_owned();
            self.values.update(|values| {
                if is_account {
                    values.insert(ACCOUNT.to_owned(), text(&new, ACCOUNT).to_owned());
                }
                for (key, value) in &new {
                    let is_name = is_account && key == self.key;
                    if key == SAID || (is_name && value.is_empty()) {
                        continue;
                    }
                    let was = before.with_value(|b| text(b, key).to_owned());
                    let now = text(values, key);
                    if is_name || now.is_empty() || now == was {
                        values.insert(key.clone(), value.clone());
                    } else if now != value {
                        said = "What was typed before stays.".to_owned();
                    }
                }
            });
            self.told.set(said);
            before.set_value(new);
        }
    }
}
