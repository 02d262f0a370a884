//! Time left, computed from the due time on each tick and never counted down (T1).

use crate::parts::dynamic::part;
use crate::parts::memo::{Memo, memo};
use crate::replica::Replica;
use domain::Time;
use domain::clock::{Clock, ClockState, countdown};
use leptos::prelude::*;
use markup::view;

/// The time left until `due_at`, negative once it has passed.
#[component]
pub fn Left(
    /// When it is due, server time.
    due_at: Time,
) -> impl IntoView {
    let now = Replica::here().now();
    let datetime = due_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    view! { <time class="left" datetime=datetime>{part(move || countdown(due_at - now.get()))}</time> }
}

/// The word for a state, as `data-state` on whatever shows it.
#[must_use]
pub fn state_name(state: ClockState) -> &'static str {
    match state {
        ClockState::Running => "running",
        ClockState::AtRisk => "at-risk",
        ClockState::Overdue => "overdue",
        ClockState::Met => "met",
        ClockState::MetLate => "met-late",
        ClockState::Stopped => "stopped",
    }
}

/// How a clock stands, second by second; changes only when its state does.
#[must_use]
pub fn state_of(clock: &Clock) -> Memo<ClockState> {
    let now = Replica::here().now();
    let clock = clock.clone();
    memo(move || clock.state(now.get()))
}

/// Server time cut to the minute, for what need not move every second.
#[must_use]
pub fn minute_of(replica: Replica) -> Memo<Time> {
    let now = replica.now();
    memo(move || whole_minute(now.get()))
}

/// When this minute began.
#[must_use]
pub fn whole_minute(now: Time) -> Time {
    now - chrono::Duration::milliseconds(now.timestamp_millis() % 60_000)
}

/// What a state is called where it must be read, not only seen.
#[must_use]
pub fn state_word(state: ClockState) -> Option<&'static str> {
    match state {
        ClockState::AtRisk => Some("At risk"),
        ClockState::Overdue => Some("Overdue"),
        _ => None,
    }
}
