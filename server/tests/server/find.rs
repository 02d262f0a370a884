//! Searching over HTTP, and who may not.

use crate::commands::declared;
use crate::site::{Browser, Server};
use app::api::{ApiError, Found};
use domain::Severity;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::demo;

async fn with_the_demo() -> Server {
    let server = Server::with_demo_people().await;
    let now = server.clock.now();
    demo::load(&server.log, server.store.as_ref(), now)
        .await
        .unwrap();
    server
}

async fn found(browser: &Browser<'_>, arguments: Value) -> Found {
    let response = browser.call("find", &arguments).await;
    assert_eq!(response.status(), StatusCode::OK, "{arguments}");
    response.json().await.unwrap()
}

#[tokio::test]
async fn closed_incidents_are_found_by_words_number_severity_and_component() {
    let server = with_the_demo().await;
    let ana = server.enter(0).await;
    let all = found(&ana, json!({})).await;
    assert!(all.complete && all.more);
    let one = &all.incidents[3];
    let by_number = found(&ana, json!({ "text": one.number.to_string() })).await;
    assert_eq!(by_number.incidents.first(), Some(one));
    let serial = format!("{:04}", one.number.serial);
    let by_serial = found(&ana, json!({ "text": serial })).await;
    assert_eq!(by_serial.incidents.first(), Some(one));

    // Who reported it stands on the timeline, the component in the declaration.
    let told = found(
        &ana,
        json!({ "text": "TALLIS text  code", "component": "Sign-in" }),
    )
    .await;
    let titles: Vec<_> = told.incidents.iter().map(|s| s.title.as_str()).collect();
    assert_eq!(titles, ["Sign-in by text code fails"]);
    let elsewhere = found(&ana, json!({ "text": "tallis", "component": "Reporting" })).await;
    assert!(
        !titles
            .iter()
            .any(|t| elsewhere.incidents.iter().any(|s| s.title == *t))
    );
    let bad = found(&ana, json!({ "severity": "sev1" })).await;
    assert!(!bad.incidents.is_empty());
    assert!(bad.incidents.iter().all(|s| s.severity == Severity::Sev1));

    // Page by page it is all of them, each once.
    let (mut before, mut numbers) = (None, Vec::new());
    loop {
        let page = found(&ana, json!({ "before": before })).await;
        numbers.extend(page.incidents.iter().map(|s| s.number));
        before = page.incidents.last().map(|s| s.number);
        if !page.more {
            break;
        }
    }
    let closed = server.store.closed(1_000).await.unwrap();
    assert_eq!(numbers.len(), closed.len());
    assert!(numbers.is_sorted_by(|a, b| (a.year, a.serial) > (b.year, b.serial)));

    // What is open is in every snapshot, and not here.
    declared(&ana, "Zebra crossing").await;
    assert!(
        found(&ana, json!({ "text": "zebra" }))
            .await
            .incidents
            .is_empty()
    );
}

#[tokio::test]
async fn whatever_is_typed_is_no_fault_and_too_much_is_said_to_be() {
    let server = with_the_demo().await;
    let ana = server.enter(0).await;
    for typed in [
        "\"",
        "a\"b",
        "NEAR(",
        "x OR",
        "*",
        "^",
        "-",
        "(((",
        "words:a",
        "\u{0}",
        "🧨",
        "\u{202E}عطل",
    ] {
        found(&ana, json!({ "text": typed })).await;
    }
    for wrong in [
        json!({ "text": "a".repeat(201) }),
        json!({ "component": "a".repeat(201) }),
        json!({ "severity": "sev9" }),
        json!({ "before": "42" }),
    ] {
        let response = ana.call("find", &wrong).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{wrong}");
        let error: ApiError = response.json().await.unwrap();
        assert!(matches!(error, ApiError::BadRequest { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn strangers_find_nothing() {
    let server = with_the_demo().await;
    let ana = server.enter(0).await;
    for cookie in [None, Some("drumbeat=AAAA")] {
        let mut request = server.post("/sync/find").json(&json!({ "text": "code" }));
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        let error: ApiError = response.json().await.unwrap();
        assert_eq!(error, ApiError::SignedOut);
    }
    // The tab of one person, the session of another.
    let bo = server.enter(1).await.me().await.id;
    let response = ana.call("find", &json!({ "me": bo, "text": "code" })).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let led_away = server.get("/?q=code").send().await.unwrap();
    assert_eq!(led_away.status(), StatusCode::SEE_OTHER);
    assert!(
        led_away.headers()["location"]
            .to_str()
            .unwrap()
            .contains("q")
    );
}

#[tokio::test]
async fn a_shared_address_is_drawn_with_what_it_looks_for() {
    let server = with_the_demo().await;
    let ana = server.enter(0).await;
    let page = async |path: &str| {
        let response = ana.get(path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        response.text().await.unwrap()
    };
    // The list of what is open, without the clocks, which name incidents too.
    let open = async |path: &str| {
        let page = page(path).await;
        let (_, list) = page.split_once("<h2 id=\"open\"").unwrap();
        list.split_once("</ol>").unwrap().0.to_owned()
    };
    let sync = "Nightly sync stops on large ledgers";
    let errors = "Checkout errors in all regions";
    let all = open("/").await;
    assert!(all.contains(sync) && all.contains(errors));
    let some = open("/?q=LEDGERS").await;
    assert!(some.contains(sync) && !some.contains(errors));
    let severe = open("/?sev=SEV-1").await;
    assert!(!severe.contains(sync) && severe.contains(errors));
    let typed = page("/?q=%22%3E%3Cscript%3Ealert(1)").await;
    assert!(!typed.contains("<script>alert"));
}

#[cfg(feature = "test-clock")]
#[tokio::test]
async fn a_clock_that_ran_out_on_another_day_says_which() {
    let server = Server::with_demo_people().await;
    let _incident = declared(&server.enter(0).await, "Checkout errors").await;
    server.clock.advance(25 * 60 * 60 * 1_000);
    let page = server.enter(0).await.get("/").send().await.unwrap();
    let page = page.text().await.unwrap();
    let (_, due) = page.split_once("class=\"whose\">Due ").unwrap();
    let (due, _) = due.split_once(" UTC").unwrap();
    let words: Vec<&str> = due.split(' ').collect();
    assert_eq!(words.len(), 3, "the day, its month, the time: {due}");
}
