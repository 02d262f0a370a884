//! The memory that argon2id fills: a few blocks of 19 MiB that are used again and again. Freed after each hash they would
//! stay with whichever thread had computed it, and there are hundreds of those.

use crate::http::fault::Fault;
use argon2::password_hash::{Output, ParamsString, PasswordHash, Salt, SaltString};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rand::TryRngCore;
use rand::rngs::OsRng;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Memory that nobody uses now; as many as were ever used at the same time.
#[derive(Default)]
pub struct Hashing(Mutex<Vec<Vec<Block>>>);

impl Hashing {
    /// The hash to keep, a PHC string.
    ///
    /// # Errors
    /// [`Fault::Internal`] when it could not be computed.
    pub fn hash(&self, password: &str) -> Result<String, Fault> {
        let mut bytes = [0; 16];
        OsRng.try_fill_bytes(&mut bytes).map_err(Fault::internal)?;
        let salt = SaltString::from_b64(&STANDARD_NO_PAD.encode(bytes)).map_err(Fault::internal)?;
        let argon2 = Argon2::default();
        let length = Params::DEFAULT_OUTPUT_LEN;
        let output = self.output(&argon2, password, salt.as_salt(), length)?;
        let hash = PasswordHash {
            algorithm: ARGON2ID_IDENT,
            version: Some(Version::default().into()),
            params: ParamsString::try_from(argon2.params()).map_err(Fault::internal)?,
            salt: Some(salt.as_salt()),
            hash: Some(output),
        };
        Ok(hash.to_string())
    }

    /// Whether this is the password of that hash.
    ///
    /// # Errors
    /// [`Fault::Internal`] when it could not be computed.
    pub fn matches(&self, password: &str, kept: &str) -> Result<bool, Fault> {
        let kept = PasswordHash::new(kept).map_err(Fault::internal)?;
        let (Some(salt), Some(expected)) = (kept.salt, kept.hash) else {
            return Ok(false);
        };
        let algorithm = Algorithm::try_from(kept.algorithm).map_err(Fault::internal)?;
        let version = kept.version.map(Version::try_from).transpose();
        let version = version.map_err(Fault::internal)?.unwrap_or_default();
        let params = Params::try_from(&kept).map_err(Fault::internal)?;
        let argon2 = Argon2::new(algorithm, version, params);
        let output = self.output(&argon2, password, salt, expected.len())?;
        // Compared in constant time.
        Ok(output == expected)
    }

    fn output(
        &self,
        argon2: &Argon2<'_>,
        password: &str,
        salt: Salt<'_>,
        length: usize,
    ) -> Result<Output, Fault> {
        let mut salt_bytes = [0; Salt::MAX_LENGTH];
        let salt = salt.decode_b64(&mut salt_bytes).map_err(Fault::internal)?;
        let mut blocks = self.free().pop().unwrap_or_default();
        let count = argon2.params().block_count();
        blocks.resize(count.max(blocks.len()), Block::default());
        let output = Output::init_with(length, |out| {
            argon2.hash_password_into_with_memory(password.as_bytes(), salt, out, &mut blocks)?;
            Ok(())
        });
        // Whoever reads memory could guess at the password by what is in them.
        blocks.fill(Block::default());
        self.free().push(blocks);
        output.map_err(Fault::internal)
    }

    fn free(&self) -> MutexGuard<'_, Vec<Vec<Block>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use argon2::{PasswordHasher as _, PasswordVerifier as _};

    #[test]
    fn it_reads_and_writes_the_hashes_that_there_are() {
        let hashing = Hashing::default();
        let kept = hashing.hash("correct horse battery").unwrap();
        assert!(
            kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{kept}"
        );
        let parsed = PasswordHash::new(&kept).unwrap();
        let usual = Argon2::default();
        assert_eq!(
            usual.verify_password(b"correct horse battery", &parsed),
            Ok(())
        );
        let salt = SaltString::from_b64("c29tZXNhbHRzb21lc2FsdA").unwrap();
        let earlier = usual.hash_password(b"four blue whales", &salt).unwrap();
        let earlier = earlier.to_string();
        assert_eq!(hashing.matches("four blue whales", &earlier), Ok(true));
        assert_eq!(hashing.matches("four blue whaler", &earlier), Ok(false));
        assert_eq!(hashing.matches("correct horse battery", &kept), Ok(true));
    }

    #[test]
    fn one_memory_is_used_again_and_holds_nothing_of_a_password_after() {
        let hashing = Hashing::default();
        for _ in 0..3 {
            hashing.hash("correct horse battery").unwrap();
        }
        let free = hashing.free();
        assert_eq!(free.len(), 1);
        assert_eq!(free[0].len(), Params::default().block_count());
        let words = |block: &Block| block.as_ref().iter().all(|word: &u64| *word == 0);
        assert!(free[0].iter().all(words));
    }
}
