//! What people ask for. Imperatives, each decided into events ([`crate::decide()`]).

use crate::brief::BriefText;
use crate::call::{CallEnd, CallKind, Side};
use crate::customer::{Bearer, Credit, Customer, CustomerRef, Judgement, Money};
use crate::draft::{DraftText, Of};
use crate::evidence::{Proof, Proves};
use crate::fix::{Party, Verdict};
use crate::timeline::{EntryKind, Outcomed};
use crate::triage::Triage;
use crate::update::{Audience, UpdateText};
use crate::wording::Excuse;
use crate::{
    CommandId, EntryId, IncidentId, IncidentNumber, PersonId, PersonRef, Policy, Role, Severity,
    Status, Time, UpdateId,
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A command on its way: who wants what of which incident is told by the session, this
/// says the rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// Made once by the author; sent twice, it acts once (S1).
    pub id: CommandId,
    /// Which incident.
    pub incident: IncidentId,
    /// When its author pressed the button, by their estimate of server time.
    pub made_at: Time,
    /// What they want.
    pub command: Command,
}

/// Which lever to pull (RUNBOOK §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lever {
    /// Back to the version before.
    Rollback,
    /// Switch a flag.
    FeatureFlag,
    /// Let less through.
    RateLimit,
    /// Move to the standby.
    Failover,
    /// Repair and ship.
    Hotfix,
    /// Cut the bad part off.
    Isolate,
    /// Anything else.
    Other,
}

impl Lever {
    /// In the order offered.
    pub const ALL: [Self; 7] = [
        Self::Rollback,
        Self::FeatureFlag,
        Self::RateLimit,
        Self::Failover,
        Self::Hotfix,
        Self::Isolate,
        Self::Other,
    ];

    /// As shown.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Rollback => "Roll back",
            Self::FeatureFlag => "Feature flag",
            Self::RateLimit => "Rate limit",
            Self::Failover => "Fail over",
            Self::Hotfix => "Hotfix",
            Self::Isolate => "Isolate",
            Self::Other => "Other",
        }
    }
}

/// Whether the cause is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// It is.
    Known {
        /// What it was.
        text: String,
    },
    /// Not yet.
    UnderInvestigation {
        /// What is being looked at.
        text: String,
    },
}

/// What may be said when an incident is declared and need not be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    /// The answers to the five questions.
    pub triage: Triage,
    /// Why the severity differs from what the matrix proposes.
    pub other_severity: Option<String>,
    /// When we first noticed; the first report's time where it is left out.
    pub detected_at: Option<Time>,
    /// A first guess at the cause.
    pub hypothesis: Option<String>,
}

/// Everything a person can ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Say that something may be wrong. Starts the declare-or-dismiss clock.
    Report {
        /// What was seen.
        what: String,
        /// Where it comes from: "Alertmanager", "call from Halden Foods".
        source: String,
    },
    /// Close a report without an incident.
    DismissReport {
        /// Why.
        reason: String,
    },
    /// Close a report because an open incident tells of the same; that incident takes it with
    /// [`Command::TakeReport`].
    JoinReport {
        /// The open incident.
        into: IncidentId,
        /// Its number, for who reads this later.
        number: Option<IncidentNumber>,
    },
    /// Take a report into this incident.
    TakeReport {
        /// Where the report stands.
        report: IncidentId,
        /// What was seen.
        what: String,
        /// Where it came from.
        source: String,
        /// When it came.
        received_at: Time,
    },
    /// Make it an incident. Four things are asked, the rest comes later.
    Declare {
        /// Short and internal.
        title: String,
        /// How bad.
        severity: Severity,
        /// What the customer sees.
        customer_sees: String,
        /// When customers were first hurt.
        impact_began_at: Time,
        /// Components from the policy's list.
        components: Vec<String>,
        /// Who will be told by default.
        audience: Audience,
        /// What may be said already and need not be.
        #[serde(default)]
        details: Details,
    },
    /// It is worse, or less bad, than it was declared. Clocks re-aim from now on.
    ChangeSeverity {
        /// How bad it is.
        to: Severity,
        /// Why.
        reason: String,
    },
    /// Say where the incident's channel is.
    LinkChannel {
        /// An http or https address.
        url: String,
    },
    /// Ask somebody to take an empty seat.
    OfferRole {
        /// Which seat.
        role: Role,
        /// Whom.
        person: PersonRef,
        /// Why they may wear a second hat, if they will.
        two_hats: Option<String>,
    },
    /// Take a seat that was offered to you.
    AcceptRole {
        /// Which.
        role: Role,
    },
    /// Say no to a seat that was offered to you.
    DeclineRole {
        /// Which.
        role: Role,
        /// Why.
        reason: Option<String>,
    },
    /// Ask somebody to take over a seat that is held. The holder keeps it until they accept.
    HandOverRole {
        /// Which.
        role: Role,
        /// To whom.
        to: PersonRef,
        /// What the next one must know.
        note: String,
        /// Why they may wear a second hat, if they will.
        two_hats: Option<String>,
    },
    /// Leave a held seat empty: its holder is gone or out of reach.
    VacateRole {
        /// Which.
        role: Role,
        /// Why.
        reason: String,
        /// Whose seat its author saw; somebody else in it since refuses this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        holder: Option<PersonId>,
    },
    /// Take an offer back that was not answered: the person is gone, or the wrong one was asked.
    WithdrawOffer {
        /// Of which seat.
        role: Role,
        /// From whom; an offer to somebody else stays.
        person: PersonId,
        /// Why.
        reason: String,
    },
    /// Sit somebody beside a seat, to learn.
    AddShadow {
        /// Which seat.
        role: Role,
        /// Whom.
        person: PersonRef,
    },
    /// End that.
    RemoveShadow {
        /// Which seat.
        role: Role,
        /// Whom.
        person: PersonRef,
    },
    /// The commander stays past the time they should be relieved.
    StayOn {
        /// Why.
        reason: String,
    },
    /// Write a line of the timeline.
    LogEntry {
        /// What it tells of.
        kind: EntryKind,
        /// What happened.
        text: String,
        /// What came of it, if known already.
        result: Option<Outcomed>,
        /// Where to look.
        links: Vec<String>,
        /// When it happened, if not just now.
        happened_at: Option<Time>,
    },
    /// Say what came of an entry or a mitigation decision.
    RecordResult {
        /// Which line.
        entry: EntryId,
        /// What came of it.
        result: Outcomed,
    },
    /// Correct a line; the old text stays visible.
    AmendEntry {
        /// Which line.
        entry: EntryId,
        /// As it should read.
        text: String,
        /// Why.
        reason: String,
    },
    /// Choose a lever.
    DecideMitigation {
        /// Which.
        lever: Lever,
        /// What exactly.
        what: String,
        /// What may go wrong if we do.
        risk_of_doing: String,
        /// What goes on if we do not.
        risk_of_not_doing: String,
        /// How to take it back.
        undo: String,
    },
    /// Follow a guess at the cause for a limited time.
    OpenHypothesis {
        /// What may be so.
        statement: String,
        /// Who follows it.
        owner: PersonRef,
        /// For how long, minutes; the policy's time where it is left out.
        timebox_min: Option<u32>,
    },
    /// Write down what was tried.
    LogAttempt {
        /// For which hypothesis.
        hypothesis: EntryId,
        /// What was tried.
        text: String,
        /// What came of it, if known already.
        result: Option<Outcomed>,
    },
    /// End a hypothesis.
    ConcludeHypothesis {
        /// Which.
        hypothesis: EntryId,
        /// How it ended.
        verdict: Verdict,
        /// What shows it.
        because: String,
    },
    /// Ask a party outside of the roles to act.
    AskParty {
        /// Which.
        party: Party,
        /// Who there.
        whom: String,
        /// What is asked.
        what: String,
    },
    /// They have it.
    AcknowledgeAsk {
        /// What they were asked.
        ask: EntryId,
    },
    /// They answered.
    AnswerAsk {
        /// What they were asked.
        ask: EntryId,
        /// Their answer.
        answer: String,
    },
    /// Tell colleagues. Customers never see it.
    TellInside {
        /// Whom: "Support and Sales".
        to: String,
        /// What.
        text: String,
    },
    /// Say that you are writing. One draft of each kind is open at a time.
    OpenDraft {
        /// Of what.
        of: Of,
        /// Whose draft is taken over, if somebody else writes.
        take_over: bool,
    },
    /// Put a text up for the commander's approval.
    ReadyDraft {
        /// The text.
        text: DraftText,
    },
    /// The commander lets it be published.
    ApproveDraft {
        /// The command that put it up.
        draft: EntryId,
    },
    /// The commander wants it changed.
    ReturnDraft {
        /// The command that put it up.
        draft: EntryId,
        /// What must change.
        reason: String,
    },
    /// Give up a draft.
    DropDraft {
        /// Of what.
        of: Of,
    },
    /// Tell customers.
    PublishUpdate {
        /// What they read.
        text: UpdateText,
        /// The last update its author had seen; another one since then refuses this.
        after: Option<UpdateId>,
        /// Why stretches that break trust stay.
        #[serde(default)]
        excuses: Vec<Excuse>,
    },
    /// Give executives a new version of the brief.
    PublishBrief {
        /// What they read.
        text: BriefText,
        /// The last version its author had seen; 0 for none.
        after_version: u32,
    },
    /// Put proof on the record.
    AttachEvidence {
        /// What it proves.
        proves: Proves,
        /// The proof.
        proof: Proof,
        /// What it shows, in words.
        shows: String,
        /// How long the check ran, minutes; needed for [`Proves::Validated`].
        watched_min: Option<u32>,
    },
    /// State when customers were well again.
    StateImpactEnd {
        /// That time.
        at: Time,
    },
    /// State the cause, or that it is being looked for.
    StateCause {
        /// The cause.
        cause: Cause,
    },
    /// Take the next step, if its gate is open.
    MoveStatus {
        /// The step.
        to: Status,
    },
    /// It got worse: go back to an earlier status. Counted.
    MoveBack {
        /// Where to.
        to: Status,
        /// Why.
        reason: String,
    },
    /// Change how often customers are told, for this incident.
    ChangeCadence {
        /// The longest silence, minutes.
        every_min: u32,
        /// Why it differs from the policy.
        reason: String,
    },
    /// Put a customer on the incident with all that is known of them. What is known of one who is on
    /// it already is changed by [`Command::ChangeCustomer`]; older builds sent this for both.
    NoteCustomer {
        /// All that is known.
        customer: Customer,
    },
    /// Put a customer on the incident of whom no more than the name is known.
    AddCustomer {
        /// An account, or an entry whose id the author made.
        customer: CustomerRef,
    },
    /// Change what is known of a customer: where the two differ, and nowhere else. What somebody else
    /// changed meanwhile in other fields stays; where both changed the same field, it is refused.
    ChangeCustomer {
        /// As the author saw it.
        was: Box<Customer>,
        /// As it should be.
        to: Box<Customer>,
    },
    /// Say which accounts bore the names that older events have. Once for each incident, by the
    /// server and by nobody else.
    IdentifyCustomers {
        /// One for each name that the record does not resolve.
        bearers: Vec<Bearer>,
    },
    /// The deal with a customer moved on. The account itself is not part of the log: it is changed
    /// on its own page.
    MoveDeal {
        /// Which customer.
        customer: CustomerRef,
        /// Where it stands now: "Expansion signed".
        stage: String,
    },
    /// Plan a call with a customer.
    ScheduleCall {
        /// Which customer.
        customer: CustomerRef,
        /// Which call.
        kind: CallKind,
        /// With whom.
        with: String,
        /// When.
        at: Time,
        /// Every day, until it is called off or the incident is closed.
        daily: bool,
    },
    /// Say what became of a call. A daily one that was held is planned again for the next day.
    EndCall {
        /// Which.
        call: EntryId,
        /// What became of it.
        end: CallEnd,
    },
    /// Add a step to a customer's recovery plan.
    AddPlanStep {
        /// Which customer.
        customer: CustomerRef,
        /// What is done.
        what: String,
        /// By whom.
        side: Side,
        /// By when.
        due_on: NaiveDate,
    },
    /// A step of a recovery plan is done.
    FinishPlanStep {
        /// Which.
        step: EntryId,
        /// What was done.
        note: String,
    },
    /// Decide that a customer gets nothing for the trouble. Anything else is proposed.
    DecideCredit {
        /// Which customer.
        customer: CustomerRef,
        /// What they get.
        credit: Credit,
    },
    /// Propose what a customer gets; another person approves it.
    ProposeCredit {
        /// Which customer.
        customer: CustomerRef,
        /// What they would get.
        credit: Credit,
        /// What they pay a month, where it is known: no credit is above it.
        monthly_fee: Option<Money>,
        /// How it was worked out.
        working: Option<String>,
    },
    /// Approve, reject or change a proposal of somebody else.
    JudgeCredit {
        /// The proposal.
        proposal: EntryId,
        /// What is said to it.
        judgement: Judgement,
    },
    /// Book the post-mortem.
    BookPostMortem {
        /// When it is held.
        at: Time,
        /// Who leads it.
        facilitator: PersonRef,
    },
    /// Agree on something that keeps it from coming back.
    AgreeAction {
        /// What.
        what: String,
        /// Who does it.
        owner: PersonRef,
        /// By when.
        due_on: NaiveDate,
        /// How we will know that it is done.
        acceptance: String,
    },
    /// The post-mortem took place.
    HoldPostMortem {
        /// When.
        at: Time,
    },
    /// An action is done.
    FinishAction {
        /// Which.
        action: EntryId,
        /// What shows that its acceptance criteria are met.
        proof: String,
    },
    /// Say how and when customers hear of the follow-up.
    PlanFollowUp {
        /// The plan.
        plan: String,
    },
    /// Put a new version of the policy in force. Not about an incident: sent to
    /// [`IncidentId::SETTINGS`], by an administrator.
    ChangePolicy {
        /// All of it; its version is given when it is taken.
        policy: Box<Policy>,
        /// What changes and why.
        reason: String,
        /// The version its author had before them.
        after_version: u32,
    },
}

/// Fields whose text no person reads: the hash and the type of a file.
const MADE_BY_PROGRAMS: [&str; 2] = ["sha256", "media_type"];

impl Command {
    /// What its author typed or picked, in the order of its fields, to give it back to them when it is
    /// refused (S4). Found in what is serialised, so that the words of a new field cannot be forgotten.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        let texts = match self {
            // As its author saw it, it is nobody's new words.
            Self::ChangeCustomer { to, .. } => crate::json::texts(to),
            _ => crate::json::texts(self),
        };
        for (field, text) in texts {
            // Links are taken from the text of an entry, which has them already.
            let is_repeated = field == "links" && words.iter().any(|w| w.contains(&text));
            if !text.trim().is_empty() && !is_repeated && !MADE_BY_PROGRAMS.contains(&field) {
                words.push(text);
            }
        }
        words
    }

    /// The customers that it names. Their names are put right by the server, as those of people are.
    pub fn customers_mut(&mut self) -> Vec<&mut CustomerRef> {
        let audience = match self {
            Self::AddCustomer { customer }
            | Self::MoveDeal { customer, .. }
            | Self::ScheduleCall { customer, .. }
            | Self::AddPlanStep { customer, .. }
            | Self::DecideCredit { customer, .. }
            | Self::ProposeCredit { customer, .. } => return vec![customer],
            Self::Declare { audience, .. } => audience,
            Self::PublishUpdate { text, .. }
            | Self::ReadyDraft {
                text: DraftText::Update { text, .. },
            } => &mut text.audience,
            _ => return Vec::new(),
        };
        match audience {
            Audience::Public => Vec::new(),
            Audience::Named { customers } => customers.iter_mut().collect(),
        }
    }

    /// The line of a customer that it puts on the incident or changes.
    pub fn customer_mut(&mut self) -> Option<&mut Customer> {
        match self {
            Self::NoteCustomer { customer } => Some(customer),
            Self::ChangeCustomer { to, .. } => Some(to),
            _ => None,
        }
    }

    /// Who else it is about. Its author names them by id and name; the name that goes on the record
    /// is the server's to know, so it is put right here before the command is decided.
    pub fn person_mut(&mut self) -> Option<&mut PersonRef> {
        match self {
            Self::OfferRole { person, .. }
            | Self::AddShadow { person, .. }
            | Self::RemoveShadow { person, .. }
            | Self::HandOverRole { to: person, .. }
            | Self::OpenHypothesis { owner: person, .. }
            | Self::AgreeAction { owner: person, .. }
            | Self::BookPostMortem {
                facilitator: person,
                ..
            }
            | Self::AddPlanStep {
                side: Side::Ours { person },
                ..
            } => Some(person),
            _ => None,
        }
    }
}
