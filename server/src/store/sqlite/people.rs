//! Accounts and sessions. Secrets come in hashed and are kept so (D3).

use super::read::id;
use super::writer::Writer;
use crate::store::{Account, Session, StoreError};
use domain::{Person, PersonId, Time};
use sqlx::Row;
use sqlx::sqlite::{SqlitePool, SqliteRow};

pub(super) async fn add_account(writer: &Writer, account: &Account) -> Result<bool, StoreError> {
    let mut writing = writer.begin().await?;
    let added = sqlx::query(
        "INSERT INTO people (id, name, title, administrator, email, password_hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (email) DO NOTHING",
    )
    .bind(account.person.id.0.as_bytes().as_slice())
    .bind(&account.person.name)
    .bind(&account.person.title)
    .bind(account.person.administrator)
    .bind(&account.email)
    .bind(&account.password_hash)
    .execute(writing.on())
    .await?;
    writing.commit().await?;
    Ok(added.rows_affected() == 1)
}

pub(super) async fn people(readers: &SqlitePool) -> Result<Vec<Person>, StoreError> {
    let rows = sqlx::query("SELECT id, name, title, administrator FROM people ORDER BY name, id")
        .fetch_all(readers)
        .await?;
    rows.iter().map(person).collect()
}

pub(super) async fn account(
    readers: &SqlitePool,
    email: &str,
) -> Result<Option<Account>, StoreError> {
    let row = sqlx::query(
        "SELECT id, name, title, administrator, email, password_hash FROM people WHERE email = ?1",
    )
    .bind(email)
    .fetch_optional(readers)
    .await?;
    row.map(|row| {
        Ok(Account {
            person: person(&row)?,
            email: row.try_get(4)?,
            password_hash: row.try_get(5)?,
        })
    })
    .transpose()
}

pub(super) async fn add_session(writer: &Writer, session: &Session) -> Result<(), StoreError> {
    let mut writing = writer.begin().await?;
    sqlx::query("INSERT INTO sessions (token_hash, person, expires_at_ms) VALUES (?1, ?2, ?3)")
        .bind(session.token_hash.as_slice())
        .bind(session.person.0.as_bytes().as_slice())
        .bind(session.expires_at.timestamp_millis())
        .execute(writing.on())
        .await?;
    Ok(writing.commit().await?)
}

pub(super) async fn session(
    readers: &SqlitePool,
    token_hash: &[u8; 32],
    now: Time,
) -> Result<Option<Person>, StoreError> {
    let row = sqlx::query(
        "SELECT p.id, p.name, p.title, p.administrator FROM sessions s JOIN people p ON p.id = s.person
         WHERE s.token_hash = ?1 AND s.expires_at_ms > ?2",
    )
    .bind(token_hash.as_slice())
    .bind(now.timestamp_millis())
    .fetch_optional(readers)
    .await?;
    row.as_ref().map(person).transpose()
}

pub(super) async fn end_session(writer: &Writer, token_hash: &[u8; 32]) -> Result<(), StoreError> {
    let mut writing = writer.begin().await?;
    sqlx::query("DELETE FROM sessions WHERE token_hash = ?1")
        .bind(token_hash.as_slice())
        .execute(writing.on())
        .await?;
    Ok(writing.commit().await?)
}

pub(super) async fn end_sessions_of(writer: &Writer, person: PersonId) -> Result<(), StoreError> {
    let mut writing = writer.begin().await?;
    sqlx::query("DELETE FROM sessions WHERE person = ?1")
        .bind(person.0.as_bytes().as_slice())
        .execute(writing.on())
        .await?;
    Ok(writing.commit().await?)
}

fn person(row: &SqliteRow) -> Result<Person, StoreError> {
    Ok(Person {
        id: PersonId(id(row.try_get(0)?)?),
        name: row.try_get(1)?,
        title: row.try_get(2)?,
        administrator: row.try_get(3)?,
    })
}
