//! Keeps the replica in step: one exchange at a time, with back-off, and one ticker.

use super::core::Core;
use super::exchange::{self, Exchange, Tab};
use super::outbox::Author;
use super::storage::indexed_db::IndexedDb;
use super::{LinkState, Replica, device, live, rights};
use crate::api::{self, ApiError, Pull, Pulled, Push, Pushed, Snapshot, TakeSnapshot};
use domain::Time;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::Cell;

/// How often it asks while no stream tells it.
const POLL_MS: u32 = 15_000;
/// Waits after failures in a row; the last one repeats.
const BACK_OFF_MS: [u32; 5] = [1_000, 2_000, 4_000, 8_000, 15_000];

struct State {
    busy: Cell<bool>,
    again: Cell<bool>,
    failures: Cell<usize>,
    retry_planned: Cell<bool>,
    /// How the next one is made.
    exchange: Cell<Exchange>,
}

thread_local! {
    static STATE: State = const {
        State {
            busy: Cell::new(false),
            again: Cell::new(false),
            failures: Cell::new(0),
            retry_planned: Cell::new(false),
            exchange: Cell::new(Exchange::NEW),
        }
    };
}

/// Starts everything that keeps this page in step. Called once, in the browser.
pub fn start(replica: Replica) {
    replica.offset.update_value(|o| {
        let first = replica.now.get_untracked();
        *o = super::Offset::first(first, super::device_now(replica));
    });
    spawn_local(tick(replica));
    spawn_local(async move {
        let unconfirmed = exchange::take_up(&replica).await;
        replica.unconfirmed.set(unconfirmed);
        replica.publish();
        kick(replica);
        live::start(replica);
        poll(replica).await;
    });
}

/// Has an exchange happen: now, or right after the one under way.
pub(super) fn kick(replica: Replica) {
    let busy = STATE.with(|s| {
        s.again.set(true);
        s.busy.replace(true)
    });
    if !busy {
        spawn_local(run(replica));
    }
}

/// Makes the displayed time right at once: a tab that was hidden has not ticked.
pub(super) fn tick_now(replica: Replica) {
    replica.now.set(replica.server_now());
}

/// The page's one ticker, on whole seconds of server time. Countdowns subtract; none counts.
async fn tick(replica: Replica) {
    loop {
        let into_second = replica.server_now().timestamp_subsec_millis();
        TimeoutFuture::new(1_005 - into_second.min(999)).await;
        tick_now(replica);
        live::watch(replica);
    }
}

async fn poll(replica: Replica) {
    loop {
        TimeoutFuture::new(POLL_MS).await;
        if replica.link.get_untracked() != LinkState::Live {
            kick(replica);
        }
    }
}

async fn run(replica: Replica) {
    let mut in_step = false;
    while STATE.with(|s| s.again.replace(false)) {
        match exchange(replica).await {
            Ok(more) => {
                in_step = true;
                STATE.with(|s| s.failures.set(0));
                live::ensure(replica);
                set_link(replica, live::state());
                if more {
                    STATE.with(|s| s.again.set(true));
                }
            }
            Err(error) => failed(replica, &error),
        }
    }
    STATE.with(|s| s.busy.set(false));
    // Tabs share the rows on the device: only what the server has just said may change them.
    if in_step {
        replica.let_go();
        replica.publish();
        exchange::keep(&replica).await;
        // Should it have ended in between, in another tab: what was written is forgotten again.
        if !rights::is_open() {
            rights::leave();
        }
    }
}

fn failed(replica: Replica, error: &ApiError) {
    let state = match error {
        ApiError::SignedOut => LinkState::SignedOut,
        ApiError::Unreachable => LinkState::Offline,
        _ => LinkState::Reconnecting,
    };
    set_link(replica, state);
    if state == LinkState::SignedOut {
        rights::leave();
    } else {
        retry(replica);
    }
}

/// One planned retry at a time, later with each failure.
fn retry(replica: Replica) {
    let wait_ms = STATE.with(|s| {
        if s.retry_planned.replace(true) {
            return None;
        }
        let failures = s.failures.get();
        s.failures.set(failures + 1);
        BACK_OFF_MS.get(failures).or(BACK_OFF_MS.last()).copied()
    });
    let Some(wait_ms) = wait_ms else { return };
    spawn_local(async move {
        TimeoutFuture::new(wait_ms).await;
        STATE.with(|s| s.retry_planned.set(false));
        kick(replica);
    });
}

pub(super) fn set_link(replica: Replica, state: LinkState) {
    if replica.link.get_untracked() != state {
        replica.link.set(state);
    }
}

/// One round trip. True when there is more to send or to take in.
async fn exchange(replica: Replica) -> Result<bool, ApiError> {
    // What this page holds is not sent in the session of whoever came after it.
    if !rights::is_open() {
        return Err(ApiError::SignedOut);
    }
    let mut exchange = STATE.with(|s| s.exchange.get());
    let done = exchange.run(&replica).await;
    STATE.with(|s| s.exchange.set(exchange));
    // Also where the rest of an answer could not be read.
    let build = api::server_build();
    if replica.server_build.get_untracked() != build {
        replica.server_build.set(build);
    }
    replica.publish();
    done
}

/// The page of this browser.
impl Tab for Replica {
    type Storage = IndexedDb;

    fn storage(&self) -> &IndexedDb {
        &IndexedDb
    }

    fn author(&self) -> Author {
        device::author(*self)
    }

    fn is_open(&self) -> bool {
        rights::is_open()
    }

    fn core<T>(&self, see: impl FnOnce(&mut Core) -> T) -> T {
        let seen = self.core.try_update_value(see);
        seen.expect("the replica lives as long as its page")
    }

    fn device_now(&self) -> Time {
        super::device_time()
    }

    fn learn(&self, pulled: &Pulled, sent_at: Time) {
        let received_at = self.device_now();
        self.offset
            .update_value(|o| *o = o.with(pulled.now, sent_at, received_at));
        if self.clock_is_wrong.get_untracked() != pulled.clock_is_wrong {
            self.clock_is_wrong.set(pulled.clock_is_wrong);
        }
        tick_now(*self);
    }

    async fn push(&self, asks: Push) -> Result<Pushed, ApiError> {
        api::ask(asks).await
    }

    async fn pull(&self, asks: Pull) -> Result<Pulled, ApiError> {
        api::ask(asks).await
    }

    async fn snapshot(&self, asks: TakeSnapshot) -> Result<Snapshot, ApiError> {
        api::ask(asks).await
    }
}
