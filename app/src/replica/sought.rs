//! The incident that the address names and this device does not hold: asked of the server until it has come, or until
//! the server knows of none.

use super::Replica;
#[cfg(feature = "hydrate")]
use crate::api::{self, ApiError};
use leptos::prelude::*;

/// The server knows of none, or no screen has such an address.
pub const NO_SUCH: &str = "No incident has this number, or the address is mistyped.";

/// How often it is asked again while the server cannot tell.
#[cfg(feature = "hydrate")]
const AGAIN_MS: u32 = 4_000;

#[cfg(feature = "hydrate")]
const AS_SOON_AS: &str =
    "This device does not keep this incident; it is shown as soon as the server answers.";

/// How the question stands; copies of it are the same.
#[derive(Clone, Copy)]
pub(super) struct Sought {
    /// Which is asked for, and how many were before: whoever asked earlier asks no more.
    turn: StoredValue<(u32, String)>,
    why_not: RwSignal<String>,
}

impl Sought {
    pub(super) fn new() -> Self {
        Self {
            turn: StoredValue::new((0, String::new())),
            why_not: RwSignal::new(String::new()),
        }
    }

    /// Begins a turn for this key, or, for an empty one, ends the last.
    fn begin(self, key: &str) -> u32 {
        let mut turn = 0;
        self.turn.update_value(|(count, sought)| {
            if !key.is_empty() && sought != key {
                key.clone_into(sought);
                self.why_not.set(String::new());
            }
            *count = count.wrapping_add(1);
            turn = *count;
        });
        turn
    }

    #[cfg(feature = "hydrate")]
    fn is_turn(self, turn: u32) -> bool {
        self.turn.with_value(|(count, _)| *count == turn)
    }
}

impl Replica {
    /// Why an incident that is not held is not here, in words; empty while the server is asked for the first time.
    #[must_use]
    pub fn why_not(self) -> String {
        self.sought.why_not.get()
    }

    /// Asks the server for an incident that is not held, again and again while the server is out of reach.
    pub fn seek(self, key: &str) {
        let turn = self.sought.begin(key);
        #[cfg(feature = "hydrate")]
        match key.parse() {
            Ok(number) => leptos::task::spawn_local(self.ask_for(number, turn)),
            Err(_) => leptos::task::spawn_local(self.look_for(key.to_owned(), turn)),
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = turn;
    }

    /// It has come, or the screen is left.
    pub fn seek_no_more(self) {
        self.sought.begin("");
    }

    /// An id is known to whoever made it only: it may wait on this device to be sent.
    #[cfg(feature = "hydrate")]
    async fn look_for(self, id: String, turn: u32) {
        let left = super::device::outbox(self).await;
        let is_mine = left.waiting.iter().any(|w| w.incident.to_string() == id);
        if self.sought.is_turn(turn) && !is_mine {
            self.sought.why_not.set(NO_SUCH.to_owned());
        }
    }

    /// The whole record, part by part.
    #[cfg(feature = "hydrate")]
    async fn fetch(self, number: domain::IncidentNumber) -> Result<domain::Record, ApiError> {
        let mut record = domain::Record::default();
        loop {
            let after = record.version();
            let me = Some(self.me().id);
            let asks = api::OpenIncident { me, number, after };
            let part = api::ask(asks).await?;
            if let Some(policy) = part.policy {
                self.core.update_value(|c| c.policies.learn(policy));
            }
            part.events.into_iter().for_each(|r| record.push(r));
            // A server that gives nothing is not asked for ever.
            if !part.more || record.version() == after {
                return Ok(record);
            }
        }
    }

    #[cfg(feature = "hydrate")]
    async fn ask_for(self, number: domain::IncidentNumber, turn: u32) {
        loop {
            let answer = self.fetch(number).await;
            if !self.sought.is_turn(turn) {
                return;
            }
            let (why, is_final) = match answer {
                Ok(record) => {
                    self.core.update_value(|c| c.adopt(record));
                    self.publish();
                    return;
                }
                Err(ApiError::NotFound) => (NO_SUCH.to_owned(), true),
                Err(ApiError::SignedOut) => (ApiError::SignedOut.to_string(), true),
                Err(why) => (format!("{why} {AS_SOON_AS}"), false),
            };
            self.sought.why_not.set(why);
            if is_final {
                return;
            }
            gloo_timers::future::TimeoutFuture::new(AGAIN_MS).await;
            if !self.sought.is_turn(turn) {
                return;
            }
        }
    }
}
