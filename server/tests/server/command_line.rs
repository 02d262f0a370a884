//! What the console sees: exit codes, one line that says what to do, and an orderly end.

use crate::commands::declare;
use crate::program::{Place, client};
use crate::site::{FORM, envelope, new_id};
use app::api::Outcome;
use chrono::Duration;
use domain::{IncidentId, Policy};
use server::clock::ServerClock;
use server::log::Log;
use server::store::{SqliteStore, Store};
use std::process::Output;
use std::sync::Arc;

/// The one line on standard error of what went wrong.
fn line(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

#[tokio::test]
async fn it_serves_until_asked_to_stop_and_stops_with_streams_open() {
    let place = Place::new();
    let running = place.serve(&["--demo"]);
    assert!(
        running.said.is_empty(),
        "no set-up link in a demo: {:?}",
        running.said
    );
    let client = client();
    let status = client
        .get(format!("{}/status", running.url))
        .send()
        .await
        .unwrap();
    assert_eq!(status.status(), 200);

    let person = server::demo::people()[0].person.id;
    let door = client
        .post(format!("{}/sign-in", running.url))
        .header("content-type", FORM);
    let entered = door.body(format!("person={person}")).send().await.unwrap();
    let cookie = crate::site::cookie_of(&entered).unwrap();
    let mut feed = client
        .get(format!("{}/live", running.url))
        .header("cookie", cookie)
        .send()
        .await
        .unwrap();
    assert!(feed.chunk().await.unwrap().is_some());

    let verified = place.run(&["verify"]);
    assert!(
        verified.status.success(),
        "verify works while it serves: {verified:?}"
    );
    let copy = place.path().join("copy.db");
    let copied = place.run(&["backup", copy.to_str().unwrap()]);
    assert!(copied.status.success(), "so does backup: {copied:?}");
    let again = line(&place.run(&["backup", copy.to_str().unwrap()]));
    assert!(again.contains("copy.db"), "{again}");
    let database = format!("sqlite://{}", copy.display());
    assert!(
        place
            .run(&["verify", "--database", &database])
            .status
            .success()
    );

    assert!(
        tokio::task::spawn_blocking(move || running.stop())
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn the_first_start_prints_a_link_that_makes_the_administrator() {
    let place = Place::new();
    let running = place.serve(&[]);
    let link = running
        .said
        .iter()
        .find_map(|line| line.split_once("http://"))
        .unwrap()
        .1;
    let page = client().get(format!("http://{link}")).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let form = "name=Ana&email=ana%40acme.example&password=correct+horse+battery";
    let made = client()
        .post(format!("http://{link}"))
        .header("content-type", FORM)
        .body(form)
        .send()
        .await
        .unwrap();
    assert_eq!(made.status(), 303);
    assert!(running.stop());

    let running = place.serve(&[]);
    assert!(
        running.said.is_empty(),
        "there is an administrator now: {:?}",
        running.said
    );
    drop(running);
    let refused = line(&place.run(&["serve", "--demo", "--addr", "127.0.0.1:0"]));
    assert!(refused.contains("--demo would let anybody in"), "{refused}");
}

#[test]
fn what_stands_in_the_way_is_told_in_one_line() {
    let place = Place::new();
    let running = place.serve(&["--demo"]);
    let taken = running.url.trim_start_matches("http://");
    let other = Place::new();
    let in_use = line(&other.run(&["serve", "--addr", taken]));
    assert!(
        in_use.contains("is in use") && in_use.contains("--addr"),
        "{in_use}"
    );

    let missing = line(&other.run(&["verify", "--database", "sqlite:///nowhere/drumbeat.db"]));
    assert!(missing.contains("/nowhere/drumbeat.db"), "{missing}");
    let nowhere = line(&other.run(&["serve", "--database", "sqlite:///nowhere/drumbeat.db"]));
    assert!(nowhere.contains("/nowhere/drumbeat.db"), "{nowhere}");

    let text = other.path().join("letter.txt");
    std::fs::write(
        &text,
        "Dear Ana, this is no database, and longer than a header of one would be. ".repeat(9),
    )
    .unwrap();
    let letter = line(&other.run(&[
        "serve",
        "--database",
        &format!("sqlite://{}", text.display()),
    ]));
    assert!(letter.contains("not a Drumbeat database"), "{letter}");
}

/// A second one would write beside the first and show what it read at its start; with `--demo` it
/// would let anybody into the database whose administrator is about to be made.
#[test]
fn one_database_is_served_by_one_server_and_is_free_however_that_ends() {
    let place = Place::new();
    let mut running = place.serve(&[]);
    let other_name = place.path().join("link.db");
    std::os::unix::fs::symlink(place.path().join("drumbeat.db"), &other_name).unwrap();
    let other_name = format!("sqlite://{}", other_name.display());
    let hard = place.path().join("hard.db");
    std::fs::hard_link(place.path().join("drumbeat.db"), &hard).unwrap();
    let hard = format!("sqlite://{}", hard.display());
    for how in [
        &["--demo"][..],
        &["--database", &other_name],
        &["--database", &hard],
        // The lock files are tidied away by now.
        &["--demo"],
        &["--database", &hard],
    ] {
        let refused = line(&place.run(&[&["serve", "--addr", "127.0.0.1:0"], how].concat()));
        assert!(
            refused.contains("is served already") && refused.contains("--database"),
            "{refused}"
        );
        for lock in ["drumbeat.db-lock", "hard.db-lock"] {
            let _none = std::fs::remove_file(place.path().join(lock));
        }
    }
    running.kill();
    let running = place.serve(&["--demo"]);
    assert!(running.stop());
}

#[test]
fn help_tells_everything() {
    let place = Place::new();
    let help = place.run(&["--help"]);
    let text = String::from_utf8(help.stdout).unwrap();
    for word in [
        "serve",
        "verify",
        "backup",
        "RUST_LOG",
        "DRUMBEAT_LOG_FORMAT",
    ] {
        assert!(text.contains(word), "{word} in {text}");
    }
    let help = place.run(&["serve", "--help"]);
    let text = String::from_utf8(help.stdout).unwrap();
    for word in [
        "--demo",
        "--addr",
        "--database",
        "DRUMBEAT_ADDR",
        "DRUMBEAT_DATABASE",
        "DRUMBEAT_DEMO",
        "--public-url",
        "DRUMBEAT_PUBLIC_URL",
    ] {
        assert!(text.contains(word), "{word} in {text}");
    }
    assert_ne!(place.run(&["dance"]).status.code(), Some(0));
}

#[tokio::test]
async fn a_record_that_was_written_ahead_is_freed_from_the_console() {
    let place = Place::new();
    let (clock, incident) = (ServerClock::default(), IncidentId(new_id()));
    let ahead = clock.now() + Duration::days(400);
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&place.database()).await.unwrap());
    let log = Log::start(store, Policy::default(), clock).await.unwrap();
    let actor = server::demo::people()[0].person.to_ref();
    let declaration = envelope(incident, ahead, declare("Ahead", ahead));
    let answer = log.replay(actor, declaration, ahead).await.unwrap();
    assert_eq!(answer.outcome, Outcome::Accepted);
    log.shutdown().await;
    drop(log);

    for said in ["Confirmed: it is ", "there is nothing to confirm"] {
        let confirmed = place.run(&["confirm-clock"]);
        assert!(confirmed.status.success(), "{confirmed:?}");
        let text = String::from_utf8(confirmed.stdout).unwrap();
        assert!(text.contains(said), "{text}");
    }
    assert!(place.run(&["verify"]).status.success());
    let running = place.serve(&[]);
    let ready = client().get(format!("{}/readyz", running.url));
    assert_eq!(ready.send().await.unwrap().status(), 200);
    let refused = line(&place.run(&["confirm-clock"]));
    assert!(refused.contains("is served already"), "{refused}");
}

#[test]
fn confirming_the_clock_makes_no_database() {
    let place = Place::new();
    let refused = line(&place.run(&["confirm-clock"]));
    assert!(refused.contains("There is no database"), "{refused}");
    assert!(!place.path().join("drumbeat.db").exists());
}
