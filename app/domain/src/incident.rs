//! The state of one incident: a fold of its log and nothing else.

use crate::brief::Brief;
use crate::call::{Call, PlanStep};
use crate::command::{Cause, Details, Lever};
use crate::customer::{
    CreditDecision, CreditProposal, Customer, CustomerField, CustomerId, DealMove,
};
use crate::draft::{Draft, Of, Unapproved};
use crate::evidence::{Evidence, Proves};
use crate::fix::{Ask, Hypothesis, InternalUpdate};
use crate::policy::minutes;
use crate::role::Seat;
use crate::timeline::{Entry, Outcomed};
use crate::triage::Proposal;
use crate::update::{Audience, Update};
use crate::worth::Noted;
use crate::{
    EntryId, IncidentId, IncidentNumber, PersonId, PersonRef, Policy, PublicId, Role, Severity,
    Status, Time, order,
};
use chrono::{Duration, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

/// Something may be wrong, as it was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What was seen.
    pub what: String,
    /// Where it comes from.
    pub source: String,
    /// Who entered it.
    pub by: PersonRef,
    /// When the server had it.
    pub received_at: Time,
}

/// A report that tells of an incident that was open already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joined {
    /// That incident.
    pub into: IncidentId,
    /// Its number.
    pub number: Option<IncidentNumber>,
    /// By whom.
    pub by: PersonRef,
    /// When, server time.
    pub at: Time,
}

/// A report that was no incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dismissal {
    /// Why.
    pub reason: String,
    /// By whom.
    pub by: PersonRef,
    /// When, server time.
    pub at: Time,
}

/// The moment it became an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declaration {
    /// Short and internal.
    pub title: String,
    /// How bad.
    pub severity: Severity,
    /// What the customer sees.
    pub customer_sees: String,
    /// When customers were first hurt.
    pub impact_began_at: Time,
    /// Components from the policy's list.
    pub components: Vec<String>,
    /// Who is told by default.
    pub audience: Audience,
    /// By whom.
    pub by: PersonRef,
    /// When, server time.
    pub at: Time,
    /// What else was said then.
    #[serde(default, skip_serializing_if = "is_default")]
    pub details: Details,
    /// What the matrix proposed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<Proposal>,
    /// The policy it goes by; the first one for those declared before there were versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_version: Option<u32>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// It was found to be worse, or less bad.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeverityChange {
    /// How bad it is since.
    pub to: Severity,
    /// Why.
    pub reason: String,
    /// By whom.
    pub by: PersonRef,
    /// When, server time.
    pub at: Time,
}

/// A commander who stayed past the time they should be relieved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stay {
    /// Why.
    pub reason: String,
    /// Who.
    pub by: PersonRef,
    /// When, server time; the next relief is counted from here.
    pub at: Time,
}

/// One move of the status, forward or back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// Where to.
    pub to: Status,
    /// When, server time.
    pub at: Time,
    /// Why, when it went back.
    pub back_because: Option<String>,
    /// How many updates were published by then.
    #[serde(default)]
    pub published: usize,
}

/// A lever that somebody chose to pull.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mitigation {
    /// The timeline entry of the decision.
    pub entry: EntryId,
    /// Which lever.
    pub lever: Lever,
    /// What exactly.
    pub what: String,
    /// What may go wrong if we do.
    pub risk_of_doing: String,
    /// What goes on if we do not.
    pub risk_of_not_doing: String,
    /// How to take it back.
    pub undo: String,
    /// Who decided.
    pub by: PersonRef,
    /// When, server time.
    pub at: Time,
    /// What came of it.
    pub result: Option<Outcomed>,
}

/// The cadence of this incident, where it differs from the policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CadenceChange {
    /// The longest silence, minutes.
    pub every_min: u32,
    /// Why.
    pub reason: String,
    /// By whom.
    pub by: PersonRef,
    /// When, server time.
    pub at: Time,
}

/// A post-mortem with a date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostMortem {
    /// When it is held.
    pub at: Time,
    /// Who leads it.
    pub facilitator: PersonRef,
    /// When it was booked, server time.
    pub booked_at: Time,
    /// When it first had a date, where it was moved since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_booked_at: Option<Time>,
}

/// Something agreed on that keeps it from coming back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// The line that agreed it.
    #[serde(default)]
    pub id: EntryId,
    /// What.
    pub what: String,
    /// Who does it.
    pub owner: PersonRef,
    /// By when.
    pub due_on: NaiveDate,
    /// How we will know that it is done.
    pub acceptance: String,
    /// What shows that it is, and when that was written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<(String, Time)>,
}

/// What holds one value at a time and does not say itself who set it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    /// [`Incident::cause`].
    Cause,
    /// [`Incident::impact_ended_at`].
    ImpactEnd,
    /// [`Incident::channel_url`].
    Channel,
    /// The line of a customer, since they are on the incident.
    Customer(CustomerId),
    /// One field of it, changed since.
    CustomerField(CustomerId, CustomerField),
}

/// Who set a value last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastSet {
    /// Which.
    pub what: Setting,
    /// By whom.
    pub by: PersonRef,
    /// When, server time.
    pub at: Time,
}

/// One incident, from its first report on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Which.
    pub id: IncidentId,
    /// Events folded so far.
    pub version: u64,
    /// Given by the server when it was declared.
    pub number: Option<IncidentNumber>,
    /// What customers know it by.
    pub public_id: Option<PublicId>,
    /// What was first said, if it began as a report.
    pub report: Option<Report>,
    /// Set when the report was no incident.
    pub dismissed: Option<Dismissal>,
    /// Set when it became one.
    pub declared: Option<Declaration>,
    /// Where it stands; means something once declared.
    pub status: Status,
    /// Every move, oldest first.
    pub moves: Vec<Move>,
    /// The five role cards. Shared, as the lines of the timeline are; those that nothing happened to by all incidents.
    pub seats: BTreeMap<Role, Arc<Seat>>,
    /// Every line, in the order written. Shared: the server decides on a copy, and a line rarely changes.
    pub timeline: Vec<Arc<Entry>>,
    /// Levers chosen.
    pub mitigations: Vec<Mitigation>,
    /// Proof.
    pub evidence: Vec<Evidence>,
    /// When customers were well again.
    pub impact_ended_at: Option<Time>,
    /// What caused it.
    pub cause: Option<Cause>,
    /// What customers were told, oldest first.
    pub updates: Vec<Update>,
    /// What executives were told, oldest first.
    pub briefs: Vec<Brief>,
    /// Set when the cadence differs from the policy.
    pub cadence: Option<CadenceChange>,
    /// Who is hurt.
    pub customers: Vec<Customer>,
    /// What they get.
    pub credits: Vec<CreditDecision>,
    /// When it is reviewed.
    pub post_mortem: Option<PostMortem>,
    /// What keeps it from coming back.
    pub actions: Vec<Action>,
    /// How customers hear of the follow-up.
    pub follow_up: Option<String>,
    /// Set when the report told of an incident that was open already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined: Option<Joined>,
    /// The reports that it took in, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taken_reports: Vec<IncidentId>,
    /// Each time the severity changed, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub severity_changes: Vec<SeverityChange>,
    /// Credits that were decided and then decided anew, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier_credits: Vec<CreditDecision>,
    /// Cadences that were set and replaced, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier_cadences: Vec<CadenceChange>,
    /// Where the incident's channel is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_url: Option<String>,
    /// Each time the commander stayed, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stays: Vec<Stay>,
    /// Guesses at the cause, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hypotheses: Vec<Hypothesis>,
    /// What other parties were asked, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asks: Vec<Ask>,
    /// What colleagues were told, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told_inside: Vec<InternalUpdate>,
    /// Texts on their way, at most one of each kind.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub drafts: BTreeMap<Of, Draft>,
    /// Texts that were put up for approval and have none, oldest first; each text of each person once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unapproved: Vec<Unapproved>,
    /// Calls with customers, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<Call>,
    /// Steps of recovery plans, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plan: Vec<PlanStep>,
    /// Credits that were proposed, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proposals: Vec<CreditProposal>,
    /// The most that each person noted of what a customer pays.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub noted_pay: Vec<Noted>,
    /// Each time the deal with a customer moved on, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deal_moves: Vec<DealMove>,
    /// When the post-mortem took place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_mortem_held_at: Option<Time>,
    /// Who set the values that are replaced as a whole; at most one of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub last_set: Vec<LastSet>,
    /// The place in the log of the first event that the server cannot read: what it said is missing
    /// here, and nothing is decided on the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<u64>,
    /// Which customer a name means that stands alone in an older event. Filled by older events and by
    /// [`crate::Event::CustomersIdentified`] only: nobody who gets the name later is meant.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<String, CustomerId>,
    /// Whether the server has said which accounts bore the names that the record did not resolve.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub customers_identified: bool,
}

fn empty_seat() -> Arc<Seat> {
    static EMPTY: LazyLock<Arc<Seat>> = LazyLock::new(Arc::default);
    Arc::clone(&EMPTY)
}

impl Incident {
    /// Nothing has happened yet.
    #[must_use]
    pub fn empty(id: IncidentId) -> Self {
        Self {
            id,
            version: 0,
            number: None,
            public_id: None,
            report: None,
            dismissed: None,
            declared: None,
            status: Status::Active,
            moves: Vec::new(),
            seats: order::map(Role::ALL.map(|role| (role, empty_seat()))),
            timeline: Vec::new(),
            mitigations: Vec::new(),
            evidence: Vec::new(),
            impact_ended_at: None,
            cause: None,
            updates: Vec::new(),
            briefs: Vec::new(),
            cadence: None,
            customers: Vec::new(),
            credits: Vec::new(),
            post_mortem: None,
            actions: Vec::new(),
            follow_up: None,
            joined: None,
            taken_reports: Vec::new(),
            severity_changes: Vec::new(),
            earlier_credits: Vec::new(),
            earlier_cadences: Vec::new(),
            channel_url: None,
            stays: Vec::new(),
            hypotheses: Vec::new(),
            asks: Vec::new(),
            told_inside: Vec::new(),
            drafts: BTreeMap::new(),
            unapproved: Vec::new(),
            calls: Vec::new(),
            plan: Vec::new(),
            proposals: Vec::new(),
            noted_pay: Vec::new(),
            deal_moves: Vec::new(),
            post_mortem_held_at: None,
            last_set: Vec::new(),
            unreadable: None,
            names: BTreeMap::new(),
            customers_identified: false,
        }
    }

    /// Who set this last, and when; none while nobody has.
    #[must_use]
    pub fn last_set(&self, what: &Setting) -> Option<&LastSet> {
        self.last_set.iter().find(|set| set.what == *what)
    }

    /// Declared, and not closed.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.declared.is_some() && self.status != Status::Closed
    }

    /// A report that nobody has dealt with.
    #[must_use]
    pub fn is_to_triage(&self) -> bool {
        self.report.is_some()
            && self.declared.is_none()
            && self.dismissed.is_none()
            && self.joined.is_none()
    }

    /// The title, or what the report says while there is none.
    #[must_use]
    pub fn title(&self) -> &str {
        match (&self.declared, &self.report) {
            (Some(declared), _) => &declared.title,
            (None, Some(report)) => &report.what,
            (None, None) => "",
        }
    }

    /// `INC-2026-0042`, or what stands in while the server has not numbered it.
    #[must_use]
    pub fn number_label(&self) -> String {
        self.number
            .map_or_else(|| "not numbered yet".to_owned(), |n| n.to_string())
    }

    /// What the customer sees, as declared.
    #[must_use]
    pub fn customer_sees(&self) -> &str {
        self.declared.as_ref().map_or("", |d| &d.customer_sees)
    }

    /// When customers were first hurt.
    #[must_use]
    pub fn impact_began_at(&self) -> Option<Time> {
        self.declared.as_ref().map(|d| d.impact_began_at)
    }

    /// How bad it is now; none for a report.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        let declared = self.declared.as_ref()?.severity;
        Some(self.severity_changes.last().map_or(declared, |c| c.to))
    }

    /// Each severity it had, with when that began, oldest first.
    pub fn severities(&self) -> impl Iterator<Item = (Severity, Time)> {
        let first = self.declared.iter().map(|d| (d.severity, d.at));
        first.chain(self.severity_changes.iter().map(|c| (c.to, c.at)))
    }

    /// Since when it has been this bad or worse without a break; none when it is not.
    #[must_use]
    pub fn at_least_since(&self, severity: Severity) -> Option<Time> {
        let mut since = None;
        for (now, at) in self.severities() {
            since = match since {
                _ if now > severity => None,
                None => Some(at),
                kept => kept,
            };
        }
        since
    }

    /// The version of the policy it goes by; none while it is not declared.
    #[must_use]
    pub fn policy_version(&self) -> Option<u32> {
        self.declared
            .as_ref()
            .map(|d| d.policy_version.unwrap_or(1))
    }

    /// The name of its channel, by the policy's convention; none while it has no number.
    #[must_use]
    pub fn channel(&self, policy: &Policy) -> Option<String> {
        self.number.map(|n| policy.channel(n, self.title()))
    }

    /// When we first noticed: as stated, or the first report, or the declaration.
    #[must_use]
    pub fn detected_at(&self) -> Option<Time> {
        let declared = self.declared.as_ref()?;
        let reported = self.report.as_ref().map(|r| r.received_at);
        Some(
            declared
                .details
                .detected_at
                .or(reported)
                .unwrap_or(declared.at),
        )
    }

    /// The credit that is proposed for this customer and waits to be judged.
    #[must_use]
    pub fn proposal_for(&self, customer: CustomerId) -> Option<&CreditProposal> {
        self.proposals
            .iter()
            .rev()
            .find(|p| p.customer.id == customer && p.judged.is_none())
    }

    /// The draft of this kind that is open.
    #[must_use]
    pub fn draft(&self, of: Of) -> Option<&Draft> {
        self.drafts.get(&of)
    }

    /// One role card.
    #[must_use]
    pub fn seat(&self, role: Role) -> &Seat {
        static EMPTY: Seat = Seat {
            holder: None,
            offer: None,
            first_accepted_at: None,
            history: Vec::new(),
            shadows: Vec::new(),
            vacated_at: None,
        };
        self.seats.get(&role).map_or(&EMPTY, |seat| seat)
    }

    /// The same, to be changed.
    pub(crate) fn seat_mut(&mut self, role: Role) -> &mut Seat {
        Arc::make_mut(self.seats.entry(role).or_default())
    }

    /// Who accepted a role.
    #[must_use]
    pub fn holder(&self, role: Role) -> Option<&PersonRef> {
        self.seat(role).holder.as_ref().map(|h| &h.person)
    }

    /// The other roles of [`Role::APART`] that this person holds.
    #[must_use]
    pub fn other_hat(&self, person: PersonId, role: Role) -> Option<Role> {
        Role::APART
            .into_iter()
            .find(|other| role.is_apart() && *other != role && self.seat(*other).held_by(person))
    }

    /// Why the holder of this role may wear two hats, to be shown on both cards.
    #[must_use]
    pub fn two_hats(&self, role: Role) -> Option<&str> {
        let holder = self.seat(role).holder.as_ref()?;
        let other = self.other_hat(holder.person.id, role)?;
        holder.two_hats.as_deref().or_else(|| {
            self.seat(other)
                .holder
                .as_ref()
                .and_then(|h| h.two_hats.as_deref())
        })
    }

    /// The longest silence allowed now, minutes.
    #[must_use]
    pub fn cadence_min(&self, policy: &Policy) -> u32 {
        match (&self.cadence, self.severity()) {
            (Some(change), _) => change.every_min,
            (None, Some(severity)) => policy.cadence_min_for(severity),
            (None, None) => policy.cadence_min_for(Severity::Sev3),
        }
    }

    /// Each time the longest silence allowed changed after the declaration, with what it was from
    /// then on, oldest first. A cadence set by hand outlasts a change of severity.
    #[must_use]
    pub fn retimings(&self, policy: &Policy) -> Vec<(Time, Duration)> {
        let by_hand: Vec<(Time, u32)> = self
            .earlier_cadences
            .iter()
            .chain(&self.cadence)
            .map(|c| (c.at, c.every_min))
            .collect();
        let hand_from = by_hand.first().map(|(at, _)| *at);
        let mut all: Vec<(Time, u32)> = self
            .severity_changes
            .iter()
            .filter(|c| hand_from.is_none_or(|from| c.at < from))
            .map(|c| (c.at, policy.cadence_min_for(c.to)))
            .collect();
        all.extend(by_hand);
        all.into_iter()
            .map(|(at, min)| (at, minutes(min)))
            .collect()
    }

    /// The longest silence allowed at that moment, when it was `before_min` minutes before any
    /// change.
    #[must_use]
    pub fn silence_at(&self, at: Time, before_min: u32, policy: &Policy) -> Duration {
        let retimings = self.retimings(policy);
        let last = retimings.iter().rev().find(|(since, _)| *since <= at);
        last.map_or_else(|| minutes(before_min), |(_, every)| *every)
    }

    /// The updates that customers have: those that wait on a device to be sent come after them.
    #[must_use]
    pub fn told(&self) -> &[Update] {
        let told = self.updates.iter().take_while(|u| !u.unsent).count();
        self.updates.get(..told).unwrap_or_default()
    }

    /// What customers were told up to this moment, oldest first.
    #[must_use]
    pub fn updates_until(&self, until: Time) -> &[Update] {
        let told = self.told();
        let later = told.partition_point(|u| u.published_at <= until);
        told.get(..later).unwrap_or_default()
    }

    /// Whether customers have been told that it is over, and it still is. Going back to before
    /// Resolved makes that word void: they are owed another one.
    #[must_use]
    pub fn resolution_published(&self) -> bool {
        use crate::update::UpdateKind;
        self.over_since(Status::Resolved).is_some_and(|since| {
            self.told()
                .iter()
                .any(|u| u.text.kind == UpdateKind::Resolution && u.published_at >= since)
        })
    }

    /// Every time it went back from Resolved or Closed to something less, oldest first.
    pub fn reopenings(&self) -> impl Iterator<Item = Time> {
        self.moves.windows(2).filter_map(|pair| match pair {
            [from, back] if from.to >= Status::Resolved && back.to < Status::Resolved => {
                Some(back.at)
            }
            _ => None,
        })
    }

    /// Proof of this that still stands.
    #[must_use]
    pub fn standing(&self, proves: Proves) -> Option<&Evidence> {
        self.evidence
            .iter()
            .find(|e| e.stands && e.proves == proves)
    }

    /// When it reached this status the last time it did.
    #[must_use]
    pub fn reached_at(&self, status: Status) -> Option<Time> {
        self.moves
            .iter()
            .rev()
            .find(|m| m.to == status && m.back_because.is_none())
            .map(|m| m.at)
    }

    /// Since when it has been over in this way: at least this far. None while it is not.
    #[must_use]
    pub fn over_since(&self, status: Status) -> Option<Time> {
        self.reached_at(status).filter(|_| self.status >= status)
    }

    /// The post-mortem that is booked for what happened. One from before it was reopened does not
    /// count for what happened since.
    #[must_use]
    pub fn booking(&self) -> Option<&PostMortem> {
        let resolved = self.over_since(Status::Resolved)?;
        self.post_mortem.as_ref().filter(|p| p.at >= resolved)
    }

    /// When the post-mortem took place, since it was last resolved.
    #[must_use]
    pub fn held_at(&self) -> Option<Time> {
        let resolved = self.over_since(Status::Resolved)?;
        self.post_mortem_held_at.filter(|at| *at >= resolved)
    }

    /// How often it went back.
    #[must_use]
    pub fn went_back(&self) -> usize {
        self.moves
            .iter()
            .filter(|m| m.back_because.is_some())
            .count()
    }

    /// The line of this name.
    #[must_use]
    pub fn entry(&self, id: EntryId) -> Option<&Entry> {
        self.timeline.iter().map(Arc::as_ref).find(|e| e.id == id)
    }

    /// The same, to be changed by what is written later.
    pub(crate) fn entry_mut(&mut self, id: EntryId) -> Option<&mut Entry> {
        let line = self.timeline.iter_mut().find(|e| e.id == id);
        line.map(Arc::make_mut)
    }

    /// The last move of the deal with this customer.
    #[must_use]
    pub fn deal_move(&self, customer: CustomerId) -> Option<&DealMove> {
        self.deal_moves.iter().rfind(|d| d.customer.id == customer)
    }
}
