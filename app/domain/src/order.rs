//! Sorting by a few whole numbers, and maps filled without sorting. One sort for all types: a sort
//! of its own for each list, and the one that collecting into a map brings, made the browser's half
//! 90 KB larger.

use crate::Time;
use std::collections::BTreeMap;

/// A map of these; of two with the same key the later one.
pub fn map<K: Ord, V>(pairs: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    for (key, value) in pairs {
        map.insert(key, value);
    }
    map
}

/// Sorts by `key`, smallest first; equals keep their order.
pub fn by<T>(items: &mut Vec<T>, key: impl Fn(&T) -> [i64; 3]) {
    let mut places: Vec<([i64; 3], usize)> = items
        .iter()
        .enumerate()
        .map(|(place, item)| (key(item), place))
        .collect();
    places.sort_unstable();
    let mut taken: Vec<Option<T>> = items.drain(..).map(Some).collect();
    items.extend(
        places
            .into_iter()
            .filter_map(|(_, place)| taken[place].take()),
    );
}

/// A time as a key; none comes first.
#[must_use]
pub fn at(time: Option<Time>) -> i64 {
    time.map_or(i64::MIN, |at| at.timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_keep_their_order() {
        let mut items = vec![(2, 'a'), (1, 'b'), (2, 'c'), (1, 'd')];
        by(&mut items, |(n, _)| [*n, 0, 0]);
        assert_eq!(items, [(1, 'b'), (1, 'd'), (2, 'a'), (2, 'c')]);
    }
}
