//! Finding incidents from the board. What is open is here and is filtered with each key, also
//! without a network; what is closed is asked of the server when typing pauses. The address
//! keeps what is looked for, so that it can be shared and the way back leads to it.

use crate::api::ApiError;
use crate::parts::dynamic::{list, part};
use crate::parts::focus;
use crate::parts::form::{Field, FieldView, Input, Values, text};
use crate::parts::memo::{Memo, effect, memo};
use crate::parts::severity::Sev;
use crate::parts::when::hm_or_day;
use crate::replica::{LinkState, Replica};
use crate::route::Address;
use domain::board::Summary;
use domain::clock::span;
use domain::search::{Query, text_of, text_of_line};
use domain::{Incident, Severity, order};
use leptos::prelude::*;
use markup::view;

/// How many closed incidents are listed while nothing is looked for.
const CLOSED_MAX: usize = 12;

/// What is looked for, as it is called in the address.
const WORDS: &str = "q";
const SHOW: &str = "show";
const SEVERITY: &str = "sev";
const COMPONENT: &str = "in";
const PARTS: [&str; 4] = [WORDS, SHOW, SEVERITY, COMPONENT];

/// What is looked for and found; copies of it are the same.
#[derive(Clone, Copy)]
pub(super) struct Finding {
    wanted: RwSignal<Values>,
    /// What the address says.
    written: RwSignal<Values>,
    /// The text of what is held whole, by id; made when it is needed, and when that changes.
    texts: Memo<Values>,
    /// What the server answered last, if it has.
    found: RwSignal<Vec<Summary>>,
    has_answer: RwSignal<bool>,
    has_more: RwSignal<bool>,
    /// How the search for closed ones stands, in words.
    told: RwSignal<String>,
}

/// The last answer that was shown, and to what.
#[derive(Clone, Default)]
struct Left {
    #[cfg(feature = "hydrate")]
    wanted: Values,
    found: Vec<Summary>,
    more: bool,
    told: String,
}

impl Finding {
    /// Of the screen that is being drawn.
    pub(super) fn new() -> Self {
        let replica = Replica::here();
        let at_first = untrack(|| of_address(Address::here()));
        let wanted = RwSignal::new(at_first.clone());
        let has_words = memo(move || wanted.with(|w| !text(w, WORDS).trim().is_empty()));
        let texts = memo(move || {
            let mut texts = Values::new();
            if has_words.get() {
                replica.incidents().with(|all| {
                    for incident in all.values() {
                        texts.insert(incident.id.to_string(), text_of(incident));
                    }
                });
            }
            texts
        });
        // The way back leads to the same lines, so that the browser finds the place where one was among them.
        let left = browser::left(&at_first);
        let has_answer = left.is_some();
        let left = left.unwrap_or_default();
        let finding = Self {
            wanted,
            written: RwSignal::new(at_first),
            texts,
            found: RwSignal::new(left.found),
            has_answer: RwSignal::new(has_answer),
            has_more: RwSignal::new(left.more),
            told: RwSignal::new(left.told),
        };
        finding.follow();
        finding
    }

    /// Whether anything is looked for.
    pub(super) fn is_on(self) -> bool {
        self.wanted.with(is_any)
    }

    /// Whether those that are open, or those that are closed, are to be shown.
    pub(super) fn shows(self, which: &str) -> bool {
        self.wanted
            .with(|w| text(w, SHOW).is_empty() || text(w, SHOW) == which)
    }

    /// Whether an incident that is held whole is one of those.
    pub(super) fn takes(self, incident: &Incident) -> bool {
        let components = incident.declared.as_ref().map(|d| d.components.as_slice());
        let id = incident.id.to_string();
        self.texts.with(|texts| {
            self.fits(
                incident.severity(),
                components.unwrap_or_default(),
                text(texts, &id),
            )
        })
    }

    fn fits(self, severity: Option<Severity>, components: &[String], words: &str) -> bool {
        self.wanted.with(|w| {
            let (wanted, component) = (text(w, SEVERITY), text(w, COMPONENT));
            (wanted.is_empty() || severity.is_some_and(|s| s.label() == wanted))
                && (component.is_empty() || components.iter().any(|c| c == component))
                && Query::of(text(w, WORDS)).is_in(words)
        })
    }

    /// Keeps the address and what is looked for in step, and asks the server when it pauses.
    fn follow(self) {
        let address = Address::here();
        effect(move || {
            let now = of_address(address);
            // What this wrote itself may be older than what was typed since.
            if now != self.written.get_untracked() {
                self.written.set(now.clone());
                self.wanted.set(now);
            }
            // `/` on another screen leads here with nothing typed yet.
            if address.said(WORDS).is_some_and(|q| q.is_empty()) {
                focus::to("f-q");
            }
        });
        let link = Replica::here().link();
        let is_reached = memo(move || link.get() != LinkState::Offline);
        effect(move || {
            let wanted = self.wanted.get();
            let asks = is_any(&wanted) && text(&wanted, SHOW) != "open";
            let is_reached = is_reached.get();
            if asks && is_reached {
                self.told.set("Searching…".to_owned());
            } else {
                self.has_answer.set(false);
                self.has_more.set(false);
                self.told.set(if asks {
                    failed(&ApiError::Unreachable)
                } else {
                    String::new()
                });
            }
            browser::pause(self, wanted, asks && is_reached, address);
        });
        on_cleanup(browser::let_go);
    }
}

/// Only what is said: a blank field asks for nothing.
fn of_address(address: Address) -> Values {
    let said = PARTS
        .into_iter()
        .filter_map(|part| Some((part.to_owned(), address.said(part)?)));
    order::map(said.filter(|(_, value)| !value.trim().is_empty()))
}

fn is_any(wanted: &Values) -> bool {
    wanted.values().any(|value| !value.trim().is_empty())
}

fn failed(why: &ApiError) -> String {
    format!("{why} Listed are those that this device knows; older ones need the server.")
}

/// The words and the lists to choose from.
#[component]
pub(super) fn Search(finding: Finding) -> impl IntoView {
    let choice = |key, label, any: &str, options: Vec<(String, String)>| {
        let any = (String::new(), any.to_owned());
        let options = std::iter::once(any).chain(options).collect();
        Field::new(key, label, Input::Choice(options)).optional()
    };
    let same = |label: String| (label.clone(), label);
    let shows = [("open", "Open"), ("closed", "Closed")].map(|(v, l)| (v.to_owned(), l.to_owned()));
    let severities = Severity::ALL.map(|s| same(s.label().to_owned()));
    let components = Replica::here().policy().components.clone();
    let fields = [
        Field::new(WORDS, "Search", Input::Search)
            .optional()
            .hint("number, title, customer, any word of the record"),
        choice(SHOW, "Which", "Open and closed", shows.to_vec()),
        choice(SEVERITY, "Severity", "Any", severities.to_vec()),
        choice(
            COMPONENT,
            "Component",
            "Any",
            components.into_iter().map(same).collect(),
        ),
    ];
    let fields = fields.map(|field| {
        view! { <FieldView field values=finding.wanted draft=String::new() first=false /> }
    });
    view! {
        <form class="find" inert=crate::DRAWN_BY_SERVER role="search" on:submit=|e| e.prevent_default()>{fields.into_iter().collect_view()}</form>
    }
}

fn closed_line(s: Summary) -> AnyView {
    let now = Replica::here().now();
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
    .into_any()
}

/// The latest closed ones, or those that were found.
#[component]
pub(super) fn Closed(finding: Finding) -> impl IntoView {
    let closed = memo(move || match finding.has_answer.get() {
        true => finding.found.get(),
        false => known(finding),
    });
    let title = move || {
        if finding.is_on() {
            "Closed incidents"
        } else {
            "Recently closed"
        }
    };
    view! {
        <section class="main-side" aria-labelledby="closed" hidden=move || !finding.shows("closed")>
            <h2 id="closed">{part(title)}</h2>
            <p class="hint" role="status">{part(move || finding.told.get())}</p>
            {part(move || (closed.with(Vec::is_empty) && !finding.is_on()).then(|| view! { <div class="empty"><p>"None yet."</p></div> }))}
            <ol class="closed">{list(move || closed.get(), |s| s.id.to_string(), closed_line)}</ol>
            {part(move || finding.has_more.get().then(|| view! {
                <p class="actions"><button type="button" on:click=move |_| browser::ask(finding, true)>"Show more"</button></p>
            }))}
        </section>
    }
}

/// What this device knows of closed incidents, the latest first: all that fit what is looked
/// for, or a few if nothing is.
fn known(finding: Finding) -> Vec<Summary> {
    let replica = Replica::here();
    let mut closed = replica.closed().get();
    closed.retain(|s| finding.fits(Some(s.severity), &[], &text_of_line(s.number, &s.title)));
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
    if !finding.is_on() {
        closed.truncate(CLOSED_MAX);
    }
    closed
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::{COMPONENT, Finding, Left, PARTS, SEVERITY, WORDS, failed};
    use crate::api::{self, ApiError, FIND_MAX, FindClosed, Found};
    use crate::parts::form::{Values, optional, text};
    use crate::replica::Replica;
    use crate::route::Address;
    use domain::Severity;
    use gloo_timers::future::TimeoutFuture;
    use leptos::prelude::*;
    use leptos::task::spawn_local;
    use std::cell::{Cell, RefCell};

    /// How long typing must pause before the server is asked.
    const PAUSE_MS: u32 = 200;

    thread_local! {
        /// Counts questions: the answer to an earlier one comes too late and is let go.
        static TURN: Cell<u32> = const { Cell::new(0) };
        static LEFT: RefCell<Left> = RefCell::default();
    }

    /// What was shown last, if it was for this.
    pub(super) fn left(wanted: &Values) -> Option<Left> {
        let left = LEFT.with_borrow(Clone::clone);
        (!wanted.is_empty() && left.wanted == *wanted).then_some(left)
    }

    fn next_turn() -> u32 {
        TURN.with(|t| {
            t.set(t.get().wrapping_add(1));
            t.get()
        })
    }

    fn is_turn(turn: u32) -> bool {
        TURN.with(Cell::get) == turn
    }

    /// The board is left: nothing that is under way is waited for.
    pub(super) fn let_go() {
        next_turn();
    }

    /// Writes the address and asks the server, unless something else is looked for until then.
    pub(super) fn pause(finding: Finding, wanted: Values, asks: bool, address: Address) {
        let turn = next_turn();
        spawn_local(async move {
            TimeoutFuture::new(PAUSE_MS).await;
            if !is_turn(turn) {
                return;
            }
            let mut said = wanted;
            said.retain(|_, value| !value.trim().is_empty());
            // Asked anew, the first lines would come in the place of all that were shown.
            let is_long = |left: &Left| left.found.len() > FIND_MAX as usize;
            let left =
                left(&said).filter(|left| finding.has_answer.get_untracked() && is_long(left));
            if said != finding.written.get_untracked() {
                let now = saying(&said);
                finding.written.set(said);
                address.replace(&now);
            }
            match left {
                Some(left) => finding.told.set(left.told),
                None if asks => ask(finding, false),
                None => {}
            }
        });
    }

    fn saying(said: &Values) -> String {
        let mut address = "/".to_owned();
        for part in PARTS {
            let value = String::from(js_sys::encode_uri_component(text(said, part)));
            if !value.is_empty() {
                address.push(if address.len() == 1 { '?' } else { '&' });
                address.push_str(part);
                address.push('=');
                address.push_str(&value);
            }
        }
        address
    }

    /// Asks for what is looked for, or for more of it.
    pub(super) fn ask(finding: Finding, more: bool) {
        let turn = next_turn();
        let wanted = finding.wanted.get_untracked();
        let last = finding.found.with_untracked(|f| f.last().map(|s| s.number));
        let severity = Severity::ALL
            .into_iter()
            .find(|s| s.label() == text(&wanted, SEVERITY));
        let words = text(&wanted, WORDS).to_owned();
        let component = optional(&wanted, COMPONENT);
        let me = Replica::here().me().id;
        finding.told.set("Searching…".to_owned());
        spawn_local(async move {
            let asks = FindClosed {
                me: Some(me),
                text: words,
                severity,
                component,
                before: last.filter(|_| more),
            };
            let answer = api::ask(asks).await;
            if is_turn(turn) {
                show(finding, answer, more);
            }
        });
    }

    fn show(finding: Finding, answer: Result<Found, ApiError>, more: bool) {
        match answer {
            Ok(mut answer) => {
                finding.has_more.set(answer.more);
                finding.found.update(|found| {
                    if !more {
                        found.clear();
                    }
                    found.append(&mut answer.incidents);
                });
                finding.has_answer.set(true);
                let mut wanted = finding.wanted.get_untracked();
                wanted.retain(|_, value| !value.trim().is_empty());
                let found = finding.found.get_untracked();
                let told = in_words(found.len(), answer.more, answer.complete);
                finding.told.set(told.clone());
                let more = answer.more;
                LEFT.set(Left {
                    wanted,
                    found,
                    more,
                    told,
                });
            }
            Err(why) => {
                finding.has_answer.set(false);
                finding.has_more.set(false);
                finding.told.set(failed(&why));
            }
        }
    }

    fn in_words(listed: usize, more: bool, complete: bool) -> String {
        match listed {
            _ if !complete => format!(
                "{listed} found. The search is still being made ready: older incidents are not in it yet."
            ),
            _ if more => format!("The newest {listed} are listed."),
            0 => "None fits. Each word must be there from its beginning; fewer words find more."
                .to_owned(),
            n => format!("{n} found."),
        }
    }
}

/// On the server nothing is asked: it draws what is held.
#[cfg(not(feature = "hydrate"))]
mod browser {
    use super::{Finding, Left};
    use crate::parts::form::Values;
    use crate::route::Address;

    pub(super) fn left(_: &Values) -> Option<Left> {
        None
    }

    pub(super) fn let_go() {}

    pub(super) fn pause(_: Finding, _: Values, _: bool, _: Address) {}

    pub(super) fn ask(_: Finding, _: bool) {}
}
