//! Business days: weekends and the policy's holidays do not count (RUNBOOK §4).

use crate::{Policy, Time};
use chrono::{Datelike, NaiveDate, Weekday};

/// The end of the business day that lies `days` business days after `from`, in the policy's
/// local time. Resolved on a Friday noon, one business day later is Monday midnight.
#[must_use]
pub fn business_days_after(from: Time, days: u32, policy: &Policy) -> Time {
    let mut day = policy.zone.day_at(from);
    let mut left = days;
    while left > 0 {
        let Some(next) = day.succ_opt() else { break };
        day = next;
        if is_business_day(day, policy) {
            left -= 1;
        }
    }
    policy.zone.day_begins(day.succ_opt().unwrap_or(day))
}

/// Whether people work on this day.
#[must_use]
pub fn is_business_day(day: NaiveDate, policy: &Policy) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !policy.holidays.contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::Zone;
    use chrono::TimeZone;

    fn at(y: i32, m: u32, d: u32, h: u32) -> Time {
        chrono::Utc
            .with_ymd_and_hms(y, m, d, h, 0, 0)
            .single()
            .expect("a valid test date")
    }

    #[test]
    fn weekends_and_holidays_are_skipped() {
        let mut policy = Policy::default();
        // 2026-11-20 is a Friday.
        assert_eq!(
            business_days_after(at(2026, 11, 20, 12), 1, &policy),
            at(2026, 11, 24, 0)
        );
        assert_eq!(
            business_days_after(at(2026, 11, 21, 12), 1, &policy),
            at(2026, 11, 24, 0)
        );
        assert_eq!(
            business_days_after(at(2026, 11, 20, 12), 5, &policy),
            at(2026, 11, 28, 0)
        );
        policy
            .holidays
            .push(NaiveDate::from_ymd_opt(2026, 11, 23).expect("a valid test date"));
        assert_eq!(
            business_days_after(at(2026, 11, 20, 12), 1, &policy),
            at(2026, 11, 25, 0)
        );
    }

    #[test]
    fn days_are_counted_in_the_policy_s_time() {
        let policy = Policy {
            zone: Zone {
                utc_offset_min: 60,
                ..Zone::default()
            },
            ..Policy::default()
        };
        // 23:30 UTC on a Monday is Tuesday there.
        let monday_late = at(2026, 11, 23, 23);
        assert_eq!(
            business_days_after(monday_late, 1, &policy),
            at(2026, 11, 25, 23)
        );
    }
}
