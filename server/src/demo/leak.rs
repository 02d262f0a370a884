//! Worked example B (RUNBOOK §13): a suspected credential leak. Told to the two customers it
//! may concern and to nobody else. Minute 0 is the first anomalous login.

use super::customers::{Felt, LUMEN, ORCHARD, only};
use super::people::{EVE, INES, LEA, MIA, NOOR};
use super::scene::{Briefed, Chosen, Declared, Line, Scene, Told};
use chrono::Duration;
use domain::command::{Cause, Lever};
use domain::customer::ChurnRisk;
use domain::evidence::Proves;
use domain::fix::Party;
use domain::timeline::{EntryKind, Outcome};
use domain::triage::{Risk, Triage, Users, YesNo};
use domain::update::{Audience, ComponentState};
use domain::{Role, Severity, Status, Time};

/// Minutes from the first login to now: the promise made at minute 316 for minute 436 is due
/// in a quarter of an hour, the last fifth of its time.
const LIVE_MIN: i64 = 421;

/// The leak, contained, with the next update at risk.
pub(super) fn live(scene: u32, now: Time) -> Vec<Line> {
    let mut s = Scene::new(scene, now - Duration::minutes(LIVE_MIN));
    opens(&mut s);
    contains(&mut s);
    tells(&mut s);
    briefs(&mut s);
    s.lines()
}

fn told() -> Audience {
    only(&[ORCHARD, LUMEN])
}

fn opens(s: &mut Scene) {
    s.at(35, 0, EVE).reports(
        "Sign-in monitoring",
        "41 logins from two regions with API tokens that were never used there, 2 accounts",
    );
    let triage = Triage {
        users: Some(Users::Some),
        percent: None,
        data: Some(Risk::Suspected),
        security: Some(Risk::Suspected),
        executive: Some(YesNo::Yes),
        strategic: Some(YesNo::Yes),
    };
    let what = Declared {
        title: "Suspected leak of API tokens",
        severity: Severity::Sev1,
        customer_sees: "Nothing yet. API tokens of Orchard Bank and Lumen Health were used from \
                        two regions where they have no staff.",
        began_min: 0,
        components: &["Sign-in"],
        audience: told(),
    };
    s.at(44, 0, NOOR).triages(what, triage);
    s.at(44, 30, NOOR).offers(Role::Commander, NOOR);
    s.at(44, 45, NOOR).accepts(Role::Commander);
    s.at(45, 0, NOOR).offers(Role::Engineering, EVE);
    s.at(45, 10, NOOR).offers(Role::Comms, LEA);
    s.at(45, 20, NOOR).offers(Role::CsSales, INES);
    s.at(46, 0, EVE).accepts(Role::Engineering);
    s.at(48, 0, LEA).accepts(Role::Comms);
    s.at(49, 30, INES).accepts(Role::CsSales);
    s.at(52, 0, NOOR).offers(Role::Sponsor, MIA);
    s.at(55, 0, MIA).accepts(Role::Sponsor);
    s.at(60, 0, NOOR).changes_cadence(
        120,
        "Agreed with the security leads of both customers: forensic results come every two hours",
    );
    let today = s.time(0);
    s.at(62, 0, INES).notes(ORCHARD.sees(
        today,
        "26 logins with 3 of their tokens. Their security desk is on the bridge",
        &Felt {
            sentiment: (1, 0),
            churn: (ChurnRisk::Low, ChurnRisk::Medium),
            because: "Their regulator will ask why a supplier's tokens were used",
        },
    ));
    s.at(63, 0, INES).notes(LUMEN.sees(
        today,
        "15 logins with 1 of their tokens, read access only",
        &Felt {
            sentiment: (0, 0),
            churn: (ChurnRisk::Medium, ChurnRisk::Medium),
            because: "They compare suppliers for next year, as before",
        },
    ));
    let legal = s.at(47, 0, NOOR).asks(
        Party::Legal,
        "Duty counsel",
        "Must we tell a regulator, by when, and what may both customers be told?",
    );
    s.at(53, 0, NOOR).hears_they_have_it(legal);
    s.at(118, 0, NOOR).hears(
        legal,
        "No duty to notify while no data was read. If it was, Lumen Health has 72 hours from then",
    );
}

fn contains(s: &mut Scene) {
    let rotation = s.at(58, 0, NOOR).decides(Chosen {
        lever: Lever::Isolate,
        what: "Revoke and rotate every API token of both customers now",
        risk_of_doing: "Their integrations stop until the new tokens are in place, about 30 min",
        risk_of_not_doing: "The tokens stay usable by whoever holds them",
        undo: "None; the old tokens stay revoked",
    });
    let blocks = s.at(59, 0, NOOR).decides(Chosen {
        lever: Lever::Isolate,
        what: "Block sign-in from the two regions for these accounts",
        risk_of_doing: "Staff who travel there are locked out",
        risk_of_not_doing: "Other credentials may be tried from the same place",
        undo: "Remove the two rules; takes 1 minute",
    });
    s.at(71, 0, EVE).results(
        blocks,
        Outcome::Worked,
        "212 further attempts refused in 10 minutes, none from anywhere else",
    );
    s.at(94, 0, EVE).results(
        rotation,
        Outcome::Worked,
        "4 tokens revoked, 4 issued. Both customers confirm that their integrations run again",
    );
    s.at(99, 0, EVE).logs(
        EntryKind::Action,
        "Forensic logging is on for both accounts, kept for 90 days",
    );
    s.at(112, 0, EVE).proves(
        Proves::HarmStopped,
        "auth_log  account in (orchard, lumen)  T+94 … T+112\nrevoked_token_used 38 (all refused)  \
         anomalous_login 0",
        "Since the rotation every use of an old token was refused and no new login was anomalous",
    );
    s.at(114, 0, NOOR).moves(Status::Contained);
    s.at(190, 0, EVE).logs(
        EntryKind::Observation,
        "Export log of both accounts read for 30 days: no export and no bulk read by these tokens",
    );
    s.at(240, 0, NOOR).states_cause(Cause::UnderInvestigation {
        text: "How the tokens got out. A build log of a contractor that printed them is the lead"
            .to_owned(),
    });
    s.at(352, 0, EVE).logs_late(
        25,
        EntryKind::Observation,
        "The contractor's build log of 6 days ago holds 4 tokens in plain text; it was readable \
         to 11 people",
        "https://forensics.acme.example/case/119",
    );
}

fn tells(s: &mut Scene) {
    s.at(84, 0, LEA).tells(
        Told {
            to: told(),
            acknowledge: "API tokens of your account were used from two regions where you have \
                          no staff. We treat them as leaked.",
            impact: "4 tokens of two customers, 41 logins so far. We have seen no export of data. \
                     We have not finished looking.",
            action: "We are revoking all tokens of your account and have blocked both regions. \
                     You get new tokens through your security contact.",
            components: &[("Sign-in", ComponentState::DegradedPerformance)],
        },
        120,
    );
    s.at(200, 0, LEA).tells(
        Told {
            to: told(),
            acknowledge: "The leaked tokens no longer work. No new anomalous login since.",
            impact: "4 tokens of two customers. The export logs of the last 30 days show no export \
                     and no bulk read by these tokens.",
            action: "We are tracing how the tokens got out and keep detailed logs of every use.",
            components: &[("Sign-in", ComponentState::Operational)],
        },
        120,
    );
    s.at(316, 0, LEA).tells(
        Told {
            to: told(),
            acknowledge: "The tokens stay revoked. We follow one lead on how they got out.",
            impact: "Unchanged: 4 tokens of two customers, no export of data found. 612 attempts \
                     with the old tokens were refused.",
            action: "Our forensic team reads the build logs of one supplier. Legal has been \
                     engaged since the first hour.",
            components: &[("Sign-in", ComponentState::Operational)],
        },
        120,
    );
}

fn briefs(s: &mut Scene) {
    s.at(96, 0, LEA).briefs(Briefed {
        happened: "API tokens of two customers were used from two regions where they have no \
                   staff. All tokens are being rotated; both regions are blocked.",
        impact: "Orchard Bank and Lumen Health. 41 logins with 4 tokens. No export of data seen.",
        risks: &["If data was read, Lumen Health must tell its regulator within 72 hours"],
        asks: &[("Call the CISO of Orchard Bank", "Mia Berg")],
        eta: None,
        changed: "This is the first brief.",
    });
    s.at(330, 0, LEA).briefs(Briefed {
        happened: "The tokens are revoked and no new anomalous login came since. How they got out \
                   is being traced.",
        impact: "Orchard Bank and Lumen Health. The export logs of 30 days show no export.",
        risks: &["The lead points to a supplier; their contract needs Legal before we name them"],
        asks: &[("Agree with Legal on what both customers are told of the supplier", "Mia Berg")],
        eta: None,
        changed: "Contained. 612 further attempts refused. Forensics reads a supplier's build logs.",
    });
}
