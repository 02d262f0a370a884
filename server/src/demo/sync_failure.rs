//! Worked example C (RUNBOOK §13): the nightly sync fails and a strategic account's finance
//! team cannot close the month. Minute 0 is the first failed run.

use super::customers::{Felt, HALDEN, MERIDIAN};
use super::people::{BO, INES, JON, LEA, MIA, NOOR};
use super::scene::{Briefed, Chosen, Declared, Line, Scene, Told};
use chrono::Duration;
use domain::brief::{Confidence, Eta};
use domain::call::Side;
use domain::command::{Cause, Lever};
use domain::customer::ChurnRisk;
use domain::evidence::Proves;
use domain::timeline::{EntryKind, Outcome};
use domain::triage::{Risk, Triage, Users, YesNo};
use domain::update::{Audience, ComponentState};
use domain::{Role, Severity, Status, Time};

/// Minutes from the failed run to now: the promise made at minute 702 for minute 822 has 80
/// of its 120 minutes left.
const LIVE_MIN: i64 = 742;

/// The failed sync, mitigated: the hotfix runs, the backfill is done for the account that
/// called and goes on for the others.
pub(super) fn live(scene: u32, now: Time) -> Vec<Line> {
    let mut s = Scene::new(scene, now - Duration::minutes(LIVE_MIN));
    opens(&mut s);
    fixes(&mut s);
    tells(&mut s);
    briefs(&mut s);
    s.lines()
}

fn opens(s: &mut Scene) {
    s.at(312, 0, INES).reports(
        "Call from Halden Foods",
        "Finance cannot close the month: last night's ledger sync is missing 3.4 million entries",
    );
    let triage = Triage {
        users: Some(Users::Some),
        percent: Some(7),
        data: Some(Risk::None),
        security: Some(Risk::None),
        executive: Some(YesNo::Yes),
        strategic: Some(YesNo::Yes),
    };
    let what = Declared {
        title: "Nightly sync stops on large ledgers",
        severity: Severity::Sev2,
        customer_sees: "Last night's sync did not finish for 14 of 212 accounts. Ledgers stop at \
                        yesterday's balance.",
        began_min: 0,
        components: &["Data sync"],
        audience: Audience::Public,
    };
    s.at(324, 0, BO).triages(what, triage);
    s.at(324, 30, BO).offers(Role::Commander, BO);
    s.at(324, 50, BO).accepts(Role::Commander);
    s.at(325, 10, BO).offers(Role::Engineering, JON);
    s.at(325, 20, BO).offers(Role::Comms, LEA);
    s.at(325, 30, BO).offers(Role::CsSales, INES);
    s.at(326, 0, INES).accepts(Role::CsSales);
    s.at(327, 0, JON).accepts(Role::Engineering);
    s.at(329, 0, LEA).accepts(Role::Comms);
    let today = s.time(0);
    s.at(331, 0, INES).notes(HALDEN.sees(
        today,
        "Cannot close the month; the group wants figures by 18:00 their time tomorrow",
        &Felt {
            sentiment: (1, -2),
            churn: (ChurnRisk::Low, ChurnRisk::High),
            because: "Their CFO asks how two closes can be trusted to us in a row",
        },
    ));
    s.at(333, 0, INES).notes(MERIDIAN.sees(
        today,
        "Freight invoices of last night are missing; they post weekly, on Friday",
        &Felt {
            sentiment: (0, 0),
            churn: (ChurnRisk::Low, ChurnRisk::Low),
            because: "They post weekly and lose nothing before Friday",
        },
    ));
}

fn fixes(s: &mut Scene) {
    let tried = s.at(341, 0, JON).logs(
        EntryKind::Attempt,
        "Ran the sync of Halden Foods again with twice the memory, 8 GB",
    );
    s.at(363, 0, JON).results(
        tried,
        Outcome::Failed,
        "Stopped at 2.1 million entries. The job holds the whole ledger in memory since release 418",
    );
    let hotfix = s.at(372, 0, BO).decides(Chosen {
        lever: Lever::Hotfix,
        what: "Ship a sync that reads ledgers in pages of 10 000 entries",
        risk_of_doing: "New code on the path of 212 accounts; the sync takes 20 % longer",
        risk_of_not_doing: "14 accounts get no sync tonight either",
        undo: "Deploy release 417 again; ledgers over 2 million entries then wait",
    });
    s.at(452, 0, JON).logs(
        EntryKind::Action,
        "Hotfix 418.1 is deployed to the sync workers",
    );
    s.at(468, 0, JON).results(
        hotfix,
        Outcome::Worked,
        "Test ledger of 5 million entries synced in 14 min with 310 MB of memory",
    );
    s.at(474, 0, JON).proves(
        Proves::HarmStopped,
        "sync_job_killed_total  last 60 min: 0 (before: 14 per run)\nsync_memory_max 310 MB of 4 GB",
        "No sync job was stopped for memory since the hotfix",
    );
    s.at(476, 0, BO).moves(Status::Contained);
    let backfill = s.at(480, 30, BO).decides(Chosen {
        lever: Lever::Other,
        what: "Backfill last night for all 14 accounts, Halden Foods first",
        risk_of_doing: "Entries posted by hand this morning could appear twice",
        risk_of_not_doing: "Halden Foods cannot close the month",
        undo: "Each backfilled entry carries the run's number and can be removed by it",
    });
    let call = s
        .at(384, 0, INES)
        .plans_daily_call(HALDEN, "their CFO", 600);
    s.at(621, 0, INES).held(
        call,
        "20 min. Figures by 18:00 tomorrow is what counts. They want a call every day until the \
         month is closed, and a plan for hardening",
    );
    let ours = Side::Ours { person: JON.who() };
    s.at(630, 0, INES).plans_step(
        HALDEN,
        "Sync test with their largest ledger before each release",
        ours,
        21,
    );
    let theirs = Side::Theirs {
        name: "Petra Holm".to_owned(),
    };
    s.at(631, 0, INES).plans_step(
        HALDEN,
        "Name two days a month on which no release may touch the sync",
        theirs,
        10,
    );
    s.at(641, 0, JON).results(
        backfill,
        Outcome::Worked,
        "Halden Foods complete: 3 412 906 of 3 412 906 entries, none twice. 6 of 14 accounts done",
    );
    s.at(650, 0, INES).quotes(
        Proves::CustomersWork,
        "Petra Holm, financial controller at Halden Foods",
        "All entries of last night are there and the balances match. We are closing the month.",
        "The account that was stopped can work again; the others have been told their turn",
    );
    s.at(653, 0, BO).states_impact_end(648);
    s.at(655, 0, BO).moves(Status::Mitigated);
    s.at(668, 0, JON).states_cause(Cause::Known {
        text: "Release 418 loads a ledger whole before it is written. Ledgers over 2 million \
               entries exceed the job's 4 GB"
            .to_owned(),
    });
    s.at(685, 0, BO).hands_over(
        Role::Commander,
        NOOR,
        "Six hours on. 8 of 14 accounts are done; watch the balances, and the CFO call is at 09:00 \
         their time",
    );
    s.at(688, 30, NOOR).accepts(Role::Commander);
    s.at(720, 0, JON).logs(
        EntryKind::Observation,
        "Backfill: 9 of 14 accounts complete",
    );
}

fn tells(s: &mut Scene) {
    let slow = [("Data sync", ComponentState::PartialOutage)];
    s.at(366, 0, LEA).tells(
        Told {
            to: Audience::Public,
            acknowledge: "Last night's data sync did not finish for some accounts.",
            impact: "14 of 212 accounts: those with more than 2 million ledger entries. Their \
                     ledgers stop at yesterday's balance. Nothing that was there is lost.",
            action: "We know where the sync stops and are changing it to read large ledgers in \
                     parts.",
            components: &slow,
        },
        120,
    );
    s.at(480, 0, LEA).tells(
        Told {
            to: Audience::Public,
            acknowledge: "The sync works again for large ledgers. Last night's entries are still \
                          missing for 14 accounts.",
            impact: "14 of 212 accounts still show yesterday's balance.",
            action: "We are adding last night's entries, account by account. Each account hears \
                     from us when its entries are complete.",
            components: &slow,
        },
        120,
    );
    s.at(596, 0, LEA).tells(
        Told {
            to: Audience::Public,
            acknowledge: "Last night's entries are complete for 4 of 14 accounts.",
            impact: "10 of 212 accounts still show yesterday's balance.",
            action: "We go on account by account, about 40 minutes each for the largest.",
            components: &slow,
        },
        120,
    );
    s.at(702, 0, LEA).tells(
        Told {
            to: Audience::Public,
            acknowledge: "Last night's entries are complete for 8 of 14 accounts. Tonight's sync \
                          runs as planned for all.",
            impact: "6 of 212 accounts still show yesterday's balance.",
            action: "We complete the remaining 6 accounts and compare every balance with its source.",
            components: &[("Data sync", ComponentState::DegradedPerformance)],
        },
        120,
    );
}

fn briefs(s: &mut Scene) {
    let eta = |s: &Scene, min, confidence| {
        Some(Eta {
            at: s.time(min),
            confidence,
            depends_on: "The backfill keeps its pace of one account in 25 minutes".to_owned(),
        })
    };
    let first = eta(s, 1_200, Confidence::Low);
    s.at(378, 0, LEA).briefs(Briefed {
        happened: "Last night's sync failed for the 14 largest ledgers. Halden Foods cannot close \
                   its month.",
        impact: "Halden Foods is blocked; 13 accounts miss last night's entries and can work.",
        risks: &["Halden Foods renews in 61 days; their CFO has asked for a call today"],
        asks: &[("Join the call with the CFO of Halden Foods", "Mia Berg")],
        eta: first,
        changed: "This is the first brief.",
    });
    let second = eta(s, 960, Confidence::Medium);
    s.at(610, 0, LEA).briefs(Briefed {
        happened: "A hotfix reads large ledgers in parts. Last night's entries are being added, \
                   Halden Foods first.",
        impact: "Halden Foods is at 88 % of its entries; 10 accounts wait for theirs.",
        risks: &["Entries posted by hand could appear twice; each balance is compared"],
        asks: &[(
            "Approve two engineers for the hardening plan, four weeks",
            "Mia Berg",
        )],
        eta: second,
        changed: "Contained. Hotfix 418.1 deployed. Daily call with the CFO agreed.",
    });
    s.at(612, 0, BO).offers(Role::Sponsor, MIA);
    s.at(615, 0, MIA).accepts(Role::Sponsor);
}
