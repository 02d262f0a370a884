//! Whose session is whose, in memory: each request asks, and the database would be asked each time.
//!
//! Architecture invariant (D2): a session that has ended on disk opens nothing. All that ends sessions
//! goes through the [`Directory`](super::Directory), which has this forget everything before it answers.

use domain::{Person, Time};
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// More than a server of one company has at a time; what is beyond is asked of the database again.
const KEPT_MAX: usize = 20_000;

type TokenHash = [u8; 32];

/// Sessions that the database knew, as of now.
#[derive(Default)]
pub(super) struct Sessions(RwLock<Known>);

#[derive(Default)]
struct Known {
    /// How many times all was forgotten.
    forgotten: u64,
    /// Whose, and when it ends.
    by_token: HashMap<TokenHash, (Person, Time)>,
}

/// Before the database was asked: what it says is kept only if nothing was forgotten since.
pub(super) struct Before(u64);

impl Sessions {
    /// Whose session this is and when it ends, if it is known and has not ended by `now`.
    pub(super) fn find(&self, token: &TokenHash, now: Time) -> Result<(Person, Time), Before> {
        let known = self.read();
        match known.by_token.get(token) {
            Some((person, expires_at)) if *expires_at > now => Ok((person.clone(), *expires_at)),
            _ => Err(Before(known.forgotten)),
        }
    }

    /// Keeps what the database said.
    pub(super) fn keep(&self, before: &Before, token: TokenHash, person: Person, expires_at: Time) {
        let mut known = self.write();
        if known.forgotten != before.0 {
            return;
        }
        if known.by_token.len() >= KEPT_MAX {
            known.by_token.clear();
        }
        known.by_token.insert(token, (person, expires_at));
    }

    /// Forgets all when this is dropped: people or sessions may have changed on disk by then.
    pub(super) fn forgotten_then(&self) -> ForgottenThen<'_> {
        ForgottenThen(self, None)
    }

    /// Forgets this session when it is dropped.
    pub(super) fn one_forgotten_then(&self, token: TokenHash) -> ForgottenThen<'_> {
        ForgottenThen(self, Some(token))
    }

    fn forget(&self) {
        let mut known = self.write();
        known.forgotten += 1;
        known.by_token.clear();
    }

    /// What was read before of other sessions is not kept either: it is asked for again.
    fn forget_one(&self, token: &TokenHash) {
        let mut known = self.write();
        known.forgotten += 1;
        known.by_token.remove(token);
    }

    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Known> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// See [`Sessions::forgotten_then`].
#[must_use]
pub(super) struct ForgottenThen<'a>(&'a Sessions, Option<TokenHash>);

impl Drop for ForgottenThen<'_> {
    fn drop(&mut self) {
        match &self.1 {
            None => self.0.forget(),
            Some(token) => self.0.forget_one(token),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone as _, Utc};
    use domain::PersonId;
    use uuid::Uuid;

    fn ana() -> Person {
        Person {
            id: PersonId(Uuid::from_u128(1)),
            name: "Ana Ruiz".to_owned(),
            title: "Support lead".to_owned(),
            administrator: false,
        }
    }

    fn at(second: i64) -> Time {
        Utc.timestamp_opt(1_800_000_000 + second, 0).unwrap()
    }

    fn before(sessions: &Sessions, token: u8) -> Before {
        sessions.find(&[token; 32], at(0)).unwrap_err()
    }

    #[test]
    fn a_session_is_known_until_it_ends() {
        let sessions = Sessions::default();
        let asked = before(&sessions, 1);
        sessions.keep(&asked, [1; 32], ana(), at(60));
        assert_eq!(sessions.find(&[1; 32], at(59)).ok(), Some((ana(), at(60))));
        assert_eq!(sessions.find(&[1; 32], at(60)).ok(), None);
        assert_eq!(sessions.find(&[2; 32], at(0)).ok(), None);
        sessions.forget();
        assert_eq!(sessions.find(&[1; 32], at(0)).ok(), None);
    }

    #[test]
    fn a_session_that_ends_takes_no_other_from_memory() {
        let sessions = Sessions::default();
        for token in [1, 2] {
            let asked = before(&sessions, token);
            sessions.keep(&asked, [token; 32], ana(), at(60));
        }
        let reads_meanwhile = before(&sessions, 3);
        drop(sessions.one_forgotten_then([1; 32]));
        sessions.keep(&reads_meanwhile, [1; 32], ana(), at(60));
        assert!(sessions.find(&[1; 32], at(0)).is_err());
        assert!(sessions.find(&[2; 32], at(0)).is_ok());
    }

    #[test]
    fn what_was_read_before_a_session_ended_is_not_kept_after() {
        let sessions = Sessions::default();
        let asked = before(&sessions, 1);
        sessions.forget();
        sessions.keep(&asked, [1; 32], ana(), at(60));
        assert_eq!(sessions.find(&[1; 32], at(0)).ok(), None);
    }

    #[test]
    fn there_is_a_most_that_is_kept() {
        let sessions = Sessions::default();
        let asked = before(&sessions, 1);
        for n in 0..=KEPT_MAX {
            let mut token = [0; 32];
            token[..8].copy_from_slice(&n.to_le_bytes());
            sessions.keep(&asked, token, ana(), at(60));
            assert!(sessions.read().by_token.len() <= KEPT_MAX);
        }
        assert_eq!(sessions.read().by_token.len(), 1);
    }
}
