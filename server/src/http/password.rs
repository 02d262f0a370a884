//! Passwords: argon2id (D3), computed away from the threads that answer requests, by who comes next in fairness.

use crate::http::fault::Fault;
use crate::http::hashing::Hashing;
use crate::http::turns::{Asker, Turns};
use std::sync::Arc;
use zxcvbn::feedback::Feedback;
use zxcvbn::{Score, zxcvbn};

/// The shortest password that is taken, in characters.
pub const PASSWORD_MIN_CHARS: usize = 12;
/// The longest one, in bytes: hashing more would only serve who wants to keep us busy.
pub const PASSWORD_MAX_BYTES: usize = 1_000;
/// More than 10^8 guesses: for ever at the door, and years for whoever has the hashes.
const GUESSED_LATE: Score = Score::Three;
/// What anybody would try here.
const PRODUCT: &str = "drumbeat";
/// Each takes 19 MiB while it is computed.
const AT_ONCE: usize = 2;
/// When to come back for who had to make room for others.
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

/// Why this person may not choose this password, in a sentence; none when they may.
///
/// # Errors
/// [`Fault::Internal`] when it could not be judged.
pub async fn problem(password: &str, owner: Owner<'_>) -> Result<Option<String>, Fault> {
    if password.chars().count() < PASSWORD_MIN_CHARS {
        return Ok(Some(format!(
            "Password must have at least {PASSWORD_MIN_CHARS} characters."
        )));
    }
    if password.len() > PASSWORD_MAX_BYTES {
        return Ok(Some("Password is too long.".to_owned()));
    }
    // Judging takes milliseconds, and the first time as long as reading its lists of words.
    let (password, words) = (password.to_owned(), owner.words());
    tokio::task::spawn_blocking(move || guessed(&password, &words))
        .await
        .map_err(Fault::internal)
}

/// Why it is guessed soon. Only its first 100 characters are judged, which is why length has a rule of its own.
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

/// Computes hashes, a few at a time.
#[derive(Clone)]
pub struct Passwords {
    turns: Turns,
    hashing: Arc<Hashing>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            turns: Turns::of(AT_ONCE),
            hashing: Arc::default(),
        }
    }
}

impl Passwords {
    /// The hash to keep, a PHC string.
    ///
    /// # Errors
    /// [`Fault::TooMany`] when too many wait.
    pub async fn hash(&self, asker: Asker, password: String) -> Result<String, Fault> {
        self.compute(asker, move |hashing| hashing.hash(&password))
            .await?
    }

    /// Whether this is the password of that hash. Without a hash it takes as long and says no,
    /// so that time does not tell which e-mails are known.
    ///
    /// # Errors
    /// [`Fault::TooMany`] when too many wait, or the turn of a stranger did not come in time.
    pub async fn verify(
        &self,
        asker: Asker,
        password: String,
        kept: Option<String>,
    ) -> Result<bool, Fault> {
        self.compute(asker, move |hashing| match kept {
            Some(kept) => hashing.matches(&password, &kept),
            None => hashing.hash(&password).map(|_| false),
        })
        .await?
    }

    async fn compute<T: Send + 'static>(
        &self,
        asker: Asker,
        work: impl FnOnce(&Hashing) -> T + Send + 'static,
    ) -> Result<T, Fault> {
        let turn = self.turns.take(asker).await.ok_or(Fault::TooMany {
            retry_after_s: RETRY_AFTER_S,
        })?;
        let hashing = Arc::clone(&self.hashing);
        tokio::task::spawn_blocking(move || {
            // Held by the work itself: who hangs up does not make room while it goes on.
            let _turn = turn;
            work(&hashing)
        })
        .await
        .map_err(Fault::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_guessed_soon_is_no_password() {
        let owner = || Owner {
            name: "Ana Ruiz-Okafor",
            email: "ana.ruiz@acme.example",
        };
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
            let told = super::problem(password, owner()).await.unwrap();
            let told = told.unwrap_or_else(|| panic!("{password:?} is taken"));
            assert!(told.contains(problem), "{password:?}: {told}");
        }
        for password in [
            "correct horse battery",
            "vier grüne Wale am Dienstag",
            "東京の夜に猫が三匹踊る夢",
            "kJ8#vQ2!xR5$",
        ] {
            let told = super::problem(password, owner()).await.unwrap();
            assert_eq!(told, None, "{password:?}");
        }
    }

    #[tokio::test]
    async fn only_the_right_password_fits_and_the_hash_is_argon2id() {
        let passwords = Passwords::default();
        let asker = || Asker {
            address: std::net::IpAddr::from([127, 0, 0, 1]),
            name: "ana".to_owned(),
            rank: crate::http::turns::Rank::Known,
        };
        let kept = passwords
            .hash(asker(), "correct horse battery".to_owned())
            .await
            .unwrap();
        assert!(kept.starts_with("$argon2id$"));
        let fits = |word: &str, kept: Option<&str>| {
            passwords.verify(asker(), word.to_owned(), kept.map(str::to_owned))
        };
        assert_eq!(fits("correct horse battery", Some(&kept)).await, Ok(true));
        assert_eq!(fits("correct horse batterx", Some(&kept)).await, Ok(false));
        assert_eq!(fits("correct horse battery", None).await, Ok(false));
    }
}
