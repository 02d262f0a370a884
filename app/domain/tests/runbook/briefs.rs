//! Executive briefs (RUNBOOK §8).

use crate::room::{Room, ana, at, bo, brief, cy, minutes};
use domain::beat::{strip_as_of, strip_of};
use domain::brief::{Ask, Brief, BriefText, Confidence, Eta, draft};
use domain::draft::DraftText;
use domain::update::UpdateKind;
use domain::{Command, Refusal, Role, Severity, Status};

#[test]
fn briefs_are_numbered_versions_and_the_second_writer_sees_the_first() {
    let mut room = Room::declared(Severity::Sev1);
    let publish = |after_version| Command::PublishBrief {
        text: brief(),
        after_version,
    };
    room.ok(&cy(), publish(0));
    let refusal = room.send(&ana(), publish(0)).unwrap_err();
    assert_eq!(
        refusal,
        Refusal::Superseded {
            by: "Cy".to_owned(),
            did: "published brief 1".to_owned(),
            at: at(0)
        }
    );
    room.wait(200).ok(&ana(), publish(1));
    let versions: Vec<_> = room
        .incident
        .briefs
        .iter()
        .map(|b| (b.version, b.published_at))
        .collect();
    assert_eq!(
        versions,
        [(1, at(0)), (2, at(200))],
        "old versions stay readable"
    );
}

#[test]
fn a_brief_fits_one_page() {
    let ask = || Ask {
        what: "Call the COO".to_owned(),
        of: "Mia".to_owned(),
        needed_by: None,
    };
    for (risks, asks, may) in [(0, 0, true), (12, 12, true), (13, 0, false), (0, 13, false)] {
        let mut room = Room::declared(Severity::Sev1);
        let mut text = brief();
        text.risks = vec!["Renewal".to_owned(); risks];
        text.asks = vec![ask(); asks];
        text.eta = Some(Eta {
            at: at(90),
            confidence: Confidence::Low,
            depends_on: "The failover".to_owned(),
        });
        let answer = room.send(
            &cy(),
            Command::PublishBrief {
                text,
                after_version: 0,
            },
        );
        assert_eq!(answer.is_ok(), may, "{risks} risks, {asks} asks");
    }
}

#[test]
fn each_word_of_a_brief_is_there_and_tidied() {
    let full = || {
        let mut text = brief();
        text.risks = vec![" Renewal ".to_owned()];
        text.asks = vec![Ask {
            what: " Call the COO ".to_owned(),
            of: " Mia ".to_owned(),
            needed_by: Some(at(30)),
        }];
        text.eta = Some(Eta {
            at: at(90),
            confidence: Confidence::Low,
            depends_on: " The failover ".to_owned(),
        });
        text
    };
    let publish = |text| Command::PublishBrief {
        text,
        after_version: 0,
    };
    let mut room = Room::declared(Severity::Sev1);
    type Spoil = fn(&mut BriefText) -> &mut String;
    let parts: [(Spoil, &str); 7] = [
        (|t| &mut t.happened, "What happened"),
        (|t| &mut t.impact, "Customer impact"),
        (|t| &mut t.risks[0], "Risk"),
        (|t| &mut t.asks[0].what, "Ask"),
        (|t| &mut t.asks[0].of, "Asked of"),
        (
            |t| &mut t.eta.as_mut().unwrap().depends_on,
            "ETA depends on",
        ),
        (|t| &mut t.changed, "Changed since the last brief"),
    ];
    for (part, field) in parts {
        let mut text = full();
        *part(&mut text) = " ".to_owned();
        let why = format!("{field} must not be empty.");
        assert_eq!(room.refused(&cy(), publish(text)), why);
    }
    room.ok(&cy(), publish(full()));
    let text = &room.incident.briefs[0].text;
    let ask = &text.asks[0];
    assert_eq!(
        (text.risks[0].as_str(), ask.what.as_str(), ask.of.as_str()),
        ("Renewal", "Call the COO", "Mia")
    );
    assert_eq!(text.eta.as_ref().unwrap().depends_on, "The failover");
}

#[test]
fn the_draft_of_a_brief_is_publishable_as_it_stands_and_tells_what_changed() {
    let mut room = Room::declared(Severity::Sev1);
    for status in [Status::Active, Status::Contained, Status::Mitigated] {
        room.moves_to(status);
        let text = draft(&room.incident, &room.policy, room.now);
        let after_version = u32::try_from(room.incident.briefs.len()).unwrap();
        room.wait(1).ok(
            &cy(),
            Command::PublishBrief {
                text,
                after_version,
            },
        );
        room.wait(1);
    }
    let changed = |n: usize| room.incident.briefs[n].text.changed.as_str();
    assert_eq!(changed(0), "This is the first brief.");
    assert!(
        changed(1).contains("Fail over") && changed(1).contains("Contained"),
        "{}",
        changed(1)
    );
    assert!(
        changed(2).contains("Mitigated") && !changed(2).contains("Fail over"),
        "{}",
        changed(2)
    );
    assert_eq!(
        room.incident.briefs[2].published_at - room.incident.briefs[0].published_at,
        minutes(4)
    );
}

fn publish(room: &mut Room) {
    let text = draft(&room.incident, &room.policy, room.now);
    let after_version = u32::try_from(room.incident.briefs.len()).unwrap();
    let command = Command::PublishBrief {
        text,
        after_version,
    };
    room.ok(&cy(), command);
}

/// When the impact ended, in minutes, and how many it lasted, as the briefs tell it.
fn told_of_the_impact(room: &Room) -> Vec<(Option<i64>, i64)> {
    let tell = |b: &Brief| {
        let ended = b.impact_ended_at.map(|end| (end - at(0)).num_minutes());
        (ended, b.impact().unwrap().num_minutes())
    };
    room.incident.briefs.iter().map(tell).collect()
}

/// A brief is of its moment: what it says of the impact does not go on counting, and whatever becomes
/// known later, an old version stays as it was.
#[test]
fn a_brief_says_of_the_impact_what_was_known_when_it_was_published() {
    let mut room = Room::declared(Severity::Sev1);
    room.wait(20);
    publish(&mut room);
    let mut told = vec![(None, 20)];
    assert_eq!(told_of_the_impact(&room), told);

    room.moves_to(Status::Mitigated);
    room.wait(30);
    publish(&mut room);
    told.push((Some(20), 20));
    assert_eq!(told_of_the_impact(&room), told, "mitigated");

    room.wait(10).back_to(Status::Active);
    assert_eq!(told_of_the_impact(&room), told, "moved back");
    publish(&mut room);
    told.push((None, 60));
    assert_eq!(told_of_the_impact(&room), told, "it goes on");

    room.wait(40).moves_to(Status::Mitigated);
    assert_eq!(told_of_the_impact(&room), told, "mitigated again");
    room.wait(10);
    publish(&mut room);
    told.push((Some(100), 100));

    let corrected = Command::StateImpactEnd { at: at(90) };
    room.ok(&ana(), corrected);
    assert_eq!(told_of_the_impact(&room), told, "the end was corrected");
    publish(&mut room);
    told.push((Some(90), 90));
    assert_eq!(told_of_the_impact(&room), told);
}

#[test]
fn a_brief_counts_to_an_end_that_was_stated_before_the_status_moved() {
    let mut room = Room::at_status(Status::Contained);
    room.wait(25);
    room.ok(&ana(), Command::StateImpactEnd { at: at(15) });
    room.wait(60);
    publish(&mut room);
    assert_eq!(room.incident.briefs[0].status, Status::Contained);
    assert_eq!(told_of_the_impact(&room), [(Some(15), 15)]);
}

fn published(text: BriefText, after_version: u32) -> Command {
    Command::PublishBrief {
        text,
        after_version,
    }
}

/// It asks for something by minute 60, something by 90 and something at any time, and ends by minute 120.
fn timed() -> BriefText {
    let mut text = brief();
    let ask = |needed_by| Ask {
        what: "Call the COO".to_owned(),
        of: "Mia".to_owned(),
        needed_by,
    };
    text.asks = [Some(at(60)), Some(at(90)), None].map(ask).to_vec();
    text.eta = Some(Eta {
        at: at(120),
        confidence: Confidence::Low,
        depends_on: "The failover".to_owned(),
    });
    text
}

#[test]
fn the_draft_of_a_brief_states_no_time_that_has_passed() {
    let mut room = Room::declared(Severity::Sev1);
    room.ok(&cy(), published(timed(), 0));
    for (min, needed, ends) in [
        (59, [true, true, false], true),
        (60, [false, true, false], true),
        (119, [false, false, false], true),
        (120, [false, false, false], false),
    ] {
        let text = draft(&room.incident, &room.policy, at(min));
        let asked: Vec<_> = text.asks.iter().map(|a| a.needed_by.is_some()).collect();
        assert_eq!(asked, needed, "at {min} min");
        assert_eq!(text.eta.is_some(), ends, "at {min} min");
    }
}

#[test]
fn a_brief_that_ends_by_a_time_that_has_passed_is_not_put_up_and_not_published() {
    let why = "It ends by has passed: give another time, or leave it empty.";
    for (min, may) in [(119, true), (120, false), (121, false)] {
        let mut room = Room::declared(Severity::Sev1);
        room.wait(min);
        let put_up = Command::ReadyDraft {
            text: DraftText::Brief { text: timed() },
        };
        for command in [put_up, published(timed(), 0)] {
            let answer = room.clone().send(&cy(), command);
            let said = answer.map_err(|refusal| refusal.to_string());
            assert_eq!(said.is_ok(), may, "at {min} min: {said:?}");
            assert!(may || said == Err(why.to_owned()), "{said:?}");
        }
    }
}

#[test]
fn the_draft_of_a_brief_names_how_many_promises_were_missed_since_the_last_one() {
    let mut room = Room::declared(Severity::Sev1);
    room.wait(70);
    room.publishes(UpdateKind::First);
    publish(&mut room);
    let changed = |min| draft(&room.incident, &room.policy, at(min)).changed;
    let nothing = "Nothing since the last brief.";
    assert_eq!(changed(130), nothing, "the one before it is told already");
    for (min, missed) in [(131, 1), (191, 2)] {
        let told = format!("Promised times of customer updates missed: {missed}.");
        assert_eq!(changed(min), told, "at {min} min");
    }
}

#[test]
fn the_draft_of_a_brief_says_the_day_of_what_was_on_another_day() {
    let mut room = Room::declared(Severity::Sev1);
    let first = |room: &Room, min| draft(&room.incident, &room.policy, at(min)).happened;
    assert!(first(&room, 30).contains(", since 10:00 UTC. "));
    assert!(first(&room, 840).contains(", since 23 Nov 10:00 UTC. "));
    publish(&mut room);
    room.wait(829).moves_to(Status::Contained);
    let changed = |min| draft(&room.incident, &room.policy, at(min)).changed;
    let moved = |text: &str, line: &str| text.lines().any(|l| l.starts_with(line));
    assert!(
        moved(&changed(830), "23:49 UTC Contained"),
        "{}",
        changed(830)
    );
    assert!(
        moved(&changed(840), "23 Nov 23:49 UTC Contained"),
        "{}",
        changed(840)
    );
}

/// Cy puts it up and Ana, who commands, approves it.
#[test]
fn a_brief_names_who_wrote_it_and_not_who_published_it() {
    let mut room = Room::declared(Severity::Sev1);
    room.seats(Role::Commander, &ana());
    let text = DraftText::Brief { text: brief() };
    let draft = room.ok(&cy(), Command::ReadyDraft { text });
    let mut changed = brief();
    changed.impact.push('!');
    for (by, text, authors) in [
        (ana(), brief(), "Cy, approved by Ana"),
        (bo(), brief(), "Cy, approved by Ana"),
        (cy(), brief(), "Cy, approved by Ana"),
        (ana(), changed, "Ana"),
    ] {
        let mut room = room.clone();
        room.ok(&ana(), Command::ApproveDraft { draft });
        room.ok(&by, published(text, 0));
        let brief = &room.incident.briefs[0];
        assert_eq!((&brief.by, brief.authors().as_str()), (&by, authors));
    }
    // Before it was approved the commander may publish it too.
    room.ok(&ana(), published(brief(), 0));
    assert_eq!(room.incident.briefs[0].authors(), "Cy, approved by Ana");
    // Where nobody has to approve it nobody did.
    let mut minor = Room::declared(Severity::Sev3);
    minor.ok(&cy(), published(brief(), 0));
    assert_eq!(minor.incident.briefs[0].authors(), "Cy");
}

/// Beside what it says of its moment no beat stands that came later.
#[test]
fn the_strip_of_a_brief_is_of_its_moment_whatever_happens_later() {
    let mut room = Room::declared(Severity::Sev1);
    room.wait(30);
    room.publishes(UpdateKind::First);
    room.wait(70);
    let then = strip_of(&room.incident, &room.policy, room.now);
    let label = "One update given, one promised time missed; the next is due at 12:30 UTC";
    assert_eq!(then.label, label);
    let of_then = |room: &Room| strip_as_of(&room.incident, &room.policy, at(100));
    assert_eq!(of_then(&room), then);
    room.wait(5).cadence(15);
    assert_eq!(of_then(&room), then, "told more often");
    room.wait(30).publishes(UpdateKind::Progress);
    assert_eq!(of_then(&room), then, "told again");
    room.moves_to(Status::Closed);
    room.wait(5).back_to(Status::Active);
    assert_eq!(of_then(&room), then, "reopened");
    assert_ne!(strip_of(&room.incident, &room.policy, at(100)), then);
}
