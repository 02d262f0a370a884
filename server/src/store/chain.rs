//! The hash chain of an incident (L1): each event carries the hash of the one before it, so a
//! byte changed anywhere breaks the chain from there on.

use sha2::{Digest, Sha256};

/// SHA-256.
pub type Hash = [u8; 32];

/// What the first event of an incident follows.
pub(super) const GENESIS: Hash = [0; 32];

/// Names what is hashed and how; a changed encoding gets the next number.
const ENCODING: &[u8] = b"drumbeat/event/1";

/// One event exactly as stored: the bytes, not what they mean.
pub(super) struct Link<'a> {
    /// Place in the whole log.
    pub(super) seq: u64,
    /// Which incident.
    pub(super) incident: &'a [u8],
    /// Place in the incident's log.
    pub(super) version: u64,
    /// When it was written down, milliseconds since 1970 UTC.
    pub(super) at_ms: i64,
    /// When its author pressed the button.
    pub(super) made_at_ms: i64,
    /// Whose it is.
    pub(super) person: &'a [u8],
    /// Their name then.
    pub(super) person_name: &'a [u8],
    /// The command it comes from.
    pub(super) command: &'a [u8],
    /// The kind, as in the body.
    pub(super) kind: &'a [u8],
    /// The event as JSON, byte for byte.
    pub(super) body: &'a [u8],
}

impl Link<'_> {
    /// The hash of this event after the one whose hash is `before`. Every part is preceded by
    /// its length: no two different events give the same bytes.
    pub(super) fn hash(&self, before: &Hash) -> Hash {
        let mut sha = Sha256::new();
        let parts: [&[u8]; 12] = [
            ENCODING,
            before,
            &self.seq.to_le_bytes(),
            self.incident,
            &self.version.to_le_bytes(),
            &self.at_ms.to_le_bytes(),
            &self.made_at_ms.to_le_bytes(),
            self.person,
            self.person_name,
            self.command,
            self.kind,
            self.body,
        ];
        for part in parts {
            sha.update((part.len() as u64).to_le_bytes());
            sha.update(part);
        }
        sha.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link<'a>(name: &'a [u8], body: &'a [u8]) -> Link<'a> {
        Link {
            seq: 1,
            incident: &[1; 16],
            version: 1,
            at_ms: 5,
            made_at_ms: 4,
            person: &[2; 16],
            person_name: name,
            command: &[3; 16],
            kind: b"reported.1",
            body,
        }
    }

    #[test]
    fn the_encoding_never_changes() {
        // Every log ever written hangs on this value.
        assert_eq!(
            hex::encode(link(b"Ana", b"{}").hash(&GENESIS)),
            "4e0d20975efa985025832c803b0dd4f2cf826d017f85393f26a7ab12e8600189"
        );
    }

    #[test]
    fn what_moves_from_one_part_to_the_next_changes_the_hash() {
        assert_ne!(
            link(b"Ana", b"x{}").hash(&GENESIS),
            link(b"Anax", b"{}").hash(&GENESIS)
        );
        assert_ne!(
            link(b"Ana", b"{}").hash(&GENESIS),
            link(b"Ana", b"{}").hash(&[1; 32])
        );
    }
}
