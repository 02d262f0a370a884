//! The composer's preview is what is published, to the letter.

use crate::commands::{account, declared};
use crate::seeded::update;
use crate::site::{Browser, Server};
use chrono::Duration;
use domain::customer::CustomerRef;
use domain::update::{Audience, UpdateKind, UpdateText};
use domain::{Command, IncidentId};
use reqwest::StatusCode;
use server::http::Limits;

const WORDS: [&str; 3] = [
    "Some checkouts fail <since> 12:00 UTC.",
    "18 % of sessions & \"baskets\".",
    "We roll back the last change.",
];

fn first(server: &Server, audience: Audience) -> UpdateText {
    let next_at = server.clock.now() + Duration::minutes(30);
    let words = WORDS.map(str::to_owned);
    update(UpdateKind::First, audience, words, next_at)
}

/// What the composer shows of this text, as `page` or as `mail`.
async fn seen(browser: &Browser<'_>, incident: IncidentId, text: &str, form: &str) -> String {
    let (incident, _) = crate::policy::incident(browser, incident).await;
    let path = format!("/incidents/{}/update/preview", incident.number.unwrap());
    let asked = browser.post(&path).form(&[("text", text), ("as", form)]);
    let answer = asked.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let policy = answer.headers()["content-security-policy"]
        .to_str()
        .unwrap();
    assert!(
        policy.contains("frame-ancestors 'self'; sandbox"),
        "{policy}"
    );
    assert!(!policy.contains("script-src"), "{policy}");
    answer.text().await.unwrap()
}

#[tokio::test]
async fn the_preview_is_the_page_that_is_published() {
    // A page tells the minute: one may end between the two.
    for last in [false, false, true] {
        let server = Server::with_demo_people().await;
        let ana = server.enter(0).await;
        let incident = declared(&ana, "Internal title").await;
        let text = first(&server, Audience::Public);
        let seen = seen(
            &ana,
            incident,
            &serde_json::to_string(&text).unwrap(),
            "page",
        )
        .await;
        assert!(
            server.log.published().is_empty(),
            "a look publishes nothing"
        );
        let (after, excuses) = (None, Vec::new());
        let publish = Command::PublishUpdate {
            text,
            after,
            excuses,
        };
        ana.does(incident, publish).await;
        let public_id = server.log.published()[0].public_id.clone().unwrap();
        let (_, published) = server.page(&format!("/status/incidents/{public_id}")).await;
        assert!(
            published.contains("fail &lt;since&gt; 12:00"),
            "{published}"
        );
        if seen.replacen("<body inert>", "<body>", 1) == published {
            return;
        }
        assert!(
            !last,
            "the preview\n{seen}\nis not what was published\n{published}"
        );
    }
}

#[tokio::test]
async fn so_many_previews_are_drawn_at_once_for_one_person() {
    let limits = Limits {
        previews_at_once_per_person: 0,
        ..Limits::default()
    };
    let server = Server::with_limits(limits).await;
    let ana = server.enter(0).await;
    let form = [("text", ""), ("as", "page")];
    let path = "/incidents/INC-2026-0001/update/preview";
    let asked = ana.post(path).form(&form).send().await.unwrap();
    assert_eq!(asked.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(asked.headers()["retry-after"], "2");
}

#[tokio::test]
async fn heading_of_a_preview_is_the_name_of_today_whatever_was_sent() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let incident = declared(&ana, "Internal title").await;
    let orchard = account(&server, "Orchard Bank").await;
    account(&server, "Lumen Health").await;
    for (sent, says, not) in [
        ("Orchard Banque", "<b>Orchard Bank</b>", "Orchard Banque"),
        (
            "Lumen Health",
            "is the name of another account by now, and the one that was chosen is called “Orchard Bank”",
            "<b>",
        ),
    ] {
        let customers = vec![CustomerRef::new(orchard.id, sent)];
        let text = first(&server, Audience::Named { customers });
        let text = serde_json::to_string(&text).unwrap();
        let seen = seen(&ana, incident, &text, "page").await;
        assert!(seen.contains(says) && !seen.contains(not), "{seen}");
    }
}

#[tokio::test]
async fn the_mail_says_it_in_plain_words_with_the_next_time_in_its_subject() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let incident = declared(&ana, "Internal title").await;
    let text = first(&server, Audience::Public);
    let next = text.next_at.unwrap().format("%H:%M UTC").to_string();
    let mail = seen(
        &ana,
        incident,
        &serde_json::to_string(&text).unwrap(),
        "mail",
    )
    .await;
    for words in [
        "[Acme] Some checkouts fail &lt;since&gt; 12:00 UTC (next update by ",
        "What happens\nSome checkouts fail &lt;since&gt; 12:00 UTC.\n\nWho is affected\n18 % of sessions",
        "What we do\nWe roll back the last change.\n",
        &format!("{next}, even if nothing has changed."),
        "Every update: http://127.0.0.1:",
    ] {
        assert!(mail.contains(words), "{words:?} is not in {mail}");
    }
    assert!(!mail.contains("Internal title"), "{mail}");
}

#[tokio::test]
async fn what_cannot_be_shown_yet_says_why() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let incident = declared(&ana, "Internal title").await;
    for (minutes, words, says) in [
        (-1, WORDS, "Next update must be in the future and by "),
        (61, WORDS, "Next update must be in the future and by "),
        (
            30,
            ["", WORDS[1], WORDS[2]],
            "What happens must not be empty",
        ),
    ] {
        let next_at = server.clock.now() + Duration::minutes(minutes);
        let words = words.map(str::to_owned);
        let text = update(UpdateKind::First, Audience::Public, words, next_at);
        let shown = seen(
            &ana,
            incident,
            &serde_json::to_string(&text).unwrap(),
            "page",
        )
        .await;
        assert!(shown.contains(says), "{shown}");
    }
    let mut far = serde_json::to_value(first(&server, Audience::Public)).unwrap();
    far["next_at"] = "+262142-12-31T23:59:59Z".into();
    let far = seen(&ana, incident, &far.to_string(), "page").await;
    assert!(far.contains("Next update must be in the future"), "{far}");
    let nobody = first(
        &server,
        Audience::Named {
            customers: Vec::new(),
        },
    );
    let nobody = serde_json::to_string(&nobody).unwrap();
    let nobody = seen(&ana, incident, &nobody, "page").await;
    assert!(
        nobody.contains("Name a customer who will read it."),
        "{nobody}"
    );
    let named = first(
        &server,
        Audience::Named {
            customers: vec![account(&server, "Orchard Bank").await],
        },
    );
    let named = serde_json::to_string(&named).unwrap();
    let named = seen(&ana, incident, &named, "page").await;
    assert!(named.contains("For <b>Orchard Bank</b>"), "{named}");
}

#[tokio::test]
async fn strangers_and_other_addresses_see_nothing() {
    let server = Server::with_demo_people().await;
    let form = [("text", ""), ("as", "page")];
    let path = "/incidents/INC-2026-0001/update/preview";
    let stranger = server.post(path).form(&form).send().await.unwrap();
    assert_eq!(stranger.status(), StatusCode::UNAUTHORIZED);
    let ana = server.enter(0).await;
    let none = ana.post(path).form(&form).send().await.unwrap();
    assert_eq!(none.status(), StatusCode::NOT_FOUND);
    let policy = none.headers()["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("frame-ancestors 'self'"),
        "read in the frame too: {policy}"
    );
    declared(&ana, "Internal title").await;
    let year = server.clock.now().format("%Y").to_string();
    let path = path.replace("2026", &year);
    for form in [vec![("text", "x")], vec![("text", "x"), ("as", "page")]] {
        let answer = ana.post(&path).form(&form).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    }
}
