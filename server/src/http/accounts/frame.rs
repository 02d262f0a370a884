//! What the pages of accounts have in common.

use crate::http::page;
use axum::response::Html;
use domain::Person;
use leptos::prelude::*;

/// A whole page: the bar, and `main` below it.
pub(in crate::http) fn page<V: IntoView>(
    title: &str,
    who: &Person,
    main: impl FnOnce() -> V,
) -> Html<String> {
    let name = who.name.clone();
    let body = page::html(|| {
        view! {
            <a class="skip vh" href="#main">"Skip to content"</a>
            <header class="bar">
                <a class="mark" href="/">"Drumbeat"</a>
                <span class="grow"></span>
                <a class="button" href="/accounts">"Accounts"</a>
                <details class="menu">
                    <summary><span class="name">{name}</span></summary>
                    <div>
                        <a href="/">"Board"</a>
                        <a href="/people">"People"</a>
                        <a href="/policy">"Policy"</a>
                        <form method="post" action="/sign-out"><button>"Sign out"</button></form>
                    </div>
                </details>
            </header>
            <main class="page accounts-page" id="main">{main()}</main>
        }
    });
    page::in_session(title, &body)
}

/// Something to be told before anything else; `kind` is `refused`, `conflict` or `kept`.
pub(in crate::http) fn notice(kind: &'static str, text: String) -> impl IntoView {
    let role = if kind == "kept" { "status" } else { "alert" };
    view! { <div class="notice" data-kind=kind role=role><p>{text}</p></div> }
}

/// So many of something, in words.
pub(in crate::http) fn count(n: usize, one: &str, many: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        n => format!("{n} {many}"),
    }
}
