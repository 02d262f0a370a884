//! A new version of the policy, by an administrator.

use super::approvals::Known;
use super::form::{Shown, draw};
use super::history;
use super::meanwhile::merge;
use super::typed::{Typed, Wrong};
use super::{approvals, fields};
use crate::http::Site;
use crate::http::client_address::ClientAddress;
use crate::http::fault::Fault;
use crate::http::screens::wrong;
use crate::http::session::{Administrator, see_other};
use app::api::Outcome;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use domain::{Command, CommandId, Envelope, IncidentId, Person, Policies, Policy};
use std::sync::Arc;
use uuid::Uuid;

pub(super) async fn form(
    State(site): State<Arc<Site>>,
    Administrator(who): Administrator,
) -> Result<Html<String>, Fault> {
    let policy = site.log.policy();
    let typed = fields::write(&policy).map_err(Fault::internal)?;
    Ok(draw(&who, &shown(&site, &policy, typed)))
}

pub(super) async fn save(
    State(site): State<Arc<Site>>,
    Administrator(who): Administrator,
    ClientAddress(from): ClientAddress,
    entry: Result<Form<Typed>, FormRejection>,
) -> Result<Response, Fault> {
    let Form(typed) = entry?;
    let version = typed.text("version").parse().ok();
    let after_version: u32 =
        version.ok_or(Fault::BadRequest("Send what the form of this page sends."))?;
    let policy = site.log.policy();
    if policy.version != after_version {
        return changed_meanwhile(&site, &who, after_version, &typed).await;
    }
    let again = async |wrongs: Vec<Wrong>| -> Result<Response, Fault> {
        let shown = shown(&site, &policy, typed.clone());
        let page = draw(&who, &Shown { wrongs, ..shown });
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    let people = site.log.people().now();
    let wanted = match fields::read(&policy, &typed, &people.here().all) {
        Ok(wanted) => wanted,
        Err(wrongs) => return again(wrongs).await,
    };
    let envelope = Envelope {
        id: new_id(),
        incident: IncidentId::SETTINGS,
        made_at: site.clock.now(),
        command: Command::ChangePolicy {
            policy: Box::new(wanted),
            reason: typed.text("reason").to_owned(),
            after_version,
        },
    };
    let answers = site
        .log
        .push_from(who.to_ref(), &from, vec![envelope])
        .await;
    match answers.map_err(wrong)?.pop().map(|a| a.outcome) {
        Some(Outcome::Accepted) => Ok(see_other("/policy")),
        Some(Outcome::Refused { .. }) if site.log.policy().version != after_version => {
            changed_meanwhile(&site, &who, after_version, &typed).await
        }
        Some(Outcome::Refused { refusal }) => again(vec![fields::refused(&refusal)]).await,
        None => Err(Fault::internal("the log gave no answer")),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a form without script has no author's clock: its id is made here"
)]
pub(super) fn new_id() -> CommandId {
    CommandId(Uuid::now_v7())
}

fn shown(site: &Site, policy: &Policy, typed: Typed) -> Shown {
    let known = Known::of(&site.log.people().now());
    Shown {
        typed,
        eligible: approvals::eligible(&known.here, &policy.credit_matrix),
        known,
        ..Shown::default()
    }
}

/// The form again, on top of what others put in force while it was written.
async fn changed_meanwhile(
    site: &Site,
    who: &Person,
    from: u32,
    typed: &Typed,
) -> Result<Response, Fault> {
    let policies = site.log.policies();
    let policy = policies.current();
    let people = site.log.people().now();
    // A version that nobody knows, after a backup was restored: all that differs is its author's.
    let base = version(&policies, from).unwrap_or_else(|| Arc::clone(&policy));
    let merged = merge(&base, &policy, typed, &people.here().all).map_err(Fault::internal)?;
    let changes = history::read(site).await?;
    let theirs = changes
        .iter()
        .filter(|c| c.version > from && c.version <= policy.version);
    let mut told: Vec<String> = theirs
        .map(|c| {
            let at = c.at.format("%H:%M");
            format!(
                "{} put version {} in force at {at} UTC while you were writing: “{}”",
                c.by, c.version, c.reason
            )
        })
        .collect();
    told.push(format!("The form below is version {} with what you changed in it. Nothing of yours was put in force yet: read it, then send it again.", policy.version));
    if !merged.both.is_empty() {
        told.push(format!(
            "Both of you changed this, and yours stands below: {}.",
            merged.both.join("; ")
        ));
    }
    let shown = shown(site, &policy, merged.typed);
    let page = draw(who, &Shown { told, ..shown });
    Ok((StatusCode::CONFLICT, page).into_response())
}

fn version(policies: &Policies, version: u32) -> Option<Arc<Policy>> {
    let all = policies.versions().iter();
    all.rev().find(|p| p.version == version).cloned()
}
