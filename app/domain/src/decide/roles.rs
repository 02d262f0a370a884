//! Offer, accept, decline, hand over, leave empty (RUNBOOK §3).

use super::must_be_open;
use crate::role::Offer;
use crate::text::{optional, prose};
use crate::{Actor, Command, Event, Incident, PersonId, PersonRef, Refusal, Role};

/// Nobody learns in a crowd.
const SHADOWS_MAX: usize = 5;

pub(super) fn decide(
    incident: &Incident,
    command: Command,
    actor: &Actor,
) -> Result<Event, Refusal> {
    must_be_open(incident)?;
    match command {
        Command::OfferRole {
            role,
            person,
            two_hats,
        } => {
            if let Some(holder) = incident.holder(role) {
                return Err(Refusal::out_of_order(format!(
                    "{} is {}. Hand the role over instead.",
                    holder.name,
                    role.label()
                )));
            }
            let two_hats = optional("Reason for two hats", two_hats.as_deref())?;
            apart(incident, role, &person, two_hats.as_deref())?;
            Ok(Event::RoleOffered {
                role,
                person,
                two_hats,
            })
        }
        Command::HandOverRole {
            role,
            to,
            note,
            two_hats,
        } => {
            match incident.holder(role) {
                None => {
                    return Err(Refusal::out_of_order(format!(
                        "Nobody is {} now. Offer the role instead.",
                        role.label()
                    )));
                }
                Some(holder) if holder.id == to.id => {
                    return Err(Refusal::invalid(
                        "To",
                        format!("{} already holds the role", to.name),
                    ));
                }
                Some(_) => {}
            }
            let two_hats = optional("Reason for two hats", two_hats.as_deref())?;
            apart(incident, role, &to, two_hats.as_deref())?;
            Ok(Event::RoleHandedOver {
                role,
                to,
                note: prose("Hand-over note", &note)?,
                two_hats,
            })
        }
        Command::AcceptRole { role } => {
            let offer = own_offer(incident, role, actor)?;
            // Asked again: since the offer they may have taken another of the three seats.
            apart(incident, role, &offer.person, offer.two_hats.as_deref())?;
            Ok(Event::RoleAccepted { role })
        }
        Command::DeclineRole { role, reason } => {
            own_offer(incident, role, actor)?;
            Ok(Event::RoleDeclined {
                role,
                reason: optional("Reason", reason.as_deref())?,
            })
        }
        Command::VacateRole {
            role,
            reason,
            holder,
        } => {
            held(incident, role)?;
            if let Some(by_now) = somebody_else(incident, role, holder) {
                return Err(by_now);
            }
            Ok(Event::RoleVacated {
                role,
                reason: prose("Reason", &reason)?,
            })
        }
        Command::WithdrawOffer {
            role,
            person,
            reason,
        } => {
            if !incident.seat(role).offered_to(person) {
                return Err(Refusal::out_of_order(format!(
                    "{} is not on offer to them any more.",
                    role.label()
                )));
            }
            Ok(Event::OfferWithdrawn {
                role,
                reason: prose("Reason", &reason)?,
            })
        }
        Command::AddShadow { role, person } => {
            let seat = incident.seat(role);
            if seat.held_by(person.id) || seat.shadowed_by(person.id) {
                let problem = format!("{} is there already", person.name);
                return Err(Refusal::invalid("Shadow", problem));
            }
            if seat.shadows.len() >= SHADOWS_MAX {
                let problem = format!("would be one of more than {SHADOWS_MAX}");
                return Err(Refusal::invalid("Shadow", problem));
            }
            Ok(Event::ShadowAdded { role, person })
        }
        Command::RemoveShadow { role, person } => {
            if !incident.seat(role).shadowed_by(person.id) {
                let problem = format!("{} does not sit there", person.name);
                return Err(Refusal::invalid("Shadow", problem));
            }
            Ok(Event::ShadowRemoved { role, person })
        }
        Command::StayOn { reason } => {
            let commander = held(incident, Role::Commander)?;
            if commander.id != actor.id {
                return Err(Refusal::NotYours {
                    why: format!(
                        "{} is Incident Commander; only they can say that they stay.",
                        commander.name
                    ),
                });
            }
            Ok(Event::CommanderStayed {
                reason: prose("Reason", &reason)?,
            })
        }
        _ => Err(Refusal::NoSuchIncident),
    }
}

fn held(incident: &Incident, role: Role) -> Result<&PersonRef, Refusal> {
    incident
        .holder(role)
        .ok_or_else(|| Refusal::out_of_order(format!("Nobody is {} now.", role.label())))
}

/// That somebody else took the seat, if `seen` was who its author saw in it.
fn somebody_else(incident: &Incident, role: Role, seen: Option<PersonId>) -> Option<Refusal> {
    let holder = incident.seat(role).holder.as_ref()?;
    seen.filter(|seen| *seen != holder.person.id)
        .map(|_| Refusal::Superseded {
            by: holder.person.name.clone(),
            did: format!("took over {}", role.label()),
            at: holder.accepted_at,
        })
}

fn own_offer<'a>(incident: &'a Incident, role: Role, actor: &Actor) -> Result<&'a Offer, Refusal> {
    match &incident.seat(role).offer {
        Some(offer) if offer.person.id == actor.id => Ok(offer),
        Some(offer) => Err(Refusal::NotYours {
            why: format!(
                "{} is offered to {}; only they can answer.",
                role.label(),
                offer.person.name
            ),
        }),
        None => Err(Refusal::out_of_order(format!(
            "{} is not on offer any more.",
            role.label()
        ))),
    }
}

/// Commander, Engineering and Comms are three people on a SEV-1 and SEV-2, or there is a
/// reason for all to see.
fn apart(
    incident: &Incident,
    role: Role,
    person: &PersonRef,
    two_hats: Option<&str>,
) -> Result<(), Refusal> {
    let Some(severity) = incident.severity().filter(|s| s.is_high()) else {
        return Ok(());
    };
    match incident.other_hat(person.id, role) {
        Some(other) if two_hats.is_none() => Err(Refusal::TwoHats {
            person: person.name.clone(),
            holds: other.label().to_owned(),
            severity: severity.label().to_owned(),
        }),
        _ => Ok(()),
    }
}
