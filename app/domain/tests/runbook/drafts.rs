//! Draft, ready, approved by the commander, published (RUNBOOK §5, §8).

use crate::room::{Room, ana, at, bo, brief, customer, cy, minutes, named, update_text};
use domain::brief::{Ask, Confidence, Eta};
use domain::customer::{Customer, CustomerId, CustomerRef};
use domain::draft::{Draft, DraftText, Of, Stage, approver};
use domain::next_step::{Target, asked, next_steps};
use domain::timeline::EntryKind;
use domain::update::{Audience, UpdateKind, UpdateText};
use domain::wording::Excuse;
use domain::{Command, CommandId, PersonRef, Refusal, Role, Severity, Status};

/// Ana commands, Cy writes.
fn commanded(severity: Severity) -> Room {
    let mut room = Room::declared(severity);
    room.seats(Role::Commander, &ana());
    room.seats(Role::Comms, &cy());
    room
}

fn words(room: &Room) -> UpdateText {
    let kind = if room.incident.updates.is_empty() {
        UpdateKind::First
    } else {
        UpdateKind::Progress
    };
    update_text(kind, room.now, 30)
}

fn ready(text: &UpdateText) -> Command {
    let (text, excuses) = (text.clone(), Vec::new());
    Command::ReadyDraft {
        text: DraftText::Update { text, excuses },
    }
}

fn publish(room: &Room, text: &UpdateText) -> Command {
    Command::PublishUpdate {
        text: text.clone(),
        after: room.incident.updates.last().map(|u| u.id),
        excuses: Vec::new(),
    }
}

fn approve(draft: CommandId) -> Command {
    Command::ApproveDraft { draft }
}

fn send_back(draft: CommandId, reason: &str) -> Command {
    Command::ReturnDraft {
        draft,
        reason: reason.to_owned(),
    }
}

fn open(of: Of, take_over: bool) -> Command {
    Command::OpenDraft { of, take_over }
}

#[test]
fn who_must_approve_depends_on_severity_and_policy_and_who_publishes() {
    for (severity, update, brief) in [
        (Severity::Sev1, true, true),
        (Severity::Sev2, false, true),
        (Severity::Sev3, false, false),
    ] {
        let room = commanded(severity);
        let asked = |of, by: PersonRef| approver(&room.incident, of, by.id, &room.policy).cloned();
        assert_eq!(asked(Of::Update, cy()), update.then(ana), "{severity:?}");
        assert_eq!(asked(Of::Brief, cy()), brief.then(ana), "{severity:?}");
        assert_eq!(asked(Of::Update, ana()), None, "nobody asks themself");
        assert_eq!(asked(Of::Brief, ana()), None);

        let nobody = Room::declared(severity);
        assert_eq!(
            approver(&nobody.incident, Of::Update, cy().id, &nobody.policy),
            None
        );
    }
    let mut strict = commanded(Severity::Sev3);
    strict.policy.approve_updates = [false, false, true];
    let text = words(&strict);
    let why = strict.refused(&cy(), publish(&strict, &text));
    assert!(
        why.starts_with("Ana, Incident Commander, approves a customer update"),
        "{why}"
    );
}

#[test]
fn a_sev_1_update_goes_out_as_it_was_approved_and_not_otherwise() {
    let mut room = commanded(Severity::Sev1);
    let text = words(&room);
    let unapproved = room.refused(&cy(), publish(&room, &text));
    assert_eq!(
        unapproved,
        "Ana, Incident Commander, approves a customer update before it is published. Send it for approval."
    );
    let draft = room.wait(1).ok(&cy(), ready(&text));
    assert!(room.send(&cy(), publish(&room, &text)).is_err(), "it waits");
    room.wait(1).ok(&ana(), approve(draft));
    type Spoil = fn(&mut UpdateText);
    let changes: [Spoil; 4] = [
        |t| t.acknowledge.push('!'),
        |t| t.impact.push('!'),
        |t| t.action.push('!'),
        |t| {
            t.components.push(domain::update::ComponentNote {
                name: "Checkout".to_owned(),
                state: domain::update::ComponentState::MajorOutage,
            });
        },
    ];
    for change in changes {
        let mut changed = text.clone();
        change(&mut changed);
        let why = room.refused(&cy(), publish(&room, &changed));
        assert!(
            why.starts_with("This is not the text that Ana approved."),
            "{why}"
        );
    }
    // The promise may move on while approval was waited for, inside the cadence.
    let mut moved = text.clone();
    moved.next_at = Some(room.now + minutes(60));
    room.wait(1);
    room.ok(&cy(), publish(&room, &moved));
    let update = &room.incident.updates[0];
    assert_eq!(
        (update.approved_by.as_ref(), &update.by),
        (Some(&ana()), &cy())
    );
    assert!(
        room.incident.drafts.is_empty(),
        "published, it is no draft any more"
    );
}

#[test]
fn the_commander_publishes_without_asking_and_without_one_there_is_nobody_to_ask() {
    let mut room = commanded(Severity::Sev1);
    room.ok(&ana(), publish(&room, &words(&room)));
    assert_eq!(room.incident.updates[0].approved_by, Some(ana()));

    let mut nobody = Room::declared(Severity::Sev1);
    nobody.ok(&cy(), publish(&nobody, &words(&nobody)));
    assert_eq!(nobody.incident.updates[0].approved_by, None);
    let draft = nobody.ok(&cy(), ready(&words(&nobody)));
    let why = nobody.refused(&ana(), approve(draft));
    assert!(
        why.starts_with("There is no Incident Commander yet."),
        "{why}"
    );
}

#[test]
fn only_the_commander_approves_or_sends_back_and_only_what_waits() {
    let mut room = commanded(Severity::Sev1);
    let first = room.ok(&cy(), ready(&words(&room)));
    for command in [approve(first), send_back(first, "Say more")] {
        let refusal = room.send(&bo(), command).unwrap_err();
        assert!(matches!(refusal, Refusal::NotYours { .. }), "{refusal}");
    }
    assert_eq!(
        room.refused(&ana(), send_back(first, " ")),
        "What must change must not be empty."
    );
    room.ok(&ana(), send_back(first, "Say which regions"));
    let draft = room.incident.draft(Of::Update).unwrap();
    assert!(
        matches!(&draft.stage, Stage::Returned { reason, .. } if reason == "Say which regions")
    );
    assert!(draft.text().is_some(), "the words are kept");
    for command in [approve(first), send_back(first, "Once more")] {
        let why = room.refused(&ana(), command);
        assert!(why.contains("not waiting for approval any more"), "{why}");
    }
    // Put up anew, the newest one is approved, and the old name approves nothing.
    room.wait(2);
    let second = room.ok(&cy(), ready(&words(&room)));
    assert!(room.send(&ana(), approve(first)).is_err());
    room.ok(&ana(), approve(second));
    let texts: Vec<_> = room
        .incident
        .timeline
        .iter()
        .map(|e| e.text.as_str())
        .collect();
    assert!(texts.contains(&"Sent the customer update back: Say which regions"));
    assert!(texts.contains(&"Approved the customer update of Cy"));
}

#[test]
fn one_draft_of_each_kind_is_open_and_others_see_who_writes() {
    let mut room = commanded(Severity::Sev1);
    room.ok(&cy(), open(Of::Update, false));
    room.wait(3).ok(&cy(), open(Of::Update, false));
    let refusal = room.send(&bo(), open(Of::Update, false)).unwrap_err();
    let Refusal::Superseded { by, did, .. } = &refusal else {
        panic!("{refusal}");
    };
    assert_eq!(
        (by.as_str(), did.as_str()),
        ("Cy", "began writing the customer update")
    );
    assert!(room.send(&bo(), ready(&words(&room))).is_err());
    room.ok(&bo(), open(Of::Brief, false));
    assert_eq!(room.incident.drafts.len(), 2);

    room.ok(&bo(), open(Of::Update, true));
    assert_eq!(room.incident.draft(Of::Update).unwrap().by, bo());
    assert!(
        room.send(&cy(), ready(&words(&room))).is_err(),
        "Bo writes now"
    );
    room.ok(&bo(), ready(&words(&room)));
    room.ok(&cy(), Command::DropDraft { of: Of::Update });
    assert_eq!(room.incident.draft(Of::Update), None);
    let why = room.refused(&cy(), Command::DropDraft { of: Of::Update });
    assert_eq!(why, "There is no draft to drop.");
}

#[test]
fn a_draft_is_read_as_strictly_as_an_update() {
    let mut room = commanded(Severity::Sev1);
    let mut vague = words(&room);
    vague.action = "We reply shortly.".to_owned();
    let why = room.refused(&cy(), ready(&vague));
    assert!(why.starts_with("What we do cannot be published"), "{why}");
    let mut late = words(&room);
    late.next_at = Some(at(61));
    assert!(room.refused(&cy(), ready(&late)).contains("within 60 min"));
    let resolution = update_text(UpdateKind::Resolution, room.now, 0);
    assert!(
        room.refused(&cy(), ready(&resolution))
            .contains("first update before the resolution")
    );
}

#[test]
fn an_approved_draft_outlasts_a_change_of_commander() {
    let mut room = commanded(Severity::Sev1);
    let text = words(&room);
    let draft = room.ok(&cy(), ready(&text));
    room.ok(&ana(), approve(draft));
    room.ok(
        &ana(),
        Command::VacateRole {
            role: Role::Commander,
            reason: "Asleep".to_owned(),
            holder: None,
        },
    );
    room.seats(Role::Commander, &bo());
    room.ok(&cy(), publish(&room, &text));
    assert_eq!(room.incident.updates[0].approved_by, Some(ana()));
}

/// An entry of the incident, and a text for it alone.
fn with_text_for(room: &mut Room, name: &str) -> (CustomerRef, UpdateText) {
    let n = room.incident.customers.len() as u128;
    let id = CommandId(uuid::Uuid::from_u128(700 + n));
    let customer = Customer {
        id: CustomerId::Entry(id),
        account: None,
        ..customer(name)
    };
    let entry = customer.to_ref();
    room.ok(&cy(), Command::NoteCustomer { customer });
    let mut text = words(room);
    text.audience = Audience::Named {
        customers: vec![entry.clone()],
    };
    (entry, text)
}

fn join(room: &Room, entry: &CustomerRef, account: &str) -> Command {
    let was = room.incident.customer(entry.id).unwrap().clone();
    let to = Customer {
        name: account.to_owned(),
        account: named(account).id.account(),
        ..was.clone()
    };
    let (was, to) = (Box::new(was), Box::new(to));
    Command::ChangeCustomer { was, to }
}

fn rename(room: &Room, entry: &CustomerRef, name: &str) -> Command {
    let was = room.incident.customer(entry.id).unwrap().clone();
    let to = Customer {
        name: name.to_owned(),
        ..was.clone()
    };
    let (was, to) = (Box::new(was), Box::new(to));
    Command::ChangeCustomer { was, to }
}

#[test]
fn text_for_an_entry_is_put_up_again_once_the_entry_has_another_name() {
    for (is_approved, by) in [(true, cy()), (true, bo()), (true, ana()), (false, cy())] {
        let mut room = commanded(Severity::Sev1);
        let (entry, text) = with_text_for(&mut room, "Some Ltd");
        let draft = room.ok(&cy(), ready(&text));
        if is_approved {
            room.ok(&ana(), approve(draft));
        }
        let renamed = rename(&room, &entry, "Tallis Travel");
        room.ok(&by, renamed);
        let Some(Stage::Returned { reason, .. }) =
            room.incident.draft(Of::Update).map(|d| &d.stage)
        else {
            panic!("it stands as it was");
        };
        assert_eq!(
            reason,
            "“Some Ltd” is called “Tallis Travel” since. Look at it again, and put it up again."
        );
        room.refused(&ana(), approve(draft));
        let why = room.refused(&cy(), publish(&room, &text));
        assert!(why.ends_with("Send it for approval."), "{why}");
        // Nor is it published when nobody is left to approve it.
        let mut left = room.clone();
        let vacate = Command::VacateRole {
            role: Role::Commander,
            reason: "Asleep".to_owned(),
            holder: None,
        };
        left.ok(&ana(), vacate);
        left.refused(&cy(), publish(&left, &text));

        let draft = room.ok(&cy(), ready(&text));
        room.ok(&ana(), approve(draft));
        room.ok(&cy(), publish(&room, &text));
        assert_eq!(room.incident.updates[0].approved_by, Some(ana()));
    }
}

#[test]
fn commander_publishes_their_own_text_also_after_it_went_back_for_its_reader() {
    for joins in [false, true] {
        let mut room = commanded(Severity::Sev1);
        let (entry, text) = with_text_for(&mut room, "Some Ltd");
        let draft = room.ok(&ana(), ready(&text));
        room.ok(&ana(), approve(draft));
        let other_reader = match joins {
            true => join(&room, &entry, "Orchard Bank"),
            false => rename(&room, &entry, "Tallis Travel"),
        };
        room.ok(&bo(), other_reader);
        assert!(matches!(
            room.incident.draft(Of::Update).unwrap().stage,
            Stage::Returned { .. }
        ));
        let draft = room.ok(&ana(), ready(&text));
        room.ok(&ana(), approve(draft));
        room.ok(&ana(), publish(&room, &text));
    }
}

#[test]
fn text_for_an_entry_is_put_up_again_once_the_entry_is_an_account() {
    for is_approved in [true, false] {
        let mut room = commanded(Severity::Sev1);
        let (entry, text) = with_text_for(&mut room, "Some Ltd");
        let draft = room.ok(&cy(), ready(&text));
        if is_approved {
            room.ok(&ana(), approve(draft));
        }
        room.ok(&cy(), join(&room.clone(), &entry, "Orchard Bank"));
        let why = room.refused(&cy(), publish(&room, &text));
        assert!(why.ends_with("Send it for approval."), "{why}");
        room.refused(&ana(), approve(draft));
        let Some(Stage::Returned { reason, by, .. }) =
            room.incident.draft(Of::Update).map(|d| &d.stage)
        else {
            panic!("it stands as it was");
        };
        assert_eq!(
            (&**reason, by),
            (
                "“Some Ltd” is the account “Orchard Bank” since, and it is read there. \
                 Look at it again, and put it up again.",
                &cy()
            )
        );
        // Nor is it published when nobody is left to approve it.
        let mut left = room.clone();
        let vacate = Command::VacateRole {
            role: Role::Commander,
            reason: "Asleep".to_owned(),
            holder: None,
        };
        left.ok(&ana(), vacate);
        left.refused(&cy(), publish(&left, &text));

        let draft = room.ok(&cy(), ready(&text));
        room.ok(&ana(), approve(draft));
        room.ok(&cy(), publish(&room, &text));
        assert_eq!(room.incident.updates[0].approved_by, Some(ana()));
    }
}

#[test]
fn approval_outlasts_what_changes_nothing_about_who_reads_it() {
    let mut room = commanded(Severity::Sev1);
    let (entry, text) = with_text_for(&mut room, "Some Ltd");
    let (other, _) = with_text_for(&mut room, "Tallis");
    for text in [text, words(&room)] {
        let mut room = room.clone();
        let draft = room.ok(&cy(), ready(&text));
        room.ok(&ana(), approve(draft));
        let renamed = rename(&room, &other, "Tallis Tours");
        room.ok(&cy(), renamed);
        room.ok(&cy(), join(&room.clone(), &other, "Tallis Journeys"));
        let was = room.incident.customer(entry.id).unwrap().clone();
        let to = Customer {
            tier: "Growth".to_owned(),
            ..was.clone()
        };
        let (was, to) = (Box::new(was), Box::new(to));
        room.ok(&cy(), Command::ChangeCustomer { was, to });
        room.ok(&cy(), publish(&room, &text));
    }
}

#[test]
fn a_brief_is_approved_on_a_sev_1_and_sev_2_and_not_on_a_sev_3() {
    let publish = |text| Command::PublishBrief {
        text,
        after_version: 0,
    };
    for severity in Severity::ALL {
        let mut room = commanded(severity);
        let answer = room.clone().send(&cy(), publish(brief()));
        assert_eq!(
            answer.is_ok(),
            severity == Severity::Sev3,
            "{severity:?}: {answer:?}"
        );
        let text = DraftText::Brief { text: brief() };
        let draft = room.ok(&cy(), Command::ReadyDraft { text });
        room.ok(&ana(), approve(draft));
        if severity.is_high() {
            let mut changed = brief();
            changed.impact.push('!');
            let why = room.refused(&cy(), publish(changed));
            assert!(
                why.starts_with("This is not the text that Ana approved."),
                "{why}"
            );
        }
        room.ok(&cy(), publish(brief()));
        let approved_by = room.incident.briefs[0].approved_by.clone();
        assert_eq!(approved_by, severity.is_high().then(ana), "{severity:?}");
    }
}

#[test]
fn a_closed_incident_takes_a_draft_of_what_was_learned_and_no_brief() {
    let mut room = Room::at_status(Status::Closed);
    room.ok(&cy(), open(Of::Update, false));
    let learned = update_text(UpdateKind::Learned, room.now, 0);
    room.ok(&cy(), ready(&learned));
    assert!(
        room.refused(&cy(), open(Of::Brief, false))
            .contains("is closed")
    );
    // What was begun can be given up.
    room.ok(&cy(), Command::DropDraft { of: Of::Update });
    assert!(room.incident.drafts.is_empty());
}

#[test]
fn each_stretch_that_breaks_trust_needs_a_reason_and_it_is_kept() {
    for (words, may_stay) in [
        ("It seems stable.", true),
        ("It will be fixed by 15:00 UTC.", true),
        ("This was human error.", true),
        ("The K8s nodes restart.", true),
        ("We restart db-prod-3.", true),
        ("Cy is on it.", true),
        ("Back soon.", false),
    ] {
        let mut room = commanded(Severity::Sev2);
        let mut text = update_text(UpdateKind::First, room.now, 30);
        text.action = words.to_owned();
        let marked = domain::wording::marks(
            words,
            &domain::wording::Watch::over(&room.incident, &room.policy),
        );
        assert_eq!(marked.len(), 1, "{words}: {marked:?}");
        let with = |reason: &str| Command::PublishUpdate {
            text: text.clone(),
            after: None,
            excuses: vec![Excuse {
                words: marked[0].words.to_uppercase(),
                reason: reason.to_owned(),
            }],
        };
        assert!(
            room.send(&cy(), with("")).is_err(),
            "{words}: a blank reason is none"
        );
        assert!(room.send(&cy(), publish(&room, &text)).is_err(), "{words}");
        let answer = room.send(&cy(), with(" The customer asked for it "));
        assert_eq!(answer.is_ok(), may_stay, "{words}: {answer:?}");
        if may_stay {
            let kept = Excuse {
                words: marked[0].words.clone(),
                reason: "The customer asked for it".to_owned(),
            };
            assert_eq!(room.incident.updates[0].excuses, [kept]);
        }
    }
}

#[test]
fn who_began_writing_and_left_holds_nobody_up() {
    let mut room = commanded(Severity::Sev1);
    room.ok(&cy(), open(Of::Update, false));
    room.wait(10);
    assert!(room.send(&bo(), open(Of::Update, false)).is_err());
    assert!(room.send(&bo(), ready(&words(&room))).is_err());
    // A sign of Cy: it holds for as long again.
    room.ok(&cy(), open(Of::Update, false));
    room.wait(10);
    assert!(room.send(&bo(), open(Of::Update, false)).is_err());
    room.wait(1);
    let draft = room.incident.draft(Of::Update).unwrap();
    assert!(draft.has_lapsed(room.now) && !draft.has_lapsed(room.now - minutes(1)));
    room.clone().ok(&bo(), ready(&words(&room)));
    room.ok(&bo(), open(Of::Update, false));
    assert_eq!(room.incident.draft(Of::Update).unwrap().by, bo());
    // What was put up does not lapse.
    room.ok(&bo(), ready(&words(&room)));
    room.wait(500);
    assert!(room.send(&cy(), ready(&words(&room))).is_err());
}

#[test]
fn a_key_is_a_sign_when_nothing_is_up_or_ones_own_sign_grows_old() {
    let mut room = commanded(Severity::Sev1);
    let wants = |room: &Room, by: PersonRef| {
        Draft::wants_a_sign(room.incident.draft(Of::Update), by.id, room.now)
    };
    assert!(wants(&room, cy()));
    room.ok(&cy(), open(Of::Update, false));
    room.wait(5);
    assert!(!wants(&room, cy()) && !wants(&room, bo()));
    room.wait(1);
    assert!(wants(&room, cy()) && !wants(&room, bo()));
    room.wait(5);
    assert!(wants(&room, bo()), "Cy has left");
    room.ok(&cy(), ready(&words(&room)));
    room.wait(500);
    assert!(!wants(&room, cy()) && !wants(&room, bo()));
}

#[test]
fn who_takes_over_has_none_of_the_others_words_under_their_name() {
    for is_approved in [false, true] {
        let mut room = commanded(Severity::Sev1);
        let put_up = room.ok(&cy(), ready(&words(&room)));
        if is_approved {
            room.ok(&ana(), approve(put_up));
        }
        room.ok(&cy(), open(Of::Update, true));
        assert!(
            room.incident.draft(Of::Update).unwrap().text().is_some(),
            "it is Cy's own"
        );
        room.ok(&bo(), open(Of::Update, true));
        let draft = room.incident.draft(Of::Update).unwrap();
        assert_eq!((&draft.by, &draft.stage), (&bo(), &Stage::Writing));
        let approving = room.send(&ana(), approve(put_up));
        assert!(approving.is_err(), "nobody put this up");
    }
}

#[test]
fn what_somebody_had_put_up_is_kept_in_words_when_another_takes_its_place() {
    let mut room = commanded(Severity::Sev1);
    let line = |room: &Room| room.incident.timeline.last().unwrap().clone();
    room.ok(&cy(), open(Of::Update, false));
    let before = line(&room);
    room.ok(&bo(), open(Of::Update, true));
    assert_eq!(line(&room), before, "Cy had put nothing up");

    let text = words(&room);
    let put_up = room.ok(&bo(), ready(&text));
    room.ok(&bo(), open(Of::Update, true));
    assert_eq!(line(&room), before, "it is Bo's own, and stays");
    let (excuses, kind) = (Vec::new(), EntryKind::Communication);
    let said = DraftText::Update { text, excuses }.in_words(room.now);
    let kept = format!("Put aside what Bo had put up: {said}");
    for commander_says in [
        None,
        Some(approve(put_up)),
        Some(send_back(put_up, "Say more")),
    ] {
        let mut room = room.clone();
        if let Some(command) = commander_says {
            room.ok(&ana(), command);
        }
        room.ok(&cy(), open(Of::Update, true));
        let line = line(&room);
        assert_eq!((&line.text, line.kind, &line.by), (&kept, kind, &cy()));
        assert!(!line.told, "no customer read it");
    }
}

#[test]
fn the_second_of_two_texts_is_told_what_became_of_the_first() {
    let mut room = commanded(Severity::Sev1);
    room.wait(2);
    let text = words(&room);
    let first = room.ok(&cy(), ready(&text));
    let told = |room: &Room| {
        let second = ready(&words(room));
        let refusal = room.clone().send(&bo(), second).unwrap_err();
        let Refusal::Superseded { by, did, at } = refusal else {
            panic!("{refusal}");
        };
        (by, did, at)
    };
    let said = |did: &str, min| ("Cy".to_owned(), did.to_owned(), at(min));
    room.wait(5);
    assert_eq!(
        told(&room),
        said("put up for approval another customer update", 2)
    );
    room.ok(&ana(), approve(first));
    assert_eq!(
        told(&room),
        said("had approval for another customer update", 7)
    );
}

#[test]
fn who_is_asked_to_approve_is_known_while_a_text_waits() {
    let mut room = commanded(Severity::Sev1);
    let who = |room: &Room| asked(&room.incident, Of::Update, &room.policy).cloned();
    room.ok(&cy(), open(Of::Update, false));
    assert_eq!(who(&room), None, "it is being written");
    let draft = room.ok(&cy(), ready(&words(&room)));
    assert_eq!(who(&room), Some(ana()));
    let first = |room: &Room| next_steps(&room.incident, &room.policy, room.now).swap_remove(0);
    assert_eq!(first(&room).target, Target::Approve(Of::Update));
    assert_eq!(asked(&room.incident, Of::Brief, &room.policy), None);
    room.ok(&ana(), approve(draft));
    assert_eq!(who(&room), None, "it is to be published");
    assert_eq!(first(&room).target, Target::Publish(Of::Update));
    let mut unasked = commanded(Severity::Sev2);
    unasked.ok(&cy(), ready(&words(&unasked)));
    assert_eq!(who(&unasked), None, "nobody has to approve it");
}

#[test]
fn a_brief_says_to_who_approves_it_by_when_and_on_which_day() {
    let mut text = brief();
    text.asks = [None, Some(at(30)), Some(at(1_440))]
        .map(|needed_by| Ask {
            what: "Call the COO".to_owned(),
            of: "Mia".to_owned(),
            needed_by,
        })
        .to_vec();
    text.eta = Some(Eta {
        at: at(1_680),
        confidence: Confidence::Low,
        depends_on: "The failover".to_owned(),
    });
    let said = DraftText::Brief { text }.in_words(at(0));
    let dated: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("Ask") || line.starts_with("Over"))
        .collect();
    assert_eq!(
        dated,
        [
            "Ask of Mia: Call the COO",
            "Ask of Mia: Call the COO, by 10:30 UTC",
            "Ask of Mia: Call the COO, by 24 Nov 10:00 UTC",
            "Over by 24 Nov 14:00 UTC (low confidence), depends on The failover",
        ]
    );
}

#[test]
fn a_promise_for_another_day_says_so_to_who_approves_it() {
    let mut room = commanded(Severity::Sev3);
    let mut text = words(&room);
    text.next_at = Some(at(1_440));
    let text = DraftText::Update {
        text,
        excuses: Vec::new(),
    };
    let said = text.in_words(room.now);
    assert!(said.contains("Next update by 24 Nov 10:00 UTC"), "{said}");
    let said = text.in_words(at(1_300));
    assert!(said.contains("Next update by 10:00 UTC"), "{said}");
    let mut late = words(&room);
    late.next_at = Some(at(1_441));
    let why = room.refused(&cy(), ready(&late));
    assert_eq!(
        why,
        "Next update must come within 24 h, by 24 Nov 10:00 UTC."
    );
}
