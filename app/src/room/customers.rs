//! Customers on the incident: what they see and get, the calls with them, their recovery plans,
//! and what is agreed for afterwards.

use super::Desk;
use super::act::{Act, Job, button};
use super::facts::{Fact, Facts, Line, capital};
use crate::api::LinkKind;
use crate::board::{revenue, room_of};
use crate::parts::dynamic::part;
use crate::parts::memo::memo;
use crate::parts::share::{Share, in_query};
use crate::parts::when::hm;
use chrono::NaiveDate;
use domain::approval::lacks_approver;
use domain::call::{Call, CallEnd, PlanStep, Side};
use domain::clock::{ClockKind, clocks, span};
use domain::customer::{ChurnRisk, Credit, Customer, CustomerId};
use domain::gate::Need;
use domain::impact::Window;
use domain::promise::readers_waiting;
use domain::shown::Shown as _;
use domain::{AccountId, Incident, IncidentId, Policy, Status, Time};
use leptos::prelude::*;
use markup::view;
use std::sync::Arc;

/// How many calls that are over are listed for each customer; all of them stand on the timeline.
const CALLS_MAX: usize = 3;

/// The panel.
#[component]
pub fn Customers() -> impl IntoView {
    let desk = Desk::here();
    let administrator = desk.replica.me().administrator;
    let names = memo(move || {
        desk.incident.with(|i| {
            let all = i.customers.iter();
            all.map(|c| (c.to_ref(), c.account)).collect::<Vec<_>>()
        })
    });
    let open = memo(move || desk.incident.with(|i| i.is_open()));
    let follows = memo(move || {
        desk.incident
            .with(|i| i.status >= Status::Resolved || !i.actions.is_empty())
    });
    view! {
        <section data-panel="people" aria-labelledby="people">
            <div class="section-head">
                <h2 id="people">"Customers"</h2>
                {part(move || open.get().then(|| button(Act::new("Add…", "a customer", Job::Customer(None)))))}
            </div>
            {part(move || names.with(Vec::is_empty).then(|| view! { <p class="hint">"Nobody is named yet. Who is hurt, what do they see, and when does their contract renew?"</p> }))}
            {part(move || names.get().into_iter().enumerate().map(|(place, (customer, account))| {
                let id = customer.id;
                let target = desk.incident.with_untracked(|i| page_of(i.id, id, account));
                let (title, name) = (customer.name.clone(), customer.name);
                view! {
                    <Facts id=format!("customer-{place}") title hint=""
                        read=Arc::new(move |i, policy| one_customer(i, policy, id, administrator)) />
                    <p class="actions"><Share kind=LinkKind::Status target name /></p>
                }
            }).collect_view())}
            {part(move || follows.get().then(|| view! { <FollowUp /> }))}
            <p class="actions"><a class="button slim" href=move || format!("{}/brief", desk.incident.with(|i| room_of(i)))>"Executive brief"</a></p>
        </section>
    }
}

/// Whose page a link opens, as the server names it.
fn page_of(incident: IncidentId, id: CustomerId, account: Option<AccountId>) -> String {
    match (account, id) {
        (Some(account), _) | (None, CustomerId::Account(account)) => format!("account/{account}"),
        (None, CustomerId::Entry(entry)) => format!("entry/{incident}/{entry}"),
    }
}

/// All about one customer.
fn one_customer(
    incident: &Incident,
    policy: &Policy,
    id: CustomerId,
    administrator: bool,
) -> Vec<Fact> {
    let Some(customer) = incident.customer(id) else {
        return Vec::new();
    };
    let mut facts = vec![about(incident, policy, customer)];
    let calls = || incident.calls.iter().filter(|c| c.customer.id == id);
    facts.extend(calls().filter(|c| c.end.is_none()).map(call));
    let over = calls().rev().filter(|c| c.end.is_some());
    facts.extend(over.take(CALLS_MAX).map(call));
    let plan = || incident.plan.iter().filter(|s| s.customer.id == id);
    if customer.deal_stage.is_some() || plan().next().is_some() {
        facts.push(deal(incident, customer, administrator));
    }
    facts.extend(plan().filter(|s| s.done.is_none()).map(plan_step));
    facts.extend(plan().filter(|s| s.done.is_some()).map(plan_step));
    facts
}

fn about(incident: &Incident, policy: &Policy, customer: &Customer) -> Fact {
    let mut known: Vec<String> = Vec::new();
    known.extend(Some(&customer.tier).filter(|t| !t.is_empty()).cloned());
    let revenue = revenue(std::slice::from_ref(customer), &policy.currency);
    if !revenue.is_empty() {
        known.push(format!("{revenue} a year"));
    }
    let renews = |d: NaiveDate| format!("renews {}", d.shown("%-d %B %Y"));
    known.extend(customer.renews_on.map(renews));
    let mood_class = if is_worse(customer) { "worse" } else { "quiet" };
    let mut lines = vec![Line::quiet(known.join(", ")), Line::new(&customer.sees)];
    lines.extend(Window::of(incident, customer).map(|w| window(w, customer)));
    lines.push(Line::of(mood_class, mood(customer)));
    let decided = incident.credit_for(customer.id);
    lines.extend(decided.map(|decided| Line::new(credit(&decided.credit))));
    let name = &customer.name;
    let proposed = incident.proposal_for(customer.id);
    lines.extend(proposed.map(|p| {
        let (what, who) = (p.credit.label(), &p.by.name);
        let matrix = &policy.credit_matrix;
        let row = matrix.iter().find(|row| row.approver == p.approver);
        let whose = match row.is_some_and(|row| lacks_approver(matrix, row)) {
            true => format!(
                ", and no approver is set: an administrator names one on the policy page, or {who} rejects it"
            ),
            false => " approves".to_owned(),
        };
        Line::of(
            "quiet",
            format!("{what} is proposed by {who}; the {}{whose}", p.approver),
        )
    }));
    let mut acts = Vec::new();
    if incident.is_open() {
        acts.push(Act::new("Change…", name, Job::Customer(Some(customer.id))).plain());
        acts.push(
            Act::new(
                "Plan a call…",
                format!("with {name}"),
                Job::Call(customer.id),
            )
            .plain(),
        );
    }
    acts.push(
        Act::new(
            "Plan a step…",
            format!("of the recovery of {name}"),
            Job::PlanStep(customer.id),
        )
        .plain(),
    );
    if incident.is_open() && incident.status >= Status::Mitigated {
        let need = Need::Credit {
            customer: customer.to_ref(),
        };
        let job = proposed.map_or(Job::Supply(need), |p| Job::Judge(p.id));
        acts.push(Act::new("Credit…", format!("for {name}"), job).plain());
    }
    let page = customer
        .account
        .map(|id| Job::Go(format!("/accounts/{id}")));
    acts.extend(page.map(|page| Act::new("Account", format!("of {name}"), page).plain()));
    Fact {
        lines,
        acts,
        ..Fact::default()
    }
}

/// Since when and until when they were hurt.
fn window(window: Window, customer: &Customer) -> Line {
    let whose = match (customer.impact_from, customer.impact_to) {
        (None, None) => " as of the incident,",
        _ => "",
    };
    let from = whole(window.from);
    match window.to {
        None => Line::quiet(format!("Impact{whose} since {from}")),
        Some(to) if window.is_sound() => {
            let long = span(to - window.from);
            let to = match to.date_naive() == window.from.date_naive() {
                true => hm(to),
                false => whole(to),
            };
            Line::quiet(format!("Impact{whose} {from} to {to}, {long}"))
        }
        Some(to) => Line::of(
            "worse",
            format!("Impact from {from} to {}: state it anew", whole(to)),
        ),
    }
}

/// Where the deal with them stands; it is read beside the steps of the plan.
fn deal(incident: &Incident, customer: &Customer, administrator: bool) -> Fact {
    let name = &customer.name;
    let stage = customer.deal_stage.as_deref();
    let mut acts = vec![
        Act::new(
            "Change…",
            format!("the deal stage of {name}"),
            Job::Deal(customer.id),
        )
        .plain(),
    ];
    let moved = incident.deal_move(customer.id);
    let lines = moved.map(|m| {
        let before = m
            .from
            .as_ref()
            .map_or_else(String::new, |from| format!(", before: {from}"));
        Line::quiet(format!("Said {} by {}{before}", whole(m.at), m.by.name))
    });
    // The record does not write into the accounts: whoever may, is led there.
    if let (true, Some(_), Some(id), Some(stage)) = (administrator, moved, customer.account, stage)
    {
        let page = format!("/accounts/{id}/edit?deal_stage={}", in_query(stage));
        acts.push(
            Act::new(
                "Set it on the account…",
                format!("of {name}"),
                Job::Go(page),
            )
            .plain(),
        );
    }
    Fact {
        head: format!("Deal stage: {}", stage.unwrap_or("not known")),
        lines: lines.into_iter().collect(),
        acts,
        ..Fact::default()
    }
}

fn credit(credit: &Credit) -> String {
    format!("{}: {}", credit.label(), credit.reason())
}

fn whole(at: Time) -> String {
    format!("{} UTC", at.shown("%-d %b %H:%M"))
}

fn call(call: &Call) -> Fact {
    let of = format!("{} with {}", call.kind.label(), call.with);
    let daily = if call.daily { ", every day" } else { "" };
    let mut fact = Fact {
        head: format!("{}{}", capital(&of), daily),
        lines: vec![Line::quiet(whole(call.at))],
        ..Fact::default()
    };
    match &call.end {
        None => {
            fact.due_at = Some(call.at);
            fact.acts = vec![Act::new(
                "Write down…",
                format!("the {of}"),
                Job::EndCall(call.id),
            )];
        }
        Some((CallEnd::Held { notes }, _)) => {
            fact.lines.push(Line::new(format!("Held: {notes}")));
        }
        Some((CallEnd::CalledOff { reason }, _)) => {
            fact.lines.push(Line::new(format!("Called off: {reason}")));
        }
    }
    fact
}

fn by_day(day: NaiveDate) -> String {
    format!("by {}", day.shown("%-d %B"))
}

fn plan_step(step: &PlanStep) -> Fact {
    let side = match step.side {
        Side::Ours { .. } => "ours",
        Side::Theirs { .. } => "theirs",
    };
    let mut fact = Fact {
        head: format!("Plan: {}", step.what),
        lines: vec![Line::quiet(format!(
            "{} ({side}), {}",
            step.side.name(),
            by_day(step.due_on)
        ))],
        ..Fact::default()
    };
    match &step.done {
        Some((note, at)) => {
            let done = format!("Done {}: {note}", whole(*at));
            fact.lines.push(Line::result("yes", done));
        }
        None => fact.acts = vec![Act::new("Done…", &step.what, Job::FinishStep(step.id))],
    }
    fact
}

fn is_worse(c: &Customer) -> bool {
    let churn = matches!((c.churn_before, c.churn_now), (Some(before), Some(now)) if now > before);
    let mood =
        matches!((c.sentiment_before, c.sentiment_now), (Some(before), Some(now)) if now < before);
    churn || mood
}

/// `Sentiment +1 to −1, churn risk low to high: they asked for a second supplier`.
fn mood(c: &Customer) -> String {
    let why = c.churn_reason.as_ref();
    let why = why.map_or_else(String::new, |why| format!(": {why}"));
    format!("Sentiment {}, churn risk {}{why}", sentiment(c), churn(c))
}

/// `+1 to −1`.
#[must_use]
pub(crate) fn sentiment(c: &Customer) -> String {
    let signed = |n: i8| match n {
        0 => "0".to_owned(),
        n if n > 0 => format!("+{n}"),
        n => format!("−{}", n.unsigned_abs()),
    };
    match (c.sentiment_before, c.sentiment_now) {
        (Some(before), Some(now)) => format!("{} to {}", signed(before), signed(now)),
        (None, Some(only)) | (Some(only), None) => signed(only),
        (None, None) => "not asked".to_owned(),
    }
}

/// `low to high`.
#[must_use]
pub(crate) fn churn(c: &Customer) -> String {
    match (
        c.churn_before.map(ChurnRisk::label),
        c.churn_now.map(ChurnRisk::label),
    ) {
        (Some(before), Some(now)) if before != now => format!("{before} to {now}"),
        (_, Some(only)) | (Some(only), None) => only.to_owned(),
        (None, None) => "not rated".to_owned(),
    }
}

/// What is agreed for afterwards. Goes on when the incident is closed.
#[component]
fn FollowUp() -> impl IntoView {
    let desk = Desk::here();
    let read = move |incident: &Incident, policy: &Policy| {
        let mut facts = Vec::new();
        facts.extend(post_mortem(incident, policy));
        facts.extend(actions(incident, policy));
        facts.extend(incident.follow_up.iter().map(|plan| Fact {
            head: "Telling customers of it".to_owned(),
            lines: vec![Line::new(plan)],
            ..Fact::default()
        }));
        facts
    };
    view! {
        <Facts id="closing".to_owned() title="Follow-up".to_owned() hint="Nothing is agreed yet."
            read=Arc::new(read) />
        <p class="actions">
            {button(Act::new("Agree an action…", "", Job::Action))}
            {part(move || {
                let learned = desk.incident.with(|i| {
                    let is_told = i.resolution_published() && readers_waiting(i, &desk.policy()).is_empty();
                    is_told.then(|| format!("{}/update", room_of(i)))
                });
                learned.map(|address| button(Act::new("Tell what we learned", "to customers", Job::Go(address))))
            })}
        </p>
    }
}

fn post_mortem(incident: &Incident, policy: &Policy) -> Option<Fact> {
    let booked = incident.post_mortem.as_ref()?;
    let clock = clocks(incident, policy)
        .into_iter()
        .find(|c| c.kind == ClockKind::PostMortemHeld && c.is_running());
    let mut fact = Fact {
        head: "Post-mortem".to_owned(),
        lines: vec![Line::quiet(format!(
            "{} with {}",
            whole(booked.at),
            booked.facilitator.name
        ))],
        ..Fact::default()
    };
    match incident.post_mortem_held_at {
        Some(at) if clock.is_none() => {
            fact.lines
                .push(Line::result("yes", format!("Held {}", whole(at))));
        }
        _ => fact.acts = vec![Act::new("Held…", "the post-mortem", Job::Held)],
    }
    fact.clock = clock;
    Some(fact)
}

fn actions(incident: &Incident, policy: &Policy) -> Vec<Fact> {
    let running = clocks(incident, policy);
    let read = |action: &domain::incident::Action| {
        let mut fact = Fact {
            head: action.what.clone(),
            lines: vec![
                Line::quiet(format!("{}, {}", action.owner.name, by_day(action.due_on))),
                Line::new(format!("Done when: {}", action.acceptance)),
            ],
            ..Fact::default()
        };
        match &action.done {
            Some((proof, at)) => {
                let done = format!("Done {}: {proof}", whole(*at));
                fact.lines.push(Line::result("yes", done));
            }
            None => {
                let kind = ClockKind::ActionDone(action.id);
                fact.clock = running.iter().find(|c| c.kind == kind).cloned();
                fact.acts = vec![Act::new(
                    "Done…",
                    &action.what,
                    Job::FinishAction(action.id),
                )];
            }
        }
        fact
    };
    incident.actions.iter().map(read).collect()
}
