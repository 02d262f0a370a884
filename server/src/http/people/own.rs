//! Everybody's own password, and signing out everywhere.

use crate::http::Site;
use crate::http::accounts::frame::{notice, page};
use crate::http::fault::Fault;
use crate::http::password::{self, PASSWORD_MAX_BYTES, PASSWORD_MIN_CHARS};
use crate::http::session::{self, SignedIn};
use crate::http::sign_in::FAILURES_MAX_PER_EMAIL;
use crate::store::Account;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use domain::Person;
use leptos::prelude::*;
use serde::Deserialize;
use std::sync::Arc;

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
    let told = asked.changed.map(|_| {
        let text = "Your password is changed. You are signed out everywhere but here.";
        ("kept", text.to_owned())
    });
    Ok(draw(&who, account.password_hash.is_some(), told))
}

pub(super) async fn change(
    State(site): State<Arc<Site>>,
    SignedIn(who): SignedIn,
    wanted: Result<Form<Wanted>, FormRejection>,
) -> Result<Response, Fault> {
    let Form(Wanted { current, password }) = wanted?;
    let account = account(&site, &who).await?;
    let refused = |text: String| {
        let page = draw(&who, true, Some(("refused", text)));
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    if let Err(wrong) = password::check(&password) {
        return refused(wrong);
    }
    if !fits(&site, account, current).await? {
        return refused("That is not your current password.".to_owned());
    }
    let password_hash = site.passwords.hash(password).await?;
    let people = site.log.people();
    if !people.set_password(who.id, password_hash).await? {
        return Err(Fault::SignedOut);
    }
    session::begin(&site, who.id, "/password?changed=yes").await
}

async fn account(site: &Site, who: &Person) -> Result<Account, Fault> {
    let account = site.store.account_of(who.id).await?;
    account.ok_or(Fault::SignedOut)
}

/// Whether this is the password of the account. Guesses count as those at the door do: a browser
/// left open must not be a way around it.
async fn fits(site: &Site, account: Account, password: String) -> Result<bool, Fault> {
    let (now, email) = (site.clock.now(), account.email);
    if let Some(retry_after_s) = site.throttle.wait_s(&email, FAILURES_MAX_PER_EMAIL, now) {
        return Err(Fault::TooMany { retry_after_s });
    }
    site.throttle.failed(&email, now);
    let fits = password.len() <= PASSWORD_MAX_BYTES
        && site
            .passwords
            .verify(password, account.password_hash)
            .await?;
    if fits {
        site.throttle.succeeded(&email);
    }
    Ok(fits)
}

fn draw(who: &Person, has_one: bool, told: Option<(&'static str, String)>) -> Html<String> {
    let hint = format!("at least {PASSWORD_MIN_CHARS} characters");
    let form = match has_one {
        true => view! {
            <form class="form" method="post" action="/password">
                <p class="field">
                    <label for="c">"Current password"</label>
                    <input id="c" name="current" type="password" autocomplete="current-password" required />
                </p>
                <p class="field">
                    <label for="p">"New password "<span class="hint">{hint}</span></label>
                    <input id="p" name="password" type="password" minlength=PASSWORD_MIN_CHARS.to_string()
                        autocomplete="new-password" required />
                </p>
                <p class="actions"><button class="primary">"Change it"</button></p>
            </form>
        }
        .into_any(),
        false => view! { <p>"You come in by a click: this is a demo, and you have no password."</p> }
            .into_any(),
    };
    page("Your password", who, || {
        view! {
            <p class="account-way"><a href="/people">"All people"</a></p>
            <div class="page-head"><h1>"Your password"</h1></div>
            {told.map(|(kind, text)| notice(kind, text))}
            {form}
            <section aria-labelledby="everywhere">
                <h2 id="everywhere">"Other devices"</h2>
                <p>"Lost one, or left one open? What you wrote on it stays there until you sign in on it again."</p>
                <form method="post" action="/sign-out-everywhere"><button>"Sign out everywhere"</button></form>
            </section>
        }
    })
}
