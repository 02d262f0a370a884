//! Which customer: an account, or an entry on one incident for a customer that has no account.

use crate::{AccountId, EntryId};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::hash::{Hash, Hasher};
use uuid::Uuid;

/// Which customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomerId {
    /// A customer account.
    Account(AccountId),
    /// A customer of one incident that has no account, or had none when they were put on it. The id
    /// is made by whoever puts them on it.
    Entry(EntryId),
}

impl Default for CustomerId {
    fn default() -> Self {
        Self::Entry(EntryId::default())
    }
}

impl CustomerId {
    /// Whether it says which customer. What an older build wrote had a name only.
    #[must_use]
    pub fn is_set(&self) -> bool {
        *self != Self::default()
    }

    /// For serde: the other way round.
    #[must_use]
    pub fn is_unset(&self) -> bool {
        !self.is_set()
    }

    /// The account.
    #[must_use]
    pub fn account(self) -> Option<AccountId> {
        match self {
            Self::Account(id) => Some(id),
            Self::Entry(_) => None,
        }
    }

    /// The whole of it as plain digits.
    #[must_use]
    pub fn uuid(self) -> Uuid {
        match self {
            Self::Account(id) => id.0,
            Self::Entry(id) => id.0,
        }
    }
}

/// A customer as commands and events name them: the id counts, the name is for showing and is put
/// right at the server's door.
///
/// Older builds named customers by their name alone, as a text. That reads as a reference without
/// an id, and is written as a text again: an old event must keep its hash.
#[derive(Clone, Debug, Default)]
pub struct CustomerRef {
    /// Which; not set where an older build wrote the name alone.
    pub id: CustomerId,
    /// Their name at that time.
    pub name: String,
}

impl CustomerRef {
    /// This customer.
    #[must_use]
    pub fn new(id: CustomerId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
        }
    }

    /// As an older build wrote it.
    #[must_use]
    pub fn by_name(name: impl Into<String>) -> Self {
        Self::new(CustomerId::default(), name)
    }
}

/// Two of the same id are the same customer, under whatever name.
impl PartialEq for CustomerRef {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && (self.id.is_set() || self.name == other.name)
    }
}

impl Eq for CustomerRef {}

impl Hash for CustomerRef {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
        if self.id.is_unset() {
            self.name.hash(state);
        }
    }
}

impl fmt::Display for CustomerRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Serialize for CustomerRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.id.is_unset() {
            return serializer.serialize_str(&self.name);
        }
        let mut whole = serializer.serialize_struct("CustomerRef", 2)?;
        whole.serialize_field("id", &self.id)?;
        whole.serialize_field("name", &self.name)?;
        whole.end()
    }
}

#[derive(Deserialize)]
struct Whole {
    id: CustomerId,
    name: String,
}

impl<'de> Deserialize<'de> for CustomerRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NameOrWhole)
    }
}

/// Not by way of a value: what is not known of it must be seen by whoever looks for that.
struct NameOrWhole;

impl<'de> Visitor<'de> for NameOrWhole {
    type Value = CustomerRef;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a customer")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<CustomerRef, E> {
        Ok(CustomerRef::by_name(name))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<CustomerRef, A::Error> {
        let Whole { id, name } = Whole::deserialize(MapAccessDeserializer::new(map))?;
        Ok(CustomerRef { id, name })
    }
}
