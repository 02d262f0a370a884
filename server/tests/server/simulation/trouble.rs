//! What befalls the server: it ends, is restored from an older copy, and somebody sets its clock.

use super::tally::Happening;
use super::world::{Backup, World};
use app::replica::outbox;
use domain::CommandId;
use server::store::Store;
use std::collections::BTreeSet;

/// How far a device's clock may be off.
pub const SKEW_MAX_MS: u64 = 2 * 3_600_000;
/// By how much the server's clock may be set.
const SET_MAX_MS: u64 = 3 * 3_600_000;

impl World {
    pub(super) fn set_device_clock(&mut self, who: usize) {
        let skew_ms = self.dice.around_zero(SKEW_MAX_MS);
        self.clients[who].opening.clock.skew_ms.set(skew_ms);
    }

    pub(super) fn set_clock(&mut self) {
        if self.server.clock.trouble().is_none() {
            self.count(Happening::ClockJumped);
            let ms = self.dice.around_zero(SET_MAX_MS);
            self.server.set_clock(ms);
        }
    }

    pub(super) async fn mend_clock(&mut self) {
        match self.dice.one_in(2) {
            true => self.server.undo_clock(),
            false => self.server.confirm_clock().await,
        }
    }

    pub(super) async fn restart(&mut self) {
        self.count(Happening::ServerRestarted);
        self.server.restart().await;
    }

    pub(super) async fn crash(&mut self) {
        self.count(Happening::ServerCrashed);
        self.server.crash().await;
    }

    pub(super) async fn back_up(&mut self) {
        let file = self.server.back_up().await;
        let answered = self.answered().await;
        self.backup = Some(Backup { file, answered });
    }

    /// Of all that was asked, what the log has an answer to.
    pub(super) async fn answered(&self) -> BTreeSet<CommandId> {
        let asked: Vec<CommandId> = self.ledger.asked.keys().copied().collect();
        let known = self.server.store.outcomes(&asked).await.unwrap();
        known.into_iter().map(|known| known.command).collect()
    }

    pub(super) async fn restore(&mut self) {
        let Some(backup) = self.backup.take() else {
            return;
        };
        self.count(Happening::Restored);
        for id in self.answered().await.difference(&backup.answered) {
            self.ledger.undone.insert(*id);
            if !self.is_kept(*id).await {
                self.ledger.forgotten.insert(*id);
            }
        }
        self.server.restore(backup.file).await;
    }

    /// Whether its device has it, and nobody there may hold the answer: then it is sent to whatever log there is.
    pub(super) async fn is_kept(&self, id: CommandId) -> bool {
        let opening = &self.clients[self.ledger.asked[&id].tab].opening;
        let mut there = self.clients.iter().filter(|c| c.opening.me == opening.me);
        let left = outbox::load(&opening.memory, &opening.author()).await;
        there.all(|c| c.flight.is_none()) && left.waiting.iter().any(|e| e.id == id)
    }
}
