//! Who has an account, and who had one. Nobody's row is ever deleted; `entry.rs` has what lets
//! them in.

use super::audit::{self, NewLine};
use super::entry;
use super::links::hash;
use super::read::{id, time, unsigned};
use super::writer::{Writer, Writing};
use crate::store::{Account, Act, Deed, Invite, KeptPerson, Put, StoreError, email_key};
use domain::{Person, PersonId, PersonRef};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqlitePool, SqliteRow};

pub(super) async fn add_account(writer: &Writer, account: &Account) -> Result<bool, StoreError> {
    let (writing, added) = add(writer, account, None).await?;
    writing.commit().await?;
    Ok(added)
}

pub(super) async fn add_administrator(
    writer: &Writer,
    account: &Account,
    deed: &Deed,
) -> Result<bool, StoreError> {
    let (writing, added) = add(writer, account, None).await?;
    let line = added.then(|| addition(account, deed, "by the set-up link"));
    audit::commit(writing, line.as_slice()).await?;
    Ok(added)
}

pub(super) async fn add_person(
    writer: &Writer,
    account: &Account,
    invite: &Invite,
    deed: &Deed,
) -> Result<bool, StoreError> {
    let (writing, added) = add(writer, account, Some((invite, deed))).await?;
    let line = added.then(|| addition(account, deed, "by a link to choose a password"));
    audit::commit(writing, line.as_slice()).await?;
    Ok(added)
}

fn addition<'a>(account: &Account, deed: &'a Deed, way: &str) -> NewLine<'a> {
    let Person {
        title,
        administrator,
        ..
    } = &account.person;
    let email = email_key(&account.email);
    let detail = format!(
        "{title}; {email}; administrator: {}; {way}",
        yes(*administrator)
    );
    line(deed, Act::AddPerson, account.person.name.clone(), detail)
}

/// A line of the audit log about somebody.
pub(super) fn line(deed: &Deed, act: Act, subject: String, detail: String) -> NewLine<'_> {
    NewLine {
        by: &deed.by,
        at: deed.at,
        from: &deed.from,
        act,
        subject,
        detail,
    }
}

fn yes(is: bool) -> &'static str {
    if is { "yes" } else { "no" }
}

/// Not committed yet.
async fn add<'a>(
    writer: &'a Writer,
    account: &Account,
    invited: Option<(&Invite, &Deed)>,
) -> Result<(Writing<'a>, bool), StoreError> {
    let deed = invited.map(|(_, deed)| deed);
    let mut writing = writer.begin().await?;
    let added = sqlx::query(
        "INSERT INTO people (id, name, title, administrator, email, password_hash, added_by, added_by_name, added_at_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING",
    )
    .bind(account.person.id.0.as_bytes().as_slice())
    .bind(&account.person.name)
    .bind(&account.person.title)
    .bind(account.person.administrator)
    .bind(email_key(&account.email))
    .bind(&account.password_hash)
    .bind(deed.map(|d| d.by.id.0.as_bytes().as_slice()))
    .bind(deed.map(|d| d.by.name.as_str()))
    .bind(deed.map(|d| d.at.timestamp_millis()))
    .execute(writing.on())
    .await?;
    let added = added.rows_affected() == 1;
    if let Some((invite, _)) = invited.filter(|_| added) {
        entry::put_invite(&mut writing, invite).await?;
    }
    Ok((writing, added))
}

pub(super) async fn people(readers: &SqlitePool) -> Result<Vec<Person>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, name, title, administrator FROM people WHERE removed_at_ms IS NULL ORDER BY name, id",
    )
    .fetch_all(readers)
    .await?;
    rows.iter().map(person).collect()
}

pub(super) async fn everybody(readers: &SqlitePool) -> Result<Vec<KeptPerson>, StoreError> {
    let rows = sqlx::query(
        "SELECT p.id, p.name, p.title, p.administrator, p.email, p.version,
             p.added_by, p.added_by_name, p.added_at_ms, p.removed_by, p.removed_by_name, p.removed_at_ms,
             i.token_hash, i.expires_at_ms
         FROM people p LEFT JOIN invites i ON i.person = p.id ORDER BY p.name, p.id",
    )
    .fetch_all(readers)
    .await?;
    rows.iter().map(kept).collect()
}

pub(super) async fn account(
    readers: &SqlitePool,
    email: &str,
) -> Result<Option<Account>, StoreError> {
    let row = sqlx::query(
        "SELECT id, name, title, administrator, email, password_hash FROM people
         WHERE email = ?1 AND removed_at_ms IS NULL",
    )
    .bind(email_key(email))
    .fetch_optional(readers)
    .await?;
    row.as_ref().map(with_password).transpose()
}

pub(super) async fn account_of(
    readers: &SqlitePool,
    person: PersonId,
) -> Result<Option<Account>, StoreError> {
    let row = sqlx::query(
        "SELECT id, name, title, administrator, email, password_hash FROM people
         WHERE id = ?1 AND removed_at_ms IS NULL",
    )
    .bind(person.0.as_bytes().as_slice())
    .fetch_optional(readers)
    .await?;
    row.as_ref().map(with_password).transpose()
}

/// Brings e-mails that an older build kept as they were typed into the spelling that is compared, so
/// that whoever signed in by theirs still does. Of two people with one e-mail in two spellings, the
/// second keeps theirs until an administrator changes it.
pub(super) async fn respell_emails(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let rows = sqlx::query("SELECT id, email FROM people WHERE email GLOB '*[^ -~]*'")
        .fetch_all(&mut *connection)
        .await?;
    for row in rows {
        let (id, email): (Vec<u8>, String) = (row.try_get(0)?, row.try_get(1)?);
        let key = email_key(&email);
        if key == email {
            continue;
        }
        let respelled = sqlx::query("UPDATE OR IGNORE people SET email = ?2 WHERE id = ?1")
            .bind(id)
            .bind(&key)
            .execute(&mut *connection)
            .await?;
        if respelled.rows_affected() == 0 {
            tracing::warn!(
                email = key,
                "two people have this e-mail in two spellings: change one of them on /people"
            );
        }
    }
    Ok(())
}

pub(super) async fn change(
    writer: &Writer,
    person: &Person,
    email: &str,
    replaces: u64,
    deed: &Deed,
) -> Result<Put, StoreError> {
    let (id, email) = (person.id.0.as_bytes().as_slice(), email_key(email));
    let mut writing = writer.begin().await?;
    let put = match look_at(&mut writing, person.id).await? {
        Some(before) if before.removed || before.version != replaces => Err(Put::Stale),
        None => Err(Put::Stale),
        Some(before) if before.is_last && !person.administrator => Err(Put::LastAdministrator),
        Some(_) if is_taken(&mut writing, &email, person.id).await? => Err(Put::EmailTaken),
        Some(before) => Ok(before),
    };
    let before = match put {
        Ok(before) => before,
        Err(put) => {
            writing.roll_back().await?;
            return Ok(put);
        }
    };
    let changed = audit::changes(&[
        ("Name", &before.person.name, &person.name),
        ("Title", &before.person.title, &person.title),
        ("E-mail", &before.email, &email),
        (
            "Administrator",
            yes(before.person.administrator),
            yes(person.administrator),
        ),
    ]);
    sqlx::query(
        "UPDATE people SET name = ?2, title = ?3, administrator = ?4, email = ?5, version = version + 1
         WHERE id = ?1",
    )
    .bind(id)
    .bind(&person.name)
    .bind(&person.title)
    .bind(person.administrator)
    .bind(email)
    .execute(writing.on())
    .await?;
    let line = line(deed, Act::ChangePerson, before.person.name, changed);
    audit::commit(writing, &[line]).await?;
    Ok(Put::Done)
}

/// Their sessions and their link go in the same transaction: there is no moment at which somebody
/// who was removed can still act.
pub(super) async fn remove(
    writer: &Writer,
    person: PersonId,
    deed: &Deed,
) -> Result<Put, StoreError> {
    let mut writing = writer.begin().await?;
    let put = match look_at(&mut writing, person).await? {
        None => Put::Stale,
        Some(before) if before.removed => Put::Done,
        Some(before) if before.is_last => Put::LastAdministrator,
        Some(before) => {
            mark_removed(&mut writing, person, deed).await?;
            let line = line(deed, Act::RemovePerson, before.person.name, before.email);
            audit::commit(writing, &[line]).await?;
            return Ok(Put::Done);
        }
    };
    writing.roll_back().await?;
    Ok(put)
}

async fn mark_removed(
    writing: &mut Writing<'_>,
    person: PersonId,
    deed: &Deed,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE people SET removed_by = ?2, removed_by_name = ?3, removed_at_ms = ?4,
             password_hash = NULL, version = version + 1 WHERE id = ?1",
    )
    .bind(person.0.as_bytes().as_slice())
    .bind(deed.by.id.0.as_bytes().as_slice())
    .bind(&deed.by.name)
    .bind(deed.at.timestamp_millis())
    .execute(writing.on())
    .await?;
    entry::drop_sessions(writing, person).await?;
    entry::drop_invite(writing, person).await
}

/// What a change must know of somebody, read in its own transaction.
struct Before {
    person: Person,
    email: String,
    version: u64,
    removed: bool,
    /// Whether nobody else is an administrator who can come in. Who waits for their link to be used
    /// cannot.
    is_last: bool,
}

async fn look_at(
    writing: &mut Writing<'_>,
    person: PersonId,
) -> Result<Option<Before>, StoreError> {
    let row = sqlx::query(
        "SELECT id, name, title, administrator, email, version, removed_at_ms IS NOT NULL, administrator AND NOT EXISTS (
             SELECT 1 FROM people o WHERE o.id <> ?1 AND o.administrator AND o.removed_at_ms IS NULL
                 AND (o.password_hash IS NOT NULL OR NOT EXISTS (SELECT 1 FROM invites WHERE person = o.id)))
         FROM people WHERE id = ?1",
    )
    .bind(person.0.as_bytes().as_slice())
    .fetch_optional(writing.on())
    .await?;
    row.map(|row| {
        Ok(Before {
            person: self::person(&row)?,
            email: row.try_get(4)?,
            version: unsigned(row.try_get(5)?)?,
            removed: row.try_get(6)?,
            is_last: row.try_get(7)?,
        })
    })
    .transpose()
}

async fn is_taken(
    writing: &mut Writing<'_>,
    email: &str,
    by_another_than: PersonId,
) -> Result<bool, StoreError> {
    let taken = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM people WHERE email = ?1 AND id <> ?2 AND removed_at_ms IS NULL)",
    )
    .bind(email)
    .bind(by_another_than.0.as_bytes().as_slice())
    .fetch_one(writing.on())
    .await?;
    Ok(taken)
}

/// From the columns id, name, title, administrator.
pub(super) fn person(row: &SqliteRow) -> Result<Person, StoreError> {
    Ok(Person {
        id: PersonId(id(row.try_get(0)?)?),
        name: row.try_get(1)?,
        title: row.try_get(2)?,
        administrator: row.try_get(3)?,
    })
}

fn with_password(row: &SqliteRow) -> Result<Account, StoreError> {
    Ok(Account {
        person: person(row)?,
        email: row.try_get(4)?,
        password_hash: row.try_get(5)?,
    })
}

fn kept(row: &SqliteRow) -> Result<KeptPerson, StoreError> {
    let person = person(row)?;
    let token_hash: Option<&[u8]> = row.try_get(12)?;
    let invite = token_hash.map(|token_hash| {
        Ok::<_, StoreError>(Invite {
            token_hash: hash(token_hash)?,
            person: person.id,
            expires_at: time(row.try_get(13)?)?,
        })
    });
    Ok(KeptPerson {
        invite: invite.transpose()?,
        person,
        email: row.try_get(4)?,
        version: unsigned(row.try_get(5)?)?,
        added: deed(row, 6)?,
        removed: deed(row, 9)?,
    })
}

/// From three columns: the id, the name, the time.
fn deed(row: &SqliteRow, from: usize) -> Result<Option<Deed>, StoreError> {
    let by: Option<&[u8]> = row.try_get(from)?;
    by.map(|by| {
        Ok(Deed {
            by: PersonRef {
                id: PersonId(id(by)?),
                name: row.try_get(from + 1)?,
            },
            at: time(row.try_get(from + 2)?)?,
            from: String::new(),
        })
    })
    .transpose()
}
