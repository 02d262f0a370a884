//! Who did what: a line for each change of people, passwords, links, accounts and the policy, for administrators.

use crate::people::{GUS, chooses, id_of, link_in, page, sends};
use crate::site::{Browser, Server, other_scripts};
use domain::{Command, Envelope, IncidentId};
use futures::StreamExt as _;
use reqwest::StatusCode;
use server::store::{AuditLine, AuditPage};

const PASSWORD: &str = "correct horse battery";

async fn lines(server: &Server) -> Vec<AuditLine> {
    server
        .store
        .audit(AuditPage::After(0), 1_000)
        .await
        .unwrap()
}

/// A new version of the policy, as a browser pushes it.
async fn changes_policy(ana: &Browser<'_>) {
    let mut policy = domain::Policy::clone(&ana.server.log.policy());
    policy.page_name = "Acme & Söhne".to_owned();
    let command = Command::ChangePolicy {
        after_version: policy.version,
        policy: Box::new(policy),
        reason: "=A new name".to_owned(),
    };
    let envelope: Envelope =
        crate::site::envelope(IncidentId::SETTINGS, ana.server.clock.now(), command);
    ana.push(std::slice::from_ref(&envelope)).await;
    ana.push(&[envelope]).await;
}

#[tokio::test]
async fn each_change_has_one_line_with_who_when_and_from_where_and_no_secret() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let account =
        "version=0&name=Orchard+Bank&tier=Strategic&currency=EUR&annual_revenue=1&monthly_fee=1";
    let added = ana
        .post("/accounts/new")
        .header("content-type", crate::site::FORM)
        .body(account);
    assert_eq!(added.send().await.unwrap().status(), StatusCode::SEE_OTHER);
    let orchard = server.store.account_by_name("Orchard Bank").await.unwrap();
    let page_of_orchard = format!("account/{}", orchard.unwrap().account.id);
    let made = sends(
        &ana,
        "/links",
        &[
            ("kind", "status"),
            ("target", page_of_orchard.as_str()),
            ("label", "CFO"),
        ],
    )
    .await;
    assert_eq!(made.status(), StatusCode::OK);
    let made = made.text().await.unwrap();
    let token = made
        .split_once("/status/c/")
        .unwrap()
        .1
        .split_once('"')
        .unwrap()
        .0
        .to_owned();
    let link = server.store.open_links().await.unwrap()[0].id.to_string();
    let target = server.store.open_links().await.unwrap()[0].target.clone();
    sends(
        &ana,
        "/links/revoke",
        &[("kind", "status"), ("target", &target), ("id", &link)],
    )
    .await;
    changes_policy(&ana).await;

    let invited = link_in(sends(&ana, "/people/new", &GUS).await).await;
    let gus = id_of(&server, "Gus <b>Park</b>");
    assert_eq!(
        chooses(&server, &invited, PASSWORD).await.status(),
        StatusCode::SEE_OTHER
    );
    let mut form = GUS.to_vec();
    form[0].1 = "1";
    form.push(("administrator", "yes"));
    assert_eq!(
        sends(&ana, &format!("/people/{gus}"), &form).await.status(),
        StatusCode::SEE_OTHER
    );
    let reset = link_in(sends(&ana, &format!("/people/{gus}/link"), &[]).await).await;
    sends(&ana, &format!("/people/{gus}/remove"), &[]).await;

    let all = lines(&server).await;
    let acts: Vec<&str> = all.iter().map(|line| line.act.as_str()).collect();
    assert_eq!(
        acts,
        [
            "add-account",
            "make-link",
            "revoke-link",
            "change-policy",
            "add-person",
            "choose-password",
            "change-person",
            "reset-password",
            "remove-person",
        ]
    );
    for line in &all {
        assert_eq!(line.from, "127.0.0.1", "{line:?}");
        let by = if line.act == "choose-password" {
            "Gus <b>Park</b>"
        } else {
            "Ana Ruiz"
        };
        assert_eq!(line.by.name, by, "{line:?}");
        let told = format!("{line:?}");
        for secret in [
            token.as_str(),
            &invited["/enter/".len()..],
            &reset["/enter/".len()..],
            PASSWORD,
            "argon2",
        ] {
            assert!(!told.contains(secret), "{told}");
        }
    }

    let (status, shown) = page(&ana, "/audit").await;
    assert_eq!(status, StatusCode::OK);
    for words in [
        "Changed the policy: Version 2",
        "=A new name",
        "from 127.0.0.1",
        "Administrator: no → yes",
        "Gus &lt;b&gt;Park",
    ] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    assert!(
        !other_scripts(&shown) && !shown.contains("<b>Park"),
        "{shown}"
    );
    let (_, people) = page(&ana, "/people").await;
    assert!(people.contains("href=\"/audit\""), "{people}");
}

#[tokio::test]
async fn only_administrators_read_it_and_its_files_are_whole() {
    let server = Server::with_demo_people().await;
    let (ana, bo) = (server.enter(0).await, server.enter(1).await);
    changes_policy(&ana).await;
    for path in ["/audit", "/audit.csv", "/audit.jsonl"] {
        assert_eq!(
            bo.get(path).send().await.unwrap().status(),
            StatusCode::FORBIDDEN,
            "{path}"
        );
        let stranger = server.get(path).send().await.unwrap();
        assert_eq!(stranger.status(), StatusCode::SEE_OTHER, "{path}");
    }
    let (_, people) = page(&bo, "/people").await;
    assert!(!people.contains("/audit"), "{people}");

    let csv = ana.get("/audit.csv").send().await.unwrap();
    assert_eq!(
        csv.headers()["content-disposition"],
        "attachment; filename*=UTF-8''audit.csv"
    );
    let csv = csv.text().await.unwrap();
    assert!(
        csv.starts_with("\u{FEFF}line,at,by,by_id,from,act,subject,detail\r\n1,2"),
        "{csv}"
    );
    assert!(
        csv.contains(",127.0.0.1,change-policy,Version 2,\"'=A new name\"\r\n"),
        "{csv}"
    );
    let (_, json) = page(&ana, "/audit.jsonl").await;
    let line: serde_json::Value = serde_json::from_str(json.trim_end()).unwrap();
    assert_eq!(
        (&line["act"], &line["detail"]),
        (&"change-policy".into(), &"=A new name".into())
    );
    assert_eq!(line["by"], "Ana Ruiz");
}

#[tokio::test]
async fn it_is_shown_in_pages_and_saved_whole() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let rows: String = (0..1_500)
        .map(|n| format!("Customer {n:04},Growth,no,EUR,1,1,,,,,,\n"))
        .collect();
    let header = "Name,Tier,Strategic,Currency,Annual revenue,Monthly fee,Renews on,Owner,Contacts,SLA,SLA cap,Deal stage";
    crate::accounts::import(&ana, &format!("{header}\n{rows}")).await;
    let (mut path, mut shown) = ("/audit".to_owned(), 0);
    for _ in 0..15 {
        let (_, page) = page(&ana, &path).await;
        shown += page.matches("Added a customer account").count();
        let before = page.split_once("name=\"before\" value=\"");
        let Some((_, rest)) = before else { break };
        path = format!("/audit?before={}", rest.split_once('"').unwrap().0);
    }
    assert_eq!(shown, 1_500);
    let (_, csv) = page(&ana, "/audit.csv").await;
    assert_eq!(csv.lines().count(), 1_501);
    let (_, json) = page(&ana, "/audit.jsonl").await;
    assert_eq!(json.lines().count(), 1_500);

    // Who is made an administrator, begins to read, and is one no more: a thousand lines are in the first piece.
    let gus = |version, administrator| {
        let mut form = GUS.to_vec();
        form[0].1 = version;
        form.extend(administrator);
        form
    };
    let yes = Some(("administrator", "yes"));
    let invited = link_in(sends(&ana, "/people/new", &gus("0", yes)).await).await;
    let entered = chooses(&server, &invited, PASSWORD).await;
    let cookie = crate::site::cookie_of(&entered).unwrap();
    let id = id_of(&server, "Gus <b>Park</b>");
    let body = server.unread("/audit.csv", &cookie).await.into_body();
    let mut pieces = body.into_data_stream();
    assert!(pieces.next().await.unwrap().is_ok());
    let saved = sends(&ana, &format!("/people/{id}"), &gus("1", None)).await;
    assert_eq!(saved.status(), StatusCode::SEE_OTHER);
    assert!(pieces.next().await.unwrap().is_err());
}
