//! The link by which somebody chooses a password: the first time, or after a reset. It works once.

use crate::http::Site;
use crate::http::client::Client;
use crate::http::client_address::ClientAddress;
use crate::http::fault::Fault;
use crate::http::judging::{Owner, PASSWORD_MIN_CHARS};
use crate::http::page;
use crate::http::session::{self, hash_of};
use crate::http::turns::Asker;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use domain::Person;
use leptos::prelude::*;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
pub(super) struct Wanted {
    password: String,
}

pub(super) async fn show(State(site): State<Arc<Site>>, Path(token): Path<String>) -> Response {
    let people = site.log.people().now();
    match people.invited(&hash_of(&token), site.clock.now()) {
        Some(person) => form(&token, person, None).into_response(),
        None => void(),
    }
}

pub(super) async fn choose(
    State(site): State<Arc<Site>>,
    Path(token): Path<String>,
    client: Client,
    headers: HeaderMap,
    ClientAddress(from): ClientAddress,
    wanted: Result<Form<Wanted>, FormRejection>,
) -> Result<Response, Fault> {
    let Form(Wanted { password }) = wanted?;
    let hash = hash_of(&token);
    // Looked up first: only who has a link may keep us busy with hashing.
    let people = site.log.people().now();
    let Some(person) = people.invited(&hash, site.clock.now()) else {
        return Ok(void());
    };
    let email = people.find(person.id).map_or("", |kept| &kept.email);
    let owner = Owner {
        name: &person.name,
        email,
    };
    let (judge, id) = (&site.judge, person.id.to_string());
    let judged = judge.problem(&id, client.0, &password, owner);
    if let Some(wrong) = judged.await? {
        let again = form(&token, person, Some(wrong));
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response());
    }
    let asker = Asker::known(client.0, id);
    let password_hash = site.passwords.hash(asker, password).await?;
    let (now, by) = (site.clock.now(), password_hash.clone());
    let chosen = site
        .log
        .people()
        .choose_password(hash, password_hash, now, from);
    match chosen.await? {
        Some(person) => session::begin(&site, &headers, person, Some(&by), "/").await,
        None => Ok(void()),
    }
}

fn void() -> Response {
    let page = page::fault(
        "This link opens nothing any more",
        "It was used, it has ended, or a newer one was made. Ask an administrator for another.",
        None,
    );
    (StatusCode::NOT_FOUND, page).into_response()
}

fn form(token: &str, person: &Person, wrong: Option<String>) -> Html<String> {
    let action = format!("/enter/{token}");
    let (name, title) = (person.name.clone(), person.title.clone());
    let hint = format!("at least {PASSWORD_MIN_CHARS} characters");
    let (is_wrong, described) = (
        wrong.as_ref().map(|_| "true"),
        wrong.as_ref().map(|_| "p-wrong"),
    );
    let body = page::html(|| {
        view! {
            <main class="door" id="main">
                <a class="mark" href="/">"Drumbeat"</a>
                <div>
                    <h1>"Choose your password"</h1>
                    <p>"You are "<b>{name}</b>", "{title}"."</p>
                    <p class="quiet">"This page works once. You are signed in by it."</p>
                </div>
                <form class="form" method="post" action=action>
                    <p class="field">
                        <label for="p">"Password "<span class="hint">{hint}</span></label>
                        <input id="p" name="password" type="password" minlength=PASSWORD_MIN_CHARS.to_string()
                            autocomplete="new-password" required aria-invalid=is_wrong aria-describedby=described />
                    </p>
                    {wrong.map(|wrong| view! { <p class="wrong" id="p-wrong" role="alert">{wrong}</p> })}
                    <button class="primary">"Choose it and sign in"</button>
                </form>
            </main>
        }
    });
    page::in_session("Choose your password", &body)
}
