//! A clock that cannot be believed, and a log that was written by one.

use crate::commands::{declare, declared, entry, first_update};
use crate::site::{Browser, FORM, Server, envelope, new_id};
use app::api::{Outcome, Pulled, Snapshot};
use chrono::Duration;
use domain::clock::{ClockKind, clocks};
use domain::{Command, Envelope, Event, Incident, IncidentId, Time};
use reqwest::{Response, StatusCode, header};
use serde_json::{Value, json};
use server::clock::ServerClock;
use std::sync::Arc;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Sends one command, whatever comes of it.
async fn send(browser: &Browser<'_>, incident: IncidentId, command: Command) -> Response {
    let envelope = envelope(incident, browser.server.clock.now(), command);
    send_again(browser, &envelope).await
}

async fn send_again(browser: &Browser<'_>, envelope: &Envelope) -> Response {
    let arguments = json!({ "since": 0, "commands": [envelope] });
    browser.call("push", &arguments).await
}

async fn is_stopped(browser: &Browser<'_>, incident: IncidentId) {
    let answer = send(browser, incident, entry("Nobody may write")).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.headers().contains_key(header::RETRY_AFTER));
    let (status, line) = browser.server.page("/readyz").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        line.contains("the server's clock is not believed"),
        "{line}"
    );
    assert!(line.contains("/clock") && !line.contains('\n'), "{line}");
    let pulled: Pulled = browser
        .call("pull", &json!({ "since": 0 }))
        .await
        .json()
        .await
        .unwrap();
    assert!(pulled.clock_is_wrong && browser.snapshot().await.clock_is_wrong);
    let board = browser.get("/").send().await.unwrap();
    let board = board.text().await.unwrap();
    assert!(board.contains("nothing can be saved until it is set right"));
}

async fn goes_on(browser: &Browser<'_>, incident: IncidentId) {
    browser.does(incident, entry("Everybody may write")).await;
    let (status, line) = browser.server.page("/readyz").await;
    assert_eq!((status, line.as_str()), (StatusCode::OK, "ready"));
    assert!(!browser.snapshot().await.clock_is_wrong);
}

/// Presses the button of the page as it stands.
async fn confirm(browser: &Browser<'_>) -> Response {
    let seen_ms = browser.server.clock.wall().timestamp_millis();
    let page = browser.get("/clock").send().await.unwrap();
    assert!(page.text().await.unwrap().contains("The time is right"));
    post_seen(browser, seen_ms).await
}

async fn post_seen(browser: &Browser<'_>, seen_ms: i64) -> Response {
    let form = browser.post("/clock").header("content-type", FORM);
    form.body(format!("seen_ms={seen_ms}"))
        .send()
        .await
        .unwrap()
}

fn shown(server: &Server, incident: IncidentId) -> Arc<Incident> {
    Arc::clone(&server.log.live()[&incident])
}

/// The clocks that run, each with the whole minutes until it is due.
fn left(server: &Server, incident: &Incident) -> Vec<(ClockKind, i64)> {
    let now = server.clock.now();
    clocks(incident, &server.log.policy())
        .into_iter()
        .filter(domain::clock::Clock::is_running)
        .map(|c| (c.kind, ((c.due_at - now).num_seconds() + 30).div_euclid(60)))
        .collect()
}

fn minutes_left(server: &Server, incident: &Incident, kind: ClockKind) -> i64 {
    let left = left(server, incident);
    let found = left.iter().find(|(k, _)| *k == kind);
    found
        .unwrap_or_else(|| panic!("{kind:?} does not run: {left:?}"))
        .1
}

#[tokio::test]
async fn a_clock_set_forward_stops_writing_until_it_is_set_back() {
    for ahead in [3 * HOUR, 400 * DAY] {
        let server = Server::with_demo_people().await;
        let ana = server.enter(0).await;
        let incident = declared(&ana, "Checkout errors").await;
        let before = server.clock.now();
        server.clock.advance_wall(ahead);
        is_stopped(&ana, incident).await;
        // Nobody is signed out by it, and no countdown jumps.
        assert!(server.clock.now() - before < Duration::minutes(1));
        server.clock.advance_wall(-ahead);
        goes_on(&ana, incident).await;
    }
}

#[tokio::test]
async fn what_was_refused_by_a_wrong_clock_is_saved_once_when_it_is_right() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let incident = declared(&ana, "Checkout errors").await;
    server.clock.advance_wall(3 * HOUR);
    let waits = envelope(incident, server.clock.now(), entry("Waits"));
    let answer = send_again(&ana, &waits).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    server.clock.advance_wall(-3 * HOUR);
    for _ in 0..2 {
        assert_eq!(send_again(&ana, &waits).await.status(), StatusCode::OK);
    }
    let shown = shown(&server, incident);
    let lines = shown.timeline.iter().filter(|e| e.text == "Waits");
    assert_eq!(lines.count(), 1);
}

#[tokio::test]
async fn a_machine_that_slept_writes_on() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let incident = declared(&ana, "Checkout errors").await;
    server.clock.advance(10 * DAY);
    goes_on(&ana, incident).await;
    // Steps of up to two minutes are a clock being set right.
    server.clock.advance_wall(2 * MINUTE - 1_000);
    goes_on(&ana, incident).await;
}

#[tokio::test]
async fn a_clock_before_the_log_stops_writing_until_it_has_caught_up() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let incident = declared(&ana, "Checkout errors").await;
    server.clock.advance_wall(-5 * MINUTE);
    is_stopped(&ana, incident).await;
    server.clock.advance(3 * MINUTE + 10_000);
    goes_on(&ana, incident).await;
}

#[tokio::test]
async fn up_to_two_minutes_before_the_log_its_last_time_counts() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let incident = declared(&ana, "Checkout errors").await;
    server.clock.advance_wall(-90_000);
    ana.does(incident, entry("A little back")).await;
    let log = server.store.log(incident).await.unwrap();
    assert_eq!(log[2].at, log[1].at);
    server.clock.advance(100_000);
    ana.does(incident, entry("Forward")).await;
    let log = server.store.log(incident).await.unwrap();
    assert!(log[3].at > log[2].at);
}

#[tokio::test]
async fn a_restart_does_not_make_a_wrong_clock_right() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let incident = declared(&ana, "Checkout errors").await;
    believed_is_kept(&server).await;
    server.clock.advance_wall(3 * HOUR);
    let server = server.restarted().await;
    let ana = server.enter(0).await;
    is_stopped(&ana, incident).await;
    server.clock.advance_wall(-3 * HOUR);
    goes_on(&ana, incident).await;
    // Nor does one that stands before the log.
    server.clock.advance_wall(-3 * HOUR);
    let server = server.restarted().await;
    let ana = server.enter(0).await;
    is_stopped(&ana, incident).await;
}

/// What is believed is kept by a task of its own.
async fn believed_is_kept(server: &Server) {
    for _ in 0..10_000 {
        if server.store.clock_reference().await.unwrap().is_some() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("what is known of the clock is not kept");
}

#[tokio::test]
async fn a_start_before_the_clock_is_set_serves_reads_and_writes_once_it_is() {
    let clock = ServerClock::default();
    let never_set = Time::from_timestamp(3_600, 0).unwrap();
    let late = (clock.now() - never_set).num_milliseconds();
    clock.advance_wall(-late);
    // On an empty log, and on one that has something.
    let server = Server::with_clock(clock).await;
    let ana = server.enter(0).await;
    let now = server.clock.now();
    let answer = send(&ana, IncidentId(new_id()), declare("Too early", now)).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(server.page("/status").await.0, StatusCode::OK);
    assert_eq!(
        server.page("/readyz").await.0,
        StatusCode::SERVICE_UNAVAILABLE
    );
    let seen_ms = server.clock.wall().timestamp_millis();
    let refused = post_seen(&ana, seen_ms).await;
    assert_eq!(refused.status(), StatusCode::CONFLICT, "it cannot be right");
    let page = refused.text().await.unwrap();
    assert!(
        page.contains("it was never set after this machine started"),
        "{page}"
    );
    assert!(!page.contains("The time is right"), "{page}");
    server.clock.advance_wall(late);
    let ana = server.enter(0).await;
    let incident = declared(&ana, "In time").await;
    server.clock.advance_wall(-late);
    let server = server.restarted().await;
    let ana = server.enter(0).await;
    is_stopped(&ana, incident).await;
    server.clock.advance_wall(late);
    let ana = server.enter(0).await;
    goes_on(&ana, incident).await;
}

#[tokio::test]
async fn an_administrator_says_that_a_clock_that_was_set_forward_is_right() {
    let server = Server::with_demo_people().await;
    let (ana, bo) = (server.enter(0).await, server.enter(1).await);
    let incident = declared(&ana, "Checkout errors").await;
    server.clock.advance_wall(3 * HOUR);
    is_stopped(&bo, incident).await;
    let seen_ms = server.clock.wall().timestamp_millis();
    let page = bo.get("/clock").send().await.unwrap().text().await.unwrap();
    assert!(page.contains("jumped forward by 3 h 0 min"), "{page}");
    assert!(!page.contains("<form method=\"post\" action=\"/clock\""));
    assert_eq!(
        post_seen(&bo, seen_ms).await.status(),
        StatusCode::FORBIDDEN
    );
    is_stopped(&bo, incident).await;
    // A page that was left open speaks of another time.
    let old = post_seen(&ana, seen_ms - HOUR).await;
    assert_eq!(old.status(), StatusCode::CONFLICT);
    is_stopped(&bo, incident).await;

    assert_eq!(confirm(&ana).await.status(), StatusCode::SEE_OTHER);
    goes_on(&bo, incident).await;
    let settings = server.store.log(IncidentId::SETTINGS).await.unwrap();
    let said = settings.last().unwrap();
    assert_eq!(said.event, Event::ClockConfirmed { log_at: None });
    let page = bo.get("/clock").send().await.unwrap();
    assert!(page.text().await.unwrap().contains(": Ana Ruiz</li>"));
    assert_eq!(said.by, ana.me().await.to_ref());
    assert!((said.at - server.clock.wall()).abs() < Duration::minutes(1));
    // Nothing before it is taken for ahead, and it is said once.
    assert!(
        shown(&server, incident)
            .timeline
            .iter()
            .all(|e| e.stamped_at.is_none())
    );
    assert_eq!(
        post_seen(&ana, server.clock.wall().timestamp_millis())
            .await
            .status(),
        303
    );
    let again = server.store.log(IncidentId::SETTINGS).await.unwrap();
    assert_eq!(again, settings);
    // It holds over a restart.
    let server = server.restarted().await;
    let bo = server.enter(1).await;
    goes_on(&bo, incident).await;
}

#[tokio::test]
async fn the_button_is_guarded_against_other_sites() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    server.clock.advance_wall(3 * HOUR);
    let seen_ms = server.clock.wall().timestamp_millis();
    let form = ana.post("/clock").header("content-type", FORM);
    let form = form.header("sec-fetch-site", "cross-site");
    let answer = form
        .body(format!("seen_ms={seen_ms}"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert_eq!(
        server.page("/readyz").await.0,
        StatusCode::SERVICE_UNAVAILABLE
    );
}

/// The clock was ahead while something was written, and is right since.
async fn written_ahead(ahead: i64) -> (Server, IncidentId, IncidentId) {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let before = declared(&ana, "Before").await;
    server.clock.advance(5 * MINUTE);
    server.clock.advance(ahead);
    let ana = server.enter(0).await;
    let within = declared(&ana, "Within").await;
    let now = server.clock.now();
    ana.does(before, entry("Stamped ahead")).await;
    ana.does(before, first_update("Told ahead", now)).await;
    server.clock.advance(-ahead);
    (server, before, within)
}

#[tokio::test]
async fn a_log_that_holds_times_ahead_is_freed_and_its_clocks_are_right() {
    for ahead in [3 * HOUR, 400 * DAY] {
        // As it is found after a restart, and in the process that wrote it.
        for restart in [false, true] {
            let (server, before, within) = written_ahead(ahead).await;
            let server = match restart {
                true => server.restarted().await,
                false => server,
            };
            let ana = server.enter(0).await;
            is_stopped(&ana, before).await;
            let head = server.log.head();
            assert_eq!(confirm(&ana).await.status(), StatusCode::SEE_OTHER);
            assert_eq!(server.log.head(), head + 1, "one event");
            clocks_are_right(&server, &ana, before, within).await;
            let server = server.restarted().await;
            let ana = server.enter(0).await;
            goes_on(&ana, within).await;
            let faults = server.store.verify().await.unwrap().faults;
            assert!(faults.is_empty(), "{faults:?}");
        }
    }
}

async fn clocks_are_right(
    server: &Server,
    ana: &Browser<'_>,
    before: IncidentId,
    within: IncidentId,
) {
    let policy = server.log.policy();
    let (held, open) = (shown(server, before), shown(server, within));
    // What began before the clock was ahead has run on; what began within counts from now.
    let minutes = |kind| minutes_left(server, &held, kind);
    let commander = i64::from(policy.commander_min);
    assert_eq!(minutes(ClockKind::CommanderNamed), commander - 5);
    assert_eq!(
        minutes(ClockKind::Brief),
        i64::from(policy.first_brief_min) - 5
    );
    assert!(
        minutes(ClockKind::NextUpdate) <= 60,
        "{:?}",
        left(server, &held)
    );
    let minutes = |kind| minutes_left(server, &open, kind);
    assert_eq!(
        minutes(ClockKind::FirstUpdate),
        i64::from(policy.first_update_min)
    );
    assert_eq!(minutes(ClockKind::CommanderNamed), commander);
    assert_eq!(minutes(ClockKind::Brief), i64::from(policy.first_brief_min));
    assert!(open.declared.as_ref().unwrap().impact_began_at <= server.clock.now());

    // What was stamped ahead stays on the record and is marked, to whoever asks.
    let line = held
        .timeline
        .iter()
        .find(|e| e.text == "Stamped ahead")
        .unwrap();
    assert!(line.stamped_at.unwrap() > line.recorded_at + Duration::hours(2));
    assert_eq!(
        held.timeline
            .iter()
            .filter(|e| e.stamped_at.is_some())
            .count(),
        2
    );
    let snapshot: Snapshot = ana.snapshot().await;
    let records = snapshot.incidents.iter().filter_map(domain::Record::fold);
    for folded in records {
        assert_eq!(folded, *shown(server, folded.id));
    }
    let raw: Value = ana
        .call("pull", &json!({ "since": 0 }))
        .await
        .json()
        .await
        .unwrap();
    assert!(
        raw["events"]
            .as_array()
            .unwrap()
            .iter()
            .any(|e| e.get("stamped_at").is_some())
    );

    // A first update within 20 minutes is taken, and its clock is right to the minute.
    let now = server.clock.now();
    ana.does(within, first_update("Told in time", now)).await;
    let open = shown(server, within);
    assert_eq!(minutes_left(server, &open, ClockKind::NextUpdate), 30);
    let fresh = declared(ana, "After").await;
    let fresh = shown(server, fresh);
    let first = minutes_left(server, &fresh, ClockKind::FirstUpdate);
    assert_eq!(first, i64::from(policy.first_update_min));
    ana.does(within, entry("And the log is in order")).await;
    let events = server.store.since(0, u32::MAX).await.unwrap();
    assert!(events.is_sorted_by_key(|r| r.at), "no time goes back");
}

#[tokio::test]
async fn what_was_published_ahead_does_not_stay_above_what_is_newer() {
    let (server, before, within) = written_ahead(3 * HOUR).await;
    let ana = server.enter(0).await;
    assert_eq!(confirm(&ana).await.status(), StatusCode::SEE_OTHER);
    server.clock.advance(MINUTE);
    let now = server.clock.now();
    ana.does(within, first_update("Newer", now)).await;
    let order = |server: &Server| {
        server
            .log
            .published()
            .iter()
            .map(|i| i.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(order(&server), [within, before]);
    let server = server.restarted().await;
    assert_eq!(order(&server), [within, before]);
    assert_eq!(server.store.published(9).await.unwrap(), [within, before]);
}

#[tokio::test]
async fn a_refused_first_update_is_not_remembered_as_refused_by_the_clock() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let incident = declared(&ana, "Checkout errors").await;
    server.clock.advance_wall(3 * HOUR);
    let update = first_update("In twenty minutes", server.clock.now());
    let update = envelope(incident, server.clock.now(), update);
    let answer = send_again(&ana, &update).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    server.clock.advance_wall(-3 * HOUR);
    let pushed = ana.push(&[update]).await;
    assert_eq!(pushed.answers[0].outcome, Outcome::Accepted);
}

#[tokio::test]
async fn the_test_clock_moves_both_clocks_or_one() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let incident = declared(&ana, "Checkout errors").await;
    let moved = async |by: Value| {
        let answer = server.post("/test/clock").json(&by).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    };
    moved(json!({ "advance_ms": HOUR })).await;
    goes_on(&ana, incident).await;
    moved(json!({ "advance_ms": HOUR, "only": "wall" })).await;
    is_stopped(&ana, incident).await;
    moved(json!({ "advance_ms": HOUR, "only": "boot" })).await;
    goes_on(&ana, incident).await;
}
