//! The bounds of what one person, one address and all together may use.

use std::time::Duration;

/// What tests set lower and an operator knows better.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Proxies whose word about the address of a client is believed (`--trusted-proxy`).
    pub trusted_proxies: u8,
    /// Live streams of one session; a further one ends the oldest.
    pub streams_per_session: usize,
    /// After how long the first wrong password is answered; each further one takes twice as long, up to sixteen times.
    pub first_wrong: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            trusted_proxies: 0,
            // One browser has one, or one for each tab where it knows no locks.
            streams_per_session: 12,
            first_wrong: Duration::from_millis(500),
        }
    }
}
