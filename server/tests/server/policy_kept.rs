//! What a new version of the policy changes, and that it does so for new incidents only: the
//! severity that is proposed, who approves a credit, when business days end.

use crate::commands::{declare, declared};
use crate::policy::{answer, change, incident, refused, words};
use crate::site::{Browser, Server, new_id};
use app::api::Outcome;
use chrono::Duration;
use domain::clock::{ClockKind, clocks};
use domain::command::{Cause, Lever};
use domain::customer::{Credit, Customer, CustomerRef, Judgement, Money};
use domain::evidence::{Proof, Proves};
use domain::triage::YesNo;
use domain::{Command, IncidentId, Severity, Status, Time};

/// Declares with executives watching.
fn watched(severity: Severity, now: Time) -> Command {
    let mut command = declare("Watched", now);
    if let Command::Declare {
        severity: s,
        details,
        ..
    } = &mut command
    {
        *s = severity;
        details.triage.executive = Some(YesNo::Yes);
    }
    command
}

#[tokio::test]
async fn a_new_severity_matrix_proposes_for_new_incidents_only() {
    let server = Server::with_demo_people().await;
    let (ana, bo) = (server.enter(0).await, server.enter(1).await);
    let now = server.clock.now();
    let (old, new) = (IncidentId(new_id()), IncidentId(new_id()));
    bo.does(old, watched(Severity::Sev3, now)).await;
    // The last rule is removed, one changes its severity and so its place, and one is new.
    change(
        &ana,
        &[
            ("/severity_rules/10/name", ""),
            ("/severity_rules/0/severity", "SEV-2"),
            ("/severity_rules/11/name", "Executives are watching"),
            ("/severity_rules/11/severity", "SEV-1"),
            ("/severity_rules/11/executive", "on"),
        ],
    )
    .await;
    let shown = words(&bo).await;
    assert!(
        shown.contains("SEV-1 Executives are watching executives watching"),
        "{shown}"
    );
    assert!(
        shown.contains("SEV-2 Data is confirmed to be exposed data at risk: confirmed"),
        "{shown}"
    );
    assert!(
        !shown.contains("Some users are hit and executives"),
        "{shown}"
    );
    let rules = &server.log.policy().severity_rules;
    assert!(rules.is_sorted_by_key(|rule| rule.severity), "{rules:?}");

    let why = refused(&bo, new, watched(Severity::Sev3, now)).await;
    assert_eq!(
        why,
        "Severity differs from SEV-1, which the matrix proposes (Executives are watching); say why."
    );
    bo.does(new, watched(Severity::Sev1, now)).await;
    for (id, version, rule) in [
        (old, 1, "No rule for more fires"),
        (new, 2, "Executives are watching"),
    ] {
        let incident = incident(&bo, id).await.0;
        assert_eq!(incident.policy_version(), Some(version));
        let declared = incident.declared.unwrap();
        assert_eq!(declared.proposal.unwrap().rule, rule);
    }
}

fn northwind() -> Command {
    Command::NoteCustomer {
        customer: Customer {
            name: "Northwind".to_owned(),
            tier: "Strategic".to_owned(),
            annual_revenue: 1_240_000,
            sees: "Orders fail".to_owned(),
            ..Customer::default()
        },
    }
}

fn propose(currency: &str) -> Command {
    Command::ProposeCredit {
        customer: CustomerRef::by_name("Northwind"),
        credit: Credit::Granted {
            amount: Money {
                currency: currency.to_owned(),
                minor: 50_000,
            },
            reason: "SLA".to_owned(),
        },
        monthly_fee: None,
        working: None,
    }
}

#[tokio::test]
async fn the_credit_matrix_names_people_and_a_currency_is_changed_with_its_bounds() {
    let server = Server::with_demo_people().await;
    let (ana, bo, ines, mia) = (
        server.enter(0).await,
        server.enter(1).await,
        server.enter(5).await,
        server.enter(8).await,
    );
    let old = declared(&bo, "Declared before").await;
    bo.does(old, northwind()).await;
    assert!(
        words(&bo)
            .await
            .contains("up to 1 000.00 EUR CS lead anybody but the proposer")
    );
    // Mia and Ines may approve up to 1 200 USD; a row between is new, and written last.
    let mia_at = format!("/credit_matrix/0/people/{}", mia.me().await.id);
    let ines_at = format!("/credit_matrix/0/people/{}", ines.me().await.id);
    let bo_at = format!("/credit_matrix/2/people/{}", bo.me().await.id);
    change(
        &ana,
        &[
            ("/currency", "usd"),
            ("/credit_matrix/0/up_to", "1 200 USD"),
            (&mia_at, "on"),
            (&ines_at, "on"),
            (&bo_at, "on"),
            ("/credit_matrix/1/up_to", "12000.50 usd"),
            ("/credit_matrix/3/up_to", "5000 USD"),
            ("/credit_matrix/3/approver", "Director"),
        ],
    )
    .await;
    let shown = words(&bo).await;
    for says in [
        "Currency USD",
        "up to 1 200.00 USD CS lead Ines Faro, Mia Berg",
        "up to 5 000.00 USD Director no approver is set up to 12 000.50 USD VP",
        "above CFO Bo Lind",
    ] {
        assert!(shown.contains(says), "{says}: {shown}");
    }
    let new = declared(&bo, "Declared after").await;
    bo.does(new, northwind()).await;
    let approve = |proposal| Command::JudgeCredit {
        proposal,
        judgement: Judgement::Approve,
    };
    for (id, currency, other, may) in [(old, "EUR", "USD", true), (new, "USD", "EUR", false)] {
        let why = refused(&ines, id, propose(other)).await;
        assert_eq!(
            why,
            format!("Currency must be {currency}, or that of the monthly fee.")
        );
        let (proposal, outcome) = answer(&ines, id, propose(currency)).await;
        assert_eq!(outcome, Outcome::Accepted);
        let own = refused(&ines, id, approve(proposal)).await;
        assert!(
            own.starts_with("Nobody approves their own proposal."),
            "{own}"
        );
        let by_bo = answer(&bo, id, approve(proposal)).await.1;
        assert_eq!(by_bo == Outcome::Accepted, may, "{by_bo:?}");
        let by_mia = answer(&mia, id, approve(proposal)).await.1;
        assert_eq!(by_mia == Outcome::Accepted, !may, "{by_mia:?}");
    }
}

/// Declares at this moment and resolves, with a customer who is hurt.
async fn resolved(browser: &Browser<'_>) -> IncidentId {
    let id = declared(browser, "Over").await;
    let evidence = |proves: Proves| Command::AttachEvidence {
        proves,
        proof: Proof::Excerpt {
            text: "errors 0.003".to_owned(),
        },
        shows: "Errors fell".to_owned(),
        watched_min: (proves == Proves::Validated).then_some(30),
    };
    let words = |text: &str| text.to_owned();
    for command in [
        northwind(),
        Command::DecideMitigation {
            lever: Lever::Failover,
            what: words("Fail over"),
            risk_of_doing: words("40 s without writes"),
            risk_of_not_doing: words("Errors stay"),
            undo: words("Fail back"),
        },
        evidence(Proves::HarmStopped),
        Command::MoveStatus {
            to: Status::Contained,
        },
        evidence(Proves::CustomersWork),
        Command::StateImpactEnd {
            at: browser.server.clock.now(),
        },
        Command::MoveStatus {
            to: Status::Mitigated,
        },
        evidence(Proves::Validated),
        Command::StateCause {
            cause: Cause::Known {
                text: words("Too many connections"),
            },
        },
        Command::MoveStatus {
            to: Status::Resolved,
        },
        Command::AgreeAction {
            what: words("Limit connections"),
            owner: browser.me().await.to_ref(),
            due_on: "2041-07-01".parse().unwrap(),
            acceptance: words("A test fails"),
        },
    ] {
        browser.does(id, command).await;
    }
    id
}

/// When a browser says that the clocks of the resolution are due: booked, held, credit, action.
async fn due(browser: &Browser<'_>, id: IncidentId) -> [String; 4] {
    let (incident, policies) = incident(browser, id).await;
    let all = clocks(&incident, &policies.of(&incident));
    let action = ClockKind::ActionDone(incident.actions[0].id);
    [
        ClockKind::PostMortemBooked,
        ClockKind::PostMortemHeld,
        ClockKind::CreditDecision,
        action,
    ]
    .map(|kind| {
        let clock = all.iter().find(|c| c.kind == kind).unwrap();
        clock.due_at.format("%Y-%m-%d %H:%M").to_string()
    })
}

/// Moves the server's clock to this moment.
fn travel(server: &Server, to: &str) {
    let to: Time = to.parse().unwrap();
    server
        .clock
        .advance((to - server.clock.now()).num_milliseconds());
}

/// In 2040 New York sets its clocks forward on Sunday the 11th of March at 07:00 UTC, from UTC−5 to
/// UTC−4, and Berlin back on Sunday the 28th of October at 01:00 UTC, from UTC+2 to UTC+1.
#[tokio::test]
async fn business_days_end_at_the_midnight_of_the_zone_that_the_policy_names() {
    let server = Server::with_demo_people().await;
    travel(&server, "2040-03-09T15:00:00Z");
    let ana = server.enter(0).await;
    // A Friday. Monday's, next Friday's and Wednesday's end.
    let in_utc = resolved(&ana).await;
    let utc = [
        "2040-03-13 00:00",
        "2040-03-17 00:00",
        "2040-03-15 00:00",
        "2041-07-02 00:00",
    ];
    assert_eq!(due(&ana, in_utc).await, utc);

    change(&ana, &[("/zone/name", "america/new_york")]).await;
    let shown = words(&ana).await;
    let says = "Business days are counted in America/New_York: UTC−5 now, and UTC−4 from 2040-03-11 07:00 UTC on.";
    assert!(shown.contains(says), "{shown}");
    let there = resolved(&ana).await;
    let new_york = [
        "2040-03-13 04:00",
        "2040-03-17 04:00",
        "2040-03-15 04:00",
        "2041-07-02 04:00",
    ];
    assert_eq!(due(&ana, there).await, new_york);
    assert_eq!(
        due(&ana, in_utc).await,
        utc,
        "declared under the version before"
    );
    // 03:30 UTC on the Saturday is still Friday there, as Friday noon was.
    travel(&server, "2040-03-10T03:30:00Z");
    let ana = server.enter(0).await;
    let late = resolved(&ana).await;
    assert_eq!(due(&ana, late).await, new_york);

    travel(&server, "2040-10-26T10:00:00Z");
    let ana = server.enter(0).await;
    change(
        &ana,
        &[("/zone/name", "Europe/Berlin"), ("/holidays", "2040-10-29")],
    )
    .await;
    // Its Monday is a holiday: booked by Tuesday's end, held by the next Monday's, credit by Thursday's.
    let berlin = [
        "2040-10-30 23:00",
        "2040-11-05 23:00",
        "2040-11-01 23:00",
        "2041-07-01 22:00",
    ];
    let here = resolved(&ana).await;
    assert_eq!(due(&ana, here).await, berlin);
    // A post-mortem is booked inside the days of that zone, on both sides of the last minute.
    for (at, may) in [
        ("2040-11-05T23:00:01Z", false),
        ("2040-11-05T23:00:00Z", true),
    ] {
        let book = Command::BookPostMortem {
            at: at.parse().unwrap(),
            facilitator: ana.me().await.to_ref(),
        };
        let outcome = answer(&ana, here, book).await.1;
        assert_eq!(outcome == Outcome::Accepted, may, "{at}: {outcome:?}");
    }
    let server = server.restarted().await;
    let zone = server.log.policy().zone.clone();
    assert_eq!(
        (zone.name.as_str(), zone.shifts.len()),
        ("Europe/Berlin", 100)
    );
    let spring: Time = "2040-03-25T01:00:00Z".parse().unwrap();
    assert_eq!(zone.offset_at(spring), Duration::hours(2));
    assert_eq!(
        zone.offset_at(spring - Duration::seconds(1)),
        Duration::hours(1)
    );
}
