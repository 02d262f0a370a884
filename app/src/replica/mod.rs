//! The browser's copy of the log, and the one way a screen reads it or asks for a change.
//!
//! Architecture invariant: screens read [`Replica`]'s signals and call [`Replica::send`];
//! nothing else in `app` talks to the server about incidents.

#[cfg(test)]
mod answers;
pub mod core;
pub mod draft;
pub mod exchange;
pub mod held;
#[cfg(test)]
mod kept;
mod looked_at;
pub mod offset;
#[cfg(test)]
mod on_device;
pub mod outbox;
pub mod record_rows;
pub(crate) mod sought;
pub mod storage;
mod whole;

#[cfg(feature = "hydrate")]
pub mod device;
#[cfg(feature = "hydrate")]
mod live;
#[cfg(feature = "hydrate")]
pub(crate) mod rights;
#[cfg(feature = "hydrate")]
pub(crate) mod sync;

use self::core::{Core, Returned};
use crate::api::Snapshot;
use domain::board::Summary;
use domain::{
    Command, CommandId, Envelope, Incident, IncidentId, IncidentNumber, Person, Policy, Refusal,
    Time,
};
use leptos::prelude::*;
use offset::Offset;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How the replica stands to its server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// Told of every change at once.
    Live,
    /// The stream is gone; it asks every 15 seconds or is about to connect again.
    Reconnecting,
    /// The server is out of reach.
    Offline,
    /// The session has ended.
    SignedOut,
}

/// Everything the screens read. Copies of it are the same replica.
#[derive(Clone, Copy)]
pub struct Replica {
    core: StoredValue<Core>,
    offset: StoredValue<Offset>,
    shown: RwSignal<BTreeMap<IncidentId, Arc<Incident>>>,
    closed: RwSignal<Vec<Summary>>,
    waiting: RwSignal<Vec<CommandId>>,
    returned: RwSignal<Vec<Returned>>,
    unconfirmed: RwSignal<Vec<Envelope>>,
    link: RwSignal<LinkState>,
    server_build: RwSignal<Option<u32>>,
    clock_is_wrong: RwSignal<bool>,
    now: RwSignal<Time>,
    sought: sought::Sought,
    looked_at: looked_at::LookedAt,
}

impl Replica {
    /// A replica that starts from what the page holds.
    #[must_use]
    pub fn new(snapshot: Snapshot) -> Self {
        let now = snapshot.now;
        let clock_is_wrong = RwSignal::new(snapshot.clock_is_wrong);
        let core = Core::new(snapshot);
        Self {
            shown: RwSignal::new(core.shown()),
            closed: RwSignal::new(core.closed.clone()),
            core: StoredValue::new(core),
            offset: StoredValue::new(Offset::first(now, now)),
            waiting: RwSignal::new(Vec::new()),
            returned: RwSignal::new(Vec::new()),
            unconfirmed: RwSignal::new(Vec::new()),
            link: RwSignal::new(LinkState::Reconnecting),
            server_build: RwSignal::new(None),
            clock_is_wrong,
            now: RwSignal::new(now),
            sought: sought::Sought::new(),
            looked_at: looked_at::LookedAt::new(),
        }
    }

    /// The replica of this page.
    ///
    /// # Panics
    /// Outside of `App`, which provides it.
    #[must_use]
    pub fn here() -> Self {
        use_context().expect("App provides the replica to every screen")
    }

    /// Server time, once a second.
    #[must_use]
    pub fn now(self) -> Signal<Time> {
        self.now.into()
    }

    /// How it stands to its server.
    #[must_use]
    pub fn link(self) -> Signal<LinkState> {
        self.link.into()
    }

    /// Which build the server said last that it is; none before it was asked.
    #[must_use]
    pub fn server_build(self) -> Signal<Option<u32>> {
        self.server_build.into()
    }

    /// Whether the server said last that its clock is not believed.
    #[must_use]
    pub fn clock_is_wrong(self) -> Signal<bool> {
        self.clock_is_wrong.into()
    }

    /// Everything held, as its author sees it.
    #[must_use]
    pub fn incidents(self) -> Signal<BTreeMap<IncidentId, Arc<Incident>>> {
        self.shown.into()
    }

    /// Closed incidents, newest first, without those held whole.
    #[must_use]
    pub fn closed(self) -> Signal<Vec<Summary>> {
        self.closed.into()
    }

    /// Commands that wait for the server, oldest first.
    #[must_use]
    pub fn waiting(self) -> Signal<Vec<CommandId>> {
        self.waiting.into()
    }

    /// Commands that came back.
    #[must_use]
    pub fn returned(self) -> Signal<Vec<Returned>> {
        self.returned.into()
    }

    /// Commands that their author left unsent when an earlier session of theirs ended, oldest first. They
    /// are neither shown on the record nor sent before their author has confirmed them.
    #[must_use]
    pub fn unconfirmed(self) -> Signal<Vec<Envelope>> {
        self.unconfirmed.into()
    }

    /// Who is signed in.
    #[must_use]
    pub fn me(self) -> Person {
        self.core.with_value(|c| c.me.clone())
    }

    /// Everybody who can take a role.
    #[must_use]
    pub fn people(self) -> Vec<Person> {
        self.core.with_value(|c| c.people.all.clone())
    }

    /// The policy in force.
    #[must_use]
    pub fn policy(self) -> Arc<Policy> {
        self.core.with_value(|c| c.policies.current())
    }

    /// The policy that this incident goes by.
    #[must_use]
    pub fn policy_of(self, incident: &Incident) -> Arc<Policy> {
        self.core.with_value(|c| c.policies.of(incident))
    }

    /// The name under which this person's half-written text is kept on the device, which
    /// others may use too.
    #[must_use]
    pub fn draft_key(self, purpose: &str) -> String {
        format!("{}/{purpose}", self.me().id)
    }

    /// One incident, by its number or, while it has none, by its id.
    #[must_use]
    pub fn find(self, key: &str) -> Option<Arc<Incident>> {
        self.shown.with(|shown| named(shown, key))
    }

    /// The same for who does not follow it.
    #[cfg(feature = "hydrate")]
    fn find_untracked(self, key: &str) -> Option<Arc<Incident>> {
        self.shown.with_untracked(|shown| named(shown, key))
    }

    /// Whether the timeline of an incident is not here: a board needs none of it. It is asked for by name.
    #[must_use]
    pub fn is_abridged(self, id: IncidentId) -> bool {
        self.core.with_value(|c| c.is_abridged(id))
    }

    /// What an incident is called by number and title, of those listed as closed too; the key itself when only the
    /// server knows.
    #[must_use]
    pub fn name_of(self, key: &str) -> String {
        let number = key.parse::<IncidentNumber>().ok();
        let named = |number, title: &str| format!("{number} {title}");
        match self.find(key) {
            Some(held) => match held.number {
                Some(number) => named(number, held.title()),
                None => held.title().to_owned(),
            },
            None => self.closed.with(|all| {
                let listed = all.iter().find(|s| Some(s.number) == number);
                listed.map_or_else(|| key.to_owned(), |s| named(s.number, &s.title))
            }),
        }
    }

    /// Sends what an earlier session left unsent, in the order in which it was made.
    pub fn confirm(self) {
        let confirmed = self.unconfirmed.get_untracked();
        self.unconfirmed.set(Vec::new());
        #[cfg(feature = "hydrate")]
        device::keep_confirmed(self, confirmed);
        #[cfg(not(feature = "hydrate"))]
        self.take_up(confirmed);
    }

    /// Has these wait for the server.
    fn take_up(self, confirmed: Vec<Envelope>) {
        self.core.update_value(|c| c.pending.extend(confirmed));
        self.publish();
    }

    /// Lets go of a command of an earlier session that its author does not want sent.
    pub fn discard(self, id: CommandId) {
        self.unconfirmed.update(|all| all.retain(|e| e.id != id));
        #[cfg(feature = "hydrate")]
        device::settle(id);
    }

    /// Lets go of a returned command whose author has dealt with it.
    pub fn settle(self, id: CommandId) {
        self.core
            .update_value(|c| c.returned.retain(|r| r.envelope.id != id));
        self.publish();
        #[cfg(feature = "hydrate")]
        device::settle(id);
    }

    /// Asks for a change of `incident`. Shown at once, kept on the device, sent when the
    /// server is reached.
    ///
    /// # Errors
    /// The refusal, when it can be told here already; nothing is sent then.
    pub fn send(self, incident: IncidentId, command: Command) -> Result<CommandId, Refusal> {
        let envelope = Envelope {
            id: new_id(),
            incident,
            made_at: self.server_now(),
            command,
        };
        let id = envelope.id;
        let mut outcome = Ok(());
        self.core
            .update_value(|c| outcome = c.submit(envelope.clone()));
        outcome?;
        self.publish();
        #[cfg(feature = "hydrate")]
        device::keep(self, envelope);
        Ok(id)
    }

    /// Server time by the best estimate there is.
    #[must_use]
    pub fn server_now(self) -> Time {
        let estimate = self.offset.with_value(|o| o.server_time(device_now(self)));
        Time::from_timestamp_millis(estimate.timestamp_millis()).unwrap_or(estimate)
    }

    /// Makes the screens follow the core.
    fn publish(self) {
        self.core.with_value(|core| {
            let shown = core.shown();
            self.closed.set(
                core.closed
                    .iter()
                    .filter(|s| !shown.contains_key(&s.id))
                    .cloned()
                    .collect(),
            );
            self.shown.set(shown);
            // That somebody writes is a sign, and no entry.
            let is_entry = |e: &&Envelope| !matches!(e.command, Command::OpenDraft { .. });
            let entries = core.pending.iter().filter(is_entry);
            self.waiting.set(entries.map(|e| e.id).collect());
            self.returned.set(core.returned.clone());
        });
    }
}

fn named(shown: &BTreeMap<IncidentId, Arc<Incident>>, key: &str) -> Option<Arc<Incident>> {
    let number = key.parse::<IncidentNumber>().ok();
    let id = key.parse::<IncidentId>().ok();
    let is_named =
        |i: &&Arc<Incident>| Some(i.id) == id || (number.is_some() && i.number == number);
    shown.values().find(is_named).cloned()
}

#[cfg(feature = "hydrate")]
#[expect(
    clippy::disallowed_methods,
    reason = "the author of a command makes its id, here"
)]
fn new_id() -> CommandId {
    CommandId(uuid::Uuid::now_v7())
}

#[cfg(not(feature = "hydrate"))]
fn new_id() -> CommandId {
    CommandId(uuid::Uuid::nil())
}

/// The id of a customer that is put on an incident and has no account.
#[must_use]
pub fn new_entry_id() -> domain::EntryId {
    new_id()
}

/// A new incident's id; made where the command is made.
#[must_use]
pub fn new_incident_id() -> IncidentId {
    IncidentId(new_id().0)
}

#[cfg(feature = "hydrate")]
#[expect(
    clippy::disallowed_methods,
    reason = "the edge where the device's clock is read; `Offset` makes it server time"
)]
fn device_time() -> Time {
    Time::from_timestamp_millis(js_sys::Date::now() as i64).unwrap_or_default()
}

#[cfg(feature = "hydrate")]
fn device_now(_: Replica) -> Time {
    device_time()
}

/// While the server renders, time stands still at the snapshot's.
#[cfg(not(feature = "hydrate"))]
fn device_now(replica: Replica) -> Time {
    replica.now.get_untracked()
}
