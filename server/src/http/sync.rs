//! The server functions of `app::api` over HTTP, for who is signed in. Here, and only here, an
//! [`ApiError`] becomes a status: Leptos itself answers each with 500.

use crate::connections::keep_connection;
use crate::http::Site;
use crate::http::client_address::ClientAddress;
use crate::http::fault::{Fault, RETRY_AFTER_S};
use crate::http::packed::WithEvents;
use crate::http::rate::Rate;
use crate::http::shares::{Share, Shares};
use crate::http::{request_id, session};
use crate::log::BoundBackend;
use app::api::{ApiError, BUILD, BUILD_HEADER, Backend, PostedCommand, Pull, Push};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Json, Router, middleware};
use domain::PersonId;
use leptos::prelude::provide_context;
use leptos::server_fn::ServerFn as _;
use leptos::server_fn::axum::get_server_fn_service;
use leptos_axum::handle_server_fns_with_context;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::sync::Arc;

/// The largest body that is taken: a full push of long entries fits.
pub const BODY_MAX_BYTES: usize = 1024 * 1024;
/// An error is short; what is longer is none of ours.
const ERROR_MAX_BYTES: usize = 64 * 1024;

/// So much of what a person may send in a minute is counted for each command.
const COMMAND_BYTES: u64 = 8_000;

/// Pushes of each person: how many, and how large.
#[derive(Default)]
pub struct Pushes {
    commands: Rate,
    bytes: Rate,
    waiting: Shares,
}

/// A push, as far as it is to be counted.
#[derive(Deserialize)]
struct Counted {
    #[serde(default)]
    commands: Vec<IgnoredAny>,
}

impl Pushes {
    /// Has a body of this person come in, if too much is not on its way or waits already. What is kept of it says so.
    /// Counted before it is read: one that never ends is held as well.
    fn begin(&self, site: &Site, person: PersonId, headers: &HeaderMap) -> Result<Share, Wrong> {
        let size = announced(headers).map_or(BODY_MAX_BYTES, |size| size.min(BODY_MAX_BYTES));
        let (own, all) = (site.limits.push_bytes_per_person, site.limits.push_bytes);
        let share = self.waiting.take(person, size, own, all);
        Ok(share.ok_or(ApiError::Unavailable {
            retry_after_s: RETRY_AFTER_S,
        })?)
    }

    /// Lets a push of this person in, if they have not sent too much.
    fn admit(
        &self,
        site: &Site,
        person: PersonId,
        function: &str,
        body: &Bytes,
    ) -> Result<(), Wrong> {
        if function != Push::PATH {
            return Ok(());
        }
        let (limits, now) = (&site.limits, site.clock.now());
        // What cannot be read is refused by who reads it.
        let counted = serde_json::from_slice::<Counted>(body).map_or(1, |push| push.commands.len());
        let (commands, bytes) = (counted as u64, body.len() as u64);
        // For the browser it is as if the server could not write just now: it keeps them and tries again.
        let too_many = |retry_after_s| Wrong {
            status: StatusCode::TOO_MANY_REQUESTS,
            error: ApiError::Unavailable { retry_after_s },
        };
        self.commands
            .take(person, commands, limits.commands_per_minute, now)
            .map_err(too_many)?;
        let bytes_max = limits.commands_per_minute.saturating_mul(COMMAND_BYTES);
        self.bytes
            .take(person, bytes, bytes_max, now)
            .map_err(too_many)?;
        Ok(())
    }
}

/// Every server function, by the path that its `endpoint` says.
pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/sync/{*function}", any(answer))
        .layer(middleware::map_response(tell_build))
        .with_state(site)
}

async fn answer(State(site): State<Arc<Site>>, request: Request) -> Response {
    if get_server_fn_service(request.uri().path(), Method::POST).is_none() {
        return Fault::NotFound.into_response();
    }
    if request.method() != Method::POST {
        let allow = [(header::ALLOW, HeaderValue::from_static("POST"))];
        return (StatusCode::METHOD_NOT_ALLOWED, allow).into_response();
    }
    let id = request_id::of(request.extensions());
    match call(&site, request).await {
        Ok(response) => response,
        Err(Wrong { status, error }) => told(status, error, id),
    }
}

/// Every answer says which build it is of, also one that its reader cannot read (S8).
async fn tell_build(mut response: Response) -> Response {
    let build = HeaderValue::from(BUILD);
    response.headers_mut().insert(BUILD_HEADER, build);
    response
}

async fn call(site: &Site, request: Request) -> Result<Response, Wrong> {
    let (mut parts, body) = request.into_parts();
    let person = session::person(site, &parts.headers)
        .await?
        .ok_or(ApiError::SignedOut)?;
    keep_connection(&parts.extensions);
    must_be_json(&parts.headers)?;
    let _waits = site.pushes.begin(site, person.id, &parts.headers)?;
    let body = whole(&parts.headers, body).await?;
    // Once more: it may have ended while the body was on its way.
    let person = session::person(site, &parts.headers)
        .await?
        .ok_or(ApiError::SignedOut)?;
    site.pushes
        .admit(site, person.id, parts.uri.path(), &body)?;
    // With it, Leptos would take the sender for a form and lead it back to where it came from.
    parts.headers.remove(header::ACCEPT);
    let backend: Arc<dyn Backend> = Arc::new(BoundBackend {
        log: site.log.clone(),
        me: person,
        from: ClientAddress::of(site, &parts).0,
    });
    if let Some(answer) = direct(site, parts.uri.path(), &parts.headers, &body, &*backend).await {
        return answer;
    }
    let provide = move || provide_context(Arc::clone(&backend));
    let request = Request::from_parts(parts, Body::from(body));
    let response = handle_server_fns_with_context(provide, request)
        .await
        .into_response();
    if response.status().is_success() {
        return Ok(response);
    }
    let body = to_bytes(response.into_body(), ERROR_MAX_BYTES)
        .await
        .map_err(Fault::internal)?;
    let error: ApiError = serde_json::from_slice(&body).map_err(Fault::internal)?;
    Err(error.into())
}

/// The two that are asked all the time, answered without a detour: what was written as JSON for one reader is sent
/// to all. None for any other.
async fn direct(
    site: &Site,
    path: &str,
    headers: &HeaderMap,
    body: &[u8],
    backend: &dyn Backend,
) -> Option<Result<Response, Wrong>> {
    match path {
        Push::PATH => Some(push(site, headers, body, backend).await),
        Pull::PATH => Some(pull(site, headers, body, backend).await),
        _ => None,
    }
}

async fn push(
    site: &Site,
    headers: &HeaderMap,
    body: &[u8],
    backend: &dyn Backend,
) -> Result<Response, Wrong> {
    let asks: Push = serde_json::from_slice(body).map_err(|_| Wrong::unreadable())?;
    for command in &asks.commands {
        if let PostedCommand::Unreadable(command) = command {
            let sender = headers.get(BUILD_HEADER).and_then(|b| b.to_str().ok());
            tracing::warn!(%command, sender, build = BUILD, "a command cannot be read");
        }
    }
    let pushed = asks.answer(backend).await?;
    let (before, after) = pushed.json_around().map_err(Fault::internal)?;
    let json = WithEvents {
        before,
        events: &pushed.pulled.events,
        after,
    };
    let answer = site.packer.answer(headers, &json);
    Ok(answer.map_err(Fault::internal)?)
}

async fn pull(
    site: &Site,
    headers: &HeaderMap,
    body: &[u8],
    backend: &dyn Backend,
) -> Result<Response, Wrong> {
    let asks: Pull = serde_json::from_slice(body).map_err(|_| Wrong::unreadable())?;
    let pulled = asks.answer(backend).await?;
    let (before, after) = pulled.json_around().map_err(Fault::internal)?;
    let json = WithEvents {
        before,
        events: &pulled.events,
        after,
    };
    let answer = site.packer.answer(headers, &json);
    Ok(answer.map_err(Fault::internal)?)
}

/// A page of another site can send a form or plain text, never this, without being asked first.
fn must_be_json(headers: &HeaderMap) -> Result<(), Wrong> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind
        .and_then(|kind| kind.split(';').next())
        .unwrap_or_default();
    if kind.trim().eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(Wrong::bad(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "Send application/json.",
    ))
}

/// How large the body will be, if that is said.
fn announced(headers: &HeaderMap) -> Option<usize> {
    let size = headers.get(header::CONTENT_LENGTH)?;
    size.to_str().ok()?.parse().ok()
}

/// The whole body, read before anything is done with it.
async fn whole(headers: &HeaderMap, body: Body) -> Result<Bytes, Wrong> {
    let too_large = || Wrong::bad(StatusCode::PAYLOAD_TOO_LARGE, "Send at most 1 MiB at once.");
    if announced(headers).is_some_and(|size| size > BODY_MAX_BYTES) {
        return Err(too_large());
    }
    to_bytes(body, BODY_MAX_BYTES).await.map_err(|error| {
        use std::error::Error as _;
        match error.source() {
            Some(source) if source.is::<http_body_util::LengthLimitError>() => too_large(),
            _ => Wrong::bad(StatusCode::BAD_REQUEST, "The request broke off."),
        }
    })
}

/// An error with the status that it goes out under.
struct Wrong {
    status: StatusCode,
    error: ApiError,
}

impl Wrong {
    fn unreadable() -> Self {
        let detail = "The body is not what this address takes.";
        Self::bad(StatusCode::BAD_REQUEST, detail)
    }

    fn bad(status: StatusCode, detail: &str) -> Self {
        Self {
            status,
            error: ApiError::BadRequest {
                detail: detail.to_owned(),
            },
        }
    }
}

impl From<ApiError> for Wrong {
    fn from(error: ApiError) -> Self {
        let status = match &error {
            ApiError::SignedOut => StatusCode::UNAUTHORIZED,
            ApiError::BadRequest { .. } => StatusCode::BAD_REQUEST,
            ApiError::NotFound => StatusCode::NOT_FOUND,
            ApiError::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            // On this side it means that Leptos could not read the arguments.
            ApiError::Unreachable => {
                return Self::unreadable();
            }
            ApiError::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self { status, error }
    }
}

impl From<Fault> for Wrong {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Unavailable { retry_after_s } => ApiError::Unavailable { retry_after_s }.into(),
            _ => ApiError::Internal {
                request: String::new(),
            }
            .into(),
        }
    }
}

fn told(status: StatusCode, error: ApiError, id: String) -> Response {
    let error = match error {
        ApiError::Internal { request: detail } => {
            tracing::error!(detail, "a server function failed");
            ApiError::Internal { request: id }
        }
        error => error,
    };
    let retry_after = match error {
        ApiError::Unavailable { retry_after_s } => Some(retry_after_s.max(1)),
        _ if status == StatusCode::SERVICE_UNAVAILABLE => Some(RETRY_AFTER_S),
        _ => None,
    };
    let mut response = (status, Json(error)).into_response();
    if let Some(seconds) = retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
