//! Secret links: a customer account's own status page, and an executive brief (INTERFACES §1).

use crate::commands::{account, declared, first_update};
use crate::site::{Browser, FORM, Server, envelope, new_id};
use app::api::{LinkKind, Outcome};
use chrono::Duration;
use domain::brief::BriefText;
use domain::customer::{Customer, CustomerId, CustomerRef};
use domain::update::{Audience, UpdateKind, UpdateText};
use domain::{Command, CommandId, IncidentId};
use futures::future::join_all;
use reqwest::{Response, StatusCode};
use serde_json::json;
use server::http::Limits;
use server::store::Deed;
use std::collections::BTreeMap;

const ORCHARD: &str = "Orchard <Bank> & Söhne";
const LUMEN: &str = "Lumen Health";

/// Asks for a link as the form does.
async fn asked(browser: &Browser<'_>, kind: &str, target: &str, label: &str) -> Response {
    browser
        .post("/links")
        .header("origin", &browser.server.url)
        .form(&[("kind", kind), ("target", target), ("label", label)])
        .send()
        .await
        .unwrap()
}

/// The account's page, as a link to it names it.
async fn page_of(server: &Server, name: &str) -> String {
    let id = account(server, name).await.id.uuid();
    format!("account/{id}")
}

/// Makes a link and tells its path.
async fn link(browser: &Browser<'_>, kind: &str, target: &str) -> String {
    let response = asked(browser, kind, target, "CFO").await;
    assert_eq!(response.status(), StatusCode::OK);
    let page = response.text().await.unwrap();
    let address = format!("readonly autofocus value=\"{}", browser.server.url);
    let (_, rest) = page.split_once(&address).expect(&page);
    rest.split_once('"').unwrap().0.to_owned()
}

/// The page of the links to this.
async fn listed(browser: &Browser<'_>, kind: &str, target: &str) -> String {
    let query = [("kind", kind), ("target", target)];
    let response = browser.get("/links").query(&query).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    response.text().await.unwrap()
}

async fn revoked(browser: &Browser<'_>, kind: &str, target: &str, id: u64) -> Response {
    let form = [("kind", kind), ("target", target), ("id", &id.to_string())];
    let form = browser.post("/links/revoke").form(&form);
    form.send().await.unwrap()
}

/// Tells these customers something.
async fn told(
    browser: &Browser<'_>,
    incident: IncidentId,
    customers: &[&str],
    words: &str,
    after: Option<CommandId>,
) -> CommandId {
    let kind = match after {
        None => UpdateKind::First,
        Some(_) => UpdateKind::Progress,
    };
    let mut readers = Vec::new();
    for name in customers {
        readers.push(account(browser.server, name).await);
    }
    let text = UpdateText {
        kind,
        audience: Audience::Named { customers: readers },
        acknowledge: words.to_owned(),
        impact: "Some tokens.".to_owned(),
        action: "We rotate them.".to_owned(),
        next_at: Some(browser.server.clock.now() + Duration::minutes(30)),
        components: Vec::new(),
        closure: None,
        corrects: None,
    };
    browser
        .does(
            incident,
            Command::PublishUpdate {
                text,
                after,
                excuses: Vec::new(),
            },
        )
        .await
}

fn brief(words: &str, after_version: u32) -> Command {
    Command::PublishBrief {
        text: BriefText {
            happened: words.to_owned(),
            impact: "18 % of sessions.".to_owned(),
            risks: vec!["It comes back.".to_owned()],
            asks: Vec::new(),
            eta: None,
            changed: "Much.".to_owned(),
        },
        after_version,
    }
}

#[tokio::test]
async fn a_customers_page_shows_what_is_public_and_what_is_theirs_and_nothing_else() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let open = declared(&ana, "Internal title").await;
    let now = server.clock.now();
    ana.does(open, first_update("Everybody knows.", now)).await;
    let leak = declared(&ana, "Internal leak").await;
    let first = told(&ana, leak, &[ORCHARD, LUMEN], "Both know.", None).await;
    let second = told(&ana, leak, &[ORCHARD], "Orchard knows.", Some(first)).await;
    told(&ana, leak, &[LUMEN], "Lumen knows.", Some(second)).await;
    let of_orchard = link(&ana, "status", &page_of(&server, ORCHARD).await).await;
    let of_lumen = link(&ana, "status", &page_of(&server, LUMEN).await).await;
    let of_nobody = link(&ana, "status", &page_of(&server, "Orchard").await).await;
    assert!(of_orchard.starts_with("/status/c/") && of_orchard.len() == 53);

    let incident = server.log.live()[&leak].public_id.clone().unwrap();
    let own = |home: &str| format!("{home}/incidents/{incident}");
    for (home, whose, knows) in [
        (
            of_orchard.as_str(),
            Some("Orchard &lt;Bank&gt; &amp; Söhne"),
            [true, true, false],
        ),
        (&of_lumen, Some(LUMEN), [true, false, true]),
        (&of_nobody, None, [false; 3]),
        ("/status", None, [false; 3]),
    ] {
        let (status, page) = server.page(home).await;
        assert_eq!(status, StatusCode::OK, "{home}");
        assert!(
            page.contains("Everybody knows.") && !page.contains("Internal"),
            "{page}"
        );
        assert!(!page.contains("<script") && !page.contains(".js"), "{page}");
        assert!(
            whose.is_none_or(|whose| page.contains(&format!("<b>{whose}</b>"))),
            "{page}"
        );
        assert_eq!(page.contains(&own(home)), knows[0], "{home} {page}");
        let (status, page) = server.page(&own(home)).await;
        assert_eq!(status == StatusCode::OK, knows[0], "{home}");
        for (words, known) in ["Both know.", "Orchard knows.", "Lumen knows."]
            .iter()
            .zip(knows)
        {
            assert_eq!(page.contains(words), known, "{words} on {home}: {page}");
        }
    }
    // Each page leads on to its own pages, never to those of another reader.
    let (_, page) = server.page(&of_orchard).await;
    assert!(!page.contains(&of_lumen) && !page.contains("href=\"/status/incidents"));
    let (_, page) = server.page("/status").await;
    assert!(!page.contains("/status/c/"), "{page}");
}

#[tokio::test]
async fn a_word_to_a_customer_is_on_the_next_get_of_their_page() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let lumen = page_of(&server, LUMEN).await;
    let path = link(&ana, "status", &lumen).await;
    let (_, before) = server.page(&path).await;
    assert!(before.contains("Everything works."), "{before}");
    let incident = declared(&ana, "Internal title").await;
    let first = told(&ana, incident, &[LUMEN], "Lumen knows.", None).await;
    assert!(server.page(&path).await.1.contains("Lumen knows."));
    told(&ana, incident, &[LUMEN], "Lumen knows more.", Some(first)).await;
    assert!(server.page(&path).await.1.contains("Lumen knows more."));
}

/// Puts a customer without an account on the incident.
async fn put_on(browser: &Browser<'_>, incident: IncidentId, name: &str) -> CustomerRef {
    let customer = CustomerRef::new(CustomerId::Entry(CommandId(new_id())), name);
    let add = Command::AddCustomer {
        customer: customer.clone(),
    };
    browser.does(incident, add).await;
    customer
}

/// Says which account the customer of an incident is.
async fn joined(
    browser: &Browser<'_>,
    incident: IncidentId,
    entry: &CustomerRef,
    account: &CustomerRef,
) {
    let live = browser.server.log.live();
    let was = live[&incident].customer(entry.id).unwrap().clone();
    let to = Customer {
        account: account.id.account(),
        name: account.name.clone(),
        tier: "Growth".to_owned(),
        sees: "Errors".to_owned(),
        ..was.clone()
    };
    let join = Command::ChangeCustomer {
        was: Box::new(was),
        to: Box::new(to),
    };
    browser.does(incident, join).await;
}

#[tokio::test]
async fn link_of_an_entry_is_listed_and_revoked_with_those_of_the_account_it_was_joined_to() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let incident = declared(&ana, "Leaked tokens").await;
    let orchard = account(&server, ORCHARD).await;
    let (entry, other) = (
        put_on(&ana, incident, "Orchrd Bank").await,
        put_on(&ana, incident, "Corner Shop").await,
    );
    let target = |c: &CustomerRef| format!("entry/{incident}/{}", c.id.uuid());
    asked(&ana, "status", &target(&other), "The shop").await;
    let path = link(&ana, "status", &target(&entry)).await;
    let account_page = page_of(&server, ORCHARD).await;
    let before = listed(&ana, "status", &account_page).await;
    assert!(!before.contains("For CFO"), "{before}");
    joined(&ana, incident, &entry, &orchard).await;
    told(&ana, incident, &[ORCHARD], "Orchard knows.", None).await;
    assert!(server.page(&path).await.1.contains("Orchard knows."));

    let number = server.log.live()[&incident].number.unwrap();
    let page = listed(&ana, "status", &account_page).await;
    let whose = format!("as a customer of {number}");
    assert!(page.contains("For CFO") && page.contains(&whose), "{page}");
    assert!(!page.contains("The shop"), "{page}");
    // Once, also where it is listed by the incident.
    let by_entry = listed(&ana, "status", &target(&entry)).await;
    assert_eq!(
        by_entry.matches("<h2>For CFO</h2>").count(),
        1,
        "{by_entry}"
    );
    let (_, id) = page.split_once("name=\"id\" value=\"").unwrap();
    let id = id.split_once('"').unwrap().0.parse().unwrap();
    let response = revoked(&ana, "status", &account_page, id).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(server.page(&path).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn readers_who_have_no_open_link_are_named_with_the_page_to_make_one_for() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let incident = declared(&ana, "Leaked tokens").await;
    let orchard = account(&server, ORCHARD).await;
    let lumen = account(&server, LUMEN).await;
    let entry = put_on(&ana, incident, "Orchrd Bank").await;
    let shop = put_on(&ana, incident, "Corner Shop").await;
    let all = [&orchard, &lumen, &shop].map(|c| c.id);
    let without = async || -> Vec<(String, String)> {
        let asks = json!({ "asks": { "readers": { "incident": incident, "customers": all } } });
        let answer = ana.call("fill", &asks).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let found: Vec<BTreeMap<String, String>> = answer.json().await.unwrap();
        let found = found.into_iter().map(|mut v| {
            let mut taken = |key| v.remove(key).unwrap();
            (taken("reader"), taken("page"))
        });
        found.collect()
    };
    let page = |c: &CustomerRef| match c.id {
        CustomerId::Account(id) => (id.to_string(), format!("account/{id}")),
        CustomerId::Entry(id) => (id.to_string(), format!("entry/{incident}/{id}")),
    };
    let pages = |all: &[&CustomerRef]| all.iter().map(|c| page(c)).collect::<Vec<_>>();
    assert_eq!(without().await, pages(&[&orchard, &lumen, &shop]));
    link(&ana, "status", &page(&lumen).1).await;
    link(&ana, "status", &page(&shop).1).await;
    assert_eq!(without().await, pages(&[&orchard]));
    // The link of an entry opens what is told to the account that it was joined to, on this incident.
    link(&ana, "status", &page(&entry).1).await;
    joined(&ana, incident, &entry, &orchard).await;
    assert_eq!(without().await, pages(&[]));
    for link in server.store.open_links().await.unwrap() {
        revoked(&ana, "status", &page(&lumen).1, link.id).await;
    }
    assert_eq!(without().await, pages(&[&orchard, &lumen, &shop]));
    let many = vec![orchard.id; 101];
    let asks = json!({ "asks": { "readers": { "incident": incident, "customers": many } } });
    let answer = ana.call("fill", &asks).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_update_waits_until_its_reader_without_an_account_has_a_link() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let incident = declared(&ana, "Leaked tokens").await;
    let entry = CommandId(new_id());
    let customer = CustomerRef::new(CustomerId::Entry(entry), "Corner Shop");
    let add = Command::AddCustomer {
        customer: customer.clone(),
    };
    ana.does(incident, add).await;
    let mut publish = first_update("Tokens leaked.", server.clock.now());
    if let Command::PublishUpdate { text, .. } = &mut publish {
        text.audience = Audience::Named {
            customers: vec![customer],
        };
    }
    let early = envelope(incident, server.clock.now(), publish.clone());
    let answer = ana.push(&[early]).await.answers.remove(0);
    let Outcome::Refused { refusal } = answer.outcome else {
        panic!("nobody there could read it");
    };
    let refusal = refusal.to_string();
    assert!(
        refusal.contains("no link to a page of their own"),
        "{refusal}"
    );

    let path = link(&ana, "status", &format!("entry/{incident}/{entry}")).await;
    ana.does(incident, publish).await;
    let (_, page) = server.page(&path).await;
    assert!(page.contains("Tokens leaked."));
}

/// Of a link that was revoked long ago, which nothing else reads.
const DAMAGE: &str = "INSERT INTO links (token_hash, kind, target, label, made_by, made_by_name, made_at_ms, revoked_at_ms)
    SELECT zeroblob(32), kind, target, '', made_by, '', 9000000000000000000, 1 FROM links";

#[tokio::test]
async fn link_that_was_made_is_shown_although_the_others_cannot_be_listed() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let page = page_of(&server, LUMEN).await;
    link(&ana, "status", &page).await;
    drop(ana);
    let server = server.restarted_after(DAMAGE).await;
    let ana = server.enter(0).await;
    let query = [("kind", "status"), ("target", &page)];
    let list = ana.get("/links").query(&query).send().await.unwrap();
    assert_eq!(list.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let made = link(&ana, "status", &page).await;
    let (status, body) = server.page(&made).await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.contains(LUMEN), "{body}");
}

#[tokio::test]
async fn a_wrong_a_revoked_and_an_unknown_link_get_the_same_page() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let incident = declared(&ana, "Internal title").await;
    ana.does(incident, brief("It broke.", 0)).await;
    let id = incident.to_string();
    let lumen = page_of(&server, LUMEN).await;
    for (kind, target, way) in [("status", &lumen, "/status/c"), ("brief", &id, "/brief")] {
        let path = link(&ana, kind, target).await;
        let other = link(&ana, kind, target).await;
        assert_eq!(server.page(&path).await.0, StatusCode::OK, "{kind}");
        let list = listed(&ana, kind, target).await;
        assert!(
            list.contains("For CFO") && list.contains("Made by Ana Ruiz"),
            "{list}"
        );
        assert!(
            !list.contains("Revoked") && !list.contains(&path),
            "told once: {list}"
        );
        let kind_of = match kind {
            "status" => LinkKind::Status,
            _ => LinkKind::Brief,
        };
        // The newest first.
        let oldest = server.store.links(kind_of, target, 9).await.unwrap()[1].id;
        let response = revoked(&ana, kind, target, oldest).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        let back = response.headers()["location"].to_str().unwrap();
        let page = ana.get(back).send().await.unwrap().text().await.unwrap();
        assert!(
            page.contains("Revoked ") && page.contains("For CFO"),
            "{page}"
        );

        let made_up = format!("{way}/{}", "A".repeat(43));
        let elsewhere = match kind {
            "status" => other.replace("/status/c", "/brief"),
            _ => other.replace("/brief", "/status/c"),
        };
        let mut pages = Vec::new();
        for path in [&path, &made_up, &format!("{way}/x")] {
            let (status, page) = server.page(path).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
            pages.push(page);
        }
        assert!(pages.iter().all(|page| *page == pages[0]), "{pages:?}");
        let advice = match kind {
            "brief" => "Ask whoever sent it for a new one.",
            _ => "See what is happening now",
        };
        assert!(pages[0].contains(advice), "{}", pages[0]);
        assert_eq!(
            server.page(&elsewhere).await.0,
            StatusCode::NOT_FOUND,
            "of another kind"
        );
        assert_eq!(
            server.page(&other).await.0,
            StatusCode::OK,
            "the other one still opens"
        );
    }
}

#[tokio::test]
async fn nobody_keeps_passes_on_or_lists_what_is_behind_a_link() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let incident = declared(&ana, "Internal title").await;
    ana.does(
        incident,
        first_update("Everybody knows.", server.clock.now()),
    )
    .await;
    ana.does(incident, brief("It broke.", 0)).await;
    let status = link(&ana, "status", &page_of(&server, LUMEN).await).await;
    let public_id = server.log.live()[&incident].public_id.clone().unwrap();
    let paths = [
        format!("{status}/incidents/{public_id}"),
        format!("{status}x"),
        status,
        link(&ana, "brief", &incident.to_string()).await,
        "/brief/x".to_owned(),
    ];
    for path in paths {
        let response = server.get(&path).send().await.unwrap();
        let headers = response.headers();
        let header = |name: &str| headers[name].to_str().unwrap().to_owned();
        assert!(header("cache-control").contains("no-store"), "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert!(header("x-robots-tag").contains("noindex"), "{path}");
        let policy = header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && !policy.contains("script"),
            "{policy}"
        );
        assert!(
            !headers.contains_key("etag") && !headers.contains_key("set-cookie"),
            "{path}"
        );
        assert!(
            !response.text().await.unwrap().contains("<script"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_brief_is_read_in_every_version_by_who_has_the_link() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let incident = declared(&ana, "Checkout <b>errors</b>").await;
    let path = link(&ana, "brief", &incident.to_string()).await;
    let (status, page) = server.page(&path).await;
    assert!(
        status == StatusCode::OK && page.contains("No brief yet"),
        "{page}"
    );
    assert!(page.contains("is due by"), "{page}");

    ana.does(incident, brief("The first words.", 0)).await;
    ana.does(incident, brief("The second words.", 1)).await;
    let (_, page) = server.page(&path).await;
    assert!(
        page.contains("The second words.") && !page.contains("The first words."),
        "{page}"
    );
    assert!(
        page.contains("Checkout &lt;b&gt;errors") && page.contains("It comes back."),
        "{page}"
    );
    assert!(
        page.contains("href=\"?version=1\"") && page.contains("The next one comes by"),
        "{page}"
    );
    assert!(!page.contains("Out of date"), "{page}");
    let (status, page) = server.page(&format!("{path}?version=1")).await;
    assert!(
        status == StatusCode::OK && page.contains("The first words."),
        "{page}"
    );
    assert!(page.contains("An older version."), "{page}");
    for version in ["3", "x", "-1"] {
        let (status, _) = server.page(&format!("{path}?version={version}")).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{version}");
    }
}

#[cfg(feature = "test-clock")]
#[tokio::test]
async fn a_brief_that_is_older_than_its_promise_says_so() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let incident = declared(&ana, "Checkout errors").await;
    ana.does(incident, brief("It broke.", 0)).await;
    let path = link(&ana, "brief", &incident.to_string()).await;
    server.clock.advance(4 * 60 * 60 * 1000 - 60_000);
    assert!(!server.page(&path).await.1.contains("Out of date"));
    server.clock.advance(2 * 60_000);
    let (_, page) = server.page(&path).await;
    assert!(
        page.contains("Out of date") && page.contains("It is 4 h"),
        "{page}"
    );
}

#[tokio::test]
async fn strangers_make_list_and_revoke_nothing_and_bad_input_says_what_to_do() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let lumen = page_of(&server, LUMEN).await;
    let path = link(&ana, "status", &lumen).await;
    let form = format!("kind=status&target={lumen}&label=&id=1");
    for path in ["/links", "/links/revoke"] {
        let stranger = server.post(path).header("content-type", FORM);
        let response = stranger.body(form.clone()).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{path}");
        let forged = ana.post(path).header("content-type", FORM);
        let forged = forged.header("origin", "https://evil.example");
        let response = forged.body(form.clone()).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(server.page(&path).await.0, StatusCode::OK, "it still opens");
    assert_eq!(server.store.open_links().await.unwrap().len(), 1);
    let (status, page) = server
        .page(&format!("/links?kind=status&target={lumen}"))
        .await;
    assert!(status == StatusCode::SEE_OTHER && page.is_empty(), "{page}");

    let long = "x".repeat(201);
    let nowhere = "01900000-0000-7000-8000-000000000000";
    for (kind, target, label, status) in [
        ("status", "", "", StatusCode::UNPROCESSABLE_ENTITY),
        ("status", &long, "", StatusCode::UNPROCESSABLE_ENTITY),
        ("status", LUMEN, "", StatusCode::UNPROCESSABLE_ENTITY),
        ("status", &lumen, &long, StatusCode::UNPROCESSABLE_ENTITY),
        ("brief", "INC-2026-0001", "", StatusCode::NOT_FOUND),
        ("brief", nowhere, "", StatusCode::NOT_FOUND),
        ("other", &lumen, "", StatusCode::BAD_REQUEST),
    ] {
        let response = asked(&ana, kind, target, label).await;
        assert_eq!(response.status(), status, "{kind} {target} {label}");
    }
    let none = revoked(&ana, "status", &lumen, 99).await;
    assert_eq!(none.status(), StatusCode::BAD_REQUEST);
    for path in [
        "/links",
        "/links?kind=other&target=x",
        "/links?kind=brief&target=x",
    ] {
        let response = ana.get(path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
    }
    for _ in 1..50 {
        link(&ana, "status", &lumen).await;
    }
    let response = asked(&ana, "status", &lumen, "").await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(response.text().await.unwrap().contains("Revoke one first"));
    link(&ana, "status", &page_of(&server, ORCHARD).await).await;
}

#[tokio::test]
async fn the_page_of_links_shows_names_as_text_and_is_reached_from_the_brief() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let orchard = page_of(&server, ORCHARD).await;
    link(&ana, "status", &orchard).await;
    for label in ["For Mia", "for  Jan", "Forum"] {
        asked(&ana, "status", &orchard, label).await;
    }
    let page = listed(&ana, "status", &orchard).await;
    for name in ["For Mia", "For Jan", "For Forum"] {
        assert!(page.contains(&format!("<h2>{name}</h2>")), "{page}");
    }
    let name = "Orchard &lt;Bank&gt; &amp; Söhne";
    assert!(
        page.contains(&format!("Links to the page of {name}</h1>")),
        "{page}"
    );
    assert!(page.contains(&format!("value=\"{orchard}\"")), "{page}");
    let incident = declared(&ana, "Checkout errors").await;
    let number = server.log.live()[&incident].number.unwrap();
    let brief = ana
        .get(&format!("/incidents/{number}/brief"))
        .send()
        .await
        .unwrap();
    let way = format!("/links?kind=brief&amp;target={incident}");
    let brief = brief.text().await.unwrap();
    assert!(brief.contains(&way), "{brief}");
    let page = listed(&ana, "brief", &incident.to_string()).await;
    assert!(
        page.contains("Checkout errors") && page.contains(&format!("/incidents/{number}/brief"))
    );
}

#[tokio::test]
async fn a_link_is_kept_as_a_hash_and_opens_after_a_restart() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let lumen = page_of(&server, LUMEN).await;
    let path = link(&ana, "status", &lumen).await;
    let token = path.rsplit('/').next().unwrap();
    let kept = server.store.open_links().await.unwrap();
    assert_eq!(kept.len(), 1);
    assert!(!format!("{:?}", kept[0]).contains(token));
    assert_eq!(
        kept[0].token_hash.as_slice(),
        <sha2::Sha256 as sha2::Digest>::digest(token).as_slice()
    );
    let again = server.restarted().await;
    assert_eq!(again.page(&path).await.0, StatusCode::OK);
    let ana = server::demo::people().remove(0).person.to_ref();
    let deed = Deed::new(ana, again.clock.now(), "");
    again.store.revoke_link(kept[0].id, &deed).await.unwrap();
    let later = again.restarted().await;
    assert_eq!(later.page(&path).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn at_most_fifty_links_open_one_thing_however_many_are_asked_for_at_once() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let incident = declared(&ana, "Slow exports").await.to_string();
    let asked = (0..60).map(|_| asked(&ana, "brief", &incident, "Board"));
    let answers = join_all(asked).await;
    let made = answers.iter().filter(|a| a.status() == StatusCode::OK);
    assert_eq!(made.count(), 50);
    assert_eq!(server.store.open_links().await.unwrap().len(), 50);
}

#[tokio::test]
async fn links_are_made_so_often_a_minute_and_no_more_and_are_revoked_at_once() {
    let server = Server::with_limits(Limits {
        link_changes_per_minute: 2,
        ..Limits::default()
    })
    .await;
    let browser = server.enter(0).await;
    let target = page_of(&server, ORCHARD).await;
    for _ in 0..2 {
        let made = asked(&browser, "status", &target, "CFO").await;
        assert_eq!(made.status(), StatusCode::OK);
    }
    let third = asked(&browser, "status", &target, "CFO").await;
    assert_eq!(third.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(third.headers().contains_key("retry-after"));
    let revoked_one = revoked(&browser, "status", &target, 1).await;
    assert_eq!(revoked_one.status(), StatusCode::SEE_OTHER);
}
