//! A map with a bound: of more, what was used longest ago goes.

use std::collections::HashMap;

/// The values that were used last, by their addresses.
#[derive(Debug)]
pub(super) struct Recent<V> {
    most: usize,
    uses: u64,
    /// With the count of uses at the latest use.
    values: HashMap<String, (u64, V)>,
}

impl<V> Recent<V> {
    /// At most `most` of them.
    pub(super) fn of(most: usize) -> Self {
        Self {
            most,
            uses: 0,
            values: HashMap::new(),
        }
    }

    /// The value of this address, which counts as a use.
    pub(super) fn find(&mut self, address: &str) -> Option<&V> {
        let (used, value) = self.values.get_mut(address)?;
        self.uses += 1;
        *used = self.uses;
        Some(value)
    }

    /// Keeps a value, in the place of the one that was used longest ago when there are too many.
    pub(super) fn keep(&mut self, address: String, value: V) {
        if self.values.len() >= self.most && !self.values.contains_key(&address) {
            let oldest = self.values.iter().min_by_key(|(_, (used, _))| *used);
            let oldest = oldest.map(|(address, _)| address.clone());
            oldest.map(|address| self.values.remove(&address));
        }
        self.uses += 1;
        self.values.insert(address, (self.uses, value));
    }

    /// Lets go of what is not good any more.
    pub(super) fn retain(&mut self, is_good: impl Fn(&V) -> bool) {
        self.values.retain(|_, (_, value)| is_good(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_that_was_used_longest_ago_goes_first() {
        let mut recent = Recent::of(2);
        recent.keep("a".to_owned(), 1);
        recent.keep("b".to_owned(), 2);
        assert_eq!(recent.find("a"), Some(&1));
        recent.keep("c".to_owned(), 3);
        assert_eq!(recent.find("b"), None);
        recent.keep("a".to_owned(), 4);
        assert_eq!(recent.find("a"), Some(&4));
        assert_eq!(recent.find("c"), Some(&3));
        recent.retain(|value| *value == 3);
        assert_eq!(recent.find("a"), None);
        assert_eq!(recent.find("c"), Some(&3));
    }
}
