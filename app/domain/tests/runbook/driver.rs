//! The gate list, the next-step list and the clocks agree: random incidents, in which somebody
//! always does the first next step, are closed, and every clock is met or honestly missed.

use crate::follow::{follow, who};
use crate::room::{Room, ana, bo, customer, cy, declare, minutes, person, report};
use domain::adherence::{Promise, PromiseState, update_promises};
use domain::call::{CallKind, Side};
use domain::clock::{Clock, ClockKind, ClockState, Ended, clocks};
use domain::draft::Of;
use domain::fix::Party;
use domain::gate::{Need, missing};
use domain::next_step::{Step, Target, next_steps};
use domain::{Command, PersonRef, Role, Severity, Status, Time};
use proptest::prelude::*;

/// Nobody needs more steps than this, whatever comes between.
const STEPS_MAX: usize = 900;

/// What comes between, while the incident is open.
#[derive(Clone, Debug)]
enum Turn {
    Customer(usize),
    Guess(u32),
    Ask(usize),
    Severity(usize),
    Cadence(u32),
    Call { daily: bool, in_min: i64 },
    Plan,
    Draft,
    Vacate(usize),
    HandOver(usize),
    Back(usize),
}

fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        (0_usize..3).prop_map(Turn::Customer),
        (1_u32..90).prop_map(Turn::Guess),
        (0_usize..5).prop_map(Turn::Ask),
        (0_usize..3).prop_map(Turn::Severity),
        (30_u32..300).prop_map(Turn::Cadence),
        (any::<bool>(), 1_i64..600).prop_map(|(daily, in_min)| Turn::Call { daily, in_min }),
        Just(Turn::Plan),
        Just(Turn::Draft),
        (0_usize..5).prop_map(Turn::Vacate),
        (0_usize..5).prop_map(Turn::HandOver),
        (0_usize..5).prop_map(Turn::Back),
    ]
}

/// What this turn comes to in this room; none where it has no meaning.
fn meant(room: &Room, turn: &Turn) -> Option<(PersonRef, Command)> {
    let why = || "It turned out so".to_owned();
    let names = ["Northwind", "Tallis", "Halden Foods"];
    let known = room.incident.customers.first().map(|c| c.name.clone());
    let command = match turn {
        Turn::Customer(n) => Command::NoteCustomer {
            customer: customer(names[*n]),
        },
        Turn::Guess(min) => Command::OpenHypothesis {
            statement: "A pool is exhausted".to_owned(),
            owner: bo(),
            timebox_min: Some(*min),
        },
        Turn::Ask(n) => Command::AskParty {
            party: Party::ALL[*n],
            whom: "On-call".to_owned(),
            what: "What do we owe?".to_owned(),
        },
        Turn::Severity(n) => Command::ChangeSeverity {
            to: Severity::ALL[*n],
            reason: why(),
        },
        Turn::Cadence(every_min) => Command::ChangeCadence {
            every_min: *every_min,
            reason: why(),
        },
        Turn::Call { daily, in_min } => Command::ScheduleCall {
            customer: known?,
            kind: CallKind::Executive,
            with: "their CFO".to_owned(),
            at: room.now + minutes(*in_min),
            daily: *daily,
        },
        Turn::Plan => Command::AddPlanStep {
            customer: known?,
            what: "Walk them through the report".to_owned(),
            side: Side::Ours { person: bo() },
            due_on: room.now.date_naive(),
        },
        Turn::Draft => {
            let of = Of::Update;
            return Some((
                who(room, Role::Comms),
                Command::OpenDraft {
                    of,
                    take_over: true,
                },
            ));
        }
        Turn::Vacate(n) => Command::VacateRole {
            role: Role::ALL[*n],
            reason: why(),
            holder: None,
        },
        Turn::HandOver(n) => Command::HandOverRole {
            role: Role::ALL[*n],
            to: person(4 - *n),
            note: why(),
            two_hats: Some(why()),
        },
        Turn::Back(n) => {
            let to = Status::ALL[*n];
            let once = room.incident.went_back() == 0 && to < room.incident.status;
            return once.then(|| (ana(), Command::MoveBack { to, reason: why() }));
        }
    };
    Some((ana(), command))
}

fn all_clocks(room: &Room) -> Vec<Clock> {
    clocks(&room.incident, &room.policy)
}

fn steps(room: &Room) -> Vec<Step> {
    next_steps(&room.incident, &room.policy, room.now)
}

/// Whether this step is about customers or executives being told.
fn tells(target: &Target, of: Of) -> bool {
    match target {
        Target::Update(_) => of == Of::Update,
        Target::Brief => of == Of::Brief,
        Target::Approve(what) | Target::Publish(what) => *what == of,
        _ => false,
    }
}

/// Whether doing this step leads towards what the clock asks for.
fn serves(step: &Target, clock: &Clock) -> bool {
    let names = |roles: &[Role]| matches!(step, Target::Offer(role) | Target::Answer(role) if roles.contains(role));
    match clock.kind {
        ClockKind::DeclareOrDismiss => *step == Target::Triage,
        ClockKind::CommanderNamed => names(&[Role::Commander]),
        ClockKind::CoreRolesNamed => names(&Role::CORE),
        ClockKind::SponsorNamed => names(&[Role::Sponsor]),
        ClockKind::RoleAccepted(role) => *step == Target::Answer(role),
        ClockKind::FirstUpdate | ClockKind::NextUpdate => tells(step, Of::Update),
        ClockKind::Brief => tells(step, Of::Brief),
        ClockKind::HypothesisTimebox(id) => *step == Target::Conclude(id),
        ClockKind::PartyResponse(id) => *step == Target::Chase(id),
        ClockKind::CommanderRelief => *step == Target::Relief,
        ClockKind::PostMortemBooked => *step == Target::Supply(Need::PostMortem),
        // It is held once it is booked.
        ClockKind::PostMortemHeld => {
            matches!(
                step,
                Target::HoldPostMortem | Target::Supply(Need::PostMortem)
            )
        }
        ClockKind::CreditDecision => matches!(step, Target::Supply(Need::Credit { .. })),
        ClockKind::ActionDone(id) => *step == Target::Action(id),
    }
}

/// The three lists say the same.
fn assert_agreed(room: &Room) {
    let (steps, clocks) = (steps(room), all_clocks(room));
    for clock in clocks.iter().filter(|c| c.is_running()) {
        assert!(
            steps.iter().any(|s| serves(&s.target, clock)),
            "no step for {clock:?}: {steps:?}"
        );
    }
    for step in steps.iter().filter(|s| s.due_at.is_some()) {
        let due_at = step.due_at.unwrap();
        let by_clock = clocks
            .iter()
            .any(|c| c.is_running() && c.due_at == due_at && serves(&step.target, c));
        let by_plan = match step.target {
            Target::Call(id) => room
                .incident
                .calls
                .iter()
                .any(|c| c.id == id && c.at == due_at),
            Target::PlanStep(id) => room.incident.plan.iter().any(|p| p.id == id),
            _ => false,
        };
        assert!(by_clock || by_plan, "nothing behind {step:?}");
    }
    let Some(to) = room
        .incident
        .status
        .next()
        .filter(|_| room.incident.declared.is_some())
    else {
        return;
    };
    let lacks = missing(&room.incident, to, &room.policy);
    for need in &lacks {
        let supplied = steps.iter().any(|s| match need {
            // First whatever customers must hear before it.
            Need::ResolutionUpdate => tells(&s.target, Of::Update),
            need => s.target == Target::Supply(need.clone()),
        });
        assert!(supplied, "no step supplies {need:?}: {steps:?}");
    }
    let may_move = steps.iter().any(|s| s.target == Target::Move(to));
    assert_eq!(may_move, lacks.is_empty(), "the step to {to:?}: {steps:?}");
}

/// What every clock that ran before this command has come to by it.
fn assert_ended_honestly(before: &[Clock], room: &Room) {
    for after in all_clocks(room) {
        let same = |c: &&Clock| (c.kind, c.started_at) == (after.kind, after.started_at);
        let Some(ran) = before.iter().find(same).filter(|c| c.is_running()) else {
            continue;
        };
        if let Ended::Met(at) = after.ended {
            assert_eq!(at, room.now, "{after:?}");
            let expected = if at <= ran.due_at {
                ClockState::Met
            } else {
                ClockState::MetLate
            };
            assert_eq!(after.state(room.now), expected, "{after:?}");
        }
    }
}

/// A play: what was promised to customers when they were told, and when that was.
struct Play {
    room: Room,
    told: Vec<(Time, Time)>,
    way: Vec<String>,
}

impl Play {
    /// Sends what must be accepted.
    fn does(&mut self, by: &PersonRef, command: Command) {
        let before = all_clocks(&self.room);
        let updates = self.room.incident.updates.len();
        self.way.push(format!(
            "{} {}: {command:?}",
            self.room.now.format("%d %H:%M"),
            by.name
        ));
        if let Err(refusal) = self.room.send(by, command) {
            panic!("refused: {refusal}\n{}", self.way.join("\n"));
        }
        assert_ended_honestly(&before, &self.room);
        if self.room.incident.updates.len() > updates {
            let due = before.iter().find(|c| c.kind.is_update() && c.is_running());
            self.told.extend(due.map(|c| (c.due_at, self.room.now)));
        }
    }

    /// The first step, by whoever owes it; tells which one it was.
    fn does_first_step(&mut self) -> Target {
        let first = steps(&self.room).into_iter().next();
        let Some(step) = first else {
            panic!("nothing to do\n{}", self.way.join("\n"));
        };
        let (by, command) = follow(&self.room, &step.target);
        self.does(&by, command);
        step.target
    }

    /// Every promise that was ended by a word is counted as it was.
    fn assert_promises_counted(&self) {
        let promises = update_promises(&self.room.incident, &self.room.policy, self.room.now);
        for (due_at, told_at) in &self.told {
            let expected = if told_at <= due_at {
                PromiseState::Kept
            } else {
                PromiseState::Missed
            };
            let counted = |p: &Promise| p.due_at == *due_at && p.state == expected;
            assert!(
                promises.iter().any(counted),
                "due {due_at}, told {told_at}, not {expected:?}: {promises:?}\n{}",
                self.way.join("\n")
            );
        }
    }
}

fn begin(reported: bool, severity: Severity, customers: usize) -> Play {
    let mut room = Room::empty();
    let mut way = Vec::new();
    if reported {
        room.ok(&cy(), report());
        room.wait(7);
        way.push("reported".to_owned());
    }
    room.ok(&ana(), declare(severity, room.now));
    for n in 0..customers {
        let (by, command) = meant(&room, &Turn::Customer(n)).unwrap();
        room.ok(&by, command);
    }
    way.push(format!("declared {severity:?}"));
    Play {
        room,
        told: Vec::new(),
        way,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn who_always_does_the_first_step_closes_any_incident_and_every_clock_is_met_or_honestly_missed(
        reported in any::<bool>(),
        severity in 0_usize..3,
        customers in 0_usize..4,
        turns in proptest::collection::vec((0_usize..60, turn()), 0..12),
        paces in proptest::collection::vec(1_i64..=40, 40..60),
    ) {
        let mut play = begin(reported, Severity::ALL[severity], customers);
        let mut taken = 0;
        while play.room.incident.is_open() {
            for (_, turn) in turns.iter().filter(|(at, _)| *at == taken) {
                let Some((by, command)) = meant(&play.room, turn) else { continue };
                if play.room.clone().send(&by, command.clone()).is_ok() {
                    play.does(&by, command);
                    assert_agreed(&play.room);
                }
            }
            let target = play.does_first_step();
            assert_agreed(&play.room);
            // A nod and a button take less than writing.
            let longest = match target {
                Target::Approve(_) | Target::Publish(_) => 5,
                _ => 40,
            };
            play.room.wait(paces[taken % paces.len()].min(longest));
            taken += 1;
            prop_assert!(taken < STEPS_MAX, "it goes round in circles:\n{}", play.way.join("\n"));
        }
        play.assert_promises_counted();

        // What was agreed for later is done when its time comes, and then nothing is left.
        for _ in 0..40 {
            assert_agreed(&play.room);
            if steps(&play.room).is_empty() {
                break;
            }
            play.does_first_step();
            play.room.wait(600);
        }
        prop_assert_eq!(steps(&play.room), vec![]);
        for clock in all_clocks(&play.room) {
            prop_assert!(!clock.is_running(), "{:?}", clock);
        }
    }
}
