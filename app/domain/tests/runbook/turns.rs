//! What comes between while somebody always does the first next step: the world of the driver.

use crate::follow::who;
use crate::room::{Room, ana, bo, customer, minutes, person};
use domain::call::{CallKind, Side};
use domain::customer::{Credit, Customer, Judgement, Money};
use domain::draft::{Of, Stage};
use domain::fix::Party;
use domain::{Command, PersonRef, Role, Severity, Status};
use proptest::prelude::*;

/// One thing that happens beside the steps.
#[derive(Clone, Debug)]
pub enum Turn {
    Customer(usize),
    Guess(u32),
    Ask(usize),
    Severity(usize),
    Cadence(u32),
    Call {
        daily: bool,
        in_min: i64,
    },
    Plan,
    Draft,
    ReturnDraft,
    Offer(usize),
    Decline(usize),
    Vacate(usize),
    HandOver(usize),
    Back(usize),
    Propose(u64),
    Reject,
    Rebook(i64),
    /// Nobody looks for so many minutes.
    Away(i64),
}

pub fn turn() -> impl Strategy<Value = Turn> {
    let day = 24 * 60_i64;
    prop_oneof![
        (0_usize..3).prop_map(Turn::Customer),
        (1_u32..90).prop_map(Turn::Guess),
        (0_usize..5).prop_map(Turn::Ask),
        (0_usize..3).prop_map(Turn::Severity),
        (30_u32..300).prop_map(Turn::Cadence),
        (any::<bool>(), 1_i64..600).prop_map(|(daily, in_min)| Turn::Call { daily, in_min }),
        Just(Turn::Plan),
        Just(Turn::Draft),
        Just(Turn::ReturnDraft),
        (0_usize..5).prop_map(Turn::Offer),
        (0_usize..5).prop_map(Turn::Decline),
        (0_usize..5).prop_map(Turn::Vacate),
        (0_usize..5).prop_map(Turn::HandOver),
        (0_usize..5).prop_map(Turn::Back),
        (1_u64..2_000_000).prop_map(Turn::Propose),
        Just(Turn::Reject),
        (1..4 * day).prop_map(Turn::Rebook),
        prop_oneof![(1..day), (1..15 * day)].prop_map(Turn::Away),
    ]
}

fn why() -> String {
    "It turned out so".to_owned()
}

/// What this turn comes to in this room, and who does it; none where it has no meaning.
pub fn meant(room: &Room, turn: &Turn) -> Option<(PersonRef, Command)> {
    let names = ["Northwind", "Tallis", "Halden Foods"];
    let known = room.incident.customers.first().map(Customer::to_ref);
    let command = match turn {
        Turn::Customer(n) => Command::NoteCustomer {
            customer: customer(names[*n]),
        },
        Turn::Guess(min) => Command::OpenHypothesis {
            statement: "A pool is exhausted".to_owned(),
            owner: bo(),
            timebox_min: Some(*min),
        },
        Turn::Ask(n) => Command::AskParty {
            party: Party::ALL[*n],
            whom: "On-call".to_owned(),
            what: "What do we owe?".to_owned(),
        },
        Turn::Severity(n) => Command::ChangeSeverity {
            to: Severity::ALL[*n],
            reason: why(),
        },
        Turn::Cadence(every_min) => Command::ChangeCadence {
            every_min: *every_min,
            reason: why(),
        },
        Turn::Call { daily, in_min } => Command::ScheduleCall {
            customer: known?,
            kind: CallKind::Executive,
            with: "their CFO".to_owned(),
            at: room.now + minutes(*in_min),
            daily: *daily,
        },
        Turn::Plan => Command::AddPlanStep {
            customer: known?,
            what: "Walk them through the report".to_owned(),
            side: Side::Ours { person: bo() },
            due_on: room.now.date_naive(),
        },
        Turn::Propose(minor) => Command::ProposeCredit {
            customer: known?,
            credit: Credit::Granted {
                amount: Money {
                    currency: "EUR".to_owned(),
                    minor: *minor,
                },
                reason: why(),
            },
            monthly_fee: None,
            working: None,
        },
        Turn::Rebook(in_min) => Command::BookPostMortem {
            at: room.now + minutes(*in_min),
            facilitator: bo(),
        },
        Turn::Back(n) => {
            let to = Status::ALL[*n];
            let may = room.incident.went_back() < 2 && to < room.incident.status;
            return may.then(|| (ana(), Command::MoveBack { to, reason: why() }));
        }
        Turn::Away(_) => return None,
        turn => return of_people(room, turn),
    };
    Some((ana(), command))
}

/// Seats, drafts and approvals: each by whom it is of.
fn of_people(room: &Room, turn: &Turn) -> Option<(PersonRef, Command)> {
    let i = &room.incident;
    Some(match turn {
        Turn::Draft => {
            let open = Command::OpenDraft {
                of: Of::Update,
                take_over: true,
            };
            (who(room, Role::Comms), open)
        }
        Turn::ReturnDraft => {
            let draft = i.drafts.values().find_map(|d| match &d.stage {
                Stage::Ready { id, .. } => Some(*id),
                _ => None,
            })?;
            let reason = why();
            let back = Command::ReturnDraft { draft, reason };
            (i.holder(Role::Commander)?.clone(), back)
        }
        Turn::Offer(n) => {
            let offer = Command::OfferRole {
                role: Role::ALL[*n],
                person: person((*n + 1) % 5),
                two_hats: Some(why()),
            };
            (ana(), offer)
        }
        Turn::Decline(n) => {
            let role = Role::ALL[*n];
            let asked = i.seat(role).offer.as_ref()?.person.clone();
            let reason = Some(why());
            (asked, Command::DeclineRole { role, reason })
        }
        Turn::Vacate(n) => {
            let vacate = Command::VacateRole {
                role: Role::ALL[*n],
                reason: why(),
                holder: None,
            };
            (ana(), vacate)
        }
        Turn::HandOver(n) => {
            let hand_over = Command::HandOverRole {
                role: Role::ALL[*n],
                to: person(4 - *n),
                note: why(),
                two_hats: Some(why()),
            };
            (ana(), hand_over)
        }
        Turn::Reject => {
            let waits = i.proposals.iter().find(|p| p.judged.is_none())?;
            let judge = Command::JudgeCredit {
                proposal: waits.id,
                judgement: Judgement::Reject { reason: why() },
            };
            (bo(), judge)
        }
        other => unreachable!("{other:?} is of the incident"),
    })
}
