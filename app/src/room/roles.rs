//! The five role cards (RUNBOOK §3).

use super::{Desk, forms};
use crate::parts::countdown::{Left, state_name, state_of};
use crate::replica::Replica;
use domain::clock::{Clock, ClockKind, Owner, clocks};
use domain::{Command, Role};
use leptos::prelude::*;

/// All five.
#[component]
pub fn Roles() -> impl IntoView {
    let cards = Role::ALL
        .into_iter()
        .map(|role| view! { <Card role /> })
        .collect_view();
    view! {
        <section data-panel="roles" aria-labelledby="roles">
            <h2 id="roles">"Roles"</h2>
            <ul class="roles">{cards}</ul>
        </section>
    }
}

#[component]
fn Card(role: Role) -> impl IntoView {
    let desk = Desk::here();
    let replica = Replica::here();
    let now = replica.now();
    let me = replica.me().id;
    let seat = Memo::new(move |_| desk.incident.with(|i| i.seat(role).clone()));
    let state = move || {
        seat.with(|s| match (&s.offer, &s.holder) {
            (_, Some(_)) => "accepted",
            (Some(_), None) => "offered",
            (None, None) => "nobody",
        })
    };
    let name = move || {
        seat.with(|s| match (&s.holder, &s.offer) {
            (Some(holder), _) => holder.person.name.clone(),
            (None, Some(offer)) => offer.person.name.clone(),
            (None, None) => "Nobody".to_owned(),
        })
    };
    let since = move || {
        let now = now.get_untracked();
        seat.with(|s| {
            let mut lines = Vec::new();
            if let Some(holder) = &s.holder {
                lines.push(format!(
                    "accepted {}",
                    crate::parts::when::hm_or_day(holder.accepted_at, now)
                ));
            }
            if let Some(offer) = &s.offer {
                let to = if s.holder.is_some() {
                    format!("handed over to {}, ", offer.person.name)
                } else {
                    String::new()
                };
                let at = crate::parts::when::hm_or_day(offer.offered_at, now);
                lines.push(format!(
                    "{to}offered {at} by {}, not accepted",
                    offer.by.name
                ));
            }
            lines.join("; ")
        })
    };
    let hats = move || desk.incident.with(|i| i.two_hats(role).map(str::to_owned));
    let note = move || seat.with(|s| s.offer.as_ref().and_then(|o| o.note.clone()));
    let owed = Memo::new(move |_| {
        let policy = desk.policy();
        let empty = seat.with(|s| s.holder.is_none());
        desk.incident
            .with(|i| clocks(i, &policy))
            .into_iter()
            .filter(|c| owes(c, role, empty))
            .min_by_key(|c| c.due_at)
    });
    let open = move || desk.incident.with(|i| i.is_open());
    let asked = move || open() && seat.with(|s| s.offered_to(me));
    let held = move || seat.with(|s| s.holder.is_some());
    view! {
        <li class="role" data-state=state>
            <h3>{role.label()}</h3>
            <p class="holder">{name}</p>
            <p class="since">{since}</p>
            {move || note().map(|note| view! { <p class="since">"Note: "{note}</p> })}
            {move || owed.get().map(|clock| view! { <Owes clock /> })}
            {move || hats().map(|why| view! { <p class="both-hats">"Wears two hats: "{why}</p> })}
            <p class="since">"Owns "{role.owns()}</p>
            <p class="actions">
                {move || asked().then(|| view! {
                    <button class="slim primary" type="button" on:click=move |_| desk.send(Command::AcceptRole { role })>
                        "Accept "<span class="vh">{role.label()}</span>
                    </button>
                    <button class="slim" type="button" on:click=move |_| desk.open(forms::decline(role))>
                        "Decline "<span class="vh">{role.label()}</span>
                    </button>
                })}
                {move || (open() && held()).then(|| view! {
                    <button class="plain slim" type="button" on:click=move |_| desk.open(forms::hand_over(role, &desk.incident.get_untracked(), replica))>
                        "Hand over… "<span class="vh">{role.label()}</span>
                    </button>
                })}
                {move || (open() && !held()).then(|| view! {
                    <button class="slim" type="button" on:click=move |_| desk.open(forms::offer(role, &desk.incident.get_untracked(), replica))>
                        "Offer… "<span class="vh">{role.label()}</span>
                    </button>
                })}
            </p>
        </li>
    }
}

/// Whether this is what the card should show as owed.
fn owes(clock: &Clock, role: Role, empty: bool) -> bool {
    if !clock.is_running() {
        return false;
    }
    match (clock.kind, &clock.owner) {
        (ClockKind::RoleAccepted(offered), _) => offered == role,
        // "Named" clocks are owed by the commander, and show on the seats that are empty.
        (ClockKind::CommanderNamed, _) => empty && role == Role::Commander,
        (ClockKind::SponsorNamed, _) => empty && role == Role::Sponsor,
        (ClockKind::CoreRolesNamed, _) => empty && Role::CORE.contains(&role),
        (_, Owner::Role(owner)) => *owner == role,
        _ => false,
    }
}

#[component]
fn Owes(clock: Clock) -> impl IntoView {
    let state = state_of(&clock);
    view! {
        <p class="owes" data-state=move || state_name(state.get())>
            {clock.label()}" "<Left due_at=clock.due_at />
        </p>
    }
}
