//! Passwords: argon2id (D3), computed away from the threads that answer requests, by who comes next in fairness.

use crate::http::fault::Fault;
use crate::http::hashing::Hashing;
use crate::http::turns::{Asker, Turns};
use std::sync::Arc;

/// The longest password that is looked at, in bytes: hashing more would only serve who wants to keep us busy.
pub const PASSWORD_MAX_BYTES: usize = 1_000;
/// Each takes 19 MiB while it is computed.
const AT_ONCE: usize = 2;
/// When to come back for who had to make room for others.
const RETRY_AFTER_S: u32 = 5;

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

    /// Whether this is the password of that hash, as `count` makes of it. Without a hash it takes as long and says
    /// no, so that time does not tell which e-mails are known. `count` is called by the work itself: a guess that is
    /// hung up on while it is looked at was a guess.
    ///
    /// # Errors
    /// [`Fault::TooMany`] when too many wait, or their turn did not come in time.
    pub async fn verify<T: Send + 'static>(
        &self,
        asker: Asker,
        password: String,
        kept: Option<String>,
        count: impl FnOnce(bool) -> T + Send + 'static,
    ) -> Result<T, Fault> {
        self.compute(asker, move |hashing| {
            let is_right = match kept {
                Some(kept) => hashing.matches(&password, &kept)?,
                None => hashing.hash(&password).map(|_| false)?,
            };
            Ok(count(is_right))
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
    use futures::FutureExt as _;

    #[tokio::test]
    async fn only_the_right_password_fits_and_the_hash_is_argon2id() {
        let passwords = Passwords::default();
        let here = std::net::IpAddr::from([127, 0, 0, 1]);
        let asker = || Asker::known(here, "ana".to_owned());
        let kept = passwords
            .hash(asker(), "correct horse battery".to_owned())
            .await
            .unwrap();
        assert!(kept.starts_with("$argon2id$"));
        let fits = |word: &str, kept: Option<&str>| {
            let kept = kept.map(str::to_owned);
            passwords.verify(asker(), word.to_owned(), kept, |is_right| is_right)
        };
        assert_eq!(fits("correct horse battery", Some(&kept)).await, Ok(true));
        assert_eq!(fits("correct horse batterx", Some(&kept)).await, Ok(false));
        assert_eq!(fits("correct horse battery", None).await, Ok(false));
    }

    #[tokio::test]
    async fn a_guess_is_counted_when_it_was_hung_up_on_while_it_was_looked_at() {
        let passwords = Passwords::default();
        let here = std::net::IpAddr::from([127, 0, 0, 1]);
        let asker = Asker::known(here, "ana".to_owned());
        let (tells, counted) = tokio::sync::oneshot::channel();
        let count = |is_right| tells.send(is_right);
        let guess = passwords.verify(asker, "guess".to_owned(), None, count);
        // Polled once it is being looked at, and then dropped.
        let _hung_up = guess.now_or_never();
        assert_eq!(counted.await, Ok(false));
    }
}
