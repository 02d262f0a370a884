//! The replica without a browser: committed log plus pending commands decided on top. Pure,
//! so that it can be tested and simulated natively.

use super::whole::{Kept, Whole, is_unknown};
use crate::api::{Answer, Outcome, People, Pulled, PulledEvent, Snapshot};
use domain::board::Summary;
use domain::{
    Command, CommandId, Envelope, Event, Incident, IncidentId, Person, Policies, Record, Recorded,
    Refusal, Time, decide, order,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Why nothing is done with what a newer build has written.
const BEYOND: &str = "A newer Drumbeat wrote something here that this page does not understand. Reload the page, then do it";

/// A command that the server would not carry out, back with its author (S4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// What was asked.
    pub envelope: Envelope,
    /// Why not.
    pub refusal: Refusal,
}

/// What pulled events did to the replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absorbed {
    /// It is in step up to its head.
    InStep,
    /// It cannot follow from where it is: take a new snapshot.
    Lost,
}

/// One browser's copy.
#[derive(Clone, Debug)]
pub struct Core {
    /// Who is signed in.
    pub me: Person,
    /// Everybody who can take a role.
    pub people: People,
    /// Every version of the policy.
    pub policies: Policies,
    /// Place in the log up to which it has followed.
    pub head: u64,
    /// Hash of the event there, as the server told it.
    pub hash: Option<String>,
    /// The time that the server said last: of two tabs the later one knows more.
    pub told_at: Time,
    /// What the device's count of kept states was before the server was asked last (`record_rows::count`).
    pub kept_before: u64,
    /// Place in the log of the last event held when the server was asked last: its log reaches as far, or is another.
    reached_before: u64,
    /// What the server has said, one of each incident.
    committed: Vec<Whole>,
    /// Where each stands in `committed`.
    places: BTreeMap<IncidentId, usize>,
    /// Whether what it started from was garbled, so that an incident is missing.
    garbled: bool,
    /// Whether the settings changed in a way that this build does not know.
    strange_settings: bool,
    /// Closed incidents that are not held whole.
    pub closed: Vec<Summary>,
    /// What its author did and the server has not answered, in order.
    pub pending: Vec<Envelope>,
    /// What came back.
    pub returned: Vec<Returned>,
}

impl Core {
    /// A copy as the server gave it.
    #[must_use]
    pub fn new(snapshot: Snapshot) -> Self {
        let mut core = Self {
            me: snapshot.me.clone(),
            people: People {
                version: 0,
                all: Vec::new(),
            },
            policies: snapshot.policies.clone(),
            head: 0,
            hash: None,
            told_at: snapshot.now,
            kept_before: 0,
            reached_before: 0,
            committed: Vec::new(),
            places: BTreeMap::new(),
            garbled: false,
            strange_settings: false,
            closed: Vec::new(),
            pending: Vec::new(),
            returned: Vec::new(),
        };
        let given = snapshot.incidents.len() + snapshot.abridged.len();
        core.reset(snapshot);
        core.garbled = core.committed.len() < given;
        core
    }

    /// Starts over from a new snapshot; what waits to be sent still waits. The server's word is not
    /// doubted: a record that is not whole even there is left out, and no other snapshot is asked for.
    pub fn reset(&mut self, snapshot: Snapshot) {
        self.me = snapshot.me;
        self.people = People {
            version: snapshot.people_version,
            all: snapshot.people,
        };
        self.policies = snapshot.policies;
        self.head = snapshot.head;
        self.hash = snapshot.hash;
        self.told_at = snapshot.now;
        self.closed = snapshot.closed;
        self.committed = Vec::new();
        self.places = BTreeMap::new();
        self.garbled = false;
        self.strange_settings = false;
        for record in snapshot.incidents {
            self.adopt(record);
        }
        for abridged in snapshot.abridged {
            self.hold(Whole::abridged(abridged));
        }
    }

    /// What can be kept on the device and started from again.
    #[must_use]
    pub fn to_snapshot(&self, now: Time) -> Snapshot {
        let (mut records, mut abridged) = (Vec::new(), Vec::new());
        for held in &self.committed {
            match held.kept() {
                Kept::Whole(record) => records.push(record.clone()),
                Kept::Abridged(kept) => abridged.push(kept.clone()),
            }
        }
        // Where an incident is missing, so that whoever starts from this notices it too.
        let missing = self.garbled.then(Record::default);
        Snapshot {
            me: self.me.clone(),
            people: self.people.all.clone(),
            people_version: self.people.version,
            policies: self.policies.clone(),
            head: self.head,
            hash: self.hash.clone(),
            now,
            incidents: records.into_iter().chain(missing).collect(),
            abridged,
            closed: self.closed.clone(),
            clock_is_wrong: false,
        }
    }

    /// The server is asked now. `kept_before` is the device's count of kept states.
    pub fn begin_exchange(&mut self, kept_before: u64) {
        self.kept_before = kept_before;
        let reached = self.committed.iter().filter_map(Whole::last_seq);
        self.reached_before = reached.fold(self.head, u64::max);
    }

    /// Takes in what happened. Events it has already are passed over, if they are the same.
    pub fn absorb(&mut self, pulled: Pulled) -> Absorbed {
        self.told_at = pulled.now;
        if let Some(people) = pulled.people {
            self.meet(people);
        }
        let is_shorter = pulled.head < self.head.max(self.reached_before);
        if self.garbled || pulled.lost || is_shorter {
            return Absorbed::Lost;
        }
        let known = self.head;
        let ahead = self.events_after(known);
        let events = pulled.events.into_iter().map(PulledEvent::into_recorded);
        for recorded in events.filter(|r| r.seq > known) {
            let seq = recorded.seq;
            let is_other = ahead.iter().any(|a| a.seq == seq && *a != recorded);
            if is_other || seq != self.head + 1 || !self.take(recorded) {
                return Absorbed::Lost;
            }
            self.head = seq;
        }
        if !pulled.more && self.head != pulled.head {
            return Absorbed::Lost;
        }
        self.hash = pulled.hash;
        Absorbed::InStep
    }

    /// Events that are held already though the log was not followed so far: an incident that was asked for by name goes
    /// as far as the log did then. A log that was restored since may go on in another way.
    fn events_after(&self, head: u64) -> Vec<Recorded> {
        let held = self.committed.iter();
        held.flat_map(|w| w.events_after(head)).cloned().collect()
    }

    /// Takes the newest list of people. Its author is among them while they have an account.
    fn meet(&mut self, people: People) {
        self.people = people;
        if let Some(me) = self.people.all.iter().find(|p| p.id == self.me.id) {
            self.me = me.clone();
        }
    }

    /// One event. False when it belongs to an incident that is held no more but lives again.
    fn take(&mut self, recorded: Recorded) -> bool {
        if recorded.incident == IncidentId::SETTINGS {
            self.policies.take(&recorded.event);
            self.strange_settings |= is_unknown(&recorded);
            // The times of what is held may be others now.
            return !matches!(recorded.event, Event::ClockConfirmed { .. });
        }
        if let Some(held) = self.place(recorded.incident) {
            return self.committed[held].take(recorded);
        }
        if recorded.version == 1 {
            self.adopt(Record::from_iter([recorded]));
            return true;
        }
        // A closed incident whose record became truer: nothing shown here depends on it,
        // unless it was opened again, perhaps in a way that only a newer build knows.
        !matches!(recorded.event, Event::StatusMovedBack { .. }) && !is_unknown(&recorded)
    }

    /// Holds an incident that was asked for by name, unless a newer one is here or its record is
    /// not whole.
    pub fn adopt(&mut self, record: Record) {
        self.hold(Whole::of(record));
    }

    fn hold(&mut self, whole: Option<Whole>) {
        let Some(whole) = whole else {
            return;
        };
        match self.place(whole.id()) {
            None => {
                self.places.insert(whole.id(), self.committed.len());
                self.committed.push(whole);
            }
            Some(held) if self.committed[held].is_less_than(&whole) => {
                self.committed[held] = whole;
            }
            Some(_) => {}
        }
    }

    /// Whether something is on its record, or among the settings, that a newer build put there and this one does not
    /// know (S8): nothing is decided on it here.
    #[must_use]
    pub fn is_beyond(&self, id: IncidentId) -> bool {
        let is_strange = |held: usize| self.committed[held].is_beyond();
        self.strange_settings || self.place(id).is_some_and(is_strange)
    }

    /// How many incidents are held.
    #[must_use]
    pub fn held(&self) -> usize {
        self.committed.len()
    }

    /// Whether an incident is here without its timeline.
    #[must_use]
    pub fn is_abridged(&self, id: IncidentId) -> bool {
        self.place(id)
            .is_some_and(|held| !self.committed[held].is_whole())
    }

    /// Lets go of the incidents that are over and not among those `looked_at`: they are listed as closed from then on,
    /// and asked for by name. What is pending keeps its incident.
    pub fn let_go(&mut self, looked_at: &[IncidentId]) {
        let is_needed = |id: IncidentId| {
            looked_at.contains(&id) || self.pending.iter().any(|e| e.incident == id)
        };
        // What became of a report is known here alone: no list has it, and it has no number to be asked for by.
        let is_over = |i: &Incident| i.declared.is_some() && !i.is_open();
        // A newer build may have opened it again.
        let is_known_over = |w: &Whole| is_over(w.folded()) && !w.is_beyond();
        let (gone, held): (Vec<Whole>, Vec<Whole>) = std::mem::take(&mut self.committed)
            .into_iter()
            .partition(|w| is_known_over(w) && !is_needed(w.id()));
        let places = held.iter().enumerate();
        self.places = order::map(places.map(|(place, whole)| (whole.id(), place)));
        self.committed = held;
        for over in gone {
            self.closed.retain(|summary| summary.id != over.id());
            self.closed.extend(Summary::of(over.folded()));
        }
        // The newest first, as the server lists them.
        order::by(&mut self.closed, |s| [-order::at(s.closed_at), 0, 0]);
    }

    fn place(&self, id: IncidentId) -> Option<usize> {
        self.places.get(&id).copied()
    }

    /// Takes a command of its author. It is shown at once and waits for the server.
    ///
    /// # Errors
    /// The refusal that the server would give too; nothing is kept then, the author still has
    /// every word.
    pub fn submit(&mut self, envelope: Envelope) -> Result<(), Refusal> {
        if self.is_beyond(envelope.incident) {
            return Err(Refusal::out_of_order(BEYOND));
        }
        let shown = self.shown_one(envelope.incident);
        let empty = Incident::empty(envelope.incident);
        let shown = shown.as_deref().unwrap_or(&empty);
        decide(
            shown,
            envelope.command.clone(),
            &self.me.to_ref(),
            &self.policies.of(shown),
            envelope.made_at,
        )?;
        self.pending.push(envelope);
        Ok(())
    }

    /// Takes the server's answers. Refused commands move to `returned`.
    pub fn answered(&mut self, answers: &[Answer]) {
        for answer in answers {
            let Some(place) = self.pending.iter().position(|e| e.id == answer.command) else {
                continue;
            };
            let envelope = self.pending.remove(place);
            // That somebody else began to write first is seen where one writes.
            let is_sign = matches!(envelope.command, Command::OpenDraft { .. });
            if let Outcome::Refused { refusal } = &answer.outcome
                && !is_sign
            {
                self.returned.push(Returned {
                    envelope,
                    refusal: refusal.clone(),
                });
            }
        }
    }

    /// Whether this command still waits for the server.
    #[must_use]
    pub fn is_pending(&self, id: CommandId) -> bool {
        self.pending.iter().any(|e| e.id == id)
    }

    /// Everything as its author sees it: pending commands on top of what is committed. One
    /// that no longer applies changes nothing here; the server's answer will say why.
    #[must_use]
    pub fn shown(&self) -> BTreeMap<IncidentId, Arc<Incident>> {
        let committed = self.committed.iter();
        let mut shown = order::map(committed.map(|w| (w.id(), Arc::clone(w.folded()))));
        for envelope in &self.pending {
            self.lay_on(&mut shown, envelope);
        }
        shown
    }

    fn shown_one(&self, id: IncidentId) -> Option<Arc<Incident>> {
        let held = self.place(id).map(|held| self.committed[held].folded());
        let mut shown = order::map(held.map(|i| (id, Arc::clone(i))));
        for envelope in self.pending.iter().filter(|e| e.incident == id) {
            self.lay_on(&mut shown, envelope);
        }
        shown.remove(&id)
    }

    fn lay_on(&self, shown: &mut BTreeMap<IncidentId, Arc<Incident>>, envelope: &Envelope) {
        if self.is_beyond(envelope.incident) {
            return;
        }
        let me = self.me.to_ref();
        let empty = Arc::new(Incident::empty(envelope.incident));
        let before = shown.get(&envelope.incident).unwrap_or(&empty);
        let Ok(events) = decide(
            before,
            envelope.command.clone(),
            &me,
            &self.policies.of(before),
            envelope.made_at,
        ) else {
            return;
        };
        let mut after = Incident::clone(before);
        for event in events {
            let recorded = Recorded {
                seq: 0,
                incident: envelope.incident,
                version: after.version + 1,
                at: envelope.made_at,
                made_at: envelope.made_at,
                by: me.clone(),
                command: envelope.id,
                stamped_at: None,
                event,
            };
            after.apply(&recorded);
            // Customers have it when the server has.
            if let (Event::UpdateSent { .. }, Some(update)) =
                (&recorded.event, after.updates.last_mut())
            {
                update.unsent = true;
            }
        }
        shown.insert(envelope.incident, Arc::new(after));
    }
}
