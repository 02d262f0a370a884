//! The mark of a session: the cookie that pages of ours can read, beside the one with the token that
//! they cannot. It says whose session is open in this browser, and which. A page that signs out while
//! the server is out of reach writes there that the session has ended, and from then on the token
//! opens nothing either (D4).
//!
//! `assets/rights.js` and `app/src/replica/rights.rs` read it too.

use crate::http::cookies;
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::PersonId;
use sha2::{Digest, Sha256};

const ENDED: &str = "ended";
const ENDED_EVERYWHERE: &str = "ended-everywhere";
/// Bytes that tell two sessions of one person apart.
const ID_BYTES: usize = 12;

/// What the mark of a request says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Nothing: the session began before there were marks, or what asks is no browser.
    Absent,
    /// This session is open.
    Open(String),
    /// The session was ended in this browser.
    Ended,
    /// The same, and with it all others of its owner.
    EndedEverywhere,
}

impl Mark {
    /// Of a request.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        match cookies::value(headers, cookies::MARK) {
            None | Some("") => Self::Absent,
            Some(ENDED) => Self::Ended,
            Some(ENDED_EVERYWHERE) => Self::EndedEverywhere,
            Some(session) => Self::Open(session.to_owned()),
        }
    }

    /// Whether a device says that its session has ended.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        matches!(self, Self::Ended | Self::EndedEverywhere)
    }
}

/// What the mark of an open session says. Nothing of the token can be told from it.
#[must_use]
pub fn text(person: PersonId, token_hash: &[u8; 32]) -> String {
    let mut hash = Sha256::new_with_prefix("the mark of a session");
    hash.update(token_hash);
    let id = URL_SAFE_NO_PAD.encode(&hash.finalize()[..ID_BYTES]);
    format!("{person}.{id}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderValue, header};
    use uuid::Uuid;

    fn mark(cookies: &'static str) -> Mark {
        let cookies = HeaderValue::from_static(cookies);
        Mark::of(&[(header::COOKIE, cookies)].into_iter().collect())
    }

    #[test]
    fn a_mark_is_read_from_among_other_cookies() {
        assert_eq!(Mark::of(&HeaderMap::new()), Mark::Absent);
        assert_eq!(mark("__Host-drumbeat=ended"), Mark::Absent);
        assert_eq!(mark("a=b; __Host-drumbeat-open="), Mark::Absent);
        assert_eq!(mark("a=b; __Host-drumbeat-open=ended"), Mark::Ended);
        assert_eq!(
            mark("__Host-drumbeat-open=ended-everywhere; a=b"),
            Mark::EndedEverywhere
        );
        assert_eq!(
            mark("__Host-drumbeat-open=7.x"),
            Mark::Open("7.x".to_owned())
        );
    }

    #[test]
    fn two_sessions_of_one_person_have_two_marks() {
        let person = PersonId(Uuid::from_u128(7));
        let (one, other) = (text(person, &[1; 32]), text(person, &[2; 32]));
        assert_ne!(one, other);
        assert_eq!(one, text(person, &[1; 32]));
        assert!(one.starts_with(&format!("{person}.")));
    }
}
