//! Reports: two that wait for a decision, and two that turned out to be nothing.

use super::people::{ANA, BO, DAN, INES, NOOR};
use super::scene::{Line, Scene};
use chrono::Duration;
use domain::Time;

/// The one from monitoring has 4 of its 15 minutes left, the one from a customer 12.
pub(super) fn open(first_scene: u32, now: Time) -> Vec<Line> {
    let mut alert = Scene::new(first_scene, now - Duration::minutes(11));
    alert.at(0, 0, DAN).reports(
        "Alertmanager",
        "Report exports wait 9 min in the queue, normal is 20 s (alert ExportQueueAge)",
    );
    let mut call = Scene::new(first_scene + 1, now - Duration::minutes(3));
    call.at(0, 0, INES).reports(
        "Call from Vesta Homeware",
        "Two of their 30 staff cannot sign in since this morning; the code by text never arrives",
    );
    [alert.lines(), call.lines()].concat()
}

/// Dismissed, each with its reason.
pub(super) fn dismissed(first_scene: u32, now: Time) -> Vec<Line> {
    let mut probe = Scene::new(first_scene, now - Duration::days(1) - Duration::hours(3));
    probe.at(0, 0, BO).reports(
        "Alertmanager",
        "Status page probe failed twice from one region",
    );
    probe.at(6, 0, NOOR).dismisses(
        "The probe's own network was down; five other regions saw every page in under 0.3 s",
    );
    let mut price = Scene::new(
        first_scene + 1,
        now - Duration::days(4) - Duration::hours(5),
    );
    price.at(0, 0, INES).reports(
        "Call from Kestrel Outdoor",
        "Prices in one report look too low",
    );
    price.at(13, 30, ANA).dismisses(
        "The report was filtered to one shop. The customer has removed the filter and agrees",
    );
    [probe.lines(), price.lines()].concat()
}
