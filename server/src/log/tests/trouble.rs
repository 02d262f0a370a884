//! A store that counts, waits and fails when told to.

use crate::clock::Reference;
use crate::store::{
    Account, AuditLine, AuditPage, BytesAdded, Decided, Deed, FileFacts, Hash, Invite, KeptAccount,
    KeptPerson, Known, Put, PutAccount, SecretLink, Session, SqliteStore, Standing, Store,
    StoreError, StoredFile, Verified, Written,
};
use app::api::{Found, LinkKind, Sought};
use async_trait::async_trait;
use domain::board::Summary;
use domain::{
    Abridged, AccountId, CommandId, IncidentId, IncidentNumber, Person, PersonId, PublicId, Record,
    Recorded, Time,
};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{Notify, Semaphore, SemaphorePermit};

/// How the next append fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fails {
    /// The disk was full.
    BeforeWriting,
    /// It is on disk, but the answer was lost.
    AfterWriting,
}

/// A real store behind trouble.
pub(super) struct Troubled {
    inner: SqliteStore,
    appends: AtomicUsize,
    reads: AtomicUsize,
    next: Mutex<Option<Fails>>,
    /// Appends pass one at a time; who holds it holds them all.
    gate: Semaphore,
    held: Notify,
    /// The same for reads of records.
    record_gate: Semaphore,
    record_held: Notify,
    /// The same for links that are written, before that is answered.
    link_gate: Semaphore,
    link_held: Notify,
    /// The same for reads of one incident's log.
    log_gate: Semaphore,
    log_held: Notify,
}

impl Troubled {
    pub(super) fn new(inner: SqliteStore) -> Self {
        Self {
            inner,
            appends: AtomicUsize::new(0),
            reads: AtomicUsize::new(0),
            next: Mutex::new(None),
            gate: Semaphore::new(1),
            held: Notify::new(),
            record_gate: Semaphore::new(1),
            record_held: Notify::new(),
            link_gate: Semaphore::new(1),
            link_held: Notify::new(),
            log_gate: Semaphore::new(1),
            log_held: Notify::new(),
        }
    }

    /// Appends so far, failed ones too.
    pub(super) fn appends(&self) -> usize {
        self.appends.load(Ordering::SeqCst)
    }

    /// Reads so far.
    pub(super) fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }

    pub(super) fn fail_next(&self, how: Fails) {
        *self.next.lock().unwrap() = Some(how);
    }

    /// Appends wait until this is dropped.
    pub(super) async fn hold(&self) -> SemaphorePermit<'_> {
        self.gate.acquire().await.unwrap()
    }

    /// Returns once an append has come to the gate.
    pub(super) async fn is_held(&self) {
        self.held.notified().await;
    }

    /// Reads of records wait until this is dropped.
    pub(super) async fn hold_records(&self) -> SemaphorePermit<'_> {
        self.record_gate.acquire().await.unwrap()
    }

    /// Returns once a read of records has come to the gate.
    pub(super) async fn are_records_held(&self) {
        self.record_held.notified().await;
    }

    /// Links are written and that is not answered until this is dropped.
    pub(super) async fn hold_links(&self) -> SemaphorePermit<'_> {
        self.link_gate.acquire().await.unwrap()
    }

    /// Returns once a link is written whose writer was not answered.
    pub(super) async fn is_link_held(&self) {
        self.link_held.notified().await;
    }

    /// Reads of one incident's log wait until this is dropped.
    pub(super) async fn hold_logs(&self) -> SemaphorePermit<'_> {
        self.log_gate.acquire().await.unwrap()
    }

    /// Returns once a read of one incident's log has come to the gate.
    pub(super) async fn are_logs_held(&self) {
        self.log_held.notified().await;
    }

    pub(super) async fn close(&self) {
        self.inner.close().await;
    }

    fn read(&self) -> &SqliteStore {
        self.reads.fetch_add(1, Ordering::SeqCst);
        &self.inner
    }
}

#[async_trait]
impl Store for Troubled {
    async fn append(
        &self,
        decided: &[Decided],
        standings: &[Standing],
    ) -> Result<Vec<Written>, StoreError> {
        self.appends.fetch_add(1, Ordering::SeqCst);
        if self.gate.available_permits() == 0 {
            self.held.notify_one();
        }
        let _permit = self.gate.acquire().await.unwrap();
        let trouble = self.next.lock().unwrap().take();
        let mut written = Vec::new();
        if trouble != Some(Fails::BeforeWriting) {
            written = self.inner.append(decided, standings).await?;
        }
        match trouble {
            None => Ok(written),
            Some(how) => Err(StoreError::Unavailable(format!("{how:?}"))),
        }
    }

    async fn clock_reference(&self) -> Result<Option<Reference>, StoreError> {
        self.inner.clock_reference().await
    }

    async fn keep_clock_reference(&self, reference: &Reference) -> Result<(), StoreError> {
        self.inner.keep_clock_reference(reference).await
    }

    async fn head(&self) -> Result<u64, StoreError> {
        self.read().head().await
    }

    async fn since_within(
        &self,
        seq: u64,
        limit: u32,
        bytes_max: usize,
    ) -> Result<Vec<Recorded>, StoreError> {
        self.read().since_within(seq, limit, bytes_max).await
    }

    async fn hashes(&self, seq: u64, limit: u32) -> Result<Vec<Hash>, StoreError> {
        self.read().hashes(seq, limit).await
    }

    async fn log(&self, incident: IncidentId) -> Result<Vec<Recorded>, StoreError> {
        if self.log_gate.available_permits() == 0 {
            self.log_held.notify_one();
        }
        let _permit = self.log_gate.acquire().await.unwrap();
        self.read().log(incident).await
    }

    async fn records(
        &self,
        incidents: &[IncidentId],
        head: u64,
    ) -> Result<Vec<Record>, StoreError> {
        if self.record_gate.available_permits() == 0 {
            self.record_held.notify_one();
        }
        let _permit = self.record_gate.acquire().await.unwrap();
        self.read().records(incidents, head).await
    }

    async fn sizes(
        &self,
        incidents: &[IncidentId],
        head: u64,
    ) -> Result<Vec<(IncidentId, usize)>, StoreError> {
        self.read().sizes(incidents, head).await
    }

    async fn abridged(
        &self,
        incidents: &[IncidentId],
        head: u64,
    ) -> Result<Vec<Abridged>, StoreError> {
        self.read().abridged(incidents, head).await
    }

    async fn record_within(
        &self,
        incident: IncidentId,
        after: u64,
        head: u64,
        bytes_max: usize,
    ) -> Result<Vec<Recorded>, StoreError> {
        let read = self.read();
        read.record_within(incident, after, head, bytes_max).await
    }

    async fn outcomes(&self, commands: &[CommandId]) -> Result<Vec<Known>, StoreError> {
        self.read().outcomes(commands).await
    }

    async fn last_serial(&self, year: i32) -> Result<u32, StoreError> {
        self.read().last_serial(year).await
    }

    async fn by_number(&self, number: IncidentNumber) -> Result<Option<IncidentId>, StoreError> {
        self.read().by_number(number).await
    }

    async fn by_public_id(&self, id: &PublicId) -> Result<Option<IncidentId>, StoreError> {
        self.read().by_public_id(id).await
    }

    async fn live(&self) -> Result<Vec<IncidentId>, StoreError> {
        self.read().live().await
    }

    async fn published(&self, limit: u32) -> Result<Vec<IncidentId>, StoreError> {
        self.read().published(limit).await
    }

    async fn closed(&self, limit: u32) -> Result<Vec<Summary>, StoreError> {
        self.read().closed(limit).await
    }

    async fn find(
        &self,
        sought: &Sought,
        before: Option<IncidentNumber>,
        limit: u32,
    ) -> Result<Found, StoreError> {
        self.read().find(sought, before, limit).await
    }

    async fn index_more(&self) -> Result<bool, StoreError> {
        self.inner.index_more().await
    }

    async fn add_account(&self, account: &Account) -> Result<bool, StoreError> {
        self.inner.add_account(account).await
    }

    async fn add_administrator(&self, account: &Account, deed: &Deed) -> Result<bool, StoreError> {
        self.inner.add_administrator(account, deed).await
    }

    async fn add_person(
        &self,
        account: &Account,
        invite: &Invite,
        deed: &Deed,
    ) -> Result<bool, StoreError> {
        self.inner.add_person(account, invite, deed).await
    }

    async fn people(&self) -> Result<Vec<Person>, StoreError> {
        self.read().people().await
    }

    async fn everybody(&self) -> Result<Vec<KeptPerson>, StoreError> {
        self.read().everybody().await
    }

    async fn account(&self, email: &str) -> Result<Option<Account>, StoreError> {
        self.read().account(email).await
    }

    async fn account_of(&self, person: PersonId) -> Result<Option<Account>, StoreError> {
        self.read().account_of(person).await
    }

    async fn change_person(
        &self,
        person: &Person,
        email: &str,
        replaces: u64,
        deed: &Deed,
    ) -> Result<Put, StoreError> {
        self.inner
            .change_person(person, email, replaces, deed)
            .await
    }

    async fn remove_person(&self, person: PersonId, deed: &Deed) -> Result<Put, StoreError> {
        self.inner.remove_person(person, deed).await
    }

    async fn reset_password(&self, invite: &Invite, deed: &Deed) -> Result<bool, StoreError> {
        self.inner.reset_password(invite, deed).await
    }

    async fn choose_password(
        &self,
        token_hash: &[u8; 32],
        password_hash: &str,
        now: Time,
        from: &str,
    ) -> Result<Option<PersonId>, StoreError> {
        self.inner
            .choose_password(token_hash, password_hash, now, from)
            .await
    }

    async fn set_password(
        &self,
        person: PersonId,
        replaces: &str,
        password_hash: &str,
        deed: &Deed,
    ) -> Result<bool, StoreError> {
        let inner = &self.inner;
        inner
            .set_password(person, replaces, password_hash, deed)
            .await
    }

    async fn entrusted(&self, person: PersonId, limit: u32) -> Result<Vec<IncidentId>, StoreError> {
        self.read().entrusted(person, limit).await
    }

    async fn add_session(&self, session: &Session) -> Result<(), StoreError> {
        self.inner.add_session(session).await
    }

    async fn sweep(&self, ended_by: Time, revoked_by: Time, limit: u32) -> Result<u64, StoreError> {
        self.inner.sweep(ended_by, revoked_by, limit).await
    }

    async fn add_session_by(
        &self,
        session: &Session,
        password_hash: &str,
    ) -> Result<bool, StoreError> {
        self.inner.add_session_by(session, password_hash).await
    }

    async fn session(
        &self,
        token_hash: &[u8; 32],
        now: Time,
    ) -> Result<Option<(Person, Time)>, StoreError> {
        self.read().session(token_hash, now).await
    }

    async fn end_oldest_sessions(&self, newest: &Session, keep: u32) -> Result<u64, StoreError> {
        self.inner.end_oldest_sessions(newest, keep).await
    }

    async fn end_session(&self, token_hash: &[u8; 32]) -> Result<(), StoreError> {
        self.inner.end_session(token_hash).await
    }

    async fn end_sessions_of(&self, person: PersonId) -> Result<(), StoreError> {
        self.inner.end_sessions_of(person).await
    }

    async fn add_link(&self, link: &SecretLink, from: &str) -> Result<(), StoreError> {
        self.inner.add_link(link, from).await?;
        if self.link_gate.available_permits() == 0 {
            self.link_held.notify_one();
        }
        let _permit = self.link_gate.acquire().await.unwrap();
        Ok(())
    }

    async fn links(
        &self,
        kind: LinkKind,
        target: &str,
        limit: u32,
    ) -> Result<Vec<SecretLink>, StoreError> {
        self.read().links(kind, target, limit).await
    }

    async fn open_links(&self) -> Result<Vec<SecretLink>, StoreError> {
        self.read().open_links().await
    }

    async fn revoke_link(&self, id: u64, deed: &Deed) -> Result<Option<[u8; 32]>, StoreError> {
        self.inner.revoke_link(id, deed).await
    }

    async fn remember_browser(
        &self,
        token_hash: &[u8; 32],
        person: PersonId,
        now: Time,
        before: Time,
    ) -> Result<(), StoreError> {
        let inner = &self.inner;
        inner
            .remember_browser(token_hash, person, now, before)
            .await
    }

    async fn knows_browser(&self, token_hash: &[u8; 32], email: &str) -> Result<bool, StoreError> {
        self.read().knows_browser(token_hash, email).await
    }

    async fn add_file(&self, file: &StoredFile) -> Result<(), StoreError> {
        self.inner.add_file(file).await
    }

    async fn bytes_added(&self, person: PersonId, since: Time) -> Result<BytesAdded, StoreError> {
        self.read().bytes_added(person, since).await
    }

    async fn drop_files(&self, before: Time, limit: u32) -> Result<u32, StoreError> {
        self.inner.drop_files(before, limit).await
    }

    async fn file_piece(
        &self,
        sha256: &[u8; 32],
        from: u32,
        bytes: u32,
    ) -> Result<Vec<u8>, StoreError> {
        self.read().file_piece(sha256, from, bytes).await
    }

    async fn file_facts(&self, hashes: &[[u8; 32]]) -> Result<Vec<FileFacts>, StoreError> {
        self.read().file_facts(hashes).await
    }

    async fn accounts(
        &self,
        query: &str,
        limit: u32,
        after: Option<&str>,
    ) -> Result<Vec<KeptAccount>, StoreError> {
        self.read().accounts(query, limit, after).await
    }

    async fn find_accounts(&self, part: &str, limit: u32) -> Result<Vec<KeptAccount>, StoreError> {
        self.read().find_accounts(part, limit).await
    }

    async fn account_by_id(&self, id: AccountId) -> Result<Option<KeptAccount>, StoreError> {
        self.read().account_by_id(id).await
    }

    async fn account_names(
        &self,
        ids: &[AccountId],
    ) -> Result<Vec<(AccountId, String)>, StoreError> {
        self.read().account_names(ids).await
    }

    async fn unidentified(&self) -> Result<Vec<IncidentId>, StoreError> {
        self.read().unidentified().await
    }

    async fn end_identifying(&self, left: &[IncidentId]) -> Result<(), StoreError> {
        self.inner.end_identifying(left).await
    }

    async fn all_account_names(&self) -> Result<Vec<(AccountId, String)>, StoreError> {
        self.read().all_account_names().await
    }

    async fn accounts_named(&self, names: &[&str]) -> Result<Vec<KeptAccount>, StoreError> {
        self.read().accounts_named(names).await
    }

    async fn put_accounts(&self, puts: &[PutAccount], deed: &Deed) -> Result<bool, StoreError> {
        self.inner.put_accounts(puts, deed).await
    }

    async fn audit(&self, page: AuditPage, limit: u32) -> Result<Vec<AuditLine>, StoreError> {
        self.inner.audit(page, limit).await
    }

    async fn verify(&self) -> Result<Verified, StoreError> {
        self.inner.verify().await
    }

    async fn backup(&self, file: &Path) -> Result<(), StoreError> {
        self.inner.backup(file).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.inner.ready().await
    }
}
