//! Deciding what is waiting: pure, in memory, on copies. Nothing is shown before it is on disk.

use super::customers::Customers;
use super::door::{Registry, admitted, begins};
use super::fault;
use crate::people::Everybody;
use crate::store::{Decided, FileFacts, Known, Standing};
use app::api::{Answer, ApiError, Outcome};
use chrono::{Datelike, Duration};
use domain::{
    Actor, CommandId, Envelope, Event, Incident, IncidentId, IncidentNumber, PersonId, Policies,
    PublicId, Recorded, Time,
};
use rand::Rng;
use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// A command is believed to have been made at most this long ago: a laptop may come back from
/// a holiday, not from last year.
const MADE_BACK_DAYS: i64 = 30;

/// One command to decide.
pub(super) struct Ask {
    /// Who asks.
    pub(super) actor: Actor,
    /// What for.
    pub(super) envelope: Envelope,
    /// The time to decide and record it at; none for now.
    pub(super) at: Option<Time>,
    /// Whether it came in by a session, and not from the server itself.
    pub(super) of_session: bool,
    /// The address that it came from, for the audit log; empty where none is known.
    pub(super) from: String,
}

/// What is decided in one go and written in one transaction.
pub(super) struct Batch {
    /// The last place in the log.
    pub(super) seq: u64,
    /// When the last event was written down.
    pub(super) last_at: Option<Time>,
    /// Every version of the policy.
    pub(super) policies: Policies,
    /// Who has an account.
    pub(super) people: Arc<Everybody>,
    /// The files that commands name, by the hash of their bytes.
    pub(super) files: HashMap<[u8; 32], FileFacts>,
    /// The customers that commands name.
    pub(super) customers: Customers,
    /// The incidents that are asked about or named, as they are now.
    pub(super) incidents: HashMap<IncidentId, Arc<Incident>>,
    /// The last serial given in each year that may be needed.
    pub(super) serials: HashMap<i32, u32>,
    /// Commands that were decided before.
    pub(super) known: HashMap<CommandId, (PersonId, Outcome)>,
    /// How many open incidents each person began, of those who begin another.
    pub(super) begun: HashMap<PersonId, usize>,
    /// What is new, ready to be written.
    pub(super) decided: Vec<Decided>,
}

impl Batch {
    /// Answers one push: all of its commands in order, each at most once (S1).
    pub(super) fn decide_all(
        &mut self,
        asks: Vec<Ask>,
        now: Time,
    ) -> Result<Vec<Answer>, ApiError> {
        // Their session was good when the command came in; they were removed since.
        if asks
            .iter()
            .any(|ask| ask.of_session && self.people.is_removed(ask.actor.id))
        {
            return Err(ApiError::SignedOut);
        }
        if let Some(ask) = asks.iter().find(|ask| self.is_of_somebody_else(ask)) {
            return Err(ApiError::BadRequest {
                detail: format!(
                    "Command {} was sent by somebody else. Give yours an id of its own.",
                    ask.envelope.id
                ),
            });
        }
        asks.into_iter().map(|ask| self.decide(ask, now)).collect()
    }

    /// Where the incidents stand that have new events.
    pub(super) fn standings(&self) -> Vec<Standing> {
        self.changed()
            .map(|incident| Standing::of(&incident))
            .collect()
    }

    /// The incidents that have new events, as they are after them.
    pub(super) fn changed(&self) -> impl Iterator<Item = Arc<Incident>> {
        let ids: BTreeMap<IncidentId, ()> = self
            .decided
            .iter()
            .filter(|d| !d.events.is_empty())
            .map(|d| (d.incident, ()))
            .collect();
        ids.into_keys()
            .filter_map(|id| self.incidents.get(&id).cloned())
    }

    fn is_of_somebody_else(&self, ask: &Ask) -> bool {
        self.known
            .get(&ask.envelope.id)
            .is_some_and(|(person, _)| *person != ask.actor.id)
    }

    fn decide(&mut self, ask: Ask, now: Time) -> Result<Answer, ApiError> {
        let Ask {
            actor,
            envelope,
            at,
            of_session,
            from,
        } = ask;
        let Envelope {
            id: command,
            incident: id,
            made_at,
            command: wanted,
        } = envelope;
        if let Some((_, outcome)) = self.known.get(&command) {
            return Ok(Answer {
                command,
                outcome: outcome.clone(),
            });
        }
        // A clock that was set back must not put a later event before an earlier one.
        let clock = at.unwrap_or(now);
        let at = clock.max(self.last_at.unwrap_or(Time::MIN_UTC));
        // Not a second handle to it: the fold would have to copy the whole incident then.
        let empty;
        let incident = match self.incidents.get(&id) {
            Some(incident) => &**incident,
            None => {
                empty = Incident::empty(id);
                &empty
            }
        };
        let policy = self.policies.of(incident);
        let registry = Registry {
            people: &self.people,
            incidents: &self.incidents,
            files: &self.files,
            policy: &self.policies.current(),
            begun: &self.begun,
        };
        let begins = incident.version == 0 && begins(&wanted);
        // One command that trips over a fault of ours must not stop the log for everybody.
        let decision = catch_unwind(AssertUnwindSafe(|| {
            #[cfg(test)]
            super::tests::panic_at(&wanted);
            let mut wanted = admitted(wanted, id, &actor, of_session, &registry)?;
            self.customers.admit(&mut wanted, incident)?;
            domain::assign_line_id(incident, &mut wanted, command)?;
            let pay = self.customers.pay(&wanted, incident);
            let events = domain::decide_knowing(incident, wanted, &actor, &policy, pay, at)?;
            let overtaken = |event| domain::overtaken(incident, event, &actor, made_at, clock);
            match events.iter().find_map(overtaken) {
                Some(why) => Err(why),
                None => Ok(events),
            }
        }))
        .unwrap_or_else(|_| Err(fault::failed(command)));
        let (outcome, events) = match decision {
            Ok(events) => {
                if begins {
                    *self.begun.entry(actor.id).or_default() += 1;
                }
                (Outcome::Accepted, self.numbered(events, at))
            }
            Err(refusal) => (Outcome::Refused { refusal }, Vec::new()),
        };
        let made_at = whole_ms(made_at).clamp(at - Duration::days(MADE_BACK_DAYS), at);
        let person = actor.id;
        let events = events
            .into_iter()
            .map(|event| {
                self.seq += 1;
                self.last_at = Some(at);
                let by = actor.clone();
                self.record(id, |seq, version| Recorded {
                    seq,
                    incident: id,
                    version,
                    at,
                    made_at,
                    by,
                    command,
                    stamped_at: None,
                    event,
                })
            })
            .collect();
        self.known.insert(command, (person, outcome.clone()));
        let decided = Decided {
            command,
            person,
            incident: id,
            outcome: outcome.clone(),
            events,
            from,
        };
        self.decided.push(decided);
        Ok(Answer { command, outcome })
    }

    fn record(&mut self, id: IncidentId, make: impl FnOnce(u64, u64) -> Recorded) -> Recorded {
        let incident = self
            .incidents
            .entry(id)
            .or_insert_with(|| Arc::new(Incident::empty(id)));
        let recorded = make(self.seq, incident.version + 1);
        Arc::make_mut(incident).apply(&recorded);
        self.policies.take(&recorded.event);
        recorded
    }

    /// A declaration gets its number, in the order of the log and without a gap.
    fn numbered(&mut self, events: Vec<Event>, at: Time) -> Vec<Event> {
        let mut all = Vec::with_capacity(events.len() + 1);
        for event in events {
            let is_declaration = event.is_declaration();
            all.push(event);
            if is_declaration {
                let serial = self.serials.entry(at.year()).or_default();
                *serial += 1;
                let number = IncidentNumber {
                    year: at.year(),
                    serial: *serial,
                };
                all.push(Event::Numbered {
                    number,
                    public_id: public_id(),
                });
            }
        }
        all
    }

    /// Takes in what the store says of these commands.
    pub(super) fn know(&mut self, known: Vec<Known>) {
        self.known.extend(
            known
                .into_iter()
                .map(|k| (k.command, (k.person, k.outcome))),
        );
    }
}

/// The store keeps whole milliseconds, and what is shown must be what is kept.
fn whole_ms(time: Time) -> Time {
    Time::from_timestamp_millis(time.timestamp_millis()).unwrap_or(time)
}

/// Fifty random bits in letters and digits that are not taken for one another. Drawn, not
/// derived: it must tell nothing of the number or the time.
fn public_id() -> PublicId {
    const LETTERS: &[u8; 32] = PublicId::LETTERS;
    let mut rng = rand::rng();
    PublicId(
        (0..PublicId::LENGTH)
            .map(|_| char::from(LETTERS[rng.random_range(0..LETTERS.len())]))
            .collect(),
    )
}
