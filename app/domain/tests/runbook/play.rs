//! One random incident, played step by step; after each it is looked at whether the lists, the
//! clocks and the log agree.

use crate::agreed::assert_agreed;
use crate::commands::name_of;
use crate::follow::follow;
use crate::recount::assert_counted_right;
use crate::room::{Room, ana, cy, declare, named, report};
use crate::turns::{Turn, meant, turn};
use chrono::{Duration, NaiveDate};
use domain::adherence::{Promise, PromiseState, brief_promises, update_promises};
use domain::clock::{Clock, ClockKind, ClockState, clocks};
use domain::next_step::{Step, Target, next_steps};
use domain::update::Audience;
use domain::{Command, PersonRef, Severity, Status, Time};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Nobody needs more steps than this, whatever comes between.
const STEPS_MAX: usize = 900;

/// How an incident begins, and all that comes between.
#[derive(Clone, Debug)]
pub struct World {
    /// Declared so many minutes after it was reported, if it was.
    reported: Option<i64>,
    severity: Severity,
    /// A security incident is told to those it hurts, and to nobody else.
    named: bool,
    customers: usize,
    holidays: bool,
    approve_all: bool,
    /// Once it is there, nobody looks for so many minutes.
    rests_at: (Status, i64),
    /// What comes before which step.
    turns: Vec<(usize, Turn)>,
    /// Minutes from step to step.
    paces: Vec<i64>,
    /// Closed, it comes back after so many minutes to this status.
    reopened: Option<(i64, Status)>,
}

pub fn world() -> impl Strategy<Value = World> {
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    let reported = proptest::option::of(0_i64..30);
    let rests = (0_usize..5, prop_oneof![Just(0), (0_i64..10 * 24 * 60)]);
    let turns = proptest::collection::vec((0_usize..60, turn()), 0..16);
    let paces = prop_oneof![
        proptest::collection::vec(1_i64..=3, 40..60),
        proptest::collection::vec(1_i64..=40, 40..60),
    ];
    let reopened = proptest::option::of((0_i64..14 * 24 * 60, 0_usize..4));
    let sizes = (0_usize..3, 0_usize..4);
    (flags, reported, sizes, rests, turns, paces, reopened).prop_map(
        |(
            (named, holidays, approve_all),
            reported,
            (severity, customers),
            rests,
            turns,
            paces,
            back,
        )| {
            World {
                reported,
                severity: Severity::ALL[severity],
                named,
                customers,
                holidays,
                approve_all,
                rests_at: (Status::ALL[rests.0], rests.1),
                turns,
                paces,
                reopened: back.map(|(after_min, to)| (after_min, Status::ALL[to])),
            }
        },
    )
}

fn all_clocks(room: &Room) -> Vec<Clock> {
    clocks(&room.incident, &room.policy)
}

fn steps(room: &Room) -> Vec<Step> {
    next_steps(&room.incident, &room.policy, room.now)
}

/// A play: each promise that a word ended, by when it was due and when the word came.
pub struct Play {
    room: Room,
    told: Vec<(ClockKind, Time, Time)>,
    /// Each clock with each state it was seen in.
    pub seen: BTreeSet<(String, String)>,
    /// Each turn that was taken.
    pub turns: BTreeSet<&'static str>,
    taken: usize,
    way: Vec<String>,
}

impl Play {
    /// A whole life: closed, perhaps reopened after some days, and closed again.
    pub fn whole(world: &World) -> Self {
        let mut play = Self::begin(world);
        play.closes(world);
        if let Some((after_min, to)) = world.reopened {
            play.room.wait(after_min);
            play.looks();
            let reason = "Errors are back".to_owned();
            play.does(&ana(), Command::MoveBack { to, reason });
            assert!(play.room.incident.is_open());
            play.closes(world);
        }
        play.finishes();
        play
    }

    fn begin(world: &World) -> Self {
        let mut room = Room::empty();
        if world.holidays {
            let day = |d| NaiveDate::from_ymd_opt(2026, 11, d).unwrap();
            room.policy.holidays = vec![day(24), day(27)];
        }
        if world.approve_all {
            room.policy.approve_updates = [true; 3];
        }
        let mut play = Self {
            room,
            told: Vec::new(),
            seen: BTreeSet::new(),
            turns: BTreeSet::new(),
            taken: 0,
            way: vec![format!("{world:?}")],
        };
        if let Some(min) = world.reported {
            play.does(&cy(), report());
            play.room.wait(min);
            play.looks();
        }
        let mut command = declare(world.severity, play.room.now);
        if let Command::Declare { audience, .. } = &mut command
            && world.named
        {
            let customers = vec![named("Northwind")];
            *audience = Audience::Named { customers };
        }
        play.does(&ana(), command);
        for n in 0..world.customers {
            let (by, command) = meant(&play.room, &Turn::Customer(n)).unwrap();
            play.does(&by, command);
        }
        play
    }

    /// Sends what must be accepted.
    fn does(&mut self, by: &PersonRef, command: Command) {
        let before = all_clocks(&self.room);
        let (updates, briefs) = (
            self.room.incident.updates.len(),
            self.room.incident.briefs.len(),
        );
        self.way.push(format!(
            "{} {}: {command:?}",
            self.room.now.format("%d %H:%M"),
            by.name
        ));
        if let Err(refusal) = self.room.send(by, command) {
            panic!("refused: {refusal}\n{}", self.way.join("\n"));
        }
        let i = &self.room.incident;
        for (told, is_it) in [
            (
                i.updates.len() > updates,
                ClockKind::is_update as fn(ClockKind) -> bool,
            ),
            (i.briefs.len() > briefs, |kind| kind == ClockKind::Brief),
        ] {
            let due = before.iter().find(|c| is_it(c.kind) && c.is_running());
            if let Some(clock) = due.filter(|_| told) {
                self.told.push((clock.kind, clock.due_at, self.room.now));
            }
        }
        self.looks();
        // No two things happen at one time.
        self.room.now += Duration::seconds(1);
    }

    /// The three lists agree, and the clocks say what the log says.
    fn looks(&mut self) {
        assert_agreed(&self.room);
        assert_counted_right(&self.room);
        for clock in all_clocks(&self.room) {
            let state = format!("{:?}", clock.state(self.room.now));
            self.seen.insert((clock.kind.label(), state));
        }
    }

    /// The first step, by whoever owes it.
    fn does_first_step(&mut self) -> Target {
        let first = steps(&self.room).into_iter().next();
        let Some(step) = first else {
            panic!("nothing to do\n{}", self.way.join("\n"));
        };
        let (by, command) = follow(&self.room, &step.target);
        self.does(&by, command);
        step.target
    }

    /// Step by step until it is closed; turns come between, each at its place.
    fn closes(&mut self, world: &World) {
        let begun = self.taken;
        while self.room.incident.is_open() {
            let step = self.taken - begun;
            for (_, turn) in world.turns.iter().filter(|(at, _)| *at == step) {
                self.takes(turn);
            }
            let target = self.does_first_step();
            // A nod and a button take less than writing.
            let longest = match target {
                Target::Approve(_) | Target::Publish(_) => 5,
                _ => 40,
            };
            let pace = world.paces[self.taken % world.paces.len()];
            self.room.wait(pace.min(longest));
            if target == Target::Move(world.rests_at.0) {
                self.room.wait(world.rests_at.1);
            }
            self.looks();
            self.taken += 1;
            let circles = self.taken - begun > STEPS_MAX;
            assert!(
                !circles,
                "it goes round in circles:\n{}",
                self.way.join("\n")
            );
        }
        self.assert_promises_counted();
    }

    fn takes(&mut self, turn: &Turn) {
        if let Turn::Away(min) = turn {
            self.room.wait(*min);
            self.looks();
            self.turns.insert("Away");
        }
        let Some((by, command)) = meant(&self.room, turn) else {
            return;
        };
        if self.room.clone().send(&by, command.clone()).is_ok() {
            self.turns.insert(name_of(&command));
            self.does(&by, command);
        }
    }

    /// Every promise that was ended by a word is counted as it was.
    fn assert_promises_counted(&self) {
        let (i, policy, now) = (&self.room.incident, &self.room.policy, self.room.now);
        let (updates, briefs) = (
            update_promises(i, policy, now),
            brief_promises(i, policy, now),
        );
        for (kind, due_at, told_at) in &self.told {
            let promises = if kind.is_update() { &updates } else { &briefs };
            let expected = if told_at <= due_at {
                PromiseState::Kept
            } else {
                PromiseState::Missed
            };
            let counted = |p: &Promise| p.due_at == *due_at && p.state == expected;
            assert!(
                promises.iter().any(counted),
                "{kind:?} due {due_at}, told {told_at}, not {expected:?}: {promises:?}\n{}",
                self.way.join("\n")
            );
        }
    }

    /// What was agreed for later is done when its time comes, and then nothing is left.
    fn finishes(&mut self) {
        for _ in 0..60 {
            if steps(&self.room).is_empty() {
                break;
            }
            self.does_first_step();
            self.room.wait(600);
            self.looks();
        }
        assert_eq!(steps(&self.room), [], "{}", self.way.join("\n"));
        for clock in all_clocks(&self.room) {
            let state = clock.state(self.room.now);
            assert!(
                matches!(
                    state,
                    ClockState::Met | ClockState::MetLate | ClockState::Stopped
                ),
                "{state:?}: {clock:?}"
            );
        }
    }
}
