//! Forms that are data: a few fields, a button that says what it does, and the command they
//! make. What is typed is kept on the device until it is sent.

use super::asked::{Asked, Asks};
use super::dialog::Modal;
use super::notice::RefusalNotice;
use super::upload::Upload;
use crate::parts::dynamic::part;
use crate::replica::{Replica, draft as kept};
use domain::{Command, IncidentId, Refusal, order};
use leptos::prelude::*;
use markup::view;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What was typed, by field.
pub type Values = BTreeMap<String, String>;

/// How a field is filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// One line.
    Line,
    /// One line of words to look for.
    Search,
    /// A paragraph.
    Prose,
    /// A whole number.
    Number,
    /// A date and time, UTC.
    When,
    /// A date.
    Day,
    /// One of these: value and label.
    Choice(Vec<(String, String)>),
    /// A file, uploaded when it is chosen. Its value is what the server answered: JSON with the
    /// fields of `domain::evidence::Proof::File`.
    File,
    /// Not shown: what its author saw, kept with what they type.
    Seen,
    /// One line or a paragraph; the server is asked about it and may fill in others.
    Asked(Asks),
}

/// One field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name among the values.
    pub key: &'static str,
    /// As shown.
    pub label: String,
    /// Beside the label, smaller.
    pub hint: String,
    /// How it is filled in.
    pub input: Input,
    /// Whether it may stay empty.
    pub required: bool,
    /// What it holds at first.
    pub value: String,
}

impl Field {
    /// A required field.
    #[must_use]
    pub fn new(key: &'static str, label: &str, input: Input) -> Self {
        Self {
            key,
            label: label.to_owned(),
            hint: String::new(),
            input,
            required: true,
            value: String::new(),
        }
    }

    /// May stay empty.
    #[must_use]
    pub fn optional(self) -> Self {
        Self {
            required: false,
            ..self
        }
    }

    /// With a word of help.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: hint.into(),
            ..self
        }
    }

    /// With something in it already.
    #[must_use]
    pub fn value(self, value: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            ..self
        }
    }
}

/// Makes the command of what was typed.
pub type Make = Arc<dyn Fn(&Values) -> Result<Command, Refusal> + Send + Sync>;

/// A form.
#[derive(Clone)]
pub struct Form {
    /// Names the text kept on the device; the same for the same purpose.
    pub key: String,
    /// What it is for.
    pub title: String,
    /// What to know before filling it in.
    pub hint: String,
    /// What is asked.
    pub fields: Vec<Field>,
    /// What the button does.
    pub button: String,
    /// The command it makes.
    pub make: Make,
}

/// The text of a field, empty when absent.
#[must_use]
pub fn text<'a>(values: &'a Values, key: &str) -> &'a str {
    values.get(key).map_or("", String::as_str)
}

/// The text of a field that may be left out.
#[must_use]
pub fn optional(values: &Values, key: &str) -> Option<String> {
    Some(text(values, key).trim())
        .filter(|t| !t.is_empty())
        .map(str::to_owned)
}

/// A form in a dialog. Closes when its command is taken.
#[component]
pub fn FormDialog(
    /// The form.
    form: Form,
    /// Which incident its command is for.
    incident: IncidentId,
    /// Run when it is done or put aside.
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let replica = Replica::here();
    let key = replica.draft_key(&format!("form/{incident}/{}", form.key));
    let first = form
        .fields
        .iter()
        .map(|f| (f.key.to_owned(), f.value.clone()));
    let values = RwSignal::new(order::map(first));
    kept::restore(key.clone(), values, |v, old: Values| v.extend(old));
    let refusal = RwSignal::new(None::<Refusal>);
    let make = form.make;
    let sent = key.clone();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let command = values.with_untracked(|v| make(v));
        match command.and_then(|command| replica.send(incident, command)) {
            Ok(_) => {
                kept::forget(&sent);
                on_close.run(());
            }
            Err(why) => refusal.set(Some(why)),
        }
    };
    let fields = form
        .fields
        .into_iter()
        .enumerate()
        .map(|(i, field)| view! { <FieldView field values draft=key.clone() first=i == 0 /> })
        .collect_view();
    view! {
        <Modal labelled_by="form-title" on_close>
            <form on:submit=submit>
                <div class="dialog-head">
                    <div>
                        <h2 id="form-title">{form.title}</h2>
                        {(!form.hint.is_empty()).then(|| view! { <p class="quiet">{form.hint}</p> })}
                    </div>
                    <button class="plain" type="button" on:click=move |_| on_close.run(())>"Close"</button>
                </div>
                {part(move || refusal.get().map(|refusal| view! { <RefusalNotice refusal /> }))}
                {fields}
                <div class="dialog-foot">
                    <button class="primary">{form.button}</button>
                </div>
            </form>
        </Modal>
    }
}

/// One field with its label.
#[component]
pub(crate) fn FieldView(
    field: Field,
    values: RwSignal<Values>,
    /// The name under which the device keeps what is typed; empty for what is not kept.
    draft: String,
    /// Whether the cursor starts here.
    first: bool,
) -> AnyView {
    if field.input == Input::Seen {
        return ().into_any();
    }
    let id = format!("f-{}", field.key);
    let key = field.key;
    let is_filter = draft.is_empty();
    let value = move || values.with(|v| text(v, key).to_owned());
    let typed = move |new: String| {
        values.update(|v| {
            v.insert(key.to_owned(), new);
        });
        if !is_filter {
            kept::remember(&draft, &values.get_untracked());
        }
    };
    let required = field.required;
    let list = format!("{id}-known");
    let asked = match &field.input {
        Input::Asked(asks) => {
            let (asks, list) = (asks.clone(), list.clone());
            Some(view! { <Asked asks list key values /> })
        }
        _ => None,
    };
    let input = match field.input {
        Input::Prose | Input::Asked(Asks::Credit { .. }) => view! {
            <textarea id=id.clone() rows="3" required=required autofocus=first prop:value=value
                on:input=move |e| typed(event_target_value(&e))></textarea>
        }
        .into_any(),
        Input::Choice(options) => {
            let options = options
                .into_iter()
                .map(|(value, label)| {
                    let chosen = values.with_untracked(|v| text(v, key) == value);
                    view! { <option value=value selected=chosen>{label}</option> }
                })
                .collect_view();
            view! {
                <select id=id.clone() required=required autofocus=first prop:value=value
                    on:change=move |e| typed(event_target_value(&e))>{options}</select>
            }
            .into_any()
        }
        Input::File => {
            let value = Signal::derive(value);
            view! { <Upload id=id.clone() value typed=Callback::new(typed) /> }.into_any()
        }
        other => {
            let kind = match other {
                Input::Number => "number",
                Input::When => "datetime-local",
                Input::Day => "date",
                Input::Search => "search",
                _ => "text",
            };
            let list = asked.is_some().then_some(list);
            view! {
                <input id=id.clone() type=kind list=list required=required autofocus=first autocomplete="off" prop:value=value
                    on:input=move |e| typed(event_target_value(&e)) />
            }
            .into_any()
        }
    };
    let hint = if !field.required && field.hint.is_empty() && !is_filter {
        "optional".to_owned()
    } else {
        field.hint
    };
    view! {
        <div class="field">
            <label for=id>
                {field.label}" "
                {(!hint.is_empty()).then(|| view! { <span class="hint">{hint}</span> })}
            </label>
            {input}
            {asked}
        </div>
    }
    .into_any()
}
