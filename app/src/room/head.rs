//! The head of the room: what it is, where it stands, and the next thing due.

use super::Desk;
use super::about::About;
use super::act::{Act, Job, button};
use crate::parts::beats::Beats;
use crate::parts::countdown::{Left, minute_of, state_name, state_of};
use crate::parts::dynamic::{list, part};
use crate::parts::memo::memo;
use crate::parts::severity::{Path, Sev};
use crate::parts::when::hm_or_day;
use domain::beat::strip_of;
use domain::clock::{Clock, ClockKind, ClockState, Owner, span, urgency};
use domain::policy::minutes;
use domain::shown::Shown as _;
use domain::{Incident, Policy, Role, order};
use leptos::prelude::*;
use markup::view;

/// How many further clocks the line shows.
const LINE_MAX: usize = 3;

/// The sticky head.
#[component]
pub fn Head() -> impl IntoView {
    let desk = Desk::here();
    let now = desk.replica.now();
    let minute = minute_of(desk.replica);
    let all = memo(move || {
        let mut running = desk.clocks.get();
        let minute = minute.get();
        order::by(&mut running, |c| urgency(c, minute));
        running
    });
    let strip = memo(move || {
        let minute = minute.get();
        let policy = desk.policy();
        desk.incident.with(|i| strip_of(i, &policy, minute))
    });
    let lead_state = memo(move || {
        let now = now.get();
        all.with(|a| a.first().map_or("quiet", |c| state_name(c.state(now))))
    });
    let open = memo(move || desk.incident.with(|i| i.is_open()));
    let change = move |act: fn() -> Act| move || open.get().then(|| button(act().plain()));
    view! {
        <div class="room-head">
            <div class="room-name">
                {part(move || desk.incident.with(|i| i.severity()).map(|severity| view! { <Sev severity /> }))}
                <h1>{part(move || desk.incident.with(|i| i.title().to_owned()))}</h1>
                <Path status=Signal::derive(move || desk.incident.with(|i| i.status)) />
                <p class="room-facts">
                    <span>{part(move || desk.incident.with(|i| standing(i)))}</span>
                    <Channel />
                    <span>{part(move || { let policy = desk.policy(); desk.incident.with(|i| cadence(i, &policy)) })}</span>
                    {change(|| Act::new("Change cadence…", "", Job::Cadence))}
                    {change(|| Act::new("Change severity…", "", Job::Severity))}
                </p>
            </div>
            <div class="room-clocks" data-state=move || lead_state.get()>
                {part(move || view! { <Lead clock=all.with(|a| a.first().cloned()) /> })}
                <ul class="clock-line" aria-label="Other clocks">
                    {list(
                        move || all.with(|a| a.iter().skip(1).take(LINE_MAX).cloned().collect::<Vec<_>>()),
                        |c| format!("{:?} {}", c.kind, c.due_at.timestamp()),
                        in_line,
                    )}
                </ul>
                {part(move || view! { <Beats strip=strip.get() /> })}
            </div>
        </div>
        <About />
    }
}

fn in_line(clock: Clock) -> AnyView {
    let state = state_of(&clock);
    view! {
        <li data-state=move || state_name(state.get())>
            <Left due_at=clock.due_at />" "{clock.kind.label()}
        </li>
    }
    .into_any()
}

/// Its number; of a report, what became of it.
fn standing(incident: &Incident) -> String {
    let at = |at: domain::Time| at.shown("%-d %b %H:%M UTC");
    if let Some(joined) = &incident.joined {
        let number = joined.number.map(|n| n.to_string()).unwrap_or_default();
        let what = "A report that joined";
        return format!("{what} {number}, {}, {}", joined.by.name, at(joined.at));
    }
    if let Some(d) = &incident.dismissed {
        let what = "A report that was dismissed";
        return format!("{what}, {}, {}: {}", d.by.name, at(d.at), d.reason);
    }
    if incident.declared.is_none() {
        return "A report, not declared yet".to_owned();
    }
    incident.number_label()
}

/// `Updates at least every 2 h: forensics take longer (Ana Ruiz)`; silent while nothing is owed.
fn cadence(incident: &Incident, policy: &Policy) -> String {
    if !incident.is_open() {
        return String::new();
    }
    let every = span(minutes(incident.cadence_min(policy)));
    match &incident.cadence {
        Some(change) => format!(
            "Updates at least every {every}: {} ({})",
            change.reason, change.by.name
        ),
        None => format!("Updates at least every {every}"),
    }
}

/// The incident's channel, by its name; a link once somebody said where it is.
#[component]
fn Channel() -> impl IntoView {
    let desk = Desk::here();
    let channel = memo(move || {
        let policy = desk.policy();
        desk.incident
            .with(|i| (i.channel(&policy), i.channel_url.clone(), i.is_open()))
    });
    part(move || {
        let (name, url, open) = channel.get();
        let link = Act::new("Link…", "the channel", Job::Channel).plain();
        match (name, url) {
            (Some(name), Some(url)) => view! {
                <a href=url rel="noopener noreferrer external" target="_blank">{name}</a>
            }
            .into_any(),
            (Some(name), None) => {
                view! { <span>{name}</span>{open.then(|| button(link))} }.into_any()
            }
            _ => ().into_any(),
        }
    })
}

#[component]
fn Lead(clock: Option<Clock>) -> impl IntoView {
    let desk = Desk::here();
    let Some(clock) = clock else {
        return view! {
            <div class="clock lead" data-state="met">
                <div class="what"><p>"Nothing is due"</p></div>
            </div>
        }
        .into_any();
    };
    let state = state_of(&clock);
    let label = {
        let (kind, label, about) = (clock.kind, clock.label(), clock.about.clone());
        move || match (kind, state.get()) {
            (ClockKind::FirstUpdate | ClockKind::NextUpdate, ClockState::Overdue) => {
                let label = "Customer update is overdue";
                match about.as_str() {
                    "" => label.to_owned(),
                    readers => format!("{label}: {readers}"),
                }
            }
            (_, ClockState::Overdue) => format!("{label} is overdue"),
            _ => label.clone(),
        }
    };
    let promised = if clock.kind == ClockKind::NextUpdate {
        "Promised for"
    } else {
        "Due"
    };
    let due = hm_or_day(clock.due_at, desk.replica.now().get_untracked());
    let owner = clock.owner.clone();
    let whose = move || desk.incident.with(|i| owner_name(&owner, i));
    view! {
        <div class="clock lead" data-state=move || state_name(state.get())>
            <div class="time"><Left due_at=clock.due_at /></div>
            <div class="what"><p>{label}</p><p class="whose">{promised}" "{due}" UTC, "{whose}</p></div>
        </div>
    }
    .into_any()
}

fn owner_name(owner: &Owner, incident: &Incident) -> String {
    match owner {
        Owner::Party(name) => name.clone(),
        Owner::OnCall => "whoever is on call".to_owned(),
        Owner::Person(person) => person.name.clone(),
        Owner::Role(role) => holder_or_role(incident, *role),
    }
}

fn holder_or_role(incident: &Incident, role: Role) -> String {
    incident
        .holder(role)
        .map_or_else(|| format!("no {} yet", role.label()), |p| p.name.clone())
}
