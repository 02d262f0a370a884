//! Clocks counted a second time, from the log alone and by other means: what a clock says of its
//! end must be what the log says (RUNBOOK §4). The numbers are those of RUNBOOK, not the policy's.

use crate::recurring::due;
use crate::room::{Room, minutes};
use chrono::{Datelike, Duration, NaiveTime, Weekday};
use domain::clock::{ClockKind, ClockState, clocks};
use domain::customer::{CustomerId, Judgement};
use domain::{EntryId, Event, Recorded, Role, Severity, Status, Time};

/// By when it was due, and when it was done.
type Kept = (Time, Option<Time>);

/// Every clock of this room that ended or could have ended says so.
pub fn assert_counted_right(room: &Room) {
    for clock in clocks(&room.incident, &room.policy) {
        let Some((due_at, done_at)) = recounted(room, clock.kind) else {
            // Resolved, nobody is relieved and no brief is due: when the last one was is told apart.
            if clock.is_running() {
                assert_eq!(Some(clock.due_at), due(&room.log, clock.kind), "{clock:?}");
            }
            continue;
        };
        assert_eq!(clock.due_at, due_at, "{clock:?}");
        let state = clock.state(room.now);
        let expected = match done_at {
            Some(at) if at <= due_at => ClockState::Met,
            Some(_) => ClockState::MetLate,
            None => {
                assert!(
                    !matches!(state, ClockState::Met | ClockState::MetLate),
                    "nothing met {clock:?}"
                );
                continue;
            }
        };
        assert_eq!(state, expected, "done {done_at:?}: {clock:?}");
    }
}

/// None for clocks that come again: by when those are due is counted elsewhere.
fn recounted(room: &Room, kind: ClockKind) -> Option<Kept> {
    let log = room.log.as_slice();
    Some(match kind {
        ClockKind::DeclareOrDismiss => {
            let reported = first(log, |e| matches!(e, Event::Reported { .. }))?;
            let decided = |e: &Event| {
                e.is_declaration()
                    || matches!(
                        e,
                        Event::ReportDismissed { .. } | Event::ReportJoined { .. }
                    )
            };
            (reported + minutes(15), first(log, decided))
        }
        ClockKind::CommanderNamed => seat(log, Role::Commander, declared(log)?, 15),
        ClockKind::CoreRolesNamed => {
            let from = declared(log)?;
            let seats = Role::CORE.map(|role| seat(log, role, from, 30));
            // One that is missing counts before one that came, the longest missing first.
            let missing = seats.iter().filter(|(_, done)| done.is_none()).min();
            let latest = seats
                .iter()
                .max_by_key(|(due, done)| done.map(|at| at - *due));
            *missing.or(latest)?
        }
        ClockKind::SponsorNamed => seat(log, Role::Sponsor, sev_1_since(log)?, 60),
        ClockKind::HypothesisTimebox(id) => hypothesis(log, id)?,
        ClockKind::PartyResponse(id) => response(log, id)?,
        ClockKind::PostMortemBooked => {
            let resolved = resolved(log)?;
            (
                business_days_after(room, resolved, 1),
                booked(log, resolved).or(held(log, resolved)),
            )
        }
        ClockKind::PostMortemHeld => {
            let resolved = resolved(log)?;
            (business_days_after(room, resolved, 5), held(log, resolved))
        }
        ClockKind::CreditDecision => (business_days_after(room, resolved(log)?, 3), credits(log)),
        ClockKind::ActionDone(id) => action(log, id)?,
        ClockKind::RoleAccepted(_)
        | ClockKind::FirstUpdate
        | ClockKind::NextUpdate
        | ClockKind::Brief
        | ClockKind::CommanderRelief => return None,
    })
}

fn first(log: &[Recorded], is_it: impl Fn(&Event) -> bool) -> Option<Time> {
    log.iter().find(|r| is_it(&r.event)).map(|r| r.at)
}

fn declared(log: &[Recorded]) -> Option<Time> {
    first(log, Event::is_declaration)
}

/// Counted from when it was last left empty. Whoever sat there before the time began is in time.
fn seat(log: &[Recorded], role: Role, from: Time, min: i64) -> Kept {
    let left = log
        .iter()
        .rposition(|r| matches!(r.event, Event::RoleVacated { role: left, .. } if left == role));
    let (start, since) = left.map_or((from, log), |n| (from.max(log[n].at), &log[n..]));
    let taken = |e: &Event| matches!(e, Event::RoleAccepted { role: taken } if *taken == role);
    (start + minutes(min), first(since, taken))
}

/// Since when it has been a SEV-1.
fn sev_1_since(log: &[Recorded]) -> Option<Time> {
    let mut severities = log.iter().filter_map(|r| match r.event {
        Event::Declared { severity, .. } | Event::DeclaredBy { severity, .. } => {
            Some((r.at, severity))
        }
        Event::SeverityChanged { to, .. } => Some((r.at, to)),
        _ => None,
    });
    severities
        .next_back()
        .filter(|(_, severity)| *severity == Severity::Sev1)
        .map(|(at, _)| at)
}

fn severity_at(log: &[Recorded], place: usize) -> Option<Severity> {
    log[..place].iter().rev().find_map(|r| match r.event {
        Event::Declared { severity, .. } | Event::DeclaredBy { severity, .. } => Some(severity),
        Event::SeverityChanged { to, .. } => Some(to),
        _ => None,
    })
}

fn hypothesis(log: &[Recorded], id: EntryId) -> Option<Kept> {
    let opened = log.iter().find(|r| r.command == id)?;
    let Event::HypothesisOpened { timebox_min, .. } = opened.event else {
        return None;
    };
    let ended =
        |e: &Event| matches!(e, Event::HypothesisConcluded { hypothesis, .. } if *hypothesis == id);
    Some((
        opened.at + minutes(i64::from(timebox_min)),
        first(log, ended),
    ))
}

fn response(log: &[Recorded], id: EntryId) -> Option<Kept> {
    let place = log.iter().position(|r| r.command == id)?;
    let min = match severity_at(log, place)? {
        Severity::Sev1 => 30,
        Severity::Sev2 => 60,
        Severity::Sev3 => 240,
    };
    let heard = |e: &Event| match e {
        Event::AskAcknowledged { ask } | Event::AskAnswered { ask, .. } => *ask == id,
        _ => false,
    };
    Some((log[place].at + minutes(min), first(log, heard)))
}

/// When it was last resolved, and has been since.
fn resolved(log: &[Recorded]) -> Option<Time> {
    log.iter().fold(None, |since, r| match r.event {
        Event::StatusMoved {
            to: Status::Resolved,
        } => Some(r.at),
        Event::StatusMovedBack { to, .. } if to < Status::Resolved => None,
        _ => since,
    })
}

/// A booking that stood when it was resolved counts from then; else the first one after.
fn booked(log: &[Recorded], resolved: Time) -> Option<Time> {
    let bookings = log.iter().filter_map(|r| match r.event {
        Event::PostMortemBooked { at, .. } => Some((r.at, at)),
        _ => None,
    });
    let standing = bookings
        .clone()
        .take_while(|(made, _)| *made <= resolved)
        .last();
    let after = bookings.clone().find(|(made, _)| *made > resolved);
    standing
        .filter(|(_, held_at)| *held_at >= resolved)
        .or(after)
        .map(|(made, _)| made)
}

fn held(log: &[Recorded], resolved: Time) -> Option<Time> {
    log.iter().rev().find_map(|r| match r.event {
        Event::PostMortemHeld { at } if at >= resolved => Some(at),
        _ => None,
    })
}

/// When the last of the customers had their first decision.
fn credits(log: &[Recorded]) -> Option<Time> {
    let proposed = |id: EntryId| {
        log.iter().find_map(|r| match &r.event {
            Event::CreditProposedV2 { customer, .. } if r.command == id => Some(customer.id),
            _ => None,
        })
    };
    let decided = |id: CustomerId| {
        log.iter().find_map(|r| match &r.event {
            Event::CreditDecidedV2 { customer, .. } => (customer.id == id).then_some(r.at),
            Event::CreditJudged {
                judgement: Judgement::Reject { .. },
                ..
            } => None,
            Event::CreditJudged { proposal, .. } => {
                (proposed(*proposal) == Some(id)).then_some(r.at)
            }
            _ => None,
        })
    };
    let mut last = None;
    for r in log {
        if let Event::CustomerNotedV3 { customer } = &r.event {
            let id = match customer.id.is_set() {
                true => customer.id,
                false => CustomerId::Entry(r.command),
            };
            last = last.max(Some(decided(id)?));
        }
    }
    last
}

fn action(log: &[Recorded], id: EntryId) -> Option<Kept> {
    let agreed = log.iter().find(|r| r.command == id)?;
    let Event::ActionAgreed { due_on, .. } = agreed.event else {
        return None;
    };
    // The last day of all has no end.
    let day_after = due_on.succ_opt().unwrap_or(due_on);
    let due_at = day_after.and_time(NaiveTime::MIN).and_utc();
    let done = |e: &Event| matches!(e, Event::ActionDone { action, .. } if *action == id);
    Some((due_at, first(log, done)))
}

/// To the end of that day, in UTC.
fn business_days_after(room: &Room, from: Time, days: u32) -> Time {
    let works = |at: Time| {
        let weekend = matches!(at.weekday(), Weekday::Sat | Weekday::Sun);
        !weekend && !room.policy.holidays.contains(&at.date_naive())
    };
    let mut day = from.date_naive().and_time(NaiveTime::MIN).and_utc();
    let mut counted = 0;
    while counted < days {
        day += Duration::days(1);
        counted += u32::from(works(day));
    }
    day + Duration::days(1)
}
