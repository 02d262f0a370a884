//! A room to play an incident in: decides, records and folds as the server does, with the
//! clock in the test's hand.

use chrono::{Duration, TimeZone};
use domain::brief::BriefText;
use domain::clock::{Clock, ClockKind, ClockState, clocks};
use domain::command::{Cause, Details, Lever};
use domain::customer::{Credit, Customer, CustomerId, CustomerRef};
use domain::evidence::{Proof, Proves};
use domain::promise::{audience_of, readers_waiting};
use domain::update::{Audience, Closure, UpdateKind, UpdateText};
use domain::{
    AccountId, Command, CommandId, Event, Incident, IncidentId, IncidentNumber, PersonId,
    PersonRef, Policy, PublicId, Recorded, Refusal, Role, Severity, Status, Time, decide,
};
use uuid::Uuid;

/// Monday 2026-11-23, 10:00 UTC, and this many minutes.
pub fn at(min: i64) -> Time {
    chrono::Utc
        .with_ymd_and_hms(2026, 11, 23, 10, 0, 0)
        .single()
        .unwrap()
        + minutes(min)
}

pub fn minutes(min: i64) -> Duration {
    Duration::minutes(min)
}

/// Person number `n`: 0 Ana, 1 Bo, 2 Cy, 3 Dan, 4 Eve.
pub fn person(n: usize) -> PersonRef {
    let name = ["Ana", "Bo", "Cy", "Dan", "Eve"][n].to_owned();
    PersonRef {
        id: PersonId(Uuid::from_u128(n as u128 + 1)),
        name,
    }
}

pub fn ana() -> PersonRef {
    person(0)
}

pub fn bo() -> PersonRef {
    person(1)
}

pub fn cy() -> PersonRef {
    person(2)
}

/// As shipped, with approvers: as in real life, the lowest row names nobody and every other one
/// somebody. Here that is everybody.
pub fn policy_with_approvers() -> Policy {
    let mut policy = Policy::default();
    for row in policy.credit_matrix.iter_mut().skip(1) {
        row.people = (0..5).map(|n| person(n).id).collect();
    }
    policy
}

/// One incident, its log, and the time.
#[derive(Clone)]
pub struct Room {
    pub incident: Incident,
    pub log: Vec<Recorded>,
    pub policy: Policy,
    pub now: Time,
    sent: u128,
}

impl Room {
    /// Nothing has happened; it is minute 0.
    pub fn empty() -> Self {
        let id = IncidentId(Uuid::from_u128(7_000));
        let (incident, policy) = (Incident::empty(id), policy_with_approvers());
        Self {
            incident,
            log: Vec::new(),
            policy,
            now: at(0),
            sent: 0,
        }
    }

    /// Not an incident: where the policy stands.
    pub fn settings() -> Self {
        let mut room = Self::empty();
        room.incident = Incident::empty(IncidentId::SETTINGS);
        room
    }

    /// Declared by Ana at minute 0, the impact having begun then; to the public.
    pub fn declared(severity: Severity) -> Self {
        let mut room = Self::empty();
        room.ok(&ana(), declare(severity, room.now));
        room
    }

    /// Declared, and moved along to this status with the least that opens each gate.
    pub fn at_status(status: Status) -> Self {
        let mut room = Self::declared(Severity::Sev2);
        room.moves_to(status);
        room
    }

    pub fn moves_to(&mut self, status: Status) {
        for to in Status::ALL.into_iter().filter(|s| *s <= status).skip(1) {
            if to <= self.incident.status {
                continue;
            }
            for command in what_opens(to, self.now) {
                self.ok(&ana(), command);
            }
            if to == Status::Closed {
                self.publishes(UpdateKind::Resolution);
            } else if to == Status::Resolved && self.incident.updates.is_empty() {
                self.publishes(UpdateKind::First);
            }
            self.ok(&ana(), Command::MoveStatus { to });
        }
    }

    pub fn wait(&mut self, min: i64) -> &mut Self {
        self.now += minutes(min);
        self
    }

    /// Sends a command; accepted, it is recorded and folded.
    pub fn send(&mut self, by: &PersonRef, command: Command) -> Result<CommandId, Refusal> {
        self.sent += 1;
        let id = CommandId(Uuid::from_u128(self.sent));
        let mut events = decide(&self.incident, command, by, &self.policy, self.now)?;
        if events.iter().any(Event::is_declaration) {
            let number = IncidentNumber {
                year: 2026,
                serial: 42,
            };
            events.push(Event::Numbered {
                number,
                public_id: PublicId("p8t4".to_owned()),
            });
        }
        for event in events {
            self.record(by, id, event);
        }
        Ok(id)
    }

    /// Puts an event on the log, decided or not.
    pub fn record(&mut self, by: &PersonRef, command: CommandId, event: Event) {
        let recorded = Recorded {
            seq: self.incident.version + 1,
            incident: self.incident.id,
            version: self.incident.version + 1,
            at: self.now,
            made_at: self.now,
            by: by.clone(),
            command,
            stamped_at: None,
            event,
        };
        self.incident.apply(&recorded);
        self.log.push(recorded);
    }

    /// Sends a command that must be accepted.
    pub fn ok(&mut self, by: &PersonRef, command: Command) -> CommandId {
        let what = format!("{command:?}");
        match self.send(by, command) {
            Ok(id) => id,
            Err(refusal) => panic!("refused: {refusal}\n{what}"),
        }
    }

    /// Sends a command that must be refused; tells why, in the words people read.
    pub fn refused(&mut self, by: &PersonRef, command: Command) -> String {
        let what = format!("{command:?}");
        match self.send(by, command) {
            Ok(_) => panic!("accepted: {what}"),
            Err(refusal) => refusal.to_string(),
        }
    }

    /// Offers a seat and has it accepted, at once.
    pub fn seats(&mut self, role: Role, who: &PersonRef) {
        self.ok(
            &ana(),
            Command::OfferRole {
                role,
                person: who.clone(),
                two_hats: None,
            },
        );
        self.ok(who, Command::AcceptRole { role });
    }

    /// Puts a customer on the incident.
    pub fn note(&mut self, name: &str) {
        let customer = customer(name);
        self.ok(&ana(), Command::NoteCustomer { customer });
    }

    pub fn severity(&mut self, to: Severity) {
        let reason = "More regions fail".to_owned();
        self.ok(&ana(), Command::ChangeSeverity { to, reason });
    }

    pub fn cadence(&mut self, every_min: u32) {
        let reason = "Agreed".to_owned();
        self.ok(&ana(), Command::ChangeCadence { every_min, reason });
    }

    pub fn back_to(&mut self, to: Status) {
        let reason = "Errors are back".to_owned();
        self.ok(&ana(), Command::MoveBack { to, reason });
    }

    pub fn back_to_is_refused(&mut self, to: Status) {
        let reason = "Errors are back".to_owned();
        self.refused(&ana(), Command::MoveBack { to, reason });
    }

    /// Publishes an update that promises the next one at the end of the cadence.
    pub fn publishes(&mut self, kind: UpdateKind) -> CommandId {
        let command = self.update(kind);
        self.ok(&cy(), command)
    }

    /// An update that may be published now.
    pub fn update(&self, kind: UpdateKind) -> Command {
        let next_min = i64::from(self.incident.cadence_min(&self.policy));
        let after = self.incident.updates.last().map(|u| u.id);
        let mut text = update_text(kind, self.now, next_min);
        let waiting = audience_of(readers_waiting(&self.incident, &self.policy));
        let declared = self.incident.declared.as_ref().map(|d| d.audience.clone());
        if let Some(audience) = waiting.or(declared) {
            text.audience = audience;
        }
        Command::PublishUpdate {
            text,
            after,
            excuses: Vec::new(),
        }
    }

    pub fn clock(&self, kind: ClockKind) -> Option<Clock> {
        clocks(&self.incident, &self.policy)
            .into_iter()
            .find(|c| c.kind == kind)
    }

    pub fn clock_state(&self, kind: ClockKind) -> Option<ClockState> {
        self.clock(kind).map(|c| c.state(self.now))
    }
}

pub fn report() -> Command {
    Command::Report {
        what: "Reads are slow".to_owned(),
        source: "Alertmanager".to_owned(),
    }
}

pub fn declare(severity: Severity, impact_began_at: Time) -> Command {
    Command::Declare {
        title: "Checkout errors".to_owned(),
        severity,
        customer_sees: "18 % of sessions get an error".to_owned(),
        impact_began_at,
        components: vec!["Checkout".to_owned()],
        audience: Audience::Public,
        details: Details::default(),
    }
}

pub fn offer(role: Role, to: &PersonRef) -> Command {
    Command::OfferRole {
        role,
        person: to.clone(),
        two_hats: None,
    }
}

/// A whole text of this kind, written at `now`.
pub fn update_text(kind: UpdateKind, now: Time, next_min: i64) -> UpdateText {
    let over = kind == UpdateKind::Resolution;
    let promised = kind.promises().then(|| now + minutes(next_min));
    UpdateText {
        kind,
        audience: Audience::Public,
        acknowledge: "Placing an order fails for some customers.".to_owned(),
        impact: "18 % of sessions get an error.".to_owned(),
        action: "We are taking back a change.".to_owned(),
        next_at: promised,
        components: Vec::new(),
        closure: over.then(|| Closure {
            cause: "Too many connections.".to_owned(),
            prevention: "Connections are limited per server.".to_owned(),
            impact_from: now - minutes(60),
            impact_to: now,
        }),
        corrects: None,
    }
}

pub fn brief() -> BriefText {
    BriefText {
        happened: "A change exhausted connections.".to_owned(),
        impact: "18 % of sessions.".to_owned(),
        risks: Vec::new(),
        asks: Vec::new(),
        eta: None,
        changed: "This is the first brief.".to_owned(),
    }
}

pub fn decide_mitigation() -> Command {
    Command::DecideMitigation {
        lever: Lever::Failover,
        what: "Fail over".to_owned(),
        risk_of_doing: "40 s without writes".to_owned(),
        risk_of_not_doing: "Errors stay".to_owned(),
        undo: "Fail back".to_owned(),
    }
}

pub fn evidence(proves: Proves) -> Command {
    Command::AttachEvidence {
        proves,
        proof: Proof::Excerpt {
            text: "errors 0.003".to_owned(),
        },
        shows: "Errors fell to 0.3 %".to_owned(),
        watched_min: (proves == Proves::Validated).then_some(30),
    }
}

pub fn customer(name: &str) -> Customer {
    Customer {
        name: name.to_owned(),
        tier: "Strategic".to_owned(),
        annual_revenue: 1_240_000,
        sees: "1 in 5 orders fails".to_owned(),
        sentiment_before: Some(1),
        sentiment_now: Some(-1),
        account: named(name).id.account(),
        ..Customer::default()
    }
}

/// The account of this name.
pub fn named(name: impl AsRef<str>) -> CustomerRef {
    let bytes = name.as_ref().trim().bytes();
    let id = bytes.fold(7, |id: u128, b| id.wrapping_mul(257).wrapping_add(b.into()));
    let id = CustomerId::Account(AccountId(Uuid::from_u128(id)));
    CustomerRef::new(id, name.as_ref())
}

/// Commands that supply what the gate to this status asks for, but for the updates.
pub fn what_opens(to: Status, now: Time) -> Vec<Command> {
    match to {
        Status::Active => Vec::new(),
        Status::Contained => vec![decide_mitigation(), evidence(Proves::HarmStopped)],
        Status::Mitigated => {
            vec![
                evidence(Proves::CustomersWork),
                Command::StateImpactEnd { at: now },
            ]
        }
        Status::Resolved => vec![
            evidence(Proves::Validated),
            Command::StateCause {
                cause: Cause::Known {
                    text: "Too many connections".to_owned(),
                },
            },
        ],
        Status::Closed => vec![
            Command::NoteCustomer {
                customer: customer("Northwind"),
            },
            Command::DecideCredit {
                customer: named("Northwind"),
                credit: Credit::None {
                    reason: "Above the agreed 99.9 %".to_owned(),
                },
            },
            Command::BookPostMortem {
                at: now + Duration::days(2),
                facilitator: bo(),
            },
            Command::AgreeAction {
                what: "Limit connections".to_owned(),
                owner: bo(),
                due_on: (now + Duration::days(14)).date_naive(),
                acceptance: "A test exhausts one server only".to_owned(),
            },
            Command::PlanFollowUp {
                plan: "Write to Northwind on Friday".to_owned(),
            },
        ],
    }
}
