//! The server's clock and the log: it is looked at also while nobody writes, what was believed is kept,
//! and that an administrator says that it is right is an event.

use super::Shared;
use super::fault;
use super::view::{TailEvent, View};
use super::writer::Writer;
use crate::clock::{Reference, Trouble};
use crate::store::{Decided, Standing, StoreError};
use app::api::{Answer, ApiError, Outcome};
use chrono::Duration;
use domain::{Actor, CommandId, Event, IncidentId, Policy, Recorded, Time};
use std::sync::Arc;
use uuid::Uuid;

/// How often the clock is looked at while nobody writes.
const LOOK: std::time::Duration = std::time::Duration::from_secs(5);
/// How much the clock may differ from what is kept of it, before that is kept anew.
const KEPT_OFF_MAX_MS: i64 = 1_000;
/// How long ago the time on the page may have been looked at that somebody says is right.
pub(super) const SEEN_MAX: Duration = Duration::minutes(10);

/// Looks at the clock until the log ends.
pub(super) async fn watch(shared: Arc<Shared>) {
    let mut stopped = shared.stopped.subscribe();
    tokio::select! {
        biased;
        _ = stopped.wait_for(|stopped| *stopped) => {}
        () = forever(&shared) => {}
    }
}

async fn forever(shared: &Shared) {
    let mut kept: Option<Reference> = None;
    loop {
        let _look = shared.clock.now();
        if let Some(believed) = shared.clock.reference()
            && kept.as_ref().is_none_or(|kept| is_off(kept, &believed))
        {
            match shared.store.keep_clock_reference(&believed).await {
                Ok(()) => kept = Some(believed),
                Err(error) => tracing::warn!(%error, "what is known of the clock is not kept"),
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn is_off(kept: &Reference, believed: &Reference) -> bool {
    (kept.offset_ms - believed.offset_ms).abs() >= KEPT_OFF_MAX_MS
}

impl Writer {
    /// Writes down that `actor` says that the clock is right, while nothing else is written.
    pub(super) async fn confirm_clock(&mut self, actor: Actor) -> Result<Vec<Answer>, ApiError> {
        // Once more, in turn: they may have been removed or be no administrator any more. Whoever runs the server is no
        // person with an account.
        let people = self.shared.people.now();
        if people.find(actor.id).is_some() && !people.is_administrator(actor.id) {
            return Err(ApiError::SignedOut);
        }
        match self.confirm(actor).await {
            Ok(Ok(())) => Ok(Vec::new()),
            Ok(Err(trouble)) => Err(ApiError::BadRequest {
                detail: format!("That cannot be the time: {}.", trouble.what()),
            }),
            Err(error) => {
                self.in_doubt = true;
                Err(fault::unwritten(&error))
            }
        }
    }

    async fn confirm(&mut self, actor: Actor) -> Result<Result<(), Trouble>, StoreError> {
        self.be_sure().await?;
        let clock = self.shared.clock.clone();
        let Some(trouble) = clock.trouble() else {
            return Ok(Ok(()));
        };
        let (wall, last_at) = (clock.wall(), self.shared.view().last_at);
        // Within the tolerance the log's last time counts, as with every event.
        let is_ahead = matches!(trouble, Trouble::Behind { .. });
        let at = last_at.filter(|_| !is_ahead).map_or(wall, |l| l.max(wall));
        if let Some(impossible) = Trouble::impossible(wall) {
            return Ok(Err(impossible));
        }
        let event = Event::ClockConfirmed {
            log_at: last_at.filter(|_| is_ahead),
        };
        tracing::warn!(by = %actor.name, clock = %wall, "an administrator says that the server's clock is right");
        self.record_setting(actor, event, at, is_ahead).await?;
        clock.believe(at);
        if let Some(believed) = clock.reference()
            && let Err(error) = self.shared.store.keep_clock_reference(&believed).await
        {
            tracing::warn!(%error, "what is known of the clock is not kept");
        }
        Ok(Ok(()))
    }

    /// One event of the server's own on the stream of settings. Where it `changes_times`, nobody hears of it before
    /// all that is in memory has the times that count: whoever asked at once would be told the old ones for good.
    async fn record_setting(
        &mut self,
        by: Actor,
        event: Event,
        at: Time,
        changes_times: bool,
    ) -> Result<(), StoreError> {
        let (head, id) = (self.shared.view().head, IncidentId::SETTINGS);
        let mut settings = self.as_of(head, id).await?;
        let recorded = Recorded {
            seq: head + 1,
            incident: id,
            version: settings.version + 1,
            at,
            made_at: at,
            by,
            command: new_id(),
            stamped_at: None,
            event,
        };
        Arc::make_mut(&mut settings).apply(&recorded);
        let decided = Decided {
            command: recorded.command,
            person: recorded.by.id,
            incident: id,
            outcome: Outcome::Accepted,
            events: vec![recorded.clone()],
            from: String::new(),
        };
        let store = Arc::clone(&self.shared.store);
        let written = store.append(&[decided], &[Standing::of(&settings)]).await?;
        if changes_times {
            self.outdated = true;
            self.be_sure().await?;
            let (head, last_at) = {
                let view = self.shared.view();
                (view.head, view.last_at)
            };
            self.shared.clock.recorded(last_at);
            self.shared.head.send_replace(head);
            return Ok(());
        }
        let tail = written
            .iter()
            .map(|w| TailEvent::written(recorded.clone(), w));
        self.show(tail.collect(), vec![settings]).await;
        Ok(())
    }

    /// Takes what is in memory from the store anew, at the same place of the log.
    pub(super) async fn read_anew(&self) -> Result<(), StoreError> {
        let first = self.shared.view().policies.versions().first().cloned();
        let first = first.map_or_else(Policy::default, |policy| Policy::clone(&policy));
        let view = View::load(self.shared.store.as_ref(), first).await?;
        let head = view.head;
        *self.shared.view_mut() = view;
        self.shared.told.send_replace(head);
        Ok(())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the server is the author of this, and makes its id"
)]
fn new_id() -> CommandId {
    CommandId(Uuid::now_v7())
}
