//! Lists of facts, all drawn by the one component: decisions, guesses at the cause, what other
//! parties were asked, calls, plans, what is agreed.

use super::Desk;
use super::act::{Act, button, buttons};
use crate::parts::countdown::{Left, state_name, state_of, state_word};
use crate::parts::dynamic::part;
use crate::parts::memo::memo;
use domain::clock::Clock;
use domain::timeline::{Outcome, Outcomed};
use domain::{Incident, Policy, Time};
use leptos::prelude::*;
use markup::view;
use std::sync::Arc;

/// One line below the name of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    class: &'static str,
    good: Option<&'static str>,
    text: String,
}

impl Line {
    /// In the words of somebody.
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self::of("", text)
    }

    /// Who, when, and what else is known.
    pub(super) fn quiet(text: impl Into<String>) -> Self {
        Self::of("quiet", text)
    }

    /// Of a class of its own.
    pub(super) fn of(class: &'static str, text: impl Into<String>) -> Self {
        Self {
            class,
            good: None,
            text: text.into(),
        }
    }

    /// How something ended: well, badly, or neither.
    pub(super) fn result(good: &'static str, text: String) -> Self {
        Self {
            class: "result",
            good: Some(good),
            text,
        }
    }

    /// What came of something: whether it worked as a word, for a colour alone tells it to few.
    pub(super) fn came_of_it(result: &Outcomed) -> Self {
        let (good, word) = match result.outcome {
            Outcome::Worked => ("yes", "Worked"),
            Outcome::Failed => ("no", "Did not work"),
            Outcome::Unclear => ("unclear", "Not clear yet"),
        };
        Self::result(good, format!("{word}: {}", result.text))
    }
}

/// Draws it.
pub(super) fn line(line: Line) -> AnyView {
    view! { <p class=line.class data-good=line.good>{line.text}</p> }.into_any()
}

/// Draws several.
pub(super) fn lines(all: Vec<Line>) -> AnyView {
    all.into_iter().map(line).collect_view().into_any()
}

/// One fact: a name, what is known of it, what is due, and what can be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fact {
    pub(super) head: String,
    pub(super) lines: Vec<Line>,
    /// Runs for it.
    pub(super) clock: Option<Clock>,
    /// For what has a time and no clock.
    pub(super) due_at: Option<Time>,
    pub(super) acts: Vec<Act>,
}

/// Reads the facts off the record.
pub(super) type Read = Arc<dyn Fn(&Incident, &Policy) -> Vec<Fact> + Send + Sync>;

/// A heading, a word of help while there is nothing, and the facts.
#[component]
pub(super) fn Facts(
    id: String,
    title: String,
    hint: &'static str,
    /// What adds one, while the incident is open.
    #[prop(optional)]
    add: Option<Act>,
    read: Read,
) -> impl IntoView {
    let desk = Desk::here();
    let all = memo(move || {
        let policy = desk.policy();
        desk.incident.with(|i| read(i, &policy))
    });
    let open = memo(move || desk.incident.with(|i| i.is_open()));
    let labelled_by = id.clone();
    view! {
        <section aria-labelledby=labelled_by>
            <div class="section-head">
                <h3 id=id>{title}</h3>
                {part(move || open.get().then(|| add.clone().map(button)))}
            </div>
            {part(move || {
                let facts = all.get();
                if facts.is_empty() {
                    view! { <p class="hint">{hint}</p> }.into_any()
                } else {
                    view! { <ul class="facts-list">{facts.into_iter().map(fact).collect_view()}</ul> }.into_any()
                }
            })}
        </section>
    }
    .into_any()
}

fn fact(fact: Fact) -> AnyView {
    let head = (!fact.head.is_empty()).then(|| view! { <h4>{fact.head}</h4> });
    let due = fact.due_at.map(|due_at| {
        view! { <p class="owes">"Begins in "<Left due_at /></p> }
    });
    let acts =
        (!fact.acts.is_empty()).then(|| view! { <p class="actions">{buttons(fact.acts)}</p> });
    view! {
        <li>
            {head}
            {fact.clock.map(|clock| owes(clock, "Time left"))}
            {due}
            {lines(fact.lines)}
            {acts}
        </li>
    }
    .into_any()
}

/// A clock on one line, in the colour and shape of its state.
pub(super) fn owes(clock: Clock, label: impl Into<String>) -> AnyView {
    let state = state_of(&clock);
    let label: String = label.into();
    view! {
        <p class="owes" data-state=move || state_name(state.get())>
            {label}" "<Left due_at=clock.due_at />
            {part(move || state_word(state.get()).map(|word| view! {
                " "<span class="state-word" data-state=state_name(state.get())>{word}</span>
            }))}
        </p>
    }
    .into_any()
}

/// With a capital in front.
pub(super) fn capital(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}
