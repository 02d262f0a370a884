//! The door: signing in and out. Plain forms that work without script.

use crate::assets::PKG;
use crate::http::Site;
use crate::http::browser;
use crate::http::client::Client;
use crate::http::fault::Fault;
use crate::http::mark::Mark;
use crate::http::page;
use crate::http::password::PASSWORD_MAX_BYTES;
use crate::http::sent_back::{Sender, waits_since};
use crate::http::session::{self, Which};
use crate::http::throttle::{Attempt, Known};
use crate::http::turns::Asker;
use crate::store::email_key;
use axum::Router;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use domain::{Person, PersonId};
use leptos::prelude::*;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// No e-mail is longer (RFC 5321).
const EMAIL_MAX_BYTES: usize = 320;
const WRONG: &str = "That e-mail and password do not belong together.";
const NOT_KEPT: &str = "That was right, but your browser did not keep the cookie that signs you in: open Drumbeat by https, \
    or by http://127.0.0.1 on the machine that it runs on, and allow its cookies.";

/// The routes of the door.
pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/sign-in", get(show).post(enter))
        .route(session::KEPT, get(kept))
        .route("/sign-out", post(sign_out))
        .route("/sign-out/pending", post(end_pending))
        .route("/sign-out-everywhere", post(sign_out_everywhere))
        .route("/signed-out", get(signed_out))
        .with_state(site)
}

#[derive(Deserialize)]
struct Then {
    then: Option<String>,
}

/// What a browser brings that was sent back to ask again.
#[derive(Default, Deserialize)]
struct Again {
    again: Option<String>,
}

/// What came of an e-mail and a password.
enum Checked {
    /// They are this person's; with the hash of the password.
    Right(PersonId, String),
    Wrong,
    /// They were not looked at; the browser is to send them there again.
    SentBack(String),
}

/// What the form sends: a person of the demo, or an e-mail and a password.
#[derive(Deserialize)]
struct Entry {
    person: Option<PersonId>,
    email: Option<String>,
    password: Option<String>,
    then: Option<String>,
}

async fn show(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
    Query(query): Query<Then>,
) -> Result<Html<String>, Fault> {
    let Html(door) = door(&site, session::own_path(query.then.as_deref()), None);
    let Mark::Open(mark) = Mark::of(&headers) else {
        return Ok(Html(door));
    };
    if session::person(&site, &headers).await?.is_some() {
        return Ok(Html(door));
    }
    // It ended elsewhere while no page was open here. The page says so itself, and no header: an answer that comes
    // late must not take the mark of a later session.
    let mark = page::escaped(&mark);
    let ended = format!("<body><div hidden data-ended=\"{mark}\"></div>");
    Ok(Html(door.replacen("<body>", &ended, 1)))
}

async fn enter(
    State(site): State<Arc<Site>>,
    client: Client,
    again: Result<Query<Again>, QueryRejection>,
    headers: HeaderMap,
    form: Result<Form<Entry>, FormRejection>,
) -> Result<Response, Fault> {
    let Form(entry) = form?;
    let then = session::own_path(entry.then.as_deref());
    match (entry.person, entry.email, entry.password) {
        (Some(person), None, None) if players(&site).any(|p| p.id == person) => {
            session::begin(&site, &headers, person, None, then).await
        }
        (None, Some(email), Some(password)) => {
            let again = again.ok().and_then(|Query(again)| again.again);
            match checked(&site, &email, password, client, &headers, again).await? {
                Checked::Right(person, by) => {
                    session::begin(&site, &headers, person, Some(&by), then).await
                }
                Checked::Wrong => {
                    Ok((StatusCode::UNAUTHORIZED, door(&site, then, Some(WRONG))).into_response())
                }
                // The browser sends the form once more by itself.
                Checked::SentBack(path) => {
                    let location = [(header::LOCATION, path)];
                    Ok((StatusCode::TEMPORARY_REDIRECT, location).into_response())
                }
            }
        }
        _ => Err(Fault::BadRequest("Use the form of the sign-in page.")),
    }
}

/// Leads on whoever has just come in; a browser that brings no session back did not keep its cookie.
async fn kept(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
    Query(query): Query<Then>,
) -> Result<Response, Fault> {
    let then = session::own_path(query.then.as_deref());
    if session::person(&site, &headers).await?.is_some() {
        return Ok(session::see_other(then));
    }
    Ok((StatusCode::UNAUTHORIZED, door(&site, then, Some(NOT_KEPT))).into_response())
}

/// Whose e-mail and password these are. A right one is answered at once, whatever
/// came before it; a wrong one later and later.
async fn checked(
    site: &Arc<Site>,
    email: &str,
    password: String,
    Client(address): Client,
    headers: &HeaderMap,
    again: Option<String>,
) -> Result<Checked, Fault> {
    let email = email_key(email);
    if email.len() > EMAIL_MAX_BYTES || password.len() > PASSWORD_MAX_BYTES {
        return Ok(Checked::Wrong);
    }
    let hash = browser::hash_in(headers);
    let browser = hash.map(Known::Browser);
    let only_guesses = |known| site.throttle.only_guesses(&known, site.clock.now());
    let is_known = match hash {
        Some(hash) if !only_guesses(Known::Browser(hash)) => {
            site.store.knows_browser(&hash, &email).await?
        }
        _ => false,
    };
    let sender = Sender {
        address,
        email: email.clone(),
    };
    let came_back = again.map_or(0, |ticket| {
        site.sent_back.came_back(&ticket, &sender, Instant::now())
    });
    let patience = site.limits.patience;
    let asker = Asker {
        address,
        name: email.clone(),
        is_known,
        is_suspect: site.throttle.is_suspect(&email, address, site.clock.now()),
        since: waits_since(came_back, patience, Instant::now()),
        patience,
    };
    let account = site.store.account(&email).await?;
    let kept = account.as_ref().and_then(|a| a.password_hash.clone());
    let wrong = Attempt {
        email,
        has_account: account.is_some(),
        address,
        known: browser.filter(|_| is_known),
    };
    let count = counting(site, wrong, browser);
    let verified = site.passwords.verify(asker, password, kept.clone(), count);
    let wait = match verified.await {
        Err(Fault::TooMany { .. }) => {
            let ticket = site.sent_back.send(sender, came_back, Instant::now())?;
            return Ok(Checked::SentBack(format!("/sign-in?again={ticket}")));
        }
        looked_at => looked_at?,
    };
    match (wait, account, kept) {
        (None, Some(account), Some(by)) => Ok(Checked::Right(account.person.id, by)),
        (wait, ..) => {
            tokio::time::sleep(wait.unwrap_or_default()).await;
            Ok(Checked::Wrong)
        }
    }
}

/// Counts what came of a password: how long the answer waits for a wrong one, and none for the right one. That one
/// clears whoever is known by `browser`.
pub fn counting(
    site: &Arc<Site>,
    attempt: Attempt,
    browser: Option<Known>,
) -> impl FnOnce(bool) -> Option<Duration> + Send + 'static {
    let site = Arc::clone(site);
    move |is_right| {
        let (throttle, now) = (&site.throttle, site.clock.now());
        if is_right {
            throttle.succeeded(&attempt.email, attempt.address, browser, now);
            return None;
        }
        Some(throttle.failed(&attempt, site.limits.first_wrong, now))
    }
}

async fn sign_out(State(site): State<Arc<Site>>, headers: HeaderMap) -> Result<Response, Fault> {
    out(&site, &headers, Which::This).await
}

async fn sign_out_everywhere(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    out(&site, &headers, Which::Everywhere).await
}

async fn out(site: &Site, headers: &HeaderMap, which: Which) -> Result<Response, Fault> {
    session::end_carried(site, headers, which).await?;
    let mut response = session::see_other("/sign-in");
    session::take_cookies(headers, &mut response)?;
    Ok(response)
}

/// Ends what was ended in this browser while we were out of reach, and nothing else: who signed in
/// there meanwhile stays.
async fn end_pending(State(site): State<Arc<Site>>, headers: HeaderMap) -> Result<Response, Fault> {
    let mut response = StatusCode::NO_CONTENT.into_response();
    if Mark::of(&headers).is_ended() {
        session::end_carried(&site, &headers, Which::This).await?;
        session::take_cookies(&headers, &mut response)?;
    }
    Ok(response)
}

/// Where a page goes whose session has ended. The service worker keeps it, so that it opens without a
/// network.
async fn signed_out() -> Response {
    let body = page::html(|| {
        view! {
            <main class="door" id="main">
                <span class="mark">"Drumbeat"</span>
                <h1>"You are signed out"</h1>
                <p>"This device keeps nothing of the record. What was not sent yet waits here for whoever wrote it, until \
                    they sign in again."</p>
                <p id="pending" role="status"></p>
                <p class="actions"><a class="button primary" href="/sign-in">"Sign in"</a></p>
            </main>
            <script type="module" src=format!("{PKG}/signed-out.js")></script>
        }
    });
    let cache = [(header::CACHE_CONTROL, "no-cache")];
    (cache, page::in_session("Signed out", &body)).into_response()
}

/// Who comes in by a click: the people of the demo, as they are known now.
fn players(site: &Site) -> impl Iterator<Item = Person> {
    let people = site.log.people().now();
    let player = move |person: &Person| {
        let kept = people.find(person.id)?;
        kept.removed.is_none().then(|| kept.person.clone())
    };
    site.demo.iter().filter_map(player)
}

fn door(site: &Site, then: &str, wrong: Option<&'static str>) -> Html<String> {
    let then = then.to_owned();
    if site.demo.is_empty() {
        let nobody = site.log.people().now().here().all.is_empty();
        return page::in_session(
            "Sign in",
            &page::html(|| with_password(then, wrong, nobody)),
        );
    }
    let players: Vec<Person> = players(site).collect();
    // Somebody was added to the demo: they have a password.
    let others = site.log.people().now().here().all.len() > players.len();
    let body = page::html(|| as_demo_person(then, players, others, wrong));
    page::in_session("Sign in", &body)
}

fn with_password(then: String, wrong: Option<&'static str>, nobody: bool) -> impl IntoView {
    view! {
        <main class="door" id="main">
            <a class="mark" href="/">"Drumbeat"</a>
            <h1>"Sign in"</h1>
            {wrong.map(refused)}
            {nobody.then(|| view! { <p>"Nobody has an account yet. The link that makes the administrator is on the server's console."</p> })}
            {password_form(then)}
        </main>
    }
}

fn refused(wrong: &'static str) -> impl IntoView {
    view! { <div class="notice" data-kind="refused" role="alert"><p>{wrong}</p></div> }
}

fn password_form(then: String) -> impl IntoView {
    view! {
        <form class="form" method="post" action="/sign-in">
            <input type="hidden" name="then" value=then />
            <p class="field">
                <label for="e">"E-mail"</label>
                <input id="e" name="email" type="email" autocomplete="username" required />
            </p>
            <p class="field">
                <label for="p">"Password"</label>
                <input id="p" name="password" type="password" autocomplete="current-password" required />
            </p>
            <button class="primary">"Sign in"</button>
        </form>
    }
}

fn as_demo_person(
    then: String,
    players: Vec<Person>,
    others: bool,
    wrong: Option<&'static str>,
) -> impl IntoView {
    let players = players
        .into_iter()
        .map(|person| {
            view! {
                <li>
                    <button name="person" value=person.id.to_string()>{person.name}" "<small>{person.title}</small></button>
                </li>
            }
        })
        .collect_view();
    let then_too = then.clone();
    view! {
        <main class="door" id="main">
            <a class="mark" href="/">"Drumbeat"</a>
            <div>
                <h1>"Who are you?"</h1>
                <p class="quiet">"This is a demo: pick a person, no password."</p>
            </div>
            {wrong.map(refused)}
            <form method="post" action="/sign-in">
                <input type="hidden" name="then" value=then />
                <ul class="people">{players}</ul>
            </form>
            {others.then(|| view! { <h2>"Added since"</h2>{password_form(then_too)} })}
        </main>
    }
}
