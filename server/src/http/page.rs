//! Small pages that need no script: the door, secret links, and what is shown when something is wrong.
//! The style is that of the app.

use crate::assets::PKG;
use crate::http::cookies::Cookies;
use axum::response::Html;
use leptos::prelude::*;

/// A whole document around `body`. Leptos would write a title raw; this one is escaped.
pub fn document(title: &str, body: &str) -> Html<String> {
    whole(title, body, "")
}

/// The same for pages of who is signed in, and for the door: they are left when their session ends, and
/// the device then forgets the record (`assets/rights.js`).
pub fn in_session(title: &str, body: &str) -> Html<String> {
    let script = format!("<script type=\"module\" src=\"{PKG}/rights.js\"></script>");
    whole(title, body, &script)
}

fn whole(title: &str, body: &str, script: &str) -> Html<String> {
    let cookies = match Cookies::current() {
        Cookies::Plain => " data-cookies=\"plain\"",
        Cookies::Secure => "",
    };
    Html(format!(
        "<!doctype html>\n<html lang=\"en\"{cookies}><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1, viewport-fit=cover\">\
         <title>{} · Drumbeat</title><link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\
         <link rel=\"stylesheet\" href=\"{PKG}/app.css\">{script}</head><body>{body}</body></html>",
        escaped(title)
    ))
}

/// Renders a view once, without the marks by which Leptos would find its parts again: text of people
/// cannot hold one, it is escaped.
pub fn html<V: IntoView>(view: impl FnOnce() -> V) -> String {
    let owner = Owner::new();
    let html = owner.with(|| view().into_view().to_html());
    owner.cleanup();
    html.replace("<!>", "")
}

/// Text as it may stand inside an element or a quoted attribute.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// For who sent a form without a session. Reloaded, this page sends it again: nothing typed is lost.
pub fn signed_out() -> Html<String> {
    let body = html(|| {
        view! {
            <main class="door" id="main">
                <span class="mark">"Drumbeat"</span>
                <h1>"You are signed out"</h1>
                <p>"Nothing was done yet, and nothing that you wrote is lost while this page stays open. Sign in beside it, \
                    then reload this page and let your browser send it again."</p>
                <p><a class="button primary" href="/sign-in" target="_blank">"Sign in, in a new tab"</a></p>
            </main>
        }
    });
    in_session("Signed out", &body)
}

/// What is shown when something is wrong; `request` is what to tell the operator.
pub fn fault(title: &'static str, detail: &'static str, request: Option<&str>) -> Html<String> {
    let request = request.map(|id| format!("Request {id}"));
    let body = html(|| {
        view! {
            <main class="door" id="main">
                <a class="mark" href="/">"Drumbeat"</a>
                <h1>{title}</h1>
                <p>{detail}</p>
                {request.map(|id| view! { <p class="quiet">{id}</p> })}
            </main>
        }
    });
    document(title, &body)
}
