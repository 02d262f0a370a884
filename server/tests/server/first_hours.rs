//! The commands of the first hours with a marker in each field, as people would send them.

use crate::marks::Marks;
use crate::seeded::{Teller, came, colleague};
use crate::site::{Browser, new_id};
use chrono::Duration;
use domain::brief::BriefText;
use domain::call::{CallEnd, CallKind, Side};
use domain::customer::CustomerRef;
use domain::draft::{DraftText, Of};
use domain::fix::{Party, Verdict};
use domain::{Command, IncidentId, PersonRef, Policy, Role, Severity, Time};
use std::collections::BTreeSet;

/// A report that tells of the same incident, which takes it.
async fn join(teller: &mut Teller<'_>, m: &mut Marks, now: Time) {
    let (into, report) = (teller.incident, IncidentId(new_id()));
    let mut of_report = Teller {
        browser: teller.browser,
        incident: report,
        sent: teller.sent,
    };
    let (what, source) = (m.text(), m.text());
    of_report.does(Command::Report { what, source }).await;
    teller
        .does(Command::TakeReport {
            report,
            what: m.text(),
            source: m.text(),
            received_at: now,
        })
        .await;
    let mut of_report = Teller {
        browser: teller.browser,
        incident: report,
        sent: teller.sent,
    };
    of_report
        .does(Command::JoinReport { into, number: None })
        .await;
}

/// A new version of the policy. Its page name and components are for everybody; the rest is not.
pub async fn change_policy(browser: &Browser<'_>, sent: &mut BTreeSet<usize>, m: &mut Marks) {
    let mut policy = Policy {
        channel_prefix: "#QMARKQ".to_owned(),
        jargon: vec![m.text()],
        internal_names: vec![m.text()],
        ..Policy::default()
    };
    policy.severity_rules[0].name = m.text();
    // Who judges the credit of this incident.
    let judge = server::demo::people().remove(1).person.id;
    for row in &mut policy.credit_matrix {
        row.people = vec![judge];
    }
    let mut teller = Teller {
        browser,
        incident: IncidentId::SETTINGS,
        sent,
    };
    teller
        .does(Command::ChangePolicy {
            policy: Box::new(policy),
            reason: m.text(),
            after_version: 1,
        })
        .await;
}

/// Everything else that is asked for while an incident is open.
pub async fn first_hours(
    teller: &mut Teller<'_>,
    m: &mut Marks,
    me: &PersonRef,
    customer: &CustomerRef,
    now: Time,
) {
    leads(teller, m, me, now).await;
    tries(teller, m, me).await;
    drafts(teller, m).await;
    talks(teller, m, customer).await;
}

async fn leads(teller: &mut Teller<'_>, m: &mut Marks, me: &PersonRef, now: Time) {
    join(teller, m, now).await;
    for to in [Severity::Sev2, Severity::Sev1] {
        let reason = m.text();
        teller.does(Command::ChangeSeverity { to, reason }).await;
    }
    teller.does(Command::LinkChannel { url: m.link() }).await;
    teller.does(Command::StayOn { reason: m.text() }).await;
    let role = Role::Engineering;
    let person = colleague(teller.browser.server, m).await;
    let shadow = person.clone();
    teller.does(Command::AddShadow { role, person }).await;
    let person = shadow;
    teller.does(Command::RemoveShadow { role, person }).await;
    let person = colleague(teller.browser.server, m).await;
    teller.does(Command::AddShadow { role, person }).await;
    teller
        .does(Command::OfferRole {
            role,
            person: me.clone(),
            two_hats: Some(m.text()),
        })
        .await;
    teller.does(Command::AcceptRole { role }).await;
    let reason = m.text();
    teller
        .does(Command::VacateRole {
            role,
            reason,
            holder: Some(me.id),
        })
        .await;
    teller
        .does(Command::OfferRole {
            role,
            person: me.clone(),
            two_hats: Some(m.text()),
        })
        .await;
    teller
        .does(Command::WithdrawOffer {
            role,
            person: me.id,
            reason: m.text(),
        })
        .await;
}

async fn tries(teller: &mut Teller<'_>, m: &mut Marks, me: &PersonRef) {
    let hypothesis = teller
        .does(Command::OpenHypothesis {
            statement: m.text(),
            owner: me.clone(),
            timebox_min: Some(20),
        })
        .await;
    let (text, result) = (m.text(), Some(came(m)));
    teller
        .does(Command::LogAttempt {
            hypothesis,
            text,
            result,
        })
        .await;
    teller
        .does(Command::ConcludeHypothesis {
            hypothesis,
            verdict: Verdict::Rejected,
            because: m.text(),
        })
        .await;
    let ask = teller
        .does(Command::AskParty {
            party: Party::Legal,
            whom: m.text(),
            what: m.text(),
        })
        .await;
    teller.does(Command::AcknowledgeAsk { ask }).await;
    let answer = m.text();
    teller.does(Command::AnswerAsk { ask, answer }).await;
    let (to, text) = (m.text(), m.text());
    teller.does(Command::TellInside { to, text }).await;
}

/// Drafts are read by nobody outside: each of their words is a marker.
async fn drafts(teller: &mut Teller<'_>, m: &mut Marks) {
    let of = Of::Brief;
    let take_over = true;
    teller.does(Command::OpenDraft { of, take_over }).await;
    let mut text = || DraftText::Brief {
        text: BriefText {
            happened: m.text(),
            impact: m.text(),
            risks: vec![m.text()],
            asks: Vec::new(),
            eta: None,
            changed: m.text(),
        },
    };
    let (first, second) = (text(), text());
    let draft = teller.does(Command::ReadyDraft { text: first }).await;
    let reason = m.text();
    teller.does(Command::ReturnDraft { draft, reason }).await;
    let draft = teller.does(Command::ReadyDraft { text: second }).await;
    teller.does(Command::ApproveDraft { draft }).await;
    teller.does(Command::DropDraft { of }).await;
}

async fn talks(teller: &mut Teller<'_>, m: &mut Marks, customer: &CustomerRef) {
    let at = teller.browser.server.clock.now() + Duration::minutes(30);
    let call = teller
        .does(Command::ScheduleCall {
            customer: customer.clone(),
            kind: CallKind::Executive,
            with: m.text(),
            at,
            daily: true,
        })
        .await;
    let end = CallEnd::Held { notes: m.text() };
    teller.does(Command::EndCall { call, end }).await;
    for side in [
        Side::Theirs { name: m.text() },
        Side::Ours {
            person: colleague(teller.browser.server, m).await,
        },
    ] {
        let step = teller
            .does(Command::AddPlanStep {
                customer: customer.clone(),
                what: m.text(),
                side,
                due_on: at.date_naive(),
            })
            .await;
        let note = m.text();
        teller.does(Command::FinishPlanStep { step, note }).await;
    }
}
