//! Adding and changing one account, by administrators.

use super::card;
use super::form::{self, Form as Shown};
use crate::http::Site;
use crate::http::client_address::ClientAddress;
use crate::http::fault::Fault;
use crate::http::session::{Administrator, see_other};
use crate::store::{Deed, KeptAccount, PutAccount};
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use domain::account::{Account, Field, Typed};
use domain::{AccountId, Person};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

type Entry = Result<Form<HashMap<String, String>>, FormRejection>;

/// The empty form.
pub(super) async fn blank(Administrator(who): Administrator) -> Html<String> {
    form::draw(&who, shown(None, Typed::default()))
}

/// What somebody comes with to the form, from an incident.
#[derive(Deserialize)]
pub(super) struct Comes {
    deal_stage: Option<String>,
}

/// The form of an account that there is. What somebody comes with stands in it and is not saved yet.
pub(super) async fn show(
    State(site): State<Arc<Site>>,
    Administrator(who): Administrator,
    Path(id): Path<String>,
    comes: Result<Query<Comes>, QueryRejection>,
) -> Result<Html<String>, Fault> {
    let kept = card::account(&site, &id).await?;
    let known = Field::ALL.map(|field| (field, kept.account.plain(field)));
    let mut form = shown(Some(&kept), Typed(known.into()));
    let new = comes.ok().and_then(|Query(comes)| comes.deal_stage);
    if let Some(new) = new.filter(|new| *new != kept.account.plain(Field::DealStage)) {
        form.typed.0.insert(Field::DealStage, new);
        let told = "The deal stage below comes from the incident. Save to keep it on the account.";
        form.told = Some(("kept", told.to_owned()));
    }
    Ok(form::draw(&who, form))
}

/// Adds an account.
pub(super) async fn add(
    State(site): State<Arc<Site>>,
    Administrator(who): Administrator,
    ClientAddress(from): ClientAddress,
    entry: Entry,
) -> Result<Response, Fault> {
    let (typed, _) = typed(entry)?;
    put(&site, &who, from, None, 0, typed).await
}

/// Changes an account.
pub(super) async fn save(
    State(site): State<Arc<Site>>,
    Administrator(who): Administrator,
    Path(id): Path<String>,
    ClientAddress(from): ClientAddress,
    entry: Entry,
) -> Result<Response, Fault> {
    let kept = card::account(&site, &id).await?;
    let (typed, version) = typed(entry)?;
    put(&site, &who, from, Some(kept), version, typed).await
}

/// What the form says, and the version that its author saw.
fn typed(entry: Entry) -> Result<(Typed, u64), Fault> {
    let Form(mut entry) = entry?;
    let version = entry.get("version").and_then(|v| v.parse().ok());
    let version = version.ok_or(Fault::BadRequest("Send what the form of this page sends."))?;
    let mut typed = Typed::default();
    for field in Field::ALL {
        // A box that is not ticked is not sent.
        let text = entry.remove(field.column()).unwrap_or_default();
        typed.0.insert(field, text);
    }
    Ok((typed, version))
}

/// Writes what the form says, or shows it again with every word and what stands in the way.
async fn put(
    site: &Site,
    who: &Person,
    from: String,
    kept: Option<KeptAccount>,
    version: u64,
    typed: Typed,
) -> Result<Response, Fault> {
    let mut form = shown(kept.as_ref(), typed.clone());
    if kept.as_ref().is_some_and(|kept| kept.version != version) {
        form.told = kept
            .as_ref()
            .map(|kept| ("conflict", changed_meanwhile(kept)));
        return Ok((StatusCode::CONFLICT, form::draw(who, form)).into_response());
    }
    let id = kept.as_ref().map_or_else(new_id, |kept| kept.account.id);
    let account = match Account::read(id, &typed, None) {
        Ok(account) => account,
        Err(problems) => {
            form.problems = problems;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, form::draw(who, form)).into_response());
        }
    };
    let name = account.name.clone();
    let put = PutAccount {
        account,
        replaces: version,
    };
    let deed = Deed::new(who.to_ref(), site.clock.now(), from);
    if site.store.put_accounts(&[put], &deed).await? {
        site.log.links().rename([(id, name)]);
        return Ok(see_other(&format!("/accounts/{id}")));
    }
    form.told = Some(("conflict", in_the_way(site, &name, id).await?));
    Ok((StatusCode::CONFLICT, form::draw(who, form)).into_response())
}

/// Why the store did not take it.
async fn in_the_way(site: &Site, name: &str, id: AccountId) -> Result<String, Fault> {
    let other = site.store.account_by_name(name).await?;
    Ok(match other.filter(|other| other.account.id != id) {
        Some(other) => format!(
            "There is an account “{}” already. Give this one another name, or edit that one.",
            other.account.name
        ),
        None => {
            "Somebody changed it just now. Save again to put your words over theirs.".to_owned()
        }
    })
}

fn changed_meanwhile(kept: &KeptAccount) -> String {
    format!(
        "{} changed this account at {} UTC while you were writing. What you wrote stands below; save again to put it over theirs.",
        kept.changed_by,
        kept.changed_at.format("%H:%M")
    )
}

fn shown(kept: Option<&KeptAccount>, typed: Typed) -> Shown {
    let (title, action, version) = match kept {
        Some(kept) => (
            format!("Edit {}", kept.account.name),
            format!("/accounts/{}/edit", kept.account.id),
            kept.version,
        ),
        None => ("New account".to_owned(), "/accounts/new".to_owned(), 0),
    };
    Shown {
        title,
        action,
        version,
        typed,
        problems: Vec::new(),
        told: None,
    }
}

/// A new account's id.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge where the id of an account is made"
)]
pub(super) fn new_id() -> AccountId {
    AccountId(Uuid::now_v7())
}
