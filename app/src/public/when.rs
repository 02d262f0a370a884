//! Times as customers read them: UTC, and for machines beside it.

use domain::Time;
use leptos::prelude::*;

/// `14:10 UTC`.
#[component]
pub(super) fn Clock(
    /// The time.
    at: Time,
) -> impl IntoView {
    view! { <time datetime=machine(at)>{at.format("%H:%M UTC").to_string()}</time> }
}

/// `14:10 UTC` of today, else `19 November, 14:10 UTC`.
#[component]
pub(super) fn Moment(
    /// The time.
    at: Time,
    /// What today is told from.
    now: Time,
) -> impl IntoView {
    view! { <time datetime=machine(at)>{moment(at, now)}</time> }
}

/// `19 November`.
#[component]
pub(super) fn Day(
    /// A time of that day.
    at: Time,
) -> impl IntoView {
    view! { <time datetime=at.format("%Y-%m-%d").to_string()>{at.format("%-d %B %Y").to_string()}</time> }
}

/// As words: `14:10 UTC`, or with the day when it is not today's.
pub(super) fn moment(at: Time, now: Time) -> String {
    let form = if at.date_naive() == now.date_naive() {
        "%H:%M UTC"
    } else {
        "%-d %B, %H:%M UTC"
    };
    at.format(form).to_string()
}

/// `72 min`, `3 h 05 min`, `2 d 4 h`.
pub(super) fn span(from: Time, to: Time) -> String {
    let min = (to - from).num_minutes().max(0);
    match min {
        0..=90 => format!("{min} min"),
        91..=2879 => format!("{} h {:02} min", min / 60, min % 60),
        _ => format!("{} d {} h", min / 1440, min % 1440 / 60),
    }
}

/// As `datetime` takes it.
pub(super) fn machine(at: Time) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_in_the_units_that_matter() {
        let at = |min| Time::UNIX_EPOCH + chrono::Duration::minutes(min);
        for (min, told) in [
            (0, "0 min"),
            (72, "72 min"),
            (185, "3 h 05 min"),
            (3120, "2 d 4 h"),
        ] {
            assert_eq!(span(at(0), at(min)), told);
        }
        assert_eq!(moment(at(10), at(20)), "00:10 UTC");
        assert_eq!(moment(at(10), at(2000)), "1 January, 00:10 UTC");
    }
}
