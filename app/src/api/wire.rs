//! What crosses the network in a form of its own: an event that many readers pull, and a command that may not be
//! readable.

#[cfg(feature = "ssr")]
use super::{Answer, Outcome, Pulled, Pushed};
#[cfg(feature = "ssr")]
use domain::Refusal;
use domain::{CommandId, Envelope, Recorded};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
#[cfg(feature = "ssr")]
use serde_json::value::RawValue;
use std::ops::Deref;
use std::sync::Arc;
#[cfg(feature = "ssr")]
use std::sync::OnceLock;

/// An event in an answer. The server writes it as JSON when the first reader pulls it, and hands the same bytes to
/// all others.
#[derive(Clone, Debug)]
pub struct PulledEvent {
    recorded: Arc<Recorded>,
    #[cfg(feature = "ssr")]
    json: Option<Arc<SharedJson>>,
}

/// The JSON of an event that many pull.
#[cfg(feature = "ssr")]
#[derive(Debug)]
struct SharedJson {
    bytes: usize,
    text: OnceLock<Option<Arc<str>>>,
}

/// About what stands around an event, without the name of its author.
#[cfg(feature = "ssr")]
const HEADER_BYTES: usize = 320;

impl PulledEvent {
    /// For many readers; `bytes` is what the event itself takes as JSON.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn for_many(recorded: Recorded, bytes: usize) -> Self {
        let json = SharedJson {
            bytes: bytes + HEADER_BYTES + recorded.by.name.len(),
            text: OnceLock::new(),
        };
        Self {
            recorded: Arc::new(recorded),
            json: Some(Arc::new(json)),
        }
    }

    /// About the bytes that it takes in an answer; 0 where it is for one reader.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.json.as_ref().map_or(0, |json| json.bytes)
    }

    /// The JSON that it goes out as, written once for all readers; none where it is for one.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn json(&self) -> Option<&Arc<str>> {
        let json = self.json.as_ref()?;
        let text = json.text.get_or_init(|| {
            let text = serde_json::to_string(&*self.recorded).ok()?;
            Some(Arc::from(text))
        });
        text.as_ref()
    }

    /// These as JSON, one after another with commas between.
    ///
    /// # Errors
    /// When one cannot be written.
    #[cfg(feature = "ssr")]
    pub fn list(events: &[Self]) -> Result<String, serde_json::Error> {
        let mut list = String::with_capacity(events.iter().map(|e| e.bytes() + 1).sum());
        for event in events {
            if !list.is_empty() {
                list.push(',');
            }
            match event.json() {
                Some(json) => list.push_str(json),
                None => list.push_str(&serde_json::to_string(event)?),
            }
        }
        Ok(list)
    }

    /// The event itself, shared.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn shared(&self) -> Arc<Recorded> {
        Arc::clone(&self.recorded)
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
        let json = Box::<RawValue>::deserialize(deserializer)?;
        // What is not known is refused and not dropped: half of what was meant would be lost, and its author told
        // that all is well.
        let mut is_known = true;
        let mut reader = serde_json::Deserializer::from_str(json.get());
        match serde_ignored::deserialize(&mut reader, |_| is_known = false) {
            Ok(envelope) if is_known => Ok(Self::Readable(envelope)),
            _ => serde_json::from_str(json.get())
                .map(|Identified { id }| Self::Unreadable(id))
                .map_err(D::Error::custom),
        }
    }
}

/// What is read of a command that cannot be read.
#[cfg(feature = "ssr")]
#[derive(Deserialize)]
struct Identified {
    id: CommandId,
}

#[cfg(feature = "ssr")]
impl Pulled {
    /// As JSON but for its events: what comes before the first of them, and after the last.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn json_around(&self) -> Result<(String, String), serde_json::Error> {
        let mut rest = serde_json::to_string(&Self {
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
        let after = rest.split_off(BEFORE_EVENTS.len());
        debug_assert_eq!(rest, BEFORE_EVENTS);
        Ok((rest, after))
    }
}

#[cfg(feature = "ssr")]
impl Pushed {
    /// As [`Pulled::json_around`].
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn json_around(&self) -> Result<(String, String), serde_json::Error> {
        let answers = serde_json::to_string(&self.answers)?;
        let (before, after) = self.pulled.json_around()?;
        let before = format!("{{\"answers\":{answers},\"pulled\":{before}");
        Ok((before, after + "}"))
    }
}

/// How an answer begins.
#[cfg(feature = "ssr")]
const BEFORE_EVENTS: &str = "{\"events\":[";

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
