//! Customer accounts (RUNBOOK §9): what is known of each, and how it is read from what people
//! type, be it a line of a CSV file or a form. One set of rules serves both.

mod field;

pub use field::Field;

use crate::customer::Money;
use crate::money::{self, is_currency};
use crate::sla::Sla;
use crate::text::{line, name};
use crate::{AccountId, Refusal};
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A customer account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Which.
    pub id: AccountId,
    /// As everybody calls it; unique by its [`key`].
    pub name: String,
    /// E.g. "Strategic", "Growth".
    pub tier: String,
    /// Fully stopped, it makes a SEV-1 (RUNBOOK §1).
    pub strategic: bool,
    /// What it pays a year, in the account's currency.
    pub annual_revenue: Money,
    /// What it pays a month, in the same currency; credits are shares of it.
    pub monthly_fee: Money,
    /// When the contract renews.
    pub renews_on: Option<NaiveDate>,
    /// Who looks after it: a name or an e-mail address.
    pub owner: Option<String>,
    /// Whom to call, the first one first.
    pub contacts: Vec<Contact>,
    /// What availability it was promised, if any.
    pub sla: Option<Sla>,
    /// Where the deal with it stands, e.g. "Renewal: negotiation".
    pub deal_stage: Option<String>,
}

/// Somebody on the customer's side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Their name.
    pub name: String,
    /// E.g. "CFO".
    pub role: Option<String>,
    /// Where to write.
    pub email: Option<String>,
    /// Where to call.
    pub phone: Option<String>,
}

/// Two names with the same key are the same account: capitals and the number of spaces do not
/// tell names apart.
#[must_use]
pub fn key(name: &str) -> String {
    let words: Vec<String> = name.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

/// What somebody typed about an account. A field that is not in it leaves what is known as it
/// is; one that is there and empty empties it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed(pub BTreeMap<Field, String>);

/// Why a field cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which.
    pub field: Field,
    /// What is wrong with it and what to do, fit to follow the field's label.
    pub problem: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}.", self.field.label(), self.problem)
    }
}

/// A field that would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which.
    pub field: Field,
    /// As it is.
    pub old: String,
    /// As it would be.
    pub new: String,
}

/// More people than that are no contacts but a mailing list.
const CONTACTS_MAX: usize = 50;
/// A contract that renews outside of these years is a typing error.
const RENEWAL_YEARS: std::ops::RangeInclusive<i32> = 2000..=2199;

impl Account {
    /// The account that `typed` describes; what it leaves out is taken from `before`.
    ///
    /// # Errors
    /// Every field that is wrong, not only the first.
    pub fn read(id: AccountId, typed: &Typed, before: Option<&Self>) -> Result<Self, Vec<Problem>> {
        let mut reading = Reading {
            typed,
            before,
            problems: Vec::new(),
        };
        let read = reading.account(id);
        match read {
            Some(account) if reading.problems.is_empty() => Ok(account),
            _ => Err(reading.problems),
        }
    }

    /// A field as people type it; [`Account::read`] makes the same of it.
    #[must_use]
    pub fn plain(&self, field: Field) -> String {
        let optional = |text: &Option<String>| text.clone().unwrap_or_default();
        match field {
            Field::Name => self.name.clone(),
            Field::Tier => self.tier.clone(),
            Field::Strategic => if self.strategic { "yes" } else { "no" }.to_owned(),
            Field::Currency => self.monthly_fee.currency.clone(),
            Field::AnnualRevenue => self.annual_revenue.plain(),
            Field::MonthlyFee => self.monthly_fee.plain(),
            Field::RenewsOn => self.renews_on.map(|d| d.to_string()).unwrap_or_default(),
            Field::Owner => optional(&self.owner),
            Field::Contacts => {
                let contacts: Vec<String> = self.contacts.iter().map(Contact::plain).collect();
                contacts.join(" | ")
            }
            Field::Sla => self.sla.as_ref().map(Sla::tiers_plain).unwrap_or_default(),
            Field::SlaCap => self
                .sla
                .as_ref()
                .map(|s| s.cap.to_string())
                .unwrap_or_default(),
            Field::DealStage => optional(&self.deal_stage),
        }
    }

    /// What this differs in from what it was.
    #[must_use]
    pub fn changes_from(&self, before: &Self) -> Vec<Change> {
        Field::ALL
            .into_iter()
            .map(|field| Change {
                field,
                old: before.plain(field),
                new: self.plain(field),
            })
            .filter(|change| change.old != change.new)
            .collect()
    }

    /// What a search looks in, in small letters: name, tier, owner and deal stage.
    #[must_use]
    pub fn searched(&self) -> String {
        let texts = [
            Some(&self.name),
            Some(&self.tier),
            self.owner.as_ref(),
            self.deal_stage.as_ref(),
        ];
        let texts: Vec<String> = texts.into_iter().flatten().map(|t| key(t)).collect();
        texts.join("\n")
    }
}

impl Contact {
    /// `Name; role; e-mail; phone`, without what is empty at the end.
    #[must_use]
    pub fn plain(&self) -> String {
        let part = |text: &Option<String>| text.clone().unwrap_or_default();
        let parts = [
            self.name.clone(),
            part(&self.role),
            part(&self.email),
            part(&self.phone),
        ];
        parts.join("; ").trim_end_matches([';', ' ']).to_owned()
    }

    fn read(text: &str) -> Result<Self, String> {
        let wrong = |what: &str| {
            format!(
                "has “{text}”, {what}; a contact looks like Jo Park; CFO; jo@customer.example; +49 30 123"
            )
        };
        let mut parts = text.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let mut next = || {
            let part = parts.next().filter(|p| !p.is_empty());
            part.map(|p| line("Contacts", p).map_err(problem_of))
                .transpose()
        };
        let contact = Self {
            name: line("Contacts", name).map_err(|_| wrong("which begins with no name"))?,
            role: next()?,
            email: next()?,
            phone: next()?,
        };
        if parts.next().is_some() {
            return Err(wrong("which has more than four parts"));
        }
        match &contact.email {
            Some(email) if !is_email(email) => {
                Err(wrong("where the third part is no e-mail address"))
            }
            _ => Ok(contact),
        }
    }
}

/// Something on both sides of one @, and no spaces.
fn is_email(text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
        && !text.contains(char::is_whitespace)
}

/// One account on its way from text, with what was found wrong so far.
struct Reading<'a> {
    typed: &'a Typed,
    before: Option<&'a Account>,
    problems: Vec<Problem>,
}

impl Reading<'_> {
    fn account(&mut self, id: AccountId) -> Option<Account> {
        let name = self.field(Field::Name, |text| {
            name(Field::Name.label(), text).map_err(problem_of)
        });
        let tier = self.field(Field::Tier, |text| one_line(Field::Tier, text));
        let strategic = self.field(Field::Strategic, yes_or_no);
        let currency = self.field(Field::Currency, currency);
        // Without a currency nobody knows how many decimals are right.
        let mut amount = |field| {
            let currency = currency.as_ref()?;
            let minor = self.field(field, |text| money::minor(text, currency))?;
            Some(Money {
                currency: currency.clone(),
                minor,
            })
        };
        let (annual_revenue, monthly_fee) =
            (amount(Field::AnnualRevenue), amount(Field::MonthlyFee));
        let renews_on = self.field(Field::RenewsOn, |text| optional(text, day));
        let owner = self.field(Field::Owner, |text| {
            optional(text, |t| one_line(Field::Owner, t))
        });
        let contacts = self.field(Field::Contacts, contacts);
        let deal_stage = self.field(Field::DealStage, |text| {
            optional(text, |t| one_line(Field::DealStage, t))
        });
        let sla = self.sla();
        Some(Account {
            id,
            name: name?,
            tier: tier?,
            strategic: strategic?,
            annual_revenue: annual_revenue?,
            monthly_fee: monthly_fee?,
            renews_on: renews_on?,
            owner: owner?,
            contacts: contacts?,
            sla: sla?,
            deal_stage: deal_stage?,
        })
    }

    fn text(&self, field: Field) -> String {
        let typed = self.typed.0.get(&field).cloned();
        let known = || self.before.map(|before| before.plain(field));
        typed.or_else(known).unwrap_or_default()
    }

    fn field<T>(
        &mut self,
        field: Field,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.text(field);
        let read = match text.trim() {
            "" if field.is_required() => Err("must not be empty".to_owned()),
            text => read(text),
        };
        read.map_err(|problem| self.problems.push(Problem { field, problem }))
            .ok()
    }

    /// Both fields at once: a cap without tiers says nothing.
    fn sla(&mut self) -> Option<Option<Sla>> {
        let (tiers, cap) = (self.text(Field::Sla), self.text(Field::SlaCap));
        if tiers.trim().is_empty() {
            let is_alone = self.typed.0.contains_key(&Field::SlaCap) && !cap.trim().is_empty();
            if is_alone {
                let problem = "stands without an SLA; fill in the tiers or empty this".to_owned();
                let field = Field::SlaCap;
                self.problems.push(Problem { field, problem });
            }
            return (!is_alone).then_some(None);
        }
        match Sla::read(&tiers, &cap) {
            Ok(sla) => Some(Some(sla)),
            Err(refusal) => {
                let is_cap = matches!(&refusal, Refusal::Invalid { field, .. } if field == Field::SlaCap.label());
                let field = if is_cap { Field::SlaCap } else { Field::Sla };
                let problem = problem_of(refusal);
                self.problems.push(Problem { field, problem });
                None
            }
        }
    }
}

fn one_line(field: Field, text: &str) -> Result<String, String> {
    line(field.label(), text).map_err(problem_of)
}

/// What is wrong, without the name of the field.
fn problem_of(refusal: Refusal) -> String {
    match refusal {
        Refusal::Invalid { problem, .. } => problem,
        other => other.to_string(),
    }
}

/// Blank counts as absent.
fn optional<T>(
    text: &str,
    read: impl FnOnce(&str) -> Result<T, String>,
) -> Result<Option<T>, String> {
    match text {
        "" => Ok(None),
        text => read(text).map(Some),
    }
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text.to_lowercase().as_str() {
        "yes" | "y" | "true" | "1" | "x" => Ok(true),
        "" | "no" | "n" | "false" | "0" | "-" => Ok(false),
        _ => Err("must be yes or no".to_owned()),
    }
}

fn currency(text: &str) -> Result<String, String> {
    let text = text.to_ascii_uppercase();
    if is_currency(&text) {
        return Ok(text);
    }
    Err("must be the three letters of a currency, such as EUR".to_owned())
}

fn day(text: &str) -> Result<NaiveDate, String> {
    let problem = || "must be a day written year-month-day, such as 2027-01-31".to_owned();
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| problem())?;
    if !RENEWAL_YEARS.contains(&day.year()) {
        let (from, to) = (RENEWAL_YEARS.start(), RENEWAL_YEARS.end());
        return Err(format!("must be between the years {from} and {to}"));
    }
    Ok(day)
}

fn contacts(text: &str) -> Result<Vec<Contact>, String> {
    let contacts: Vec<Contact> = text
        .split(['|', '\n'])
        .map(str::trim)
        .filter(|c| !c.is_empty())
        .map(Contact::read)
        .collect::<Result<_, _>>()?;
    if contacts.len() > CONTACTS_MAX {
        return Err(format!("must be at most {CONTACTS_MAX} people"));
    }
    Ok(contacts)
}

#[cfg(test)]
mod tests;
