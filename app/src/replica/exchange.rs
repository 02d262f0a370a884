//! One round trip with the server, the same in a browser and in a simulation: what waits is sent, what happened is
//! taken in, what was answered leaves the device.

use super::core::{Absorbed, Core};
use super::outbox::{self, Author};
use super::record_rows::{self, Turn};
use super::storage::Storage;
use crate::api::{
    Answer, ApiError, Outcome, PostedCommand, Pull, Pulled, Push, Pushed, Snapshot, TakeSnapshot,
};
use domain::{CommandId, Envelope, Refusal, Time};

/// Commands in one push.
const BATCH: usize = 50;

/// Who exchanges: a page, or a client in a simulation.
#[expect(
    async_fn_in_trait,
    reason = "a browser has one thread; nothing is sent to another one"
)]
pub trait Tab {
    /// What its device is.
    type Storage: Storage;

    /// Its device.
    fn storage(&self) -> &Self::Storage;
    /// Whose it is.
    fn author(&self) -> Author;
    /// Whether the session in which it was opened is still open, as far as the device knows.
    fn is_open(&self) -> bool;
    /// Its copy of the log.
    fn core<T>(&self, see: impl FnOnce(&mut Core) -> T) -> T;
    /// What its device takes the time to be.
    fn device_now(&self) -> Time;
    /// The server said what time it is, and more about itself, in answer to what was sent at `sent_at` by the device's
    /// clock.
    fn learn(&self, pulled: &Pulled, sent_at: Time);

    /// Sends commands, and asks what happened.
    ///
    /// # Errors
    /// [`ApiError`].
    async fn push(&self, asks: Push) -> Result<Pushed, ApiError>;
    /// Asks what happened.
    ///
    /// # Errors
    /// [`ApiError`].
    async fn pull(&self, asks: Pull) -> Result<Pulled, ApiError>;
    /// Asks for all there is.
    ///
    /// # Errors
    /// [`ApiError`].
    async fn snapshot(&self, asks: TakeSnapshot) -> Result<Snapshot, ApiError>;
}

/// How many commands go at once.
#[derive(Clone, Copy, Debug)]
pub struct Exchange {
    most: usize,
}

impl Exchange {
    /// The first one.
    pub const NEW: Self = Self { most: BATCH };

    /// Sends what waits, takes in what happened. True when there is more of either.
    ///
    /// # Errors
    /// [`ApiError`]; what was not answered still waits.
    pub async fn run<T: Tab>(&mut self, tab: &T) -> Result<bool, ApiError> {
        let kept_before = record_rows::count(tab.storage()).await;
        tab.core(|c| c.begin_exchange(kept_before));
        let batch: Vec<Envelope> =
            tab.core(|c| c.pending.iter().take(self.most).cloned().collect());
        let pulled = match batch.is_empty() {
            true => pull(tab).await?,
            false => match self.push(tab, batch).await? {
                Some(pulled) => pulled,
                None => return Ok(true),
            },
        };
        let more = pulled.more;
        if tab.core(|c| c.absorb(pulled)) == Absorbed::Lost {
            let me = tab.core(|c| Some(c.me.id));
            let snapshot = tab.snapshot(TakeSnapshot { me, number: None }).await?;
            tab.core(|c| c.reset(snapshot));
        }
        Ok(more || tab.core(|c| !c.pending.is_empty()))
    }

    /// What happened since; none when the push has to be made anew.
    async fn push<T: Tab>(
        &mut self,
        tab: &T,
        batch: Vec<Envelope>,
    ) -> Result<Option<Pulled>, ApiError> {
        let sent: Vec<CommandId> = batch.iter().map(|e| e.id).collect();
        let asks = tab.core(|c| Push {
            me: Some(c.me.id),
            since: c.head,
            seen: c.hash.clone(),
            people: Some(c.people.version),
            commands: batch.into_iter().map(PostedCommand::from).collect(),
        });
        let sent_at = tab.device_now();
        match tab.push(asks).await {
            Ok(pushed) => {
                self.most = BATCH;
                tab.learn(&pushed.pulled, sent_at);
                answered(tab, &pushed.answers, &sent).await;
                Ok(Some(pushed.pulled))
            }
            // Something between here and the server will not take it. Its author gets it back
            // rather than have it block all that waits behind it.
            Err(ApiError::BadRequest { detail }) if sent.len() == 1 => {
                let refusal = Refusal::out_of_order(detail);
                let answer = Answer {
                    command: sent[0],
                    outcome: Outcome::Refused { refusal },
                };
                answered(tab, &[answer], &sent).await;
                Ok(None)
            }
            // Too large, or one among them cannot be read: fewer at a time finds which.
            Err(ApiError::BadRequest { .. }) => {
                self.most = (sent.len() / 2).max(1);
                Ok(None)
            }
            Err(ApiError::Unavailable { retry_after_s }) => {
                // It reads all the same, and says what hinders it.
                pull(tab).await?;
                Err(ApiError::Unavailable { retry_after_s })
            }
            Err(error) => Err(error),
        }
    }
}

async fn pull<T: Tab>(tab: &T) -> Result<Pulled, ApiError> {
    let asks = tab.core(|c| Pull {
        me: Some(c.me.id),
        since: c.head,
        seen: c.hash.clone(),
        people: Some(c.people.version),
    });
    let sent_at = tab.device_now();
    let pulled = tab.pull(asks).await?;
    tab.learn(&pulled, sent_at);
    Ok(pulled)
}

/// What was answered leaves the device; what came back stays there until it is dealt with.
async fn answered<T: Tab>(tab: &T, answers: &[Answer], sent: &[CommandId]) {
    tab.core(|c| c.answered(answers));
    for id in sent {
        let (is_pending, back) = tab.core(|c| {
            let back = c.returned.iter().find(|r| r.envelope.id == *id);
            (c.is_pending(*id), back.cloned())
        });
        if is_pending {
            continue;
        }
        match back {
            Some(returned) => outbox::keep_returned(tab.storage(), tab.author(), returned).await,
            None => outbox::settle(tab.storage(), *id).await,
        };
    }
}

/// Takes up what the device has of this person, before anything is exchanged. What is of an earlier session of theirs
/// is left to be confirmed.
pub async fn take_up<T: Tab>(tab: &T) -> Vec<Envelope> {
    let left = outbox::load(tab.storage(), &tab.author()).await;
    tab.core(|core| {
        let known = std::mem::replace(&mut core.pending, left.waiting);
        for envelope in known {
            if !core.is_pending(envelope.id) {
                core.pending.push(envelope);
            }
        }
        for back in left.returned {
            if !core
                .returned
                .iter()
                .any(|r| r.envelope.id == back.envelope.id)
            {
                core.returned.push(back);
            }
        }
    });
    left.unconfirmed
}

/// Has the device keep what the server said, after an exchange.
pub async fn keep<T: Tab>(tab: &T) {
    let kept_at = tab.device_now();
    let (snapshot, kept_before) = tab.core(|c| (c.to_snapshot(c.told_at), c.kept_before));
    let session = tab.author().session;
    let turn = Turn {
        kept_at,
        kept_before,
    };
    record_rows::keep(tab.storage(), &snapshot, turn, &session, || tab.is_open()).await;
}
