//! Times in forms: typed and shown in UTC, to the minute.

use crate::replica::Replica;
use chrono::{NaiveDate, NaiveTime};
use domain::shown::{Shown as _, moment};
use domain::{Refusal, Time};
use leptos::prelude::{GetUntracked as _, use_context};

/// A time of day that is at most this far ahead was meant for today.
const SLIP_MIN: i64 = 10;

const INPUT: &str = "%Y-%m-%dT%H:%M";

/// As `<input type=datetime-local>` holds it.
#[must_use]
pub fn to_input(at: Time) -> String {
    at.shown(INPUT)
}

/// From `<input type=datetime-local>`, read as UTC.
///
/// # Errors
/// [`Refusal::Invalid`] naming `field`.
pub fn from_input(field: &str, text: &str) -> Result<Time, Refusal> {
    // A browser leaves the seconds out or in as it likes.
    let text = text.trim();
    let minutes = text.get(..16).unwrap_or(text);
    format!("{minutes}:00Z")
        .parse()
        .map_err(|_| Refusal::invalid(field, "needs a date and a time, UTC"))
}

/// From `<input type=date>`.
///
/// # Errors
/// [`Refusal::Invalid`] naming `field`.
pub fn day(field: &str, text: &str) -> Result<NaiveDate, Refusal> {
    text.trim()
        .parse()
        .map_err(|_| Refusal::invalid(field, "needs a date"))
}

/// From `hh:mm` (or `hhmm`, `hmm`): that time of day in UTC, on the day that brings it
/// closest to `near`.
///
/// # Errors
/// [`Refusal::Invalid`] naming `field`.
pub fn clock_time(field: &str, text: &str, near: Time) -> Result<Time, Refusal> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let wrong = || Refusal::invalid(field, "needs a time like 14:05, UTC");
    let only_time = text
        .trim()
        .chars()
        .all(|c| c.is_ascii_digit() || c == ':' || c == '.');
    if !only_time || !(3..=4).contains(&digits.len()) {
        return Err(wrong());
    }
    let (hours, min) = digits.split_at(digits.len() - 2);
    let (Ok(hours), Ok(min)) = (hours.parse(), min.parse()) else {
        return Err(wrong());
    };
    let time = NaiveTime::from_hms_opt(hours, min, 0).ok_or_else(wrong)?;
    let today = near.date_naive();
    [today.pred_opt(), Some(today), today.succ_opt()]
        .into_iter()
        .flatten()
        .map(|day| day.and_time(time).and_utc())
        .min_by_key(|at| (*at - near).num_seconds().abs())
        .ok_or_else(wrong)
}

/// From `hh:mm`, of something that has happened: the last such time in UTC before `typed_at`. One that is a few
/// minutes ahead is a slip, and stays ahead.
///
/// # Errors
/// [`Refusal::Invalid`] naming `field`.
pub fn past_time(field: &str, text: &str, typed_at: Time) -> Result<Time, Refusal> {
    clock_time(
        field,
        text,
        typed_at - chrono::Duration::minutes(12 * 60 - SLIP_MIN),
    )
}

/// `14:05 UTC` today, `22 Nov 14:05 UTC` on another day.
#[must_use]
pub fn hm(at: Time) -> String {
    moment(
        at,
        use_context::<Replica>().map_or(at, |replica| replica.now().get_untracked()),
    )
}

/// `14:05` today, `22 Nov 14:05` on another day.
#[must_use]
pub fn hm_or_day(at: Time, now: Time) -> String {
    if at.date_naive() == now.date_naive() {
        at.shown("%H:%M")
    } else {
        at.shown("%-d %b %H:%M")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_and_time_is_read_as_a_browser_holds_it() {
        let read = |text| from_input("t", text).map(to_input);
        let typed = "2026-11-23T00:10";
        for held in [typed, " 2026-11-23T00:10 ", "2026-11-23T00:10:59.5"] {
            assert_eq!(read(held), Ok(typed.to_owned()), "{held}");
        }
        for bad in [
            "",
            "2026-11-23",
            "2026-11-23T24:00",
            "2026-02-30T10:00",
            "2026-11-23T10",
            "Mon, 23 Nov 2026",
            "\u{1F9E8}\u{1F9E8}\u{1F9E8}\u{1F9E8}",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_has_happened_was_the_last_time_that_the_clock_showed_it() {
        let typed_at = from_input("t", "2026-11-23T14:57").expect("a valid test time");
        let at = |text| past_time("t", text, typed_at).map(to_input);
        for (typed, meant) in [
            ("14:50", "2026-11-23T14:50"),
            ("15:05", "2026-11-23T15:05"),
            ("15:08", "2026-11-22T15:08"),
            ("20:00", "2026-11-22T20:00"),
            ("2:00", "2026-11-23T02:00"),
        ] {
            assert_eq!(at(typed), Ok(meant.to_owned()), "{typed}");
        }
    }

    #[test]
    fn a_time_of_day_is_the_closest_one() {
        let near = from_input("t", "2026-11-23T00:10").expect("a valid test time");
        let at = |text| clock_time("t", text, near).map(to_input);
        assert_eq!(at("23:50"), Ok("2026-11-22T23:50".to_owned()));
        assert_eq!(at("0:30"), Ok("2026-11-23T00:30".to_owned()));
        assert_eq!(at("0930"), Ok("2026-11-23T09:30".to_owned()));
        for bad in ["", "24:00", "12:61", "noon", "-1:00", "12345"] {
            assert!(at(bad).is_err(), "{bad}");
        }
    }
}
