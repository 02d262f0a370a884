//! One person, for administrators: added, changed, given a link to choose a password by.

use super::form::{self, Problem, Typed};
use super::list::looks_like;
use super::{LAST, LINK_DAYS, moment};
use crate::http::Site;
use crate::http::accounts::frame::{notice, page};
use crate::http::client_address::ClientAddress;
use crate::http::fault::Fault;
use crate::http::merge;
use crate::http::session::{Administrator, NOT_YOURS, Token, see_other};
use crate::http::share;
use crate::store::{Account, Deed, Invite, KeptPerson, Put};
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use chrono::Duration;
use domain::{Person, PersonId, Time};
use leptos::prelude::*;
use std::sync::Arc;
use uuid::Uuid;

type Entry = Result<Form<Typed>, FormRejection>;

/// The empty form.
pub(super) async fn blank(Administrator(who): Administrator) -> Html<String> {
    new(&who, Typed::default(), &[])
}

/// Adds somebody. The answer holds their link, once: it is not led on to another page.
pub(super) async fn add(
    State(site): State<Arc<Site>>,
    Administrator(who): Administrator,
    ClientAddress(from): ClientAddress,
    entry: Entry,
) -> Result<Response, Fault> {
    let Form(typed) = entry?;
    let mut person = Person {
        id: new_id(),
        name: String::new(),
        title: String::new(),
        administrator: false,
    };
    let again = |problems: &[Problem]| {
        let page = new(&who, typed.clone(), problems);
        (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
    };
    let email = match typed.read(&mut person) {
        Ok(email) => email,
        Err(problems) => return Ok(again(&problems)),
    };
    let (token, invite) = invite(&site, person.id)?;
    let deed = Deed::new(who.to_ref(), site.clock.now(), from);
    let account = Account {
        person: person.clone(),
        email,
        password_hash: None,
    };
    let ends = invite.expires_at;
    match site.log.people().add(account, invite, deed).await? {
        Put::Done => Ok(handed_out(&site, &who, &person, &token, ends).into_response()),
        Put::NotYours => Err(NOT_YOURS),
        _ => Ok(again(&[Problem::taken()])),
    }
}

/// What is known of somebody, and what an administrator can do about it.
pub(super) async fn show(
    State(site): State<Arc<Site>>,
    Administrator(who): Administrator,
    Path(id): Path<String>,
) -> Result<Html<String>, Fault> {
    let kept = known(&site, &id)?;
    let typed = Typed::of(&kept.person, &kept.email, kept.version);
    Ok(draw(&who, &kept, typed, &[], None))
}

/// Changes somebody.
pub(super) async fn save(
    State(site): State<Arc<Site>>,
    Administrator(who): Administrator,
    Path(id): Path<String>,
    ClientAddress(from): ClientAddress,
    entry: Entry,
) -> Result<Response, Fault> {
    let Form(sent) = entry?;
    let deed = Deed::new(who.to_ref(), site.clock.now(), from);
    let wrong = StatusCode::UNPROCESSABLE_ENTITY;
    // Somebody may save at this very moment: then what they changed is looked at again.
    for _ in 0..TRIES {
        let kept = known(&site, &id)?;
        let (typed, met) = sent.over(&kept);
        let again = |status: StatusCode, problems: &[Problem], told: Option<String>| {
            (status, draw(&who, &kept, typed.clone(), problems, told)).into_response()
        };
        if !met.is_empty() {
            let told = merge::met("Somebody changed this person", &met);
            return Ok(again(StatusCode::CONFLICT, &[], Some(told)));
        }
        let mut person = kept.person.clone();
        let email = match typed.read(&mut person) {
            Ok(email) => email,
            Err(problems) => return Ok(again(wrong, &problems, None)),
        };
        let people = site.log.people();
        let put = people.change(person, email, kept.version, deed.clone());
        match put.await? {
            Put::Done => return Ok(see_other(&format!("/people?changed={}", kept.person.id))),
            Put::EmailTaken => return Ok(again(wrong, &[Problem::taken()], None)),
            Put::LastAdministrator => return Ok(again(wrong, &[], Some(LAST.to_owned()))),
            Put::NotYours => return Err(NOT_YOURS),
            Put::Stale => {}
        }
    }
    let kept = known(&site, &id)?;
    let told = "Somebody is changing this person at this moment. Save again.";
    let page = draw(&who, &kept, sent, &[], Some(told.to_owned()));
    Ok((StatusCode::CONFLICT, page).into_response())
}

/// How often a save is tried again when others save at the same moment.
const TRIES: usize = 3;

/// A link by which somebody chooses a password: the first time, or anew.
pub(super) async fn link(
    State(site): State<Arc<Site>>,
    Administrator(who): Administrator,
    Path(id): Path<String>,
    ClientAddress(from): ClientAddress,
) -> Result<Response, Fault> {
    let kept = known(&site, &id)?;
    if kept.person.id == who.id {
        return Ok(see_other("/password"));
    }
    let (token, invite) = invite(&site, kept.person.id)?;
    let ends = invite.expires_at;
    let deed = Deed::new(who.to_ref(), site.clock.now(), from);
    match site.log.people().reset_password(invite, deed).await? {
        Put::Done => Ok(handed_out(&site, &who, &kept.person, &token, ends).into_response()),
        Put::NotYours => Err(NOT_YOURS),
        // Removed meanwhile: their page says so.
        _ => Ok(see_other(&format!("/people/{}", kept.person.id))),
    }
}

/// Whom an address names, whether they have an account or had one.
pub(super) fn known(site: &Site, id: &str) -> Result<KeptPerson, Fault> {
    let id: PersonId = id.parse().map_err(|_| Fault::NotFound)?;
    let people = site.log.people().now();
    people.find(id).cloned().ok_or(Fault::NotFound)
}

fn invite(site: &Site, person: PersonId) -> Result<(Token, Invite), Fault> {
    let token = Token::random()?;
    let invite = Invite {
        token_hash: token.hash(),
        person,
        expires_at: site.clock.now() + Duration::days(LINK_DAYS),
    };
    Ok((token, invite))
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge where the id of an account is made"
)]
fn new_id() -> PersonId {
    PersonId(Uuid::now_v7())
}

fn new(who: &Person, typed: Typed, problems: &[Problem]) -> Html<String> {
    let form = form::draw("/people/new".to_owned(), typed, problems, "Add them");
    page("Add somebody", who, || {
        view! {
            <p class="account-way"><a href="/people">"All people"</a></p>
            <div class="page-head"><h1>"Add somebody"</h1></div>
            <p class="quiet">"You are given a link for them, by which they choose a password."</p>
            {form}
        }
    })
}

/// The link, shown this once.
fn handed_out(
    site: &Site,
    who: &Person,
    person: &Person,
    token: &Token,
    ends: Time,
) -> Html<String> {
    let url = &site.public_url;
    let link = share::made(url.at(&format!("/enter/{}", token.text())), url.hint());
    let alike = looks_like(&site.log.people().now(), person);
    let title = format!("A link for {}", person.name);
    let heading = title.clone();
    let hint = format!(
        "Send it to {} and to nobody else: whoever opens it first chooses the password. It works once, until {}. An earlier link is void.",
        person.name,
        moment(ends)
    );
    page(&title, who, || {
        view! {
            <p class="account-way"><a href="/people">"All people"</a></p>
            <div class="page-head"><h1>{heading}</h1></div>
            {alike}
            <p>{hint}</p>
            {link}
            {share::copying()}
        }
    })
}

fn draw(
    who: &Person,
    kept: &KeptPerson,
    typed: Typed,
    problems: &[Problem],
    told: Option<String>,
) -> Html<String> {
    let name = kept.person.name.clone();
    let told = told.map(|text| notice("refused", text));
    let added = kept.added.as_ref().map(|deed| {
        let text = format!("Added {}, by {}.", moment(deed.at), deed.by.name);
        view! { <p class="quiet">{text}</p> }
    });
    let body = match &kept.removed {
        Some(deed) => {
            let text = format!(
                "Removed {}, by {}. They have no account any more; the record keeps their name. Who comes back is added anew.",
                moment(deed.at),
                deed.by.name
            );
            view! { <p>{text}</p> }.into_any()
        }
        None => {
            let action = format!("/people/{}", kept.person.id);
            let form = form::draw(action, typed, problems, "Save");
            view! { {form}{password(who, kept)}{removal(who, kept)} }.into_any()
        }
    };
    page(&kept.person.name, who, || {
        view! {
            <p class="account-way"><a href="/people">"All people"</a></p>
            <div class="page-head"><h1>{name}</h1></div>
            {told}
            {body}
            {added}
        }
    })
}

fn password(who: &Person, kept: &KeptPerson) -> AnyView {
    let action = format!("/people/{}/link", kept.person.id);
    let (text, button) = match &kept.invite {
        Some(invite) => (
            format!(
                "{} has not chosen a password yet. Their link ends {}. A new one makes it void.",
                kept.person.name,
                moment(invite.expires_at)
            ),
            "Make a new link",
        ),
        None => (
            "A link lets them choose a new password. The old one opens nothing from then on, and they are signed out everywhere; what they wrote stays on their devices.".to_owned(),
            "Reset the password",
        ),
    };
    let form = match kept.person.id == who.id {
        true => view! { <p><a class="button" href="/password">"Change your password"</a></p> }
            .into_any(),
        false => view! {
            <p>{text}</p>
            <form method="post" action=action><button>{button}</button></form>
        }
        .into_any(),
    };
    view! { <section aria-labelledby="password"><h2 id="password">"Password"</h2>{form}</section> }
        .into_any()
}

fn removal(who: &Person, kept: &KeptPerson) -> AnyView {
    let href = format!("/people/{}/remove", kept.person.id);
    let way = match kept.person.id == who.id {
        true => {
            view! { <p>"You cannot remove yourself. Ask another administrator."</p> }.into_any()
        }
        false => view! {
            <p>"They are out at once. The next page shows what they would leave behind."</p>
            <p><a class="button" href=href>"Remove…"</a></p>
        }
        .into_any(),
    };
    view! { <section aria-labelledby="removal"><h2 id="removal">"Removal"</h2>{way}</section> }
        .into_any()
}
