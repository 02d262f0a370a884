//! What has ended goes, and nothing else.

use super::time;
use crate::store::{Account, Deed, Session, Store};
use app::api::LinkKind;
use domain::{Person, PersonId};
use uuid::Uuid;

/// Sessions, each with the time at which it ends.
const ENDS: [(u8, u64); 4] = [(201, 5), (202, 6), (203, 6), (204, 7)];

/// Sessions whose time is over go, no more at a time than asked for.
pub(super) async fn ended_sessions_go(store: &dyn Store) {
    let person = Person {
        id: PersonId(Uuid::from_u128(31)),
        name: "Swept".to_owned(),
        title: String::new(),
        administrator: false,
    };
    let account = Account {
        person: person.clone(),
        email: "swept@example.org".to_owned(),
        password_hash: None,
    };
    assert!(store.add_account(&account).await.unwrap());
    for (token, at) in ENDS {
        let session = Session {
            token_hash: [token; 32],
            person: person.id,
            expires_at: time(at),
        };
        store.add_session(&session).await.unwrap();
    }
    let long_ago = time(0);
    let mut swept = 0;
    for _ in 0..100 {
        let now = store.sweep(time(6), long_ago, 2).await.unwrap();
        assert!(now <= 2, "{now} at once");
        swept += now;
        if now == 0 {
            break;
        }
    }
    assert!(swept >= 3);
    // Whether they are there and not whether they are good: as of a moment before any of them ends.
    let mut left = Vec::new();
    for (token, _) in ENDS {
        if store
            .session(&[token; 32], long_ago)
            .await
            .unwrap()
            .is_some()
        {
            left.push(token);
        }
    }
    assert_eq!(left, [204]);
}

/// Of the links of the story, the second was revoked at 9 and is listed until it is swept. The newest
/// stays, for its number would be given again.
pub(super) async fn links_revoked_long_ago_go(store: &dyn Store) {
    let newest = store.open_links().await.unwrap().pop().unwrap();
    let deed = Deed::new(super::ana(), time(9), "");
    store.revoke_link(newest.id, &deed).await.unwrap();
    let listed = async || {
        let mut tokens = Vec::new();
        for kind in [LinkKind::Status, LinkKind::Brief] {
            for target in ["Orchard", "orchard"] {
                let links = store.links(kind, target, 10).await.unwrap();
                tokens.extend(links.iter().map(|link| link.token_hash[0]));
            }
        }
        tokens.sort_unstable();
        tokens
    };
    assert_eq!(store.sweep(time(0), time(8), 10).await.unwrap(), 0);
    assert_eq!(listed().await, [1, 2, 3, 4]);
    assert_eq!(store.sweep(time(0), time(9), 10).await.unwrap(), 1);
    assert_eq!(listed().await, [1, 3, 4]);
}
