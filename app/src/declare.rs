//! Declare: five taps and a title (RUNBOOK §2).

use crate::parts::countdown::{Left, state_name, state_of};
use crate::parts::notice::RefusalNotice;
use crate::parts::severity::Sev;
use crate::parts::when::{clock_time, hm};
use crate::replica::{Replica, new_incident_id};
use domain::clock::clocks;
use domain::command::Details;
use domain::policy::minutes;
use domain::update::Audience;
use domain::{Command, Incident, Refusal, Severity, Time};
use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_params_map};
use std::sync::Arc;

/// When it began, as chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Began {
    AgoMin(i64),
    At,
}

/// The form that opens an incident, from a report or from nothing.
#[component]
pub fn Declare() -> impl IntoView {
    let replica = Replica::here();
    let params = use_params_map();
    let report = Memo::new(move |_| {
        params
            .with(|p| p.get("report"))
            .and_then(|key| replica.find(&key))
    });
    view! {
        <main class="page narrow" id="main">
            {move || report.get().map(|incident| view! { <Answers incident /> })}
            <div class="page-head"><h1>"Declare an incident"</h1></div>
            {move || view! { <DeclareForm report=report.get_untracked() /> }}
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
    let severity = RwSignal::new(Severity::Sev1);
    let sees = RwSignal::new(String::new());
    let began = RwSignal::new(Began::AgoMin(0));
    let began_text = RwSignal::new(String::new());
    let components = RwSignal::new(Vec::<String>::new());
    let named = RwSignal::new(false);
    let customers = RwSignal::new(String::new());
    let refusal = RwSignal::new(None::<Refusal>);
    let navigate = use_navigate();
    let id = report.as_ref().map(|r| r.id);

    let began_at = move |now: Time| match began.get_untracked() {
        Began::AgoMin(min) => Ok(now - chrono::Duration::minutes(min)),
        Began::At => clock_time("When it began", &began_text.get_untracked(), now),
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let incident = id.unwrap_or_else(new_incident_id);
        let declared = began_at(replica.server_now()).and_then(|impact_began_at| {
            let command = Command::Declare {
                title: title.get_untracked(),
                severity: severity.get_untracked(),
                customer_sees: sees.get_untracked(),
                impact_began_at,
                components: components.get_untracked(),
                audience: audience(named.get_untracked(), &customers.get_untracked()),
                details: Details::default(),
            };
            replica.send(incident, command)
        });
        match declared {
            Ok(_) => navigate(&format!("/incidents/{incident}"), Default::default()),
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
        <form class="form" on:submit=submit>
            {move || refusal.get().map(|refusal| view! { <RefusalNotice refusal /> })}
            <p class="field">
                <label for="title">"Title"</label>
                <input class="big-input" id="title" required autocomplete="off" prop:value=move || title.get()
                    on:input=move |e| title.set(event_target_value(&e)) />
            </p>
            <fieldset class="field">
                <legend>"Severity "<span class="hint">"unsure means the higher one"</span></legend>
                <div class="tiles">{tiles(severity)}</div>
            </fieldset>
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
            {move || named.get().then(|| view! {
                <p class="field">
                    <label for="customers">"Which customers "<span class="hint">"separated by commas"</span></label>
                    <input id="customers" required autocomplete="off" prop:value=move || customers.get()
                        on:input=move |e| customers.set(event_target_value(&e)) />
                </p>
            })}
            <div class="declare-foot">
                <p class="quiet">{promise}</p>
                <button class="primary">{move || format!("Declare {}", severity.get().label())}</button>
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

fn tiles(chosen: RwSignal<Severity>) -> impl IntoView {
    Severity::ALL
        .into_iter()
        .map(|severity| {
            view! {
                <label class="tile">
                    <input type="radio" name="severity" prop:checked=move || chosen.get() == severity
                        on:change=move |_| chosen.set(severity) />
                    " "<Sev severity />" "<span class="meaning">{severity.meaning()}</span>
                </label>
            }
        })
        .collect_view()
}

fn began_chips(chosen: RwSignal<Began>) -> impl IntoView {
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
}

fn component_chips(all: Vec<String>, chosen: RwSignal<Vec<String>>) -> impl IntoView {
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
}
