//! The one place where an error becomes what the client sees. A handler answers with a
//! [`Fault`]; [`draw`] gives it a body: a page for who looks at pages, problem details
//! (RFC 9457) for the rest. A 500 tells nothing but the number under which the log has it.

use crate::http::page;
use crate::http::request_id;
use crate::store::StoreError;
use axum::Json;
use axum::extract::Request;
use axum::extract::rejection::FormRejection;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Why a request was not answered as asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Something in it is wrong.
    BadRequest(&'static str),
    /// Nobody is signed in, or no longer.
    SignedOut,
    /// It comes from another site, or this person may not.
    Forbidden(&'static str),
    /// There is no such thing.
    NotFound,
    /// It is bigger than anything that is taken here.
    TooLarge(&'static str),
    /// It is not the kind of content that is taken here.
    UnsupportedMediaType(&'static str),
    /// Too often.
    TooMany {
        /// When to try again, seconds.
        retry_after_s: u32,
    },
    /// The database cannot be used now.
    Unavailable {
        /// When to try again, seconds.
        retry_after_s: u32,
    },
    /// A fault of ours, told to the log already.
    Internal,
}

/// When to try again after a fault of the database, seconds.
pub const RETRY_AFTER_S: u32 = 2;

impl Fault {
    fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn retry_after_s(&self) -> Option<u32> {
        match self {
            Self::TooMany { retry_after_s } | Self::Unavailable { retry_after_s } => {
                Some(*retry_after_s)
            }
            _ => None,
        }
    }

    /// A fault of ours; the detail goes to the log and nowhere else.
    pub fn internal(detail: impl std::fmt::Display) -> Self {
        tracing::error!(%detail, "internal error");
        Self::Internal
    }
}

/// In the middle of a body; what it says is for the log.
impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Fault {}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(detail) => {
                tracing::warn!(%detail, "the database cannot be used now");
                Self::Unavailable {
                    retry_after_s: RETRY_AFTER_S,
                }
            }
            StoreError::Unusable(_) | StoreError::Unexpected(_) => Self::internal(error),
        }
    }
}

impl From<FormRejection> for Fault {
    fn from(rejection: FormRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge("Send less at once."),
            _ => Self::BadRequest("Send what the form of this page sends."),
        }
    }
}

impl IntoResponse for Fault {
    /// Without a body: [`draw`] knows who asked and gives it one.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        if let Some(seconds) = self.retry_after_s() {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// What is said of a status: a title, and what to do.
fn words(status: StatusCode, fault: Option<&Fault>) -> (&'static str, &'static str) {
    match (fault, status) {
        (Some(Fault::BadRequest(detail)), _) => ("That request cannot be read", detail),
        (Some(Fault::Forbidden(detail)), _) => ("That is not allowed", detail),
        (Some(Fault::TooLarge(detail)), _) => ("That is too large", detail),
        (Some(Fault::UnsupportedMediaType(detail)), _) => {
            ("That kind of content is not taken here", detail)
        }
        (_, StatusCode::UNAUTHORIZED) => ("You are signed out", "Sign in again."),
        (_, StatusCode::NOT_FOUND) => ("There is nothing here", "Check the address."),
        (_, StatusCode::METHOD_NOT_ALLOWED) => (
            "That method is not taken here",
            "The Allow header names those that are.",
        ),
        (_, StatusCode::PAYLOAD_TOO_LARGE) => ("That is too large", "Send less at once."),
        (_, StatusCode::TOO_MANY_REQUESTS) => (
            "Too many tries",
            "Wait as long as the Retry-After header says, then try again.",
        ),
        (_, StatusCode::SERVICE_UNAVAILABLE) => (
            "The server cannot do that right now",
            "Nothing is lost. Try again in a moment.",
        ),
        (_, status) if status.is_client_error() => {
            ("That request cannot be answered", "Check what was sent.")
        }
        _ => (
            "Something went wrong on the server",
            "Try again; if it stays so, give the number below to whoever runs this server.",
        ),
    }
}

/// Gives an error without a body the body that fits who asked.
pub async fn draw(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    // A file is sent by a script, and asked for by a person.
    let machine = ["/sync", "/live", "/api", "/intake", "/test"]
        .iter()
        .any(|area| path.starts_with(area))
        || (path == "/files" && request.method() == Method::POST);
    let id = request_id::of(request.extensions());
    let response = next.run(request).await;
    let status = response.status();
    let faulty = status.is_client_error() || status.is_server_error();
    if !faulty || response.headers().contains_key(header::CONTENT_TYPE) {
        return response;
    }
    let (title, detail) = words(status, response.extensions().get());
    let shown_id = status.is_server_error().then_some(id.as_str());
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        parts
            .headers
            .entry(header::RETRY_AFTER)
            .or_insert(HeaderValue::from(RETRY_AFTER_S));
    }
    parts
        .headers
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if machine {
        let problem = json!({
            "type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail, "request": id,
        });
        let kind = HeaderValue::from_static("application/problem+json");
        parts.headers.insert(header::CONTENT_TYPE, kind);
        (parts, Json(problem)).into_response()
    } else {
        let kind = HeaderValue::from_static("text/html; charset=utf-8");
        parts.headers.insert(header::CONTENT_TYPE, kind);
        (parts, page::fault(title, detail, shown_id)).into_response()
    }
}
