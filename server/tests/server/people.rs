//! Who has an account: added by a link, changed, and everybody's own password.

use crate::site::{Browser, FORM, Server, cookie_of};
use app::api::Pulled;
use domain::PersonId;
use reqwest::{Response, StatusCode};
use serde_json::json;
use server::http::Limits;
use std::time::Duration;

pub const GUS: [(&str, &str); 4] = [
    ("version", "0"),
    ("name", "Gus <b>Park</b>"),
    ("title", "Support & \"more\""),
    ("email", " Gus.Park@Acme.example "),
];

pub async fn sends(browser: &Browser<'_>, path: &str, form: &[(&str, &str)]) -> Response {
    browser.post(path).form(form).send().await.unwrap()
}

pub async fn page(browser: &Browser<'_>, path: &str) -> (StatusCode, String) {
    let response = browser.get(path).send().await.unwrap();
    (response.status(), response.text().await.unwrap())
}

/// The path of the link that a page shows once.
pub async fn link_in(response: Response) -> String {
    assert_eq!(response.status(), StatusCode::OK);
    let page = response.text().await.unwrap();
    let (_, rest) = page.split_once("readonly autofocus value=\"").expect(&page);
    let address = rest.split_once('"').unwrap().0;
    address[address.find("/enter/").expect(address)..].to_owned()
}

pub async fn chooses(server: &Server, link: &str, password: &str) -> Response {
    let sent = server.post(link).form(&[("password", password)]);
    sent.send().await.unwrap()
}

async fn signs_in(server: &Server, email: &str, password: &str) -> Response {
    let sent = server.post("/sign-in");
    let sent = sent.form(&[("email", email), ("password", password)]);
    sent.send().await.unwrap()
}

fn location(response: &Response) -> &str {
    response.headers()["location"].to_str().unwrap()
}

/// The id of whoever has this name now.
pub fn id_of(server: &Server, name: &str) -> PersonId {
    let people = server.log.people().now();
    let mut all = people.all().iter();
    all.find(|kept| kept.person.name == name).unwrap().person.id
}

/// What a browser hears that holds this version of the list.
async fn pulled(browser: &Browser<'_>, people: Option<u64>) -> Pulled {
    let asked = json!({ "since": 0, "people": people });
    let response = browser.call("pull", &asked).await;
    assert_eq!(response.status(), StatusCode::OK);
    response.json().await.unwrap()
}

/// The style, the icon and the script of such a page are asked for while its link is still good.
#[tokio::test]
async fn a_link_that_works_once_is_no_referer_of_what_its_page_loads_and_its_form_is_taken() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let enter = link_in(sends(&ana, "/people/new", &GUS).await).await;
    let setup = server.setup_path.clone();
    let makes = [
        ("name", "Gus"),
        ("email", "g@acme.example"),
        ("password", "correct horse battery"),
    ];
    for (path, form) in [(&enter, &makes[2..]), (&setup, &makes[..])] {
        let shown = server.get(path).send().await.unwrap();
        let unknown = server.get(&format!("{path}x")).send().await.unwrap();
        // As a browser sends the form that tells where it comes from in this way only.
        let sent = |form| {
            let request = server.post(path).header("origin", &server.url);
            request.form::<[_]>(form).send()
        };
        let empty = [("name", ""), ("email", ""), ("password", "")];
        let refused = sent(&empty[..]).await.unwrap();
        let taken = sent(form).await.unwrap();
        let answers = [shown, unknown, refused, taken];
        let told = answers.map(|answer| {
            let policy = answer.headers()["referrer-policy"].to_str().unwrap();
            (answer.status().as_u16(), policy.to_owned())
        });
        let expected = [200, 404, 422, 303].map(|status| (status, "strict-origin".to_owned()));
        assert_eq!(told, expected, "{path}");
    }
}

#[tokio::test]
async fn somebody_is_added_by_a_link_that_works_once_and_every_browser_hears_of_them() {
    let server = Server::with_demo_people().await;
    let (ana, bo) = (server.enter(0).await, server.enter(1).await);
    let before = bo.snapshot().await;
    assert_eq!(pulled(&bo, Some(before.people_version)).await.people, None);

    let link = link_in(sends(&ana, "/people/new", &GUS).await).await;
    assert!(
        !server.page("/people").await.1.contains(&link),
        "it is shown once"
    );
    let heard = pulled(&bo, Some(before.people_version)).await.people;
    let heard = heard.expect("the list has moved");
    let gus = heard.all.iter().find(|p| p.name == "Gus <b>Park</b>");
    let gus = gus.unwrap().clone();
    assert!(!gus.administrator && gus.title == "Support & \"more\"");
    assert_eq!(heard.all, bo.snapshot().await.people);
    assert_eq!(pulled(&bo, Some(heard.version)).await.people, None);
    assert_eq!(pulled(&bo, None).await.people, None, "an older browser");

    let (status, form) = server.page(&link).await;
    assert_eq!(status, StatusCode::OK);
    assert!(form.contains("Gus &lt;b&gt;Park&lt;/b&gt;"), "{form}");
    let (_, list) = page(&ana, "/people").await;
    assert!(list.contains("Has not chosen a password yet."), "{list}");
    let early = signs_in(&server, "gus.park@acme.example", "").await;
    assert_eq!(early.status(), StatusCode::UNAUTHORIZED);
    let short = chooses(&server, &link, "short").await;
    assert_eq!(short.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let short = short.text().await.unwrap();
    assert!(short.contains("aria-describedby=\"p-wrong\"") && short.contains("id=\"p-wrong\""));
    let (one, two) = tokio::join!(
        chooses(&server, &link, "correct horse battery"),
        chooses(&server, &link, "another horse battery")
    );
    let (made, late) = match one.status() {
        StatusCode::SEE_OTHER => (one, two),
        _ => (two, one),
    };
    assert_eq!(
        (made.status(), late.status()),
        (StatusCode::SEE_OTHER, StatusCode::NOT_FOUND),
        "only one of two at once"
    );
    let cookie = cookie_of(&made).unwrap();
    let browser = Browser {
        server: &server,
        cookie,
    };
    assert_eq!(browser.me().await, gus);
    assert_eq!(server.page(&link).await.0, StatusCode::NOT_FOUND);
    let (_, list) = page(&ana, "/people").await;
    assert!(!list.contains("Has not chosen"), "{list}");
    assert!(!list.contains("<b>Park"), "{list}");
    // The record knows them from now on.
    assert!(
        server
            .restarted()
            .await
            .log
            .people()
            .now()
            .find(gus.id)
            .is_some()
    );
}

#[tokio::test]
async fn the_password_that_was_chosen_opens_whatever_the_capitals_of_the_e_mail() {
    let server = Server::with_passwords().await;
    let form = "name=Ana+Ruiz&email=Ana%40Acme.example&password=correct+horse+battery";
    let setup = server.post(&server.setup_path).body(form);
    let made = setup.header("content-type", FORM).send().await.unwrap();
    let ana = Browser {
        server: &server,
        cookie: cookie_of(&made).unwrap(),
    };
    let link = link_in(sends(&ana, "/people/new", &GUS).await).await;
    chooses(&server, &link, "gus chose this one").await;
    for email in ["gus.park@acme.example", "GUS.Park@ACME.example"] {
        let entered = signs_in(&server, email, "gus chose this one").await;
        assert_eq!(entered.status(), StatusCode::SEE_OTHER, "{email}");
    }
    // A database with an account of its own is no demo, however many were added after it.
    let all = server.store.everybody().await.unwrap();
    assert_eq!(all.iter().filter(|kept| kept.added.is_none()).count(), 1);
}

#[tokio::test]
async fn only_administrators_add_and_change_people_and_everybody_reads_the_list() {
    let server = Server::with_demo_people().await;
    let (ana, bo) = (server.enter(0).await, server.enter(1).await);
    let dan = id_of(&server, "Dan Wu");
    let (status, list) = page(&bo, "/people").await;
    assert_eq!(status, StatusCode::OK);
    for shown in [
        "Ana Ruiz",
        "Administrator",
        "Dan Wu",
        "Staff engineer, platform",
    ] {
        assert!(list.contains(shown), "{shown}: {list}");
    }
    for hidden in ["Add somebody", "dan.wu@acme.example", "href=\"/people/0"] {
        assert!(!list.contains(hidden), "{hidden}: {list}");
    }
    let (_, list) = page(&ana, "/people").await;
    assert!(list.contains("dan.wu@acme.example") && list.contains(&format!("/people/{dan}\"")));

    let before = server.store.everybody().await.unwrap();
    for path in [
        "/people/new",
        &format!("/people/{dan}"),
        &format!("/people/{dan}/remove"),
    ] {
        assert_eq!(page(&bo, path).await.0, StatusCode::FORBIDDEN, "{path}");
        let sent = sends(&bo, path, &GUS).await;
        assert_eq!(sent.status(), StatusCode::FORBIDDEN, "{path}");
        let led = server.get(path).send().await.unwrap();
        assert_eq!(location(&led), format!("/sign-in?then={path}"));
        let foreign = ana.post(path).header("origin", "https://evil.example");
        let foreign = foreign.form(&GUS).send().await.unwrap();
        assert_eq!(foreign.status(), StatusCode::FORBIDDEN, "{path}");
    }
    let link = format!("/people/{dan}/link");
    assert_eq!(sends(&bo, &link, &[]).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(page(&ana, &link).await.0, StatusCode::METHOD_NOT_ALLOWED);
    for nobody in ["/people/x", "/people/0190ffff-0000-7000-8000-000000000000"] {
        assert_eq!(page(&ana, nobody).await.0, StatusCode::NOT_FOUND);
    }
    assert_eq!(server.store.everybody().await.unwrap(), before);
    // An address that somebody made up says nothing that is not so.
    let (_, list) = page(&ana, &format!("/people?removed={dan}")).await;
    assert!(!list.contains("Dan Wu is removed"), "{list}");
    let (_, list) = page(&bo, &format!("/people?changed={dan}")).await;
    assert!(!list.contains("is changed"), "{list}");
}

#[tokio::test]
async fn what_is_wrong_is_told_beside_its_field_with_every_word_kept() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let long = "x".repeat(201);
    for (name, title, email, says) in [
        (" ", "Support", "a@b", "Name must not be empty."),
        ("Gus", "", "a@b", "What they do must not be empty."),
        (
            "Gus",
            &long,
            "a@b",
            "What they do must be at most 200 characters.",
        ),
        (
            "Gus",
            "Support",
            "gus",
            "E-mail looks like name@company.example.",
        ),
        (
            "Gus",
            "Support",
            "gus @b",
            "E-mail looks like name@company.example.",
        ),
        (
            "Gus",
            "Support",
            "BO.lind@acme.example",
            "E-mail belongs to somebody else who has an account.",
        ),
    ] {
        let form = [
            ("version", "0"),
            ("name", name),
            ("title", title),
            ("email", email),
        ];
        let sent = sends(&ana, "/people/new", &form).await;
        assert_eq!(sent.status(), StatusCode::UNPROCESSABLE_ENTITY, "{says}");
        let page = sent.text().await.unwrap();
        assert!(page.contains(says), "{says}: {page}");
        assert!(page.contains(&format!("value=\"{email}\"")), "{page}");
        assert!(page.contains("aria-invalid=\"true\""), "{page}");
    }
    assert_eq!(server.log.people().now().all().len(), 10);
}

#[tokio::test]
async fn somebody_is_changed_and_of_two_who_do_so_at_once_the_second_is_told() {
    let server = Server::with_demo_people().await;
    let (ana, bo) = (server.enter(0).await, server.enter(1).await);
    let path = format!("/people/{}", id_of(&server, "Bo Lind"));
    let held = bo.snapshot().await.people_version;
    let form = |version: &'static str, name: &'static str| {
        [
            ("version", version),
            ("name", name),
            ("title", "Support lead"),
            ("email", "bo@acme.example"),
            ("administrator", "yes"),
        ]
    };
    let saved = sends(&ana, &path, &form("1", "Bo Berg")).await;
    assert_eq!(saved.status(), StatusCode::SEE_OTHER);
    let (_, told) = page(&ana, location(&saved)).await;
    assert!(
        told.contains("What is known of Bo Berg is changed."),
        "{told}"
    );
    let people = pulled(&bo, Some(held)).await.people.unwrap();
    let now = people.all.iter().find(|p| p.name == "Bo Berg").unwrap();
    assert!(now.administrator && now.title == "Support lead");
    assert_eq!(page(&bo, "/people/new").await.0, StatusCode::OK, "at once");

    let late = sends(&ana, &path, &form("1", "Bo Late")).await;
    assert_eq!(late.status(), StatusCode::CONFLICT);
    let shown = late.text().await.unwrap();
    assert!(
        shown.contains("while you were writing, and now: Name is “Bo Berg”. What you"),
        "{shown}"
    );
    assert!(shown.contains("value=\"Bo Late\"") && shown.contains("value=\"2\""));
    let over = sends(&ana, &path, &form("2", "Bo Late")).await;
    assert_eq!(over.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_last_administrator_stays_one() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let id = id_of(&server, "Ana Ruiz");
    let form = [
        ("version", "1"),
        ("name", "Ana Ruiz"),
        ("title", "Support lead"),
        ("email", "ana.ruiz@acme.example"),
    ];
    let path = format!("/people/{id}");
    let demoted = sends(&ana, &path, &form).await;
    assert_eq!(demoted.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let shown = demoted.text().await.unwrap();
    assert!(shown.contains("Nobody else is an administrator"), "{shown}");
    assert!(ana.me().await.administrator);

    // Another one who has not come in yet does not count.
    let mut gus = GUS.to_vec();
    gus.push(("administrator", "yes"));
    let link = link_in(sends(&ana, "/people/new", &gus).await).await;
    let demoted = sends(&ana, &path, &form).await;
    assert_eq!(demoted.status(), StatusCode::UNPROCESSABLE_ENTITY);
    chooses(&server, &link, "correct horse battery").await;
    let demoted = sends(&ana, &path, &form).await;
    assert_eq!(demoted.status(), StatusCode::SEE_OTHER);
    assert!(!ana.me().await.administrator);
    assert_eq!(page(&ana, "/people/new").await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_reset_makes_the_old_password_the_sessions_and_an_earlier_link_void() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let link = link_in(sends(&ana, "/people/new", &GUS).await).await;
    let again = format!("/people/{}/link", id_of(&server, "Gus <b>Park</b>"));
    let second = link_in(sends(&ana, &again, &[]).await).await;
    assert_eq!(server.page(&link).await.0, StatusCode::NOT_FOUND);
    let entered = chooses(&server, &second, "correct horse battery").await;
    let gus = Browser {
        server: &server,
        cookie: cookie_of(&entered).unwrap(),
    };
    assert_eq!(gus.me().await.name, "Gus <b>Park</b>");

    let third = link_in(sends(&ana, &again, &[]).await).await;
    let refused = gus.call("pull", &json!({ "since": 0 })).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let email = "gus.park@acme.example";
    let old = signs_in(&server, email, "correct horse battery").await;
    assert_eq!(old.status(), StatusCode::UNAUTHORIZED);
    chooses(&server, &third, "a newer horse battery").await;
    let new = signs_in(&server, email, "a newer horse battery").await;
    assert_eq!(new.status(), StatusCode::SEE_OTHER);
    // Their own is changed where everybody changes theirs.
    let own = format!("/people/{}/link", id_of(&server, "Ana Ruiz"));
    assert_eq!(location(&sends(&ana, &own, &[]).await), "/password");
}

#[cfg(feature = "test-clock")]
#[tokio::test]
async fn a_link_ends_after_three_days() {
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let link = link_in(sends(&ana, "/people/new", &GUS).await).await;
    server.clock.advance(3 * DAY_MS - 60_000);
    assert_eq!(server.page(&link).await.0, StatusCode::OK);
    server.clock.advance(60_000);
    assert_eq!(server.page(&link).await.0, StatusCode::NOT_FOUND);
    let late = chooses(&server, &link, "correct horse battery").await;
    assert_eq!(late.status(), StatusCode::NOT_FOUND);
    let (_, list) = page(&ana, "/people").await;
    assert!(list.contains("the link has ended"), "{list}");
    let again = format!("/people/{}/link", id_of(&server, "Gus <b>Park</b>"));
    let link = link_in(sends(&ana, &again, &[]).await).await;
    let entered = chooses(&server, &link, "correct horse battery").await;
    assert_eq!(entered.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn everybody_changes_their_own_password_and_is_signed_out_elsewhere() {
    let server = Server::with_limits(Limits {
        first_wrong: Duration::ZERO,
        ..Limits::default()
    })
    .await;
    let ana = server.enter(0).await;
    let (_, demo) = page(&ana, "/password").await;
    assert!(demo.contains("you have no password"), "{demo}");
    let link = link_in(sends(&ana, "/people/new", &GUS).await).await;
    let entered = chooses(&server, &link, "correct horse battery").await;
    let entered = cookie_of(&entered).unwrap();
    let email = "gus.park@acme.example";
    let other = signs_in(&server, email, "correct horse battery").await;
    let (here, there) = (
        Browser {
            server: &server,
            cookie: cookie_of(&other).unwrap(),
        },
        Browser {
            server: &server,
            cookie: entered,
        },
    );
    let change = async |current: &str, password: &str| {
        let form = [("current", current), ("password", password)];
        sends(&here, "/password", &form).await
    };
    let wrong = change("wrong horse battery", "a newer horse battery").await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let wrong = wrong.text().await.unwrap();
    assert!(wrong.contains("not your current password"), "{wrong}");
    assert!(
        wrong.contains("aria-describedby=\"current-wrong\"")
            && wrong.contains("id=\"current-wrong\"")
    );
    let both = change("wrong horse battery", "passwordpassword").await;
    let both = both.text().await.unwrap();
    assert!(both.contains("not your current password"), "{both}");
    assert!(!both.contains("guessed too soon"), "it was not judged");
    let short = change("correct horse battery", "short").await;
    assert_eq!(short.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let changed = change("correct horse battery", "a newer horse battery").await;
    assert_eq!(location(&changed), "/password?changed=yes");
    let here = Browser {
        server: &server,
        cookie: cookie_of(&changed).unwrap(),
    };
    let (status, told) = page(&here, "/password?changed=yes").await;
    assert_eq!(status, StatusCode::OK);
    assert!(told.contains("Your password is changed."), "{told}");
    let out = there.call("pull", &json!({ "since": 0 })).await;
    assert_eq!(out.status(), StatusCode::UNAUTHORIZED);
    let old = signs_in(&server, email, "correct horse battery").await;
    assert_eq!(old.status(), StatusCode::UNAUTHORIZED);

    // A browser left open is no place to guess at it: guesses count as those at the door do.
    for _ in 0..11 {
        let form = [
            ("current", "guess"),
            ("password", "a guessed horse battery"),
        ];
        let guessed = sends(&here, "/password", &form).await;
        assert_eq!(guessed.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    let (_, people) = page(&ana, "/people").await;
    let told = "14 wrong passwords for gus.park@acme.example from 127.0.0.1 since ";
    assert!(people.contains(told), "{people}");
}

#[tokio::test]
async fn names_hold_nothing_unseen_and_whoever_names_somebody_is_told_who_looks_alike() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let named = |name: &'static str, email: &'static str| {
        let mut form = GUS.to_vec();
        form[1].1 = name;
        form[3].1 = email;
        form
    };
    let added = sends(
        &ana,
        "/people/new",
        &named("\u{202e}Gus\u{200b} Park", "gus@acme.example"),
    )
    .await;
    let shown = added.text().await.unwrap();
    assert!(
        shown.contains("Gus Park") && !shown.contains("looks like"),
        "{shown}"
    );
    id_of(&server, "Gus Park");

    // Its first letter is Cyrillic.
    let added = sends(
        &ana,
        "/people/new",
        &named("Аna Ruiz", "other@acme.example"),
    )
    .await;
    assert_eq!(added.status(), StatusCode::OK, "told, and not refused");
    let shown = added.text().await.unwrap();
    assert!(
        shown.contains("looks like the name of somebody") && shown.contains("Ana Ruiz ("),
        "{shown}"
    );

    let gus = id_of(&server, "Gus Park");
    let mut form = named("ANA RUIZ", "gus@acme.example");
    form[0].1 = "1";
    let changed = sends(&ana, &format!("/people/{gus}"), &form).await;
    assert_eq!(changed.status(), StatusCode::SEE_OTHER);
    let (_, shown) = page(&ana, location(&changed)).await;
    assert!(shown.contains("looks like the name of somebody"), "{shown}");
    let (_, shown) = page(&ana, "/people").await;
    assert!(!shown.contains("looks like"), "{shown}");
}
