//! The line to write the next entry of the timeline on.

use super::Desk;
use super::facts::capital;
use crate::parts::dynamic::part;
use crate::parts::form::{Values, optional};
use crate::parts::kept::{Kept, Line, REQUIRED, TIME};
use crate::parts::memo::memo;
use crate::parts::notice::RefusalNotice;
use domain::timeline::{EntryKind, Outcome, Outcomed};
use domain::{Command, Refusal};
use leptos::prelude::*;
use markup::view;

/// The line to write on: what happened, and what came of it.
#[component]
pub(super) fn Say() -> impl IntoView {
    let desk = Desk::here();
    let replica = desk.replica;
    let id = desk.incident.with_untracked(|i| i.id);
    let key = replica.draft_key(&format!("say/{id}"));
    let kept = Kept::new(key, Values::new(), Extend::extend);
    let refusal = RwSignal::new(None::<Refusal>);
    let filled = move |id: &str| kept.values.with(|v| optional(v, id));
    let log = move || {
        let happened_at = kept.time("When", WHEN).transpose()?;
        let text = kept.text(TEXT);
        let links = links_in(&text);
        let kind = EntryKind::BY_HAND.get(kept.place(KIND, &kinds()));
        let outcome = OUTCOMES.get(kept.place(OUTCOME, &outcomes()));
        let command = Command::LogEntry {
            kind: kind.copied().unwrap_or(EntryKind::Action),
            text,
            result: filled(RESULT).map(|text| Outcomed {
                text,
                outcome: outcome.map_or(Outcome::Worked, |(outcome, _)| *outcome),
            }),
            links,
            happened_at,
        };
        replica.send(id, command)
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        match untrack(log) {
            Ok(_) => {
                // The next entry is likely of the same kind.
                kept.values.update(|v| v.retain(|id, _| id == KIND));
                kept.forget();
                refusal.set(None);
            }
            Err(why) => refusal.set(Some(why)),
        }
    };
    let has_result = memo(move || filled(RESULT).is_some());
    let say = Line {
        shortcut: Some("t"),
        ..REQUIRED
    };
    let when = Line { class: "", ..TIME };
    view! {
        <form class="say" inert=crate::DRAWN_BY_SERVER on:submit=submit>
            <p class="field kind"><label for=KIND>"Kind"</label>{kept.choice(KIND, kinds(), capital)}</p>
            <p class="field text"><label for=TEXT>"What happened"</label>{kept.line(TEXT, say)}</p>
            <p class="field when">
                <label for=WHEN>"When "<span class="hint">"UTC"{kept.day(WHEN)}", if earlier"</span></label>
                {kept.line(WHEN, when)}
            </p>
            <p class="field result">
                <label for=RESULT>"What came of it "<span class="hint">"if you know yet"</span></label>
                {kept.line(RESULT, Line::default())}
            </p>
            {part(move || has_result.get().then(|| view! {
                <p class="field outcome"><label for=OUTCOME>"Did it work"</label>{kept.choice(OUTCOME, outcomes(), capital)}</p>
            }))}
            <button class="primary">"Log it"</button>
            {part(move || refusal.get().map(|refusal| view! { <RefusalNotice refusal /> }))}
        </form>
    }
}

const KIND: &str = "say-kind";
const TEXT: &str = "say-text";
const WHEN: &str = "say-when";
const RESULT: &str = "say-result";
const OUTCOME: &str = "say-outcome";

/// In the order offered.
const OUTCOMES: [(Outcome, &str); 3] = [
    (Outcome::Worked, "Yes"),
    (Outcome::Failed, "No"),
    (Outcome::Unclear, "Unclear"),
];

fn kinds() -> Vec<&'static str> {
    EntryKind::BY_HAND.map(EntryKind::label).into()
}

fn outcomes() -> Vec<&'static str> {
    OUTCOMES.map(|(_, label)| label).into()
}

/// Web addresses that stand in the text become links of the entry.
fn links_in(text: &str) -> Vec<String> {
    text.split_whitespace()
        .map(|word| {
            word.trim_matches(|c: char| matches!(c, ',' | '.' | ')' | '(' | ';' | '>' | '<'))
        })
        .filter(|word| domain::text::link("Link", word).is_ok())
        .take(10)
        .map(str::to_owned)
        .collect()
}
