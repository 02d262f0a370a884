//! What people ask for in these tests.

use crate::clock::ServerClock;
use crate::log::Log;
use crate::store::Account;
use app::api::{Answer, ApiError, Outcome};
use chrono::{Duration, NaiveDate, TimeZone, Utc};
use domain::command::{Cause, Details, Lever};
use domain::evidence::{Proof, Proves};
use domain::update::{Audience, Closure, UpdateKind, UpdateText};
use domain::{
    Actor, Command, CommandId, Envelope, IncidentId, Person, PersonId, Severity, Status, Time,
};
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

pub(super) fn person(n: u128) -> Actor {
    Actor {
        id: PersonId(Uuid::from_u128(n)),
        name: format!("Person {n}"),
    }
}

/// The first is an administrator.
pub(super) fn account(n: u128) -> Account {
    let Actor { id, name } = person(n);
    Account {
        person: Person {
            id,
            name,
            title: "Support".to_owned(),
            administrator: n == 1,
        },
        email: format!("{n}@acme.example"),
        password_hash: None,
    }
}

pub(super) fn id() -> u128 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    (0x7000 << 64) | u128::from(NEXT.fetch_add(1, Ordering::Relaxed))
}

pub(super) fn new_incident() -> IncidentId {
    IncidentId(Uuid::from_u128(id()))
}

pub(super) fn envelope(incident: IncidentId, command: Command) -> Envelope {
    let made_at = ServerClock::default().now();
    Envelope {
        id: CommandId(Uuid::from_u128(id())),
        incident,
        made_at,
        command,
    }
}

pub(super) fn declare(incident: IncidentId) -> Envelope {
    declare_at(incident, ServerClock::default().now())
}

pub(super) fn declare_at(incident: IncidentId, impact_began_at: Time) -> Envelope {
    let command = Command::Declare {
        title: "Checkout errors".to_owned(),
        severity: Severity::Sev1,
        customer_sees: "An error at the last step".to_owned(),
        impact_began_at,
        components: vec!["Checkout".to_owned()],
        audience: Audience::Public,
        details: Details::default(),
    };
    envelope(incident, command)
}

pub(super) fn report(incident: IncidentId) -> Envelope {
    let (what, source) = ("Slow".to_owned(), "Alert".to_owned());
    envelope(incident, Command::Report { what, source })
}

pub(super) fn entry(incident: IncidentId, text: &str) -> Envelope {
    let command = Command::LogEntry {
        kind: domain::timeline::EntryKind::Action,
        text: text.to_owned(),
        result: None,
        links: Vec::new(),
        happened_at: None,
    };
    envelope(incident, command)
}

pub(super) fn update(
    incident: IncidentId,
    kind: UpdateKind,
    now: Time,
    after: Option<CommandId>,
) -> Envelope {
    let over = kind == UpdateKind::Resolution;
    let text = UpdateText {
        kind,
        audience: Audience::Public,
        acknowledge: "Checkout fails for some".to_owned(),
        impact: "18 % of sessions".to_owned(),
        action: "We roll back".to_owned(),
        next_at: (!over).then(|| now + Duration::minutes(30)),
        components: Vec::new(),
        closure: over.then(|| Closure {
            cause: "A bad flag".to_owned(),
            prevention: "A check before the switch".to_owned(),
            impact_from: now,
            impact_to: now,
        }),
        corrects: None,
    };
    envelope(
        incident,
        Command::PublishUpdate {
            text,
            after,
            excuses: Vec::new(),
        },
    )
}

/// Everything from declaration to closed, at one moment.
pub(super) fn whole_life(incident: IncidentId, at: Time) -> Vec<(Actor, Envelope, Time)> {
    let proof = |proves, watched_min| Command::AttachEvidence {
        proves,
        proof: Proof::Excerpt {
            text: "errors 0".to_owned(),
        },
        shows: "No errors".to_owned(),
        watched_min,
    };
    let first = update(incident, UpdateKind::First, at, None);
    let resolution = update(incident, UpdateKind::Resolution, at, Some(first.id));
    let to = |to| envelope(incident, Command::MoveStatus { to });
    let decide = Command::DecideMitigation {
        lever: Lever::Rollback,
        what: "Back to 41".to_owned(),
        risk_of_doing: "None".to_owned(),
        risk_of_not_doing: "Errors".to_owned(),
        undo: "Forward again".to_owned(),
    };
    let commands = [
        declare_at(incident, at),
        first,
        envelope(incident, decide),
        envelope(incident, proof(Proves::HarmStopped, None)),
        to(Status::Contained),
        envelope(incident, proof(Proves::CustomersWork, None)),
        envelope(incident, Command::StateImpactEnd { at }),
        to(Status::Mitigated),
        envelope(incident, proof(Proves::Validated, Some(30))),
        envelope(
            incident,
            Command::StateCause {
                cause: Cause::Known {
                    text: "A flag".to_owned(),
                },
            },
        ),
        to(Status::Resolved),
        resolution,
        envelope(
            incident,
            Command::BookPostMortem {
                at: at + Duration::hours(2),
                facilitator: person(2),
            },
        ),
        envelope(
            incident,
            Command::AgreeAction {
                what: "Test flags".to_owned(),
                owner: person(2),
                due_on: NaiveDate::from_ymd_opt(2099, 1, 1).unwrap(),
                acceptance: "It runs".to_owned(),
            },
        ),
        envelope(
            incident,
            Command::PlanFollowUp {
                plan: "A letter".to_owned(),
            },
        ),
        to(Status::Closed),
    ];
    commands
        .into_iter()
        .map(|envelope| (person(1), envelope, at))
        .collect()
}

pub(super) fn all_accepted(answers: &[Answer]) {
    for answer in answers {
        assert_eq!(answer.outcome, Outcome::Accepted);
    }
}

pub(super) fn past(day: u32) -> Time {
    Utc.with_ymd_and_hms(2026, 6, day, 10, 0, 0).unwrap()
}

/// One command of one person.
pub(super) fn push(
    log: &Log,
    who: u128,
    envelope: Envelope,
) -> impl Future<Output = Result<Vec<Answer>, ApiError>> + Send + use<> {
    let log = log.clone();
    async move { log.push(person(who), vec![envelope]).await }
}
