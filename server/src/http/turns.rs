//! Turns at work that many may ask for and few can be given: shared fairly by address, and within one address by
//! what is asked for, so that a flood from one place stands in its own way. Whoever is known goes before all others.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Who may wait; of more, the one who has waited longest in the longest queue is sent away.
const WAITING_MAX: usize = 1_024;

/// Who asks for a turn.
#[derive(Clone, Debug)]
pub struct Asker {
    /// Where they are.
    pub address: IpAddr,
    /// Whom they say they are.
    pub name: String,
    /// Whether something that a stranger has not speaks for them.
    pub is_known: bool,
}

/// Hands out the turns.
#[derive(Clone)]
pub struct Turns(Arc<Mutex<State>>);

struct State {
    free: usize,
    known: Addresses,
    strangers: Addresses,
}

/// Who waits, by address. The address whose turn it is stands first.
#[derive(Default)]
struct Addresses {
    order: VecDeque<IpAddr>,
    waiting: HashMap<IpAddr, Names>,
    count: usize,
}

/// Who waits at one address, by whom they say they are.
#[derive(Default)]
struct Names {
    order: VecDeque<String>,
    waiting: HashMap<String, VecDeque<oneshot::Sender<Turn>>>,
    count: usize,
}

/// A turn; the next one has it when this is dropped.
pub struct Turn(Option<Turns>);

impl Turns {
    /// So many at a time.
    pub fn of(at_once: usize) -> Self {
        Self(Arc::new(Mutex::new(State {
            free: at_once,
            known: Addresses::default(),
            strangers: Addresses::default(),
        })))
    }

    /// A turn, when it comes; none for who has to make room for others.
    pub async fn take(&self, asker: Asker) -> Option<Turn> {
        let waits = {
            let mut state = self.state();
            if state.free > 0 {
                state.free -= 1;
                return Some(Turn(Some(self.clone())));
            }
            let (turn, waits) = oneshot::channel();
            let rank = match asker.is_known {
                true => &mut state.known,
                false => &mut state.strangers,
            };
            rank.add(asker.address, asker.name, turn);
            if rank.count > WAITING_MAX {
                rank.send_one_away();
            }
            waits
        };
        waits.await.ok()
    }

    /// Gives a turn that is free to the next who still waits.
    fn pass_on(&self) {
        loop {
            let next = {
                let mut state = self.state();
                let next = state.known.next().or_else(|| state.strangers.next());
                if next.is_none() {
                    state.free += 1;
                }
                next
            };
            let Some(next) = next else { return };
            match next.send(Turn(Some(self.clone()))) {
                Ok(()) => return,
                // They are gone; it must not be passed on from within.
                Err(mut turn) => turn.0 = None,
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(turns) = self.0.take() {
            turns.pass_on();
        }
    }
}

impl Addresses {
    fn add(&mut self, address: IpAddr, name: String, turn: oneshot::Sender<Turn>) {
        let names = self.waiting.entry(address).or_insert_with(|| {
            self.order.push_back(address);
            Names::default()
        });
        names.add(name, turn);
        self.count += 1;
    }

    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        let address = self.order.pop_front()?;
        let names = self.waiting.get_mut(&address)?;
        let next = names.next();
        self.count -= usize::from(next.is_some());
        match names.count {
            0 => drop(self.waiting.remove(&address)),
            _ => self.order.push_back(address),
        }
        next
    }

    fn send_one_away(&mut self) {
        let longest = self.waiting.iter_mut().max_by_key(|(_, names)| names.count);
        let Some((address, names)) = longest.map(|(address, names)| (*address, names)) else {
            return;
        };
        self.count -= usize::from(names.send_one_away());
        if names.count == 0 {
            self.waiting.remove(&address);
            self.order.retain(|other| *other != address);
        }
    }
}

impl Names {
    fn add(&mut self, name: String, turn: oneshot::Sender<Turn>) {
        if !self.waiting.contains_key(&name) {
            self.order.push_back(name.clone());
        }
        self.waiting.entry(name).or_default().push_back(turn);
        self.count += 1;
    }

    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        let name = self.order.pop_front()?;
        let queue = self.waiting.get_mut(&name)?;
        let next = queue.pop_front();
        self.count -= usize::from(next.is_some());
        match queue.is_empty() {
            true => drop(self.waiting.remove(&name)),
            false => self.order.push_back(name),
        }
        next
    }

    fn send_one_away(&mut self) -> bool {
        let longest = self.waiting.iter_mut().max_by_key(|(_, queue)| queue.len());
        let Some((name, queue)) = longest.map(|(name, queue)| (name.clone(), queue)) else {
            return false;
        };
        // Dropping it tells them.
        let gone = queue.pop_front().is_some();
        self.count -= usize::from(gone);
        if queue.is_empty() {
            self.waiting.remove(&name);
            self.order.retain(|other| *other != name);
        }
        gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;
    use futures::future::BoxFuture;

    type Waits = BoxFuture<'static, Option<Turn>>;

    fn ask(turns: &Turns, address: u8, name: &str, is_known: bool) -> Waits {
        let asker = Asker {
            address: IpAddr::from([192, 0, 2, address]),
            name: name.to_owned(),
            is_known,
        };
        let turns = turns.clone();
        let mut waits = async move { turns.take(asker).await }.boxed();
        assert!((&mut waits).now_or_never().is_none(), "it waits");
        waits
    }

    /// The names of who waits, in the order in which they have their turns.
    fn order(first: Turn, mut waiting: Vec<(&'static str, Waits)>) -> Vec<&'static str> {
        let mut names = Vec::new();
        let mut turn = Some(first);
        while !waiting.is_empty() {
            drop(turn.take());
            let ready = waiting
                .iter_mut()
                .enumerate()
                .find_map(|(place, (_, waits))| Some((place, waits.now_or_never()?)));
            let (place, next) = ready.expect("somebody has the turn");
            turn = next;
            names.push(waiting.remove(place).0);
        }
        names
    }

    async fn taken(turns: &Turns) -> Turn {
        let asker = Asker {
            address: IpAddr::from([127, 0, 0, 1]),
            name: String::new(),
            is_known: false,
        };
        turns.take(asker).await.unwrap()
    }

    #[tokio::test]
    async fn addresses_take_turns_and_so_do_names_within_one() {
        let turns = Turns::of(1);
        let first = taken(&turns).await;
        let waiting = vec![
            ("flood 1", ask(&turns, 1, "ana", false)),
            ("flood 2", ask(&turns, 1, "ana", false)),
            ("flood 3", ask(&turns, 1, "ana", false)),
            ("bo beside it", ask(&turns, 1, "bo", false)),
            ("elsewhere", ask(&turns, 2, "ana", false)),
        ];
        let expected = ["flood 1", "elsewhere", "bo beside it", "flood 2", "flood 3"];
        assert_eq!(order(first, waiting), expected);
        assert_eq!(turns.state().free, 1);
    }

    #[tokio::test]
    async fn who_is_known_goes_first_however_many_wait_at_the_same_address() {
        let turns = Turns::of(1);
        let first = taken(&turns).await;
        let flood: Vec<Waits> = (0..500).map(|_| ask(&turns, 1, "ana", false)).collect();
        let known = ask(&turns, 1, "ana", true);
        drop(first);
        assert!(known.now_or_never().flatten().is_some());
        drop(flood);
    }

    #[tokio::test]
    async fn of_too_many_the_longest_queue_loses_its_oldest() {
        let turns = Turns::of(1);
        let first = taken(&turns).await;
        let bo = ask(&turns, 1, "bo", false);
        let other = ask(&turns, 2, "ana", false);
        let mut flood: Vec<Waits> = (0..WAITING_MAX)
            .map(|_| ask(&turns, 1, "ana", false))
            .collect();
        assert_eq!(turns.state().strangers.count, WAITING_MAX);
        for gone in flood.drain(..2) {
            assert!(gone.now_or_never().unwrap().is_none(), "sent away");
        }
        let waiting = vec![("bo", bo), ("other", other)];
        assert_eq!(order(first, waiting), ["bo", "other"]);
    }

    #[tokio::test]
    async fn who_went_away_is_passed_over() {
        let turns = Turns::of(1);
        let first = taken(&turns).await;
        drop(ask(&turns, 1, "ana", false));
        let stays = ask(&turns, 1, "ana", false);
        assert_eq!(order(first, vec![("stays", stays)]), ["stays"]);
        assert_eq!(turns.state().free, 1);
    }
}
