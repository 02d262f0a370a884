//! The form of one account: each field with how it is written, and what is wrong with it.

use super::frame::{notice, page};
use crate::http::merge::SEEN;
use crate::http::page::escaped;
use axum::response::Html;
use domain::Person;
use domain::account::{Field, Problem, Typed};
use leptos::prelude::*;

/// A form as it is to be shown.
pub(super) struct Form {
    /// The page's heading.
    pub(super) title: String,
    /// Where it is sent.
    pub(super) action: String,
    /// The version that its author sees; 0 for a new account.
    pub(super) version: u64,
    /// What stands in the fields.
    pub(super) typed: Typed,
    /// What is kept, which its author sees or was told; empty for a new account.
    pub(super) seen: Typed,
    /// What is wrong with them.
    pub(super) problems: Vec<Problem>,
    /// What else is to be told: its kind and words.
    pub(super) told: Option<(&'static str, String)>,
}

pub(super) fn draw(who: &Person, form: Form) -> Html<String> {
    let Form {
        title,
        action,
        version,
        typed,
        seen,
        problems,
        told,
    } = form;
    let heading = title.clone();
    let fields = Field::ALL
        .map(|field| {
            let text = typed.0.get(&field).cloned().unwrap_or_default();
            let problem = problems.iter().find(|p| p.field == field);
            one(field, text, problem.map(ToString::to_string))
        })
        .collect_view();
    let seen = seen.0.into_iter().map(|(field, text)| {
        let name = format!("{SEEN}{}", field.column());
        view! { <input type="hidden" name=name value=text /> }
    });
    let seen = seen.collect_view();
    let wrong = (!problems.is_empty()).then(|| {
        let text = "Nothing was saved yet. Correct what is marked below, then save again.";
        notice("refused", text.to_owned())
    });
    page(&title, who, || {
        view! {
            <p class="account-way"><a href="/accounts">"All accounts"</a></p>
            <div class="page-head"><h1>{heading}</h1></div>
            {told.map(|(kind, text)| notice(kind, text))}
            {wrong}
            <form class="form" method="post" action=action>
                <input type="hidden" name="version" value=version.to_string() />
                {seen}
                {fields}
                <p><button class="primary">"Save"</button></p>
            </form>
        }
    })
}

fn one(field: Field, text: String, wrong: Option<String>) -> AnyView {
    let id = field.column();
    let (hint_id, wrong_id) = (format!("{id}-hint"), format!("{id}-wrong"));
    let is_wrong = wrong.is_some();
    let described = match is_wrong {
        true => format!("{hint_id} {wrong_id}"),
        false => hint_id.clone(),
    };
    let input = match field {
        Field::Strategic => return checkbox(text == "yes"),
        Field::Contacts | Field::Sla => {
            // One a line is easier to read than one after the other. The first line break inside
            // a textarea is the browser's to drop; and Leptos does not escape this place itself.
            let lines = escaped(&text.replace(" | ", "\n"));
            let inner = format!("\n{lines}");
            view! {
                <textarea id=id name=id rows="4" aria-invalid=is_wrong.to_string() aria-describedby=described
                    inner_html=inner></textarea>
            }
            .into_any()
        }
        _ => view! {
            <input id=id name=id value=text required=field.is_required() aria-invalid=is_wrong.to_string()
                aria-describedby=described />
        }
        .into_any(),
    };
    view! {
        <div class="field">
            <label for=id>{field.label()}</label>
            {input}
            <p class="hint" id=hint_id>{field.hint()}</p>
            {wrong.map(|wrong| view! { <p class="wrong" id=wrong_id>{wrong}</p> })}
        </div>
    }
    .into_any()
}

fn checkbox(checked: bool) -> AnyView {
    let name = Field::Strategic.column();
    view! {
        <p class="chips">
            <label class="chip">
                <input type="checkbox" name=name value="yes" checked=checked />"Strategic account"
            </label>
        </p>
    }
    .into_any()
}
