//! The index of words of closed incidents. Severity and component are words in it too, of
//! private characters that no folded text has: every question is then one walk over sorted
//! lists, from the newest down, which ends when it has found enough. A filter that was looked
//! up afterwards would read all that it throws away.

use super::append::{hex_of, rows, unexpected};
use super::read;
use super::writer::Writer;
use crate::store::{FoundBy, Standing, StoreError};
use app::api::{Found, Sought};
use domain::board::Summary;
use domain::{AccountId, Incident, IncidentId, IncidentNumber, Severity};
use serde::Serialize;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqlitePool};

/// Count it up when texts are folded or gathered in a new way: indexes are then made anew.
const EDITION: i64 = 3;
/// Incidents read and written at once while the index is made; a push waits for no more.
const CHUNK: u32 = 25;

/// Stands in every row.
const ANY: &str = "\u{E000}";
/// Before a severity.
const SEVERITY: char = '\u{E001}';
/// Before a component, and between its words.
const COMPONENT: char = '\u{E002}';
/// Before a serial.
const SERIAL: char = '\u{E003}';
/// Before a year.
const YEAR: char = '\u{E004}';

/// Before an account.
const ACCOUNT: char = '\u{E005}';

/// After every row.
const AFTER_ALL: i64 = i64::MAX;

#[derive(Serialize)]
struct WordsRow {
    place: i64,
    words: String,
}

#[derive(Serialize)]
struct MadeRow {
    incident: String,
    version: i64,
    place: i64,
    words: String,
}

pub(super) async fn find(
    readers: &SqlitePool,
    sought: &Sought,
    before: Option<IncidentNumber>,
    limit: u32,
) -> Result<Found, StoreError> {
    let made = sqlx::query("SELECT edition = ?1 AND down_to = 0 FROM search_made")
        .bind(EDITION)
        .fetch_one(readers)
        .await?;
    let mut numbered = Vec::new();
    if let Some(exact) = exactly(sought) {
        numbered = matches(readers, &exact, AFTER_ALL, limit).await?;
    }
    let below = before.map_or(AFTER_ALL, place_of);
    let asked = limit
        .saturating_add(1)
        .saturating_add(u32::try_from(numbered.len()).unwrap_or(0));
    let mut incidents = matches(readers, &words_of(sought), below, asked).await?;
    incidents.retain(|found| numbered.iter().all(|n| n.id != found.id));
    if before.is_none() {
        incidents.splice(0..0, numbered);
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = incidents.len() > limit;
    incidents.truncate(limit);
    Ok(Found {
        incidents,
        more,
        complete: made.try_get(0)?,
    })
}

async fn matches(
    readers: &SqlitePool,
    words: &str,
    below: i64,
    limit: u32,
) -> Result<Vec<Summary>, StoreError> {
    // CROSS JOIN: the index is walked, not the standings.
    let found = sqlx::query(
        "SELECT standing.summary FROM search CROSS JOIN standing
             ON standing.year = search.rowid / 1000000000 AND standing.serial = search.rowid % 1000000000
         WHERE search MATCH ?1 AND search.rowid < ?2
         ORDER BY search.rowid DESC LIMIT ?3",
    )
    .bind(words)
    .bind(below)
    .bind(limit)
    .fetch_all(readers)
    .await?;
    found
        .iter()
        .map(|row| {
            serde_json::from_str(row.try_get(0)?).map_err(|error| unexpected(&error.to_string()))
        })
        .collect()
}

/// All that is sought as an FTS5 expression. Folded words hold no quote, and quoted they are
/// never taken for syntax.
fn words_of(sought: &Sought) -> String {
    let mut expression = filters_of(sought);
    for word in sought.words.words() {
        expression.push_str(&format!(" \"{word}\""));
    }
    if !sought.words.words().is_empty() {
        expression.push('*');
    }
    expression
}

/// The same for the number that was typed, if that is what was typed.
fn exactly(sought: &Sought) -> Option<String> {
    let (year, serial) = sought.words.number()?;
    let year = year.map_or_else(String::new, |year| format!(" \"{YEAR}{year}\""));
    Some(format!("{} \"{SERIAL}{serial}\"{year}", filters_of(sought)))
}

fn filters_of(sought: &Sought) -> String {
    let mut expression = format!("\"{ANY}\"");
    if let Some(severity) = sought.severity {
        expression.push_str(&format!(" \"{}\"", severity_word(severity)));
    }
    if let Some(component) = &sought.component {
        expression.push_str(&format!(" \"{}\"", component_word(component)));
    }
    if let Some(account) = sought.account {
        expression.push_str(&format!(" \"{}\"", account_word(account)));
    }
    expression
}

fn account_word(account: AccountId) -> String {
    format!("{ACCOUNT}{}", hex_of(account.0))
}

fn severity_word(severity: Severity) -> String {
    format!("{SEVERITY}{}", severity as u8)
}

/// Of the name as it is written: a folded one would take `R&D` and `R D` for one component.
fn component_word(component: &str) -> String {
    format!("{COMPONENT}{}", hex::encode(component))
}

fn row_of(number: IncidentNumber, found_by: &FoundBy) -> WordsRow {
    let mut words = found_by.text.clone();
    words.push_str(&format!(
        "{ANY} {} {SERIAL}{} {YEAR}{}",
        severity_word(found_by.severity),
        number.serial,
        number.year
    ));
    for component in &found_by.components {
        words.push(' ');
        words.push_str(&component_word(component));
    }
    for account in &found_by.accounts {
        words.push(' ');
        words.push_str(&account_word(*account));
    }
    WordsRow {
        place: place_of(number),
        words,
    }
}

/// Where a number stands among all; `0003_search.sql` says the same.
fn place_of(number: IncidentNumber) -> i64 {
    i64::from(number.year) * 1_000_000_000 + i64::from(number.serial)
}

/// Takes out those that are closed no more.
pub(super) async fn forget(
    connection: &mut SqliteConnection,
    standings: impl Iterator<Item = &Standing>,
) -> Result<(), StoreError> {
    let places: Vec<i64> = standings.filter_map(|s| s.number.map(place_of)).collect();
    if places.is_empty() {
        return Ok(());
    }
    sqlx::query("DELETE FROM search WHERE rowid IN (SELECT value FROM json_each(?1))")
        .bind(rows(&places)?)
        .execute(connection)
        .await?;
    Ok(())
}

/// Puts in those that are closed, with the words they have now.
pub(super) async fn remember(
    connection: &mut SqliteConnection,
    standings: &[Standing],
) -> Result<(), StoreError> {
    let closed: Vec<WordsRow> = standings
        .iter()
        .filter_map(|s| Some(row_of(s.number?, s.found_by.as_ref()?)))
        .collect();
    if closed.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT OR REPLACE INTO search (rowid, words)
         SELECT value ->> 'place', value ->> 'words' FROM json_each(?1) ORDER BY key",
    )
    .bind(rows(&closed)?)
    .execute(connection)
    .await?;
    Ok(())
}

/// One chunk. What was appended while it was read is newer and stays.
pub(super) async fn index_more(writer: &Writer, readers: &SqlitePool) -> Result<bool, StoreError> {
    let state = sqlx::query("SELECT edition, down_to FROM search_made")
        .fetch_one(readers)
        .await?;
    let (edition, down_to): (i64, i64) = (state.try_get(0)?, state.try_get(1)?);
    if edition != EDITION {
        return start_over(writer).await;
    }
    if down_to == 0 {
        return Ok(false);
    }
    let (made, last) = chunk(readers, down_to).await?;
    let mut writing = writer.begin().await?;
    sqlx::query(
        "INSERT OR REPLACE INTO search (rowid, words)
         SELECT made.value ->> 'place', made.value ->> 'words' FROM json_each(?1) AS made
         JOIN standing ON standing.incident = unhex(made.value ->> 'incident')
             AND standing.version = made.value ->> 'version'
         ORDER BY made.key",
    )
    .bind(rows(&made)?)
    .execute(writing.on())
    .await?;
    sqlx::query("UPDATE search_made SET down_to = ?1")
        .bind(last)
        .execute(writing.on())
        .await?;
    writing.commit().await?;
    Ok(last != 0)
}

/// Whether there is anything to make.
async fn start_over(writer: &Writer) -> Result<bool, StoreError> {
    let mut writing = writer.begin().await?;
    sqlx::query("INSERT INTO search (search) VALUES ('delete-all')")
        .execute(writing.on())
        .await?;
    let down_to: i64 = sqlx::query(
        "UPDATE search_made SET edition = ?1, down_to =
             CASE WHEN EXISTS (SELECT 1 FROM standing WHERE closed_at_ms IS NOT NULL) THEN ?2 ELSE 0 END
         RETURNING down_to",
    )
    .bind(EDITION)
    .bind(AFTER_ALL)
    .fetch_one(writing.on())
    .await?
    .try_get(0)?;
    writing.commit().await?;
    Ok(down_to != 0)
}

/// The words of the next incidents below this place, and how far down that is; 0 for to the end.
async fn chunk(readers: &SqlitePool, below: i64) -> Result<(Vec<MadeRow>, i64), StoreError> {
    let next = sqlx::query(
        "SELECT incident, year, serial FROM standing
         WHERE closed_at_ms IS NOT NULL AND (year, serial) < (?1 / 1000000000, ?1 % 1000000000)
         ORDER BY year DESC, serial DESC LIMIT ?2",
    )
    .bind(below)
    .bind(CHUNK)
    .fetch_all(readers)
    .await?;
    let (mut made, mut last) = (Vec::with_capacity(next.len()), 0);
    for row in &next {
        let id: IncidentId = read::incident_id(row.try_get(0)?)?;
        let log = read::log(readers, id).await?;
        let incident = Incident::fold(id, &log);
        if let (Some(number), Some(found_by)) = (incident.number, FoundBy::of(&incident)) {
            let WordsRow { place, words } = row_of(number, &found_by);
            made.push(MadeRow {
                incident: hex_of(id.0),
                version: i64::try_from(incident.version).unwrap_or(i64::MAX),
                place,
                words,
            });
        }
        last = row.try_get::<i64, _>(1)? * 1_000_000_000 + row.try_get::<i64, _>(2)?;
    }
    let is_end = next.len() < CHUNK as usize;
    Ok((made, if is_end { 0 } else { last }))
}
