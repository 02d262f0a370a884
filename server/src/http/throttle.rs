//! Slows guessing down: each wrong password is answered later than the one before, for each e-mail and address. A
//! right one is answered at once, so nobody is shut out by what a stranger does. Kept in memory and bounded; it
//! wears off, and a restart forgives.

use domain::{PersonId, Time};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The longest wait is the first one, doubled so often.
const DOUBLED_MAX: u32 = 4;
/// One wrong password is forgiven in each such time without another.
const FORGIVEN_EVERY_S: i64 = 60;
/// How long they are told to administrators.
const TOLD_HOURS: i64 = 24;
/// What administrators are told of: so many of one e-mail from one address, or of one address in all.
const TOLD_OF_PAIR_MIN: u32 = 5;
const TOLD_OF_ADDRESS_MIN: u32 = 20;
/// So many lines at most are told.
const TOLD_MAX: usize = 10;
/// Whoever was known is a stranger after so many in a row.
const OF_KNOWN_MAX: u32 = 5;
/// So many right passwords a minute are more than one person needs.
const RIGHT_MAX: u32 = 3;
/// More keys than this are not kept; the oldest go first.
const KEYS_MAX: usize = 10_000;
/// Lines in the log in one minute.
const LINES_MAX: u32 = 20;

/// By what somebody is known before their password is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Known {
    /// A browser in which they signed in before, by the hash of its cookie.
    Browser([u8; 32]),
    /// They are signed in.
    Person(PersonId),
}

/// Counts wrong passwords.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    pairs: Tally<(String, IpAddr)>,
    /// Right passwords: whoever signs in without end is no better than whoever guesses.
    right: Tally<(String, IpAddr)>,
    addresses: Tally<IpAddr>,
    known: Tally<Known>,
    lines: u32,
    lines_since: Option<Time>,
}

/// Wrong passwords by what they have in common.
#[derive(Debug)]
struct Tally<K>(HashMap<K, Wrong>);

impl<K> Default for Tally<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

#[derive(Clone, Copy, Debug)]
struct Wrong {
    since: Time,
    last: Time,
    /// In all, since then.
    count: u32,
    /// Those that are not forgiven yet.
    held: u32,
    has_account: bool,
}

/// A wrong password.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Whose it would be.
    pub email: String,
    /// Whether anybody has an account under it.
    pub has_account: bool,
    /// From where.
    pub address: IpAddr,
    /// From somebody known.
    pub known: Option<Known>,
}

/// What administrators are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How many.
    pub count: u32,
    /// For whom; none when it is no account's, or they were for many.
    pub email: Option<String>,
    /// From where.
    pub address: IpAddr,
    /// The first of them.
    pub since: Time,
    /// The last of them.
    pub last: Time,
}

impl Throttle {
    /// Counts a wrong password and tells after how long it is answered, where the first is answered after `first`.
    pub fn failed(&self, attempt: &Attempt, first: Duration, now: Time) -> Duration {
        let mut counts = self.counts();
        let (wrong, line) = counts.add(attempt, now);
        if let Some(line) = line.filter(|_| counts.may_log(now)) {
            line.log(attempt);
        }
        first * 2_u32.pow(wrong.held.saturating_sub(1).min(DOUBLED_MAX))
    }

    /// Forgets the wrong ones: it got in.
    pub fn succeeded(&self, email: &str, address: IpAddr, known: Option<Known>, now: Time) {
        let mut counts = self.counts();
        let pair = (email.to_owned(), address);
        counts.pairs.forgive(&pair);
        counts.right.add(pair, true, now);
        known.map(|known| counts.known.0.remove(&known));
    }

    /// Whether whoever is known by this only guesses.
    pub fn only_guesses(&self, known: &Known, now: Time) -> bool {
        let counts = self.counts();
        let wrong = counts.known.0.get(known);
        wrong.is_some_and(|wrong| wrong.held_at(now) >= OF_KNOWN_MAX)
    }

    /// Whether passwords for this e-mail came from this address a short time ago that were wrong, or too many.
    pub fn is_suspect(&self, email: &str, address: IpAddr, now: Time) -> bool {
        let (counts, pair) = (self.counts(), (email.to_owned(), address));
        let held = |tally: &Tally<_>| {
            tally
                .0
                .get(&pair)
                .map_or(0, |wrong: &Wrong| wrong.held_at(now))
        };
        held(&counts.pairs) > 0 || held(&counts.right) >= RIGHT_MAX
    }

    /// What administrators are told, the latest first, and how many lines more there would be.
    pub fn notices(&self, now: Time) -> (Vec<Notice>, usize) {
        let counts = self.counts();
        let recent = now - chrono::Duration::hours(TOLD_HOURS);
        let pairs = counts.pairs.told(TOLD_OF_PAIR_MIN, recent);
        let mut notices: Vec<Notice> = pairs
            .map(|((email, address), wrong)| {
                wrong.notice(*address, wrong.has_account.then(|| email.clone()))
            })
            .collect();
        let is_told_of = |address| notices.iter().any(|n: &Notice| n.address == address);
        let addresses = counts.addresses.told(TOLD_OF_ADDRESS_MIN, recent);
        let more: Vec<Notice> = addresses
            .filter(|(address, _)| !is_told_of(**address))
            .map(|(address, wrong)| wrong.notice(*address, None))
            .collect();
        notices.extend(more);
        notices.sort_by_key(|notice| Reverse(notice.last));
        let more = notices.len().saturating_sub(TOLD_MAX);
        notices.truncate(TOLD_MAX);
        (notices, more)
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A line of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    /// So many for this e-mail, since then.
    OneEmail(u32, Time),
    /// So many from this address, since then.
    SeveralEmails(u32, Time),
}

impl Line {
    fn log(self, attempt: &Attempt) {
        let address = attempt.address;
        match self {
            Self::OneEmail(count, since) => {
                // Who mistypes may put a password where the e-mail goes: only an account's is written down.
                let email = match attempt.has_account {
                    true => attempt.email.as_str(),
                    false => "no account",
                };
                tracing::warn!(%address, email, count, %since, "wrong passwords");
            }
            Self::SeveralEmails(count, since) => {
                tracing::warn!(%address, count, %since, "wrong passwords for several e-mails");
            }
        }
    }
}

impl Counts {
    /// One more; what there is of its e-mail and address now, and the line that is due by it.
    fn add(&mut self, attempt: &Attempt, now: Time) -> (Wrong, Option<Line>) {
        let Attempt {
            email,
            has_account,
            address,
            known,
        } = attempt;
        if let Some(known) = known {
            self.known.add(*known, *has_account, now);
        }
        let in_all = self.addresses.add(*address, *has_account, now);
        let pair = (email.clone(), *address);
        let wrong = self.pairs.add(pair, *has_account, now);
        let line = if is_told(wrong.count, TOLD_OF_PAIR_MIN) {
            Some(Line::OneEmail(wrong.count, wrong.since))
        } else if is_told(in_all.count, TOLD_OF_ADDRESS_MIN) {
            Some(match wrong.count < in_all.count {
                true => Line::SeveralEmails(in_all.count, in_all.since),
                false => Line::OneEmail(wrong.count, wrong.since),
            })
        } else {
            None
        };
        (wrong, line)
    }

    fn may_log(&mut self, now: Time) -> bool {
        let is_new = |since: Time| now - since >= chrono::Duration::minutes(1) || now < since;
        if self.lines_since.is_none_or(is_new) {
            self.lines_since = Some(now);
            self.lines = 0;
        }
        self.lines += 1;
        self.lines <= LINES_MAX
    }
}

impl<K: Clone + Eq + Hash> Tally<K> {
    fn add(&mut self, key: K, has_account: bool, now: Time) -> Wrong {
        if self.0.len() >= KEYS_MAX && !self.0.contains_key(&key) {
            let oldest = self.0.iter().min_by_key(|(_, wrong)| wrong.last);
            let oldest = oldest.map(|(key, _)| key.clone());
            oldest.map(|key| self.0.remove(&key));
        }
        let new = Wrong {
            since: now,
            last: now,
            count: 0,
            held: 0,
            has_account,
        };
        let wrong = self.0.entry(key).or_insert(new);
        if now - wrong.last > chrono::Duration::hours(TOLD_HOURS) {
            *wrong = new;
        }
        wrong.held = wrong.held_at(now).saturating_add(1).min(DOUBLED_MAX + 2);
        wrong.count = wrong.count.saturating_add(1);
        wrong.last = now;
        wrong.has_account = has_account;
        *wrong
    }

    /// The next wrong one is the first again; that there were some is still told.
    fn forgive(&mut self, key: &K) {
        if let Some(wrong) = self.0.get_mut(key) {
            wrong.held = 0;
        }
    }

    fn told(&self, min: u32, recent: Time) -> impl Iterator<Item = (&K, &Wrong)> {
        self.0
            .iter()
            .filter(move |(_, wrong)| wrong.count >= min && wrong.last >= recent)
    }
}

impl Wrong {
    fn held_at(&self, now: Time) -> u32 {
        let forgiven = (now - self.last).num_seconds() / FORGIVEN_EVERY_S;
        self.held
            .saturating_sub(u32::try_from(forgiven).unwrap_or(0))
    }

    fn notice(&self, address: IpAddr, email: Option<String>) -> Notice {
        Notice {
            count: self.count,
            email,
            address,
            since: self.since,
            last: self.last,
        }
    }
}

/// The first time that there are so many, and then whenever there are ten times as many.
fn is_told(count: u32, min: u32) -> bool {
    count.is_multiple_of(min) && {
        let times = count / min;
        times > 0 && 10_u32.pow(times.ilog10()) == times
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BROWSER: Known = Known::Browser([7; 32]);
    const FIRST: Duration = Duration::from_millis(500);

    fn at(second: i64) -> Time {
        Time::UNIX_EPOCH + chrono::Duration::seconds(second)
    }

    fn ip(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    fn wait_ms(throttle: &Throttle, email: &str, address: u8, second: i64) -> u128 {
        let attempt = guess(email, address);
        throttle.failed(&attempt, FIRST, at(second)).as_millis()
    }

    fn guess(email: &str, address: u8) -> Attempt {
        Attempt {
            email: email.to_owned(),
            has_account: true,
            address: ip(address),
            known: Some(BROWSER),
        }
    }

    #[test]
    fn each_wrong_password_is_answered_later_up_to_eight_seconds_and_time_forgives() {
        let throttle = Throttle::default();
        let waits = [0; 7].map(|second| wait_ms(&throttle, "ana", 1, second));
        assert_eq!(waits, [500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
        assert_eq!(wait_ms(&throttle, "ana", 2, 0), 500, "another address");
        assert_eq!(wait_ms(&throttle, "bo", 1, 0), 500, "another e-mail");
        assert_eq!(wait_ms(&throttle, "ana", 1, 10 * 60), 500);
        assert_eq!(wait_ms(&throttle, "ana", 1, 10 * 60), 1_000);
        throttle.succeeded("ana", ip(1), None, at(10 * 60));
        assert_eq!(wait_ms(&throttle, "ana", 1, 10 * 60), 500);
        assert_eq!(
            wait_ms(&throttle, "ana", 1, -10 * 60),
            1_000,
            "a clock set back"
        );
    }

    #[test]
    fn a_known_browser_that_only_guesses_is_a_stranger_until_it_gets_in() {
        let throttle = Throttle::default();
        for nth in 0..OF_KNOWN_MAX {
            assert!(!throttle.only_guesses(&BROWSER, at(0)), "after {nth}");
            wait_ms(&throttle, "ana", 1, 0);
        }
        assert!(throttle.only_guesses(&BROWSER, at(0)));
        assert!(!throttle.only_guesses(&Known::Browser([8; 32]), at(0)));
        assert!(!throttle.only_guesses(&BROWSER, at(60)), "one is forgiven");
        throttle.succeeded("ana", ip(1), Some(BROWSER), at(0));
        assert!(!throttle.only_guesses(&BROWSER, at(0)));
    }

    #[test]
    fn an_e_mail_is_suspect_where_it_was_wrong_or_came_too_often_and_for_a_time() {
        let throttle = Throttle::default();
        let is_suspect =
            |email, address, second| throttle.is_suspect(email, ip(address), at(second));
        assert!(!is_suspect("ana", 1, 0));
        wait_ms(&throttle, "ana", 1, 0);
        assert!(is_suspect("ana", 1, 59));
        assert!(!is_suspect("ana", 1, 60), "it is forgiven");
        assert!(!is_suspect("ana", 2, 0), "another address");
        assert!(!is_suspect("bo", 1, 0), "another e-mail");
        for _ in 0..RIGHT_MAX {
            assert!(!is_suspect("cy", 1, 0));
            throttle.succeeded("cy", ip(1), None, at(0));
        }
        assert!(is_suspect("cy", 1, 0));
    }

    #[test]
    fn administrators_are_told_how_many_for_whom_from_where_and_since_when() {
        let throttle = Throttle::default();
        for second in 0..12 {
            wait_ms(&throttle, "ana@acme.example", 1, second);
            wait_ms(&throttle, &second.to_string(), 2, 100);
        }
        wait_ms(&throttle, "bo@acme.example", 1, 50);
        let (notices, more) = throttle.notices(at(200));
        let ana = Notice {
            count: 12,
            email: Some("ana@acme.example".to_owned()),
            address: ip(1),
            since: at(0),
            last: at(11),
        };
        assert_eq!((notices, more), (vec![ana], 0));
        for nth in 0..12 {
            wait_ms(&throttle, &format!("more {nth}"), 2, 150);
        }
        let (notices, _) = throttle.notices(at(200));
        let of_many = (notices[0].count, &notices[0].email, notices[0].address);
        assert_eq!(of_many, (24, &None, ip(2)));
        assert_eq!(throttle.notices(at(200_000)).0, []);
    }

    #[test]
    fn what_is_not_an_account_is_not_told_by_name() {
        let throttle = Throttle::default();
        for _ in 0..TOLD_OF_PAIR_MIN {
            let attempt = Attempt {
                email: "correct horse battery".to_owned(),
                has_account: false,
                address: ip(1),
                known: None,
            };
            throttle.failed(&attempt, FIRST, at(0));
        }
        let (notices, _) = throttle.notices(at(0));
        assert_eq!(notices.len(), 1);
        assert_eq!(notices[0].email, None);
    }

    #[test]
    fn the_log_is_told_when_there_are_ten_times_as_many_and_so_often_a_minute() {
        let told: Vec<u32> = (0..6_000).filter(|n| is_told(*n, 5)).collect();
        assert_eq!(told, [5, 50, 500, 5_000]);
        let mut counts = Counts::default();
        let lines = (0..1_000).filter(|_| counts.may_log(at(0))).count();
        assert_eq!(lines, LINES_MAX as usize);
        assert!(counts.may_log(at(60)));
    }

    #[test]
    fn log_says_several_e_mails_only_where_there_were_several() {
        let mut counts = Counts::default();
        let mut lines = |email: fn(u32) -> String, address| -> Vec<Line> {
            let attempts = (1..=20).map(|nth| guess(&email(nth), address));
            attempts
                .filter_map(|attempt| counts.add(&attempt, at(0)).1)
                .collect()
        };
        let of_one = [5, 20].map(|count| Line::OneEmail(count, at(0)));
        assert_eq!(lines(|_| "ana".to_owned(), 1), of_one);
        let of_several = [Line::SeveralEmails(20, at(0))];
        assert_eq!(lines(|nth| nth.to_string(), 2), of_several);
        let last_of_two = |nth: u32| (nth == 20).to_string();
        let of_both = [Line::OneEmail(5, at(0)), of_several[0]];
        assert_eq!(lines(last_of_two, 3), of_both);
    }

    #[test]
    fn it_keeps_no_more_keys_than_it_may() {
        let throttle = Throttle::default();
        let most = i64::try_from(KEYS_MAX).unwrap();
        for nth in 0..most + 10 {
            wait_ms(&throttle, &nth.to_string(), 1, nth);
        }
        let counts = throttle.counts();
        assert_eq!(counts.pairs.0.len(), KEYS_MAX);
        assert!(!counts.pairs.0.contains_key(&("0".to_owned(), ip(1))));
    }
}
