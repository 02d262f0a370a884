//! Signing in and out, the set-up link, and who is kept outside.

use crate::commands::declared;
use crate::site::{FORM, Server, cookie_of, other_scripts};
use reqwest::{Response, StatusCode};

async fn send(server: &Server, path: &str, form: &str) -> Response {
    server
        .post(path)
        .header("content-type", FORM)
        .body(form.to_owned())
        .send()
        .await
        .unwrap()
}

fn location(response: &Response) -> &str {
    response.headers()["location"].to_str().unwrap()
}

#[tokio::test]
async fn a_person_of_the_demo_enters_by_one_click_and_arrives_where_they_wanted() {
    let server = Server::with_demo_people().await;
    let response = server.get("/incidents/INC-2026-0001").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(
        location(&response),
        "/sign-in?then=/incidents/INC-2026-0001"
    );

    let (status, door) = server.page(location(&response)).await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        door.contains("Ana Ruiz") && door.contains("value=\"/incidents/INC-2026-0001\""),
        "{door}"
    );
    assert!(!other_scripts(&door), "{door}");

    let id = server.store.people().await.unwrap()[0].id;
    let response = send(&server, "/sign-in", &format!("person={id}&then=/declare")).await;
    assert_eq!(
        (response.status(), location(&response)),
        (StatusCode::SEE_OTHER, "/signed-in?then=/declare")
    );
    let set = response.headers()["set-cookie"].to_str().unwrap();
    assert!(set.starts_with("drumbeat="), "{set}");
    for part in ["Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=1209600"] {
        assert!(set.contains(part), "{part} in {set}");
    }
    let elsewhere = send(
        &server,
        "/sign-in",
        &format!("person={id}&then=//evil.example"),
    )
    .await;
    assert_eq!(location(&elsewhere), "/signed-in?then=/");
}

#[tokio::test]
async fn the_screens_open_for_who_is_signed_in_and_are_kept_nowhere() {
    let server = Server::with_demo_people().await;
    let browser = server.enter(0).await;
    declared(&browser, "Checkout errors").await;
    let number = server.log.live().values().next().unwrap().number.unwrap();
    for (path, status) in [
        ("/".to_owned(), StatusCode::OK),
        ("/declare".to_owned(), StatusCode::OK),
        (format!("/incidents/{number}"), StatusCode::OK),
        (format!("/incidents/{number}/update"), StatusCode::OK),
        (format!("/incidents/{number}/brief"), StatusCode::OK),
        (format!("/incidents/{number}/brief/edit"), StatusCode::OK),
        ("/incidents/INC-1999-0001".to_owned(), StatusCode::NOT_FOUND),
        ("/incidents/whatever".to_owned(), StatusCode::NOT_FOUND),
        ("/nowhere".to_owned(), StatusCode::NOT_FOUND),
    ] {
        let response = browser.get(&path).send().await.unwrap();
        assert_eq!(response.status(), status, "{path}");
        let headers = response.headers();
        assert!(
            headers["cache-control"]
                .to_str()
                .unwrap()
                .contains("no-store"),
            "{path}"
        );
        assert!(
            headers["content-security-policy"]
                .to_str()
                .unwrap()
                .contains("script-src 'self' 'wasm-unsafe-eval'")
        );
        assert!(
            headers["content-type"]
                .to_str()
                .unwrap()
                .starts_with("text/html"),
            "{path}"
        );
        assert!(headers.contains_key("x-request-id"), "{path}");
        let permissions = headers["permissions-policy"].to_str().unwrap();
        assert!(permissions.contains("camera=()"), "{permissions}");
    }
}

#[tokio::test]
async fn an_incident_is_found_by_its_number_however_it_is_written() {
    let server = Server::with_demo_people().await;
    let browser = server.enter(0).await;
    declared(&browser, "Checkout errors").await;
    let number = server.log.live().values().next().unwrap().number.unwrap();
    let number = number.to_string();
    let room = format!("/incidents/{number}");
    for (written, meant) in [
        (format!("{room}/"), room.clone()),
        (format!("//incidents//{number}"), room.clone()),
        (room.to_lowercase(), room.clone()),
        (
            format!("/incidents/{}", number.replace('-', "%2D")),
            room.clone(),
        ),
        (
            format!("/incidents/{}/brief?version=1", number.to_lowercase()),
            format!("{room}/brief?version=1"),
        ),
    ] {
        let response = browser.get(&written).send().await.unwrap();
        let led_on = (response.status(), location(&response));
        assert_eq!(
            led_on,
            (StatusCode::PERMANENT_REDIRECT, &*meant),
            "{written}"
        );
    }
}

#[tokio::test]
async fn signing_out_ends_this_session_and_everywhere_ends_all() {
    let server = Server::with_demo_people().await;
    let (first, second, other) = (
        server.enter(0).await,
        server.enter(0).await,
        server.enter(1).await,
    );
    let inside = async |cookie: &str| {
        server
            .get("/")
            .header("cookie", cookie)
            .send()
            .await
            .unwrap()
            .status()
            == StatusCode::OK
    };
    let response = first.post("/sign-out").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert!(
        response.headers()["set-cookie"]
            .to_str()
            .unwrap()
            .contains("Max-Age=0")
    );
    assert!(!inside(&first.cookie).await && inside(&second.cookie).await);

    let third = server.enter(0).await;
    third.post("/sign-out-everywhere").send().await.unwrap();
    assert!(!inside(&second.cookie).await && !inside(&third.cookie).await);
    assert!(inside(&other.cookie).await, "other people stay in");
    assert!(!inside("drumbeat=made-up").await);
}

#[tokio::test]
async fn the_setup_link_makes_one_administrator_and_works_once() {
    let server = Server::with_passwords().await;
    let path = server.setup_path.clone();
    assert_eq!(server.page("/setup/guess").await.0, StatusCode::NOT_FOUND);
    assert_eq!(server.page(&path).await.0, StatusCode::OK);

    let short = send(
        &server,
        &path,
        "name=Ana&email=ana%40acme.example&password=short",
    )
    .await;
    assert_eq!(short.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(server.store.people().await.unwrap().is_empty());

    let form = "name=Ana+Ruiz&email=Ana%40Acme.example&password=correct+horse+battery";
    let (one, two) = tokio::join!(send(&server, &path, form), send(&server, &path, form));
    let mut statuses = [one.status(), two.status()];
    statuses.sort_unstable();
    assert_eq!(
        statuses,
        [StatusCode::SEE_OTHER, StatusCode::NOT_FOUND],
        "only one of two at once"
    );
    let made = if one.status() == StatusCode::SEE_OTHER {
        one
    } else {
        two
    };
    let board = server
        .get("/")
        .header("cookie", cookie_of(&made).unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(board.status(), StatusCode::OK);
    assert_eq!(server.page(&path).await.0, StatusCode::NOT_FOUND);
    let people = server.store.people().await.unwrap();
    assert!(people.len() == 1 && people[0].administrator && people[0].name == "Ana Ruiz");

    let entered = send(
        &server,
        "/sign-in",
        "email=ana%40acme.example&password=correct+horse+battery",
    )
    .await;
    assert_eq!(entered.status(), StatusCode::SEE_OTHER);
    let wrong = send(
        &server,
        "/sign-in",
        "email=ana%40acme.example&password=correct+horse+batterx",
    )
    .await;
    assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED);
    assert!(cookie_of(&wrong).is_none());
    assert!(
        wrong
            .text()
            .await
            .unwrap()
            .contains("do not belong together")
    );
}

#[tokio::test]
async fn nobody_enters_as_a_demo_person_without_the_demo_nor_by_a_broken_form() {
    let server = Server::with_passwords().await;
    let id = server::demo::people()[0].person.id;
    for form in [
        format!("person={id}"),
        "person=ana".to_owned(),
        String::new(),
        "email=a".to_owned(),
    ] {
        let response = send(&server, "/sign-in", &form).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{form}");
        assert!(cookie_of(&response).is_none());
    }
    let huge = send(
        &server,
        "/sign-in",
        &format!("email={}&password=x", "a".repeat(100_000)),
    )
    .await;
    assert_eq!(huge.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn other_sites_cannot_act_through_a_browser() {
    let server = Server::with_demo_people().await;
    let browser = server.enter(0).await;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        for path in [
            "/sign-out",
            "/sign-out-everywhere",
            "/sign-out/pending",
            "/sign-in",
            "/sync/push",
            "/setup/x",
        ] {
            let response = browser.post(path).header(name, value).send().await.unwrap();
            assert_eq!(
                response.status(),
                StatusCode::FORBIDDEN,
                "{path} {name}: {value}"
            );
        }
    }
    assert_eq!(
        browser.get("/").send().await.unwrap().status(),
        StatusCode::OK,
        "still signed in"
    );
    let own = browser
        .post("/sign-out")
        .header("origin", &server.url)
        .send()
        .await
        .unwrap();
    assert_eq!(own.status(), StatusCode::SEE_OTHER);
    for path in ["/sign-out", "/sign-out-everywhere"] {
        let response = browser.get(path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
}

/// A name that a client chose could be that of somebody else's request, or a line of its own in the log.
#[tokio::test]
async fn the_request_id_is_never_the_clients() {
    let server = Server::with_demo_people().await;
    for path in ["/healthz", "/sign-in", "/nowhere"] {
        let asked = server.get(path).header("x-request-id", "forged");
        let response = asked.send().await.unwrap();
        let ids: Vec<_> = response.headers().get_all("x-request-id").iter().collect();
        let id = ids[0].to_str().unwrap();
        assert_eq!(ids.len(), 1, "{path}");
        assert!(
            id.len() == 16 && u64::from_str_radix(id, 16).is_ok(),
            "{id}"
        );
    }
}
