//! A newer table of time zones, taken up by one press: it comes with the program, and the policy has the shifts of
//! the table that it was saved with.

use super::edit::new_id;
use crate::http::Site;
use crate::http::accounts::frame::notice;
use crate::http::client_address::ClientAddress;
use crate::http::fault::Fault;
use crate::http::screens::wrong;
use crate::http::session::{Administrator, see_other};
use crate::zone::differing;
use app::api::Outcome;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::response::Response;
use domain::{Command, Envelope, IncidentId, Policy};
use leptos::prelude::*;
use serde::Deserialize;
use std::sync::Arc;

const REASON: &str = "Took up the table of time zones of this program";

/// The version that its author saw.
#[derive(Deserialize)]
pub(super) struct Seen {
    version: u32,
}

/// What is told on the page of the policy; none when the table is the same.
pub(super) fn told(policy: &Policy, may_change: bool) -> Option<AnyView> {
    differing(&policy.zone)?;
    let text = format!(
        "This program has another table of time zones than the one that this policy was saved with. Business days in {} are counted by the old one until the new one is taken up.",
        policy.zone.name
    );
    let (version, ask) = (
        policy.version.to_string(),
        " Ask an administrator to do that.",
    );
    let press = may_change.then(|| {
        view! {
            <form method="post" action="/policy/zone">
                <input type="hidden" name="version" value=version />
                <p class="actions"><button>"Take up the new table"</button></p>
            </form>
        }
    });
    let text = if may_change { text } else { text + ask };
    Some(view! { {notice("conflict", text)}{press} }.into_any())
}

/// Puts a version in force that differs by the shifts of the zone alone. Pressed again, or after somebody else
/// changed the policy, it does nothing: the page shows how it stands.
pub(super) async fn take_up(
    State(site): State<Arc<Site>>,
    Administrator(who): Administrator,
    ClientAddress(from): ClientAddress,
    seen: Result<Form<Seen>, FormRejection>,
) -> Result<Response, Fault> {
    let Form(Seen { version }) = seen?;
    let policy = site.log.policy();
    let Some(zone) = differing(&policy.zone).filter(|_| policy.version == version) else {
        return Ok(see_other("/policy"));
    };
    let envelope = Envelope {
        id: new_id(),
        incident: IncidentId::SETTINGS,
        made_at: site.clock.now(),
        command: Command::ChangePolicy {
            policy: Box::new(Policy {
                zone,
                ..Policy::clone(&policy)
            }),
            reason: REASON.to_owned(),
            after_version: version,
        },
    };
    let answers = site.log.push_from(who.to_ref(), &from, vec![envelope]);
    match answers.await.map_err(wrong)?.pop().map(|a| a.outcome) {
        Some(Outcome::Refused { refusal }) if site.log.policy().version == version => {
            tracing::warn!(%refusal, "the table of time zones was not taken up");
            Err(Fault::BadRequest(
                "Open the form of the policy and save it; it says what is in the way.",
            ))
        }
        Some(_) => Ok(see_other("/policy")),
        None => Err(Fault::internal("the log gave no answer")),
    }
}
