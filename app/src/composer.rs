//! The composer: four parts, the promise it keeps, and the exact page the customer will get
//! (RUNBOOK §5).

use crate::board::room_of;
use crate::declare::audience;
use crate::frame::NotFound;
use crate::parts::countdown::{Left, state_name, state_of};
use crate::parts::notice::RefusalNotice;
use crate::parts::severity::Sev;
use crate::parts::when::{clock_time, from_input, hm, to_input};
use crate::replica::{LinkState, Replica, draft as kept};
use crate::room::addressed;
use domain::clock::update_clock;
use domain::policy::minutes;
use domain::update::{Audience, Closure, ComponentNote, ComponentState, UpdateKind, UpdateText};
use domain::wording::{Watch, marks};
use domain::{Command, CommandId, Incident, Policy, Refusal, Status, Time, UpdateId};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The page.
#[component]
pub fn Composer() -> impl IntoView {
    let found = addressed();
    let id = Memo::new(move |_| found.with(|f| f.as_ref().map(|i| i.id)));
    move || match id.get().and_then(|_| found.get_untracked()) {
        Some(incident) => view! { <Sheet incident found /> }.into_any(),
        None => NotFound().into_any(),
    }
}

/// What is typed, as kept on the device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Draft {
    kind: UpdateKind,
    acknowledge: String,
    impact: String,
    action: String,
    next_at: Option<Time>,
    next_text: String,
    components: BTreeMap<String, ComponentState>,
    named: bool,
    customers: String,
    cause: String,
    prevention: String,
    impact_from: String,
    impact_to: String,
    after: Option<UpdateId>,
}

impl Draft {
    /// From the record and the last update.
    fn new(incident: &Incident, policy: &Policy, now: Time) -> Self {
        let last = incident.updates.last();
        let kind = match last {
            None => UpdateKind::First,
            Some(_) if incident.status >= Status::Resolved => UpdateKind::Resolution,
            Some(_) => UpdateKind::Progress,
        };
        let declared = incident.declared.as_ref();
        let components = match last {
            _ if kind == UpdateKind::Resolution => BTreeMap::new(),
            Some(last) => last
                .text
                .components
                .iter()
                .map(|c| (c.name.clone(), c.state))
                .collect(),
            None => declared
                .map(|d| d.components.clone())
                .unwrap_or_default()
                .into_iter()
                .map(|name| (name, ComponentState::PartialOutage))
                .collect(),
        };
        let audience = last
            .map(|l| &l.text.audience)
            .or(declared.map(|d| &d.audience));
        let (named, customers) = match audience {
            Some(Audience::Named { customers }) => (true, customers.join(", ")),
            _ => (
                false,
                incident
                    .customers
                    .iter()
                    .map(|c| c.name.clone())
                    .collect::<Vec<_>>()
                    .join(", "),
            ),
        };
        let text = |f: fn(&UpdateText) -> &String, first: &str| {
            last.map_or_else(|| first.to_owned(), |l| f(&l.text).clone())
        };
        Self {
            kind,
            acknowledge: text(|t| &t.acknowledge, incident.customer_sees()),
            impact: text(
                |t| &t.impact,
                "We do not know yet how many customers are affected, and are counting.",
            ),
            action: text(|t| &t.action, "Our engineers are looking for the cause."),
            next_at: choices(incident, policy, now)
                .last()
                .copied()
                .filter(|_| kind != UpdateKind::Resolution),
            next_text: String::new(),
            components,
            named,
            customers,
            cause: match &incident.cause {
                Some(domain::command::Cause::Known { text }) => text.clone(),
                _ => String::new(),
            },
            prevention: String::new(),
            impact_from: incident.impact_began_at().map(to_input).unwrap_or_default(),
            impact_to: incident.impact_ended_at.map(to_input).unwrap_or_default(),
            after: last.map(|l| l.id),
        }
    }

    fn to_text(&self, now: Time) -> Result<UpdateText, Refusal> {
        let over = self.kind == UpdateKind::Resolution;
        let next_at = match (over, self.next_text.trim()) {
            (true, _) => None,
            (false, "") => self.next_at,
            (false, typed) => Some(clock_time(
                "Next update",
                typed,
                now + chrono::Duration::hours(6),
            )?),
        };
        let closure = over
            .then(|| {
                Ok::<_, Refusal>(Closure {
                    cause: self.cause.clone(),
                    prevention: self.prevention.clone(),
                    impact_from: from_input("Impact from", &self.impact_from)?,
                    impact_to: from_input("Impact to", &self.impact_to)?,
                })
            })
            .transpose()?;
        Ok(UpdateText {
            kind: self.kind,
            audience: audience(self.named, &self.customers),
            acknowledge: self.acknowledge.clone(),
            impact: self.impact.clone(),
            action: self.action.clone(),
            next_at,
            components: self
                .components
                .iter()
                .map(|(name, state)| ComponentNote {
                    name: name.clone(),
                    state: *state,
                })
                .collect(),
            closure,
            corrects: None,
        })
    }
}

/// Times to promise: whole minutes, half the cadence and all of it.
fn choices(incident: &Incident, policy: &Policy, now: Time) -> Vec<Time> {
    let cadence = incident.cadence_min(policy);
    let whole = now - chrono::Duration::seconds(now.timestamp() % 60);
    [cadence / 2, cadence]
        .into_iter()
        .map(|min| whole + minutes(min))
        .collect()
}

#[component]
fn Sheet(incident: Arc<Incident>, found: Memo<Option<Arc<Incident>>>) -> impl IntoView {
    let replica = Replica::here();
    let policy = replica.policy();
    let id = incident.id;
    let room = room_of(&incident);
    let first = Draft::new(&incident, &policy, replica.now().get_untracked());
    let draft = RwSignal::new(first.clone());
    let saved = RwSignal::new(false);
    let refusal = RwSignal::new(None::<Refusal>);
    let sent = RwSignal::new(None::<CommandId>);
    let key = replica.draft_key(&format!("update/{id}"));
    kept::restore(key.clone(), draft, |d, old: Draft| *d = old);
    let edit = {
        let key = key.clone();
        Callback::new(move |change: Box<dyn FnOnce(&mut Draft)>| {
            draft.update(change);
            kept::remember(&key, &draft.get_untracked());
            saved.set(true);
        })
    };
    let navigate = use_navigate();
    let done = {
        let (key, room) = (key.clone(), room.clone());
        move || {
            kept::forget(&key);
            navigate(&room, Default::default());
        }
    };
    // The answer decides: the text stays in the composer until the update is published, or
    // kept to be sent when the server is reached.
    Effect::new(move |_| {
        let Some(command) = sent.get() else { return };
        let waits = replica.waiting().with(|w| w.contains(&command));
        let returned = replica
            .returned()
            .with(|all| all.iter().find(|r| r.envelope.id == command).cloned());
        if let Some(returned) = returned {
            replica.settle(command);
            sent.set(None);
            refusal.set(Some(returned.refusal));
        } else if !waits
            || matches!(
                replica.link().get(),
                LinkState::Offline | LinkState::SignedOut
            )
        {
            sent.set(None);
            done();
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        refusal.set(None);
        let published = draft.with_untracked(|d| {
            d.to_text(replica.server_now()).and_then(|text| {
                replica.send(
                    id,
                    Command::PublishUpdate {
                        text,
                        after: d.after,
                        excuses: Vec::new(),
                    },
                )
            })
        });
        match published {
            Ok(command) => sent.set(Some(command)),
            Err(why) => refusal.set(Some(why)),
        }
    };
    let catch_up = {
        let policy = policy.clone();
        move |_| {
            if let Some(now_known) = found.get_untracked() {
                let fresh = Draft::new(&now_known, &policy, replica.server_now());
                edit.run(Box::new(move |d| {
                    d.after = fresh.after;
                    d.kind = fresh.kind;
                    d.next_at = fresh.next_at;
                }));
                refusal.set(None);
            }
        }
    };
    let is_conflict = move || refusal.with(|r| matches!(r, Some(Refusal::Superseded { .. })));
    let latest = move || found.with(|f| f.as_ref().and_then(|i| i.updates.last().cloned()));
    let over = Memo::new(move |_| draft.with(|d| d.kind == UpdateKind::Resolution));
    let button = move || match sent.get() {
        Some(_) => "Publishing…".to_owned(),
        None => draft.with(|d| format!("Publish {}", d.kind.label().to_lowercase())),
    };
    let goes_to = move || {
        draft.with(|d| {
            format!(
                "Goes to {} and is never edited afterwards.",
                audience(d.named, &d.customers).label()
            )
        })
    };
    view! {
        <main id="main" class="compose-page">
            <div class="sheet-head">
                {incident.severity().map(|severity| view! { <Sev severity /> })}
                <h1>{move || draft.with(|d| d.kind.label())}</h1>
                <p class="quiet saved" role="status">{move || saved.get().then_some("saved on this device")}</p>
                <a class="button plain" href=room.clone()>"Close"</a>
            </div>
            <div class="sheet-body">
                {move || found.get().map(|incident| view! { <AnswersClock incident /> })}
                <div class="compose">
                    <form class="form" id="update" novalidate on:submit=submit>
                        {move || refusal.get().map(|refusal| view! { <RefusalNotice refusal /> })}
                        {
                            let catch_up = catch_up.clone();
                            move || is_conflict().then(|| {
                                let theirs = latest().map(|u| view! { <blockquote>{u.text.acknowledge}" "{u.text.action}</blockquote> });
                                view! {
                                    <div class="notice" data-kind="conflict">
                                        <p>"Your text is kept as you left it. This is what they said:"</p>
                                        {theirs}
                                        <p class="actions"><button class="slim" type="button" on:click=catch_up.clone()>"Make mine the next update"</button></p>
                                    </div>
                                }
                            })
                        }
                        <Part id="acknowledge" label="What happens" hint="" draft edit get=|d| &d.acknowledge set=|d, t| d.acknowledge = t />
                        <Part id="impact" label="Who is affected" hint="in exact numbers where you know them" draft edit get=|d| &d.impact set=|d, t| d.impact = t />
                        <Part id="action" label="What we do" hint="" draft edit get=|d| &d.action set=|d, t| d.action = t />
                        {
                            let (incident, policy) = (Arc::clone(&incident), policy.clone());
                            move || if over.get() {
                                view! { <ClosureParts draft edit /> }.into_any()
                            } else {
                                view! { <NextBy incident=Arc::clone(&incident) policy=policy.clone() draft edit /> }.into_any()
                            }
                        }
                        <Components all=policy.components.clone() draft edit />
                        <Readers draft edit />
                    </form>
                    <Preview draft />
                </div>
            </div>
            <div class="sheet-foot">
                <p class="quiet">{goes_to}</p>
                <button class="primary" type="submit" form="update" prop:disabled=move || sent.get().is_some()>{button}</button>
            </div>
        </main>
    }
}

/// The promise that this update keeps.
#[component]
fn AnswersClock(incident: Arc<Incident>) -> impl IntoView {
    let replica = Replica::here();
    let declared_at = incident.declared.as_ref().map(|d| d.at);
    let clock = declared_at.and_then(|at| update_clock(&incident, &replica.policy(), at))?;
    let state = state_of(&clock);
    let last = incident.updates.last().map_or_else(
        || "Customers have heard nothing yet".to_owned(),
        |u| format!("Last told at {}", hm(u.published_at)),
    );
    Some(view! {
        <div class="answers" data-state=move || state_name(state.get())>
            <div class="clock lead" data-state=move || state_name(state.get())>
                <div class="time"><Left due_at=clock.due_at /></div>
                <div class="what"><p>"to keep the promise of "{hm(clock.due_at)}</p><p class="whose">{last}</p></div>
            </div>
        </div>
    })
}

type Edit = Callback<Box<dyn FnOnce(&mut Draft)>>;

#[component]
fn Part(
    id: &'static str,
    label: &'static str,
    hint: &'static str,
    draft: RwSignal<Draft>,
    edit: Edit,
    get: fn(&Draft) -> &String,
    set: fn(&mut Draft, String),
) -> impl IntoView {
    let faults = Memo::new(move |_| {
        draft.with(|d| {
            marks(get(d), &Watch::default())
                .into_iter()
                .map(|m| m.advice())
                .collect::<Vec<_>>()
        })
    });
    let marks_id = format!("{id}-marks");
    view! {
        <div class="field part">
            <label for=id>{label}" "{(!hint.is_empty()).then(|| view! { <span class="hint">{hint}</span> })}</label>
            <textarea id=id rows="3" required aria-describedby=marks_id.clone() prop:value=move || draft.with(|d| get(d).clone())
                on:input=move |e| {
                    let typed = event_target_value(&e);
                    edit.run(Box::new(move |d| set(d, typed)));
                }></textarea>
            <ul class="marks" id=marks_id>
                {move || faults.get().into_iter().map(|advice| view! { <li data-weight="never"><span>{advice}</span></li> }).collect_view()}
            </ul>
        </div>
    }
}

#[component]
fn NextBy(
    incident: Arc<Incident>,
    policy: Arc<Policy>,
    draft: RwSignal<Draft>,
    edit: Edit,
) -> impl IntoView {
    let replica = Replica::here();
    let cadence = incident.cadence_min(&policy);
    // Made once: a choice that moved under the finger would promise something else.
    let offered = choices(&incident, &policy, replica.now().get_untracked());
    let chips = offered
        .into_iter()
        .map(|at| {
            let pressed = move || draft.with(|d| (d.next_text.is_empty() && d.next_at == Some(at)).to_string());
            let choose = move |_| {
                edit.run(Box::new(move |d| {
                    d.next_at = Some(at);
                    d.next_text = String::new();
                }));
            };
            view! { <button class="chip" type="button" aria-pressed=pressed on:click=choose>{hm(at)}</button> }
        })
        .collect_view();
    view! {
        <fieldset class="field">
            <legend>"Next update by "<span class="hint">{format!("at most {cadence} min from now")}</span></legend>
            <div class="chips">
                {chips}
                <span class="with-unit">
                    <label class="hint" for="next-text">"or"</label>
                    <input class="hhmm" id="next-text" inputmode="numeric" autocomplete="off" placeholder="hh:mm" aria-describedby="next-utc"
                        prop:value=move || draft.with(|d| d.next_text.clone())
                        on:input=move |e| {
                            let typed = event_target_value(&e);
                            edit.run(Box::new(move |d| d.next_text = typed));
                        } />
                    " "<span id="next-utc">"UTC"</span>
                </span>
            </div>
        </fieldset>
    }
}

#[component]
fn ClosureParts(draft: RwSignal<Draft>, edit: Edit) -> impl IntoView {
    let window = move |id: &'static str,
                       label: &'static str,
                       get: fn(&Draft) -> &String,
                       set: fn(&mut Draft, String)| {
        view! {
            <p class="field">
                <label for=id>{label}</label>
                <input id=id type="datetime-local" required prop:value=move || draft.with(|d| get(d).clone())
                    on:input=move |e| {
                        let typed = event_target_value(&e);
                        edit.run(Box::new(move |d| set(d, typed)));
                    } />
            </p>
        }
    };
    view! {
        <Part id="cause" label="What caused it" hint="" draft edit get=|d| &d.cause set=|d, t| d.cause = t />
        <Part id="prevention" label="What keeps it from coming back" hint="" draft edit get=|d| &d.prevention set=|d, t| d.prevention = t />
        <div class="fields">
            {window("impact-from", "Impact from, UTC", |d| &d.impact_from, |d, t| d.impact_from = t)}
            {window("impact-to", "Impact to, UTC", |d| &d.impact_to, |d, t| d.impact_to = t)}
        </div>
    }
}

#[component]
fn Components(all: Vec<String>, draft: RwSignal<Draft>, edit: Edit) -> impl IntoView {
    let selects = all
        .into_iter()
        .enumerate()
        .map(|(i, name)| {
            let id = format!("component-{i}");
            let of = name.clone();
            let state = Memo::new(move |_| draft.with(|d| d.components.get(&of).copied().unwrap_or(ComponentState::Operational)));
            let options = ComponentState::ALL
                .into_iter()
                .enumerate()
                .map(|(i, s)| view! { <option value=i.to_string() selected=move || state.get() == s>{s.label()}</option> })
                .collect_view();
            let changed = name.clone();
            let change = move |e| {
                let place = event_target_value(&e).parse::<usize>().unwrap_or(0);
                let new = ComponentState::ALL.get(place).copied().unwrap_or(ComponentState::Operational);
                let name = changed.clone();
                edit.run(Box::new(move |d| match new {
                    ComponentState::Operational => drop(d.components.remove(&name)),
                    worse => drop(d.components.insert(name, worse)),
                }));
            };
            view! { <div><label for=id.clone()>{name}</label><select id=id on:change=change>{options}</select></div> }
        })
        .collect_view();
    view! {
        <fieldset class="field"><legend>"Components"</legend><div class="component-states">{selects}</div></fieldset>
    }
}

#[component]
fn Readers(draft: RwSignal<Draft>, edit: Edit) -> impl IntoView {
    let named = Memo::new(move |_| draft.with(|d| d.named));
    view! {
        <fieldset class="field">
            <legend>"Who reads it"</legend>
            <div class="chips">
                <label class="chip"><input type="radio" name="readers" prop:checked=move || !named.get()
                    on:change=move |_| edit.run(Box::new(|d| d.named = false)) />" Public page"</label>
                <label class="chip"><input type="radio" name="readers" prop:checked=move || named.get()
                    on:change=move |_| edit.run(Box::new(|d| d.named = true)) />" Named customers only"</label>
            </div>
        </fieldset>
        {move || named.get().then(|| view! {
            <p class="field">
                <label for="readers-named">"Which customers "<span class="hint">"separated by commas"</span></label>
                <input id="readers-named" autocomplete="off" prop:value=move || draft.with(|d| d.customers.clone())
                    on:input=move |e| {
                        let typed = event_target_value(&e);
                        edit.run(Box::new(move |d| d.customers = typed));
                    } />
            </p>
        })}
    }
}

/// The page as the customer will get it.
#[component]
fn Preview(draft: RwSignal<Draft>) -> impl IntoView {
    let text = Memo::new(move |_| draft.with(|d| d.to_text(Replica::here().server_now())));
    let next = move || {
        draft.with(|d| d.kind != UpdateKind::Resolution).then(|| match text.get().map(|t| t.next_at) {
        Ok(Some(at)) => view! { <p class="promise">"Next update by "<time class="by">{hm(at)}</time>" even if nothing has changed"</p> }.into_any(),
        _ => view! { <p class="promise">"No time is promised yet"</p> }.into_any(),
    })
    };
    view! {
        <section class="preview" aria-labelledby="seen">
            <h2 class="hint" id="seen">"What the customer will see"</h2>
            <p class="now-line">{move || draft.with(|d| d.acknowledge.clone())}</p>
            {next}
            <dl class="parts">
                <dt>"Who is affected"</dt><dd>{move || draft.with(|d| d.impact.clone())}</dd>
                <dt>"What we do"</dt><dd>{move || draft.with(|d| d.action.clone())}</dd>
                {move || draft.with(|d| (d.kind == UpdateKind::Resolution).then(|| view! {
                    <dt>"What caused it"</dt><dd>{d.cause.clone()}</dd>
                    <dt>"What keeps it from coming back"</dt><dd>{d.prevention.clone()}</dd>
                }))}
            </dl>
            <ul class="components">
                {move || draft.with(|d| d.components.clone()).into_iter().map(|(name, state)| {
                    view! { <li>{name}" "<span class="works" data-state=state_key(state)>{state.label()}</span></li> }
                }).collect_view()}
            </ul>
        </section>
    }
}

fn state_key(state: ComponentState) -> &'static str {
    match state {
        ComponentState::Operational => "works",
        ComponentState::DegradedPerformance => "slow",
        ComponentState::PartialOutage => "partly",
        ComponentState::MajorOutage => "down",
    }
}
