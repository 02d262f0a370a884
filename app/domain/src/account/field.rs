//! The fields of an account: their columns, labels and how each is written.

/// What can be said of an account, in the order of forms and tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// [`super::Account::name`].
    Name,
    /// [`super::Account::tier`].
    Tier,
    /// [`super::Account::strategic`].
    Strategic,
    /// ISO 4217, of both amounts.
    Currency,
    /// [`super::Account::annual_revenue`].
    AnnualRevenue,
    /// [`super::Account::monthly_fee`].
    MonthlyFee,
    /// [`super::Account::renews_on`].
    RenewsOn,
    /// [`super::Account::owner`].
    Owner,
    /// [`super::Account::contacts`].
    Contacts,
    /// [`crate::sla::Sla::tiers`].
    Sla,
    /// [`crate::sla::Sla::cap`].
    SlaCap,
    /// [`super::Account::deal_stage`].
    DealStage,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Name,
        Self::Tier,
        Self::Strategic,
        Self::Currency,
        Self::AnnualRevenue,
        Self::MonthlyFee,
        Self::RenewsOn,
        Self::Owner,
        Self::Contacts,
        Self::Sla,
        Self::SlaCap,
        Self::DealStage,
    ];

    /// The column of a CSV file, and the name in a form.
    #[must_use]
    pub fn column(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Tier => "tier",
            Self::Strategic => "strategic",
            Self::Currency => "currency",
            Self::AnnualRevenue => "annual_revenue",
            Self::MonthlyFee => "monthly_fee",
            Self::RenewsOn => "renews_on",
            Self::Owner => "owner",
            Self::Contacts => "contacts",
            Self::Sla => "sla",
            Self::SlaCap => "sla_cap",
            Self::DealStage => "deal_stage",
        }
    }

    /// The field of this column, in capitals or not, with spaces or hyphens for underscores.
    #[must_use]
    pub fn of_column(column: &str) -> Option<Self> {
        let column = column.trim().to_lowercase().replace([' ', '-'], "_");
        Self::ALL.into_iter().find(|f| f.column() == column)
    }

    /// As shown.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Tier => "Tier",
            Self::Strategic => "Strategic",
            Self::Currency => "Currency",
            Self::AnnualRevenue => "Annual revenue",
            Self::MonthlyFee => "Monthly fee",
            Self::RenewsOn => "Renews on",
            Self::Owner => "Owner",
            Self::Contacts => "Contacts",
            Self::Sla => "SLA",
            Self::SlaCap => "SLA cap",
            Self::DealStage => "Deal stage",
        }
    }

    /// How it is written.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::Name => "one account per name, in capitals or not",
            Self::Tier => "e.g. Enterprise",
            Self::Strategic => "yes or no; left empty: no",
            Self::Currency => "three letters, e.g. EUR",
            Self::AnnualRevenue | Self::MonthlyFee => "e.g. 1234567.50",
            Self::RenewsOn => "year-month-day, e.g. 2027-01-31",
            Self::Owner => "who looks after it: a name or an e-mail address",
            Self::Contacts => "name; role; e-mail; phone, each contact on a line or after a |",
            Self::Sla => "e.g. 99.9: 10 | 99: 25, which is 10 % of the monthly fee below 99.9 %",
            Self::SlaCap => "the most a month gives, in % of the monthly fee; left empty: 100",
            Self::DealStage => "e.g. Renewal: negotiation",
        }
    }

    /// Whether a new account needs it and a file must have its column.
    #[must_use]
    pub fn is_required(self) -> bool {
        matches!(
            self,
            Self::Name | Self::Tier | Self::Currency | Self::AnnualRevenue | Self::MonthlyFee
        )
    }
}
