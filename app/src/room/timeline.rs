//! The timeline, newest first: searched, filtered, taken along.

use super::Desk;
use super::act::{Act, Job, button};
use super::facts::{Line as Words, capital, line as words};
use super::say::Say;
use crate::board::room_of;
use crate::parts::dynamic::{list, part};
use crate::parts::memo::{Memo, memo};
use crate::parts::when::hm_or_day;
use domain::order;
use domain::timeline::{Entry, EntryKind};
use leptos::prelude::*;
use markup::view;
use std::sync::Arc;

/// How many entries are drawn at first; a long incident shows the rest on demand.
const SHOWN_FIRST: usize = 100;

/// In the order offered.
const KINDS: [EntryKind; 11] = [
    EntryKind::Decision,
    EntryKind::Action,
    EntryKind::Attempt,
    EntryKind::Observation,
    EntryKind::Communication,
    EntryKind::Status,
    EntryKind::Role,
    EntryKind::Customer,
    EntryKind::Evidence,
    EntryKind::Report,
    EntryKind::System,
];

/// What is looked for.
#[derive(Clone, Copy)]
struct Wanted {
    words: RwSignal<String>,
    kind: RwSignal<Option<EntryKind>>,
}

impl Wanted {
    fn is_all(self) -> bool {
        self.kind.get().is_none() && self.words.with(|w| w.trim().is_empty())
    }

    fn forget(self) {
        self.words.set(String::new());
        self.kind.set(None);
    }
}

/// The panel.
#[component]
pub fn Timeline() -> impl IntoView {
    let desk = Desk::here();
    let shown = RwSignal::new(SHOWN_FIRST);
    let wanted = Wanted {
        words: RwSignal::new(String::new()),
        kind: RwSignal::new(None),
    };
    let waiting = desk.replica.waiting();
    // Whatever changes the incident may change its timeline: comparing all of it would only cost.
    let entries = Memo::new(
        move |_| {
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
        },
        |_, _| false,
    );
    let found = Memo::new(
        move |_| {
            let kind = wanted.kind.get();
            let words = wanted.words.with(|w| w.to_lowercase());
            entries.with(|all| {
                let fits = |e: &&Arc<Entry>| kind.is_none_or(|k| k == e.kind) && has(e, &words);
                all.iter().filter(fits).cloned().collect::<Vec<_>>()
            })
        },
        |_, _| false,
    );
    let each = move || {
        let waiting = waiting.get();
        found.with(|e| {
            e.iter()
                .take(shown.get())
                .map(|e| (e.clone(), waiting.contains(&e.id)))
                .collect::<Vec<_>>()
        })
    };
    let is_abridged = memo(move || desk.incident.with(|i| desk.replica.is_abridged(i.id)));
    let more = move || found.with(Vec::len) > shown.get();
    let none = move || found.with(Vec::is_empty) && !wanted.is_all();
    view! {
        <section data-panel="timeline" aria-labelledby="timeline">
            <h2 id="timeline">"Timeline"</h2>
            <Say />
            <Tools wanted entries found />
            {part(move || is_abridged.get().then(|| view! { <p class="quiet" role="status">"Loading all entries…"</p> }))}
            <ol class="timeline" reversed>
                {list(
                    each,
                    line_key,
                    |(entry, waits)| view! { <Line entry waits /> }.into_any(),
                )}
            </ol>
            {part(move || none().then(|| view! {
                <div class="empty">
                    <p>"Nothing matches. The search looks for every word, in texts, results, links and names."</p>
                    <button type="button" on:click=move |_| wanted.forget()>"Show everything"</button>
                </div>
            }))}
            {part(move || more().then(|| view! {
                <p class="actions"><button type="button" on:click=move |_| shown.update(|n| *n += 400)>"Show earlier entries"</button></p>
            }))}
        </section>
    }
}

/// Its kind, as it stands on the line.
fn kind_word(entry: &Entry) -> &'static str {
    match entry.told {
        true => "update",
        false => entry.kind.label(),
    }
}

/// Whether every word stands somewhere in it, whatever the case.
fn has(entry: &Entry, words: &str) -> bool {
    if words.trim().is_empty() {
        return true;
    }
    let mut all = format!("{} {} {}", entry.text, entry.by.name, entry.kind.label());
    let amended = entry.amendments.iter().map(|a| &*a.text);
    let result = entry.result.iter().map(|r| &*r.text);
    let links = entry.links.iter().map(|l| &**l);
    let texts = amended.chain(result).chain(links);
    for text in texts.chain([kind_word(entry)]) {
        all.push(' ');
        all.push_str(text);
    }
    let all = all.to_lowercase();
    words.split_whitespace().all(|word| all.contains(word))
}

/// Search, filter, how many, and the way to take it along.
#[component]
fn Tools(
    wanted: Wanted,
    entries: Memo<Vec<Arc<Entry>>>,
    found: Memo<Vec<Arc<Entry>>>,
) -> impl IntoView {
    let desk = Desk::here();
    let option = |(place, kind): (usize, EntryKind)| {
        let count = memo(move || entries.with(|all| all.iter().filter(|e| e.kind == kind).count()));
        let label = move || format!("{} ({})", capital(kind.label()), count.get());
        let chosen = move || wanted.kind.get() == Some(kind);
        view! { <option value=place.to_string() prop:selected=chosen disabled=move || count.get() == 0>{label}</option> }
    };
    let options = KINDS.into_iter().enumerate().map(option).collect_view();
    let choose = move |event| {
        let place = event_target_value(&event).parse::<usize>().ok();
        wanted.kind.set(place.and_then(|p| KINDS.get(p).copied()));
    };
    let count = move || {
        let all = entries.with(Vec::len);
        if wanted.is_all() {
            format!("{all} entries")
        } else {
            format!("{} of {all} entries", found.with(Vec::len))
        }
    };
    let files = memo(move || desk.incident.with(|i| i.number.map(|_| room_of(i))));
    let export = move || {
        files.get().map(|room| {
            let links =
                [("Markdown", "md"), ("CSV", "csv"), ("JSON", "json")].map(|(label, end)| {
                    view! { " "<a href=format!("{room}/timeline.{end}") rel="external">{label}</a> }
                });
            view! { <span class="export">"Export:"{links}</span> }
        })
    };
    view! {
        <div class="timeline-tools" role="search" aria-label="Timeline entries" inert=crate::DRAWN_BY_SERVER>
            <input type="search" aria-label="Search the timeline" placeholder="Search" autocomplete="off"
                prop:value=move || wanted.words.get()
                on:input=move |e| wanted.words.set(event_target_value(&e)) />
            <select aria-label="Show" on:change=choose>
                <option value="" prop:selected=move || wanted.kind.get().is_none()>"Every kind"</option>
                {options}
            </select>
            <p class="quiet"><span role="status">{count}</span>". "{export}</p>
        </div>
    }
}

/// Names a line; another name whenever the drawn line would be another.
fn line_key((entry, waits): &(Arc<Entry>, bool)) -> String {
    let (id, told, amended) = (entry.id, entry.told, entry.amendments.len());
    // Another one may stand where one was refused.
    let amended_at = entry.amendments.last().map(|a| a.at.timestamp_millis());
    let result = entry.result.as_ref();
    let result = result.map(|r| format!("{:?} {}", r.outcome, r.text));
    // It may have been stamped by a clock of which somebody said since that it was ahead.
    let at = entry.happened_at.timestamp_millis();
    format!(
        "{id} {at} {waits} {told} {amended} {amended_at:?} {}",
        result.unwrap_or_default()
    )
}

#[component]
fn Line(entry: Arc<Entry>, waits: bool) -> impl IntoView {
    let desk = Desk::here();
    let now = desk.replica.now().get_untracked();
    let at = hm_or_day(entry.happened_at, now);
    let datetime = entry
        .happened_at
        .to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let kind = kind_word(&entry);
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
        .map(|result| words(Words::came_of_it(&result)));
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
            hm_or_day(amendment.at, now),
            amendment.by.name,
            amendment.reason
        );
    }
    let written = entry
        .is_late()
        .then(|| format!("written {}", hm_or_day(entry.recorded_at, now)));
    let stamped = entry.stamped_at.map(|stamped| {
        let stamped = hm_or_day(stamped, now);
        format!("the server’s clock was ahead and said {stamped}")
    });
    let can_amend = !entry.told && !waits && EntryKind::BY_HAND.contains(&entry.kind);
    let lacks_result = can_amend
        && entry.result.is_none()
        && matches!(
            entry.kind,
            EntryKind::Action | EntryKind::Attempt | EntryKind::Decision
        );
    let mut acts = Vec::new();
    if lacks_result {
        acts.push(Act::new("Result…", "of this entry", Job::Result(entry.id)));
    }
    if can_amend {
        acts.push(Act::new("Amend…", "this entry", Job::Amend(entry.id)));
    }
    let acts = acts
        .into_iter()
        .map(|act| view! { " "{button(act.plain())} })
        .collect_view();
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
                    {stamped.map(|s| view! { ", "<span class="written">{s}</span> })}
                    {acts}
                </p>
            </div>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone, Utc};
    use domain::timeline::Amendment;
    use domain::{CommandId, PersonId, PersonRef};
    use uuid::Uuid;

    fn cy() -> PersonRef {
        PersonRef {
            id: PersonId(Uuid::from_u128(2)),
            name: "Cy Tan".to_owned(),
        }
    }

    fn line(kind: EntryKind, told: bool) -> Entry {
        let at = Utc.with_ymd_and_hms(2026, 11, 23, 9, 0, 0).unwrap();
        Entry {
            id: CommandId(Uuid::from_u128(1)),
            happened_at: at,
            recorded_at: at,
            by: cy(),
            kind,
            text: "First to everybody: errors".to_owned(),
            result: None,
            links: vec!["https://logs.example".to_owned()],
            amendments: Vec::new(),
            told,
            stamped_at: None,
        }
    }

    #[test]
    fn an_amendment_in_the_place_of_a_refused_one_draws_the_line_anew() {
        let amended = |text: &str, minutes| {
            let mut entry = line(EntryKind::Action, false);
            entry.amendments.push(Amendment {
                text: text.to_owned(),
                reason: "It was the other node.".to_owned(),
                by: cy(),
                at: entry.recorded_at + chrono::Duration::minutes(minutes),
            });
            line_key(&(entry.into(), false))
        };
        assert_eq!(
            amended("Restarted node 2", 1),
            amended("Restarted node 2", 1)
        );
        assert_ne!(
            amended("Restarted node 2", 1),
            amended("Restarted node 3", 2)
        );
        let told = |told| line_key(&(line(EntryKind::Action, told).into(), false));
        assert_ne!(told(false), told(true));
    }

    #[test]
    fn a_line_whose_time_was_corrected_is_drawn_anew() {
        let at = |minutes| {
            let mut entry = line(EntryKind::Action, false);
            entry.happened_at += chrono::Duration::minutes(minutes);
            line_key(&(entry.into(), false))
        };
        assert_ne!(at(0), at(-120));
    }

    #[test]
    fn a_line_is_found_by_the_word_that_it_shows_for_its_kind() {
        for (kind, told, words, found) in [
            (EntryKind::Communication, true, "update", true),
            (
                EntryKind::Communication,
                true,
                "Communication CY logs",
                true,
            ),
            (EntryKind::Communication, false, "update", false),
            (EntryKind::Communication, false, "communication", true),
            (EntryKind::Action, false, "action errors", true),
            (EntryKind::Action, false, "action update", false),
        ] {
            let words_low = words.to_lowercase();
            assert_eq!(has(&line(kind, told), &words_low), found, "{words}");
        }
    }
}
