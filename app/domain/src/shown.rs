//! Times and days in words, by the few marks that are used here. chrono's own writer knows every mark
//! there is, and everybody would download it.

use crate::Time;
use chrono::{Datelike, NaiveDate, NaiveTime, Timelike};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// What can be shown by a pattern.
pub trait Shown {
    /// In words: `%Y-%m-%d`, `%-d`, `%B` and `%b` (November, Nov) are of the day, `%H:%M` of the time,
    /// as in chrono. All else stands for itself.
    fn shown(&self, pattern: &str) -> String;
}

impl Shown for Time {
    fn shown(&self, pattern: &str) -> String {
        write(pattern, self.date_naive(), self.time())
    }
}

impl Shown for NaiveDate {
    fn shown(&self, pattern: &str) -> String {
        write(pattern, *self, NaiveTime::MIN)
    }
}

/// `14:10 UTC` of today, else `19 Nov 14:10 UTC`.
#[must_use]
pub fn moment(at: Time, now: Time) -> String {
    let today = at.date_naive() == now.date_naive();
    at.shown(if today {
        "%H:%M UTC"
    } else {
        "%-d %b %H:%M UTC"
    })
}

fn write(pattern: &str, day: NaiveDate, time: NaiveTime) -> String {
    let mut text = String::new();
    let mut marks = pattern.chars();
    while let Some(next) = marks.next() {
        if next != '%' {
            text.push(next);
            continue;
        }
        let month = MONTHS
            .get(day.month0() as usize)
            .copied()
            .unwrap_or_default();
        match marks.next() {
            Some('Y') => text.push_str(&format!("{:04}", day.year())),
            Some('m') => two(&mut text, day.month()),
            Some('d') => two(&mut text, day.day()),
            Some('-') => {
                // Only days come without a zero in front.
                marks.next();
                text.push_str(&day.day().to_string());
            }
            Some('B') => text.push_str(month),
            Some('b') => text.extend(month.chars().take(3)),
            Some('H') => two(&mut text, time.hour()),
            Some('M') => two(&mut text, time.minute()),
            other => text.extend(other),
        }
    }
    text
}

fn two(text: &mut String, number: u32) {
    text.push_str(&format!("{number:02}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every pattern that the product shows.
    const PATTERNS: [&str; 11] = [
        "%H:%M",
        "%-d %B",
        "%-d %b %Y",
        "%-d %B %Y",
        "%-d %b %H:%M",
        "%-d %B %H:%M",
        "%-d %b %H:%M UTC",
        "%-d %B %Y, %H:%M UTC",
        "%Y-%m-%d %H:%M",
        "%Y-%m-%dT%H:%M",
        "%B %Y",
    ];

    #[test]
    fn it_shows_what_chrono_shows() {
        // Each month, the first and the last days, one and two digits of everything.
        for step in 0..4_000 {
            let at = Time::from_timestamp(946_684_800 + step * 223_213, 0).expect("a valid time");
            for pattern in PATTERNS {
                assert_eq!(at.shown(pattern), at.format(pattern).to_string());
            }
            let day = at.date_naive();
            assert_eq!(day.shown("%-d %b %Y"), day.format("%-d %b %Y").to_string());
        }
    }

    #[test]
    fn a_time_of_another_day_says_which() {
        let at = |min: i64| Time::UNIX_EPOCH + chrono::Duration::minutes(min);
        assert_eq!(moment(at(630), at(0)), "10:30 UTC");
        assert_eq!(moment(at(1_439), at(0)), "23:59 UTC");
        assert_eq!(moment(at(1_440), at(1_439)), "2 Jan 00:00 UTC");
        assert_eq!(moment(at(-1), at(0)), "31 Dec 23:59 UTC");
    }

    #[test]
    fn what_is_no_mark_stands_for_itself() {
        let day = NaiveDate::from_ymd_opt(987, 3, 9).expect("a valid day");
        assert_eq!(day.shown(""), "");
        assert_eq!(day.shown("عطل 9 %% %"), "عطل 9 % ");
        assert_eq!(day.shown("%Y %H:%M"), "0987 00:00");
    }
}
