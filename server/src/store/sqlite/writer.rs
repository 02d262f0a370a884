//! The one connection that writes. SQLite has one writer at a time; having one connection for
//! it makes who comes next our own queue instead of a race for the file's lock.

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use tokio::sync::{Mutex, MutexGuard};

/// The writing connection, opened when needed.
pub(super) struct Writer {
    options: SqliteConnectOptions,
    connection: Mutex<Option<SqliteConnection>>,
}

impl Writer {
    pub(super) fn new(options: SqliteConnectOptions, connection: SqliteConnection) -> Self {
        Self {
            options,
            connection: Mutex::new(Some(connection)),
        }
    }

    /// Begins a transaction and takes the write lock at once (`BEGIN IMMEDIATE`): what is read
    /// in it stays true until the commit, and a wait for the lock happens here and nowhere else.
    pub(super) async fn begin(&self) -> Result<Writing<'_>, sqlx::Error> {
        let mut place = self.connection.lock().await;
        let mut connection = match place.take() {
            Some(connection) => connection,
            None => self.options.connect().await?,
        };
        sqlx::query("BEGIN IMMEDIATE")
            .execute(&mut connection)
            .await?;
        Ok(Writing { place, connection })
    }

    /// Ends the connection, so that the last one out leaves a clean file.
    pub(super) async fn close(&self) {
        if let Some(connection) = self.connection.lock().await.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "closing the database");
        }
    }
}

/// A transaction. Dropped without a commit, the connection goes with it: SQLite may have rolled
/// back on its own or not (a full disk does, a constraint does not), and a new connection is in
/// neither state.
pub(super) struct Writing<'a> {
    place: MutexGuard<'a, Option<SqliteConnection>>,
    connection: SqliteConnection,
}

impl Writing<'_> {
    /// To run queries on.
    pub(super) fn on(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }

    /// Returns when it is on disk.
    pub(super) async fn commit(mut self) -> Result<(), sqlx::Error> {
        sqlx::query("COMMIT").execute(&mut self.connection).await?;
        *self.place = Some(self.connection);
        Ok(())
    }

    /// Undoes it and keeps the connection.
    pub(super) async fn roll_back(mut self) -> Result<(), sqlx::Error> {
        sqlx::query("ROLLBACK")
            .execute(&mut self.connection)
            .await?;
        *self.place = Some(self.connection);
        Ok(())
    }
}
