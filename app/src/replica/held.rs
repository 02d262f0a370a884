//! Incidents in memos. They are told apart by their place in memory: whatever changes an incident
//! makes a new one of it, and comparing all that is on its record would be code for each type of it.

use crate::parts::memo::Memo;
use domain::Incident;
use std::sync::Arc;

/// One or several incidents as the replica holds them.
pub trait Held: Send + Sync + 'static {
    /// Whether nothing has changed. True for the same incident that was taken twice from the replica.
    fn is_same(&self, other: &Self) -> bool;
}

impl Held for Arc<Incident> {
    fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(self, other)
    }
}

impl Held for Option<Arc<Incident>> {
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Some(one), Some(other)) => one.is_same(other),
            (None, None) => true,
            _ => false,
        }
    }
}

impl Held for Vec<Arc<Incident>> {
    fn is_same(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self
                .iter()
                .zip(other)
                .all(|(one, other)| one.is_same(other))
    }
}

/// A memo of them.
pub fn held<T: Held>(read: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Memo<T> {
    Memo::new(read, T::is_same)
}
