//! Many replicas, one server, a bad network: seeded, so that a failing run can be run again.
//! Pushes are lost, answers are lost, events come late, replicas restart from what their
//! device kept. In the end all show the same, nothing is lost and nothing is doubled.

use super::core::{Absorbed, Core, Returned};
use crate::api::{Answer, BUILD, Outcome, People, Pulled, PulledEvent, Snapshot};
use chrono::Duration;
use domain::command::Details;
use domain::timeline::EntryKind;
use domain::update::Audience;
use domain::{
    Command, CommandId, Envelope, Incident, IncidentId, Person, PersonId, PersonRef, Policies,
    Policy, Record, Recorded, Role, Severity, Time, decide,
};
use std::collections::{BTreeMap, BTreeSet};

const CLIENTS: usize = 4;
const STEPS: usize = 400;
const SEEDS: u64 = 40;

/// A small generator (SplitMix64): enough to choose what goes wrong.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % sides
    }
}

fn person(n: u128) -> Person {
    Person {
        id: PersonId(uuid::Uuid::from_u128(n)),
        name: format!("Person {n}"),
        title: String::new(),
        administrator: false,
    }
}

fn start() -> Time {
    Time::from_timestamp(1_700_000_000, 0).expect("a valid test time")
}

/// The server, as the promises describe it: one log, each command once.
struct Server {
    log: Vec<Recorded>,
    incidents: BTreeMap<IncidentId, Incident>,
    answers: BTreeMap<CommandId, Answer>,
    now: Time,
}

impl Server {
    fn push(&mut self, by: &PersonRef, commands: &[Envelope]) -> Vec<Answer> {
        commands
            .iter()
            .map(|envelope| self.one(by, envelope))
            .collect()
    }

    fn one(&mut self, by: &PersonRef, envelope: &Envelope) -> Answer {
        if let Some(known) = self.answers.get(&envelope.id) {
            return known.clone();
        }
        let incident = self
            .incidents
            .entry(envelope.incident)
            .or_insert_with(|| Incident::empty(envelope.incident));
        let outcome = match decide(
            incident,
            envelope.command.clone(),
            by,
            &Policy::default(),
            self.now,
        ) {
            Err(refusal) => Outcome::Refused { refusal },
            Ok(events) => {
                for event in events {
                    let recorded = Recorded {
                        seq: self.log.len() as u64 + 1,
                        incident: envelope.incident,
                        version: incident.version + 1,
                        at: self.now,
                        made_at: envelope.made_at.min(self.now),
                        by: by.clone(),
                        command: envelope.id,
                        stamped_at: None,
                        event,
                    };
                    incident.apply(&recorded);
                    self.log.push(recorded);
                }
                Outcome::Accepted
            }
        };
        let answer = Answer {
            command: envelope.id,
            outcome,
        };
        self.answers.insert(envelope.id, answer.clone());
        answer
    }

    fn pull(&self, since: u64, most: usize) -> Pulled {
        let rest = self.log.iter().skip(since as usize);
        let events: Vec<Recorded> = rest.take(most).cloned().collect();
        let more = (since as usize + events.len()) < self.log.len();
        Pulled {
            events: events.into_iter().map(PulledEvent::from).collect(),
            head: self.log.len() as u64,
            hash: None,
            lost: false,
            build: BUILD,
            more,
            now: self.now,
            people: None,
            clock_is_wrong: false,
        }
    }

    fn record(&self, id: IncidentId) -> Record {
        let own = self.log.iter().filter(|r| r.incident == id);
        own.cloned().collect()
    }

    fn snapshot(&self, me: Person) -> Snapshot {
        Snapshot {
            me,
            people: (1..=CLIENTS as u128).map(person).collect(),
            people_version: 1,
            policies: Policies::new(Policy::default()),
            head: self.log.len() as u64,
            hash: None,
            now: self.now,
            incidents: self
                .incidents
                .keys()
                .map(|id| self.record(*id))
                .filter(|record| record.incident().is_some())
                .collect(),
            abridged: Vec::new(),
            closed: Vec::new(),
            clock_is_wrong: false,
        }
    }
}

/// What one author asked for, to be accounted for in the end.
#[derive(Default)]
struct Asked {
    sent: BTreeSet<CommandId>,
    returned: Vec<Returned>,
}

fn command(dice: &mut Dice, me: &Person, now: Time) -> Command {
    let text = format!("entry {}", dice.roll(1_000));
    let role = Role::ALL[dice.roll(5) as usize];
    match dice.roll(6) {
        0 => Command::Declare {
            title: text,
            severity: Severity::Sev3,
            customer_sees: "errors".to_owned(),
            impact_began_at: now,
            components: Vec::new(),
            audience: Audience::Public,
            details: Details::default(),
        },
        1 => Command::OfferRole {
            role,
            person: me.to_ref(),
            two_hats: None,
        },
        2 => Command::AcceptRole { role },
        _ => Command::LogEntry {
            kind: EntryKind::Action,
            text,
            result: None,
            links: Vec::new(),
            happened_at: None,
        },
    }
}

/// Written as the device keeps it and read as it reads it.
fn through_the_device(snapshot: &Snapshot) -> Snapshot {
    let json = serde_json::to_string(snapshot).expect("a snapshot can be written");
    domain::json::from_str(&json).expect("and read")
}

fn exchange(core: &mut Core, server: &mut Server, dice: &mut Dice, bad_network: bool) {
    let lost = |dice: &mut Dice| bad_network && dice.roll(3) == 0;
    let batch: Vec<Envelope> = core.pending.iter().take(5).cloned().collect();
    if lost(dice) {
        return;
    }
    let answers = server.push(&core.me.to_ref(), &batch);
    let pulled = server.pull(core.head, 1 + dice.roll(20) as usize);
    if lost(dice) {
        return;
    }
    core.answered(&answers);
    if core.absorb(pulled) == Absorbed::Lost {
        let me = core.me.clone();
        core.reset(server.snapshot(me));
    }
}

fn run(seed: u64) {
    let mut dice = Dice(seed);
    let incidents: Vec<IncidentId> = (0..3)
        .map(|n| IncidentId(uuid::Uuid::from_u128(900 + n)))
        .collect();
    let mut server = Server {
        log: Vec::new(),
        incidents: BTreeMap::new(),
        answers: BTreeMap::new(),
        now: start(),
    };
    let mut cores: Vec<Core> = (1..=CLIENTS as u128)
        .map(|n| Core::new(server.snapshot(person(n))))
        .collect();
    let mut asked: Vec<Asked> = (0..CLIENTS).map(|_| Asked::default()).collect();
    let mut next_id = 10_000;
    for _ in 0..STEPS {
        server.now += Duration::seconds(dice.roll(30) as i64);
        let who = dice.roll(CLIENTS as u64) as usize;
        let core = &mut cores[who];
        match dice.roll(10) {
            0..=4 => {
                next_id += 1;
                // This device's clock is up to an hour off, and its owner does not know.
                let made_at = server.now + Duration::seconds(who as i64 * 1_200 - 1_800);
                let me = core.me.clone();
                let envelope = Envelope {
                    id: domain::CommandId(uuid::Uuid::from_u128(next_id)),
                    incident: incidents[dice.roll(3) as usize],
                    made_at,
                    command: command(&mut dice, &me, made_at),
                };
                let id = envelope.id;
                if core.submit(envelope).is_ok() {
                    asked[who].sent.insert(id);
                }
            }
            // A reload: what the device kept is what there is.
            5 => {
                let kept = through_the_device(&core.to_snapshot(server.now));
                let (pending, returned) = (core.pending.clone(), core.returned.clone());
                *core = Core::new(kept);
                (core.pending, core.returned) = (pending, returned);
            }
            _ => exchange(core, &mut server, &mut dice, true),
        }
    }
    for (core, asked) in cores.iter_mut().zip(&mut asked) {
        for _ in 0..STEPS {
            exchange(core, &mut server, &mut dice, false);
        }
        asked.returned = core.returned.clone();
    }
    for core in &mut cores {
        while core.head < server.log.len() as u64 {
            exchange(core, &mut server, &mut dice, false);
        }
    }
    accounted_for(seed, &server, &cores, &asked);
}

fn accounted_for(seed: u64, server: &Server, cores: &[Core], asked: &[Asked]) {
    let first = cores[0].shown();
    for core in cores {
        assert!(
            core.pending.is_empty(),
            "seed {seed}: something still waits"
        );
        assert!(
            core.shown() == first,
            "seed {seed}: two replicas differ at the same place"
        );
    }
    for (id, incident) in &server.incidents {
        let shown = first.get(id).map(|i| Incident::clone(i));
        let expected = (incident.version > 0).then(|| incident.clone());
        assert_eq!(
            shown, expected,
            "seed {seed}: a replica differs from the server"
        );
    }
    for asked in asked {
        for id in &asked.sent {
            let accepted = server.log.iter().filter(|r| r.command == *id).count();
            let returned = asked
                .returned
                .iter()
                .filter(|r| r.envelope.id == *id)
                .count();
            assert_eq!(
                accepted + returned,
                1,
                "seed {seed}: {id} is lost or doubled"
            );
        }
    }
}

#[test]
fn replicas_converge_with_nothing_lost_and_nothing_doubled() {
    for seed in 0..SEEDS {
        run(seed);
    }
}

#[test]
fn a_refused_command_comes_back_with_every_word() {
    let mut server = Server {
        log: Vec::new(),
        incidents: BTreeMap::new(),
        answers: BTreeMap::new(),
        now: start(),
    };
    let incident = IncidentId(uuid::Uuid::from_u128(1));
    let declare = |id: u128, title: &str| Envelope {
        id: domain::CommandId(uuid::Uuid::from_u128(id)),
        incident,
        made_at: start(),
        command: Command::Declare {
            title: title.to_owned(),
            severity: Severity::Sev1,
            customer_sees: "errors".to_owned(),
            impact_began_at: start(),
            components: Vec::new(),
            audience: Audience::Public,
            details: Details::default(),
        },
    };
    let (mut ana, mut bo) = (
        Core::new(server.snapshot(person(1))),
        Core::new(server.snapshot(person(2))),
    );
    ana.submit(declare(10, "first"))
        .expect("nothing speaks against it");
    bo.submit(declare(11, "second, with every word"))
        .expect("nothing speaks against it yet");
    let answers = server.push(&ana.me.to_ref(), &ana.pending);
    ana.answered(&answers);
    let answers = server.push(&bo.me.to_ref(), &bo.pending);
    bo.answered(&answers);
    assert_eq!(bo.absorb(server.pull(0, 100)), Absorbed::InStep);
    assert!(bo.pending.is_empty());
    let returned: Vec<_> = bo
        .returned
        .iter()
        .map(|r| r.envelope.command.clone())
        .collect();
    assert_eq!(returned, [declare(11, "second, with every word").command]);
    assert_eq!(bo.shown()[&incident].title(), "first");
}

#[test]
fn a_server_restored_from_an_older_backup_is_noticed() {
    let mut core = Core::new(Snapshot {
        head: 7,
        ..Server {
            log: Vec::new(),
            incidents: BTreeMap::new(),
            answers: BTreeMap::new(),
            now: start(),
        }
        .snapshot(person(1))
    });
    let older = Pulled {
        events: Vec::new(),
        head: 3,
        hash: None,
        lost: false,
        build: BUILD,
        more: false,
        now: start(),
        people: None,
        clock_is_wrong: false,
    };
    assert_eq!(core.absorb(older), Absorbed::Lost);
}

#[test]
fn who_can_take_a_role_is_who_the_server_said_last() {
    let mut server = Server {
        log: Vec::new(),
        incidents: BTreeMap::new(),
        answers: BTreeMap::new(),
        now: start(),
    };
    let mut bo = Core::new(server.snapshot(person(2)));
    let names = |core: &Core| {
        let all = core.people.all.iter();
        all.map(|p| p.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!((names(&bo).len(), bo.people.version), (CLIENTS, 1));
    let renamed = Person {
        name: "Bo Berg".to_owned(),
        ..person(2)
    };
    let people = People {
        version: 77,
        all: vec![renamed, person(5)],
    };
    let moved = Pulled {
        people: Some(people),
        ..server.pull(0, 100)
    };
    assert_eq!(bo.absorb(moved), Absorbed::InStep);
    assert_eq!(names(&bo), ["Bo Berg", "Person 5"]);
    // What he does from now on is shown under his name of now.
    assert_eq!(bo.me.name, "Bo Berg");
    server.now += Duration::seconds(1);
    assert_eq!(bo.absorb(server.pull(0, 100)), Absorbed::InStep);
    assert_eq!(names(&bo), ["Bo Berg", "Person 5"]);
    // So it is when the device opens without a network.
    let again = Core::new(bo.to_snapshot(start()));
    assert_eq!((names(&again), again.people.version), (names(&bo), 77));
}
