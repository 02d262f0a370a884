//! Obligations as clocks (RUNBOOK §4). Computed from the record and the policy, never stored:
//! a screen asks for them when the record changes and asks each for its state when time does.

use crate::policy::minutes;
use crate::{Incident, IncidentId, PersonRef, Policy, Role, Severity, Status, Time};
use chrono::Duration;

/// Which obligation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ClockKind {
    /// A report waits for a decision.
    DeclareOrDismiss,
    /// An accepted commander.
    CommanderNamed,
    /// The four core roles accepted.
    CoreRolesNamed,
    /// An accepted sponsor (SEV-1).
    SponsorNamed,
    /// An offer waits for an answer.
    RoleAccepted(Role),
    /// The first word to customers.
    FirstUpdate,
    /// The word that was promised.
    NextUpdate,
    /// The executive brief.
    Brief,
}

impl ClockKind {
    /// What is due, as shown.
    #[must_use]
    pub fn label(self) -> String {
        match self {
            Self::DeclareOrDismiss => "Declare or dismiss".to_owned(),
            Self::CommanderNamed => "Incident Commander named".to_owned(),
            Self::CoreRolesNamed => "Core roles named".to_owned(),
            Self::SponsorNamed => "Executive Sponsor named".to_owned(),
            Self::RoleAccepted(role) => format!("Accept {}", role.label()),
            Self::FirstUpdate => "First customer update".to_owned(),
            Self::NextUpdate => "Next customer update".to_owned(),
            Self::Brief => "Executive brief".to_owned(),
        }
    }

    /// Whether it is a promise to customers.
    #[must_use]
    pub fn is_update(self) -> bool {
        matches!(self, Self::FirstUpdate | Self::NextUpdate)
    }
}

/// Who owes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Whoever is on call.
    OnCall,
    /// The holder of a role.
    Role(Role),
    /// This person.
    Person(PersonRef),
}

/// Whether and how a clock stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It has not.
    No,
    /// What it asked for was done then.
    Met(Time),
    /// It stopped mattering then.
    Stopped(Time),
}

/// How a clock stands at a given moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClockState {
    /// Plenty of time.
    Running,
    /// The last fifth of its time, at least 5 minutes.
    AtRisk,
    /// The due time has passed.
    Overdue,
    /// Done in time.
    Met,
    /// Done after its due time.
    MetLate,
    /// No longer asked for.
    Stopped,
}

/// One obligation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Which incident.
    pub incident: IncidentId,
    /// Which obligation.
    pub kind: ClockKind,
    /// Who owes it.
    pub owner: Owner,
    /// When it started, server time.
    pub started_at: Time,
    /// When it is due, server time.
    pub due_at: Time,
    /// Whether it is over.
    pub ended: Ended,
}

impl Clock {
    /// How it stands at `now`. On the due time itself it is still kept.
    #[must_use]
    pub fn state(&self, now: Time) -> ClockState {
        match self.ended {
            Ended::Met(at) if at <= self.due_at => ClockState::Met,
            Ended::Met(_) => ClockState::MetLate,
            Ended::Stopped(_) => ClockState::Stopped,
            Ended::No if now > self.due_at => ClockState::Overdue,
            Ended::No if self.due_at - now <= self.risk_span() => ClockState::AtRisk,
            Ended::No => ClockState::Running,
        }
    }

    /// Whether somebody still owes it.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.ended == Ended::No
    }

    /// What is left at `now`; negative once it is late.
    #[must_use]
    pub fn left(&self, now: Time) -> Duration {
        self.due_at - now
    }

    fn risk_span(&self) -> Duration {
        ((self.due_at - self.started_at) / 5).max(Duration::minutes(5))
    }
}

/// By what running clocks are listed, most pressing first: a broken promise to customers comes
/// before all else, then what is due by its due time. For [`crate::order::by`].
#[must_use]
pub fn urgency(clock: &Clock, now: Time) -> [i64; 3] {
    let broken = clock.kind.is_update() && clock.due_at < now;
    [i64::from(!broken), clock.due_at.timestamp_millis(), 0]
}

/// Every clock of this incident: running ones and those that ended. Of clocks that come
/// again (updates, briefs, offers) the current one.
#[must_use]
pub fn clocks(incident: &Incident, policy: &Policy) -> Vec<Clock> {
    let mut all = Vec::new();
    if let Some(report) = &incident.report {
        let ended = match (&incident.declared, &incident.dismissed) {
            (Some(declared), _) => Ended::Met(declared.at),
            (None, Some(dismissed)) => Ended::Met(dismissed.at),
            (None, None) => Ended::No,
        };
        all.push(Clock {
            incident: incident.id,
            kind: ClockKind::DeclareOrDismiss,
            owner: Owner::OnCall,
            started_at: report.received_at,
            due_at: report.received_at + minutes(policy.triage_min),
            ended,
        });
    }
    if let Some(declared) = &incident.declared {
        named(incident, policy, declared.at, declared.severity, &mut all);
        offers(incident, policy, &mut all);
        all.extend(update_clock(incident, policy, declared.at));
        if declared.severity.is_high() {
            all.push(brief_clock(incident, policy, declared.at));
        }
    }
    all
}

/// The clock of the next word to customers: the first update, or the promised next one.
/// None once it is over and they were told so.
#[must_use]
pub fn update_clock(incident: &Incident, policy: &Policy, declared_at: Time) -> Option<Clock> {
    let clock = |kind, started_at, due_at| Clock {
        incident: incident.id,
        kind,
        owner: Owner::Role(Role::Comms),
        started_at,
        due_at,
        ended: Ended::No,
    };
    match incident.updates.last() {
        None => Some(clock(
            ClockKind::FirstUpdate,
            declared_at,
            declared_at + minutes(policy.first_update_min),
        )),
        Some(_) if incident.resolution_published() => None,
        Some(last) => match (last.text.next_at, incident.reopenings().last()) {
            (Some(next_at), _) => Some(clock(ClockKind::NextUpdate, last.published_at, next_at)),
            // They were told that it is over and it is not: the cadence starts again.
            (None, Some(reopened)) => {
                let due_at = reopened + minutes(last.cadence_min);
                Some(clock(ClockKind::NextUpdate, reopened, due_at))
            }
            (None, None) => None,
        },
    }
}

fn named(
    incident: &Incident,
    policy: &Policy,
    declared_at: Time,
    severity: Severity,
    all: &mut Vec<Clock>,
) {
    let closed_at = incident
        .reached_at(Status::Closed)
        .filter(|_| incident.status == Status::Closed);
    let mut push = |kind, min, met_at: Option<Time>| {
        all.push(Clock {
            incident: incident.id,
            kind,
            owner: Owner::Role(Role::Commander),
            started_at: declared_at,
            due_at: declared_at + minutes(min),
            ended: match (met_at, closed_at) {
                (Some(at), _) => Ended::Met(at),
                (None, Some(at)) => Ended::Stopped(at),
                (None, None) => Ended::No,
            },
        });
    };
    let accepted = |role: Role| incident.seat(role).first_accepted_at;
    let core = Role::CORE.map(accepted);
    let core_at = core
        .iter()
        .all(Option::is_some)
        .then(|| core.into_iter().flatten().max());
    push(
        ClockKind::CommanderNamed,
        policy.commander_min,
        accepted(Role::Commander),
    );
    push(
        ClockKind::CoreRolesNamed,
        policy.core_roles_min,
        core_at.flatten(),
    );
    if severity == Severity::Sev1 {
        push(
            ClockKind::SponsorNamed,
            policy.sponsor_min,
            accepted(Role::Sponsor),
        );
    }
}

fn offers(incident: &Incident, policy: &Policy, all: &mut Vec<Clock>) {
    for role in Role::ALL {
        if let Some(offer) = &incident.seat(role).offer {
            all.push(Clock {
                incident: incident.id,
                kind: ClockKind::RoleAccepted(role),
                owner: Owner::Person(offer.person.clone()),
                started_at: offer.offered_at,
                due_at: offer.offered_at + minutes(policy.accept_min),
                ended: if incident.is_open() {
                    Ended::No
                } else {
                    Ended::Stopped(offer.offered_at)
                },
            });
        }
    }
}

fn brief_clock(incident: &Incident, policy: &Policy, declared_at: Time) -> Clock {
    let (started_at, due_at) = match incident.briefs.last() {
        None => (declared_at, declared_at + minutes(policy.first_brief_min)),
        Some(last) => (
            last.published_at,
            last.published_at + minutes(policy.brief_every_min),
        ),
    };
    let resolved_at = incident
        .reached_at(Status::Resolved)
        .filter(|_| incident.status >= Status::Resolved);
    Clock {
        incident: incident.id,
        kind: ClockKind::Brief,
        owner: Owner::Role(Role::Comms),
        started_at,
        due_at,
        ended: resolved_at.map_or(Ended::No, Ended::Stopped),
    }
}

/// `41:07`, `2:10:44`, `−04:12`. Whole seconds, rounded so that zero is shown at the due
/// time and not before.
#[must_use]
pub fn countdown(left: Duration) -> String {
    let ms = left.num_milliseconds();
    let total = (if ms >= 0 {
        (ms + 999) / 1000
    } else {
        ms / 1000
    })
    .unsigned_abs();
    let sign = if ms <= -1000 { "−" } else { "" };
    let (hours, min, sec) = (total / 3600, total / 60 % 60, total % 60);
    if hours > 0 {
        format!("{sign}{hours}:{min:02}:{sec:02}")
    } else {
        format!("{sign}{min:02}:{sec:02}")
    }
}

/// A span in words: `41 min`, `2 h 10 min`, `3 d 4 h`. Never negative.
#[must_use]
pub fn span(span: Duration) -> String {
    let min = span.num_minutes().max(0);
    match (min / 1440, min / 60 % 24, min % 60) {
        (0, 0, m) => format!("{m} min"),
        (0, h, 0) => format!("{h} h"),
        (0, h, m) => format!("{h} h {m} min"),
        (d, 0, _) => format!("{d} d"),
        (d, h, _) => format!("{d} d {h} h"),
    }
}
