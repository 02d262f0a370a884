//! The line to write the next entry of the timeline on.

use super::Desk;
use super::facts::capital;
use crate::parts::dynamic::part;
use crate::parts::notice::RefusalNotice;
use crate::parts::when::clock_time;
use domain::timeline::{EntryKind, Outcome, Outcomed};
use domain::{Command, Refusal};
use leptos::prelude::*;
use markup::view;

/// The line to write on: what happened, and what came of it.
#[component]
pub(super) fn Say() -> impl IntoView {
    let desk = Desk::here();
    let replica = desk.replica;
    let kind = RwSignal::new(EntryKind::Action);
    let text = RwSignal::new(String::new());
    let result = RwSignal::new(String::new());
    let outcome = RwSignal::new(Outcome::Worked);
    let when = RwSignal::new(String::new());
    let refusal = RwSignal::new(None::<Refusal>);
    let happened_at = move || {
        let typed = when.get_untracked();
        let typed = Some(typed.trim()).filter(|t| !t.is_empty());
        typed
            .map(|t| clock_time("When", t, replica.server_now()))
            .transpose()
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let result_text = result.get_untracked();
        let command = |happened_at| Command::LogEntry {
            kind: kind.get_untracked(),
            text: text.get_untracked(),
            result: (!result_text.trim().is_empty()).then(|| Outcomed {
                text: result_text,
                outcome: outcome.get_untracked(),
            }),
            links: links_in(&text.get_untracked()),
            happened_at,
        };
        let id = desk.incident.with_untracked(|i| i.id);
        match happened_at().and_then(|at| replica.send(id, command(at))) {
            Ok(_) => {
                text.set(String::new());
                result.set(String::new());
                when.set(String::new());
                refusal.set(None);
            }
            Err(why) => refusal.set(Some(why)),
        }
    };
    let kinds = EntryKind::BY_HAND
        .into_iter()
        .enumerate()
        .map(|(i, k)| view! { <option value=i.to_string() selected=i == 0>{capital(k.label())}</option> })
        .collect_view();
    let choose = move |e| {
        let chosen = event_target_value(&e)
            .parse()
            .ok()
            .and_then(|i: usize| EntryKind::BY_HAND.get(i).copied());
        kind.set(chosen.unwrap_or(EntryKind::Action));
    };
    let has_result = move || !result.with(|r| r.trim().is_empty());
    view! {
        <form class="say" inert=crate::DRAWN_BY_SERVER on:submit=submit>
            <p class="field kind"><label for="say-kind">"Kind"</label><select id="say-kind" on:change=choose>{kinds}</select></p>
            <p class="field text">
                <label for="say-text">"What happened"</label>
                <input id="say-text" required autocomplete="off" aria-keyshortcuts="t" prop:value=move || text.get()
                    on:input=move |e| text.set(event_target_value(&e)) />
            </p>
            <p class="field when">
                <label for="say-when">"When "<span class="hint">"UTC, if earlier"</span></label>
                <input id="say-when" inputmode="numeric" placeholder="hh:mm" autocomplete="off" prop:value=move || when.get()
                    on:input=move |e| when.set(event_target_value(&e)) />
            </p>
            <p class="field result">
                <label for="say-result">"What came of it "<span class="hint">"if you know yet"</span></label>
                <input id="say-result" autocomplete="off" prop:value=move || result.get()
                    on:input=move |e| result.set(event_target_value(&e)) />
            </p>
            {part(move || has_result().then(|| view! {
                <p class="field outcome">
                    <label for="say-outcome">"Did it work"</label>
                    <select id="say-outcome" on:change=move |e| outcome.set(match event_target_value(&e).as_str() {
                        "no" => Outcome::Failed,
                        "unclear" => Outcome::Unclear,
                        _ => Outcome::Worked,
                    })>
                        <option value="yes">"Yes"</option><option value="no">"No"</option><option value="unclear">"Unclear"</option>
                    </select>
                </p>
            }))}
            <button class="primary">"Log it"</button>
            {part(move || refusal.get().map(|refusal| view! { <RefusalNotice refusal /> }))}
        </form>
    }
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
