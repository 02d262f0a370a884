//! A byte of the database was changed while the server was down: what customers, the team and whoever runs it see.

use crate::commands::{declared, entry, first_update};
use crate::site::{Server, envelope};
use app::api::Outcome;
use reqwest::StatusCode;

const CANNOT: &str = "cannot be shown at the moment";

#[tokio::test]
async fn damaged_incident_is_told_as_such_and_the_rest_is_served() {
    for damage in [
        "body = substr(body, 3)",
        "body = replace(body, 'Entry', 'Other')",
        "person_name = CAST(x'416eff' AS TEXT)",
    ] {
        let server = Server::with_demo_people().await;
        let (bad, other, bad_path) = {
            let ana = server.enter(0).await;
            let now = server.clock.now();
            let bad = declared(&ana, "Damaged").await;
            ana.does(bad, first_update("Some checkouts fail.", now))
                .await;
            ana.does(bad, entry("Entry of the damaged one")).await;
            let bad_path = path_of(&server, bad);
            let other = declared(&ana, "Whole").await;
            ana.does(other, first_update("Some mails are late.", now))
                .await;
            (bad, other, bad_path)
        };
        let change = format!(
            "DROP TRIGGER events_are_never_changed;
             UPDATE events SET {damage} WHERE kind = 'entry_logged.1'"
        );
        let server = server.restarted_after(&change).await;

        assert_eq!(server.page("/readyz").await.0, StatusCode::OK, "{damage}");
        let (status, page) = server.page("/status").await;
        assert_eq!(status, StatusCode::OK, "{damage}");
        assert!(
            page.contains(CANNOT) && !page.contains("Some checkouts fail."),
            "{page}"
        );
        assert!(page.contains("Some mails are late.") && !page.contains("Everything works."));
        let (status, page) = server.page(&bad_path).await;
        assert_eq!(status, StatusCode::OK, "{damage}");
        assert!(
            page.contains(CANNOT) && !page.contains("Some checkouts fail."),
            "{page}"
        );
        let (status, page) = server.page(&path_of(&server, other)).await;
        assert!(status == StatusCode::OK && page.contains("Some mails are late."));

        let ana = server.enter(0).await;
        let now = server.clock.now();
        let both = [bad, other].map(|to| envelope(to, now, entry("Goes on")));
        let answers = ana.push(&both).await.answers;
        assert!(
            matches!(answers[0].outcome, Outcome::Refused { .. }),
            "{damage}"
        );
        assert_eq!(answers[1].outcome, Outcome::Accepted, "{damage}");
        let board = ana.get("/").send().await.unwrap().text().await.unwrap();
        assert!(board.contains("-0001 cannot be read in full"), "{board}");
        let faults = server.store.verify().await.unwrap().faults;
        assert!(
            faults.iter().any(|f| f.contains(&bad.to_string())),
            "{faults:?}"
        );
    }
}

fn path_of(server: &Server, incident: domain::IncidentId) -> String {
    let live = server.log.live();
    format!(
        "/status/incidents/{}",
        live[&incident].public_id.as_ref().unwrap()
    )
}
