//! A field that holds a file: sent to the server when it is chosen, because the record names a
//! file by the hash of what is kept. So it needs the network, as the rest of a form does not.

use crate::parts::dynamic::part;
use crate::replica::{LinkState, Replica};
use leptos::prelude::*;
use markup::view;

const OFFLINE: &str = "You are offline, and a file needs the network. A link, an excerpt or a statement works without.";

/// How the upload stands: nothing is sent, it is being sent, or why it failed.
type Stands = Option<Result<(), String>>;

/// The file, or what was kept of it.
#[component]
pub(super) fn Upload(
    /// Of the control.
    id: String,
    /// What the server answered, as JSON; empty when there is no file.
    value: Signal<String>,
    /// Takes a new value.
    typed: Callback<String>,
) -> impl IntoView {
    let stands = RwSignal::new(Stands::None);
    let latest = StoredValue::new(0_u32);
    let link = Replica::here().link();
    let chosen = move |event: leptos::ev::Event| {
        #[cfg(feature = "hydrate")]
        browser::send(&event, latest, stands, typed);
        #[cfg(not(feature = "hydrate"))]
        let _ = (event, latest, stands, typed);
    };
    let words = move || match stands.get() {
        Some(Ok(())) => "Uploading…".to_owned(),
        Some(Err(why)) => why,
        None if link.get() == LinkState::Offline => OFFLINE.to_owned(),
        None => String::new(),
    };
    let is_wrong = move || stands.with(|s| matches!(s, Some(Err(_))));
    view! {
        {part(move || match name_in(&value.get()) {
            Some(name) => view! {
                <p id=id.clone()>{name}" is uploaded. "
                    <button class="slim" type="button" on:click=move |_| typed.run(String::new())>"Remove"</button></p>
            }
            .into_any(),
            None => view! { <input id=id.clone() type="file" on:change=chosen /> }.into_any(),
        })}
        <p class=move || if is_wrong() { "wrong" } else { "hint" } role="status">{words}</p>
    }
}

fn name_in(value: &str) -> Option<String> {
    let kept: serde_json::Value = serde_json::from_str(value).ok()?;
    Some(kept.get("name")?.as_str()?.to_owned())
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::{OFFLINE, Stands};
    use crate::api;
    use domain::evidence::FILE_MAX_BYTES;
    use leptos::prelude::*;
    use leptos::task::spawn_local;
    use wasm_bindgen::{JsCast as _, JsValue};

    /// Sends the chosen file. `latest` counts the choices: an earlier file may arrive after a later one.
    pub(super) fn send(
        event: &leptos::ev::Event,
        latest: StoredValue<u32>,
        stands: RwSignal<Stands>,
        typed: Callback<String>,
    ) {
        let input = event
            .target()
            .and_then(|t| t.dyn_into::<web_sys::HtmlInputElement>().ok());
        let Some(file) = input.and_then(|i| i.files()).and_then(|f| f.get(0)) else {
            return;
        };
        latest.update_value(|choice| *choice += 1);
        let choice = latest.get_value();
        // The server says so too, but a browser may lose an answer that comes while it still sends.
        if file.size() > f64::from(FILE_MAX_BYTES) {
            stands.set(Some(Err(
                "A file may have at most 10 MB. Pack it, or cut it down.".to_owned(),
            )));
            return;
        }
        stands.set(Some(Ok(())));
        spawn_local(async move {
            let sent = exchange(&file).await;
            // The form may be closed by now, or hold another choice.
            if latest.try_get_value() != Some(choice) {
                return;
            }
            match sent {
                Ok((true, kept)) => {
                    let _ = stands.try_set(None);
                    let _ = typed.try_run(kept);
                }
                Ok((false, problem)) => {
                    let _ = stands.try_set(Some(Err(detail(&problem))));
                }
                Err(_) => {
                    let _ = stands.try_set(Some(Err(OFFLINE.to_owned())));
                }
            }
        });
    }

    /// Whether it was kept, and what was answered.
    async fn exchange(file: &web_sys::File) -> Result<(bool, String), JsValue> {
        let name = String::from(js_sys::encode_uri_component(&file.name()));
        let how = web_sys::RequestInit::new();
        how.set_body(file);
        api::send(&format!("/files?name={name}"), &how).await
    }

    /// What to do, in the server's words.
    fn detail(problem: &str) -> String {
        let told = serde_json::from_str::<serde_json::Value>(problem).ok();
        told.as_ref()
            .and_then(|told| told.get("detail")?.as_str())
            .unwrap_or(
                "The file did not get through. Try again; if that does not help, tell whoever runs Drumbeat: a proxy before it may take smaller files only.",
            )
            .to_owned()
    }
}
