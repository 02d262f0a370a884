//! Names of things. Each is a type of its own, so that one cannot stand in for another.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
        )]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                s.parse().map($name)
            }
        }
    };
}

uuid_id!(
    /// One incident, from its report on. A UUIDv7 made by whoever opened it.
    IncidentId
);
uuid_id!(
    /// One command. A UUIDv7 made by its author: sent twice, it acts once (S1).
    CommandId
);
uuid_id!(
    /// One person.
    PersonId
);
uuid_id!(
    /// One customer account.
    AccountId
);

impl IncidentId {
    /// Not an incident: where changes of the policy stand in the log.
    pub const SETTINGS: Self = Self(Uuid::from_u128(0x5e77_1265));
}

/// A line of the timeline is named by the command that wrote it, so that it can be
/// amended before the server has seen it.
pub type EntryId = CommandId;

/// A customer update is named by the command that published it.
pub type UpdateId = CommandId;

/// The number people say aloud: `INC-2026-0042`. Given by the server, in order, per year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IncidentNumber {
    /// Year of declaration, UTC.
    pub year: i32,
    /// Counts from 1 in each year.
    pub serial: u32,
}

impl fmt::Display for IncidentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "INC-{:04}-{:04}", self.year, self.serial)
    }
}

/// A text that is no incident number.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("an incident number looks like INC-2026-0042")]
pub struct NotANumber;

impl FromStr for IncidentNumber {
    type Err = NotANumber;

    fn from_str(s: &str) -> Result<Self, NotANumber> {
        let mut parts = s.split('-');
        let (Some("INC"), Some(year), Some(serial), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(NotANumber);
        };
        let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
        if year.len() != 4 || serial.len() < 4 || !digits(year) || !digits(serial) {
            return Err(NotANumber);
        }
        Ok(Self {
            year: year.parse().map_err(|_| NotANumber)?,
            serial: serial.parse().map_err(|_| NotANumber)?,
        })
    }
}

impl Serialize for IncidentNumber {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for IncidentNumber {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The name under which customers know an incident. Random, so that it tells nothing of
/// when or how many: the number and the id stay inside.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PublicId(pub String);

impl PublicId {
    /// What one is made of: digits and small letters without those that look like others.
    pub const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    /// How many there are in one.
    pub const LENGTH: usize = 10;

    /// Whether a text has the form of one.
    #[must_use]
    pub fn is_one(text: &str) -> bool {
        text.len() == Self::LENGTH && text.bytes().all(|b| Self::LETTERS.contains(&b))
    }
}

impl fmt::Display for PublicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_reads_back_as_it_was_written() {
        let number = IncidentNumber {
            year: 2026,
            serial: 42,
        };
        assert_eq!(number.to_string(), "INC-2026-0042");
        assert_eq!("INC-2026-0042".parse(), Ok(number));
        assert_eq!(
            "INC-2026-12345".parse(),
            Ok(IncidentNumber {
                year: 2026,
                serial: 12345
            })
        );
        for bad in [
            "",
            "INC-2026",
            "INC-2026-42",
            "inc-2026-0042",
            "INC-2026-0042-1",
            "INC-+026-0042",
        ] {
            assert_eq!(bad.parse::<IncidentNumber>(), Err(NotANumber), "{bad}");
        }
    }
}
