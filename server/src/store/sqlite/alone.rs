//! One server for one database. Each keeps the log in memory and knows the next number, so a
//! second one would show an old log and write what the first had decided already.
//!
//! Two locks, both of `flock`. One is on a file beside the database: what an older program looks at. The other
//! is on the database itself, so that no other name of it (a hard link) and no tidying of the folder is a way around.
//! SQLite's own locks are of another kind (`fcntl`) and know nothing of this one; but the system drops them all as
//! soon as anything in the process closes the file, so it is opened here before SQLite opens it, and closed after.

use super::open::{make_private, only_mine};
use crate::store::StoreError;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// As long as this is there, no other process serves the database. To be dropped after the store is closed.
/// The system lets go of it when the process ends, however it ends; the file stays.
#[derive(Debug)]
pub struct Alone {
    _beside: File,
    /// None where the two kinds of locks know of each other (macOS): SQLite could not write.
    _database: Option<File>,
}

/// # Errors
/// [`StoreError::Unusable`] when another process has it, or the file cannot be made.
pub(super) fn alone(database: &Path) -> Result<Alone, StoreError> {
    let _beside = locked(&beside(database), database)?;
    let _database = match cfg!(target_os = "linux") {
        true => {
            make_private(database)?;
            Some(locked(database, database)?)
        }
        false => None,
    };
    Ok(Alone { _beside, _database })
}

fn locked(file: &Path, database: &Path) -> Result<File, StoreError> {
    let failed = |error: std::io::Error| {
        StoreError::Unusable(format!(
            "Cannot lock the database {}: {error}. Check that its folder exists and is on a local disk, and that it and the files in it belong to the user that runs this.",
            database.display()
        ))
    };
    let mut how = only_mine();
    let locked = how.create(true).open(file).map_err(failed)?;
    match locked.try_lock() {
        Ok(()) => Ok(locked),
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
