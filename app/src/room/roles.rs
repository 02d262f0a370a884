//! The five role cards (RUNBOOK §3): who holds it, what it owes now, what it may decide.

use super::Desk;
use super::act::{Act, Job, button, buttons};
use super::facts::{Line, lines, owes};
use crate::parts::dynamic::part;
use crate::parts::memo::memo;
use crate::parts::when::hm_or_day;
use domain::clock::{Clock, ClockKind, ClockState, Owner};
use domain::draft::Of;
use domain::gate::Need;
use domain::next_step::Target;
use domain::role::{Answer, Turn};
use domain::{EntryId, Incident, PersonId, PersonRef, Role, Time};
use leptos::prelude::*;
use markup::view;

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
    let now = desk.replica.now();
    let seat = memo(move || desk.incident.with(|i| i.seat(role).clone()));
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
    let gone = memo(move || {
        let holder = seat.with(|s| s.holder.as_ref().map(|h| h.person.id));
        holder.is_some_and(|id| desk.replica.people().iter().all(|p| p.id != id))
    });
    let said = memo(move || {
        let gone = gone.get();
        let now = now.get_untracked();
        desk.incident.with(|i| said(i, role, gone, now))
    });
    let running = memo(move || {
        desk.incident.with(|i| {
            let mut running = desk.clocks.get();
            running.retain(|c| is_owed(c, role, i));
            domain::order::by(&mut running, |c| [c.due_at.timestamp_millis(), 0, 0]);
            running
        })
    });
    let step = memo(move || {
        desk.incident.with(|i| {
            desk.steps.with(|steps| {
                let own = steps.iter().find(|s| doer(&s.target, i) == Some(role));
                own.map(|s| s.what.clone())
            })
        })
    });
    let tired = memo(move || {
        let now = now.get();
        running.with(|r| {
            r.iter().any(|c| {
                c.kind == ClockKind::CommanderRelief
                    && matches!(c.state(now), ClockState::AtRisk | ClockState::Overdue)
            })
        })
    });
    let acts = memo(move || {
        let me = desk.replica.me().id;
        let tired = tired.get();
        desk.incident.with(|i| acts(i, role, me, tired))
    });
    let shadows =
        memo(move || seat.with(|s| (s.shadows.clone(), desk.incident.with(|i| i.is_open()))));
    view! {
        <li class="role" data-state=state>
            <h3>{role.label()}</h3>
            <p class="holder">{name}</p>
            {part(move || lines(said.get()))}
            {part(move || {
                let (all, open) = shadows.get();
                all.into_iter().map(|person| shadow(role, person, open)).collect_view()
            })}
            {part(move || running.get().into_iter().map(|clock| { let label = clock.label(); owes(clock, label) }).collect_view())}
            {part(move || step.get().map(|step| view! { <p class="step">"Next: "{step}</p> }))}
            <p class="since">"Owns "{role.owns()}</p>
            <p class="actions">{part(move || buttons(acts.get()))}</p>
            <History role />
        </li>
    }
}

/// What there is to know of who sits there.
fn said(incident: &Incident, role: Role, gone: bool, now: Time) -> Vec<Line> {
    let seat = incident.seat(role);
    let since = |text: String| Line::of("since", text);
    let mut lines = Vec::new();
    if let Some(holder) = &seat.holder {
        let at = hm_or_day(holder.accepted_at, now);
        lines.push(since(format!("accepted {at}")));
    }
    if gone {
        lines.push(Line::of(
            "gone",
            "No longer has an account. Hand the role over, or leave it empty.",
        ));
    }
    if let Some(offer) = &seat.offer {
        let at = hm_or_day(offer.offered_at, now);
        let to = if seat.holder.is_some() {
            format!("handed over to {}, ", offer.person.name)
        } else {
            String::new()
        };
        let by = &offer.by.name;
        lines.push(since(format!("{to}offered {at} by {by}, not accepted")));
        lines.extend(
            offer
                .note
                .iter()
                .map(|n| since(format!("Hand-over note: {n}"))),
        );
    } else {
        lines.extend(note_of(incident, role).map(|n| since(format!("Hand-over note: {n}"))));
    }
    let hats = |text: String| Line::of("both-hats", text);
    match incident.two_hats(role) {
        Some(why) => lines.push(hats(format!("Wears two hats: {why}"))),
        None => {
            let why = seat.offer.as_ref().and_then(|o| o.two_hats.as_ref());
            lines.extend(why.map(|why| hats(format!("Would wear two hats: {why}"))));
        }
    }
    lines
}

/// What the holder was left by the one before.
fn note_of(incident: &Incident, role: Role) -> Option<&String> {
    let seat = incident.seat(role);
    let holder = seat.holder.as_ref()?;
    let taken = seat.history.iter().rev();
    let mut taken = taken.filter(|t| matches!(t.answer, Answer::Accepted { .. }));
    let turn = taken.next().filter(|t| t.ended_at == holder.accepted_at)?;
    turn.offer.note.as_ref()
}

fn shadow(role: Role, person: PersonRef, open: bool) -> AnyView {
    let remove = open.then(|| {
        let of = format!("{} as a shadow", person.name);
        let job = Job::Unshadow(role, person.clone());
        button(Act::new("Remove", of, job).plain())
    });
    view! { <p class="since">"Shadow: "{person.name}" "{remove}</p> }.into_any()
}

fn acts(incident: &Incident, role: Role, me: PersonId, tired: bool) -> Vec<Act> {
    if !incident.is_open() {
        return Vec::new();
    }
    let seat = incident.seat(role);
    let act = |label, job| Act::new(label, role.label(), job);
    let mut acts = Vec::new();
    if seat.offered_to(me) {
        let accept = Job::Accept(role);
        acts.push(act("Accept", accept).primary());
        acts.push(act("Decline", Job::Decline(role)));
    }
    if seat.holder.is_none() {
        acts.push(act("Offer…", Job::Offer(role)));
    } else {
        // Asked for once it is time for relief, and not in place of the button that accepts.
        if role == Role::Commander && seat.held_by(me) && tired {
            acts.push(Act::new("I'm staying…", "as commander", Job::Stay).primary());
        }
        acts.push(act("Hand over…", Job::HandOver(role)).plain());
        acts.push(act("Leave empty…", Job::Vacate(role)).plain());
    }
    acts.push(act("Add a shadow…", Job::Shadow(role)).plain());
    acts
}

/// All that went before, folded.
#[component]
fn History(role: Role) -> impl IntoView {
    let desk = Desk::here();
    let all = memo(move || {
        let now = desk.replica.now().get_untracked();
        desk.incident.with(|i| {
            let accept_min = desk.replica.policy_of(i).accept_min;
            history(i, role, accept_min, now)
        })
    });
    let some = memo(move || all.with(|a| !a.is_empty()));
    part(move || {
        some.get().then(|| {
            view! {
                <details class="role-history">
                    <summary>"History "{part(move || format!("({})", all.with(Vec::len)))}<span class="vh">" of "{role.label()}</span></summary>
                    <ol>{part(move || all.get().into_iter().map(|line| view! { <li>{line}</li> }).collect_view())}</ol>
                </details>
            }
        })
    })
}

/// Every answer, hand-over and stay, newest first.
fn history(incident: &Incident, role: Role, accept_min: u32, now: Time) -> Vec<String> {
    let turns = incident.seat(role).history.iter();
    let told = turns.map(|t| (t.ended_at, turn(t, accept_min)));
    let mut all: Vec<(Time, String)> = told.collect();
    if role == Role::Commander {
        let stays = incident.stays.iter();
        all.extend(stays.map(|s| (s.at, format!("{} stays on: {}", s.by.name, s.reason))));
    }
    domain::order::by(&mut all, |(at, _)| [-at.timestamp_millis(), 0, 0]);
    let line = |(at, what)| format!("{} {what}", hm_or_day(at, now));
    all.into_iter().map(line).collect()
}

fn turn(turn: &Turn, accept_min: u32) -> String {
    let who = &turn.offer.person.name;
    let by = &turn.offer.by.name;
    match &turn.answer {
        Answer::Accepted { from: Some(from) } => {
            let note = turn.offer.note.as_deref().unwrap_or_default();
            format!("{who} took over from {}: {note}", from.name)
        }
        Answer::Accepted { from: None } => format!("{who} accepted, asked by {by}"),
        Answer::Declined { reason: Some(why) } => format!("{who} declined: {why}"),
        Answer::Declined { reason: None } => format!("{who} declined"),
        Answer::Replaced if turn.is_overdue(accept_min) => {
            format!("{who} did not answer, somebody else was asked")
        }
        Answer::Replaced => {
            let asked = turn.ended_at - turn.offer.offered_at;
            let (n, unit) = match asked.num_minutes() {
                0 => (asked.num_seconds(), "s"),
                min => (min, "min"),
            };
            format!("the offer to {who} was taken back after {n} {unit}")
        }
        Answer::Withdrawn { reason } => format!("{who} is not asked any more: {reason}"),
        Answer::Vacated { reason } => format!("{who} left it empty: {reason}"),
    }
}

/// The role that this person holds, or the one that stands in.
fn held_or(incident: &Incident, person: PersonId, otherwise: Role) -> Role {
    let held = |role: &Role| incident.seat(*role).held_by(person);
    Role::ALL.into_iter().find(held).unwrap_or(otherwise)
}

/// Who follows a hypothesis owes what it asks for.
fn follower(incident: &Incident, id: EntryId) -> Role {
    let found = incident.hypotheses.iter().find(|h| h.id == id);
    found.map_or(Role::Engineering, |h| {
        held_or(incident, h.owner.id, Role::Engineering)
    })
}

/// Whether this clock runs for this card.
fn is_owed(clock: &Clock, role: Role, incident: &Incident) -> bool {
    let empty = || incident.holder(role).is_none();
    match (clock.kind, &clock.owner) {
        (ClockKind::RoleAccepted(offered), _) => offered == role,
        // "Named" clocks are owed by the commander, and show on the seats that are empty.
        (ClockKind::CommanderNamed, _) => role == Role::Commander && empty(),
        (ClockKind::SponsorNamed, _) => role == Role::Sponsor && empty(),
        (ClockKind::CoreRolesNamed, _) => Role::CORE.contains(&role) && empty(),
        (ClockKind::HypothesisTimebox(id), _) => follower(incident, id) == role,
        (_, Owner::Role(owner)) => *owner == role,
        (_, Owner::Person(person)) => held_or(incident, person.id, Role::Commander) == role,
        // A party answers to whoever runs the incident.
        (_, Owner::Party(_)) => role == Role::Commander,
        (_, Owner::OnCall) => false,
    }
}

/// Whose step it is.
fn doer(target: &Target, incident: &Incident) -> Option<Role> {
    Some(match target {
        Target::Triage => return None,
        Target::Answer(role) => *role,
        Target::Offer(_)
        | Target::Approve(_)
        | Target::HandOverCommand
        | Target::Move(_)
        | Target::Chase(_)
        | Target::Relief
        | Target::Channel
        | Target::HoldPostMortem
        | Target::Supply(Need::Mitigation | Need::PostMortem | Need::Action) => Role::Commander,
        Target::Update(_)
        | Target::Brief
        | Target::Publish(Of::Update | Of::Brief)
        | Target::Supply(Need::ResolutionUpdate | Need::ResolutionFor { .. } | Need::FollowUp) => {
            Role::Comms
        }
        Target::Supply(Need::Evidence { .. } | Need::ImpactEnd | Need::Cause)
        | Target::Result(_) => Role::Engineering,
        Target::Customers
        | Target::Judge(_)
        | Target::Call(_)
        | Target::Supply(Need::Credit { .. }) => Role::CsSales,
        Target::Conclude(id) => follower(incident, *id),
        Target::Action(id) => {
            let found = incident.actions.iter().find(|a| a.id == *id)?;
            held_or(incident, found.owner.id, Role::Commander)
        }
        Target::PlanStep(id) => {
            let found = incident.plan.iter().find(|s| s.id == *id)?;
            match &found.side {
                domain::call::Side::Ours { person } => held_or(incident, person.id, Role::CsSales),
                domain::call::Side::Theirs { .. } => Role::CsSales,
            }
        }
    })
}
