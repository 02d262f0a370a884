//! Cadence, and what closes an incident (RUNBOOK §7, §10).

use super::{must_be_open, past};
use crate::calendar::business_days_after;
use crate::shown::Shown as _;
use crate::text::{line, prose};
use crate::{Command, EntryId, Event, Incident, Policy, Refusal, Status, Time};

/// The shortest and the longest silence an incident may allow, minutes.
const CADENCE_MIN: std::ops::RangeInclusive<u32> = 5..=7 * 24 * 60;

pub(super) fn decide(
    incident: &Incident,
    command: Command,
    policy: &Policy,
    now: Time,
) -> Result<Event, Refusal> {
    // What was agreed goes on after the incident is closed.
    match command {
        Command::HoldPostMortem { at } => return held(incident, at, now),
        Command::FinishAction { action, proof } => return finished(incident, action, &proof),
        Command::AgreeAction { .. } => {}
        _ => must_be_open(incident)?,
    }
    match command {
        Command::ChangeCadence { every_min, reason } => {
            if !CADENCE_MIN.contains(&every_min) {
                return Err(Refusal::invalid(
                    "Cadence",
                    "must be between 5 minutes and 7 days",
                ));
            }
            Ok(Event::CadenceChanged {
                every_min,
                reason: prose("Reason", &reason)?,
            })
        }
        Command::BookPostMortem { at, facilitator } => {
            let Some(resolved) = incident.over_since(Status::Resolved) else {
                return Err(Refusal::out_of_order(
                    "The post-mortem is booked once it is resolved.",
                ));
            };
            not_held(incident)?;
            let days = policy.post_mortem_business_days;
            let mut by = business_days_after(resolved, days, policy);
            if now >= by {
                // Missed altogether, it is still to be held: its clocks say that it is late.
                by = business_days_after(now, days, policy);
            }
            if at <= now || at > by {
                let problem = format!(
                    "must be in the future and by {} UTC",
                    by.shown("%Y-%m-%d %H:%M")
                );
                return Err(Refusal::invalid("Post-mortem", problem));
            }
            Ok(Event::PostMortemBooked { at, facilitator })
        }
        Command::AgreeAction {
            what,
            owner,
            due_on,
            acceptance,
        } => {
            if due_on < policy.zone.day_at(now) {
                return Err(Refusal::invalid("Due date", "is in the past"));
            }
            Ok(Event::ActionAgreed {
                what: line("What", &what)?,
                owner,
                due_on,
                acceptance: prose("Done when", &acceptance)?,
            })
        }
        Command::PlanFollowUp { plan } => Ok(Event::FollowUpPlanned {
            plan: prose("Plan", &plan)?,
        }),
        _ => Err(Refusal::NoSuchIncident),
    }
}

fn held(incident: &Incident, at: Time, now: Time) -> Result<Event, Refusal> {
    const FIELD: &str = "Post-mortem held";
    if incident.post_mortem.is_none() {
        return Err(Refusal::out_of_order(
            "No post-mortem is booked. Book it first.",
        ));
    }
    not_held(incident)?;
    let at = past(FIELD, at, now)?;
    if incident
        .reached_at(Status::Resolved)
        .is_none_or(|resolved| at < resolved)
    {
        return Err(Refusal::invalid(FIELD, "is before it was resolved"));
    }
    Ok(Event::PostMortemHeld { at })
}

/// Each time it was resolved there is one post-mortem.
fn not_held(incident: &Incident) -> Result<(), Refusal> {
    match incident.held_at() {
        None => Ok(()),
        Some(at) => Err(Refusal::out_of_order(format!(
            "The post-mortem was held already, at {} UTC.",
            at.shown("%Y-%m-%d %H:%M")
        ))),
    }
}

fn finished(incident: &Incident, action: EntryId, proof: &str) -> Result<Event, Refusal> {
    let found = incident.actions.iter().find(|a| a.id == action);
    let found = found.ok_or_else(|| Refusal::invalid("Action", "is not of this incident"))?;
    if found.done.is_some() {
        return Err(Refusal::out_of_order("This action is done already."));
    }
    Ok(Event::ActionDone {
        action,
        proof: prose("Proof", proof)?,
    })
}
