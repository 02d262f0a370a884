//! What every store must do with customer accounts.

use super::time;
use crate::store::{Deed, KeptAccount, PutAccount, Store};
use domain::account::{Account, Field, Typed};
use domain::{AccountId, Person, PersonId};
use uuid::Uuid;

fn account(n: u128, name: &str, owner: &str) -> Account {
    let typed = [
        (Field::Name, name),
        (Field::Tier, "Enterprise"),
        (Field::Currency, "EUR"),
        (Field::AnnualRevenue, "1200000.05"),
        (Field::MonthlyFee, "100000"),
        (Field::Owner, owner),
        (Field::Sla, "99.9: 10 | 99: 25"),
        (Field::Contacts, "Jo \"O'Neil\"; CFO; jo@example.org"),
    ];
    let typed = Typed(typed.map(|(f, t)| (f, t.to_owned())).into());
    Account::read(AccountId(Uuid::from_u128(n)), &typed, None).unwrap()
}

fn put(account: &Account, replaces: u64) -> PutAccount {
    PutAccount {
        account: account.clone(),
        replaces,
    }
}

fn by(person: &Person, at: u64) -> Deed {
    Deed::new(person.to_ref(), time(at), "192.0.2.9")
}

fn names(kept: Vec<KeptAccount>) -> Vec<String> {
    kept.into_iter().map(|k| k.account.name).collect()
}

/// The whole of it; the store has no account before.
pub(super) async fn are_kept(store: &dyn Store) {
    let bo = Person {
        id: PersonId(Uuid::from_u128(1)),
        name: "Bo".to_owned(),
        title: "Support".to_owned(),
        administrator: true,
    };
    assert!(store.accounts("", 10, None).await.unwrap().is_empty());
    assert!(store.put_accounts(&[], &by(&bo, 1)).await.unwrap());
    let orchard = account(1, "Orchard Bank", "Ines");
    let halden = account(2, "Halden Foods", "Ines");
    let blank = account(3, "Étoile 100%_' ]", "Ana");
    let all = [put(&orchard, 0), put(&halden, 0), put(&blank, 0)];
    assert!(store.put_accounts(&all, &by(&bo, 1)).await.unwrap());

    they_are_found(store, &orchard).await;

    // Changed, renamed, and put beside a new one, all at once.
    let mut renamed = orchard.clone();
    renamed.name = "Orchard Banking".to_owned();
    let newer = account(4, "Abel", "Ana");
    let both = [put(&renamed, 1), put(&newer, 0)];
    assert!(store.put_accounts(&both, &by(&bo, 2)).await.unwrap());
    let kept = store.account_by_id(orchard.id).await.unwrap().unwrap();
    assert_eq!((kept.version, kept.changed_at), (2, time(2)));
    assert_eq!(
        (kept.account, kept.changed_by.as_str()),
        (renamed.clone(), "Bo")
    );
    assert!(
        store
            .account_by_name("Orchard Bank")
            .await
            .unwrap()
            .is_none()
    );

    what_does_not_fit_leaves_nothing(store, &renamed, &halden, &bo).await;
}

async fn they_are_found(store: &dyn Store, orchard: &Account) {
    let list = async |query: &str, limit: u32, after: Option<&str>| {
        names(store.accounts(query, limit, after).await.unwrap())
    };
    assert_eq!(
        list("", 10, None).await,
        ["Halden Foods", "Orchard Bank", "Étoile 100%_' ]"]
    );
    assert_eq!(list("", 1, Some("HALDEN Foods")).await, ["Orchard Bank"]);
    assert!(list("", 10, Some("Étoile 100%_' ]")).await.is_empty());
    assert_eq!(
        list("iNES", 10, None).await,
        ["Halden Foods", "Orchard Bank"]
    );
    assert_eq!(
        list("ines", 10, Some("Halden Foods")).await,
        ["Orchard Bank"]
    );
    assert_eq!(
        list("0%_' ]", 10, None).await,
        ["Étoile 100%_' ]"],
        "nothing in it is a pattern"
    );
    assert!(list("%", 10, Some("étoile 100%_' ]")).await.is_empty());

    let find =
        async |part: &str, limit: u32| names(store.find_accounts(part, limit).await.unwrap());
    assert_eq!(
        find("O", 10).await,
        ["Orchard Bank", "Étoile 100%_' ]", "Halden Foods"]
    );
    assert_eq!(find("é", 10).await, ["Étoile 100%_' ]"]);
    assert_eq!(find("", 2).await, ["Halden Foods", "Orchard Bank"]);
    assert!(find("Ines", 10).await.is_empty(), "names only");

    let kept = store
        .account_by_name(" ORCHARD  bank")
        .await
        .unwrap()
        .unwrap();
    assert_eq!((&kept.account, kept.version), (orchard, 1));
    assert_eq!(store.account_by_id(orchard.id).await.unwrap(), Some(kept));
    assert!(
        store
            .account_by_id(AccountId(Uuid::from_u128(99)))
            .await
            .unwrap()
            .is_none()
    );
    let mut all = store.all_account_names().await.unwrap();
    all.sort_by(|(_, one), (_, other)| one.cmp(other));
    let all: Vec<&str> = all.iter().map(|(_, name)| &**name).collect();
    assert_eq!(all, ["Halden Foods", "Orchard Bank", "Étoile 100%_' ]"]);
    let named = ["Nobody", "étoile 100%_' ]", "Orchard Bank", "orchard bank"];
    let named = names(store.accounts_named(&named).await.unwrap());
    assert_eq!(named, ["Orchard Bank", "Étoile 100%_' ]"]);
}

/// A version that has moved on, a name that is another's, an id that is taken: each takes the
/// good one beside it down with it.
async fn what_does_not_fit_leaves_nothing(
    store: &dyn Store,
    renamed: &Account,
    halden: &Account,
    bo: &Person,
) {
    let before = store.accounts("", 10, None).await.unwrap();
    let good = put(&account(9, "Good", "Ana"), 0);
    let mut taken = halden.clone();
    taken.name = "ORCHARD banking".to_owned();
    for wrong in [
        put(renamed, 1),
        put(renamed, 3),
        put(renamed, 0),
        put(&taken, 1),
        put(&account(8, "abel", "Ana"), 0),
    ] {
        for puts in [[good.clone(), wrong.clone()], [wrong.clone(), good.clone()]] {
            assert!(
                !store.put_accounts(&puts, &by(bo, 3)).await.unwrap(),
                "{wrong:?}"
            );
            assert_eq!(store.accounts("", 10, None).await.unwrap(), before);
        }
    }
    assert!(
        !store
            .put_accounts(&[good.clone(), good.clone()], &by(bo, 3))
            .await
            .unwrap()
    );
    assert_eq!(store.accounts("", 10, None).await.unwrap(), before);
    assert!(
        store.put_accounts(&[good], &by(bo, 3)).await.unwrap(),
        "it works on"
    );
}
