//! Everybody's own password, and signing out everywhere.

use crate::http::Site;
use crate::http::accounts::frame::{notice, page};
use crate::http::client::Client;
use crate::http::client_address::ClientAddress;
use crate::http::fault::Fault;
use crate::http::judging::{Owner, PASSWORD_MIN_CHARS};
use crate::http::password::PASSWORD_MAX_BYTES;
use crate::http::session::{self, SignedIn};
use crate::http::sign_in::counting;
use crate::http::throttle::{Attempt, Known};
use crate::http::turns::Asker;
use crate::store::{Account, Deed};
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use domain::Person;
use leptos::prelude::*;
use serde::Deserialize;
use std::sync::Arc;

const CHANGED: &str = "Your password is changed. You are signed out everywhere but here.";

/// Whether it was changed just now, to be told.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    changed: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    current: String,
    password: String,
}

pub(super) async fn show(
    State(site): State<Arc<Site>>,
    SignedIn(who): SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Fault> {
    let account = account(&site, &who).await?;
    let has_one = account.password_hash.is_some();
    Ok(draw(&who, has_one, asked.changed.is_some(), None))
}

pub(super) async fn change(
    State(site): State<Arc<Site>>,
    SignedIn(who): SignedIn,
    headers: HeaderMap,
    client: Client,
    ClientAddress(from): ClientAddress,
    wanted: Result<Form<Wanted>, FormRejection>,
) -> Result<Response, Fault> {
    let Form(Wanted { current, password }) = wanted?;
    let account = account(&site, &who).await?;
    let refused = |field, text: String| {
        let page = draw(&who, true, false, Some((field, text)));
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    let asker = asker(&site, &account, client);
    let Some(replaces) = fits(&site, account, &asker, current).await? else {
        return refused("current", "That is not your current password.".to_owned());
    };
    // Judged last: whoever does not know the current one cannot keep us busy with it.
    let owner = Owner {
        name: &who.name,
        email: &asker.name,
    };
    let (judge, person) = (&site.judge, who.id.to_string());
    let judged = judge.problem(&person, asker.address, &password, owner);
    if let Some(wrong) = judged.await? {
        return refused("password", wrong);
    }
    let password_hash = site.passwords.hash(asker, password).await?;
    let (people, by) = (site.log.people(), password_hash.clone());
    let deed = Deed::new(who.to_ref(), site.clock.now(), from);
    let set = people.set_password(who.id, replaces, password_hash, deed);
    if !set.await? {
        return Err(Fault::SignedOut);
    }
    let then = "/password?changed=yes";
    session::begin(&site, &headers, who.id, Some(&by), then).await
}

async fn account(site: &Site, who: &Person) -> Result<Account, Fault> {
    let account = site.store.account_of(who.id).await?;
    account.ok_or(Fault::SignedOut)
}

/// Whoever is signed in is known, until they only guess.
fn asker(site: &Site, account: &Account, Client(address): Client) -> Asker {
    let known = Known::Person(account.person.id);
    let mut asker = Asker::known(address, account.email.clone());
    let now = site.clock.now();
    asker.is_known = !site.throttle.only_guesses(&known, now);
    asker.is_suspect = site.throttle.is_suspect(&account.email, address, now);
    asker
}

/// The hash of the account's password, if this is it. Guesses are answered as those at the door are: a browser
/// left open must not be a way around it.
async fn fits(
    site: &Arc<Site>,
    account: Account,
    asker: &Asker,
    password: String,
) -> Result<Option<String>, Fault> {
    let known = Some(Known::Person(account.person.id));
    let kept = account.password_hash;
    let attempt = Attempt {
        email: asker.name.clone(),
        has_account: true,
        address: asker.address,
        known,
    };
    let count = counting(site, attempt, known);
    let wait = match password.len() {
        0..=PASSWORD_MAX_BYTES => {
            let (asker, kept) = (asker.clone(), kept.clone());
            let verified = site.passwords.verify(asker, password, kept, count);
            verified.await?
        }
        _ => count(false),
    };
    let Some(wait) = wait else { return Ok(kept) };
    tokio::time::sleep(wait).await;
    Ok(None)
}

/// `wrong` names the field that cannot be taken, and says why.
fn draw(
    who: &Person,
    has_one: bool,
    is_changed: bool,
    wrong: Option<(&'static str, String)>,
) -> Html<String> {
    let new = format!("at least {PASSWORD_MIN_CHARS} characters");
    let (current, new) = (
        field("current", "Current password", String::new(), &wrong),
        field("password", "New password", new, &wrong),
    );
    let form = match has_one {
        true => view! {
            <form class="form" method="post" action="/password">
                {current}
                {new}
                <p class="actions"><button class="primary">"Change it"</button></p>
            </form>
        }
        .into_any(),
        false => {
            view! { <p>"You come in by a click: this is a demo, and you have no password."</p> }
                .into_any()
        }
    };
    page("Your password", who, || {
        view! {
            <p class="account-way"><a href="/people">"All people"</a></p>
            <div class="page-head"><h1>"Your password"</h1></div>
            {is_changed.then(|| notice("kept", CHANGED.to_owned()))}
            {form}
            <section aria-labelledby="everywhere">
                <h2 id="everywhere">"Other devices"</h2>
                <p>"Lost one, or left one open? What you wrote on it stays there until you sign in on it again."</p>
                <form method="post" action="/sign-out-everywhere"><button>"Sign out everywhere"</button></form>
            </section>
        }
    })
}

fn field(
    name: &'static str,
    label: &'static str,
    hint: String,
    wrong: &Option<(&'static str, String)>,
) -> AnyView {
    let wrong = wrong.as_ref().filter(|(field, _)| *field == name);
    let (is_wrong, wrong_id) = (wrong.map(|_| "true"), format!("{name}-wrong"));
    let described = wrong.map(|_| wrong_id.clone());
    let complete = if name == "current" {
        "current-password"
    } else {
        "new-password"
    };
    let min = (name == "password").then(|| PASSWORD_MIN_CHARS.to_string());
    view! {
        <div class="field">
            <label for=name>{label}" "<span class="hint">{hint}</span></label>
            <input id=name name=name type="password" minlength=min autocomplete=complete required
                aria-invalid=is_wrong aria-describedby=described />
            {wrong.map(|(_, text)| view! { <p class="wrong" id=wrong_id role="alert">{text.clone()}</p> })}
        </div>
    }
    .into_any()
}
