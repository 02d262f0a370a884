//! The board: what is due next, what waits to be triaged, what is open, and the search.

mod find;

use crate::parts::beats::Beats;
use crate::parts::countdown::{Left, minute_of, state_name, state_of, state_word};
use crate::parts::dynamic::{list, part};
use crate::parts::form::{Field, Form, FormDialog, Input, Values, optional, text};
use crate::parts::kept::{Kept, Line, REQUIRED};
use crate::parts::memo::{Memo, memo};
use crate::parts::notice::RefusalNotice;
use crate::parts::severity::{Sev, Stage};
use crate::parts::when::hm;
use crate::replica::held::{Held, held};
use crate::replica::{Replica, new_incident_id};
use domain::beat::strip_of;
use domain::clock::{Clock, ClockKind, Owner, clocks, span, urgency};
use domain::customer::{Customer, revenues};
use domain::draft::Of;
use domain::money::grouped;
use domain::next_step::asked;
use domain::shown::Shown as _;
use domain::{Command, Incident, PersonRef, Refusal, Role, order};
use find::{Closed, Finding, Search};
use leptos::prelude::*;
use markup::view;
use std::sync::Arc;

/// How many clocks are listed below the first one.
const CLOCKS_MAX: usize = 8;

/// A clock with what is needed to show it away from its incident.
#[derive(Clone)]
struct Due {
    clock: Clock,
    incident: Arc<Incident>,
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.clock == other.clock && self.incident.is_same(&other.incident)
    }
}

/// What tells the lines of incidents apart: each change draws the line anew.
fn line_key(incident: &Arc<Incident>) -> String {
    let Incident { id, version, .. } = &**incident;
    // What waits to be sent counts too; refused, and somebody else's in its place, the count is the same.
    let last = incident.timeline.last().map(|e| e.id);
    format!("{id} {version} {last:?} {}", incident.number.is_some())
}

/// The first screen.
#[component]
pub fn Board() -> impl IntoView {
    let replica = Replica::here();
    let incidents = replica.incidents();
    let minute = minute_of(replica);
    let due = memo(move || {
        let mut due: Vec<Due> = incidents.with(|all| {
            all.values()
                .filter(|i| i.is_open() || i.is_to_triage())
                .flat_map(|i| {
                    clocks(i, &replica.policy_of(i))
                        .into_iter()
                        .filter(|c| c.is_running() && c.kind != ClockKind::DeclareOrDismiss)
                        .map(|clock| Due {
                            clock,
                            incident: Arc::clone(i),
                        })
                })
                .collect()
        });
        let minute = minute.get();
        order::by(&mut due, |d| urgency(&d.clock, minute));
        due
    });
    let finding = Finding::new();
    view! {
        <main class="page" id="main">
            <h1 class="vh">"Board"</h1>
            {part(move || view! { <Hero due=due.with(|d| d.first().cloned()) /> })}
            <Search finding />
            <div class="board-columns">
                <Then due hidden=Signal::derive(move || finding.is_on()) />
                <Open finding />
                <Triage finding />
                <Closed finding />
            </div>
        </main>
    }
}

#[component]
fn Hero(due: Option<Due>) -> impl IntoView {
    let Some(due) = due else {
        return view! {
            <section class="band" data-state="quiet" aria-labelledby="due">
                <div class="clock hero" data-state="running">
                    <div class="time"><h2 class="vh" id="due">"Due next"</h2><p class="left">"Nothing is due"</p></div>
                    <div class="what"><h3>"No clock is running"</h3>
                        <p class="whose">"Declare when you are unsure. It takes under a minute, and nobody is blamed for it."</p></div>
                </div>
            </section>
        }
        .into_any();
    };
    let state = state_of(&due.clock);
    let (href, label) = act(&due);
    view! {
        <section class="band" data-state=move || state_name(state.get()) aria-labelledby="due">
            <div class="clock hero" data-state=move || state_name(state.get())>
                <div class="time">
                    <h2 class="vh" id="due">"Due next"</h2>
                    {part(move || state_word(state.get()).map(|word| view! { <span class="state-word">{word}</span> }))}
                    <Left due_at=due.clock.due_at />
                </div>
                <div class="what">
                    <h3><a href=room_of(&due.incident)>{format!("{}: {}", due.clock.label(), due.incident.title())}</a></h3>
                    <p class="whose">{format!("Due {}. {}", hm(due.clock.due_at), whose(&due))}</p>
                </div>
                <p class="act"><a class="button primary" href=href>{label}</a></p>
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn Then(due: Memo<Vec<Due>>, hidden: Signal<bool>) -> impl IntoView {
    let rest = move || {
        due.with(|d| {
            d.iter()
                .skip(1)
                .take(CLOCKS_MAX)
                .cloned()
                .collect::<Vec<_>>()
        })
    };
    let left_out = move || due.with(|d| d.len().saturating_sub(CLOCKS_MAX + 1));
    view! {
        <section aria-labelledby="then" hidden=move || hidden.get()>
            <h2 id="then">"Then"</h2>
            <ol class="clocks">
                {list(
                    rest,
                    |d| format!("{} {:?} {}", line_key(&d.incident), d.clock.kind, d.clock.due_at.timestamp_millis()),
                    |due| view! { <ClockLine due /> }.into_any(),
                )}
            </ol>
            {part(move || (left_out() > 0).then(|| view! { <p class="hint">{format!("and {} more", left_out())}</p> }))}
            {part(move || due.with(|d| d.len() < 2).then(|| view! { <p class="hint">"Nothing else runs."</p> }))}
        </section>
    }
}

#[component]
fn ClockLine(due: Due) -> impl IntoView {
    let state = state_of(&due.clock);
    let (href, _) = act(&due);
    view! {
        <li class="clock" data-state=move || state_name(state.get())>
            <div class="time">
                <Left due_at=due.clock.due_at />
                {part(move || state_word(state.get()).map(|word| view! { <span class="state-word">{word}</span> }))}
            </div>
            <div class="what">
                <p><a href=href>{due.clock.label()}</a></p>
                <p class="whose">{format!("{}. {}", due.incident.title(), whose(&due))}</p>
            </div>
        </li>
    }
}

/// Where the next thing is done, and what the way there is called.
fn act(due: &Due) -> (String, &'static str) {
    let room = room_of(&due.incident);
    let approves = asked_by(due).map(|commander| match commander.id == Replica::here().me().id {
        true => "Read and approve",
        false => "Read",
    });
    match due.clock.kind {
        ClockKind::FirstUpdate | ClockKind::NextUpdate => {
            let what = approves.unwrap_or("Write update");
            (format!("{room}/update"), what)
        }
        ClockKind::Brief => {
            let what = approves.unwrap_or("Write brief");
            (format!("{room}/brief/edit"), what)
        }
        ClockKind::DeclareOrDismiss => (format!("/declare/{}", due.incident.id), "Declare"),
        _ => (room, "Open"),
    }
}

/// Who has to approve the text that this clock waits for, once it was put up.
fn asked_by(due: &Due) -> Option<&PersonRef> {
    let of = match due.clock.kind {
        ClockKind::FirstUpdate | ClockKind::NextUpdate => Of::Update,
        ClockKind::Brief => Of::Brief,
        _ => return None,
    };
    asked(&due.incident, of, &Replica::here().policy_of(&due.incident))
}

fn whose(due: &Due) -> String {
    let number = due.incident.number_label();
    if let Some(commander) = asked_by(due) {
        return format!("Waits for {} to approve it, {number}", commander.name);
    }
    match &due.clock.owner {
        Owner::Party(name) => format!("{name}, {number}"),
        Owner::OnCall => format!("Whoever is on call, {number}"),
        Owner::Person(person) => format!("Offered to {}, {number}", person.name),
        Owner::Role(role) => match due.incident.holder(*role) {
            Some(holder) => format!("{}, {}, {number}", holder.name, role.label()),
            None => format!("No {} yet, {number}", role.label()),
        },
    }
}

/// The address of an incident's room.
#[must_use]
pub fn room_of(incident: &Incident) -> String {
    match incident.number {
        Some(number) => format!("/incidents/{number}"),
        None => format!("/incidents/{}", incident.id),
    }
}

#[component]
fn Open(finding: Finding) -> impl IntoView {
    let replica = Replica::here();
    let open = held(move |_| {
        let mut open: Vec<Arc<Incident>> = replica.incidents().with(|all| {
            all.values()
                .filter(|i| i.is_open() && finding.takes(i))
                .cloned()
                .collect()
        });
        order::by(&mut open, |i| {
            let severity = i.severity().map_or(0, |s| s as i64);
            [
                severity,
                i.status as i64,
                order::at(i.declared.as_ref().map(|d| d.at)),
            ]
        });
        open
    });
    view! {
        <section class="main-side" aria-labelledby="open" hidden=move || !finding.shows("open")>
            <h2 id="open">"Open incidents"</h2>
            {part(move || damaged(replica).map(|which| view! {
                <p class="lacks">{format!("{which} cannot be read in full: the database is damaged. Nothing can be added to it. Tell whoever runs the server.")}</p>
            }))}
            {part(move || {
                (finding.is_on() && open.with(Vec::is_empty)).then(|| view! { <p class="hint">"No open incident fits."</p> })
            })}
            {part(move || {
                (!finding.is_on() && open.with(Vec::is_empty)).then(|| view! {
                    <div class="empty">
                        <p><b>"None is open."</b>" Declare when you are unsure: it takes under a minute."</p>
                        <p class="actions"><a class="button primary" href="/declare">"Declare an incident"</a></p>
                    </div>
                })
            })}
            <ol class="open">
                {list(move || open.get(), line_key, |incident| view! { <OpenLine incident /> }.into_any())}
            </ol>
        </section>
    }
}

/// Which incidents hold an event that the server cannot read.
fn damaged(replica: Replica) -> Option<String> {
    let names: Vec<String> = replica.incidents().with(|all| {
        let damaged = all.values().filter(|i| i.unreadable.is_some());
        let name = |i: &Arc<Incident>| match i.number {
            Some(number) => number.to_string(),
            None => i.id.to_string(),
        };
        damaged.map(name).collect()
    });
    (!names.is_empty()).then(|| names.join(", "))
}

#[component]
fn OpenLine(incident: Arc<Incident>) -> impl IntoView {
    let replica = Replica::here();
    let now = replica.now();
    let policy = replica.policy_of(&incident);
    let first = clocks(&incident, &policy)
        .into_iter()
        .filter(|c| c.is_running() && c.kind.is_update())
        .min_by_key(|c| c.due_at);
    let owes = first.map(|clock| {
        let state = state_of(&clock);
        let word = if clock.kind == ClockKind::FirstUpdate {
            "first update"
        } else {
            "next update"
        };
        view! {
            <p class="owes" data-state=move || state_name(state.get())>
                <Left due_at=clock.due_at />{word}
            </p>
        }
    });
    let stands_since = incident.moves.last().map(|m| m.at);
    let stands_for = move || stands_since.map(|at| span(now.get() - at));
    let facts = facts(&incident, &policy.currency);
    let lacks = incident
        .holder(Role::Commander)
        .is_none()
        .then(|| view! { <span class="lacks">"No IC has accepted. "</span> });
    let strip = {
        let incident = Arc::clone(&incident);
        let minute = minute_of(replica);
        memo(move || strip_of(&incident, &policy, minute.get()))
    };
    view! {
        <li>
            {incident.severity().map(|severity| view! { <Sev severity /> })}
            <h3><a href=room_of(&incident)>{incident.title().to_owned()}</a></h3>
            {owes}
            <p class="facts">
                <Stage status=incident.status />" for "{stands_for}". "{lacks}{facts}
            </p>
            {part(move || view! { <Beats strip=strip.get() /> })}
        </li>
    }
}

fn facts(incident: &Incident, currency: &str) -> String {
    let mut facts = vec![incident.number_label()];
    for role in [Role::Commander, Role::Comms] {
        if let Some(holder) = incident.holder(role) {
            facts.push(format!("{} {}", role.short(), holder.name));
        }
    }
    match incident.customers.len() {
        0 => {}
        1 => facts.push("1 customer".to_owned()),
        n => facts.push(format!("{n} customers")),
    }
    let revenue = revenue(&incident.customers, currency);
    if !revenue.is_empty() {
        facts.push(format!("{revenue} a year"));
    }
    if let Some(domain::update::Audience::Named { .. }) =
        incident.declared.as_ref().map(|d| &d.audience)
    {
        facts.push("named customers only".to_owned());
    }
    facts.join(", ")
}

/// `1 240 000 EUR + 21 600 000 JPY`: currencies are not added to each other. Empty for nothing.
#[must_use]
pub(crate) fn revenue(customers: &[Customer], home: &str) -> String {
    let each: Vec<String> = revenues(customers, home)
        .into_iter()
        .map(|(currency, sum)| format!("{} {currency}", grouped(&sum.to_string())))
        .collect();
    each.join(" + ")
}

#[component]
fn Triage(finding: Finding) -> impl IntoView {
    let replica = Replica::here();
    let reports = held(move |_| {
        let mut reports: Vec<Arc<Incident>> = replica.incidents().with(|all| {
            all.values()
                .filter(|i| i.is_to_triage() && finding.takes(i))
                .cloned()
                .collect()
        });
        order::by(&mut reports, |i| {
            [order::at(i.report.as_ref().map(|r| r.received_at)), 0, 0]
        });
        reports
    });
    view! {
        <section data-last=move || finding.is_on().then_some("") aria-labelledby="triage">
            <h2 id="triage">"Reports to triage"</h2>
            {part(move || {
                (finding.is_on() && reports.with(Vec::is_empty)).then(|| view! { <p class="hint">"No report fits."</p> })
            })}
            {part(move || {
                (!finding.is_on() && reports.with(Vec::is_empty)).then(|| view! {
                    <div class="empty"><p>"No report waits. An alert, a customer's call or a hunch starts a 15-minute clock here, to declare or to dismiss."</p></div>
                })
            })}
            <ol class="clocks">
                {list(move || reports.get(), line_key, |incident| view! { <ReportLine incident /> }.into_any())}
            </ol>
            <ReportForm />
        </section>
    }
}

#[component]
fn ReportLine(incident: Arc<Incident>) -> impl IntoView {
    let replica = Replica::here();
    let dismissing = RwSignal::new(false);
    let id = incident.id;
    let clock = clocks(&incident, &replica.policy_of(&incident))
        .into_iter()
        .find(domain::clock::Clock::is_running);
    let (Some(report), Some(clock)) = (incident.report.clone(), clock) else {
        return ().into_any();
    };
    let state = state_of(&clock);
    let at = report.received_at.shown("%H:%M");
    view! {
        <li class="clock" data-state=move || state_name(state.get())>
            <div class="time">
                <Left due_at=clock.due_at />
                {part(move || state_word(state.get()).map(|word| view! { <span class="state-word">{word}</span> }))}
            </div>
            <div class="what">
                <p>{report.what}</p>
                <p class="whose">{format!("{}, {at}, entered by {}", report.source, report.by.name)}</p>
                <p class="actions">
                    <a class="button slim primary" href=format!("/declare/{id}")>"Declare"</a>" "
                    <button class="slim" type="button" on:click=move |_| dismissing.set(true)>"Dismiss"</button>
                </p>
            </div>
            {part(move || dismissing.get().then(|| view! {
                <FormDialog form=dismiss() incident=id on_close=move |()| dismissing.set(false) />
            }))}
        </li>
    }
    .into_any()
}

/// Dismisses a report.
pub(crate) fn dismiss() -> Form {
    Form {
        key: "dismiss".to_owned(),
        title: "Dismiss the report".to_owned(),
        hint: "It stays on the record with the reason.".to_owned(),
        fields: vec![Field::new("reason", "Why it is no incident", Input::Prose)],
        button: "Dismiss".to_owned(),
        make: Arc::new(|v| {
            Ok(Command::DismissReport {
                reason: text(v, "reason").to_owned(),
            })
        }),
    }
}

#[component]
fn ReportForm() -> impl IntoView {
    const WHAT: &str = "report";
    const SOURCE: &str = "report-source";
    let replica = Replica::here();
    let kept = Kept::new(replica.draft_key(WHAT), Values::new(), Extend::extend);
    let refusal = RwSignal::new(None::<Refusal>);
    let me = replica.me().name;
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let typed = kept.values.get_untracked();
        let command = Command::Report {
            what: text(&typed, WHAT).to_owned(),
            source: optional(&typed, SOURCE).unwrap_or_else(|| me.clone()),
        };
        match replica.send(new_incident_id(), command) {
            Ok(_) => {
                kept.values.update(Values::clear);
                kept.forget();
                refusal.set(None);
            }
            Err(why) => refusal.set(Some(why)),
        }
    };
    let what = Line {
        placeholder: Some("What seems wrong?"),
        ..REQUIRED
    };
    view! {
        <form class="report" inert=crate::DRAWN_BY_SERVER on:submit=submit>
            {part(move || refusal.get().map(|refusal| view! { <RefusalNotice refusal /> }))}
            <p class="field"><label for=WHAT>"Report something"</label>{kept.line(WHAT, what)}</p>
            <p class="field">
                <label for=SOURCE>"Who says so "<span class="hint">"if not you"</span></label>
                {kept.line(SOURCE, Line::default())}
            </p>
            <button>"Report"</button>
        </form>
    }
}
