//! Commands with any content, whether it makes sense or not.

use crate::room::{bo, customer, named};
use chrono::Duration;
use domain::brief::{Ask, BriefText, Confidence, Eta};
use domain::call::{CallEnd, CallKind, Side};
use domain::command::{Cause, Details, Lever};
use domain::customer::{Bearer, ChurnRisk, Credit, Customer, Judgement, Money};
use domain::draft::{DraftText, Of};
use domain::evidence::{Proof, Proves};
use domain::fix::{Party, Verdict};
use domain::timeline::{EntryKind, Outcome, Outcomed};
use domain::triage::{SeverityRule, Triage};
use domain::update::{Audience, Closure, ComponentNote, ComponentState, UpdateKind, UpdateText};
use domain::wording::Excuse;
use domain::zone::Zone;
use domain::{Command, CommandId, IncidentId, PersonRef, Policy, Role, Severity, Status, Time};
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

pub fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~]{0,40}",
        "\\PC{0,30} (soon|asap|SHORTLY)[ .!]\\PC{0,10}",
        Just("<script>alert(1)</script>".to_owned()),
        Just("\u{202e}x\u{0}\r\n".to_owned()),
        Just("é".repeat(8_001)),
        Just("عطل في الدفع 🧨 \u{200f}שלום \u{1f468}\u{200d}\u{1f4bb}".to_owned()),
        Just("https://example.com/q".to_owned()),
        select(vec![
            "Northwind".to_owned(),
            "Checkout".to_owned(),
            String::new(),
            " ".to_owned()
        ]),
    ]
}

pub fn time() -> impl Strategy<Value = Time> {
    prop_oneof![
        Just(Time::MIN_UTC),
        Just(Time::MAX_UTC),
        (-8_000_000_000_000_i64..8_000_000_000_000)
            .prop_map(|s| Time::from_timestamp(s, 0).unwrap_or(Time::MAX_UTC)),
        (-20_000_i64..20_000).prop_map(|s| crate::room::at(0) + Duration::seconds(s)),
    ]
}

/// What a wild command is made of.
#[derive(Clone, Debug)]
pub struct Stuff {
    pub texts: Vec<String>,
    pub time: Time,
    pub number: u64,
}

pub fn stuff() -> impl Strategy<Value = Stuff> {
    let texts = proptest::collection::vec(text(), 4);
    (texts, time(), any::<u64>()).prop_map(|(texts, time, number)| Stuff {
        texts,
        time,
        number,
    })
}

impl Stuff {
    fn word(&self, n: usize) -> String {
        self.texts[n % self.texts.len()].clone()
    }

    fn small(&self) -> u32 {
        u32::try_from(self.number % 100_000).unwrap()
    }

    fn entry(&self) -> CommandId {
        CommandId(Uuid::from_u128(u128::from(self.number % 20)))
    }

    fn incident(&self) -> IncidentId {
        IncidentId(Uuid::from_u128(u128::from(self.number % 8_000)))
    }

    fn of<T: Copy>(&self, all: &[T]) -> T {
        all[usize::try_from(self.number % all.len() as u64).unwrap()]
    }

    fn person(&self) -> PersonRef {
        PersonRef {
            name: self.word(3),
            ..bo()
        }
    }

    fn result(&self) -> Outcomed {
        Outcomed {
            text: self.word(0),
            outcome: Outcome::Unclear,
        }
    }

    fn named(&self) -> Audience {
        Audience::Named {
            customers: vec![named(self.word(3))],
        }
    }

    fn update(&self) -> (UpdateText, Vec<Excuse>) {
        let kind = self.of(&[
            UpdateKind::First,
            UpdateKind::Progress,
            UpdateKind::Resolution,
            UpdateKind::Learned,
        ]);
        let text = UpdateText {
            kind,
            audience: self.named(),
            acknowledge: self.word(0),
            impact: self.word(1),
            action: self.word(2),
            next_at: kind.promises().then_some(self.time),
            components: vec![ComponentNote {
                name: self.word(1),
                state: ComponentState::Operational,
            }],
            closure: (kind == UpdateKind::Resolution).then(|| Closure {
                cause: self.word(0),
                prevention: self.word(1),
                impact_from: self.time,
                impact_to: self.time,
            }),
            corrects: Some(self.entry()).filter(|_| self.number.is_multiple_of(5)),
        };
        let excuse = Excuse {
            words: self.word(1),
            reason: self.word(2),
        };
        (text, vec![excuse])
    }

    fn brief(&self) -> BriefText {
        BriefText {
            happened: self.word(0),
            impact: self.word(1),
            risks: vec![self.word(2)],
            asks: vec![Ask {
                what: self.word(3),
                of: self.word(0),
                needed_by: Some(self.time),
            }],
            eta: Some(Eta {
                at: self.time,
                confidence: Confidence::High,
                depends_on: self.word(1),
            }),
            changed: self.word(2),
        }
    }

    fn policy(&self) -> Policy {
        Policy {
            version: self.small(),
            currency: self.word(1),
            components: self.texts.clone(),
            channel_prefix: self.word(2),
            relief_min: u32::try_from(self.number % 200_000).unwrap(),
            holidays: vec![self.time.date_naive()],
            zone: Zone {
                name: self.word(3),
                utc_offset_min: i32::try_from(self.number % 2_000).unwrap() - 1_000,
                shifts: Vec::new(),
            },
            severity_rules: vec![SeverityRule {
                percent: Some(u8::try_from(self.number % 256).unwrap()),
                ..SeverityRule::new(Severity::Sev2, &self.word(0))
            }],
            jargon: self.texts.clone(),
            internal_names: self.texts.clone(),
            ..Policy::default()
        }
    }

    /// The command of this name, made of this.
    pub fn wild(&self, name: &str) -> Command {
        self.early(name)
            .or_else(|| self.fixing(name))
            .or_else(|| self.telling(name))
            .or_else(|| self.closing(name))
            .unwrap_or_else(|| panic!("add {name} to the wild commands"))
    }

    fn early(&self, name: &str) -> Option<Command> {
        let (role, person, reason) = (self.of(&Role::ALL), self.person(), self.word(0));
        let two_hats = Some(self.word(1));
        Some(match name {
            "Report" => Command::Report {
                what: self.word(0),
                source: self.word(1),
            },
            "DismissReport" => Command::DismissReport { reason },
            "JoinReport" => Command::JoinReport {
                into: self.incident(),
                number: None,
            },
            "TakeReport" => Command::TakeReport {
                report: self.incident(),
                what: self.word(0),
                source: self.word(1),
                received_at: self.time,
            },
            "Declare" => Command::Declare {
                title: self.word(0),
                severity: self.of(&Severity::ALL),
                customer_sees: self.word(1),
                impact_began_at: self.time,
                components: vec![self.word(2)],
                audience: self.named(),
                details: Details {
                    triage: Triage {
                        percent: Some(u8::try_from(self.number % 256).unwrap()),
                        ..Triage::default()
                    },
                    other_severity: Some(self.word(3)),
                    detected_at: Some(self.time),
                    hypothesis: Some(self.word(0)),
                },
            },
            "ChangeSeverity" => Command::ChangeSeverity {
                to: self.of(&Severity::ALL),
                reason,
            },
            "LinkChannel" => Command::LinkChannel { url: self.word(0) },
            "OfferRole" => Command::OfferRole {
                role,
                person,
                two_hats,
            },
            "AcceptRole" => Command::AcceptRole { role },
            "DeclineRole" => Command::DeclineRole {
                role,
                reason: Some(reason),
            },
            "HandOverRole" => Command::HandOverRole {
                role,
                to: person,
                note: reason,
                two_hats,
            },
            "VacateRole" => Command::VacateRole {
                role,
                reason,
                holder: None,
            },
            "WithdrawOffer" => Command::WithdrawOffer {
                role,
                person: person.id,
                reason,
            },
            "AddShadow" => Command::AddShadow { role, person },
            "RemoveShadow" => Command::RemoveShadow { role, person },
            "StayOn" => Command::StayOn { reason },
            "ChangePolicy" => Command::ChangePolicy {
                policy: Box::new(self.policy()),
                reason,
                after_version: self.small() % 3,
            },
            _ => return None,
        })
    }

    fn fixing(&self, name: &str) -> Option<Command> {
        let (entry, text) = (self.entry(), self.word(0));
        Some(match name {
            "LogEntry" => Command::LogEntry {
                kind: EntryKind::Action,
                text,
                result: Some(self.result()),
                links: vec![self.word(1)],
                happened_at: Some(self.time),
            },
            "RecordResult" => Command::RecordResult {
                entry,
                result: self.result(),
            },
            "AmendEntry" => Command::AmendEntry {
                entry,
                text,
                reason: self.word(1),
            },
            "DecideMitigation" => Command::DecideMitigation {
                lever: self.of(&Lever::ALL),
                what: text,
                risk_of_doing: self.word(1),
                risk_of_not_doing: self.word(2),
                undo: self.word(3),
            },
            "OpenHypothesis" => Command::OpenHypothesis {
                statement: text,
                owner: self.person(),
                timebox_min: Some(self.small()),
            },
            "LogAttempt" => Command::LogAttempt {
                hypothesis: entry,
                text,
                result: Some(self.result()),
            },
            "ConcludeHypothesis" => Command::ConcludeHypothesis {
                hypothesis: entry,
                verdict: self.of(&Verdict::ALL),
                because: text,
            },
            "AskParty" => Command::AskParty {
                party: self.of(&Party::ALL),
                whom: text,
                what: self.word(1),
            },
            "AcknowledgeAsk" => Command::AcknowledgeAsk { ask: entry },
            "AnswerAsk" => Command::AnswerAsk {
                ask: entry,
                answer: text,
            },
            "AttachEvidence" => Command::AttachEvidence {
                proves: self.of(&Proves::ALL),
                proof: match self.number % 3 {
                    0 => Proof::Statement {
                        by: text,
                        text: self.word(1),
                    },
                    1 => Proof::Link { url: text },
                    _ => Proof::Excerpt { text },
                },
                shows: self.word(2),
                watched_min: Some(self.small()),
            },
            "StateImpactEnd" => Command::StateImpactEnd { at: self.time },
            "StateCause" => Command::StateCause {
                cause: Cause::UnderInvestigation { text },
            },
            "MoveStatus" => Command::MoveStatus {
                to: self.of(&Status::ALL),
            },
            "MoveBack" => Command::MoveBack {
                to: self.of(&Status::ALL),
                reason: text,
            },
            _ => return None,
        })
    }

    fn telling(&self, name: &str) -> Option<Command> {
        let of = self.of(&[Of::Update, Of::Brief]);
        let (text, excuses) = self.update();
        Some(match name {
            "TellInside" => Command::TellInside {
                to: self.word(0),
                text: self.word(1),
            },
            "OpenDraft" => Command::OpenDraft {
                of,
                take_over: self.number.is_multiple_of(3),
            },
            "ReadyDraft" => Command::ReadyDraft {
                text: match of {
                    Of::Update => DraftText::Update { text, excuses },
                    Of::Brief => DraftText::Brief { text: self.brief() },
                },
            },
            "ApproveDraft" => Command::ApproveDraft {
                draft: self.entry(),
            },
            "ReturnDraft" => Command::ReturnDraft {
                draft: self.entry(),
                reason: self.word(0),
            },
            "DropDraft" => Command::DropDraft { of },
            "PublishUpdate" => Command::PublishUpdate {
                text,
                after: Some(self.entry()).filter(|_| self.number.is_multiple_of(7)),
                excuses,
            },
            "PublishBrief" => Command::PublishBrief {
                text: self.brief(),
                after_version: self.small() % 3,
            },
            _ => return None,
        })
    }

    fn closing(&self, name: &str) -> Option<Command> {
        let (customer_name, at) = (self.word(0), self.time);
        Some(match name {
            "ChangeCadence" => Command::ChangeCadence {
                every_min: self.small(),
                reason: self.word(0),
            },
            "NoteCustomer" => Command::NoteCustomer {
                customer: Customer {
                    tier: self.word(1),
                    sees: self.word(2),
                    annual_revenue: self.number,
                    renews_on: Some(at.date_naive()),
                    churn_now: Some(self.of(&ChurnRisk::ALL)),
                    churn_reason: Some(self.word(3)),
                    currency: Some(self.word(1)).filter(|_| self.number.is_multiple_of(3)),
                    impact_from: Some(at).filter(|_| self.number.is_multiple_of(2)),
                    impact_to: Some(at),
                    deal_stage: Some(self.word(0)),
                    ..customer(&customer_name)
                },
            },
            "AddCustomer" => Command::AddCustomer {
                customer: named(customer_name),
            },
            "ChangeCustomer" => Command::ChangeCustomer {
                was: Box::new(customer(&customer_name)),
                to: Box::new(Customer {
                    sees: self.word(2),
                    ..customer(&customer_name)
                }),
            },
            "IdentifyCustomers" => Command::IdentifyCustomers {
                bearers: vec![Bearer {
                    account: named(self.word(1)).id.account(),
                    name: customer_name,
                }],
            },
            "MoveDeal" => Command::MoveDeal {
                customer: named(customer_name),
                stage: self.word(1),
            },
            "ScheduleCall" => Command::ScheduleCall {
                customer: named(customer_name),
                kind: self.of(&CallKind::ALL),
                with: self.word(1),
                at,
                daily: self.number.is_multiple_of(2),
            },
            "EndCall" => Command::EndCall {
                call: self.entry(),
                end: CallEnd::Held {
                    notes: self.word(1),
                },
            },
            "AddPlanStep" => Command::AddPlanStep {
                customer: named(customer_name),
                what: self.word(1),
                side: Side::Theirs { name: self.word(2) },
                due_on: at.date_naive(),
            },
            "FinishPlanStep" => Command::FinishPlanStep {
                step: self.entry(),
                note: self.word(0),
            },
            "DecideCredit" => Command::DecideCredit {
                customer: named(customer_name),
                credit: Credit::Granted {
                    amount: Money {
                        currency: "EUR".to_owned(),
                        minor: self.number,
                    },
                    reason: self.word(1),
                },
            },
            "ProposeCredit" => Command::ProposeCredit {
                customer: named(customer_name),
                credit: Credit::ServiceDays {
                    days: u32::try_from(self.number % 5_000).unwrap_or(0),
                    reason: self.word(1),
                },
                monthly_fee: None,
                working: Some(self.word(2)),
            },
            "JudgeCredit" => Command::JudgeCredit {
                proposal: self.entry(),
                judgement: Judgement::Change {
                    credit: Credit::Extension {
                        days: 30,
                        reason: self.word(0),
                    },
                    reason: self.word(1),
                },
            },
            "BookPostMortem" => Command::BookPostMortem {
                at,
                facilitator: self.person(),
            },
            "AgreeAction" => Command::AgreeAction {
                what: customer_name,
                owner: self.person(),
                due_on: at.date_naive(),
                acceptance: self.word(1),
            },
            "HoldPostMortem" => Command::HoldPostMortem { at },
            "FinishAction" => Command::FinishAction {
                action: self.entry(),
                proof: self.word(0),
            },
            "PlanFollowUp" => Command::PlanFollowUp { plan: self.word(0) },
            _ => return None,
        })
    }
}
