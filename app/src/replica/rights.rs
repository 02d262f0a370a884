//! Whose session this page was opened in, and whether it is still open (D4). `server/assets/rights.js`
//! watches over it: it hides the page, has the device forget the record and leaves.

use crate::api::Snapshot;
use domain::PersonId;
use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// Where `rights.js` says what the cookie is called that pages may read (`server/src/http/mark.rs`).
const COOKIE: &str = "data-mark";
/// Where `rights.js` says which session this page was opened in.
const SESSION: &str = "data-session";
/// What `rights.js` listens to.
const SIGNED_OUT: &str = "drumbeat-signed-out";

/// The session of this page: the same for all pages that were opened in it, another after the next
/// sign-in, also of the same person.
pub(super) fn session() -> String {
    told(SESSION)
}

fn told(attribute: &str) -> String {
    let root = web_sys::window().and_then(|w| w.document()?.document_element());
    root.and_then(|root| root.get_attribute(attribute))
        .unwrap_or_default()
}

/// Whether the session of this page is the one that is open in this browser.
pub(super) fn is_open() -> bool {
    let document = web_sys::window().and_then(|w| w.document());
    let cookies = document.and_then(|d| Reflect::get(&d, &JsValue::from_str("cookie")).ok());
    let wanted = format!("{}={}", told(COOKIE), session());
    cookies
        .and_then(|c| c.as_string())
        .is_some_and(|c| c.split("; ").any(|cookie| cookie == wanted))
}

/// Whether a page that was drawn for this person belongs to the session that is open: somebody else may
/// have signed in while it was on its way.
pub(crate) fn is_of(snapshot: &Snapshot) -> bool {
    let PersonId(person) = snapshot.me.id;
    session().starts_with(&format!("{person}."))
}

/// The session has ended: the page is hidden and left.
pub(crate) fn leave() {
    if let (Some(window), Ok(event)) = (web_sys::window(), web_sys::Event::new(SIGNED_OUT)) {
        let _ = window.dispatch_event(&event);
    }
}
