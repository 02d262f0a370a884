//! Addresses at which there is nothing, so that who asks for them again costs nothing. Any publish may put something
//! there.

use std::collections::{HashSet, VecDeque};

/// Addresses that are remembered; of more, the oldest go.
const ABSENT_MAX: usize = 10_000;

/// What is known not to be there, as of a place in the log.
#[derive(Debug, Default)]
pub(super) struct Absent {
    /// The place of the last change that a customer can see.
    told: u64,
    addresses: HashSet<String>,
    oldest_first: VecDeque<String>,
}

impl Absent {
    /// Whether there is nothing at this address for who has been told all up to `told`.
    pub(super) fn has(&self, told: u64, address: &str) -> bool {
        told == self.told && self.addresses.contains(address)
    }

    /// Remembers that nothing was there after all up to `told` was known.
    pub(super) fn remember(&mut self, told: u64, address: String) {
        if told < self.told {
            // A publish since may have put something there.
            return;
        }
        if told > self.told {
            *self = Self {
                told,
                ..Self::default()
            };
        }
        if !self.addresses.insert(address.clone()) {
            return;
        }
        self.oldest_first.push_back(address);
        if self.oldest_first.len() > ABSENT_MAX
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.addresses.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_no_is_remembered_until_something_is_published() {
        let mut absent = Absent::default();
        absent.remember(3, "a".to_owned());
        assert!(absent.has(3, "a") && !absent.has(3, "b"));
        assert!(!absent.has(4, "a"), "it may have been published at 4");
        absent.remember(4, "b".to_owned());
        assert!(!absent.has(4, "a") && absent.has(4, "b"));
        absent.remember(3, "c".to_owned());
        assert!(!absent.has(4, "c"), "looked up before the publish");
    }

    #[test]
    fn there_is_a_most_that_is_remembered() {
        let mut absent = Absent::default();
        for nth in 0..=ABSENT_MAX {
            absent.remember(1, nth.to_string());
        }
        assert_eq!(absent.addresses.len(), ABSENT_MAX);
        assert!(!absent.has(1, "0") && absent.has(1, "1"));
    }
}
