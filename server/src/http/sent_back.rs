//! Whose password was not looked at in time is sent back to ask again, and goes before whoever has waited less. A browser
//! does so by itself. Only the time counts that somebody waited here: a ticket that is kept for later gains nothing, and
//! each half second costs a request. Of so many requests a second from one address, the fewer are first in line the
//! longer one has to have waited, so whoever goes on gets in.
//!
//! What cannot be told from the right password is a flood of the same e-mail from the same address, or of ever new e-mails
//! there, of more tries a second than can be looked at, each of which is brought back as long: the right one gets in by
//! chance then, or is answered within ten seconds that it is to come again.

use crate::http::fault::Fault;
use crate::http::session::Token;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Browsers follow twenty times; with this many it is nine seconds.
const TIMES_MAX: u32 = 17;
/// Who comes back, does so at once.
const GOOD_FOR: Duration = Duration::from_secs(10);
/// More who are on their way back are not kept; who came back least often goes first.
const TICKETS_MAX: usize = 4_096;
/// When to come back for who came back often enough.
const RETRY_AFTER_S: u32 = 5;
/// The log is told once in this time.
const TOLD_EVERY: Duration = Duration::from_secs(60);

/// Who sends a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// From where.
    pub address: IpAddr,
    /// Whose it would be.
    pub email: String,
}

/// Since when whoever came back so often has waited: their patience was at its end each time.
pub fn waits_since(came_back: u32, patience: Duration, now: Instant) -> Instant {
    now.checked_sub(patience * came_back).unwrap_or(now)
}

/// Who is on their way back.
#[derive(Default)]
pub struct SentBack(Mutex<State>);

#[derive(Default)]
struct State {
    tickets: HashMap<String, Ticket>,
    /// Since the log was told.
    count: u64,
    told_at: Option<Instant>,
}

struct Ticket {
    sender: Sender,
    /// How many times, when it is brought.
    times: u32,
    until: Instant,
}

impl SentBack {
    /// A ticket to come back with; it counts once, from the same sender.
    ///
    /// # Errors
    /// [`Fault::TooMany`] when they came back often enough, [`Fault::Internal`] without random numbers.
    pub fn send(&self, sender: Sender, came_back: u32, now: Instant) -> Result<String, Fault> {
        let mut state = self.state();
        state.tell(&sender, now);
        if came_back >= TIMES_MAX {
            return Err(Fault::TooMany {
                retry_after_s: RETRY_AFTER_S,
            });
        }
        if state.tickets.len() >= TICKETS_MAX {
            state.make_room(now);
        }
        let name = Token::random()?.text();
        let ticket = Ticket {
            sender,
            times: came_back + 1,
            until: now + GOOD_FOR,
        };
        state.tickets.insert(name.clone(), ticket);
        Ok(name)
    }

    /// How many times whoever brings this ticket has come back; 0 when it is none of theirs.
    pub fn came_back(&self, ticket: &str, sender: &Sender, now: Instant) -> u32 {
        let ticket = self.state().tickets.remove(ticket);
        let ticket = ticket.filter(|ticket| ticket.sender == *sender && now <= ticket.until);
        ticket.map_or(0, |ticket| ticket.times)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn make_room(&mut self, now: Instant) {
        self.tickets.retain(|_, ticket| now <= ticket.until);
        if self.tickets.len() < TICKETS_MAX {
            return;
        }
        let least = self.tickets.iter().min_by_key(|(_, ticket)| ticket.times);
        if let Some(name) = least.map(|(name, _)| name.clone()) {
            self.tickets.remove(&name);
        }
    }

    fn tell(&mut self, sender: &Sender, now: Instant) {
        self.count += 1;
        if self.told_at.is_some_and(|at| now < at + TOLD_EVERY) {
            return;
        }
        let (count, address) = (std::mem::take(&mut self.count), sender.address);
        self.told_at = Some(now);
        tracing::warn!(
            count, %address,
            "more passwords come than can be looked at: they were sent back to ask again"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::throttle::{Attempt, Throttle};
    use crate::http::turns::{Asker, Turn, Turns};
    use domain::Time;
    use futures::FutureExt as _;
    use futures::future::BoxFuture;
    use rand::rngs::StdRng;
    use rand::{Rng as _, SeedableRng as _};
    use tokio::task::unconstrained;

    fn sender(email: &str) -> Sender {
        Sender {
            address: IpAddr::from([192, 0, 2, 1]),
            email: email.to_owned(),
        }
    }

    #[test]
    fn a_ticket_counts_once_and_for_its_sender_alone() {
        let (sent_back, now) = (SentBack::default(), Instant::now());
        let send = |came_back| sent_back.send(sender("ana"), came_back, now);
        let back = |ticket: &str, email| sent_back.came_back(ticket, &sender(email), now);
        let ticket = send(0).unwrap();
        assert_eq!(back("another", "ana"), 0);
        assert_eq!(back(&ticket, "ana"), 1);
        assert_eq!(back(&ticket, "ana"), 0, "brought twice");
        assert_eq!(back(&send(1).unwrap(), "bo"), 0);
        assert_eq!(back(&send(16).unwrap(), "ana"), 17);
        let often = Err(Fault::TooMany {
            retry_after_s: RETRY_AFTER_S,
        });
        assert_eq!(send(17), often);
        let late = send(3).unwrap();
        let later = now + GOOD_FOR + Duration::from_millis(1);
        assert_eq!(sent_back.came_back(&late, &sender("ana"), later), 0);
    }

    #[test]
    fn there_is_a_most_of_tickets_and_who_came_back_most_often_keeps_theirs() {
        let (sent_back, now) = (SentBack::default(), Instant::now());
        let often = sent_back.send(sender("ana"), 5, now).unwrap();
        for _ in 0..TICKETS_MAX + 9 {
            sent_back.send(sender("bo"), 0, now).unwrap();
        }
        assert_eq!(sent_back.state().tickets.len(), TICKETS_MAX);
        assert_eq!(sent_back.came_back(&often, &sender("ana"), now), 6);
    }

    #[test]
    fn the_log_is_told_once_a_minute_how_many() {
        let (sent_back, now) = (SentBack::default(), Instant::now());
        for _ in 0..3_000 {
            sent_back.send(sender("ana"), 0, now).unwrap();
        }
        assert_eq!(sent_back.state().count, 2_999, "one was told");
        let later = now + TOLD_EVERY;
        sent_back.send(sender("ana"), 0, later).unwrap();
        assert_eq!(sent_back.state().count, 0);
    }

    /// How a flood behaves.
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Flood {
        /// One e-mail, and never comes back.
        OneEmail,
        /// An e-mail each, and never comes back.
        ManyEmails,
        /// One e-mail, and comes back as browsers do, within its requests a second.
        ComesBack,
        /// One e-mail that is another, fifty new tries a second, and each comes back at once.
        FollowsWithOne,
        /// The e-mails of fifty others, and each try comes back at once.
        FollowsWithFifty,
        /// One e-mail; two hundred at a time who try, come back at once, and try again when they are answered.
        TwoHundred,
        /// One e-mail; comes back when its ticket is about to end, with all that it has saved up.
        SavesUp,
    }

    impl Flood {
        /// Within what time the right password is in. It is known apart from a flood of others' e-mails at once.
        fn in_within_ms(self) -> u64 {
            match self {
                Self::FollowsWithOne | Self::FollowsWithFifty => 1_000,
                _ => 10_000,
            }
        }
    }

    const PATIENCE_MS: u64 = 500;
    const FLOOD_MS: u64 = 20;
    const STEP_MS: u64 = 5;

    /// A request that waits.
    struct Waits {
        turn: BoxFuture<'static, Option<Turn>>,
        since: u64,
        came_back: u32,
        email: String,
        is_right: bool,
    }

    /// A virtual server: time goes by in steps of 5 ms, two are hashed for at a time.
    struct World {
        flood: Flood,
        start: Instant,
        now: u64,
        turns: Turns,
        sent_back: SentBack,
        throttle: Throttle,
        waiting: Vec<Waits>,
        /// Until when, of what, and by which turn.
        hashing: Vec<(u64, Waits, Turn)>,
        /// When wrong ones are answered.
        answered: Vec<u64>,
        /// What the flood may come back with, and from when on.
        saved: Vec<(String, String, u64)>,
        hash_ms: u64,
        random: StdRng,
    }

    impl World {
        fn at(&self) -> Instant {
            self.start + Duration::from_millis(self.now)
        }

        fn time(&self) -> Time {
            Time::UNIX_EPOCH + Duration::from_millis(self.now)
        }

        fn ask(&mut self, email: &str, ticket: Option<&str>, is_right: bool) {
            let (sender, at) = (sender(email), self.at());
            let came_back = ticket.map_or(0, |t| self.sent_back.came_back(t, &sender, at));
            let asker = Asker {
                address: sender.address,
                name: email.to_owned(),
                is_known: false,
                is_suspect: self.throttle.is_suspect(email, sender.address, self.time()),
                since: waits_since(came_back, Duration::from_millis(PATIENCE_MS), at),
                // It is this test that ends their patience.
                patience: Duration::from_secs(3_600),
            };
            let turns = self.turns.clone();
            self.waiting.push(Waits {
                // One task polls all of them: none may give way to another.
                turn: unconstrained(async move { turns.take(asker).await }).boxed(),
                since: self.now,
                came_back,
                email: email.to_owned(),
                is_right,
            });
            self.begin(self.waiting.len() - 1);
        }

        /// Whoever has the turn is hashed for; of those who stand from this place on.
        fn begin(&mut self, from: usize) {
            let mut ready = self.waiting[from..].iter_mut().enumerate();
            let ready =
                ready.find_map(|(place, waits)| Some((place, (&mut waits.turn).now_or_never()?)));
            let Some((place, turn)) = ready else { return };
            let begun = self.waiting.remove(from + place);
            let turn = turn.expect("nobody is sent away");
            let took = self
                .random
                .random_range(self.hash_ms / 2..=self.hash_ms * 3 / 2);
            self.hashing.push((self.now + took, begun, turn));
        }

        fn end_hashing(&mut self) -> bool {
            let (now, mut is_in) = (self.now, false);
            while let Some(done) = self.hashing.iter().position(|(until, ..)| *until <= now) {
                let (_, looked_at, turn) = self.hashing.remove(done);
                is_in |= looked_at.is_right;
                if !looked_at.is_right {
                    self.count_wrong(&looked_at.email);
                }
                drop(turn);
                self.begin(0);
            }
            is_in
        }

        fn count_wrong(&mut self, email: &str) {
            let wrong = Attempt {
                email: email.to_owned(),
                has_account: true,
                address: sender(email).address,
                known: None,
            };
            let first = Duration::from_millis(PATIENCE_MS);
            let wait = self.throttle.failed(&wrong, first, self.time());
            let wait_ms = u64::try_from(wait.as_millis()).unwrap();
            self.answered.push(self.now + wait_ms);
        }

        /// Whoever waited in vain is sent back. False when the right one was so too often.
        fn end_patience(&mut self) -> bool {
            let over = |waits: &Waits| waits.since + PATIENCE_MS <= self.now;
            let (gone, waiting) = std::mem::take(&mut self.waiting)
                .into_iter()
                .partition(over);
            self.waiting = waiting;
            let gone: Vec<Waits> = gone;
            for gone in gone {
                let ticket = self
                    .sent_back
                    .send(sender(&gone.email), gone.came_back, self.at());
                match (ticket, gone.is_right, self.flood) {
                    (Ok(ticket), true, _) => self.ask(&gone.email, Some(&ticket), true),
                    (Err(_), true, _) => return false,
                    (
                        Ok(ticket),
                        _,
                        Flood::FollowsWithOne | Flood::FollowsWithFifty | Flood::TwoHundred,
                    ) => self.ask(&gone.email, Some(&ticket), false),
                    (Ok(ticket), _, Flood::ComesBack) => {
                        self.saved.push((ticket, gone.email, self.now));
                    }
                    (Ok(ticket), _, Flood::SavesUp) => {
                        self.saved.push((ticket, gone.email, self.now + 9_000));
                    }
                    _ => {}
                }
            }
            true
        }

        fn flood_once(&mut self) {
            let due = self.saved.iter().position(|(.., from)| *from <= self.now);
            if let Some(due) = due {
                let (ticket, email, _) = self.saved.remove(due);
                return self.ask(&email, Some(&ticket), false);
            }
            let email = match self.flood {
                Flood::ManyEmails => format!("x{}", self.now),
                Flood::FollowsWithOne => "bo".to_owned(),
                Flood::FollowsWithFifty => format!("x{}", self.now / FLOOD_MS % 50),
                Flood::TwoHundred => return self.try_again(),
                _ => "ana".to_owned(),
            };
            self.ask(&email, None, false);
        }

        /// Whoever was answered tries again.
        fn try_again(&mut self) {
            let now = self.now;
            self.answered.retain(|at| *at > now);
            let wrong = self.waiting.iter().filter(|waits| !waits.is_right);
            let busy = wrong.count() + self.hashing.len() + self.answered.len();
            (busy..200).for_each(|_| self.ask("ana", None, false));
        }

        /// Whether the right password gets in in time, in the middle of the flood.
        fn gets_answer(mut self) -> bool {
            let comes = 12_000 + STEP_MS * self.random.random_range(0..FLOOD_MS / STEP_MS);
            while self.now < comes + self.flood.in_within_ms() {
                self.now += STEP_MS;
                if self.end_hashing() {
                    return true;
                }
                if !self.end_patience() {
                    return false;
                }
                if self.now.is_multiple_of(FLOOD_MS) {
                    self.flood_once();
                }
                if self.now == comes {
                    self.ask("ana", None, true);
                }
            }
            false
        }
    }

    #[tokio::test]
    async fn the_right_password_is_in_within_ten_seconds_of_any_flood_that_can_be_told() {
        const SEEDS: u64 = 25;
        for flood in [
            Flood::OneEmail,
            Flood::ManyEmails,
            Flood::ComesBack,
            Flood::FollowsWithOne,
            Flood::FollowsWithFifty,
            Flood::TwoHundred,
            Flood::SavesUp,
        ] {
            for per_second in [15, 25, 40] {
                let in_time = (0..SEEDS).filter(|seed| {
                    let world = World {
                        flood,
                        start: Instant::now(),
                        now: 0,
                        turns: Turns::of(2),
                        sent_back: SentBack::default(),
                        throttle: Throttle::default(),
                        answered: Vec::new(),
                        waiting: Vec::new(),
                        hashing: Vec::new(),
                        saved: Vec::new(),
                        hash_ms: 2_000 / per_second,
                        random: StdRng::seed_from_u64(*seed),
                    };
                    world.gets_answer()
                });
                let in_time = in_time.count() as u64;
                assert_eq!(in_time, SEEDS, "{flood:?} at {per_second} a second");
            }
        }
    }
}
