//! The timeline as a file, over the wire. What is in it, `domain::export` tests.

use crate::commands::{declared, entry};
use crate::site::Server;
use reqwest::StatusCode;

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
