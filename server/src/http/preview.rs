//! What a customer would get of an update that is not published yet: their page to the letter, and
//! the e-mail. It is drawn by what draws the real ones, from the record with the update on top.
//! Nothing is kept, and only who is signed in may ask.

use crate::assets::PUBLIC_CSS;
use crate::http::fault::Fault;
use crate::http::session::{self, SignedIn};
use crate::http::{Site, escaped, wrong};
use crate::public;
use app::public::{Home, mail};
use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{DefaultBodyLimit, Form, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::post;
use domain::public::{PublicIncident, Reader};
use domain::update::{Audience, UpdateText};
use domain::{CommandId, Event, Incident, IncidentNumber, PersonRef, Recorded, Time};
use serde::Deserialize;
use std::sync::Arc;
use uuid::Uuid;

/// The longest update many times over.
const FORM_MAX_BYTES: usize = 256 * 1024;
/// It stands in a frame of the composer and nowhere else; it has its own style, and no script.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'self'; sandbox",
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
        .with_state(site)
}

#[derive(Deserialize)]
struct Asked {
    /// [`UpdateText`] as JSON; empty while it cannot be put together.
    text: String,
    /// `page` or `mail`.
    #[serde(rename = "as")]
    form: String,
}

async fn preview(
    State(site): State<Arc<Site>>,
    SignedIn(who): SignedIn,
    Path(number): Path<String>,
    headers: HeaderMap,
    asked: Result<Form<Asked>, FormRejection>,
) -> Result<Response, Fault> {
    let Form(Asked { text, form }) = asked?;
    let number: IncidentNumber = number.parse().map_err(|_| Fault::NotFound)?;
    let (_, incident) = site.log.incident(number).await.map_err(wrong)?;
    let Ok(text) = serde_json::from_str::<UpdateText>(&text) else {
        return Ok(answer(say("Say first when the next update comes.")));
    };
    let now = site.clock.now();
    let policy = site.log.policies().of(&incident);
    let (reader, home) = read_by(&text.audience);
    let published = with(&incident, text, who.to_ref(), now);
    let Some(seen) = PublicIncident::of(&published, &reader) else {
        return Ok(answer(say("Name a customer who will read it.")));
    };
    if form == "mail" {
        let host = headers.get(header::HOST).and_then(|h| h.to_str().ok());
        let origin = format!("https://{}", host.unwrap_or("localhost"));
        let Some(mail) = mail(&policy.page_name, &origin, &home, &seen) else {
            return Err(Fault::NotFound);
        };
        let (subject, text) = (escaped(&mail.subject), escaped(&mail.text));
        return Ok(answer(page(&format!(
            "<h1>{subject}</h1><pre style=\"white-space: pre-wrap; font: inherit\">{text}</pre>"
        ))));
    }
    let html = public::incident_page(policy.page_name.clone(), home, seen, now);
    Ok(answer(html))
}

/// Who reads it, and where. A customer's own address is a secret that is not known here.
fn read_by(audience: &Audience) -> (Reader, Home) {
    match audience {
        Audience::Public => (Reader::Public, Home::default()),
        Audience::Named { customers } => {
            let name = customers.first().cloned().unwrap_or_default();
            let home = Home {
                path: "/status/c/…".to_owned(),
                account: Some(name.clone()),
            };
            (Reader::Customer(name), home)
        }
    }
}

/// The incident as it would be once this is published.
fn with(incident: &Incident, text: UpdateText, by: PersonRef, now: Time) -> Incident {
    let mut published = incident.clone();
    published.apply(&Recorded {
        seq: 0,
        incident: incident.id,
        version: incident.version + 1,
        at: now,
        made_at: now,
        by,
        command: CommandId(Uuid::nil()),
        event: Event::UpdateSent {
            text,
            cadence_min: 0,
            approved_by: None,
            excuses: Vec::new(),
        },
    });
    published
}

fn say(words: &str) -> String {
    page(&format!("<p>{}</p>", escaped(words)))
}

fn page(body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Preview</title>\
         <style>{PUBLIC_CSS}</style></head><body><div class=\"public\"><main>{body}</main></div></body></html>\n"
    )
}

fn answer(html: String) -> Response {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (StatusCode::OK, headers, Html(html)).into_response()
}
