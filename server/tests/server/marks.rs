//! Markers for every field of every command, with markup in them.

use domain::Command;

/// How many kinds of commands there are.
pub const KINDS: usize = 56;

/// Which kind it is. A new kind does not compile here until it has a number, and then the test
/// fails until it is sent with a marker in each of its fields.
pub fn kind(command: &Command) -> usize {
    match command {
        Command::Report { what: _, source: _ } => 0,
        Command::DismissReport { reason: _ } => 1,
        Command::Declare {
            title: _,
            severity: _,
            customer_sees: _,
            impact_began_at: _,
            components: _,
            audience: _,
            details: _,
        } => 2,
        Command::OfferRole {
            role: _,
            person: _,
            two_hats: _,
        } => 3,
        Command::AcceptRole { role: _ } => 4,
        Command::DeclineRole { role: _, reason: _ } => 5,
        Command::HandOverRole {
            role: _,
            to: _,
            note: _,
            two_hats: _,
        } => 6,
        Command::LogEntry {
            kind: _,
            text: _,
            result: _,
            links: _,
            happened_at: _,
        } => 7,
        Command::RecordResult {
            entry: _,
            result: _,
        } => 8,
        Command::AmendEntry {
            entry: _,
            text: _,
            reason: _,
        } => 9,
        Command::DecideMitigation {
            lever: _,
            what: _,
            risk_of_doing: _,
            risk_of_not_doing: _,
            undo: _,
        } => 10,
        Command::PublishUpdate {
            text: _,
            after: _,
            excuses: _,
        } => 11,
        Command::PublishBrief {
            text: _,
            after_version: _,
        } => 12,
        Command::AttachEvidence {
            proves: _,
            proof: _,
            shows: _,
            watched_min: _,
        } => 13,
        Command::StateImpactEnd { at: _ } => 14,
        Command::StateCause { cause: _ } => 15,
        Command::MoveStatus { to: _ } => 16,
        Command::MoveBack { to: _, reason: _ } => 17,
        Command::ChangeCadence {
            every_min: _,
            reason: _,
        } => 18,
        Command::NoteCustomer { customer: _ } => 19,
        Command::AddCustomer { customer: _ } => 54,
        // The server's own; nobody sends it.
        Command::ChangeCustomer { was: _, to: _ } | Command::IdentifyCustomers { bearers: _ } => 55,
        Command::DecideCredit {
            customer: _,
            credit: _,
        } => 20,
        Command::BookPostMortem {
            at: _,
            facilitator: _,
        } => 21,
        Command::AgreeAction {
            what: _,
            owner: _,
            due_on: _,
            acceptance: _,
        } => 22,
        Command::PlanFollowUp { plan: _ } => 23,
        Command::JoinReport { into: _, number: _ } => 24,
        Command::TakeReport {
            report: _,
            what: _,
            source: _,
            received_at: _,
        } => 25,
        Command::ChangeSeverity { to: _, reason: _ } => 26,
        Command::LinkChannel { url: _ } => 27,
        Command::VacateRole {
            role: _,
            reason: _,
            holder: _,
        } => 28,
        Command::AddShadow { role: _, person: _ } => 29,
        Command::RemoveShadow { role: _, person: _ } => 30,
        Command::StayOn { reason: _ } => 31,
        Command::OpenHypothesis {
            statement: _,
            owner: _,
            timebox_min: _,
        } => 32,
        Command::LogAttempt {
            hypothesis: _,
            text: _,
            result: _,
        } => 33,
        Command::ConcludeHypothesis {
            hypothesis: _,
            verdict: _,
            because: _,
        } => 34,
        Command::AskParty {
            party: _,
            whom: _,
            what: _,
        } => 35,
        Command::AcknowledgeAsk { ask: _ } => 36,
        Command::AnswerAsk { ask: _, answer: _ } => 37,
        Command::TellInside { to: _, text: _ } => 38,
        Command::OpenDraft {
            of: _,
            take_over: _,
        } => 39,
        Command::ReadyDraft { text: _ } => 40,
        Command::ApproveDraft { draft: _ } => 41,
        Command::ReturnDraft {
            draft: _,
            reason: _,
        } => 42,
        Command::DropDraft { of: _ } => 43,
        Command::ScheduleCall {
            customer: _,
            kind: _,
            with: _,
            at: _,
            daily: _,
        } => 44,
        Command::EndCall { call: _, end: _ } => 45,
        Command::AddPlanStep {
            customer: _,
            what: _,
            side: _,
            due_on: _,
        } => 46,
        Command::FinishPlanStep { step: _, note: _ } => 47,
        Command::HoldPostMortem { at: _ } => 48,
        Command::FinishAction {
            action: _,
            proof: _,
        } => 49,
        Command::ProposeCredit {
            customer: _,
            credit: _,
            monthly_fee: _,
            working: _,
        } => 51,
        Command::JudgeCredit {
            proposal: _,
            judgement: _,
        } => 52,
        Command::MoveDeal {
            customer: _,
            stage: _,
        } => 53,
        Command::ChangePolicy {
            policy: _,
            reason: _,
            after_version: _,
        } => 50,
        Command::WithdrawOffer {
            role: _,
            person: _,
            reason: _,
        } => 53,
    }
}

/// Hands out markers with markup in them.
#[derive(Default)]
pub struct Marks(u32);

impl Marks {
    pub fn text(&mut self) -> String {
        self.0 += 1;
        format!("<b>QMARKQ{:03}X</b>&\"'", self.0)
    }

    pub fn link(&mut self) -> String {
        self.0 += 1;
        format!("https://mark.example/QMARKQ{:03}X?<b>", self.0)
    }
}
