//! What happened. Past tense, never changed, read forever (L1, L2).
//!
//! A kind carries its version (`update_published.1`). A changed shape is a new variant with
//! the next version; the old one stays and is folded as it always was. A kind that this
//! build does not know survives a round trip untouched as [`Event::Unknown`].

mod parts;

use crate::brief::BriefText;
use crate::call::{CallEnd, CallKind, Side};
use crate::command::{Cause, Details, Lever};
use crate::customer::{Bearer, Credit, Customer, CustomerRef, Judgement};
use crate::draft::{DraftText, Of};
use crate::evidence::{Proof, Proves};
use crate::fix::{Party, Verdict};
use crate::json::Reader;
use crate::timeline::{EntryKind, Outcomed};
use crate::triage::Proposal;
use crate::update::{Audience, UpdateText};
use crate::wording::Excuse;
use crate::{
    CommandId, EntryId, IncidentId, IncidentNumber, PersonRef, Policy, PublicId, Role, Severity,
    Status, Time,
};
use chrono::NaiveDate;
use parts::{Holds, Name, Named};
use serde::de::Error as _;
use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// One event on the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Place in the one log of all incidents, from 1; 0 while only its author has it.
    pub seq: u64,
    /// Which incident.
    pub incident: IncidentId,
    /// Place in that incident's log, from 1.
    pub version: u64,
    /// When the server wrote it down.
    pub at: Time,
    /// When its author says they pressed the button; never after `at`.
    pub made_at: Time,
    /// Who.
    pub by: PersonRef,
    /// The command it comes from.
    pub command: CommandId,
    /// What the server's clock said, where it was ahead; `at` is then when somebody set it right, the
    /// latest that it can have been.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stamped_at: Option<Time>,
    /// What happened.
    pub event: Event,
}

/// Everything that can have happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[expect(
    missing_docs,
    reason = "each is the past of the command of its name, whose fields say what they hold"
)]
pub enum Event {
    #[serde(rename = "reported.1")]
    Reported { what: String, source: String },
    #[serde(rename = "report_dismissed.1")]
    ReportDismissed { reason: String },
    #[serde(rename = "declared.1")]
    Declared {
        title: String,
        severity: Severity,
        customer_sees: String,
        impact_began_at: Time,
        components: Vec<String>,
        audience: Audience,
    },
    /// The server's part of a declaration: numbers are given in the order of the log.
    #[serde(rename = "numbered.1")]
    Numbered {
        number: IncidentNumber,
        public_id: PublicId,
    },
    #[serde(rename = "role_offered.1")]
    RoleOffered {
        role: Role,
        person: PersonRef,
        two_hats: Option<String>,
    },
    #[serde(rename = "role_accepted.1")]
    RoleAccepted { role: Role },
    #[serde(rename = "role_declined.1")]
    RoleDeclined { role: Role, reason: Option<String> },
    #[serde(rename = "role_handed_over.1")]
    RoleHandedOver {
        role: Role,
        to: PersonRef,
        note: String,
        two_hats: Option<String>,
    },
    #[serde(rename = "entry_logged.1")]
    EntryLogged {
        kind: EntryKind,
        text: String,
        result: Option<Outcomed>,
        links: Vec<String>,
        happened_at: Option<Time>,
    },
    #[serde(rename = "result_recorded.1")]
    ResultRecorded { entry: EntryId, result: Outcomed },
    #[serde(rename = "entry_amended.1")]
    EntryAmended {
        entry: EntryId,
        text: String,
        reason: String,
    },
    #[serde(rename = "mitigation_decided.1")]
    MitigationDecided {
        lever: Lever,
        what: String,
        risk_of_doing: String,
        risk_of_not_doing: String,
        undo: String,
    },
    #[serde(rename = "update_published.1")]
    UpdatePublished { text: UpdateText, cadence_min: u32 },
    #[serde(rename = "brief_published.1")]
    BriefPublished { text: BriefText },
    #[serde(rename = "evidence_attached.1")]
    EvidenceAttached {
        proves: Proves,
        proof: Proof,
        shows: String,
        watched_min: Option<u32>,
    },
    #[serde(rename = "impact_ended.1")]
    ImpactEnded { at: Time },
    #[serde(rename = "cause_stated.1")]
    CauseStated { cause: Cause },
    #[serde(rename = "status_moved.1")]
    StatusMoved { to: Status },
    #[serde(rename = "status_moved_back.1")]
    StatusMovedBack { to: Status, reason: String },
    #[serde(rename = "cadence_changed.1")]
    CadenceChanged { every_min: u32, reason: String },
    #[serde(rename = "customer_noted.1")]
    CustomerNoted { customer: Customer },
    #[serde(rename = "credit_decided.1")]
    CreditDecided { customer: String, credit: Credit },
    #[serde(rename = "post_mortem_booked.1")]
    PostMortemBooked { at: Time, facilitator: PersonRef },
    #[serde(rename = "action_agreed.1")]
    ActionAgreed {
        what: String,
        owner: PersonRef,
        due_on: NaiveDate,
        acceptance: String,
    },
    #[serde(rename = "follow_up_planned.1")]
    FollowUpPlanned { plan: String },
    #[serde(rename = "report_joined.1")]
    ReportJoined {
        into: IncidentId,
        number: Option<IncidentNumber>,
    },
    #[serde(rename = "report_taken.1")]
    ReportTaken {
        report: IncidentId,
        what: String,
        source: String,
        received_at: Time,
    },
    #[serde(rename = "declared.2")]
    DeclaredBy {
        title: String,
        severity: Severity,
        customer_sees: String,
        impact_began_at: Time,
        components: Vec<String>,
        audience: Audience,
        details: Details,
        proposal: Option<Proposal>,
        policy_version: u32,
    },
    #[serde(rename = "severity_changed.1")]
    SeverityChanged { to: Severity, reason: String },
    #[serde(rename = "channel_linked.1")]
    ChannelLinked { url: String },
    #[serde(rename = "role_vacated.1")]
    RoleVacated { role: Role, reason: String },
    #[serde(rename = "offer_withdrawn.1")]
    OfferWithdrawn { role: Role, reason: String },
    #[serde(rename = "shadow_added.1")]
    ShadowAdded { role: Role, person: PersonRef },
    #[serde(rename = "shadow_removed.1")]
    ShadowRemoved { role: Role, person: PersonRef },
    #[serde(rename = "commander_stayed.1")]
    CommanderStayed { reason: String },
    #[serde(rename = "hypothesis_opened.1")]
    HypothesisOpened {
        statement: String,
        owner: PersonRef,
        timebox_min: u32,
    },
    #[serde(rename = "attempt_logged.1")]
    AttemptLogged {
        hypothesis: EntryId,
        text: String,
        result: Option<Outcomed>,
    },
    #[serde(rename = "hypothesis_concluded.1")]
    HypothesisConcluded {
        hypothesis: EntryId,
        verdict: Verdict,
        because: String,
    },
    #[serde(rename = "party_asked.1")]
    PartyAsked {
        party: Party,
        whom: String,
        what: String,
        due_min: u32,
    },
    #[serde(rename = "ask_acknowledged.1")]
    AskAcknowledged { ask: EntryId },
    #[serde(rename = "ask_answered.1")]
    AskAnswered { ask: EntryId, answer: String },
    #[serde(rename = "told_inside.1")]
    ToldInside { to: String, text: String },
    #[serde(rename = "draft_opened.1")]
    DraftOpened { of: Of },
    #[serde(rename = "draft_ready.1")]
    DraftReady { text: DraftText },
    #[serde(rename = "draft_approved.1")]
    DraftApproved { draft: EntryId },
    #[serde(rename = "draft_returned.1")]
    DraftReturned { draft: EntryId, reason: String },
    #[serde(rename = "draft_dropped.1")]
    DraftDropped { of: Of },
    #[serde(rename = "update_published.2")]
    UpdateSent {
        text: UpdateText,
        cadence_min: u32,
        approved_by: Option<PersonRef>,
        excuses: Vec<Excuse>,
    },
    #[serde(rename = "brief_published.2")]
    BriefSent {
        text: BriefText,
        approved_by: Option<PersonRef>,
    },
    #[serde(rename = "call_scheduled.1")]
    CallScheduled {
        customer: String,
        kind: CallKind,
        with: String,
        at: Time,
        daily: bool,
    },
    #[serde(rename = "call_ended.1")]
    CallEnded {
        call: EntryId,
        end: CallEnd,
        /// When the next one of a daily call is.
        next_at: Option<Time>,
    },
    #[serde(rename = "plan_step_added.1")]
    PlanStepAdded {
        customer: String,
        what: String,
        side: Side,
        due_on: NaiveDate,
    },
    #[serde(rename = "plan_step_done.1")]
    PlanStepDone { step: EntryId, note: String },
    #[serde(rename = "post_mortem_held.1")]
    PostMortemHeld { at: Time },
    #[serde(rename = "action_done.1")]
    ActionDone { action: EntryId, proof: String },
    #[serde(rename = "credit_proposed.1")]
    CreditProposed {
        customer: String,
        credit: Credit,
        working: Option<String>,
        /// The row of the approval matrix that covers it.
        approver: String,
    },
    #[serde(rename = "credit_judged.1")]
    CreditJudged {
        proposal: EntryId,
        judgement: Judgement,
    },
    /// As [`Event::CustomerNoted`], with the account, the currency, the impact window, the reason for
    /// the churn risk and the deal stage.
    #[serde(rename = "customer_noted.2")]
    CustomerKnown { customer: Customer },
    #[serde(rename = "deal_moved.1")]
    DealMoved { customer: String, stage: String },
    #[serde(rename = "policy_changed.1")]
    PolicyChanged { policy: Box<Policy>, reason: String },
    /// An administrator looked at the server's clock and said that it is right. What was written before
    /// under a later time was stamped by a clock that was ahead ([`crate::corrections`]).
    #[serde(rename = "clock_confirmed.1")]
    ClockConfirmed {
        /// The last time on the record, where it lay ahead.
        log_at: Option<Time>,
    },
    /// The same with the id of the customer, here and below.
    #[serde(rename = "call_scheduled.2")]
    CallScheduledV2 {
        customer: CustomerRef,
        kind: CallKind,
        with: String,
        at: Time,
        daily: bool,
    },
    #[serde(rename = "plan_step_added.2")]
    PlanStepAddedV2 {
        customer: CustomerRef,
        what: String,
        side: Side,
        due_on: NaiveDate,
    },
    #[serde(rename = "credit_decided.2")]
    CreditDecidedV2 {
        customer: CustomerRef,
        credit: Credit,
    },
    #[serde(rename = "credit_proposed.2")]
    CreditProposedV2 {
        customer: CustomerRef,
        credit: Credit,
        working: Option<String>,
        approver: String,
    },
    #[serde(rename = "deal_moved.2")]
    DealMovedV2 {
        customer: CustomerRef,
        stage: String,
    },
    #[serde(rename = "customer_noted.3")]
    CustomerNotedV3 { customer: Customer },
    /// Which accounts bore the names in the events before this one.
    #[serde(rename = "customers_identified.1")]
    CustomersIdentified { bearers: Vec<Bearer> },
    /// A kind from a newer build, kept word for word.
    #[serde(skip)]
    Unknown(Value),
}

const KIND: &str = "kind";
const DATA: &str = "data";
/// No event of any build is of this kind.
const UNREADABLE: &str = "unreadable";

/// Written as `{"kind": "declared.1", "data": {…}}`.
///
/// By hand for two reasons: a kind that is not known must be kept whole, and what serde derives
/// for tagged enums reads every event twice, which alone made the browser's half a tenth larger.
impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Self::Unknown(value) = self {
            return value.serialize(serializer);
        }
        let mut whole = serializer.serialize_struct("Event", 2)?;
        whole.serialize_field(KIND, self.kind())?;
        whole.serialize_field(DATA, &Data(self))?;
        whole.end()
    }
}

/// What a known event holds, without its kind.
struct Data<'a>(&'a Event);

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Event::serialize(self.0, Holds(serializer))
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let Some(fields) = value.as_object() else {
            return Err(D::Error::custom("an event is an object with a kind"));
        };
        let known = match (fields.get(KIND), fields.get(DATA), fields.len()) {
            (Some(Value::String(kind)), Some(data), 2) => {
                let mut named = Map::new();
                named.insert(kind.clone(), data.clone());
                Self::deserialize(Reader::of(&mut Value::Object(named))).ok()
            }
            _ => None,
        };
        Ok(known.unwrap_or(Self::Unknown(value)))
    }
}

impl Event {
    /// Whether it makes an incident of what it belongs to, which is numbered then.
    #[must_use]
    pub fn is_declaration(&self) -> bool {
        matches!(self, Self::Declared { .. } | Self::DeclaredBy { .. })
    }

    /// Stands for an event that is damaged where it is kept.
    #[must_use]
    pub fn unreadable() -> Self {
        let fields = [(KIND, UNREADABLE.into()), (DATA, Value::Null)];
        let fields = fields.map(|(name, value)| (name.to_owned(), value));
        Self::Unknown(Value::Object(fields.into_iter().collect()))
    }

    /// Whether it stands for an event that is damaged where it is kept.
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        matches!(self, Self::Unknown(_)) && self.kind() == UNREADABLE
    }

    /// Whether this build has such a kind: what cannot be read of it is no event of a newer build.
    #[must_use]
    pub fn is_known_kind(kind: &str) -> bool {
        let mut named = Map::new();
        named.insert(kind.to_owned(), Value::Null);
        let read = Self::deserialize(Reader::of(&mut Value::Object(named)));
        !read.is_err_and(super::json::Unreadable::is_unknown_variant)
    }

    /// The version of the policy that the incident goes by from this declaration on.
    #[must_use]
    pub fn policy_version(&self) -> Option<u32> {
        match self {
            Self::Declared { .. } => Some(1),
            Self::DeclaredBy { policy_version, .. } => Some(*policy_version),
            _ => None,
        }
    }

    /// The kind with its version, as stored: `update_published.1`.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::Unknown(value) => value.get(KIND).and_then(Value::as_str),
            // It stands once, in the attributes above.
            known => Self::serialize(known, Named).err().map(|Name(kind)| kind),
        }
        .unwrap_or("unknown")
    }
}
