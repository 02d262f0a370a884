//! One incident told as a script: who does what at which minute. A scene makes the commands
//! and their ids; it decides nothing.

use super::customers::Account;
use super::people::Player;
use chrono::{Duration, NaiveDate};
use domain::brief::{Ask, BriefText, Eta};
use domain::call::{CallEnd, CallKind, Side};
use domain::command::{Cause, Details, Lever};
use domain::customer::{Credit, Customer, Judgement, Money};
use domain::draft::DraftText;
use domain::evidence::{Proof, Proves};
use domain::fix::{Party, Verdict};
use domain::timeline::{EntryKind, Outcome, Outcomed};
use domain::triage::Triage;
use domain::update::{Audience, Closure, ComponentNote, ComponentState, UpdateKind, UpdateText};
use domain::{
    Actor, Command, CommandId, Envelope, IncidentId, Role, Severity, Status, Time, UpdateId,
};
use uuid::{Builder, Uuid};

/// One command of the script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When it is sent, and when the server has it.
    pub at: Time,
    /// By whom.
    pub by: Actor,
    /// The command.
    pub envelope: Envelope,
}

/// One incident and what has been sent for it so far.
pub(super) struct Scene {
    number: u32,
    incident: IncidentId,
    begin: Time,
    lines: Vec<Line>,
    last_update: Option<UpdateId>,
    briefs: u32,
    severity: Severity,
    /// Who accepted the command, and when; a script is not told in the order of time.
    commanders: Vec<(Time, Actor)>,
}

/// What a declaration asks for.
pub(super) struct Declared<'a> {
    pub(super) title: &'a str,
    pub(super) severity: Severity,
    pub(super) customer_sees: &'a str,
    /// Minutes after the scene's begin.
    pub(super) began_min: i64,
    pub(super) components: &'a [&'a str],
    pub(super) audience: Audience,
}

/// What customers read, but for the times.
pub(super) struct Told<'a> {
    pub(super) to: Audience,
    pub(super) acknowledge: &'a str,
    pub(super) impact: &'a str,
    pub(super) action: &'a str,
    pub(super) components: &'a [(&'a str, ComponentState)],
}

/// A lever and its risks.
#[derive(Clone, Copy)]
pub(super) struct Chosen<'a> {
    pub(super) lever: Lever,
    pub(super) what: &'a str,
    pub(super) risk_of_doing: &'a str,
    pub(super) risk_of_not_doing: &'a str,
    pub(super) undo: &'a str,
}

/// What executives read.
pub(super) struct Briefed<'a> {
    pub(super) happened: &'a str,
    pub(super) impact: &'a str,
    pub(super) risks: &'a [&'a str],
    pub(super) asks: &'a [(&'a str, &'a str)],
    pub(super) eta: Option<Eta>,
    pub(super) changed: &'a str,
}

impl Scene {
    /// The scene of this number, whose minute 0 is `begin`. Numbers keep the ids of two
    /// scenes apart that send at the same millisecond.
    pub(super) fn new(number: u32, begin: Time) -> Self {
        let incident = IncidentId(v7(begin, number, 0));
        Self {
            number,
            incident,
            begin,
            lines: Vec::new(),
            last_update: None,
            briefs: 0,
            severity: Severity::Sev3,
            commanders: Vec::new(),
        }
    }

    /// The next to act, at this minute and second after the begin.
    pub(super) fn at(&mut self, min: i64, sec: i64, who: Player) -> Cue<'_> {
        let at = self.time(min) + Duration::seconds(sec);
        Cue {
            scene: self,
            at,
            by: who.who(),
        }
    }

    /// That minute as a time.
    pub(super) fn time(&self, min: i64) -> Time {
        self.begin + Duration::minutes(min)
    }

    /// What was sent, in the order told.
    pub(super) fn lines(self) -> Vec<Line> {
        self.lines
    }
}

/// Somebody about to act.
pub(super) struct Cue<'a> {
    scene: &'a mut Scene,
    at: Time,
    by: Actor,
}

impl Cue<'_> {
    fn send(self, command: Command) -> CommandId {
        let count = u32::try_from(self.scene.lines.len()).unwrap_or(u32::MAX);
        let id = CommandId(v7(self.at, self.scene.number, count.saturating_add(1)));
        let envelope = Envelope {
            id,
            incident: self.scene.incident,
            made_at: self.at,
            command,
        };
        self.scene.lines.push(Line {
            at: self.at,
            by: self.by,
            envelope,
        });
        id
    }

    pub(super) fn reports(self, source: &str, what: &str) {
        self.send(Command::Report {
            what: what.to_owned(),
            source: source.to_owned(),
        });
    }

    pub(super) fn dismisses(self, reason: &str) {
        self.send(Command::DismissReport {
            reason: reason.to_owned(),
        });
    }

    pub(super) fn declares(self, what: Declared<'_>) {
        self.triages(what, Triage::default());
    }

    /// Declares with the five questions answered.
    pub(super) fn triages(self, what: Declared<'_>, triage: Triage) {
        let impact_began_at = self.scene.time(what.began_min);
        self.scene.severity = what.severity;
        self.send(Command::Declare {
            title: what.title.to_owned(),
            severity: what.severity,
            customer_sees: what.customer_sees.to_owned(),
            impact_began_at,
            components: what.components.iter().map(|c| (*c).to_owned()).collect(),
            audience: what.audience,
            details: Details {
                triage,
                ..Details::default()
            },
        });
    }

    pub(super) fn offers(self, role: Role, to: Player) {
        self.send(Command::OfferRole {
            role,
            person: to.who(),
            two_hats: None,
        });
    }

    pub(super) fn accepts(self, role: Role) {
        if role == Role::Commander {
            self.scene.commanders.push((self.at, self.by.clone()));
        }
        self.send(Command::AcceptRole { role });
    }

    pub(super) fn declines(self, role: Role, reason: &str) {
        self.send(Command::DeclineRole {
            role,
            reason: Some(reason.to_owned()),
        });
    }

    pub(super) fn hands_over(self, role: Role, to: Player, note: &str) {
        let (to, note) = (to.who(), note.to_owned());
        self.send(Command::HandOverRole {
            role,
            to,
            note,
            two_hats: None,
        });
    }

    pub(super) fn logs(self, kind: EntryKind, text: &str) -> CommandId {
        self.send(Command::LogEntry {
            kind,
            text: text.to_owned(),
            result: None,
            links: Vec::new(),
            happened_at: None,
        })
    }

    /// An entry about something `ago_min` minutes back, with what came of it and a link.
    pub(super) fn logs_late(
        self,
        ago_min: i64,
        kind: EntryKind,
        text: &str,
        link: &str,
    ) -> CommandId {
        let happened_at = Some(self.at - Duration::minutes(ago_min));
        self.send(Command::LogEntry {
            kind,
            text: text.to_owned(),
            result: None,
            links: vec![link.to_owned()],
            happened_at,
        })
    }

    pub(super) fn links_channel(self, url: &str) {
        self.send(Command::LinkChannel {
            url: url.to_owned(),
        });
    }

    pub(super) fn tells_inside(self, to: &str, text: &str) {
        self.send(Command::TellInside {
            to: to.to_owned(),
            text: text.to_owned(),
        });
    }

    /// Opens a hypothesis of their own, for half an hour.
    pub(super) fn supposes(self, statement: &str) -> CommandId {
        let owner = self.by.clone();
        self.send(Command::OpenHypothesis {
            statement: statement.to_owned(),
            owner,
            timebox_min: None,
        })
    }

    pub(super) fn tries(self, hypothesis: CommandId, text: &str, outcome: Outcome, seen: &str) {
        let result = Outcomed {
            text: seen.to_owned(),
            outcome,
        };
        self.send(Command::LogAttempt {
            hypothesis,
            text: text.to_owned(),
            result: Some(result),
        });
    }

    pub(super) fn concludes(self, hypothesis: CommandId, verdict: Verdict, because: &str) {
        self.send(Command::ConcludeHypothesis {
            hypothesis,
            verdict,
            because: because.to_owned(),
        });
    }

    pub(super) fn asks(self, party: Party, whom: &str, what: &str) -> CommandId {
        self.send(Command::AskParty {
            party,
            whom: whom.to_owned(),
            what: what.to_owned(),
        })
    }

    pub(super) fn hears_they_have_it(self, ask: CommandId) {
        self.send(Command::AcknowledgeAsk { ask });
    }

    pub(super) fn hears(self, ask: CommandId, answer: &str) {
        self.send(Command::AnswerAsk {
            ask,
            answer: answer.to_owned(),
        });
    }

    /// Plans a daily executive call, the first at this minute of the scene.
    pub(super) fn plans_daily_call(self, customer: Account, with: &str, min: i64) -> CommandId {
        let at = self.scene.time(min);
        self.send(Command::ScheduleCall {
            customer: customer.to_ref(),
            kind: CallKind::Executive,
            with: with.to_owned(),
            at,
            daily: true,
        })
    }

    pub(super) fn held(self, call: CommandId, notes: &str) {
        let notes = notes.to_owned();
        let end = CallEnd::Held { notes };
        self.send(Command::EndCall { call, end });
    }

    /// Adds a step to a recovery plan, due this many days from now.
    pub(super) fn plans_step(self, customer: Account, what: &str, side: Side, days: i64) {
        let due_on = (self.at + Duration::days(days)).date_naive();
        self.send(Command::AddPlanStep {
            customer: customer.to_ref(),
            what: what.to_owned(),
            side,
            due_on,
        });
    }

    pub(super) fn results(self, entry: CommandId, outcome: Outcome, text: &str) {
        let result = Outcomed {
            text: text.to_owned(),
            outcome,
        };
        self.send(Command::RecordResult { entry, result });
    }

    pub(super) fn amends(self, entry: CommandId, text: &str, reason: &str) {
        let (text, reason) = (text.to_owned(), reason.to_owned());
        self.send(Command::AmendEntry {
            entry,
            text,
            reason,
        });
    }

    pub(super) fn decides(self, chosen: Chosen<'_>) -> CommandId {
        self.send(Command::DecideMitigation {
            lever: chosen.lever,
            what: chosen.what.to_owned(),
            risk_of_doing: chosen.risk_of_doing.to_owned(),
            risk_of_not_doing: chosen.risk_of_not_doing.to_owned(),
            undo: chosen.undo.to_owned(),
        })
    }

    /// Tells customers, and promises the next word `next_min` minutes from now. The first
    /// time it is the first update.
    pub(super) fn tells(self, told: Told<'_>, next_min: i64) {
        let kind = match self.scene.last_update {
            None => UpdateKind::First,
            Some(_) => UpdateKind::Progress,
        };
        let next_at = Some(self.at + Duration::minutes(next_min));
        self.publishes(text(kind, told, next_at, None));
    }

    /// Tells customers that it is over.
    pub(super) fn tells_it_is_over(self, told: Told<'_>, closure: Closure) {
        self.publishes(text(UpdateKind::Resolution, told, None, Some(closure)));
    }

    /// Puts a text up and has the commander approve it, where that is asked for.
    fn approved(&mut self, text: DraftText) {
        let known = self
            .scene
            .commanders
            .iter()
            .filter(|(at, _)| *at <= self.at);
        let commander = known.max_by_key(|(at, _)| *at).map(|(_, who)| who.clone());
        let commander = commander.filter(|c| c.id != self.by.id);
        let Some(commander) = commander else {
            return;
        };
        let draft = self.also(self.by.clone(), Command::ReadyDraft { text });
        self.also(commander, Command::ApproveDraft { draft });
    }

    /// Somebody else does this at the same moment.
    fn also(&mut self, by: Actor, command: Command) -> CommandId {
        let at = self.at;
        let scene = &mut *self.scene;
        Cue { scene, at, by }.send(command)
    }

    fn publishes(mut self, text: UpdateText) {
        if self.scene.severity == Severity::Sev1 {
            self.approved(DraftText::Update {
                text: text.clone(),
                excuses: Vec::new(),
            });
        }
        let after = self.scene.last_update;
        let (at, by) = (self.at, self.by);
        let scene = self.scene;
        let id = Cue {
            scene: &mut *scene,
            at,
            by,
        }
        .send(Command::PublishUpdate {
            text,
            after,
            excuses: Vec::new(),
        });
        scene.last_update = Some(id);
    }

    pub(super) fn briefs(mut self, brief: Briefed<'_>) {
        let after_version = self.scene.briefs;
        self.scene.briefs += 1;
        let text = BriefText {
            happened: brief.happened.to_owned(),
            impact: brief.impact.to_owned(),
            risks: brief.risks.iter().map(|r| (*r).to_owned()).collect(),
            asks: brief
                .asks
                .iter()
                .map(|(what, of)| Ask {
                    what: (*what).to_owned(),
                    of: (*of).to_owned(),
                    needed_by: Some(self.at + Duration::hours(2)),
                })
                .collect(),
            eta: brief.eta,
            changed: brief.changed.to_owned(),
        };
        if self.scene.severity.is_high() {
            self.approved(DraftText::Brief { text: text.clone() });
        }
        self.send(Command::PublishBrief {
            text,
            after_version,
        });
    }

    /// Puts an excerpt of a log or a metric on the record.
    pub(super) fn proves(self, proves: Proves, excerpt: &str, shows: &str) {
        let proof = Proof::Excerpt {
            text: excerpt.to_owned(),
        };
        self.attaches(proves, proof, shows, None);
    }

    /// Puts a check that ran for `watched_min` minutes on the record.
    pub(super) fn validates(self, url: &str, shows: &str, watched_min: u32) {
        let proof = Proof::Link {
            url: url.to_owned(),
        };
        self.attaches(Proves::Validated, proof, shows, Some(watched_min));
    }

    /// Puts somebody's word on the record.
    pub(super) fn quotes(self, proves: Proves, by: &str, text: &str, shows: &str) {
        let proof = Proof::Statement {
            by: by.to_owned(),
            text: text.to_owned(),
        };
        self.attaches(proves, proof, shows, None);
    }

    fn attaches(self, proves: Proves, proof: Proof, shows: &str, watched_min: Option<u32>) {
        let shows = shows.to_owned();
        self.send(Command::AttachEvidence {
            proves,
            proof,
            shows,
            watched_min,
        });
    }

    /// States that customers were well again at this minute of the scene.
    pub(super) fn states_impact_end(self, min: i64) {
        let at = self.scene.time(min);
        self.send(Command::StateImpactEnd { at });
    }

    pub(super) fn states_cause(self, cause: Cause) {
        self.send(Command::StateCause { cause });
    }

    pub(super) fn moves(self, to: Status) {
        self.send(Command::MoveStatus { to });
    }

    pub(super) fn moves_back(self, to: Status, reason: &str) {
        self.send(Command::MoveBack {
            to,
            reason: reason.to_owned(),
        });
    }

    pub(super) fn changes_cadence(self, every_min: u32, reason: &str) {
        self.send(Command::ChangeCadence {
            every_min,
            reason: reason.to_owned(),
        });
    }

    pub(super) fn notes(self, customer: Customer) {
        self.send(Command::NoteCustomer { customer });
    }

    /// Proposes a credit, which somebody else approves at once.
    pub(super) fn grants(mut self, customer: Account, minor: u64, reason: &str, approver: Player) {
        let amount = Money {
            currency: "EUR".to_owned(),
            minor,
        };
        let credit = Credit::Granted {
            amount,
            reason: reason.to_owned(),
        };
        let by = self.by.clone();
        let proposal = self.also(
            by,
            Command::ProposeCredit {
                customer: customer.to_ref(),
                credit,
                monthly_fee: None,
                working: None,
            },
        );
        let judgement = Judgement::Approve;
        self.also(
            approver.who(),
            Command::JudgeCredit {
                proposal,
                judgement,
            },
        );
    }

    pub(super) fn grants_nothing(self, customer: Account, reason: &str) {
        let credit = Credit::None {
            reason: reason.to_owned(),
        };
        self.send(Command::DecideCredit {
            customer: customer.to_ref(),
            credit,
        });
    }

    pub(super) fn books_post_mortem(self, at: Time, facilitator: Player) {
        self.send(Command::BookPostMortem {
            at,
            facilitator: facilitator.who(),
        });
    }

    pub(super) fn agrees(self, what: &str, owner: Player, due_on: NaiveDate, acceptance: &str) {
        self.send(Command::AgreeAction {
            what: what.to_owned(),
            owner: owner.who(),
            due_on,
            acceptance: acceptance.to_owned(),
        });
    }

    pub(super) fn plans_follow_up(self, plan: &str) {
        self.send(Command::PlanFollowUp {
            plan: plan.to_owned(),
        });
    }
}

fn text(
    kind: UpdateKind,
    told: Told<'_>,
    next_at: Option<Time>,
    closure: Option<Closure>,
) -> UpdateText {
    UpdateText {
        kind,
        audience: told.to,
        acknowledge: told.acknowledge.to_owned(),
        impact: told.impact.to_owned(),
        action: told.action.to_owned(),
        next_at,
        components: told
            .components
            .iter()
            .map(|(name, state)| ComponentNote {
                name: (*name).to_owned(),
                state: *state,
            })
            .collect(),
        closure,
        corrects: None,
    }
}

/// A UUIDv7 made of a time and two counters. The demo draws no random number, so that the
/// same `now` gives the same script.
pub(super) fn v7(at: Time, scene: u32, count: u32) -> Uuid {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
    let mut rest = [0; 10];
    rest[2..6].copy_from_slice(&scene.to_be_bytes());
    rest[6..].copy_from_slice(&count.to_be_bytes());
    Builder::from_unix_timestamp_millis(millis, &rest).into_uuid()
}
