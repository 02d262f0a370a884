//! Obligations as clocks (RUNBOOK §4). Computed from the record and the policy, never stored:
//! a screen asks for them when the record changes and asks each for its state when time does.

use crate::adherence::brief_spans;
use crate::calendar::business_days_after;
use crate::policy::minutes;
use crate::promise::open_waits;
use crate::{EntryId, Incident, IncidentId, PersonRef, Policy, Role, Severity, Status, Time};
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
    /// A hypothesis is to be concluded.
    HypothesisTimebox(EntryId),
    /// A party that was asked is to say that it has it.
    PartyResponse(EntryId),
    /// The commander is to be relieved, or to say why not.
    CommanderRelief,
    /// The post-mortem is to have a date.
    PostMortemBooked,
    /// The post-mortem is to take place.
    PostMortemHeld,
    /// Every customer is to have a decision about credit.
    CreditDecision,
    /// A remediation action is to be done.
    ActionDone(EntryId),
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
            Self::HypothesisTimebox(_) => "Conclude the hypothesis".to_owned(),
            Self::PartyResponse(_) => "Answer from a party".to_owned(),
            Self::CommanderRelief => "Relieve the Incident Commander".to_owned(),
            Self::PostMortemBooked => "Post-mortem booked".to_owned(),
            Self::PostMortemHeld => "Post-mortem held".to_owned(),
            Self::CreditDecision => "Credit decided".to_owned(),
            Self::ActionDone(_) => "Remediation action done".to_owned(),
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
    /// Somebody outside of the roles.
    Party(String),
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
    /// Of several of a kind, which one: a hypothesis, a party, an action; the readers who wait for an update where others
    /// were told something else. Empty for the others.
    pub about: String,
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
    /// What is due, as shown.
    #[must_use]
    pub fn label(&self) -> String {
        let label = self.kind.label();
        if self.about.is_empty() {
            label
        } else {
            format!("{label}: {}", self.about)
        }
    }

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
        let ended = incident.joined.as_ref().map_or(ended, |j| Ended::Met(j.at));
        let start = report.received_at;
        let due_at = start + minutes(policy.triage_min);
        all.push(clock(
            incident,
            ClockKind::DeclareOrDismiss,
            Owner::OnCall,
            start,
            due_at,
            ended,
        ));
    }
    if let Some(declared) = &incident.declared {
        named(incident, policy, declared.at, &mut all);
        offers(incident, policy, &mut all);
        all.extend(update_clock(incident, policy, declared.at));
        all.extend(brief_clock(incident, policy));
        fixing(incident, policy, &mut all);
        closing(incident, policy, &mut all);
    }
    all
}

fn clock(
    incident: &Incident,
    kind: ClockKind,
    owner: Owner,
    started_at: Time,
    due_at: Time,
    ended: Ended,
) -> Clock {
    Clock {
        incident: incident.id,
        kind,
        about: String::new(),
        owner,
        started_at,
        due_at,
        ended,
    }
}

/// Met then, stopped then, or running.
fn ended(met_at: Option<Time>, stopped_at: Option<Time>) -> Ended {
    match (met_at, stopped_at) {
        (Some(at), _) => Ended::Met(at),
        (None, Some(at)) => Ended::Stopped(at),
        (None, None) => Ended::No,
    }
}

/// The clock of the next word to customers: the first update, or the promised next one.
/// None once all readers were told that it is over. Where they wait by different times, the first of these.
#[must_use]
pub fn update_clock(incident: &Incident, policy: &Policy, declared_at: Time) -> Option<Clock> {
    let owner = Owner::Role(Role::Comms);
    if incident.told().is_empty() {
        let due_at = declared_at + minutes(policy.first_update_min);
        let kind = ClockKind::FirstUpdate;
        return Some(clock(incident, kind, owner, declared_at, due_at, Ended::No));
    }
    let mut open = open_waits(incident, policy).into_iter();
    let (due_at, wait) = open.next()?;
    // Whoever the last update was for need not be named while nobody else waits.
    let is_last = wait.updates == incident.told().len();
    let about = match open.next() {
        None if is_last => String::new(),
        _ => wait.readers_label(),
    };
    let kind = ClockKind::NextUpdate;
    Some(Clock {
        about,
        ..clock(incident, kind, owner, wait.from, due_at, Ended::No)
    })
}

fn named(incident: &Incident, policy: &Policy, declared_at: Time, all: &mut Vec<Clock>) {
    let closed_at = incident.over_since(Status::Closed);
    let mut push = |kind, min, roles: &[Role], from: Time| {
        // A seat that was left empty asks for a holder anew, and has its own time for it. Of several
        // seats the one that stands worst counts: none is excused by another.
        let seats = roles.iter().map(|role| incident.seat(*role));
        let each = seats.map(|s| {
            let left = s.vacated_at.map_or(from, |left| left.max(from));
            (left, s.first_accepted_at)
        });
        let worst = each.max_by_key(|(start, accepted)| match accepted {
            None => (true, from - *start),
            Some(at) => (false, *at - *start),
        });
        let Some((start, met_at)) = worst else {
            return;
        };
        let owner = Owner::Role(Role::Commander);
        let due_at = start + minutes(min);
        all.push(clock(
            incident,
            kind,
            owner,
            start,
            due_at,
            ended(met_at, closed_at),
        ));
    };
    let commander = [Role::Commander];
    push(
        ClockKind::CommanderNamed,
        policy.commander_min,
        &commander,
        declared_at,
    );
    push(
        ClockKind::CoreRolesNamed,
        policy.core_roles_min,
        &Role::CORE,
        declared_at,
    );
    if let Some(since) = incident.at_least_since(Severity::Sev1) {
        push(
            ClockKind::SponsorNamed,
            policy.sponsor_min,
            &[Role::Sponsor],
            since,
        );
    }
}

fn offers(incident: &Incident, policy: &Policy, all: &mut Vec<Clock>) {
    for role in Role::ALL {
        if let Some(offer) = &incident.seat(role).offer {
            let owner = Owner::Person(offer.person.clone());
            let due_at = offer.offered_at + minutes(policy.accept_min);
            let stopped = incident.over_since(Status::Closed);
            let kind = ClockKind::RoleAccepted(role);
            all.push(clock(
                incident,
                kind,
                owner,
                offer.offered_at,
                due_at,
                ended(None, stopped),
            ));
        }
    }
}

/// While it is a SEV-1 or SEV-2, until it is resolved, and anew when it comes back.
fn brief_clock(incident: &Incident, policy: &Policy) -> Option<Clock> {
    incident.at_least_since(Severity::Sev2)?;
    let (since, stopped) = brief_spans(incident).pop()?;
    let last = incident.briefs.last().map(|b| b.published_at);
    let (start, min) = match last.filter(|at| *at >= since) {
        None => (since, policy.first_brief_min),
        Some(at) => (at, policy.brief_every_min),
    };
    let owner = Owner::Role(Role::Comms);
    let due_at = start + minutes(min);
    Some(clock(
        incident,
        ClockKind::Brief,
        owner,
        start,
        due_at,
        ended(None, stopped),
    ))
}

/// What runs while the cause is looked for.
fn fixing(incident: &Incident, policy: &Policy, all: &mut Vec<Clock>) {
    let closed_at = incident.over_since(Status::Closed);
    for h in &incident.hypotheses {
        let due_at = h.opened_at + minutes(h.timebox_min);
        let end = ended(h.conclusion.as_ref().map(|c| c.at), closed_at);
        let owner = Owner::Person(h.owner.clone());
        all.push(Clock {
            about: h.statement.clone(),
            ..clock(
                incident,
                ClockKind::HypothesisTimebox(h.id),
                owner,
                h.opened_at,
                due_at,
                end,
            )
        });
    }
    for ask in &incident.asks {
        let due_at = ask.asked_at + minutes(ask.due_min);
        let end = ended(ask.acknowledged_at, closed_at);
        let owner = Owner::Party(format!("{} ({})", ask.party.label(), ask.whom));
        all.push(Clock {
            about: ask.party.label().to_owned(),
            ..clock(
                incident,
                ClockKind::PartyResponse(ask.id),
                owner,
                ask.asked_at,
                due_at,
                end,
            )
        });
    }
    let Some(holder) = &incident.seat(Role::Commander).holder else {
        return;
    };
    let stayed = incident.stays.last().map(|s| s.at);
    let start = stayed.map_or(holder.accepted_at, |at| at.max(holder.accepted_at));
    let owner = Owner::Role(Role::Commander);
    let end = ended(None, incident.over_since(Status::Resolved));
    let due_at = start + minutes(policy.relief_min);
    all.push(clock(
        incident,
        ClockKind::CommanderRelief,
        owner,
        start,
        due_at,
        end,
    ));
}

/// What runs once it is resolved.
fn closing(incident: &Incident, policy: &Policy, all: &mut Vec<Clock>) {
    if let Some(resolved) = incident.over_since(Status::Resolved) {
        let days = |days| business_days_after(resolved, days, policy);
        let booked = incident.booking();
        let held = incident.held_at();
        let by_commander = |kind, due_at, met_at| {
            let owner = Owner::Role(Role::Commander);
            clock(incident, kind, owner, resolved, due_at, ended(met_at, None))
        };
        all.push(by_commander(
            ClockKind::PostMortemBooked,
            days(policy.booked_business_days),
            booked
                .map(|p| p.first_booked_at.unwrap_or(p.booked_at))
                .or(held),
        ));
        all.push(by_commander(
            ClockKind::PostMortemHeld,
            days(policy.post_mortem_business_days),
            held,
        ));
        if !incident.customers.is_empty() {
            let owner = Owner::Role(Role::CsSales);
            let due_at = days(policy.credit_business_days);
            let end = ended(credits_decided_at(incident), None);
            all.push(clock(
                incident,
                ClockKind::CreditDecision,
                owner,
                resolved,
                due_at,
                end,
            ));
        }
    }
    for action in &incident.actions {
        let agreed_at = incident.entry(action.id).map(|e| e.recorded_at);
        let due_at = policy
            .zone
            .day_begins(action.due_on.succ_opt().unwrap_or(action.due_on));
        let end = ended(action.done.as_ref().map(|(_, at)| *at), None);
        let owner = Owner::Person(action.owner.clone());
        let start = agreed_at.unwrap_or(due_at).min(due_at);
        all.push(Clock {
            about: action.what.clone(),
            ..clock(
                incident,
                ClockKind::ActionDone(action.id),
                owner,
                start,
                due_at,
                end,
            )
        });
    }
}

/// When the last customer had their first decision; none while one has not.
fn credits_decided_at(incident: &Incident) -> Option<Time> {
    let mut last = None;
    for customer in &incident.customers {
        let mut decisions = incident.earlier_credits.iter().chain(&incident.credits);
        let decided = decisions.find(|c| c.customer.id == customer.id)?;
        last = last.max(Some(decided.at));
    }
    last
}

/// From so many hours on seconds say nothing, and days are told.
const COUNTED_HOURS: u64 = 100;

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
    if hours >= COUNTED_HOURS {
        return format!("{sign}{} d {} h", hours / 24, hours % 24);
    }
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
