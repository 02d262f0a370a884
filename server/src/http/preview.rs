//! What a customer would get of an update that is not published yet: their page to the letter, and
//! the e-mail. It is drawn by what draws the real ones, from the record with the update on top.
//! Nothing is kept, and only who is signed in may ask.

use crate::assets::PUBLIC_CSS;
use crate::http::fault::Fault;
use crate::http::session::{self, SignedIn};
use crate::http::{Site, escaped, wrong};
use crate::links::Page;
use crate::public;
use app::public::{Home, mail};
use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{DefaultBodyLimit, Form, Path, State};
use axum::http::{HeaderValue, header};
use axum::middleware;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::post;
use domain::customer::CustomerId;
use domain::policy::minutes;
use domain::public::{PublicIncident, Reader};
use domain::text::prose;
use domain::update::{Audience, UpdateText};
use domain::{CommandId, Event, Incident, IncidentNumber, PersonRef, Recorded, Refusal, Time};
use serde::Deserialize;
use std::sync::Arc;
use tokio::task::spawn_blocking;
use uuid::Uuid;

/// The longest update, each of its letters written in twelve bytes.
const FORM_MAX_BYTES: usize = 1024 * 1024;
/// When to ask again while too many are drawn.
const RETRY_AFTER_S: u32 = 2;
/// It stands in a frame of the composer and nowhere else; it has its own style, and no script: none
/// has a source, and what the sandbox allows is for tools that look into frames.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'self'; sandbox allow-scripts",
);

/// Where the composer asks.
pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/incidents/{number}/update/preview", post(preview))
        .layer(DefaultBodyLimit::max(FORM_MAX_BYTES))
        .route_layer(middleware::from_fn_with_state(
            Arc::clone(&site),
            session::require,
        ))
        // Also what went wrong is read in the frame.
        .layer(middleware::map_response(async |mut response: Response| {
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }))
        .with_state(site)
}

#[derive(Deserialize)]
struct Asked {
    /// [`UpdateText`] as JSON.
    text: String,
    /// `page` or `mail`.
    #[serde(rename = "as")]
    form: String,
}

async fn preview(
    State(site): State<Arc<Site>>,
    SignedIn(who): SignedIn,
    Path(number): Path<String>,
    asked: Result<Form<Asked>, FormRejection>,
) -> Result<Response, Fault> {
    let Form(Asked { text, form }) = asked?;
    let (own, all) = (
        site.limits.previews_at_once_per_person,
        site.limits.previews_at_once,
    );
    let share = site.previews.take(who.id, 1, own, all);
    let share = share.ok_or(Fault::Unavailable {
        retry_after_s: RETRY_AFTER_S,
    })?;
    let number: IncidentNumber = number.parse().map_err(|_| Fault::NotFound)?;
    let (_, incident) = site.log.incident(number).await.map_err(wrong)?;
    let text: UpdateText = serde_json::from_str(&text)
        .map_err(|_| Fault::BadRequest("Open the composer anew and ask again."))?;
    let now = site.clock.now();
    let cadence_min = incident.cadence_min(&site.log.policies().of(&incident));
    let text = match checked(text, cadence_min, now) {
        Ok(text) => text,
        Err(why) => return Ok(say(&why.to_string()).into_response()),
    };
    // That of the pages themselves, whatever the incident was declared under.
    let page_name = site.log.policy().page_name.clone();
    let mut text = text;
    if let Audience::Named { customers } = &mut text.audience
        && let Err(why) = site
            .log
            .named_today(&incident, customers)
            .await
            .map_err(wrong)?
    {
        return Ok(say(&why.to_string()).into_response());
    }
    let by = who.to_ref();
    // Of a long incident it takes as much memory again and a while, too long for a thread that answers requests.
    let drawing = spawn_blocking(move || {
        // Held by the work itself: who hangs up does not make room while it goes on.
        let _share = share;
        let (reader, home) = read_by(&text.audience, &incident);
        let published = with(&incident, text, cadence_min, by, now);
        let Some(seen) = PublicIncident::of(&published, &reader) else {
            return Ok(say("Name a customer who will read it."));
        };
        drop(published);
        match form.as_str() {
            "mail" => mail_page(&page_name, site.public_url.origin(), &home, &seen),
            // Its links lead out of the frame.
            _ => {
                let html = public::incident_page(page_name, home, seen, now);
                Ok(Html(html.replacen("<body>", "<body inert>", 1)))
            }
        }
    });
    Ok(drawing.await.map_err(Fault::internal)??.into_response())
}

fn mail_page(
    page_name: &str,
    origin: &str,
    home: &Home,
    seen: &PublicIncident,
) -> Result<Html<String>, Fault> {
    let mail = mail(page_name, origin, home, seen).ok_or(Fault::NotFound)?;
    let (subject, text) = (escaped(&mail.subject), escaped(&mail.text));
    Ok(page(&format!("<h1>{subject}</h1><pre>{text}</pre>")))
}

/// As it would be kept. What a draft may lack and a page cannot show is refused.
fn checked(text: UpdateText, cadence_min: u32, now: Time) -> Result<UpdateText, Refusal> {
    let latest = now + minutes(cadence_min);
    if text.next_at.is_some_and(|at| at <= now || at > latest) {
        let problem = format!(
            "must be in the future and by {}",
            latest.format("%H:%M UTC")
        );
        return Err(Refusal::invalid("Next update", problem));
    }
    Ok(UpdateText {
        acknowledge: prose("What happens", &text.acknowledge)?,
        impact: prose("Who is affected", &text.impact)?,
        action: prose("What we do", &text.action)?,
        ..text
    })
}

/// Who reads it, and where. A customer's own address is a secret that is not known here.
fn read_by(audience: &Audience, incident: &Incident) -> (Reader, Home) {
    match audience {
        Audience::Public => (Reader::Public, Home::default()),
        Audience::Named { customers } => {
            let first = customers.first().cloned().unwrap_or_default();
            let home = Home {
                path: "/status/c/…".to_owned(),
                account: Some(first.name.clone()),
                is_outdated: false,
            };
            let line = incident.customer(first.id);
            let reader = match (line, first.id) {
                (Some(line), _) => Page::of(incident.id, line).reader(),
                (None, CustomerId::Account(id)) => Reader::Account(id),
                (None, id) if id.is_unset() => Reader::Named(first.name),
                (None, CustomerId::Entry(id)) => Reader::Entry(incident.id, id),
            };
            (reader, home)
        }
    }
}

/// The incident as it would be once this is published.
fn with(
    incident: &Incident,
    text: UpdateText,
    cadence_min: u32,
    by: PersonRef,
    now: Time,
) -> Incident {
    let mut published = incident.clone();
    published.apply(&Recorded {
        seq: 0,
        incident: incident.id,
        version: incident.version + 1,
        at: now,
        made_at: now,
        by,
        command: CommandId(Uuid::nil()),
        stamped_at: None,
        event: Event::UpdateSent {
            text,
            cadence_min,
            approved_by: None,
            excuses: Vec::new(),
        },
    });
    published
}

fn say(words: &str) -> Html<String> {
    page(&format!("<p>{}</p>", escaped(words)))
}

fn page(body: &str) -> Html<String> {
    Html(format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Preview</title>\
         <style>{PUBLIC_CSS} pre {{ white-space: pre-wrap; font: inherit; }}</style></head>\
         <body><div class=\"public\"><main>{body}</main></div></body></html>\n"
    ))
}
