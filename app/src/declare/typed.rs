//! What is typed and chosen in the form of a declaration. The device keeps it until it is sent.

use crate::parts::form::{Values, text};
use crate::parts::kept::{KEPT_AT, Kept, Line, REQUIRED, TIME, typed_at};
use crate::parts::memo::memo;
use crate::parts::readers::{Choosing, toggled};
use crate::parts::when::{from_input, to_input};
use domain::customer::CustomerRef;
use domain::json::{from_str, to_string};
use domain::shown::Shown as _;
use domain::triage::{Risk, Triage, Users, YesNo};
use domain::update::Audience;
use domain::{Refusal, Severity, Time, order};
use leptos::prelude::*;
use markup::view;

const BEGAN: &str = "began";
pub(super) const BEGAN_AT: &str = "began-at";
/// In the place of minutes ago, where it is a time of day.
const AT: &str = "at";
/// The customers that are chosen.
const READERS: &str = "readers";
/// Set when what was kept is here again.
const BACK: &str = "back";

/// Its title.
pub(super) const TITLE: Line = Line {
    class: "big-input",
    ..REQUIRED
};
/// When it began, in the place of minutes ago.
pub(super) const BEGAN_LINE: Line = Line {
    described_by: Some("began-utc"),
    chooses: Some((BEGAN, AT)),
    ..TIME
};
/// A short number.
pub(super) const NUMBER: Line = Line {
    placeholder: None,
    time: false,
    ..TIME
};

/// All of it, by field; copies of it are the same.
#[derive(Clone, Copy)]
pub(super) struct Typed {
    kept: Kept,
    title: StoredValue<String>,
}

impl Typed {
    /// What the device keeps under `key`, or a form with nothing but a title in it.
    pub(super) fn new(key: String, title: String) -> Self {
        let kept = Kept::new(key, first(&title), |v, old| {
            v.extend(again(old));
            v.insert(BACK.to_owned(), BACK.to_owned());
        });
        let title = StoredValue::new(title);
        Self { kept, title }
    }

    pub(super) fn text(self, field: &str) -> String {
        self.kept.text(field)
    }

    pub(super) fn take(self, field: &str, value: String) {
        self.kept.take(field, value);
    }

    pub(super) fn line(self, id: &'static str, line: Line) -> AnyView {
        self.kept.line(id, line)
    }

    /// It was sent.
    pub(super) fn forget(self) {
        self.kept.forget();
    }

    pub(super) fn start_over(self) {
        self.forget();
        self.kept
            .values
            .set(self.title.with_value(|title| first(title)));
    }

    /// Whether it was written before.
    pub(super) fn is_back(self) -> bool {
        !self.text(BACK).is_empty()
    }

    pub(super) fn triage(self) -> Triage {
        let percent = self.text("percent");
        Triage {
            users: self.answer("users", &Users::ALL, Users::label),
            percent: percent.trim().trim_end_matches('%').trim_end().parse().ok(),
            data: self.answer("data", &Risk::ALL, Risk::label),
            security: self.answer("security", &Risk::ALL, Risk::label),
            executive: self.answer("executive", &YesNo::ALL, YesNo::label),
            strategic: self.answer("strategic", &YesNo::ALL, YesNo::label),
        }
    }

    fn answer<T: Copy>(
        self,
        field: &str,
        all: &[T],
        label: impl Fn(T) -> &'static str,
    ) -> Option<T> {
        let chosen = self.text(field);
        all.iter().copied().find(|one| label(*one) == chosen)
    }

    /// The one that was tapped.
    pub(super) fn severity(self) -> Option<Severity> {
        let tapped = self.text("severity");
        Severity::ALL.into_iter().find(|s| s.label() == tapped)
    }

    /// When the impact began.
    pub(super) fn began_at(self, now: Time) -> Result<Time, Refusal> {
        let label = "When it began";
        let at = || Refusal::invalid(label, "needs a time like 14:05, UTC");
        match self.text(BEGAN).parse() {
            Ok(min) => Ok(now - chrono::Duration::minutes(min)),
            Err(_) => self.time(label, BEGAN_AT).ok_or_else(at)?,
        }
    }

    /// What a line for a time of day says; none while it is empty.
    pub(super) fn time(self, label: &str, id: &str) -> Option<Result<Time, Refusal>> {
        self.kept.time(label, id)
    }

    /// The day of that time, unless it is today.
    pub(super) fn day(self, id: &'static str) -> AnyView {
        self.kept.day(id)
    }

    /// Whether this component is affected.
    pub(super) fn has(self, component: &str) -> bool {
        !self.text(&of(component)).is_empty()
    }

    pub(super) fn toggle(self, component: &str) {
        let now = if untrack(|| self.has(component)) {
            ""
        } else {
            "yes"
        };
        self.take(&of(component), now.to_owned());
    }

    /// Those of all components that are affected.
    pub(super) fn chosen(self, all: &[String]) -> Vec<String> {
        all.iter().filter(|c| self.has(c)).cloned().collect()
    }

    /// Who will read the updates.
    pub(super) fn audience(self) -> Audience {
        if self.text("named").is_empty() {
            return Audience::Public;
        }
        let customers = self.readers();
        Audience::Named { customers }
    }

    /// The customers that are chosen. The device keeps them as JSON.
    fn readers(self) -> Vec<CustomerRef> {
        from_str(&self.text(READERS)).unwrap_or_default()
    }

    /// How they are chosen. A new incident has none yet.
    pub(super) fn choosing(self) -> Choosing {
        let toggle = Callback::new(move |customer| {
            let mut chosen = untrack(|| self.readers());
            toggled(&mut chosen, customer);
            self.take(READERS, to_string(&chosen));
        });
        Choosing {
            known: memo(Vec::new),
            chosen: memo(move || self.readers()),
            toggle,
            add: toggle,
        }
    }

    /// One of the values of a field, to choose.
    pub(super) fn radio(self, field: &'static str, value: String, label: &'static str) -> AnyView {
        let chosen = value.clone();
        view! {
            <label class="chip">
                <input type="radio" name=field prop:checked=move || self.text(field) == chosen
                    on:change=move |_| self.take(field, value.clone()) />
                " "{label}
            </label>
        }
        .into_any()
    }
}

fn first(title: &str) -> Values {
    order::map([("title", title), (BEGAN, "0")].map(|(k, v)| (k.to_owned(), v.to_owned())))
}

fn of(component: &str) -> String {
    format!("in {component}")
}

/// Five minutes ago is another time when the form is opened again: it is the time of day that it was.
fn again(mut kept: Values) -> Values {
    let kept_at = from_input(KEPT_AT, text(&kept, KEPT_AT));
    if let (Ok(min), Ok(kept_at)) = (text(&kept, BEGAN).parse(), kept_at) {
        let at = kept_at - chrono::Duration::minutes(min);
        kept.insert(BEGAN.to_owned(), AT.to_owned());
        kept.insert(BEGAN_AT.to_owned(), at.shown("%H:%M"));
        kept.insert(typed_at(BEGAN_AT), to_input(at));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_began_minutes_ago_is_here_again_as_the_time_at_which_it_began() {
        let kept = |began: &str| {
            let mut values = first("Slow");
            values.insert(BEGAN.to_owned(), began.to_owned());
            values.insert(BEGAN_AT.to_owned(), "22:15".to_owned());
            values.insert(KEPT_AT.to_owned(), "2026-11-23T00:03".to_owned());
            values
        };
        for (chosen, again_at) in [("0", "00:03"), ("5", "23:58"), (AT, "22:15")] {
            let values = again(kept(chosen));
            assert_eq!(
                (text(&values, BEGAN), text(&values, BEGAN_AT)),
                (AT, again_at)
            );
            assert_eq!(text(&values, "title"), "Slow");
        }
    }
}
