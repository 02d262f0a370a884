//! What customers, executives and colleagues were told, and the drafts on the way.

use super::line;
use crate::brief::{Brief, BriefText};
use crate::customer::Customer;
use crate::draft::{Draft, DraftText, Of, Stage, Unapproved};
use crate::fix::InternalUpdate;
use crate::shown::moment;
use crate::timeline::EntryKind;
use crate::update::{Update, UpdateText};
use crate::wording::Excuse;
use crate::{EntryId, Event, Incident, PersonId, PersonRef, Recorded, Role, Severity, Time};

impl Incident {
    pub(super) fn apply_told(&mut self, r: &Recorded) {
        match &r.event {
            Event::UpdatePublished { text, cadence_min } => {
                self.update(r, text, *cadence_min, None, &[]);
            }
            Event::UpdateSent {
                text,
                cadence_min,
                approved_by,
                excuses,
            } => self.update(r, text, *cadence_min, approved_by.clone(), excuses),
            Event::BriefPublished { text } => self.brief(r, text, None),
            Event::BriefSent { text, approved_by } => self.brief(r, text, approved_by.clone()),
            Event::ToldInside { to, text } => {
                self.told_inside.push(InternalUpdate {
                    id: r.command,
                    to: to.clone(),
                    text: text.clone(),
                    by: r.by.clone(),
                    at: r.at,
                });
                self.note(r, EntryKind::Communication, format!("Told {to}: {text}"));
            }
            _ => {}
        }
    }

    fn update(
        &mut self,
        r: &Recorded,
        text: &UpdateText,
        cadence_min: u32,
        approved_by: Option<PersonRef>,
        excuses: &[Excuse],
    ) {
        let number = u32::try_from(self.updates.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        let approved_at = approval_time(
            r,
            approved_by.as_ref(),
            self.drafts.remove(&Of::Update).as_ref(),
        );
        let published = DraftText::Update {
            text: text.clone(),
            excuses: Vec::new(),
        };
        self.settle(&published, None);
        self.updates.push(Update {
            id: r.command,
            number,
            text: text.clone(),
            published_at: r.at,
            by: r.by.clone(),
            status: self.status,
            cadence_min,
            approved_by,
            approved_at,
            excuses: excuses.to_vec(),
            unsent: false,
        });
        let next = text
            .next_at
            .map_or_else(String::new, |at| format!(" Next by {}.", moment(at, r.at)));
        let corrected = text
            .corrects
            .and_then(|id| self.updates.iter().find(|u| u.id == id))
            .map_or_else(String::new, |u| format!(", correcting update {}", u.number));
        let to = text.audience.label();
        let mut entry = line(
            r,
            EntryKind::Communication,
            format!(
                "{}{corrected} to {to}: {}{next}",
                text.kind.label(),
                text.acknowledge
            ),
        );
        entry.told = true;
        self.timeline.push(entry.into());
    }

    fn brief(&mut self, r: &Recorded, text: &BriefText, approved_by: Option<PersonRef>) {
        let Some(severity) = self.severity() else {
            return;
        };
        let version = u32::try_from(self.briefs.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        let put_up = self.drafts.remove(&Of::Brief);
        let approved_at = approval_time(r, approved_by.as_ref(), put_up.as_ref());
        self.settle(&DraftText::Brief { text: text.clone() }, None);
        let theirs = put_up.filter(|d| {
            let same = |up: &DraftText| matches!(up, DraftText::Brief { text: up } if up == text);
            d.by.id != r.by.id && d.text().is_some_and(same)
        });
        self.briefs.push(Brief {
            version,
            text: text.clone(),
            severity,
            status: self.status,
            customers: self.customers.clone(),
            impact_began_at: self.impact_began_at(),
            impact_ended_at: self.impact_ended_at,
            published_at: r.at,
            by: r.by.clone(),
            written_by: theirs.map(|d| d.by),
            approved_by,
            approved_at,
        });
        self.note(
            r,
            EntryKind::Communication,
            format!("Executive brief {version} published"),
        );
    }

    /// Only what the commander does with a draft stands on the timeline, and a text of somebody that
    /// another's took the place of: no screen has it any more. That somebody writes is seen while they do.
    pub(super) fn apply_draft(&mut self, r: &Recorded) {
        match &r.event {
            Event::DraftOpened { of } => {
                // Nobody's words are put under another's name.
                let stage = match self.drafts.remove(of) {
                    Some(old) if old.by.id == r.by.id => old.stage,
                    Some(old) => {
                        if let Some(text) = old.text() {
                            let (by, text) = (&old.by.name, text.in_words(r.at));
                            let line = format!("Put aside what {by} had put up: {text}");
                            self.note(r, EntryKind::Communication, line);
                        }
                        Stage::Writing
                    }
                    None => Stage::Writing,
                };
                let draft = Draft {
                    by: r.by.clone(),
                    opened_at: r.at,
                    stage,
                };
                self.drafts.insert(*of, draft);
            }
            Event::DraftReady { text } => self.ready(r, text),
            Event::DraftApproved { draft } => {
                if let Some((of, text)) = self.waiting(*draft) {
                    let (by, at) = (r.by.clone(), r.at);
                    self.settle(&text, Some(r));
                    let author = self.drafts.get(&of).map_or("", |d| &d.by.name).to_owned();
                    let id = *draft;
                    self.stage(of, Stage::Approved { id, by, at, text });
                    self.note(
                        r,
                        EntryKind::Decision,
                        format!("Approved the {} of {}", of.label(), author),
                    );
                }
            }
            Event::DraftReturned { draft, reason } => {
                let approved = self.approved(*draft);
                if let Some((of, text)) = &approved {
                    self.withdraw_approval(r, *of, text);
                }
                if let Some((of, text)) = approved.or_else(|| self.waiting(*draft)) {
                    let (by, reason) = (r.by.clone(), reason.clone());
                    let line = format!("Sent the {} back: {reason}", of.label());
                    self.stage(of, Stage::Returned { reason, by, text });
                    self.note(r, EntryKind::Decision, line);
                }
            }
            Event::DraftDropped { of } => {
                self.drafts.remove(of);
            }
            _ => {}
        }
    }

    fn ready(&mut self, r: &Recorded, text: &DraftText) {
        let of = text.of();
        self.asks_another(r, text);
        let opened_at = self.draft(of).map_or(r.at, |d| d.opened_at);
        let stage = Stage::Ready {
            id: r.command,
            at: r.at,
            text: Box::new(text.clone()),
        };
        let draft = Draft {
            by: r.by.clone(),
            opened_at,
            stage,
        };
        self.drafts.insert(of, draft);
    }

    /// Notes that this text needs another person, while somebody else holds the command.
    fn asks_another(&mut self, r: &Recorded, text: &DraftText) {
        let commander = self.holder(Role::Commander);
        let (Some(severity), true) = (
            self.severity(),
            commander.is_some_and(|commander| commander.id != r.by.id),
        ) else {
            return;
        };
        self.needs_another(text, r.by.id, r.at, severity);
    }

    /// Put up again, a text needs what it needed at its worst, since it was first put up.
    fn needs_another(&mut self, text: &DraftText, by: PersonId, at: Time, severity: Severity) {
        let (of, words) = (text.of(), text.bare_words());
        let mut unapproved = Unapproved {
            of,
            words,
            by,
            at,
            severity,
        };
        self.unapproved.retain(|before| {
            let is_same = before.of == of && before.by == by && before.words == unapproved.words;
            if is_same {
                unapproved.at = unapproved.at.min(before.at);
                // The first is the worst.
                unapproved.severity = unapproved.severity.min(before.severity);
            }
            !is_same
        });
        self.unapproved.push(unapproved);
    }

    /// It is taken back that this text was approved. Where its author commands, it needed nobody else.
    fn withdraw_approval(&mut self, r: &Recorded, of: Of, text: &DraftText) {
        let author = self.draft(of).map(|d| d.by.id);
        if let (Some(author), Some(severity)) = (author, self.severity())
            && !self.seat(Role::Commander).held_by(author)
        {
            self.needs_another(text, author, r.at, severity);
        }
    }

    /// The page of who was an entry is the account's from now on: a text to them is read by others than those for
    /// whom it was put up, or approved.
    pub(super) fn return_texts_to(&mut self, r: &Recorded, was: &str, joined: &Customer) {
        let severity = self.severity();
        let commander = self.holder(Role::Commander).map(|holder| holder.id);
        let Some(draft) = self.drafts.get_mut(&Of::Update) else {
            return;
        };
        let (text, is_approved) = match &draft.stage {
            Stage::Ready { text, .. } => (text, false),
            Stage::Approved { text, .. } => (text, true),
            Stage::Writing | Stage::Returned { .. } => return,
        };
        if !text.is_read_by(joined) {
            return;
        }
        let text = text.clone();
        let needs_another = is_approved && commander != Some(draft.by.id);
        if let Some(severity) = severity.filter(|_| needs_another) {
            self.unapproved.push(Unapproved {
                of: Of::Update,
                words: text.bare_words(),
                by: draft.by.id,
                at: r.at,
                severity,
            });
        }
        let reason = format!(
            "“{was}” is the account “{}” since, and it is read there. Look at it again, and put it up again.",
            joined.name
        );
        let by = r.by.clone();
        draft.stage = Stage::Returned { reason, by, text };
    }

    /// This text was published, or approved by somebody who did not put it up.
    fn settle(&mut self, text: &DraftText, approved: Option<&Recorded>) {
        if self.unapproved.is_empty() {
            return;
        }
        let (of, words) = (text.of(), text.bare_words());
        let is_own = |u: &Unapproved| approved.is_some_and(|r| r.by.id == u.by);
        self.unapproved
            .retain(|u| u.of != of || u.words != words || is_own(u));
    }

    /// The draft that this command put up, if it still waits.
    fn waiting(&self, draft: EntryId) -> Option<(Of, Box<DraftText>)> {
        self.drafts.iter().find_map(|(of, d)| match &d.stage {
            Stage::Ready { id, text, .. } if *id == draft => Some((*of, text.clone())),
            _ => None,
        })
    }

    /// The draft that this command put up, if it was approved.
    fn approved(&self, draft: EntryId) -> Option<(Of, Box<DraftText>)> {
        self.drafts.iter().find_map(|(of, d)| match &d.stage {
            Stage::Approved { id, text, .. } if *id == draft => Some((*of, text.clone())),
            _ => None,
        })
    }

    fn stage(&mut self, of: Of, stage: Stage) {
        if let Some(draft) = self.drafts.get_mut(&of) {
            draft.stage = stage;
        }
    }
}

/// When what is published was approved: with the draft, or by who publishes it.
fn approval_time(r: &Recorded, by: Option<&PersonRef>, draft: Option<&Draft>) -> Option<Time> {
    let by = by?;
    match draft.map(|draft| &draft.stage) {
        Some(Stage::Approved {
            by: approver, at, ..
        }) if approver.id == by.id => Some(*at),
        _ => Some(r.at),
    }
}
