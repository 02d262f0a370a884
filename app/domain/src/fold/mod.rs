//! The one way state changes: an event is applied. Cannot fail, whatever the log holds.

mod account;
mod customer;
mod roles;
mod status;
mod told;
mod written;

use crate::command::Details;
use crate::incident::{
    Declaration, Dismissal, Joined, LastSet, Move, Report, Setting, SeverityChange,
};
use crate::timeline::{Entry, EntryKind};
use crate::triage::Proposal;
use crate::{Event, Incident, IncidentId, Recorded, Role, Severity, Status};

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
        match self.with_id(&r.event) {
            None => self.apply_event(r),
            Some(event) => self.apply_event(&Recorded {
                by: r.by.clone(),
                event,
                ..*r
            }),
        }
    }

    fn apply_event(&mut self, r: &Recorded) {
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
            Event::ReportJoined { into, number } => {
                self.joined = Some(Joined {
                    into: *into,
                    number: *number,
                    by: r.by.clone(),
                    at: r.at,
                });
                let name = number.map_or_else(|| "an open incident".to_owned(), |n| n.to_string());
                self.note(r, EntryKind::Status, format!("Report joined {name}"));
            }
            Event::ReportTaken {
                report,
                what,
                source,
                received_at,
            } => {
                self.taken_reports.push(*report);
                let mut entry = line(r, EntryKind::Report, format!("{source}: {what}"));
                entry.happened_at = *received_at;
                self.timeline.push(entry.into());
            }
            Event::Declared { .. } | Event::DeclaredBy { .. } => self.apply_declared(r),
            Event::SeverityChanged { to, reason } => self.apply_severity(r, *to, reason),
            Event::ChannelLinked { url } => {
                self.channel_url = Some(url.clone());
                self.sets(r, Setting::Channel);
                let mut entry = line(r, EntryKind::System, "Incident channel linked".to_owned());
                entry.links.push(url.clone());
                self.timeline.push(entry.into());
            }
            Event::Numbered { number, public_id } => {
                self.number = Some(*number);
                self.public_id = Some(public_id.clone());
            }
            Event::RoleOffered { .. }
            | Event::RoleAccepted { .. }
            | Event::RoleDeclined { .. }
            | Event::RoleHandedOver { .. } => self.apply_role(r),
            Event::RoleVacated { .. }
            | Event::OfferWithdrawn { .. }
            | Event::ShadowAdded { .. }
            | Event::ShadowRemoved { .. }
            | Event::CommanderStayed { .. } => self.apply_seat(r),
            Event::EntryLogged { .. }
            | Event::ResultRecorded { .. }
            | Event::EntryAmended { .. }
            | Event::MitigationDecided { .. } => self.apply_entry(r),
            Event::HypothesisOpened { .. }
            | Event::AttemptLogged { .. }
            | Event::HypothesisConcluded { .. } => self.apply_hypothesis(r),
            Event::PartyAsked { .. }
            | Event::AskAcknowledged { .. }
            | Event::AskAnswered { .. } => {
                self.apply_ask(r);
            }
            Event::UpdatePublished { .. }
            | Event::UpdateSent { .. }
            | Event::BriefPublished { .. }
            | Event::BriefSent { .. }
            | Event::ToldInside { .. } => self.apply_told(r),
            Event::DraftOpened { .. }
            | Event::DraftReady { .. }
            | Event::DraftApproved { .. }
            | Event::DraftReturned { .. }
            | Event::DraftDropped { .. } => self.apply_draft(r),
            Event::EvidenceAttached { .. }
            | Event::ImpactEnded { .. }
            | Event::CauseStated { .. }
            | Event::StatusMoved { .. }
            | Event::StatusMovedBack { .. } => self.apply_status(r),
            Event::CadenceChanged { .. }
            | Event::CreditDecidedV2 { .. }
            | Event::PostMortemBooked { .. }
            | Event::ActionAgreed { .. }
            | Event::FollowUpPlanned { .. } => self.apply_account(r),
            Event::CallScheduledV2 { .. }
            | Event::CallEnded { .. }
            | Event::PlanStepAddedV2 { .. }
            | Event::PlanStepDone { .. } => self.apply_call(r),
            Event::CustomerNoted { .. }
            | Event::CustomerKnown { .. }
            | Event::CustomerNotedV3 { .. }
            | Event::DealMovedV2 { .. }
            | Event::CustomersIdentified { .. } => self.apply_customer(r),
            // Folded in their newer shape.
            Event::CallScheduled { .. }
            | Event::PlanStepAdded { .. }
            | Event::CreditDecided { .. }
            | Event::CreditProposed { .. }
            | Event::DealMoved { .. } => {}
            Event::CreditProposedV2 { .. } | Event::CreditJudged { .. } => self.apply_credit(r),
            Event::PostMortemHeld { .. } | Event::ActionDone { .. } => self.apply_done(r),
            // Neither is part of an incident: `Policies` takes the one, `Corrections` the other.
            Event::PolicyChanged { .. } | Event::ClockConfirmed { .. } => {}
            Event::Unknown(_) => {
                if r.event.is_unreadable() {
                    self.unreadable.get_or_insert(r.seq);
                }
            }
        }
    }

    fn apply_declared(&mut self, r: &Recorded) {
        let Some(declared) = declaration(r) else {
            return;
        };
        let severity = declared.severity;
        let proposed = declared.proposal.as_ref().map_or_else(String::new, |p| {
            let because = declared.details.other_severity.as_ref();
            let because = because.map_or_else(String::new, |why| format!(", set because: {why}"));
            format!(
                ". The matrix proposed {} ({}){because}",
                p.severity.label(),
                p.rule
            )
        });
        let guess = declared.details.hypothesis.as_ref();
        let guess = guess.map_or_else(String::new, |g| format!(". First hypothesis: {g}"));
        self.declared = Some(declared);
        self.moves.push(Move {
            to: Status::Active,
            at: r.at,
            back_because: None,
            published: self.updates.len(),
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
            format!("Declared {}{after}{proposed}{guess}", severity.label()),
        );
    }

    /// Made worse, it may find one person in two seats without a reason: the change is the reason,
    /// and both cards show it.
    fn apply_severity(&mut self, r: &Recorded, to: Severity, reason: &str) {
        let from = self.severity().map_or("", Severity::label);
        self.severity_changes.push(SeverityChange {
            to,
            reason: reason.to_owned(),
            by: r.by.clone(),
            at: r.at,
        });
        if to.is_high() {
            for role in Role::APART {
                let Some(holder) = self.holder(role).cloned() else {
                    continue;
                };
                if self.other_hat(holder.id, role).is_none() || self.two_hats(role).is_some() {
                    continue;
                }
                if let Some(h) = self.seat_mut(role).holder.as_mut() {
                    h.two_hats = Some(format!("held both when it became {}", to.label()));
                }
            }
        }
        let text = format!("{from} is now {}: {reason}", to.label());
        self.note(r, EntryKind::Decision, text);
    }

    fn sets(&mut self, r: &Recorded, what: Setting) {
        self.last_set.retain(|set| set.what != what);
        let (by, at) = (r.by.clone(), r.at);
        self.last_set.push(LastSet { what, by, at });
    }

    fn note(&mut self, r: &Recorded, kind: EntryKind, text: String) {
        self.timeline.push(line(r, kind, text).into());
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
        stamped_at: r.stamped_at,
    }
}

/// What is kept of a declaration, whichever version it was written in.
fn declaration(r: &Recorded) -> Option<Declaration> {
    let (title, severity, customer_sees, impact_began_at, components, audience, rest) =
        match &r.event {
            Event::Declared {
                title,
                severity,
                customer_sees,
                impact_began_at,
                components,
                audience,
            } => {
                let rest: (Details, Option<Proposal>, Option<u32>) = Default::default();
                (
                    title,
                    severity,
                    customer_sees,
                    impact_began_at,
                    components,
                    audience,
                    rest,
                )
            }
            Event::DeclaredBy {
                title,
                severity,
                customer_sees,
                impact_began_at,
                components,
                audience,
                details,
                proposal,
                policy_version,
            } => {
                let rest = (details.clone(), proposal.clone(), Some(*policy_version));
                (
                    title,
                    severity,
                    customer_sees,
                    impact_began_at,
                    components,
                    audience,
                    rest,
                )
            }
            _ => return None,
        };
    let (details, proposal, policy_version) = rest;
    Some(Declaration {
        title: title.clone(),
        severity: *severity,
        customer_sees: customer_sees.clone(),
        impact_began_at: *impact_began_at,
        components: components.clone(),
        audience: audience.clone(),
        by: r.by.clone(),
        at: r.at,
        details,
        proposal,
        policy_version,
    })
}
