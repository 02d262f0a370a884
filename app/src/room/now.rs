//! What to do next, the gate to the next status, and the proof so far.

use super::act::{Act, Job, button, buttons};
use super::checklists::Checklists;
use super::fixing::Fixing;
use super::{Desk, forms};
use crate::board::room_of;
use crate::parts::countdown::Left;
use crate::parts::dynamic::part;
use crate::parts::memo::memo;
use crate::parts::when::{hm, hm_or_day};
use domain::draft::{Of, Stage};
use domain::evidence::{Evidence, Proof};
use domain::gate::{self, Criterion};
use domain::next_step::{Step, Target};
use domain::{Command, Incident, PersonId, Role, Status, Time};
use leptos::prelude::*;
use markup::view;

/// How many steps are shown at first; the rest would only press.
const STEPS_MAX: usize = 7;

/// The panel.
#[component]
pub fn Now() -> impl IntoView {
    let desk = Desk::here();
    let most = RwSignal::new(STEPS_MAX);
    let shown = memo(move || {
        let me = desk.replica.me().id;
        desk.incident.with(|i| {
            desk.steps.with(|steps| {
                let steps = steps.iter().take(most.get());
                steps
                    .map(|step| {
                        (
                            step.clone(),
                            acts_of(step, i, me),
                            writer(step, i, desk.replica.server_now()),
                        )
                    })
                    .collect::<Vec<_>>()
            })
        })
    });
    let left_out = move || desk.steps.with(|s| s.len().saturating_sub(most.get()));
    view! {
        <section data-panel="now" aria-labelledby="now">
            <h2 id="now">"Now"</h2>
            {part(move || shown.with(Vec::is_empty).then(|| view! { <p class="hint">"Nothing is left to do here."</p> }))}
            <ol class="next">
                {part(move || shown.get().into_iter().map(|(step, acts, writer)| step_line(desk, step, acts, writer)).collect_view())}
            </ol>
            {part(move || (left_out() > 0).then(|| view! {
                <p class="actions"><button class="slim" type="button" on:click=move |_| most.set(usize::MAX)>{format!("Show {} more", left_out())}</button></p>
            }))}
            <Gate />
            <Fixing />
            <Proofs />
            <Checklists />
        </section>
    }
}

fn step_line(desk: Desk, step: Step, acts: Vec<Act>, writer: Option<String>) -> AnyView {
    let now = desk.replica.now().get_untracked();
    let due = step.due_at.map(|due_at| {
        view! { <small><Left due_at />{format!(" to {} UTC", hm_or_day(due_at, now))}</small> }
    });
    let writer = writer.map(|writer| view! { <small>{writer}</small> });
    let acts = acts.into_iter().map(Act::tall).collect();
    view! {
        <li><p class="what"><b>{step.what}</b>{due}{writer}</p><div class="acts">{buttons(acts)}</div></li>
    }
    .into_any()
}

/// Who writes the text that a step asks for.
fn writer(step: &Step, incident: &Incident, now: Time) -> Option<String> {
    let of = match step.target {
        Target::Update(_) => Of::Update,
        Target::Brief => Of::Brief,
        _ => return None,
    };
    if of == Of::Update && incident.updates.last().is_some_and(|u| u.unsent) {
        return Some("Written, and waits on this device to be sent".to_owned());
    }
    let draft = incident.draft(of).filter(|d| !d.has_lapsed(now))?;
    let name = &draft.by.name;
    Some(match &draft.stage {
        Stage::Returned { reason, by, .. } => {
            format!("{} sent it back to {name}: {reason}", by.name)
        }
        _ => format!("{name} is writing it"),
    })
}

/// Where a step is done. The buttons bear the step's name, for who hears them one by one.
fn acts_of(step: &Step, incident: &Incident, me: PersonId) -> Vec<Act> {
    let room = room_of(incident);
    let act = |label, job| Act::new(label, &step.what, job);
    let link = |label, of: &str, rest: &str| {
        Act::new(label, of, Job::Go(format!("{room}{rest}"))).primary()
    };
    let accept = |role: Role| {
        let job = Job::Accept(role);
        Act::new("Accept", role.label(), job)
    };
    // Others may read what waits for the commander, and no more.
    let approves = match incident.seat(Role::Commander).held_by(me) {
        true => "Read and approve",
        false => "Read",
    };
    vec![match &step.target {
        Target::Triage => {
            let job = Job::Go(format!("/declare/{}", incident.id));
            Act::new("Decide", "on the report", job).primary()
        }
        Target::Update(_) => link("Write update", "", "/update"),
        Target::Brief => Act::new("Write brief", "", Job::Go(format!("{room}/brief/edit"))),
        Target::Approve(Of::Update) => link(approves, "the update", "/update"),
        Target::HandOverCommand => act("Hand over…", Job::HandOver(Role::Commander)),
        Target::Publish(Of::Update) => link("Publish", "the update", "/update"),
        Target::Approve(Of::Brief) => link(approves, "the brief", "/brief/edit"),
        Target::Publish(Of::Brief) => link("Publish", "the brief", "/brief/edit"),
        Target::Offer(role) => act("Offer…", Job::Offer(*role)),
        Target::Answer(role) if incident.seat(*role).offered_to(me) => accept(*role),
        // The offer that waits is replaced by the new one.
        Target::Answer(role) if incident.holder(*role).is_none() => {
            act("Ask another…", Job::Offer(*role))
        }
        Target::Answer(role) => act("Ask another…", Job::HandOver(*role)),
        Target::Supply(need) => act("Supply…", Job::Supply(need.clone())),
        // Not "Move to …": that is the button of the gate below.
        Target::Move(to) => {
            let job = Job::Move(*to);
            Act::new("Move", format!("on, {}", to.label()), job).primary()
        }
        Target::Result(id) => act("Result…", Job::Result(*id)),
        Target::Conclude(id) => act("Conclude…", Job::Conclude(*id)),
        Target::Chase(id) => act("Answer…", Job::Answer(*id)),
        Target::Relief => {
            let mut acts = vec![act("Hand over…", Job::HandOver(Role::Commander))];
            if incident.seat(Role::Commander).held_by(me) {
                acts.push(Act::new("I'm staying…", "as commander", Job::Stay));
            }
            return acts;
        }
        Target::Customers => act("Add…", Job::Customer(None)),
        Target::Channel => act("Link…", Job::Channel),
        Target::Call(id) => act("Write down…", Job::EndCall(*id)),
        Target::Judge(id) => act("Judge…", Job::Judge(*id)),
        Target::HoldPostMortem => act("Held…", Job::Held),
        Target::Action(id) => act("Done…", Job::FinishAction(*id)),
        Target::PlanStep(id) => act("Done…", Job::FinishStep(*id)),
    }]
}

#[component]
fn Gate() -> impl IntoView {
    let desk = Desk::here();
    let gate = memo(move || {
        let policy = desk.policy();
        desk.incident
            .with(|i| {
                i.status
                    .next()
                    .map(|to| (to, gate::criteria(i, to, &policy)))
            })
            .map(|(to, c)| {
                let lines = c
                    .into_iter()
                    .map(|c| (c.need.label(&policy), c.need, c.met));
                (to, lines.collect::<Vec<_>>())
            })
    });
    part(move || {
        let back = desk
            .incident
            .with(|i| (i.status > Status::Active).then_some(i.status));
        let worse = back.map(|_| view! {
            <button class="plain" type="button" on:click=move |_| desk.run(&Job::Back)>"It got worse…"</button>
        });
        let Some((to, criteria)) = gate.get() else {
            return view! {
                <section aria-labelledby="gate"><h3 id="gate">"Closed"</h3>
                    <p class="quiet">"The record stays open to corrections."</p><p class="actions">{worse}</p></section>
            }
            .into_any();
        };
        let lines = criteria
            .into_iter()
            .map(|(label, need, met)| view! { <CriterionLine label criterion=Criterion { need, met } /> })
            .collect_view();
        view! {
            <section aria-labelledby="gate">
                <h3 id="gate">{format!("To {}", to.label())}</h3>
                <ul class="criteria">{lines}</ul>
                <p class="actions">
                    <button class="primary" type="button" on:click=move |_| desk.send(Command::MoveStatus { to })>
                        {format!("Move to {}", to.label())}
                    </button>
                    {worse}
                </p>
            </section>
        }
        .into_any()
    })
}

#[component]
fn CriterionLine(label: String, criterion: Criterion) -> impl IntoView {
    let Criterion { need, met } = criterion;
    let (state, word) = if met {
        ("met", "Met: ")
    } else {
        ("missing", "Missing: ")
    };
    let name = label.clone();
    view! {
        <li data-state=state>
            <p class="what"><span class="vh">{word}</span>{label}</p>
            {(!met).then(|| button(Act::new("Add…", name, Job::Supply(need))))}
        </li>
    }
}

#[component]
fn Proofs() -> impl IntoView {
    let desk = Desk::here();
    let all = Signal::derive(move || desk.incident.with(|i| i.evidence.clone()));
    let open = move || desk.incident.with(|i| i.is_open());
    view! {
        <section aria-labelledby="evidence">
            <div class="section-head">
                <h3 id="evidence">"Evidence"</h3>
                {part(move || open().then(|| view! {
                    <button class="slim" type="button" on:click=move |_| desk.open(forms::evidence(None))>"Add…"<span class="vh">" evidence"</span></button>
                }))}
            </div>
            {part(move || all.with(Vec::is_empty).then(|| view! { <p class="hint">"None yet. A status moves only with proof."</p> }))}
            <ul class="facts-list">
                {part(move || all.get().into_iter().rev().map(|e| view! { <ProofLine evidence=e /> }).collect_view())}
            </ul>
        </section>
    }
}

#[component]
fn ProofLine(evidence: Evidence) -> impl IntoView {
    let Evidence {
        proves,
        proof,
        shows,
        watched_min,
        by,
        at,
        stands,
        ..
    } = evidence;
    let head = match &proof {
        Proof::Link { url } => {
            let url = url.clone();
            view! { <a href=url rel="noopener noreferrer external" target="_blank">{shows}</a> }
                .into_any()
        }
        Proof::File { name, sha256, .. } => {
            // Not a page of the app: the router must leave it to the browser.
            view! { <a href=format!("/files/{sha256}") download=name.clone() rel="external">{shows}</a> }
                .into_any()
        }
        _ => shows.into_any(),
    };
    let body = match proof {
        Proof::Link { .. } => None,
        Proof::Excerpt { text } => Some(view! { <pre>{text}</pre> }.into_any()),
        Proof::Statement { by, text } => {
            Some(view! { <blockquote>{text}" — "{by}</blockquote> }.into_any())
        }
        Proof::File { name, bytes, .. } => {
            Some(view! { <p>{format!("File {name}, {} kB", bytes.div_ceil(1000))}</p> }.into_any())
        }
    };
    let watched = watched_min
        .map(|min| format!(", watched for {min} min"))
        .unwrap_or_default();
    let gone = if stands {
        ""
    } else {
        ". No longer stands: the incident went back"
    };
    view! {
        <li>
            <h4>{head}</h4>
            {body}
            <p class="quiet">{format!("Proves that {}{watched}. {}, {}{gone}", proves.label(), by.name, hm(at))}</p>
        </li>
    }
}
