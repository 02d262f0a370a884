//! Credits, calls and plans, and what closes an incident.

use crate::call::{Call, CallEnd, PlanStep};
use crate::customer::{Credit, CreditDecision, CreditProposal, CustomerRef, Judgement};
use crate::incident::{Action, CadenceChange, PostMortem};
use crate::shown::Shown as _;
use crate::timeline::EntryKind;
use crate::{EntryId, Event, Incident, Recorded};

impl Incident {
    pub(super) fn apply_account(&mut self, r: &Recorded) {
        match &r.event {
            Event::CadenceChanged { every_min, reason } => {
                self.earlier_cadences.extend(self.cadence.take());
                self.cadence = Some(CadenceChange {
                    every_min: *every_min,
                    reason: reason.clone(),
                    by: r.by.clone(),
                    at: r.at,
                });
                let text = format!("Customer updates every {every_min} min: {reason}");
                self.note(r, EntryKind::Decision, text);
            }
            Event::CreditDecidedV2 { customer, credit } => {
                self.decide_credit(r, customer, credit);
                let text = match credit {
                    Credit::None { reason } => format!("No credit for {customer}: {reason}"),
                    Credit::Granted { amount, reason } => {
                        let (amount, currency) = (amount.plain(), &amount.currency);
                        format!("Credit for {customer}: {amount} {currency}, {reason}")
                    }
                    other => format!("{} for {customer}: {}", other.label(), other.reason()),
                };
                self.note(r, EntryKind::Decision, text);
            }
            Event::PostMortemBooked { at, facilitator } => {
                // Moved to another day, it was booked when it first was.
                let first_booked_at = self
                    .booking()
                    .map(|old| old.first_booked_at.unwrap_or(old.booked_at));
                self.post_mortem = Some(PostMortem {
                    at: *at,
                    facilitator: facilitator.clone(),
                    booked_at: r.at,
                    first_booked_at,
                });
                let when = at.shown("%Y-%m-%d %H:%M");
                let text = format!(
                    "Post-mortem booked for {when} UTC with {}",
                    facilitator.name
                );
                self.note(r, EntryKind::Decision, text);
            }
            Event::ActionAgreed {
                what,
                owner,
                due_on,
                acceptance,
            } => {
                self.actions.push(Action {
                    id: r.command,
                    what: what.clone(),
                    owner: owner.clone(),
                    due_on: *due_on,
                    acceptance: acceptance.clone(),
                    done: None,
                });
                let text = format!("{what}: {} by {due_on}; done when {acceptance}", owner.name);
                self.note(r, EntryKind::Decision, text);
            }
            Event::FollowUpPlanned { plan } => {
                self.follow_up = Some(plan.clone());
                self.note(r, EntryKind::Decision, format!("Follow-up: {plan}"));
            }
            _ => {}
        }
    }

    pub(super) fn apply_call(&mut self, r: &Recorded) {
        let text = match &r.event {
            Event::CallScheduledV2 {
                customer,
                kind,
                with,
                at,
                daily,
            } => {
                self.calls.push(Call {
                    id: r.command,
                    customer: customer.clone(),
                    kind: *kind,
                    with: with.clone(),
                    at: *at,
                    daily: *daily,
                    scheduled_at: r.at,
                    end: None,
                });
                let when = at.shown("%Y-%m-%d %H:%M");
                let every = if *daily { ", daily" } else { "" };
                format!(
                    "{customer}: {} with {with} at {when} UTC{every}",
                    kind.label()
                )
            }
            Event::CallEnded { call, end, next_at } => {
                let Some(call) = self.calls.iter_mut().find(|c| c.id == *call) else {
                    return;
                };
                call.end = Some((end.clone(), r.at));
                let what = match end {
                    CallEnd::Held { notes } => format!("held: {notes}"),
                    CallEnd::CalledOff { reason } => format!("called off: {reason}"),
                };
                let text = format!(
                    "{}: {} with {} {what}",
                    call.customer,
                    call.kind.label(),
                    call.with
                );
                let next = next_at.map(|at| Call {
                    id: r.command,
                    at,
                    scheduled_at: r.at,
                    end: None,
                    ..call.clone()
                });
                self.calls.extend(next);
                text
            }
            Event::PlanStepAddedV2 {
                customer,
                what,
                side,
                due_on,
            } => {
                self.plan.push(PlanStep {
                    id: r.command,
                    customer: customer.clone(),
                    what: what.clone(),
                    side: side.clone(),
                    due_on: *due_on,
                    done: None,
                });
                format!(
                    "{customer}, recovery plan: {what} ({} by {due_on})",
                    side.name()
                )
            }
            Event::PlanStepDone { step, note } => {
                let Some(step) = self.plan.iter_mut().find(|s| s.id == *step) else {
                    return;
                };
                step.done = Some((note.clone(), r.at));
                format!(
                    "{}, recovery plan: {} is done. {note}",
                    step.customer, step.what
                )
            }
            _ => return,
        };
        self.note(r, EntryKind::Customer, text);
    }

    pub(super) fn apply_done(&mut self, r: &Recorded) {
        let text = match &r.event {
            Event::PostMortemHeld { at } => {
                self.post_mortem_held_at = Some(*at);
                format!("Post-mortem held at {} UTC", at.shown("%Y-%m-%d %H:%M"))
            }
            Event::ActionDone { action, proof } => {
                let Some(action) = self.actions.iter_mut().find(|a| a.id == *action) else {
                    return;
                };
                action.done = Some((proof.clone(), r.at));
                format!("Done: {}. {proof}", action.what)
            }
            _ => return,
        };
        self.note(r, EntryKind::Action, text);
    }

    pub(super) fn apply_credit(&mut self, r: &Recorded) {
        match &r.event {
            Event::CreditProposedV2 {
                customer,
                credit,
                working,
                approver,
            } => {
                self.proposals.push(CreditProposal {
                    id: r.command,
                    customer: customer.clone(),
                    credit: credit.clone(),
                    working: working.clone(),
                    approver: approver.clone(),
                    by: r.by.clone(),
                    at: r.at,
                    judged: None,
                });
                let (what, why) = (credit.label(), credit.reason());
                let text = format!("Proposed for {customer}: {what}, {why}. {approver} approves");
                self.note(r, EntryKind::Decision, text);
            }
            Event::CreditJudged {
                proposal,
                judgement,
            } => self.judged(r, *proposal, judgement),
            _ => {}
        }
    }

    fn judged(&mut self, r: &Recorded, id: EntryId, judgement: &Judgement) {
        let Some(proposal) = self.proposals.iter_mut().find(|p| p.id == id) else {
            return;
        };
        proposal.judged = Some((judgement.clone(), r.by.clone()));
        let (customer, proposed) = (proposal.customer.clone(), proposal.credit.clone());
        let (text, credit) = match judgement {
            Judgement::Approve => (
                format!("Approved for {customer}: {}", proposed.label()),
                Some(proposed),
            ),
            Judgement::Reject { reason } => (
                format!("Rejected for {customer}: {}. {reason}", proposed.label()),
                None,
            ),
            Judgement::Change { credit, reason } => (
                format!(
                    "Changed for {customer}: {} becomes {}. {reason}",
                    proposed.label(),
                    credit.label()
                ),
                Some(credit.clone()),
            ),
        };
        if let Some(credit) = credit {
            self.decide_credit(r, &customer, &credit);
        }
        self.note(r, EntryKind::Decision, text);
    }

    /// Of each customer the newest decision is in force; those before it are kept.
    fn decide_credit(&mut self, r: &Recorded, customer: &CustomerRef, credit: &Credit) {
        let of_theirs = |c: &mut CreditDecision| c.customer == *customer;
        self.earlier_credits
            .extend(self.credits.extract_if(.., of_theirs));
        self.credits.push(CreditDecision {
            customer: customer.clone(),
            credit: credit.clone(),
            by: r.by.clone(),
            at: r.at,
        });
    }
}
