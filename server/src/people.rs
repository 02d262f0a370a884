//! Who has an account and who had one, in memory, so that no command costs a question to the
//! database. Every change goes through here.
//!
//! Architecture invariant: memory follows the disk. It is read anew after each change, also after
//! one that failed: a commit may have happened though its answer was lost.

pub(crate) mod alike;
mod sessions;

use crate::store::{Account, Deed, Invite, KeptPerson, Put, Session, Store, StoreError, email_key};
use app::api::People;
use domain::text::line;
use domain::{Person, PersonId, Refusal, Time};
use sessions::Sessions;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::{Mutex, watch};

/// Everybody at one moment.
#[derive(Debug)]
pub struct Everybody {
    all: Vec<KeptPerson>,
    place: HashMap<PersonId, usize>,
    /// Those who have an account, as browsers hold them.
    here: People,
}

impl Everybody {
    fn of(all: Vec<KeptPerson>) -> Self {
        let has_account = |kept: &&KeptPerson| kept.removed.is_none();
        let here: Vec<Person> = all
            .iter()
            .filter(has_account)
            .map(|kept| kept.person.clone())
            .collect();
        Self {
            place: all
                .iter()
                .enumerate()
                .map(|(place, kept)| (kept.person.id, place))
                .collect(),
            here: People {
                version: version_of(&here),
                all: here,
            },
            all,
        }
    }

    /// Those who have an account, by name.
    #[must_use]
    pub fn here(&self) -> &People {
        &self.here
    }

    /// Those who have an account or had one, by name.
    #[must_use]
    pub fn all(&self) -> &[KeptPerson] {
        &self.all
    }

    /// Somebody who has an account or had one.
    #[must_use]
    pub fn find(&self, id: PersonId) -> Option<&KeptPerson> {
        self.place.get(&id).and_then(|place| self.all.get(*place))
    }

    /// Who chooses a password by this link, if it has not ended by `now`. From memory: who guesses
    /// at links asks the database nothing.
    #[must_use]
    pub fn invited(&self, token_hash: &[u8; 32], now: Time) -> Option<&Person> {
        let opens = |kept: &&KeptPerson| {
            let invite = kept.invite.as_ref();
            invite.is_some_and(|i| i.token_hash == *token_hash && i.expires_at > now)
        };
        self.all.iter().find(opens).map(|kept| &kept.person)
    }

    /// Those who have an account, other than this person, whose names look like theirs.
    #[must_use]
    pub fn alike(&self, person: &Person) -> Vec<&Person> {
        let others = self.here.all.iter().filter(|other| other.id != person.id);
        let alike = others.filter(|other| alike::are(&other.name, &person.name));
        alike.collect()
    }

    /// Whether this person had an account and has none any more.
    #[must_use]
    pub fn is_removed(&self, id: PersonId) -> bool {
        self.find(id).is_some_and(|kept| kept.removed.is_some())
    }

    /// Whether this person is an administrator now.
    #[must_use]
    pub fn is_administrator(&self, id: PersonId) -> bool {
        let found = self.find(id).filter(|kept| kept.removed.is_none());
        found.is_some_and(|kept| kept.person.administrator)
    }
}

/// The same for the same people, whenever and wherever it is asked for: a browser that was away
/// while the server was restarted is not sent what it has.
fn version_of(people: &[Person]) -> u64 {
    let mut hash = Sha256::new();
    for person in people {
        hash.update(person.id.0.as_bytes());
        for text in [&person.name, &person.title] {
            hash.update(text.len().to_be_bytes());
            hash.update(text);
        }
        hash.update([u8::from(person.administrator)]);
    }
    let [a, b, c, d, e, f, ..]: [u8; 32] = hash.finalize().into();
    // Six bytes: a number that every reader of JSON keeps whole.
    u64::from_be_bytes([0, 0, a, b, c, d, e, f])
}

/// An e-mail that somebody signs in with, as it is kept.
///
/// # Errors
/// [`Refusal::Invalid`] when it cannot be one.
pub fn email(text: &str) -> Result<String, Refusal> {
    const FIELD: &str = "E-mail";
    let email = email_key(&line(FIELD, text)?);
    match email.split_once('@') {
        Some((before, after))
            if !before.is_empty() && !after.is_empty() && !email.contains(char::is_whitespace) =>
        {
            Ok(email)
        }
        _ => Err(Refusal::invalid(FIELD, "looks like name@company.example")),
    }
}

/// The one place where people are added, changed and removed.
pub struct Directory(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    now: RwLock<Arc<Everybody>>,
    sessions: Sessions,
    /// One change at a time: what was read last must be what was written last.
    writing: Mutex<()>,
    /// Counts up when people may have changed, or sessions of somebody ended.
    moved: watch::Sender<u64>,
    /// Counts up when one session ended, which is nobody's business but its own streams'.
    session_ended: watch::Sender<u64>,
}

impl Directory {
    /// Reads everybody.
    ///
    /// # Errors
    /// [`StoreError`] when they cannot be read.
    pub(crate) async fn load(store: Arc<dyn Store>) -> Result<Self, StoreError> {
        let now = Everybody::of(store.everybody().await?);
        Ok(Self(Arc::new(Inner {
            store,
            now: RwLock::new(Arc::new(now)),
            sessions: Sessions::default(),
            writing: Mutex::new(()),
            moved: watch::Sender::new(0),
            session_ended: watch::Sender::new(0),
        })))
    }

    /// Everybody, as of now.
    #[must_use]
    pub fn now(&self) -> Arc<Everybody> {
        let now = self.0.now.read();
        Arc::clone(&now.unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes when people may have changed, or sessions of somebody have ended.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.0.moved.subscribe()
    }

    /// Changes when one session has ended.
    #[must_use]
    pub fn subscribe_session_ended(&self) -> watch::Receiver<u64> {
        self.0.session_ended.subscribe()
    }

    /// As [`Store::add_account`].
    ///
    /// # Errors
    /// [`StoreError`]; it is not known then whether it was done. The same below.
    pub async fn add_account(&self, account: Account) -> Result<bool, StoreError> {
        self.write(move |store| async move { store.add_account(&account).await })
            .await
    }

    /// As [`Store::add_administrator`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add_administrator(
        &self,
        account: Account,
        deed: Deed,
    ) -> Result<bool, StoreError> {
        self.write(move |store| async move { store.add_administrator(&account, &deed).await })
            .await
    }

    /// As [`Store::add_person`], by whoever the deed names.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add(
        &self,
        account: Account,
        invite: Invite,
        deed: Deed,
    ) -> Result<Put, StoreError> {
        self.write_by(deed.by.id, move |store| async move {
            let added = store.add_person(&account, &invite, &deed).await?;
            Ok(if added { Put::Done } else { Put::EmailTaken })
        })
        .await
    }

    /// As [`Store::change_person`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change(
        &self,
        person: Person,
        email: String,
        replaces: u64,
        deed: Deed,
    ) -> Result<Put, StoreError> {
        self.write_by(deed.by.id, move |store| async move {
            store.change_person(&person, &email, replaces, &deed).await
        })
        .await
    }

    /// As [`Store::remove_person`]. That they are in no seat any more is for the log to see to.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn remove(&self, person: PersonId, deed: Deed) -> Result<Put, StoreError> {
        self.write_by(deed.by.id, move |store| async move {
            store.remove_person(person, &deed).await
        })
        .await
    }

    /// As [`Store::reset_password`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reset_password(&self, invite: Invite, deed: Deed) -> Result<Put, StoreError> {
        self.write_by(deed.by.id, move |store| async move {
            let reset = store.reset_password(&invite, &deed).await?;
            Ok(if reset { Put::Done } else { Put::Stale })
        })
        .await
    }

    /// As [`Store::choose_password`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn choose_password(
        &self,
        token_hash: [u8; 32],
        password_hash: String,
        now: Time,
        from: String,
    ) -> Result<Option<PersonId>, StoreError> {
        self.write(move |store| async move {
            store
                .choose_password(&token_hash, &password_hash, now, &from)
                .await
        })
        .await
    }

    /// As [`Store::set_password`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_password(
        &self,
        person: PersonId,
        replaces: String,
        password_hash: String,
        deed: Deed,
    ) -> Result<bool, StoreError> {
        self.write(move |store| async move {
            store
                .set_password(person, &replaces, &password_hash, &deed)
                .await
        })
        .await
    }

    /// As [`Store::session`], from memory when it was asked before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn session(
        &self,
        token_hash: [u8; 32],
        now: Time,
    ) -> Result<Option<(Person, Time)>, StoreError> {
        let sessions = &self.0.sessions;
        let before = match sessions.find(&token_hash, now) {
            Ok(known) => return Ok(Some(known)),
            Err(before) => before,
        };
        let Some((person, expires_at)) = self.0.store.session(&token_hash, now).await? else {
            return Ok(None);
        };
        sessions.keep(&before, token_hash, person.clone(), expires_at);
        Ok(Some((person, expires_at)))
    }

    /// As [`Store::add_session`], or [`Store::add_session_by`] the hash of a password; then as
    /// [`Store::end_oldest_sessions`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_session(
        &self,
        session: Session,
        by: Option<String>,
        keep: u32,
    ) -> Result<bool, StoreError> {
        let inner = Arc::clone(&self.0);
        let done = tokio::spawn(async move {
            match by {
                None => inner.store.add_session(&session).await?,
                Some(hash) if inner.store.add_session_by(&session, &hash).await? => {}
                Some(_) => return Ok(false),
            }
            let ended = inner.store.end_oldest_sessions(&session, keep).await;
            // Which they were is not known, nor after a failure whether any were.
            if !matches!(ended, Ok(0)) {
                drop(inner.sessions.forgotten_then());
                inner.session_ended.send_modify(|times| *times += 1);
            }
            ended.map(|_| true)
        });
        done.await.unwrap_or_else(broke_off)
    }

    /// As [`Store::end_session`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_session(&self, token_hash: [u8; 32]) -> Result<(), StoreError> {
        let inner = Arc::clone(&self.0);
        let done = tokio::spawn(async move {
            let forgotten = inner.sessions.one_forgotten_then(token_hash);
            let done = inner.store.end_session(&token_hash).await;
            drop(forgotten);
            inner.session_ended.send_modify(|times| *times += 1);
            done
        });
        done.await.unwrap_or_else(broke_off)
    }

    /// As [`Store::end_sessions_of`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_sessions_of(&self, person: PersonId) -> Result<(), StoreError> {
        self.write(move |store| async move { store.end_sessions_of(person).await })
            .await
    }

    /// The same for what only an administrator may do. Asked once more in turn: who was removed or is
    /// no administrator any more, since their request was let in, makes no link for themselves.
    async fn write_by<F>(
        &self,
        by: PersonId,
        work: impl FnOnce(Arc<dyn Store>) -> F + Send + 'static,
    ) -> Result<Put, StoreError>
    where
        F: Future<Output = Result<Put, StoreError>> + Send,
    {
        let people = Self(Arc::clone(&self.0));
        self.write(move |store| async move {
            match people.now().is_administrator(by) {
                true => work(store).await,
                false => Ok(Put::NotYours),
            }
        })
        .await
    }

    /// In a task of its own: a handler is dropped when its client goes away, and what is on disk
    /// must get into memory all the same.
    async fn write<T, F>(
        &self,
        work: impl FnOnce(Arc<dyn Store>) -> F + Send + 'static,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, StoreError>> + Send,
    {
        let inner = Arc::clone(&self.0);
        let done = tokio::spawn(async move {
            let _one = inner.writing.lock().await;
            let done = inner.work(work).await;
            let read = inner.read_anew().await;
            let done = done?;
            read.map(|()| done)
        });
        done.await.unwrap_or_else(broke_off)
    }
}

fn broke_off<T>(broken: tokio::task::JoinError) -> Result<T, StoreError> {
    Err(StoreError::Unexpected(broken.to_string()))
}

impl Inner {
    /// Whatever comes of it, no session is taken from memory after it that was read before.
    async fn work<T, F>(&self, work: impl FnOnce(Arc<dyn Store>) -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let _then = self.sessions.forgotten_then();
        work(Arc::clone(&self.store)).await
    }

    async fn read_anew(&self) -> Result<(), StoreError> {
        let everybody = Everybody::of(self.store.everybody().await?);
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(everybody);
        self.moved.send_modify(|times| *times += 1);
        Ok(())
    }
}
