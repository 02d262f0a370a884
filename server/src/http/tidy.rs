//! Addresses that people mistyped by a slash: led on to the page that they mean.

use crate::http::fault::Fault;
use axum::http::{Method, Uri};
use axum::response::{IntoResponse as _, Redirect, Response};

/// What people open by its address; the board has none of these.
const OPENED: [&str; 7] = [
    "accounts",
    "audit",
    "declare",
    "incidents",
    "people",
    "policy",
    "status",
];

/// What answers where there is no page of this address.
pub async fn lead_on(method: Method, uri: Uri) -> Response {
    match tidy(&uri) {
        Some(to) if method == Method::GET || method == Method::HEAD => {
            Redirect::permanent(&to).into_response()
        }
        _ => Fault::NotFound.into_response(),
    }
}

/// The same address without a slash at its end and without one beside another; none when it has neither.
fn tidy(uri: &Uri) -> Option<String> {
    let path = uri.path();
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
    let tidied = format!("/{}", parts.join("/"));
    let is_opened = parts.first().is_none_or(|first| OPENED.contains(first));
    if tidied == path || !is_opened {
        return None;
    }
    Some(match uri.query() {
        Some(query) => format!("{tidied}?{query}"),
        None => tidied,
    })
}

#[cfg(test)]
mod tests {
    use super::tidy;

    #[test]
    fn slashes_too_many_are_left_out_and_nothing_else() {
        for (mistyped, meant) in [
            (
                "/incidents/INC-2026-0042/",
                Some("/incidents/INC-2026-0042"),
            ),
            (
                "//incidents///INC-2026-0042",
                Some("/incidents/INC-2026-0042"),
            ),
            ("/status/?q=a//b", Some("/status?q=a//b")),
            ("//evil.example/", None),
            ("/files/", None),
            ("/sync/pull/", None),
            ("//", Some("/")),
            ("/", None),
            ("/nowhere", None),
        ] {
            let uri = mistyped.parse().unwrap_or_default();
            assert_eq!(tidy(&uri).as_deref(), meant, "{mistyped}");
        }
    }
}
