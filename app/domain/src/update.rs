//! What customers are told (RUNBOOK §5).

use crate::customer::CustomerRef;
use crate::wording::Excuse;
use crate::{Incident, PersonRef, Status, Time, UpdateId};
use serde::{Deserialize, Serialize};

/// Which update it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpdateKind {
    /// The first of the incident; ends the first-update clock.
    First,
    /// Each one after.
    Progress,
    /// It is over: cause, impact window, prevention. Ends the cadence for its readers.
    Resolution,
    /// What was learned from it, after it is over.
    Learned,
}

impl UpdateKind {
    /// As shown.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::First => "First update",
            Self::Progress => "Progress update",
            Self::Resolution => "Resolution update",
            Self::Learned => "What we learned",
        }
    }

    /// Whether it needs a promise of the next one.
    #[must_use]
    pub fn promises(self) -> bool {
        matches!(self, Self::First | Self::Progress)
    }
}

/// To whom. What is not published to an audience does not exist for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// The public status page.
    Public,
    /// Customers named here, and nobody else. Security incidents start this way.
    Named {
        /// Each once. Older events and older builds have names alone.
        customers: Vec<CustomerRef>,
    },
}

impl Audience {
    /// One customer and nobody else.
    #[must_use]
    pub fn only(customer: CustomerRef) -> Self {
        Self::Named {
            customers: vec![customer],
        }
    }

    /// The customers who are named; none where it is public.
    #[must_use]
    pub fn named(&self) -> &[CustomerRef] {
        match self {
            Self::Public => &[],
            Self::Named { customers } => customers,
        }
    }

    /// Whether everybody who reads what is said to `other` reads what is said to these, too.
    #[must_use]
    pub fn covers(&self, other: &Self, incident: &Incident) -> bool {
        match (self, other) {
            (Self::Public, _) => true,
            (Self::Named { .. }, Self::Public) => false,
            (Self::Named { customers: these }, Self::Named { customers: others }) => {
                let is_there = |other| these.iter().any(|one| incident.is_same_reader(one, other));
                others.iter().all(is_there)
            }
        }
    }

    /// With the names that its readers have on the incident by now.
    #[must_use]
    pub fn called_today(&self, incident: &Incident) -> Self {
        match self {
            Self::Public => Self::Public,
            Self::Named { customers } => Self::Named {
                customers: customers.iter().map(|c| incident.called_today(c)).collect(),
            },
        }
    }

    /// As shown on the publish button.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Public => "the public status page".to_owned(),
            Self::Named { customers } => {
                let names: Vec<&str> = customers.iter().map(|c| c.name.as_str()).collect();
                names.join(", ")
            }
        }
    }
}

/// How a component of the service does, in the status-page world's five words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComponentState {
    /// Working.
    Operational,
    /// Slow.
    DegradedPerformance,
    /// Partly down.
    PartialOutage,
    /// Down.
    MajorOutage,
}

impl ComponentState {
    /// Best first.
    pub const ALL: [Self; 4] = [
        Self::Operational,
        Self::DegradedPerformance,
        Self::PartialOutage,
        Self::MajorOutage,
    ];

    /// As customers read it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Operational => "Working",
            Self::DegradedPerformance => "Slow",
            Self::PartialOutage => "Partly down",
            Self::MajorOutage => "Down",
        }
    }
}

/// A component and how it does, as told to customers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComponentNote {
    /// A name from the policy's list.
    pub name: String,
    /// How it does.
    pub state: ComponentState,
}

/// What a resolution update must also say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closure {
    /// What caused it, in the customer's terms.
    pub cause: String,
    /// What keeps it from coming back.
    pub prevention: String,
    /// When customers were first hurt.
    pub impact_from: Time,
    /// When they were well again.
    pub impact_to: Time,
}

/// Everything the customer will read, and nothing they will not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateText {
    /// Which update it is.
    pub kind: UpdateKind,
    /// To whom.
    pub audience: Audience,
    /// What we know is happening.
    pub acknowledge: String,
    /// Who sees what, in exact numbers where known.
    pub impact: String,
    /// What we are doing.
    pub action: String,
    /// By when they hear from us again. Absolute; none only on a resolution.
    pub next_at: Option<Time>,
    /// How the components do.
    pub components: Vec<ComponentNote>,
    /// Cause, window and prevention, on a resolution.
    pub closure: Option<Closure>,
    /// The update that this one corrects.
    pub corrects: Option<UpdateId>,
}

/// A published update. Never edited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update {
    /// The command that published it.
    pub id: UpdateId,
    /// 1, 2, 3… within the incident.
    pub number: u32,
    /// What was said.
    pub text: UpdateText,
    /// Server time.
    pub published_at: Time,
    /// Who published it; never shown to customers.
    pub by: PersonRef,
    /// The status it was published under, which customers are shown.
    pub status: Status,
    /// The cadence in force then, minutes: what the silence after it is measured by.
    pub cadence_min: u32,
    /// Who approved it, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<PersonRef>,
    /// When they did, server time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_at: Option<Time>,
    /// Why stretches that break trust stayed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excuses: Vec<Excuse>,
    /// It waits on a device to be sent: nobody was told anything yet, and no promise is kept by it.
    #[serde(skip)]
    pub unsent: bool,
}

/// The components that do badly by the last word that all readers of this audience have, and how: what
/// an update leaves out goes on, and does not turn Working by not being named. A word that not all of
/// them may read is not passed on.
#[must_use]
pub fn carried_components(incident: &Incident, audience: &Audience) -> Vec<ComponentNote> {
    let mut newest_first = incident.updates.iter().rev();
    let last = newest_first.find(|u| u.text.audience.covers(audience, incident));
    let notes = last.filter(|u| u.text.kind.promises());
    let notes = notes.map_or(&[][..], |u| &u.text.components);
    notes
        .iter()
        .filter(|note| note.state != ComponentState::Operational)
        .cloned()
        .collect()
}
