//! Credits: proposed here, approved by another person.

use super::{choice, chosen, form, money, plain};
#[cfg(feature = "ssr")]
use crate::parts::asked::SAID;
use crate::parts::asked::{Asks, CREDIT_KIND};
use crate::parts::form::{Field, Form, Input, Values, optional, text};
#[cfg(feature = "ssr")]
use domain::credit::Proposed;
use domain::customer::{Credit, Customer, CustomerId, Judgement};
use domain::{Command, EntryId, Incident, Policy, Refusal};

#[derive(Clone, Copy)]
enum Kind {
    Nothing,
    Money,
    Extension,
    Service,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Nothing, Self::Money, Self::Extension, Self::Service];

    fn label(self) -> &'static str {
        match self {
            Self::Nothing => "none",
            Self::Money => CREDIT_KIND,
            Self::Extension => "days added to the contract",
            Self::Service => "days of our service",
        }
    }
}

fn what(currency: &str) -> Vec<Field> {
    vec![
        Field::new("kind", "What they get", choice(&Kind::ALL, Kind::label))
            .value(Kind::Money.label()),
        Field::new(
            "amount",
            &format!("Amount, {currency}, or days"),
            Input::Line,
        )
        .optional()
        .hint("e.g. 1200.00, or 14"),
    ]
}

fn credit(v: &Values, currency: &str) -> Result<Credit, Refusal> {
    let reason = text(v, "reason").to_owned();
    let typed = text(v, "amount").trim();
    let days = || {
        let wrong = |_| Refusal::invalid("Days", "need a whole number");
        typed.parse::<u32>().map_err(wrong)
    };
    Ok(
        match chosen(&Kind::ALL, Kind::label, v, "kind", "What they get")? {
            Kind::Nothing => Credit::None { reason },
            Kind::Money => Credit::Granted {
                amount: money("Amount", typed, currency)?,
                reason,
            },
            Kind::Extension => Credit::Extension {
                days: days()?,
                reason,
            },
            Kind::Service => Credit::ServiceDays {
                days: days()?,
                reason,
            },
        },
    )
}

/// None with a reason, or a proposal for another person to approve.
pub fn decide(incident: &Incident, customer: CustomerId, policy: &Policy) -> Form {
    let known = incident.customer(customer);
    let customer = known.map(Customer::to_ref).unwrap_or_default();
    let currency = policy.currency.clone();
    let fee = known.and_then(|c| c.monthly_fee.as_ref());
    let mut fields = what(&currency);
    fields.push(
        Field::new("fee", &format!("Monthly fee, {currency}"), Input::Line)
            .optional()
            .hint("no credit for a month is above it")
            .value(fee.map(|fee| plain(fee, &currency)).unwrap_or_default()),
    );
    fields.push(Field::new("reason", "Why", Input::Line));
    let working = match known.and_then(|c| c.account) {
        Some(_) => Input::Asked(Asks::Credit {
            incident: incident.id,
            customer: customer.id,
        }),
        None => Input::Prose,
    };
    fields.push(Field::new("working", "How it was worked out", working).optional());
    form(
        &format!("credit/{}", customer.id.uuid()),
        &format!("Credit for {customer}"),
        "None with a reason stands at once, unless it takes back what was approved. Anything else is approved by another person.",
        fields,
        "Decide",
        move |v| {
            let customer = customer.clone();
            let fee = optional(v, "fee");
            Ok(match credit(v, &currency)? {
                none @ Credit::None { .. } => Command::DecideCredit {
                    customer,
                    credit: none,
                },
                credit => Command::ProposeCredit {
                    customer,
                    credit,
                    monthly_fee: fee
                        .map(|fee| money("Monthly fee", &fee, &currency))
                        .transpose()?,
                    working: optional(v, "working"),
                },
            })
        },
    )
}

/// What was calculated, as the form takes it, or why nothing was. Nothing to give is decided at once.
#[cfg(feature = "ssr")]
pub(crate) fn filled(calculated: &Result<Proposed, Refusal>) -> Values {
    let proposed = match calculated {
        Ok(proposed) => proposed,
        Err(why) => {
            return [(SAID.to_owned(), format!("Nothing was calculated. {why}"))].into();
        }
    };
    let (kind, amount) = match proposed.credit.minor {
        0 => (Kind::Nothing, String::new()),
        _ => (Kind::Money, plain(&proposed.credit, "")),
    };
    let said = "Calculated from the record and the account’s SLA. Change what is wrong.";
    let values = [
        (SAID, said.to_owned()),
        ("kind", kind.label().to_owned()),
        ("amount", amount),
        ("reason", proposed.reason.clone()),
        ("working", proposed.working.clone()),
    ];
    values.map(|(key, value)| (key.to_owned(), value)).into()
}

/// Approve, reject or change what somebody proposed.
pub fn judge(incident: &Incident, id: EntryId, policy: &Policy) -> Form {
    let proposal = incident.proposals.iter().find(|p| p.id == id);
    let said = proposal.map(|p| {
        let working = p.working.as_ref();
        let working = working.map_or_else(String::new, |w| format!("\n\n{w}"));
        let (who, what, why) = (&p.by.name, p.credit.label(), p.credit.reason());
        format!(
            "{who} proposes for {}: {what}. {why}. For the {}.{working}",
            p.customer, p.approver
        )
    });
    let options = [
        ("yes", "approve it"),
        ("no", "reject it"),
        ("other", "give something else"),
    ]
    .map(|(v, l)| (v.to_owned(), l.to_owned()))
    .to_vec();
    let currency = policy.currency.clone();
    let mut fields = vec![Field::new("verdict", "I", Input::Choice(options)).value("yes")];
    fields.extend(what(&currency).into_iter().map(Field::optional));
    fields.push(
        Field::new("reason", "Why", Input::Line)
            .optional()
            .hint("when it is not approved as it is"),
    );
    form(
        &format!("judge/{id}"),
        "A proposed credit",
        &said.unwrap_or_default(),
        fields,
        "Say so",
        move |v| {
            let reason = text(v, "reason").to_owned();
            let judgement = match text(v, "verdict") {
                "no" => Judgement::Reject { reason },
                "other" => Judgement::Change {
                    credit: credit(v, &currency)?,
                    reason,
                },
                _ => Judgement::Approve,
            };
            Ok(Command::JudgeCredit {
                proposal: id,
                judgement,
            })
        },
    )
}
