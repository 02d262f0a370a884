//! Adding and changing one account, by administrators.

use super::card;
use super::form::{self, Form as Shown};
use crate::http::Site;
use crate::http::client_address::ClientAddress;
use crate::http::fault::Fault;
use crate::http::merge::{self, Merged, SEEN, merged};
use crate::http::session::{Administrator, see_other};
use crate::store::{Deed, KeptAccount, PutAccount};
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use domain::account::{Account, Field, Problem, Typed};
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
    let mut form = shown(Some(&kept), plain(&kept));
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
    let Sent { typed, .. } = sent(entry)?;
    let deed = Deed::new(who.to_ref(), site.clock.now(), from);
    let form = shown(None, typed.clone());
    Ok(match put(&site, new_id(), &typed, 0, &deed).await? {
        Written::Done(answer) => answer,
        Written::Wrong(problems) => unread(&who, form, problems),
        Written::NameTaken(told) => conflict(&who, form, told),
        Written::Stale => conflict(&who, form, STALE.to_owned()),
    })
}

/// Changes an account: what its author changed, over what is kept by now.
pub(super) async fn save(
    State(site): State<Arc<Site>>,
    Administrator(who): Administrator,
    Path(id): Path<String>,
    ClientAddress(from): ClientAddress,
    entry: Entry,
) -> Result<Response, Fault> {
    let sent = sent(entry)?;
    let deed = Deed::new(who.to_ref(), site.clock.now(), from);
    let mut form = shown(None, sent.typed.clone());
    // Somebody may save at this very moment: then what they changed is looked at again.
    for _ in 0..TRIES {
        let kept = card::account(&site, &id).await?;
        let (typed, met) = sent.over(&kept);
        form = shown(Some(&kept), typed.clone());
        if !met.is_empty() {
            let what = format!(
                "{} changed this account at {} UTC",
                kept.changed_by,
                kept.changed_at.format("%H:%M")
            );
            let fields = met.into_iter().map(|f| (f.label(), kept.account.plain(f)));
            let told = merge::met(&what, &fields.collect::<Vec<_>>());
            return Ok(conflict(&who, form, told));
        }
        match put(&site, kept.account.id, &typed, kept.version, &deed).await? {
            Written::Done(answer) => return Ok(answer),
            Written::Wrong(problems) => return Ok(unread(&who, form, problems)),
            Written::NameTaken(told) => return Ok(conflict(&who, form, told)),
            Written::Stale => {}
        }
    }
    Ok(conflict(&who, form, STALE.to_owned()))
}

/// How often a save is tried again when others save at the same moment.
const TRIES: usize = 3;
const STALE: &str = "Somebody is changing it at this moment. Save again.";

/// What a form sends.
struct Sent {
    typed: Typed,
    /// What its author saw; a field that is not in it was not said.
    seen: Typed,
    version: u64,
}

impl Sent {
    /// What is to be kept, and the fields that others changed as well; in those its author's words stand.
    fn over(&self, kept: &KeptAccount) -> (Typed, Vec<Field>) {
        let (mut typed, mut met) = (Typed::default(), Vec::new());
        let unchanged = (self.version == kept.version).then(|| plain(kept));
        let mut fields = Field::ALL.map(|field| {
            let mine = self.typed.0.get(&field).cloned().unwrap_or_default();
            let now = kept.account.plain(field);
            let seen = self.seen.0.get(&field);
            let seen = seen.or_else(|| unchanged.as_ref()?.0.get(&field));
            let mine_as_kept = as_kept(field, &mine);
            let merged = merged(seen.map(String::as_str), &now, &mine_as_kept);
            let is_apart = mine_as_kept != now;
            (field, mine, now, merged, is_apart)
        });
        // An amount is one in its currency: of two people one changes the amounts or the other the currency.
        let of_money = |wanted: fn(Merged) -> bool| {
            fields.iter().any(|(field, .., merged, is_apart)| {
                MONEY.contains(field) && *is_apart && wanted(*merged)
            })
        };
        if of_money(|m| m == Merged::Theirs) && of_money(|m| m != Merged::Theirs) {
            for (field, .., merged, is_apart) in &mut fields {
                if MONEY.contains(field) && *is_apart {
                    *merged = Merged::Both;
                }
            }
        }
        for (field, mine, now, merged, _) in fields {
            let text = match merged {
                Merged::Theirs => now,
                Merged::Mine => mine,
                Merged::Both => {
                    met.push(field);
                    mine
                }
            };
            typed.0.insert(field, text);
        }
        (typed, met)
    }
}

/// Fields that mean nothing without one another.
const MONEY: [Field; 3] = [Field::Currency, Field::AnnualRevenue, Field::MonthlyFee];

/// What is typed in the way in which [`Account::plain`] tells it, line ends apart.
fn as_kept(field: Field, typed: &str) -> String {
    match field {
        Field::Strategic => if typed == "yes" { "yes" } else { "no" }.to_owned(),
        Field::Contacts | Field::Sla => {
            let lines: Vec<&str> = typed.lines().map(str::trim).collect();
            lines.join(" | ").trim_matches([' ', '|']).to_owned()
        }
        _ => typed.trim().to_owned(),
    }
}

fn plain(kept: &KeptAccount) -> Typed {
    Typed(
        Field::ALL
            .map(|field| (field, kept.account.plain(field)))
            .into(),
    )
}

fn sent(entry: Entry) -> Result<Sent, Fault> {
    let Form(mut entry) = entry?;
    let version = entry.get("version").and_then(|v| v.parse().ok());
    let version = version.ok_or(Fault::BadRequest("Send what the form of this page sends."))?;
    let (mut typed, mut seen) = (Typed::default(), Typed::default());
    for field in Field::ALL {
        // A box that is not ticked is not sent.
        let text = entry.remove(field.column()).unwrap_or_default();
        typed.0.insert(field, text);
        if let Some(text) = entry.remove(&format!("{SEEN}{}", field.column())) {
            seen.0.insert(field, text);
        }
    }
    Ok(Sent {
        typed,
        seen,
        version,
    })
}

/// What became of what was to be kept.
enum Written {
    Done(Response),
    Wrong(Vec<Problem>),
    NameTaken(String),
    /// Somebody changed it since it was read.
    Stale,
}

async fn put(
    site: &Site,
    id: AccountId,
    typed: &Typed,
    replaces: u64,
    deed: &Deed,
) -> Result<Written, Fault> {
    let account = match Account::read(id, typed, None) {
        Ok(account) => account,
        Err(problems) => return Ok(Written::Wrong(problems)),
    };
    let name = account.name.clone();
    let put = PutAccount { account, replaces };
    if site.log.put_accounts(vec![put], deed.clone()).await? {
        return Ok(Written::Done(see_other(&format!("/accounts/{id}"))));
    }
    let other = site.store.account_by_name(&name).await?;
    Ok(match other.filter(|other| other.account.id != id) {
        Some(other) => Written::NameTaken(format!(
            "There is an account “{}” already. Give this one another name, or edit that one.",
            other.account.name
        )),
        None => Written::Stale,
    })
}

fn unread(who: &Person, form: Shown, problems: Vec<Problem>) -> Response {
    let form = Shown { problems, ..form };
    (StatusCode::UNPROCESSABLE_ENTITY, form::draw(who, form)).into_response()
}

fn conflict(who: &Person, form: Shown, told: String) -> Response {
    let told = Some(("conflict", told));
    let form = Shown { told, ..form };
    (StatusCode::CONFLICT, form::draw(who, form)).into_response()
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
        seen: kept.map(plain).unwrap_or_default(),
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
