//! People, as the record names them.

use crate::PersonId;
use serde::{Deserialize, Serialize};

/// Somebody with an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Who.
    pub id: PersonId,
    /// As shown on screens.
    pub name: String,
    /// What they do, e.g. "Support lead". Shown beside the name when a role is offered.
    pub title: String,
    /// May change policy and accounts.
    pub administrator: bool,
}

impl Person {
    /// The short form that the record keeps.
    #[must_use]
    pub fn to_ref(&self) -> PersonRef {
        PersonRef {
            id: self.id,
            name: self.name.clone(),
        }
    }
}

/// A person as the record keeps them: the id, and the name they had then, so that an old
/// log reads as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRef {
    /// Who.
    pub id: PersonId,
    /// Their name at that time.
    pub name: String,
}

/// Who sends a command. The server makes it from the session and from nothing else (D2).
pub type Actor = PersonRef;
