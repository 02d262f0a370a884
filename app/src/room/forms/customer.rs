//! What is known of a customer on the incident, and where the deal with them stands.

use super::{form, money, plain};
#[cfg(feature = "ssr")]
use crate::parts::asked::SAID;
use crate::parts::asked::{ACCOUNT, Asks};
use crate::parts::form::{Field, Form, Input, Values, optional, text};
use crate::parts::when::{day, from_input, to_input};
use crate::replica::new_entry_id;
#[cfg(feature = "ssr")]
use domain::account::Account;
use domain::customer::{ChurnRisk, Customer, CustomerId, Money};
use domain::json::{from_str, to_string};
use domain::{AccountId, Command, Incident, Policy, Refusal, Time};

// What an account fills in.
const NAME: &str = "name";
const TIER: &str = "tier";
const REVENUE: &str = "revenue";
const RENEWS: &str = "renews";
const FEE: &str = "fee";
const DEAL: &str = "deal";

const SEES: &str = "sees";
/// The line as its author saw it when they began: what they did not change is not theirs to save.
const SEEN: &str = "seen";

const SENTIMENTS: [&str; 6] = ["not asked", "−2", "−1", "0", "+1", "+2"];

/// As its label, a sign before the zero: older builds kept places here, which had none.
fn sentiment_value(s: Option<i8>) -> &'static str {
    let place = s.and_then(|s| usize::try_from(i32::from(s) + 3).ok());
    match place.unwrap_or_default() {
        3 => "±0",
        place => SENTIMENTS.get(place).copied().unwrap_or_default(),
    }
}

fn sentiment_of(values: &Values, key: &str) -> Option<i8> {
    let kept = text(values, key);
    (-2..=2).find(|s| sentiment_value(Some(*s)) == kept)
}

fn sentiments() -> Input {
    let all = std::iter::once(None).chain((-2..=2).map(Some));
    let options = all.zip(SENTIMENTS);
    Input::Choice(
        options
            .map(|(s, label)| (sentiment_value(s).to_owned(), label.to_owned()))
            .collect(),
    )
}

fn risks() -> Input {
    let rated = ChurnRisk::ALL.map(|r| (r.label().to_owned(), r.label().to_owned()));
    let none = (String::new(), "not rated".to_owned());
    Input::Choice(std::iter::once(none).chain(rated).collect())
}

fn risk_value(risk: Option<ChurnRisk>) -> String {
    risk.map_or("", ChurnRisk::label).to_owned()
}

fn risk_of(values: &Values, key: &str) -> Option<ChurnRisk> {
    let kept = text(values, key);
    ChurnRisk::ALL.into_iter().find(|r| r.label() == kept)
}

/// Put a customer on the incident, or change what is known.
pub fn note(known: Option<&Customer>, policy: &Policy) -> Form {
    let c = known.cloned().unwrap_or_default();
    let home = policy.currency.clone();
    let seen = known.map(to_string).unwrap_or_default();
    let known_account = c.account;
    let new = new_entry_id();
    let key = known.map_or_else(String::new, |c| c.id.uuid().to_string());
    form(
        &format!("customer/{key}"),
        "Customer on this incident",
        "Change it whenever more is known. What others change meanwhile stays.",
        fields(c, &home, seen),
        "Keep",
        move |v| {
            let customer = read(v, &home, known_account)?;
            Ok(match from_str::<Customer>(text(v, SEEN)) {
                Ok(was) => Command::ChangeCustomer {
                    to: Box::new(as_seen(&was, customer)),
                    was: Box::new(was),
                },
                Err(_) => {
                    let entry = CustomerId::Entry(new);
                    let id = customer.account.map_or(entry, CustomerId::Account);
                    Command::NoteCustomer {
                        customer: Customer { id, ..customer },
                    }
                }
            })
        },
    )
}

fn fields(c: Customer, home: &str, seen: String) -> Vec<Field> {
    let revenue = match (c.annual_revenue, &c.currency) {
        _ if c.name.is_empty() => String::new(),
        (n, Some(other)) if other != home => format!("{n} {other}"),
        (n, _) => n.to_string(),
    };
    let fee = c.monthly_fee.map(|fee| plain(&fee, home));
    let asks = Asks::Account {
        named: String::new(),
    };
    let day = c.renews_on.map(|d| d.to_string());
    let at = |at: Option<Time>| at.map(to_input).unwrap_or_default();
    let currency = |label: &str| format!("{label}, {home}");
    // One call for each: a chain of changes to each field is much more code to download.
    let field = |key, label: &str, hint: &str, input, value| Field {
        key,
        label: label.to_owned(),
        hint: hint.to_owned(),
        input,
        required: [NAME, TIER, REVENUE, SEES].contains(&key),
        value,
    };
    let text = |text: Option<String>| text.unwrap_or_default();
    let other = "else the incident’s";
    vec![
        field(
            NAME,
            "Name",
            "a part of it finds the account",
            Input::Asked(asks),
            c.name,
        ),
        field(TIER, "Tier", "e.g. Strategic", Input::Line, c.tier),
        field(
            REVENUE,
            &currency("Revenue a year"),
            "or e.g. 9000 JPY",
            Input::Line,
            revenue,
        ),
        field(FEE, &currency("Monthly fee"), "", Input::Line, text(fee)),
        field(RENEWS, "Renews on", "", Input::Day, text(day)),
        field(DEAL, "Deal stage", "", Input::Line, text(c.deal_stage)),
        field(SEES, "What they see", "", Input::Line, c.sees),
        field(
            "from",
            "Hurt from, UTC",
            other,
            Input::When,
            at(c.impact_from),
        ),
        field("to", "Hurt until, UTC", other, Input::When, at(c.impact_to)),
        field(
            "mood_before",
            "Sentiment before",
            "",
            sentiments(),
            sentiment_value(c.sentiment_before).to_owned(),
        ),
        field(
            "mood_now",
            "Sentiment now",
            "",
            sentiments(),
            sentiment_value(c.sentiment_now).to_owned(),
        ),
        field(
            "churn_before",
            "Churn risk before",
            "",
            risks(),
            risk_value(c.churn_before),
        ),
        field(
            "churn_now",
            "Churn risk now",
            "",
            risks(),
            risk_value(c.churn_now),
        ),
        field(
            "because",
            "Why this churn risk",
            "needed with a risk now",
            Input::Line,
            text(c.churn_reason),
        ),
        field(SEEN, "", "", Input::Seen, seen),
    ]
}

/// What the form shows in other words than it was recorded is no change: times have no seconds in it, and
/// an amount that was noted without a currency has the policy's.
fn as_seen(was: &Customer, to: Customer) -> Customer {
    let minute = |at: Option<Time>| at.map(to_input);
    let unless = |seen: Option<Time>, now: Option<Time>| match minute(seen) == minute(now) {
        true => seen,
        false => now,
    };
    Customer {
        id: was.id,
        impact_from: unless(was.impact_from, to.impact_from),
        impact_to: unless(was.impact_to, to.impact_to),
        currency: match &was.currency {
            None if was.annual_revenue == to.annual_revenue => None,
            _ => to.currency,
        },
        ..to
    }
}

/// `known` is the account while the name was not touched.
fn read(v: &Values, home: &str, known: Option<AccountId>) -> Result<Customer, Refusal> {
    let at = |key, field| {
        optional(v, key)
            .map(|at| from_input(field, &at))
            .transpose()
    };
    let Money { currency, minor } = money("Revenue", text(v, REVENUE), home)?;
    let unit = domain::money::unit(&currency);
    if minor % unit != 0 {
        return Err(Refusal::invalid("Revenue", "needs a whole number"));
    }
    let fee = optional(v, FEE).map(|fee| money("Monthly fee", &fee, &currency));
    Ok(Customer {
        id: CustomerId::default(),
        name: text(v, NAME).to_owned(),
        tier: text(v, TIER).to_owned(),
        annual_revenue: minor / unit,
        renews_on: optional(v, RENEWS)
            .map(|d| day("Renews on", &d))
            .transpose()?,
        sees: text(v, SEES).to_owned(),
        sentiment_before: sentiment_of(v, "mood_before"),
        sentiment_now: sentiment_of(v, "mood_now"),
        churn_before: risk_of(v, "churn_before"),
        churn_now: risk_of(v, "churn_now"),
        churn_reason: optional(v, "because"),
        account: match v.get(ACCOUNT) {
            None => known,
            Some(id) => id.parse().ok(),
        },
        currency: Some(currency),
        monthly_fee: fee.transpose()?,
        impact_from: at("from", "Hurt from")?,
        impact_to: at("to", "Hurt until")?,
        deal_stage: optional(v, DEAL),
    })
}

/// What an account fills in.
#[cfg(feature = "ssr")]
pub(crate) fn filled(account: &Account) -> Values {
    let currency = &account.annual_revenue.currency;
    let values = [
        (SAID, "Filled in from the account.".to_owned()),
        (NAME, account.name.clone()),
        (ACCOUNT, account.id.to_string()),
        (TIER, account.tier.clone()),
        (
            REVENUE,
            format!("{} {currency}", account.annual_revenue.whole()),
        ),
        (FEE, format!("{} {currency}", account.monthly_fee.plain())),
        (
            RENEWS,
            account.renews_on.map(|d| d.to_string()).unwrap_or_default(),
        ),
        (DEAL, account.deal_stage.clone().unwrap_or_default()),
    ];
    values.map(|(key, value)| (key.to_owned(), value)).into()
}

/// The deal moved on.
pub fn deal(incident: &Incident, customer: CustomerId) -> Form {
    let known = incident.customer(customer);
    let stage = known.and_then(|c| c.deal_stage.clone());
    let customer = known.map(Customer::to_ref).unwrap_or_default();
    form(
        &format!("deal/{}", customer.id.uuid()),
        &format!("The deal with {customer}"),
        "Kept on this incident. The account is changed on its own page, by an administrator.",
        vec![
            Field::new("stage", "Deal stage", Input::Line)
                .hint("e.g. Expansion signed")
                .value(stage.unwrap_or_default()),
        ],
        "Keep",
        move |v| {
            Ok(Command::MoveDeal {
                customer: customer.clone(),
                stage: text(v, "stage").to_owned(),
            })
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{NaiveDate, TimeZone, Utc};

    fn made(form: &Form, over: &[(&str, &str)]) -> Result<Customer, Refusal> {
        let mut values: Values = form
            .fields
            .iter()
            .map(|f| (f.key.to_owned(), f.value.clone()))
            .collect();
        values.extend(over.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
        match (form.make)(&values)? {
            // A new one is an account, or an entry with an id of its own.
            Command::NoteCustomer { customer } => Ok(Customer {
                id: CustomerId::default(),
                ..customer
            }),
            Command::ChangeCustomer { to, .. } => Ok(*to),
            other => panic!("{other:?}"),
        }
    }

    fn known() -> Customer {
        Customer {
            id: CustomerId::default(),
            name: "Hoshino Print".to_owned(),
            tier: "Growth".to_owned(),
            annual_revenue: 21_600_000,
            renews_on: NaiveDate::from_ymd_opt(2027, 2, 19),
            sees: "Pages come late".to_owned(),
            sentiment_before: Some(2),
            sentiment_now: Some(-2),
            churn_before: Some(ChurnRisk::Low),
            churn_now: Some(ChurnRisk::High),
            churn_reason: Some("They print elsewhere".to_owned()),
            account: Some(AccountId(uuid::Uuid::from_u128(7))),
            currency: Some("JPY".to_owned()),
            monthly_fee: Some(Money {
                currency: "JPY".to_owned(),
                minor: 1_800_000,
            }),
            impact_from: Utc.with_ymd_and_hms(2026, 11, 23, 9, 0, 0).single(),
            impact_to: Utc.with_ymd_and_hms(2026, 11, 23, 17, 30, 0).single(),
            deal_stage: Some("Renewal".to_owned()),
        }
    }

    #[test]
    fn what_is_known_comes_back_from_the_form_as_it_was() {
        let policy = Policy::default();
        assert_eq!(made(&note(Some(&known()), &policy), &[]), Ok(known()));
        let other = made(&note(Some(&known()), &policy), &[(ACCOUNT, "")]);
        assert_eq!(other.map(|c| c.account), Ok(None), "another name was typed");
    }

    #[test]
    fn money_is_in_the_currency_of_the_policy_unless_another_stands_behind_it() {
        let empty = note(None, &Policy::default());
        let paid = |revenue, fee| {
            let c = made(&empty, &[(REVENUE, revenue), (FEE, fee)]);
            c.map(|c| {
                let fee = c.monthly_fee.map(|fee| (fee.minor, fee.currency));
                (c.annual_revenue, c.currency.unwrap_or_default(), fee)
            })
            .map_err(|why| why.to_string())
        };
        let in_euro = |n| (n, "EUR".to_owned());
        let euro = |revenue, fee: Option<u64>| Ok((revenue, "EUR".to_owned(), fee.map(in_euro)));
        assert_eq!(paid("1200", ""), euro(1_200, None));
        assert_eq!(paid("1 200.00 eur", "100.5"), euro(1_200, Some(10_050)));
        let yen = |n| Ok((n, "JPY".to_owned(), Some((n, "JPY".to_owned()))));
        assert_eq!(paid("9000 JPY", "9000"), yen(9_000));
        assert_eq!(paid("9000jpy", "9000 JPY"), yen(9_000));
        for (revenue, fee, says) in [
            ("", "", "Revenue must be an amount"),
            ("1200.50", "", "Revenue needs a whole number"),
            ("much", "", "Revenue must be an amount"),
            ("1", "x", "Monthly fee must be an amount"),
        ] {
            let told = paid(revenue, fee).unwrap_err();
            assert!(told.starts_with(says), "{told}");
        }
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn an_account_fills_in_what_it_knows() {
        use domain::account::{Field as Of, Typed};
        let fields = [
            (Of::Name, "Hoshino Print"),
            (Of::Tier, "Growth"),
            (Of::Currency, "JPY"),
            (Of::AnnualRevenue, "21600000"),
            (Of::MonthlyFee, "1800000"),
            (Of::RenewsOn, "2027-02-19"),
            (Of::DealStage, "Renewal"),
        ];
        let typed = Typed(fields.map(|(of, text)| (of, text.to_owned())).into());
        let id = AccountId(uuid::Uuid::from_u128(7));
        let account = Account::read(id, &typed, None).expect("a valid account");
        let mut filled = filled(&account);
        assert!(filled.remove(SAID).is_some());
        let over: Vec<(&str, &str)> = filled
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str()))
            .collect();
        let of_the_account = Customer {
            sees: String::new(),
            sentiment_before: None,
            sentiment_now: None,
            churn_before: None,
            churn_now: None,
            churn_reason: None,
            impact_from: None,
            impact_to: None,
            ..known()
        };
        assert_eq!(
            made(&note(None, &Policy::default()), &over),
            Ok(of_the_account)
        );
    }
}
