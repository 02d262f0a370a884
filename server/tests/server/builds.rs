//! A page and a server of different builds (DESIGN S8, S9).

use crate::commands::{declare, declared, entry, first_update};
use crate::site::{Server, envelope, new_id};
use app::api::{BUILD, BUILD_HEADER, Outcome, Pulled, Pushed};
use domain::{CommandId, IncidentId};
use reqwest::StatusCode;
use serde_json::json;

#[tokio::test]
async fn every_answer_to_a_page_says_which_build_it_is_of() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    declared(&ana, "Checkout errors").await;
    let none = json!({});
    for (function, arguments, status) in [
        ("pull", json!({ "since": 0 }), StatusCode::OK),
        (
            "push",
            json!({ "since": 0, "commands": [] }),
            StatusCode::OK,
        ),
        ("snapshot", json!({ "number": null }), StatusCode::OK),
        (
            "open",
            json!({ "number": "INC-1999-0001" }),
            StatusCode::NOT_FOUND,
        ),
        ("pull", none.clone(), StatusCode::BAD_REQUEST),
        ("no-such-function", none.clone(), StatusCode::NOT_FOUND),
    ] {
        let answer = ana.call(function, &arguments).await;
        assert_eq!(answer.status(), status, "{function}");
        let build = answer.headers()[BUILD_HEADER].to_str().unwrap();
        assert_eq!(build.parse(), Ok(BUILD), "{function}");
    }
    let signed_out = server.post("/sync/pull").json(&json!({ "since": 0 }));
    let answer = signed_out.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert!(answer.headers().contains_key(BUILD_HEADER));
    let pulled = ana.call("pull", &json!({ "since": 0 })).await;
    assert_eq!(pulled.json::<Pulled>().await.unwrap().build, BUILD);
}

/// Commands of a newer or a garbled page among good ones.
#[tokio::test]
async fn command_that_cannot_be_read_is_refused_by_itself() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let incident = declared(&ana, "Checkout errors").await;
    let now = server.clock.now();
    let good = |text: &str| serde_json::to_value(envelope(incident, now, entry(text))).unwrap();
    let id = || CommandId(new_id());
    // A field that is not known here, wherever it stands: dropped, half of what was meant would be lost.
    let with_more = |at: &str| {
        let mut command = serde_json::to_value(envelope(incident, now, first_update("Slow", now)));
        let place = command.as_mut().unwrap().pointer_mut(at).unwrap();
        let more = ("headline".to_owned(), json!("Some orders fail"));
        place.as_object_mut().unwrap().extend([more]);
        command.unwrap()
    };
    let bad = [
        with_more(""),
        with_more("/command/publish_update"),
        with_more("/command/publish_update/text"),
        json!({ "id": id(), "incident": incident, "made_at": now, "command": { "do": "launch" } }),
        json!({ "id": id(), "incident": incident, "made_at": "soon", "command": good("x")["command"] }),
        json!({ "id": id() }),
        json!({ "id": id(), "command": null, "incident": 7 }),
    ];
    let mut commands = vec![good("First")];
    for bad in &bad {
        commands.extend([bad.clone(), good("Between")]);
    }
    let before = server.log.head();
    let asks = json!({ "since": before, "commands": commands });
    let answer = ana.call("push", &asks).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let pushed: Pushed = answer.json().await.unwrap();
    assert_eq!(pushed.pulled.events.len(), 1 + bad.len());
    for (command, answer) in commands.iter().zip(&pushed.answers) {
        assert_eq!(json!(answer.command), command["id"]);
        let refused = matches!(answer.outcome, Outcome::Refused { .. });
        assert_eq!(refused, bad.contains(command), "{command}");
    }
    // Alone, too; and what has no id cannot be answered at all.
    let alone = json!({ "since": 0, "commands": [bad[0].clone()] });
    let pushed: Pushed = ana.call("push", &alone).await.json().await.unwrap();
    assert!(matches!(pushed.answers[0].outcome, Outcome::Refused { .. }));
    for nameless in [json!(null), json!({ "id": 7 }), json!([])] {
        let asks = json!({ "since": 0, "commands": [nameless] });
        let answer = ana.call("push", &asks).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    }
    let incident = IncidentId(new_id());
    let next = envelope(incident, now, declare("Goes on", now));
    assert_eq!(
        ana.push(&[next]).await.answers[0].outcome,
        Outcome::Accepted
    );
}
