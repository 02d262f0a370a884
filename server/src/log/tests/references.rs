//! Every id, hash and number that a command names is looked up; what is not there is refused.

use super::Place;
use super::asks::{all_accepted, declare, envelope, new_incident, person, report, update};
use crate::log::door::BEGUN_MAX;
use crate::store::{Store, StoredFile};
use app::api::Outcome;
use chrono::{Duration, NaiveDate, SubsecRound};
use domain::approval::ApprovalRow;
use domain::brief::BriefText;
use domain::call::{CallEnd, CallKind, Side};
use domain::customer::{Credit, Customer, CustomerId, CustomerRef, Judgement, Money};
use domain::draft::DraftText;
use domain::evidence::{Proof, Proves};
use domain::fix::Verdict;
use domain::timeline::{Outcome as Came, Outcomed};
use domain::update::{Audience, ComponentNote, ComponentState, UpdateKind, UpdateText};
use domain::{
    AccountId, Command, CommandId, Envelope, IncidentId, IncidentNumber, PersonId, PersonRef,
    Policy, Role,
};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Every command, with the fields that name something that may not be there, and its other fields. A
/// new command or a new field does not compile until it is sorted in here.
macro_rules! references {
    ($($variant:ident [$($named:ident)*] [$($plain:ident)*],)*) => {
        const REFERENCES: &[(&str, &[&str])] = &[$((stringify!($variant), &[$(stringify!($named)),*])),*];

        fn name_of(command: &Command) -> &'static str {
            match command {
                $(Command::$variant { $($named: _,)* $($plain: _,)* } => stringify!($variant),)*
            }
        }
    };
}

references! {
    Report [] [what source],
    DismissReport [] [reason],
    JoinReport [into] [number],
    TakeReport [report] [what source received_at],
    Declare [components audience] [title severity customer_sees impact_began_at details],
    ChangeSeverity [] [to reason],
    LinkChannel [] [url],
    OfferRole [person] [role two_hats],
    AcceptRole [] [role],
    DeclineRole [] [role reason],
    HandOverRole [to] [role note two_hats],
    VacateRole [holder] [role reason],
    WithdrawOffer [person] [role reason],
    AddShadow [person] [role],
    RemoveShadow [person] [role],
    StayOn [] [reason],
    LogEntry [] [kind text result links happened_at],
    RecordResult [entry] [result],
    AmendEntry [entry] [text reason],
    DecideMitigation [] [lever what risk_of_doing risk_of_not_doing undo],
    OpenHypothesis [owner] [statement timebox_min],
    LogAttempt [hypothesis] [text result],
    ConcludeHypothesis [hypothesis] [verdict because],
    AskParty [] [party whom what],
    AcknowledgeAsk [ask] [],
    AnswerAsk [ask] [answer],
    TellInside [] [to text],
    OpenDraft [] [of take_over],
    ReadyDraft [text] [],
    ApproveDraft [draft] [],
    ReturnDraft [draft] [reason],
    DropDraft [] [of],
    PublishUpdate [text after] [excuses],
    PublishBrief [after_version] [text],
    AttachEvidence [proof] [proves shows watched_min],
    StateImpactEnd [] [at],
    StateCause [] [cause],
    MoveStatus [] [to],
    MoveBack [] [to reason],
    ChangeCadence [] [every_min reason],
    NoteCustomer [customer] [],
    AddCustomer [customer] [],
    ChangeCustomer [was] [to],
    IdentifyCustomers [] [bearers],
    MoveDeal [customer] [stage],
    ScheduleCall [customer] [kind with at daily],
    EndCall [call] [end],
    AddPlanStep [customer side] [what due_on],
    FinishPlanStep [step] [note],
    DecideCredit [customer] [credit],
    ProposeCredit [customer] [credit monthly_fee working],
    JudgeCredit [proposal] [judgement],
    BookPostMortem [facilitator] [at],
    AgreeAction [owner] [what due_on acceptance],
    HoldPostMortem [] [at],
    FinishAction [action] [proof],
    PlanFollowUp [] [plan],
    ChangePolicy [policy after_version] [reason],
}

/// What is said of a reference that leads nowhere.
const SAID: [&str; 11] = [
    "is no account",
    "is not here",
    "is not one of",
    "is not of this incident",
    "is not on this incident",
    "has no account",
    "does not sit there",
    "took over Incident Commander",
    "is not on offer",
    "is not waiting for approval",
    "was changed to version",
];

const NOWHERE: Uuid = Uuid::from_u128(0xdead);

fn nobody() -> PersonRef {
    PersonRef {
        id: PersonId(NOWHERE),
        name: "Nobody".to_owned(),
    }
}

fn text() -> String {
    "Words".to_owned()
}

fn came() -> Outcomed {
    Outcomed {
        text: text(),
        outcome: Came::Worked,
    }
}

fn sha256_of(body: &[u8]) -> String {
    hex::encode(Sha256::digest(body))
}

fn attach(proof: Proof) -> Command {
    Command::AttachEvidence {
        proves: Proves::HarmStopped,
        proof,
        shows: text(),
        watched_min: None,
    }
}

fn file(sha256: String) -> Proof {
    Proof::File {
        name: "mine.pdf".to_owned(),
        sha256,
        bytes: 7,
        media_type: "application/pdf".to_owned(),
    }
}

fn policy(change: impl FnOnce(&mut Policy)) -> Command {
    let mut policy = Policy::default();
    change(&mut policy);
    Command::ChangePolicy {
        policy: Box::new(policy),
        reason: text(),
        after_version: 1,
    }
}

fn take(report: IncidentId) -> Command {
    Command::TakeReport {
        report,
        what: "Something else".to_owned(),
        source: "Somebody else".to_owned(),
        received_at: crate::clock::ServerClock::default().now(),
    }
}

fn join(into: IncidentId) -> Command {
    let number = Some(IncidentNumber {
        year: 1999,
        serial: 7,
    });
    Command::JoinReport { into, number }
}

/// A first update on an incident of which customers know nothing.
fn first(change: impl FnOnce(&mut UpdateText)) -> UpdateText {
    let now = crate::clock::ServerClock::default().now();
    let envelope = update(new_incident(), UpdateKind::First, now, None);
    let Command::PublishUpdate { mut text, .. } = envelope.command else {
        panic!("not an update")
    };
    change(&mut text);
    text
}

fn unknown_component() -> Vec<ComponentNote> {
    vec![ComponentNote {
        name: "Teleporter".to_owned(),
        state: ComponentState::MajorOutage,
    }]
}

/// One command for each field of [`REFERENCES`], with something in it that is not there.
fn unknown() -> Vec<(&'static str, Command)> {
    let id = CommandId(NOWHERE);
    let (customer, role) = (CustomerRef::by_name("Nobody & Sons"), Role::Comms);
    let no_account = CustomerRef::new(CustomerId::Account(AccountId(NOWHERE)), "Nobody & Sons");
    let no_line = Customer {
        id: no_account.id,
        name: no_account.name.clone(),
        tier: text(),
        sees: text(),
        ..Customer::default()
    };
    let no_readers = Audience::Named {
        customers: vec![no_account.clone()],
    };
    let due_on = NaiveDate::from_ymd_opt(2099, 1, 1).unwrap();
    let at = crate::clock::ServerClock::default().now() + Duration::hours(1);
    let publish = |text, after| Command::PublishUpdate {
        text,
        after,
        excuses: Vec::new(),
    };
    let ready = |text| Command::ReadyDraft {
        text: DraftText::Update {
            text,
            excuses: Vec::new(),
        },
    };
    let brief = BriefText {
        happened: text(),
        impact: text(),
        risks: Vec::new(),
        asks: Vec::new(),
        eta: None,
        changed: text(),
    };
    let amount = Money {
        currency: "EUR".to_owned(),
        minor: 100,
    };
    vec![
        ("into", join(IncidentId(NOWHERE))),
        ("report", take(IncidentId(NOWHERE))),
        ("components", {
            let mut command = declare(new_incident()).command;
            if let Command::Declare { components, .. } = &mut command {
                components.push("Teleporter".to_owned());
            }
            command
        }),
        ("audience", {
            let mut command = declare(new_incident()).command;
            if let Command::Declare { audience, .. } = &mut command {
                audience.clone_from(&no_readers);
            }
            command
        }),
        (
            "person",
            Command::OfferRole {
                role,
                person: nobody(),
                two_hats: None,
            },
        ),
        (
            "to",
            Command::HandOverRole {
                role: Role::Commander,
                to: nobody(),
                note: text(),
                two_hats: None,
            },
        ),
        (
            "holder",
            Command::VacateRole {
                role: Role::Commander,
                reason: text(),
                holder: Some(nobody().id),
            },
        ),
        (
            "person",
            Command::WithdrawOffer {
                role,
                person: nobody().id,
                reason: text(),
            },
        ),
        (
            "person",
            Command::AddShadow {
                role,
                person: nobody(),
            },
        ),
        (
            "person",
            Command::RemoveShadow {
                role,
                person: nobody(),
            },
        ),
        (
            "entry",
            Command::RecordResult {
                entry: id,
                result: came(),
            },
        ),
        (
            "entry",
            Command::AmendEntry {
                entry: id,
                text: text(),
                reason: text(),
            },
        ),
        (
            "owner",
            Command::OpenHypothesis {
                statement: text(),
                owner: nobody(),
                timebox_min: None,
            },
        ),
        (
            "hypothesis",
            Command::LogAttempt {
                hypothesis: id,
                text: text(),
                result: None,
            },
        ),
        (
            "hypothesis",
            Command::ConcludeHypothesis {
                hypothesis: id,
                verdict: Verdict::Rejected,
                because: text(),
            },
        ),
        ("ask", Command::AcknowledgeAsk { ask: id }),
        (
            "ask",
            Command::AnswerAsk {
                ask: id,
                answer: text(),
            },
        ),
        ("text", ready(first(|t| t.corrects = Some(id)))),
        ("text", ready(first(|t| t.components = unknown_component()))),
        ("text", ready(first(|t| t.audience.clone_from(&no_readers)))),
        ("draft", Command::ApproveDraft { draft: id }),
        (
            "draft",
            Command::ReturnDraft {
                draft: id,
                reason: text(),
            },
        ),
        ("text", publish(first(|t| t.corrects = Some(id)), None)),
        (
            "text",
            publish(first(|t| t.components = unknown_component()), None),
        ),
        (
            "text",
            publish(first(|t| t.audience.clone_from(&no_readers)), None),
        ),
        ("after", publish(first(|_| {}), Some(id))),
        (
            "after_version",
            Command::PublishBrief {
                text: brief,
                after_version: 7,
            },
        ),
        ("proof", attach(file(sha256_of(b"never uploaded")))),
        ("proof", attach(file("no hash".to_owned()))),
        (
            "customer",
            Command::NoteCustomer {
                customer: no_line.clone(),
            },
        ),
        (
            "customer",
            Command::AddCustomer {
                customer: no_account.clone(),
            },
        ),
        (
            "was",
            Command::ChangeCustomer {
                was: Box::new(no_line.clone()),
                to: Box::new(Customer {
                    account: None,
                    ..no_line
                }),
            },
        ),
        (
            "customer",
            Command::MoveDeal {
                customer: no_account,
                stage: text(),
            },
        ),
        (
            "customer",
            Command::MoveDeal {
                customer: customer.clone(),
                stage: text(),
            },
        ),
        (
            "customer",
            Command::ScheduleCall {
                customer: customer.clone(),
                kind: CallKind::ALL[0],
                with: text(),
                at,
                daily: false,
            },
        ),
        (
            "call",
            Command::EndCall {
                call: id,
                end: CallEnd::CalledOff { reason: text() },
            },
        ),
        (
            "customer",
            Command::AddPlanStep {
                customer: customer.clone(),
                what: text(),
                side: Side::Theirs { name: text() },
                due_on,
            },
        ),
        (
            "side",
            Command::AddPlanStep {
                customer: CustomerRef::by_name("Orchard Bank"),
                what: text(),
                side: Side::Ours { person: nobody() },
                due_on,
            },
        ),
        (
            "step",
            Command::FinishPlanStep {
                step: id,
                note: text(),
            },
        ),
        (
            "customer",
            Command::DecideCredit {
                customer: customer.clone(),
                credit: Credit::None { reason: text() },
            },
        ),
        (
            "customer",
            Command::ProposeCredit {
                customer,
                credit: Credit::Granted {
                    amount,
                    reason: text(),
                },
                monthly_fee: None,
                working: None,
            },
        ),
        (
            "proposal",
            Command::JudgeCredit {
                proposal: id,
                judgement: Judgement::Approve,
            },
        ),
        (
            "facilitator",
            Command::BookPostMortem {
                at,
                facilitator: nobody(),
            },
        ),
        (
            "owner",
            Command::AgreeAction {
                what: text(),
                owner: nobody(),
                due_on,
                acceptance: text(),
            },
        ),
        (
            "action",
            Command::FinishAction {
                action: id,
                proof: text(),
            },
        ),
        (
            "policy",
            policy(|p| p.credit_matrix[2].people = vec![person(1).id, nobody().id]),
        ),
        ("after_version", {
            let mut command = policy(|_| {});
            if let Command::ChangePolicy { after_version, .. } = &mut command {
                *after_version = 7;
            }
            command
        }),
    ]
}

fn refusal(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Refused { refusal } => refusal.to_string(),
        Outcome::Accepted => panic!("it was accepted"),
    }
}

impl Place {
    /// An open incident with a commander and a customer.
    async fn open_incident(&self) -> IncidentId {
        let id = new_incident();
        let offer = Command::OfferRole {
            role: Role::Commander,
            person: person(1),
            two_hats: None,
        };
        let accept = Command::AcceptRole {
            role: Role::Commander,
        };
        let customer = Customer {
            name: "Orchard Bank".to_owned(),
            tier: "Strategic".to_owned(),
            sees: "Errors".to_owned(),
            ..Customer::default()
        };
        let commands = [offer, accept, Command::NoteCustomer { customer }];
        let commands = commands.into_iter().map(|c| envelope(id, c));
        let pushed: Vec<Envelope> = std::iter::once(declare(id)).chain(commands).collect();
        all_accepted(&self.log.push(person(1), pushed).await.unwrap());
        id
    }

    async fn reported(&self) -> IncidentId {
        let id = new_incident();
        assert_eq!(self.push_one(report(id)).await, Outcome::Accepted);
        id
    }

    async fn close(&self, id: IncidentId) {
        // Whatever its gate asks for, a fold of this event is a closed incident.
        let life = super::asks::whole_life(id, self.log.now().trunc_subsecs(3));
        all_accepted(&self.log.replay_all(life).await.unwrap());
    }
}

#[tokio::test]
async fn every_reference_of_every_command_is_looked_up_or_refused() {
    let place = Place::new().await;
    let id = place.open_incident().await;
    let mut looked_up: BTreeSet<(&str, &str)> = BTreeSet::new();
    for (field, command) in unknown() {
        let name = name_of(&command);
        let incident = match name {
            "ChangePolicy" => IncidentId::SETTINGS,
            "JoinReport" => place.reported().await,
            "Declare" => new_incident(),
            _ => id,
        };
        let said = format!("{command:?}");
        let outcome = place.push_one(envelope(incident, command)).await;
        let why = match outcome {
            Outcome::Refused { refusal } => refusal.to_string(),
            Outcome::Accepted => panic!("accepted: {said}"),
        };
        assert!(
            SAID.iter().any(|words| why.contains(words)),
            "{said}: {why}"
        );
        looked_up.insert((name, field));
    }
    let all: BTreeSet<(&str, &str)> = REFERENCES
        .iter()
        .flat_map(|(name, fields)| fields.iter().map(move |field| (*name, *field)))
        .collect();
    assert_eq!(looked_up, all);
    // Of an incident that is nowhere, nothing is asked but that it begins.
    for (_, command) in unknown() {
        let begins = matches!(name_of(&command), "Declare");
        let outcome = place.push_one(envelope(new_incident(), command)).await;
        assert!(begins || outcome != Outcome::Accepted);
    }
    place.memory_is_the_log().await;
}

#[tokio::test]
async fn a_file_is_evidence_only_when_it_is_stored_and_goes_by_what_the_store_knows() {
    let place = Place::new().await;
    let id = place.open_incident().await;
    let body = b"\x89PNG\r\n\x1a\n graph".to_vec();
    let sha256 = sha256_of(&body);
    let attached = || envelope(id, attach(file(sha256.clone())));
    let refused = place.push_one(attached()).await;
    assert_eq!(refusal(&refused), "File is not here; upload it again.");
    let stored = StoredFile {
        sha256: Sha256::digest(&body).into(),
        name: "graph.png".to_owned(),
        media_type: "image/png".to_owned(),
        added_by: person(1),
        added_at: place.log.now(),
        body,
    };
    place.store.add_file(&stored).await.unwrap();
    assert_eq!(place.push_one(attached()).await, Outcome::Accepted);
    let proof = place.log.live()[&id].evidence[0].proof.clone();
    let known = Proof::File {
        name: "graph.png".to_owned(),
        sha256,
        bytes: u32::try_from(stored.body.len()).unwrap(),
        media_type: "image/png".to_owned(),
    };
    assert_eq!(proof, known);
}

#[tokio::test]
async fn a_report_is_taken_as_it_stands_and_joins_under_the_number_that_the_incident_has() {
    let place = Place::new().await;
    let id = place.open_incident().await;
    let reported = place.reported().await;
    let pushed = vec![envelope(id, take(reported)), envelope(reported, join(id))];
    all_accepted(&place.log.push(person(2), pushed).await.unwrap());
    let events = place.all_events().await;
    let joined = serde_json::to_string(&events[events.len() - 1]).unwrap();
    assert!(!joined.contains("1999"), "{joined}");
    let taker = place.log.live()[&id].clone();
    assert_eq!(taker.taken_reports, [reported]);
    assert_eq!(taker.timeline.last().unwrap().text, "Alert: Slow");
    assert!(!place.log.live().contains_key(&reported));
    let again = place.push_one(envelope(id, take(reported))).await;
    assert!(refusal(&again).contains("joined this report to INC-"));
    place.memory_is_the_log().await;
}

#[tokio::test]
async fn a_report_waits_on_when_the_incident_that_it_was_to_join_was_closed_meanwhile() {
    let place = Place::new().await;
    let id = new_incident();
    place.close(id).await;
    let reported = place.reported().await;
    // Made by a tab that saw it open, and sent together or one by one.
    let pushed = vec![envelope(id, take(reported)), envelope(reported, join(id))];
    let answers = place.log.push(person(2), pushed).await.unwrap();
    assert!(refusal(&answers[0].outcome).contains("is closed"));
    let said = refusal(&answers[1].outcome);
    assert!(
        said.ends_with("is closed. Join this report to an open incident, or declare it."),
        "{said}"
    );
    assert!(place.log.live()[&reported].is_to_triage());
    let alone = place.push_one(envelope(reported, join(id))).await;
    assert_eq!(refusal(&alone), said);
    let open = place.open_incident().await;
    let untaken = place.push_one(envelope(reported, join(open))).await;
    assert!(refusal(&untaken).contains("has not taken this report"));
    assert!(place.log.live()[&reported].is_to_triage(), "it still waits");
    place.memory_is_the_log().await;
}

#[tokio::test]
async fn a_report_does_not_join_an_incident_that_took_it_and_was_closed_meanwhile() {
    let place = Place::new().await;
    let id = new_incident();
    let reported = place.reported().await;
    let at = place.log.now().trunc_subsecs(3);
    let mut life = super::asks::whole_life(id, at);
    life.insert(1, (person(1), envelope(id, take(reported)), at));
    all_accepted(&place.log.replay_all(life).await.unwrap());
    let said = refusal(&place.push_one(envelope(reported, join(id))).await);
    assert!(said.starts_with("INC-"), "{said}");
    assert!(
        said.ends_with(" is closed. Join this report to an open incident, or declare it."),
        "{said}"
    );
    assert!(place.log.live()[&reported].is_to_triage(), "it still waits");
    let mut declared = declare(reported);
    declared.incident = reported;
    assert_eq!(place.push_one(declared).await, Outcome::Accepted);
    place.memory_is_the_log().await;
}

#[tokio::test]
async fn a_report_is_taken_by_one_open_incident_and_joins_that() {
    let place = Place::new().await;
    let (one, other) = (place.open_incident().await, place.open_incident().await);
    let reported = place.reported().await;
    // In one batch, and one after the other.
    let pushed = vec![
        envelope(one, take(reported)),
        envelope(other, take(reported)),
    ];
    let answers = place.log.push(person(2), pushed).await.unwrap();
    assert_eq!(answers[0].outcome, Outcome::Accepted);
    let number = place.log.live()[&one].number_label();
    let said = format!("{number} has taken this report. Join it there, from the report's page.");
    assert_eq!(refusal(&answers[1].outcome), said);
    let mut declared = declare(reported);
    declared.incident = reported;
    for else_done in [
        envelope(other, take(reported)),
        envelope(reported, Command::DismissReport { reason: text() }),
        declared,
    ] {
        assert_eq!(refusal(&place.push_one(else_done).await), said);
    }
    assert!(place.log.live()[&reported].is_to_triage());
    let joined = place.push_one(envelope(reported, join(one))).await;
    assert_eq!(joined, Outcome::Accepted);
    place.memory_is_the_log().await;
}

#[tokio::test]
async fn an_incident_that_is_closed_lets_go_of_the_report_that_never_joined_it() {
    let place = Place::new().await;
    let (one, other) = (new_incident(), place.open_incident().await);
    let reported = place.reported().await;
    let at = place.log.now().trunc_subsecs(3);
    let mut life = super::asks::whole_life(one, at);
    life.insert(1, (person(1), envelope(one, take(reported)), at));
    all_accepted(&place.log.replay_all(life).await.unwrap());
    let pushed = vec![
        envelope(other, take(reported)),
        envelope(reported, join(other)),
    ];
    all_accepted(&place.log.push(person(2), pushed).await.unwrap());
    place.memory_is_the_log().await;
}

#[tokio::test]
async fn a_report_that_was_dealt_with_is_not_taken() {
    let place = Place::new().await;
    let (id, reported) = (place.open_incident().await, place.reported().await);
    let dismiss = Command::DismissReport { reason: text() };
    let dismissed = place.push_one(envelope(reported, dismiss)).await;
    assert_eq!(dismissed, Outcome::Accepted);
    let pushed = vec![envelope(id, take(reported)), envelope(reported, join(id))];
    for answer in place.log.push(person(2), pushed).await.unwrap() {
        assert!(refusal(&answer.outcome).contains("dismissed this report"));
    }
    assert_eq!(place.log.live()[&id].taken_reports, []);
    let itself = place.push_one(envelope(id, take(id))).await;
    assert!(refusal(&itself).starts_with("Report is not here"));
}

#[tokio::test]
async fn who_was_removed_stays_in_the_approval_matrix_and_is_not_put_into_it() {
    let place = Place::new().await;
    let row = |approver: &str, up_to: Option<u64>, who: &[u128]| ApprovalRow {
        up_to: up_to.map(|minor| Money {
            currency: "EUR".to_owned(),
            minor,
        }),
        approver: approver.to_owned(),
        people: who.iter().map(|n| person(*n).id).collect(),
    };
    let send = |version: u32, rows: Vec<ApprovalRow>| {
        let mut command = policy(|p| p.credit_matrix = rows);
        if let Command::ChangePolicy { after_version, .. } = &mut command {
            *after_version = version;
        }
        place.push_one(envelope(IncidentId::SETTINGS, command))
    };
    let first = send(1, vec![row("VP", None, &[2])]).await;
    assert_eq!(first, Outcome::Accepted);
    for n in [2, 3] {
        place
            .log
            .remove_person(person(n).id, person(1), String::new())
            .await
            .unwrap();
    }
    let both = send(2, vec![row("VP", None, &[2, 3])]).await;
    assert_eq!(
        refusal(&both),
        "Approval matrix names somebody who has no account; choose who approves from the list."
    );
    let kept = vec![row("Lead", Some(9), &[1]), row("VP", None, &[2])];
    assert_eq!(send(2, kept).await, Outcome::Accepted);
}

#[tokio::test]
async fn one_person_does_not_fill_the_boards_of_all() {
    let place = Place::new().await;
    let all: Vec<_> = (0..=BEGUN_MAX).map(|_| report(new_incident())).collect();
    let first = all[0].incident;
    let mut answers = Vec::new();
    for some in all.chunks(50) {
        answers.extend(place.log.push(person(1), some.to_vec()).await.unwrap());
    }
    let last = answers.pop().unwrap();
    all_accepted(&answers);
    let says = "500 reports and incidents of yours are open.";
    assert!(refusal(&last.outcome).starts_with(says));
    let answers = place
        .log
        .push(person(1), vec![declare(new_incident())])
        .await;
    assert!(refusal(&answers.unwrap()[0].outcome).starts_with(says));
    let by_another = place
        .log
        .push(person(2), vec![report(new_incident())])
        .await;
    all_accepted(&by_another.unwrap());

    // What waits can be declared, and what is dealt with makes room.
    let reason = "No trouble".to_owned();
    let dismiss = envelope(first, Command::DismissReport { reason });
    for command in [dismiss, report(new_incident())] {
        all_accepted(&place.log.push(person(1), vec![command]).await.unwrap());
    }
}
