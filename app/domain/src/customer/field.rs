//! What is known of a customer, field by field: who changed which, and where two changes meet.

use super::{ChurnRisk, Customer, Money};
use crate::Time;
use crate::shown::Shown as _;
use serde::{Deserialize, Serialize};

macro_rules! fields {
    ($($variant:ident $field:ident $label:literal),* $(,)?) => {
        /// One thing that is known of a customer.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[expect(missing_docs, reason = "each is the field of its name")]
        pub enum CustomerField {
            $($variant),*
        }

        impl CustomerField {
            /// In the order told.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// In a sentence.
            #[must_use]
            pub fn label(self) -> &'static str {
                match self {
                    $(Self::$variant => $label),*
                }
            }

            /// Whether both say the same of it alone.
            fn is_same(self, one: &Customer, other: &Customer) -> bool {
                match self {
                    $(Self::$variant => one.$field == other.$field),*
                }
            }

            /// Puts what `from` says of it in the place of what `to` says.
            pub fn copy(self, from: &Customer, to: &mut Customer) {
                match self {
                    $(Self::$variant => to.$field.clone_from(&from.$field)),*
                }
            }
        }
    };
}

fields! {
    SentimentNow sentiment_now "sentiment now",
    ChurnNow churn_now "churn risk now",
    ChurnReason churn_reason "because",
    DealStage deal_stage "deal stage",
    ImpactFrom impact_from "hurt from",
    ImpactTo impact_to "hurt until",
    Sees sees "what they see",
    Name name "name",
    Tier tier "tier",
    AnnualRevenue annual_revenue "revenue",
    Currency currency "currency",
    MonthlyFee monthly_fee "monthly fee",
    RenewsOn renews_on "renewal",
    SentimentBefore sentiment_before "sentiment before",
    ChurnBefore churn_before "churn risk before",
    Account account "account",
}

impl CustomerField {
    /// Whether both say the same of it, and of what it means nothing without.
    #[must_use]
    pub fn is_alike(self, one: &Customer, other: &Customer) -> bool {
        self.together().all(|field| field.is_same(one, other))
    }

    /// The field with those that it means nothing without: an amount is one in its currency, and a risk has its
    /// reason. What two people change in them is never put together.
    pub fn together(self) -> impl Iterator<Item = Self> {
        let all = Self::ALL.iter().copied();
        all.filter(move |field| field.first() == self.first())
    }

    /// The one that stands for those that belong together.
    fn first(self) -> Self {
        match self {
            Self::Currency | Self::MonthlyFee => Self::AnnualRevenue,
            Self::ChurnReason => Self::ChurnNow,
            field => field,
        }
    }

    /// What is said of it, in words.
    #[must_use]
    pub fn shown(self, of: &Customer) -> String {
        let time = |at: Option<Time>| told(at.map(|at| at.shown("%Y-%m-%d %H:%M UTC")));
        let text = |text: &str| told(Some(text).filter(|t| !t.is_empty()));
        match self {
            Self::SentimentNow => told(of.sentiment_now),
            Self::ChurnNow => told(of.churn_now.map(ChurnRisk::label)),
            Self::ChurnReason => told(of.churn_reason.as_ref()),
            Self::DealStage => told(of.deal_stage.as_ref()),
            Self::ImpactFrom => time(of.impact_from),
            Self::ImpactTo => time(of.impact_to),
            Self::Sees => text(&of.sees),
            Self::Name => text(&of.name),
            Self::Tier => text(&of.tier),
            Self::AnnualRevenue => of.annual_revenue.to_string(),
            Self::Currency => told(of.currency.as_ref()),
            Self::MonthlyFee => told(of.monthly_fee.as_ref().map(Money::shown)),
            Self::RenewsOn => told(of.renews_on),
            Self::SentimentBefore => told(of.sentiment_before),
            Self::ChurnBefore => told(of.churn_before.map(ChurnRisk::label)),
            Self::Account => told(of.account),
        }
    }

    /// Where the two differ.
    pub fn differing(one: &Customer, other: &Customer) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|f| !f.is_same(one, other))
    }
}

fn told<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "none".to_owned(), |v| v.to_string())
}
