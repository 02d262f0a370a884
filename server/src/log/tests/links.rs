//! Secret links, in memory and on disk.

use super::Place;
use super::asks::person;
use crate::store::{Deed, SecretLink, Store};
use app::api::LinkKind;
use sha2::{Digest, Sha256};

const TOKEN: &str = "a-token-of-a-link";

/// The list shows a link as soon as it is on disk, which is before whoever made it is answered.
#[tokio::test]
async fn a_link_that_is_revoked_while_it_is_added_opens_nothing() {
    let place = Place::new().await;
    let link = SecretLink {
        id: 0,
        token_hash: Sha256::digest(TOKEN).into(),
        kind: LinkKind::Status,
        target: "Orchard Bank".to_owned(),
        label: String::new(),
        made_by: person(1),
        made_at: place.log.now(),
        revoked_at: None,
    };
    let held = place.store.hold_links().await;
    let log = place.log.clone();
    let adding = tokio::spawn(async move { log.links().add(&link, "").await });
    place.store.is_link_held().await;
    let id = place.store.open_links().await.unwrap()[0].id;

    let (log, deed) = (place.log.clone(), Deed::new(person(1), place.log.now(), ""));
    let revoking = tokio::spawn(async move { log.links().revoke(id, &deed).await });
    // It is in its turn for the writer, if nothing keeps it from there; whoever comes after it has waited for it.
    tokio::task::yield_now().await;
    place.store.ready().await.unwrap();
    drop(held);
    adding.await.unwrap().unwrap();
    assert!(revoking.await.unwrap().unwrap());

    assert!(place.store.open_links().await.unwrap().is_empty());
    assert_eq!(place.log.links().find(LinkKind::Status, TOKEN), None);
}
