//! What customers and executives are told (RUNBOOK §5, §8).

use super::report::{known_components, named};
use super::{must_be_open, past};
use crate::brief::{Ask, BriefText, Eta};
use crate::draft::{
    DraftText, Of, Stage, approved_by_another, approver, lacks_another, unmade_approval,
};
use crate::policy::{lasting, minutes};
use crate::promise::{readers_label, readers_waiting};
use crate::shown::moment;
use crate::text::{line, prose};
use crate::update::{Closure, ComponentNote, UpdateKind, UpdateText, carried_components};
use crate::wording::{Excuse, Fault, Watch, marks};
use crate::{
    Actor, Command, Event, Incident, PersonRef, Policy, Refusal, Role, Status, Time, UpdateId,
};

/// A brief is one page: no more risks or asks than this.
const BRIEF_ITEMS_MAX: usize = 12;

pub(super) fn decide(
    incident: &Incident,
    command: Command,
    actor: &Actor,
    policy: &Policy,
    now: Time,
) -> Result<Event, Refusal> {
    match command {
        Command::PublishUpdate {
            text,
            after,
            excuses,
        } => {
            may_tell(incident, Of::Update)?;
            nobody_was_first(incident, after)?;
            let (text, excuses) = checked_update(incident, text, excuses, policy, now)?;
            let draft = DraftText::Update {
                text: text.clone(),
                excuses: excuses.clone(),
            };
            let approved_by = approved(incident, actor, policy, &draft)?;
            Ok(Event::UpdateSent {
                text,
                cadence_min: incident.cadence_min(policy),
                approved_by,
                excuses,
            })
        }
        Command::PublishBrief {
            text,
            after_version,
        } => {
            may_tell(incident, Of::Brief)?;
            if let Some(last) = incident
                .briefs
                .last()
                .filter(|b| b.version != after_version)
            {
                return Err(Refusal::Superseded {
                    by: last.by.name.clone(),
                    did: format!("published brief {}", last.version),
                    at: last.published_at,
                });
            }
            if incident.briefs.is_empty() && after_version > 0 {
                return Err(Refusal::out_of_order(format!(
                    "Brief {after_version} is not on this incident. Look at the record, then publish again."
                )));
            }
            let text = brief(text, now)?;
            let draft = DraftText::Brief { text: text.clone() };
            let approved_by = approved(incident, actor, policy, &draft)?;
            Ok(Event::BriefSent { text, approved_by })
        }
        _ => Err(Refusal::NoSuchIncident),
    }
}

/// Open, or over with customers told so: then what was learned, or a correction, may follow.
pub(super) fn may_tell(incident: &Incident, of: Of) -> Result<(), Refusal> {
    if of == Of::Update && incident.resolution_published() {
        return Ok(());
    }
    must_be_open(incident)
}

/// Who approved this text; none when nobody had to.
fn approved(
    incident: &Incident,
    actor: &Actor,
    policy: &Policy,
    published: &DraftText,
) -> Result<Option<PersonRef>, Refusal> {
    let of = published.of();
    let by_another = approved_by_another(incident, published, actor.id);
    let Some(commander) = approver(incident, of, actor.id, policy) else {
        another_decides(incident, actor, policy, published)?;
        if unmade_approval(incident, of, actor.id, policy) {
            let by = by_another.ok_or_else(|| unmade(incident, of, actor))?;
            return Ok(Some(by.clone()));
        }
        let commands = incident.seat(Role::Commander).held_by(actor.id);
        return Ok(commands.then(|| actor.clone()));
    };
    match by_another {
        Some(by) => Ok(Some(by.clone())),
        None => Err(not_approved(incident, actor, commander, published)),
    }
}

/// Says who approved what, if anybody did, and who is to be asked.
fn not_approved(
    incident: &Incident,
    actor: &Actor,
    commander: &PersonRef,
    published: &DraftText,
) -> Refusal {
    let (commander, what) = (&commander.name, published.of().label());
    // Nobody takes a seat of a closed incident, and who holds one may have been removed.
    let gone = match incident.status {
        Status::Closed => {
            format!(" If {commander} is gone, reopen the incident and name another.")
        }
        _ => String::new(),
    };
    Refusal::out_of_order(match incident.draft(published.of()).map(|d| &d.stage) {
        Some(Stage::Approved { by, text, .. }) if by.id != actor.id => {
            let by = &by.name;
            match text.says_same(published) {
                true => format!(
                    "These are not the reasons for marked words that {by} approved. Publish with those, or send this for approval."
                ),
                false => format!(
                    "This is not the text that {by} approved. Publish that one, or send this for approval."
                ),
            }
        }
        Some(Stage::Approved { text, .. }) if text.covers(published) => format!(
            "{commander} is Incident Commander since you approved this {what} yourself. Send it to them for approval.{gone}"
        ),
        _ => format!(
            "{commander}, Incident Commander, approves a {what} before it is published. Send it for approval.{gone}"
        ),
    })
}

/// Whoever needed another person's approval does not get around it by emptying or taking the seat of
/// who gives it, nor by another severity.
pub(super) fn another_decides(
    incident: &Incident,
    actor: &Actor,
    policy: &Policy,
    text: &DraftText,
) -> Result<(), Refusal> {
    if !lacks_another(incident, text, actor.id, policy) {
        return Ok(());
    }
    Err(Refusal::NotYours {
        why: format!(
            "This {} was put up for approval and nobody has approved it. Somebody else must take the role of Incident Commander and approve it.",
            text.of().label()
        ),
    })
}

/// Says what to do: somebody else has to see it, and who that is hangs on who commands.
pub(super) fn unmade(incident: &Incident, of: Of, actor: &Actor) -> Refusal {
    let commander = incident.holder(Role::Commander);
    let way = match commander.filter(|commander| commander.id != actor.id) {
        Some(commander) => format!(
            "You lowered the severity since. {} must approve it, or somebody else publish it.",
            commander.name
        ),
        None => "You emptied the seat of who was to approve it, or took it over. Somebody else must publish it, or take the role of Incident Commander and approve it.".to_owned(),
    };
    let what = of.label();
    Refusal::NotYours {
        why: format!("This {what} needed another person's approval. {way}"),
    }
}

fn nobody_was_first(incident: &Incident, after: Option<UpdateId>) -> Result<(), Refusal> {
    match incident.updates.last() {
        Some(last) if Some(last.id) != after => Err(Refusal::Superseded {
            by: last.by.name.clone(),
            did: format!("published update {}", last.number),
            at: last.published_at,
        }),
        None if after.is_some() => Err(Refusal::out_of_order(
            "The update that this one follows is not on this incident. Look at the record, then publish again.",
        )),
        _ => Ok(()),
    }
}

fn in_turn(incident: &Incident, kind: UpdateKind, policy: &Policy) -> Result<(), Refusal> {
    let told = !incident.updates.is_empty();
    match kind {
        UpdateKind::First if told => Err(Refusal::out_of_order(
            "Customers have had their first update. Send a progress update.",
        )),
        UpdateKind::Progress if !told => Err(Refusal::out_of_order(
            "Customers have heard nothing yet. Send the first update.",
        )),
        UpdateKind::Progress if incident.resolution_published() => Err(Refusal::out_of_order(
            "Customers were told that it is over. If it is not, go back to an earlier status first.",
        )),
        UpdateKind::Resolution if !told => Err(Refusal::out_of_order(
            "Customers have heard nothing yet. Send the first update before the resolution.",
        )),
        UpdateKind::Resolution if incident.status < Status::Resolved => Err(Refusal::out_of_order(
            "It is not resolved yet. Move the status to Resolved before customers are told so.",
        )),
        UpdateKind::Learned if !incident.resolution_published() => Err(Refusal::out_of_order(
            "Customers were not told that it is over. Send the resolution update first.",
        )),
        // Of a closed incident nobody is owed anything.
        UpdateKind::Learned if incident.is_open() => {
            let waiting = readers_waiting(incident, policy);
            if waiting.is_empty() {
                return Ok(());
            }
            let readers = readers_label(&waiting);
            Err(Refusal::out_of_order(format!(
                "The resolution update did not go to {readers}. Send it to them first."
            )))
        }
        _ => Ok(()),
    }
}

/// The text as it will be published, and the reasons why marked stretches stay.
pub(super) fn checked_update(
    incident: &Incident,
    text: UpdateText,
    excuses: Vec<Excuse>,
    policy: &Policy,
    now: Time,
) -> Result<(UpdateText, Vec<Excuse>), Refusal> {
    in_turn(incident, text.kind, policy)?;
    if incident.status == Status::Closed
        && text.kind == UpdateKind::Resolution
        && text.corrects.is_none()
    {
        return Err(Refusal::out_of_order(
            "Customers were told that it is over. Correct that update, or reopen the incident.",
        ));
    }
    known_components(text.components.iter().map(|c| c.name.as_str()), policy)?;
    if let Some(id) = text
        .corrects
        .filter(|id| !incident.updates.iter().any(|u| u.id == *id))
    {
        return Err(Refusal::invalid(
            "Corrected update",
            format!("{id} is not of this incident"),
        ));
    }
    let text = UpdateText {
        audience: named(incident, text.audience)?,
        ..text
    };
    let text = UpdateText {
        components: with_left_out(incident, &text, policy),
        acknowledge: prose("What happens", &text.acknowledge)?,
        impact: prose("Who is affected", &text.impact)?,
        action: prose("What we do", &text.action)?,
        next_at: promise(incident, text.kind, text.next_at, policy, now)?,
        closure: closure(text.kind, text.closure, now)?,
        ..text
    };
    let excuses = excused(&text, &excuses, &Watch::over(incident, policy))?;
    Ok((text, excuses))
}

/// The components, with the last published state of those that the update leaves out. What says that it
/// is over says it of all of them, and what the policy lists no more is no component.
fn with_left_out(incident: &Incident, text: &UpdateText, policy: &Policy) -> Vec<ComponentNote> {
    let mut components = text.components.clone();
    if !text.kind.promises() {
        return components;
    }
    for note in carried_components(incident, &text.audience) {
        let is_left_out = components.iter().all(|c| c.name != note.name);
        if is_left_out && policy.components.contains(&note.name) {
            components.push(note);
        }
    }
    components
}

/// Each stretch that breaks trust has a reason to stay, or the text is not published. A vague time
/// has none.
fn excused(text: &UpdateText, given: &[Excuse], watch: &Watch) -> Result<Vec<Excuse>, Refusal> {
    let closure = text.closure.as_ref();
    let parts = [
        ("What happens", Some(&text.acknowledge)),
        ("Who is affected", Some(&text.impact)),
        ("What we do", Some(&text.action)),
        ("Cause", closure.map(|c| &c.cause)),
        ("Prevention", closure.map(|c| &c.prevention)),
    ];
    let mut kept: Vec<Excuse> = Vec::new();
    for (field, part) in parts {
        for mark in marks(part.map_or("", String::as_str), watch) {
            let advice = mark.advice();
            let advice = advice.trim_end_matches('.');
            if mark.fault == Fault::Vague {
                let problem = format!("cannot be published: {advice}");
                return Err(Refusal::invalid(field, problem));
            }
            let same = |e: &&Excuse| e.words.eq_ignore_ascii_case(&mark.words);
            let reason = given.iter().find(same).map(|e| e.reason.trim());
            match reason.filter(|r| !r.is_empty()) {
                Some(reason) => {
                    let excuse = Excuse {
                        words: mark.words.clone(),
                        reason: line("Reason to keep it", reason)?,
                    };
                    if !kept.iter().any(|k| same(&k)) {
                        kept.push(excuse);
                    }
                }
                None => {
                    let problem = format!("breaks trust: {advice}, or say why it stays");
                    return Err(Refusal::invalid(field, problem));
                }
            }
        }
    }
    Ok(kept)
}

fn promise(
    incident: &Incident,
    kind: UpdateKind,
    next_at: Option<Time>,
    policy: &Policy,
    now: Time,
) -> Result<Option<Time>, Refusal> {
    const FIELD: &str = "Next update";
    let cadence_min = incident.cadence_min(policy);
    match (kind, next_at) {
        (UpdateKind::Resolution | UpdateKind::Learned, None) => Ok(None),
        (UpdateKind::Resolution | UpdateKind::Learned, Some(_)) => {
            Err(Refusal::invalid(FIELD, "is not promised once it is over"))
        }
        (_, None) => Err(Refusal::invalid(FIELD, "needs a time")),
        (_, Some(at)) if at <= now => {
            let problem = format!("must be in the future; it is {} now", moment(now, now));
            Err(Refusal::invalid(FIELD, problem))
        }
        (_, Some(at)) if at > now + minutes(cadence_min) => {
            let latest = now + minutes(cadence_min);
            let problem = format!(
                "must come within {}, by {}",
                lasting(cadence_min),
                moment(latest, now)
            );
            Err(Refusal::invalid(FIELD, problem))
        }
        (_, Some(at)) => Ok(Some(at)),
    }
}

fn closure(
    kind: UpdateKind,
    closure: Option<Closure>,
    now: Time,
) -> Result<Option<Closure>, Refusal> {
    match (kind, closure) {
        (UpdateKind::Resolution, Some(closure)) => {
            let impact_from = past("Impact from", closure.impact_from, now)?;
            let impact_to = past("Impact to", closure.impact_to, now)?;
            if impact_to < impact_from {
                return Err(Refusal::invalid("Impact to", "is before the impact began"));
            }
            Ok(Some(Closure {
                cause: prose("Cause", &closure.cause)?,
                prevention: prose("Prevention", &closure.prevention)?,
                impact_from,
                impact_to,
            }))
        }
        (UpdateKind::Resolution, None) => Err(Refusal::invalid(
            "Resolution",
            "needs cause, impact window and prevention",
        )),
        (_, Some(_)) => Err(Refusal::invalid(
            "Cause and prevention",
            "belong to the resolution update",
        )),
        (_, None) => Ok(None),
    }
}

/// The text as it will be published at `now`.
pub(super) fn brief(text: BriefText, now: Time) -> Result<BriefText, Refusal> {
    if text.risks.len() > BRIEF_ITEMS_MAX || text.asks.len() > BRIEF_ITEMS_MAX {
        let problem = format!("must fit one page: at most {BRIEF_ITEMS_MAX} risks and asks each");
        return Err(Refusal::invalid("Brief", problem));
    }
    if text.eta.as_ref().is_some_and(|eta| eta.at <= now) {
        let problem = "has passed: give another time, or leave it empty";
        return Err(Refusal::invalid("It ends by", problem));
    }
    Ok(BriefText {
        happened: prose("What happened", &text.happened)?,
        impact: prose("Customer impact", &text.impact)?,
        risks: text
            .risks
            .iter()
            .map(|r| line("Risk", r))
            .collect::<Result<_, _>>()?,
        asks: text
            .asks
            .into_iter()
            .map(|a| {
                Ok(Ask {
                    what: line("Ask", &a.what)?,
                    of: line("Asked of", &a.of)?,
                    ..a
                })
            })
            .collect::<Result<_, Refusal>>()?,
        eta: text
            .eta
            .map(|eta| {
                Ok::<_, Refusal>(Eta {
                    depends_on: line("ETA depends on", &eta.depends_on)?,
                    ..eta
                })
            })
            .transpose()?,
        changed: prose("Changed since the last brief", &text.changed)?,
    })
}
