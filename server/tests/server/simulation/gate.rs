//! Where a tab waits for the network and for its device. It stands there until the world lets it pass, so that one thing
//! happens at a time, in the order of the seed.

use std::cell::Cell;
use tokio::sync::Notify;

/// What becomes of who stands at a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Pass,
    /// A question or an answer is lost on its way; a device cannot write.
    Fail,
}

/// What is behind a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behind {
    Network,
    Device,
}

pub struct Gate {
    /// Nobody waits before it is shut.
    is_shut: Cell<bool>,
    reached: Notify,
    opened: Notify,
    verdict: Cell<Verdict>,
    behind: Cell<Behind>,
}

impl Gate {
    pub fn new() -> Self {
        Self {
            is_shut: Cell::new(false),
            reached: Notify::new(),
            opened: Notify::new(),
            verdict: Cell::new(Verdict::Pass),
            behind: Cell::new(Behind::Network),
        }
    }

    /// From now on tabs wait here.
    pub fn shut(&self) {
        self.is_shut.set(true);
    }

    /// A tab waits here.
    pub async fn wait(&self, behind: Behind) -> Verdict {
        if !self.is_shut.get() {
            return Verdict::Pass;
        }
        self.behind.set(behind);
        self.reached.notify_one();
        self.opened.notified().await;
        self.verdict.get()
    }

    /// Lets the tab pass that stands here, and says what is behind.
    pub fn open(&self, verdict: Verdict) -> Behind {
        self.verdict.set(verdict);
        self.opened.notify_one();
        self.behind.get()
    }

    /// Returns when the tab stands here again.
    pub async fn reached(&self) {
        self.reached.notified().await;
    }
}
