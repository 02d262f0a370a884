//! Turns at work that many may ask for and few can be given: shared fairly by address, so that a flood from one place
//! stands in its own way. Whoever is known goes before strangers, for one turn at a time and not for ever. Within one
//! address a name with recent wrong passwords goes later, and of the rest whoever has waited longest goes first
//! (`sent_back.rs`).

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::iter::from_fn;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until, timeout_at};

/// Who may wait; of more, the one who has waited longest in the longest queue is sent away.
const WAITING_MAX: usize = 1_024;

/// So many turns go to known people while strangers wait; the next one is a stranger's.
const KNOWN_IN_A_ROW_MAX: u32 = 2;
/// So many turns of an address go to names that are not suspect while suspects wait; the next one is a suspect's, or a
/// flood of new names would keep out whoever has mistyped theirs.
const CLEAN_IN_A_ROW_MAX: u32 = 2;
/// The patience of who cannot be sent back to ask again.
pub const PATIENCE_WITHOUT_TICKET: Duration = Duration::from_secs(5);

/// Who asks for a turn.
#[derive(Clone, Debug)]
pub struct Asker {
    /// Where they are.
    pub address: IpAddr,
    /// Whom they say they are.
    pub name: String,
    /// Something that a stranger has not speaks for them. With their one turn at a time they wait until it comes; while
    /// they have it, or wait for it, they are strangers.
    pub is_known: bool,
    /// This name was tried from this address a short time ago, and in vain.
    pub is_suspect: bool,
    /// Since when they have waited, this time and before.
    pub since: Instant,
    /// How long a stranger waits this time.
    pub patience: Duration,
}

impl Asker {
    /// Somebody known, who cannot be sent back to ask again.
    pub fn known(address: IpAddr, name: String) -> Self {
        Self {
            address,
            name,
            is_known: true,
            is_suspect: false,
            since: Instant::now(),
            patience: PATIENCE_WITHOUT_TICKET,
        }
    }
}

/// Hands out the turns.
#[derive(Clone)]
pub struct Turns(Arc<Mutex<State>>);

struct State {
    free: usize,
    known: Addresses,
    strangers: Addresses,
    /// Of known people, who have their turn or wait for it.
    known_names: HashSet<String>,
    known_in_a_row: u32,
}

/// Who waits, by address. The address whose turn it is stands first.
#[derive(Default)]
struct Addresses {
    order: VecDeque<IpAddr>,
    waiting: HashMap<IpAddr, Line>,
    count: usize,
    added: u64,
}

/// Who waits at one address.
#[derive(Default)]
struct Line {
    clean: ByAge,
    suspect: ByAge,
    clean_in_a_row: u32,
}

/// By when they began to wait, and in which order they asked.
type ByAge = BTreeMap<(Instant, u64), oneshot::Sender<Turn>>;

/// A turn; the next one has it when this is dropped.
pub struct Turn {
    turns: Option<Turns>,
    /// Of somebody known.
    claim: Option<Claim>,
}

/// The one turn that somebody known has or waits for; given back when it is dropped.
struct Claim {
    turns: Turns,
    name: String,
}

impl Turns {
    /// So many at a time.
    pub fn of(at_once: usize) -> Self {
        Self(Arc::new(Mutex::new(State {
            free: at_once,
            known: Addresses::default(),
            strangers: Addresses::default(),
            known_names: HashSet::new(),
            known_in_a_row: 0,
        })))
    }

    /// A turn, when it comes; none for a stranger who waited in vain, or has to make room for others. Neither learns so
    /// early.
    pub async fn take(&self, asker: Asker) -> Option<Turn> {
        let claim = self.claim(&asker);
        let is_known = claim.is_some();
        let patience = asker.patience;
        let Some(waits) = self.ask(asker, is_known) else {
            return Some(Turn::new(self, claim));
        };
        if is_known {
            let mut turn = waits.await.ok()?;
            turn.claim = claim;
            return Some(turn);
        }
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

    /// None while they have one already, and for a stranger.
    fn claim(&self, asker: &Asker) -> Option<Claim> {
        let is_new = asker.is_known && self.state().known_names.insert(asker.name.clone());
        is_new.then(|| Claim {
            turns: self.clone(),
            name: asker.name.clone(),
        })
    }

    /// Where their turn comes; none when one is free, which is theirs then.
    fn ask(&self, asker: Asker, is_known: bool) -> Option<oneshot::Receiver<Turn>> {
        let mut state = self.state();
        if state.free > 0 {
            state.free -= 1;
            return None;
        }
        let (turn, waits) = oneshot::channel();
        let addresses = match is_known {
            true => &mut state.known,
            false => &mut state.strangers,
        };
        addresses.add(&asker, turn);
        if addresses.count > WAITING_MAX {
            addresses.send_one_away();
        }
        Some(waits)
    }

    /// Gives a turn that is free to the next who still waits.
    fn pass_on(&self) {
        loop {
            let next = self.state().next();
            let Some(next) = next else { return };
            match next.send(Turn::new(self, None)) {
                Ok(()) => return,
                // They are gone; it must not be passed on from within.
                Err(mut turn) => turn.turns = None,
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Who is next; with nobody, the turn is free.
    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        let is_strangers = self.known_in_a_row >= KNOWN_IN_A_ROW_MAX;
        let stranger = is_strangers.then(|| self.strangers.next()).flatten();
        let known = stranger.is_none().then(|| self.known.next()).flatten();
        self.known_in_a_row = match known {
            Some(_) => self.known_in_a_row.saturating_add(1),
            None => 0,
        };
        let next = known.or(stranger).or_else(|| self.strangers.next());
        self.free += usize::from(next.is_none());
        next
    }
}

impl Turn {
    fn new(turns: &Turns, claim: Option<Claim>) -> Self {
        Self {
            turns: Some(turns.clone()),
            claim,
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // Before the turn is passed on: the next of theirs is known again.
        self.claim = None;
        if let Some(turns) = self.turns.take() {
            turns.pass_on();
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.turns.state().known_names.remove(&self.name);
    }
}

impl Addresses {
    fn add(&mut self, asker: &Asker, turn: oneshot::Sender<Turn>) {
        let line = self.waiting.entry(asker.address).or_insert_with(|| {
            self.order.push_back(asker.address);
            Line::default()
        });
        let by_age = match asker.is_suspect {
            true => &mut line.suspect,
            false => &mut line.clean,
        };
        by_age.insert((asker.since, self.added), turn);
        self.added += 1;
        self.count += 1;
    }

    /// Who still waits and is next. Who is gone costs their address no turn.
    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        while let Some(address) = self.order.pop_front() {
            let Some(line) = self.waiting.get_mut(&address) else {
                continue;
            };
            let before = line.count();
            let next = line.next();
            let after = line.count();
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
        let longest = longest.max_by_key(|(_, line)| line.count());
        let Some((address, line)) = longest.map(|(address, line)| (*address, line)) else {
            return;
        };
        // Dropping it tells them.
        let newest = line.suspect.pop_last();
        let newest = newest.or_else(|| line.clean.pop_last());
        self.count -= usize::from(newest.is_some());
        if line.count() == 0 {
            self.waiting.remove(&address);
            self.order.retain(|other| *other != address);
        }
    }
}

impl Line {
    fn count(&self) -> usize {
        self.clean.len() + self.suspect.len()
    }

    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        let is_suspects = self.clean_in_a_row >= CLEAN_IN_A_ROW_MAX;
        let suspect = is_suspects.then(|| oldest(&mut self.suspect)).flatten();
        let clean = suspect.is_none().then(|| oldest(&mut self.clean)).flatten();
        self.clean_in_a_row = match clean {
            Some(_) => self.clean_in_a_row.saturating_add(1),
            None => 0,
        };
        clean.or(suspect).or_else(|| oldest(&mut self.suspect))
    }
}

/// Who has waited longest and still does.
fn oldest(by_age: &mut ByAge) -> Option<oneshot::Sender<Turn>> {
    from_fn(|| by_age.pop_first()).find_map(|(_, turn)| (!turn.is_closed()).then_some(turn))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;
    use futures::future::BoxFuture;
    use tokio::task::unconstrained;

    type Waits = BoxFuture<'static, Option<Turn>>;

    fn asker(address: [u8; 4], name: &str, is_known: bool) -> Asker {
        Asker {
            address: IpAddr::from(address),
            name: name.to_owned(),
            is_known,
            is_suspect: name == "flood",
            since: Instant::now(),
            // Enough for any test.
            patience: Duration::from_secs(3_600),
        }
    }

    fn ask(turns: &Turns, address: u8, name: &str, is_known: bool) -> Waits {
        let asker = asker([192, 0, 2, address], name, is_known);
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
        turns.take(asker([127, 0, 0, 1], "", false)).await.unwrap()
    }

    #[tokio::test]
    async fn addresses_take_turns_and_a_suspect_name_goes_later_within_one() {
        let turns = Turns::of(1);
        let first = taken(&turns).await;
        let waiting = vec![
            ("flood 1", ask(&turns, 1, "flood", false)),
            ("flood 2", ask(&turns, 1, "flood", false)),
            ("ana", ask(&turns, 1, "ana", false)),
            ("bo", ask(&turns, 1, "bo", false)),
            ("cy", ask(&turns, 1, "cy", false)),
            ("elsewhere", ask(&turns, 2, "flood", false)),
        ];
        let expected = ["ana", "elsewhere", "bo", "flood 1", "cy", "flood 2"];
        assert_eq!(order(first, waiting), expected);
        assert_eq!(turns.state().free, 1);
    }

    #[tokio::test]
    async fn who_has_waited_longest_goes_first() {
        let turns = Turns::of(1);
        let first = taken(&turns).await;
        let newer = ask(&turns, 1, "ana", false);
        let mut older = asker([192, 0, 2, 1], "ana", false);
        older.since -= Duration::from_millis(1);
        let older = turns.take(older);
        let older = unconstrained(older).map(|turn| turn.is_some());
        let mut older = std::pin::pin!(older);
        assert!((&mut older).now_or_never().is_none(), "it waits");
        drop(first);
        assert_eq!(older.now_or_never(), Some(true));
        drop(newer);
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
    async fn one_turn_at_a_time_is_known_for_each_person_and_the_rest_are_strangers() {
        let turns = Turns::of(1);
        let first = taken(&turns).await;
        let waiting = vec![
            ("stranger", ask(&turns, 1, "bo", false)),
            ("known", ask(&turns, 2, "ana", true)),
            ("second", ask(&turns, 2, "ana", true)),
            ("third", ask(&turns, 2, "ana", true)),
            ("other", ask(&turns, 1, "bo", false)),
            ("known too", ask(&turns, 2, "cy", true)),
        ];
        let expected = ["known", "known too", "stranger", "second", "other", "third"];
        assert_eq!(order(first, waiting), expected);
        assert!(turns.state().known_names.is_empty());
        drop(ask_when_busy(&turns).await);
        assert!(
            turns.state().known_names.is_empty(),
            "who went away is known again"
        );
    }

    /// Somebody known who waits for a turn.
    async fn ask_when_busy(turns: &Turns) -> (Turn, Waits) {
        let first = taken(turns).await;
        (first, ask(turns, 1, "ana", true))
    }

    #[tokio::test]
    async fn every_third_turn_is_a_strangers_however_many_are_known() {
        let turns = Turns::of(1);
        let first = taken(&turns).await;
        let known = ["k1", "k2", "k3", "k4", "k5"];
        let mut waiting: Vec<(&str, Waits)> =
            known.map(|name| (name, ask(&turns, 1, name, true))).into();
        waiting.extend(["s1", "s2"].map(|name| (name, ask(&turns, 1, name, false))));
        let expected = ["k1", "k2", "s1", "k3", "k4", "s2", "k5"];
        assert_eq!(order(first, waiting), expected);
    }

    #[tokio::test]
    async fn of_too_many_the_longest_line_loses_its_newest_suspect() {
        let turns = Turns::of(1);
        let first = taken(&turns).await;
        let other = ask(&turns, 2, "ana", false);
        let mut flood: Vec<Waits> = (0..WAITING_MAX - 1)
            .map(|_| ask(&turns, 1, "flood", false))
            .collect();
        let bo = ask(&turns, 1, "bo", false);
        assert_eq!(turns.state().strangers.count, WAITING_MAX);
        // They learn it when their patience ends; no turn comes to them.
        let gone = flood.pop().unwrap();
        let waiting = vec![("bo", bo), ("other", other)];
        assert_eq!(order(first, waiting), ["other", "bo"]);
        drop(flood);
        assert!(gone.now_or_never().is_none());
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
