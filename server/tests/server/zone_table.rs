//! The program may carry another table of time zones than the one that the policy was saved with.

use crate::people::{page, sends};
use crate::program::{Place, client};
use crate::site::{Browser, FORM, Server, cookie_of, envelope};
use domain::zone::Zone;
use domain::{Command, Envelope, IncidentId, Policy, Time};
use reqwest::StatusCode;
use serde_json::json;

const TOLD: &str = "another table of time zones";

/// As a program saved it whose table did not know of the shifts.
fn saved_by_an_older_program(at: Time) -> Envelope {
    let zone = Zone {
        name: "Europe/Berlin".to_owned(),
        utc_offset_min: 60,
        shifts: Vec::new(),
    };
    let policy = Policy {
        zone,
        ..Policy::default()
    };
    let command = Command::ChangePolicy {
        after_version: policy.version,
        policy: Box::new(policy),
        reason: "Berlin".to_owned(),
    };
    envelope(IncidentId::SETTINGS, at, command)
}

#[tokio::test]
async fn another_table_is_told_on_the_page_and_taken_up_by_one_press() {
    let server = Server::with_demo_people().await;
    let (ana, bo) = (server.enter(0).await, server.enter(1).await);
    let (_, shown) = page(&ana, "/policy").await;
    assert!(!shown.contains(TOLD), "{shown}");
    ana.push(&[saved_by_an_older_program(server.clock.now())])
        .await;

    let (_, shown) = page(&bo, "/policy").await;
    assert!(
        shown.contains(TOLD) && !shown.contains("/policy/zone"),
        "{shown}"
    );
    let (_, shown) = page(&ana, "/policy").await;
    assert!(
        shown.contains(TOLD) && shown.contains("Take up the new table"),
        "{shown}"
    );
    let press = async |browser: &Browser<'_>| {
        let sent = sends(browser, "/policy/zone", &[("version", "2")]);
        sent.await.status()
    };
    assert_eq!(press(&bo).await, StatusCode::FORBIDDEN);
    for _ in 0..2 {
        assert_eq!(press(&ana).await, StatusCode::SEE_OTHER);
    }
    let policy = server.log.policy();
    assert_eq!(policy.version, 3, "pressed again, it does nothing");
    assert_eq!(
        (policy.zone.name.as_str(), policy.zone.shifts.len()),
        ("Europe/Berlin", 100)
    );
    let (_, shown) = page(&ana, "/policy").await;
    assert!(!shown.contains(TOLD), "{shown}");
}

#[tokio::test]
async fn another_table_is_told_in_the_log_at_the_start() {
    let place = Place::new();
    let running = place.serve_logging(&[]);
    assert!(!place.log().contains(TOLD));
    let post = |path: &str| client().post(format!("{}{path}", running.url));
    let (_, setup) = running.said[0].split_once(&running.url).unwrap();
    let form = "name=Ana+Ruiz&email=ana%40acme.example&password=correct+horse+battery";
    let entered = post(setup).header("content-type", FORM).body(form);
    let cookie = cookie_of(&entered.send().await.unwrap()).unwrap();
    let now = server::clock::ServerClock::default().now();
    let commands = [saved_by_an_older_program(now)];
    let pushed = post("/sync/push").header("cookie", cookie);
    let pushed = pushed.json(&json!({ "since": 0, "commands": commands }));
    assert_eq!(pushed.send().await.unwrap().status(), StatusCode::OK);
    assert!(running.stop());

    assert!(place.serve_logging(&[]).stop());
    assert!(place.log().contains(TOLD), "{}", place.log());
}
