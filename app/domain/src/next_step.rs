//! What to do next, in order, computed from the record (RUNBOOK §4, §7).

use crate::clock::{Clock, ClockKind, clocks};
use crate::gate::{self, Need};
use crate::update::UpdateKind;
use crate::{EntryId, Incident, Policy, Role, Status, Time, order};

/// Where a step is done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// Declare or dismiss the report.
    Triage,
    /// Offer this seat to somebody.
    Offer(Role),
    /// Answer the offer of this seat.
    Answer(Role),
    /// Write this kind of update.
    Update(UpdateKind),
    /// Renew the executive brief.
    Brief,
    /// Supply what the gate lacks.
    Supply(Need),
    /// Take the step: its gate is open.
    Move(Status),
    /// Say what came of a mitigation.
    Result(EntryId),
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What to do, as an imperative.
    pub what: String,
    /// Where.
    pub target: Target,
    /// By when, if a clock runs for it.
    pub due_at: Option<Time>,
}

/// The steps, most pressing first: what has a due time by that time, then what opens the
/// next gate, then what would leave the record incomplete.
#[must_use]
pub fn next_steps(incident: &Incident, policy: &Policy) -> Vec<Step> {
    let mut steps: Vec<Step> = clocks(incident, policy)
        .iter()
        .filter(|c| c.is_running())
        .flat_map(|c| for_clock(incident, c))
        .collect();
    order::by(&mut steps, |s| [order::at(s.due_at), 0, 0]);
    let mut seen: Vec<Target> = Vec::new();
    steps.retain(|s| {
        let new = !seen.contains(&s.target);
        seen.push(s.target.clone());
        new
    });
    if incident.declared.is_some() {
        steps.extend(for_gate(incident, policy));
        steps.extend(for_results(incident));
    }
    steps
}

fn for_clock(incident: &Incident, clock: &Clock) -> Vec<Step> {
    let step = |what: String, target| Step {
        what,
        target,
        due_at: Some(clock.due_at),
    };
    let name = |role: Role| {
        let seat = incident.seat(role);
        let open = seat.holder.is_none() && seat.offer.is_none();
        open.then(|| {
            step(
                format!("Name {} {}", article(role), role.label()),
                Target::Offer(role),
            )
        })
    };
    match clock.kind {
        ClockKind::DeclareOrDismiss => {
            vec![step(
                "Declare or dismiss the report".to_owned(),
                Target::Triage,
            )]
        }
        ClockKind::CommanderNamed => name(Role::Commander).into_iter().collect(),
        ClockKind::CoreRolesNamed => Role::CORE.into_iter().filter_map(name).collect(),
        ClockKind::SponsorNamed => name(Role::Sponsor).into_iter().collect(),
        ClockKind::RoleAccepted(role) => {
            let who = incident
                .seat(role)
                .offer
                .as_ref()
                .map_or("", |o| o.person.name.as_str());
            vec![step(
                format!("{who}: accept or decline {}", role.label()),
                Target::Answer(role),
            )]
        }
        ClockKind::FirstUpdate => {
            vec![step(
                "Tell customers what is known".to_owned(),
                Target::Update(UpdateKind::First),
            )]
        }
        ClockKind::NextUpdate if incident.status >= Status::Resolved => vec![step(
            "Tell customers that it is over, and why it happened".to_owned(),
            Target::Update(UpdateKind::Resolution),
        )],
        ClockKind::NextUpdate => {
            vec![step(
                "Tell customers what changed".to_owned(),
                Target::Update(UpdateKind::Progress),
            )]
        }
        ClockKind::Brief => vec![step("Renew the executive brief".to_owned(), Target::Brief)],
    }
}

fn article(role: Role) -> &'static str {
    match role {
        Role::Commander | Role::Engineering | Role::Sponsor => "an",
        Role::Comms | Role::CsSales => "a",
    }
}

fn for_gate(incident: &Incident, policy: &Policy) -> Vec<Step> {
    let Some(to) = incident.status.next() else {
        return Vec::new();
    };
    let missing = gate::missing(incident, to, policy);
    if missing.is_empty() {
        let what = format!("Move to {}: everything it needs is there", to.label());
        return vec![Step {
            what,
            target: Target::Move(to),
            due_at: None,
        }];
    }
    missing
        .into_iter()
        // The update clock runs until customers were told that it is over: the step it asks for,
        // a first update if there was none, is already in the list.
        .filter(|need| *need != Need::ResolutionUpdate)
        .map(|need| Step {
            what: format!("{} needs: {}", to.label(), lower_first(&need.label())),
            target: Target::Supply(need),
            due_at: None,
        })
        .collect()
}

fn for_results(incident: &Incident) -> impl Iterator<Item = Step> {
    incident
        .mitigations
        .iter()
        .filter(|m| m.result.is_none())
        .map(|m| Step {
            what: format!("Say what came of: {}", m.what),
            target: Target::Result(m.entry),
            due_at: None,
        })
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().collect::<String>() + chars.as_str()
    })
}
