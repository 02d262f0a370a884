//! Turns at work that many may ask for and few can be given: shared fairly by address, and within one address by
//! what is asked for, so that a flood from one place stands in its own way. Whoever is known goes before all others,
//! and who waited in vain and came back before who came back less often (`sent_back.rs`).

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until, timeout_at};

/// Who may wait; of more, the one who has waited longest in the longest queue is sent away.
const WAITING_MAX: usize = 1_024;

/// Who asks for a turn.
#[derive(Clone, Debug)]
pub struct Asker {
    /// Where they are.
    pub address: IpAddr,
    /// Whom they say they are.
    pub name: String,
    /// By what right.
    pub rank: Rank,
}

/// By what right somebody asks for a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// Something that a stranger has not speaks for them. They wait until they have their turn.
    Known,
    /// Nothing speaks for them but that they came back.
    Stranger {
        /// How many times they waited in vain before.
        came_back: u32,
        /// How long they wait this time.
        patience: Duration,
    },
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
    waiting: HashMap<IpAddr, Ranks>,
    count: usize,
}

/// Who waits at one address, by how often they came back.
#[derive(Default)]
struct Ranks(BTreeMap<u32, Names>);

/// Who waits there and came back as often, by whom they say they are.
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

    /// A turn, when it comes; none for who waited in vain, or has to make room for others. Neither learns so early.
    pub async fn take(&self, asker: Asker) -> Option<Turn> {
        let rank = asker.rank;
        let waits = {
            let mut state = self.state();
            if state.free > 0 {
                state.free -= 1;
                return Some(Turn(Some(self.clone())));
            }
            let (turn, waits) = oneshot::channel();
            let (addresses, came_back) = match rank {
                Rank::Known => (&mut state.known, 0),
                Rank::Stranger { came_back, .. } => (&mut state.strangers, came_back),
            };
            addresses.add(asker.address, came_back, asker.name, turn);
            if addresses.count > WAITING_MAX {
                addresses.send_one_away();
            }
            waits
        };
        let Rank::Stranger { patience, .. } = rank else {
            return waits.await.ok();
        };
        let until = Instant::now() + patience;
        match timeout_at(until, waits).await {
            Ok(Ok(turn)) => Some(turn),
            Ok(Err(_)) => {
                // Sent away at once, they would come back so often at once.
                sleep_until(until).await;
                None
            }
            Err(_) => None,
        }
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
    fn add(&mut self, address: IpAddr, came_back: u32, name: String, turn: oneshot::Sender<Turn>) {
        let ranks = self.waiting.entry(address).or_insert_with(|| {
            self.order.push_back(address);
            Ranks::default()
        });
        ranks.0.entry(came_back).or_default().add(name, turn);
        self.count += 1;
    }

    /// Who still waits and is next. Who is gone costs their address no turn.
    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        while let Some(address) = self.order.pop_front() {
            let Some(ranks) = self.waiting.get_mut(&address) else {
                continue;
            };
            let before = ranks.count();
            let next = ranks.next();
            let after = ranks.count();
            self.count -= before - after;
            match after {
                0 => drop(self.waiting.remove(&address)),
                _ => self.order.push_back(address),
            }
            if next.is_some() {
                return next;
            }
        }
        None
    }

    fn send_one_away(&mut self) {
        let longest = self.waiting.iter_mut();
        let longest = longest.max_by_key(|(_, ranks)| ranks.count());
        let Some((address, ranks)) = longest.map(|(address, ranks)| (*address, ranks)) else {
            return;
        };
        self.count -= usize::from(ranks.send_one_away());
        if ranks.count() == 0 {
            self.waiting.remove(&address);
            self.order.retain(|other| *other != address);
        }
    }
}

impl Ranks {
    fn count(&self) -> usize {
        self.0.values().map(|names| names.count).sum()
    }

    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        while let Some(mut most) = self.0.last_entry() {
            let next = most.get_mut().next();
            if most.get().count == 0 {
                most.remove();
            }
            if next.as_ref().is_none_or(|turn| !turn.is_closed()) {
                return next;
            }
        }
        None
    }

    /// Of those who came back least often.
    fn send_one_away(&mut self) -> bool {
        let Some(mut least) = self.0.first_entry() else {
            return false;
        };
        let gone = least.get_mut().send_one_away();
        if least.get().count == 0 {
            least.remove();
        }
        gone
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
    use tokio::task::unconstrained;

    type Waits = BoxFuture<'static, Option<Turn>>;

    /// Patient enough for any test.
    fn stranger(came_back: u32) -> Rank {
        let patience = Duration::from_secs(3_600);
        Rank::Stranger {
            came_back,
            patience,
        }
    }

    fn ask(turns: &Turns, address: u8, name: &str, is_known: bool) -> Waits {
        let asker = Asker {
            address: IpAddr::from([192, 0, 2, address]),
            name: name.to_owned(),
            rank: match is_known {
                true => Rank::Known,
                false => stranger(0),
            },
        };
        let turns = turns.clone();
        let mut waits = unconstrained(async move { turns.take(asker).await }).boxed();
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
            rank: stranger(0),
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
        // They learn it when their patience ends; no turn comes to them.
        let gone: Vec<Waits> = flood.drain(..2).collect();
        let waiting = vec![("bo", bo), ("other", other)];
        assert_eq!(order(first, waiting), ["bo", "other"]);
        assert!(gone.into_iter().all(|gone| gone.now_or_never().is_none()));
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
