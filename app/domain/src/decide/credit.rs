//! Credits: proposed by one person, judged by another whom the matrix names (RUNBOOK §9). Nothing
//! undoes what was approved but somebody who could have approved it.

use super::customer::{called_now, known_customer};
use super::must_be_open;
use crate::approval::{self, ApprovalRow, may_approve, may_take_back};
use crate::customer::{Credit, CreditProposal, Customer, CustomerId, Judgement, Money};
use crate::impact::Window;
use crate::money::is_currency;
use crate::text::{optional, prose};
use crate::worth::{Pays, place_of};
use crate::{Actor, Command, EntryId, Event, Incident, PersonId, Policy, Refusal, Time};

/// More days than this are a typing error.
const DAYS_MAX: u32 = 3_650;

pub(super) fn decide(
    incident: &Incident,
    command: Command,
    actor: &Actor,
    policy: &Policy,
    account: Option<&Pays>,
    now: Time,
) -> Result<Event, Refusal> {
    must_be_open(incident)?;
    let matrix = &policy.credit_matrix;
    let of = |customer: CustomerId| Of {
        incident,
        customer,
        account,
        policy,
    };
    match command {
        Command::DecideCredit {
            customer,
            credit: Credit::None { reason },
        } => {
            let known = known_customer(incident, &customer)?;
            if let Some(given) = given(incident, known.id) {
                let proposer = proposer_of_given(incident, known.id);
                let row = row_at(policy, of(known.id).place(given, proposer)?)?;
                may_take_back(matrix, row, proposer, actor.id)?;
            }
            Ok(Event::CreditDecidedV2 {
                customer: called_now(known, &customer)?,
                credit: Credit::None {
                    reason: prose("Reason", &reason)?,
                },
            })
        }
        Command::DecideCredit { .. } => Err(Refusal::out_of_order(
            "A credit is proposed first, and approved by another person.",
        )),
        Command::ProposeCredit {
            customer,
            credit,
            monthly_fee,
            working,
        } => {
            let known = known_customer(incident, &customer)?;
            if let Some(waits) = incident.proposal_for(known.id) {
                return Err(Refusal::Superseded {
                    by: waits.by.name.clone(),
                    did: format!("proposed {} for {}", waits.credit.label(), known.name),
                    at: waits.at,
                });
            }
            let working = optional("Working", working.as_deref())?;
            in_a_currency(monthly_fee.as_ref())?;
            let working = with_fee(working, known, monthly_fee.as_ref());
            let most = Most::of(incident, known.id, monthly_fee, now);
            let credit = checked(credit, most.as_ref(), policy)?;
            let row = of(known.id).row_over(&credit, actor.id)?;
            Ok(Event::CreditProposedV2 {
                customer: called_now(known, &customer)?,
                approver: row.approver.clone(),
                credit,
                working,
            })
        }
        Command::JudgeCredit {
            proposal,
            judgement,
        } => {
            let known = waiting(incident, proposal)?;
            let judgement = judged(known, judgement, &of(known.customer.id), actor.id, now)?;
            Ok(Event::CreditJudged {
                proposal,
                judgement,
            })
        }
        _ => Err(Refusal::NoSuchIncident),
    }
}

/// The judgement, if it is `actor`'s to make. A proposal that its proposer rejects is taken back: that gives nobody
/// anything, and it would bar every other where the matrix names nobody.
fn judged(
    known: &CreditProposal,
    judgement: Judgement,
    of: &Of<'_>,
    actor: PersonId,
    now: Time,
) -> Result<Judgement, Refusal> {
    let may = |credit: &Credit| {
        let row = of.row_over(credit, known.by.id)?;
        may_approve(&of.policy.credit_matrix, row, known.by.id, actor)
    };
    let is_taken_back = matches!(judgement, Judgement::Reject { .. }) && known.by.id == actor;
    if !is_taken_back {
        may(&known.credit)?;
    }
    Ok(match judgement {
        Judgement::Approve => Judgement::Approve,
        Judgement::Reject { reason } => Judgement::Reject {
            reason: prose("Reason", &reason)?,
        },
        Judgement::Change { credit, reason } => {
            let most = Most::of(of.incident, known.customer.id, None, now);
            let credit = checked(credit, most.as_ref(), of.policy)?;
            // What it becomes may need somebody higher than what it was.
            may(&credit)?;
            Judgement::Change {
                credit,
                reason: prose("Reason", &reason)?,
            }
        }
    })
}

/// Whose credit it is, and what is known of it.
struct Of<'a> {
    incident: &'a Incident,
    customer: CustomerId,
    account: Option<&'a Pays>,
    policy: &'a Policy,
}

impl<'a> Of<'a> {
    /// Who approves it, by what it is worth.
    fn place(&self, credit: &Credit, proposer: Option<PersonId>) -> Result<usize, Refusal> {
        let (incident, account) = (self.incident, self.account);
        place_of(
            credit,
            incident,
            self.customer,
            account,
            proposer,
            self.policy,
        )
    }

    /// Who approves it in the place of what was given before: of the two rows the higher one, for
    /// approving less than before takes back the rest.
    fn row_over(&self, credit: &Credit, proposer: PersonId) -> Result<&'a ApprovalRow, Refusal> {
        let mut place = self.place(credit, Some(proposer))?;
        if let Some(given) = given(self.incident, self.customer) {
            let proposer = proposer_of_given(self.incident, self.customer);
            place = place.max(self.place(given, proposer)?);
        }
        row_at(self.policy, place)
    }
}

fn row_at(policy: &Policy, place: usize) -> Result<&ApprovalRow, Refusal> {
    let row = policy.credit_matrix.get(place);
    row.ok_or_else(|| approval::no_row("a credit"))
}

/// What the customer gets, as it was approved; none while that is nothing.
fn given(incident: &Incident, customer: CustomerId) -> Option<&Credit> {
    let decided = incident.credit_for(customer)?;
    Some(&decided.credit).filter(|c| !matches!(c, Credit::None { .. }))
}

/// Whether what an entry was given may stand at the account that it is joined to: whoever approved it could have
/// approved it for the account too. The server alone knows what that pays.
pub(super) fn may_stand_at(
    incident: &Incident,
    entry: &Customer,
    account: Option<&Pays>,
    policy: &Policy,
) -> Result<(), Refusal> {
    let decided = incident.credit_for(entry.id);
    // An amount is worth the same whoever gets it.
    let days = decided.filter(|d| {
        matches!(
            d.credit,
            Credit::Extension { .. } | Credit::ServiceDays { .. }
        )
    });
    let (Some(decided), Some(_)) = (days, account) else {
        return Ok(());
    };
    let proposer = proposer_of_given(incident, entry.id);
    let customer = entry.id;
    let of = Of {
        incident,
        customer,
        account,
        policy,
    };
    let row = row_at(policy, of.place(&decided.credit, proposer)?)?;
    let by = &decided.by;
    if may_take_back(&policy.credit_matrix, row, proposer, by.id).is_ok() {
        return Ok(());
    }
    Err(Refusal::out_of_order(format!(
        "“{}” stands for {}, as {} approved it; for the account it is for the {}. Decide on no credit first, choose the account then, and propose it for the account.",
        decided.credit.label(),
        entry.name,
        by.name,
        row.approver
    )))
}

/// Who proposed that; nobody did in a log from before credits were proposed.
fn proposer_of_given(incident: &Incident, customer: CustomerId) -> Option<PersonId> {
    let is_given = |p: &&CreditProposal| {
        let judged = p.judged.as_ref().map(|(judgement, _)| judgement);
        p.customer.id == customer
            && matches!(judged, Some(Judgement::Approve | Judgement::Change { .. }))
    };
    incident.proposals.iter().rfind(is_given).map(|p| p.by.id)
}

/// Whether a typed fee says its currency as currencies are written: a credit may be in the same.
fn in_a_currency(fee: Option<&Money>) -> Result<(), Refusal> {
    if fee.is_none_or(|fee| is_currency(&fee.currency)) {
        return Ok(());
    }
    let problem = "must be in the three letters of a currency, such as EUR";
    Err(Refusal::invalid("Monthly fee", problem))
}

/// The working, and under it that the fee was typed otherwise than the incident knows it: whoever
/// approves must see by which of them the credit is bounded.
fn with_fee(working: Option<String>, customer: &Customer, typed: Option<&Money>) -> Option<String> {
    let (Some(typed), Some(known)) = (typed, customer.monthly_fee.as_ref()) else {
        return working;
    };
    if typed == known {
        return working;
    }
    let line = format!(
        "The monthly fee was typed as {}; on the incident it is {}.",
        typed.shown(),
        known.shown()
    );
    Some(working.map_or_else(|| line.clone(), |working| format!("{working}\n\n{line}")))
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

/// What no credit is above: the fee of each month in which the customer was hurt.
struct Most {
    fee: Money,
    months: u32,
}

impl Most {
    /// `typed` counts before what the incident knows; none when neither says it.
    fn of(
        incident: &Incident,
        customer: CustomerId,
        typed: Option<Money>,
        now: Time,
    ) -> Option<Self> {
        let known = incident.customer(customer)?;
        let window = Window::of(incident, known);
        Some(Self {
            fee: typed.or_else(|| known.monthly_fee.clone())?,
            months: window.map_or(1, |w| w.months(now)),
        })
    }

    fn is_passed_by(&self, amount: &Money) -> bool {
        amount.minor > self.fee.minor.saturating_mul(self.months.into())
    }
}

fn checked(credit: Credit, most: Option<&Most>, policy: &Policy) -> Result<Credit, Refusal> {
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
            let most = most.filter(|most| most.fee.currency == amount.currency);
            if let Some(most) = most.filter(|most| most.is_passed_by(&amount)) {
                let fee = most.fee.shown();
                let problem = match most.months {
                    1 => format!("is above the monthly fee of {fee}"),
                    n => format!("is above {n} times the monthly fee of {fee}, for its {n} months"),
                };
                return Err(Refusal::invalid(FIELD, problem));
            }
            if most.is_none() && amount.currency != policy.currency {
                let problem = format!("must be {}, or that of the monthly fee", policy.currency);
                return Err(Refusal::invalid("Currency", problem));
            }
            Ok(Credit::Granted { amount, reason })
        }
    }
}
