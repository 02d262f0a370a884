//! Worked example A (RUNBOOK §13): read latency spikes worldwide, then writes fail for 18 % of
//! sessions. Minute 0 is the moment customers were first hurt.
//!
//! [`full`] is the example as it is written down: declared 9 min after the first report,
//! mitigated 72 min after the impact began. `live` is the same outage with a slower second
//! half, so that the demo opens in the middle of it.

use super::customers::{Felt, KESTREL, NORTHWIND, TALLIS};
use super::people::{ANA, BO, CY, DAN, INES, MIA};
use super::scene::{Briefed, Chosen, Declared, Line, Scene, Told};
use chrono::Duration;
use domain::brief::{Confidence, Eta};
use domain::command::{Cause, Lever};
use domain::customer::ChurnRisk;
use domain::evidence::Proves;
use domain::fix::Verdict;
use domain::timeline::{EntryKind, Outcome};
use domain::triage::{Risk, Triage, Users, YesNo};
use domain::update::{Audience, ComponentState};
use domain::{Role, Severity, Status, Time};

/// Minutes from the begin of the impact to now, in the demo: the promise made at minute 22
/// for minute 82 was missed 4 minutes ago.
const LIVE_MIN: i64 = 86;

/// The outage in its 87th minute: contained, with the customer update overdue, nobody in the
/// CS/Sales seat and the sponsor not answering yet.
pub(super) fn live(scene: u32, now: Time) -> Vec<Line> {
    let mut s = Scene::new(scene, now - Duration::minutes(LIVE_MIN));
    opens(&mut s);
    s.at(16, 5, ANA).offers(Role::CsSales, INES);
    s.at(20, 40, INES).declines(
        Role::CsSales,
        "I hold CS/Sales on the Orchard Bank incident. Please ask whoever covers Northwind Retail",
    );
    rolls_back_the_flag(&mut s, 41);
    briefs(&mut s, 58);
    fails_over(&mut s, 46, 53, 66);
    s.at(70, 10, DAN).proves(
        Proves::HarmStopped,
        "write_errors_ratio{service=\"checkout\"}  1 min mean\n\
         T+50 0.179   T+55 0.121   T+60 0.031   T+65 0.006   T+70 0.006",
        "New sessions write without errors since the failover; 0.6 % of sessions still hold a \
         connection from before it",
    );
    s.at(71, 0, ANA).moves(Status::Contained);
    s.at(76, 30, BO).logs_late(
        9,
        EntryKind::Customer,
        "Northwind Retail: 212 of 1 140 carts saved before the failover still fail at payment",
        "https://tickets.acme.example/48213",
    );
    s.at(79, 15, DAN).logs(
        EntryKind::Attempt,
        "Closing the 3 900 connections opened before the failover, 500 at a time, so that their \
         sessions reconnect to the replica",
    );
    s.at(83, 0, ANA).offers(Role::Sponsor, MIA);
    s.lines()
}

/// The example from the first report to Mitigated, with the impact beginning at `began`.
/// Every command in it is accepted.
#[must_use]
pub fn full(began: Time) -> Vec<Line> {
    let mut s = Scene::new(1, began);
    opens(&mut s);
    s.at(16, 0, ANA).offers(Role::CsSales, INES);
    s.at(19, 0, INES).accepts(Role::CsSales);
    s.at(20, 0, ANA).offers(Role::Sponsor, MIA);
    s.at(24, 0, MIA).accepts(Role::Sponsor);
    rolls_back_the_flag(&mut s, 35);
    briefs(&mut s, 40);
    fails_over(&mut s, 38, 44, 51);
    s.at(54, 0, DAN).proves(
        Proves::HarmStopped,
        "write_errors_ratio{service=\"checkout\"}  1 min mean\n\
         T+40 0.181   T+45 0.094   T+50 0.004   T+54 0.003",
        "Write errors fell from 18 % to 0.3 % of sessions and no region rises",
    );
    s.at(56, 0, ANA).moves(Status::Contained);
    s.at(66, 0, CY).tells(
        Told {
            to: Audience::Public,
            acknowledge: "Checkout accepts orders again. We have moved to our standby database.",
            impact: "0.2 % of sessions still get an error when they place an order; it was 18 %. \
                     Pages load in 0.2 seconds again.",
            action: "We watch every order for another hour and check the orders that failed.",
            components: &[("Checkout", ComponentState::DegradedPerformance)],
        },
        60,
    );
    s.at(69, 0, BO).proves(
        Proves::CustomersWork,
        "synthetic_checkout  last 10 min: 600 of 600 orders placed, p99 0.41 s",
        "Test orders from six regions succeed; Northwind Retail confirms live orders",
    );
    s.at(70, 0, DAN).states_impact_end(64);
    s.at(71, 0, DAN).states_cause(Cause::Known {
        text: "The flag raised each server's connection pool from 40 to 400. Together they asked \
               the database for more connections than it allows"
            .to_owned(),
    });
    s.at(72, 0, ANA).moves(Status::Mitigated);
    s.lines()
}

/// Report, declaration, the three roles that must be apart, the first update: the same in
/// both versions.
fn opens(s: &mut Scene) {
    s.at(3, 0, DAN).reports(
        "Alertmanager",
        "Read latency p99 is 2.8 s in all regions, normal is 0.18 s (alert ReadLatencyHigh)",
    );
    let triage = Triage {
        users: Some(Users::Many),
        percent: Some(18),
        data: Some(Risk::None),
        security: Some(Risk::None),
        executive: Some(YesNo::No),
        strategic: Some(YesNo::Yes),
    };
    let what = Declared {
        title: "Checkout errors in all regions",
        severity: Severity::Sev1,
        customer_sees: "18 % of sessions get an error when they place an order. Pages that read \
                        orders take up to 3 seconds.",
        began_min: 0,
        components: &["Checkout", "Reporting"],
        audience: Audience::Public,
    };
    s.at(12, 0, ANA).triages(what, triage);
    s.at(12, 20, ANA).offers(Role::Commander, ANA);
    s.at(12, 40, ANA).accepts(Role::Commander);
    s.at(13, 0, ANA).offers(Role::Engineering, DAN);
    s.at(13, 15, ANA).offers(Role::Comms, CY);
    s.at(14, 0, DAN).accepts(Role::Engineering);
    s.at(15, 10, CY).accepts(Role::Comms);
    s.at(15, 20, ANA)
        .links_channel("https://chat.acme.example/channels/inc-checkout-errors");
    notes_customers(s);
    let seen = s.at(18, 20, DAN).logs(
        EntryKind::Observation,
        "Writes fail for 17 % of sessions. Database primary at its limit of 2 000 connections",
    );
    s.at(18, 50, DAN).amends(
        seen,
        "Writes fail for 18 % of sessions. Database primary at its limit of 2 000 connections",
        "Misread the panel, it was still filling",
    );
    s.at(19, 30, CY).tells_inside(
        "Support and Customer Success",
        "Checkout fails for 18 % of sessions since minute 0. Say that we know and that the status \
         page has the next word; promise no time of repair",
    );
    let began = s.time(0).format("%H:%M");
    let acknowledge = format!(
        "Placing an order fails for some customers, and pages that show orders load slowly. It \
         began at {began} UTC."
    );
    s.at(22, 0, CY).tells(
        Told {
            to: Audience::Public,
            acknowledge: &acknowledge,
            impact: "18 % of sessions get an error when they place an order. The other 82 % \
                     succeed; pages take up to 3 seconds. Orders that were confirmed are stored.",
            action: "We are taking back a change that was released just before it began. We do \
                     not know yet whether it is the cause.",
            components: &[
                ("Checkout", ComponentState::PartialOutage),
                ("Reporting", ComponentState::DegradedPerformance),
            ],
        },
        60,
    );
}

fn notes_customers(s: &mut Scene) {
    let today = s.time(0);
    let felt = |sentiment, churn, because| Felt {
        sentiment,
        churn,
        because,
    };
    s.at(15, 40, BO).notes(NORTHWIND.sees(
        today,
        "1 in 5 orders fails; 1 140 carts are waiting. Their sale ends at midnight",
        &felt(
            (1, -1),
            (ChurnRisk::Low, ChurnRisk::Medium),
            "Each hour of the sale that is lost counts in the renewal",
        ),
    ));
    s.at(15, 50, BO).notes(TALLIS.sees(
        today,
        "Bookings fail on the second try as well; their call centre takes orders by hand",
        &felt(
            (0, -1),
            (ChurnRisk::Medium, ChurnRisk::High),
            "Renews in 33 days, and a rival has offered a trial",
        ),
    ));
    s.at(16, 0, BO).notes(KESTREL.sees(
        today,
        "Order pages take 3 seconds; no failed order reported",
        &felt(
            (1, 1),
            (ChurnRisk::Low, ChurnRisk::Low),
            "They thanked us for calling first",
        ),
    ));
}

/// The first lever. It does not help, which is known at `seen_min`.
fn rolls_back_the_flag(s: &mut Scene, seen_min: i64) {
    let flag = s.at(25, 0, ANA).decides(Chosen {
        lever: Lever::FeatureFlag,
        what: "Switch off flag pool-per-request, on since minute 0",
        risk_of_doing: "Reads go back to the old pool: 0.05 s slower per page",
        risk_of_not_doing: "Errors stay at 18 % of sessions and may spread to sign-in",
        undo: "Switch the flag on again; takes 20 seconds",
    });
    let pool = s
        .at(26, 0, DAN)
        .supposes("The flag's larger pool holds all connections of the order database");
    s.at(27, 0, DAN).logs(
        EntryKind::Action,
        "Flag pool-per-request is off in all regions",
    );
    s.at(seen_min, 0, DAN).results(
        flag,
        Outcome::Failed,
        "No effect: write errors still 18 %. Connections opened under the flag are not given back",
    );
    s.at(seen_min, 10, DAN).tries(
        pool,
        "Counted connections by the server that holds them",
        Outcome::Worked,
        "1 990 of 2 000 are held by checkout servers, 400 each where 40 were allowed",
    );
    s.at(seen_min, 30, DAN).concludes(
        pool,
        Verdict::Confirmed,
        "Each checkout server holds 400 connections since the flag, and gives none back",
    );
}

/// The second lever. It works, which is known at `seen_min`.
fn fails_over(s: &mut Scene, decided_min: i64, done_min: i64, seen_min: i64) {
    s.at(decided_min, -30, DAN).logs(
        EntryKind::Observation,
        "Primary refuses 1 of 6 new connections. Replica in the second region is 0.4 s behind and \
         at 9 % of its limit",
    );
    let failover = s.at(decided_min, 0, ANA).decides(Chosen {
        lever: Lever::Failover,
        what: "Fail over the order database to the replica in the second region",
        risk_of_doing: "Writes stop for 40 seconds; orders of the last 0.4 s must be replayed",
        risk_of_not_doing: "18 % of orders keep failing; Northwind Retail's sale ends at midnight",
        undo: "Fail back to the primary after it has caught up; takes 15 minutes",
    });
    s.at(done_min, 0, DAN).logs(
        EntryKind::Action,
        "Replica promoted. Writes were stopped for 38 seconds",
    );
    s.at(seen_min, 0, DAN).results(
        failover,
        Outcome::Worked,
        "Write errors fell from 18 % to under 1 % of sessions. 3 orders replayed, none lost",
    );
}

fn briefs(s: &mut Scene, min: i64) {
    let eta = Eta {
        at: s.time(120),
        confidence: Confidence::Medium,
        depends_on: "The failover brings write errors under 1 %".to_owned(),
    };
    s.at(min, 0, CY).briefs(Briefed {
        happened: "A released flag exhausted the connections of the order database in all \
                   regions. Taking the flag back did not free them; we fail over to the replica.",
        impact: "18 % of sessions cannot place an order. Three accounts have called: Northwind \
                 Retail, Tallis Travel, Kestrel Outdoor.",
        risks: &[
            "Northwind Retail's sale ends at midnight; each hour costs them about 900 orders",
            "Tallis Travel renews in 33 days and has seen two incidents this quarter",
        ],
        asks: &[(
            "Call the COO of Northwind Retail with what we know",
            "Mia Berg",
        )],
        eta: Some(eta),
        changed: "This is the first brief.",
    });
}
