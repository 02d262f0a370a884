//! The composer: four parts, the promise it keeps, and the exact page the customer will get
//! (RUNBOOK §5).

mod exact;

use crate::board::room_of;
use crate::declare::audience;
use crate::frame::NotFound;
use crate::parts::countdown::{Left, state_name, state_of};
use crate::parts::dynamic::part;
use crate::parts::el::El;
use crate::parts::memo::{effect, memo};
use crate::parts::notice::RefusalNotice;
use crate::parts::on_its_way::OnItsWay;
use crate::parts::severity::Sev;
use crate::parts::when::{clock_time, from_input, hm, to_input};
use crate::replica::{LinkState, Replica, draft as kept};
use crate::room::addressed;
use crate::route::Address;
use domain::clock::update_clock;
use domain::draft::{DraftText, Of, Stage, approver, first_impact, same_words};
use domain::policy::minutes;
use domain::shown::Shown as _;
use domain::update::{Audience, Closure, ComponentNote, ComponentState, UpdateKind, UpdateText};
use domain::wording::{Excuse, Mark, Watch, marks};
use domain::{Command, CommandId, Incident, Policy, Refusal, Status, Time, UpdateId, order};
use exact::Exact;
use leptos::prelude::*;
use markup::view;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The page.
#[component]
pub fn Composer() -> impl IntoView {
    let found = addressed();
    let id = memo(move || found.with(|f| f.as_ref().map(|i| i.id)));
    part(move || match id.get().and_then(|_| found.get_untracked()) {
        Some(incident) => view! { <Sheet incident found /> }.into_any(),
        None => NotFound().into_any(),
    })
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
    /// For colleagues, not for customers.
    #[serde(default)]
    inside: bool,
    #[serde(default)]
    corrects: Option<UpdateId>,
    /// Why marked stretches stay, by the words in lower case.
    #[serde(default)]
    excuses: BTreeMap<String, String>,
}

impl Draft {
    /// From the record and the last update.
    fn new(incident: &Incident, policy: &Policy, now: Time) -> Self {
        let last = incident.updates.last();
        let kind = match last {
            None => UpdateKind::First,
            Some(_) if incident.resolution_published() => UpdateKind::Learned,
            Some(_) if incident.status >= Status::Resolved => UpdateKind::Resolution,
            Some(_) => UpdateKind::Progress,
        };
        let declared = incident.declared.as_ref();
        let components = match last {
            _ if !kind.promises() => BTreeMap::new(),
            Some(last) => noted(&last.text.components),
            None => {
                let hit = declared.map(|d| d.components.clone()).unwrap_or_default();
                order::map(hit.into_iter().map(|n| (n, ComponentState::PartialOutage)))
            }
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
            impact: text(|t| &t.impact, &first_impact(incident)),
            action: text(|t| &t.action, "Our engineers are looking for the cause."),
            next_at: choices(incident, policy, now)
                .last()
                .copied()
                .filter(|_| kind.promises()),
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
            inside: false,
            corrects: None,
            excuses: BTreeMap::new(),
        }
        .with(incident.draft(Of::Update).and_then(|d| d.text()))
    }

    /// With the text that was put up for approval, where there is one.
    fn with(self, up: Option<&DraftText>) -> Self {
        let Some(DraftText::Update { text, excuses }) = up else {
            return self;
        };
        let (named, customers) = match &text.audience {
            Audience::Named { customers } => (true, customers.join(", ")),
            Audience::Public => (false, self.customers.clone()),
        };
        let closure = text.closure.as_ref();
        Self {
            kind: text.kind,
            acknowledge: text.acknowledge.clone(),
            impact: text.impact.clone(),
            action: text.action.clone(),
            next_at: text.next_at,
            components: noted(&text.components),
            named,
            customers,
            cause: closure.map(|c| c.cause.clone()).unwrap_or_default(),
            prevention: closure.map(|c| c.prevention.clone()).unwrap_or_default(),
            impact_from: closure.map_or(self.impact_from, |c| to_input(c.impact_from)),
            impact_to: closure.map_or(self.impact_to, |c| to_input(c.impact_to)),
            corrects: text.corrects,
            excuses: order::map(
                excuses
                    .iter()
                    .map(|e| (e.words.to_lowercase(), e.reason.clone())),
            ),
            ..self
        }
    }

    fn excuses(&self) -> Vec<Excuse> {
        self.excuses
            .iter()
            .map(|(words, reason)| Excuse {
                words: words.clone(),
                reason: reason.clone(),
            })
            .collect()
    }

    /// What is sent when the button is pressed: to colleagues, for approval, or to customers.
    fn to_command(&self, approval: bool, now: Time) -> Result<Command, Refusal> {
        if self.inside {
            let parts = [&self.acknowledge, &self.impact, &self.action];
            let parts = parts.map(|p| p.trim().to_owned());
            return Ok(Command::TellInside {
                to: self.customers.clone(),
                text: parts
                    .into_iter()
                    .filter(|p| !p.is_empty())
                    .collect::<Vec<_>>()
                    .join("\n\n"),
            });
        }
        let (text, excuses) = (self.to_text(now)?, self.excuses());
        Ok(if approval {
            Command::ReadyDraft {
                text: DraftText::Update { text, excuses },
            }
        } else {
            Command::PublishUpdate {
                text,
                after: self.after,
                excuses,
            }
        })
    }

    fn to_text(&self, now: Time) -> Result<UpdateText, Refusal> {
        let over = self.kind == UpdateKind::Resolution;
        let next_at = match (!self.kind.promises(), self.next_text.trim()) {
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
            corrects: self.corrects,
        })
    }
}

fn noted(components: &[ComponentNote]) -> BTreeMap<String, ComponentState> {
    order::map(components.iter().map(|c| (c.name.clone(), c.state)))
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
    let policy = replica.policy_of(&incident);
    let me = replica.me();
    let id = incident.id;
    let room = room_of(&incident);
    // The server knows it by its number.
    let exact = memo(move || {
        found.with(|f| {
            let numbered = f.as_ref().filter(|i| i.number.is_some());
            numbered.map(|i| room_of(i))
        })
    });
    let watch = {
        let policy = Arc::clone(&policy);
        memo(move || {
            found.with(|f| {
                f.as_ref()
                    .map(|i| Watch::over(i, &policy))
                    .unwrap_or_default()
            })
        })
    };
    // What is on its way already, and who has to approve it before I may publish.
    let up = memo(move || found.with(|f| f.as_ref().and_then(|i| i.draft(Of::Update).cloned())));
    let asks = {
        let policy = Arc::clone(&policy);
        memo(move || {
            found.with(|f| {
                f.as_ref()
                    .and_then(|i| approver(i, Of::Update, me.id, &policy).map(|p| p.name.clone()))
            })
        })
    };
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
            // The first key says that I am writing, unless somebody does already.
            if !saved.get_untracked() && up.with_untracked(Option::is_none) {
                let open = Command::OpenDraft {
                    of: Of::Update,
                    take_over: false,
                };
                // Where no draft may be open the button says why; writing goes on.
                let _ = replica.send(id, open);
            }
            saved.set(true);
        })
    };
    // Whether these very words were put up already.
    let is_up = memo(move || {
        up.with(|up| {
            let Some(DraftText::Update { text, .. }) = up.as_ref().and_then(|d| d.text()) else {
                return false;
            };
            let mine = draft.with(|d| d.to_text(replica.server_now()));
            mine.is_ok_and(|mine| same_words(text, &mine))
        })
    });
    let stands = move |stage: fn(&Stage) -> bool| {
        is_up.get() && up.with(|up| up.as_ref().is_some_and(|d| stage(&d.stage)))
    };
    let approval = memo(move || {
        asks.with(Option::is_some) && !stands(|s| matches!(s, Stage::Approved { .. }))
    });
    let waits = memo(move || approval.get() && stands(|s| matches!(s, Stage::Ready { .. })));
    let address = Address::here();
    let done = {
        let (key, room) = (key.clone(), room.clone());
        move || {
            kept::forget(&key);
            address.go(&room);
        }
    };
    // The answer decides: the text stays in the composer until the update is published, or
    // kept to be sent when the server is reached.
    effect(move || {
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
        let command =
            draft.with_untracked(|d| d.to_command(approval.get_untracked(), replica.server_now()));
        let published = command.and_then(|command| replica.send(id, command));
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
    let kind = memo(move || draft.with(|d| d.kind));
    let inside = memo(move || draft.with(|d| d.inside));
    let button = move || match (sent.get(), approval.get(), inside.get()) {
        (Some(_), false, false) => "Publishing…".to_owned(),
        (Some(_), _, _) => "Sending…".to_owned(),
        (None, _, true) => "Tell colleagues".to_owned(),
        (None, true, false) if waits.get() => {
            format!("Waits for {}", asks.get().unwrap_or_default())
        }
        (None, true, false) => format!("Send to {} for approval", asks.get().unwrap_or_default()),
        (None, false, false) => format!("Publish {}", kind.get().label().to_lowercase()),
    };
    let goes_to = move || {
        draft.with(|d| match (d.inside, approval.get()) {
            (true, _) => format!("Goes to {}. Customers never see it.", d.customers),
            (false, true) if waits.get() => "Change it to send it anew.".to_owned(),
            (false, true) => "Nobody reads it before it is approved.".to_owned(),
            (false, false) => format!(
                "Goes to {} and is never edited afterwards.",
                audience(d.named, &d.customers).label()
            ),
        })
    };
    let told = incident
        .updates
        .iter()
        .rev()
        .map(|u| {
            (
                u.id,
                format!("Update {} of {}", u.number, hm(u.published_at)),
            )
        })
        .collect();
    view! {
        <main id="main" class="compose-page" aria-label="Composer">
            <div class="sheet-head">
                {incident.severity().map(|severity| view! { <Sev severity /> })}
                <h1>{part(move || draft.with(|d| d.kind.label()))}</h1>
                <p class="quiet saved" role="status">{part(move || saved.get().then_some("saved on this device"))}</p>
                <a class="button plain" href=room.clone()>"Close"</a>
            </div>
            <div class="sheet-body">
                {part(move || found.get().map(|incident| view! { <AnswersClock incident /> }))}
                {part(move || up.get().map(|up| view! { <OnItsWay of=Of::Update up incident=id refusal /> }))}
                <div class="compose">
                    <form class="form" inert=crate::DRAWN_BY_SERVER id="update" novalidate on:submit=submit>
                        {part(move || refusal.get().map(|refusal| view! { <RefusalNotice refusal /> }))}
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
                        <Part id="acknowledge" label="What happens" hint="" draft edit watch get=|d| &d.acknowledge set=|d, t| d.acknowledge = t />
                        <Part id="impact" label="Who is affected" hint="in exact numbers where you know them" draft edit watch get=|d| &d.impact set=|d, t| d.impact = t />
                        <Part id="action" label="What we do" hint="" draft edit watch get=|d| &d.action set=|d, t| d.action = t />
                        {
                            let (incident, policy) = (Arc::clone(&incident), policy.clone());
                            move || if inside.get() {
                                ().into_any()
                            } else if kind.get() == UpdateKind::Resolution {
                                view! { <ClosureParts draft edit watch /> }.into_any()
                            } else if !kind.get().promises() {
                                ().into_any()
                            } else {
                                view! { <NextBy incident=Arc::clone(&incident) policy=policy.clone() draft edit /> }.into_any()
                            }
                        }
                        {
                            let all = policy.components.clone();
                            move || (!inside.get()).then(|| view! { <Components all=all.clone() draft edit /> })
                        }
                        <Readers draft edit />
                        <Corrects told draft edit />
                    </form>
                    {part(move || (!inside.get()).then(|| view! { <Preview draft exact refusal /> }))}
                </div>
            </div>
            <div class="sheet-foot" inert=crate::DRAWN_BY_SERVER>
                <p class="quiet">{part(goes_to)}</p>
                <button class="primary" type="submit" form="update" prop:disabled=move || sent.get().is_some() || (waits.get() && !inside.get())>{part(button)}</button>
            </div>
        </main>
    }
}

/// The promise that this update keeps.
#[component]
fn AnswersClock(incident: Arc<Incident>) -> impl IntoView {
    let replica = Replica::here();
    let declared_at = incident.declared.as_ref().map(|d| d.at);
    let clock =
        declared_at.and_then(|at| update_clock(&incident, &replica.policy_of(&incident), at))?;
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
    watch: Memo<Watch>,
    get: fn(&Draft) -> &String,
    set: fn(&mut Draft, String),
) -> impl IntoView {
    let faults = memo(move || {
        draft.with(|d| {
            if d.inside {
                Vec::new()
            } else {
                watch.with(|w| marks(get(d), w))
            }
        })
    });
    let line = move |place: usize, mark: Mark| {
        let advice = mark.advice();
        if !mark.fault.may_stay() {
            return view! { <li data-weight="never"><span>{advice}</span></li> }.into_any();
        }
        let field = format!("{id}-excuse-{place}");
        let words = mark.words.to_lowercase();
        let given = words.clone();
        let reason = move || draft.with(|d| d.excuses.get(&given).cloned().unwrap_or_default());
        view! {
            <li data-weight="reason">
                <span>{advice}</span>
                <label for=field.clone()>"Why it stays"<span class="vh">" as “"{mark.words}"”"</span></label>
                <input id=field autocomplete="off" prop:value=reason
                    on:input=move |e| {
                        let (typed, words) = (event_target_value(&e), words.clone());
                        edit.run(Box::new(move |d| drop(d.excuses.insert(words, typed))));
                    } />
            </li>
        }
        .into_any()
    };
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
                {part(move || faults.get().into_iter().enumerate().map(|(i, mark)| line(i, mark)).collect_view())}
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
    // A time that was chosen earlier and is no choice any more stands as if it had been typed.
    let earlier = {
        let offered = offered.clone();
        move |d: &Draft| d.next_at.filter(|at| !offered.contains(at))
    };
    let shown = earlier.clone();
    let shown = move |d: &Draft| match (d.next_text.as_str(), shown(d)) {
        ("", Some(at)) => at.shown("%H:%M").to_string(),
        (typed, _) => typed.to_owned(),
    };
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
                        prop:value=move || draft.with(&shown)
                        on:input=move |e| {
                            let (typed, earlier) = (event_target_value(&e), earlier.clone());
                            edit.run(Box::new(move |d| {
                                d.next_at = d.next_at.filter(|_| earlier(d).is_none());
                                d.next_text = typed;
                            }));
                        } />
                    " "<span id="next-utc">"UTC"</span>
                </span>
            </div>
        </fieldset>
    }
}

#[component]
fn ClosureParts(draft: RwSignal<Draft>, edit: Edit, watch: Memo<Watch>) -> impl IntoView {
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
        <Part id="cause" label="What caused it" hint="" draft edit watch get=|d| &d.cause set=|d, t| d.cause = t />
        <Part id="prevention" label="What keeps it from coming back" hint="" draft edit watch get=|d| &d.prevention set=|d, t| d.prevention = t />
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
            let state = memo(move || draft.with(|d| d.components.get(&of).copied().unwrap_or(ComponentState::Operational)));
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
    let named = memo(move || draft.with(|d| d.named));
    let inside = memo(move || draft.with(|d| d.inside));
    view! {
        <fieldset class="field">
            <legend>"Who reads it"</legend>
            <div class="chips">
                {reader(" Public page", memo(move || !named.get() && !inside.get()), edit, |d| (d.named, d.inside) = (false, false))}
                {reader(" Named customers only", memo(move || named.get() && !inside.get()), edit, |d| (d.named, d.inside) = (true, false))}
                {reader(" Colleagues only", inside, edit, |d| d.inside = true)}
            </div>
        </fieldset>
        {part(move || (named.get() || inside.get()).then(|| view! {
            <p class="field">
                <label for="readers-named">{if inside.get() { "Whom " } else { "Which customers " }}<span class="hint">"separated by commas"</span></label>
                <input id="readers-named" autocomplete="off" prop:value=move || draft.with(|d| d.customers.clone())
                    on:input=move |e| {
                        let typed = event_target_value(&e);
                        edit.run(Box::new(move |d| d.customers = typed));
                    } />
            </p>
        }))}
    }
}

fn reader(label: &'static str, chosen: Memo<bool>, edit: Edit, choose: fn(&mut Draft)) -> El {
    view! {
        <label class="chip"><input type="radio" name="readers" prop:checked=move || chosen.get()
            on:change=move |_| edit.run(Box::new(choose)) />{label}</label>
    }
}

/// Which update this one corrects; a published one is never edited.
#[component]
fn Corrects(told: Vec<(UpdateId, String)>, draft: RwSignal<Draft>, edit: Edit) -> impl IntoView {
    if told.is_empty() {
        return ().into_any();
    }
    let chosen = draft.with_untracked(|d| d.corrects);
    let ids: Vec<UpdateId> = told.iter().map(|(id, _)| *id).collect();
    let options = told
        .into_iter()
        .enumerate()
        .map(|(i, (id, label))| view! { <option value=i.to_string() selected=chosen == Some(id)>{label}</option> })
        .collect_view();
    view! {
        <p class="field">
            <label for="corrects">"It corrects "<span class="hint">"what was published stays as it was"</span></label>
            <select id="corrects" on:change=move |e| {
                let id = event_target_value(&e).parse::<usize>().ok().and_then(|i| ids.get(i).copied());
                edit.run(Box::new(move |d| d.corrects = id));
            }>
                <option value="" selected=chosen.is_none()>"nothing"</option>
                {options}
            </select>
        </p>
    }
    .into_any()
}

/// The page as the customer will get it.
#[component]
fn Preview(
    draft: RwSignal<Draft>,
    exact: Memo<Option<String>>,
    refusal: RwSignal<Option<Refusal>>,
) -> impl IntoView {
    let text = memo(move || draft.with(|d| d.to_text(Replica::here().server_now())));
    let next = move || {
        draft.with(|d| d.kind.promises()).then(|| match text.get().map(|t| t.next_at) {
        Ok(Some(at)) => view! { <p class="promise">"Next update by "<time class="by">{hm(at)}</time>" even if nothing has changed"</p> }.into_any(),
        _ => view! { <p class="promise">"No time is promised yet"</p> }.into_any(),
    })
    };
    view! {
        <section class="preview" aria-labelledby="seen">
            <h2 class="hint" id="seen">"What the customer will see"</h2>
            <p class="now-line">{part(move || draft.with(|d| d.acknowledge.clone()))}</p>
            {part(next)}
            <dl class="parts">
                <dt>"Who is affected"</dt><dd>{part(move || draft.with(|d| d.impact.clone()))}</dd>
                <dt>"What we do"</dt><dd>{part(move || draft.with(|d| d.action.clone()))}</dd>
                {part(move || draft.with(|d| (d.kind == UpdateKind::Resolution).then(|| view! {
                    <dt>"What caused it"</dt><dd>{d.cause.clone()}</dd>
                    <dt>"What keeps it from coming back"</dt><dd>{d.prevention.clone()}</dd>
                })))}
            </dl>
            <ul class="components">
                {part(move || draft.with(|d| d.components.clone()).into_iter().map(|(name, state)| {
                    view! { <li>{name}" "<span class="works" data-state=state_key(state)>{state.label()}</span></li> }
                }).collect_view())}
            </ul>
            {part(move || exact.get().map(|address| view! { <Exact address text refusal /> }))}
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
