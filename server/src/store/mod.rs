//! Where the log is kept. [`Store`] is plain data in and out; any database that passes the
//! contract test (`contract.rs`) will do.

mod audit;
mod chain;
mod sqlite;

#[cfg(test)]
pub(crate) mod contract;

pub use audit::{Act, AuditLine, AuditPage};
pub use chain::Hash;
pub use sqlite::SqliteStore;

use crate::clock::Reference;
use app::api::{Found, LinkKind, Outcome, Sought};
use async_trait::async_trait;
use domain::board::Summary;
use domain::{
    Abridged, AccountId, CommandId, Incident, IncidentId, IncidentNumber, Person, PersonId,
    PersonRef, PublicId, Record, Recorded, Severity, Status, Time, search,
};
use unicode_normalization::UnicodeNormalization as _;

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Locked, full, or out of reach: trying again later may work.
    #[error("the database cannot be written now: {0}")]
    Unavailable(String),
    /// The file is not ours, damaged, or newer than this build.
    #[error("{0}")]
    Unusable(String),
    /// A fault of ours: the query or the data does not fit.
    #[error("unexpected database answer: {0}")]
    Unexpected(String),
}

/// What one command did, ready to be written.
#[derive(Clone, Debug)]
pub struct Decided {
    /// The command's id.
    pub command: CommandId,
    /// Whose it was.
    pub person: PersonId,
    /// Which incident.
    pub incident: IncidentId,
    /// The answer, given again whenever the command is sent again.
    pub outcome: Outcome,
    /// Its events, numbered (`seq`, `version`) by the writer; none when it was refused.
    pub events: Vec<Recorded>,
    /// The address that it came from, for the audit log; empty where none is known.
    pub from: String,
}

/// What was written of an event.
#[derive(Clone, Copy, Debug)]
pub struct Written {
    /// Its hash.
    pub hash: Hash,
    /// What the event takes as JSON.
    pub bytes: usize,
}

/// A command that was decided before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its id.
    pub command: CommandId,
    /// Whose it was.
    pub person: PersonId,
    /// What was answered.
    pub outcome: Outcome,
}

/// Where one incident stands, kept beside the log so that lists need no fold. Derived: can be
/// made anew from the log at any time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Which incident.
    pub incident: IncidentId,
    /// Its number once declared.
    pub number: Option<IncidentNumber>,
    /// To triage, or declared and not closed.
    pub live: bool,
    /// When any customer was last told of it; none when nobody ever was.
    pub told_at: Option<Time>,
    /// What lists show of it, once declared.
    pub summary: Option<Summary>,
    /// What it is found by, once closed.
    pub found_by: Option<FoundBy>,
}

/// What a closed incident is found by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundBy {
    /// All of its words, as [`search::text_of`] makes them.
    pub text: String,
    /// How bad it was in the end, as lists say it.
    pub severity: Severity,
    /// Its components.
    pub components: Vec<String>,
    /// The accounts of its customers.
    pub accounts: Vec<AccountId>,
}

impl FoundBy {
    /// None while it is not closed: until then it is in memory and looked through there, which
    /// keeps what is pushed to it from rewriting ever longer texts.
    #[must_use]
    pub fn of(incident: &Incident) -> Option<Self> {
        let declared = incident.declared.as_ref()?;
        let severity = incident.severity()?;
        incident.number?;
        (incident.status == Status::Closed).then(|| Self {
            text: search::text_of(incident),
            severity,
            components: declared.components.clone(),
            accounts: incident
                .customers
                .iter()
                .filter_map(|c| c.account)
                .collect(),
        })
    }
}

impl Standing {
    /// Where this incident stands.
    #[must_use]
    pub fn of(incident: &Incident) -> Self {
        Self {
            found_by: FoundBy::of(incident),
            ..Self::without_words(incident)
        }
    }

    /// The same without what it is found by, which takes longer to make than all the rest.
    #[must_use]
    pub fn without_words(incident: &Incident) -> Self {
        Self {
            incident: incident.id,
            number: incident.number,
            live: incident.is_open() || incident.is_to_triage(),
            told_at: incident.updates.last().map(|u| u.published_at),
            summary: Summary::of(incident),
            found_by: None,
        }
    }
}

/// A session as kept: only the hash of its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of the token in the cookie.
    pub token_hash: [u8; 32],
    /// Whose.
    pub person: PersonId,
    /// When it ends, server time.
    pub expires_at: Time,
}

/// A person with what signs them in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The person.
    pub person: Person,
    /// Unique among those who have an account; kept and compared as [`email_key`] has it.
    pub email: String,
    /// argon2id, PHC string; none for the people of the demo, and until one is chosen.
    pub password_hash: Option<String>,
}

/// An e-mail as it is kept and compared: neither capitals nor the way in which a letter is put
/// together tell two people apart. One keyboard types é as one character, another as two (NFC makes
/// them one). A domain in other letters than a–z is left as it is typed.
#[must_use]
pub fn email_key(email: &str) -> String {
    let small: String = email.trim().nfc().flat_map(char::to_lowercase).collect();
    small.nfc().collect()
}

/// Who did something, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// Who.
    pub by: PersonRef,
    /// When, server time.
    pub at: Time,
    /// The address that it came from, for the audit log; empty where none is known, as in what is read back.
    pub from: String,
}

impl Deed {
    /// Of somebody, at a time, from an address.
    #[must_use]
    pub fn new(by: PersonRef, at: Time, from: impl Into<String>) -> Self {
        Self {
            by,
            at,
            from: from.into(),
        }
    }
}

/// Somebody who has an account, or had one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptPerson {
    /// The person.
    pub person: Person,
    /// As [`email_key`] has it.
    pub email: String,
    /// Counts up from 1 with each change.
    pub version: u64,
    /// Who added them; none for who came by the set-up link or with the demo.
    pub added: Option<Deed>,
    /// The link by which they choose a password, until it is used, also when it has ended.
    pub invite: Option<Invite>,
    /// Who removed them; they have no account since.
    pub removed: Option<Deed>,
}

/// A link by which somebody chooses a password, as kept: only the hash of its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    /// SHA-256 of the token in the address.
    pub token_hash: [u8; 32],
    /// Who.
    pub person: PersonId,
    /// When it ends, server time.
    pub expires_at: Time,
}

/// What became of a change of who has an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It is on disk.
    Done,
    /// There is nobody of this id, or they were removed or changed since it was looked at.
    Stale,
    /// The e-mail is somebody else's.
    EmailTaken,
    /// Nobody would be left who can come in and is an administrator.
    LastAdministrator,
    /// Who asks is no administrator any more. The store does not look: [`crate::people::Directory`] does.
    NotYours,
}

/// A secret link as kept: only the hash of its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretLink {
    /// Given by the store; not read when it is added.
    pub id: u64,
    /// SHA-256 of the token in the address.
    pub token_hash: [u8; 32],
    /// What it opens.
    pub kind: LinkKind,
    /// Of whom or what: a customer (`links::Page`), an incident's id.
    pub target: String,
    /// For whom it was made, as its maker put it; may be empty.
    pub label: String,
    /// Who made it.
    pub made_by: PersonRef,
    /// When, server time.
    pub made_at: Time,
    /// When it was revoked; opens nothing since. Not read when it is added.
    pub revoked_at: Option<Time>,
}

/// A file that is evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// SHA-256 of `body`, its name in the store.
    pub sha256: [u8; 32],
    /// What it is saved as by who downloads it.
    pub name: String,
    /// What was found in it, e.g. `image/png`.
    pub media_type: String,
    /// Its bytes.
    pub body: Vec<u8>,
    /// Who added it first.
    pub added_by: PersonRef,
    /// When, server time.
    pub added_at: Time,
}

/// What is known of a file without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFacts {
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// What it is saved as.
    pub name: String,
    /// What was found in it.
    pub media_type: String,
    /// How many bytes it has.
    pub bytes: u32,
}

/// How much was added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BytesAdded {
    /// By one person.
    pub by_person: u64,
    /// By everybody.
    pub by_all: u64,
}

/// A customer account as kept. Not to be taken for [`Account`], which signs a person in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAccount {
    /// The account.
    pub account: domain::account::Account,
    /// Counts up from 1 with each change.
    pub version: u64,
    /// When it was last changed, server time.
    pub changed_at: Time,
    /// The name of who changed it.
    pub changed_by: String,
}

/// A customer account to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutAccount {
    /// As it is to be.
    pub account: domain::account::Account,
    /// The version that its author saw; 0 for a new one.
    pub replaces: u64,
}

/// What `verify` found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Events whose hash was recomputed.
    pub events: u64,
    /// Incidents whose chain was walked.
    pub incidents: u64,
    /// What is wrong, one line each; empty when all is well.
    pub faults: Vec<String>,
}

/// The log, and the little that is kept beside it.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Writes all of this in one transaction and returns when it is on disk. Events must
    /// continue the log without a gap, their times be whole milliseconds; `standings` replace
    /// what was known of these incidents, one for each that has events here.
    ///
    /// Events are read at the time that counts ([`domain::Corrections`]): where one of these says that
    /// the clock is right, what was stamped ahead of it is read otherwise from then on, and stands
    /// otherwise in lists.
    ///
    /// The answer has what was written of each event, in order. An error does not prove that nothing was written: the
    /// answer to a commit can be lost. Ask for `head` before the next.
    async fn append(
        &self,
        decided: &[Decided],
        standings: &[Standing],
    ) -> Result<Vec<Written>, StoreError>;
    /// When the clock was last believed, as kept.
    async fn clock_reference(&self) -> Result<Option<Reference>, StoreError>;
    /// Keeps it in the place of the last one.
    async fn keep_clock_reference(&self, reference: &Reference) -> Result<(), StoreError>;
    /// The last place in the log, 0 when empty.
    async fn head(&self) -> Result<u64, StoreError>;
    /// Events after `seq` in order, at most `limit`.
    async fn since(&self, seq: u64, limit: u32) -> Result<Vec<Recorded>, StoreError> {
        self.since_within(seq, limit, usize::MAX).await
    }
    /// The same, but no more once they take `bytes_max`, as their bodies are stored; at least one.
    async fn since_within(
        &self,
        seq: u64,
        limit: u32,
        bytes_max: usize,
    ) -> Result<Vec<Recorded>, StoreError>;
    /// The hashes of the events after `seq` in order, at most `limit`.
    async fn hashes(&self, seq: u64, limit: u32) -> Result<Vec<Hash>, StoreError>;
    /// One incident's events in order; empty when there is none.
    async fn log(&self, incident: IncidentId) -> Result<Vec<Recorded>, StoreError>;
    /// These incidents as they were at the place `head` of the log, by id; those that there were
    /// then. The work is bounded by their events and not by how many there are of others.
    async fn records(&self, incidents: &[IncidentId], head: u64)
    -> Result<Vec<Record>, StoreError>;
    /// How many bytes the events of each of these incidents take up to `head`; of those that there were then.
    async fn sizes(
        &self,
        incidents: &[IncidentId],
        head: u64,
    ) -> Result<Vec<(IncidentId, usize)>, StoreError>;
    /// As `records`, without what a board does not draw, which is not even read.
    async fn abridged(
        &self,
        incidents: &[IncidentId],
        head: u64,
    ) -> Result<Vec<Abridged>, StoreError>;
    /// One incident's events after this version up to `head`, no more once they take `bytes_max`; at least one,
    /// when there is one.
    async fn record_within(
        &self,
        incident: IncidentId,
        after: u64,
        head: u64,
        bytes_max: usize,
    ) -> Result<Vec<Recorded>, StoreError>;
    /// Of these commands, the ones that were decided before, with whose they were. Many at
    /// once, so that a batch costs one question.
    async fn outcomes(&self, commands: &[CommandId]) -> Result<Vec<Known>, StoreError>;
    /// The outcome of a command that was decided before, and whose it was.
    async fn outcome(&self, command: CommandId) -> Result<Option<(PersonId, Outcome)>, StoreError> {
        let known = self.outcomes(&[command]).await?.pop();
        Ok(known.map(|k| (k.person, k.outcome)))
    }
    /// The highest serial given in this year, 0 when none.
    async fn last_serial(&self, year: i32) -> Result<u32, StoreError>;
    /// The incident of this number.
    async fn by_number(&self, number: IncidentNumber) -> Result<Option<IncidentId>, StoreError>;
    /// The incident that customers know by this name.
    async fn by_public_id(&self, id: &PublicId) -> Result<Option<IncidentId>, StoreError>;
    /// Every incident that is live.
    async fn live(&self) -> Result<Vec<IncidentId>, StoreError>;
    /// The latest `limit` incidents of which customers were told, the newest word first.
    async fn published(&self, limit: u32) -> Result<Vec<IncidentId>, StoreError>;
    /// The latest `limit` closed incidents, newest first.
    async fn closed(&self, limit: u32) -> Result<Vec<Summary>, StoreError>;
    /// Closed incidents that have all that is sought, older than the number `before`, at most
    /// `limit`. The one whose number was typed comes first, then the newest number. The work is
    /// bounded by `limit` and not by how many there are.
    async fn find(
        &self,
        sought: &Sought,
        before: Option<IncidentNumber>,
        limit: u32,
    ) -> Result<Found, StoreError>;
    /// Makes a little more of the index that `find` reads, of a log that is older than it.
    /// True while there is more to make. Safe at any time, also beside `append`.
    async fn index_more(&self) -> Result<bool, StoreError>;

    /// The incidents that may name customers by a name alone, in the order they began; once
    /// [`Store::end_identifying`] was called, those that were left then. None in a log that began with ids.
    async fn unidentified(&self) -> Result<Vec<IncidentId>, StoreError>;
    /// Every one of them says now which accounts bore the names, but those that are `left` for another start.
    async fn end_identifying(&self, left: &[IncidentId]) -> Result<(), StoreError>;

    /// Adds an account that nobody of its own kind has made: the first, and those of the demo.
    /// `false` when the id or the e-mail is taken.
    async fn add_account(&self, account: &Account) -> Result<bool, StoreError>;
    /// Adds the administrator who came by the set-up link. `false` when the id or the e-mail is taken.
    async fn add_administrator(&self, account: &Account, deed: &Deed) -> Result<bool, StoreError>;
    /// Adds somebody, with the link by which they choose their password. `false` when the e-mail is
    /// taken.
    async fn add_person(
        &self,
        account: &Account,
        invite: &Invite,
        deed: &Deed,
    ) -> Result<bool, StoreError>;
    /// Everybody who has an account, by name.
    async fn people(&self) -> Result<Vec<Person>, StoreError>;
    /// Everybody who has one or had one, by name.
    async fn everybody(&self) -> Result<Vec<KeptPerson>, StoreError>;
    /// The account of this e-mail; none of who was removed.
    async fn account(&self, email: &str) -> Result<Option<Account>, StoreError>;
    /// The account of this person; none of who was removed.
    async fn account_of(&self, person: PersonId) -> Result<Option<Account>, StoreError>;
    /// Puts `person` and `email` in the place of what its author saw as version `replaces`.
    async fn change_person(
        &self,
        person: &Person,
        email: &str,
        replaces: u64,
        deed: &Deed,
    ) -> Result<Put, StoreError>;
    /// Removes somebody: they keep their row and their name, and lose their sessions and their link
    /// at once. Again, it changes nothing: the first time counts.
    async fn remove_person(&self, person: PersonId, deed: &Deed) -> Result<Put, StoreError>;
    /// Takes the password of somebody away, ends their sessions, and puts a link in the place of an
    /// earlier one. `false` when they have no account.
    async fn reset_password(&self, invite: &Invite, deed: &Deed) -> Result<bool, StoreError>;
    /// Uses a link up: the password is that of its owner from now on. Only one of two at once is
    /// told whose.
    async fn choose_password(
        &self,
        token_hash: &[u8; 32],
        password_hash: &str,
        now: Time,
        from: &str,
    ) -> Result<Option<PersonId>, StoreError>;
    /// Gives somebody another password in the place of the one whose hash is `replaces`, and ends
    /// their sessions. `false` when that is theirs no more, or they have no account: a reset that came
    /// between is not undone.
    async fn set_password(
        &self,
        person: PersonId,
        replaces: &str,
        password_hash: &str,
        deed: &Deed,
    ) -> Result<bool, StoreError>;
    /// The incidents in which this person was made the owner of an action or of a step of a recovery
    /// plan, or the one who leads the post-mortem: what goes on when the incident is closed. Newest
    /// first, at most `limit`; whether it is done is for the record to say.
    async fn entrusted(&self, person: PersonId, limit: u32) -> Result<Vec<IncidentId>, StoreError>;
    /// Adds a session.
    async fn add_session(&self, session: &Session) -> Result<(), StoreError>;
    /// Adds a session of who came by the password that has this hash. `false` when it is theirs no
    /// more: comparing it takes a while, and it may have been reset in between.
    async fn add_session_by(
        &self,
        session: &Session,
        password_hash: &str,
    ) -> Result<bool, StoreError>;
    /// Ends the sessions of the owner of this one that were begun longest ago, so that `keep` are left, this one among
    /// them; tells how many.
    async fn end_oldest_sessions(&self, newest: &Session, keep: u32) -> Result<u64, StoreError>;
    /// Whose session this is and when it ends, if it has not ended by `now` and they were not removed.
    async fn session(
        &self,
        token_hash: &[u8; 32],
        now: Time,
    ) -> Result<Option<(Person, Time)>, StoreError>;
    /// Ends one session.
    async fn end_session(&self, token_hash: &[u8; 32]) -> Result<(), StoreError>;
    /// Ends all sessions of a person.
    async fn end_sessions_of(&self, person: PersonId) -> Result<(), StoreError>;
    /// Remembers that this person came in by their password in the browser that has this token. Those that were not
    /// seen since `before` are forgotten, and of many of one person the oldest.
    async fn remember_browser(
        &self,
        token_hash: &[u8; 32],
        person: PersonId,
        now: Time,
        before: Time,
    ) -> Result<(), StoreError>;
    /// Whether whoever has an account under this e-mail came in by their password in this browser.
    async fn knows_browser(&self, token_hash: &[u8; 32], email: &str) -> Result<bool, StoreError>;

    /// Adds a secret link, made by a request from this address.
    async fn add_link(&self, link: &SecretLink, from: &str) -> Result<(), StoreError>;
    /// Links to this, those that still open something first, then the newest; at most `limit`.
    async fn links(
        &self,
        kind: LinkKind,
        target: &str,
        limit: u32,
    ) -> Result<Vec<SecretLink>, StoreError>;
    /// Every link that opens something.
    async fn open_links(&self) -> Result<Vec<SecretLink>, StoreError>;
    /// Revokes a link and tells its hash; none when there is no such link. Again, it changes nothing.
    async fn revoke_link(&self, id: u64, deed: &Deed) -> Result<Option<[u8; 32]>, StoreError>;

    /// Deletes sessions that ended by `ended_by`, and links that were revoked by `revoked_by`; at most
    /// `limit` of each. How many rows went.
    async fn sweep(&self, ended_by: Time, revoked_by: Time, limit: u32) -> Result<u64, StoreError>;

    /// Keeps a file and returns when it is on disk. One whose bytes are kept already stays as it was, but that it
    /// was sent again.
    async fn add_file(&self, file: &StoredFile) -> Result<(), StoreError>;
    /// Bytes of the files that were added since then.
    async fn bytes_added(&self, person: PersonId, since: Time) -> Result<BytesAdded, StoreError>;
    /// Deletes files, at most `limit`, that no event names and nobody has sent since `before`; tells how many.
    async fn drop_files(&self, before: Time, limit: u32) -> Result<u32, StoreError>;
    /// So many bytes of a file; fewer at its end, and none where there is no such file.
    async fn file_piece(
        &self,
        sha256: &[u8; 32],
        from: u32,
        bytes: u32,
    ) -> Result<Vec<u8>, StoreError>;
    /// Of these hashes, the files that there are. Many at once, so that a batch costs one question.
    async fn file_facts(&self, hashes: &[[u8; 32]]) -> Result<Vec<FileFacts>, StoreError>;
    /// Customer accounts by name, at most `limit`, whose name, tier, owner or deal stage contains
    /// `query`, in capitals or not; all when it is empty. `after` is the name that the last page
    /// ended with.
    async fn accounts(
        &self,
        query: &str,
        limit: u32,
        after: Option<&str>,
    ) -> Result<Vec<KeptAccount>, StoreError>;
    /// At most `limit` customer accounts whose name contains `part`, those that begin with it first.
    async fn find_accounts(&self, part: &str, limit: u32) -> Result<Vec<KeptAccount>, StoreError>;
    /// The customer account of this id.
    async fn account_by_id(&self, id: AccountId) -> Result<Option<KeptAccount>, StoreError>;
    /// The names of these customer accounts; of those that there are.
    async fn account_names(
        &self,
        ids: &[AccountId],
    ) -> Result<Vec<(AccountId, String)>, StoreError>;
    /// The names of all customer accounts: what looks like another is not found by what it is written with.
    async fn all_account_names(&self) -> Result<Vec<(AccountId, String)>, StoreError>;
    /// Of these names, in capitals or not, the customer accounts that there are. Many at once, so
    /// that an import costs one question.
    async fn accounts_named(&self, names: &[&str]) -> Result<Vec<KeptAccount>, StoreError>;
    /// The customer account of this name, in capitals or not.
    async fn account_by_name(&self, name: &str) -> Result<Option<KeptAccount>, StoreError> {
        Ok(self.accounts_named(&[name]).await?.pop())
    }
    /// Writes all of these customer accounts in one transaction. `false`, and nothing was
    /// written, when one of them has changed since its author saw it, or its name is another's.
    async fn put_accounts(&self, puts: &[PutAccount], deed: &Deed) -> Result<bool, StoreError>;

    /// Lines of the audit log, at most `limit`.
    async fn audit(&self, page: AuditPage, limit: u32) -> Result<Vec<AuditLine>, StoreError>;

    /// Recomputes every hash and walks every chain.
    async fn verify(&self) -> Result<Verified, StoreError>;
    /// Copies the database to a new file while serving. Fails if the file exists.
    async fn backup(&self, file: &std::path::Path) -> Result<(), StoreError>;
    /// Whether the database answers a read and takes a write, found out by a small one that does not let it grow.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] with one line that says what to do.
    async fn ready(&self) -> Result<(), StoreError>;
}
