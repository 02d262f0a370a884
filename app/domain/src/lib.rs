//! What an incident is.
//!
//! People send [`Command`]s, [`decide()`] turns them into [`Event`]s, and everything
//! anybody sees is a fold of those events ([`Incident::apply`]). The same code runs on the
//! server and in the browser.
//!
//! Architecture invariant: nothing in here does I/O, reads a clock or draws a random number.
//! `now` and ids are arguments, so a decision can be repeated anywhere with the same result.

pub mod account;
pub mod adherence;
pub mod approval;
pub mod beat;
pub mod board;
pub mod brief;
pub mod calendar;
pub mod call;
pub mod checklist;
pub mod clock;
pub mod command;
pub mod corrections;
pub mod credit;
pub mod customer;
pub mod decide;
pub mod draft;
pub mod event;
pub mod evidence;
pub mod export;
pub mod fix;
mod fold;
pub mod gate;
pub mod ids;
pub mod impact;
pub mod incident;
pub mod json;
pub mod money;
pub mod next_step;
pub mod order;
pub mod person;
pub mod policy;
pub mod promise;
pub mod public;
pub mod record;
pub mod refusal;
pub mod role;
pub mod search;
pub mod severity;
pub mod shown;
pub mod sla;
pub mod status;
pub mod text;
pub mod timeline;
pub mod triage;
pub mod update;
pub mod wording;
pub mod worth;
pub mod zone;

pub use command::{Command, Envelope};
pub use corrections::Corrections;
pub use decide::{assign_line_id, decide, decide_knowing, overtaken, undecided};
pub use event::{Event, Recorded};
pub use ids::{
    AccountId, CommandId, EntryId, IncidentId, IncidentNumber, PersonId, PublicId, UpdateId,
};
pub use incident::Incident;
pub use person::{Actor, Person, PersonRef};
pub use policy::{Policies, Policy};
pub use record::{Abridged, Record};
pub use refusal::Refusal;
pub use role::Role;
pub use severity::Severity;
pub use status::Status;

/// A moment in UTC. The server's clock is the only one that counts (DESIGN §3, S6).
pub type Time = chrono::DateTime<chrono::Utc>;
