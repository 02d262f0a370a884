//! Calls with customers and their recovery plans (RUNBOOK §9). The plan goes on after the
//! incident is closed; calls end with it.

use super::customer::known_ref;
use super::must_be_open;
use crate::call::{Call, CallEnd, Side};
use crate::shown::Shown as _;
use crate::text::{line, prose};
use crate::{Command, EntryId, Event, Incident, Policy, Refusal, Time};
use chrono::Duration;

/// Nothing is planned further ahead than this.
const AHEAD_MAX_DAYS: i64 = 366;

pub(super) fn decide(
    incident: &Incident,
    command: Command,
    policy: &Policy,
    now: Time,
) -> Result<Event, Refusal> {
    match command {
        Command::ScheduleCall {
            customer,
            kind,
            with,
            at,
            daily,
        } => {
            must_be_open(incident)?;
            if at <= now {
                let problem = format!(
                    "must be in the future; it is {} UTC now",
                    now.shown("%H:%M")
                );
                return Err(Refusal::invalid("When", problem));
            }
            if at > now + Duration::days(AHEAD_MAX_DAYS) {
                return Err(Refusal::invalid("When", "is more than a year ahead"));
            }
            Ok(Event::CallScheduledV2 {
                customer: known_ref(incident, &customer)?,
                kind,
                with: line("With whom", &with)?,
                at,
                daily,
            })
        }
        Command::EndCall { call, end } => {
            let known = planned(incident, call)?;
            let (end, again) = match end {
                CallEnd::Held { .. } if now < known.at - Duration::hours(1) => {
                    return Err(Refusal::out_of_order(format!(
                        "The call is at {} UTC. Write down what was said once it was held, or call it off.",
                        known.at.shown("%Y-%m-%d %H:%M")
                    )));
                }
                CallEnd::Held { notes } => {
                    let notes = prose("What was said", &notes)?;
                    (CallEnd::Held { notes }, known.daily && incident.is_open())
                }
                CallEnd::CalledOff { reason } => {
                    let reason = prose("Reason", &reason)?;
                    (CallEnd::CalledOff { reason }, false)
                }
            };
            Ok(Event::CallEnded {
                call,
                end,
                next_at: again.then(|| next_day(known.at, now)),
            })
        }
        Command::AddPlanStep {
            customer,
            what,
            side,
            due_on,
        } => {
            if due_on < policy.zone.day_at(now) {
                return Err(Refusal::invalid("Due date", "is in the past"));
            }
            let side = match side {
                Side::Theirs { name } => Side::Theirs {
                    name: line("Who", &name)?,
                },
                ours @ Side::Ours { .. } => ours,
            };
            Ok(Event::PlanStepAddedV2 {
                customer: known_ref(incident, &customer)?,
                what: line("What", &what)?,
                side,
                due_on,
            })
        }
        Command::FinishPlanStep { step, note } => {
            let found = incident.plan.iter().find(|s| s.id == step);
            let found = found.ok_or_else(|| Refusal::invalid("Step", "is not of this incident"))?;
            if found.done.is_some() {
                return Err(Refusal::out_of_order("This step is done already."));
            }
            Ok(Event::PlanStepDone {
                step,
                note: prose("What was done", &note)?,
            })
        }
        _ => Err(Refusal::NoSuchIncident),
    }
}

fn planned(incident: &Incident, id: EntryId) -> Result<&Call, Refusal> {
    let found = incident.calls.iter().find(|c| c.id == id);
    let found = found.ok_or_else(|| Refusal::invalid("Call", "is not of this incident"))?;
    match &found.end {
        None => Ok(found),
        Some((end, at)) => {
            let how = match end {
                CallEnd::Held { .. } => "was held",
                CallEnd::CalledOff { .. } => "was called off",
            };
            Err(Refusal::out_of_order(format!(
                "This call {how}, written down at {} UTC.",
                at.shown("%H:%M")
            )))
        }
    }
}

/// The same time of day on the first day that is still to come.
fn next_day(at: Time, now: Time) -> Time {
    let days = ((now - at).num_days() + 1).max(1);
    at + Duration::days(days)
}
