//! Live streams of one session and of one person. A further one ends the oldest: that may be one whose reader is gone
//! without a word.

use crate::http::Limits;
use domain::PersonId;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

type TokenHash = [u8; 32];

/// The open streams by person, the oldest first.
#[derive(Clone, Default)]
pub struct Streams(Arc<Mutex<Open>>);

#[derive(Default)]
struct Open {
    next: u64,
    by_person: HashMap<PersonId, VecDeque<Entry>>,
}

struct Entry {
    id: u64,
    session: TokenHash,
    /// Dropping it ends the stream.
    _out: oneshot::Sender<()>,
}

impl Streams {
    /// One more stream of this session of this person.
    pub fn open(&self, person: PersonId, session: TokenHash, limits: &Limits) -> Stream {
        let mut open = locked(&self.0);
        let id = open.next;
        open.next += 1;
        let (out, pushed_out) = oneshot::channel();
        let own = open.by_person.entry(person).or_default();
        own.push_back(Entry {
            id,
            session,
            _out: out,
        });
        let of_session = own.iter().filter(|e| e.session == session).count();
        if of_session > limits.streams_per_session {
            let oldest = own.iter().position(|e| e.session == session);
            drop(oldest.and_then(|place| own.remove(place)));
        }
        if own.len() > limits.streams_per_person {
            own.pop_front();
        }
        Stream {
            id,
            person,
            pushed_out,
            streams: self.clone(),
        }
    }
}

/// An open stream; counted until it is dropped.
pub struct Stream {
    id: u64,
    person: PersonId,
    pushed_out: oneshot::Receiver<()>,
    streams: Streams,
}

impl Stream {
    /// Returns when newer streams of the session, or of the person, have taken its place.
    pub async fn pushed_out(&mut self) {
        let _gone = (&mut self.pushed_out).await;
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let mut open = locked(&self.streams.0);
        if let Some(own) = open.by_person.get_mut(&self.person) {
            own.retain(|entry| entry.id != self.id);
            if own.is_empty() {
                open.by_person.remove(&self.person);
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
    use uuid::Uuid;

    fn open(streams: &Streams, person: u128, session: u8) -> Stream {
        let limits = Limits {
            streams_per_session: 2,
            streams_per_person: 3,
            ..Limits::default()
        };
        streams.open(PersonId(Uuid::from_u128(person)), [session; 32], &limits)
    }

    fn is_open(stream: &mut Stream) -> bool {
        stream.pushed_out.try_recv() == Err(oneshot::error::TryRecvError::Empty)
    }

    #[test]
    fn a_further_stream_ends_the_oldest_of_its_own_session() {
        let streams = Streams::default();
        let mut of_other_session = open(&streams, 1, 9);
        let (mut first, mut second) = (open(&streams, 1, 1), open(&streams, 1, 1));
        let third = open(&streams, 1, 1);
        assert!(!is_open(&mut first));
        assert!(is_open(&mut second) && is_open(&mut of_other_session));
        drop((first, third));
        let fourth = open(&streams, 1, 1);
        assert!(is_open(&mut second));
        drop((second, of_other_session, fourth));
        assert!(locked(&streams.0).by_person.is_empty());
    }

    #[test]
    fn a_further_stream_ends_the_oldest_of_its_person_in_whatever_session() {
        let streams = Streams::default();
        let mut of_other_person = open(&streams, 2, 9);
        let mut own: Vec<Stream> = (1..=4).map(|session| open(&streams, 1, session)).collect();
        let open: Vec<bool> = own.iter_mut().map(is_open).collect();
        assert_eq!(open, [false, true, true, true]);
        assert!(is_open(&mut of_other_person));
    }
}
