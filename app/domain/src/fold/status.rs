//! The status and its proof.

use super::line;
use crate::command::Cause;
use crate::customer::CustomerField;
use crate::evidence::{Evidence, Proof, Proves};
use crate::incident::{Move, Setting};
use crate::shown::Shown as _;
use crate::timeline::EntryKind;
use crate::{Event, Incident, Recorded, Status, Time};

impl Incident {
    pub(super) fn apply_status(&mut self, r: &Recorded) {
        match &r.event {
            Event::EvidenceAttached {
                proves,
                proof,
                shows,
                watched_min,
            } => {
                self.evidence.push(Evidence {
                    entry: r.command,
                    proves: *proves,
                    proof: proof.clone(),
                    shows: shows.clone(),
                    watched_min: *watched_min,
                    by: r.by.clone(),
                    at: r.at,
                    stands: true,
                });
                let mut entry = line(
                    r,
                    EntryKind::Evidence,
                    format!("Proof that {}: {shows}", proves.label()),
                );
                if let Proof::Link { url } = proof {
                    entry.links.push(url.clone());
                }
                self.timeline.push(entry.into());
            }
            Event::ImpactEnded { at } => {
                self.impact_ended_at = Some(*at);
                self.sets(r, Setting::ImpactEnd);
                let text = format!("Impact ended at {} UTC", at.shown("%Y-%m-%d %H:%M"));
                self.note(r, EntryKind::Observation, text);
            }
            Event::CauseStated { cause } => {
                self.cause = Some(cause.clone());
                self.sets(r, Setting::Cause);
                let text = match cause {
                    Cause::Known { text } => format!("Cause: {text}"),
                    Cause::UnderInvestigation { text } => {
                        format!("Cause under investigation: {text}")
                    }
                };
                self.note(r, EntryKind::Observation, text);
            }
            Event::StatusMoved { to } => {
                self.status = *to;
                self.moves.push(Move {
                    to: *to,
                    at: r.at,
                    back_because: None,
                    published: self.updates.len(),
                });
                self.note(
                    r,
                    EntryKind::Status,
                    format!("{}{}", to.label(), self.took(r.at)),
                );
            }
            Event::StatusMovedBack { to, reason } => {
                self.status = *to;
                self.moves.push(Move {
                    to: *to,
                    at: r.at,
                    back_because: Some(reason.clone()),
                    published: self.updates.len(),
                });
                self.withdraw_proof(r, *to);
                self.note(
                    r,
                    EntryKind::Status,
                    format!("Back to {}: {reason}", to.label()),
                );
            }
            _ => {}
        }
    }

    /// How long after the impact began, for the line that tells of a move.
    fn took(&self, at: Time) -> String {
        self.impact_began_at().map_or_else(String::new, |began| {
            format!(
                ", {} min after the impact began",
                (at - began).num_minutes()
            )
        })
    }

    /// What was proven for a state that did not last opens nothing any more.
    fn withdraw_proof(&mut self, r: &Recorded, back_to: Status) {
        for evidence in &mut self.evidence {
            let opened = match evidence.proves {
                Proves::HarmStopped => Status::Contained,
                Proves::CustomersWork => Status::Mitigated,
                Proves::Validated => Status::Resolved,
            };
            if opened > back_to {
                evidence.stands = false;
            }
        }
        if back_to < Status::Mitigated {
            self.impact_ended_at = None;
            // It goes on: that is newer than an end which somebody stated before.
            self.sets(r, Setting::ImpactEnd);
            let well = self.customers.iter_mut().filter_map(|customer| {
                let _ended = customer.impact_to.take()?;
                Some(customer.id)
            });
            for id in well.collect::<Vec<_>>() {
                self.sets(r, Setting::CustomerField(id, CustomerField::ImpactTo));
            }
        }
    }
}
