//! The bounds of what one person, one address and all together may use.

use std::time::Duration;

/// What tests set lower and an operator knows better.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Proxies whose word about the address of a client is believed (`--trusted-proxy`).
    pub trusted_proxies: u8,
    /// Live streams of one session; a further one ends the oldest.
    pub streams_per_session: usize,
    /// Live streams of one person, in all sessions; a further one ends the oldest.
    pub streams_per_person: usize,
    /// Sessions of one person; a further sign-in ends the oldest.
    pub sessions_per_person: u32,
    /// After how long the first wrong password is answered; each further one takes twice as long, up to sixteen times.
    pub first_wrong: Duration,
    /// How long a password from a browser that is not known waits to be looked at before it is sent back to ask again.
    pub patience: Duration,
    /// Files of one person that may come in at the same time.
    pub uploads_at_once_per_person: usize,
    /// Files of everybody. Each may be held in memory, with 10 MB at most. Half of it is kept for people of whom none
    /// comes in yet.
    pub uploads_at_once: usize,
    /// Files that may go out to one person at the same time.
    pub downloads_at_once_per_person: usize,
    /// Files that may go out to everybody. Of each, half a megabyte is held in memory.
    pub downloads_at_once: usize,
    /// Timelines, and audit logs, that may be saved by one person at the same time.
    pub exports_at_once_per_person: usize,
    /// Those that may be saved by everybody. Of each, some hundred kilobytes are held in memory, and the incident.
    pub exports_at_once: usize,
    /// Updates of one person whose preview may be drawn at the same time.
    pub previews_at_once_per_person: usize,
    /// Those of everybody. Each takes a copy of its incident.
    pub previews_at_once: usize,
    /// A file brings so many bytes in each such time, or it is given up.
    pub upload_window: Duration,
    /// See `upload_window`.
    pub upload_window_bytes: usize,
    /// Bytes of files that one person may add in 24 hours.
    pub upload_bytes_per_person: u64,
    /// Bytes of files that all may add in 24 hours.
    pub upload_bytes: u64,
    /// Commands of one person in a minute, and 8 000 bytes for each.
    pub commands_per_minute: u64,
    /// Secret links that one person may make in a minute: each stays in the audit log.
    pub link_changes_per_minute: u64,
    /// Bytes of requests for `/sync` of one person that are on their way, wait, or are being answered.
    pub push_bytes_per_person: usize,
    /// The same of everybody. Half of it is kept for people who send nothing yet.
    pub push_bytes: usize,
}

impl Limits {
    /// The same where many visitors share one account, as in the demo: sessions and streams of one account have no
    /// bound there, or each visitor would sign another one out.
    #[must_use]
    pub fn with_shared_accounts(self) -> Self {
        Self {
            streams_per_person: usize::MAX,
            sessions_per_person: u32::MAX,
            ..self
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            trusted_proxies: 0,
            // One browser has one, or one for each tab where it knows no locks.
            streams_per_session: 12,
            streams_per_person: 24,
            sessions_per_person: 20,
            first_wrong: Duration::from_millis(500),
            patience: Duration::from_millis(500),
            uploads_at_once_per_person: 6,
            uploads_at_once: 24,
            downloads_at_once_per_person: 8,
            downloads_at_once: 64,
            exports_at_once_per_person: 2,
            exports_at_once: 8,
            previews_at_once_per_person: 2,
            previews_at_once: 8,
            upload_window: Duration::from_secs(10),
            upload_window_bytes: 80 * 1024,
            upload_bytes_per_person: 500_000_000,
            upload_bytes: 5_000_000_000,
            commands_per_minute: 1_000,
            link_changes_per_minute: 60,
            push_bytes_per_person: 8 * 1024 * 1024,
            push_bytes: 32 * 1024 * 1024,
        }
    }
}
