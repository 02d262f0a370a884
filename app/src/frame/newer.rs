//! The line that says that the server runs another Drumbeat than this page, and the way to it (DESIGN S8).

use crate::api::BUILD;
use crate::parts::dynamic::part;
use crate::parts::memo::memo;
use crate::replica::{LinkState, Replica};
use leptos::prelude::*;
use markup::view;
use std::cmp::Ordering;

/// What the page says of a server of this build; none of one that is as it is. Short: on a phone it is one line.
fn words(server: u32) -> Option<&'static str> {
    match server.cmp(&BUILD) {
        Ordering::Greater => Some("A newer Drumbeat is here: reload. What is unsent is kept."),
        Ordering::Less => {
            Some("The server runs an older Drumbeat: reload. What is unsent is kept.")
        }
        Ordering::Equal => None,
    }
}

/// Shown while the server's build is another and it can be reached.
#[component]
pub(super) fn NewerLine() -> impl IntoView {
    let replica = Replica::here();
    let (build, link) = (replica.server_build(), replica.link());
    let said = memo(move || {
        let is_reached = matches!(link.get(), LinkState::Live | LinkState::Reconnecting);
        build.get().filter(|_| is_reached).and_then(words)
    });
    part(move || {
        said.get().map(|words| {
            view! {
                <p class="line" role="alert">
                    {words}" "<button type="button" on:click=move |_| reload()>"Reload"</button>
                </p>
            }
        })
    })
}

fn reload() {
    #[cfg(feature = "hydrate")]
    leptos::task::spawn_local(browser::reload());
}

#[cfg(feature = "hydrate")]
mod browser {
    use gloo_timers::future::TimeoutFuture;
    use js_sys::{Array, Function, Promise, Reflect};
    use wasm_bindgen::{JsCast as _, JsValue};
    use wasm_bindgen_futures::{JsFuture, future_to_promise};

    /// How long the service worker may take to be asked for, and to be put in the place of the old one.
    const WORKER_MAX_MS: u32 = 5_000;
    const LOOK_EVERY_MS: u32 = 100;

    /// The worker that keeps the old page for a dead network must not answer this.
    pub(super) async fn reload() {
        renew_worker().await;
        if let Some(window) = web_sys::window() {
            let _ = window.location().reload();
        }
    }

    async fn renew_worker() -> Option<()> {
        let container = get(&web_sys::window()?.navigator(), "serviceWorker")?;
        let registration = within(call(&container, "getRegistration")?).await?;
        within(call(&registration, "update")?).await?;
        for _ in 0..WORKER_MAX_MS / LOOK_EVERY_MS {
            let comes = ["installing", "waiting"]
                .iter()
                .any(|state| get(&registration, state).is_some());
            if !comes {
                break;
            }
            TimeoutFuture::new(LOOK_EVERY_MS).await;
        }
        Some(())
    }

    /// None where there is no such thing.
    fn get(of: &JsValue, name: &str) -> Option<JsValue> {
        let value = Reflect::get(of, &name.into()).ok()?;
        (!value.is_undefined() && !value.is_null()).then_some(value)
    }

    fn call(of: &JsValue, name: &str) -> Option<Promise> {
        let function: Function = get(of, name)?.dyn_into().ok()?;
        function.call0(of).ok()?.dyn_into().ok()
    }

    /// What it comes to, unless it takes too long or fails.
    async fn within(promise: Promise) -> Option<JsValue> {
        let late = future_to_promise(async {
            TimeoutFuture::new(WORKER_MAX_MS).await;
            Ok(JsValue::UNDEFINED)
        });
        let first = Promise::race(&Array::of2(&promise, &late));
        let value = JsFuture::from(first).await.ok()?;
        (!value.is_undefined()).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::words;
    use crate::api::BUILD;

    #[test]
    fn only_another_build_is_spoken_of() {
        assert_eq!(words(BUILD), None);
        assert!(words(BUILD + 1).is_some_and(|w| w.contains("newer")));
        assert!(words(BUILD - 1).is_some_and(|w| w.contains("older")));
    }
}
