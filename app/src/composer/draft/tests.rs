//! What the composer opens with, and what counts as another text.

use super::*;
use domain::customer::CustomerId;
use domain::incident::Move;
use domain::update::Update;
use domain::{AccountId, CommandId, IncidentId, PersonId, PersonRef};
use uuid::Uuid;

#[test]
fn a_reason_that_was_not_approved_makes_another_text() {
    let incident = Incident::empty(IncidentId(Uuid::from_u128(9)));
    let now = Time::UNIX_EPOCH;
    let mut draft = Draft::new(&incident, &Policy::default(), now);
    "Some of the exports fail".clone_into(&mut draft.acknowledge);
    draft.excuses = [("some of".to_owned(), "counted".to_owned())].into();
    let (text, excuses) = (draft.to_text(now).expect("it reads"), draft.excuses());
    let up = DraftText::Update { text, excuses };
    let says = |excuses: &[(&str, &str)]| {
        let excuses = excuses.iter();
        let excuses = excuses.map(|(words, why)| ((*words).to_owned(), (*why).to_owned()));
        let excuses = excuses.collect();
        let draft = Draft {
            excuses,
            ..draft.clone()
        };
        draft.says(&up, now)
    };
    let known = ("some of", "counted");
    assert!(says(&[known]));
    assert!(says(&[known, ("exports", " ")]), "nothing is given yet");
    assert!(
        says(&[known, ("gone", "it was jargon")]),
        "no word of it is left"
    );
    assert!(!says(&[known, ("exports", "customers call them so")]));
    assert!(!says(&[("some of", "because")]));
    assert!(!says(&[]));
}

fn customer(n: u128, name: &str) -> CustomerRef {
    let id = CustomerId::Account(AccountId(Uuid::from_u128(n)));
    CustomerRef::new(id, name)
}

fn told(n: u128, kind: UpdateKind, audience: Audience, words: &str) -> Update {
    let closure = (kind == UpdateKind::Resolution).then(|| Closure {
        cause: format!("{words}: the cause"),
        prevention: format!("{words}: prevention"),
        impact_from: Time::UNIX_EPOCH,
        impact_to: Time::UNIX_EPOCH,
    });
    Update {
        id: CommandId(Uuid::from_u128(n)),
        number: 1,
        text: UpdateText {
            kind,
            audience,
            acknowledge: format!("{words}: what happens"),
            impact: format!("{words}: who is affected"),
            action: format!("{words}: what we do"),
            next_at: kind.promises().then_some(Time::UNIX_EPOCH),
            components: Vec::new(),
            closure,
            corrects: None,
        },
        published_at: Time::UNIX_EPOCH,
        by: PersonRef {
            id: PersonId::default(),
            name: "Cy".to_owned(),
        },
        status: Status::Resolved,
        cadence_min: 60,
        approved_by: None,
        approved_at: None,
        excuses: Vec::new(),
        unsent: false,
    }
}

#[test]
fn nobody_is_offered_the_words_that_others_were_told() {
    let tallis = Audience::only(customer(1, "Tallis"));
    let orchard = Audience::only(customer(2, "Orchard"));
    for (left_out, told_first) in [(Audience::Public, "everybody"), (orchard, "Orchard")] {
        let mut incident = Incident::empty(IncidentId(Uuid::from_u128(9)));
        incident.status = Status::Resolved;
        incident.moves = vec![Move {
            to: Status::Resolved,
            at: Time::UNIX_EPOCH,
            back_because: None,
            published: 1,
        }];
        incident.updates = vec![
            told(1, UpdateKind::First, left_out.clone(), told_first),
            told(2, UpdateKind::Resolution, tallis.clone(), "Tallis alone"),
        ];
        let draft = Draft::new(&incident, &Policy::default(), Time::UNIX_EPOCH);
        assert_eq!(draft.kind, UpdateKind::Resolution);
        assert_eq!(draft.audience(), left_out);
        assert_eq!(draft.acknowledge, format!("{told_first}: what happens"));
        let all = format!("{draft:?}");
        assert!(!all.contains("Tallis"), "{all}");

        incident.updates.push(told(
            3,
            UpdateKind::Resolution,
            left_out.clone(),
            told_first,
        ));
        let draft = Draft::new(&incident, &Policy::default(), Time::UNIX_EPOCH);
        assert_eq!(draft.kind, UpdateKind::Learned);
    }
}
