//! What the load consists of.

use chrono::Duration;
use domain::command::Details;
use domain::timeline::EntryKind;
use domain::update::{Audience, UpdateKind, UpdateText};
use domain::{Command, CommandId, Envelope, IncidentId, Severity, Time, UpdateId};
use server::clock::ServerClock;
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// An id of the shape of a UUIDv7, new in this process and, in effect, among all.
fn new_id() -> Uuid {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let nth = u128::from(NEXT.fetch_add(1, Ordering::Relaxed));
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | nth)
}

/// A command on its way.
pub fn envelope(incident: IncidentId, command: Command) -> Envelope {
    Envelope {
        id: CommandId(new_id()),
        incident,
        made_at: now(),
        command,
    }
}

/// Opens a new incident.
pub fn declare() -> Envelope {
    let command = Command::Declare {
        title: "Checkout errors".to_owned(),
        severity: Severity::Sev1,
        customer_sees: "Orders fail.".to_owned(),
        impact_began_at: now() - Duration::minutes(9),
        components: vec!["Checkout".to_owned()],
        audience: Audience::Public,
        details: Details::default(),
    };
    envelope(IncidentId(new_id()), command)
}

/// A line of the timeline: one event.
pub fn entry() -> Command {
    Command::LogEntry {
        kind: EntryKind::Action,
        text: "Rolled the flag back in one region; errors fall from 18 % to 4 %".to_owned(),
        result: None,
        links: Vec::new(),
        happened_at: None,
    }
}

/// A word to all customers: one event.
pub fn update(after: Option<UpdateId>) -> Command {
    let kind = if after.is_none() {
        UpdateKind::First
    } else {
        UpdateKind::Progress
    };
    Command::PublishUpdate {
        text: text(kind),
        after,
        excuses: Vec::new(),
    }
}

/// The first word to all customers.
pub fn first_update() -> UpdateText {
    text(UpdateKind::First)
}

fn text(kind: UpdateKind) -> UpdateText {
    UpdateText {
        kind,
        audience: Audience::Public,
        acknowledge: "Orders fail for some customers.".to_owned(),
        impact: "18 % of sessions.".to_owned(),
        action: "We switch the feature off.".to_owned(),
        next_at: Some(now() + Duration::minutes(30)),
        components: Vec::new(),
        closure: None,
        corrects: None,
    }
}

fn now() -> Time {
    ServerClock::default().now()
}
