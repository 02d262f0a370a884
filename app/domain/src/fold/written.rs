//! What people wrote down, and what they try.

use super::line;
use crate::fix::{Ask, Conclusion, Hypothesis};
use crate::incident::Mitigation;
use crate::timeline::{Amendment, EntryKind, Outcomed};
use crate::{EntryId, Event, Incident, Recorded};

impl Incident {
    pub(super) fn apply_entry(&mut self, r: &Recorded) {
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
                self.timeline.push(entry.into());
            }
            Event::ResultRecorded { entry, result } => self.set_result(r, *entry, result),
            Event::EntryAmended {
                entry,
                text,
                reason,
            } => {
                if let Some(line) = self.entry_mut(*entry) {
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
    fn set_result(&mut self, r: &Recorded, id: EntryId, result: &Outcomed) {
        let mut changed = None;
        if let Some(entry) = self.entry_mut(id) {
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

    pub(super) fn apply_hypothesis(&mut self, r: &Recorded) {
        match &r.event {
            Event::HypothesisOpened {
                statement,
                owner,
                timebox_min,
            } => {
                self.hypotheses.push(Hypothesis {
                    id: r.command,
                    statement: statement.clone(),
                    owner: owner.clone(),
                    timebox_min: *timebox_min,
                    opened_at: r.at,
                    attempts: Vec::new(),
                    conclusion: None,
                });
                let text = format!(
                    "Hypothesis: {statement} ({}, {timebox_min} min)",
                    owner.name
                );
                self.note(r, EntryKind::Decision, text);
            }
            Event::AttemptLogged {
                hypothesis,
                text,
                result,
            } => {
                if let Some(h) = self.hypotheses.iter_mut().find(|h| h.id == *hypothesis) {
                    h.attempts.push(r.command);
                }
                let mut entry = line(r, EntryKind::Attempt, text.clone());
                entry.result.clone_from(result);
                self.timeline.push(entry.into());
            }
            Event::HypothesisConcluded {
                hypothesis,
                verdict,
                because,
            } => {
                let Some(h) = self.hypotheses.iter_mut().find(|h| h.id == *hypothesis) else {
                    return;
                };
                h.conclusion = Some(Conclusion {
                    verdict: *verdict,
                    because: because.clone(),
                    by: r.by.clone(),
                    at: r.at,
                });
                let text = format!("Hypothesis {}: {}. {because}", verdict.label(), h.statement);
                self.note(r, EntryKind::Decision, text);
            }
            _ => {}
        }
    }

    pub(super) fn apply_ask(&mut self, r: &Recorded) {
        let text = match &r.event {
            Event::PartyAsked {
                party,
                whom,
                what,
                due_min,
            } => {
                self.asks.push(Ask {
                    id: r.command,
                    party: *party,
                    whom: whom.clone(),
                    what: what.clone(),
                    by: r.by.clone(),
                    asked_at: r.at,
                    due_min: *due_min,
                    acknowledged_at: None,
                    answer: None,
                });
                format!("Asked {} ({whom}): {what}", party.label())
            }
            Event::AskAcknowledged { ask } => {
                let Some(ask) = self.asks.iter_mut().find(|a| a.id == *ask) else {
                    return;
                };
                ask.acknowledged_at.get_or_insert(r.at);
                format!("{} ({}) has it: {}", ask.party.label(), ask.whom, ask.what)
            }
            Event::AskAnswered { ask, answer } => {
                let Some(ask) = self.asks.iter_mut().find(|a| a.id == *ask) else {
                    return;
                };
                ask.acknowledged_at.get_or_insert(r.at);
                ask.answer = Some(answer.clone());
                format!("{} ({}) answered: {answer}", ask.party.label(), ask.whom)
            }
            _ => return,
        };
        self.note(r, EntryKind::Communication, text);
    }
}
