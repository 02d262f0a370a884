//! The one way state changes: an event is applied. Cannot fail, whatever the log holds.

use crate::brief::Brief;
use crate::command::Cause;
use crate::customer::{Credit, CreditDecision};
use crate::evidence::{Evidence, Proof, Proves};
use crate::incident::{
    Action, CadenceChange, Declaration, Dismissal, Mitigation, Move, PostMortem, Report,
};
use crate::role::{Answer, Holder, Offer, Turn};
use crate::timeline::{Amendment, Entry, EntryKind, Outcomed};
use crate::update::Update;
use crate::{Event, Incident, IncidentId, Recorded, Role, Status, Time};

impl Incident {
    /// A whole log, oldest first.
    #[must_use]
    pub fn fold<'a>(id: IncidentId, log: impl IntoIterator<Item = &'a Recorded>) -> Self {
        let mut incident = Self::empty(id);
        for recorded in log {
            incident.apply(recorded);
        }
        incident
    }

    /// One more event. An unknown kind counts as a version and changes nothing else.
    pub fn apply(&mut self, r: &Recorded) {
        self.version += 1;
        match &r.event {
            Event::Reported { what, source } => {
                self.report = Some(Report {
                    what: what.clone(),
                    source: source.clone(),
                    by: r.by.clone(),
                    received_at: r.at,
                });
                self.note(r, EntryKind::Report, format!("{source}: {what}"));
            }
            Event::ReportDismissed { reason } => {
                self.dismissed = Some(Dismissal {
                    reason: reason.clone(),
                    by: r.by.clone(),
                    at: r.at,
                });
                self.note(r, EntryKind::Status, format!("Report dismissed: {reason}"));
            }
            Event::Declared { .. } => self.apply_declared(r),
            Event::Numbered { number, public_id } => {
                self.number = Some(*number);
                self.public_id = Some(public_id.clone());
            }
            Event::RoleOffered { .. }
            | Event::RoleAccepted { .. }
            | Event::RoleDeclined { .. }
            | Event::RoleHandedOver { .. } => self.apply_role(r),
            Event::EntryLogged { .. }
            | Event::ResultRecorded { .. }
            | Event::EntryAmended { .. }
            | Event::MitigationDecided { .. } => self.apply_entry(r),
            Event::UpdatePublished { .. } | Event::BriefPublished { .. } => self.apply_told(r),
            Event::EvidenceAttached { .. }
            | Event::ImpactEnded { .. }
            | Event::CauseStated { .. }
            | Event::StatusMoved { .. }
            | Event::StatusMovedBack { .. } => self.apply_status(r),
            Event::CadenceChanged { .. }
            | Event::CustomerNoted { .. }
            | Event::CreditDecided { .. }
            | Event::PostMortemBooked { .. }
            | Event::ActionAgreed { .. }
            | Event::FollowUpPlanned { .. } => self.apply_account(r),
            Event::Unknown(_) => {}
        }
    }

    fn apply_declared(&mut self, r: &Recorded) {
        let Event::Declared {
            title,
            severity,
            customer_sees,
            impact_began_at,
            components,
            audience,
        } = &r.event
        else {
            return;
        };
        self.declared = Some(Declaration {
            title: title.clone(),
            severity: *severity,
            customer_sees: customer_sees.clone(),
            impact_began_at: *impact_began_at,
            components: components.clone(),
            audience: audience.clone(),
            by: r.by.clone(),
            at: r.at,
        });
        self.moves.push(Move {
            to: Status::Active,
            at: r.at,
            back_because: None,
        });
        let after = self.report.as_ref().map_or_else(String::new, |report| {
            format!(
                ", {} min after the first report",
                (r.at - report.received_at).num_minutes()
            )
        });
        self.note(
            r,
            EntryKind::Status,
            format!("Declared {}{after}", severity.label()),
        );
    }

    fn apply_role(&mut self, r: &Recorded) {
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
                let seat = self.seats.entry(*role).or_default();
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
                let text = format!("{} accepted {}", offer.person.name, role.label());
                seat.history.push(Turn {
                    offer,
                    ended_at: r.at,
                    answer: Answer::Accepted { from },
                });
                (*role, text)
            }
            Event::RoleDeclined { role, reason } => {
                let seat = self.seats.entry(*role).or_default();
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
        let seat = self.seats.entry(role).or_default();
        let at = offer.offered_at;
        if let Some(old) = seat.offer.replace(offer) {
            seat.history.push(Turn {
                offer: old,
                ended_at: at,
                answer: Answer::Replaced,
            });
        }
    }

    fn apply_entry(&mut self, r: &Recorded) {
        match &r.event {
            Event::EntryLogged {
                kind,
                text,
                result,
                links,
                happened_at,
            } => {
                let mut entry = line(r, *kind, text.clone());
                entry.result.clone_from(result);
                entry.links.clone_from(links);
                entry.happened_at = happened_at.unwrap_or(r.made_at);
                self.timeline.push(entry);
            }
            Event::ResultRecorded { entry, result } => self.set_result(r, *entry, result),
            Event::EntryAmended {
                entry,
                text,
                reason,
            } => {
                if let Some(line) = self.timeline.iter_mut().find(|e| e.id == *entry) {
                    line.amendments.push(Amendment {
                        text: text.clone(),
                        reason: reason.clone(),
                        by: r.by.clone(),
                        at: r.at,
                    });
                }
            }
            Event::MitigationDecided {
                lever,
                what,
                risk_of_doing,
                risk_of_not_doing,
                undo,
            } => {
                self.mitigations.push(Mitigation {
                    entry: r.command,
                    lever: *lever,
                    what: what.clone(),
                    risk_of_doing: risk_of_doing.clone(),
                    risk_of_not_doing: risk_of_not_doing.clone(),
                    undo: undo.clone(),
                    by: r.by.clone(),
                    at: r.at,
                    result: None,
                });
                let text = format!(
                    "{}: {what}. Risk: {risk_of_doing}. Risk of waiting: {risk_of_not_doing}. Undo: {undo}",
                    lever.label()
                );
                self.note(r, EntryKind::Decision, text);
            }
            _ => {}
        }
    }

    /// A result said anew stands in the line it belongs to; the one before stays readable.
    fn set_result(&mut self, r: &Recorded, id: crate::EntryId, result: &Outcomed) {
        let mut changed = None;
        if let Some(entry) = self.timeline.iter_mut().find(|e| e.id == id) {
            let old = entry.result.replace(result.clone());
            changed = old.map(|old| {
                format!(
                    "Result of “{}” changed from: {}",
                    entry.current_text(),
                    old.text
                )
            });
        }
        if let Some(mitigation) = self.mitigations.iter_mut().find(|m| m.entry == id) {
            mitigation.result = Some(result.clone());
        }
        if let Some(text) = changed {
            self.note(r, EntryKind::Observation, text);
        }
    }

    fn apply_told(&mut self, r: &Recorded) {
        match &r.event {
            Event::UpdatePublished { text, cadence_min } => {
                let number = u32::try_from(self.updates.len())
                    .unwrap_or(u32::MAX)
                    .saturating_add(1);
                self.updates.push(Update {
                    id: r.command,
                    number,
                    text: text.clone(),
                    published_at: r.at,
                    by: r.by.clone(),
                    status: self.status,
                    cadence_min: *cadence_min,
                });
                let next = text.next_at.map_or_else(String::new, |at| {
                    format!(" Next by {} UTC.", at.format("%H:%M"))
                });
                let to = text.audience.label();
                let mut entry = line(
                    r,
                    EntryKind::Communication,
                    format!("{} to {to}: {}{next}", text.kind.label(), text.acknowledge),
                );
                entry.told = true;
                self.timeline.push(entry);
            }
            Event::BriefPublished { text } => {
                let Some(severity) = self.severity() else {
                    return;
                };
                let version = u32::try_from(self.briefs.len())
                    .unwrap_or(u32::MAX)
                    .saturating_add(1);
                self.briefs.push(Brief {
                    version,
                    text: text.clone(),
                    severity,
                    status: self.status,
                    customers: self.customers.clone(),
                    published_at: r.at,
                    by: r.by.clone(),
                });
                self.note(
                    r,
                    EntryKind::Communication,
                    format!("Executive brief {version} published"),
                );
            }
            _ => {}
        }
    }

    fn apply_status(&mut self, r: &Recorded) {
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
                self.timeline.push(entry);
            }
            Event::ImpactEnded { at } => {
                self.impact_ended_at = Some(*at);
                let text = format!("Impact ended at {} UTC", at.format("%Y-%m-%d %H:%M"));
                self.note(r, EntryKind::Observation, text);
            }
            Event::CauseStated { cause } => {
                self.cause = Some(cause.clone());
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
                });
                self.withdraw_proof(*to);
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
    fn withdraw_proof(&mut self, back_to: Status) {
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
        }
    }

    fn apply_account(&mut self, r: &Recorded) {
        match &r.event {
            Event::CadenceChanged { every_min, reason } => {
                self.cadence = Some(CadenceChange {
                    every_min: *every_min,
                    reason: reason.clone(),
                    by: r.by.clone(),
                    at: r.at,
                });
                let text = format!("Customer updates every {every_min} min: {reason}");
                self.note(r, EntryKind::Decision, text);
            }
            Event::CustomerNoted { customer } => {
                match self.customers.iter_mut().find(|c| c.name == customer.name) {
                    Some(known) => known.clone_from(customer),
                    None => self.customers.push(customer.clone()),
                }
                self.note(
                    r,
                    EntryKind::Customer,
                    format!("{}: {}", customer.name, customer.sees),
                );
            }
            Event::CreditDecided { customer, credit } => {
                self.credits.retain(|c| c.customer != *customer);
                self.credits.push(CreditDecision {
                    customer: customer.clone(),
                    credit: credit.clone(),
                    by: r.by.clone(),
                    at: r.at,
                });
                let text = match credit {
                    Credit::Granted { amount, reason } => format!(
                        "Credit for {customer}: {}.{:02} {}, {reason}",
                        amount.minor / 100,
                        amount.minor % 100,
                        amount.currency
                    ),
                    Credit::None { reason } => format!("No credit for {customer}: {reason}"),
                };
                self.note(r, EntryKind::Decision, text);
            }
            Event::PostMortemBooked { at, facilitator } => {
                self.post_mortem = Some(PostMortem {
                    at: *at,
                    facilitator: facilitator.clone(),
                    booked_at: r.at,
                });
                let when = at.format("%Y-%m-%d %H:%M");
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
                    what: what.clone(),
                    owner: owner.clone(),
                    due_on: *due_on,
                    acceptance: acceptance.clone(),
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

    fn note(&mut self, r: &Recorded, kind: EntryKind, text: String) {
        self.timeline.push(line(r, kind, text));
    }
}

fn line(r: &Recorded, kind: EntryKind, text: String) -> Entry {
    Entry {
        id: r.command,
        happened_at: r.made_at,
        recorded_at: r.at,
        by: r.by.clone(),
        kind,
        text,
        result: None,
        links: Vec::new(),
        amendments: Vec::new(),
        told: false,
    }
}
