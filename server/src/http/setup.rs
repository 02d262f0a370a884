//! The first administrator. Whoever can read the server's console makes them, by a link that
//! works once and is made anew at each start until it was used.

use crate::http::Site;
use crate::http::client::Client;
use crate::http::client_address::ClientAddress;
use crate::http::fault::Fault;
use crate::http::headers;
use crate::http::judging::{Owner, PASSWORD_MIN_CHARS};
use crate::http::page;
use crate::http::session::{self, Token};
use crate::http::turns::Asker;
use crate::people::email;
use crate::store::{Account, Deed};
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Router, middleware};
use domain::text::name;
use domain::{Person, PersonId};
use leptos::prelude::*;
use serde::Deserialize;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// The hash of the token that is still good, if any.
#[derive(Debug, Default)]
pub struct Setup {
    open: Mutex<Option<[u8; 32]>>,
}

impl Setup {
    /// Opens the link and tells its path. An earlier one is void.
    ///
    /// # Errors
    /// [`Fault::Internal`] when there is no randomness to be had.
    pub fn open(&self) -> Result<String, Fault> {
        let token = Token::random()?;
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.hash());
        Ok(format!("/setup/{}", token.text()))
    }

    fn is_open(&self, token: &str) -> bool {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.is_some_and(|hash| hash == session::hash_of(token))
    }

    /// Closes the link; `false` when it was not open. Only one of two at once gets `true`.
    fn close(&self, token: &str) -> bool {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.take_if(|hash| *hash == session::hash_of(token))
            .is_some()
    }

    fn reopen(&self, token: &str) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        *open = Some(session::hash_of(token));
    }
}

/// The routes of the link.
pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/setup/{token}", get(show).post(make))
        .route_layer(middleware::map_response(headers::put_secret_address))
        .with_state(site)
}

#[derive(Default, Deserialize)]
struct Wanted {
    name: String,
    email: String,
    password: String,
}

async fn show(
    State(site): State<Arc<Site>>,
    Path(token): Path<String>,
) -> Result<Html<String>, Fault> {
    if !site.setup.is_open(&token) {
        return Err(Fault::NotFound);
    }
    Ok(form(&token, &Wanted::default(), None))
}

async fn make(
    State(site): State<Arc<Site>>,
    Path(token): Path<String>,
    client: Client,
    headers: HeaderMap,
    ClientAddress(from): ClientAddress,
    wanted: Result<Form<Wanted>, FormRejection>,
) -> Result<Response, Fault> {
    let Form(wanted) = wanted?;
    if !site.setup.is_open(&token) {
        return Err(Fault::NotFound);
    }
    let name = match checked(&site, &token, &wanted, client).await? {
        Ok(name) => name,
        Err(wrong) => {
            let again = form(&token, &wanted, Some(wrong));
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response());
        }
    };
    if !site.setup.close(&token) {
        return Err(Fault::NotFound);
    }
    match administrator(&site, name, wanted, client, from).await {
        Ok((person, by)) => session::begin(&site, &headers, person, Some(&by), "/").await,
        Err(fault) => {
            // Nothing was made, so the link has not done its work.
            site.setup.reopen(&token);
            Err(fault)
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge where the id of an account is made"
)]
async fn administrator(
    site: &Site,
    name: String,
    wanted: Wanted,
    Client(address): Client,
    from: String,
) -> Result<(PersonId, String), Fault> {
    let asker = Asker::known(address, wanted.email.clone());
    let password_hash = site.passwords.hash(asker, wanted.password).await?;
    let person = Person {
        id: PersonId(Uuid::now_v7()),
        name,
        title: "Administrator".to_owned(),
        administrator: true,
    };
    let id = person.id;
    let deed = Deed::new(person.to_ref(), site.clock.now(), from);
    let account = Account {
        person,
        email: wanted.email,
        password_hash: Some(password_hash.clone()),
    };
    match site.log.people().add_administrator(account, deed).await? {
        true => Ok((id, password_hash)),
        false => Err(Fault::BadRequest("That e-mail has an account already.")),
    }
}

/// The name as it is kept, or what is wrong.
async fn checked(
    site: &Site,
    token: &str,
    wanted: &Wanted,
    Client(address): Client,
) -> Result<Result<String, String>, Fault> {
    let name = match (name("Your name", &wanted.name), email(&wanted.email)) {
        (Ok(name), Ok(_)) => name,
        (Err(refusal), _) | (_, Err(refusal)) => return Ok(Err(refusal.to_string())),
    };
    let owner = Owner {
        name: &name,
        email: &wanted.email,
    };
    let judge = &site.judge;
    let problem = judge.problem(token, address, &wanted.password, owner);
    Ok(problem.await?.map_or(Ok(name), Err))
}

fn form(token: &str, wanted: &Wanted, wrong: Option<String>) -> Html<String> {
    let action = format!("/setup/{token}");
    let (name, email) = (wanted.name.clone(), wanted.email.clone());
    let hint = format!("at least {PASSWORD_MIN_CHARS} characters");
    let body = page::html(|| {
        view! {
            <main class="door" id="main">
                <a class="mark" href="/">"Drumbeat"</a>
                <div>
                    <h1>"Make the administrator"</h1>
                    <p class="quiet">"This page works once. You add everybody else afterwards."</p>
                </div>
                {wrong.map(|wrong| view! {
                    <div class="notice" data-kind="refused" role="alert"><p>{wrong}</p></div>
                })}
                <form class="form" method="post" action=action>
                    <p class="field">
                        <label for="n">"Your name"</label>
                        <input id="n" name="name" value=name autocomplete="name" required />
                    </p>
                    <p class="field">
                        <label for="e">"E-mail"</label>
                        <input id="e" name="email" type="email" value=email autocomplete="username" required />
                    </p>
                    <p class="field">
                        <label for="p">"Password "<span class="hint">{hint}</span></label>
                        <input id="p" name="password" type="password" minlength=PASSWORD_MIN_CHARS.to_string()
                            autocomplete="new-password" required />
                    </p>
                    <button class="primary">"Make the administrator"</button>
                </form>
            </main>
        }
    });
    page::in_session("Set up", &body)
}
