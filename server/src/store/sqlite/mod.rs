//! The log in one SQLite file, made for one server.
//!
//! WAL with `synchronous=FULL`: an acknowledged commit is on disk (S2), and readers never wait
//! for the writer. All SQL is in this folder, as static strings.

mod accounts;
mod alone;
mod append;
mod audit;
mod backup;
mod browsers;
mod clock;
mod entry;
mod fault;
mod files;
mod insert;
mod links;
mod open;
mod pages;
mod people;
mod read;
mod readable;
mod readiness;
mod search;
mod sweep;
mod verify;
mod writer;

#[cfg(test)]
mod tests;

pub use alone::Alone;

use super::{
    Account, AuditLine, AuditPage, BytesAdded, Decided, Deed, FileFacts, Hash, Invite, KeptAccount,
    KeptPerson, Known, Put, PutAccount, SecretLink, Session, Standing, Store, StoreError,
    StoredFile, Verified, Written,
};
use crate::clock::Reference;
use app::api::{Found, LinkKind, Sought};
use async_trait::async_trait;
use domain::board::Summary;
use domain::{
    Abridged, AccountId, CommandId, Corrections, IncidentId, IncidentNumber, Person, PersonId,
    PublicId, Record, Recorded, Time,
};
use open::Opening;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;
use std::path::Path;
use std::sync::Arc;
use writer::Writer;

/// A log in one SQLite file.
pub struct SqliteStore {
    writer: Writer,
    readers: SqlitePool,
    /// For the long reads that need a connection of their own.
    reading: SqliteConnectOptions,
    /// Where the clock was said to be right.
    corrections: clock::Known,
}

impl SqliteStore {
    /// Opens the database of this address (`sqlite://drumbeat.db`) to serve it: makes the file
    /// if there is none, and brings it up to date.
    ///
    /// # Errors
    /// [`StoreError::Unusable`] with one line that says what to do, when the file cannot be
    /// opened, is not ours, or is newer than this build.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        open::open(url, Opening::TO_SERVE).await
    }

    /// Keeps other servers off the database of this address, for as long as the answer is kept. To
    /// be asked for before [`SqliteStore::open`], which may change the file.
    ///
    /// # Errors
    /// [`StoreError::Unusable`] with one line that says what to do, when another process serves it.
    pub fn alone(url: &str) -> Result<Alone, StoreError> {
        alone::alone(&open::file_of(url)?)
    }

    /// Opens a database that exists, as it is, to verify or copy it. Neither makes a file nor
    /// changes one; a server may be serving it.
    ///
    /// # Errors
    /// As [`SqliteStore::open`], and when there is no such file or it is older than this build.
    pub async fn open_existing(url: &str) -> Result<Self, StoreError> {
        open::open(url, Opening::AS_IT_IS).await
    }

    /// As [`SqliteStore::open`], with little patience and a small disk.
    #[cfg(test)]
    pub(crate) async fn open_cramped(
        url: &str,
        pages_max: Option<u32>,
    ) -> Result<Self, StoreError> {
        let busy_timeout = std::time::Duration::from_millis(10);
        open::open(
            url,
            Opening {
                busy_timeout,
                pages_max,
                ..Opening::TO_SERVE
            },
        )
        .await
    }

    /// Where the clock was said to be right.
    async fn corrections(&self) -> Result<Arc<Corrections>, StoreError> {
        self.corrections.get(&self.readers).await
    }

    /// The events at the times that count.
    async fn corrected(&self, events: Vec<Recorded>) -> Result<Vec<Recorded>, StoreError> {
        let corrections = self.corrections().await?;
        let correct = |recorded| corrections.correct(recorded);
        Ok(events.into_iter().map(correct).collect())
    }

    /// Closes all connections, which folds the write-ahead log into the file. What is not
    /// closed is not lost, only folded at the next start.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn append(
        &self,
        decided: &[Decided],
        standings: &[Standing],
    ) -> Result<Vec<Written>, StoreError> {
        let appended = append::append(&self.writer, decided, standings).await;
        // Whatever it says: the answer to a commit can be lost.
        if clock::confirms(decided) {
            self.corrections.forget();
        }
        appended
    }

    async fn clock_reference(&self) -> Result<Option<Reference>, StoreError> {
        clock::reference(&self.readers).await
    }

    async fn keep_clock_reference(&self, reference: &Reference) -> Result<(), StoreError> {
        clock::keep_reference(&self.writer, reference).await
    }

    async fn head(&self) -> Result<u64, StoreError> {
        read::head(&self.readers).await
    }

    async fn since_within(
        &self,
        seq: u64,
        limit: u32,
        bytes_max: usize,
    ) -> Result<Vec<Recorded>, StoreError> {
        let events = pages::since(&self.readers, seq, limit, bytes_max).await?;
        self.corrected(events).await
    }

    async fn hashes(&self, seq: u64, limit: u32) -> Result<Vec<Hash>, StoreError> {
        pages::hashes(&self.readers, seq, limit).await
    }

    async fn log(&self, incident: IncidentId) -> Result<Vec<Recorded>, StoreError> {
        let log = read::log(&self.readers, incident).await?;
        self.corrected(log).await
    }

    async fn records(
        &self,
        incidents: &[IncidentId],
        head: u64,
    ) -> Result<Vec<Record>, StoreError> {
        let corrections = self.corrections().await?;
        let records = read::records(&self.readers, incidents, head).await?;
        let correct = |record| corrections.correct_record(record);
        Ok(records.into_iter().map(correct).collect())
    }

    async fn sizes(
        &self,
        incidents: &[IncidentId],
        head: u64,
    ) -> Result<Vec<(IncidentId, usize)>, StoreError> {
        pages::sizes(&self.readers, incidents, head).await
    }

    async fn abridged(
        &self,
        incidents: &[IncidentId],
        head: u64,
    ) -> Result<Vec<Abridged>, StoreError> {
        let mut all = pages::abridged(&self.readers, incidents, head).await?;
        for abridged in &mut all {
            let events = std::mem::take(&mut abridged.events);
            abridged.events = self.corrected(events).await?;
        }
        Ok(all)
    }

    async fn record_within(
        &self,
        incident: IncidentId,
        after: u64,
        head: u64,
        bytes_max: usize,
    ) -> Result<Vec<Recorded>, StoreError> {
        let events = pages::record(&self.readers, incident, (after, head), bytes_max).await?;
        self.corrected(events).await
    }

    async fn outcomes(&self, commands: &[CommandId]) -> Result<Vec<Known>, StoreError> {
        read::outcomes(&self.readers, commands).await
    }

    async fn last_serial(&self, year: i32) -> Result<u32, StoreError> {
        read::last_serial(&self.readers, year).await
    }

    async fn by_number(&self, number: IncidentNumber) -> Result<Option<IncidentId>, StoreError> {
        read::by_number(&self.readers, number).await
    }

    async fn by_public_id(&self, id: &PublicId) -> Result<Option<IncidentId>, StoreError> {
        read::by_public_id(&self.readers, id).await
    }

    async fn live(&self) -> Result<Vec<IncidentId>, StoreError> {
        read::live(&self.readers).await
    }

    async fn published(&self, limit: u32) -> Result<Vec<IncidentId>, StoreError> {
        read::published(&self.readers, limit).await
    }

    async fn closed(&self, limit: u32) -> Result<Vec<Summary>, StoreError> {
        read::closed(&self.readers, limit).await
    }

    async fn find(
        &self,
        sought: &Sought,
        before: Option<IncidentNumber>,
        limit: u32,
    ) -> Result<Found, StoreError> {
        search::find(&self.readers, sought, before, limit).await
    }

    async fn index_more(&self) -> Result<bool, StoreError> {
        search::index_more(&self.writer, &self.readers).await
    }

    async fn add_account(&self, account: &Account) -> Result<bool, StoreError> {
        people::add_account(&self.writer, account).await
    }

    async fn add_administrator(&self, account: &Account, deed: &Deed) -> Result<bool, StoreError> {
        people::add_administrator(&self.writer, account, deed).await
    }

    async fn add_person(
        &self,
        account: &Account,
        invite: &Invite,
        deed: &Deed,
    ) -> Result<bool, StoreError> {
        people::add_person(&self.writer, account, invite, deed).await
    }

    async fn people(&self) -> Result<Vec<Person>, StoreError> {
        people::people(&self.readers).await
    }

    async fn everybody(&self) -> Result<Vec<KeptPerson>, StoreError> {
        people::everybody(&self.readers).await
    }

    async fn account(&self, email: &str) -> Result<Option<Account>, StoreError> {
        people::account(&self.readers, email).await
    }

    async fn account_of(&self, person: PersonId) -> Result<Option<Account>, StoreError> {
        people::account_of(&self.readers, person).await
    }

    async fn change_person(
        &self,
        person: &Person,
        email: &str,
        replaces: u64,
        deed: &Deed,
    ) -> Result<Put, StoreError> {
        people::change(&self.writer, person, email, replaces, deed).await
    }

    async fn remove_person(&self, person: PersonId, deed: &Deed) -> Result<Put, StoreError> {
        people::remove(&self.writer, person, deed).await
    }

    async fn reset_password(&self, invite: &Invite, deed: &Deed) -> Result<bool, StoreError> {
        entry::reset_password(&self.writer, invite, deed).await
    }

    async fn choose_password(
        &self,
        token_hash: &[u8; 32],
        password_hash: &str,
        now: Time,
        from: &str,
    ) -> Result<Option<PersonId>, StoreError> {
        entry::choose_password(&self.writer, token_hash, password_hash, now, from).await
    }

    async fn set_password(
        &self,
        person: PersonId,
        replaces: &str,
        password_hash: &str,
        deed: &Deed,
    ) -> Result<bool, StoreError> {
        entry::set_password(&self.writer, person, replaces, password_hash, deed).await
    }

    async fn entrusted(&self, person: PersonId, limit: u32) -> Result<Vec<IncidentId>, StoreError> {
        read::entrusted(&self.readers, person, limit).await
    }

    async fn add_session(&self, session: &Session) -> Result<(), StoreError> {
        entry::add_session(&self.writer, session).await
    }

    async fn add_session_by(
        &self,
        session: &Session,
        password_hash: &str,
    ) -> Result<bool, StoreError> {
        entry::add_session_by(&self.writer, session, password_hash).await
    }

    async fn session(
        &self,
        token_hash: &[u8; 32],
        now: Time,
    ) -> Result<Option<(Person, Time)>, StoreError> {
        entry::session(&self.readers, token_hash, now).await
    }

    async fn end_oldest_sessions(&self, newest: &Session, keep: u32) -> Result<u64, StoreError> {
        entry::end_oldest_sessions(&self.writer, newest, keep).await
    }

    async fn end_session(&self, token_hash: &[u8; 32]) -> Result<(), StoreError> {
        entry::end_session(&self.writer, token_hash).await
    }

    async fn end_sessions_of(&self, person: PersonId) -> Result<(), StoreError> {
        entry::end_sessions_of(&self.writer, person).await
    }

    async fn remember_browser(
        &self,
        token_hash: &[u8; 32],
        person: PersonId,
        now: Time,
        before: Time,
    ) -> Result<(), StoreError> {
        browsers::remember(&self.writer, token_hash, person, now, before).await
    }

    async fn knows_browser(&self, token_hash: &[u8; 32], email: &str) -> Result<bool, StoreError> {
        browsers::knows(&self.readers, token_hash, email).await
    }

    async fn add_link(&self, link: &SecretLink, from: &str) -> Result<(), StoreError> {
        links::add(&self.writer, link, from).await
    }

    async fn links(
        &self,
        kind: LinkKind,
        target: &str,
        limit: u32,
    ) -> Result<Vec<SecretLink>, StoreError> {
        links::of(&self.readers, kind, target, limit).await
    }

    async fn open_links(&self) -> Result<Vec<SecretLink>, StoreError> {
        links::open(&self.readers).await
    }

    async fn revoke_link(&self, id: u64, deed: &Deed) -> Result<Option<[u8; 32]>, StoreError> {
        links::revoke(&self.writer, id, deed).await
    }

    async fn sweep(&self, ended_by: Time, revoked_by: Time, limit: u32) -> Result<u64, StoreError> {
        sweep::sweep(&self.writer, ended_by, revoked_by, limit).await
    }

    async fn add_file(&self, file: &StoredFile) -> Result<(), StoreError> {
        files::add(&self.writer, file).await
    }

    async fn bytes_added(&self, person: PersonId, since: Time) -> Result<BytesAdded, StoreError> {
        files::added(&self.readers, person, since).await
    }

    async fn drop_files(&self, before: Time, limit: u32) -> Result<u32, StoreError> {
        files::drop_unnamed(&self.writer, before, limit).await
    }

    async fn file_piece(
        &self,
        sha256: &[u8; 32],
        from: u32,
        bytes: u32,
    ) -> Result<Vec<u8>, StoreError> {
        files::piece(&self.readers, sha256, from, bytes).await
    }

    async fn file_facts(&self, hashes: &[[u8; 32]]) -> Result<Vec<FileFacts>, StoreError> {
        files::facts(&self.readers, hashes).await
    }

    async fn accounts(
        &self,
        query: &str,
        limit: u32,
        after: Option<&str>,
    ) -> Result<Vec<KeptAccount>, StoreError> {
        accounts::accounts(&self.readers, query, limit, after).await
    }

    async fn find_accounts(&self, part: &str, limit: u32) -> Result<Vec<KeptAccount>, StoreError> {
        accounts::find(&self.readers, part, limit).await
    }

    async fn account_by_id(&self, id: AccountId) -> Result<Option<KeptAccount>, StoreError> {
        accounts::by_id(&self.readers, id).await
    }

    async fn account_names(
        &self,
        ids: &[AccountId],
    ) -> Result<Vec<(AccountId, String)>, StoreError> {
        accounts::names(&self.readers, ids).await
    }

    async fn unidentified(&self) -> Result<Vec<IncidentId>, StoreError> {
        read::unidentified(&self.readers).await
    }

    async fn end_identifying(&self, left: &[IncidentId]) -> Result<(), StoreError> {
        read::end_identifying(&self.writer, left).await
    }

    async fn all_account_names(&self) -> Result<Vec<(AccountId, String)>, StoreError> {
        accounts::all_names(&self.readers).await
    }

    async fn accounts_named(&self, names: &[&str]) -> Result<Vec<KeptAccount>, StoreError> {
        accounts::named(&self.readers, names).await
    }

    async fn put_accounts(&self, puts: &[PutAccount], deed: &Deed) -> Result<bool, StoreError> {
        accounts::put(&self.writer, puts, deed).await
    }

    async fn audit(&self, page: AuditPage, limit: u32) -> Result<Vec<AuditLine>, StoreError> {
        audit::page(&self.readers, page, limit).await
    }

    async fn verify(&self) -> Result<Verified, StoreError> {
        verify::verify(&self.reading).await
    }

    async fn backup(&self, file: &Path) -> Result<(), StoreError> {
        backup::backup(&self.reading, file).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        read::head(&self.readers).await?;
        readiness::write(&self.writer).await
    }
}
