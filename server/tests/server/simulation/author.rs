//! What people ask for: reports, declarations, entries, and the way to closed and back.

use super::dice::Dice;
use chrono::{Duration, NaiveDate};
use domain::command::{Cause, Details, Lever};
use domain::evidence::{Proof, Proves};
use domain::gate::{Need, missing};
use domain::incident::Report;
use domain::text::PROSE_MAX_CHARS;
use domain::timeline::EntryKind;
use domain::update::{Audience, Closure, UpdateKind, UpdateText};
use domain::{Command, Incident, IncidentId, Person, Policy, Role, Severity, Status, Time};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Takes four bytes: five entries of it and an incident is carried abridged.
const LONG: &str = "\u{1D11E}";

/// What an author sees.
pub struct Scene<'a> {
    pub me: &'a Person,
    pub incident: &'a Incident,
    /// All that their tab shows.
    pub shown: &'a BTreeMap<IncidentId, Arc<Incident>>,
    pub now: Time,
    /// Whether some write at length.
    pub is_wordy: bool,
}

/// Something that this person may want of this incident now, or of another about it. Most of it is to the point.
pub fn command(dice: &mut Dice, scene: &Scene<'_>) -> (IncidentId, Command) {
    if scene.incident.declared.is_none() {
        return undeclared(dice, scene);
    }
    let command = match scene.incident.status {
        Status::Closed => closed(dice, scene.incident),
        _ => open(dice, scene),
    };
    (scene.incident.id, command)
}

fn open(dice: &mut Dice, scene: &Scene<'_>) -> Command {
    let (me, incident) = (scene.me, scene.incident);
    match dice.roll(14) {
        0..=7 => onwards(me, incident, scene.now),
        8 => Command::OfferRole {
            role: dice.one_of(&Role::ALL),
            person: me.to_ref(),
            two_hats: None,
        },
        9 => Command::AcceptRole {
            role: dice.one_of(&Role::ALL),
        },
        10 => amendment(dice, incident),
        11 => Command::ChangeSeverity {
            to: dice.one_of(&Severity::ALL),
            reason: "It grows".to_owned(),
        },
        _ => entry(dice, scene.is_wordy),
    }
}

fn entry(dice: &mut Dice, is_wordy: bool) -> Command {
    let text = match is_wordy && dice.one_in(2) {
        true => LONG.repeat(PROSE_MAX_CHARS),
        false => format!("Entry {}", dice.roll(1_000)),
    };
    Command::LogEntry {
        kind: EntryKind::Action,
        text,
        result: None,
        links: Vec::new(),
        happened_at: None,
    }
}

fn amendment(dice: &mut Dice, incident: &Incident) -> Command {
    match incident.timeline.last() {
        Some(line) => Command::AmendEntry {
            entry: line.id,
            text: format!("Amended {}", dice.roll(1_000)),
            reason: "A slip".to_owned(),
        },
        None => entry(dice, false),
    }
}

/// It is opened again, or its record becomes truer.
fn closed(dice: &mut Dice, incident: &Incident) -> Command {
    match dice.one_in(3) {
        true => amendment(dice, incident),
        false => Command::MoveBack {
            to: dice.one_of(&[Status::Active, Status::Mitigated]),
            reason: "It is back".to_owned(),
        },
    }
}

fn undeclared(dice: &mut Dice, scene: &Scene<'_>) -> (IncidentId, Command) {
    let command = match &scene.incident.report {
        Some(report) => return triage(dice, scene, report),
        None if dice.one_in(3) => Command::Report {
            what: "Slow".to_owned(),
            source: "Alert".to_owned(),
        },
        None => declaration(dice, scene.now),
    };
    (scene.incident.id, command)
}

/// What becomes of a report: another incident takes it, then it joins that one; or it is dismissed, or declared.
fn triage(dice: &mut Dice, scene: &Scene<'_>, report: &Report) -> (IncidentId, Command) {
    let id = scene.incident.id;
    let open = || scene.shown.values().filter(|i| i.is_open());
    if let Some(taker) = open().find(|i| i.taken_reports.contains(&id)) {
        let join = Command::JoinReport {
            into: taker.id,
            number: taker.number,
        };
        return (id, join);
    }
    let taker = open().next().filter(|_| dice.one_in(2));
    if let Some(taker) = taker {
        let take = Command::TakeReport {
            report: id,
            what: report.what.clone(),
            source: report.source.clone(),
            received_at: report.received_at,
        };
        return (taker.id, take);
    }
    let command = match dice.one_in(4) {
        true => Command::DismissReport {
            reason: "A test of the pager".to_owned(),
        },
        false => declaration(dice, scene.now),
    };
    (id, command)
}

fn declaration(dice: &mut Dice, now: Time) -> Command {
    Command::Declare {
        title: format!("Checkout errors {}", dice.roll(100)),
        severity: Severity::Sev3,
        customer_sees: "An error at the last step".to_owned(),
        impact_began_at: now,
        components: vec!["Checkout".to_owned()],
        audience: Audience::Public,
        details: Details::default(),
    }
}

/// Where nothing else happens: it is declared, and goes on to closed.
pub fn next(dice: &mut Dice, me: &Person, incident: &Incident, now: Time) -> Command {
    match incident.declared {
        None => declaration(dice, now),
        Some(_) => onwards(me, incident, now),
    }
}

/// The next step to closed.
fn onwards(me: &Person, incident: &Incident, now: Time) -> Command {
    let to = Status::ALL
        .into_iter()
        .find(|status| *status > incident.status)
        .unwrap_or(Status::Closed);
    match missing(incident, to, &Policy::default()).first() {
        None => Command::MoveStatus { to },
        Some(need) => supply(need, me, incident, now),
    }
}

fn supply(need: &Need, me: &Person, incident: &Incident, now: Time) -> Command {
    let words = |text: &str| text.to_owned();
    match need {
        Need::Mitigation => Command::DecideMitigation {
            lever: Lever::Rollback,
            what: words("Back to 41"),
            risk_of_doing: words("None"),
            risk_of_not_doing: words("Errors"),
            undo: words("Forward again"),
        },
        Need::Evidence { proves } => Command::AttachEvidence {
            proves: *proves,
            proof: Proof::Excerpt {
                text: words("errors 0"),
            },
            shows: words("No errors"),
            watched_min: (*proves == Proves::Validated).then_some(30),
        },
        Need::ImpactEnd => Command::StateImpactEnd { at: now },
        Need::Cause => Command::StateCause {
            cause: Cause::Known {
                text: words("A flag"),
            },
        },
        Need::ResolutionUpdate | Need::ResolutionFor { .. } => publish(incident, now),
        Need::Credit { .. } | Need::FollowUp => Command::PlanFollowUp {
            plan: words("A letter"),
        },
        Need::PostMortem => Command::BookPostMortem {
            at: now + Duration::hours(2),
            facilitator: me.to_ref(),
        },
        Need::Action => Command::AgreeAction {
            what: words("Test flags"),
            owner: me.to_ref(),
            due_on: NaiveDate::from_ymd_opt(2099, 1, 1).unwrap(),
            acceptance: words("It runs"),
        },
    }
}

/// The first update, then the one that says that it is over.
fn publish(incident: &Incident, now: Time) -> Command {
    let over = !incident.updates.is_empty();
    let began = incident.impact_began_at().unwrap_or(now);
    Command::PublishUpdate {
        text: UpdateText {
            kind: if over {
                UpdateKind::Resolution
            } else {
                UpdateKind::First
            },
            audience: Audience::Public,
            acknowledge: "Checkout fails for some".to_owned(),
            impact: "18 % of sessions".to_owned(),
            action: "We roll back".to_owned(),
            next_at: (!over).then(|| now + Duration::minutes(30)),
            components: Vec::new(),
            closure: over.then(|| Closure {
                cause: "A bad flag".to_owned(),
                prevention: "A check before the switch".to_owned(),
                impact_from: began,
                impact_to: incident.impact_ended_at.unwrap_or(now).max(began),
            }),
            corrects: None,
        },
        after: incident.updates.last().map(|u| u.id),
        excuses: Vec::new(),
    }
}
