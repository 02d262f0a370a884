//! The executive brief: one page, drafted from the record, renewed as often as the policy
//! says (RUNBOOK §8).

use crate::adherence::{PromiseState, update_promises};
use crate::customer::Customer;
use crate::shown::moment;
use crate::timeline::EntryKind;
use crate::{Incident, PersonRef, Policy, Severity, Status, Time};
use chrono::Duration;
use serde::{Deserialize, Serialize};

/// How sure we are of an ETA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// A guess.
    Low,
    /// Likely.
    Medium,
    /// We would promise it.
    High,
}

impl Confidence {
    /// Least first.
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// As shown.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// When it ends, and what that hangs on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Eta {
    /// The time.
    pub at: Time,
    /// How sure.
    pub confidence: Confidence,
    /// What it depends on.
    pub depends_on: String,
}

/// Something an executive is asked to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// What.
    pub what: String,
    /// Of whom.
    pub of: String,
    /// By when.
    pub needed_by: Option<Time>,
}

/// What the author writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BriefText {
    /// What happened, in two sentences.
    pub happened: String,
    /// Who is hurt and how.
    pub impact: String,
    /// What may yet go wrong.
    pub risks: Vec<String>,
    /// What we need from you.
    pub asks: Vec<Ask>,
    /// When it ends.
    pub eta: Option<Eta>,
    /// What is different from the last brief.
    pub changed: String,
}

/// A published version. Old ones stay readable as they were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brief {
    /// 1, 2, 3… within the incident.
    pub version: u32,
    /// What the author wrote.
    pub text: BriefText,
    /// Severity when it was published.
    pub severity: Severity,
    /// Status when it was published.
    pub status: Status,
    /// The customers on the incident when it was published.
    pub customers: Vec<Customer>,
    /// When customers were first hurt, as it was known then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact_began_at: Option<Time>,
    /// When they were well again, as it was known then; none while it went on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact_ended_at: Option<Time>,
    /// Server time.
    pub published_at: Time,
    /// By whom.
    pub by: PersonRef,
    /// Who put it up word for word, where that is somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_by: Option<PersonRef>,
    /// Who approved it, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<PersonRef>,
    /// When they did, server time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_at: Option<Time>,
}

impl Brief {
    /// How long customers were hurt until it ended, or until this was published; none when it is not
    /// known since when.
    #[must_use]
    pub fn impact(&self) -> Option<Duration> {
        let until = self.impact_ended_at.unwrap_or(self.published_at);
        Some(until - self.impact_began_at?)
    }

    /// Who wrote it, and who else approved it: `Cy Tan, approved by Ana Ruiz`.
    #[must_use]
    pub fn authors(&self) -> String {
        let author = self.written_by.as_ref().unwrap_or(&self.by);
        match &self.approved_by {
            Some(other) if other.id != author.id => {
                format!("{}, approved by {}", author.name, other.name)
            }
            _ => author.name.clone(),
        }
    }
}

/// A first text for the next brief, from what the record holds at `now` (server time). The author edits
/// it. Of the last brief it keeps no time that has passed: an ETA goes, an ask stays without its time.
#[must_use]
pub fn draft(incident: &Incident, policy: &Policy, now: Time) -> BriefText {
    let last = incident.briefs.last();
    let told = incident.updates.last();
    let title = incident.title().to_owned();
    let happened = match (told, incident.impact_began_at()) {
        (Some(update), _) => format!("{title}. {}", update.text.acknowledge),
        (None, Some(began)) => {
            format!(
                "{title}, since {}. {}",
                moment(began, now),
                incident.customer_sees()
            )
        }
        (None, None) => title,
    };
    let impact = told.map_or_else(
        || incident.customer_sees().to_owned(),
        |u| u.text.impact.clone(),
    );
    let mut asks = last.map(|b| b.text.asks.clone()).unwrap_or_default();
    for ask in &mut asks {
        ask.needed_by = ask.needed_by.filter(|at| *at > now);
    }
    BriefText {
        happened,
        impact,
        risks: last
            .map(|b| b.text.risks.clone())
            .unwrap_or_else(|| first_risks(incident)),
        asks,
        eta: last
            .and_then(|b| b.text.eta.clone())
            .filter(|eta| eta.at > now),
        changed: changed_since(incident, last, policy, now),
    }
}

fn first_risks(incident: &Incident) -> Vec<String> {
    incident
        .mitigations
        .iter()
        .filter(|m| m.result.is_none())
        .map(|m| m.risk_of_doing.clone())
        .collect()
}

/// The lines that an executive would ask about: decisions, tries and their results, moves, and how many
/// promises to customers were missed.
fn changed_since(incident: &Incident, last: Option<&Brief>, policy: &Policy, now: Time) -> String {
    let Some(last) = last else {
        return "This is the first brief.".to_owned();
    };
    let mut told: Vec<String> = incident
        .timeline
        .iter()
        .filter(|e| e.recorded_at > last.published_at)
        .filter(|e| {
            matches!(
                e.kind,
                EntryKind::Decision | EntryKind::Action | EntryKind::Attempt | EntryKind::Status
            )
        })
        .map(|e| {
            let (at, text) = (moment(e.happened_at, now), e.current_text());
            match &e.result {
                Some(result) => format!("{at} {text}: {}", result.text),
                None => format!("{at} {text}"),
            }
        })
        .collect();
    let missed = update_promises(incident, policy, now)
        .iter()
        .filter(|p| p.state == PromiseState::Missed && p.due_at > last.published_at)
        .count();
    if missed > 0 {
        told.push(format!(
            "Promised times of customer updates missed: {missed}."
        ));
    }
    if told.is_empty() {
        "Nothing since the last brief.".to_owned()
    } else {
        told.join("\n")
    }
}
