//! What is tried and who is asked while it lasts: mitigations, hypotheses, other parties, word to
//! colleagues (RUNBOOK §6).

use super::act::{Act, Job};
use super::facts::{Fact, Facts, Line, capital};
use crate::parts::when::hm;
use domain::clock::{Clock, ClockKind, clocks, span};
use domain::fix::{Ask, Hypothesis, Verdict};
use domain::incident::Mitigation;
use domain::policy::minutes;
use domain::{EntryId, Incident, Policy};
use leptos::prelude::*;
use markup::view;
use std::sync::Arc;

/// How many words to colleagues are listed; all of them stand on the timeline.
const TOLD_MAX: usize = 3;

/// The four lists.
#[component]
pub(super) fn Fixing() -> impl IntoView {
    view! {
        <Facts id="mitigation".to_owned() title="Mitigation".to_owned()
            hint="No lever has been chosen: roll back, switch a flag, limit, fail over, fix or isolate."
            add=Act::new("Decide…", "on a mitigation", Job::Mitigation)
            read=Arc::new(|i, _| newest(&i.mitigations, mitigation)) />
        <Facts id="hypotheses".to_owned() title="Hypotheses".to_owned()
            hint="No guess at the cause is being followed. One owner, a limited time, several at once."
            add=Act::new("Open…", "a hypothesis", Job::Hypothesis)
            read=Arc::new(hypotheses) />
        <Facts id="parties".to_owned() title="Other parties".to_owned()
            hint="Nobody outside of the roles has been asked: legal, security, privacy, a vendor, PR."
            add=Act::new("Ask…", "another party", Job::Ask)
            read=Arc::new(asks) />
        <Facts id="inside".to_owned() title="Colleagues told".to_owned()
            hint="Support, Customer Success and Sales have not been told. Customers never see this."
            add=Act::new("Tell…", "colleagues", Job::Inside)
            read=Arc::new(told) />
    }
}

fn newest<T>(all: &[T], read: fn(&T) -> Fact) -> Vec<Fact> {
    all.iter().rev().map(read).collect()
}

fn mitigation(m: &Mitigation) -> Fact {
    let mut lines = vec![
        Line::quiet(format!("{}, {}. Undo: {}", m.by.name, hm(m.at), m.undo)),
        Line::quiet(format!(
            "Risk of doing it: {}. Of not doing it: {}",
            m.risk_of_doing, m.risk_of_not_doing
        )),
    ];
    let mut acts = Vec::new();
    match &m.result {
        Some(result) => lines.push(Line::came_of_it(result)),
        None => acts.push(Act::new(
            "Result…",
            format!("of {}", m.what),
            Job::Result(m.entry),
        )),
    }
    Fact {
        head: format!("{}: {}", m.lever.label(), m.what),
        lines,
        acts,
        ..Fact::default()
    }
}

fn running(incident: &Incident, policy: &Policy, kind: ClockKind) -> Option<Clock> {
    clocks(incident, policy)
        .into_iter()
        .find(|c| c.kind == kind && c.is_running())
}

/// Those that are followed first, then the newest.
fn hypotheses(incident: &Incident, policy: &Policy) -> Vec<Fact> {
    let all = &incident.hypotheses;
    let open = all.iter().rev().filter(|h| h.conclusion.is_none());
    let over = all.iter().rev().filter(|h| h.conclusion.is_some());
    open.chain(over)
        .map(|h| hypothesis(incident, policy, h))
        .collect()
}

fn hypothesis(incident: &Incident, policy: &Policy, h: &Hypothesis) -> Fact {
    let mut lines = vec![Line::quiet(format!(
        "{}, {} from {}",
        h.owner.name,
        span(minutes(h.timebox_min)),
        hm(h.opened_at)
    ))];
    lines.extend(h.attempts.iter().flat_map(|id| attempt(incident, *id)));
    let mut acts = Vec::new();
    match &h.conclusion {
        Some(end) => {
            let good = match end.verdict {
                Verdict::Confirmed => "yes",
                Verdict::Rejected => "no",
                Verdict::Abandoned => "unclear",
            };
            let verdict = capital(end.verdict.label());
            lines.push(Line::result(good, format!("{verdict}: {}", end.because)));
            lines.push(Line::quiet(format!("{}, {}", end.by.name, hm(end.at))));
        }
        None if incident.is_open() => {
            acts.push(Act::new("Attempt…", &h.statement, Job::Attempt(h.id)));
            acts.push(Act::new("Conclude…", &h.statement, Job::Conclude(h.id)));
        }
        None => {}
    }
    Fact {
        head: h.statement.clone(),
        lines,
        clock: running(incident, policy, ClockKind::HypothesisTimebox(h.id)),
        acts,
        ..Fact::default()
    }
}

/// What was tried, and what came of it.
fn attempt(incident: &Incident, id: EntryId) -> Vec<Line> {
    let Some(entry) = incident.entry(id) else {
        return Vec::new();
    };
    let tried = format!("Tried {}: {}", hm(entry.happened_at), entry.current_text());
    let result = entry.result.as_ref().map(Line::came_of_it);
    std::iter::once(Line::new(tried)).chain(result).collect()
}

/// Those that wait first, then the newest.
fn asks(incident: &Incident, policy: &Policy) -> Vec<Fact> {
    let all = &incident.asks;
    let open = all.iter().rev().filter(|a| a.answer.is_none());
    let over = all.iter().rev().filter(|a| a.answer.is_some());
    open.chain(over).map(|a| ask(incident, policy, a)).collect()
}

fn ask(incident: &Incident, policy: &Policy, a: &Ask) -> Fact {
    let has_it = match a.acknowledged_at {
        Some(at) => format!("acknowledged {}", hm(at)),
        None => "not acknowledged yet".to_owned(),
    };
    let mut lines = vec![
        Line::new(&a.what),
        Line::quiet(format!(
            "Asked {} by {}, {has_it}",
            hm(a.asked_at),
            a.by.name
        )),
    ];
    lines.extend(
        a.answer
            .iter()
            .map(|answer| Line::of("answer", format!("Answered: {answer}"))),
    );
    let mut acts = Vec::new();
    if a.answer.is_none() && incident.is_open() {
        let of = format!("from {}: {}", a.party.label(), a.whom);
        acts.push(Act::new("Answer…", of, Job::Answer(a.id)));
    }
    Fact {
        head: format!("{}: {}", a.party.label(), a.whom),
        lines,
        clock: running(incident, policy, ClockKind::PartyResponse(a.id)),
        acts,
        ..Fact::default()
    }
}

fn told(incident: &Incident, _: &Policy) -> Vec<Fact> {
    let all = &incident.told_inside;
    let mut facts: Vec<Fact> = all
        .iter()
        .rev()
        .take(TOLD_MAX)
        .map(|word| Fact {
            head: word.to.clone(),
            lines: vec![
                Line::new(&word.text),
                Line::quiet(format!("{}, {}", word.by.name, hm(word.at))),
            ],
            ..Fact::default()
        })
        .collect();
    if let Some(more) = all.len().checked_sub(TOLD_MAX).filter(|n| *n > 0) {
        facts.push(Fact {
            lines: vec![Line::quiet(format!("and {more} earlier, on the timeline"))],
            ..Fact::default()
        });
    }
    facts
}
