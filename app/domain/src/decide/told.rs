//! What customers and executives are told (RUNBOOK §5, §8).

use super::report::{known_components, named};
use super::{must_be_open, past};
use crate::brief::{Ask, BriefText, Eta};
use crate::policy::minutes;
use crate::text::{line, prose};
use crate::update::{Closure, UpdateKind, UpdateText};
use crate::wording::marks;
use crate::{Command, Event, Incident, Policy, Refusal, Status, Time, UpdateId};

/// A brief is one page: no more risks or asks than this.
const BRIEF_ITEMS_MAX: usize = 12;

pub(super) fn decide(
    incident: &Incident,
    command: Command,
    policy: &Policy,
    now: Time,
) -> Result<Event, Refusal> {
    must_be_open(incident)?;
    match command {
        Command::PublishUpdate { text, after } => {
            nobody_was_first(incident, after)?;
            in_turn(incident, text.kind)?;
            let cadence_min = incident.cadence_min(policy);
            Ok(Event::UpdatePublished {
                text: checked(incident, text, policy, now)?,
                cadence_min,
            })
        }
        Command::PublishBrief {
            text,
            after_version,
        } => {
            if let Some(last) = incident
                .briefs
                .last()
                .filter(|b| b.version != after_version)
            {
                return Err(Refusal::Superseded {
                    by: last.by.name.clone(),
                    did: format!("published brief {}", last.version),
                    at: last.published_at,
                });
            }
            Ok(Event::BriefPublished { text: brief(text)? })
        }
        _ => Err(Refusal::NoSuchIncident),
    }
}

fn nobody_was_first(incident: &Incident, after: Option<UpdateId>) -> Result<(), Refusal> {
    match incident.updates.last() {
        Some(last) if Some(last.id) != after => Err(Refusal::Superseded {
            by: last.by.name.clone(),
            did: format!("published update {}", last.number),
            at: last.published_at,
        }),
        _ => Ok(()),
    }
}

fn in_turn(incident: &Incident, kind: UpdateKind) -> Result<(), Refusal> {
    let told = !incident.updates.is_empty();
    match kind {
        UpdateKind::First if told => Err(Refusal::out_of_order(
            "Customers have had their first update. Send a progress update.",
        )),
        UpdateKind::Progress if !told => Err(Refusal::out_of_order(
            "Customers have heard nothing yet. Send the first update.",
        )),
        UpdateKind::Progress if incident.resolution_published() => Err(Refusal::out_of_order(
            "Customers were told that it is over. If it is not, go back to an earlier status first.",
        )),
        UpdateKind::Resolution if !told => Err(Refusal::out_of_order(
            "Customers have heard nothing yet. Send the first update before the resolution.",
        )),
        UpdateKind::Resolution if incident.status < Status::Resolved => Err(Refusal::out_of_order(
            "It is not resolved yet. Move the status to Resolved before customers are told so.",
        )),
        _ => Ok(()),
    }
}

fn checked(
    incident: &Incident,
    text: UpdateText,
    policy: &Policy,
    now: Time,
) -> Result<UpdateText, Refusal> {
    known_components(text.components.iter().map(|c| c.name.as_str()), policy)?;
    if let Some(id) = text
        .corrects
        .filter(|id| !incident.updates.iter().any(|u| u.id == *id))
    {
        return Err(Refusal::invalid(
            "Corrected update",
            format!("{id} is not of this incident"),
        ));
    }
    Ok(UpdateText {
        acknowledge: exact("What happens", &text.acknowledge)?,
        impact: exact("Who is affected", &text.impact)?,
        action: exact("What we do", &text.action)?,
        next_at: promise(incident, text.kind, text.next_at, policy, now)?,
        audience: named(text.audience)?,
        closure: closure(text.kind, text.closure, now)?,
        ..text
    })
}

/// Text for customers: no time in it may be vague.
fn exact(field: &'static str, text: &str) -> Result<String, Refusal> {
    let text = prose(field, text)?;
    match marks(&text).first() {
        Some(mark) => Err(Refusal::invalid(
            field,
            format!(
                "cannot be published: {}",
                mark.advice().trim_end_matches('.')
            ),
        )),
        None => Ok(text),
    }
}

fn promise(
    incident: &Incident,
    kind: UpdateKind,
    next_at: Option<Time>,
    policy: &Policy,
    now: Time,
) -> Result<Option<Time>, Refusal> {
    const FIELD: &str = "Next update";
    let cadence_min = incident.cadence_min(policy);
    match (kind, next_at) {
        (UpdateKind::Resolution, None) => Ok(None),
        (UpdateKind::Resolution, Some(_)) => {
            Err(Refusal::invalid(FIELD, "is not promised once it is over"))
        }
        (_, None) => Err(Refusal::invalid(FIELD, "needs a time")),
        (_, Some(at)) if at <= now => {
            let problem = format!(
                "must be in the future; it is {} UTC now",
                now.format("%H:%M")
            );
            Err(Refusal::invalid(FIELD, problem))
        }
        (_, Some(at)) if at > now + minutes(cadence_min) => {
            let latest = now + minutes(cadence_min);
            let problem = format!(
                "must come within {cadence_min} min, by {} UTC",
                latest.format("%H:%M")
            );
            Err(Refusal::invalid(FIELD, problem))
        }
        (_, Some(at)) => Ok(Some(at)),
    }
}

fn closure(
    kind: UpdateKind,
    closure: Option<Closure>,
    now: Time,
) -> Result<Option<Closure>, Refusal> {
    match (kind, closure) {
        (UpdateKind::Resolution, Some(closure)) => {
            let impact_from = past("Impact from", closure.impact_from, now)?;
            let impact_to = past("Impact to", closure.impact_to, now)?;
            if impact_to < impact_from {
                return Err(Refusal::invalid("Impact to", "is before the impact began"));
            }
            Ok(Some(Closure {
                cause: exact("Cause", &closure.cause)?,
                prevention: exact("Prevention", &closure.prevention)?,
                impact_from,
                impact_to,
            }))
        }
        (UpdateKind::Resolution, None) => Err(Refusal::invalid(
            "Resolution",
            "needs cause, impact window and prevention",
        )),
        (_, Some(_)) => Err(Refusal::invalid(
            "Cause and prevention",
            "belong to the resolution update",
        )),
        (_, None) => Ok(None),
    }
}

fn brief(text: BriefText) -> Result<BriefText, Refusal> {
    if text.risks.len() > BRIEF_ITEMS_MAX || text.asks.len() > BRIEF_ITEMS_MAX {
        let problem = format!("must fit one page: at most {BRIEF_ITEMS_MAX} risks and asks each");
        return Err(Refusal::invalid("Brief", problem));
    }
    Ok(BriefText {
        happened: prose("What happened", &text.happened)?,
        impact: prose("Customer impact", &text.impact)?,
        risks: text
            .risks
            .iter()
            .map(|r| line("Risk", r))
            .collect::<Result<_, _>>()?,
        asks: text
            .asks
            .into_iter()
            .map(|a| {
                Ok(Ask {
                    what: line("Ask", &a.what)?,
                    of: line("Asked of", &a.of)?,
                    ..a
                })
            })
            .collect::<Result<_, Refusal>>()?,
        eta: text
            .eta
            .map(|eta| {
                Ok::<_, Refusal>(Eta {
                    depends_on: line("ETA depends on", &eta.depends_on)?,
                    ..eta
                })
            })
            .transpose()?,
        changed: prose("Changed since the last brief", &text.changed)?,
    })
}
