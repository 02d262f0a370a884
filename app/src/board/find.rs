//! Finding incidents from the board. What is open is here and is filtered with each key, also
//! without a network; what is closed is asked of the server when typing pauses. The address
//! keeps what is looked for, so that it can be shared and the way back leads to it.

use crate::api::{ApiError, Found};
use crate::parts::severity::Sev;
use crate::parts::when::hm_or_day;
use crate::replica::{LinkState, Replica};
use domain::board::Summary;
use domain::clock::span;
use domain::search::{QUERY_MAX_CHARS, Query, text_of, text_of_line};
use domain::{Incident, IncidentId, Severity, order};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use leptos_router::params::ParamsMap;
use std::collections::BTreeMap;

/// How many closed incidents are listed while nothing is looked for.
const CLOSED_MAX: usize = 12;
/// How long typing must pause before the server is asked.
#[cfg(feature = "hydrate")]
const PAUSE_MS: u32 = 200;

/// What is looked for: the words, and one choice of each list. Empty stands for any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Wanted {
    text: String,
    show: String,
    severity: String,
    component: String,
}

type Part = fn(&mut Wanted) -> &mut String;

/// As the parts are called in the address.
const PARTS: [(&str, Part); 4] = [
    ("q", |w| &mut w.text),
    ("show", |w| &mut w.show),
    ("sev", |w| &mut w.severity),
    ("in", |w| &mut w.component),
];

impl Wanted {
    fn of(address: &ParamsMap) -> Self {
        let mut wanted = Self::default();
        for (name, part) in PARTS {
            *part(&mut wanted) = address.get(name).unwrap_or_default();
        }
        wanted
    }

    fn address(&self) -> String {
        let (mut wanted, mut query) = (self.clone(), ParamsMap::new());
        for (name, part) in PARTS {
            let value = part(&mut wanted);
            if !value.trim().is_empty() {
                query.insert(name, std::mem::take(value));
            }
        }
        format!("/{}", query.to_query_string())
    }

    fn severity(&self) -> Option<Severity> {
        Severity::ALL
            .into_iter()
            .find(|s| s.label() == self.severity)
    }

    fn is_any(&self) -> bool {
        self.address() == "/"
    }

    fn fits(&self, severity: Option<Severity>, components: &[String]) -> bool {
        (self.severity.is_empty() || severity == self.severity())
            && (self.component.is_empty() || components.contains(&self.component))
    }
}

/// How the server's part stands.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Asked {
    /// Nothing closed is looked for.
    Not,
    Waiting,
    Answered,
    /// Why not.
    Failed(String),
}

/// What is looked for and found; copies of it are the same.
#[derive(Clone, Copy)]
pub(super) struct Finding {
    wanted: RwSignal<Wanted>,
    query: Memo<Query>,
    /// The text of what is held whole; made when it is needed first, and when that changes.
    texts: Memo<BTreeMap<IncidentId, String>>,
    found: RwSignal<Found>,
    asked: RwSignal<Asked>,
    /// Counts questions: an answer to an earlier one comes too late and is let go.
    #[cfg(feature = "hydrate")]
    turn: StoredValue<u32>,
}

impl Finding {
    /// Of the screen that is being drawn.
    pub(super) fn new() -> Self {
        let replica = Replica::here();
        let address = use_location().query;
        let wanted = RwSignal::new(address.with_untracked(Wanted::of));
        let query = Memo::new(move |_| wanted.with(|w| Query::of(&w.text)));
        let has_words = Memo::new(move |_| query.with(|q| !q.words().is_empty()));
        let texts = Memo::new(move |_| {
            let mut texts = BTreeMap::new();
            if has_words.get() {
                replica
                    .incidents()
                    .with(|all| texts.extend(all.values().map(|i| (i.id, text_of(i)))));
            }
            texts
        });
        let finding = Self {
            wanted,
            query,
            texts,
            found: RwSignal::default(),
            asked: RwSignal::new(Asked::Not),
            #[cfg(feature = "hydrate")]
            turn: StoredValue::new(0),
        };
        finding.follow(address);
        finding
    }

    /// Whether anything is looked for.
    pub(super) fn is_on(self) -> bool {
        self.wanted.with(|w| !w.is_any())
    }

    /// Whether those that are open are to be shown, and those that are closed.
    pub(super) fn shows(self, which: &str) -> bool {
        self.wanted.with(|w| w.show.is_empty() || w.show == which)
    }

    /// Whether an incident that is held whole is one of those.
    pub(super) fn takes(self, incident: &Incident) -> bool {
        let components = incident.declared.as_ref().map(|d| d.components.as_slice());
        self.wanted
            .with(|w| w.fits(incident.severity(), components.unwrap_or_default()))
            && self
                .texts
                .with(|t| t.get(&incident.id).is_none_or(|text| self.has_words(text)))
    }

    /// Whether a closed incident is one of those, as far as its line tells.
    fn takes_line(self, line: &Summary) -> bool {
        self.wanted.with(|w| w.fits(Some(line.severity), &[]))
            && self.has_words(&text_of_line(line.number, &line.title))
    }

    fn has_words(self, text: &str) -> bool {
        self.query.with(|q| q.is_in(text))
    }

    /// Keeps the address and what is looked for in step, and asks the server when it pauses.
    fn follow(self, address: Memo<ParamsMap>) {
        let written = StoredValue::new(self.wanted.with_untracked(Wanted::address));
        Effect::new(move |_| {
            let now = address.with(Wanted::of);
            // What this wrote itself may be older than what was typed since.
            if now.address() != written.get_value() {
                written.set_value(now.address());
                self.wanted.set(now);
            }
        });
        let link = Replica::here().link();
        let reached = Memo::new(move |_| link.get() != LinkState::Offline);
        let navigate = use_navigate();
        Effect::new(move |_| {
            let wanted = self.wanted.get();
            let (to, here) = (wanted.address(), address.with_untracked(Wanted::of));
            let is_reached = reached.get();
            if wanted.show == "open" || wanted.is_any() {
                self.found.set(Found::default());
                self.asked.set(Asked::Not);
            } else if is_reached {
                self.asked.set(Asked::Waiting);
            } else {
                self.asked
                    .set(Asked::Failed(ApiError::Unreachable.to_string()));
            }
            let navigate = navigate.clone();
            self.pause(move || {
                if here != wanted {
                    written.set_value(to.clone());
                    let options = NavigateOptions {
                        replace: true,
                        scroll: false,
                        ..NavigateOptions::default()
                    };
                    navigate(&to, options);
                }
                if self.asked.get_untracked() == Asked::Waiting {
                    self.ask(false);
                }
            });
        });
    }

    /// Runs it when nothing else was looked for until then.
    #[cfg(feature = "hydrate")]
    fn pause(self, then: impl FnOnce() + 'static) {
        let turn = self.next_turn();
        leptos::task::spawn_local(async move {
            gloo_timers::future::TimeoutFuture::new(PAUSE_MS).await;
            if self.turn.try_get_value() == Some(turn) {
                then();
            }
        });
    }

    #[cfg(not(feature = "hydrate"))]
    fn pause(self, _: impl FnOnce() + 'static) {}

    /// Asks for what is looked for, or for more of it.
    fn ask(self, more: bool) {
        #[cfg(feature = "hydrate")]
        {
            let turn = self.next_turn();
            let wanted = self.wanted.get_untracked();
            let last = self
                .found
                .with_untracked(|f| f.incidents.last().map(|s| s.number));
            let before = last.filter(|_| more);
            let me = Replica::here().me().id;
            self.asked.set(Asked::Waiting);
            leptos::task::spawn_local(async move {
                let component = Some(wanted.component.clone()).filter(|c| !c.is_empty());
                let severity = wanted.severity();
                let answer =
                    crate::api::find_closed(Some(me), wanted.text, severity, component, before)
                        .await;
                if self.turn.try_get_value() == Some(turn) {
                    self.answered(answer, more);
                }
            });
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = more;
    }

    #[cfg(feature = "hydrate")]
    fn answered(self, answer: Result<crate::api::Packed<Found>, ApiError>, more: bool) {
        match answer {
            Ok(crate::api::Packed(mut answer)) => {
                self.found.update(|found| {
                    if more {
                        found.incidents.append(&mut answer.incidents);
                        answer.incidents = std::mem::take(&mut found.incidents);
                    }
                    *found = answer;
                });
                self.asked.set(Asked::Answered);
            }
            Err(why) => self.asked.set(Asked::Failed(why.to_string())),
        }
    }

    #[cfg(feature = "hydrate")]
    fn next_turn(self) -> u32 {
        let turn = self.turn.get_value().wrapping_add(1);
        self.turn.set_value(turn);
        turn
    }
}

/// The words and the lists to choose from.
#[component]
pub(super) fn Search(finding: Finding) -> impl IntoView {
    let wanted = finding.wanted;
    let address = use_location().query;
    // `/` on another screen leads here with nothing typed yet.
    Effect::new(move |_| {
        if address.with(|a| a.get("q").is_some_and(|q| q.is_empty())) {
            crate::frame::focus("find");
        }
    });
    let pairs = |labels: Vec<String>| {
        let same = |label: String| (label.clone(), label);
        labels.into_iter().map(same).collect::<Vec<_>>()
    };
    let shows = [("open", "Open"), ("closed", "Closed")];
    let shows = shows.map(|(value, label)| (value.to_owned(), label.to_owned()));
    let severities = Severity::ALL.map(|s| s.label().to_owned());
    let components = Replica::here().policy().components;
    let at_first = wanted.with_untracked(|w| w.text.clone());
    view! {
        <form class="find" role="search" action="/" on:submit=|e| e.prevent_default()>
            <p class="field words">
                <label for="find">"Search "<span class="hint">"number, title, customer, any word of the record"</span></label>
                <input id="find" name="q" type="search" autocomplete="off" maxlength=QUERY_MAX_CHARS.to_string()
                    aria-keyshortcuts="/" value=at_first prop:value=move || wanted.with(|w| w.text.clone())
                    on:input=move |e| wanted.update(|w| w.text = event_target_value(&e)) />
            </p>
            {choice(wanted, 1, "Which", "Open and closed", shows.to_vec())}
            {choice(wanted, 2, "Severity", "Any", pairs(severities.to_vec()))}
            {choice(wanted, 3, "Component", "Any", pairs(components))}
        </form>
    }
}

fn choice(
    wanted: RwSignal<Wanted>,
    part: usize,
    label: &'static str,
    any: &'static str,
    options: Vec<(String, String)>,
) -> AnyView {
    let Some((name, part)) = PARTS.get(part).copied() else {
        return ().into_any();
    };
    let id = format!("find-{name}");
    let chosen = move || part(&mut wanted.get()).clone();
    let first = part(&mut wanted.get_untracked()).clone();
    let options = options
        .into_iter()
        .map(|(value, label)| {
            let selected = value == first;
            view! { <option value=value selected=selected>{label}</option> }
        })
        .collect_view();
    view! {
        <p class="field">
            <label for=id.clone()>{label}</label>
            <select id=id name=name prop:value=chosen
                on:change=move |e| wanted.update(|w| *part(w) = event_target_value(&e))>
                <option value="">{any}</option>
                {options}
            </select>
        </p>
    }
    .into_any()
}

/// The latest closed ones, or those that were found.
#[component]
pub(super) fn Closed(finding: Finding) -> impl IntoView {
    let replica = Replica::here();
    let now = replica.now();
    let closed = Memo::new(move |_| match finding.asked.get() {
        Asked::Not => {
            let mut closed = known(finding);
            closed.truncate(CLOSED_MAX);
            closed
        }
        Asked::Failed(_) => known(finding),
        Asked::Waiting if finding.found.with(|f| f.incidents.is_empty()) => known(finding),
        Asked::Waiting | Asked::Answered => finding.found.with(|f| f.incidents.clone()),
    });
    let line = move |s: Summary| {
        let ended = s
            .impact_ended_at
            .map(|end| format!(", restored in {}", span(end - s.impact_began_at)));
        let day = hm_or_day(s.declared_at, now.get_untracked());
        view! {
            <li>
                <Sev severity=s.severity />
                <a href=format!("/incidents/{}", s.number)>{s.title}</a>
                <small>{format!("{}, {day}{}", s.number, ended.unwrap_or_default())}</small>
            </li>
        }
    };
    let title = move || match finding.is_on() {
        true => "Closed incidents",
        false => "Recently closed",
    };
    let older = move || finding.asked.get() == Asked::Answered && finding.found.with(|f| f.more);
    view! {
        <section class="main-side" aria-labelledby="closed" hidden=move || !finding.shows("closed")>
            <h2 id="closed">{title}</h2>
            <p class="hint" role="status">{move || finding.is_on().then(|| state(finding, closed.with(Vec::len)))}</p>
            {move || (closed.with(Vec::is_empty) && !finding.is_on()).then(|| view! { <div class="empty"><p>"None yet."</p></div> })}
            <ol class="closed"><For each=move || closed.get() key=|s| s.id children=line /></ol>
            {move || older().then(|| view! { <p class="actions"><button type="button" on:click=move |_| finding.ask(true)>"Show more"</button></p> })}
        </section>
    }
}

/// What this device knows of closed incidents, the latest first: those that fit what is looked
/// for, if anything is.
fn known(finding: Finding) -> Vec<Summary> {
    let replica = Replica::here();
    let mut closed = replica.closed().get();
    closed.retain(|line| finding.takes_line(line));
    replica.incidents().with(|all| {
        closed.extend(
            all.values()
                .filter(|i| !i.is_open() && finding.takes(i))
                .filter_map(|i| Summary::of(i)),
        );
    });
    order::by(&mut closed, |s| {
        [
            -order::at(s.closed_at.or(Some(s.declared_at))),
            -i64::from(s.number.serial),
            0,
        ]
    });
    closed
}

fn state(finding: Finding, listed: usize) -> String {
    let found = finding.found.get();
    match finding.asked.get() {
        Asked::Not => String::new(),
        Asked::Waiting => "Searching…".to_owned(),
        Asked::Failed(why) => {
            format!("{why} Listed are those that this device knows; older ones need the server.")
        }
        Asked::Answered if !found.complete => format!(
            "{listed} found. The search is still being made ready: older incidents are not in it yet."
        ),
        Asked::Answered if found.more => format!("The newest {listed} are listed."),
        Asked::Answered => match listed {
            0 => "None fits. Each word must be there from its beginning; fewer words find more."
                .to_owned(),
            1 => "1 found.".to_owned(),
            n => format!("{n} found."),
        },
    }
}
