//! The replica without a browser: committed log plus pending commands decided on top. Pure,
//! so that it can be tested and simulated natively.

use crate::api::{Answer, Outcome, People, Pulled, Snapshot};
use domain::board::Summary;
use domain::{
    Command, CommandId, Envelope, Event, Incident, IncidentId, Person, Policies, Recorded, Refusal,
    Time, decide, order,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

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
    /// Place in the log that `committed` is folded up to.
    pub head: u64,
    /// What the server has said.
    pub committed: BTreeMap<IncidentId, Arc<Incident>>,
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
            committed: BTreeMap::new(),
            closed: Vec::new(),
            pending: Vec::new(),
            returned: Vec::new(),
        };
        core.reset(snapshot);
        core
    }

    /// Starts over from a new snapshot; what waits to be sent still waits.
    pub fn reset(&mut self, snapshot: Snapshot) {
        self.me = snapshot.me;
        self.people = People {
            version: snapshot.people_version,
            all: snapshot.people,
        };
        self.policies = snapshot.policies;
        self.head = snapshot.head;
        self.closed = snapshot.closed;
        let incidents = snapshot.incidents.into_iter();
        self.committed = order::map(incidents.map(|i| (i.id, Arc::new(i))));
    }

    /// What can be kept on the device and started from again.
    #[must_use]
    pub fn to_snapshot(&self, now: Time) -> Snapshot {
        Snapshot {
            me: self.me.clone(),
            people: self.people.all.clone(),
            people_version: self.people.version,
            policies: self.policies.clone(),
            head: self.head,
            now,
            incidents: self
                .committed
                .values()
                .map(|i| Incident::clone(i))
                .collect(),
            closed: self.closed.clone(),
        }
    }

    /// Takes in what happened. Events it has already are passed over.
    pub fn absorb(&mut self, pulled: &Pulled) -> Absorbed {
        if let Some(people) = &pulled.people {
            self.meet(people);
        }
        if pulled.head < self.head {
            return Absorbed::Lost;
        }
        let known = self.head;
        for recorded in pulled.events.iter().filter(|r| r.seq > known) {
            if recorded.seq != self.head + 1 || !self.take(recorded) {
                return Absorbed::Lost;
            }
            self.head = recorded.seq;
        }
        if !pulled.more && self.head != pulled.head {
            return Absorbed::Lost;
        }
        Absorbed::InStep
    }

    /// Takes the newest list of people. Its author is among them while they have an account.
    fn meet(&mut self, people: &People) {
        self.people = people.clone();
        if let Some(me) = self.people.all.iter().find(|p| p.id == self.me.id) {
            self.me = me.clone();
        }
    }

    /// One event. False when it belongs to an incident that is held no more but lives again.
    fn take(&mut self, recorded: &Recorded) -> bool {
        if recorded.incident == IncidentId::SETTINGS {
            self.policies.take(&recorded.event);
            return true;
        }
        if let Some(held) = self.committed.get_mut(&recorded.incident) {
            if recorded.version <= held.version {
                return true;
            }
            if recorded.version != held.version + 1 {
                return false;
            }
            Arc::make_mut(held).apply(recorded);
            return true;
        }
        if recorded.version == 1 {
            let mut incident = Incident::empty(recorded.incident);
            incident.apply(recorded);
            self.committed.insert(incident.id, Arc::new(incident));
            return true;
        }
        // A closed incident whose record became truer: nothing shown here depends on it,
        // unless it was opened again.
        !matches!(recorded.event, Event::StatusMovedBack { .. })
    }

    /// Holds an incident that was asked for by name, unless a newer one is here.
    pub fn adopt(&mut self, incident: Incident) {
        let newer = self
            .committed
            .get(&incident.id)
            .is_some_and(|held| held.version >= incident.version);
        if !newer {
            self.committed.insert(incident.id, Arc::new(incident));
        }
    }

    /// Takes a command of its author. It is shown at once and waits for the server.
    ///
    /// # Errors
    /// The refusal that the server would give too; nothing is kept then, the author still has
    /// every word.
    pub fn submit(&mut self, envelope: Envelope) -> Result<(), Refusal> {
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
        let mut shown = self.committed.clone();
        for envelope in &self.pending {
            self.lay_on(&mut shown, envelope);
        }
        shown
    }

    fn shown_one(&self, id: IncidentId) -> Option<Arc<Incident>> {
        let mut shown = order::map(self.committed.get(&id).map(|i| (id, Arc::clone(i))));
        for envelope in self.pending.iter().filter(|e| e.incident == id) {
            self.lay_on(&mut shown, envelope);
        }
        shown.remove(&id)
    }

    fn lay_on(&self, shown: &mut BTreeMap<IncidentId, Arc<Incident>>, envelope: &Envelope) {
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
                event,
            };
            after.apply(&recorded);
        }
        shown.insert(envelope.incident, Arc::new(after));
    }
}
