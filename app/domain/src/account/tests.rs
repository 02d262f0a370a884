use super::*;
use uuid::Uuid;

fn typed(fields: &[(Field, &str)]) -> Typed {
    Typed(fields.iter().map(|(f, t)| (*f, (*t).to_owned())).collect())
}

fn full() -> Typed {
    typed(&[
        (Field::Name, " Orchard  Bank "),
        (Field::Tier, "Strategic"),
        (Field::Strategic, "Yes"),
        (Field::Currency, "eur"),
        (Field::AnnualRevenue, "1 780 000"),
        (Field::MonthlyFee, "148333.33"),
        (Field::RenewsOn, "2027-06-30"),
        (Field::Owner, "ines.faro@acme.example"),
        (
            Field::Contacts,
            "Jo Park; CFO; jo@orchard.example; +49 30 123\r\nAl Roe;; al@orchard.example | Kim",
        ),
        (Field::Sla, "99.9: 10 | 99: 25"),
        (Field::SlaCap, "50"),
        (Field::DealStage, "Renewal: negotiation"),
    ])
}

fn with(field: Field, text: &str) -> Typed {
    let mut typed = full();
    typed.0.insert(field, text.to_owned());
    typed
}

fn id() -> AccountId {
    AccountId(Uuid::from_u128(1))
}

fn read(typed: &Typed) -> Result<Account, Vec<Problem>> {
    Account::read(id(), typed, None)
}

#[test]
fn an_account_is_read_from_text_and_written_back() {
    let account = read(&full()).unwrap();
    assert_eq!(
        (account.name.as_str(), account.strategic),
        ("Orchard  Bank", true)
    );
    assert_eq!(account.monthly_fee.minor, 14_833_333);
    assert_eq!(account.annual_revenue.minor, 178_000_000);
    assert_eq!(account.renews_on.unwrap().to_string(), "2027-06-30");
    let roles: Vec<_> = account.contacts.iter().map(|c| c.role.as_deref()).collect();
    assert_eq!(roles, [Some("CFO"), None, None]);
    assert_eq!(
        account.contacts[1].email.as_deref(),
        Some("al@orchard.example")
    );
    assert_eq!(
        account.plain(Field::Contacts),
        "Jo Park; CFO; jo@orchard.example; +49 30 123 | Al Roe; ; al@orchard.example | Kim"
    );
    let plain = Typed(Field::ALL.map(|f| (f, account.plain(f))).into());
    assert_eq!(read(&plain), Ok(account.clone()));
    assert!(account.changes_from(&account).is_empty());
    let json = serde_json::to_string(&account).unwrap();
    assert_eq!(serde_json::from_str::<Account>(&json).unwrap(), account);
}

#[test]
fn five_fields_are_enough() {
    let required: Vec<Field> = Field::ALL.into_iter().filter(|f| f.is_required()).collect();
    let mut few = full();
    few.0.retain(|field, _| field.is_required());
    let account = read(&few).unwrap();
    assert_eq!(
        (account.strategic, account.sla, account.owner),
        (false, None, None)
    );
    for field in required {
        for blank in [None, Some(" ")] {
            let mut without = few.clone();
            without.0.remove(&field);
            if let Some(blank) = blank {
                without.0.insert(field, blank.to_owned());
            }
            let problems = read(&without).unwrap_err();
            assert_eq!(
                problems[0].to_string(),
                format!("{} must not be empty.", field.label())
            );
        }
    }
}

#[test]
fn what_is_left_out_stays_and_what_is_empty_goes() {
    let before = read(&full()).unwrap();
    let update = typed(&[
        (Field::Name, "orchard bank"),
        (Field::Tier, "Enterprise"),
        (Field::Owner, ""),
    ]);
    let after = Account::read(id(), &update, Some(&before)).unwrap();
    assert_eq!(
        (after.owner.as_ref(), &after.contacts),
        (None, &before.contacts)
    );
    let changes = after.changes_from(&before);
    let told: Vec<_> = changes
        .iter()
        .map(|c| (c.field, c.old.as_str(), c.new.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (Field::Name, "Orchard  Bank", "orchard bank"),
            (Field::Tier, "Strategic", "Enterprise"),
            (Field::Owner, "ines.faro@acme.example", ""),
        ]
    );
    // The cap goes with the tiers, unless somebody says otherwise.
    let none = Account::read(id(), &typed(&[(Field::Sla, "")]), Some(&before)).unwrap();
    assert_eq!(none.sla, None);
    let alone = typed(&[(Field::Sla, ""), (Field::SlaCap, "50")]);
    let problems = Account::read(id(), &alone, Some(&before)).unwrap_err();
    assert!(
        problems[0].problem.contains("without an SLA"),
        "{problems:?}"
    );
}

#[test]
fn each_field_says_what_is_wrong_with_it() {
    let long = "x".repeat(201);
    let crowd = "Jo |".repeat(51);
    for (field, text, says) in [
        (Field::Name, long.as_str(), "at most 200 characters"),
        (Field::Name, "a\nb", "must be a single line"),
        (Field::Tier, "a\u{0}b", "control characters"),
        (Field::Strategic, "perhaps", "must be yes or no"),
        (Field::Currency, "EURO", "three letters"),
        (Field::Currency, "€", "three letters"),
        (Field::AnnualRevenue, "1.780.000", "must be an amount"),
        (Field::AnnualRevenue, "1,5", "must be an amount"),
        (
            Field::MonthlyFee,
            "1.005",
            "more decimals than the 2 of EUR",
        ),
        (Field::RenewsOn, "30.06.2027", "year-month-day"),
        (Field::RenewsOn, "2027-02-29", "year-month-day"),
        (
            Field::RenewsOn,
            "1999-12-31",
            "between the years 2000 and 2199",
        ),
        (
            Field::RenewsOn,
            "2200-01-01",
            "between the years 2000 and 2199",
        ),
        (Field::Owner, "a\nb", "must be a single line"),
        (Field::Contacts, "; CFO", "begins with no name"),
        (Field::Contacts, "Jo; CFO; jo.example", "no e-mail address"),
        (Field::Contacts, "Jo; CFO; @b", "no e-mail address"),
        (
            Field::Contacts,
            "Jo; CFO; a@b; 1; 2",
            "more than four parts",
        ),
        (Field::Contacts, crowd.as_str(), "at most 50 people"),
        (Field::Sla, "99: 25 | 99.9: 10", "out of order"),
        (Field::SlaCap, "101", "above 0 and at most 100"),
        (Field::DealStage, long.as_str(), "at most 200 characters"),
    ] {
        let problems = read(&with(field, text)).unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(problems[0].field, field);
        assert!(problems[0].problem.contains(says), "{problems:?}");
    }
}

#[test]
fn every_problem_of_an_account_is_told_at_once() {
    let mut bad = with(Field::Strategic, "perhaps");
    bad.0.insert(Field::RenewsOn, "soon".to_owned());
    bad.0.insert(Field::MonthlyFee, "much".to_owned());
    let fields: Vec<_> = read(&bad).unwrap_err().iter().map(|p| p.field).collect();
    assert_eq!(
        fields,
        [Field::Strategic, Field::MonthlyFee, Field::RenewsOn]
    );
}

#[test]
fn the_edges_of_renewal_years_and_yes_and_no_are_taken() {
    for (field, text) in [
        (Field::RenewsOn, "2000-01-01"),
        (Field::RenewsOn, "2199-12-31"),
        (Field::RenewsOn, "2028-02-29"),
        (Field::Strategic, "FALSE"),
        (Field::Strategic, "1"),
    ] {
        assert!(read(&with(field, text)).is_ok(), "{text}");
    }
    assert!(!read(&with(Field::Strategic, "")).unwrap().strategic);
    let yen = with(Field::Currency, "JPY");
    assert!(read(&yen).is_err(), "148333.33 is no amount of yen");
}

#[test]
fn names_are_the_same_whatever_their_capitals_and_spaces() {
    assert_eq!(key(" Orchard \t BANK "), key("orchard bank"));
    assert_eq!(key("ÉTOILE"), key("étoile"));
    assert_ne!(key("Orchard Bank"), key("OrchardBank"));
    let account = read(&full()).unwrap();
    assert!(
        account
            .searched()
            .contains("orchard bank\nstrategic\nines.faro@")
    );
    assert_eq!(
        Field::of_column(" Annual Revenue"),
        Some(Field::AnnualRevenue)
    );
    assert_eq!(Field::of_column("SLA-cap"), Some(Field::SlaCap));
    assert_eq!(Field::of_column("revenue"), None);
    for field in Field::ALL {
        assert_eq!(Field::of_column(field.column()), Some(field));
    }
}
