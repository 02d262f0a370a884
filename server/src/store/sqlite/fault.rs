//! What an error of SQLite means for who asked.

use crate::store::StoreError;

/// SQLite's primary result codes, <https://www.sqlite.org/rescode.html>.
mod code {
    pub(super) const BUSY: i32 = 5;
    pub(super) const LOCKED: i32 = 6;
    pub(super) const NOMEM: i32 = 7;
    pub(super) const READONLY: i32 = 8;
    pub(super) const IOERR: i32 = 10;
    pub(super) const CORRUPT: i32 = 11;
    pub(super) const FULL: i32 = 13;
    pub(super) const CANTOPEN: i32 = 14;
    pub(super) const NOTADB: i32 = 26;
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match (&error, primary_code(&error)) {
            (
                _,
                Some(
                    code::BUSY
                    | code::LOCKED
                    | code::NOMEM
                    | code::READONLY
                    | code::IOERR
                    | code::FULL
                    | code::CANTOPEN,
                ),
            )
            | (
                sqlx::Error::Io(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed,
                _,
            ) => Self::Unavailable(error.to_string()),
            (_, Some(code::CORRUPT | code::NOTADB)) => Self::Unusable(format!(
                "The database is damaged ({error}). Restore a backup."
            )),
            _ => Self::Unexpected(error.to_string()),
        }
    }
}

/// What whoever runs the server is told of a write that failed: one line that says what to do, without a path.
pub(super) fn not_ready(error: &sqlx::Error) -> StoreError {
    let line = match primary_code(error) {
        Some(code::FULL) => {
            "The database cannot be written: its disk is full. Make room on it.".to_owned()
        }
        Some(code::READONLY) => {
            "The database cannot be written: it is read-only. Let the server's user write to the file, its folder and its disk.".to_owned()
        }
        Some(code::BUSY | code::LOCKED) => {
            "The database cannot be written: another program holds it. Stop that program.".to_owned()
        }
        Some(code::IOERR | code::CANTOPEN) => {
            "The database cannot be written: its disk fails or has no room. Look at the disk and how it is mounted.".to_owned()
        }
        Some(code::CORRUPT | code::NOTADB) => {
            "The database is damaged. Run `drumbeat verify`, and restore a backup.".to_owned()
        }
        _ => format!("The database cannot be used ({error}). Look into the server's log."),
    };
    StoreError::Unavailable(line)
}

/// Whether the file is no SQLite database at all.
pub(super) fn is_no_database(error: &sqlx::Error) -> bool {
    primary_code(error) == Some(code::NOTADB)
}

/// Whether somebody else holds the lock.
pub(super) fn is_busy(error: &sqlx::Error) -> bool {
    matches!(primary_code(error), Some(code::BUSY | code::LOCKED))
}

/// The low byte of the extended code.
fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let extended: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(extended & 0xff)
}
