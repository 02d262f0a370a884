//! The head of the room: what it is, where it stands, and the next thing due.

use super::Desk;
use crate::parts::beats::Beats;
use crate::parts::countdown::{Left, minute_of, state_name, state_of};
use crate::parts::severity::{Path, Sev};
use crate::parts::when::hm;
use crate::replica::Replica;
use domain::beat::strip_of;
use domain::clock::{Clock, ClockKind, ClockState, Owner, clocks, urgency};
use domain::{Incident, Role, order};
use leptos::prelude::*;

/// How many further clocks the line shows.
const LINE_MAX: usize = 3;

/// The sticky head.
#[component]
pub fn Head() -> impl IntoView {
    let replica = Replica::here();
    let desk = Desk::here();
    let policy = replica.policy();
    let now = replica.now();
    let minute = minute_of(replica);
    let all = {
        let policy = policy.clone();
        Memo::new(move |_| {
            let mut running: Vec<Clock> = desk
                .incident
                .with(|i| clocks(i, &policy))
                .into_iter()
                .filter(Clock::is_running)
                .collect();
            let minute = minute.get();
            order::by(&mut running, |c| urgency(c, minute));
            running
        })
    };
    let strip = {
        let policy = policy.clone();
        Memo::new(move |_| {
            let minute = minute.get();
            desk.incident.with(|i| strip_of(i, &policy, minute))
        })
    };
    let lead_state = Memo::new(move |_| {
        let now = now.get();
        all.with(|a| a.first().map_or("quiet", |c| state_name(c.state(now))))
    });
    view! {
        <div class="room-head">
            <div class="room-name">
                {move || desk.incident.with(|i| i.severity()).map(|severity| view! { <Sev severity /> })}
                <h1>{move || desk.incident.with(|i| i.title().to_owned())}</h1>
                <p class="quiet">{move || desk.incident.with(|i| name_line(i, &policy))}</p>
                <Path status=Signal::derive(move || desk.incident.with(|i| i.status)) />
            </div>
            <div class="room-clocks" data-state=move || lead_state.get()>
                {move || view! { <Lead clock=all.with(|a| a.first().cloned()) /> }}
                <ul class="clock-line" aria-label="Other clocks">
                    <For
                        each=move || all.with(|a| a.iter().skip(1).take(LINE_MAX).cloned().collect::<Vec<_>>())
                        key=|c| (c.kind, c.due_at)
                        children=|clock| {
                            let state = state_of(&clock);
                            view! {
                                <li data-state=move || state_name(state.get())>
                                    <Left due_at=clock.due_at />" "{clock.kind.label()}
                                </li>
                            }
                        }
                    />
                </ul>
                {move || view! { <Beats strip=strip.get() /> }}
            </div>
        </div>
    }
}

fn name_line(incident: &Incident, policy: &domain::Policy) -> String {
    let channel = incident.number.map(|n| policy.channel(n, incident.title()));
    let mut line = incident.number_label();
    if let Some(channel) = channel {
        line = format!("{line} {channel}");
    }
    if let Some(change) = &incident.cadence {
        line = format!(
            "{line}. Updates every {} min: {}",
            change.every_min, change.reason
        );
    }
    line
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
        let kind = clock.kind;
        move || match (kind, state.get()) {
            (ClockKind::FirstUpdate | ClockKind::NextUpdate, ClockState::Overdue) => {
                "Customer update is overdue".to_owned()
            }
            (kind, ClockState::Overdue) => format!("{} is overdue", kind.label()),
            (kind, _) => kind.label(),
        }
    };
    let promised = if clock.kind == ClockKind::NextUpdate {
        "Promised for"
    } else {
        "Due"
    };
    let owner = clock.owner.clone();
    let whose = move || desk.incident.with(|i| owner_name(&owner, i));
    let due = hm(clock.due_at);
    view! {
        <div class="clock lead" data-state=move || state_name(state.get())>
            <div class="time"><Left due_at=clock.due_at /></div>
            <div class="what"><p>{label}</p><p class="whose">{promised}" "{due}", "{whose}</p></div>
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
