//! The server's clock: the one place that reads the time (S6). Tests may move it, in builds
//! with the feature `test-clock`; a shipped binary has no such feature.

use domain::Time;

/// Tells the time, to the millisecond.
#[derive(Clone, Debug, Default)]
pub struct ServerClock {
    #[cfg(feature = "test-clock")]
    ahead_ms: std::sync::Arc<std::sync::atomic::AtomicI64>,
}

impl ServerClock {
    /// Server time, to the millisecond: what is stored reads back equal.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the edge where time comes in"
    )]
    pub fn now(&self) -> Time {
        let now = chrono::Utc::now();
        #[cfg(feature = "test-clock")]
        let now = now
            + chrono::Duration::milliseconds(
                self.ahead_ms.load(std::sync::atomic::Ordering::SeqCst),
            );
        Time::from_timestamp_millis(now.timestamp_millis()).unwrap_or(now)
    }

    /// Moves the clock forward.
    #[cfg(feature = "test-clock")]
    pub fn advance(&self, ms: i64) {
        self.ahead_ms
            .fetch_add(ms, std::sync::atomic::Ordering::SeqCst);
    }
}
