//! The address bar, the way back, and links.

use super::{Address, Screen};
use crate::parts::focus;
use crate::parts::memo::{effect, memo};
use crate::replica::Replica;
use leptos::ev;
use leptos::prelude::*;
use leptos::wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Element, HtmlAnchorElement, MouseEvent};

/// As the browser shows it.
pub(crate) fn shown() -> String {
    let location = window().location();
    let path = location.pathname().unwrap_or_default();
    path + &location.search().unwrap_or_default() + &location.hash().unwrap_or_default()
}

/// Follows links, and the way back and forth.
pub(super) fn follow(address: Address) {
    let clicks = window_event_listener(ev::click, move |event| follow_link(address, &event));
    let steps = window_event_listener(ev::popstate, move |_| {
        address.at.set(shown());
        focus::begin();
    });
    let title = memo(move || {
        let named = address.incident().with(|key| Replica::here().name_of(key));
        address.at.with(|at| super::title(at, &named))
    });
    effect(move || document().set_title(&title.get()));
    on_cleanup(move || {
        clicks.remove();
        steps.remove();
    });
}

pub(super) fn go(address: Address, to: &str) {
    // Once more to where one is leads back to it once.
    if shown() != to && !write(|history| history.push_state_with_url(&JsValue::NULL, "", Some(to)))
    {
        // What has no history still has a server.
        let _ = window().location().set_href(to);
        return;
    }
    address.at.set(to.to_owned());
    to_top();
    focus::begin();
}

pub(super) fn replace(address: Address, by: &str) {
    // What it is called is not worth a screen that does nothing.
    let _ = write(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(by)));
    address.at.set(by.to_owned());
}

pub(super) fn to_top() {
    window().scroll_to_with_x_and_y(0.0, 0.0);
}

/// Browsers refuse an address that is asked for too often in a row.
fn write(put: impl FnOnce(&web_sys::History) -> Result<(), JsValue>) -> bool {
    window()
        .history()
        .is_ok_and(|history| put(&history).is_ok())
}

/// A link to a screen is followed here; whatever is meant otherwise is the browser's.
fn follow_link(address: Address, event: &MouseEvent) {
    let target = event.target().and_then(|t| t.dyn_into::<Element>().ok());
    crate::frame::pressed(target.as_ref());
    let is_plain = event.button() == 0
        && !(event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key());
    if event.default_prevented() || !is_plain {
        return;
    }
    let link = target.and_then(|t| t.closest("a[href]").ok().flatten());
    let Some(link) = link.and_then(|l| l.dyn_into::<HtmlAnchorElement>().ok()) else {
        return;
    };
    let is_elsewhere = link.origin() != window().location().origin().unwrap_or_default()
        || ["target", "download"].iter().any(|a| link.has_attribute(a))
        || link.rel() == "external"
        || !link.hash().is_empty()
        || Screen::of(&link.pathname()).0 == Screen::Unknown;
    if !is_elsewhere {
        event.prevent_default();
        go(address, &(link.pathname() + &link.search()));
    }
}
