//! The timeline of an incident as a file to be saved (RUNBOOK §6), for who is signed in.

use crate::http::Site;
use crate::http::evidence::attachment;
use crate::http::fault::Fault;
use crate::http::screens::wrong;
use crate::http::session;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, middleware};
use domain::{Incident, export};
use std::sync::Arc;

/// A form in which a timeline is saved.
#[derive(Clone, Copy)]
struct Form {
    ending: &'static str,
    media_type: &'static str,
    write: fn(&Incident) -> String,
}

const FORMS: [Form; 3] = [
    Form {
        ending: "md",
        media_type: "text/markdown; charset=utf-8",
        write: export::markdown,
    },
    Form {
        ending: "csv",
        media_type: "text/csv; charset=utf-8; header=present",
        write: export::csv,
    },
    Form {
        ending: "json",
        media_type: "application/json",
        write: export::json,
    },
];

/// `GET /incidents/{key}/timeline.md`, `.csv` and `.json`; `key` is the number or the id.
pub fn router(site: Arc<Site>) -> Router {
    let mut router = Router::new();
    for form in FORMS {
        let save = move |State(site): State<Arc<Site>>, Path(key): Path<String>| async move {
            saved(&site, &key, form).await
        };
        let path = format!("/incidents/{{key}}/timeline.{}", form.ending);
        router = router.route(&path, get(save));
    }
    router
        .route_layer(middleware::from_fn_with_state(
            Arc::clone(&site),
            session::require_or_lead,
        ))
        .with_state(site)
}

async fn saved(site: &Site, key: &str, form: Form) -> Result<Response, Fault> {
    let incident = match (key.parse(), key.parse()) {
        (Ok(number), _) => site.log.incident(number).await.map(|(_, i)| i),
        (_, Ok(id)) => site.log.incident_by_id(id).await,
        _ => return Err(Fault::NotFound),
    };
    let incident = incident.map_err(wrong)?;
    let (name, id) = (incident.number_label(), incident.id);
    let name = match incident.number {
        Some(_) => format!("{name}-timeline.{}", form.ending),
        None => format!("{id}-timeline.{}", form.ending),
    };
    // A long timeline takes its time, which others should not have to wait for.
    let text = tokio::task::spawn_blocking(move || (form.write)(&incident))
        .await
        .map_err(Fault::internal)?;
    let mut response = text.into_response();
    let headers = response.headers_mut();
    for (header, value) in [
        (header::CONTENT_TYPE, form.media_type),
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
