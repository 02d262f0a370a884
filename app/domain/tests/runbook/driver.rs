//! Random incidents, in which somebody always does the first next step, are closed, reopened and
//! closed again; the gate list, the next-step list and the clocks agree all the way, and in the end
//! every clock was met or honestly missed.

use crate::play::{Play, world};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeSet;

/// How many incidents are played.
const LIVES: u32 = 128;

proptest! {
    #![proptest_config(ProptestConfig { cases: LIVES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn who_always_does_the_first_step_closes_any_incident_and_every_clock_is_met_or_honestly_missed(
        world in world(),
    ) {
        Play::whole(&world);
    }
}

/// The play is worth something only if it gets everywhere: each clock in each of its states.
#[test]
fn the_random_incidents_see_every_clock_run_out_and_every_turn_taken() {
    let mut runner = TestRunner::deterministic();
    let (mut seen, mut taken) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..LIVES {
        let play = Play::whole(&world().new_tree(&mut runner).unwrap().current());
        seen.extend(play.seen);
        taken.extend(play.turns);
    }
    let mut never = Vec::new();
    let ended: &[&str] = &["Running", "Overdue", "Met", "MetLate"];
    for (label, states) in [
        ("Declare or dismiss", ended),
        ("Incident Commander named", ended),
        ("Core roles named", ended),
        ("Executive Sponsor named", ended),
        ("Conclude the hypothesis", ended),
        ("Answer from a party", ended),
        ("Post-mortem booked", ended),
        ("Post-mortem held", ended),
        ("Credit decided", ended),
        ("Remediation action done", ended),
        // These come again; how each was kept is counted.
        ("First customer update", &["Running", "Overdue"]),
        ("Next customer update", &["Running", "Overdue"]),
        (
            "Executive brief",
            &["Running", "AtRisk", "Overdue", "Stopped"],
        ),
        (
            "Relieve the Incident Commander",
            &["Running", "AtRisk", "Overdue", "Stopped"],
        ),
        ("Accept Comms Lead", &["AtRisk", "Overdue"]),
    ] {
        let states = states.iter().map(|s| (label.to_owned(), (*s).to_owned()));
        never.extend(states.filter(|pair| !seen.contains(pair)));
    }
    assert!(never.is_empty(), "never seen: {never:?}");
    let turns = "AddPlanStep AskParty Away BookPostMortem ChangeCadence ChangeSeverity DeclineRole \
        HandOverRole JudgeCredit MoveBack NoteCustomer OfferRole OpenDraft OpenHypothesis \
        ProposeCredit ReturnDraft ScheduleCall VacateRole";
    assert_eq!(taken.into_iter().collect::<Vec<_>>().join(" "), turns);
}
