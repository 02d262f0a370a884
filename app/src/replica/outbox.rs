//! Commands on the device: those that wait, in the order in which they were made, and those that came back. Each with
//! whose it is: the next person to sign in on this device does not send it.
//!
//! The order is that of a counter of the device, which goes up in the transaction that keeps the command: it does not
//! step back as a clock does, and two tabs do not count alike.

use super::core::Returned;
use super::storage::{Change, Storage, Table};
use domain::json::{from_str, to_string};
use domain::{Command, CommandId, Envelope, PersonId, Refusal, order};
use serde::{Deserialize, Serialize};

/// The row of the counter: how many commands this device was given to keep. No command has such an id, and builds that
/// do not know it pass over it.
const COUNT: &str = "count";

/// Whose a command is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// The person.
    pub person: PersonId,
    /// In which of their sessions it was made.
    pub session: String,
}

/// What a person left on the device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Waits to be sent, in order.
    pub waiting: Vec<Envelope>,
    /// The same, of an earlier session: its author is asked first.
    pub unconfirmed: Vec<Envelope>,
    /// Came back.
    pub returned: Vec<Returned>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    person: PersonId,
    /// In which session it was made, or confirmed. Empty where an older build kept it.
    #[serde(default)]
    session: String,
    envelope: Envelope,
    refusal: Option<Refusal>,
    /// What the counter said; 0 of an older build, which went by the time.
    #[serde(default)]
    place: u64,
}

/// Keeps a command after all that were kept before. Whether it is kept.
///
/// One that was kept before gets the new place: that is how one of an earlier session is confirmed.
pub async fn keep<S: Storage>(storage: &S, author: Author, envelope: Envelope) -> bool {
    let add = |count: Option<String>| {
        let count = count.and_then(|json| from_str(&json).ok());
        let place = count.unwrap_or(0_u64).saturating_add(1);
        let kept = Kept {
            person: author.person,
            session: author.session,
            envelope,
            refusal: None,
            place,
        };
        let key = kept.envelope.id.to_string();
        vec![
            Change::put(COUNT, to_string(&place)),
            Change::put(key, to_string(&kept)),
        ]
    };
    storage.update(Table::Outbox, COUNT, add).await
}

/// Keeps what came back until its author has dealt with it.
pub async fn keep_returned<S: Storage>(storage: &S, author: Author, returned: Returned) -> bool {
    let key = returned.envelope.id.to_string();
    let change = |before: Option<String>| {
        let before = before.and_then(|json| from_str::<Kept>(&json).ok());
        let kept = Kept {
            person: author.person,
            session: author.session,
            place: before.map_or(0, |before| before.place),
            envelope: returned.envelope,
            refusal: Some(returned.refusal),
        };
        let key = kept.envelope.id.to_string();
        vec![Change::put(key, to_string(&kept))]
    };
    storage.update(Table::Outbox, &key, change).await
}

/// Lets go of a command that is on the server's disk, or that its author has dealt with.
pub async fn settle<S: Storage>(storage: &S, id: CommandId) -> bool {
    let key = id.to_string();
    let delete = |_| vec![Change::delete(id.to_string())];
    storage.update(Table::Outbox, &key, delete).await
}

/// What this person left on the device. A sign that they were writing is none of it once its session has ended.
pub async fn load<S: Storage>(storage: &S, author: &Author) -> Left {
    let rows = storage.all(Table::Outbox).await;
    // What a newer build kept may not read here: it stays where it is until that build is back.
    let kept = rows
        .iter()
        .filter_map(|(_, json)| from_str::<Kept>(json).ok());
    let mut kept: Vec<Kept> = kept.filter(|k| k.person == author.person).collect();
    order::by(&mut kept, |k| {
        let place = i64::try_from(k.place).unwrap_or(i64::MAX);
        let made_at = k.envelope.made_at.timestamp_millis();
        [place, if place == 0 { made_at } else { 0 }, 0]
    });
    let mut left = Left::default();
    for k in kept {
        let is_sign = matches!(k.envelope.command, Command::OpenDraft { .. });
        match k.refusal {
            None if k.session == author.session => left.waiting.push(k.envelope),
            None if is_sign => {
                settle(storage, k.envelope.id).await;
            }
            None => left.unconfirmed.push(k.envelope),
            Some(refusal) => left.returned.push(Returned {
                envelope: k.envelope,
                refusal,
            }),
        }
    }
    left
}
