//! The timeline, newest first, and the line to write the next entry on.

use super::{Desk, forms};
use crate::parts::notice::RefusalNotice;
use crate::parts::when::hm_or_day;
use crate::replica::Replica;
use domain::timeline::{Entry, EntryKind, Outcome, Outcomed};
use domain::{Command, Refusal, order};
use leptos::prelude::*;

/// How many entries are drawn at first; a long incident shows the rest on demand.
const SHOWN_FIRST: usize = 100;

/// The panel.
#[component]
pub fn Timeline() -> impl IntoView {
    let desk = Desk::here();
    let shown = RwSignal::new(SHOWN_FIRST);
    let waiting = Replica::here().waiting();
    let entries = Memo::new(move |_| {
        let mut entries = desk.incident.with(|i| i.timeline.clone());
        // By when it happened, so that an entry made late stands where it belongs.
        order::by(&mut entries, |e| {
            [
                -e.happened_at.timestamp_millis(),
                -e.recorded_at.timestamp_millis(),
                0,
            ]
        });
        entries
    });
    let each = move || {
        let waiting = waiting.get();
        entries.with(|e| {
            e.iter()
                .take(shown.get())
                .map(|e| (e.clone(), waiting.contains(&e.id)))
                .collect::<Vec<_>>()
        })
    };
    let more = move || entries.with(Vec::len) > shown.get();
    view! {
        <section data-panel="timeline" aria-labelledby="timeline">
            <h2 id="timeline">"Timeline"</h2>
            <Say />
            <ol class="timeline" reversed>
                <For each
                    key=|(e, waits)| (e.id, e.version_key(), *waits)
                    children=|(entry, waits)| view! { <Line entry waits /> } />
            </ol>
            {move || more().then(|| view! {
                <p class="actions"><button type="button" on:click=move |_| shown.update(|n| *n += 400)>"Show earlier entries"</button></p>
            })}
        </section>
    }
}

trait VersionKey {
    fn version_key(&self) -> (usize, String);
}

impl VersionKey for Entry {
    /// Changes whenever the drawn line would.
    fn version_key(&self) -> (usize, String) {
        let result = self.result.as_ref();
        (
            self.amendments.len(),
            result
                .map(|r| format!("{:?} {}", r.outcome, r.text))
                .unwrap_or_default(),
        )
    }
}

/// What came of an entry: whether it worked as a word, for a colour alone tells it to few.
#[component]
pub(super) fn CameOfIt(result: Outcomed) -> impl IntoView {
    let (good, word) = match result.outcome {
        Outcome::Worked => ("yes", "Worked"),
        Outcome::Failed => ("no", "Did not work"),
        Outcome::Unclear => ("unclear", "Not clear yet"),
    };
    view! { <p class="result" data-good=good>{format!("{word}: {}", result.text)}</p> }
}

#[component]
fn Line(entry: Entry, waits: bool) -> impl IntoView {
    let desk = Desk::here();
    let now = Replica::here().now().get_untracked();
    let at = hm_or_day(entry.happened_at, now);
    let datetime = entry
        .happened_at
        .to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let kind = if entry.told {
        "update"
    } else {
        entry.kind.label()
    };
    let old = entry.amendments.first().map(|_| {
        let mut versions = vec![entry.text.clone()];
        versions.extend(entry.amendments.iter().map(|a| a.text.clone()));
        versions.pop();
        versions
            .into_iter()
            .map(|text| view! { <p><del>{text}</del></p> })
            .collect_view()
    });
    let current = entry.current_text().to_owned();
    let text = if entry.amendments.is_empty() {
        view! { <p>{current}</p> }.into_any()
    } else {
        view! { <p><ins>{current}</ins></p> }.into_any()
    };
    let result = entry
        .result
        .clone()
        .map(|result| view! { <CameOfIt result /> });
    let links = entry
        .links
        .iter()
        .cloned()
        .map(|url| {
            let shown = url.clone();
            view! { <p><a href=url rel="noopener noreferrer external" target="_blank">{shown}</a></p> }
        })
        .collect_view();
    let mut meta = entry.by.name.clone();
    for amendment in &entry.amendments {
        meta = format!(
            "{meta}, amended {} by {}: {}",
            amendment.at.format("%H:%M"),
            amendment.by.name,
            amendment.reason
        );
    }
    let written = entry
        .is_late()
        .then(|| format!("written {}", hm_or_day(entry.recorded_at, now)));
    let can_amend = !entry.told && !waits && EntryKind::BY_HAND.contains(&entry.kind);
    let lacks_result = can_amend
        && entry.result.is_none()
        && matches!(
            entry.kind,
            EntryKind::Action | EntryKind::Attempt | EntryKind::Decision
        );
    let (for_amend, for_result) = (entry.clone(), entry.clone());
    view! {
        <li data-kind=kind data-state=waits.then_some("pending")>
            <time class="at" datetime=datetime>{at}</time>
            <span class="kind">{kind}</span>
            <div class="what">
                {old}{text}{result}{links}
                <p class="meta">
                    {waits.then(|| view! { <span class="waiting">"Waiting to be sent. "</span> })}
                    {meta}
                    {written.map(|w| view! { ", "<span class="written">{w}</span> })}
                    {lacks_result.then(|| view! {
                        " "<button class="plain slim" type="button" on:click=move |_| desk.open(forms::result(for_result.id, for_result.current_text()))>"Result…"</button>
                    })}
                    {can_amend.then(|| view! {
                        " "<button class="plain slim" type="button" on:click=move |_| desk.open(forms::amend(&for_amend))>"Amend…"</button>
                    })}
                </p>
            </div>
        </li>
    }
}

/// The line to write on: what happened, and what came of it.
#[component]
fn Say() -> impl IntoView {
    let desk = Desk::here();
    let replica = Replica::here();
    let kind = RwSignal::new(EntryKind::Action);
    let text = RwSignal::new(String::new());
    let result = RwSignal::new(String::new());
    let outcome = RwSignal::new(Outcome::Worked);
    let refusal = RwSignal::new(None::<Refusal>);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let result_text = result.get_untracked();
        let command = Command::LogEntry {
            kind: kind.get_untracked(),
            text: text.get_untracked(),
            result: (!result_text.trim().is_empty()).then(|| Outcomed {
                text: result_text,
                outcome: outcome.get_untracked(),
            }),
            links: links_in(&text.get_untracked()),
            happened_at: None,
        };
        match replica.send(desk.incident.with_untracked(|i| i.id), command) {
            Ok(_) => {
                text.set(String::new());
                result.set(String::new());
                refusal.set(None);
            }
            Err(why) => refusal.set(Some(why)),
        }
    };
    let kinds = EntryKind::BY_HAND
        .into_iter()
        .enumerate()
        .map(|(i, k)| view! { <option value=i.to_string() selected=i == 0>{capitalised(k.label())}</option> })
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
        <form class="say" on:submit=submit>
            <p class="field kind"><label for="say-kind">"Kind"</label><select id="say-kind" on:change=choose>{kinds}</select></p>
            <p class="field text">
                <label for="say-text">"What happened"</label>
                <input id="say-text" required autocomplete="off" aria-keyshortcuts="t" prop:value=move || text.get()
                    on:input=move |e| text.set(event_target_value(&e)) />
            </p>
            <p class="field result">
                <label for="say-result">"What came of it "<span class="hint">"if you know yet"</span></label>
                <input id="say-result" autocomplete="off" prop:value=move || result.get()
                    on:input=move |e| result.set(event_target_value(&e)) />
            </p>
            {move || has_result().then(|| view! {
                <p class="field kind">
                    <label for="say-outcome">"Did it work"</label>
                    <select id="say-outcome" on:change=move |e| outcome.set(match event_target_value(&e).as_str() {
                        "no" => Outcome::Failed,
                        "unclear" => Outcome::Unclear,
                        _ => Outcome::Worked,
                    })>
                        <option value="yes">"Yes"</option><option value="no">"No"</option><option value="unclear">"Unclear"</option>
                    </select>
                </p>
            })}
            <button class="primary">"Log it"</button>
            {move || refusal.get().map(|refusal| view! { <RefusalNotice refusal /> })}
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

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |c| {
        c.to_uppercase().collect::<String>() + chars.as_str()
    })
}
