//! The gate list, the next-step list and the clocks say the same, in any state.

use crate::room::Room;
use domain::clock::{Clock, ClockKind, clocks};
use domain::customer::CustomerRef;
use domain::draft::{Of, Stage, may_approve};
use domain::gate::{Need, missing};
use domain::next_step::{Step, Target, next_steps};
use domain::update::UpdateKind;
use domain::{Role, Status};

/// Each running clock has a step, by its time; each step has something behind it; and what the
/// next gate lacks is in the list, or the move itself.
pub fn assert_agreed(room: &Room) {
    let steps = next_steps(&room.incident, &room.policy, room.now);
    let clocks = clocks(&room.incident, &room.policy);
    for clock in clocks.iter().filter(|c| c.is_running()) {
        // Who is asked has their own time to answer, which may end after that of the seat.
        let answers = |s: &Step| matches!(s.target, Target::Answer(_));
        let by_then = |s: &Step| answers(s) || s.due_at.is_some_and(|at| at <= clock.due_at);
        assert!(
            steps.iter().any(|s| by_then(s) && serves(&s.target, clock)),
            "no step for {clock:?}: {steps:?}"
        );
    }
    for step in &steps {
        assert!(
            has_reason(room, &clocks, &step.target),
            "no reason: {step:?}"
        );
        assert!(!step.what.is_empty());
        if let Some(due_at) = step.due_at {
            assert!(is_due(room, &clocks, step, due_at), "why then? {step:?}");
        }
        let same = steps.iter().filter(|s| s.target == step.target);
        assert_eq!(same.count(), 1, "{step:?} stands twice");
    }
    assert_gate_agreed(room, &steps);
}

fn assert_gate_agreed(room: &Room, steps: &[Step]) {
    let declared = room.incident.declared.is_some();
    let Some(to) = room.incident.status.next().filter(|_| declared) else {
        return;
    };
    let lacks = missing(&room.incident, to, &room.policy);
    for need in &lacks {
        let supplied = steps.iter().any(|s| match need {
            // First whatever customers must hear before it.
            Need::ResolutionUpdate | Need::ResolutionFor { .. } => tells(&s.target, Of::Update),
            Need::Credit { customer } => decides(room, &s.target, customer),
            need => s.target == Target::Supply(need.clone()),
        });
        assert!(supplied, "no step supplies {need:?}: {steps:?}");
    }
    let may_move = steps.iter().any(|s| s.target == Target::Move(to));
    assert_eq!(may_move, lacks.is_empty(), "the step to {to:?}: {steps:?}");
}

/// Whether this step is about customers or executives being told.
fn tells(target: &Target, of: Of) -> bool {
    match target {
        Target::Update(_) => of == Of::Update,
        Target::Brief => of == Of::Brief,
        Target::Approve(what) | Target::Publish(what) => *what == of,
        // Whoever commands then approves it.
        Target::HandOverCommand => true,
        _ => false,
    }
}

/// Whether this step leads to a decision about this customer's credit.
fn decides(room: &Room, target: &Target, customer: &CustomerRef) -> bool {
    match target {
        Target::Supply(Need::Credit { customer: of }) => of == customer,
        Target::Judge(id) => {
            let proposals = &room.incident.proposals;
            proposals
                .iter()
                .any(|p| p.id == *id && p.customer == *customer)
        }
        _ => false,
    }
}

/// Whether doing this step leads towards what the clock asks for.
fn serves(step: &Target, clock: &Clock) -> bool {
    let names = |roles: &[Role]| matches!(step, Target::Offer(role) | Target::Answer(role) if roles.contains(role));
    match clock.kind {
        ClockKind::DeclareOrDismiss => *step == Target::Triage,
        ClockKind::CommanderNamed => names(&[Role::Commander]),
        ClockKind::CoreRolesNamed => names(&Role::CORE),
        ClockKind::SponsorNamed => names(&[Role::Sponsor]),
        ClockKind::RoleAccepted(role) => *step == Target::Answer(role),
        ClockKind::FirstUpdate | ClockKind::NextUpdate => tells(step, Of::Update),
        ClockKind::Brief => tells(step, Of::Brief),
        ClockKind::HypothesisTimebox(id) => *step == Target::Conclude(id),
        ClockKind::PartyResponse(id) => *step == Target::Chase(id),
        ClockKind::CommanderRelief => *step == Target::Relief,
        ClockKind::PostMortemBooked => *step == Target::Supply(Need::PostMortem),
        // It is held once it is booked.
        ClockKind::PostMortemHeld => {
            matches!(
                step,
                Target::HoldPostMortem | Target::Supply(Need::PostMortem)
            )
        }
        ClockKind::CreditDecision => {
            matches!(step, Target::Supply(Need::Credit { .. }) | Target::Judge(_))
        }
        ClockKind::ActionDone(id) => *step == Target::Action(id),
    }
}

/// Whether the record asks for this step, whatever the list says.
fn has_reason(room: &Room, clocks: &[Clock], target: &Target) -> bool {
    let i = &room.incident;
    let runs = |kinds: &[ClockKind]| {
        clocks
            .iter()
            .any(|c| c.is_running() && kinds.contains(&c.kind))
    };
    let stage = |of: Of| i.draft(of).map(|d| &d.stage);
    let telling = |of: Of| match of {
        Of::Update => runs(&[ClockKind::FirstUpdate, ClockKind::NextUpdate]),
        Of::Brief => runs(&[ClockKind::Brief]),
    };
    match target {
        Target::Triage => i.is_to_triage(),
        Target::Offer(role) => i.holder(*role).is_none() && i.seat(*role).offer.is_none(),
        Target::Answer(role) => i.seat(*role).offer.is_some(),
        Target::Update(kind) => {
            let in_turn = match i.status {
                _ if i.updates.is_empty() => UpdateKind::First,
                Status::Resolved | Status::Closed => UpdateKind::Resolution,
                _ => UpdateKind::Progress,
            };
            telling(Of::Update) && *kind == in_turn
        }
        Target::Brief => telling(Of::Brief),
        Target::Approve(of) => telling(*of) && matches!(stage(*of), Some(Stage::Ready { .. })),
        Target::HandOverCommand => {
            let commander = i.holder(Role::Commander).map(|holder| holder.id);
            let waits = |of: &Of| telling(*of) && matches!(stage(*of), Some(Stage::Ready { .. }));
            let mut waiting = [Of::Update, Of::Brief].into_iter().filter(waits);
            waiting.any(|of| !may_approve(i, of, commander.unwrap(), &room.policy))
        }
        Target::Publish(of) => telling(*of) && matches!(stage(*of), Some(Stage::Approved { .. })),
        Target::Supply(need) => {
            let next = i.status.next();
            let lacks = next.is_some_and(|to| missing(i, to, &room.policy).contains(need));
            let kind = match need {
                Need::PostMortem => ClockKind::PostMortemBooked,
                _ => ClockKind::CreditDecision,
            };
            lacks || runs(&[kind])
        }
        Target::Move(to) => {
            i.status.next() == Some(*to) && missing(i, *to, &room.policy).is_empty()
        }
        Target::Result(id) => i
            .mitigations
            .iter()
            .any(|m| m.entry == *id && m.result.is_none()),
        Target::Conclude(id) => i
            .hypotheses
            .iter()
            .any(|h| h.id == *id && h.conclusion.is_none()),
        Target::Chase(id) => i.asks.iter().any(|a| a.id == *id && a.answer.is_none()),
        Target::Judge(id) => i
            .proposals
            .iter()
            .any(|p| p.id == *id && p.judged.is_none()),
        Target::Relief => i.holder(Role::Commander).is_some() && i.status < Status::Resolved,
        Target::Customers => i.customers.is_empty() && i.status < Status::Mitigated,
        Target::Channel => i.channel_url.is_none() && i.status < Status::Mitigated,
        Target::Call(id) => i.calls.iter().any(|c| c.id == *id && c.end.is_none()),
        Target::HoldPostMortem => i.booking().is_some() && i.held_at().is_none(),
        Target::Action(id) => i.actions.iter().any(|a| a.id == *id && a.done.is_none()),
        Target::PlanStep(id) => i.plan.iter().any(|p| p.id == *id && p.done.is_none()),
    }
}

/// Whether a clock, a call or a plan asks for it by that time.
fn is_due(room: &Room, clocks: &[Clock], step: &Step, due_at: domain::Time) -> bool {
    let i = &room.incident;
    match step.target {
        Target::Call(id) => i.calls.iter().any(|c| c.id == id && c.at == due_at),
        Target::PlanStep(id) => i.plan.iter().any(|p| {
            let end = room.policy.zone.day_begins(p.due_on.succ_opt().unwrap());
            p.id == id && end == due_at
        }),
        _ => clocks
            .iter()
            .any(|c| c.is_running() && c.due_at == due_at && serves(&step.target, c)),
    }
}
