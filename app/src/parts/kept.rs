//! Fields outside of a dialog whose words the device keeps until they are sent. One function draws all those of a kind.

use crate::parts::dynamic::part;
use crate::parts::form::{Values, text};
use crate::parts::when::{from_input, past_time, to_input};
use crate::replica::{Replica, draft};
use domain::shown::Shown as _;
use domain::{Refusal, Time};
use leptos::prelude::*;
use markup::view;

/// When the last key was pressed, among the values.
pub(crate) const KEPT_AT: &str = "kept";

/// What is typed and chosen, by the id of its field; copies of it are the same. A choice is its label: its list may change.
#[derive(Clone, Copy)]
pub(crate) struct Kept {
    pub(crate) values: RwSignal<Values>,
    key: StoredValue<String>,
}

/// What one line is beside its id and its words.
#[derive(Clone, Copy, Default)]
pub(crate) struct Line {
    pub(crate) required: bool,
    pub(crate) class: &'static str,
    pub(crate) numeric: bool,
    pub(crate) placeholder: Option<&'static str>,
    /// A time of day.
    pub(crate) time: bool,
    pub(crate) described_by: Option<&'static str>,
    /// The key that leads to it.
    pub(crate) shortcut: Option<&'static str>,
    /// What is chosen in another field by writing here.
    pub(crate) chooses: Option<(&'static str, &'static str)>,
}

/// A line that has to be filled in.
pub(crate) const REQUIRED: Line = Line {
    required: true,
    class: "",
    numeric: false,
    placeholder: None,
    time: false,
    described_by: None,
    shortcut: None,
    chooses: None,
};

/// A time of day.
pub(crate) const TIME: Line = Line {
    required: false,
    class: "hhmm",
    numeric: true,
    placeholder: Some("hh:mm"),
    time: true,
    ..REQUIRED
};

impl Kept {
    /// These values, and by way of `merge` what the device keeps under `key`.
    pub(crate) fn new(key: String, first: Values, merge: fn(&mut Values, Values)) -> Self {
        let values = RwSignal::new(first);
        draft::restore(key.clone(), values, merge);
        let key = StoredValue::new(key);
        Self { values, key }
    }

    pub(crate) fn text(self, id: &str) -> String {
        self.values.with(|v| text(v, id).to_owned())
    }

    /// Takes what was typed or chosen, and has the device keep it.
    pub(crate) fn take(self, id: &str, value: String) {
        let now = to_input(Replica::here().server_now());
        self.values.update(|v| {
            v.insert(id.to_owned(), value);
            v.insert(KEPT_AT.to_owned(), now);
        });
        let values = self.values.get_untracked();
        self.key.with_value(|key| draft::remember(key, &values));
    }

    /// What a line for a time of day says, in UTC, of something that has happened: the last such time before it was
    /// typed, however much later it is sent. None while it is empty.
    pub(crate) fn time(self, label: &str, id: &str) -> Option<Result<Time, Refusal>> {
        self.values.with(|v| {
            let typed = text(v, id);
            let typed_at = from_input(label, text(v, &typed_at(id)));
            let typed_at = typed_at.unwrap_or_else(|_| Replica::here().server_now());
            (!typed.trim().is_empty()).then(|| past_time(label, typed, typed_at))
        })
    }

    /// The day of that time, unless it is today.
    pub(crate) fn day(self, id: &'static str) -> AnyView {
        part(move || {
            let at = self.time("", id)?.ok()?;
            let today = Replica::here().server_now().date_naive();
            (at.date_naive() != today).then(|| format!(", {}", at.shown("%-d %b")))
        })
    }

    /// It was sent, or is not to be sent.
    pub(crate) fn forget(self) {
        self.key.with_value(|key| draft::forget(key));
    }

    /// One line.
    pub(crate) fn line(self, id: &'static str, line: Line) -> AnyView {
        let typed = move |event| {
            if let Some((id, value)) = line.chooses {
                self.take(id, value.to_owned());
            }
            if line.time {
                let now = to_input(Replica::here().server_now());
                self.values.update(|v| {
                    v.insert(typed_at(id), now);
                });
            }
            self.take(id, event_target_value(&event));
        };
        let mode = line.numeric.then_some("numeric");
        view! {
            <input id=id class=line.class required=line.required inputmode=mode placeholder=line.placeholder autocomplete="off"
                aria-describedby=line.described_by aria-keyshortcuts=line.shortcut prop:value=move || self.text(id) on:input=typed />
        }
        .into_any()
    }

    /// The place of what was chosen in this list; the first while nothing was, or nothing that is still in it.
    pub(crate) fn place(self, id: &str, labels: &[&str]) -> usize {
        let chosen = self.text(id);
        let place = labels.iter().position(|label| *label == chosen);
        place.unwrap_or_default()
    }

    /// One of a list, each label as `shown` writes it.
    pub(crate) fn choice(
        self,
        id: &'static str,
        labels: Vec<&'static str>,
        shown: fn(&str) -> String,
    ) -> AnyView {
        let option = |label: &&'static str| view! { <option value=*label>{shown(label)}</option> };
        let options = labels.iter().map(option).collect_view();
        view! {
            <select id=id prop:value=move || labels[self.place(id, &labels)]
                on:change=move |event| self.take(id, event_target_value(&event))>{options}</select>
        }
        .into_any()
    }
}

/// Under which it stands when a time of day was typed.
pub(crate) fn typed_at(id: &str) -> String {
    format!("{id} typed")
}
