//! The end of a session: by another sign-in, on its device while the server was away, by its time. What
//! has ended opens nothing, and its streams end.

use crate::commands::{declared, entry};
use crate::half_sent;
use crate::site::{Browser, FORM, Server, cookie_of};
use domain::{Person, PersonId};
use reqwest::{Response, StatusCode};
use serde_json::json;
use server::demo;
use server::store::{Deed, Put, Session};
use sha2::{Digest, Sha256};
use std::time::Duration;
use tokio::time::timeout;

/// Longer than anything takes; only a broken feed waits so long.
const PATIENCE: Duration = Duration::from_secs(20);
const MARK: &str = "drumbeat-open";

/// The cookies that an answer sets: name, value, and the rest.
fn set_cookies(response: &Response) -> Vec<(String, String, String)> {
    let all = response.headers().get_all("set-cookie").iter();
    let parts = |cookie: &str| {
        let (name, rest) = cookie.split_once('=').unwrap();
        let (value, rest) = rest.split_once(';').unwrap();
        (name.to_owned(), value.to_owned(), rest.to_owned())
    };
    all.map(|value| parts(value.to_str().unwrap())).collect()
}

async fn signs_in(server: &Server, nth: usize, cookies: &str) -> Response {
    let person = demo::people()[nth].person.id.to_string();
    let form = server.post("/sign-in").body(format!("person={person}"));
    let form = form.header("content-type", FORM).header("cookie", cookies);
    let response = form.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    response
}

/// The same browser with a mark that says this.
fn marked<'a>(browser: &Browser<'a>, mark: &str) -> Browser<'a> {
    Browser {
        server: browser.server,
        cookie: format!("{}; {MARK}={mark}", browser.cookie),
    }
}

async fn is_in(browser: &Browser<'_>) -> bool {
    let response = browser.get("/").send().await.unwrap();
    response.status() == StatusCode::OK
}

/// Whether a session is on disk, whatever its cookies say.
async fn is_kept(browser: &Browser<'_>) -> bool {
    let (_, token) = browser.cookie.split_once('=').unwrap();
    let hash = Sha256::digest(token).into();
    let now = browser.server.clock.now();
    let kept = browser.server.store.session(&hash, now).await.unwrap();
    kept.is_some()
}

async fn feed(browser: &Browser<'_>) -> Response {
    let mut feed = browser.get("/live").send().await.unwrap();
    assert_eq!(feed.status(), StatusCode::OK);
    read_until(&mut feed, "event: head\n").await;
    feed
}

async fn read_until(feed: &mut Response, wanted: &str) -> String {
    let mut seen = String::new();
    let read = async {
        while !seen.contains(wanted) {
            let chunk = feed.chunk().await.unwrap().expect("the feed ended");
            seen.push_str(&String::from_utf8_lossy(&chunk));
        }
    };
    timeout(PATIENCE, read).await.expect("it never came");
    seen
}

/// What a feed still says before it ends.
async fn read_to_end(mut feed: Response) -> String {
    let mut seen = String::new();
    let read = async {
        while let Some(chunk) = feed.chunk().await.unwrap() {
            seen.push_str(&String::from_utf8_lossy(&chunk));
        }
    };
    timeout(PATIENCE, read).await.expect("the feed went on");
    seen
}

#[tokio::test]
async fn a_sign_in_ends_the_session_that_the_browser_had() {
    let server = Server::with_demo_people().await;
    let (ana, elsewhere) = (server.enter(0).await, server.enter(0).await);
    let stream = feed(&ana).await;
    let response = signs_in(&server, 1, &ana.cookie).await;
    let bo = Browser {
        server: &server,
        cookie: cookie_of(&response).unwrap(),
    };
    assert!(!is_in(&ana).await && !is_kept(&ana).await);
    assert_eq!(read_to_end(stream).await, "");
    assert!(is_in(&bo).await);
    assert!(
        is_in(&elsewhere).await,
        "another browser of the same person"
    );
}

#[tokio::test]
async fn a_mark_tells_pages_whose_session_is_open_and_goes_with_it() {
    let server = Server::with_demo_people().await;
    let response = signs_in(&server, 0, "a=b").await;
    let ana = demo::people()[0].person.id;
    let [(token, secret, hidden), (name, mark, shown)] = &set_cookies(&response)[..] else {
        panic!("two cookies");
    };
    assert_eq!((&**token, &**name), ("drumbeat", MARK));
    assert!(mark.starts_with(&format!("{ana}.")) && !mark.contains(&**secret));
    assert!(hidden.contains("HttpOnly") && !shown.contains("HttpOnly"));
    assert_eq!(hidden.replace(" HttpOnly;", ""), *shown, "otherwise alike");
    let browser = Browser {
        server: &server,
        cookie: cookie_of(&response).unwrap(),
    };
    assert!(is_in(&marked(&browser, mark)).await);
    // The mark of another session: what is open is not what the page believes.
    assert!(!is_in(&marked(&browser, &format!("{ana}.x"))).await);
    assert!(is_kept(&browser).await);

    // A session from before there were marks gets one with its next page.
    let page = browser.get("/").send().await.unwrap();
    let [(name, given, _)] = &set_cookies(&page)[..] else {
        panic!("one cookie");
    };
    assert_eq!((&**name, given), (MARK, mark));
    let again = marked(&browser, mark).get("/").send().await.unwrap();
    assert!(set_cookies(&again).is_empty());

    let out = marked(&browser, mark)
        .post("/sign-out")
        .send()
        .await
        .unwrap();
    let taken = set_cookies(&out);
    assert_eq!(taken.len(), 2);
    for (name, value, rest) in taken {
        assert!(value.is_empty() && rest.contains("Max-Age=0"), "{name}");
    }
}

#[tokio::test]
async fn a_session_that_was_ended_on_its_device_opens_nothing_and_is_ended() {
    let server = Server::with_demo_people().await;
    for path in ["/", "/accounts", "/live", "/sync/pull"] {
        let (ana, elsewhere) = (server.enter(0).await, server.enter(0).await);
        let ended = marked(&ana, "ended");
        let response = match path {
            "/sync/pull" => ended.call("pull", &json!({ "since": 0 })).await,
            path => ended.get(path).send().await.unwrap(),
        };
        let turned_away = [StatusCode::SEE_OTHER, StatusCode::UNAUTHORIZED];
        assert!(turned_away.contains(&response.status()), "{path}");
        assert!(!is_kept(&ana).await, "{path}");
        assert!(is_in(&elsewhere).await, "{path}");
    }
}

#[tokio::test]
async fn a_device_reports_what_was_ended_on_it_and_nobody_else_is_signed_out() {
    let server = Server::with_demo_people().await;
    let pending = async |browser: &Browser<'_>| {
        let response = browser.post("/sign-out/pending").send().await.unwrap();
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        set_cookies(&response).len()
    };
    let (ana, second, bo) = (
        server.enter(0).await,
        server.enter(0).await,
        server.enter(1).await,
    );
    assert_eq!(pending(&bo).await, 0);
    assert!(is_in(&bo).await, "his session is open");
    let stream = feed(&second).await;
    assert_eq!(pending(&marked(&ana, "ended")).await, 2);
    assert!(!is_kept(&ana).await && is_in(&second).await);

    assert_eq!(pending(&marked(&second, "ended-everywhere")).await, 2);
    assert!(!is_kept(&second).await && is_in(&bo).await);
    assert_eq!(read_to_end(stream).await, "");
    // Whoever has no session has nothing to end.
    let stranger = Browser {
        server: &server,
        cookie: format!("drumbeat=guess; {MARK}=ended"),
    };
    assert_eq!(pending(&stranger).await, 2);
}

#[tokio::test]
async fn who_signs_in_after_ending_all_sessions_offline_is_in_and_all_others_are_out() {
    let server = Server::with_demo_people().await;
    let (here, elsewhere) = (server.enter(0).await, server.enter(0).await);
    let cookies = marked(&here, "ended-everywhere").cookie;
    let response = signs_in(&server, 0, &cookies).await;
    let anew = Browser {
        server: &server,
        cookie: cookie_of(&response).unwrap(),
    };
    assert!(is_in(&anew).await);
    assert!(!is_kept(&here).await && !is_kept(&elsewhere).await);
}

#[tokio::test]
async fn the_stream_of_a_session_that_was_ended_is_told_nothing_more_and_others_go_on() {
    let server = Server::with_demo_people().await;
    let (ana, bo) = (server.enter(0).await, server.enter(1).await);
    let (hers, mut his) = (feed(&ana).await, feed(&bo).await);
    ana.post("/sign-out").send().await.unwrap();
    let incident = declared(&bo, "Checkout errors").await;
    assert_eq!(read_to_end(hers).await, "");
    let head = server.log.head();
    let seen = read_until(&mut his, &format!("data: {{\"head\":{head}}}\n\n")).await;
    assert!(!seen.contains("event: people"), "nobody else is woken");
    bo.does(incident, entry("Rolled the flag back")).await;
    let head = server.log.head();
    read_until(&mut his, &format!("data: {{\"head\":{head}}}\n\n")).await;
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_stream_of_that_person() {
    let server = Server::with_demo_people().await;
    let (first, second) = (server.enter(0).await, server.enter(0).await);
    let streams = [feed(&first).await, feed(&second).await];
    first.post("/sign-out-everywhere").send().await.unwrap();
    for stream in streams {
        read_to_end(stream).await;
    }
}

#[tokio::test]
async fn a_page_asks_whether_its_session_is_open() {
    let server = Server::with_demo_people().await;
    let bo = server.enter(1).await;
    let asked = async || bo.get("/session").send().await.unwrap().status();
    assert_eq!(asked().await, StatusCode::NO_CONTENT);
    bo.post("/sign-out").send().await.unwrap();
    assert_eq!(asked().await, StatusCode::UNAUTHORIZED);
}

/// A session that ends by itself so soon.
async fn short_lived(server: &Server, person: PersonId, lasts: chrono::Duration) -> Browser<'_> {
    let token = format!("short {person}");
    let session = Session {
        token_hash: Sha256::digest(&token).into(),
        person,
        expires_at: server.clock.now() + lasts,
    };
    server.store.add_session(&session).await.unwrap();
    Browser {
        server,
        cookie: format!("drumbeat={token}"),
    }
}

#[tokio::test]
async fn the_stream_of_a_session_ends_with_its_time() {
    let server = Server::with_demo_people().await;
    let ana = demo::people()[0].person.id;
    let soon = short_lived(&server, ana, chrono::Duration::seconds(2)).await;
    read_to_end(feed(&soon).await).await;
}

#[cfg(feature = "test-clock")]
#[tokio::test]
async fn a_stream_whose_time_is_over_hears_of_no_head() {
    let server = Server::with_demo_people().await;
    let ana = demo::people()[0].person.id;
    let browser = short_lived(&server, ana, chrono::Duration::hours(1)).await;
    let stream = feed(&browser).await;
    // As if the timer of the stream were late.
    server.clock.advance(3_600_000);
    let bo = server.enter(1).await;
    declared(&bo, "Checkout errors").await;
    assert_eq!(read_to_end(stream).await, "");
}

#[cfg(feature = "test-clock")]
#[tokio::test]
async fn ended_sessions_are_swept() {
    let server = Server::with_demo_people().await;
    let ana = demo::people()[0].person.id;
    let before = server.clock.now();
    let short = short_lived(&server, ana, chrono::Duration::hours(1)).await;
    let (_, token) = short.cookie.split_once('=').unwrap();
    let hash = Sha256::digest(token).into();
    let long = server.enter(1).await;
    let is_on_disk = async || server.store.session(&hash, before).await.unwrap().is_some();
    server::sweep::once(server.store.as_ref(), &server.clock)
        .await
        .unwrap();
    assert!(is_on_disk().await);
    server.clock.advance(3_600_000);
    server::sweep::once(server.store.as_ref(), &server.clock)
        .await
        .unwrap();
    assert!(!is_on_disk().await);
    assert!(is_in(&long).await);
}

#[cfg(feature = "test-clock")]
#[tokio::test]
async fn a_clock_that_is_not_believed_sweeps_nothing() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    declared(&ana, "Checkout errors").await;
    server.clock.advance_wall(400 * 24 * 3_600_000);
    server::sweep::once(server.store.as_ref(), &server.clock)
        .await
        .unwrap();
    server.clock.advance_wall(-400 * 24 * 3_600_000);
    assert!(is_kept(&ana).await && is_in(&ana).await);
}

/// Makes the second person of the demo an administrator, or takes that from them.
async fn administers(server: &Server, administrator: bool) {
    let people = demo::people();
    let (ana, bo) = (people[0].person.to_ref(), people[1].person.id);
    let kept = server.log.people().now().find(bo).unwrap().clone();
    let person = Person {
        administrator,
        ..kept.person
    };
    let deed = Deed::new(ana, server.clock.now(), String::new());
    let changed = server.log.people();
    let changed = changed.change(person, kept.email, kept.version, deed);
    assert_eq!(changed.await.unwrap(), Put::Done);
}

#[tokio::test]
async fn who_is_no_administrator_any_more_when_the_body_is_there_does_nothing() {
    let server = Server::with_demo_people().await;
    let bo = server.enter(1).await;
    let body = b"version=0&name=Late";
    for path in [
        "/accounts/new",
        "/accounts/00000000-0000-7000-8000-000000000001/edit",
        "/accounts/import/confirm",
        "/people/new",
        "/policy/edit",
        "/policy/zone",
        "/clock",
    ] {
        administers(&server, true).await;
        let late = half_sent::begin(&server, &bo.cookie, (path, FORM, body.len())).await;
        let late = late.unwrap_or_else(|status| panic!("{path}: {status}"));
        administers(&server, false).await;
        assert_eq!(late.end(body).await, 403, "{path}");
    }
    assert!(
        server
            .store
            .accounts_named(&["Late"])
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn whose_session_has_ended_when_the_body_is_there_does_nothing() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let incident = declared(&ana, "Slow exports").await;
    let link = format!("kind=brief&target={incident}&label=Late");
    let push = json!({ "since": 0, "commands": [] }).to_string();
    for (path, kind, body) in [
        ("/links", FORM, &*link),
        ("/links/revoke", FORM, "kind=brief&target=x&id=1"),
        ("/password", FORM, "current=a&password=b"),
        ("/files?name=late.txt", "text/plain", "Late"),
        ("/sync/push", "application/json", &push),
    ] {
        let bo = server.enter(1).await;
        let late = half_sent::begin(&server, &bo.cookie, (path, kind, body.len())).await;
        let late = late.unwrap_or_else(|status| panic!("{path}: {status}"));
        let id = demo::people()[1].person.id;
        server.log.people().end_sessions_of(id).await.unwrap();
        assert_eq!(late.end(body.as_bytes()).await, 401, "{path}");
    }
    assert!(server.store.open_links().await.unwrap().is_empty());
    let file = Sha256::digest("Late").into();
    assert!(server.store.file_facts(&[file]).await.unwrap().is_empty());
}
