//! What the browser asks of the server: every server function, and the [`Backend`] they call.
//!
//! An expected outcome (refused, already done) is a value inside `Ok`; an [`ApiError`] means
//! that the question itself could not be answered.

#![expect(
    missing_docs,
    reason = "the server macro writes structs of its own, which take no comments"
)]

#[cfg(feature = "hydrate")]
mod ask;
mod build;
mod wire;

#[cfg(feature = "hydrate")]
pub use ask::{ask, send, server_build};
pub use build::{BUILD, BUILD_HEADER};
pub use wire::{PostedCommand, PulledEvent};

use crate::parts::asked::Asks;
#[cfg(feature = "ssr")]
use crate::parts::asked::{PAGE, READER};
use crate::parts::form::Values;
#[cfg(feature = "ssr")]
use domain::account::Account;
use domain::board::Summary;
use domain::{
    Abridged, CommandId, IncidentNumber, Person, PersonId, Policies, Policy, Record, Recorded,
    Refusal, Severity, Time,
};
#[cfg(feature = "ssr")]
use domain::{AccountId, Envelope, IncidentId, credit::Proposed, customer::CustomerId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::{Json, JsonEncoding};
use server_fn::error::{FromServerFnError, ServerFnErrorErr};
use std::sync::Arc;

/// At most this many commands in one push.
pub const PUSH_MAX: usize = 200;
/// At most this many events in one pull; the reader asks again while `more` is set.
pub const PULL_MAX: u32 = 2_000;
/// Events in one answer take at most this many bytes as JSON, but for a single one that is longer.
pub const PULL_MAX_BYTES: usize = 512 * 1024;
/// Closed incidents in one answer to a search; whoever wants more names the last one.
pub const FIND_MAX: u32 = 20;

/// At most this many accounts are found at once.
pub const ACCOUNTS_MAX: u32 = 20;

/// Everything a screen starts from. Rendered into the page, so that the browser begins with
/// exactly what the server drew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Who is signed in.
    pub me: Person,
    /// Everybody who can take a role.
    pub people: Vec<Person>,
    /// Of which [`People`] these are; 0 where an older build kept it on a device.
    #[serde(default)]
    pub people_version: u64,
    /// The versions of the policy that `incidents` and `abridged` go by, and the one in force last.
    pub policies: Policies,
    /// Place in the log up to which `incidents` go.
    pub head: u64,
    /// Hash of the event at `head`, to be named in the next pull; none in an empty log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// Server time.
    pub now: Time,
    /// Reports to triage, open incidents, and the one that was asked for, whole.
    pub incidents: Vec<Record>,
    /// Those among them whose records are too long to be carried whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub abridged: Vec<Abridged>,
    /// Closed incidents, newest first.
    pub closed: Vec<Summary>,
    /// Whether the server's clock is not believed: nothing can be saved meanwhile.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub clock_is_wrong: bool,
}

/// Everybody who can take a role, as of one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    /// The same for the same people, another for others.
    pub version: u64,
    /// By name.
    pub all: Vec<Person>,
}

/// What became of one command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is on disk.
    Accepted,
    /// It was not carried out.
    Refused {
        /// Why.
        refusal: Refusal,
    },
}

/// The answer to one command; the same whenever it is asked again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Which command.
    pub command: CommandId,
    /// What became of it.
    pub outcome: Outcome,
}

/// Events after a place in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pulled {
    /// In order of the log, without gaps.
    pub events: Vec<PulledEvent>,
    /// The last place in the log.
    pub head: u64,
    /// Hash of the event at the place that the reader comes to by `events`, to be named in the next
    /// pull; none at the beginning of the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// Set when the reader has followed another log (an older backup was restored): take a new
    /// snapshot, and send again what was not answered.
    #[serde(default)]
    pub lost: bool,
    /// [`BUILD`] of the server; 0 of one that is older than this field.
    #[serde(default)]
    pub build: u32,
    /// Whether there are more than fitted.
    pub more: bool,
    /// Server time.
    pub now: Time,
    /// Everybody who can take a role, when the reader holds others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<People>,
    /// Whether the server's clock is not believed: nothing can be saved meanwhile.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub clock_is_wrong: bool,
}

/// A part of one incident's record, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// From the version that was asked for on, without gaps; none when there are no more.
    pub events: Vec<Recorded>,
    /// Whether there are more than fitted: ask again from after the last of `events`.
    pub more: bool,
    /// The version of the policy that it goes by; none while it goes by the one in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Arc<Policy>>,
}

/// Answers to commands, and what happened since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pushed {
    /// One per command, in their order.
    pub answers: Vec<Answer>,
    /// Events after the place that was named.
    pub pulled: Pulled,
}

/// Closed incidents that were looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The one whose number was asked for, then the newest number first; at most [`FIND_MAX`].
    pub incidents: Vec<Summary>,
    /// Whether there are older ones.
    pub more: bool,
    /// False while the index is being made from an older log, newest incidents first.
    pub complete: bool,
}

/// What a secret link opens (INTERFACES §1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// The status page of one customer: an account, or an entry of an incident.
    Status,
    /// The executive brief of one incident, which is named by its id.
    Brief,
}

impl LinkKind {
    /// In an address and in the database.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Brief => "brief",
        }
    }
}

/// A secret link as its makers see it. The address itself is told once, when it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// To revoke it by.
    pub id: u64,
    /// For whom it was made; may be empty.
    pub label: String,
    /// Who made it.
    pub made_by: String,
    /// When, server time.
    pub made_at: Time,
    /// The incident for whose customer it was made, where that one was joined to an account since: it opens what the
    /// account is told there.
    pub customer_of: Option<String>,
    /// When it was revoked; it opens nothing since.
    pub revoked_at: Option<Time>,
}

/// Why a question could not be answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum ApiError {
    /// No session, or it has ended.
    #[error("You are signed out. Sign in again; what you wrote is kept on this device.")]
    SignedOut,
    /// The request itself is wrong.
    #[error("{detail}")]
    BadRequest {
        /// What is wrong and what to do.
        detail: String,
    },
    /// There is no such thing.
    #[error("There is no such incident.")]
    NotFound,
    /// The store cannot write now: full disk, locked database, shutting down.
    #[error("The server cannot save right now. Nothing is lost; it will be sent again.")]
    Unavailable {
        /// When to try again, seconds.
        retry_after_s: u32,
    },
    /// The server is not reached.
    #[error("The server is out of reach.")]
    Unreachable,
    /// Something is wrong on the server; the log has it under this id.
    #[error("Something went wrong on the server (request {request}).")]
    Internal {
        /// To find it in the log.
        request: String,
    },
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(detail)
            | ServerFnErrorErr::MissingArg(detail)
            | ServerFnErrorErr::UnsupportedRequestMethod(detail) => Self::BadRequest { detail },
            _ => Self::Unreachable,
        }
    }
}

/// What the server functions call. The server provides one as `Arc<dyn Backend>` in context,
/// already bound to the person whose session it is.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Backend: Send + Sync {
    /// Whose session it is.
    fn me(&self) -> PersonId;
    /// Decides and stores, in order. An answer means it is on disk.
    async fn push(&self, commands: Vec<Envelope>) -> Result<Vec<Answer>, ApiError>;
    /// Events after `since`, at most [`PULL_MAX`] and [`PULL_MAX_BYTES`], unless the one at `since` has
    /// another hash than `seen`; and who can take a role, unless these are `people`, the version that the
    /// reader holds. None for a reader that holds none.
    async fn pull(
        &self,
        since: u64,
        seen: Option<String>,
        people: Option<u64>,
    ) -> Result<Pulled, ApiError>;
    /// The record of one incident after this version, as much as fits.
    async fn open(&self, number: IncidentNumber, after: u64) -> Result<Opened, ApiError>;
    /// Where a screen starts; `number` is the incident it is about.
    async fn snapshot(&self, number: Option<IncidentNumber>) -> Result<Snapshot, ApiError>;
    /// Closed incidents with these words, newest first, at most [`FIND_MAX`], older than
    /// `before`. Those that are open are in every snapshot.
    async fn find(&self, sought: Sought, before: Option<IncidentNumber>)
    -> Result<Found, ApiError>;
    /// Makes a secret link and tells its path, once.
    async fn make_link(
        &self,
        kind: LinkKind,
        target: String,
        label: String,
    ) -> Result<String, ApiError>;
    /// The links to this.
    async fn links(&self, kind: LinkKind, target: &str) -> Result<Vec<Link>, ApiError>;
    /// Has a link open nothing any more. Again, it changes nothing.
    async fn revoke_link(&self, id: u64) -> Result<(), ApiError>;
    /// Which of these could not read by any open link what is published to them on this incident, each with whose page
    /// a link would be made for.
    async fn readers_without_link(
        &self,
        incident: IncidentId,
        customers: &[CustomerId],
    ) -> Result<Vec<(CustomerId, String)>, ApiError>;
    /// At most [`ACCOUNTS_MAX`] customer accounts whose name contains `query`.
    async fn find_accounts(&self, query: &str) -> Result<Vec<Account>, ApiError>;
    /// What the SLA of this customer gives for this incident, by the record and the account as they
    /// stand now; or why nothing can be calculated.
    async fn calculate_credit(
        &self,
        incident: IncidentId,
        customer: CustomerId,
    ) -> Result<Result<Proposed, Refusal>, ApiError>;
}

/// What to look for among closed incidents; what is left out is not asked for.
#[cfg(feature = "ssr")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sought {
    /// All of these words.
    pub words: domain::search::Query,
    /// As bad as this.
    pub severity: Option<Severity>,
    /// Of this component, named as in the policy.
    pub component: Option<String>,
    /// With this account among its customers.
    pub account: Option<AccountId>,
}

#[cfg(feature = "ssr")]
fn backend() -> Result<Arc<dyn Backend>, ApiError> {
    use_context().ok_or(ApiError::SignedOut)
}

/// The cookie is the browser's, the replica is the tab's: when somebody else has signed in since, what the first one
/// left waiting must not be carried out as the second.
#[cfg(feature = "ssr")]
fn must_be(backend: &dyn Backend, me: Option<PersonId>) -> Result<(), ApiError> {
    match me.is_none_or(|me| me == backend.me()) {
        true => Ok(()),
        false => Err(ApiError::SignedOut),
    }
}

#[cfg(feature = "ssr")]
fn backend_of(me: Option<PersonId>) -> Result<Arc<dyn Backend>, ApiError> {
    let backend = backend()?;
    must_be(&*backend, me)?;
    Ok(backend)
}

/// Sends commands; answers them and tells what happened after `since`. `me` is whose replica
/// asks, here and below: refused as signed out when the session is somebody else's. `people` is the
/// version of [`People`] that it holds, `seen` the hash of the event at `since`.
///
/// A command that cannot be read is refused by itself; the others are carried out.
///
/// # Errors
/// [`ApiError`]; no command was lost by it, send them again.
#[server(name = Push, prefix = "/sync", endpoint = "push", input = Json, output = Json)]
pub async fn push(
    #[server(default)] me: Option<PersonId>,
    since: u64,
    #[server(default)] seen: Option<String>,
    #[server(default)] people: Option<u64>,
    commands: Vec<PostedCommand>,
) -> Result<Pushed, ApiError> {
    let asks = Push {
        me,
        since,
        seen,
        people,
        commands,
    };
    asks.answer(&*backend()?).await
}

#[cfg(feature = "ssr")]
impl Push {
    /// What [`push`] answers.
    ///
    /// # Errors
    /// As there.
    pub async fn answer(self, backend: &dyn Backend) -> Result<Pushed, ApiError> {
        must_be(backend, self.me)?;
        if self.commands.len() > PUSH_MAX {
            return Err(ApiError::BadRequest {
                detail: format!("Send at most {PUSH_MAX} commands at once."),
            });
        }
        let mut readable = Vec::with_capacity(self.commands.len());
        let mut unreadable = Vec::new();
        for (place, command) in self.commands.into_iter().enumerate() {
            match command {
                PostedCommand::Readable(envelope) => readable.push(envelope),
                PostedCommand::Unreadable(command) => unreadable.push((place, command)),
            }
        }
        let mut answers = backend.push(readable).await?;
        for (place, command) in unreadable {
            answers.insert(place, wire::unreadable(command));
        }
        let pulled = backend.pull(self.since, self.seen, self.people).await?;
        Ok(Pushed { answers, pulled })
    }
}

/// What happened after `since`; `seen` is the hash of the event there.
///
/// # Errors
/// [`ApiError`].
#[server(name = Pull, prefix = "/sync", endpoint = "pull", input = Json, output = Json)]
pub async fn pull(
    #[server(default)] me: Option<PersonId>,
    since: u64,
    #[server(default)] seen: Option<String>,
    #[server(default)] people: Option<u64>,
) -> Result<Pulled, ApiError> {
    let asks = Pull {
        me,
        since,
        seen,
        people,
    };
    asks.answer(&*backend()?).await
}

#[cfg(feature = "ssr")]
impl Pull {
    /// What [`pull`] answers.
    ///
    /// # Errors
    /// As there.
    pub async fn answer(self, backend: &dyn Backend) -> Result<Pulled, ApiError> {
        must_be(backend, self.me)?;
        backend.pull(self.since, self.seen, self.people).await
    }
}

/// The record of one incident after the version `after`, as much as fits.
///
/// # Errors
/// [`ApiError::NotFound`] and the rest.
#[server(name = OpenIncident, prefix = "/sync", endpoint = "open", input = Json, output = Json)]
pub async fn open_incident(
    #[server(default)] me: Option<PersonId>,
    number: IncidentNumber,
    #[server(default)] after: u64,
) -> Result<Opened, ApiError> {
    backend_of(me)?.open(number, after).await
}

/// Where a screen starts, for a browser that comes back after long.
///
/// # Errors
/// [`ApiError`].
#[server(name = TakeSnapshot, prefix = "/sync", endpoint = "snapshot", input = Json, output = Json)]
pub async fn snapshot(
    #[server(default)] me: Option<PersonId>,
    number: Option<IncidentNumber>,
) -> Result<Snapshot, ApiError> {
    backend_of(me)?.snapshot(number).await
}

/// Closed incidents with all of these words, whatever their order, the last one perhaps
/// unfinished; none for all. The newest first, older than the number `before`.
///
/// # Errors
/// [`ApiError`].
#[server(name = FindClosed, prefix = "/sync", endpoint = "find", input = Json, output = Json)]
pub async fn find_closed(
    #[server(default)] me: Option<PersonId>,
    #[server(default)] text: String,
    #[server(default)] severity: Option<Severity>,
    #[server(default)] component: Option<String>,
    #[server(default)] before: Option<IncidentNumber>,
) -> Result<Found, ApiError> {
    use domain::search::{QUERY_MAX_CHARS, Query};
    let backend = backend_of(me)?;
    let typed = [text.as_str(), component.as_deref().unwrap_or_default()];
    if typed.iter().any(|t| t.chars().count() > QUERY_MAX_CHARS) {
        return Err(ApiError::BadRequest {
            detail: format!("Search for at most {QUERY_MAX_CHARS} characters."),
        });
    }
    let sought = Sought {
        words: Query::of(&text),
        severity,
        component,
        account: None,
    };
    backend.find(sought, before).await
}

/// What the server knows for a field of a form, by the names of the form's fields: accounts whose
/// name contains what was typed, in capitals or not, those that begin with it first, at most
/// [`ACCOUNTS_MAX`], the first of all when nothing was typed; the one credit that was calculated; or the readers who
/// have no link.
///
/// # Errors
/// [`ApiError::NotFound`] for an incident that there is not, and the rest.
#[server(name = FillIn, prefix = "/sync", endpoint = "fill", input = Json, output = Json)]
pub async fn fill_in(asks: Asks) -> Result<Vec<Values>, ApiError> {
    let backend = backend()?;
    Ok(match asks {
        Asks::Account { named } => {
            let found = backend.find_accounts(&named).await?;
            found.iter().map(crate::room::customer_form).collect()
        }
        Asks::Credit { incident, customer } => {
            let calculated = backend.calculate_credit(incident, customer).await?;
            vec![crate::room::credit_form(&calculated)]
        }
        Asks::Readers {
            incident,
            customers,
        } => {
            let without = backend.readers_without_link(incident, &customers).await?;
            let values = |(customer, page): (CustomerId, String)| {
                let values = [(READER, customer.uuid().to_string()), (PAGE, page)];
                values.map(|(key, value)| (key.to_owned(), value)).into()
            };
            without.into_iter().map(values).collect()
        }
    })
}
