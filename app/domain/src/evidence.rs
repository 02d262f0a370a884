//! Proof that a status may move (RUNBOOK §7).

use crate::{EntryId, PersonRef, Time};
use serde::{Deserialize, Serialize};

/// What a piece of evidence proves. Each opens one criterion of one gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proves {
    /// The harm no longer spreads (Contained).
    HarmStopped,
    /// Customers can work again (Mitigated).
    CustomersWork,
    /// The fix was checked, and over how long (Resolved).
    Validated,
}

impl Proves {
    /// In the order of the gates.
    pub const ALL: [Self; 3] = [Self::HarmStopped, Self::CustomersWork, Self::Validated];

    /// As shown.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::HarmStopped => "the harm no longer spreads",
            Self::CustomersWork => "customers can work again",
            Self::Validated => "the fix was checked",
        }
    }

    /// Whether a person's word is enough. Containment takes logs or metrics.
    #[must_use]
    pub fn takes_statement(self) -> bool {
        self != Self::HarmStopped
    }
}

/// The proof itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// A dashboard, a query, a ticket.
    Link {
        /// An http or https address.
        url: String,
    },
    /// Lines of a log or values of a metric.
    Excerpt {
        /// As copied.
        text: String,
    },
    /// The word of a named person.
    Statement {
        /// Who says so.
        by: String,
        /// What they say.
        text: String,
    },
    /// A file, kept by the hash of its bytes.
    File {
        /// What it is called.
        name: String,
        /// SHA-256 of its bytes, 64 hex digits in lower case.
        sha256: String,
        /// How many bytes, at most [`FILE_MAX_BYTES`].
        bytes: u32,
        /// One of [`FILE_TYPES`].
        media_type: String,
    },
}

/// The largest file that is evidence: 10 MB.
pub const FILE_MAX_BYTES: u32 = 10_000_000;

/// What a file may be: pictures, documents and lines of text that are looked at, and archives
/// that are only handed on. Nothing that a browser would run.
pub const FILE_TYPES: [&str; 10] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "application/pdf",
    "text/plain",
    "text/csv",
    "application/json",
    "application/gzip",
    "application/zip",
];

impl Proof {
    /// As shown.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::Link { .. } => "link",
            Self::Excerpt { .. } => "excerpt",
            Self::Statement { .. } => "statement",
            Self::File { .. } => "file",
        }
    }
}

/// A piece of evidence on the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The timeline entry that added it.
    pub entry: EntryId,
    /// What it proves.
    pub proves: Proves,
    /// The proof.
    pub proof: Proof,
    /// What it shows, in words.
    pub shows: String,
    /// How long the check ran, for [`Proves::Validated`]. Minutes.
    pub watched_min: Option<u32>,
    /// Who attached it.
    pub by: PersonRef,
    /// When, server time.
    pub at: Time,
    /// False once the incident went back to before the gate this opened: proof of a
    /// state that did not last is kept but opens nothing.
    pub stands: bool,
}
