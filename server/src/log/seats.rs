//! Nobody who was removed keeps a seat of an open incident: not as its holder, not as who is asked,
//! not beside it. It is emptied by commands on the log, in the name of who removed them.
//!
//! Done after a removal, at each start, because a crash may have come between the two, and when
//! status goes back: an incident that was closed may be open again, with its seats as they were.

use super::batch::Ask;
use super::writer::Push;
use super::{Shared, answered, fault};
use crate::people::Everybody;
use crate::store::Deed;
use app::api::{ApiError, Outcome};
use domain::{Command, CommandId, Envelope, Incident, IncidentId, PersonRef, Role, Time};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use uuid::Uuid;

/// After the log could not be written.
pub(super) const RETRY: Duration = Duration::from_secs(3);
/// What is not done by then is refused for a reason of ours, and would be so forever.
pub(super) const ROUNDS_MAX: usize = 3;

/// Where commands wait for the writer. Not held: the log ends when nobody else sends any.
pub(super) type Queue = mpsc::WeakSender<Push>;

/// Ends when the writer does.
pub(super) async fn keep(shared: Arc<Shared>, queue: Queue) {
    until_stopped(&shared, forever(&shared, &queue)).await;
}

/// Does this work of the server, which has no end, until the writer stops.
pub(super) async fn until_stopped(shared: &Shared, work: impl Future<Output = ()>) {
    let mut stopped = shared.stopped.subscribe();
    tokio::select! {
        biased;
        _ = stopped.wait_for(|stopped| *stopped) => {}
        () = work => {}
    }
}

async fn forever(shared: &Shared, queue: &Queue) {
    loop {
        while let Err(error) = empty(shared, queue).await {
            tracing::warn!(%error, "seats of people who were removed are not empty yet");
            tokio::time::sleep(RETRY).await;
            shared.clock.until_believed().await;
        }
        shared.left.notified().await;
    }
}

/// Empties what they hold now. Safe to repeat: it looks at what is there.
pub(super) async fn empty(shared: &Shared, queue: &Queue) -> Result<(), ApiError> {
    let _one = shared.emptying.lock().await;
    for _ in 0..ROUNDS_MAX {
        let people = shared.people.now();
        if people.all().iter().all(|kept| kept.removed.is_none()) {
            return Ok(());
        }
        // What was decided before the removal was known is on the record once this is answered.
        send(queue, Vec::new()).await?;
        let live = Arc::clone(&shared.view().live);
        let now = shared.clock.now();
        let all: Vec<Ask> = live
            .values()
            .flat_map(|incident| asks(incident, &people, now))
            .collect();
        if all.is_empty() {
            return Ok(());
        }
        send(queue, all).await?;
    }
    tracing::error!("seats of people who were removed cannot be emptied");
    Ok(())
}

/// Refusals are told in the log alone.
pub(super) async fn send(queue: &Queue, asks: Vec<Ask>) -> Result<(), ApiError> {
    let (push, answer) = Push::new(asks);
    let queue = queue.upgrade().ok_or_else(fault::busy)?;
    queue.send(push).await.map_err(|_| fault::busy())?;
    for answer in answered(answer).await? {
        if let Outcome::Refused { refusal } = answer.outcome {
            tracing::info!(%refusal, "what was to be changed has moved on meanwhile");
        }
    }
    Ok(())
}

/// What empties the seats of this incident of whoever was removed.
fn asks(incident: &Incident, people: &Everybody, now: Time) -> Vec<Ask> {
    if !incident.is_open() {
        return Vec::new();
    }
    let removal = |person: &PersonRef| people.find(person.id)?.removed.as_ref();
    let mut asks = Vec::new();
    for role in Role::ALL {
        let seat = incident.seat(role);
        let mut ask = |deed: &Deed, command| asks.push(ask(incident.id, deed, command, now));
        if let Some(holder) = &seat.holder
            && let Some(deed) = removal(&holder.person)
        {
            let (reason, holder) = (reason(deed), Some(holder.person.id));
            ask(
                deed,
                Command::VacateRole {
                    role,
                    reason,
                    holder,
                },
            );
        }
        if let Some(offer) = &seat.offer
            && let Some(deed) = removal(&offer.person)
        {
            let (reason, person) = (reason(deed), offer.person.id);
            ask(
                deed,
                Command::WithdrawOffer {
                    role,
                    person,
                    reason,
                },
            );
        }
        for person in &seat.shadows {
            if let Some(deed) = removal(person) {
                let person = person.clone();
                ask(deed, Command::RemoveShadow { role, person });
            }
        }
    }
    asks
}

fn reason(deed: &Deed) -> String {
    format!("Removed from Drumbeat by {}", deed.by.name)
}

/// In the name of who removed them, who may have been removed since.
#[expect(
    clippy::disallowed_methods,
    reason = "the server is the author of these commands, and makes their ids"
)]
fn ask(incident: IncidentId, deed: &Deed, command: Command, now: Time) -> Ask {
    Ask {
        actor: deed.by.clone(),
        envelope: Envelope {
            id: CommandId(Uuid::now_v7()),
            incident,
            made_at: now,
            command,
        },
        at: None,
        of_session: false,
        from: deed.from.clone(),
    }
}
