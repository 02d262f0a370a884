//! A copy while serving (`VACUUM INTO`): one read transaction, so it is the log as it was at
//! one moment, and writers go on meanwhile.

use super::open::only_mine;
use crate::store::StoreError;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The copy is made beside its place and gets its name when it is whole and on disk: a file of
/// that name is a good backup, whenever the power goes.
pub(super) async fn backup(reading: &SqliteConnectOptions, file: &Path) -> Result<(), StoreError> {
    if file.try_exists().map_err(|error| failed(file, &error))? {
        return Err(exists(file));
    }
    let Some(name) = file.file_name() else {
        return Err(StoreError::Unusable(format!(
            "{} names no file.",
            file.display()
        )));
    };
    let mut partial_name = name.to_owned();
    partial_name.push(format!(
        ".{}.partial",
        hex::encode(rand::random::<[u8; 4]>())
    ));
    let partial = file.with_file_name(partial_name);
    let done = copy(reading, &partial, file).await;
    if let Err(error) = std::fs::remove_file(&partial)
        && error.kind() != ErrorKind::NotFound
    {
        tracing::warn!(%error, file = %partial.display(), "removing the rest of a backup");
    }
    done
}

async fn copy(
    reading: &SqliteConnectOptions,
    partial: &Path,
    file: &Path,
) -> Result<(), StoreError> {
    let Some(target) = partial.to_str() else {
        return Err(StoreError::Unusable(format!(
            "{} is not UTF-8.",
            file.display()
        )));
    };
    let made = only_mine().create_new(true).open(partial);
    made.map_err(|error| match error.kind() {
        ErrorKind::NotFound => StoreError::Unusable(format!(
            "The folder of {} does not exist. Make it first.",
            file.display()
        )),
        ErrorKind::PermissionDenied => StoreError::Unusable(format!(
            "{} may not be written by this user. Name another folder, or run this as who owns it.",
            file.display()
        )),
        _ => failed(file, &error),
    })?;
    let mut connection = reading.connect().await?;
    sqlx::query("VACUUM INTO ?1")
        .bind(target)
        .execute(&mut connection)
        .await?;
    connection.close().await?;
    let (partial, file) = (partial.to_owned(), file.to_owned());
    tokio::task::spawn_blocking(move || settle(&partial, &file))
        .await
        .map_err(|error| StoreError::Unexpected(error.to_string()))?
}

/// Onto the disk, then under its name, which must still be free.
fn settle(partial: &Path, file: &Path) -> Result<(), StoreError> {
    File::open(partial)
        .and_then(|f| f.sync_all())
        .map_err(|error| failed(file, &error))?;
    match std::fs::hard_link(partial, file) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(exists(file)),
        // Some file systems know no links; a rename would replace, so look first.
        Err(_) if file.exists() => return Err(exists(file)),
        Err(_) => std::fs::rename(partial, file).map_err(|error| failed(file, &error))?,
    }
    sync_folder_of(file)
}

/// A new file is only safe when its folder is on disk too.
pub(super) fn sync_folder_of(file: &Path) -> Result<(), StoreError> {
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    File::open(&folder)
        .and_then(|f| f.sync_all())
        .map_err(|error| failed(&folder, &error))
}

fn exists(file: &Path) -> StoreError {
    StoreError::Unusable(format!(
        "{} exists already. Name a file that does not exist.",
        file.display()
    ))
}

fn failed(file: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Unavailable(format!("{}: {error}", file.display()))
}
