//! Commands that several tests send.

use crate::site::{Browser, new_id};
use chrono::Duration;
use domain::command::Details;
use domain::timeline::EntryKind;
use domain::update::{Audience, UpdateKind, UpdateText};
use domain::{Command, IncidentId, Severity, Time};

/// Opens an incident.
pub async fn declared(browser: &Browser<'_>, title: &str) -> IncidentId {
    let incident = IncidentId(new_id());
    browser
        .does(incident, declare(title, browser.server.clock.now()))
        .await;
    incident
}

pub fn declare(title: &str, now: Time) -> Command {
    Command::Declare {
        title: title.to_owned(),
        severity: Severity::Sev1,
        customer_sees: "Orders fail.".to_owned(),
        impact_began_at: now - Duration::minutes(9),
        components: vec!["Checkout".to_owned()],
        audience: Audience::Public,
        details: Details::default(),
    }
}

pub fn entry(text: &str) -> Command {
    Command::LogEntry {
        kind: EntryKind::Action,
        text: text.to_owned(),
        result: None,
        links: Vec::new(),
        happened_at: None,
    }
}

/// The first word to everybody, with a promise in 30 minutes.
pub fn first_update(words: &str, now: Time) -> Command {
    let text = UpdateText {
        kind: UpdateKind::First,
        audience: Audience::Public,
        acknowledge: words.to_owned(),
        impact: "18 % of sessions.".to_owned(),
        action: "We switch the feature off.".to_owned(),
        next_at: Some(now + Duration::minutes(30)),
        components: Vec::new(),
        closure: None,
        corrects: None,
    };
    Command::PublishUpdate {
        text,
        after: None,
        excuses: Vec::new(),
    }
}
