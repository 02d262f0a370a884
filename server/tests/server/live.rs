//! The live feed.

use crate::commands::declared;
use crate::site::Server;
use reqwest::Response;
use std::time::Duration;
use tokio::time::timeout;

/// Longer than anything takes; only a broken feed waits so long.
const PATIENCE: Duration = Duration::from_secs(20);

/// Reads until `wanted` has come; what came is returned.
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

#[tokio::test]
async fn it_tells_the_head_at_once_and_after_each_push() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let mut feed = ana.get("/live").send().await.unwrap();
    assert_eq!(feed.headers()["content-type"], "text/event-stream");
    assert!(
        feed.headers().get("content-encoding").is_none(),
        "a packed stream would be held back"
    );
    let greeting = read_until(&mut feed, "\n\n").await;
    assert!(
        greeting.contains("id: 0\n") && greeting.contains("event: head\n"),
        "{greeting}"
    );
    assert!(greeting.contains("data: {\"head\":0}\n"), "{greeting}");

    declared(&ana, "Checkout errors").await;
    let head = server.log.head();
    assert!(head > 0);
    read_until(&mut feed, &format!("data: {{\"head\":{head}}}\n\n")).await;
}

#[tokio::test]
async fn it_ends_when_the_server_stops_so_that_stopping_does_not_wait() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let mut feed = ana.get("/live").send().await.unwrap();
    read_until(&mut feed, "\n\n").await;
    server.stop.send_replace(true);
    let end = async { while feed.chunk().await.unwrap().is_some() {} };
    timeout(PATIENCE, end).await.expect("the feed went on");
}

#[cfg(feature = "test-clock")]
#[tokio::test]
async fn moving_the_clock_of_a_test_is_told() {
    use serde_json::json;
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let mut feed = ana.get("/live").send().await.unwrap();
    read_until(&mut feed, "\n\n").await;
    let before = server.clock.now();
    let moved = server
        .post("/test/clock")
        .json(&json!({ "advance_ms": 3_600_000 }))
        .send()
        .await
        .unwrap();
    assert_eq!(moved.status(), 204);
    assert!(server.clock.now() - before >= chrono::Duration::hours(1));
    read_until(&mut feed, "event: clock\n").await;
}
