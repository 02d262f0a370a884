//! Customer accounts. Many at once go in and out as one JSON array, as in `append.rs`.

use super::append::hex_of;
use super::audit::{self, NewLine};
use super::people::line;
use super::read::{time, unsigned};
use super::writer::{Writer, Writing};
use crate::store::{Act, Deed, KeptAccount, PutAccount, StoreError};
use domain::AccountId;
use domain::account::{Account, Field, key};
use serde::Serialize;
use sqlx::Row;
use sqlx::sqlite::{SqlitePool, SqliteRow};
use std::collections::HashMap;

#[derive(Serialize)]
struct AccountRow {
    id: String,
    key: String,
    searched: String,
    version: u64,
    body: String,
}

pub(super) async fn accounts(
    readers: &SqlitePool,
    query: &str,
    limit: u32,
    after: Option<&str>,
) -> Result<Vec<KeptAccount>, StoreError> {
    let rows = sqlx::query(
        "SELECT version, changed_at_ms, changed_by, body FROM accounts
         WHERE key > ?1 AND (?2 = '' OR instr(searched, ?2) > 0) ORDER BY key LIMIT ?3",
    )
    .bind(after.map(key).unwrap_or_default())
    .bind(key(query))
    .bind(limit)
    .fetch_all(readers)
    .await?;
    rows.iter().map(kept).collect()
}

pub(super) async fn find(
    readers: &SqlitePool,
    part: &str,
    limit: u32,
) -> Result<Vec<KeptAccount>, StoreError> {
    let rows = sqlx::query(
        "SELECT version, changed_at_ms, changed_by, body FROM accounts
         WHERE ?1 = '' OR instr(key, ?1) > 0 ORDER BY instr(key, ?1), key LIMIT ?2",
    )
    .bind(key(part))
    .bind(limit)
    .fetch_all(readers)
    .await?;
    rows.iter().map(kept).collect()
}

pub(super) async fn by_id(
    readers: &SqlitePool,
    id: AccountId,
) -> Result<Option<KeptAccount>, StoreError> {
    let row =
        sqlx::query("SELECT version, changed_at_ms, changed_by, body FROM accounts WHERE id = ?1")
            .bind(id.0.as_bytes().as_slice())
            .fetch_optional(readers)
            .await?;
    row.as_ref().map(kept).transpose()
}

pub(super) async fn names(
    readers: &SqlitePool,
    ids: &[AccountId],
) -> Result<Vec<(AccountId, String)>, StoreError> {
    let wanted: Vec<String> = ids.iter().map(|id| hex::encode(id.0.as_bytes())).collect();
    let rows = sqlx::query(
        "SELECT version, changed_at_ms, changed_by, body FROM accounts
         WHERE id IN (SELECT unhex(value) FROM json_each(?1))",
    )
    .bind(json(&wanted)?)
    .fetch_all(readers)
    .await?;
    rows.iter().map(name).collect()
}

pub(super) async fn all_names(
    readers: &SqlitePool,
) -> Result<Vec<(AccountId, String)>, StoreError> {
    let rows = sqlx::query("SELECT version, changed_at_ms, changed_by, body FROM accounts");
    let rows = rows.fetch_all(readers).await?;
    rows.iter().map(name).collect()
}

fn name(row: &SqliteRow) -> Result<(AccountId, String), StoreError> {
    let account = kept(row)?.account;
    Ok((account.id, account.name))
}

pub(super) async fn named(
    readers: &SqlitePool,
    names: &[&str],
) -> Result<Vec<KeptAccount>, StoreError> {
    let keys: Vec<String> = names.iter().map(|name| key(name)).collect();
    let rows = sqlx::query(
        "SELECT version, changed_at_ms, changed_by, body FROM accounts
         WHERE key IN (SELECT value FROM json_each(?1)) ORDER BY key",
    )
    .bind(json(&keys)?)
    .fetch_all(readers)
    .await?;
    rows.iter().map(kept).collect()
}

/// One statement and one transaction. A row that does not fit (its version has moved on, or its
/// name has been taken) is passed over by the statement, found by the count, and nothing stays.
pub(super) async fn put(
    writer: &Writer,
    puts: &[PutAccount],
    deed: &Deed,
) -> Result<bool, StoreError> {
    let rows: Vec<AccountRow> = puts.iter().map(row).collect::<Result<_, _>>()?;
    let mut writing = writer.begin().await?;
    let lines = lines(&mut writing, puts, deed).await?;
    let written = sqlx::query(
        "INSERT INTO accounts (id, key, searched, version, changed_at_ms, changed_by, body)
         SELECT unhex(value ->> 'id'), value ->> 'key', value ->> 'searched', value ->> 'version', ?2, ?3,
             value ->> 'body'
         FROM json_each(?1) WHERE true
         ON CONFLICT (id) DO UPDATE SET
             key = excluded.key, searched = excluded.searched, version = excluded.version,
             changed_at_ms = excluded.changed_at_ms, changed_by = excluded.changed_by, body = excluded.body
             WHERE accounts.version = excluded.version - 1
         ON CONFLICT (key) DO NOTHING",
    )
    .bind(json(&rows)?)
    .bind(deed.at.timestamp_millis())
    .bind(&deed.by.name)
    .execute(writing.on())
    .await;
    let all = match written {
        Ok(written) => written.rows_affected() == puts.len() as u64,
        // A changed name that is taken fails in the update, which has no way to pass it over.
        Err(error) if is_taken(&error) => false,
        Err(error) => return Err(error.into()),
    };
    if all {
        audit::commit(writing, &lines).await?;
    } else {
        writing.roll_back().await?;
    }
    Ok(all)
}

/// What the audit log says of each, beside what it was before.
async fn lines<'a>(
    writing: &mut Writing<'_>,
    puts: &[PutAccount],
    deed: &'a Deed,
) -> Result<Vec<NewLine<'a>>, StoreError> {
    let known = puts.iter().filter(|put| put.replaces > 0);
    let known: Vec<String> = known.map(|put| hex_of(put.account.id.0)).collect();
    let rows = sqlx::query(
        "SELECT version, changed_at_ms, changed_by, body FROM accounts
         WHERE id IN (SELECT unhex(value) FROM json_each(?1))",
    )
    .bind(json(&known)?)
    .fetch_all(writing.on())
    .await?;
    let mut before: HashMap<AccountId, Account> = HashMap::with_capacity(rows.len());
    for row in &rows {
        let account = kept(row)?.account;
        before.insert(account.id, account);
    }
    let lines = puts.iter().map(|put| {
        let before = before.get(&put.account.id);
        let (act, detail) = match before {
            Some(before) => (Act::ChangeAccount, differences(before, &put.account)),
            None => (Act::AddAccount, String::new()),
        };
        let name = &before.unwrap_or(&put.account).name;
        line(deed, act, name.clone(), detail)
    });
    Ok(lines.collect())
}

fn differences(before: &Account, after: &Account) -> String {
    let fields = Field::ALL.map(|field| (field, before.plain(field), after.plain(field)));
    let shown: Vec<_> = fields
        .iter()
        .map(|(field, before, after)| (field.label(), before.as_str(), after.as_str()))
        .collect();
    audit::changes(&shown)
}

fn is_taken(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}

fn row(put: &PutAccount) -> Result<AccountRow, StoreError> {
    Ok(AccountRow {
        id: hex::encode(put.account.id.0.as_bytes()),
        key: key(&put.account.name),
        searched: put.account.searched(),
        version: put.replaces + 1,
        body: json(&put.account)?,
    })
}

fn kept(row: &SqliteRow) -> Result<KeptAccount, StoreError> {
    Ok(KeptAccount {
        version: unsigned(row.try_get(0)?)?,
        changed_at: time(row.try_get(1)?)?,
        changed_by: row.try_get(2)?,
        account: serde_json::from_str(row.try_get(3)?).map_err(unexpected)?,
    })
}

fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(unexpected)
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
fn unexpected(error: serde_json::Error) -> StoreError {
    StoreError::Unexpected(error.to_string())
}
