use super::*;
use crate::clock::ServerClock;
use crate::store::SqliteStore;
use chrono::{Duration, TimeZone};
use domain::adherence::{Adherence, update_promises};
use domain::clock::{Clock, ClockKind, ClockState, clocks};
use domain::public::{PublicIncident, PublicView, Reader};
use domain::{
    Envelope, Event, Incident, IncidentId, IncidentNumber, Policies, Policy, PublicId, Recorded,
    Role, Severity, Status, decide,
};
use std::collections::{BTreeMap, HashSet};

fn now() -> Time {
    chrono::Utc
        .with_ymd_and_hms(2026, 11, 23, 10, 0, 0)
        .single()
        .unwrap()
}

fn minutes(min: i64) -> Duration {
    Duration::minutes(min)
}

/// Decides and folds a script as the server does, but for the disk.
fn play(lines: &[Line]) -> BTreeMap<IncidentId, Incident> {
    let mut policies = Policies::new(Policy::default());
    let mut incidents = BTreeMap::new();
    let mut serial = 0;
    for line in lines {
        let Envelope {
            id,
            incident,
            made_at,
            command,
        } = line.envelope.clone();
        let state = incidents
            .entry(incident)
            .or_insert_with(|| Incident::empty(incident));
        let what = format!("{} at {}: {command:?}", line.by.name, line.at);
        let policy = policies.of(state);
        let mut events = match decide(state, command, &line.by, &policy, line.at) {
            Ok(events) => events,
            Err(refusal) => panic!("refused: {refusal} ({refusal:?})\n{what}"),
        };
        if events.iter().any(Event::is_declaration) {
            serial += 1;
            let number = IncidentNumber { year: 2026, serial };
            let public_id = PublicId(format!("page-{serial}"));
            events.push(Event::Numbered { number, public_id });
        }
        for event in events {
            policies.take(&event);
            let version = state.version + 1;
            let (by, at) = (line.by.clone(), line.at);
            state.apply(&Recorded {
                seq: 0,
                incident,
                version,
                at,
                made_at,
                by,
                command: id,
                stamped_at: None,
                event,
            });
        }
    }
    incidents
}

fn titled<'a>(incidents: &'a BTreeMap<IncidentId, Incident>, title: &str) -> &'a Incident {
    incidents.values().find(|i| i.title() == title).unwrap()
}

fn open_clocks(incident: &Incident, now: Time) -> BTreeMap<ClockKind, ClockState> {
    clocks(incident, &Policy::default())
        .into_iter()
        .filter(Clock::is_running)
        .map(|c| (c.kind, c.state(now)))
        .collect()
}

const OUTAGE: &str = "Checkout errors in all regions";
const LEAK: &str = "Suspected leak of API tokens";
const SYNC: &str = "Nightly sync stops on large ledgers";

#[test]
fn every_command_of_the_script_is_accepted_whatever_the_hour_and_the_weekday() {
    for hours in (0..7 * 24).step_by(7) {
        let now = now() + Duration::hours(hours);
        let lines = script(now);
        let incidents = play(&lines);
        let count = |pick: fn(&Incident) -> bool| incidents.values().filter(|i| pick(i)).count();
        assert_eq!(count(Incident::is_open), 3);
        assert_eq!(count(Incident::is_to_triage), 2);
        assert_eq!(
            count(|i| i.declared.is_some() && i.status == Status::Closed),
            24
        );
        assert_eq!(count(|i| i.dismissed.is_some()), 2);
    }
}

#[test]
fn the_script_is_in_order_of_time_with_no_id_twice_and_nothing_ahead_of_now() {
    let lines = script(now());
    assert!(lines.is_sorted_by_key(|l| l.at));
    assert!(
        lines
            .iter()
            .all(|l| l.at <= now() && l.envelope.made_at <= l.at)
    );
    let ids: HashSet<_> = lines.iter().map(|l| l.envelope.id).collect();
    assert_eq!(ids.len(), lines.len());
    assert!(ids.iter().all(|id| id.0.get_version_num() == 7));
    assert_eq!(script(now()), lines, "the same now gives the same script");
}

#[test]
fn the_demo_opens_with_clocks_that_run_are_at_risk_and_are_overdue() {
    let incidents = play(&script(now()));

    let outage = open_clocks(titled(&incidents, OUTAGE), now());
    assert_eq!(outage[&ClockKind::NextUpdate], ClockState::Overdue);
    assert_eq!(outage[&ClockKind::CoreRolesNamed], ClockState::Overdue);
    assert_eq!(
        outage[&ClockKind::RoleAccepted(Role::Sponsor)],
        ClockState::AtRisk
    );
    assert_eq!(outage[&ClockKind::Brief], ClockState::Running);

    let leak = open_clocks(titled(&incidents, LEAK), now());
    assert_eq!(leak[&ClockKind::NextUpdate], ClockState::AtRisk);
    assert_eq!(leak[&ClockKind::Brief], ClockState::Running);

    let sync = open_clocks(titled(&incidents, SYNC), now());
    assert_eq!(sync[&ClockKind::NextUpdate], ClockState::Running);
    assert_eq!(sync[&ClockKind::Brief], ClockState::Running);

    let triage: Vec<ClockState> = incidents
        .values()
        .filter(|i| i.is_to_triage())
        .map(|i| open_clocks(i, now())[&ClockKind::DeclareOrDismiss])
        .collect();
    assert!(triage.contains(&ClockState::AtRisk) && triage.contains(&ClockState::Running));
}

#[test]
fn the_open_incidents_stand_in_mid_course() {
    let incidents = play(&script(now()));
    let outage = titled(&incidents, OUTAGE);
    assert_eq!(
        (outage.severity(), outage.status),
        (Some(Severity::Sev1), Status::Contained)
    );
    assert!(outage.holder(Role::CsSales).is_none() && outage.seat(Role::CsSales).offer.is_none());
    assert!(outage.seat(Role::Sponsor).offer.is_some());
    let results: Vec<_> = outage
        .mitigations
        .iter()
        .map(|m| m.result.as_ref().map(|r| r.outcome))
        .collect();
    use domain::timeline::Outcome::{Failed, Worked};
    assert_eq!(
        results,
        [Some(Failed), Some(Worked)],
        "the flag did not help, the failover did"
    );
    assert!(outage.timeline.iter().any(|e| e.is_late()));

    let leak = titled(&incidents, LEAK);
    assert_eq!(
        (leak.severity(), leak.status),
        (Some(Severity::Sev1), Status::Contained)
    );
    assert_eq!(leak.cadence.as_ref().map(|c| c.every_min), Some(120));

    let sync = titled(&incidents, SYNC);
    assert_eq!(
        (sync.severity(), sync.status),
        (Some(Severity::Sev2), Status::Mitigated)
    );
}

#[test]
fn the_public_page_holds_nothing_of_the_leak() {
    let incidents = play(&script(now()));
    let page = |reader: &Reader| {
        let told = incidents
            .values()
            .filter_map(|i| PublicIncident::of(i, reader))
            .collect();
        PublicView::of(told, &Policy::default(), now())
    };
    let public = page(&Reader::Public);
    assert_eq!((public.current.len(), public.past.len()), (2, 24));
    let words = format!("{public:?}").to_lowercase();
    for secret in [
        "token",
        "leak",
        "orchard",
        "lumen",
        "anomalous",
        "forensic",
        "supplier",
    ] {
        assert!(!words.contains(secret), "the public page says “{secret}”");
    }
    let bank = page(&Reader::Account(super::customers::ORCHARD.id()));
    assert_eq!(
        (bank.current.len(), bank.past.len()),
        (3, 24),
        "whom it was addressed to sees it"
    );
    let other = page(&Reader::Account(super::customers::HALDEN.id()));
    assert_eq!(other, public);
}

#[test]
fn nothing_inside_is_named_in_public() {
    let incidents = play(&script(now()));
    let told: Vec<_> = incidents
        .values()
        .filter_map(|i| PublicIncident::of(i, &Reader::Public))
        .collect();
    let words = format!("{told:?}");
    for account in people() {
        let name = account.person.name;
        let first = name.split(' ').next().unwrap();
        assert!(
            !words.contains(&format!("{first} ")) && !words.contains(&name),
            "{name}"
        );
    }
    for customer in [
        "Northwind",
        "Halden",
        "Tallis",
        "Kestrel",
        "Vesta",
        "Meridian",
        "INC-2026",
    ] {
        assert!(!words.contains(customer), "{customer}");
    }
}

#[test]
fn the_month_is_closed_with_everything_that_is_owed_and_some_promises_missed() {
    let policy = Policy::default();
    let incidents = play(&script(now()));
    let closed: Vec<_> = incidents
        .values()
        .filter(|i| i.status == Status::Closed)
        .collect();
    for i in &closed {
        assert!(i.resolution_published() && i.post_mortem.is_some() && i.follow_up.is_some());
        assert!(
            !i.actions.is_empty() && i.credits.len() == i.customers.len(),
            "{}",
            i.title()
        );
        // What was agreed goes on after the incident is closed.
        let goes_on =
            |c: &Clock| matches!(c.kind, ClockKind::PostMortemHeld | ClockKind::ActionDone(_));
        let all = clocks(i, &policy);
        let left: Vec<_> = all
            .iter()
            .filter(|c| c.is_running() && !goes_on(c))
            .collect();
        assert!(left.is_empty(), "{}: {left:?}", i.title());
    }
    let of = |severity| {
        closed
            .iter()
            .filter(|i| i.severity() == Some(severity))
            .count()
    };
    assert_eq!(Severity::ALL.map(of), [5, 11, 8]);
    let kept_all = closed
        .iter()
        .map(|i| Adherence::of(&update_promises(i, &policy, now())))
        .filter(|a| a.owed == a.kept)
        .count();
    assert!(
        (16..24).contains(&kept_all),
        "{kept_all} of 24 kept every promise"
    );
    assert!(closed.iter().any(|i| i.went_back() == 1));
}

#[test]
fn the_outage_runs_as_written() {
    let lines = outage::full(now());
    let incidents = play(&lines);
    let i = incidents.values().next().unwrap();
    let (report, declared) = (i.report.as_ref().unwrap(), i.declared.as_ref().unwrap());
    assert_eq!(declared.severity, Severity::Sev1);
    assert_eq!(
        declared.at - report.received_at,
        minutes(9),
        "declared 9 min after the report"
    );
    let accepted = |role| i.seat(role).first_accepted_at.unwrap();
    let tta = accepted(Role::Commander) - report.received_at;
    assert_eq!(
        tta,
        minutes(9) + Duration::seconds(40),
        "TTA: report to accepted commander"
    );
    let first = i.updates.first().unwrap();
    assert_eq!(
        first.published_at - declared.at,
        minutes(10),
        "TTU: declared to first update"
    );
    assert!(
        i.updates
            .iter()
            .all(|u| u.text.next_at == Some(u.published_at + minutes(60)))
    );
    assert_eq!(i.briefs.len(), 1);
    assert_eq!(i.status, Status::Mitigated);
    let mitigated = i.reached_at(Status::Mitigated).unwrap();
    assert_eq!(
        mitigated - declared.impact_began_at,
        minutes(72),
        "MTTR: impact start to Mitigated"
    );
    assert!(
        i.timeline
            .last()
            .unwrap()
            .text
            .contains("72 min after the impact began")
    );

    let policy = Policy::default();
    for clock in clocks(i, &policy) {
        let state = clock.state(mitigated);
        let kept = matches!(state, ClockState::Met | ClockState::Running);
        assert!(kept, "{} is {state:?}", clock.kind.label());
    }
    let adherence = Adherence::of(&update_promises(i, &policy, mitigated));
    assert_eq!(adherence, Adherence { owed: 2, kept: 2 });
    assert_eq!(Role::ALL.map(|r| i.holder(r).is_some()), [true; 5]);
    let apart: HashSet<_> = Role::APART
        .iter()
        .map(|r| i.holder(*r).unwrap().id)
        .collect();
    assert_eq!(apart.len(), 3, "three different people");
}

#[test]
fn the_people_are_fixed_and_have_no_password() {
    let all = people();
    assert_eq!(all, people());
    let ids: HashSet<_> = all.iter().map(|a| a.person.id).collect();
    let mails: HashSet<_> = all.iter().map(|a| a.email.clone()).collect();
    assert_eq!((ids.len(), mails.len()), (all.len(), all.len()));
    assert!(
        all.iter()
            .all(|a| a.password_hash.is_none() && !a.person.title.is_empty())
    );
    let acting: HashSet<_> = script(now()).into_iter().map(|l| l.by.id).collect();
    assert!(acting.is_subset(&ids), "everybody who acts can sign in");
}

#[tokio::test]
async fn it_loads_onto_an_empty_database_once_and_with_the_times_of_the_script() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("demo.db").display());
    let store = std::sync::Arc::new(SqliteStore::open(&url).await.unwrap());
    let kept: std::sync::Arc<dyn Store> = store.clone();
    let clock = ServerClock::default();
    let now = clock.now();
    let log = Log::start(kept, Policy::default(), clock).await.unwrap();
    load(&log, store.as_ref(), now).await.unwrap();

    let mut names: Vec<_> = people().into_iter().map(|a| a.person.name).collect();
    names.sort();
    let stored: Vec<_> = store
        .people()
        .await
        .unwrap()
        .into_iter()
        .map(|p| p.name)
        .collect();
    assert_eq!(stored, names);

    let lines = script(now);
    let events = store.since(0, u32::MAX).await.unwrap();
    let times: BTreeMap<_, _> = lines.iter().map(|l| (l.envelope.id, l.at)).collect();
    assert!(
        events.iter().all(|e| e.at == times[&e.command]),
        "recorded when the script says"
    );
    let commands: HashSet<_> = events.iter().map(|e| e.command).collect();
    assert_eq!(commands.len(), lines.len(), "every command left its event");
    assert_eq!(store.closed(100).await.unwrap().len(), 24);
    assert_eq!(store.live().await.unwrap().len(), 5);
    assert_eq!(store.verify().await.unwrap().faults, Vec::<String>::new());

    let head = store.head().await.unwrap();
    load(&log, store.as_ref(), now + minutes(60)).await.unwrap();
    assert_eq!(
        store.head().await.unwrap(),
        head,
        "a log that holds anything is left alone"
    );
    log.shutdown().await;
}
