//! What customers see: plain HTML, no script.
//!
//! Architecture invariant (D1): nothing in here takes any type but those of `domain::public`
//! and plain words, so a page can hold only what was published to its reader.

mod excerpt;
mod incident_page;
mod mail;
mod promise;
mod status_page;
mod told;
mod when;

pub use incident_page::IncidentPage;
pub use mail::{Mail, mail};
pub use status_page::StatusPage;

use domain::public::{PublicIncident, PublicView};
use leptos::prelude::*;

/// Where a reader's pages are, and whose they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// The address of the status page, without a slash at its end.
    pub path: String,
    /// The account that the pages are for; none on those for everybody.
    pub account: Option<String>,
    /// Whether the address is from before customers had ids and nobody can say any more whose it is:
    /// what was published since is not on it.
    pub is_outdated: bool,
}

impl Default for Home {
    /// The pages for everybody.
    fn default() -> Self {
        Self {
            path: "/status".to_owned(),
            account: None,
            is_outdated: false,
        }
    }
}

impl Home {
    /// Where this incident's own page is, or, where its name cannot be read, the page that lists it.
    #[must_use]
    pub fn path_of(&self, incident: &PublicIncident) -> String {
        match &incident.id {
            Some(id) => format!("{}/incidents/{id}", self.path),
            None => self.path.clone(),
        }
    }
}

/// The title of the status page, as plain text: what is wrong stands in it, so that a tab tells.
#[must_use]
pub fn status_title(view: &PublicView) -> String {
    match view.current.first() {
        Some(incident) => {
            format!(
                "{}: {} status",
                in_title(incident.headline()),
                view.page_name
            )
        }
        None => format!("{} status", view.page_name),
    }
}

/// The title of an incident's page, as plain text.
#[must_use]
pub fn incident_title(page_name: &str, incident: &PublicIncident) -> String {
    format!("{}: {page_name} status", in_title(name_of(incident)))
}

/// On one line, whatever stands in it: titles and subjects have no second one.
fn in_title(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    excerpt::cut(&words.join(" "), excerpt::TITLE)
        .trim_end_matches('.')
        .to_owned()
}

/// What an incident is called among others: the newest word while it lasts; once it is over,
/// that word is "it is over", and the first one tells what it was.
fn name_of(incident: &PublicIncident) -> &str {
    match incident.updates.last() {
        Some(first) if incident.is_over() => &first.acknowledge,
        _ => incident.headline(),
    }
}

/// What stands around every public page.
#[component]
fn Frame(
    /// The page's name.
    page_name: String,
    /// Whose page it is.
    #[prop(optional)]
    home: Home,
    /// The moment that the page tells of.
    now: domain::Time,
    /// What it tells.
    children: Children,
) -> impl IntoView {
    let whose = home.account.map(|account| {
        view! { <p class="quiet">"For "<b>{account}</b>". Whoever has this address can read it: please keep it to yourselves."</p> }
    });
    let outdated = home.is_outdated.then(|| {
        view! { <p class="quiet"><b>"This address is old, and news for you is no longer shown here."</b>" Ask us for a new one."</p> }
    });
    view! {
        <div class="public">
            <header><a class="brand" href=home.path>{page_name}" status"</a>{whose}{outdated}</header>
            <main>{children()}</main>
            <footer>
                <small>"As of "<when::Clock at=now />". All times are UTC."</small>
            </footer>
        </div>
    }
}

/// Shown for an address that names nothing public. It does not tell whether there is something
/// behind it that this reader may not see.
#[component]
pub fn NothingHere(
    /// The page's name.
    page_name: String,
    /// The moment of the request.
    now: domain::Time,
) -> impl IntoView {
    view! {
        <Frame page_name now>
            <h1 class="now-line">"There is nothing at this address."</h1>
            <p><a href="/status">"See what is happening now"</a></p>
        </Frame>
    }
}

#[cfg(test)]
mod tests;
