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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::update::Audience;
    use crate::{
        Command, CommandId, Event, Incident, IncidentId, PersonId, Policy, Recorded, Refusal,
        Severity, decide,
    };
    use uuid::Uuid;

    fn ana() -> PersonRef {
        PersonRef {
            id: PersonId(Uuid::from_u128(7)),
            name: "Ana".to_owned(),
        }
    }

    fn declared() -> Incident {
        let mut incident = Incident::empty(IncidentId(Uuid::from_u128(1)));
        incident.apply(&Recorded {
            seq: 1,
            incident: incident.id,
            version: 1,
            at: Time::UNIX_EPOCH,
            made_at: Time::UNIX_EPOCH,
            by: ana(),
            command: CommandId(Uuid::from_u128(2)),
            stamped_at: None,
            event: Event::Declared {
                title: "Checkout".to_owned(),
                severity: Severity::Sev2,
                customer_sees: "Orders fail.".to_owned(),
                impact_began_at: Time::UNIX_EPOCH,
                components: Vec::new(),
                audience: Audience::Public,
            },
        });
        incident
    }

    fn attached(name: &str, sha256: &str, bytes: u32, media_type: &str) -> Result<Proof, Refusal> {
        let proof = Proof::File {
            name: name.to_owned(),
            sha256: sha256.to_owned(),
            bytes,
            media_type: media_type.to_owned(),
        };
        let command = Command::AttachEvidence {
            proves: Proves::HarmStopped,
            proof,
            shows: "Errors are gone".to_owned(),
            watched_min: None,
        };
        let events = decide(
            &declared(),
            command,
            &ana(),
            &Policy::default(),
            Time::UNIX_EPOCH,
        )?;
        match events.into_iter().next() {
            Some(Event::EvidenceAttached { proof, .. }) => Ok(proof),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_file_is_named_by_its_hash_bounded_and_of_a_kind_that_is_taken() {
        let hash = "0123456789abcdef".repeat(4);
        for media_type in FILE_TYPES {
            for bytes in [1, FILE_MAX_BYTES] {
                let proof = attached(" graph.png ", &hash, bytes, media_type).unwrap();
                assert!(
                    matches!(&proof, Proof::File { name, sha256, .. } if name == "graph.png" && *sha256 == hash)
                );
                assert_eq!(proof.label(), "file");
            }
        }
        for (name, sha256, bytes, media_type) in [
            ("", hash.as_str(), 1, "image/png"),
            ("a\nb.png", &hash, 1, "image/png"),
            ("a.png", "", 1, "image/png"),
            ("a.png", &hash[1..], 1, "image/png"),
            ("a.png", &hash.to_uppercase(), 1, "image/png"),
            ("a.png", &"/".repeat(64), 1, "image/png"),
            ("a.png", &hash, 0, "image/png"),
            ("a.png", &hash, FILE_MAX_BYTES + 1, "image/png"),
            ("a.png", &hash, 1, "text/html"),
            ("a.png", &hash, 1, "image/svg+xml"),
            ("a.png", &hash, 1, ""),
        ] {
            let refused = attached(name, sha256, bytes, media_type);
            assert!(
                matches!(&refused, Err(Refusal::Invalid { field, .. }) if field.starts_with("File")),
                "{name:?} {sha256} {bytes} {media_type}: {refused:?}"
            );
        }
    }

    #[test]
    fn a_file_reads_back_as_the_server_answers_it() {
        let json = r#"{"file":{"name":"a.png","sha256":"ab","bytes":3,"media_type":"image/png"}}"#;
        let proof: Proof = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&proof).unwrap(), json);
    }
}
