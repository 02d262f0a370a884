//! Declare: five taps and a title; or join a report to an incident that is open, or dismiss it
//! (RUNBOOK §2).

mod report;
mod typed;

use crate::parts::dynamic::part;
use crate::parts::focus;
use crate::parts::kept::{Line, REQUIRED, TIME};
use crate::parts::memo::{Memo, memo};
use crate::parts::notice::RefusalNotice;
use crate::parts::readers::CustomerPicker;
use crate::parts::severity::Sev;
use crate::parts::when::hm;
use crate::replica::held::held;
use crate::replica::{Replica, new_incident_id};
use crate::route::Address;
use domain::command::Details;
use domain::policy::minutes;
use domain::triage::{Risk, Users, YesNo, propose};
use domain::{Command, Incident, Refusal, Severity};
use leptos::prelude::*;
use markup::view;
use report::{Answers, Decided, Otherwise, decision};
use std::sync::Arc;
use typed::{BEGAN_AT, BEGAN_LINE, NUMBER, TITLE, Typed};

/// The form that opens an incident, from a report or from nothing.
#[component]
pub fn Declare(
    /// The report's id; empty for none.
    report: String,
) -> impl IntoView {
    let replica = Replica::here();
    let key = replica.draft_key(&format!("declare/{report}"));
    let is_report = !report.is_empty();
    let report = held(move |_| replica.find(&report));
    let waits = memo(move || report.with(|r| r.as_ref().is_some_and(|r| r.is_to_triage())));
    // Another incident, with what was written for a report that somebody else has decided on.
    let anew = RwSignal::new(false);
    let is_decided = memo(move || is_report && !waits.get() && !anew.get());
    let decided = memo(move || {
        let decided = || report.with(|r| decision(r.as_deref()));
        is_decided.get().then(decided)
    });
    let kept = key.clone();
    view! {
        <main class="page narrow" id="main">
            {part(move || decided.get().map(|decision| view! { <Decided decision key=kept.clone() anew /> }))}
            {part(move || report.get().filter(|_| waits.get()).map(|report| {
                view! { <Answers incident=Arc::clone(&report) /><Otherwise report /> }
            }))}
            {part(move || (!is_decided.get()).then(|| {
                let report = report.get_untracked().filter(|r| r.is_to_triage());
                view! {
                    <div class="page-head"><h1>"Declare an incident"</h1></div>
                    <DeclareForm report key=key.clone() />
                }
            }))}
        </main>
    }
}

#[component]
fn DeclareForm(
    report: Option<Arc<Incident>>,
    /// Under which the device keeps what is typed.
    key: String,
) -> impl IntoView {
    let replica = Replica::here();
    let policy = replica.policy();
    let title = report.as_ref().map(|r| r.title().to_owned());
    let typed = Typed::new(key, title.unwrap_or_default());
    let policy_here = Arc::clone(&policy);
    let proposal = memo(move || propose(&typed.triage(), &policy_here));
    // What a person taps stays; until then it is what the matrix proposes, or the worst.
    let severity = memo(move || {
        let proposed = proposal.with(|p| p.as_ref().map(|p| p.severity));
        typed.severity().or(proposed).unwrap_or(Severity::Sev1)
    });
    let differs =
        memo(move || proposal.with(|p| p.as_ref().is_some_and(|p| p.severity != severity.get())));
    let refusal = RwSignal::new(None::<Refusal>);
    let is_named = memo(move || !typed.text("named").is_empty());
    let address = Address::here();
    let id = report.as_ref().map(|r| r.id);
    // Somebody else may decide while one writes: the form goes, and the cursor with it.
    on_cleanup(focus::begin);

    let components = policy.components.clone();
    let declare = move || {
        let now = replica.server_now();
        let detected_at = typed.time("When we noticed", "noticed").transpose();
        if !typed.text("percent").trim().is_empty() && typed.triage().percent.is_none() {
            return Err(Refusal::invalid(
                "Users hit",
                "needs a whole number of percent",
            ));
        }
        let impact_began_at = typed.began_at(now)?;
        let command = Command::Declare {
            title: typed.text("title"),
            severity: severity.get(),
            customer_sees: typed.text("sees"),
            impact_began_at,
            components: typed.chosen(&components),
            audience: typed.audience(),
            details: Details {
                triage: typed.triage(),
                other_severity: Some(typed.text("other-severity")),
                detected_at: detected_at?,
                hypothesis: Some(typed.text("guess")),
            },
        };
        let incident = id.unwrap_or_else(new_incident_id);
        replica.send(incident, command).map(|_| incident)
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        match untrack(&declare) {
            Ok(incident) => {
                typed.forget();
                address.go(&format!("/incidents/{incident}"));
            }
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
    let start_over = move |_| {
        typed.start_over();
        focus::to("title");
    };
    view! {
        <form class="form" inert=crate::DRAWN_BY_SERVER on:submit=submit>
            {part(move || refusal.get().map(|refusal| view! { <RefusalNotice refusal /> }))}
            {part(move || typed.is_back().then(|| view! {
                <p class="hint">"What you wrote before is here again. "
                    <button class="slim" type="button" on:click=start_over>"Start over"</button></p>
            }))}
            <p class="field">
                <label for="title">"Title"</label>
                {typed.line("title", TITLE)}
            </p>
            <section class="questions" aria-label="Five questions">{questions(typed)}</section>
            <fieldset class="field">
                <legend>"Severity "<span class="hint">"unsure means the higher one"</span></legend>
                <div class="tiles">{tiles(severity, typed)}</div>
                <p class="proposal" role="status">
                    {part(move || proposal.with(|p| p.as_ref().map(|p| format!("The matrix proposes {}: {}.", p.severity.label(), p.rule))))}
                </p>
            </fieldset>
            {part(move || differs.get().then(|| view! {
                <p class="field">
                    <label for="other-severity">"Why another severity"</label>
                    {typed.line("other-severity", REQUIRED)}
                </p>
            }))}
            <p class="field">
                <label for="sees">"What the customer sees"</label>
                <textarea id="sees" rows="2" required prop:value=move || typed.text("sees")
                    on:input=move |e| typed.take("sees", event_target_value(&e))></textarea>
            </p>
            <fieldset class="field">
                <legend>"When it began"</legend>
                <div class="chips">
                    {began_chips(typed)}
                    <span class="with-unit">
                        <label class="hint" for="began-at">"or at"</label>
                        {typed.line(BEGAN_AT, BEGAN_LINE)}
                        " "<span id="began-utc">"UTC"{typed.day(BEGAN_AT)}</span>
                    </span>
                </div>
            </fieldset>
            <fieldset class="field">
                <legend>"Components affected"</legend>
                <div class="chips">{component_chips(policy.components.clone(), typed)}</div>
            </fieldset>
            <fieldset class="field">
                <legend>"Who will read the updates"</legend>
                <div class="chips">
                    {typed.radio("named", String::new(), "Public page")}
                    {typed.radio("named", "yes".to_owned(), "Named customers only")}
                </div>
            </fieldset>
            {part(move || is_named.get().then(|| view! { <CustomerPicker choosing=typed.choosing() /> }))}
            <details class="field more">
                <summary>"More, if you know it already"</summary>
                <p class="field">
                    <label for="noticed">"When we noticed, UTC"{typed.day("noticed")}" "<span class="hint">"the first report, if left empty"</span></label>
                    {typed.line("noticed", TIME)}
                </p>
                <p class="field">
                    <label for="guess">"First guess at the cause"</label>
                    {typed.line("guess", Line::default())}
                </p>
            </details>
            <div class="declare-foot">
                <p class="quiet">{promise}</p>
                <button class="primary">{part(move || format!("Declare {}", severity.get().label()))}</button>
            </div>
        </form>
    }
}

/// The five questions. An answer is kept by its label: a list may change.
fn questions(typed: Typed) -> Vec<AnyView> {
    let percent = view! {
        <span class="with-unit">
            <label class="hint" for="percent">"or exactly"</label>
            {typed.line("percent", NUMBER)}
            " %"
        </span>
    }
    .into_any();
    let users = Users::ALL.iter().map(|r| r.label()).collect();
    let risks = || Risk::ALL.iter().map(|r| r.label()).collect();
    let yes_no = || YesNo::ALL.iter().map(|r| r.label()).collect();
    let one = |legend, name, answers| question(typed, legend, name, answers, None);
    vec![
        question(typed, "Users hit", "users", users, Some(percent)),
        one("Data at risk", "data", risks()),
        one("Signs of an attack", "security", risks()),
        one("Executives watching", "executive", yes_no()),
        one("Strategic customer hit", "strategic", yes_no()),
    ]
}

fn question(
    typed: Typed,
    legend: &'static str,
    name: &'static str,
    answers: Vec<&'static str>,
    beside: Option<AnyView>,
) -> AnyView {
    let chips = answers
        .into_iter()
        .map(|label| typed.radio(name, label.to_owned(), label))
        .collect_view();
    view! { <fieldset class="field"><legend>{legend}</legend><div class="chips">{chips}{beside}</div></fieldset> }
        .into_any()
}

fn tiles(chosen: Memo<Severity>, typed: Typed) -> AnyView {
    Severity::ALL
        .into_iter()
        .map(|severity| {
            view! {
                <label class="tile">
                    <input type="radio" name="severity" prop:checked=move || chosen.get() == severity
                        on:change=move |_| typed.take("severity", severity.label().to_owned()) />
                    " "<Sev severity />" "<span class="meaning">{severity.meaning()}</span>
                </label>
            }
        })
        .collect_view()
        .into_any()
}

fn began_chips(typed: Typed) -> AnyView {
    [
        ("0", "now"),
        ("5", "5 min ago"),
        ("15", "15 min"),
        ("30", "30 min"),
    ]
    .into_iter()
    .map(|(min, label)| typed.radio("began", min.to_owned(), label))
    .collect_view()
    .into_any()
}

fn component_chips(all: Vec<String>, typed: Typed) -> AnyView {
    all.into_iter()
        .map(|name| {
            let (shown, toggled) = (name.clone(), name.clone());
            view! {
                <label class="chip">
                    <input type="checkbox" prop:checked=move || typed.has(&shown) on:change=move |_| typed.toggle(&toggled) />
                    " "{name}
                </label>
            }
        })
        .collect_view()
        .into_any()
}
