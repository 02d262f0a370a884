//! Live streams of one session. A further one ends the oldest: that may be one whose reader is gone without a word.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

type TokenHash = [u8; 32];

/// The open streams by session, the oldest first.
#[derive(Clone, Default)]
pub struct Streams(Arc<Mutex<Open>>);

#[derive(Default)]
struct Open {
    next: u64,
    by_session: HashMap<TokenHash, VecDeque<(u64, oneshot::Sender<()>)>>,
}

impl Streams {
    /// One more stream of this session, which may have `most` at a time.
    pub fn open(&self, session: TokenHash, most: usize) -> Stream {
        let mut open = locked(&self.0);
        let id = open.next;
        open.next += 1;
        let (out, pushed_out) = oneshot::channel();
        let own = open.by_session.entry(session).or_default();
        own.push_back((id, out));
        if own.len() > most {
            // Dropping its sender ends it.
            own.pop_front();
        }
        Stream {
            id,
            session,
            pushed_out,
            streams: self.clone(),
        }
    }
}

/// An open stream; counted until it is dropped.
pub struct Stream {
    id: u64,
    session: TokenHash,
    pushed_out: oneshot::Receiver<()>,
    streams: Streams,
}

impl Stream {
    /// Returns when newer streams of the session have taken its place.
    pub async fn pushed_out(&mut self) {
        let _gone = (&mut self.pushed_out).await;
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let mut open = locked(&self.streams.0);
        if let Some(own) = open.by_session.get_mut(&self.session) {
            own.retain(|(id, _)| *id != self.id);
            if own.is_empty() {
                open.by_session.remove(&self.session);
            }
        }
    }
}

fn locked(open: &Mutex<Open>) -> MutexGuard<'_, Open> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_further_stream_ends_the_oldest_of_its_own_session() {
        let streams = Streams::default();
        let mut other = streams.open([9; 32], 2);
        let (mut first, mut second) = (streams.open([1; 32], 2), streams.open([1; 32], 2));
        let third = streams.open([1; 32], 2);
        first.pushed_out().await;
        for stream in [&mut second, &mut other] {
            assert!(
                stream
                    .pushed_out
                    .try_recv()
                    .is_err_and(|e| e == oneshot::error::TryRecvError::Empty)
            );
        }
        drop((first, third));
        let _fourth = streams.open([1; 32], 2);
        assert!(
            second
                .pushed_out
                .try_recv()
                .is_err_and(|e| e == oneshot::error::TryRecvError::Empty)
        );
        drop((second, other, _fourth));
        assert!(locked(&streams.0).by_session.is_empty());
    }
}
