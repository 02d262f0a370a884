//! The timeline of an incident as a file to be saved (RUNBOOK §6), for who is signed in. It is written as it is sent, an
//! entry at a time.

use crate::http::Site;
use crate::http::evidence::attachment;
use crate::http::fault::Fault;
use crate::http::screens::wrong;
use crate::http::session::{self, SessionCheck, SignedIn};
use crate::http::shares::Share;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, middleware};
use domain::export::Format;
use domain::{Incident, PersonId};
use futures::stream;
use std::sync::Arc;
use tokio::task::spawn_blocking;

/// A piece ends with the entry that makes it as long.
const PIECE_BYTES: usize = 256 * 1024;
/// When to come back while too many are saved.
const RETRY_AFTER_S: u32 = 10;

/// A format, and what is said of a file in it.
#[derive(Clone, Copy)]
struct Kind {
    format: Format,
    ending: &'static str,
    media_type: &'static str,
}

const KINDS: [Kind; 3] = [
    Kind {
        format: Format::Markdown,
        ending: "md",
        media_type: "text/markdown; charset=utf-8",
    },
    Kind {
        format: Format::Csv,
        ending: "csv",
        media_type: "text/csv; charset=utf-8; header=present",
    },
    Kind {
        format: Format::Json,
        ending: "json",
        media_type: "application/json",
    },
];

/// `GET /incidents/{key}/timeline.md`, `.csv` and `.json`; `key` is the number or the id.
pub fn router(site: Arc<Site>) -> Router {
    let mut router = Router::new();
    for kind in KINDS {
        let save = move |State(site): State<Arc<Site>>,
                         SignedIn(person): SignedIn,
                         Path(key): Path<String>,
                         headers: HeaderMap| async move {
            let share = share(&site, person.id)?;
            let check = SessionCheck::of_person(&site, headers, &person);
            saved(&site, &key, kind, (share, check)).await
        };
        let path = format!("/incidents/{{key}}/timeline.{}", kind.ending);
        router = router.route(&path, get(save));
    }
    router
        .route_layer(middleware::from_fn_with_state(
            Arc::clone(&site),
            session::require_or_lead,
        ))
        .with_state(site)
}

/// One more file that this person saves; it is held until the last of it is sent, or nobody reads on.
///
/// # Errors
/// [`Fault::Unavailable`] when they, or all, save as many as they may.
pub fn share(site: &Site, person: PersonId) -> Result<Share, Fault> {
    let (own, all) = (
        site.limits.exports_at_once_per_person,
        site.limits.exports_at_once,
    );
    let share = site.exports.take(person, 1, own, all);
    share.ok_or(Fault::Unavailable {
        retry_after_s: RETRY_AFTER_S,
    })
}

async fn saved(
    site: &Site,
    key: &str,
    kind: Kind,
    (share, check): (Share, SessionCheck),
) -> Result<Response, Fault> {
    let incident = match (key.parse(), key.parse()) {
        (Ok(number), _) => site.log.incident(number).await.map(|(_, i)| i),
        (_, Ok(id)) => site.log.incident_by_id(id).await,
        _ => return Err(Fault::NotFound),
    };
    let incident = incident.map_err(wrong)?;
    let name = match incident.number {
        Some(number) => format!("{number}-timeline.{}", kind.ending),
        None => format!("{}-timeline.{}", incident.id, kind.ending),
    };
    let unsent = Unsent {
        incident,
        format: kind.format,
        part: 0,
        _share: share,
    };
    let mut response = Body::from_stream(unsent.pieces(check)).into_response();
    let headers = response.headers_mut();
    for (header, value) in [
        (header::CONTENT_TYPE, kind.media_type),
        (header::CONTENT_DISPOSITION, &attachment(&name)),
        (
            header::CONTENT_SECURITY_POLICY,
            "sandbox; default-src 'none'",
        ),
    ] {
        let value = HeaderValue::from_str(value).map_err(Fault::internal)?;
        headers.insert(header, value);
    }
    Ok(response)
}

/// What of a file is not sent yet.
struct Unsent {
    incident: Arc<Incident>,
    format: Format,
    /// The next one.
    part: usize,
    /// Of the body, and of the work while a piece is written: hanging up does not make room before that ends.
    _share: Share,
}

impl Unsent {
    fn pieces(self, check: SessionCheck) -> impl stream::Stream<Item = Result<String, Fault>> {
        stream::try_unfold((self, check), |(unsent, check)| async move {
            check.ask().await?;
            let (piece, unsent) = spawn_blocking(move || unsent.next_piece())
                .await
                .map_err(Fault::internal)?;
            Ok((!piece.is_empty()).then_some((piece, (unsent, check))))
        })
    }

    /// Empty at the end.
    fn next_piece(mut self) -> (String, Self) {
        let mut piece = String::new();
        while piece.len() < PIECE_BYTES
            && let Some(part) = self.format.part(&self.incident, self.part)
        {
            piece.push_str(&part);
            self.part += 1;
        }
        (piece, self)
    }
}
