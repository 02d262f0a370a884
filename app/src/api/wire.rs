//! What crosses the network in a form of its own: an event that many readers pull, and a command that may not be
//! readable.

#[cfg(feature = "ssr")]
use super::{Answer, Outcome, Pulled, Pushed};
#[cfg(feature = "ssr")]
use domain::Refusal;
use domain::{CommandId, Envelope, Recorded};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::ops::Deref;
use std::sync::Arc;

/// An event in an answer. The server writes it as JSON once and hands these bytes to all who pull it.
#[derive(Clone, Debug)]
pub struct PulledEvent {
    recorded: Arc<Recorded>,
    #[cfg(feature = "ssr")]
    json: Option<Arc<str>>,
}

impl PulledEvent {
    /// With the JSON that it goes out as; `body` is that of its event, where it was written before.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn written(recorded: Recorded, body: Option<&str>) -> Self {
        // Times that were corrected are read and never written just now.
        let json = match body.filter(|_| recorded.stamped_at.is_none()) {
            Some(body) => Header::of(&recorded).with(body).ok(),
            None => serde_json::to_string(&recorded).ok(),
        };
        Self {
            recorded: Arc::new(recorded),
            json: json.map(Arc::from),
        }
    }

    /// Bytes that it takes in an answer; 0 while nobody has written it.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.json.as_ref().map_or(0, |json| json.len())
    }

    /// The event itself.
    #[must_use]
    pub fn into_recorded(self) -> Recorded {
        Arc::unwrap_or_clone(self.recorded)
    }
}

impl From<Recorded> for PulledEvent {
    fn from(recorded: Recorded) -> Self {
        Self {
            recorded: Arc::new(recorded),
            #[cfg(feature = "ssr")]
            json: None,
        }
    }
}

impl Deref for PulledEvent {
    type Target = Recorded;

    fn deref(&self) -> &Recorded {
        &self.recorded
    }
}

impl PartialEq for PulledEvent {
    fn eq(&self, other: &Self) -> bool {
        self.recorded == other.recorded
    }
}

impl Eq for PulledEvent {}

impl PartialEq<Recorded> for PulledEvent {
    fn eq(&self, other: &Recorded) -> bool {
        *self.recorded == *other
    }
}

impl Serialize for PulledEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.recorded.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PulledEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Recorded::deserialize(deserializer).map(Self::from)
    }
}

/// A command as it comes in. Each is read by itself, so that one that this build cannot read is answered by itself
/// (S9).
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are of the large kind, and live for one request"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostedCommand {
    /// It can be decided.
    Readable(Envelope),
    /// All that can be read of it is its id.
    Unreadable(CommandId),
}

impl From<Envelope> for PostedCommand {
    fn from(envelope: Envelope) -> Self {
        Self::Readable(envelope)
    }
}

impl Serialize for PostedCommand {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Readable(envelope) => envelope.serialize(serializer),
            Self::Unreadable(id) => id.serialize(serializer),
        }
    }
}

/// Browsers never read one.
#[cfg(not(feature = "ssr"))]
impl<'de> Deserialize<'de> for PostedCommand {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Envelope::deserialize(deserializer).map(Self::Readable)
    }
}

/// Fails when not even the id can be read: there is nothing to be answered then.
#[cfg(feature = "ssr")]
impl<'de> Deserialize<'de> for PostedCommand {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;
        let json = serde_json::Value::deserialize(deserializer)?;
        // What is not known is refused and not dropped: half of what was meant would be lost, and its author told
        // that all is well.
        let mut is_known = true;
        match serde_ignored::deserialize(&json, |_| is_known = false) {
            Ok(envelope) if is_known => Ok(Self::Readable(envelope)),
            _ => CommandId::deserialize(&json["id"])
                .map(Self::Unreadable)
                .map_err(D::Error::custom),
        }
    }
}

/// A recorded event but for the event itself, field by field in the same order.
#[cfg(feature = "ssr")]
#[derive(Serialize)]
struct Header<'a> {
    seq: u64,
    incident: domain::IncidentId,
    version: u64,
    at: domain::Time,
    made_at: domain::Time,
    by: &'a domain::PersonRef,
    command: CommandId,
}

#[cfg(feature = "ssr")]
impl<'a> Header<'a> {
    fn of(recorded: &'a Recorded) -> Self {
        Self {
            seq: recorded.seq,
            incident: recorded.incident,
            version: recorded.version,
            at: recorded.at,
            made_at: recorded.made_at,
            by: &recorded.by,
            command: recorded.command,
        }
    }

    fn with(&self, body: &str) -> Result<String, serde_json::Error> {
        let mut json = serde_json::to_string(self)?;
        json.pop();
        json.push_str(",\"event\":");
        json.push_str(body);
        json.push('}');
        Ok(json)
    }
}

#[cfg(feature = "ssr")]
impl Pulled {
    /// As JSON. What was written before ([`PulledEvent::written`]) is copied and not written again.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let mut events = String::with_capacity(self.events.iter().map(|e| e.bytes() + 1).sum());
        for event in &self.events {
            if !events.is_empty() {
                events.push(',');
            }
            match &event.json {
                Some(json) => events.push_str(json),
                None => events.push_str(&serde_json::to_string(event)?),
            }
        }
        let rest = serde_json::to_string(&Self {
            events: Vec::new(),
            head: self.head,
            hash: self.hash.clone(),
            lost: self.lost,
            build: self.build,
            more: self.more,
            now: self.now,
            people: self.people.clone(),
            clock_is_wrong: self.clock_is_wrong,
        })?;
        Ok(rest.replacen(NO_EVENTS, &format!("{{\"events\":[{events}]"), 1))
    }
}

#[cfg(feature = "ssr")]
impl Pushed {
    /// As JSON, like [`Pulled::to_json`].
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let answers = serde_json::to_string(&self.answers)?;
        let pulled = self.pulled.to_json()?;
        Ok(format!("{{\"answers\":{answers},\"pulled\":{pulled}}}"))
    }
}

/// How an answer without events begins.
#[cfg(feature = "ssr")]
const NO_EVENTS: &str = "{\"events\":[]";

/// The answer to a command that cannot be read. It is not kept: a newer server may read it.
#[cfg(feature = "ssr")]
pub(super) fn unreadable(command: CommandId) -> Answer {
    let refusal = Refusal::out_of_order(
        "The server cannot read this entry: the page that sent it is older or newer than the server. \
         Reload the page and enter it again, or take it back",
    );
    Answer {
        command,
        outcome: Outcome::Refused { refusal },
    }
}
