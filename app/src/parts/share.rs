//! The way to the secret links to something (INTERFACES §1). They are made, listed and revoked
//! on a page that the server draws: it is rarely used and needs the network, so its code is not
//! sent to every browser.

use crate::api::LinkKind;
use leptos::prelude::*;
use markup::view;
use std::fmt::Write as _;

/// Leads to the page of the links to `target`: a customer's page, an incident's id.
#[component]
pub fn Share(
    /// What the links open.
    kind: LinkKind,
    /// Of whom or what.
    target: String,
    /// What they are called.
    #[prop(default = String::new())]
    name: String,
) -> impl IntoView {
    let whose = match kind {
        LinkKind::Status => format!(" the page of {name}"),
        LinkKind::Brief => " the brief".to_owned(),
    };
    let path = links_path(kind, &target);
    // Not a page of the app: the router must leave it to the browser.
    view! { <a class="button slim" href=path rel="external">"Share…"<span class="vh">{whose}</span></a> }
}

/// Where the links to this are made and revoked.
#[must_use]
pub fn links_path(kind: LinkKind, target: &str) -> String {
    let (kind, target) = (kind.word(), in_query(target));
    format!("/links?kind={kind}&target={target}")
}

/// As one value of a query.
#[must_use]
pub(crate) fn in_query(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'-' {
            value.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(value, "%{byte:02X}");
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_any_letter_is_one_value_in_the_query() {
        assert_eq!(
            links_path(LinkKind::Status, "A&B=C +é"),
            "/links?kind=status&target=A%26B%3DC%20%2B%C3%A9"
        );
    }
}
