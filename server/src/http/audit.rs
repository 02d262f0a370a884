//! The audit log, for administrators: a page without script, and the same as CSV and as lines of JSON.

use crate::http::Site;
use crate::http::accounts::frame::page;
use crate::http::evidence::attachment;
use crate::http::export;
use crate::http::fault::Fault;
use crate::http::session::{self, Administrator, SessionCheck};
use crate::store::{Act, AuditLine, AuditPage, Store};
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Router, middleware};
use chrono::SecondsFormat;
use domain::export::{BYTE_ORDER_MARK, csv_line};
use domain::{Person, Time};
use futures::stream;
use leptos::prelude::*;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// Lines on one page.
const PAGE_SIZE: usize = 100;
/// Lines that are read at once for a file; it is sent as it is read, however long the log is.
const CHUNK: u32 = 1_000;

/// Columns of the CSV, and fields of the JSON, in order.
const COLUMNS: [&str; 8] = [
    "line", "at", "by", "by_id", "from", "act", "subject", "detail",
];

/// `GET /audit`, `/audit.csv` and `/audit.jsonl`.
pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/audit", get(show))
        .route("/audit.csv", get(csv))
        .route("/audit.jsonl", get(lines_of_json))
        .route_layer(middleware::from_fn_with_state(
            Arc::clone(&site),
            session::require_or_lead,
        ))
        .with_state(site)
}

/// The place before which the page begins.
#[derive(Default, Deserialize)]
struct Asked {
    before: Option<u64>,
}

async fn show(
    State(site): State<Arc<Site>>,
    Administrator(who): Administrator,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Html<String>, Fault> {
    let Query(asked) = asked
        .map_err(|_| Fault::BadRequest("Open the audit log anew, from the page of people."))?;
    // One more than fits tells whether there is another page.
    let limit = u32::try_from(PAGE_SIZE + 1).unwrap_or(u32::MAX);
    let mut lines = site
        .store
        .audit(AuditPage::Before(asked.before), limit)
        .await?;
    let is_more = lines.len() > PAGE_SIZE;
    lines.truncate(PAGE_SIZE);
    Ok(draw(&who, lines, is_more))
}

fn draw(who: &Person, lines: Vec<AuditLine>, is_more: bool) -> Html<String> {
    let before = lines.last().map(|line| line.seq).filter(|_| is_more);
    let is_empty = lines.is_empty();
    let rows = lines.into_iter().map(row).collect_view();
    page("Audit log", who, || {
        view! {
            <p class="account-way"><a href="/people">"All people"</a></p>
            <div class="page-head">
                <h1>"Audit log"</h1>
                <p class="actions">
                    <a class="button" href="/audit.csv">"Save as CSV"</a>
                    <a class="button" href="/audit.jsonl">"Save as JSON lines"</a>
                </p>
            </div>
            <p class="quiet">"Who did what to people, passwords, secret links, customer accounts and the policy. Nobody can change or remove a line."</p>
            {is_empty.then(|| view! { <p class="empty">"Nothing more is in it."</p> })}
            <ol class="facts-list">{rows}</ol>
            {before.map(|before| view! {
                <form method="get" action="/audit">
                    <input type="hidden" name="before" value=before.to_string() />
                    <button>"Older lines"</button>
                </form>
            })}
        }
    })
}

fn row(line: AuditLine) -> impl IntoView {
    let AuditLine {
        at,
        by,
        from,
        act,
        subject,
        detail,
        ..
    } = line;
    let label = Act::of(&act).map_or(act.clone(), |act| act.label().to_owned());
    let from = match from.as_str() {
        "" => String::new(),
        from => format!(", from {from}"),
    };
    view! {
        <li>
            <h2>{label}": "{subject}</h2>
            {(!detail.is_empty()).then(|| view! { <p>{detail}</p> })}
            <p class="quiet"><time datetime=stamp(at)>{at.format("%-d %B %Y, %H:%M:%S UTC").to_string()}</time>", "{by.name}{from}</p>
        </li>
    }
}

fn stamp(at: Time) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A form in which the log is saved.
#[derive(Clone, Copy)]
struct Form {
    name: &'static str,
    media_type: &'static str,
    head: fn() -> String,
    line: fn(&AuditLine) -> String,
}

async fn csv(
    State(site): State<Arc<Site>>,
    Administrator(who): Administrator,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    saved(
        &site,
        (&who, headers),
        Form {
            name: "audit.csv",
            media_type: "text/csv; charset=utf-8; header=present",
            head: || format!("{BYTE_ORDER_MARK}{}", csv_line(&COLUMNS)),
            line: |line| csv_line(&cells(line)),
        },
    )
}

async fn lines_of_json(
    State(site): State<Arc<Site>>,
    Administrator(who): Administrator,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    saved(
        &site,
        (&who, headers),
        Form {
            name: "audit.jsonl",
            media_type: "application/jsonl; charset=utf-8",
            head: String::new,
            line: |line| {
                let fields = COLUMNS.into_iter().zip(cells(line));
                let fields: serde_json::Map<_, _> = fields
                    .map(|(name, value)| (name.to_owned(), json!(value)))
                    .collect();
                format!("{}\n", serde_json::Value::Object(fields))
            },
        },
    )
}

fn cells(line: &AuditLine) -> [String; 8] {
    [
        line.seq.to_string(),
        stamp(line.at),
        line.by.name.clone(),
        line.by.id.to_string(),
        line.from.clone(),
        line.act.clone(),
        line.subject.clone(),
        line.detail.clone(),
    ]
}

/// The oldest line first. What is written while it is sent is in it.
fn saved(
    site: &Arc<Site>,
    (who, headers): (&Person, HeaderMap),
    form: Form,
) -> Result<Response, Fault> {
    let (store, share) = (Arc::clone(&site.store), export::share(site, who.id)?);
    let check = Arc::new(SessionCheck::of_administrator(site, headers, who));
    let chunks = stream::try_unfold((Some(0), share), move |(after, share)| {
        let (store, check) = (Arc::clone(&store), Arc::clone(&check));
        async move {
            let Some(after) = after else { return Ok(None) };
            check.ask().await?;
            let chunk = chunk(store.as_ref(), after, form).await?;
            Ok::<_, Fault>(chunk.map(|(text, next)| (text, (next, share))))
        }
    });
    let mut response = Body::from_stream(chunks).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, form.media_type),
        (header::CONTENT_DISPOSITION, &attachment(form.name)),
        (
            header::CONTENT_SECURITY_POLICY,
            "sandbox; default-src 'none'",
        ),
    ] {
        headers.insert(name, HeaderValue::from_str(value).map_err(Fault::internal)?);
    }
    Ok(response)
}

/// The lines after this place as text, and the place after which the next begin; none for the end.
async fn chunk(
    store: &dyn Store,
    after: u64,
    form: Form,
) -> Result<Option<(String, Option<u64>)>, Fault> {
    let lines = store.audit(AuditPage::After(after), CHUNK).await?;
    let mut text = match after {
        0 => (form.head)(),
        _ => String::new(),
    };
    for line in &lines {
        text.push_str(&(form.line)(line));
    }
    let next = lines.last().map(|line| line.seq);
    match text.is_empty() {
        true => Ok(None),
        false => Ok(Some((text, next))),
    }
}
