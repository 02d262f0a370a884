//! What the board shows of incidents it does not hold whole.

use crate::{Incident, IncidentId, IncidentNumber, Severity, Status, Time};
use serde::{Deserialize, Serialize};

/// One line about a closed incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Which.
    pub id: IncidentId,
    /// Its number.
    pub number: IncidentNumber,
    /// Its title.
    pub title: String,
    /// How bad it was.
    pub severity: Severity,
    /// Where it stands.
    pub status: Status,
    /// When it was declared.
    pub declared_at: Time,
    /// When customers were first hurt.
    pub impact_began_at: Time,
    /// When they were well again.
    pub impact_ended_at: Option<Time>,
    /// When it was closed.
    pub closed_at: Option<Time>,
}

impl Summary {
    /// The line of a numbered incident.
    #[must_use]
    pub fn of(incident: &Incident) -> Option<Self> {
        let declared = incident.declared.as_ref()?;
        Some(Self {
            id: incident.id,
            number: incident.number?,
            title: declared.title.clone(),
            severity: incident.severity()?,
            status: incident.status,
            declared_at: declared.at,
            impact_began_at: declared.impact_began_at,
            impact_ended_at: incident.impact_ended_at,
            closed_at: (incident.status == Status::Closed)
                .then(|| incident.reached_at(Status::Closed))
                .flatten(),
        })
    }
}
