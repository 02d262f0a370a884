//! Hypotheses, other parties, word to colleagues (RUNBOOK §6).

use super::must_be_open;
use super::written::outcome;
use crate::fix::{Ask, Hypothesis};
use crate::shown::Shown as _;
use crate::text::{line, prose};
use crate::{Command, EntryId, Event, Incident, Policy, Refusal, Severity};

/// The shortest and the longest time for a hypothesis, minutes.
const TIMEBOX_MIN: std::ops::RangeInclusive<u32> = 1..=Policy::TIMEBOX_MAX_MIN;

pub(super) fn decide(
    incident: &Incident,
    command: Command,
    policy: &Policy,
) -> Result<Event, Refusal> {
    must_be_open(incident)?;
    match command {
        Command::OpenHypothesis {
            statement,
            owner,
            timebox_min,
        } => {
            let timebox_min = timebox_min.unwrap_or(policy.hypothesis_min);
            if !TIMEBOX_MIN.contains(&timebox_min) {
                return Err(Refusal::invalid(
                    "Timebox",
                    "must be between 1 minute and 7 days",
                ));
            }
            Ok(Event::HypothesisOpened {
                statement: line("Hypothesis", &statement)?,
                owner,
                timebox_min,
            })
        }
        Command::LogAttempt {
            hypothesis,
            text,
            result,
        } => {
            open_hypothesis(incident, hypothesis)?;
            Ok(Event::AttemptLogged {
                hypothesis,
                text: prose("What was tried", &text)?,
                result: result.map(outcome).transpose()?,
            })
        }
        Command::ConcludeHypothesis {
            hypothesis,
            verdict,
            because,
        } => {
            open_hypothesis(incident, hypothesis)?;
            Ok(Event::HypothesisConcluded {
                hypothesis,
                verdict,
                because: prose("What shows it", &because)?,
            })
        }
        Command::AskParty { party, whom, what } => Ok(Event::PartyAsked {
            party,
            whom: line("Whom", &whom)?,
            what: prose("What is asked", &what)?,
            due_min: policy.response_min_for(incident.severity().unwrap_or(Severity::Sev1)),
        }),
        Command::AcknowledgeAsk { ask } => {
            let known = unanswered(incident, ask)?;
            if let Some(at) = known.acknowledged_at {
                return Err(Refusal::out_of_order(format!(
                    "They said so already, at {} UTC.",
                    at.shown("%H:%M")
                )));
            }
            Ok(Event::AskAcknowledged { ask })
        }
        Command::AnswerAsk { ask, answer } => {
            unanswered(incident, ask)?;
            Ok(Event::AskAnswered {
                ask,
                answer: prose("Answer", &answer)?,
            })
        }
        Command::TellInside { to, text } => Ok(Event::ToldInside {
            to: line("To", &to)?,
            text: prose("Text", &text)?,
        }),
        _ => Err(Refusal::NoSuchIncident),
    }
}

fn open_hypothesis(incident: &Incident, id: EntryId) -> Result<&Hypothesis, Refusal> {
    let found = incident.hypotheses.iter().find(|h| h.id == id);
    let found = found.ok_or_else(|| Refusal::invalid("Hypothesis", "is not of this incident"))?;
    match &found.conclusion {
        None => Ok(found),
        Some(end) => Err(Refusal::Superseded {
            by: end.by.name.clone(),
            did: format!("ended this hypothesis as {}", end.verdict.label()),
            at: end.at,
        }),
    }
}

fn unanswered(incident: &Incident, id: EntryId) -> Result<&Ask, Refusal> {
    let found = incident.asks.iter().find(|a| a.id == id);
    let found = found.ok_or_else(|| Refusal::invalid("Question", "is not of this incident"))?;
    match &found.answer {
        None => Ok(found),
        Some(answer) => Err(Refusal::out_of_order(format!(
            "{} answered already: {answer}",
            found.party.label()
        ))),
    }
}
