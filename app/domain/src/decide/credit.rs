//! Credits: proposed by one person, judged by another whom the matrix names (RUNBOOK §9).

use super::account::known_customer;
use super::must_be_open;
use crate::approval::{may_approve, row_for};
use crate::customer::{Credit, CreditProposal, Judgement, Money};
use crate::text::{optional, prose};
use crate::{Actor, Command, EntryId, Event, Incident, Policy, Refusal};

/// More days than this are a typing error.
const DAYS_MAX: u32 = 3_650;

pub(super) fn decide(
    incident: &Incident,
    command: Command,
    actor: &Actor,
    policy: &Policy,
) -> Result<Event, Refusal> {
    must_be_open(incident)?;
    match command {
        Command::ProposeCredit {
            customer,
            credit,
            monthly_fee,
            working,
        } => {
            let customer = known_customer(incident, customer)?;
            if let Some(waits) = incident.proposal_for(&customer) {
                return Err(Refusal::Superseded {
                    by: waits.by.name.clone(),
                    did: format!("proposed {} for {customer}", waits.credit.label()),
                    at: waits.at,
                });
            }
            let credit = checked(credit, monthly_fee.as_ref(), policy)?;
            let row = row_for(&policy.credit_matrix, &value(&credit, policy))?;
            Ok(Event::CreditProposed {
                customer,
                approver: row.approver.clone(),
                credit,
                working: optional("Working", working.as_deref())?,
            })
        }
        Command::JudgeCredit {
            proposal,
            judgement,
        } => {
            let known = waiting(incident, proposal)?;
            let may = |credit: &Credit| {
                let row = row_for(&policy.credit_matrix, &value(credit, policy))?;
                may_approve(row, known.by.id, actor.id)
            };
            may(&known.credit)?;
            let judgement = match judgement {
                Judgement::Approve => Judgement::Approve,
                Judgement::Reject { reason } => Judgement::Reject {
                    reason: prose("Reason", &reason)?,
                },
                Judgement::Change { credit, reason } => {
                    let credit = checked(credit, None, policy)?;
                    // What it becomes may need somebody higher than what it was.
                    may(&credit)?;
                    Judgement::Change {
                        credit,
                        reason: prose("Reason", &reason)?,
                    }
                }
            };
            Ok(Event::CreditJudged {
                proposal,
                judgement,
            })
        }
        _ => Err(Refusal::NoSuchIncident),
    }
}

/// What the matrix goes by. Days are worth what the lowest row covers.
fn value(credit: &Credit, policy: &Policy) -> Money {
    match credit {
        Credit::Granted { amount, .. } => amount.clone(),
        _ => Money {
            currency: policy.currency.clone(),
            minor: 0,
        },
    }
}

fn waiting(incident: &Incident, id: EntryId) -> Result<&CreditProposal, Refusal> {
    let found = incident.proposals.iter().find(|p| p.id == id);
    let found = found.ok_or_else(|| Refusal::invalid("Proposal", "is not of this incident"))?;
    match &found.judged {
        None => Ok(found),
        Some((_, by)) => Err(Refusal::out_of_order(format!(
            "{} has judged this proposal already.",
            by.name
        ))),
    }
}

fn checked(credit: Credit, fee: Option<&Money>, policy: &Policy) -> Result<Credit, Refusal> {
    const FIELD: &str = "Credit";
    let reason = prose("Reason", credit.reason())?;
    let fitting = |days: u32| {
        if (1..=DAYS_MAX).contains(&days) {
            Ok(days)
        } else {
            Err(Refusal::invalid("Days", "must be between 1 and 3650"))
        }
    };
    match credit {
        Credit::None { .. } => Err(Refusal::invalid(
            FIELD,
            "of nothing needs no approval; decide on none and say why",
        )),
        Credit::Extension { days, .. } => Ok(Credit::Extension {
            days: fitting(days)?,
            reason,
        }),
        Credit::ServiceDays { days, .. } => Ok(Credit::ServiceDays {
            days: fitting(days)?,
            reason,
        }),
        Credit::Granted { amount, .. } if amount.minor == 0 => Err(Refusal::invalid(
            FIELD,
            "of 0 is no credit; choose none and say why",
        )),
        Credit::Granted { amount, .. } => {
            let fee = fee.filter(|fee| fee.currency == amount.currency);
            if let Some(fee) = fee.filter(|fee| amount.minor > fee.minor) {
                let problem = format!("is above the monthly fee of {}", fee.shown());
                return Err(Refusal::invalid(FIELD, problem));
            }
            if fee.is_none() && amount.currency != policy.currency {
                let problem = format!("must be {}, or that of the monthly fee", policy.currency);
                return Err(Refusal::invalid("Currency", problem));
            }
            Ok(Credit::Granted { amount, reason })
        }
    }
}
