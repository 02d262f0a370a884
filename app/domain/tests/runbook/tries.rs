//! Random commands that mean something in the room they are sent to.

use crate::commands::COMMANDS;
use crate::follow::{follow, who};
use crate::room::{
    Room, ana, bo, brief, customer, decide_mitigation, declare, evidence, minutes, named, person,
    report, what_opens,
};
use chrono::Duration;
use domain::call::{CallEnd, CallKind, Side};
use domain::command::Cause;
use domain::customer::{Bearer, ChurnRisk, Credit, Customer, Judgement, Money};
use domain::draft::{DraftText, Of, Stage};
use domain::evidence::Proves;
use domain::fix::{Party, Verdict};
use domain::next_step::next_steps;
use domain::role::Seat;
use domain::timeline::{EntryKind, Outcome, Outcomed};
use domain::update::{Audience, UpdateKind};
use domain::wording::Excuse;
use domain::{
    AccountId, Command, CommandId, EntryId, IncidentId, PersonRef, Policy, Role, Severity, Status,
};
use proptest::prelude::*;
use proptest::sample::Index;
use uuid::Uuid;

/// One thing somebody tries, as numbers that shrink well. What it means depends on the room.
#[derive(Clone, Debug)]
pub struct Try {
    pub actor: usize,
    pub what: usize,
    pub pick: Index,
    pub other: Index,
    pub wait_s: i64,
}

/// As often as all single commands together: what leads on.
const LEADING: usize = 40;

pub fn tries(longest: usize) -> impl Strategy<Value = Vec<Try>> {
    let one = (
        0_usize..5,
        0..COMMANDS.len() + LEADING,
        any::<Index>(),
        any::<Index>(),
        // Mostly minutes; now and then nobody looks for days. Never at one time: clocks are counted
        // anew from the times of the log, and of two at once those do not tell which came first.
        prop_oneof![12 => 1_i64..5_400, 1 => 1_i64..600_000],
    )
        .prop_map(|(actor, what, pick, other, wait_s)| Try {
            actor,
            what,
            pick,
            other,
            wait_s,
        });
    proptest::collection::vec(one, 1..longest)
}

/// How many places a sequence may begin at.
pub const BEGINNINGS: usize = 9;

/// Where a sequence begins: nothing, a report (soon decided, so twice as often), any status with or
/// without a commander, or the settings.
pub fn begin(n: usize) -> Room {
    match n {
        0 => Room::empty(),
        7 => Room::settings(),
        1 | 8 => {
            let mut room = Room::empty();
            room.ok(&bo(), report());
            room
        }
        n => {
            let mut room = Room::at_status(Status::ALL[n - 2]);
            if n != 3 && room.incident.is_open() {
                room.seats(Role::Commander, &ana());
                let customer = customer("Northwind");
                room.ok(&ana(), Command::NoteCustomer { customer });
            }
            room
        }
    }
}

/// What this try comes to, and by whom it is sent.
pub fn tried(room: &Room, t: &Try) -> (PersonRef, Command) {
    if let Some(name) = COMMANDS.get(t.what) {
        return (person(t.actor), command(room, name, t));
    }
    // Half of the tries lead on: a gate is supplied, opened, the first next step is done, or what
    // is open here is answered one way or the other.
    let next = room.incident.status.next().unwrap_or(Status::Contained);
    let open = answers(room);
    match t.what % 4 {
        3 if !open.is_empty() => {
            let name = t.other.get(&open);
            (person(t.actor), command(room, name, t))
        }
        0 => (ana(), t.pick.get(&what_opens(next, room.now)).clone()),
        1 => (ana(), Command::MoveStatus { to: next }),
        _ => match next_steps(&room.incident, &room.policy, room.now).first() {
            Some(step) => follow(room, &step.target),
            None if t.other.index(2) == 0 => (ana(), report()),
            None => (ana(), declare(Severity::Sev1, room.now)),
        },
    }
}

/// The commands that something in this room waits for.
fn answers(room: &Room) -> Vec<&'static str> {
    let i = &room.incident;
    let seat = |is_so: fn(&Seat) -> bool| i.seats.values().map(AsRef::as_ref).any(is_so);
    let ready = |d: &domain::draft::Draft| matches!(d.stage, Stage::Ready { .. });
    let mut all: Vec<&'static str> = Vec::new();
    let mut add = |is_so: bool, names: &[&'static str]| {
        if is_so {
            all.extend(names);
        }
    };
    add(i.is_to_triage(), &["DismissReport", "JoinReport"]);
    add(seat(|s| s.offer.is_some()), &["AcceptRole", "DeclineRole"]);
    add(seat(|s| s.holder.is_some()), &["HandOverRole"]);
    add(seat(|s| !s.shadows.is_empty()), &["RemoveShadow"]);
    add(!i.drafts.is_empty(), &["DropDraft"]);
    // That it is approved is the first next step.
    add(i.drafts.values().any(ready), &["ReturnDraft"]);
    add(i.calls.iter().any(|c| c.end.is_none()), &["EndCall"]);
    add(
        i.proposals.iter().any(|p| p.judged.is_none()),
        &["JudgeCredit"],
    );
    add(
        i.hypotheses.iter().any(|h| h.conclusion.is_none()),
        &["LogAttempt", "ConcludeHypothesis"],
    );
    add(
        i.asks.iter().any(|a| a.answer.is_none()),
        &["AcknowledgeAsk", "AnswerAsk"],
    );
    add(i.plan.iter().any(|p| p.done.is_none()), &["FinishPlanStep"]);
    all
}

fn why() -> String {
    "It turned out so".to_owned()
}

/// One of these, mostly; a stranger now and then.
fn one_of(ids: impl Iterator<Item = EntryId>, t: &Try) -> EntryId {
    let ids: Vec<EntryId> = ids.collect();
    let stranger = CommandId(Uuid::from_u128(99_999));
    match ids.get(t.pick.index(ids.len() + 1)) {
        Some(id) => *id,
        None => ids
            .last()
            .copied()
            .filter(|_| t.other.index(4) > 0)
            .unwrap_or(stranger),
    }
}

/// A command of this name with content that may well be accepted here.
pub fn command(room: &Room, name: &str, t: &Try) -> Command {
    of_a_report(room, name, t)
        .or_else(|| of_seats(room, name, t))
        .or_else(|| of_the_fix(room, name, t))
        .or_else(|| of_words(room, name, t))
        .or_else(|| of_the_status(room, name, t))
        .or_else(|| of_accounts(room, name, t))
        .unwrap_or_else(|| panic!("add {name} to the commands that are tried"))
}

fn of_a_report(room: &Room, name: &str, t: &Try) -> Option<Command> {
    Some(match name {
        "Report" => report(),
        "DismissReport" => Command::DismissReport { reason: why() },
        "JoinReport" => Command::JoinReport {
            // Now and then itself.
            into: IncidentId(Uuid::from_u128(6_999 + u128::from(t.pick.index(4) == 0))),
            number: None,
        },
        "TakeReport" => Command::TakeReport {
            report: IncidentId(Uuid::from_u128(6_999)),
            what: "Reads are slow".to_owned(),
            source: "Halden Foods".to_owned(),
            received_at: room.now - minutes(3),
        },
        "Declare" => {
            let mut command = declare(*t.pick.get(&Severity::ALL), room.now - minutes(7));
            if let Command::Declare { audience, .. } = &mut command
                && t.other.index(3) == 0
            {
                let customers = vec![named("Northwind")];
                *audience = Audience::Named { customers };
            }
            command
        }
        "ChangeSeverity" => Command::ChangeSeverity {
            to: *t.pick.get(&Severity::ALL),
            reason: why(),
        },
        "LinkChannel" => Command::LinkChannel {
            url: "https://chat.example/42".to_owned(),
        },
        "ChangePolicy" => Command::ChangePolicy {
            policy: Box::new(Policy::default()),
            reason: why(),
            after_version: 1,
        },
        _ => return None,
    })
}

/// Mostly a seat of which this holds, where there is one; any other now and then.
fn seat_where(room: &Room, t: &Try, holds: impl Fn(&Seat) -> bool) -> Role {
    let fit: Vec<Role> = Role::ALL
        .into_iter()
        .filter(|role| holds(room.incident.seat(*role)))
        .collect();
    if fit.is_empty() || t.other.index(5) == 0 {
        *t.pick.get(&Role::ALL)
    } else {
        *t.pick.get(&fit)
    }
}

fn of_seats(room: &Room, name: &str, t: &Try) -> Option<Command> {
    let role = seat_where(room, t, |seat| match name {
        "AcceptRole" | "DeclineRole" => seat.offer.is_some(),
        "HandOverRole" | "VacateRole" => seat.holder.is_some(),
        "RemoveShadow" => !seat.shadows.is_empty(),
        _ => true,
    });
    let who = person(t.other.index(5));
    let two_hats = (t.pick.index(4) == 0).then(|| "Nobody else is awake".to_owned());
    Some(match name {
        "OfferRole" => Command::OfferRole {
            role,
            person: who,
            two_hats,
        },
        "AcceptRole" => Command::AcceptRole { role },
        "DeclineRole" => Command::DeclineRole { role, reason: None },
        "HandOverRole" => Command::HandOverRole {
            role,
            to: who,
            note: why(),
            two_hats,
        },
        "VacateRole" => Command::VacateRole {
            role,
            reason: why(),
            holder: (t.pick.index(4) == 0).then_some(who.id),
        },
        "WithdrawOffer" => Command::WithdrawOffer {
            role,
            person: room
                .incident
                .seat(role)
                .offer
                .as_ref()
                .map_or(who.id, |o| o.person.id),
            reason: why(),
        },
        "AddShadow" => Command::AddShadow { role, person: who },
        "RemoveShadow" => Command::RemoveShadow {
            role,
            person: room
                .incident
                .seat(role)
                .shadows
                .first()
                .cloned()
                .unwrap_or(who),
        },
        "StayOn" => Command::StayOn { reason: why() },
        _ => return None,
    })
}

fn of_the_fix(room: &Room, name: &str, t: &Try) -> Option<Command> {
    let i = &room.incident;
    let entry = one_of(i.timeline.iter().map(|e| e.id), t);
    let hypothesis = one_of(i.hypotheses.iter().map(|h| h.id), t);
    let ask = one_of(i.asks.iter().map(|a| a.id), t);
    let result = || Outcomed {
        text: "Errors fell".to_owned(),
        outcome: Outcome::Worked,
    };
    Some(match name {
        "LogEntry" => Command::LogEntry {
            kind: *t.pick.get(&EntryKind::BY_HAND),
            text: why(),
            result: None,
            links: Vec::new(),
            happened_at: Some(room.now - minutes(2)),
        },
        "RecordResult" => Command::RecordResult {
            entry,
            result: result(),
        },
        "AmendEntry" => Command::AmendEntry {
            entry,
            text: why(),
            reason: why(),
        },
        "DecideMitigation" => decide_mitigation(),
        "OpenHypothesis" => Command::OpenHypothesis {
            statement: why(),
            owner: person(t.other.index(5)),
            timebox_min: None,
        },
        "LogAttempt" => Command::LogAttempt {
            hypothesis,
            text: why(),
            result: Some(result()),
        },
        "ConcludeHypothesis" => Command::ConcludeHypothesis {
            hypothesis,
            verdict: *t.other.get(&Verdict::ALL),
            because: why(),
        },
        "AskParty" => Command::AskParty {
            party: *t.pick.get(&Party::ALL),
            whom: "On-call".to_owned(),
            what: why(),
        },
        "AcknowledgeAsk" => Command::AcknowledgeAsk { ask },
        "AnswerAsk" => Command::AnswerAsk { ask, answer: why() },
        "TellInside" => Command::TellInside {
            to: "Support".to_owned(),
            text: why(),
        },
        _ => return None,
    })
}

const KINDS: [UpdateKind; 4] = [
    UpdateKind::First,
    UpdateKind::Progress,
    UpdateKind::Resolution,
    UpdateKind::Learned,
];

/// The kind whose turn it is.
fn in_turn(room: &Room) -> UpdateKind {
    let i = &room.incident;
    match i.status {
        _ if i.updates.is_empty() => UpdateKind::First,
        _ if i.resolution_published() => UpdateKind::Learned,
        Status::Resolved | Status::Closed => UpdateKind::Resolution,
        _ => UpdateKind::Progress,
    }
}

/// Around the edges of what may be promised, sometimes with a word that breaks trust.
fn an_update(room: &Room, t: &Try) -> Command {
    let kind = match t.pick.index(3) {
        0 => *t.other.get(&KINDS),
        _ => in_turn(room),
    };
    let mut command = room.update(kind);
    if let Command::PublishUpdate {
        text,
        after,
        excuses,
    } = &mut command
    {
        let cadence = i64::from(room.incident.cadence_min(&room.policy));
        let shift = *t.other.get(&[-cadence, 0, 0, 0, 1]);
        text.next_at = text.next_at.map(|at| at + minutes(shift));
        // Now and then to one customer, whoever else waits.
        if let Some(one) = room.incident.customers.first()
            && t.pick.index(4) == 0
        {
            text.audience = Audience::only(one.to_ref());
        }
        match t.other.index(8) {
            0 => *after = None,
            1 => text.action = "We are back shortly.".to_owned(),
            2 => text.action = "Hopefully that was it.".to_owned(),
            3 => {
                text.action = "Hopefully that was it.".to_owned();
                excuses.push(Excuse {
                    words: "hopefully".to_owned(),
                    reason: why(),
                });
            }
            4 => text.impact = "Everything is back to normal.".to_owned(),
            5 => text.corrects = room.incident.updates.first().map(|u| u.id),
            _ => {}
        }
    }
    command
}

fn of_words(room: &Room, name: &str, t: &Try) -> Option<Command> {
    let i = &room.incident;
    let of = *t.pick.get(&[Of::Update, Of::Brief]);
    let waiting = i.drafts.values().filter_map(|d| match &d.stage {
        Stage::Ready { id, .. } | Stage::Approved { id, .. } => Some(*id),
        _ => None,
    });
    let draft = one_of(waiting, t);
    let last = i.briefs.last().map_or(0, |b| b.version);
    Some(match name {
        "OpenDraft" => Command::OpenDraft {
            of,
            take_over: t.other.index(2) == 0,
        },
        "ReadyDraft" => Command::ReadyDraft {
            text: match (of, an_update(room, t)) {
                (Of::Update, Command::PublishUpdate { text, excuses, .. }) => {
                    DraftText::Update { text, excuses }
                }
                _ => DraftText::Brief { text: brief() },
            },
        },
        "ApproveDraft" => Command::ApproveDraft { draft },
        "ReturnDraft" => Command::ReturnDraft {
            draft,
            reason: why(),
        },
        "DropDraft" => Command::DropDraft {
            of: i.drafts.keys().copied().next().unwrap_or(of),
        },
        "PublishUpdate" => an_update(room, t),
        "PublishBrief" => Command::PublishBrief {
            text: brief(),
            after_version: if t.other.index(3) == 0 { 0 } else { last },
        },
        _ => return None,
    })
}

fn of_the_status(room: &Room, name: &str, t: &Try) -> Option<Command> {
    Some(match name {
        "AttachEvidence" => evidence(*t.pick.get(&Proves::ALL)),
        "StateImpactEnd" => Command::StateImpactEnd { at: room.now },
        "StateCause" => Command::StateCause {
            cause: Cause::UnderInvestigation { text: why() },
        },
        "MoveStatus" => Command::MoveStatus {
            to: *t.pick.get(&Status::ALL),
        },
        "MoveBack" => Command::MoveBack {
            to: *t.pick.get(&Status::ALL),
            reason: why(),
        },
        _ => return None,
    })
}

fn days_of_service() -> Credit {
    Credit::ServiceDays {
        days: 5,
        reason: why(),
    }
}

fn of_accounts(room: &Room, name: &str, t: &Try) -> Option<Command> {
    let i = &room.incident;
    let mut names: Vec<String> = i.customers.iter().map(|c| c.name.clone()).collect();
    names.extend(["Northwind", "Tallis"].map(str::to_owned));
    let who = t.pick.get(&names).clone();
    let waiting = i.proposals.iter().filter(|p| p.judged.is_none());
    let waiting = waiting.map(|p| p.id);
    let due_on = (room.now + Duration::days(t.other.index(9) as i64 - 1)).date_naive();
    Some(match name {
        "ChangeCadence" => Command::ChangeCadence {
            every_min: *t.pick.get(&[30, 240]),
            reason: why(),
        },
        "NoteCustomer" => Command::NoteCustomer {
            customer: known_well(&who, room, t),
        },
        "AddCustomer" => Command::AddCustomer {
            customer: named(who),
        },
        "ChangeCustomer" => {
            let known = known_well(&who, room, t);
            let was = i.customers.iter().find(|c| c.is(named(&who).id));
            let was = was.cloned().unwrap_or_else(|| customer(&who));
            let id = was.id;
            Command::ChangeCustomer {
                was: Box::new(was),
                to: Box::new(Customer { id, ..known }),
            }
        }
        // The server sends it, once.
        "IdentifyCustomers" => Command::IdentifyCustomers {
            bearers: vec![Bearer {
                account: named(&who).id.account(),
                name: who,
            }],
        },
        "MoveDeal" => Command::MoveDeal {
            customer: named(who),
            stage: (*t.other.get(&["Renewal: verbal yes", "Expansion signed"])).to_owned(),
        },
        "ScheduleCall" => Command::ScheduleCall {
            customer: named(who),
            kind: *t.other.get(&CallKind::ALL),
            with: "their CFO".to_owned(),
            at: room.now + minutes(t.other.index(6) as i64 * 20),
            daily: t.pick.index(2) == 0,
        },
        "EndCall" => Command::EndCall {
            call: one_of(i.calls.iter().filter(|c| c.end.is_none()).map(|c| c.id), t),
            end: if t.other.index(3) == 0 {
                CallEnd::CalledOff { reason: why() }
            } else {
                CallEnd::Held { notes: why() }
            },
        },
        "AddPlanStep" => Command::AddPlanStep {
            customer: named(who),
            what: why(),
            side: Side::Ours { person: bo() },
            due_on,
        },
        "FinishPlanStep" => Command::FinishPlanStep {
            step: one_of(i.plan.iter().map(|p| p.id), t),
            note: why(),
        },
        "DecideCredit" => Command::DecideCredit {
            customer: named(who),
            // Mostly nothing: anything else is proposed first.
            credit: match t.other.index(4) {
                0 => days_of_service(),
                _ => Credit::None { reason: why() },
            },
        },
        "ProposeCredit" => Command::ProposeCredit {
            customer: i.customers.first().map_or(named(who), Customer::to_ref),
            credit: Credit::Granted {
                amount: Money {
                    currency: "EUR".to_owned(),
                    minor: t.other.index(3) as u64 * 90_000,
                },
                reason: why(),
            },
            monthly_fee: None,
            working: None,
        },
        "JudgeCredit" => Command::JudgeCredit {
            proposal: one_of(waiting, t),
            judgement: match t.other.index(3) {
                0 => Judgement::Reject { reason: why() },
                1 => Judgement::Change {
                    credit: days_of_service(),
                    reason: why(),
                },
                _ => Judgement::Approve,
            },
        },
        "BookPostMortem" => Command::BookPostMortem {
            at: room.now + Duration::days(t.other.index(9) as i64),
            facilitator: bo(),
        },
        "AgreeAction" => Command::AgreeAction {
            what: why(),
            owner: bo(),
            due_on,
            acceptance: why(),
        },
        "HoldPostMortem" => Command::HoldPostMortem { at: room.now },
        "FinishAction" => Command::FinishAction {
            action: one_of(i.actions.iter().map(|a| a.id), t),
            proof: why(),
        },
        "PlanFollowUp" => Command::PlanFollowUp { plan: why() },
        _ => return None,
    })
}

/// A customer of whom this or that is known, now and then what cannot be.
fn known_well(name: &str, room: &Room, t: &Try) -> Customer {
    let plain = customer(name);
    let rated = Some(*t.pick.get(&ChurnRisk::ALL));
    match t.other.index(6) {
        0 => Customer {
            churn_now: rated,
            ..plain
        },
        1 => Customer {
            churn_now: rated,
            churn_reason: Some(why()),
            account: Some(AccountId(Uuid::from_u128(t.pick.index(2) as u128))),
            ..plain
        },
        2 => Customer {
            impact_from: Some(room.now - minutes(t.pick.index(9) as i64 * 10 - 20)),
            impact_to: Some(room.now),
            deal_stage: Some("Renewal: negotiation".to_owned()),
            ..plain
        },
        _ => plain,
    }
}

/// Who sends it: mostly whoever alone may, so that some are accepted.
pub fn fitting(room: &Room, command: &Command, by: &PersonRef, t: &Try) -> PersonRef {
    let fits = match command {
        Command::AcceptRole { role } | Command::DeclineRole { role, .. } => {
            let offer = room.incident.seat(*role).offer.as_ref();
            offer.map(|o| o.person.clone())
        }
        Command::ApproveDraft { .. } | Command::ReturnDraft { .. } | Command::StayOn { .. } => {
            Some(who(room, Role::Commander))
        }
        _ => None,
    };
    fits.filter(|_| t.other.index(3) > 0)
        .unwrap_or_else(|| by.clone())
}
