//! The timeline as a file, over the wire. What is in it, `domain::export` tests.

use crate::commands::{declared, entry};
use crate::people::{id_of, page, sends};
use crate::site::{Browser, Server, envelope};
use domain::IncidentId;
use futures::StreamExt as _;
use reqwest::StatusCode;
use server::http::Limits;
use std::time::Duration;
use tokio::time::timeout;

/// Longer than anything takes; only a fault waits so long.
const PATIENCE: Duration = Duration::from_secs(60);
const FORMATS: [&str; 3] = ["md", "csv", "json"];

/// An incident whose timeline is sent in several pieces, whatever the format.
async fn long_incident(browser: &Browser<'_>) -> IncidentId {
    let incident = declared(browser, "Checkout errors").await;
    let now = browser.server.clock.now();
    let lines: Vec<_> = (0..90)
        .map(|nth| envelope(incident, now, entry(&format!("{nth}{}", "a".repeat(7_000)))))
        .collect();
    let pushed = browser.push(&lines).await;
    assert_eq!(pushed.answers.len(), lines.len());
    incident
}

#[tokio::test]
async fn timeline_is_sent_in_pieces_and_not_after_its_reader_was_removed() {
    let limits = Limits {
        exports_at_once_per_person: FORMATS.len(),
        exports_at_once: 2 * FORMATS.len(),
        ..Limits::default()
    };
    let server = Server::with_limits(limits).await;
    let (ana, bo) = (server.enter(0).await, server.enter(1).await);
    let incident = long_incident(&ana).await;
    let path = |format| format!("/incidents/{incident}/timeline.{format}");
    let mut unread = Vec::new();
    for format in FORMATS {
        let (_, whole) = page(&ana, &path(format)).await;
        let body = bo.unread(&path(format)).await.into_body();
        let mut pieces = body.into_data_stream();
        let piece = pieces.next().await.unwrap().unwrap();
        let largest = 300_000;
        assert!(piece.len() < largest && largest < whole.len(), "{format}");
        assert!(whole.as_bytes().starts_with(&piece), "{format}");
        unread.push((format, pieces));
    }
    let removed = format!("/people/{}/remove", id_of(&server, "Bo Lind"));
    sends(&ana, &removed, &[]).await;
    for (format, pieces) in &mut unread {
        assert!(pieces.next().await.unwrap().is_err(), "{format}");
    }
}

#[tokio::test]
async fn who_saves_timelines_slowly_holds_a_share_of_their_own_only() {
    let limits = Limits {
        exports_at_once_per_person: 1,
        ..Limits::default()
    };
    let server = Server::with_limits(limits).await;
    let (ana, bo) = (server.enter(0).await, server.enter(1).await);
    let incident = long_incident(&ana).await;
    let paths = FORMATS.map(|format| format!("/incidents/{incident}/timeline.{format}"));
    let paths = [
        &paths[..],
        &["/audit.csv".to_owned(), "/audit.jsonl".to_owned()],
    ]
    .concat();
    for path in &paths {
        let unread = ana.unread(path).await;
        assert_eq!(unread.status(), StatusCode::OK, "{path}");
        let second = ana.get(path).send().await.unwrap();
        assert_eq!(second.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert_eq!(second.headers()["retry-after"], "10");
        if !path.starts_with("/audit") {
            let (status, _) = page(&bo, path).await;
            assert_eq!(status, StatusCode::OK, "{path}");
        }
        drop(unread);
        let again = async {
            while page(&ana, path).await.0 != StatusCode::OK {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, again).await.expect("it is given back");
    }
}

#[tokio::test]
async fn who_is_signed_in_saves_the_timeline_in_three_forms() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let incident = declared(&ana, "Checkout errors").await;
    ana.does(incident, entry("=1+1 عطل 🧨 # not a heading"))
        .await;
    let number = server.log.live()[&incident].number.unwrap();
    for (ending, media_type, words) in [
        (
            "md",
            "text/markdown; charset=utf-8",
            "=1+1 عطل 🧨 # not a heading",
        ),
        (
            "csv",
            "text/csv; charset=utf-8; header=present",
            "\"'=1+1 عطل 🧨 # not a heading\"",
        ),
        (
            "json",
            "application/json",
            "\"text\": \"=1+1 عطل 🧨 # not a heading\"",
        ),
    ] {
        for key in [number.to_string(), incident.to_string()] {
            let path = format!("/incidents/{key}/timeline.{ending}");
            let response = ana.get(&path).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            let headers = response.headers();
            assert_eq!(headers["content-type"], media_type);
            assert_eq!(
                headers["content-disposition"],
                format!("attachment; filename*=UTF-8''{number}-timeline.{ending}")
            );
            assert_eq!(headers["x-content-type-options"], "nosniff");
            assert!(
                headers["cache-control"]
                    .to_str()
                    .unwrap()
                    .contains("no-store")
            );
            let text = response.text().await.unwrap();
            assert!(text.contains(words), "{text}");
            assert!(
                text.contains("Ana Ruiz") && text.contains(&number.to_string()),
                "{text}"
            );
        }
    }
}

#[tokio::test]
async fn strangers_are_led_to_the_door_and_what_is_not_there_is_not_found() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let incident = declared(&ana, "Checkout errors").await;
    let path = format!("/incidents/{incident}/timeline.csv");
    let response = server.get(&path).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert!(!response.text().await.unwrap().contains("Checkout"));
    for path in [
        "/incidents/INC-1999-0001/timeline.csv",
        "/incidents/whatever/timeline.csv",
        "/incidents/01900000-0000-7000-8000-000000000000/timeline.csv",
        &format!("/incidents/{incident}/timeline.exe"),
    ] {
        let response = ana.get(path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

/// A file is no page of the app: offline the browser must fail to save it, not save the app.
#[tokio::test]
async fn the_service_worker_leaves_the_files_to_the_server() {
    let server = Server::with_demo_people().await;
    let (_, worker) = server.page("/sw.js").await;
    assert!(
        worker.contains(r"incidents\/(?![^/]+\/timeline\.)"),
        "{worker}"
    );
}
