//! An update as an e-mail. Plain words: it is read on a lock screen and by a screen reader, and
//! nothing in it has to be fetched.

use super::told::names_of;
use super::when::{moment, span};
use super::{Home, in_title};
use domain::public::{PublicIncident, PublicUpdate};
use std::fmt::Write as _;

/// What is sent, without its sender and its readers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// One line.
    pub subject: String,
    /// The text part; lines end in `\n`.
    pub text: String,
}

/// The newest update of an incident as an e-mail; none while there is no update. `origin` is where
/// the reader's pages are, such as `https://status.example.com`.
#[must_use]
pub fn mail(page_name: &str, origin: &str, home: &Home, incident: &PublicIncident) -> Option<Mail> {
    let update = incident.updates.first()?;
    let next_at = update.next_at.map(|at| moment(at, update.published_at));
    let promise = next_at
        .as_ref()
        .map(|at| format!(" (next update by {at})"))
        .unwrap_or_default();
    let mut text = String::new();
    if let Some(at) = update.corrects_of {
        let at = moment(at, update.published_at);
        paragraph(&mut text, &format!("This corrects what we said at {at}."));
    }
    for (name, words) in names_of(update.kind).into_iter().zip(parts(update)) {
        paragraph(&mut text, &format!("{name}\n{}", words.trim()));
    }
    if let Some(closure) = &update.closure {
        let (from, to) = (closure.impact_from, closure.impact_to);
        let at = |at| moment(at, update.published_at);
        let lasted = span(from, to);
        paragraph(&mut text, &format!("Cause\n{}", closure.cause.trim()));
        let when = format!("When\n{} to {}, {lasted}", at(from), at(to));
        paragraph(&mut text, &when);
        let prevention = closure.prevention.trim();
        paragraph(&mut text, &format!("What we change\n{prevention}"));
    }
    let components: Vec<String> = update
        .components
        .iter()
        .map(|c| format!("{}: {}", c.name, c.state.label()))
        .collect();
    if !components.is_empty() {
        paragraph(&mut text, &format!("Components\n{}", components.join("\n")));
    }
    if let Some(at) = next_at {
        let line = format!("Next update by {at}, even if nothing has changed.");
        paragraph(&mut text, &line);
    }
    let path = home.path_of(incident);
    paragraph(&mut text, &format!("Every update: {origin}{path}"));
    Some(Mail {
        subject: format!("[{page_name}] {}{promise}", in_title(&update.acknowledge)),
        text,
    })
}

fn parts(update: &PublicUpdate) -> [&str; 3] {
    [&update.acknowledge, &update.impact, &update.action]
}

fn paragraph(text: &mut String, words: &str) {
    let gap = if text.is_empty() { "" } else { "\n" };
    text.push_str(gap);
    for line in words.lines() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", line.trim_end());
    }
}
