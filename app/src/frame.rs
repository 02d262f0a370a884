//! What surrounds every screen: the bar, how the link stands, what came back, the keyboard,
//! and the voice that tells of thresholds.

mod newer;
mod unsent;

use crate::composer;
use crate::parts::dialog::Modal;
use crate::parts::dynamic::part;
use crate::parts::focus;
use crate::parts::memo::{Memo, effect, memo};
use crate::replica::core::Returned;
use crate::replica::sought::NO_SUCH;
use crate::replica::{LinkState, Replica};
use crate::route::{Address, NOTHING};
use domain::clock::{Clock, ClockKind, ClockState, clocks};
use domain::{Command, IncidentId};
use leptos::prelude::*;
use markup::view;
use newer::NewerLine;

/// The bar and its children.
#[component]
pub fn Frame(
    /// The screen.
    children: Children,
) -> impl IntoView {
    let keys_shown = RwSignal::new(false);
    listen_to_keys(keys_shown);
    view! {
        <a class="skip vh" href="#main">"Skip to content"</a>
        <Bar keys_shown />
        <NewerLine />
        <OfflineLine />
        <ClockLine />
        <unsent::Unconfirmed />
        <ReturnedTray />
        {children()}
        <Announcer />
        {part(move || keys_shown.get().then(|| view! { <Keys on_close=move |()| keys_shown.set(false) /> }))}
    }
}

#[component]
fn Bar(keys_shown: RwSignal<bool>) -> impl IntoView {
    let replica = Replica::here();
    let name = replica.me().name;
    let link = replica.link();
    let waiting = replica.waiting();
    let address = Address::here();
    // Another screen is no place for it.
    effect(move || {
        address.path();
        close_menu();
    });
    let state = move || match link.get() {
        LinkState::Live => "live",
        LinkState::Reconnecting => "behind",
        LinkState::Offline | LinkState::SignedOut => "offline",
    };
    let words = move || {
        let word = match link.get() {
            LinkState::Live => "Live",
            LinkState::Reconnecting => "Reconnecting",
            LinkState::Offline => "Offline",
            LinkState::SignedOut => "Signed out",
        };
        match waiting.with(Vec::len) {
            0 => word.to_owned(),
            n => format!("{word}, {n} waiting"),
        }
    };
    view! {
        <header class="bar">
            <a class="mark" href="/">"Drumbeat"</a>
            <span class="grow"></span>
            <p class="link-state" role="status" data-state=state>{words}</p>
            <a class="button wide" href="/status" rel="external">"Customer page"</a>
            <a class="button primary" href="/declare" aria-keyshortcuts="d">
                "Declare "<kbd aria-hidden="true">"d"</kbd>
            </a>
            <details class="menu">
                <summary id="me"><span class="name">{name}</span></summary>
                <div>
                    <a href="/accounts" rel="external">"Accounts"</a>
                    <a href="/people" rel="external">"People"</a>
                    <a href="/policy" rel="external">"Policy"</a>
                    <button type="button" on:click=move |_| keys_shown.set(true)>"Keyboard"</button>
                    <form method="post" action="/sign-out"><button>"Sign out"</button></form>
                    <form method="post" action="/sign-out-everywhere">
                        <button>"Sign out everywhere"</button>
                    </form>
                </div>
            </details>
        </header>
    }
}

/// What is pressed elsewhere closes the menu.
#[cfg(feature = "hydrate")]
pub(crate) fn pressed(target: Option<&web_sys::Element>) {
    let target = target.map(AsRef::as_ref);
    if open_menu().is_some_and(|menu| !menu.contains(target)) {
        close_menu();
    }
}

#[cfg(feature = "hydrate")]
fn open_menu() -> Option<web_sys::Element> {
    document().query_selector(".menu[open]").ok().flatten()
}

/// Whether it was open.
fn close_menu() -> bool {
    #[cfg(feature = "hydrate")]
    return open_menu().is_some_and(|menu| menu.remove_attribute("open").is_ok());
    #[cfg(not(feature = "hydrate"))]
    false
}

/// While the server's clock is not believed. Without a network nobody knows, and nothing is saved anyhow.
#[component]
fn ClockLine() -> impl IntoView {
    let replica = Replica::here();
    let (is_wrong, link) = (replica.clock_is_wrong(), replica.link());
    let shown = memo(move || {
        let is_heard = matches!(link.get(), LinkState::Live | LinkState::Reconnecting);
        is_heard && is_wrong.get()
    });
    part(move || {
        shown.get().then(|| {
            view! {
                <p class="line" role="alert">
                    "The server’s clock is wrong: nothing can be saved until it is set right."
                    <a href="/clock" rel="external">"What to do"</a>
                </p>
            }
        })
    })
}

#[component]
fn OfflineLine() -> impl IntoView {
    let replica = Replica::here();
    let link = replica.link();
    let waiting = replica.waiting();
    let line = memo(move || {
        let kept = match waiting.with(Vec::len) {
            0 => "What you write is kept on this device.".to_owned(),
            1 => "1 entry waits to be sent.".to_owned(),
            n => format!("{n} entries wait to be sent."),
        };
        match link.get() {
            LinkState::Offline => Some((
                format!("The server is out of reach. You can keep working: {kept}"),
                false,
            )),
            LinkState::SignedOut => Some((format!("You are signed out. {kept}"), true)),
            _ => None,
        }
    });
    let address = Address::here();
    part(move || {
        line.get().map(|(text, signed_out)| {
            let then = format!("/sign-in?then={}", address.path());
            view! {
                <p class="line" role="status">
                    {text}
                    {signed_out.then(|| view! { " "<a href=then rel="external">"Sign in"</a> })}
                </p>
            }
        })
    })
}

/// Commands that the server refused: why, and every word, until their author lets go.
#[component]
fn ReturnedTray() -> impl IntoView {
    let replica = Replica::here();
    let returned = replica.returned();
    part(move || {
        returned.with(|all| {
            (!all.is_empty()).then(|| {
                let count = match all.len() {
                    1 => "1 entry could not be applied".to_owned(),
                    n => format!("{n} entries could not be applied"),
                };
                let items = all
                    .iter()
                    .cloned()
                    .map(|r| view! { <ReturnedItem returned=r /> })
                    .collect_view();
                view! {
                    <section class="page narrow" aria-labelledby="returned">
                        <h2 id="returned">{count}</h2>
                        <p class="hint">
                            "Something else happened meanwhile. Nothing you typed is lost."
                        </p>
                        <ul class="unsent">{items}</ul>
                    </section>
                }
            })
        })
    })
}

#[component]
fn ReturnedItem(returned: Returned) -> impl IntoView {
    let replica = Replica::here();
    let id = returned.envelope.id;
    let incident = returned.envelope.incident;
    let title = replica.incidents().with_untracked(|all| {
        all.get(&incident)
            .map(|i| i.title().to_owned())
            .unwrap_or_default()
    });
    let (what, words) = in_words(&returned.envelope.command);
    let command = returned.envelope.command.clone();
    let again_refused = RwSignal::new(None);
    // The same update would be refused the same way: its author writes it anew.
    let anew = replica.incidents().with_untracked(|all| {
        let held = all.get(&incident);
        held.filter(|_| composer::text_of(&command).is_some())
            .map(|i| composer::anew(i, id))
    });
    let again = move |_| match replica.send(incident, command.clone()) {
        Ok(_) => replica.settle(id),
        Err(why) => again_refused.set(Some(why.to_string())),
    };
    let again = match anew {
        Some(to) => view! { <a class="button slim" href=to>"Write it anew"</a> }.into_any(),
        None => view! { <button class="slim" type="button" on:click=again>"Try again"</button> }
            .into_any(),
    };
    let to_log = words.clone();
    let log = move |_| {
        let command = Command::LogEntry {
            kind: domain::timeline::EntryKind::Observation,
            text: to_log.clone(),
            result: None,
            links: Vec::new(),
            happened_at: Some(returned.envelope.made_at),
        };
        match replica.send(incident, command) {
            Ok(_) => replica.settle(id),
            Err(why) => again_refused.set(Some(why.to_string())),
        }
    };
    let has_words = !words.is_empty();
    let why = returned.refusal.to_string();
    view! {
        <li>
            <h3>{what}{(!title.is_empty()).then(|| format!(": {title}"))}</h3>
            <p class="why">{part(move || again_refused.get().unwrap_or_else(|| why.clone()))}</p>
            {has_words.then(|| view! { <blockquote>{words}</blockquote> })}
            <p class="actions">
                {again}
                {has_words
                    .then(|| view! { <button class="slim" type="button" on:click=log>"Log it on the timeline"</button> })}
                <button class="slim plain" type="button" on:click=move |_| replica.settle(id)>"Discard"</button>
            </p>
        </li>
    }
}

/// What a command asks for, and the words its author typed.
fn in_words(command: &Command) -> (String, String) {
    let json = domain::json::to_string(command);
    // `{"log_entry":{…}}`: the name is the first text.
    let name = json.split('"').nth(1).unwrap_or_default().replace('_', " ");
    let mut chars = name.chars();
    let name = chars.next().map_or_else(String::new, |c| {
        c.to_uppercase().collect::<String>() + chars.as_str()
    });
    (name, command.words().join("\n"))
}

/// Speaks when a clock of an open incident comes to be at risk or overdue, and not at every
/// tick.
#[component]
fn Announcer() -> impl IntoView {
    let replica = Replica::here();
    let all = memo(move || {
        replica.incidents().with(|incidents| {
            incidents
                .values()
                .filter(|i| i.is_open() || i.is_to_triage())
                .flat_map(|i| {
                    let title = i.title().to_owned();
                    clocks(i, &replica.policy_of(i))
                        .into_iter()
                        .filter(Clock::is_running)
                        .map(move |c| (title.clone(), c))
                })
                .collect::<Vec<_>>()
        })
    });
    let now = replica.now();
    let pressing = memo(move || {
        let now = now.get();
        all.with(|all| {
            all.iter()
                .filter_map(|(title, clock)| match clock.state(now) {
                    ClockState::AtRisk => Some((
                        clock.incident,
                        clock.kind,
                        format!("At risk: {}, {title}", clock.label()),
                    )),
                    ClockState::Overdue => Some((
                        clock.incident,
                        clock.kind,
                        format!("Overdue: {}, {title}", clock.label()),
                    )),
                    _ => None,
                })
                .collect::<Vec<(IncidentId, ClockKind, String)>>()
        })
    });
    let said = move |before: Option<&(Vec<String>, String)>| {
        let lines: Vec<String> =
            pressing.with(|p| p.iter().map(|(_, _, line)| line.clone()).collect());
        let new = before.map_or_else(String::new, |(known, _)| {
            lines
                .iter()
                .filter(|l| !known.contains(l))
                .cloned()
                .collect::<Vec<_>>()
                .join(". ")
        });
        (lines, new)
    };
    let said = Memo::new(said, PartialEq::eq);
    view! { <p class="vh" role="status">{part(move || said.with(|(_, new)| new.clone()))}</p> }
}

#[component]
fn Keys(#[prop(into)] on_close: Callback<()>) -> impl IntoView {
    view! {
        <Modal labelled_by="keys-title" on_close>
            <div class="dialog-body">
                <div class="dialog-head">
                    <h2 id="keys-title">"Keyboard"</h2>
                    <button class="plain" type="button" on:click=move |_| on_close.run(())>"Close"</button>
                </div>
                <dl class="keys">
                    <dt><kbd>"d"</kbd></dt><dd>"declare an incident"</dd>
                    <dt><kbd>"u"</kbd></dt><dd>"write a customer update"</dd>
                    <dt><kbd>"t"</kbd></dt><dd>"say what happened, on the timeline"</dd>
                    <dt><kbd>"b"</kbd></dt><dd>"go to the board"</dd>
                    <dt><kbd>"/"</kbd></dt><dd>"search incidents"</dd>
                    <dt><kbd>"Esc"</kbd></dt><dd>"close; what you typed is kept"</dd>
                    <dt><kbd>"?"</kbd></dt><dd>"this list"</dd>
                </dl>
            </div>
        </Modal>
    }
}

fn listen_to_keys(keys_shown: RwSignal<bool>) {
    let address = Address::here();
    let handle = window_event_listener(leptos::ev::keydown, move |event| {
        let modified = event.ctrl_key() || event.meta_key() || event.alt_key();
        if modified || is_typing() {
            return;
        }
        let path = untrack(|| address.path());
        let room = path
            .strip_prefix("/incidents/")
            .map(|rest| rest.split('/').next().unwrap_or(rest).to_owned());
        match (event.key().as_str(), room) {
            ("?", _) => keys_shown.set(true),
            ("d", _) => address.go("/declare"),
            ("b", _) => address.go("/"),
            ("/", _) if path == "/" => focus::to("f-q"),
            ("/", _) => address.go("/?q="),
            ("u", Some(key)) => address.go(&format!("/incidents/{key}/update")),
            ("t", Some(key)) => say(address, &path, &format!("/incidents/{key}")),
            ("Escape", _) if close_menu() => focus::to("me"),
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || handle.remove());
}

/// To the line of the timeline on which one writes: where one part of the room is shown at a time, that part is first.
fn say(address: Address, path: &str, room: &str) {
    if path == room {
        address.turn_to("timeline");
    } else {
        address.go(&format!("{room}#timeline"));
    }
    request_animation_frame(|| focus::to("say-text"));
}

/// Whether keys go into a field or a dialog and are no shortcuts.
fn is_typing() -> bool {
    #[cfg(feature = "hydrate")]
    {
        let Some(document) = web_sys::window().and_then(|w| w.document()) else {
            return false;
        };
        let in_field = document
            .active_element()
            .is_some_and(|e| matches!(e.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"));
        in_field
            || document
                .query_selector("dialog[open]")
                .is_ok_and(|d| d.is_some())
    }
    #[cfg(not(feature = "hydrate"))]
    false
}

/// What stands in the place of an incident that is not held: on its way, out of reach, or none that the server knows; and
/// of a page that is not there.
#[component]
pub fn NotFound() -> impl IntoView {
    let (replica, address) = (Replica::here(), Address::here());
    // The incident comes in the place of this page, and of the cursor in it.
    on_cleanup(focus::begin);
    let why_not = memo(move || match address.is_a_screen() {
        true => replica.why_not(),
        false => NO_SUCH.to_owned(),
    });
    let head = move || match why_not.with(|why| why == NO_SUCH) {
        true => NOTHING.to_owned(),
        false => address.incident().with(|key| replica.name_of(key)),
    };
    let words = move || match why_not.with(String::is_empty) {
        true => "Loading…".to_owned(),
        false => why_not.get(),
    };
    view! {
        <main class="page narrow" id="main">
            <div class="page-head"><h1>{part(head)}</h1></div>
            <p><span role="status">{part(words)}</span>" "<a href="/">"Go to the board"</a></p>
        </main>
    }
}

/// Opened without a network on a device that holds nothing yet.
#[component]
pub fn NothingKept() -> impl IntoView {
    view! {
        <main class="page narrow" id="main">
            <div class="page-head"><h1>"No network, and nothing kept yet"</h1></div>
            <p>"This device has not opened Drumbeat before. Connect once, and the board opens without a network from then on."</p>
            <p class="actions"><a class="button primary" href="/" rel="external">"Try again"</a></p>
        </main>
    }
}
