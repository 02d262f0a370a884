//! A month of closed incidents. Each row of [`MONTH`](super::month::MONTH) is played by the same
//! script, from its report through every gate to Closed.

use super::customers::Felt;
use super::month::{MONTH, Past};
use super::people::{ANA, BO, CY, DAN, EVE, INES, JON, LEA, MIA, NOOR, Player};
use super::scene::{Briefed, Chosen, Declared, Line, Scene, Told};
use chrono::{Duration, NaiveTime};
use domain::command::Cause;
use domain::customer::ChurnRisk;
use domain::evidence::Proves;
use domain::timeline::Outcome;
use domain::update::{Audience, Closure};
use domain::{Policy, Role, Severity, Status, Time};

/// Commander, Engineering, Comms and CS/Sales, as the rota had them.
const CREWS: [[Player; 4]; 4] = [
    [ANA, DAN, CY, INES],
    [NOOR, JON, LEA, INES],
    [BO, EVE, CY, ANA],
    [NOOR, DAN, LEA, BO],
];

/// An update is sent this many minutes before it is due, unless the row says it was late.
const EARLY_MIN: i64 = 7;

/// The closed incidents of the month before `now`; their scenes count up from `first_scene`.
pub(super) fn month(first_scene: u32, now: Time) -> Vec<Line> {
    MONTH
        .iter()
        .zip(first_scene..)
        .zip(CREWS.iter().cycle())
        .flat_map(|((past, number), crew)| {
            let midnight = now.date_naive().and_time(NaiveTime::MIN).and_utc();
            let begin = midnight - Duration::days(past.days_ago)
                + Duration::hours(past.began.0)
                + Duration::minutes(past.began.1);
            let scene = Scene::new(number, begin);
            Play {
                past,
                crew: *crew,
                declared_min: past.noticed_min + past.triage_min,
                s: scene,
            }
            .play()
        })
        .collect()
}

/// One row being played.
struct Play<'a> {
    past: &'a Past,
    crew: [Player; 4],
    /// Minute of the declaration, counted from the begin of the impact.
    declared_min: i64,
    s: Scene,
}

impl Play<'_> {
    fn play(mut self) -> Vec<Line> {
        self.opens();
        self.contains();
        self.mitigates();
        self.resolves();
        self.tells();
        if self.past.severity.is_high() {
            self.briefs();
        }
        self.closes();
        self.s.lines()
    }

    /// Minutes after the declaration, in minutes of the scene.
    fn after(&self, min: i64) -> i64 {
        self.declared_min + min
    }

    fn opens(&mut self) {
        let [commander, engineering, comms, cs_sales] = self.crew;
        let (past, d) = (self.past, self.declared_min);
        self.s
            .at(past.noticed_min, 0, engineering)
            .reports(past.source, past.reported);
        self.s.at(d, 0, commander).declares(Declared {
            title: past.title,
            severity: past.severity,
            customer_sees: past.sees,
            began_min: 0,
            components: &[past.component],
            audience: Audience::Public,
        });
        self.s
            .at(d, 20, commander)
            .offers(Role::Commander, commander);
        self.s.at(d, 35, commander).accepts(Role::Commander);
        self.s
            .at(d + 1, 0, commander)
            .offers(Role::Engineering, engineering);
        self.s.at(d + 1, 15, commander).offers(Role::Comms, comms);
        self.s
            .at(d + 1, 30, commander)
            .offers(Role::CsSales, cs_sales);
        self.s.at(d + 2, 10, engineering).accepts(Role::Engineering);
        self.s.at(d + 4, 0, comms).accepts(Role::Comms);
        self.s.at(d + 5, 45, cs_sales).accepts(Role::CsSales);
        if past.severity == Severity::Sev1 {
            self.s.at(d + 6, 0, commander).offers(Role::Sponsor, MIA);
            self.s.at(d + 9, 30, MIA).accepts(Role::Sponsor);
        }
        let (mood, risk, because) = match past.severity.is_high() {
            true => (
                -1,
                ChurnRisk::Medium,
                "They ask what keeps it from coming back",
            ),
            false => (0, ChurnRisk::Low, "They heard of it from us first"),
        };
        let felt = Felt {
            sentiment: (0, mood),
            churn: (ChurnRisk::Low, risk),
            because,
        };
        let today = self.s.time(0);
        self.s
            .at(d + 7, 0, cs_sales)
            .notes(past.customer.sees(today, past.sees, &felt));
    }

    fn contains(&mut self) {
        let [commander, engineering, ..] = self.crew;
        let (past, c) = (self.past, self.after(self.past.contained_min));
        let decision = self.s.at(c - 14, 0, commander).decides(Chosen {
            lever: past.lever,
            what: past.did,
            risk_of_doing: "A minute of errors for sessions that are open while it happens",
            risk_of_not_doing: past.impact,
            undo: "The state before is kept and can be put back in 10 minutes",
        });
        self.s
            .at(c - 4, 0, engineering)
            .results(decision, Outcome::Worked, past.helped);
        self.s
            .at(c - 2, 0, engineering)
            .proves(Proves::HarmStopped, past.metric, past.helped);
        self.s.at(c, 0, commander).moves(Status::Contained);
        if let Some(reason) = past.fell_back {
            self.s
                .at(c + 9, 0, commander)
                .moves_back(Status::Active, reason);
            let again = self.s.at(c + 14, 0, commander).decides(Chosen {
                lever: past.lever,
                what: "Do the same on the second half of the servers, which were missed",
                risk_of_doing: "None beyond the first time",
                risk_of_not_doing: past.impact,
                undo: "As the first time",
            });
            self.s.at(c + 22, 0, engineering).results(
                again,
                Outcome::Worked,
                "All servers are done",
            );
            self.s.at(c + 24, 0, engineering).proves(
                Proves::HarmStopped,
                past.metric,
                "The same on every server now",
            );
            self.s.at(c + 25, 0, commander).moves(Status::Contained);
        }
    }

    fn mitigates(&mut self) {
        let [commander, engineering, _, cs_sales] = self.crew;
        let m = self.after(self.past.mitigated_min);
        let word = format!(
            "{} confirms that they can work again",
            self.past.customer.name
        );
        self.s.at(m - 4, 0, cs_sales).quotes(
            Proves::CustomersWork,
            self.past.customer.name,
            "We can work as before.",
            &word,
        );
        self.s.at(m - 2, 0, engineering).states_impact_end(m - 6);
        self.s.at(m, 0, commander).moves(Status::Mitigated);
    }

    fn resolves(&mut self) {
        let [commander, engineering, ..] = self.crew;
        let past = self.past;
        let r = self.after(past.resolved_min);
        let watched = u32::try_from(past.resolved_min - past.mitigated_min).unwrap_or(1);
        self.s.at(r - 3, 0, engineering).validates(
            "https://metrics.acme.example/d/service-overview",
            "No error above the usual since it was mitigated",
            watched,
        );
        self.s.at(r - 2, 0, engineering).states_cause(Cause::Known {
            text: past.cause.to_owned(),
        });
        self.s.at(r, 0, commander).moves(Status::Resolved);
    }

    /// First, progress on the cadence, resolution. One of them was late if the row says so.
    fn tells(&mut self) {
        let [_, _, comms, _] = self.crew;
        let past = self.past;
        let cadence = i64::from(Policy::default().cadence_min_for(past.severity));
        let resolved = self.after(past.resolved_min);
        let mut min = self.after(past.first_told_min);
        let mut nth = 1;
        while min < resolved {
            let told = self.told_at(min);
            self.s.at(min, 0, comms).tells(told, cadence);
            let late = past
                .late
                .filter(|(late_nth, _)| *late_nth == nth)
                .map(|(_, by)| by);
            min += cadence + late.unwrap_or(-EARLY_MIN);
            nth += 1;
        }
        let closure = Closure {
            cause: past.cause.to_owned(),
            prevention: past.prevention.to_owned(),
            impact_from: self.s.time(0),
            impact_to: self.s.time(self.after(past.mitigated_min) - 6),
        };
        let over = Told {
            to: Audience::Public,
            acknowledge: "This is over. Everything works again for everybody.",
            impact: past.impact,
            action: past.prevention,
            components: &[],
        };
        self.s
            .at(resolved + 5, 0, comms)
            .tells_it_is_over(over, closure);
    }

    fn told_at(&self, min: i64) -> Told<'static> {
        let past = self.past;
        let (acknowledge, action) = if min < self.after(past.contained_min) {
            (past.sees, past.doing)
        } else if min < self.after(past.mitigated_min) {
            (
                "It does not spread any more. Those who were affected still are.",
                past.doing,
            )
        } else {
            (
                "It works again for everybody.",
                "We watch it and check that nothing was lost.",
            )
        };
        Told {
            to: Audience::Public,
            acknowledge,
            impact: past.impact,
            action,
            components: if min < self.after(past.mitigated_min) {
                past.component_state
            } else {
                &[]
            },
        }
    }

    fn briefs(&mut self) {
        let [_, _, comms, _] = self.crew;
        let past = self.past;
        let every = i64::from(Policy::default().brief_every_min) - EARLY_MIN;
        let mut min = self.after(45);
        let mut changed = "This is the first brief.";
        while min < self.after(past.resolved_min) {
            self.s.at(min, 30, comms).briefs(Briefed {
                happened: past.sees,
                impact: past.impact,
                risks: &[],
                asks: &[],
                eta: None,
                changed,
            });
            changed = past.helped;
            min += every;
        }
    }

    fn closes(&mut self) {
        let [commander, engineering, comms, cs_sales] = self.crew;
        let past = self.past;
        let r = self.after(past.resolved_min);
        let day = self.s.time(r).date_naive();
        let two_o_clock = NaiveTime::from_hms_opt(14, 0, 0).unwrap_or(NaiveTime::MIN);
        let held_at = (day + Duration::days(2)).and_time(two_o_clock).and_utc();
        let customer = past.customer;
        match past.credit_cents {
            0 => self.s.at(r + 25, 0, cs_sales).grants_nothing(
                customer,
                "Availability of the month stays above the agreed 99.9 %",
            ),
            cents => self.s.at(r + 25, 0, cs_sales).grants(
                customer,
                cents,
                "10 % of the monthly fee: availability of the month fell below the agreed 99.9 %",
                MIA,
            ),
        }
        self.s
            .at(r + 31, 0, commander)
            .books_post_mortem(held_at, NOOR);
        self.s.at(r + 38, 0, commander).agrees(
            past.action,
            engineering,
            day + Duration::days(21),
            past.accepted_when,
        );
        self.s.at(r + 44, 0, comms).plans_follow_up(
            "Send what we learned to every affected customer two days after the post-mortem",
        );
        self.s.at(r + 52, 0, commander).moves(Status::Closed);
    }
}
