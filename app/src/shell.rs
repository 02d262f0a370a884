//! The document around the app: head, the snapshot it starts from, and how it is started.

use crate::App;
use crate::api::Snapshot;
use crate::parts::el::escaped;
use leptos::prelude::*;

/// What the server puts into a page.
#[derive(Clone, Debug)]
pub struct Page {
    /// What the app starts from; none for the page that is kept for days without a network.
    pub snapshot: Option<Snapshot>,
    /// Its path and query.
    pub address: String,
    /// The window's title.
    pub title: String,
    /// Where the hashed assets are, e.g. `/pkg/1a2b`.
    pub pkg: String,
    /// Whether this build carries the browser app.
    pub has_app: bool,
    /// Whether the browser asks for the machine that it runs on: its cookies have no `__Host-` then.
    pub has_plain_cookies: bool,
}

const BOOT: &str = "boot";

/// The whole document, without its doctype.
#[must_use]
pub fn shell(page: Page) -> impl IntoView {
    let Page {
        snapshot,
        address,
        title,
        pkg,
        has_app,
        has_plain_cookies,
    } = page;
    let css = format!("{pkg}/app.css");
    let start = format!("{pkg}/start.js");
    let rights = format!("{pkg}/rights.js");
    let wasm = format!("{pkg}/drumbeat_bg.wasm");
    let script = format!("{pkg}/drumbeat.js");
    let boot = snapshot
        .as_ref()
        .map(|s| for_script(&serde_json::to_string(s).unwrap_or_default()));
    view! {
        <html lang="en" data-cookies=has_plain_cookies.then_some("plain")>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
                // As markup: drawn as a child it would carry the marker by which Leptos would find its place again,
                // and browsers show that in the window's title.
                <title inner_html=escaped(&title)></title>
                <meta name="color-scheme" content="light dark" />
                <link rel="stylesheet" href=css />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="manifest" href="/manifest.webmanifest" />
                {has_app
                    .then(|| {
                        view! {
                            <link rel="modulepreload" href=script />
                            <link rel="modulepreload" href=rights />
                            <link rel="preload" href=wasm r#as="fetch" crossorigin="anonymous" />
                            <script type="module" src=start></script>
                        }
                    })}
                {boot.map(|json| view! { <script type="application/json" id=BOOT inner_html=json></script> })}
            </head>
            <body>
                {has_app.then(unstarted)} {snapshot.map(|snapshot| view! { <App snapshot address /> })}
            </body>
        </html>
    }
}

/// What stands over a page in which nothing can be done yet. The style shows it after 10 seconds, `start.js` at once when it
/// knows why, also where neither script nor style is understood; the app takes it away with the rest of the page.
fn unstarted() -> impl IntoView {
    view! {
        <p class="unstarted" id="unstarted" role="alert">
            "Drumbeat has not started in this browser: this page can be read, and nothing can be done on it. Reload it. If that \
            does not help, use Safari 17.5, Firefox 121 or Chrome 123, or newer, with JavaScript on. "
            <span></span>
        </p>
    }
}

/// JSON that cannot end the script element it stands in, whatever is in its strings.
fn for_script(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::BOOT;
    use crate::App;
    use crate::api::Snapshot;
    use crate::replica::{Replica, device, rights, sync};
    use leptos::mount::mount_to_body;
    use leptos::prelude::*;
    use leptos::task::spawn_local;
    use std::cell::RefCell;
    use std::rc::Rc;
    use wasm_bindgen::{JsCast as _, JsValue};
    use wasm_bindgen_futures::JsFuture;

    /// See [`crate::start`].
    pub fn start() {
        if let Some(snapshot) = in_page() {
            if rights::is_of(&snapshot) {
                replace(move || app(snapshot));
            } else {
                // Somebody else signed in while it was on its way: their page is another.
                let _ = window().location().reload();
            }
            return;
        }
        // Nothing can be spawned before there is an executor; mounting makes sure of one.
        _ = any_spawner::Executor::init_wasm_bindgen();
        spawn_local(async {
            match device::snapshot().await {
                Some(snapshot) => replace(move || app(snapshot)),
                None => replace(crate::frame::NothingKept),
            }
        });
    }

    fn app(snapshot: Snapshot) -> impl IntoView {
        let address = crate::route::shown();
        view! { <App snapshot address /> }
    }

    /// Puts the app in the place of what the server drew from the same snapshot: both in one task,
    /// so nobody sees the page between the two. What the server drew stays if the app cannot start.
    fn replace<V: IntoView>(app: impl FnOnce() -> V + 'static) {
        let drawn = document().body().map(|body| body.child_nodes());
        let drawn: Vec<_> = drawn
            .iter()
            .flat_map(|all| (0..all.length()).filter_map(|i| all.item(i)))
            .collect();
        let root = Rc::new(RefCell::new(None));
        let of_app = Rc::clone(&root);
        mount_to_body(move || {
            *of_app.borrow_mut() = Owner::current();
            app()
        });
        // A task that goes on after an await belongs to no part of the page: it finds the replica here.
        if let Some(owner) = root.take() {
            owner.set();
        }
        for node in drawn {
            if let Some(parent) = node.parent_node() {
                let _ = parent.remove_child(&node);
            }
        }
    }

    /// The app runs: keep it in step, and let the page say so.
    pub fn started(replica: Replica) {
        sync::start(replica);
        let Some(window) = web_sys::window() else {
            return;
        };
        if let Some(root) = window.document().and_then(|d| d.document_element()) {
            let _ = root.set_attribute("data-hydrated", "");
        }
        keep_for_later(&window);
    }

    /// Lets a reload without a network open the app. Absent on plain http to another machine, and
    /// a browser may say no: the app then works without being kept.
    fn keep_for_later(window: &web_sys::Window) {
        let get = |of: &JsValue, name: &str| js_sys::Reflect::get(of, &name.into()).ok();
        let container = get(&window.navigator(), "serviceWorker").filter(|c| !c.is_undefined());
        let Some(container) = container else { return };
        let register =
            get(&container, "register").and_then(|f| f.dyn_into::<js_sys::Function>().ok());
        let asked = register.and_then(|f| f.call1(&container, &"/sw.js".into()).ok());
        if let Some(asked) = asked.and_then(|p| p.dyn_into::<js_sys::Promise>().ok()) {
            spawn_local(async move { drop(JsFuture::from(asked).await) });
        }
    }

    fn in_page() -> Option<Snapshot> {
        let json = document().get_element_by_id(BOOT)?.text_content()?;
        domain::json::from_str(&json).ok()
    }
}

#[cfg(feature = "hydrate")]
pub use browser::{start, started};

#[cfg(test)]
mod tests {
    use super::for_script;

    #[test]
    fn text_in_the_page_cannot_end_its_script() {
        let json =
            serde_json::to_string("</script><script>alert(1)</script>\u{2028}").expect("a string");
        let safe = for_script(&json);
        assert!(!safe.contains('<'));
        assert_eq!(
            serde_json::from_str::<String>(&safe).ok(),
            serde_json::from_str(&json).ok()
        );
    }
}
