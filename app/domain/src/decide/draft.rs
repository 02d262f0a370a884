//! Drafts: who writes, what is ready, what the commander says to it (RUNBOOK §5, §8).

use super::told;
use super::told::{brief, checked_update};
use crate::draft::{Draft, DraftText, Of, Stage, unmade_approval};
use crate::{Actor, Command, EntryId, Event, Incident, Policy, Refusal, Role, Time};

pub(super) fn decide(
    incident: &Incident,
    command: Command,
    actor: &Actor,
    policy: &Policy,
    now: Time,
) -> Result<Event, Refusal> {
    match command {
        Command::OpenDraft { of, take_over } => {
            told::may_tell(incident, of)?;
            match incident
                .draft(of)
                .filter(|d| d.is_held_from(actor.id, now) && !take_over)
            {
                Some(draft) => Err(writing(of, draft)),
                None => Ok(Event::DraftOpened { of }),
            }
        }
        Command::ReadyDraft { text } => {
            let of = text.of();
            told::may_tell(incident, of)?;
            if let Some(draft) = incident.draft(of).filter(|d| d.is_held_from(actor.id, now)) {
                return Err(writing(of, draft));
            }
            let text = match text {
                DraftText::Update { text, excuses } => {
                    let (text, excuses) = checked_update(incident, text, excuses, policy, now)?;
                    DraftText::Update { text, excuses }
                }
                DraftText::Brief { text } => DraftText::Brief {
                    text: brief(text, now)?,
                },
            };
            Ok(Event::DraftReady { text })
        }
        Command::ApproveDraft { draft } => {
            commanded_by(incident, actor)?;
            let text = waits(incident, draft)?;
            told::another_decides(incident, actor, policy, text)?;
            // Their own text would be approved by nobody else.
            let is_own = incident
                .draft(text.of())
                .is_some_and(|d| d.by.id == actor.id);
            if is_own && unmade_approval(incident, text.of(), actor.id, policy) {
                return Err(told::unmade(incident, text.of(), actor));
            }
            Ok(Event::DraftApproved { draft })
        }
        Command::ReturnDraft { draft, reason } => {
            commanded_by(incident, actor)?;
            let is_approved =
                |d: &Draft| matches!(&d.stage, Stage::Approved { id, .. } if *id == draft);
            if !incident.drafts.values().any(is_approved) {
                waits(incident, draft)?;
            }
            Ok(Event::DraftReturned {
                draft,
                reason: crate::text::prose("What must change", &reason)?,
            })
        }
        Command::DropDraft { of } => match incident.draft(of) {
            Some(_) => Ok(Event::DraftDropped { of }),
            None => Err(Refusal::out_of_order("There is no draft to drop.")),
        },
        _ => Err(Refusal::NoSuchIncident),
    }
}

fn writing(of: Of, draft: &Draft) -> Refusal {
    let (did, at) = match &draft.stage {
        Stage::Ready { at, .. } => ("put up for approval another", *at),
        Stage::Approved { at, .. } => ("had approval for another", *at),
        Stage::Writing | Stage::Returned { .. } => ("began writing the", draft.opened_at),
    };
    Refusal::Superseded {
        by: draft.by.name.clone(),
        did: format!("{did} {}", of.label()),
        at,
    }
}

fn commanded_by(incident: &Incident, actor: &Actor) -> Result<(), Refusal> {
    match incident.holder(Role::Commander) {
        Some(commander) if commander.id == actor.id => Ok(()),
        Some(commander) => Err(Refusal::NotYours {
            why: format!(
                "{} is Incident Commander; only they approve it or send it back.",
                commander.name
            ),
        }),
        None => Err(Refusal::out_of_order(
            "There is no Incident Commander yet. Publish it without approval, or name one.",
        )),
    }
}

/// The text that this command put up, while it waits.
fn waits(incident: &Incident, id: EntryId) -> Result<&DraftText, Refusal> {
    let waits = incident.drafts.values().find_map(|d| match &d.stage {
        Stage::Ready {
            id: ready, text, ..
        } if *ready == id => Some(&**text),
        _ => None,
    });
    waits.ok_or_else(|| {
        Refusal::out_of_order(
            "This draft is not waiting for approval any more. Look at the newest one.",
        )
    })
}
