//! Who approves credits in the demo: nobody is named as shipped, and then nobody approves more than
//! the lowest row (RUNBOOK §9).

use super::people::{ANA, INES, MIA};
use super::scene::{Line, v7};
use domain::{Command, CommandId, Envelope, IncidentId, Policy, Time};

/// The change of the policy that names them, with ids of the scene `number`.
pub(super) fn named(number: u32, at: Time) -> Line {
    let mut policy = Policy::default();
    let approvers = [
        vec![INES.who().id, ANA.who().id],
        vec![MIA.who().id],
        vec![MIA.who().id],
    ];
    for (row, people) in policy.credit_matrix.iter_mut().zip(approvers) {
        row.people = people;
    }
    Line {
        at,
        by: ANA.who(),
        envelope: Envelope {
            id: CommandId(v7(at, number, 1)),
            incident: IncidentId::SETTINGS,
            made_at: at,
            command: Command::ChangePolicy {
                after_version: policy.version,
                policy: Box::new(policy),
                reason: "Name who approves credits; Mia Berg stands in for the CFO".to_owned(),
            },
        },
    }
}
