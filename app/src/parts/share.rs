//! Secret links to something: made, copied, listed, revoked (INTERFACES §1). The one thing here
//! that asks the server itself: an address that is shown once is no fact of an incident, and is
//! of no use without a network.

use super::dialog::Modal;
use super::when::hm_or_day;
use crate::api::{self, Link, LinkAct, LinkKind, Packed};
use crate::replica::Replica;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// A button that opens the dialog of the links to `target`: an account's name, an incident's id.
#[component]
pub fn Share(
    /// What the links open.
    kind: LinkKind,
    /// Of whom or what.
    target: String,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let whose = (kind == LinkKind::Status)
        .then(|| view! { <span class="vh">{format!(" the page of {target}")}</span> });
    let target = StoredValue::new(target);
    view! {
        <button class="slim" type="button" on:click=move |_| open.set(true)>"Share…"{whose}</button>
        {move || open.get().then(|| view! { <Dialog kind target open /> })}
    }
}

#[component]
fn Dialog(kind: LinkKind, target: StoredValue<String>, open: RwSignal<bool>) -> impl IntoView {
    let replica = Replica::here();
    let links = RwSignal::new(Vec::<Link>::new());
    // Kept apart: a list that comes late must not take away what is shown once.
    let made = RwSignal::new(None::<String>);
    let wrong = RwSignal::new(String::new());
    let label = RwSignal::new(String::new());
    let ask = move |act: LinkAct| {
        spawn_local(async move {
            let answered = api::links(Some(replica.me().id), kind, target.get_value(), act).await;
            // Nothing is left to tell once the dialog was closed.
            let _ = wrong.try_set(match answered {
                Ok(Packed(answer)) => {
                    let _ = links.try_set(answer.links);
                    if answer.made.is_some() {
                        let _ = made.try_set(answer.made);
                    }
                    String::new()
                }
                Err(error) => error.to_string(),
            });
        });
    };
    Effect::new(move |_| ask(LinkAct::List));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let label = label.get_untracked();
        ask(LinkAct::Make { label });
    };
    let (title, hint) = match kind {
        LinkKind::Status => (
            format!("Share the page of {}", target.get_value()),
            "What is public, and what was addressed to them by name.",
        ),
        LinkKind::Brief => (
            "Share the executive brief".to_owned(),
            "Every published version, with revenue and risks.",
        ),
    };
    let line = move |link: Link| {
        let id = link.id;
        let when = hm_or_day(link.made_at, replica.now().get_untracked());
        let name = match link.label.as_str() {
            "" => "A link".to_owned(),
            label => format!("For {label}"),
        };
        let act = match link.revoked_at {
            Some(_) => view! { <p class="quiet">"Revoked"</p> }.into_any(),
            None => view! {
                <button class="slim" type="button" on:click=move |_| { made.set(None); ask(LinkAct::Revoke { id }); }>
                    "Revoke"<span class="vh">" "{name.clone()}</span>
                </button>
            }
            .into_any(),
        };
        view! { <li><h3>{name}</h3><p class="quiet">{format!("{}, {when} UTC", link.made_by)}</p>{act}</li> }
    };
    view! {
        <Modal labelled_by="share-title" on_close=move |()| open.set(false)>
            <form on:submit=submit>
                <div class="dialog-head">
                    <div>
                        <h2 id="share-title">{title}</h2>
                        <p class="quiet">{hint}" Whoever has a link can read it until it is revoked."</p>
                    </div>
                    <button class="plain" type="button" on:click=move |_| open.set(false)>"Close"</button>
                </div>
                {move || Some(wrong.get()).filter(|w| !w.is_empty()).map(|wrong| view! {
                    <div class="notice" data-kind="refused" role="alert"><p>{wrong}</p></div>
                })}
                {move || made.get().map(|path| view! { <Made path /> })}
                <div class="field">
                    <label for="share-label">"For whom "<span class="hint">"optional, to tell links apart"</span></label>
                    <input id="share-label" autocomplete="off" autofocus maxlength="200"
                        on:input=move |e| label.set(event_target_value(&e)) />
                </div>
                <ul class="facts-list">{move || links.get().into_iter().map(line).collect_view()}</ul>
                <div class="dialog-foot"><button class="primary">"Make a link"</button></div>
            </form>
        </Modal>
    }
}

/// The address, this once.
#[component]
fn Made(path: String) -> impl IntoView {
    let address = format!("{}{path}", origin());
    let copied = RwSignal::new(false);
    let for_copy = address.clone();
    view! {
        <div class="field" role="status">
            <label for="share-made">"The link "<span class="hint">"shown this once: copy it now"</span></label>
            <div class="with-unit">
                <input id="share-made" readonly value=address />
                <button type="button" on:click=move |_| { copy(&for_copy); copied.set(true); }>
                    {move || if copied.get() { "Copied" } else { "Copy" }}
                </button>
            </div>
        </div>
    }
}

#[cfg(feature = "hydrate")]
fn origin() -> String {
    let location = web_sys::window().map(|w| w.location());
    location.and_then(|l| l.origin().ok()).unwrap_or_default()
}

#[cfg(not(feature = "hydrate"))]
fn origin() -> String {
    String::new()
}

fn copy(text: &str) {
    #[cfg(feature = "hydrate")]
    if let Some(window) = web_sys::window().filter(web_sys::Window::is_secure_context) {
        // Refused by the browser: the address stands in the field, to be copied by hand.
        let _ = window.navigator().clipboard().write_text(text);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = text;
}
