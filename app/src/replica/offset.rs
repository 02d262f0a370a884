//! How far the device's clock is from the server's, learned from round trips (S6).
//!
//! A reply that says "it was T here" was made between the moment the question left and the
//! moment the answer came. So each round trip gives an interval in which the offset lies;
//! intervals are intersected while they agree. When they do not, one of the clocks was moved
//! and the newest word counts.

use chrono::Duration;
use domain::Time;

/// Clocks drift apart by at most this: 200 ppm, far more than a quartz does.
const DRIFT_PPM: i64 = 200;

/// What is known of server time minus device time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offset {
    low_ms: i64,
    /// None until the first round trip: a page may have been long on its way.
    high_ms: Option<i64>,
    learned_at_ms: i64,
}

impl Offset {
    /// From a page that was made at `server_now` and is first looked at when the device says
    /// `device_now`: the server is at least that far.
    #[must_use]
    pub fn first(server_now: Time, device_now: Time) -> Self {
        let at_least = (server_now - device_now).num_milliseconds();
        Self {
            low_ms: at_least,
            high_ms: None,
            learned_at_ms: device_now.timestamp_millis(),
        }
    }

    /// One round trip, in device time.
    #[must_use]
    pub fn with(self, server_now: Time, sent_at: Time, received_at: Time) -> Self {
        let low_ms = (server_now - received_at).num_milliseconds();
        let high_ms = (server_now - sent_at).num_milliseconds().max(low_ms);
        let learned_at_ms = received_at.timestamp_millis();
        let age_ms = (learned_at_ms - self.learned_at_ms).max(0);
        let drift_ms = age_ms * DRIFT_PPM / 1_000_000 + 1;
        let low = low_ms.max(self.low_ms - drift_ms);
        let high = self
            .high_ms
            .map_or(high_ms, |known| high_ms.min(known + drift_ms));
        // A tab that slept, or a clock that was set: the old word says nothing any more.
        if low > high {
            return Self {
                low_ms,
                high_ms: Some(high_ms),
                learned_at_ms,
            };
        }
        Self {
            low_ms: low,
            high_ms: Some(high),
            learned_at_ms,
        }
    }

    /// Server time, when the device says `device_now`.
    #[must_use]
    pub fn server_time(self, device_now: Time) -> Time {
        let offset_ms = self
            .high_ms
            .map_or(self.low_ms, |high| i64::midpoint(self.low_ms, high));
        device_now + Duration::milliseconds(offset_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Time {
        Time::from_timestamp_millis(1_700_000_000_000 + ms).expect("a valid test time")
    }

    #[test]
    fn a_device_a_day_off_is_right_after_one_round_trip() {
        let day = 86_400_000;
        let offset =
            Offset::first(at(0), at(day + 900)).with(at(1_050), at(day + 1_000), at(day + 1_100));
        let error = (offset.server_time(at(day + 5_000)) - at(5_000)).num_milliseconds();
        assert!(error.abs() <= 50, "{error} ms");
    }

    #[test]
    fn round_trips_that_agree_narrow_it_down() {
        let mut offset = Offset::first(at(0), at(0)).with(at(100), at(0), at(1_000));
        for (server, sent, received) in [(2_010, 2_000, 2_400), (3_390, 3_000, 3_400)] {
            offset = offset.with(at(server), at(sent), at(received));
        }
        let error = (offset.server_time(at(4_000)) - at(4_000)).num_milliseconds();
        assert!(error.abs() <= 11, "{error} ms");
    }

    #[test]
    fn a_clock_that_was_moved_is_believed_anew() {
        let offset = Offset::first(at(0), at(0)).with(at(10), at(0), at(20));
        let offset = offset.with(at(3_600_030), at(40), at(60));
        let error = (offset.server_time(at(100)) - at(3_600_080)).num_milliseconds();
        assert!(error.abs() <= 10, "{error} ms");
    }
}
