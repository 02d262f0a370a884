//! Whether a new password is guessed too soon. Judging costs far more than sending one, so it is done away from the threads
//! that answer requests, one at a time, and few may wait.

use crate::http::fault::Fault;
use crate::http::password::PASSWORD_MAX_BYTES;
use crate::http::turns::{Asker, PATIENCE_WITHOUT_TICKET, Turn, Turns};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;
use zxcvbn::feedback::Feedback;
use zxcvbn::{Score, zxcvbn};

/// The shortest password that is taken, in characters.
pub const PASSWORD_MIN_CHARS: usize = 12;
/// More than 10^8 guesses: for ever at the door, and years for whoever has the hashes.
const GUESSED_LATE: Score = Score::Three;
/// What anybody would try here.
const PRODUCT: &str = "drumbeat";
/// More characters only make a password harder to guess.
const JUDGED_CHARS: usize = 40;
/// What may stand for a letter: "p4$$w0rd". Judging tries all that each may stand for, which takes seconds when all of them
/// are there.
const STAND_FOR_LETTERS: &str = "0123456789@({[<!|$+%";
/// So many of them are judged: as many as there are digits.
const STAND_FOR_LETTERS_MAX: usize = 10;
/// What is judged in place of the others; it stands for no letter.
const STAND_FOR_NOTHING: [char; 10] = ['~', '^', '_', ';', '?', '>', '.', '=', '*', ':'];
/// Passwords that are judged at the same time.
const AT_ONCE: usize = 1;
/// Passwords of one person that are judged or wait; two, for who presses the button twice.
const OF_PERSON_MAX: usize = 2;
/// When to come back.
const RETRY_AFTER_S: u32 = 5;

/// What a password is judged beside: words that whoever guesses at it tries first.
#[derive(Clone, Debug)]
pub struct Owner<'a> {
    /// The name of whose it is to be.
    pub name: &'a str,
    /// Their e-mail; empty where it is not at hand.
    pub email: &'a str,
}

impl Owner<'_> {
    fn words(&self) -> Vec<String> {
        let parts = [self.name, self.email].into_iter().flat_map(|text| {
            let parts = text.split(|c: char| !c.is_alphanumeric());
            parts.chain([text])
        });
        let words = parts.chain([PRODUCT]).filter(|word| !word.is_empty());
        // Written in one, too.
        let in_one = self.name.chars().filter(|c| c.is_alphanumeric()).collect();
        words.map(str::to_owned).chain([in_one]).collect()
    }
}

/// Judges new passwords.
pub struct Judge {
    turns: Turns,
    by_person: Arc<Mutex<HashMap<String, usize>>>,
}

/// The right to have one password judged; given back when this is dropped.
struct Permit {
    person: String,
    by_person: Arc<Mutex<HashMap<String, usize>>>,
    turn: Option<Turn>,
}

impl Default for Judge {
    fn default() -> Self {
        Self {
            turns: Turns::of(AT_ONCE),
            by_person: Arc::default(),
        }
    }
}

impl Judge {
    /// Why this person may not choose this password, in a sentence; none when they may. `person` is an id, or the
    /// token of the link that makes the first administrator.
    ///
    /// # Errors
    /// [`Fault::TooMany`] when two passwords of theirs are being judged or wait, or too many of others;
    /// [`Fault::Internal`] when it could not be judged.
    pub async fn problem(
        &self,
        person: &str,
        address: IpAddr,
        password: &str,
        owner: Owner<'_>,
    ) -> Result<Option<String>, Fault> {
        if password.chars().count() < PASSWORD_MIN_CHARS {
            return Ok(Some(format!(
                "Password must have at least {PASSWORD_MIN_CHARS} characters."
            )));
        }
        if password.len() > PASSWORD_MAX_BYTES {
            return Ok(Some("Password is too long.".to_owned()));
        }
        let permit = self.permit(person, address).await.ok_or(Fault::TooMany {
            retry_after_s: RETRY_AFTER_S,
        })?;
        let judged = judged_part(password);
        let words = owner.words();
        // The first judgement takes as long as reading the lists of words.
        tokio::task::spawn_blocking(move || {
            // Held by the work itself: who hangs up does not make room while it goes on.
            let _permit = permit;
            guessed(&judged, &words)
        })
        .await
        .map_err(Fault::internal)
    }

    async fn permit(&self, person: &str, address: IpAddr) -> Option<Permit> {
        let mut permit = self.place(person)?;
        let asker = Asker {
            address,
            name: person.to_owned(),
            is_known: false,
            is_suspect: false,
            since: Instant::now(),
            patience: PATIENCE_WITHOUT_TICKET,
        };
        permit.turn = Some(self.turns.take(asker).await?);
        Some(permit)
    }

    /// A permit that has no turn yet.
    fn place(&self, person: &str) -> Option<Permit> {
        let mut by_person = locked(&self.by_person);
        let count = by_person.entry(person.to_owned()).or_default();
        if *count >= OF_PERSON_MAX {
            return None;
        }
        *count += 1;
        Some(Permit {
            person: person.to_owned(),
            by_person: Arc::clone(&self.by_person),
            turn: None,
        })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut by_person = locked(&self.by_person);
        if let Some(count) = by_person.get_mut(&self.person) {
            *count -= 1;
            if *count == 0 {
                by_person.remove(&self.person);
            }
        }
    }
}

fn locked(by_person: &Mutex<HashMap<String, usize>>) -> MutexGuard<'_, HashMap<String, usize>> {
    by_person.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As much of it as is judged in some hundredths of a second.
fn judged_part(password: &str) -> String {
    let mut seen = Vec::new();
    let part = password.chars().take(JUDGED_CHARS).map(|character| {
        if !STAND_FOR_LETTERS.contains(character) {
            return character;
        }
        let place = seen.iter().position(|other| *other == character);
        let place = place.unwrap_or_else(|| {
            seen.push(character);
            seen.len() - 1
        });
        let replaced = place.checked_sub(STAND_FOR_LETTERS_MAX);
        let replaced = replaced.and_then(|place| STAND_FOR_NOTHING.get(place));
        replaced.copied().unwrap_or(character)
    });
    part.collect()
}

/// Why it is guessed soon.
fn guessed(password: &str, words: &[String]) -> Option<String> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let judged = zxcvbn(password, &words);
    if judged.score() >= GUESSED_LATE {
        return None;
    }
    let warning = judged.feedback().and_then(Feedback::warning);
    let why = warning.map_or_else(
        || {
            "It is made of your name, of what is near on the keyboard, or of few different letters."
                .to_owned()
        },
        |warning| warning.to_string(),
    );
    Some(format!(
        "Password is guessed too soon. {why} Choose a longer one, such as four words that have nothing to do with each other."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;
    use tokio::task::unconstrained;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn owner() -> Owner<'static> {
        Owner {
            name: "Ana Ruiz-Okafor",
            email: "ana.ruiz@acme.example",
        }
    }

    #[tokio::test]
    async fn what_is_guessed_soon_is_no_password() {
        let judge = Judge::default();
        for (password, problem) in [
            ("short", "at least 12 characters"),
            ("            ", "guessed too soon"),
            ("aaaaaaaaaaaa", "guessed too soon"),
            ("passwordpassword", "guessed too soon"),
            ("123456789012", "guessed too soon"),
            ("qwertyuiopasdf", "guessed too soon"),
            ("AnaRuizOkafor", "guessed too soon"),
            ("ana.ruiz@acme.example", "guessed too soon"),
            ("drumbeat2026", "guessed too soon"),
            ("DrumbeatDrumbeat", "guessed too soon"),
            (&"x ".repeat(501), "too long"),
        ] {
            let told = judge.problem("ana", HERE, password, owner()).await.unwrap();
            let told = told.unwrap_or_else(|| panic!("{password:?} is taken"));
            assert!(told.contains(problem), "{password:?}: {told}");
        }
        for password in [
            "correct horse battery",
            "vier grüne Wale am Dienstag",
            "東京の夜に猫が三匹踊る夢",
            "kJ8#vQ2!xR5$",
        ] {
            let told = judge.problem("ana", HERE, password, owner()).await.unwrap();
            assert_eq!(told, None, "{password:?}");
        }
    }

    #[test]
    fn few_of_what_may_stand_for_letters_are_judged() {
        let all = "4@8({[<369&#!1/|0$5+7%2".repeat(5);
        let judged = judged_part(&all);
        assert_eq!(judged, "4@8({[<369&#~^/_;?>.=*:4@8({[<369&#~^/_;");
        assert_eq!(judged_part("12345678 p4$$w0rd"), "12345678 p4$$w0rd");
    }

    #[tokio::test]
    async fn only_the_first_characters_are_judged() {
        let judge = Judge::default();
        let tail = "kJ8#vQ2!xR5$";
        let long = format!("{}{tail}", "a".repeat(JUDGED_CHARS));
        let told = judge.problem("ana", HERE, &long, owner()).await.unwrap();
        assert!(told.is_some_and(|told| told.contains("guessed too soon")));
        let short = format!("{}{tail}", "a".repeat(JUDGED_CHARS - tail.len()));
        assert_eq!(judge.problem("ana", HERE, &short, owner()).await, Ok(None));
    }

    #[tokio::test]
    async fn one_password_is_judged_at_a_time_and_one_more_of_a_person_waits() {
        let judge = Judge::default();
        let password = "correct horse battery";
        let first = judge.permit("ana", HERE).await;
        let ask = |person| {
            let mut waits = unconstrained(judge.permit(person, HERE)).boxed();
            assert!((&mut waits).now_or_never().is_none(), "{person} waits");
            waits
        };
        let (second, other) = (ask("ana"), ask("bo"));
        let too_many = Err(Fault::TooMany {
            retry_after_s: RETRY_AFTER_S,
        });
        let third = judge.problem("ana", HERE, password, owner()).await;
        assert_eq!(third, too_many);
        drop(first);
        assert!(second.now_or_never().flatten().is_some());
        assert!(other.now_or_never().flatten().is_some());
        let again = judge.problem("ana", HERE, password, owner()).await;
        assert_eq!(again, Ok(None));
        assert!(locked(&judge.by_person).is_empty());
    }

    #[tokio::test]
    async fn who_gives_up_waiting_may_ask_again() {
        let judge = Judge::default();
        let first = judge.permit("ana", HERE).await;
        let mut waits = unconstrained(judge.permit("bo", HERE)).boxed();
        assert!((&mut waits).now_or_never().is_none(), "bo waits");
        drop(waits);
        drop(first);
        assert!(judge.permit("bo", HERE).await.is_some());
    }
}
