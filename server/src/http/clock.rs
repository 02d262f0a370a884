//! The server's clock, while it is not believed: what is wrong, and the button by which an administrator
//! says that it is right. A plain page without script.

use crate::clock::Trouble;
use crate::http::Site;
use crate::http::accounts::frame::{notice, page};
use crate::http::fault::Fault;
use crate::http::session::{self, Administrator, SignedIn, see_other};
use app::api::ApiError;
use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::middleware;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use domain::shown::Shown as _;
use domain::{Event, IncidentId, Person, Time};
use leptos::prelude::*;
use serde::Deserialize;
use std::sync::Arc;

/// The page of the clock.
pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/clock", get(show).post(confirm))
        .route_layer(middleware::from_fn_with_state(
            Arc::clone(&site),
            session::require_or_lead,
        ))
        .with_state(site)
}

#[derive(Deserialize)]
struct Seen {
    /// What the clock said when the page was drawn, milliseconds since 1970.
    seen_ms: i64,
}

async fn show(
    State(site): State<Arc<Site>>,
    SignedIn(who): SignedIn,
) -> Result<Html<String>, Fault> {
    draw(&site, &who, None).await
}

async fn confirm(
    State(site): State<Arc<Site>>,
    Administrator(who): Administrator,
    entry: Result<Form<Seen>, FormRejection>,
) -> Result<Response, Fault> {
    let Form(Seen { seen_ms }) = entry?;
    let seen = Time::from_timestamp_millis(seen_ms).unwrap_or_default();
    match site.log.confirm_clock(who.to_ref(), seen).await {
        Ok(()) => Ok(see_other("/clock")),
        Err(ApiError::BadRequest { detail }) => {
            let page = draw(&site, &who, Some(detail)).await?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        Err(error) => Err(crate::http::wrong(error)),
    }
}

async fn draw(site: &Site, who: &Person, refused: Option<String>) -> Result<Html<String>, Fault> {
    let said = said(site).await?;
    let (clock, trouble) = (site.clock.wall(), site.clock.trouble());
    let says = moment(clock);
    let state = match trouble {
        None => "It is believed, and what is written down is saved under it.".to_owned(),
        Some(trouble) => format!(
            "It is not believed: {}. Nothing is put on the record of an incident meanwhile; what people write waits on their devices. Accounts, people, links and files are saved.",
            trouble.what()
        ),
    };
    let may = who.administrator;
    let possible = Trouble::impossible(clock).is_none();
    let form = trouble.filter(|_| may && possible).map(|trouble| {
        let button = format!("The time is right: it is {says}");
        let seen_ms = clock.timestamp_millis();
        view! {
            <section aria-labelledby="right">
                <h2 id="right">"Or is it right?"</h2>
                <p>"Compare it with a clock that you trust: day, hour and minute, in UTC. "{after(trouble)}</p>
                <form method="post" action="/clock">
                    <input type="hidden" name="seen_ms" value=seen_ms />
                    <p class="actions"><button class="grave">{button}</button></p>
                </form>
            </section>
        }
    });
    let set = trouble.is_some().then(|| {
        let who = if may { "" } else { " An administrator of Drumbeat can then say here that it is right, should it not be believed all the same." };
        view! {
            <section aria-labelledby="set">
                <h2 id="set">"Have it set right"</h2>
                <p>"Whoever runs this server sets the machine’s clock, by NTP where there is a network. As soon as it is right, saving goes on by itself, and what waits is sent."{who}</p>
            </section>
        }
    });
    Ok(page("The server’s clock", who, || {
        view! {
            <div class="page-head"><h1>{format!("The server’s clock says {says}")}</h1></div>
            {refused.map(|text| notice("refused", text))}
            <p>{state}</p>
            {set}
            {form}
            {(!said.is_empty()).then(|| view! {
                <section aria-labelledby="said">
                    <h2 id="said">"Who said so before"</h2>
                    <ul class="facts-list">{said.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
                </section>
            })}
        }
    }))
}

/// Who said when that the clock is right, the latest first.
async fn said(site: &Site) -> Result<Vec<String>, Fault> {
    let log = site.store.log(IncidentId::SETTINGS).await?;
    let said = log.into_iter().rev().filter_map(|r| match r.event {
        Event::ClockConfirmed { log_at } => {
            let ahead = log_at.map_or_else(String::new, |at| {
                format!(". The record had been written up to {}", moment(at))
            });
            Some(format!("{}: {}{ahead}", moment(r.at), r.by.name))
        }
        _ => None,
    });
    Ok(said.collect())
}

fn moment(at: Time) -> String {
    at.shown("%-d %B %Y, %H:%M UTC")
}

/// What saying that it is right does.
fn after(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Behind { .. } => {
            "If it is right, the record has been written by a clock that was ahead. Saving goes on; what was stamped ahead stays, is marked in the timelines, and counts as of now at the latest. Do not press this while the clock is wrong: it cannot be undone."
        }
        Trouble::Ahead { .. } => {
            "If it is right, it was set after having been behind. Saving goes on from this time. Do not press this while the clock is wrong: it cannot be undone."
        }
    }
}
