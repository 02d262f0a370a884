//! Every kind of command with a marker in each field, as people would send them.

use crate::marks::{Marks, kind};
use crate::site::{Browser, Server, new_id};
use chrono::Duration;
use domain::brief::{Ask, BriefText, Confidence, Eta};
use domain::command::{Cause, Details, Lever};
use domain::customer::{ChurnRisk, Credit, Customer, CustomerRef, Judgement, Money};
use domain::evidence::{Proof, Proves};
use domain::timeline::{EntryKind, Outcome as Came, Outcomed};
use domain::triage::{Triage, Users};
use domain::update::{Audience, UpdateKind, UpdateText};
use domain::{Command, IncidentId, Person, PersonId, PersonRef, Role, Severity, Status, Time};
use server::store::Account;
use std::collections::BTreeSet;

/// What the customers are told, and nothing of it is a marker.
pub const TOLD: &str = "Some checkouts fail since 12:00 UTC.";

/// Sends commands of one incident and keeps count of their kinds.
pub struct Teller<'a> {
    pub browser: &'a Browser<'a>,
    pub incident: IncidentId,
    pub sent: &'a mut BTreeSet<usize>,
}

impl Teller<'_> {
    pub async fn does(&mut self, command: Command) -> domain::CommandId {
        self.sent.insert(kind(&command));
        self.browser.does(self.incident, command).await
    }
}

pub fn update(
    kind: UpdateKind,
    audience: Audience,
    words: [String; 3],
    next_at: Time,
) -> UpdateText {
    let [acknowledge, impact, action] = words;
    UpdateText {
        kind,
        audience,
        acknowledge,
        impact,
        action,
        next_at: Some(next_at),
        components: Vec::new(),
        closure: None,
        corrects: None,
    }
}

/// A report that was none.
pub async fn dismiss(teller: &mut Teller<'_>, m: &mut Marks) {
    teller
        .does(Command::Report {
            what: m.text(),
            source: m.text(),
        })
        .await;
    teller
        .does(Command::DismissReport { reason: m.text() })
        .await;
}

/// An incident of which customers hear nothing.
pub async fn keep_to_ourselves(teller: &mut Teller<'_>, m: &mut Marks, now: Time) {
    teller.does(declare(m, now, Audience::Public)).await;
    teller.does(tried(m, now)).await;
}

pub fn declare(m: &mut Marks, now: Time, audience: Audience) -> Command {
    Command::Declare {
        title: m.text(),
        severity: Severity::Sev1,
        customer_sees: m.text(),
        impact_began_at: now - Duration::minutes(20),
        components: vec!["Checkout".to_owned()],
        audience,
        details: Details {
            other_severity: Some(m.text()),
            hypothesis: Some(m.text()),
            detected_at: Some(now - Duration::minutes(19)),
            triage: Triage {
                users: Some(Users::Some),
                ..Triage::default()
            },
        },
    }
}

fn tried(m: &mut Marks, now: Time) -> Command {
    Command::LogEntry {
        kind: EntryKind::Attempt,
        text: m.text(),
        result: Some(came(m)),
        links: vec![m.link()],
        happened_at: Some(now - Duration::minutes(5)),
    }
}

pub fn came(m: &mut Marks) -> Outcomed {
    Outcomed {
        text: m.text(),
        outcome: Came::Worked,
    }
}

/// Roles, the timeline and the executives' brief.
pub async fn work(teller: &mut Teller<'_>, m: &mut Marks, me: &PersonRef, now: Time) {
    let role = Role::Commander;
    teller
        .does(Command::OfferRole {
            role,
            person: me.clone(),
            two_hats: Some(m.text()),
        })
        .await;
    teller.does(Command::AcceptRole { role }).await;
    teller
        .does(Command::HandOverRole {
            role,
            to: colleague(teller.browser.server, m).await,
            note: m.text(),
            two_hats: Some(m.text()),
        })
        .await;
    let role = Role::Sponsor;
    teller
        .does(Command::OfferRole {
            role,
            person: me.clone(),
            two_hats: Some(m.text()),
        })
        .await;
    teller
        .does(Command::DeclineRole {
            role,
            reason: Some(m.text()),
        })
        .await;

    let line = teller.does(tried(m, now)).await;
    teller
        .does(Command::RecordResult {
            entry: line,
            result: came(m),
        })
        .await;
    teller
        .does(Command::AmendEntry {
            entry: line,
            text: m.text(),
            reason: m.text(),
        })
        .await;
    teller
        .does(Command::DecideMitigation {
            lever: Lever::FeatureFlag,
            what: m.text(),
            risk_of_doing: m.text(),
            risk_of_not_doing: m.text(),
            undo: m.text(),
        })
        .await;
    let text = BriefText {
        happened: m.text(),
        impact: m.text(),
        risks: vec![m.text()],
        asks: vec![Ask {
            what: m.text(),
            of: m.text(),
            needed_by: Some(now),
        }],
        eta: Some(Eta {
            at: now + Duration::hours(2),
            confidence: Confidence::High,
            depends_on: m.text(),
        }),
        changed: m.text(),
    };
    teller
        .does(Command::PublishBrief {
            text,
            after_version: 0,
        })
        .await;
    teller
        .does(Command::ChangeCadence {
            every_min: 90,
            reason: m.text(),
        })
        .await;
}

/// Proof, the way to Resolved, and all that closes it.
pub async fn end(
    teller: &mut Teller<'_>,
    m: &mut Marks,
    me: &PersonRef,
    customer: CustomerRef,
    now: Time,
) {
    for (proves, proof, watched_min) in [
        (Proves::HarmStopped, Proof::Excerpt { text: m.text() }, None),
        (
            Proves::CustomersWork,
            Proof::Statement {
                by: m.text(),
                text: m.text(),
            },
            None,
        ),
        (Proves::Validated, Proof::Link { url: m.link() }, Some(30)),
    ] {
        let shows = m.text();
        teller
            .does(Command::AttachEvidence {
                proves,
                proof,
                shows,
                watched_min,
            })
            .await;
    }
    teller.does(Command::StateImpactEnd { at: now }).await;
    teller
        .does(Command::StateCause {
            cause: Cause::UnderInvestigation { text: m.text() },
        })
        .await;
    teller
        .does(Command::StateCause {
            cause: Cause::Known { text: m.text() },
        })
        .await;
    let (name, stage) = (customer.clone(), m.text());
    teller
        .does(Command::MoveDeal {
            customer: name,
            stage,
        })
        .await;
    for to in [Status::Contained, Status::Mitigated, Status::Resolved] {
        teller.does(Command::MoveStatus { to }).await;
    }
    credits(teller, m, customer).await;
    let at = now + Duration::hours(20);
    teller
        .does(Command::BookPostMortem {
            at,
            facilitator: colleague(teller.browser.server, m).await,
        })
        .await;
    let due_on = (now + Duration::days(9)).date_naive();
    let owner = me.clone();
    let action = teller
        .does(Command::AgreeAction {
            what: m.text(),
            owner,
            due_on,
            acceptance: m.text(),
        })
        .await;
    teller
        .does(Command::FinishAction {
            action,
            proof: m.text(),
        })
        .await;
    let held_at = teller.browser.server.clock.now();
    teller.does(Command::HoldPostMortem { at: held_at }).await;
    teller.does(Command::PlanFollowUp { plan: m.text() }).await;
    teller
        .does(Command::MoveBack {
            to: Status::Mitigated,
            reason: m.text(),
        })
        .await;
}

/// Nobody judges their own proposal: another person signs in for it.
async fn credits(teller: &mut Teller<'_>, m: &mut Marks, customer: CustomerRef) {
    let credit = Credit::None { reason: m.text() };
    teller
        .does(Command::DecideCredit {
            customer: customer.clone(),
            credit,
        })
        .await;
    let amount = Money {
        currency: "EUR".to_owned(),
        minor: 8_191_273,
    };
    let reason = m.text();
    let proposal = teller
        .does(Command::ProposeCredit {
            customer,
            credit: Credit::Granted { amount, reason },
            monthly_fee: None,
            working: Some(m.text()),
        })
        .await;
    let server = teller.browser.server;
    let other = server::demo::people().remove(1).person.id;
    let judge = Browser {
        server,
        cookie: server.session_of(other).await,
    };
    let credit = Credit::ServiceDays {
        days: 7,
        reason: m.text(),
    };
    let judgement = Judgement::Change {
        credit,
        reason: m.text(),
    };
    Teller {
        browser: &judge,
        incident: teller.incident,
        sent: &mut *teller.sent,
    }
    .does(Command::JudgeCredit {
        proposal,
        judgement,
    })
    .await;
}

pub fn customer(m: &mut Marks, account: &CustomerRef, now: Time) -> Customer {
    Customer {
        id: account.id,
        name: account.name.clone(),
        tier: m.text(),
        annual_revenue: 988_191_273,
        renews_on: Some(now.date_naive()),
        sees: m.text(),
        sentiment_before: Some(1),
        sentiment_now: Some(-2),
        churn_before: Some(ChurnRisk::Low),
        churn_now: Some(ChurnRisk::High),
        churn_reason: Some(m.text()),
        account: account.id.account(),
        currency: Some("XQM".to_owned()),
        monthly_fee: Some(Money {
            currency: "XQM".to_owned(),
            minor: 8_191_273,
        }),
        impact_from: Some(now - Duration::minutes(8)),
        impact_to: Some(now),
        deal_stage: Some(m.text()),
    }
}

/// Signs in somebody whose own name is a marker.
pub async fn marked_person<'a>(server: &'a Server, m: &mut Marks) -> (Browser<'a>, PersonRef) {
    let me = added(server, m, true).await;
    let cookie = server.session_of(me.id).await;
    (Browser { server, cookie }, me)
}

/// Somebody whose name is a marker and who can be named in commands.
pub async fn colleague(server: &Server, m: &mut Marks) -> PersonRef {
    added(server, m, false).await
}

async fn added(server: &Server, m: &mut Marks, administrator: bool) -> PersonRef {
    let person = Person {
        id: PersonId(new_id()),
        name: m.text(),
        title: m.text(),
        administrator,
    };
    let account = Account {
        email: format!("{}@acme.example", person.id),
        person: person.clone(),
        password_hash: None,
    };
    assert!(server.log.people().add_account(account).await.unwrap());
    person.to_ref()
}
