//! What each status needs before it is reached (RUNBOOK §7).

use crate::calendar::business_days_after;
use crate::customer::CustomerRef;
use crate::evidence::Proves;
use crate::incident::PostMortem;
use crate::promise::{readers_label, readers_waiting};
use crate::{Incident, Policy, Status};
use serde::{Deserialize, Serialize};

/// One thing a gate asks for. Each is supplied by one command, so each missing one can be
/// shown with the button that supplies it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// A mitigation decision.
    Mitigation,
    /// Standing evidence.
    Evidence {
        /// Of what.
        proves: Proves,
    },
    /// The time the impact ended.
    ImpactEnd,
    /// The cause, known or under investigation.
    Cause,
    /// A published resolution update.
    ResolutionUpdate,
    /// The resolution update, for those who were told that another update follows and have heard nothing since.
    ResolutionFor {
        /// Who they are, in words.
        readers: String,
    },
    /// A credit decision.
    Credit {
        /// For this customer.
        customer: CustomerRef,
    },
    /// A post-mortem booked inside its business days.
    PostMortem,
    /// At least one action with owner, date and acceptance criteria.
    Action,
    /// A plan for telling customers of the follow-up.
    FollowUp,
}

impl Need {
    /// As shown in a list of what is missing, with the numbers of the incident's policy.
    #[must_use]
    pub fn label(&self, policy: &Policy) -> String {
        match self {
            Self::Mitigation => "A mitigation decision".to_owned(),
            Self::Evidence {
                proves: Proves::HarmStopped,
            } => "Proof from logs or metrics that the harm no longer spreads".to_owned(),
            Self::Evidence {
                proves: Proves::CustomersWork,
            } => "Proof that customers can work again".to_owned(),
            Self::Evidence {
                proves: Proves::Validated,
            } => "The check that was run, and over how long".to_owned(),
            Self::ImpactEnd => "The time the impact ended".to_owned(),
            Self::Cause => "The cause, known or under investigation".to_owned(),
            Self::ResolutionUpdate => "A published resolution update".to_owned(),
            Self::ResolutionFor { readers } => format!("The resolution update for {readers}"),
            Self::Credit { customer } => format!("A credit decision for {customer}"),
            Self::PostMortem => match policy.post_mortem_business_days {
                1 => "A post-mortem booked inside 1 business day".to_owned(),
                days => format!("A post-mortem booked inside {days} business days"),
            },
            Self::Action => {
                "A remediation action with owner, date and acceptance criteria".to_owned()
            }
            Self::FollowUp => "A plan for telling customers of the follow-up".to_owned(),
        }
    }
}

/// One criterion of a gate and whether the record meets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criterion {
    /// What is asked.
    pub need: Need,
    /// Whether it is there.
    pub met: bool,
}

/// All criteria of the step to `to`, in the order to supply them. Empty for Active, which is
/// never stepped to.
#[must_use]
pub fn criteria(incident: &Incident, to: Status, policy: &Policy) -> Vec<Criterion> {
    let evidence = |proves| Need::Evidence { proves };
    let needs: Vec<Need> = match to {
        Status::Active => Vec::new(),
        Status::Contained => vec![Need::Mitigation, evidence(Proves::HarmStopped)],
        Status::Mitigated => vec![evidence(Proves::CustomersWork), Need::ImpactEnd],
        Status::Resolved => vec![evidence(Proves::Validated), Need::Cause, Need::ImpactEnd],
        Status::Closed => {
            let credits = incident.customers.iter().map(|c| Need::Credit {
                customer: c.to_ref(),
            });
            std::iter::once(Need::ResolutionUpdate)
                .chain(resolution_for(incident, policy))
                .chain(credits)
                .chain([Need::PostMortem, Need::Action, Need::FollowUp])
                .collect()
        }
    };
    needs
        .into_iter()
        .map(|need| Criterion {
            met: is_met(incident, &need, policy),
            need,
        })
        .collect()
}

/// Those whom the published resolution update left out.
fn resolution_for(incident: &Incident, policy: &Policy) -> Option<Need> {
    if !incident.resolution_published() {
        return None;
    }
    let waiting = readers_waiting(incident, policy);
    (!waiting.is_empty()).then(|| Need::ResolutionFor {
        readers: readers_label(&waiting),
    })
}

/// What the step to `to` still lacks.
#[must_use]
pub fn missing(incident: &Incident, to: Status, policy: &Policy) -> Vec<Need> {
    criteria(incident, to, policy)
        .into_iter()
        .filter(|c| !c.met)
        .map(|c| c.need)
        .collect()
}

fn is_met(incident: &Incident, need: &Need, policy: &Policy) -> bool {
    match need {
        Need::Mitigation => !incident.mitigations.is_empty(),
        Need::Evidence { proves } => incident.standing(*proves).is_some(),
        Need::ImpactEnd => incident.impact_ended_at.is_some(),
        Need::Cause => incident.cause.is_some(),
        Need::ResolutionUpdate => incident.resolution_published(),
        Need::ResolutionFor { .. } => false,
        Need::Credit { customer } => incident.credit_for(customer.id).is_some(),
        // Held, it needs no date any more. One booked once the time had passed counts: its clock is
        // met late, and it is still to be held.
        Need::PostMortem => {
            let in_time = |booked: &PostMortem| {
                let days = policy.post_mortem_business_days;
                let by = incident
                    .over_since(Status::Resolved)
                    .map(|resolved| business_days_after(resolved, days, policy));
                by.is_some_and(|by| booked.at <= by || booked.booked_at >= by)
            };
            incident.held_at().is_some() || incident.booking().is_some_and(in_time)
        }
        Need::Action => !incident.actions.is_empty(),
        Need::FollowUp => incident.follow_up.is_some(),
    }
}
