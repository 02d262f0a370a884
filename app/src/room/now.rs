//! What to do next, the gate to the next status, and the proof so far.

use super::timeline::CameOfIt;
use super::{Desk, forms};
use crate::board::room_of;
use crate::parts::countdown::{Left, minute_of};
use crate::parts::form::Form;
use crate::parts::when::hm;
use crate::replica::Replica;
use domain::draft::Of;
use domain::evidence::{Evidence, Proof};
use domain::gate::{self, Criterion};
use domain::incident::Mitigation;
use domain::next_step::{Step, Target, next_steps};
use domain::{Command, Incident, Role, Status};
use leptos::prelude::*;

/// How many steps are shown; the rest would only press.
const STEPS_MAX: usize = 7;

/// The panel.
#[component]
pub fn Now() -> impl IntoView {
    let desk = Desk::here();
    let minute = minute_of(Replica::here());
    let steps = Memo::new(move |_| {
        let now = minute.get();
        let policy = desk.policy();
        let mut steps = desk.incident.with(|i| next_steps(i, &policy, now));
        steps.truncate(STEPS_MAX);
        steps
    });
    view! {
        <section data-panel="now" aria-labelledby="now">
            <h2 id="now">"Now"</h2>
            {move || steps.with(Vec::is_empty).then(|| view! { <p class="hint">"Nothing is left to do here."</p> })}
            <ol class="next">
                {move || steps.get().into_iter().map(|step| view! { <StepLine step /> }).collect_view()}
            </ol>
            <Gate />
            <Mitigations />
            <Proofs />
        </section>
    }
}

#[component]
fn StepLine(step: Step) -> impl IntoView {
    let desk = Desk::here();
    let replica = Replica::here();
    let room = desk.incident.with_untracked(|i| room_of(i));
    let me = replica.me().id;
    let due = step
        .due_at
        .map(|due_at| view! { <small><Left due_at />" to "{hm(due_at)}</small> });
    let button = move |label: &'static str, run: Box<dyn Fn() + Send + Sync>| {
        view! { <button type="button" on:click=move |_| run()>{label}</button> }.into_any()
    };
    let link = |label: &'static str, href: String| {
        view! { <a class="button primary" href=href>{label}</a> }.into_any()
    };
    let forms_button =
        move |label: &'static str, form: Box<dyn Fn(&Incident) -> Form + Send + Sync>| {
            button(
                label,
                Box::new(move || desk.open(form(&desk.incident.get_untracked()))),
            )
        };
    let act = match step.target {
        Target::Triage => view! { <a class="button" href=format!("/declare/{}", desk.incident.with_untracked(|i| i.id))>"Declare"</a> }.into_any(),
        Target::Update(_) => view! { <a class="button primary" href=format!("{room}/update") aria-keyshortcuts="u">"Write update"</a> }.into_any(),
        Target::Brief => view! { <a class="button" href=format!("{room}/brief/edit")>"Write brief"</a> }.into_any(),
        Target::Offer(role) => button("Offer…", Box::new(move || {
            desk.open(forms::offer(role, &desk.incident.get_untracked(), replica));
        })),
        Target::Answer(role) if desk.incident.with_untracked(|i| i.seat(role).offered_to(me)) => {
            button("Accept", Box::new(move || desk.send(Command::AcceptRole { role })))
        }
        Target::Answer(role) => button("Ask another…", Box::new(move || {
            desk.open(forms::offer(role, &desk.incident.get_untracked(), replica));
        })),
        Target::Supply(need) => button("Supply…", Box::new(move || desk.supply(&need))),
        Target::Move(to) => button("Move", Box::new(move || desk.send(Command::MoveStatus { to }))),
        Target::Approve(Of::Update) => link("Read and approve", format!("{room}/update")),
        Target::Publish(Of::Update) => link("Publish", format!("{room}/update")),
        Target::Approve(Of::Brief) => link("Read and approve", format!("{room}/brief/edit")),
        Target::Publish(Of::Brief) => link("Publish", format!("{room}/brief/edit")),
        Target::Conclude(id) => forms_button("Conclude…", Box::new(move |i| forms::fix::conclude(i, id))),
        Target::Chase(id) => forms_button("Answer…", Box::new(move |i| forms::fix::answer(i, id))),
        Target::Relief => forms_button("Hand over…", Box::new(move |i| forms::hand_over(Role::Commander, i, replica))),
        Target::Customers => forms_button("Add…", Box::new(move |_| forms::customer(None, &replica.policy()))),
        Target::Channel => forms_button("Link…", Box::new(|_| forms::lead::channel())),
        Target::Call(id) => forms_button("Write down…", Box::new(move |i| forms::calls::end(i, id))),
        Target::HoldPostMortem => forms_button("Held…", Box::new(move |_| forms::calls::post_mortem_held(replica))),
        Target::Action(id) => forms_button("Done…", Box::new(move |i| forms::calls::finish_action(i, id))),
        Target::PlanStep(id) => forms_button("Done…", Box::new(move |i| forms::calls::finish_step(i, id))),
        Target::Result(entry) => button("Result…", Box::new(move || {
            let what = desk.incident.with_untracked(|i| i.entry(entry).map(|e| e.current_text().to_owned()));
            desk.open(forms::result(entry, &what.unwrap_or_default()));
        })),
    };
    view! { <li><p class="what"><b>{step.what}</b>{due}</p>{act}</li> }
}

#[component]
fn Gate() -> impl IntoView {
    let desk = Desk::here();
    let gate = Memo::new(move |_| {
        let policy = desk.policy();
        desk.incident
            .with(|i| {
                i.status
                    .next()
                    .map(|to| (to, gate::criteria(i, to, &policy)))
            })
            .map(|(to, c)| {
                (
                    to,
                    c.into_iter().map(|c| (c.need, c.met)).collect::<Vec<_>>(),
                )
            })
    });
    move || {
        let back = desk
            .incident
            .with(|i| (i.status > Status::Active).then_some(i.status));
        let worse = back.map(|_| view! {
            <button class="plain" type="button" on:click=move |_| desk.open(forms::back(&desk.incident.get_untracked()))>"It got worse…"</button>
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
            .map(|(need, met)| view! { <CriterionLine criterion=Criterion { need, met } /> })
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
    }
}

#[component]
fn CriterionLine(criterion: Criterion) -> impl IntoView {
    let desk = Desk::here();
    let Criterion { need, met } = criterion;
    let (state, word) = if met {
        ("met", "Met: ")
    } else {
        ("missing", "Missing: ")
    };
    let label = need.label();
    let name = label.clone();
    view! {
        <li data-state=state>
            <p class="what"><span class="vh">{word}</span>{label}</p>
            {(!met).then(|| view! {
                <button class="slim" type="button" on:click=move |_| desk.supply(&need)>"Add…"<span class="vh">" "{name}</span></button>
            })}
        </li>
    }
}

#[component]
fn Mitigations() -> impl IntoView {
    let desk = Desk::here();
    let all = Memo::new(move |_| desk.incident.with(|i| i.mitigations.clone()));
    let open = move || desk.incident.with(|i| i.is_open());
    view! {
        <section aria-labelledby="mitigation">
            <div class="section-head">
                <h3 id="mitigation">"Mitigation"</h3>
                {move || open().then(|| view! {
                    <button class="slim" type="button" on:click=move |_| desk.open(forms::mitigation())>"Decide…"<span class="vh">" on a mitigation"</span></button>
                })}
            </div>
            {move || all.with(Vec::is_empty).then(|| view! { <p class="hint">"No lever has been chosen: roll back, switch a flag, limit, fail over, fix or isolate."</p> })}
            <ul class="facts-list">
                {move || all.get().into_iter().rev().map(|m| view! { <MitigationLine mitigation=m /> }).collect_view()}
            </ul>
        </section>
    }
}

#[component]
fn MitigationLine(mitigation: Mitigation) -> impl IntoView {
    let desk = Desk::here();
    let Mitigation {
        entry,
        lever,
        what,
        undo,
        by,
        at,
        result,
        risk_of_doing,
        ..
    } = mitigation;
    let for_result = what.clone();
    let result = match result {
        Some(result) => view! { <CameOfIt result /> }.into_any(),
        None => view! {
            <p class="actions"><button class="slim" type="button" on:click=move |_| desk.open(forms::result(entry, &for_result))>"Result…"</button></p>
        }
        .into_any(),
    };
    view! {
        <li>
            <h4>{lever.label()}": "{what}</h4>
            <p class="quiet">{format!("{}, {}. Risk: {risk_of_doing}. Undo: {undo}", by.name, at.format("%H:%M"))}</p>
            {result}
        </li>
    }
}

#[component]
fn Proofs() -> impl IntoView {
    let desk = Desk::here();
    let all = Memo::new(move |_| desk.incident.with(|i| i.evidence.clone()));
    let open = move || desk.incident.with(|i| i.is_open());
    view! {
        <section aria-labelledby="evidence">
            <div class="section-head">
                <h3 id="evidence">"Evidence"</h3>
                {move || open().then(|| view! {
                    <button class="slim" type="button" on:click=move |_| desk.open(forms::evidence(None))>"Add…"<span class="vh">" evidence"</span></button>
                })}
            </div>
            {move || all.with(Vec::is_empty).then(|| view! { <p class="hint">"None yet. A status moves only with proof."</p> })}
            <ul class="facts-list">
                {move || all.get().into_iter().rev().map(|e| view! { <ProofLine evidence=e /> }).collect_view()}
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
            <p class="quiet">{format!("Proves that {}{watched}. {}, {}{gone}", proves.label(), by.name, at.format("%H:%M"))}</p>
        </li>
    }
}
