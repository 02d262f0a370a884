//! Declare: five taps and a title; or join a report to an incident that is open, or dismiss it
//! (RUNBOOK §2).

use crate::board::{dismiss, room_of};
use crate::parts::countdown::{Left, state_name, state_of};
use crate::parts::dynamic::part;
use crate::parts::form::FormDialog;
use crate::parts::memo::memo;
use crate::parts::notice::RefusalNotice;
use crate::parts::severity::Sev;
use crate::parts::when::{clock_time, hm};
use crate::replica::held::held;
use crate::replica::{Replica, new_incident_id};
use crate::route::Address;
use domain::clock::clocks;
use domain::command::Details;
use domain::policy::minutes;
use domain::triage::{Risk, Triage, Users, YesNo, propose};
use domain::update::Audience;
use domain::{Command, Incident, Refusal, Severity, Time};
use leptos::prelude::*;
use markup::view;
use std::sync::Arc;

/// When it began, as chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Began {
    AgoMin(i64),
    At,
}

/// The form that opens an incident, from a report or from nothing.
#[component]
pub fn Declare(
    /// The report's id; empty for none.
    report: String,
) -> impl IntoView {
    let replica = Replica::here();
    let report = held(move |_| replica.find(&report));
    view! {
        <main class="page narrow" id="main">
            {part(move || report.get().map(|incident| view! { <Answers incident=Arc::clone(&incident) /><Otherwise report=incident /> }))}
            <div class="page-head"><h1>"Declare an incident"</h1></div>
            {part(move || view! { <DeclareForm report=report.get_untracked() /> })}
        </main>
    }
}

/// The clock this answers.
#[component]
fn Answers(incident: Arc<Incident>) -> impl IntoView {
    let replica = Replica::here();
    let clock = clocks(&incident, &replica.policy())
        .into_iter()
        .find(domain::clock::Clock::is_running);
    let (Some(clock), Some(report)) = (clock, incident.report.clone()) else {
        return ().into_any();
    };
    let state = state_of(&clock);
    view! {
        <section class="band" data-state=move || state_name(state.get()) aria-label="The clock this answers">
            <div class="clock lead" data-state=move || state_name(state.get())>
                <div class="time"><Left due_at=clock.due_at /></div>
                <div class="what">
                    <p>"to declare or dismiss"</p>
                    <p class="whose">{format!("“{}”, {}, {}", report.what, report.source, hm(report.received_at))}</p>
                </div>
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn DeclareForm(report: Option<Arc<Incident>>) -> impl IntoView {
    let replica = Replica::here();
    let policy = replica.policy();
    let title = RwSignal::new(
        report
            .as_ref()
            .map(|r| r.title().to_owned())
            .unwrap_or_default(),
    );
    let questions = Questions::default();
    let policy_here = Arc::clone(&policy);
    let proposal = memo(move || propose(&questions.triage(), &policy_here));
    // What a person taps stays; until then it is what the matrix proposes, or the worst.
    let tapped = RwSignal::new(None::<Severity>);
    let severity = memo(move || {
        let proposed = proposal.with(|p| p.as_ref().map(|p| p.severity));
        tapped.get().or(proposed).unwrap_or(Severity::Sev1)
    });
    let differs =
        memo(move || proposal.with(|p| p.as_ref().is_some_and(|p| p.severity != severity.get())));
    let why = RwSignal::new(String::new());
    let guess = RwSignal::new(String::new());
    let noticed = RwSignal::new(String::new());
    let sees = RwSignal::new(String::new());
    let began = RwSignal::new(Began::AgoMin(0));
    let began_text = RwSignal::new(String::new());
    let components = RwSignal::new(Vec::<String>::new());
    let named = RwSignal::new(false);
    let customers = RwSignal::new(String::new());
    let refusal = RwSignal::new(None::<Refusal>);
    let address = Address::here();
    let id = report.as_ref().map(|r| r.id);

    let began_at = move |now: Time| match began.get_untracked() {
        Began::AgoMin(min) => Ok(now - chrono::Duration::minutes(min)),
        Began::At => clock_time("When it began", &began_text.get_untracked(), now),
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let incident = id.unwrap_or_else(new_incident_id);
        let now = replica.server_now();
        let detected_at = match noticed.get_untracked().trim() {
            "" => Ok(None),
            typed => clock_time("When we noticed", typed, now).map(Some),
        };
        let percent = questions.percent.get_untracked();
        if !percent.trim().is_empty() && questions.triage().percent.is_none() {
            refusal.set(Some(Refusal::invalid(
                "Users hit",
                "needs a whole number of percent",
            )));
            return;
        }
        let declared = began_at(now).and_then(|impact_began_at| {
            let command = Command::Declare {
                title: title.get_untracked(),
                severity: severity.get_untracked(),
                customer_sees: sees.get_untracked(),
                impact_began_at,
                components: components.get_untracked(),
                audience: audience(named.get_untracked(), &customers.get_untracked()),
                details: Details {
                    triage: questions.triage(),
                    other_severity: Some(why.get_untracked()),
                    detected_at: detected_at?,
                    hypothesis: Some(guess.get_untracked()),
                },
            };
            replica.send(incident, command)
        });
        match declared {
            Ok(_) => address.go(&format!("/incidents/{incident}")),
            Err(why) => refusal.set(Some(why)),
        }
    };
    let first_update = policy.first_update_min;
    let commander = policy.commander_min;
    let promise = move || {
        let now = replica.now().get();
        format!(
            "Starts the clocks: IC by {}, customers told by {}",
            hm(now + minutes(commander)),
            hm(now + minutes(first_update))
        )
    };
    view! {
        <form class="form" inert=crate::DRAWN_BY_SERVER on:submit=submit>
            {part(move || refusal.get().map(|refusal| view! { <RefusalNotice refusal /> }))}
            <p class="field">
                <label for="title">"Title"</label>
                <input class="big-input" id="title" required autocomplete="off" prop:value=move || title.get()
                    on:input=move |e| title.set(event_target_value(&e)) />
            </p>
            <section class="questions" aria-label="Five questions">{questions.view()}</section>
            <fieldset class="field">
                <legend>"Severity "<span class="hint">"unsure means the higher one"</span></legend>
                <div class="tiles">{tiles(severity, tapped)}</div>
                <p class="proposal" role="status">
                    {part(move || proposal.with(|p| p.as_ref().map(|p| format!("The matrix proposes {}: {}.", p.severity.label(), p.rule))))}
                </p>
            </fieldset>
            {part(move || differs.get().then(|| view! {
                <p class="field">
                    <label for="other-severity">"Why another severity"</label>
                    <input id="other-severity" required autocomplete="off" prop:value=move || why.get()
                        on:input=move |e| why.set(event_target_value(&e)) />
                </p>
            }))}
            <p class="field">
                <label for="sees">"What the customer sees"</label>
                <textarea id="sees" rows="2" required prop:value=move || sees.get()
                    on:input=move |e| sees.set(event_target_value(&e))></textarea>
            </p>
            <fieldset class="field">
                <legend>"When it began"</legend>
                <div class="chips">
                    {began_chips(began)}
                    <span class="with-unit">
                        <label class="hint" for="began-at">"or at"</label>
                        <input class="hhmm" id="began-at" inputmode="numeric" placeholder="hh:mm" autocomplete="off"
                            aria-describedby="began-utc" prop:value=move || began_text.get()
                            on:input=move |e| {
                                began_text.set(event_target_value(&e));
                                began.set(Began::At);
                            } />
                        " "<span id="began-utc">"UTC"</span>
                    </span>
                </div>
            </fieldset>
            <fieldset class="field">
                <legend>"Components affected"</legend>
                <div class="chips">{component_chips(policy.components.clone(), components)}</div>
            </fieldset>
            <fieldset class="field">
                <legend>"Who will read the updates"</legend>
                <div class="chips">
                    <label class="chip"><input type="radio" name="audience" prop:checked=move || !named.get()
                        on:change=move |_| named.set(false) />" Public page"</label>
                    <label class="chip"><input type="radio" name="audience" prop:checked=move || named.get()
                        on:change=move |_| named.set(true) />" Named customers only"</label>
                </div>
            </fieldset>
            {part(move || named.get().then(|| view! {
                <p class="field">
                    <label for="customers">"Which customers "<span class="hint">"separated by commas"</span></label>
                    <input id="customers" required autocomplete="off" prop:value=move || customers.get()
                        on:input=move |e| customers.set(event_target_value(&e)) />
                </p>
            }))}
            <details class="field more">
                <summary>"More, if you know it already"</summary>
                <p class="field">
                    <label for="noticed">"When we noticed, UTC "<span class="hint">"the first report, if left empty"</span></label>
                    <input class="hhmm" id="noticed" inputmode="numeric" placeholder="hh:mm" autocomplete="off" prop:value=move || noticed.get()
                        on:input=move |e| noticed.set(event_target_value(&e)) />
                </p>
                <p class="field">
                    <label for="guess">"First guess at the cause"</label>
                    <input id="guess" autocomplete="off" prop:value=move || guess.get()
                        on:input=move |e| guess.set(event_target_value(&e)) />
                </p>
            </details>
            <div class="declare-foot">
                <p class="quiet">{promise}</p>
                <button class="primary">{part(move || format!("Declare {}", severity.get().label()))}</button>
            </div>
        </form>
    }
}

/// Public, or the customers in a list separated by commas.
#[must_use]
pub fn audience(named: bool, customers: &str) -> Audience {
    if !named {
        return Audience::Public;
    }
    let customers = customers
        .split(',')
        .map(str::trim)
        .filter(|c| !c.is_empty())
        .map(str::to_owned)
        .collect();
    Audience::Named { customers }
}

/// The five questions. An answer is a place in its list, so that one function draws them all.
#[derive(Clone, Copy, Default)]
struct Questions {
    users: RwSignal<Option<usize>>,
    percent: RwSignal<String>,
    data: RwSignal<Option<usize>>,
    security: RwSignal<Option<usize>>,
    executive: RwSignal<Option<usize>>,
    strategic: RwSignal<Option<usize>>,
}

impl Questions {
    fn triage(self) -> Triage {
        let at = |answer: RwSignal<Option<usize>>| answer.get().unwrap_or(usize::MAX);
        Triage {
            users: Users::ALL.get(at(self.users)).copied(),
            percent: self
                .percent
                .with(|p| p.trim().trim_end_matches('%').trim_end().parse().ok()),
            data: Risk::ALL.get(at(self.data)).copied(),
            security: Risk::ALL.get(at(self.security)).copied(),
            executive: YesNo::ALL.get(at(self.executive)).copied(),
            strategic: YesNo::ALL.get(at(self.strategic)).copied(),
        }
    }

    fn view(self) -> Vec<AnyView> {
        let percent = view! {
            <span class="with-unit">
                <label class="hint" for="percent">"or exactly"</label>
                <input class="hhmm" id="percent" inputmode="numeric" autocomplete="off" prop:value=move || self.percent.get()
                    on:input=move |e| self.percent.set(event_target_value(&e)) />
                " %"
            </span>
        }
        .into_any();
        let risks = || Risk::ALL.iter().map(|r| r.label()).collect();
        let yes_no = || YesNo::ALL.iter().map(|r| r.label()).collect();
        vec![
            question(
                "Users hit",
                "users",
                Users::ALL.iter().map(|r| r.label()).collect(),
                self.users,
                Some(percent),
            ),
            question("Data at risk", "data", risks(), self.data, None),
            question(
                "Signs of an attack",
                "security",
                risks(),
                self.security,
                None,
            ),
            question(
                "Executives watching",
                "executive",
                yes_no(),
                self.executive,
                None,
            ),
            question(
                "Strategic customer hit",
                "strategic",
                yes_no(),
                self.strategic,
                None,
            ),
        ]
    }
}

fn question(
    legend: &'static str,
    name: &'static str,
    answers: Vec<&'static str>,
    chosen: RwSignal<Option<usize>>,
    beside: Option<AnyView>,
) -> AnyView {
    let chips = answers
        .into_iter()
        .enumerate()
        .map(|(place, label)| {
            view! {
                <label class="chip">
                    <input type="radio" name=name prop:checked=move || chosen.get() == Some(place)
                        on:change=move |_| chosen.set(Some(place)) />
                    " "{label}
                </label>
            }
        })
        .collect_view();
    view! { <fieldset class="field"><legend>{legend}</legend><div class="chips">{chips}{beside}</div></fieldset> }
        .into_any()
}

/// What else may be done with a report: it tells of an incident that is open, or of none.
#[component]
fn Otherwise(report: Arc<Incident>) -> impl IntoView {
    let replica = Replica::here();
    let dismissing = RwSignal::new(false);
    let refusal = RwSignal::new(None::<Refusal>);
    let id = report.id;
    let open = held(move |_| {
        replica.incidents().with(|all| {
            all.values()
                .filter(|i| i.is_open())
                .cloned()
                .collect::<Vec<_>>()
        })
    });
    let address = Address::here();
    let join = Callback::new(move |into: Arc<Incident>| {
        let Some(said) = report.report.clone() else {
            return;
        };
        let number = into.number;
        let take = Command::TakeReport {
            report: id,
            what: said.what,
            source: said.source,
            received_at: said.received_at,
        };
        // Taken first: should the other one be refused, the report stands twice and is not lost.
        let joined = replica.send(into.id, take).and_then(|_| {
            replica.send(
                id,
                Command::JoinReport {
                    into: into.id,
                    number,
                },
            )
        });
        match joined {
            Ok(_) => address.go(&room_of(&into)),
            Err(why) => refusal.set(Some(why)),
        }
    });
    let line = move |incident: Arc<Incident>| {
        let (number, title) = (incident.number_label(), incident.title().to_owned());
        let into = Arc::clone(&incident);
        view! {
            <li>
                <p class="what">{incident.severity().map(|severity| view! { <Sev severity /> })}" "{title}" "<small>{number.clone()}</small></p>
                <button class="slim" type="button" on:click=move |_| join.run(Arc::clone(&into))>"Join "<span class="vh">{number}</span></button>
            </li>
        }
    };
    view! {
        <section class="otherwise" aria-labelledby="otherwise">
            <h2 id="otherwise">"Is it known already, or nothing?"</h2>
            {part(move || refusal.get().map(|refusal| view! { <RefusalNotice refusal /> }))}
            <ul class="joinable">{part(move || open.get().into_iter().map(line).collect_view())}</ul>
            <p class="actions"><button class="slim" type="button" on:click=move |_| dismissing.set(true)>"Dismiss the report…"</button></p>
            {part(move || dismissing.get().then(|| view! {
                <FormDialog form=dismiss() incident=id on_close=move |()| dismissing.set(false) />
            }))}
        </section>
    }
}

fn tiles(chosen: Memo<Severity>, tapped: RwSignal<Option<Severity>>) -> AnyView {
    Severity::ALL
        .into_iter()
        .map(|severity| {
            view! {
                <label class="tile">
                    <input type="radio" name="severity" prop:checked=move || chosen.get() == severity
                        on:change=move |_| tapped.set(Some(severity)) />
                    " "<Sev severity />" "<span class="meaning">{severity.meaning()}</span>
                </label>
            }
        })
        .collect_view()
        .into_any()
}

fn began_chips(chosen: RwSignal<Began>) -> AnyView {
    [(0, "now"), (5, "5 min ago"), (15, "15 min"), (30, "30 min")]
        .into_iter()
        .map(|(min, label)| {
            view! {
                <label class="chip">
                    <input type="radio" name="began" prop:checked=move || chosen.get() == Began::AgoMin(min)
                        on:change=move |_| chosen.set(Began::AgoMin(min)) />
                    " "{label}
                </label>
            }
        })
        .collect_view()
        .into_any()
}

fn component_chips(all: Vec<String>, chosen: RwSignal<Vec<String>>) -> AnyView {
    all.into_iter()
        .map(|name| {
            let (shown, toggled) = (name.clone(), name.clone());
            let toggle = move |_| {
                chosen.update(|c| match c.iter().position(|n| *n == toggled) {
                    Some(place) => drop(c.remove(place)),
                    None => c.push(toggled.clone()),
                });
            };
            view! {
                <label class="chip">
                    <input type="checkbox" prop:checked=move || chosen.with(|c| c.contains(&shown)) on:change=toggle />
                    " "{name}
                </label>
            }
        })
        .collect_view()
        .into_any()
}
