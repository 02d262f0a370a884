//! The baseline of durable pushes: each command is a transaction of its own, and so a fsync. In this process, and
//! behind a bare axum handler that takes the requests that Drumbeat takes, in a process of its own.

use crate::bare;
use app::api::{Answer, BUILD, Outcome, Pulled};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use domain::Envelope;
use serde::Deserialize;
use server::clock::ServerClock;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::Mutex;

/// What this program is called with to be that.
pub const ARGUMENT: &str = "one-by-one";

/// The one connection that may write, opened as Drumbeat's own is.
#[derive(Clone)]
pub struct OneByOne(Arc<Mutex<SqliteConnection>>);

impl OneByOne {
    /// With a new database.
    pub async fn open(database: &Path) -> anyhow::Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(database)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let mut connection = options.disable_statement_logging().connect().await?;
        sqlx::query("CREATE TABLE commands (id BLOB PRIMARY KEY, body TEXT NOT NULL) STRICT")
            .execute(&mut connection)
            .await?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Returns when the command is on disk.
    pub async fn commit(&self, envelope: &Envelope) -> anyhow::Result<()> {
        let body = serde_json::to_string(envelope)?;
        sqlx::query("INSERT INTO commands (id, body) VALUES (?1, ?2)")
            .bind(envelope.id.0.as_bytes().as_slice())
            .bind(body)
            .execute(&mut *self.0.lock().await)
            .await?;
        Ok(())
    }

    /// How many commands are on disk.
    pub async fn count(&self) -> anyhow::Result<u64> {
        let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM commands");
        let count = count.fetch_one(&mut *self.0.lock().await).await?;
        Ok(u64::try_from(count)?)
    }
}

/// The same behind HTTP, at the addresses of Drumbeat's own. Nobody is asked who they are, nothing is decided.
pub async fn serve(database: &Path) -> anyhow::Result<()> {
    let router = Router::new()
        .route("/sync/push", post(push))
        .route("/sync/pull", post(pull))
        .with_state(OneByOne::open(database).await?);
    bare::serve_router("The baseline of pushes", router).await
}

#[derive(Deserialize)]
struct Sent {
    commands: Vec<Envelope>,
}

async fn push(
    State(one_by_one): State<OneByOne>,
    Json(sent): Json<Sent>,
) -> Result<Json<Vec<Answer>>, StatusCode> {
    let mut answers = Vec::with_capacity(sent.commands.len());
    for envelope in sent.commands {
        one_by_one.commit(&envelope).await.map_err(failed)?;
        answers.push(Answer {
            command: envelope.id,
            outcome: Outcome::Accepted,
        });
    }
    Ok(Json(answers))
}

async fn pull(State(one_by_one): State<OneByOne>) -> Result<Json<Pulled>, StatusCode> {
    Ok(Json(Pulled {
        events: Vec::new(),
        head: one_by_one.count().await.map_err(failed)?,
        hash: None,
        lost: false,
        build: BUILD,
        more: false,
        now: ServerClock::default().now(),
        people: None,
        clock_is_wrong: false,
    }))
}

fn failed(_: anyhow::Error) -> StatusCode {
    StatusCode::INTERNAL_SERVER_ERROR
}
