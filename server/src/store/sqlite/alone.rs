//! One server for one database. Each keeps the log in memory and knows the next number, so a
//! second one would show an old log and write what the first had decided already.
//!
//! The lock is on a file beside the database: SQLite loses its own locks on a file as soon as
//! anything else in the process closes that file.

use super::open::only_mine;
use crate::store::StoreError;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// As long as this is there, no other process serves the database. The system lets go of it when the
/// process ends, however it ends; the file stays.
#[derive(Debug)]
pub struct Alone {
    _locked: File,
}

/// # Errors
/// [`StoreError::Unusable`] when another process has it, or the file cannot be made.
pub(super) fn alone(database: &Path) -> Result<Alone, StoreError> {
    let lock = beside(database);
    let failed = |error: std::io::Error| {
        StoreError::Unusable(format!(
            "Cannot lock the database {}: {error}. Check that its folder exists, is on a local disk and may be written to.",
            database.display()
        ))
    };
    let mut how = only_mine();
    let locked = how.create(true).open(&lock).map_err(failed)?;
    match locked.try_lock() {
        Ok(()) => Ok(Alone { _locked: locked }),
        Err(TryLockError::WouldBlock) => Err(StoreError::Unusable(format!(
            "{} is served already, by another drumbeat. Stop that one first, or name another database with --database.",
            database.display()
        ))),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// Its file, whatever name the database is called by.
fn beside(database: &Path) -> PathBuf {
    let mut name = match database.canonicalize() {
        Ok(known) => known.into_os_string(),
        Err(_not_made_yet) => database.as_os_str().to_owned(),
    };
    name.push("-lock");
    name.into()
}
