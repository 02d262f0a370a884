//! Opening the file: ours or not, how it is written, and one clear line when it cannot be used.

use super::SqliteStore;
use super::clock::Known;
use super::fault::{is_busy, is_no_database};
use super::writer::Writer;
use crate::store::StoreError;
use sqlx::ConnectOptions;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqlitePoolOptions, SqliteSynchronous};
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// "DRMB", set by the first migration.
const APPLICATION_ID: i64 = 0x4452_4D42;

/// 3.51.3 mends the WAL-reset bug: an older one can lose acknowledged commits.
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];

/// Reads are short; a few connections keep both cores busy.
const READERS_MAX: u32 = 4;

/// What a WAL that grew during a long read is cut back to, bytes.
const WAL_KEPT_BYTES: &str = "67108864";

/// How to open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opening {
    /// Whether to make the file, bring it up to date, and switch it to WAL. Else the file is
    /// taken as it is.
    pub(super) to_serve: bool,
    /// How long a write waits for another process's lock.
    pub(super) busy_timeout: Duration,
    /// Stands in for a full disk in tests.
    pub(super) pages_max: Option<u32>,
}

impl Opening {
    pub(super) const TO_SERVE: Self = Self {
        to_serve: true,
        busy_timeout: Duration::from_secs(5),
        pages_max: None,
    };
    pub(super) const AS_IT_IS: Self = Self {
        to_serve: false,
        ..Self::TO_SERVE
    };
}

/// The file of this address.
pub(super) fn file_of(url: &str) -> Result<PathBuf, StoreError> {
    Ok(options(url, Opening::TO_SERVE)?.get_filename().to_owned())
}

pub(super) async fn open(url: &str, opening: Opening) -> Result<SqliteStore, StoreError> {
    let base = options(url, opening)?;
    let file = base.get_filename().to_owned();
    if opening.to_serve {
        make_private(&file)?;
    } else if !file.is_file() {
        return Err(StoreError::Unusable(format!(
            "There is no database {}. Name the right one with --database.",
            file.display()
        )));
    }

    let mut writing = base.clone();
    if let Some(pages_max) = opening.pages_max {
        writing = writing.pragma("max_page_count", pages_max.to_string());
    }
    let explain = |error: sqlx::Error| unusable(&file, &error);
    let mut connection = writing.connect().await.map_err(explain)?;
    sqlite_is_new_enough(&mut connection).await?;
    let fresh = is_fresh(&mut connection, &file).await?;
    if opening.to_serve {
        into_wal(&mut connection, &file).await?;
        MIGRATIONS
            .run_direct(None, &mut connection, false)
            .await
            .map_err(|e| outdated(&file, e))?;
        super::people::respell_emails(&mut connection).await?;
    } else if fresh {
        return Err(not_ours(&file));
    } else {
        up_to_date(&mut connection, &file).await?;
    }

    let readers = SqlitePoolOptions::new()
        .max_connections(READERS_MAX)
        .acquire_timeout(Duration::from_secs(10))
        // A file does not hang up.
        .test_before_acquire(false)
        .connect_lazy_with(base.clone().read_only(true));
    Ok(SqliteStore {
        writer: Writer::new(writing, connection),
        readers,
        reading: base.read_only(true),
        corrections: Known::default(),
    })
}

fn options(url: &str, opening: Opening) -> Result<SqliteConnectOptions, StoreError> {
    let options: SqliteConnectOptions = url
        .strip_prefix("sqlite:")
        .filter(|rest| !rest.contains(":memory:") && !rest.contains("mode=memory"))
        .and_then(|_| url.parse().ok())
        .ok_or_else(|| {
            StoreError::Unusable(format!(
                "“{url}” names no database file. It should look like sqlite://drumbeat.db"
            ))
        })?;
    Ok(options
        .create_if_missing(false)
        .busy_timeout(opening.busy_timeout)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("journal_size_limit", WAL_KEPT_BYTES)
        .disable_statement_logging())
}

/// Makes the file if it is missing, readable by its owner only; SQLite gives its companions
/// the same mode.
pub(super) fn make_private(file: &Path) -> Result<(), StoreError> {
    match only_mine().create_new(true).open(file) {
        Ok(_) => super::backup::sync_folder_of(file),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::Unusable(format!(
            "Cannot make the database {}: {error}. Check that its folder exists and may be written to.",
            file.display()
        ))),
    }
}

/// To make a file that only its owner reads and writes.
pub(super) fn only_mine() -> OpenOptions {
    let mut how = OpenOptions::new();
    how.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    how
}

async fn sqlite_is_new_enough(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let version: String = sqlx::query_scalar("SELECT sqlite_version()")
        .fetch_one(connection)
        .await?;
    let parts: Vec<u32> = version
        .split('.')
        .filter_map(|part| part.parse().ok())
        .collect();
    if parts.as_slice() < OLDEST_SQLITE.as_slice() {
        return Err(StoreError::Unusable(format!(
            "This build carries SQLite {version}, which can lose commits. Build it with 3.51.3 or newer."
        )));
    }
    Ok(())
}

/// Whether nothing is in the file yet. A database of some other program is left alone.
async fn is_fresh(connection: &mut SqliteConnection, file: &Path) -> Result<bool, StoreError> {
    let explain = |error: sqlx::Error| unusable(file, &error);
    let application_id: i64 = sqlx::query_scalar("PRAGMA application_id")
        .fetch_one(&mut *connection)
        .await
        .map_err(explain)?;
    let tables: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name <> '_sqlx_migrations'",
    )
    .fetch_one(connection)
    .await
    .map_err(explain)?;
    match (application_id, tables) {
        (APPLICATION_ID, _) => Ok(false),
        (0, 0) => Ok(true),
        _ => Err(not_ours(file)),
    }
}

async fn into_wal(connection: &mut SqliteConnection, file: &Path) -> Result<(), StoreError> {
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode = WAL")
        .fetch_one(connection)
        .await
        .map_err(|error| unusable(file, &error))?;
    if mode != "wal" {
        return Err(StoreError::Unusable(format!(
            "{} cannot be switched to write-ahead logging. Put it on a local disk.",
            file.display()
        )));
    }
    Ok(())
}

/// Whoever only looks (verify, backup) must find the file as this build would make it.
async fn up_to_date(connection: &mut SqliteConnection, file: &Path) -> Result<(), StoreError> {
    let applied: Vec<i64> =
        sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success ORDER BY version")
            .fetch_all(connection)
            .await
            .map_err(|error| unusable(file, &error))?;
    if let Some(unknown) = applied.iter().find(|v| !MIGRATIONS.version_exists(**v)) {
        return Err(outdated(file, MigrateError::VersionMissing(*unknown)));
    }
    if MIGRATIONS.iter().any(|m| !applied.contains(&m.version)) {
        return Err(StoreError::Unusable(format!(
            "{} was written by an older Drumbeat. Run `drumbeat serve` on it once to bring it up to date.",
            file.display()
        )));
    }
    Ok(())
}

fn outdated(file: &Path, error: MigrateError) -> StoreError {
    let file = file.display();
    match error {
        MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => {
            StoreError::Unusable(format!(
                "{file} was written by a newer Drumbeat. Start that version, or restore a backup made before the upgrade."
            ))
        }
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        error => StoreError::Unusable(format!(
            "{file} cannot be brought up to date ({error}). Restore a backup."
        )),
    }
}

fn not_ours(file: &Path) -> StoreError {
    StoreError::Unusable(format!(
        "{} is not a Drumbeat database. Name another file with --database.",
        file.display()
    ))
}

fn unusable(file: &Path, error: &sqlx::Error) -> StoreError {
    if is_no_database(error) {
        return not_ours(file);
    }
    let file = file.display();
    if is_busy(error) {
        return StoreError::Unusable(format!(
            "{file} is locked by another program. Stop that one first."
        ));
    }
    StoreError::Unusable(format!(
        "Cannot open the database {file}: {error}. Check that it is a file that may be read and written."
    ))
}
