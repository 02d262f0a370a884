//! The live feed: one stream per browser, shared between its tabs. HTTP/1.1 allows six
//! connections to a server; six open tabs must not use them up.
//!
//! The tab that holds the Web Lock keeps the stream and tells the others what it hears. When
//! it goes, the lock passes on. Where there are no locks, each tab has its own stream.

use super::sync::{kick, set_link, tick_now};
use super::{LinkState, Replica};
use js_sys::{Function, Promise, Reflect};
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, EventSource, MessageEvent};

const NAME: &str = "drumbeat-live";
/// A stream that was closed for good is asked for no more often than this.
const RECONNECT: chrono::Duration = chrono::Duration::seconds(5);
/// A stream that says nothing for so long is dead, whatever the browser believes: it is more than
/// twice as long as a quiet one is silent. A laptop that changed its network is not told of it.
const SILENT_MAX_MS: f64 = 40_000.0;
/// What the tabs tell each other, beside the number of the log's last place; the greatest number
/// for what moved beside the log.
const IS_LIVE: &str = "live";
const IS_DOWN: &str = "down";
const WHO_IS: &str = "who";

#[derive(Default)]
struct State {
    stream: RefCell<Option<EventSource>>,
    channel: RefCell<Option<BroadcastChannel>>,
    holds_lock: Cell<bool>,
    is_live: Cell<bool>,
    asked_at: Cell<Option<domain::Time>>,
    /// When the stream last said something, by the page's own clock, which nobody sets.
    heard_at_ms: Cell<f64>,
}

thread_local! {
    static STATE: State = State::default();
}

/// How the stream stands.
pub(super) fn state() -> LinkState {
    if STATE.with(|s| s.is_live.get()) {
        LinkState::Live
    } else {
        LinkState::Reconnecting
    }
}

/// Starts listening. Called once.
pub(super) fn start(replica: Replica) {
    listen_to_tabs(replica);
    listen_to_window(replica);
    if !ask_for_lock(replica) {
        connect(replica);
    }
}

/// Opens the stream again if it was given up; the server answers again.
pub(super) fn ensure(replica: Replica) {
    let closed = STATE.with(|s| {
        s.holds_lock.get()
            && s.stream
                .borrow()
                .as_ref()
                .is_none_or(|e| e.ready_state() == EventSource::CLOSED)
    });
    // A proxy that refuses streams answers at once, again and again: then polling must do.
    let now = replica.server_now();
    let lately = STATE
        .with(|s| s.asked_at.get())
        .is_some_and(|at| now - at < RECONNECT);
    if closed && !lately {
        connect(replica);
    }
    // The tab that holds the stream may have said that it is live while this one took itself to be offline.
    if STATE.with(|s| !s.holds_lock.get() && !s.is_live.get()) {
        tell(&JsValue::from_str(WHO_IS));
    }
}

/// Gives a stream up that has fallen silent; called by the ticker.
pub(super) fn watch(replica: Replica) {
    let silent = STATE.with(|s| {
        let has_stream = s.stream.borrow().is_some();
        has_stream && page_ms() - s.heard_at_ms.get() > SILENT_MAX_MS
    });
    if silent {
        give_up(replica);
        kick(replica);
    }
}

/// Lets go of the stream, so that the next exchange that succeeds opens another at once.
fn give_up(replica: Replica) {
    STATE.with(|s| {
        s.asked_at.set(None);
        if let Some(stream) = s.stream.borrow_mut().take() {
            stream.close();
        }
    });
    hear(replica, false);
}

fn page_ms() -> f64 {
    let performance = web_sys::window().and_then(|w| w.performance());
    performance.map_or(0.0, |p| p.now())
}

fn connect(replica: Replica) {
    STATE.with(|s| {
        s.holds_lock.set(true);
        s.is_live.set(false);
        s.heard_at_ms.set(page_ms());
        s.asked_at.set(Some(replica.server_now()));
    });
    let Ok(stream) = EventSource::new("/live") else {
        return;
    };
    on(&stream, "open", move |_| kick(replica));
    on(&stream, "error", move |_| {
        hear(replica, false);
        kick(replica);
    });
    // Not when it opens: what stands in between may take the stream and hand nothing on.
    on(&stream, "head", move |event| {
        if !STATE.with(|s| s.is_live.get()) {
            hear(replica, true);
        }
        if let Some(head) = event
            .dyn_ref::<MessageEvent>()
            .and_then(|e| head_in(&e.data()))
        {
            tell(&JsValue::from_f64(head));
            follow(replica, head);
        }
    });
    // Something moved that has no place in the log.
    for name in ["clock", "people"] {
        on(&stream, name, move |_| {
            tell(&JsValue::from_f64(f64::MAX));
            kick(replica);
        });
    }
    for name in ["open", "head", "clock", "people", "beat"] {
        on(&stream, name, |_| {
            STATE.with(|s| s.heard_at_ms.set(page_ms()));
        });
    }
    STATE.with(|s| {
        if let Some(old) = s.stream.borrow_mut().replace(stream) {
            old.close();
        }
    });
}

fn head_in(data: &JsValue) -> Option<f64> {
    let value: serde_json::Value = serde_json::from_str(&data.as_string()?).ok()?;
    value.get("head")?.as_f64()
}

fn follow(replica: Replica, head: f64) {
    let ours = replica.core.with_value(|c| c.head);
    if head > ours as f64 {
        kick(replica);
    }
}

fn hear(replica: Replica, is_live: bool) {
    STATE.with(|s| s.is_live.set(is_live));
    let link = replica.link.get_untracked();
    if link == LinkState::Live || (is_live && link == LinkState::Reconnecting) {
        set_link(replica, state());
    }
    if STATE.with(|s| s.holds_lock.get()) {
        tell(&JsValue::from_str(if is_live { IS_LIVE } else { IS_DOWN }));
    }
}

fn tell(message: &JsValue) {
    STATE.with(|s| {
        if let Some(channel) = s.channel.borrow().as_ref() {
            let _ = channel.post_message(message);
        }
    });
}

fn listen_to_tabs(replica: Replica) {
    let Ok(channel) = BroadcastChannel::new(NAME) else {
        return;
    };
    on(&channel, "message", move |event| {
        let Some(data) = event.dyn_ref::<MessageEvent>().map(MessageEvent::data) else {
            return;
        };
        if let Some(head) = data.as_f64() {
            follow(replica, head);
        } else if data == WHO_IS {
            if STATE.with(|s| s.holds_lock.get()) {
                hear(replica, STATE.with(|s| s.is_live.get()));
            }
        } else if STATE.with(|s| !s.holds_lock.get()) {
            hear(replica, data == IS_LIVE);
        }
    });
    let _ = channel.post_message(&JsValue::from_str(WHO_IS));
    STATE.with(|s| *s.channel.borrow_mut() = Some(channel));
}

/// A tab that is shown again, and a network that is back, are right at once.
fn listen_to_window(replica: Replica) {
    if let Some(document) = web_sys::window().and_then(|w| w.document()) {
        on(&document, "visibilitychange", move |_| {
            tick_now(replica);
            kick(replica);
        });
    }
    if let Some(window) = web_sys::window() {
        on(&window, "online", move |_| kick(replica));
        // The stream may outlive a short break without a word; nothing would say that it is live again.
        on(&window, "offline", move |_| {
            give_up(replica);
            set_link(replica, LinkState::Offline);
        });
    }
}

/// Waits for the lock and never gives it back while the page lives. False where there are no
/// locks.
fn ask_for_lock(replica: Replica) -> bool {
    let Some(window) = web_sys::window() else {
        return false;
    };
    let navigator = window.navigator();
    let Ok(locks) = Reflect::get(&navigator, &"locks".into()) else {
        return false;
    };
    let request = Reflect::get(&locks, &"request".into())
        .ok()
        .and_then(|f| f.dyn_into().ok());
    let Some(request): Option<Function> = request else {
        return false;
    };
    let held = Closure::<dyn FnMut(JsValue) -> Promise>::new(move |_| {
        connect(replica);
        // Never settled: the lock is held for as long as the page lives.
        Promise::new(&mut |_, _| {})
    });
    let asked = request.call2(&locks, &NAME.into(), held.as_ref()).is_ok();
    held.forget();
    asked
}

/// Listens for as long as the page lives.
fn on(target: &web_sys::EventTarget, name: &str, heard: impl FnMut(web_sys::Event) + 'static) {
    let listener = Closure::<dyn FnMut(web_sys::Event)>::new(heard);
    let _ = target.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
    listener.forget();
}
