//! Whether the clock of this machine may be believed. Pure: two clocks and the log's last time come in.
//!
//! One clock tells the time and can be set by anybody; the other counts since the machine started, sleep
//! included, and can be set by nobody. Between two looks both move by the same, or the first was set.

use chrono::Duration;
use domain::{Time, shown::Shown as _};

/// How far the clock may stand before the log's last time, and how far it may be set forward. Below this
/// a clock is being set right; above it somebody has to look.
pub const TOLERANCE: Duration = Duration::minutes(2);

/// How far small steps forward may have moved the clock since the start of the server, or since somebody said that it
/// is right.
const STEPS_MAX: Duration = Duration::minutes(10);

/// How long the server runs before anything is deleted by its clock: what sets the clock of a machine that has just
/// started has done so by then.
const SETTLING: Duration = Duration::minutes(10);

/// The first moment of 2025, seconds since 1970: older than this program. A clock that stands before it
/// was never set.
const PROGRAM_S: i64 = 1_735_689_600;

/// Both clocks at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What the clock says.
    pub wall: Time,
    /// Since the machine started, milliseconds.
    pub boot_ms: i64,
}

impl Reading {
    /// What the clock says the start of the machine was, milliseconds since 1970: it changes when the
    /// clock is set, and else never.
    #[must_use]
    pub fn offset_ms(self) -> i64 {
        self.wall.timestamp_millis().saturating_sub(self.boot_ms)
    }
}

/// Why the clock is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It stands before the last time in the log, or before this program was made.
    Behind {
        /// The time that it should have reached.
        earliest: Time,
    },
    /// It was set forward.
    Ahead {
        /// By so much, whole minutes.
        by_min: i64,
    },
}

impl Trouble {
    /// Of a clock that cannot be right, whoever says so: it stands before this program was made.
    #[must_use]
    pub fn impossible(wall: Time) -> Option<Self> {
        let earliest = program();
        (wall < earliest).then_some(Self::Behind { earliest })
    }

    /// What is wrong and what to do, in one line for whoever runs the server.
    #[must_use]
    pub fn line(self) -> String {
        format!(
            "the server's clock is not believed: {}. Nothing is put on the record until it is set right, or an administrator says at /clock that it is right",
            self.what()
        )
    }

    /// What is wrong, without an end.
    #[must_use]
    pub fn what(self) -> String {
        match self {
            Self::Behind { earliest } if earliest <= program() => {
                "it was never set after this machine started".to_owned()
            }
            Self::Behind { earliest } => format!(
                "the last entry on the record is of {} UTC, and the clock stands before that",
                earliest.shown("%-d %B %Y, %H:%M")
            ),
            Self::Ahead { by_min } => format!("it jumped forward by {}", span(by_min)),
        }
    }
}

/// `5 min`, `3 h 0 min`, `400 days`.
fn span(min: i64) -> String {
    match min {
        ..60 => format!("{min} min"),
        60..2_880 => format!("{} h {} min", min / 60, min % 60),
        _ => format!("{} days", min / 1_440),
    }
}

fn program() -> Time {
    Time::from_timestamp(PROGRAM_S, 0).unwrap_or_default()
}

/// What is known of the clock so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Judge {
    /// The last time in the log.
    log_at: Option<Time>,
    /// [`Reading::offset_ms`] when the clock was last believed.
    believed_ms: Option<i64>,
    /// The same when it was first believed since the start, or since somebody said that it is right.
    first_ms: Option<i64>,
    /// [`Reading::boot_ms`] when the server started.
    started_ms: Option<i64>,
}

impl Judge {
    /// With what was believed before a restart, where the machine has not started anew since.
    #[must_use]
    pub fn new(log_at: Option<Time>, believed_ms: Option<i64>) -> Self {
        Self {
            log_at,
            believed_ms,
            first_ms: believed_ms,
            started_ms: None,
        }
    }

    /// The server starts now.
    #[must_use]
    pub fn started(self, reading: Reading) -> Self {
        let started_ms = Some(reading.boot_ms);
        Self { started_ms, ..self }
    }

    /// Whether the server has run for long enough to delete anything by a clock that is believed.
    #[must_use]
    pub fn has_settled(&self, reading: Reading) -> bool {
        self.started_ms.is_none_or(|started| {
            reading.boot_ms.saturating_sub(started) >= SETTLING.num_milliseconds()
        })
    }

    /// Takes note of the log's last time.
    pub fn recorded(&mut self, at: Option<Time>) {
        self.log_at = at;
    }

    /// [`Reading::offset_ms`] when the clock was last believed.
    #[must_use]
    pub fn believed_ms(&self) -> Option<i64> {
        self.believed_ms
    }

    /// Whether the clock is believed. A small step is followed, so that a clock that drifts stays believed; many of
    /// them forward are not one after the other.
    ///
    /// # Errors
    /// [`Trouble`]; what was believed before stays, so that a clock that is set back is believed again.
    pub fn judge(&mut self, reading: Reading) -> Result<(), Trouble> {
        let earliest = self.log_at.map_or_else(program, |at| at.max(program()));
        if reading.wall + TOLERANCE < earliest {
            return Err(Trouble::Behind { earliest });
        }
        let offset_ms = reading.offset_ms();
        let since = |then: Option<i64>| then.map_or(0, |then| offset_ms.saturating_sub(then));
        let (step, steps) = (since(self.believed_ms), since(self.first_ms));
        let is_large = step > TOLERANCE.num_milliseconds();
        if is_large || steps > STEPS_MAX.num_milliseconds() {
            let by_ms = if is_large { step } else { steps };
            let by_min = by_ms.saturating_add(30_000) / 60_000;
            return Err(Trouble::Ahead { by_min });
        }
        self.believed_ms = Some(offset_ms);
        self.first_ms.get_or_insert(offset_ms);
        Ok(())
    }

    /// Somebody looked and said that the clock is right; `log_at` is the log's last time since.
    pub fn believe(&mut self, reading: Reading, log_at: Time) {
        self.believed_ms = Some(reading.offset_ms());
        self.first_ms = self.believed_ms;
        self.log_at = Some(log_at);
    }

    /// The time: the clock's where it is believed, else what has passed since it was. A clock that was
    /// never believed is all there is.
    #[must_use]
    pub fn time(&self, reading: Reading, trouble: Option<Trouble>) -> Time {
        let reckoned = self
            .believed_ms
            .filter(|_| trouble.is_some())
            .and_then(|b| Time::from_timestamp_millis(b.saturating_add(reading.boot_ms)));
        reckoned.unwrap_or(reading.wall)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn at(hour: u32, min: u32) -> Time {
        chrono::Utc
            .with_ymd_and_hms(2026, 11, 27, hour, min, 0)
            .unwrap()
    }

    /// The machine started at 08:00; `wall` is what its clock says `boot_min` later.
    fn reading(wall: Time, boot_min: i64) -> Reading {
        Reading {
            wall,
            boot_ms: boot_min * 60_000,
        }
    }

    fn judge(log_at: Time) -> Judge {
        let mut judge = Judge::new(Some(log_at), None);
        judge.judge(reading(at(9, 0), 60)).unwrap();
        judge
    }

    #[test]
    fn a_clock_up_to_two_minutes_before_the_log_is_believed() {
        for (wall, believed) in [(at(8, 58), true), (at(8, 57), false), (at(9, 30), true)] {
            let mut judge = Judge::new(Some(at(9, 0)), None);
            assert_eq!(judge.judge(reading(wall, 60)).is_ok(), believed, "{wall}");
        }
    }

    #[test]
    fn a_step_forward_is_not_believed_until_it_is_undone() {
        let mut judge = judge(at(8, 59));
        let ahead = judge.judge(reading(at(12, 1), 61));
        assert_eq!(ahead, Err(Trouble::Ahead { by_min: 180 }));
        // A day of sleep moves both.
        let ahead = judge.judge(reading(at(12, 1) + Duration::days(1), 61 + 1_440));
        assert_eq!(ahead, Err(Trouble::Ahead { by_min: 180 }));
        judge
            .judge(reading(at(9, 2) + Duration::days(1), 62 + 1_440))
            .unwrap();
    }

    #[test]
    fn sleep_and_small_steps_are_believed() {
        let mut judge = judge(at(8, 59));
        judge
            .judge(reading(at(9, 0) + Duration::days(3), 60 + 3 * 1_440))
            .unwrap();
        for step in 1..=5 {
            let wall = at(9, 0) + Duration::days(3) + Duration::minutes(2 * step);
            judge.judge(reading(wall, 60 + 3 * 1_440)).unwrap();
        }
    }

    #[test]
    fn small_steps_forward_are_believed_up_to_ten_minutes_in_all() {
        let mut judge = judge(at(8, 59));
        let stepped = |seconds: i64| reading(at(9, 0) + Duration::seconds(seconds), 60);
        for step in 1..=5 {
            assert_eq!(judge.judge(stepped(119 * step)), Ok(()), "{step}");
        }
        let ahead = Err(Trouble::Ahead { by_min: 12 });
        assert_eq!(judge.judge(stepped(119 * 6)), ahead);
        assert_eq!(
            judge.time(stepped(119 * 6), ahead.err()),
            at(9, 0) + Duration::seconds(119 * 5)
        );
        // Steps back make room; so does whoever looked, and so does nothing else.
        assert_eq!(
            judge.judge(stepped(601)),
            Err(Trouble::Ahead { by_min: 10 })
        );
        assert_eq!(judge.judge(stepped(600)), Ok(()));
        assert_eq!(judge.judge(stepped(300)), Ok(()));
        assert_eq!(judge.judge(stepped(420)), Ok(()));
        judge.believe(stepped(700), at(9, 11));
        assert_eq!(judge.judge(stepped(819)), Ok(()));
    }

    #[test]
    fn nothing_is_deleted_by_the_clock_of_a_server_that_has_just_started() {
        let judge = judge(at(8, 59)).started(reading(at(9, 0), 60));
        assert!(!judge.has_settled(reading(at(9, 9), 69)));
        // By the time that has passed, whatever the clock was set to.
        assert!(!judge.has_settled(reading(at(19, 0), 61)));
        assert!(judge.has_settled(reading(at(9, 10), 70)));
    }

    #[test]
    fn a_clock_that_is_set_after_the_start_is_believed_at_once() {
        let mut judge = Judge::new(Some(at(9, 0)), None);
        let never_set = Time::from_timestamp(60, 0).unwrap();
        let behind = judge.judge(reading(never_set, 1));
        assert_eq!(behind, Err(Trouble::Behind { earliest: at(9, 0) }));
        judge.judge(reading(at(9, 5), 2)).unwrap();
        // Also where nothing is on the log yet.
        let mut judge = Judge::default();
        assert!(judge.judge(reading(never_set, 1)).is_err());
        judge.judge(reading(at(9, 5), 2)).unwrap();
    }

    #[test]
    fn a_step_back_below_the_log_does_not_cover_a_step_far_ahead() {
        let mut judge = judge(at(8, 59));
        assert!(judge.judge(reading(at(8, 0), 61)).is_err());
        let ahead = judge.judge(reading(at(12, 2), 62));
        assert_eq!(ahead, Err(Trouble::Ahead { by_min: 180 }));
        judge.judge(reading(at(9, 3), 63)).unwrap();
    }

    #[test]
    fn what_was_believed_before_a_restart_is_asked_after_it() {
        let before = judge(at(8, 59));
        let mut after = Judge::new(Some(at(8, 59)), before.believed_ms());
        assert!(after.judge(reading(at(12, 1), 61)).is_err());
        after.judge(reading(at(9, 1), 61)).unwrap();
    }

    #[test]
    fn a_clock_that_is_not_believed_is_reckoned_from_when_it_was() {
        let mut judge = judge(at(8, 59));
        let reading = reading(at(12, 5), 65);
        let trouble = judge.judge(reading).err();
        assert_eq!(judge.time(reading, trouble), at(9, 5));
        judge.believe(reading, at(12, 5));
        assert_eq!(judge.judge(reading), Ok(()));
        assert_eq!(judge.time(reading, None), at(12, 5));
    }

    #[test]
    fn a_clock_that_was_never_set_cannot_be_said_to_be_right() {
        let never_set = Time::from_timestamp(60, 0).unwrap();
        assert!(Trouble::impossible(never_set).is_some());
        assert!(Trouble::impossible(at(9, 0)).is_none());
    }
}
