//! Commands and events over HTTP, and what becomes of requests that are wrong.

use crate::commands::{declare, declared, entry};
use crate::half_sent;
use crate::site::{Server, envelope, new_id};
use app::api::{ApiError, Opened, Outcome, Pulled, Pushed, Snapshot};
use domain::IncidentId;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::http::Limits;

#[tokio::test]
async fn what_one_pushes_the_other_pulls_and_the_actor_is_whose_session_it_is() {
    let server = Server::with_demo_people().await;
    let (ana, bo) = (server.enter(0).await, server.enter(1).await);
    let incident = declared(&ana, "Checkout errors").await;
    let said = bo.does(incident, entry("Rolled the flag back")).await;

    let pulled: Pulled = ana
        .call("pull", &json!({ "since": 0 }))
        .await
        .json()
        .await
        .unwrap();
    let event = pulled.events.iter().find(|e| e.command == said).unwrap();
    assert_eq!(event.by, bo.me().await.to_ref());
    assert_eq!(pulled.head, pulled.events.last().unwrap().seq);

    let snapshot = ana.snapshot().await;
    let shown = snapshot.incidents[0].fold().unwrap();
    let number = shown.number.unwrap();
    assert_eq!((number.serial, shown.title()), (1, "Checkout errors"));
    let room: Opened = ana
        .call("open", &json!({ "number": number }))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(pulled.events, room.events, "its log and nothing else");
    let about: Snapshot = ana
        .call("snapshot", &json!({ "number": number }))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(about.incidents, snapshot.incidents);
}

#[tokio::test]
async fn a_command_sent_again_acts_once_and_gets_the_same_answer() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let incident = declared(&ana, "Checkout errors").await;
    let now = server.clock.now();
    let commands = [
        envelope(incident, now, entry("once")),
        envelope(incident, now, declare("Twice?", now)),
    ];
    let first = ana.push(&commands).await;
    assert!(
        matches!(first.answers[1].outcome, Outcome::Refused { .. }),
        "a refusal is an answer"
    );
    let again = ana.push(&commands).await;
    assert_eq!(first.answers, again.answers);
    assert_eq!(first.pulled.events, again.pulled.events);
}

#[tokio::test]
async fn who_sends_too_much_in_a_minute_is_told_when_to_come_back_and_loses_nothing() {
    let server = Server::with_limits(Limits {
        commands_per_minute: 10,
        ..Limits::default()
    })
    .await;
    let (ana, bo) = (server.enter(0).await, server.enter(1).await);
    let incident = declared(&ana, "Checkout errors").await;
    let now = server.clock.now();
    let entries = |count: usize| -> Vec<_> {
        (0..count)
            .map(|_| envelope(incident, now, entry("x")))
            .collect()
    };
    assert_eq!(ana.push(&entries(9)).await.answers.len(), 9);
    let one_more = entries(1);
    let asked = json!({ "since": 0, "commands": one_more });
    let refused = ana.call("push", &asked).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    let wait_s: u32 = refused.headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=60).contains(&wait_s), "{wait_s}");
    let error: ApiError = refused.json().await.unwrap();
    assert_eq!(
        error,
        ApiError::Unavailable {
            retry_after_s: wait_s
        }
    );
    assert_eq!(
        bo.push(&entries(5)).await.answers.len(),
        5,
        "nobody pays for another"
    );
    let pulled = ana.call("pull", &json!({ "since": 0 })).await;
    assert_eq!(pulled.status(), StatusCode::OK, "reading goes on");
    #[cfg(feature = "test-clock")]
    {
        server.clock.advance(60_000);
        let pushed = ana.push(&one_more).await;
        assert_eq!(pushed.answers[0].outcome, Outcome::Accepted);
    }
}

#[tokio::test]
async fn who_sends_too_many_bytes_in_a_minute_is_told_when_to_come_back() {
    let server = Server::with_limits(Limits {
        commands_per_minute: 10,
        ..Limits::default()
    })
    .await;
    let (ana, bo) = (server.enter(0).await, server.enter(1).await);
    let incident = declared(&ana, "Checkout errors").await;
    // A whole minute's bytes, whatever they say.
    let padding = " ".repeat(80_000);
    let push = |text| {
        let envelope = envelope(incident, server.clock.now(), entry(text));
        let asked = json!({ "since": 0, "commands": [envelope] });
        let push = bo.post("/sync/push");
        let push = push.header("content-type", "application/json");
        push.body(format!("{padding}{asked}")).send()
    };
    assert_eq!(push("x").await.unwrap().status(), StatusCode::OK);
    let refused = push("y").await.unwrap();
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers().contains_key("retry-after"));
}

#[tokio::test]
async fn no_more_bytes_wait_than_there_is_room_for() {
    let server = Server::with_limits(Limits {
        push_bytes: 1_000,
        ..Limits::default()
    })
    .await;
    let ana = server.enter(0).await;
    let incident = declared(&ana, "Checkout errors").await;
    let long = envelope(incident, server.clock.now(), entry(&"x".repeat(1_000)));
    let asked = json!({ "since": 0, "commands": [long] });
    let refused = ana.call("push", &asked).await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.headers().contains_key("retry-after"));
    ana.does(incident, entry("short")).await;
}

#[tokio::test]
async fn a_full_push_of_long_entries_is_taken() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let incident = declared(&ana, "Checkout errors").await;
    let (now, text) = (server.clock.now(), "Watched the error rate. ".repeat(180));
    let commands: Vec<_> = (0..200)
        .map(|_| envelope(incident, now, entry(&text)))
        .collect();
    let pushed = ana.push(&commands).await;
    assert_eq!(pushed.answers.len(), 200);
    assert!(
        pushed
            .answers
            .iter()
            .all(|a| a.outcome == Outcome::Accepted)
    );
}

#[tokio::test]
async fn only_what_is_long_is_packed() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let incident = declared(&ana, "Checkout errors").await;
    ana.does(incident, entry(&"Watched the error rate. ".repeat(100)))
        .await;
    for (since, packed) in [(0, true), (server.log.head(), false)] {
        let pull = ana
            .post("/sync/pull")
            .header("accept-encoding", "br")
            .json(&json!({ "since": since }));
        let response = pull.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let encoding = response.headers().get("content-encoding");
        assert_eq!(encoding.is_some_and(|e| e == "br"), packed, "after {since}");
    }
}

#[tokio::test]
async fn who_is_signed_out_is_told_so_and_nothing_happens() {
    let server = Server::with_demo_people().await;
    let now = server.clock.now();
    let command = envelope(IncidentId(new_id()), now, declare("Checkout errors", now));
    let body = json!({ "since": 0, "commands": [command] });
    for cookie in [None, Some("drumbeat=AAAA")] {
        let mut request = server.post("/sync/push").json(&body);
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(
            response.json::<ApiError>().await.unwrap(),
            ApiError::SignedOut
        );
    }
    assert_eq!(
        server.get("/live").send().await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(server.log.head(), 0);
}

#[tokio::test]
async fn requests_that_are_wrong_get_a_clear_4xx_and_change_nothing() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let now = server.clock.now();
    let commands: Vec<_> = (0..201)
        .map(|_| envelope(IncidentId(new_id()), now, declare("Checkout errors", now)))
        .collect();
    let good = serde_json::to_string(&json!({ "since": 0, "commands": commands[..1] })).unwrap();
    let too_many = serde_json::to_string(&json!({ "since": 0, "commands": commands })).unwrap();
    let unnamed = json!({ "since": 0, "commands": [{
        "incident": new_id(), "made_at": now, "command": { "do": "launch" } }] });

    for (body, kind, status) in [
        (
            good[..good.len() - 1].to_owned(),
            "application/json",
            StatusCode::BAD_REQUEST,
        ),
        (String::new(), "application/json", StatusCode::BAD_REQUEST),
        ("[]".to_owned(), "application/json", StatusCode::BAD_REQUEST),
        (
            r#"{"since":-1,"commands":[]}"#.to_owned(),
            "application/json",
            StatusCode::BAD_REQUEST,
        ),
        (
            unnamed.to_string(),
            "application/json",
            StatusCode::BAD_REQUEST,
        ),
        (too_many, "application/json", StatusCode::BAD_REQUEST),
        (
            good.clone(),
            "text/plain",
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
        (
            good.clone(),
            "application/x-www-form-urlencoded",
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
        (
            " ".repeat(1_048_577),
            "application/json",
            StatusCode::PAYLOAD_TOO_LARGE,
        ),
    ] {
        let shown = body.chars().take(60).collect::<String>();
        // As a browser that submits a form would: it must not be led anywhere.
        let request = ana
            .post("/sync/push")
            .header("accept", "text/html")
            .header("referer", "/");
        let response = request
            .header("content-type", kind)
            .body(body)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), status, "{kind} {shown}");
        let error: ApiError = response.json().await.unwrap();
        assert!(matches!(error, ApiError::BadRequest { .. }), "{error:?}");
    }
    // Of unannounced length, too.
    let chunks = (0..17).map(|_| Ok::<_, std::io::Error>(vec![b' '; 65_536]));
    let endless = reqwest::Body::wrap_stream(futures::stream::iter(chunks));
    let request = ana
        .post("/sync/push")
        .header("content-type", "application/json")
        .body(endless);
    assert_eq!(
        request.send().await.unwrap().status(),
        StatusCode::PAYLOAD_TOO_LARGE
    );

    let missing = ana
        .call("open", &json!({ "number": "INC-1999-0001" }))
        .await;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    assert_eq!(
        missing.json::<ApiError>().await.unwrap(),
        ApiError::NotFound
    );
    assert_eq!(server.log.head(), 0);

    let answer: Pushed = ana
        .post("/sync/push")
        .header("content-type", "application/json; charset=utf-8")
        .body(good)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(answer.answers[0].outcome, Outcome::Accepted);
}

#[tokio::test]
async fn unknown_addresses_for_machines_answer_as_machines_expect() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    for path in [
        "/sync/nothing",
        "/sync/push/more",
        "/api/v2/nothing.json",
        "/api",
        "/intake/nothing",
    ] {
        for request in [ana.get(path), ana.post(path).json(&json!({}))] {
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
            assert_eq!(
                response.headers()["content-type"],
                "application/problem+json",
                "{path}"
            );
            let problem: Value = response.json().await.unwrap();
            assert_eq!(problem["status"], 404);
            assert!(problem["title"].is_string() && problem["request"].is_string());
        }
    }
    let response = ana.get("/sync/push").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()["allow"], "POST");
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
}

#[tokio::test]
async fn it_says_that_it_is_there_and_that_it_can_work() {
    let server = Server::with_demo_people().await;
    assert_eq!(
        server.page("/healthz").await,
        (StatusCode::OK, "ok".to_owned())
    );
    assert_eq!(
        server.page("/readyz").await,
        (StatusCode::OK, "ready".to_owned())
    );
    server.log.shutdown().await;
    assert_eq!(
        server.page("/readyz").await.0,
        StatusCode::SERVICE_UNAVAILABLE
    );

    let ana = server.enter(0).await;
    let now = server.clock.now();
    let command = envelope(IncidentId(new_id()), now, declare("Checkout errors", now));
    let response = ana
        .call("push", &json!({ "since": 0, "commands": [command] }))
        .await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(response.headers().contains_key("retry-after"));
    assert!(matches!(
        response.json().await.unwrap(),
        ApiError::Unavailable { .. }
    ));
}

#[tokio::test]
async fn bodies_on_their_way_count_before_they_are_read() {
    const SIZE: usize = 1024 * 1024;
    let server = Server::with_limits(Limits {
        push_bytes_per_person: 3 * SIZE,
        ..Limits::default()
    })
    .await;
    let (ana, bo) = (server.enter(0).await, server.enter(1).await);
    let large = ("/sync/push", "application/json", SIZE);
    let mut coming = Vec::new();
    for _ in 0..3 {
        coming.push(
            half_sent::begin(&server, &ana.cookie, large)
                .await
                .ok()
                .unwrap(),
        );
    }
    let fourth = half_sent::begin(&server, &ana.cookie, large).await;
    assert_eq!(fourth.err(), Some(503), "nothing is read of it");
    let other = half_sent::begin(&server, &bo.cookie, large).await;
    assert!(other.is_ok(), "another person has a share of their own");

    let mut push = json!({ "since": 0, "commands": [] }).to_string();
    push.push_str(&" ".repeat(SIZE - push.len()));
    let first = coming.pop().unwrap();
    assert_eq!(first.end(push.as_bytes()).await, 200);
    let next = half_sent::begin(&server, &ana.cookie, large).await;
    assert!(next.is_ok(), "there is room again");
}

#[tokio::test]
async fn people_with_many_bodies_on_their_way_leave_room_for_others() {
    const SIZE: usize = 1024 * 1024;
    let server = Server::with_limits(Limits {
        push_bytes_per_person: 4 * SIZE,
        push_bytes: 8 * SIZE,
        ..Limits::default()
    })
    .await;
    let large = ("/sync/push", "application/json", SIZE);
    let mut coming = Vec::new();
    for nth in [0, 1] {
        let sender = server.enter(nth).await;
        for _ in 0..4 {
            coming.extend(half_sent::begin(&server, &sender.cookie, large).await);
        }
    }
    let other = server.enter(2).await;
    let pulled = other.call("pull", &json!({ "since": 0 })).await;
    assert_eq!(pulled.status(), StatusCode::OK);
    assert!(coming.len() >= 4, "the first has a whole share");
}
