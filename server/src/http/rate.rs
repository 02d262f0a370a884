//! How much one person may send in a minute. Far more than anybody types; a device that was long away comes to its
//! end a little later, and loses nothing.

use domain::{PersonId, Time};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// What is sent at once may be as much as a whole minute's.
const MINUTE_MS: i64 = 60_000;
/// People beyond this are looked through for those who are done.
const PEOPLE_MAX: usize = 10_000;

/// When each person will have used up what they sent, at the rate of a minute's.
#[derive(Debug, Default)]
pub struct Rate(Mutex<HashMap<PersonId, Time>>);

impl Rate {
    /// Counts `amount` of this person's `per_minute`, which is not 0.
    ///
    /// # Errors
    /// After how many seconds it will be taken; nothing is counted then.
    pub fn take(
        &self,
        person: PersonId,
        amount: u64,
        per_minute: u64,
        now: Time,
    ) -> Result<(), u32> {
        let mut used_up = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if used_up.len() >= PEOPLE_MAX {
            used_up.retain(|_, at| *at > now);
        }
        // More than a minute's at once counts as a minute's, or it would never be taken.
        let cost = amount
            .min(per_minute)
            .saturating_mul(MINUTE_MS.unsigned_abs())
            / per_minute;
        let cost = chrono::Duration::milliseconds(i64::try_from(cost).unwrap_or(MINUTE_MS));
        let minute = chrono::Duration::milliseconds(MINUTE_MS);
        let before = used_up.get(&person).copied().unwrap_or(now);
        // Further ahead than it can be counted to: the clock was set back.
        let before = if before > now + minute {
            now
        } else {
            before.max(now)
        };
        let after = before + cost;
        if after > now + minute {
            let wait_ms = (after - now - minute).num_milliseconds();
            return Err(u32::try_from(wait_ms / 1_000 + 1).unwrap_or(60));
        }
        used_up.insert(person, after);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn at(second: i64) -> Time {
        Time::UNIX_EPOCH + chrono::Duration::seconds(second)
    }

    #[test]
    fn a_minute_may_be_used_up_at_once_and_comes_back_bit_by_bit() {
        let (rate, ana) = (Rate::default(), PersonId(Uuid::from_u128(1)));
        assert_eq!(rate.take(ana, 50, 60, at(0)), Ok(()));
        assert_eq!(rate.take(ana, 10, 60, at(0)), Ok(()));
        assert_eq!(rate.take(ana, 5, 60, at(0)), Err(6));
        assert_eq!(
            rate.take(ana, 5, 60, at(4)),
            Err(2),
            "what was refused is not counted"
        );
        assert_eq!(rate.take(ana, 5, 60, at(5)), Ok(()));
        let bo = PersonId(Uuid::from_u128(2));
        assert_eq!(
            rate.take(bo, 60, 60, at(5)),
            Ok(()),
            "nobody pays for another"
        );
        assert_eq!(
            rate.take(ana, 1_000, 60, at(600)),
            Ok(()),
            "more than a minute's"
        );
        assert_eq!(rate.take(ana, 1, 60, at(600)), Err(2));
    }

    #[test]
    fn a_clock_that_was_ahead_shuts_nobody_out() {
        let (rate, ana) = (Rate::default(), PersonId(Uuid::from_u128(1)));
        assert_eq!(rate.take(ana, 60, 60, at(40_000_000)), Ok(()));
        assert_eq!(rate.take(ana, 1, 60, at(0)), Ok(()));
    }
}
