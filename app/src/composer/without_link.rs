//! The chosen readers who have no open link to a page of theirs. What is published to them counts as told, and they may
//! get it by e-mail; by a link nobody there can read it.

use super::draft::Draft;
use crate::api::LinkKind;
use crate::parts::dynamic::part;
use crate::parts::memo::Memo;
use crate::parts::share::links_path;
use domain::Incident;
use domain::customer::CustomerRef;
use leptos::prelude::*;
use markup::view;
use std::collections::BTreeMap;
use std::sync::Arc;

/// By the digits of a reader's id: whose page a link would be made for.
type Pages = BTreeMap<String, String>;

/// Each by name, with the way to a link. The server knows who they are: nothing is said until it has answered.
#[component]
pub(super) fn WithoutLink(
    draft: RwSignal<Draft>,
    found: Memo<Option<Arc<Incident>>>,
) -> impl IntoView {
    let pages = RwSignal::new(Pages::new());
    #[cfg(feature = "hydrate")]
    browser::look_up(draft, found, pages);
    let named = move || {
        found.with(|f| {
            let incident = f.as_deref()?;
            let named = draft.with(|d| pages.with(|p| without_link(incident, &d.readers, p)));
            Some(named)
        })
    };
    view! {
        <div aria-live="polite">
            {part(move || named().unwrap_or_default().into_iter().map(|(name, page)| view! {
                <p class="hint">
                    {format!("No link to the page of {name} is open: nobody there can read this by one. ")}
                    <a href=links_path(LinkKind::Status, &page) rel="external">"Make a link"<span class="vh">{format!(" to the page of {name}")}</span></a>
                </p>
            }).collect_view())}
        </div>
    }
}

/// Their names today, and whose page a link would be made for.
fn without_link(
    incident: &Incident,
    readers: &[CustomerRef],
    pages: &Pages,
) -> Vec<(String, String)> {
    let named = readers.iter().filter_map(|reader| {
        let page = pages.get(&reader.id.uuid().to_string())?;
        Some((incident.called_today(reader).name, page.clone()))
    });
    named.collect()
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::{Draft, Pages};
    use crate::api::{self, FillIn};
    use crate::parts::asked::{Asks, PAGE, READER};
    use crate::parts::form::{Values, text};
    use crate::parts::memo::{Memo, effect, memo};
    use domain::Incident;
    use gloo_timers::future::TimeoutFuture;
    use leptos::prelude::*;
    use leptos::task::spawn_local;
    use std::sync::Arc;

    /// How long choosing must pause before the server is asked.
    const PAUSE_MS: u32 = 200;

    /// Asks anew whenever others are chosen.
    pub(super) fn look_up(
        draft: RwSignal<Draft>,
        found: Memo<Option<Arc<Incident>>>,
        pages: RwSignal<Pages>,
    ) {
        let asks = memo(move || {
            let incident = found.with(|f| f.as_deref().map(|i| i.id))?;
            let customers = draft.with(|d| d.readers.iter().map(|r| r.id).collect());
            Some(Asks::Readers {
                incident,
                customers,
            })
        });
        effect(move || {
            if let Some(asked) = asks.get() {
                spawn_local(ask(asked, asks, pages));
            }
        });
    }

    async fn ask(asked: Asks, asks: Memo<Option<Asks>>, pages: RwSignal<Pages>) {
        // Others may have been chosen since, or the composer closed.
        let stands = || {
            pages.try_with_untracked(|_| ()).is_some()
                && asks.with_untracked(|asks| asks.as_ref() == Some(&asked))
        };
        TimeoutFuture::new(PAUSE_MS).await;
        if !stands() {
            return;
        }
        let asks = asked.clone();
        let answer = api::ask(FillIn { asks }).await;
        if !stands() {
            return;
        }
        let page = |v: &Values| (text(v, READER).to_owned(), text(v, PAGE).to_owned());
        // Without an answer there is what is said of every reader.
        pages.set(answer.unwrap_or_default().iter().map(page).collect());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::customer::{Customer, CustomerId};
    use domain::{AccountId, IncidentId};
    use uuid::Uuid;

    #[test]
    fn chosen_reader_without_a_link_is_named_as_today_and_no_other() {
        let account = |n| AccountId(Uuid::from_u128(n));
        let called = |n, name: &str| CustomerRef::new(CustomerId::Account(account(n)), name);
        let mut incident = Incident::empty(IncidentId(Uuid::from_u128(9)));
        incident.customers.push(Customer {
            id: CustomerId::Account(account(1)),
            name: "Omega".to_owned(),
            account: Some(account(1)),
            ..Customer::default()
        });
        // Of the third it is not asked any more.
        let pages = [1, 3].map(|n| (account(n).to_string(), format!("account/{n}")));
        let readers = [called(1, "Kappa"), called(2, "Lumen Health")];
        assert_eq!(
            without_link(&incident, &readers, &pages.into()),
            [("Omega".to_owned(), "account/1".to_owned())]
        );
    }
}
