//! What lets people in: sessions, passwords, and the links by which a password is chosen. Secrets
//! come in hashed and are kept so (D3).

use super::audit;
use super::people::{line, person};
use super::read::{id, time};
use super::writer::{Writer, Writing};
use crate::store::{Act, Deed, Invite, Session, StoreError};
use domain::{Person, PersonId, PersonRef, Time};
use sqlx::Row;
use sqlx::sqlite::{SqlitePool, SqliteRow};

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

pub(super) async fn add_session_by(
    writer: &Writer,
    session: &Session,
    password_hash: &str,
) -> Result<bool, StoreError> {
    let mut writing = writer.begin().await?;
    let added = sqlx::query(
        "INSERT INTO sessions (token_hash, person, expires_at_ms)
         SELECT ?1, id, ?3 FROM people WHERE id = ?2 AND password_hash = ?4 AND removed_at_ms IS NULL",
    )
    .bind(session.token_hash.as_slice())
    .bind(session.person.0.as_bytes().as_slice())
    .bind(session.expires_at.timestamp_millis())
    .bind(password_hash)
    .execute(writing.on())
    .await?;
    writing.commit().await?;
    Ok(added.rows_affected() == 1)
}

/// Sessions all last equally long: those that end first began first.
pub(super) async fn end_oldest_sessions(
    writer: &Writer,
    newest: &Session,
    keep: u32,
) -> Result<u64, StoreError> {
    let mut writing = writer.begin().await?;
    let ended = sqlx::query(
        "DELETE FROM sessions WHERE token_hash IN
         (SELECT token_hash FROM sessions WHERE person = ?1 AND token_hash <> ?2
          ORDER BY expires_at_ms DESC, token_hash LIMIT -1 OFFSET ?3)",
    )
    .bind(newest.person.0.as_bytes().as_slice())
    .bind(newest.token_hash.as_slice())
    .bind(keep.saturating_sub(1))
    .execute(writing.on())
    .await?;
    writing.commit().await?;
    Ok(ended.rows_affected())
}

/// A session that began beside a removal, and so outlived it, is nobody's.
pub(super) async fn session(
    readers: &SqlitePool,
    token_hash: &[u8; 32],
    now: Time,
) -> Result<Option<(Person, Time)>, StoreError> {
    let row = sqlx::query(
        "SELECT p.id, p.name, p.title, p.administrator, s.expires_at_ms FROM sessions s JOIN people p ON p.id = s.person
         WHERE s.token_hash = ?1 AND s.expires_at_ms > ?2 AND p.removed_at_ms IS NULL",
    )
    .bind(token_hash.as_slice())
    .bind(now.timestamp_millis())
    .fetch_optional(readers)
    .await?;
    let known = |row: &SqliteRow| Ok((person(row)?, time(row.try_get(4)?)?));
    row.as_ref().map(known).transpose()
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
    drop_sessions(&mut writing, person).await?;
    Ok(writing.commit().await?)
}

pub(super) async fn drop_sessions(
    writing: &mut Writing<'_>,
    person: PersonId,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM sessions WHERE person = ?1")
        .bind(person.0.as_bytes().as_slice())
        .execute(writing.on())
        .await?;
    Ok(())
}

pub(super) async fn put_invite(
    writing: &mut Writing<'_>,
    invite: &Invite,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO invites (person, token_hash, expires_at_ms) VALUES (?1, ?2, ?3)
         ON CONFLICT (person) DO UPDATE SET token_hash = excluded.token_hash, expires_at_ms = excluded.expires_at_ms",
    )
    .bind(invite.person.0.as_bytes().as_slice())
    .bind(invite.token_hash.as_slice())
    .bind(invite.expires_at.timestamp_millis())
    .execute(writing.on())
    .await?;
    Ok(())
}

pub(super) async fn drop_invite(
    writing: &mut Writing<'_>,
    person: PersonId,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM invites WHERE person = ?1")
        .bind(person.0.as_bytes().as_slice())
        .execute(writing.on())
        .await?;
    Ok(())
}

pub(super) async fn reset_password(
    writer: &Writer,
    invite: &Invite,
    deed: &Deed,
) -> Result<bool, StoreError> {
    let mut writing = writer.begin().await?;
    let Some(name) = put_password(&mut writing, invite.person, None).await? else {
        writing.roll_back().await?;
        return Ok(false);
    };
    put_invite(&mut writing, invite).await?;
    let ends = format!("The link ends {}", invite.expires_at.format("%F %R UTC"));
    audit::commit(writing, &[line(deed, Act::ResetPassword, name, ends)]).await?;
    Ok(true)
}

pub(super) async fn choose_password(
    writer: &Writer,
    token_hash: &[u8; 32],
    password_hash: &str,
    now: Time,
    from: &str,
) -> Result<Option<PersonId>, StoreError> {
    let mut writing = writer.begin().await?;
    let used = sqlx::query(
        "DELETE FROM invites WHERE token_hash = ?1 AND expires_at_ms > ?2 RETURNING person",
    )
    .bind(token_hash.as_slice())
    .bind(now.timestamp_millis())
    .fetch_optional(writing.on())
    .await?;
    let person = match used {
        Some(row) => PersonId(id(row.try_get(0)?)?),
        None => {
            writing.roll_back().await?;
            return Ok(None);
        }
    };
    let Some(name) = put_password(&mut writing, person, Some(password_hash)).await? else {
        writing.commit().await?;
        return Ok(None);
    };
    let by = PersonRef {
        id: person,
        name: name.clone(),
    };
    let deed = Deed::new(by, now, from);
    let line = line(&deed, Act::ChoosePassword, name, String::new());
    audit::commit(writing, &[line]).await?;
    Ok(Some(person))
}

pub(super) async fn set_password(
    writer: &Writer,
    person: PersonId,
    replaces: &str,
    password_hash: &str,
    deed: &Deed,
) -> Result<bool, StoreError> {
    let mut writing = writer.begin().await?;
    let is_theirs: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM people WHERE id = ?1 AND password_hash = ?2)",
    )
    .bind(person.0.as_bytes().as_slice())
    .bind(replaces)
    .fetch_one(writing.on())
    .await?;
    if !is_theirs {
        writing.roll_back().await?;
        return Ok(false);
    }
    let name = put_password(&mut writing, person, Some(password_hash)).await?;
    let put = name.is_some();
    let line = name.map(|name| line(deed, Act::ChangePassword, name, String::new()));
    audit::commit(writing, line.as_slice()).await?;
    Ok(put)
}

/// Whoever knew the old password is signed out with it. The name of whose it is; none when they have no account.
async fn put_password(
    writing: &mut Writing<'_>,
    person: PersonId,
    password_hash: Option<&str>,
) -> Result<Option<String>, StoreError> {
    let name = sqlx::query_scalar(
        "UPDATE people SET password_hash = ?2 WHERE id = ?1 AND removed_at_ms IS NULL RETURNING name",
    )
    .bind(person.0.as_bytes().as_slice())
    .bind(password_hash)
    .fetch_optional(writing.on())
    .await?;
    drop_sessions(writing, person).await?;
    Ok(name)
}
