//! The time zone that business days are counted in. The server looks the shifts up when a policy
//! is saved, so that browsers need no time zone database and both sides count the same.

use crate::{Time, order};
use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize};

/// From a moment on, local time is this far ahead of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    /// When it begins.
    pub at: Time,
    /// Minutes ahead of UTC; behind is negative.
    pub utc_offset_min: i32,
}

/// A time zone, by its shifts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// IANA name, e.g. "Europe/Berlin".
    pub name: String,
    /// Minutes ahead of UTC before the first shift.
    pub utc_offset_min: i32,
    /// Oldest first.
    pub shifts: Vec<Shift>,
}

impl Default for Zone {
    fn default() -> Self {
        Self {
            name: "UTC".to_owned(),
            utc_offset_min: 0,
            shifts: Vec::new(),
        }
    }
}

/// What a local time means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meant {
    /// One moment.
    Once(Time),
    /// Clocks were set back over it: the first of the two.
    Twice(Time),
    /// Clocks were set forward over it: it never was. The moment they were set.
    Never(Time),
}

impl Meant {
    /// The moment: the first of two, and for a time that never was, when clocks were set.
    #[must_use]
    pub fn moment(self) -> Time {
        match self {
            Self::Once(at) | Self::Twice(at) | Self::Never(at) => at,
        }
    }
}

impl Zone {
    /// How far local time is ahead of UTC at this moment.
    #[must_use]
    pub fn offset_at(&self, at: Time) -> Duration {
        let min = self
            .shifts
            .iter()
            .rev()
            .find(|s| s.at <= at)
            .map_or(self.utc_offset_min, |s| s.utc_offset_min);
        Duration::minutes(i64::from(min))
    }

    /// Local time at this moment.
    #[must_use]
    pub fn local(&self, at: Time) -> NaiveDateTime {
        let moved = at.checked_add_signed(self.offset_at(at));
        moved.unwrap_or(at).naive_utc()
    }

    /// Which moment a local time means.
    #[must_use]
    pub fn meant(&self, local: NaiveDateTime) -> Meant {
        let as_utc = local.and_utc();
        let mut offsets = vec![self.utc_offset_min];
        offsets.extend(self.shifts.iter().map(|s| s.utc_offset_min));
        order::by(&mut offsets, |min| [i64::from(*min), 0, 0]);
        offsets.dedup();
        // The larger the offset, the earlier the moment.
        let mut found = offsets
            .iter()
            .rev()
            // A date at the end of time has no moment in every zone.
            .filter_map(|min| as_utc.checked_sub_signed(Duration::minutes(i64::from(*min))))
            .filter(|at| self.local(*at) == local);
        match (found.next(), found.next()) {
            (Some(at), None) => Meant::Once(at),
            (Some(at), Some(_)) => Meant::Twice(at),
            (None, _) => Meant::Never(self.gap_over(local)),
        }
    }

    /// When clocks were set forward over this local time.
    fn gap_over(&self, local: NaiveDateTime) -> Time {
        let mut before_min = self.utc_offset_min;
        let over = self.shifts.iter().find(|s| {
            let there = |min: i32| {
                let moved = s.at.checked_add_signed(Duration::minutes(i64::from(min)));
                moved.map(|at| at.naive_utc())
            };
            let gap = (there(before_min), there(s.utc_offset_min));
            before_min = s.utc_offset_min;
            matches!(gap, (Some(from), Some(to)) if from <= local && local < to)
        });
        over.map_or_else(|| local.and_utc(), |s| s.at)
    }

    /// When this day begins; where midnight is skipped, when clocks were set.
    #[must_use]
    pub fn day_begins(&self, day: NaiveDate) -> Time {
        self.meant(day.and_time(NaiveTime::MIN)).moment()
    }

    /// The day it is at this moment.
    #[must_use]
    pub fn day_at(&self, at: DateTime<chrono::Utc>) -> NaiveDate {
        self.local(at).date()
    }
}
