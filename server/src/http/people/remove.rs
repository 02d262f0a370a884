//! Removing somebody: first what they would leave behind, then the deed.

use super::LAST;
use super::left::{Left, left};
use super::person::known;
use super::places::{self, Place};
use crate::http::Site;
use crate::http::accounts::frame::{count, notice, page};
use crate::http::client_address::ClientAddress;
use crate::http::fault::Fault;
use crate::http::session::{Administrator, NOT_YOURS, see_other};
use crate::store::{KeptPerson, Put};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::Person;
use leptos::prelude::*;
use std::sync::Arc;

const YOURSELF: &str = "You cannot remove yourself: somebody else should see that nothing is left behind. Ask another administrator.";

pub(super) async fn ask(
    State(site): State<Arc<Site>>,
    Administrator(who): Administrator,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let kept = known(&site, &id)?;
    if kept.removed.is_some() {
        return Ok(see_other(&format!("/people/{}", kept.person.id)));
    }
    let refused = (kept.person.id == who.id).then_some(YOURSELF);
    draw(&site, &who, &kept, refused).await
}

/// Repeated, it does again what a crash or a full disk left undone, and nothing else.
pub(super) async fn remove(
    State(site): State<Arc<Site>>,
    Administrator(who): Administrator,
    Path(id): Path<String>,
    ClientAddress(from): ClientAddress,
) -> Result<Response, Fault> {
    let kept = known(&site, &id)?;
    if kept.person.id == who.id {
        return draw(&site, &who, &kept, Some(YOURSELF)).await;
    }
    let removed = site.log.remove_person(kept.person.id, who.to_ref(), from);
    match removed.await? {
        Put::Done => Ok(see_other(&format!("/people?removed={}", kept.person.id))),
        Put::LastAdministrator => draw(&site, &who, &kept, Some(LAST)).await,
        Put::NotYours => Err(NOT_YOURS),
        Put::Stale | Put::EmailTaken => Err(Fault::NotFound),
    }
}

async fn draw(
    site: &Site,
    who: &Person,
    kept: &KeptPerson,
    refused: Option<&'static str>,
) -> Result<Response, Fault> {
    let id = kept.person.id;
    let places = places::of_everybody(&site.log.live()).remove(&id);
    let (seats, left) = (places.unwrap_or_default(), left(site, id).await?);
    let status = match refused {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let title = format!("Remove {}?", kept.person.name);
    let (heading, action) = (title.clone(), format!("/people/{id}/remove"));
    let button = format!("Remove {}", kept.person.name);
    let counted = format!(
        "{} will be empty, and {} in their name: both stand below.",
        count(seats.len(), "seat", "seats"),
        count(left.len(), "thing stays", "things stay"),
    );
    let page = page(&title, who, || {
        view! {
            <p class="account-way"><a href=format!("/people/{id}")>"Back"</a></p>
            <div class="page-head"><h1>{heading}</h1></div>
            {refused.map(|text| notice("refused", text.to_owned()))}
            <p>"They are signed out everywhere at once and cannot sign in again. Their name stays on all that they did. This cannot be undone: who comes back is added anew."</p>
            <p>{counted}</p>
            {refused.is_none().then(|| view! {
                <form method="post" action=action>
                    <p class="actions">
                        <button class="grave">{button}</button>
                        <a class="button plain" href=format!("/people/{id}")>"Cancel"</a>
                    </p>
                </form>
            })}
            <section aria-labelledby="seats">
                <h2 id="seats">"Seats that are empty afterwards"</h2>
                {listed(seats.into_iter().map(seat), "They hold none, and are asked to take none.")}
            </section>
            <section aria-labelledby="left">
                <h2 id="left">"What stays without them"</h2>
                <p class="quiet">"None of this is changed for you. Whatever is still needed must be done by somebody else."</p>
                {listed(left.into_iter().map(thing), "Nothing is left in their name.")}
            </section>
        }
    });
    Ok((status, page).into_response())
}

fn listed(lines: impl ExactSizeIterator<Item = AnyView>, none: &'static str) -> AnyView {
    match lines.len() {
        0 => view! { <p>{none}</p> }.into_any(),
        _ => {
            let lines = lines.map(|line| view! { <li>{line}</li> }).collect_view();
            view! { <ul class="facts-list">{lines}</ul> }.into_any()
        }
    }
}

fn seat(place: Place) -> AnyView {
    view! { {place.what}", "{place.at.link()} }.into_any()
}

fn thing(left: Left) -> AnyView {
    view! { {left.what}" "<a href=left.href>{left.label}</a> }.into_any()
}
