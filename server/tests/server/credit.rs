//! What the SLA of a customer gives for an incident, calculated from the record and the account.

use crate::site::{Browser, Server, envelope, new_id};
use app::api::Outcome;
use chrono::{Duration, TimeZone, Utc};
use domain::account::{Account, Field, Typed};
use domain::command::{Cause, Details, Lever};
use domain::customer::{Credit, Customer, CustomerId, CustomerRef, Judgement, Money};
use domain::evidence::{Proof, Proves};
use domain::update::{Audience, Closure, UpdateKind, UpdateText};
use domain::{AccountId, Command, EntryId, IncidentId, Severity, Status, Time};
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::demo;
use server::store::{Deed, PutAccount};
use std::collections::BTreeMap;
use uuid::Uuid;

/// This day of November 2025, long past, and this time of day.
fn at(day: u32, hour: u32, min: u32) -> Time {
    Utc.with_ymd_and_hms(2025, 11, day, hour, min, 0).unwrap()
}

const ORCHARD: AccountId = AccountId(Uuid::from_u128(0x7000_8000_0000_0000_0001));
const YEN: AccountId = AccountId(Uuid::from_u128(0x7000_8000_0000_0000_0002));
const BARE: AccountId = AccountId(Uuid::from_u128(0x7000_8000_0000_0000_0003));

async fn with_accounts() -> Server {
    let server = Server::with_demo_people().await;
    let account = |id, name: &str, currency: &str, sla: &str| {
        let fields = [
            (Field::Name, name),
            (Field::Tier, "Growth"),
            (Field::Currency, currency),
            (Field::AnnualRevenue, "12000"),
            (Field::MonthlyFee, "1000"),
            (Field::Sla, sla),
        ];
        let typed = Typed(fields.map(|(field, text)| (field, text.to_owned())).into());
        PutAccount {
            account: Account::read(id, &typed, None).unwrap(),
            replaces: 0,
        }
    };
    let puts = [
        account(ORCHARD, "Orchard Bank", "EUR", "99.9: 10 | 99: 25"),
        account(YEN, "Hoshino Print", "JPY", "99.9: 10"),
        account(BARE, "Saltmarsh Books", "EUR", ""),
    ];
    let ana = demo::people().remove(0).person;
    let by = Deed::new(ana.to_ref(), server.clock.now(), "");
    assert!(server.store.put_accounts(&puts, &by).await.unwrap());
    server
}

/// An incident that is told of as it happened.
struct Told<'a> {
    server: &'a Server,
    incident: IncidentId,
    now: Time,
}

impl Told<'_> {
    async fn does_as(&self, nth: usize, command: Command) -> EntryId {
        let actor = demo::people().remove(nth).person.to_ref();
        let envelope = envelope(self.incident, self.now, command);
        let id = envelope.id;
        let answer = self.server.log.replay(actor, envelope, self.now).await;
        assert_eq!(answer.unwrap().outcome, Outcome::Accepted);
        id
    }

    async fn does(&self, command: Command) -> EntryId {
        self.does_as(0, command).await
    }
}

/// Declared when its impact began; with this customer, hurt for so many minutes, if that is over.
async fn told<'a>(
    server: &'a Server,
    from: Time,
    minutes: Option<i64>,
    customer: Customer,
) -> Told<'a> {
    let mut told = Told {
        server,
        incident: IncidentId(new_id()),
        now: from,
    };
    told.does(Command::Declare {
        title: "Orders fail".to_owned(),
        severity: Severity::Sev3,
        customer_sees: "Orders fail.".to_owned(),
        impact_began_at: from,
        components: Vec::new(),
        audience: Audience::Public,
        details: Details::default(),
    })
    .await;
    told.does(Command::NoteCustomer { customer }).await;
    if let Some(minutes) = minutes {
        told.now = from + Duration::minutes(minutes);
        told.does(Command::StateImpactEnd { at: told.now }).await;
    }
    told
}

fn customer(name: &str, account: Option<AccountId>) -> Customer {
    Customer {
        name: name.to_owned(),
        tier: "Growth".to_owned(),
        sees: "Orders fail".to_owned(),
        account,
        ..Customer::default()
    }
}

/// Has a credit granted and closes the incident.
async fn closes(told: &mut Told<'_>, name: &str, minor: u64) {
    let evidence = |proves| Command::AttachEvidence {
        proves,
        proof: Proof::Excerpt {
            text: "errors 0".to_owned(),
        },
        shows: "No errors".to_owned(),
        watched_min: (proves == Proves::Validated).then_some(30),
    };
    told.does(Command::DecideMitigation {
        lever: Lever::Rollback,
        what: "Roll back".to_owned(),
        risk_of_doing: "None".to_owned(),
        risk_of_not_doing: "Errors".to_owned(),
        undo: "Roll on".to_owned(),
    })
    .await;
    for (proves, to) in [
        (Proves::HarmStopped, Status::Contained),
        (Proves::CustomersWork, Status::Mitigated),
        (Proves::Validated, Status::Resolved),
    ] {
        told.does(evidence(proves)).await;
        if to == Status::Resolved {
            let text = "A release".to_owned();
            told.does(Command::StateCause {
                cause: Cause::Known { text },
            })
            .await;
            publishes(told, UpdateKind::First).await;
        }
        told.does(Command::MoveStatus { to }).await;
    }
    publishes(told, UpdateKind::Resolution).await;
    let proposal = told
        .does(Command::ProposeCredit {
            customer: CustomerRef::by_name(name),
            credit: Credit::Granted {
                amount: Money {
                    currency: "EUR".to_owned(),
                    minor,
                },
                reason: "SLA".to_owned(),
            },
            monthly_fee: None,
            working: None,
        })
        .await;
    let judgement = Judgement::Approve;
    told.does_as(
        1,
        Command::JudgeCredit {
            proposal,
            judgement,
        },
    )
    .await;
    let bo = demo::people().remove(1).person.to_ref();
    for command in [
        Command::BookPostMortem {
            at: told.now + Duration::days(1),
            facilitator: bo.clone(),
        },
        Command::AgreeAction {
            what: "Test it".to_owned(),
            owner: bo,
            due_on: (told.now + Duration::days(9)).date_naive(),
            acceptance: "It is tested".to_owned(),
        },
        Command::PlanFollowUp {
            plan: "A letter".to_owned(),
        },
        Command::MoveStatus { to: Status::Closed },
    ] {
        told.does(command).await;
    }
}

async fn publishes(told: &mut Told<'_>, kind: UpdateKind) {
    let incident = told.server.log.live()[&told.incident].clone();
    let is_over = kind == UpdateKind::Resolution;
    let text = UpdateText {
        kind,
        audience: Audience::Public,
        acknowledge: "Orders failed.".to_owned(),
        impact: "All orders.".to_owned(),
        action: "We rolled back.".to_owned(),
        next_at: (!is_over).then(|| told.now + Duration::minutes(50)),
        components: Vec::new(),
        closure: is_over.then(|| Closure {
            cause: "A release".to_owned(),
            impact_from: incident.impact_began_at().unwrap(),
            impact_to: incident.impact_ended_at.unwrap(),
            prevention: "We test it".to_owned(),
        }),
        corrects: None,
    };
    told.does(Command::PublishUpdate {
        text,
        after: incident.updates.last().map(|u| u.id),
        excuses: Vec::new(),
    })
    .await;
}

/// What is filled into the form, with plain spaces.
async fn credit(
    browser: &Browser<'_>,
    incident: IncidentId,
    customer: &str,
) -> BTreeMap<String, String> {
    let live = browser.server.log.live();
    let all = live[&incident].customers.iter();
    let id = all.clone().find(|c| c.name == customer).map(|c| c.id);
    let id = id.unwrap_or_default();
    let response = browser.call("fill", &asked(incident, id)).await;
    assert_eq!(response.status(), StatusCode::OK);
    let mut filled: Vec<BTreeMap<String, String>> = response.json().await.unwrap();
    assert_eq!(filled.len(), 1);
    for value in filled[0].values_mut() {
        *value = value.replace('\u{a0}', " ");
    }
    filled.remove(0)
}

fn asked(incident: IncidentId, customer: CustomerId) -> Value {
    json!({ "asks": { "credit": { "incident": incident, "customer": customer } } })
}

#[tokio::test]
async fn a_credit_is_calculated_from_the_record_and_the_account() {
    let server = with_accounts().await;
    let bo = server.enter(1).await;
    let orchard = || customer("Orchard Bank", Some(ORCHARD));
    // October: nothing of it lies in November.
    told(
        &server,
        at(1, 0, 0) - Duration::hours(5),
        Some(60),
        orchard(),
    )
    .await;
    // A closed one of 50 min, with a credit; one known by its name only, of 10 min; somebody else's.
    let mut closed = told(&server, at(3, 9, 0), Some(50), orchard()).await;
    closes(&mut closed, "Orchard Bank", 4_000).await;
    assert!(!server.log.live().contains_key(&closed.incident));
    told(
        &server,
        at(5, 9, 0),
        Some(10),
        customer("ORCHARD  bank", Some(ORCHARD)),
    )
    .await;
    told(
        &server,
        at(6, 9, 0),
        Some(900),
        customer("Hoshino Print", Some(YEN)),
    )
    .await;
    let hurt_later = Customer {
        impact_from: Some(at(10, 9, 20)),
        ..orchard()
    };
    let mut this = told(&server, at(10, 9, 0), None, orchard()).await;
    let waits = credit(&bo, this.incident, "Orchard Bank").await;
    assert_eq!(waits.len(), 1);
    assert!(
        waits["said"].contains("First state when the impact ended"),
        "{}",
        waits["said"]
    );

    this.now = at(10, 10, 0);
    this.does(Command::NoteCustomer {
        customer: hurt_later,
    })
    .await;
    this.does(Command::StateImpactEnd { at: this.now }).await;
    let filled = credit(&bo, this.incident, "Orchard Bank").await;
    let number = |n| format!("INC-2025-{n:04}");
    assert_eq!(
        filled["working"],
        format!(
            "November 2025 has 30 days: 43 200 min.\n\
             Impact: 40 min of this incident + 60 min of others = 100 min.\n\
             Others: {} 50 min, {} 10 min.\n\
             Availability: (43 200 − 100) ÷ 43 200 = 99.768… %.\n\
             Tier: below 99.9 % gives 10 % of the monthly fee; the cap of 100 % is not passed.\n\
             Credit: 10 % of 1 000.00 EUR = 100.00 EUR, rounded half up to 0.01 EUR.\n\
             Less 40.00 EUR, granted for {}: 60.00 EUR.",
            number(2),
            number(3),
            number(2)
        )
    );
    // Renamed since, it was hurt all the same by what is closed under its old name.
    let kept = server.store.account_by_id(ORCHARD).await.unwrap().unwrap();
    let put = PutAccount {
        account: Account {
            name: "Orchard Group".to_owned(),
            ..kept.account
        },
        replaces: kept.version,
    };
    let ana = demo::people().remove(0).person;
    let (store, now) = (&server.store, server.clock.now());
    let by = Deed::new(ana.to_ref(), now, "");
    assert!(store.put_accounts(&[put], &by).await.unwrap());
    let renamed = credit(&bo, this.incident, "Orchard Bank").await;
    assert!(
        renamed["working"].contains("Less 40.00 EUR"),
        "{}",
        renamed["working"]
    );
    assert_eq!(filled["amount"], "60.00 EUR");
    assert_eq!(filled["kind"], "an amount off the bill");
    assert_eq!(
        filled["reason"],
        "SLA: 10 % of the monthly fee for November 2025"
    );
}

#[tokio::test]
async fn what_cannot_be_calculated_says_why() {
    let server = with_accounts().await;
    let bo = server.enter(1).await;
    for (customer, says) in [
        (
            customer("Saltmarsh Books", Some(BARE)),
            "The account has no SLA terms.",
        ),
        (customer("Vesta", None), "The customer is no known account."),
    ] {
        let name = customer.name.clone();
        let told = told(&server, at(10, 9, 0), Some(60), customer).await;
        let filled = credit(&bo, told.incident, &name).await;
        assert_eq!(filled.len(), 1, "{name}");
        assert!(
            filled["said"].starts_with("Nothing was calculated. "),
            "{}",
            filled["said"]
        );
        assert!(filled["said"].contains(says), "{}", filled["said"]);
        let other = credit(&bo, told.incident, "Nobody").await;
        assert!(
            other["said"].contains("Customer is not on this incident"),
            "{}",
            other["said"]
        );
    }
    // A promise that was kept gives nothing, and the form says so for whoever decides.
    let kept = told(
        &server,
        at(12, 9, 0),
        Some(43),
        customer("Hoshino Print", Some(YEN)),
    )
    .await;
    let filled = credit(&bo, kept.incident, "Hoshino Print").await;
    assert_eq!(
        (filled["kind"].as_str(), filled["amount"].as_str()),
        ("none", "")
    );
    assert_eq!(
        filled["reason"],
        "SLA: 99.900… % in November 2025, not below the promised 99.9 %"
    );
    let broken = told(
        &server,
        at(20, 9, 0),
        Some(44),
        customer("Hoshino Print", Some(YEN)),
    )
    .await;
    let filled = credit(&bo, broken.incident, "Hoshino Print").await;
    assert_eq!(filled["amount"], "100 JPY", "in its own currency");
}

#[tokio::test]
async fn only_the_signed_in_are_told_what_an_sla_gives() {
    let server = with_accounts().await;
    let told = told(
        &server,
        at(10, 9, 0),
        Some(60),
        customer("Orchard Bank", Some(ORCHARD)),
    )
    .await;
    let nobody = Browser {
        server: &server,
        cookie: String::new(),
    };
    let answer = nobody
        .call("fill", &asked(told.incident, CustomerId::Account(ORCHARD)))
        .await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    let bo = server.enter(1).await;
    let unknown = asked(IncidentId(new_id()), CustomerId::Account(ORCHARD));
    assert_eq!(
        bo.call("fill", &unknown).await.status(),
        StatusCode::NOT_FOUND
    );
}
