//! A new version of the policy, by an administrator.

use super::fields::{LINES, LISTS, NUMBERS, SWITCHES, read, text};
use crate::http::Site;
use crate::http::accounts::frame::{notice, page};
use crate::http::fault::Fault;
use crate::http::session::{Administrator, see_other};
use app::api::Outcome;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use domain::{Command, CommandId, Envelope, IncidentId, Person, Policy};
use leptos::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

type Typed = HashMap<String, String>;

pub(super) async fn form(
    State(site): State<Arc<Site>>,
    Administrator(who): Administrator,
) -> Result<Html<String>, Fault> {
    let policy = site.log.policy();
    Ok(draw(&who, as_typed(&policy)?, None))
}

pub(super) async fn save(
    State(site): State<Arc<Site>>,
    Administrator(who): Administrator,
    entry: Result<Form<Typed>, FormRejection>,
) -> Result<Response, Fault> {
    let Form(typed) = entry?;
    let version = typed.get("version").and_then(|v| v.parse().ok());
    let after_version =
        version.ok_or(Fault::BadRequest("Send what the form of this page sends."))?;
    let again = |status: StatusCode, why: String| {
        (status, draw(&who, typed.clone(), Some(why))).into_response()
    };
    let policy = match read(&site.log.policy(), &typed) {
        Ok(policy) => policy,
        Err(why) => return Ok(again(StatusCode::UNPROCESSABLE_ENTITY, why.to_string())),
    };
    let envelope = Envelope {
        id: new_id(),
        incident: IncidentId::SETTINGS,
        made_at: site.clock.now(),
        command: Command::ChangePolicy {
            policy: Box::new(policy),
            reason: typed.get("reason").cloned().unwrap_or_default(),
            after_version,
        },
    };
    let answers = site.log.push(who.to_ref(), vec![envelope]).await;
    match answers.map_err(Fault::internal)?.pop().map(|a| a.outcome) {
        Some(Outcome::Accepted) => Ok(see_other("/policy")),
        Some(Outcome::Refused { refusal }) => {
            Ok(again(StatusCode::UNPROCESSABLE_ENTITY, refusal.to_string()))
        }
        None => Err(Fault::internal("the log gave no answer")),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a form without script has no author's clock: its id is made here"
)]
fn new_id() -> CommandId {
    CommandId(Uuid::now_v7())
}

/// The policy as the form shows it.
fn as_typed(policy: &Policy) -> Result<Typed, Fault> {
    let value = serde_json::to_value(policy).map_err(Fault::internal)?;
    let places = NUMBERS
        .iter()
        .map(|n| n.at)
        .chain(LINES.iter().map(|l| l.0))
        .chain(LISTS.iter().map(|l| l.0))
        .chain(SWITCHES.iter().map(|s| s.0));
    let mut typed: Typed = places.map(|at| (at.to_owned(), text(&value, at))).collect();
    typed.insert("version".to_owned(), policy.version.to_string());
    Ok(typed)
}

fn draw(who: &Person, typed: Typed, refused: Option<String>) -> Html<String> {
    let said = move |at: &str| typed.get(at).cloned().unwrap_or_default();
    page("Change the policy", who, move || {
        let numbers = NUMBERS
            .map(|n| field(n.at, n.label, n.unit, "number", said(n.at)))
            .into_iter()
            .collect_view();
        let lines = LINES
            .map(|(at, label, hint)| field(at, label, hint, "text", said(at)))
            .into_iter()
            .collect_view();
        let lists = LISTS
            .map(|(at, label, hint)| {
                view! {
                    <p class="field"><label for=at>{label}" "<span class="hint">{format!("one per line; {hint}")}</span></label>
                        <textarea id=at name=at rows="4" inner_html=crate::http::escaped(&said(at))></textarea></p>
                }
            })
            .into_iter()
            .collect_view();
        let switches = SWITCHES
            .map(|(at, label)| {
                view! { <label class="chip"><input type="checkbox" name=at value="on" checked=said(at) == "on" />" "{label}</label> }
            })
            .into_iter()
            .collect_view();
        view! {
            <div class="page-head"><h1>"Change the policy"</h1><a class="button plain" href="/policy">"Close"</a></div>
            <p class="quiet">"It becomes a new version. Incidents that are declared already keep theirs."</p>
            {refused.map(|why| notice("refused", why))}
            <form class="form" method="post" action="/policy/edit">
                <input type="hidden" name="version" value=said("version") />
                <div class="fields">{numbers}</div>
                <fieldset class="field"><legend>"Approvals"</legend><div class="chips">{switches}</div></fieldset>
                <div class="fields">{lines}</div>
                {lists}
                {field("reason", "What changes and why", "", "text", said("reason"))}
                <p class="actions"><button class="primary">"Put it in force"</button></p>
            </form>
        }
    })
}

fn field(
    at: &'static str,
    label: &'static str,
    hint: &'static str,
    kind: &'static str,
    value: String,
) -> AnyView {
    view! {
        <p class="field"><label for=at>{label}" "<span class="hint">{hint}</span></label>
            <input id=at name=at type=kind value=value autocomplete="off" /></p>
    }
    .into_any()
}
