//! Views into whole documents. The style stands inside, so that a page is one request.

use super::sheet::Sheet;
use crate::assets::PUBLIC_CSS;
use crate::http::fault::Fault;
use crate::http::{escaped, html};
use app::public::{Home, IncidentPage, NothingHere, StatusPage, incident_title, status_title};
use domain::Time;
use domain::public::{PublicIncident, PublicView};
use leptos::prelude::*;

pub(super) fn status(view: PublicView, home: Home, now: Time) -> Result<Sheet, Fault> {
    let title = status_title(&view);
    Sheet::of(document(
        &title,
        &html(|| view! { <StatusPage view home now /> }),
    ))
}

pub(super) fn incident(
    page_name: String,
    home: Home,
    incident: PublicIncident,
    now: Time,
) -> Result<Sheet, Fault> {
    Sheet::of(incident_page(page_name, home, incident, now))
}

/// The page of one incident as a document.
pub(crate) fn incident_page(
    page_name: String,
    home: Home,
    incident: PublicIncident,
    now: Time,
) -> String {
    let title = incident_title(&page_name, &incident);
    document(
        &title,
        &html(|| view! { <IncidentPage page_name home incident now /> }),
    )
}

pub(super) fn nothing(page_name: String, now: Time) -> Result<Sheet, Fault> {
    let title = format!("{page_name} status");
    Sheet::of(document(
        &title,
        &html(|| view! { <NothingHere page_name now /> }),
    ))
}

fn document(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{}</title><link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\
         <style>{PUBLIC_CSS}</style></head><body>{body}</body></html>\n",
        escaped(title)
    )
}
