//! Who sits where.

use crate::incident::Stay;
use crate::role::{Answer, Holder, Offer, Turn};
use crate::timeline::EntryKind;
use crate::{Event, Incident, Recorded, Role};

impl Incident {
    pub(super) fn apply_role(&mut self, r: &Recorded) {
        let (role, text) = match &r.event {
            Event::RoleOffered {
                role,
                person,
                two_hats,
            } => {
                let offer = Offer {
                    person: person.clone(),
                    by: r.by.clone(),
                    offered_at: r.at,
                    two_hats: two_hats.clone(),
                    note: None,
                };
                self.offer(*role, offer);
                (
                    *role,
                    format!("{} offered to {}", role.label(), person.name),
                )
            }
            Event::RoleHandedOver {
                role,
                to,
                note,
                two_hats,
            } => {
                let offer = Offer {
                    person: to.clone(),
                    by: r.by.clone(),
                    offered_at: r.at,
                    two_hats: two_hats.clone(),
                    note: Some(note.clone()),
                };
                self.offer(*role, offer);
                let from = self.holder(*role).map_or("nobody", |p| p.name.as_str());
                (
                    *role,
                    format!(
                        "{} handed over from {from} to {}: {note}",
                        role.label(),
                        to.name
                    ),
                )
            }
            Event::RoleAccepted { role } => {
                let seat = self.seat_mut(*role);
                let Some(offer) = seat.offer.take() else {
                    return;
                };
                let from = seat.holder.as_ref().map(|h| h.person.clone());
                seat.holder = Some(Holder {
                    person: offer.person.clone(),
                    accepted_at: r.at,
                    two_hats: offer.two_hats.clone(),
                });
                seat.first_accepted_at.get_or_insert(r.at);
                // Whoever takes the seat does not sit beside it any more.
                seat.shadows.retain(|s| s.id != offer.person.id);
                let text = format!("{} accepted {}", offer.person.name, role.label());
                seat.history.push(Turn {
                    offer,
                    ended_at: r.at,
                    answer: Answer::Accepted { from },
                });
                (*role, text)
            }
            Event::RoleDeclined { role, reason } => {
                let seat = self.seat_mut(*role);
                let Some(offer) = seat.offer.take() else {
                    return;
                };
                let why = reason
                    .as_ref()
                    .map_or_else(String::new, |why| format!(": {why}"));
                let text = format!("{} declined {}{why}", offer.person.name, role.label());
                seat.history.push(Turn {
                    offer,
                    ended_at: r.at,
                    answer: Answer::Declined {
                        reason: reason.clone(),
                    },
                });
                (*role, text)
            }
            _ => return,
        };
        let hats = self
            .seat(role)
            .offer
            .as_ref()
            .and_then(|o| o.two_hats.as_ref());
        let text = hats.map_or(text.clone(), |why| format!("{text} (two hats: {why})"));
        self.note(r, EntryKind::Role, text);
    }

    fn offer(&mut self, role: Role, offer: Offer) {
        let seat = self.seat_mut(role);
        let at = offer.offered_at;
        if let Some(old) = seat.offer.replace(offer) {
            seat.history.push(Turn {
                offer: old,
                ended_at: at,
                answer: Answer::Replaced,
            });
        }
    }

    pub(super) fn apply_seat(&mut self, r: &Recorded) {
        let text = match &r.event {
            Event::RoleVacated { role, reason } => {
                let seat = self.seat_mut(*role);
                let Some(holder) = seat.holder.take() else {
                    return;
                };
                // Whoever comes next is named anew, and the clocks count from here.
                seat.vacated_at = Some(r.at);
                seat.first_accepted_at = None;
                let text = format!(
                    "{} left {} empty: {reason}",
                    holder.person.name,
                    role.label()
                );
                let offer = Offer {
                    person: holder.person,
                    by: r.by.clone(),
                    offered_at: holder.accepted_at,
                    two_hats: holder.two_hats,
                    note: None,
                };
                seat.history.push(Turn {
                    offer,
                    ended_at: r.at,
                    answer: Answer::Vacated {
                        reason: reason.clone(),
                    },
                });
                text
            }
            Event::OfferWithdrawn { role, reason } => {
                let seat = self.seat_mut(*role);
                let Some(offer) = seat.offer.take() else {
                    return;
                };
                let text = format!(
                    "{} is not asked to be {} any more: {reason}",
                    offer.person.name,
                    role.label()
                );
                seat.history.push(Turn {
                    offer,
                    ended_at: r.at,
                    answer: Answer::Withdrawn {
                        reason: reason.clone(),
                    },
                });
                text
            }
            Event::ShadowAdded { role, person } => {
                let seat = self.seat_mut(*role);
                if !seat.shadowed_by(person.id) {
                    seat.shadows.push(person.clone());
                }
                format!("{} shadows {}", person.name, role.label())
            }
            Event::ShadowRemoved { role, person } => {
                let seat = self.seat_mut(*role);
                seat.shadows.retain(|s| s.id != person.id);
                format!("{} no longer shadows {}", person.name, role.label())
            }
            Event::CommanderStayed { reason } => {
                self.stays.push(Stay {
                    reason: reason.clone(),
                    by: r.by.clone(),
                    at: r.at,
                });
                format!(
                    "{} stays on as {}: {reason}",
                    r.by.name,
                    Role::Commander.label()
                )
            }
            _ => return,
        };
        self.note(r, EntryKind::Role, text);
    }
}
