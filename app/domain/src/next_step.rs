//! What to do next, in order, computed from the record (RUNBOOK §4, §7).

use crate::clock::{Clock, ClockKind, ClockState, clocks};
use crate::customer::{CreditProposal, Customer, CustomerRef};
use crate::draft::{DraftText, Of, Stage, approver, barred, is_unapproved, may_approve};
use crate::gate::{self, Need};
use crate::update::UpdateKind;
use crate::{EntryId, Incident, PersonId, PersonRef, Policy, Role, Status, Time, order};
use chrono::Duration;

/// Where a step is done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// Declare, join or dismiss the report.
    Triage,
    /// Offer this seat to somebody.
    Offer(Role),
    /// Answer the offer of this seat.
    Answer(Role),
    /// Write this kind of update.
    Update(UpdateKind),
    /// Renew the executive brief.
    Brief,
    /// Approve the draft that waits, or send it back.
    Approve(Of),
    /// Have somebody else command: the draft that waits cannot be approved by who does.
    HandOverCommand,
    /// Publish the draft that was approved.
    Publish(Of),
    /// Supply what the gate lacks.
    Supply(Need),
    /// Take the step: its gate is open.
    Move(Status),
    /// Say what came of a mitigation.
    Result(EntryId),
    /// Conclude a hypothesis.
    Conclude(EntryId),
    /// Get a party to acknowledge or answer.
    Chase(EntryId),
    /// Approve, reject or change the credit that somebody proposed.
    Judge(EntryId),
    /// Hand the command over, or say why not.
    Relief,
    /// Name the customers who are hurt.
    Customers,
    /// Say where the incident's channel is.
    Channel,
    /// Write down what a call came to.
    Call(EntryId),
    /// Say that the post-mortem was held.
    HoldPostMortem,
    /// Finish a remediation action.
    Action(EntryId),
    /// Finish a step of a recovery plan.
    PlanStep(EntryId),
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What to do, as an imperative.
    pub what: String,
    /// Where.
    pub target: Target,
    /// By when, if a clock runs for it.
    pub due_at: Option<Time>,
}

/// How a step stands among the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// A promise to customers that was broken.
    Broken,
    /// Somebody waits for a word on a text, or for it to go out.
    Asked,
    /// Has a due time and can be done now, once and for all.
    Due,
    /// Opens the next gate, or completes the record.
    Open,
    /// Comes again, or cannot be done yet.
    Later,
}

/// The steps, most pressing first: a broken promise to customers; a text that waits for a word; what is due, by its due time;
/// what opens the next gate; what comes again or later. A promise just given is no step before the
/// last fifth of its time: doing the first step always leads on, to Closed.
#[must_use]
pub fn next_steps(incident: &Incident, policy: &Policy, now: Time) -> Vec<Step> {
    let mut steps: Vec<(Rank, Step)> = Vec::new();
    for clock in clocks(incident, policy).iter().filter(|c| c.is_running()) {
        let rank = rank_of(incident, clock, now);
        steps.extend(
            for_clock(incident, clock, policy)
                .into_iter()
                .map(|s| match s.target {
                    // Whoever was asked to command answers first.
                    Target::HandOverCommand if incident.seat(Role::Commander).offer.is_some() => {
                        (Rank::Later, s)
                    }
                    Target::Approve(_) | Target::Publish(_) | Target::HandOverCommand => {
                        (rank.min(Rank::Asked), s)
                    }
                    Target::Update(_) if lacks_approver(incident, Of::Update, policy) => {
                        (Rank::Later, s)
                    }
                    Target::Brief if lacks_approver(incident, Of::Brief, policy) => {
                        (Rank::Later, s)
                    }
                    _ => (rank, s),
                }),
        );
    }
    if incident.declared.is_some() {
        let open = |step| (Rank::Open, step);
        steps.extend(for_gate(incident, policy).into_iter().map(open));
        steps.extend(for_results(incident).map(open));
        steps.extend(for_record(incident).into_iter().map(open));
        steps.extend(for_calls(incident, now));
        steps.extend(for_plan(incident, policy, now));
    }
    order::by(&mut steps, |(rank, step)| {
        let due = step.due_at.map_or(i64::MAX, |at| at.timestamp_millis());
        [*rank as i64, if *rank == Rank::Open { 0 } else { due }, 0]
    });
    let mut all: Vec<Step> = Vec::new();
    for (_, step) in steps {
        match all.iter_mut().find(|s| s.target == step.target) {
            // What opens a gate may have a clock as well.
            Some(known) => known.due_at = known.due_at.or(step.due_at),
            None => all.push(step),
        }
    }
    all
}

fn rank_of(incident: &Incident, clock: &Clock, now: Time) -> Rank {
    let pressing = matches!(clock.state(now), ClockState::AtRisk | ClockState::Overdue);
    let over = incident.status >= Status::Resolved;
    match clock.kind {
        kind if kind.is_update() && clock.due_at < now => Rank::Broken,
        ClockKind::NextUpdate if over || pressing => Rank::Due,
        ClockKind::NextUpdate => Rank::Later,
        ClockKind::Brief if incident.briefs.is_empty() || pressing => Rank::Due,
        ClockKind::PostMortemHeld => {
            let booked = incident.booking().is_some_and(|p| p.at <= now);
            if booked { Rank::Due } else { Rank::Later }
        }
        ClockKind::Brief
        | ClockKind::CommanderRelief
        | ClockKind::HypothesisTimebox(_)
        | ClockKind::ActionDone(_)
        | ClockKind::PostMortemBooked
        | ClockKind::CreditDecision => {
            if pressing {
                Rank::Due
            } else {
                Rank::Later
            }
        }
        _ => Rank::Due,
    }
}

fn for_clock(incident: &Incident, clock: &Clock, policy: &Policy) -> Vec<Step> {
    let step = |what: String, target| Step {
        what,
        target,
        due_at: Some(clock.due_at),
    };
    let name = |role: Role| {
        let seat = incident.seat(role);
        let open = seat.holder.is_none() && seat.offer.is_none();
        open.then(|| {
            let what = format!("Name {} {}", article(role), role.label());
            step(what, Target::Offer(role))
        })
    };
    match clock.kind {
        ClockKind::DeclareOrDismiss => {
            vec![step(
                "Declare, join or dismiss the report".to_owned(),
                Target::Triage,
            )]
        }
        ClockKind::CommanderNamed => name(Role::Commander).into_iter().collect(),
        ClockKind::CoreRolesNamed => Role::CORE.into_iter().filter_map(name).collect(),
        ClockKind::SponsorNamed => name(Role::Sponsor).into_iter().collect(),
        ClockKind::RoleAccepted(role) => {
            let offer = incident.seat(role).offer.as_ref();
            let who = offer.map_or("", |o| o.person.name.as_str());
            let what = format!("{who}: accept or decline {}", role.label());
            vec![step(what, Target::Answer(role))]
        }
        ClockKind::FirstUpdate | ClockKind::NextUpdate => {
            let (what, kind) = match clock.kind {
                ClockKind::FirstUpdate => ("Tell customers what is known", UpdateKind::First),
                _ if incident.status >= Status::Resolved => (
                    "Tell customers that it is over, and why it happened",
                    UpdateKind::Resolution,
                ),
                _ => ("Tell customers what changed", UpdateKind::Progress),
            };
            let (what, target) = for_text(incident, Of::Update, policy)
                .filter(|_| drafted_kind(incident).is_none_or(|drafted| drafted == kind))
                .unwrap_or_else(|| {
                    let what = unless_barred(what, incident, Of::Update, policy);
                    (what, Target::Update(kind))
                });
            vec![step(what, target)]
        }
        ClockKind::Brief => {
            let (what, target) = for_text(incident, Of::Brief, policy).unwrap_or_else(|| {
                let what = "Renew the executive brief";
                let what = unless_barred(what, incident, Of::Brief, policy);
                (what, Target::Brief)
            });
            vec![step(what, target)]
        }
        ClockKind::HypothesisTimebox(id) => {
            vec![step(
                format!("Conclude: {}", clock.about),
                Target::Conclude(id),
            )]
        }
        ClockKind::PartyResponse(id) => {
            vec![step(
                format!("Get {} to answer", clock.about),
                Target::Chase(id),
            )]
        }
        ClockKind::CommanderRelief => {
            let what = "Hand the command over, or say why the commander stays".to_owned();
            vec![step(what, Target::Relief)]
        }
        ClockKind::PostMortemBooked => {
            vec![step(
                "Book the post-mortem".to_owned(),
                Target::Supply(Need::PostMortem),
            )]
        }
        ClockKind::PostMortemHeld if incident.booking().is_some() => {
            vec![step(
                "Hold the post-mortem".to_owned(),
                Target::HoldPostMortem,
            )]
        }
        ClockKind::PostMortemHeld => Vec::new(),
        ClockKind::CreditDecision => undecided(incident)
            .map(|customer| {
                let (what, target) = for_credit(incident, customer);
                step(what, target)
            })
            .collect(),
        ClockKind::ActionDone(id) => {
            vec![step(format!("Finish: {}", clock.about), Target::Action(id))]
        }
    }
}

/// A text that is on its way: what has to be done with it. None when it is still to be written.
fn for_text(incident: &Incident, of: Of, policy: &Policy) -> Option<(String, Target)> {
    // Nobody in particular: whoever is asked to approve, approves for all others.
    let commander = approver(incident, of, PersonId::default(), policy)?;
    match &incident.draft(of)?.stage {
        Stage::Ready { .. } if !may_approve(incident, of, commander.id, policy) => {
            let (name, label) = (&commander.name, of.label());
            let what = format!(
                "Hand the command over: {name} put out who was to approve the {label}, and cannot approve it"
            );
            Some((what, Target::HandOverCommand))
        }
        Stage::Ready { .. } => Some((format!("Approve the {}", of.label()), Target::Approve(of))),
        Stage::Approved { by, .. } => {
            let what = format!("Publish the {} that was approved", of.label());
            // Their own approval does not count for them since somebody else commands.
            let what = match approver(incident, of, by.id, policy) {
                Some(_) => other_than(what, &[by]),
                None => what,
            };
            Some((what, Target::Publish(of)))
        }
        Stage::Writing | Stage::Returned { .. } => None,
    }
}

/// The step, and who must leave it to somebody else: their text would be refused.
fn unless_barred(what: &str, incident: &Incident, of: Of, policy: &Policy) -> String {
    other_than(what.to_owned(), &barred(incident, of, policy))
}

fn other_than(what: String, barred: &[&PersonRef]) -> String {
    let names: Vec<&str> = barred.iter().map(|person| &*person.name).collect();
    match names.as_slice() {
        [] => what,
        names => format!("{what}: somebody other than {}", names.join(" and ")),
    }
}

/// A text that was put up for approval still waits for it when nobody is left to give it.
fn lacks_approver(incident: &Incident, of: Of, policy: &Policy) -> bool {
    incident.seat(Role::Commander).holder.is_none() && is_unapproved(incident, of, policy)
}

/// Who is asked to approve a text that waits for it; none when none waits.
#[must_use]
pub fn asked<'a>(incident: &'a Incident, of: Of, policy: &Policy) -> Option<&'a PersonRef> {
    let (_, target) = for_text(incident, of, policy)?;
    let waits = matches!(target, Target::Approve(_));
    approver(incident, of, PersonId::default(), policy).filter(|_| waits)
}

/// The kind of update whose draft is on its way. The incident may have moved on since it was
/// written: then it is written anew.
fn drafted_kind(incident: &Incident) -> Option<UpdateKind> {
    match incident.draft(Of::Update)?.text()? {
        DraftText::Update { text, .. } => Some(text.kind),
        DraftText::Brief { .. } => None,
    }
}

/// A decision about credit: to be made, or proposed already and waiting for another person.
fn for_credit(incident: &Incident, customer: CustomerRef) -> (String, Target) {
    match incident.proposal_for(customer.id) {
        Some(waits) => to_judge(waits),
        None => (
            format!("Decide on credit for {customer}"),
            Target::Supply(Need::Credit { customer }),
        ),
    }
}

fn to_judge(waits: &CreditProposal) -> (String, Target) {
    let what = format!(
        "{}: approve or reject {} for {}",
        waits.approver,
        waits.credit.label(),
        waits.customer
    );
    (what, Target::Judge(waits.id))
}

fn undecided(incident: &Incident) -> impl Iterator<Item = CustomerRef> {
    incident
        .customers
        .iter()
        .filter(|c| incident.credit_for(c.id).is_none())
        .map(Customer::to_ref)
}

fn article(role: Role) -> &'static str {
    match role {
        Role::Commander | Role::Engineering | Role::Sponsor => "an",
        Role::Comms | Role::CsSales => "a",
    }
}

fn for_gate(incident: &Incident, policy: &Policy) -> Vec<Step> {
    let Some(to) = incident.status.next() else {
        return Vec::new();
    };
    let missing = gate::missing(incident, to, policy);
    if missing.is_empty() {
        let what = format!("Move to {}: everything it needs is there", to.label());
        return vec![Step {
            what,
            target: Target::Move(to),
            due_at: None,
        }];
    }
    missing
        .into_iter()
        // The update clock runs until customers were told that it is over: the step it asks for,
        // a first update if there was none, is already in the list.
        .filter(|need| !matches!(need, Need::ResolutionUpdate | Need::ResolutionFor { .. }))
        .map(|need| {
            let (what, target) = match need {
                Need::Credit { customer } => for_credit(incident, customer),
                need => {
                    let what =
                        format!("{} needs: {}", to.label(), lower_first(&need.label(policy)));
                    (what, Target::Supply(need))
                }
            };
            Step {
                what,
                target,
                due_at: None,
            }
        })
        .collect()
}

fn for_results(incident: &Incident) -> impl Iterator<Item = Step> {
    incident
        .mitigations
        .iter()
        .filter(|m| m.result.is_none() && incident.is_open())
        .map(|m| Step {
            what: format!("Say what came of: {}", m.what),
            target: Target::Result(m.entry),
            due_at: None,
        })
}

/// What would leave the record incomplete.
fn for_record(incident: &Incident) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut step = |what: String, target| {
        steps.push(Step {
            what,
            target,
            due_at: None,
        });
    };
    if incident.is_open() {
        for ask in incident
            .asks
            .iter()
            .filter(|a| a.acknowledged_at.is_some() && a.answer.is_none())
        {
            step(
                format!("Write down what {} answered", ask.party.label()),
                Target::Chase(ask.id),
            );
        }
        for waits in incident.proposals.iter().filter(|p| p.judged.is_none()) {
            let (what, target) = to_judge(waits);
            step(what, target);
        }
    }
    if incident.status < Status::Mitigated {
        if incident.customers.is_empty() {
            step(
                "Name the customers who are hurt".to_owned(),
                Target::Customers,
            );
        }
        if incident.channel_url.is_none() {
            step("Link the incident's channel".to_owned(), Target::Channel);
        }
    }
    steps
}

/// Calls are steps from an hour before they begin.
fn for_calls(incident: &Incident, now: Time) -> Vec<(Rank, Step)> {
    if !incident.is_open() {
        return Vec::new();
    }
    let planned = incident.calls.iter().filter(|c| c.end.is_none());
    planned
        .map(|call| {
            let near = call.at - Duration::hours(1) <= now;
            let step = Step {
                what: format!(
                    "Hold the {} with {} of {}",
                    call.kind.label(),
                    call.with,
                    call.customer
                ),
                target: Target::Call(call.id),
                due_at: Some(call.at),
            };
            (if near { Rank::Due } else { Rank::Later }, step)
        })
        .collect()
}

fn for_plan(incident: &Incident, policy: &Policy, now: Time) -> Vec<(Rank, Step)> {
    let open = incident.plan.iter().filter(|s| s.done.is_none());
    open.map(|planned| {
        let due_at = policy
            .zone
            .day_begins(planned.due_on.succ_opt().unwrap_or(planned.due_on));
        let step = Step {
            what: format!(
                "{}: {} ({})",
                planned.customer,
                planned.what,
                planned.side.name()
            ),
            target: Target::PlanStep(planned.id),
            due_at: Some(due_at),
        };
        (if due_at < now { Rank::Due } else { Rank::Later }, step)
    })
    .collect()
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().collect::<String>() + chars.as_str()
    })
}
