//! Keeps the replica in step: one exchange at a time, with back-off, and one ticker.

use super::core::Absorbed;
use super::{LinkState, Replica, device, live};
use crate::api::{self, ApiError, Pulled};
use domain::{Refusal, Time};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::Cell;

/// Commands in one exchange.
const BATCH: usize = 50;
/// How often it asks while no stream tells it.
const POLL_MS: u32 = 15_000;
/// Waits after failures in a row; the last one repeats.
const BACK_OFF_MS: [u32; 5] = [1_000, 2_000, 4_000, 8_000, 15_000];

struct State {
    busy: Cell<bool>,
    again: Cell<bool>,
    failures: Cell<usize>,
    retry_planned: Cell<bool>,
    /// Commands in the next push: fewer after one was refused whole.
    most: Cell<usize>,
}

thread_local! {
    static STATE: State = const {
        State {
            busy: Cell::new(false),
            again: Cell::new(false),
            failures: Cell::new(0),
            retry_planned: Cell::new(false),
            most: Cell::new(BATCH),
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
        let left = device::outbox(replica).await;
        replica.core.update_value(|core| {
            let known = std::mem::take(&mut core.pending);
            core.pending = left.waiting;
            for envelope in known {
                if !core.is_pending(envelope.id) {
                    core.pending.push(envelope);
                }
            }
            core.returned.extend(left.returned);
        });
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
        keep(replica).await;
    }
}

fn failed(replica: Replica, error: &ApiError) {
    let state = match error {
        ApiError::SignedOut => LinkState::SignedOut,
        ApiError::Unreachable => LinkState::Offline,
        _ => LinkState::Reconnecting,
    };
    set_link(replica, state);
    if state != LinkState::SignedOut {
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

/// One round trip: sends what waits, takes in what happened. True when there is more of
/// either.
async fn exchange(replica: Replica) -> Result<bool, ApiError> {
    let most = STATE.with(|s| s.most.get());
    let (since, seen, people, batch) = replica.core.with_value(|c| {
        (
            c.head,
            c.hash.clone(),
            Some(c.people.version),
            c.pending.iter().take(most).cloned().collect::<Vec<_>>(),
        )
    });
    let me = replica.me().id;
    let sent_at = super::device_now(replica);
    let pulled = if batch.is_empty() {
        let me = Some(me);
        let asks = api::Pull {
            me,
            since,
            seen,
            people,
        };
        let pulled = api::ask(asks).await?;
        learn(replica, &pulled, sent_at);
        pulled
    } else {
        let sent: Vec<_> = batch.iter().map(|e| e.id).collect();
        let asks = api::Push {
            me: Some(me),
            since,
            seen,
            people,
            commands: batch.into_iter().map(api::PostedCommand::from).collect(),
        };
        match api::ask(asks).await {
            Ok(pushed) => {
                STATE.with(|s| s.most.set(BATCH));
                learn(replica, &pushed.pulled, sent_at);
                replica.core.update_value(|c| c.answered(&pushed.answers));
                let_go(replica, &sent);
                pushed.pulled
            }
            // Something between here and the server will not take it. Its author gets it back
            // rather than have it block all that waits behind it.
            Err(ApiError::BadRequest { detail }) if sent.len() == 1 => {
                let refusal = Refusal::out_of_order(detail);
                let answer = api::Answer {
                    command: sent[0],
                    outcome: api::Outcome::Refused { refusal },
                };
                replica.core.update_value(|c| c.answered(&[answer]));
                let_go(replica, &sent);
                replica.publish();
                return Ok(true);
            }
            // Too large, or one among them cannot be read: fewer at a time finds which.
            Err(ApiError::BadRequest { .. }) => {
                STATE.with(|s| s.most.set((sent.len() / 2).max(1)));
                return Ok(true);
            }
            Err(error) => return Err(error),
        }
    };
    let more = pulled.more;
    if replica.core.try_update_value(|c| c.absorb(pulled)) == Some(Absorbed::Lost) {
        let (me, number) = (Some(me), None);
        let snapshot = api::ask(api::TakeSnapshot { me, number }).await?;
        replica.core.update_value(|c| c.reset(snapshot));
    }
    replica.publish();
    Ok(more || replica.core.with_value(|c| !c.pending.is_empty()))
}

/// What was answered leaves the device; what came back stays there until it is dealt with.
fn let_go(replica: Replica, sent: &[domain::CommandId]) {
    replica.core.with_value(|core| {
        for id in sent.iter().filter(|id| !core.is_pending(**id)) {
            match core.returned.iter().find(|r| r.envelope.id == *id) {
                Some(returned) => device::keep_returned(replica, returned.clone()),
                None => device::settle(*id),
            }
        }
    });
}

fn learn(replica: Replica, pulled: &Pulled, sent_at: Time) {
    let received_at = super::device_now(replica);
    replica
        .offset
        .update_value(|o| *o = o.with(pulled.now, sent_at, received_at));
    tick_now(replica);
}

async fn keep(replica: Replica) {
    let now = replica.server_now();
    let snapshot = replica.core.with_value(|c| c.to_snapshot(now));
    device::keep_snapshot(&snapshot).await;
}
