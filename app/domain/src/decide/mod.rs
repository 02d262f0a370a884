//! Commands into events, or a refusal. Pure: the same answer in the browser and on the server.

mod account;
mod call;
mod credit;
mod customer;
mod draft;
mod fix;
mod overtaken;
mod report;
mod roles;
mod room;
mod settings;
mod status;
mod told;
mod written;

pub use customer::{READERS_MAX, assign_line_id};
pub use overtaken::overtaken;
pub use report::undecided;

use crate::shown::Shown as _;
use crate::text::line;
use crate::worth::Pays;
use crate::{Actor, Command, Event, Incident, IncidentId, Policy, Refusal, Status, Time};

/// What `command` does to `incident` when `actor` asks for it at `now` (server time), by this
/// policy.
///
/// # Errors
/// A [`Refusal`] that says why not and what to do. Nothing has happened then.
pub fn decide(
    incident: &Incident,
    command: Command,
    actor: &Actor,
    policy: &Policy,
    now: Time,
) -> Result<Vec<Event>, Refusal> {
    decide_knowing(incident, command, actor, policy, None, now)
}

/// As [`decide`], by who knows the accounts: `account` is what that of the customer pays whose credit this is
/// about, or that a line is joined to. A browser does not know it; the server does, and its answer is the one that
/// counts.
///
/// # Errors
/// As [`decide`].
pub fn decide_knowing(
    incident: &Incident,
    mut command: Command,
    actor: &Actor,
    policy: &Policy,
    account: Option<&Pays>,
    now: Time,
) -> Result<Vec<Event>, Refusal> {
    if let Some(seq) = incident.unreadable {
        return Err(Refusal::out_of_order(format!(
            "Event {seq} is damaged in the database, and nothing can be added after it. Keep your words elsewhere, \
             or declare the incident anew; whoever runs the server finds what to do in its log"
        )));
    }
    if incident.id == IncidentId::SETTINGS {
        return settings::decide(command, policy).map(|event| vec![event]);
    }
    if let Command::Report { .. }
    | Command::DismissReport { .. }
    | Command::JoinReport { .. }
    | Command::Declare { .. } = &command
    {
        return report::decide(incident, command, policy, now);
    }
    must_be_declared(incident)?;
    room::has_room(incident, &command)?;
    if let Some(person) = command.person_mut() {
        // Their name is kept with it, so it is bounded as other words are.
        line("Name", &person.name)?;
    }
    for customer in command.customers_mut() {
        line("Customer", &customer.name)?;
    }
    let event = match command {
        Command::TakeReport { .. }
        | Command::ChangeSeverity { .. }
        | Command::LinkChannel { .. } => report::decide_declared(incident, command, now),
        Command::OfferRole { .. }
        | Command::AcceptRole { .. }
        | Command::DeclineRole { .. }
        | Command::HandOverRole { .. }
        | Command::VacateRole { .. }
        | Command::WithdrawOffer { .. }
        | Command::AddShadow { .. }
        | Command::RemoveShadow { .. }
        | Command::StayOn { .. } => roles::decide(incident, command, actor),
        Command::LogEntry { .. }
        | Command::RecordResult { .. }
        | Command::AmendEntry { .. }
        | Command::DecideMitigation { .. } => written::decide(incident, command, now),
        Command::OpenHypothesis { .. }
        | Command::LogAttempt { .. }
        | Command::ConcludeHypothesis { .. }
        | Command::AskParty { .. }
        | Command::AcknowledgeAsk { .. }
        | Command::AnswerAsk { .. }
        | Command::TellInside { .. } => fix::decide(incident, command, policy),
        Command::OpenDraft { .. }
        | Command::ReadyDraft { .. }
        | Command::ApproveDraft { .. }
        | Command::ReturnDraft { .. }
        | Command::DropDraft { .. } => draft::decide(incident, command, actor, policy, now),
        Command::PublishUpdate { .. } | Command::PublishBrief { .. } => {
            told::decide(incident, command, actor, policy, now)
        }
        Command::AttachEvidence { .. }
        | Command::StateImpactEnd { .. }
        | Command::StateCause { .. }
        | Command::MoveStatus { .. }
        | Command::MoveBack { .. } => status::decide(incident, command, policy, now),
        Command::ScheduleCall { .. }
        | Command::EndCall { .. }
        | Command::AddPlanStep { .. }
        | Command::FinishPlanStep { .. } => call::decide(incident, command, policy, now),
        Command::DecideCredit { .. }
        | Command::ProposeCredit { .. }
        | Command::JudgeCredit { .. } => {
            credit::decide(incident, command, actor, policy, account, now)
        }
        Command::NoteCustomer { .. }
        | Command::AddCustomer { .. }
        | Command::ChangeCustomer { .. }
        | Command::IdentifyCustomers { .. }
        | Command::MoveDeal { .. } => {
            return customer::decide(incident, command, actor, policy, account, now);
        }
        Command::ChangeCadence { .. }
        | Command::BookPostMortem { .. }
        | Command::HoldPostMortem { .. }
        | Command::AgreeAction { .. }
        | Command::FinishAction { .. }
        | Command::PlanFollowUp { .. } => account::decide(incident, command, policy, now),
        Command::Report { .. }
        | Command::DismissReport { .. }
        | Command::JoinReport { .. }
        | Command::Declare { .. }
        | Command::ChangePolicy { .. } => Err(Refusal::NoSuchIncident),
    }?;
    Ok(vec![event])
}

fn must_be_declared(incident: &Incident) -> Result<(), Refusal> {
    if incident.joined.is_some() {
        return Err(Refusal::out_of_order(
            "This report joined another incident. Go on there.",
        ));
    }
    match (&incident.declared, &incident.dismissed, &incident.report) {
        (Some(_), _, _) => Ok(()),
        (None, Some(_), _) => Err(Refusal::out_of_order(
            "This report was dismissed. Declare an incident first.",
        )),
        (None, None, Some(_)) => Err(Refusal::out_of_order(
            "This is still a report. Declare it as an incident first.",
        )),
        (None, None, None) => Err(Refusal::NoSuchIncident),
    }
}

fn must_be_open(incident: &Incident) -> Result<(), Refusal> {
    if incident.status == Status::Closed {
        return Err(Refusal::out_of_order(
            "This incident is closed. Reopen it first, or log an entry.",
        ));
    }
    Ok(())
}

/// How far an author's estimate of server time may run ahead before a claim counts as the
/// future.
const AHEAD_MAX_SECONDS: i64 = 60;
/// How far back a claim may reach.
const BACK_MAX_DAYS: i64 = 366;

/// A claimed time of something that has happened: not in the future, not absurdly long ago.
/// One that is ahead by no more than a bad estimate counts as now.
fn past(field: &'static str, at: Time, now: Time) -> Result<Time, Refusal> {
    if at > now + chrono::Duration::seconds(AHEAD_MAX_SECONDS) {
        let problem = format!("is in the future; it is {} UTC now", now.shown("%H:%M"));
        return Err(Refusal::invalid(field, problem));
    }
    if at < now - chrono::Duration::days(BACK_MAX_DAYS) {
        return Err(Refusal::invalid(field, "is more than a year ago"));
    }
    Ok(at.min(now))
}
