//! Slows down guessing: so many failures per key in a window, then it has to wait. Kept in
//! memory and bounded; a restart forgives.

use domain::Time;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// How long failures are remembered.
const WINDOW_MIN: i64 = 15;
/// More keys than this are not kept; the oldest go first.
const KEYS_MAX: usize = 10_000;

/// Counts failures per key.
#[derive(Debug, Default)]
pub struct Throttle {
    failures: Mutex<HashMap<String, Failures>>,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    since: Time,
    count: u32,
}

impl Throttle {
    /// Seconds to wait, if this key has failed `max` times already.
    pub fn wait_s(&self, key: &str, max: u32, now: Time) -> Option<u32> {
        let all = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let failures = all.get(key).filter(|f| f.count >= max)?;
        let left = failures.since + chrono::Duration::minutes(WINDOW_MIN) - now;
        u32::try_from(left.num_seconds())
            .ok()
            .filter(|left| *left > 0)
    }

    /// Remembers a failure.
    pub fn failed(&self, key: &str, now: Time) {
        let mut all = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = now - chrono::Duration::minutes(WINDOW_MIN);
        if all.len() >= KEYS_MAX && !all.contains_key(key) {
            all.retain(|_, f| f.since > fresh);
            if all.len() >= KEYS_MAX {
                let oldest = all
                    .iter()
                    .min_by_key(|(_, f)| f.since)
                    .map(|(key, _)| key.clone());
                oldest.map(|key| all.remove(&key));
            }
        }
        let failures = all.entry(key.to_owned()).or_insert(Failures {
            since: now,
            count: 0,
        });
        if failures.since <= fresh {
            *failures = Failures {
                since: now,
                count: 0,
            };
        }
        failures.count = failures.count.saturating_add(1);
    }

    /// Takes one failure back: it was none.
    pub fn was_none(&self, key: &str) {
        let mut all = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(failures) = all.get_mut(key) {
            failures.count = failures.count.saturating_sub(1);
        }
    }

    /// Forgets the failures of a key: it got in.
    pub fn succeeded(&self, key: &str) {
        self.failures
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(min: i64) -> Time {
        Time::UNIX_EPOCH + chrono::Duration::minutes(min)
    }

    #[test]
    fn who_fails_too_often_waits_for_the_window_to_end() {
        let throttle = Throttle::default();
        for _ in 0..3 {
            assert_eq!(throttle.wait_s("a", 3, at(0)), None);
            throttle.failed("a", at(0));
        }
        assert_eq!(throttle.wait_s("a", 3, at(5)), Some(600));
        assert_eq!(throttle.wait_s("b", 3, at(5)), None);
        assert_eq!(throttle.wait_s("a", 3, at(15)), None);
        throttle.failed("a", at(15));
        assert_eq!(throttle.wait_s("a", 3, at(16)), None);
    }

    #[test]
    fn getting_in_forgives() {
        let throttle = Throttle::default();
        throttle.failed("a", at(0));
        throttle.succeeded("a");
        assert_eq!(throttle.wait_s("a", 1, at(0)), None);
    }

    #[test]
    fn it_keeps_no_more_keys_than_it_may() {
        let throttle = Throttle::default();
        for n in 0..KEYS_MAX + 10 {
            throttle.failed(
                &n.to_string(),
                at(0) + chrono::Duration::milliseconds(n as i64),
            );
        }
        assert_eq!(throttle.failures.lock().unwrap().len(), KEYS_MAX);
        assert_eq!(throttle.wait_s("0", 1, at(1)), None);
    }
}
