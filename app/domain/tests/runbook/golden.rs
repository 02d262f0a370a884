//! L2: old events are read forever. `golden/events.jsonl` holds one line of every kind and
//! version ever written. Lines are added, never changed.

use domain::{Event, Incident, Recorded};
use serde_json::Value;
use std::collections::BTreeSet;

pub(crate) const EVENTS: &str = include_str!("../golden/events.jsonl");
pub(crate) const INCIDENT: &str = include_str!("../golden/incident.json");

/// Every variant with its kind. A new variant does not compile until it stands here, and does
/// not pass until the golden file has a line of it.
macro_rules! kinds {
    ($($variant:ident => $kind:literal),* $(,)?) => {
        const KINDS: &[&str] = &[$($kind),*];

        fn kind_of(event: &Event) -> &str {
            match event {
                $(Event::$variant { .. } => $kind,)*
                Event::Unknown(_) => "unknown",
            }
        }
    };
}

kinds! {
    Reported => "reported.1",
    ReportDismissed => "report_dismissed.1",
    Declared => "declared.1",
    Numbered => "numbered.1",
    RoleOffered => "role_offered.1",
    RoleAccepted => "role_accepted.1",
    RoleDeclined => "role_declined.1",
    RoleHandedOver => "role_handed_over.1",
    EntryLogged => "entry_logged.1",
    ResultRecorded => "result_recorded.1",
    EntryAmended => "entry_amended.1",
    MitigationDecided => "mitigation_decided.1",
    UpdatePublished => "update_published.1",
    BriefPublished => "brief_published.1",
    EvidenceAttached => "evidence_attached.1",
    ImpactEnded => "impact_ended.1",
    CauseStated => "cause_stated.1",
    StatusMoved => "status_moved.1",
    StatusMovedBack => "status_moved_back.1",
    CadenceChanged => "cadence_changed.1",
    CustomerNoted => "customer_noted.1",
    CreditDecided => "credit_decided.1",
    PostMortemBooked => "post_mortem_booked.1",
    ActionAgreed => "action_agreed.1",
    FollowUpPlanned => "follow_up_planned.1",
    ReportJoined => "report_joined.1",
    ReportTaken => "report_taken.1",
    DeclaredBy => "declared.2",
    SeverityChanged => "severity_changed.1",
    ChannelLinked => "channel_linked.1",
    RoleVacated => "role_vacated.1",
    OfferWithdrawn => "offer_withdrawn.1",
    ShadowAdded => "shadow_added.1",
    ShadowRemoved => "shadow_removed.1",
    CommanderStayed => "commander_stayed.1",
    HypothesisOpened => "hypothesis_opened.1",
    AttemptLogged => "attempt_logged.1",
    HypothesisConcluded => "hypothesis_concluded.1",
    PartyAsked => "party_asked.1",
    AskAcknowledged => "ask_acknowledged.1",
    AskAnswered => "ask_answered.1",
    ToldInside => "told_inside.1",
    DraftOpened => "draft_opened.1",
    DraftReady => "draft_ready.1",
    DraftApproved => "draft_approved.1",
    DraftReturned => "draft_returned.1",
    DraftDropped => "draft_dropped.1",
    UpdateSent => "update_published.2",
    BriefSent => "brief_published.2",
    CallScheduled => "call_scheduled.1",
    CallEnded => "call_ended.1",
    PlanStepAdded => "plan_step_added.1",
    PlanStepDone => "plan_step_done.1",
    PostMortemHeld => "post_mortem_held.1",
    ActionDone => "action_done.1",
    CreditProposed => "credit_proposed.1",
    CreditJudged => "credit_judged.1",
    CustomerKnown => "customer_noted.2",
    DealMoved => "deal_moved.1",
    PolicyChanged => "policy_changed.1",
    ClockConfirmed => "clock_confirmed.1",
    CallScheduledV2 => "call_scheduled.2",
    PlanStepAddedV2 => "plan_step_added.2",
    CreditDecidedV2 => "credit_decided.2",
    CreditProposedV2 => "credit_proposed.2",
    DealMovedV2 => "deal_moved.2",
    CustomerNotedV3 => "customer_noted.3",
    CustomersIdentified => "customers_identified.1",
}

fn golden() -> Vec<(Value, Recorded)> {
    EVENTS
        .lines()
        .map(|line| {
            let value: Value = serde_json::from_str(line).unwrap();
            let recorded = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
            (value, recorded)
        })
        .collect()
}

#[test]
fn every_kind_of_event_is_in_the_golden_file_and_is_known_by_its_kind() {
    let mut unknown = 0;
    let mut found = BTreeSet::new();
    for (value, recorded) in golden() {
        let kind = value["event"]["kind"].as_str().unwrap().to_owned();
        assert_eq!(recorded.event.kind(), kind);
        if matches!(recorded.event, Event::Unknown(_)) {
            assert!(
                !KINDS.contains(&kind.as_str()),
                "{kind} is not read any more"
            );
            unknown += 1;
        } else {
            assert_eq!(kind_of(&recorded.event), kind);
            found.insert(kind);
        }
    }
    assert_eq!(unknown, 1, "one line of a kind from the future");
    let missing: Vec<_> = KINDS.iter().filter(|k| !found.contains(**k)).collect();
    assert!(
        missing.is_empty(),
        "add a line to golden/events.jsonl for {missing:?}"
    );
}

#[test]
fn every_golden_event_is_written_as_it_was_read() {
    for (value, recorded) in golden() {
        assert_eq!(serde_json::to_value(&recorded).unwrap(), value);
    }
}

#[test]
fn the_golden_log_folds_to_the_golden_incident() {
    let log: Vec<Recorded> = golden().into_iter().map(|(_, recorded)| recorded).collect();
    // Several incidents in one log: one is dismissed, two run their course, one joins another, one
    // stands half way; and the settings.
    let ids: BTreeSet<_> = log.iter().map(|r| r.incident).collect();
    let incidents: Vec<Incident> = ids
        .into_iter()
        .map(|id| Incident::fold(id, log.iter().filter(|r| r.incident == id)))
        .collect();
    let folded = serde_json::to_value(&incidents).unwrap();
    let expected: Value = serde_json::from_str(INCIDENT).unwrap_or(Value::Null);
    if folded != expected {
        let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/incident.json");
        std::fs::write(file, serde_json::to_string_pretty(&folded).unwrap() + "\n").unwrap();
        panic!("the golden log folds to something else; compare {file} with golden/incident.json");
    }
    let read: Vec<Incident> = serde_json::from_str(INCIDENT).unwrap();
    assert_eq!(read, incidents, "a snapshot reads back as it was");
}

#[test]
fn an_unknown_kind_survives_a_round_trip_and_changes_nothing_but_the_version() {
    for text in [
        r#"{"kind":"weather_changed.7","data":{"to":"rain","mm":[1,2.5,-3],"deep":{"a":null,"b":true}}}"#,
        r#"{"kind":"update_published.2","data":{"text":"🧨 عطل","words":18446744073709551615}}"#,
        r#"{"kind":"no_data.1"}"#,
        r#"{"kind":"reported.1","data":{"what":7}}"#,
        r#"{"kind":"reported.1","more":[]}"#,
    ] {
        let event: Event = serde_json::from_str(text).unwrap();
        assert!(matches!(event, Event::Unknown(_)), "{text}");
        let again = serde_json::to_string(&event).unwrap();
        let value = |t: &str| serde_json::from_str::<Value>(t).unwrap();
        assert_eq!(value(&again), value(text));

        let (_, mut recorded) = golden().swap_remove(0);
        recorded.event = event;
        let before = Incident::empty(recorded.incident);
        let mut after = before.clone();
        after.apply(&recorded);
        assert_eq!(
            after,
            Incident {
                version: 1,
                ..before
            }
        );
    }
}
