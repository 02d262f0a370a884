//! All commands, by name.

use domain::Command;

/// Every command once. A new one does not compile until it stands here, and does not pass until
/// both kinds of random tests know how to send it.
macro_rules! commands {
    ($($variant:ident)*) => {
        pub const COMMANDS: &[&str] = &[$(stringify!($variant)),*];

        pub fn name_of(command: &Command) -> &'static str {
            match command {
                $(Command::$variant { .. } => stringify!($variant),)*
            }
        }
    };
}

commands! {
    Report DismissReport JoinReport TakeReport Declare ChangeSeverity LinkChannel
    OfferRole AcceptRole DeclineRole HandOverRole VacateRole WithdrawOffer AddShadow RemoveShadow StayOn
    LogEntry RecordResult AmendEntry DecideMitigation
    OpenHypothesis LogAttempt ConcludeHypothesis AskParty AcknowledgeAsk AnswerAsk TellInside
    OpenDraft ReadyDraft ApproveDraft ReturnDraft DropDraft PublishUpdate PublishBrief
    AttachEvidence StateImpactEnd StateCause MoveStatus MoveBack
    ChangeCadence NoteCustomer AddCustomer ChangeCustomer IdentifyCustomers MoveDeal ScheduleCall EndCall AddPlanStep FinishPlanStep DecideCredit ProposeCredit JudgeCredit
    BookPostMortem AgreeAction HoldPostMortem FinishAction PlanFollowUp ChangePolicy
}
