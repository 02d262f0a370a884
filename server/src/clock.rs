//! The server's clock: the one place that reads the time (S6), and that judges it (`clock/judge.rs`). Tests
//! may move it, in builds with the feature `test-clock`; a shipped binary has no such feature.

mod judge;

pub use judge::{Reading, TOLERANCE, Trouble};

use domain::Time;
use judge::Judge;
use rustix::time::{ClockId, clock_gettime};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use tokio::sync::watch;

/// Counts since the machine started, sleep included.
#[cfg(any(target_os = "linux", target_os = "android"))]
const BOOT: ClockId = ClockId::Boottime;
/// The same elsewhere.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const BOOT: ClockId = ClockId::Monotonic;
/// Tells one start of the machine from another.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// When the clock was last believed, as kept beside the log: a restart of the server must not make a
/// wrong clock right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Which start of the machine; it means nothing after another.
    pub boot: String,
    /// [`Reading::offset_ms`].
    pub offset_ms: i64,
}

/// Tells the time, to the millisecond. Clones are the same clock.
#[derive(Clone, Debug, Default)]
pub struct ServerClock {
    judge: Arc<Mutex<Judge>>,
    /// What is wrong with it, as of the last look.
    trouble: Arc<watch::Sender<Option<Trouble>>>,
    #[cfg(feature = "test-clock")]
    moved: Arc<Moved>,
}

/// How far a test has moved the two clocks.
#[cfg(feature = "test-clock")]
#[derive(Debug, Default)]
struct Moved {
    wall_ms: std::sync::atomic::AtomicI64,
    boot_ms: std::sync::atomic::AtomicI64,
}

impl ServerClock {
    /// Server time, to the millisecond: what is stored reads back equal. While the clock is not believed,
    /// the time that has passed since it was.
    #[must_use]
    pub fn now(&self) -> Time {
        let reading = self.reading();
        let mut judge = self.judge();
        let trouble = judge.judge(reading).err();
        let time = judge.time(reading, trouble);
        drop(judge);
        self.note(trouble);
        time
    }

    /// Server time to write down.
    ///
    /// # Errors
    /// [`Trouble`] when the clock is not believed: nothing is to be written then.
    pub fn believed(&self) -> Result<Time, Trouble> {
        let reading = self.reading();
        let judged = self.judge().judge(reading);
        self.note(judged.err());
        judged.map(|()| reading.wall)
    }

    /// Server time to delete by: the clock is believed, and the server has run for some minutes. The clock of a
    /// machine that has just started may still be set.
    #[must_use]
    pub fn settled(&self) -> Option<Time> {
        let reading = self.reading();
        let time = self.believed().ok()?;
        self.judge().has_settled(reading).then_some(time)
    }

    /// What the clock of the machine says, believed or not.
    #[must_use]
    pub fn wall(&self) -> Time {
        self.reading().wall
    }

    /// What is wrong with it now.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        self.believed().err()
    }

    /// Changes when the clock stops being believed, and when it is believed again.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Option<Trouble>> {
        self.trouble.subscribe()
    }

    /// Returns once the clock is believed.
    pub async fn until_believed(&self) {
        let mut trouble = self.subscribe();
        // The sender lives in `self`: it cannot be gone.
        let _ = trouble.wait_for(Option::is_none).await;
    }

    /// Starts judging: by the log's last time, and by what was believed before this start.
    pub(crate) fn start(&self, log_at: Option<Time>, before: Option<Reference>) {
        let boot = boot_id();
        let same = before.filter(|kept| Some(&kept.boot) == boot.as_ref());
        let judge = Judge::new(log_at, same.map(|kept| kept.offset_ms));
        *self.judge() = judge.started(self.reading());
        let _first_look = self.now();
    }

    /// Takes note of the log's last time.
    pub(crate) fn recorded(&self, at: Option<Time>) {
        self.judge().recorded(at);
    }

    /// Somebody looked and said that it is right; `log_at` is the log's last time since.
    pub(crate) fn believe(&self, log_at: Time) {
        let reading = self.reading();
        self.judge().believe(reading, log_at);
        let _looked = self.now();
    }

    /// What to keep beside the log; none before the clock was believed, and where the machine does not
    /// tell its starts apart.
    pub(crate) fn reference(&self) -> Option<Reference> {
        let offset_ms = self.judge().believed_ms()?;
        let boot = boot_id()?;
        Some(Reference { boot, offset_ms })
    }

    /// A panic while the lock is held cannot leave the judge half changed.
    fn judge(&self) -> MutexGuard<'_, Judge> {
        self.judge.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says what is new in the log, once.
    fn note(&self, trouble: Option<Trouble>) {
        let is_new = self.trouble.send_if_modified(|known| {
            // The same trouble by a millisecond more is no news.
            let is_new = known.map(kind) != trouble.map(kind);
            is_new.then(|| *known = trouble).is_some()
        });
        match trouble {
            Some(trouble) if is_new => tracing::error!("{}", trouble.line()),
            None if is_new => tracing::info!("the server's clock is believed again"),
            _ => {}
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the edge where time comes in"
    )]
    fn reading(&self) -> Reading {
        let wall = chrono::Utc::now();
        let wall = Time::from_timestamp_millis(wall.timestamp_millis()).unwrap_or(wall);
        let boot = clock_gettime(BOOT);
        let boot_ms = boot.tv_sec * 1_000 + boot.tv_nsec / 1_000_000;
        self.moved(Reading { wall, boot_ms })
    }

    #[cfg(not(feature = "test-clock"))]
    fn moved(&self, reading: Reading) -> Reading {
        reading
    }
}

/// For tests.
#[cfg(feature = "test-clock")]
impl ServerClock {
    /// Moves time: both clocks, as while the machine runs or sleeps.
    pub fn advance(&self, ms: i64) {
        self.advance_wall(ms);
        self.advance_boot(ms);
    }

    /// Sets the clock forward, or back.
    pub fn advance_wall(&self, ms: i64) {
        let order = std::sync::atomic::Ordering::SeqCst;
        self.moved.wall_ms.fetch_add(ms, order);
    }

    /// Moves the time since the machine started alone.
    pub fn advance_boot(&self, ms: i64) {
        let order = std::sync::atomic::Ordering::SeqCst;
        self.moved.boot_ms.fetch_add(ms, order);
    }

    /// The clock of the same machine in a server that starts anew.
    #[must_use]
    pub fn of_next_start(&self) -> Self {
        Self {
            moved: Arc::clone(&self.moved),
            ..Self::default()
        }
    }

    fn moved(&self, reading: Reading) -> Reading {
        let order = std::sync::atomic::Ordering::SeqCst;
        let (wall_ms, boot_ms) = (
            self.moved.wall_ms.load(order),
            self.moved.boot_ms.load(order),
        );
        Reading {
            wall: reading.wall + chrono::Duration::milliseconds(wall_ms),
            boot_ms: reading.boot_ms + boot_ms,
        }
    }
}

fn kind(trouble: Trouble) -> std::mem::Discriminant<Trouble> {
    std::mem::discriminant(&trouble)
}

fn boot_id() -> Option<String> {
    static ID: OnceLock<Option<String>> = OnceLock::new();
    let read = || Some(std::fs::read_to_string(BOOT_ID).ok()?.trim().to_owned());
    ID.get_or_init(read).clone()
}
