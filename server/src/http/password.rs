//! Passwords: argon2id (D3), computed away from the threads that answer requests.

use crate::http::fault::Fault;
use argon2::password_hash::SaltString;
use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rand::TryRngCore;
use rand::rngs::OsRng;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The shortest password that is taken, in characters.
pub const PASSWORD_MIN_CHARS: usize = 12;
/// The longest one, in bytes: hashing more would only serve who wants to keep us busy.
pub const PASSWORD_MAX_BYTES: usize = 1_000;
/// Each takes 19 MiB while it is computed.
const AT_ONCE: usize = 2;
/// How many may wait; more are asked to come back.
const WAITING_MAX: usize = 32;
const RETRY_AFTER_S: u32 = 5;

/// Whether somebody may choose this.
///
/// # Errors
/// What is wrong with it, in a sentence.
pub fn check(password: &str) -> Result<(), String> {
    if password.chars().count() < PASSWORD_MIN_CHARS {
        return Err(format!(
            "Password must have at least {PASSWORD_MIN_CHARS} characters."
        ));
    }
    if password.len() > PASSWORD_MAX_BYTES {
        return Err("Password is too long.".to_owned());
    }
    Ok(())
}

/// Computes hashes, a few at a time.
#[derive(Clone, Debug)]
pub struct Passwords {
    at_once: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            at_once: Arc::new(Semaphore::new(AT_ONCE)),
            waiting: Arc::new(Semaphore::new(WAITING_MAX)),
        }
    }
}

impl Passwords {
    /// The hash to keep, a PHC string.
    ///
    /// # Errors
    /// [`Fault::TooMany`] when too many wait.
    pub async fn hash(&self, password: String) -> Result<String, Fault> {
        self.compute(move || hash(&password)).await?
    }

    /// Whether this is the password of that hash. Without a hash it takes as long and says no,
    /// so that time does not tell which e-mails are known.
    ///
    /// # Errors
    /// [`Fault::TooMany`] when too many wait.
    pub async fn verify(&self, password: String, kept: Option<String>) -> Result<bool, Fault> {
        self.compute(move || match kept {
            Some(kept) => matches(&password, &kept),
            None => hash(&password).map(|_| false),
        })
        .await?
    }

    async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Fault> {
        let busy = |_| Fault::TooMany {
            retry_after_s: RETRY_AFTER_S,
        };
        let _waiting = Arc::clone(&self.waiting)
            .try_acquire_owned()
            .map_err(busy)?;
        let turn = Arc::clone(&self.at_once)
            .acquire_owned()
            .await
            .map_err(Fault::internal)?;
        tokio::task::spawn_blocking(move || {
            // Held by the work itself: who hangs up does not make room while it goes on.
            let _turn = turn;
            work()
        })
        .await
        .map_err(Fault::internal)
    }
}

fn hash(password: &str) -> Result<String, Fault> {
    let mut bytes = [0; 16];
    OsRng.try_fill_bytes(&mut bytes).map_err(Fault::internal)?;
    let salt = SaltString::from_b64(&STANDARD_NO_PAD.encode(bytes)).map_err(Fault::internal)?;
    let hash = Argon2::default()
        .hash_password(password.as_bytes(), &salt)
        .map_err(Fault::internal)?;
    Ok(hash.to_string())
}

fn matches(password: &str, kept: &str) -> Result<bool, Fault> {
    let kept = PasswordHash::new(kept).map_err(Fault::internal)?;
    Ok(Argon2::default()
        .verify_password(password.as_bytes(), &kept)
        .is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_fits_and_the_hash_is_argon2id() {
        let passwords = Passwords::default();
        let kept = passwords
            .hash("correct horse battery".to_owned())
            .await
            .unwrap();
        assert!(kept.starts_with("$argon2id$"));
        let fits = |word: &str, kept: Option<&str>| {
            passwords.verify(word.to_owned(), kept.map(str::to_owned))
        };
        assert_eq!(fits("correct horse battery", Some(&kept)).await, Ok(true));
        assert_eq!(fits("correct horse batterx", Some(&kept)).await, Ok(false));
        assert_eq!(fits("correct horse battery", None).await, Ok(false));
    }
}
