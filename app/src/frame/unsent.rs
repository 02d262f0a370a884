//! What somebody left unsent when their session ended: shown to them after they signed in again, and sent
//! when they say so (D4).

use super::in_words;
use crate::parts::dynamic::part;
use crate::parts::when::hm_or_day;
use crate::replica::Replica;
use domain::Envelope;
use leptos::prelude::*;
use markup::view;

/// Commands of an earlier session, oldest first; nothing where there are none.
#[component]
pub(super) fn Unconfirmed() -> impl IntoView {
    let replica = Replica::here();
    let unconfirmed = replica.unconfirmed();
    part(move || {
        unconfirmed.with(|all| {
            (!all.is_empty()).then(|| {
                let (title, send) = match all.len() {
                    1 => ("1 entry was not sent".to_owned(), "Send it".to_owned()),
                    n => (format!("{n} entries were not sent"), format!("Send all {n}")),
                };
                let items = all.iter().cloned();
                let items = items.map(|e| view! { <Item envelope=e /> }).collect_view();
                view! {
                    <section class="page narrow" aria-labelledby="unconfirmed">
                        <h2 id="unconfirmed">{title}</h2>
                        <p class="hint">
                            "You were signed out before the server had this. It is on this device only: read it, then send or discard it."
                        </p>
                        <ul class="unsent">{items}</ul>
                        <p class="actions">
                            <button class="primary" type="button" on:click=move |_| replica.confirm()>{send}</button>
                        </p>
                    </section>
                }
            })
        })
    })
}

#[component]
fn Item(envelope: Envelope) -> impl IntoView {
    let replica = Replica::here();
    let id = envelope.id;
    let title = replica.incidents().with_untracked(|all| {
        let held = all.get(&envelope.incident);
        held.map(|i| format!(": {}", i.title())).unwrap_or_default()
    });
    let (what, words) = in_words(&envelope.command);
    let now = replica.now().get_untracked();
    let made_at = format!("Written {}", hm_or_day(envelope.made_at, now));
    view! {
        <li>
            <h3>{what}{title}</h3>
            <p class="hint">{made_at}</p>
            {(!words.is_empty()).then(|| view! { <blockquote>{words}</blockquote> })}
            <p class="actions">
                <button class="slim plain" type="button" on:click=move |_| replica.discard(id)>"Discard"</button>
            </p>
        </li>
    }
}
