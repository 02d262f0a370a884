//! What a person does who follows a next step, with any content that will do.

use crate::room::{
    Room, ana, bo, brief, customer, decide_mitigation, declare, evidence, minutes, person,
};
use domain::calendar::business_days_after;
use domain::call::CallEnd;
use domain::command::Cause;
use domain::customer::Credit;
use domain::draft::{DraftText, Of, Stage, approver};
use domain::fix::Verdict;
use domain::gate::Need;
use domain::next_step::Target;
use domain::timeline::{Outcome, Outcomed};
use domain::update::UpdateKind;
use domain::{Command, EntryId, PersonRef, Role, Severity, Status};

/// Who would sit there: Ana commands, Bo repairs, Cy writes, Dan calls, Eve sponsors.
pub fn would_be(role: Role) -> PersonRef {
    match role {
        Role::Commander => person(0),
        Role::Engineering => person(1),
        Role::Comms => person(2),
        Role::CsSales => person(3),
        Role::Sponsor => person(4),
    }
}

/// Who sits there, or would.
pub fn who(room: &Room, role: Role) -> PersonRef {
    room.incident
        .holder(role)
        .cloned()
        .unwrap_or_else(|| would_be(role))
}

/// Who does this step, and how. Whoever owes it does it; what the commander must approve first
/// goes to them.
pub fn follow(room: &Room, target: &Target) -> (PersonRef, Command) {
    let commander = who(room, Role::Commander);
    let comms = who(room, Role::Comms);
    match target {
        Target::Triage => (commander, declare(Severity::Sev1, room.now)),
        Target::Offer(role) => {
            // They may sit elsewhere by now.
            let two_hats = Some("Nobody else is awake".to_owned());
            let (role, person) = (*role, would_be(*role));
            let offer = Command::OfferRole {
                role,
                person,
                two_hats,
            };
            (commander, offer)
        }
        Target::Answer(role) => {
            let asked = &room.incident.seat(*role).offer.as_ref().unwrap().person;
            (asked.clone(), Command::AcceptRole { role: *role })
        }
        Target::Update(kind) => told(room, comms, room.update(*kind)),
        Target::Brief => told(room, comms, publish_brief(room)),
        Target::Approve(of) => (
            commander,
            Command::ApproveDraft {
                draft: ready(room, *of),
            },
        ),
        Target::HandOverCommand => {
            // Whoever is not the one who put another out.
            let eve = would_be(Role::Sponsor);
            let to = if commander == eve { ana() } else { eve };
            let hand_over = Command::HandOverRole {
                role: Role::Commander,
                to,
                note: "The text waits for somebody else".to_owned(),
                two_hats: Some("Nobody else is awake".to_owned()),
            };
            (commander, hand_over)
        }
        Target::Publish(of) => {
            // Their own approval does not count since somebody else commands: they publish it then.
            let stage = room.incident.draft(*of).map(|d| &d.stage);
            let by = match stage {
                Some(Stage::Approved { by, .. }) if by.id == comms.id => commander,
                _ => comms,
            };
            (by, publish_approved(room, *of))
        }
        Target::Judge(id) => {
            let command = Command::JudgeCredit {
                proposal: *id,
                judgement: domain::customer::Judgement::Approve,
            };
            (person(4), command)
        }
        Target::Supply(need) => supplied(room, need),
        Target::Move(to) => (commander, Command::MoveStatus { to: *to }),
        Target::Relief => {
            let reason = "Eve takes over at 22:00".to_owned();
            (commander, Command::StayOn { reason })
        }
        _ => (commander, tidy(room, target)),
    }
}

fn tidy(room: &Room, target: &Target) -> Command {
    match target {
        Target::Result(entry) => Command::RecordResult {
            entry: *entry,
            result: Outcomed {
                text: "Errors fell".to_owned(),
                outcome: Outcome::Worked,
            },
        },
        Target::Conclude(hypothesis) => Command::ConcludeHypothesis {
            hypothesis: *hypothesis,
            verdict: Verdict::Rejected,
            because: "The pool was half empty".to_owned(),
        },
        Target::Chase(ask) => {
            let asked = room.incident.asks.iter().find(|a| a.id == *ask).unwrap();
            if asked.acknowledged_at.is_none() {
                Command::AcknowledgeAsk { ask: *ask }
            } else {
                Command::AnswerAsk {
                    ask: *ask,
                    answer: "No notice is owed".to_owned(),
                }
            }
        }
        Target::Customers => Command::NoteCustomer {
            customer: customer("Northwind"),
        },
        Target::Channel => Command::LinkChannel {
            url: "https://chat.example/inc-2026-0042".to_owned(),
        },
        Target::Call(call) => Command::EndCall {
            call: *call,
            end: CallEnd::Held {
                notes: "They stay calm".to_owned(),
            },
        },
        Target::HoldPostMortem => Command::HoldPostMortem { at: room.now },
        Target::Action(action) => Command::FinishAction {
            action: *action,
            proof: "The test fails on one server only".to_owned(),
        },
        Target::PlanStep(step) => Command::FinishPlanStep {
            step: *step,
            note: "Sent".to_owned(),
        },
        other => unreachable!("{other:?} is done by its owner"),
    }
}

fn publish_brief(room: &Room) -> Command {
    Command::PublishBrief {
        text: brief(),
        after_version: room.incident.briefs.last().map_or(0, |b| b.version),
    }
}

/// Publishes, or puts up for approval where that is asked for.
fn told(room: &Room, by: PersonRef, command: Command) -> (PersonRef, Command) {
    let of = match &command {
        Command::PublishUpdate { .. } => Of::Update,
        _ => Of::Brief,
    };
    if approver(&room.incident, of, by.id, &room.policy).is_none() {
        return (by, command);
    }
    // Somebody else began: what they wrote is taken over.
    if room.incident.draft(of).is_some_and(|d| d.by.id != by.id) {
        let take_over = true;
        return (by, Command::OpenDraft { of, take_over });
    }
    let text = match command {
        Command::PublishUpdate { text, excuses, .. } => DraftText::Update { text, excuses },
        Command::PublishBrief { text, .. } => DraftText::Brief { text },
        other => unreachable!("{other:?} tells nobody"),
    };
    (by, Command::ReadyDraft { text })
}

fn ready(room: &Room, of: Of) -> EntryId {
    match &room.incident.draft(of).unwrap().stage {
        Stage::Ready { id, .. } => *id,
        other => panic!("{other:?} does not wait for approval"),
    }
}

/// The text as it was approved; its promise is counted anew from now on.
fn publish_approved(room: &Room, of: Of) -> Command {
    let text = room.incident.draft(of).unwrap().text().unwrap().clone();
    match text {
        DraftText::Update { mut text, excuses } => {
            let cadence = i64::from(room.incident.cadence_min(&room.policy));
            text.next_at = text.next_at.map(|_| room.now + minutes(cadence));
            Command::PublishUpdate {
                text,
                after: room.incident.updates.last().map(|u| u.id),
                excuses,
            }
        }
        DraftText::Brief { text } => Command::PublishBrief {
            text,
            after_version: room.incident.briefs.last().map_or(0, |b| b.version),
        },
    }
}

fn supplied(room: &Room, need: &Need) -> (PersonRef, Command) {
    let command = match need {
        Need::Mitigation => decide_mitigation(),
        Need::Evidence { proves } => evidence(*proves),
        Need::ImpactEnd => Command::StateImpactEnd { at: room.now },
        Need::Cause => Command::StateCause {
            cause: Cause::Known {
                text: "A pool".to_owned(),
            },
        },
        Need::ResolutionUpdate | Need::ResolutionFor { .. } => {
            let update = room.update(UpdateKind::Resolution);
            return told(room, who(room, Role::Comms), update);
        }
        Need::Credit { customer } => Command::DecideCredit {
            customer: customer.clone(),
            credit: Credit::None {
                reason: "Above 99.9 %".to_owned(),
            },
        },
        Need::PostMortem => {
            // Tomorrow, or in what is left of its five days.
            let tomorrow = room.now + minutes(1_440);
            let resolved = room.incident.over_since(Status::Resolved).unwrap();
            let by = business_days_after(resolved, 5, &room.policy);
            Command::BookPostMortem {
                at: if room.now < by {
                    tomorrow.min(by)
                } else {
                    tomorrow
                },
                facilitator: bo(),
            }
        }
        Need::Action => Command::AgreeAction {
            what: "Limit connections".to_owned(),
            owner: bo(),
            due_on: room.now.date_naive(),
            acceptance: "A test fails".to_owned(),
        },
        Need::FollowUp => Command::PlanFollowUp {
            plan: "Write on Friday".to_owned(),
        },
    };
    (ana(), command)
}
