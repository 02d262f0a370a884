//! The page on which secret links are made, listed and revoked (INTERFACES §1), for who is
//! signed in. Plain forms: they work without script.

use crate::assets::PKG;
use crate::http::Site;
use crate::http::client_address::ClientAddress;
use crate::http::fault::Fault;
use crate::http::page;
use crate::http::screens::wrong;
use crate::http::session::{self, SignedIn};
use crate::log::BoundBackend;
use app::api::{ApiError, Backend, Link, LinkKind};
use app::parts::share::links_path;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use domain::PersonId;
use leptos::prelude::*;
use serde::Deserialize;
use std::sync::Arc;

/// `GET` and `POST /links`, `POST /links/revoke`.
pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/links", get(show).post(make))
        .route("/links/revoke", post(revoke))
        .route_layer(middleware::from_fn_with_state(
            Arc::clone(&site),
            session::require_or_lead,
        ))
        .with_state(site)
}

/// Links to what.
#[derive(Deserialize)]
struct To {
    kind: LinkKind,
    target: String,
}

#[derive(Deserialize)]
struct Wanted {
    kind: LinkKind,
    target: String,
    label: String,
}

#[derive(Deserialize)]
struct Unwanted {
    kind: LinkKind,
    target: String,
    id: u64,
}

async fn show(
    State(site): State<Arc<Site>>,
    SignedIn(me): SignedIn,
    ClientAddress(from): ClientAddress,
    to: Result<Query<To>, QueryRejection>,
) -> Result<Html<String>, Fault> {
    let Query(to) = to.map_err(|_| Fault::NotFound)?;
    let log = site.log.clone();
    drawn(&BoundBackend { log, me, from }, &to, Told::Nothing).await
}

/// The answer holds the address, once: it is not led on to another page.
async fn make(
    State(site): State<Arc<Site>>,
    SignedIn(me): SignedIn,
    ClientAddress(from): ClientAddress,
    wanted: Result<Form<Wanted>, FormRejection>,
) -> Result<Response, Fault> {
    let Form(Wanted {
        kind,
        target,
        label,
    }) = wanted?;
    count_change(&site, me.id)?;
    let log = site.log.clone();
    let backend = BoundBackend { log, me, from };
    let made = backend.make_link(kind, target.clone(), label).await;
    let to = To { kind, target };
    match made {
        Ok(path) => {
            let link = Told::Made(site.public_url.at(&path), site.public_url.hint());
            let page = drawn(&backend, &to, link).await?;
            Ok(page.into_response())
        }
        Err(ApiError::BadRequest { detail }) => {
            let page = drawn(&backend, &to, Told::Refused(detail)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(wrong(error)),
    }
}

async fn revoke(
    State(site): State<Arc<Site>>,
    SignedIn(me): SignedIn,
    ClientAddress(from): ClientAddress,
    unwanted: Result<Form<Unwanted>, FormRejection>,
) -> Result<Response, Fault> {
    let Form(Unwanted { kind, target, id }) = unwanted?;
    let log = site.log.clone();
    let revoked = BoundBackend { log, me, from }.revoke_link(id).await;
    revoked.map_err(wrong)?;
    Ok(session::see_other(&links_path(kind, &target)))
}

fn count_change(site: &Site, person: PersonId) -> Result<(), Fault> {
    let (per_minute, now) = (site.limits.link_changes_per_minute, site.clock.now());
    let counted = site.link_changes.take(person, 1, per_minute, now);
    counted.map_err(|retry_after_s| Fault::TooMany { retry_after_s })
}

/// What there is to say above the list.
enum Told {
    Nothing,
    /// The link, and what to tell beside it.
    Made(String, Option<&'static str>),
    Refused(String),
}

/// What the links are to, what is read by them, and the way back.
async fn subject(backend: &BoundBackend, to: &To) -> Result<(String, &'static str, String), Fault> {
    Ok(match to.kind {
        LinkKind::Status => {
            let page = backend.log.customer_page(&to.target).await;
            let (_, name) = page.map_err(wrong)?;
            customer_subject(&name)
        }
        LinkKind::Brief => {
            let id = to.target.parse().map_err(|_| Fault::NotFound)?;
            let incident = backend.log.incident_by_id(id).await.map_err(wrong)?;
            let key = incident
                .number
                .map_or_else(|| id.to_string(), |n| n.to_string());
            let back = format!("/incidents/{key}/brief");
            brief_subject(&format!("{key}, {}", incident.title()), back)
        }
    })
}

fn customer_subject(name: &str) -> (String, &'static str, String) {
    (
        format!("Links to the page of {name}"),
        "What is public, and what was addressed to them by name.",
        "/".to_owned(),
    )
}

fn brief_subject(incident: &str, back: String) -> (String, &'static str, String) {
    (
        format!("Links to the executive brief of {incident}"),
        "Every published version, with revenue and risks.",
        back,
    )
}

/// What was made is shown whatever cannot be read beside it: its address is nowhere else. So is why nothing was made.
async fn drawn(backend: &BoundBackend, to: &To, told: Told) -> Result<Html<String>, Fault> {
    let has_news = !matches!(told, Told::Nothing);
    let (title, hint, back) = match (subject(backend, to).await, to.kind) {
        (Ok(subject), _) => subject,
        (Err(fault), _) if !has_news => return Err(fault),
        (Err(_), LinkKind::Status) => customer_subject("a customer"),
        (Err(_), LinkKind::Brief) => brief_subject("an incident", "/".to_owned()),
    };
    let (links, unlisted) = match backend.links(to.kind, &to.target).await {
        Ok(links) => (links, None),
        Err(why) if !has_news => return Err(wrong(why)),
        Err(_) => (Vec::new(), Some(links_path(to.kind, &to.target))),
    };
    let has_made = matches!(told, Told::Made(..));
    let unlisted = unlisted.map(|path| not_listed(path, has_made));
    let told = match told {
        Told::Nothing => None,
        Told::Made(address, hint) => Some(made(address, hint).into_any()),
        Told::Refused(why) => Some(
            view! { <div class="notice" data-kind="refused" role="alert"><p>{why}</p></div> }
                .into_any(),
        ),
    };
    let (heading, kind, target) = (title.clone(), to.kind, to.target.clone());
    let lines = links
        .into_iter()
        .map(|link| line(link, kind, target.clone()))
        .collect_view();
    let body = page::html(|| {
        view! {
            <main class="door" id="main">
                <a class="mark" href=back>"Back"</a>
                <div>
                    <h1>{heading}</h1>
                    <p class="quiet">{hint}" Whoever has a link can read it until it is revoked."</p>
                </div>
                {told}
                {unlisted}
                <form class="form" method="post" action="/links">
                    <input type="hidden" name="kind" value=kind.word() />
                    <input type="hidden" name="target" value=target />
                    <p class="field">
                        <label for="l">"For whom "<span class="hint">"optional, to tell links apart"</span></label>
                        <input id="l" name="label" maxlength="200" autocomplete="off" />
                    </p>
                    <button class="primary">"Make a link"</button>
                </form>
                <ul class="facts-list">{lines}</ul>
            </main>
            {has_made.then(copying)}
        }
    });
    Ok(page::in_session(&title, &body))
}

fn not_listed(path: String, has_made: bool) -> impl IntoView {
    let first = has_made.then_some(", once you have copied the link above");
    view! {
        <div class="notice" data-kind="refused" role="alert">
            <p>"The links that there are cannot be listed now. "<a href=path>"Try again"</a>{first}"."</p>
        </div>
    }
}

/// What makes the button beside the link work, where scripts run.
pub fn copying() -> impl IntoView {
    view! { <script type="module" src=format!("{PKG}/copy.js")></script> }
}

/// A link that was made just now, and what to tell beside it.
pub fn made(address: String, hint: Option<&'static str>) -> impl IntoView {
    view! {
        <div class="field" role="status">
            <label for="m">"The link "<span class="hint">"shown this once: copy it now"</span></label>
            <div class="with-unit">
                <input id="m" readonly autofocus value=address />
                <button type="button" data-copies="m" hidden>"Copy"</button>
            </div>
            {hint.map(|hint| view! { <p class="hint">{hint}</p> })}
        </div>
    }
}

fn line(link: Link, kind: LinkKind, target: String) -> impl IntoView {
    let name = match link.label.as_str() {
        "" => "A link".to_owned(),
        // "For whom" is easily answered with "For Mia".
        label => match label.get(..4) {
            Some(first) if first.eq_ignore_ascii_case("for ") => {
                format!("For {}", label[4..].trim_start())
            }
            _ => format!("For {label}"),
        },
    };
    let day = |at: domain::Time| at.format("%-d %B %Y, %H:%M UTC").to_string();
    let customer_of = link.customer_of;
    let customer_of = customer_of.map_or_else(String::new, |number| {
        format!(", as a customer of {number} who had no account then")
    });
    let by = format!(
        "Made by {}, {}{customer_of}",
        link.made_by,
        day(link.made_at)
    );
    let revoke = match link.revoked_at {
        Some(at) => view! { <p class="quiet">"Revoked "{day(at)}</p> }.into_any(),
        None => view! {
            <form method="post" action="/links/revoke">
                <input type="hidden" name="kind" value=kind.word() />
                <input type="hidden" name="target" value=target />
                <input type="hidden" name="id" value=link.id.to_string() />
                <button class="slim">"Revoke"<span class="vh">" "{name.clone()}</span></button>
            </form>
        }
        .into_any(),
    };
    view! { <li><h2>{name}</h2><p class="quiet">{by}</p>{revoke}</li> }
}
