//! For whoever runs the server: whether it is there, and whether it can work.

use crate::clock::Trouble;
use crate::http::Site;
use crate::store::StoreError;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// Whoever asks sooner is given the last answer: strangers may ask, and each answer is a write.
const WRITE_EVERY: Duration = Duration::from_secs(1);

/// `/healthz` and `/readyz`.
pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/healthz", get("ok"))
        .route("/readyz", get(ready))
        .with_state(site)
}

/// 200, or 503 with a line for each reason that says what to do.
async fn ready(State(site): State<Arc<Site>>) -> (StatusCode, String) {
    let reasons = reasons(&site).await;
    if reasons.is_empty() {
        return (StatusCode::OK, "ready".to_owned());
    }
    (StatusCode::SERVICE_UNAVAILABLE, reasons.join("\n"))
}

/// Why it cannot work now; empty when it can.
async fn reasons(site: &Site) -> Vec<String> {
    let mut reasons = Vec::new();
    if *site.stopping.borrow() || site.log.is_shut() {
        reasons.push("stopping".to_owned());
    } else {
        reasons.extend(site.clock.trouble().map(Trouble::line));
        let tried = site.readiness.of(Instant::now(), || site.log.ready());
        reasons.extend(tried.await);
    }
    reasons
}

/// What the last write told.
#[derive(Debug, Default)]
pub struct Readiness(Mutex<Option<Tried>>);

#[derive(Debug)]
struct Tried {
    at: Instant,
    reason: Option<String>,
}

impl Readiness {
    /// Why nothing can be written; none when it can. Tries at most once in [`WRITE_EVERY`], one at a time.
    async fn of<F>(&self, now: Instant, write: impl FnOnce() -> F) -> Option<String>
    where
        F: Future<Output = Result<(), StoreError>>,
    {
        let mut last = self.0.lock().await;
        if let Some(tried) = &*last
            && now.saturating_duration_since(tried.at) < WRITE_EVERY
        {
            return tried.reason.clone();
        }
        let reason = write().await.err().map(|error| {
            tracing::warn!(%error, "not ready");
            match error {
                StoreError::Unavailable(line) => line,
                StoreError::Unusable(_) | StoreError::Unexpected(_) => {
                    "The database cannot be used. Look into the server's log.".to_owned()
                }
            }
        });
        *last = Some(Tried {
            at: now,
            reason: reason.clone(),
        });
        reason
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn many_who_ask_cost_one_write_a_second_and_hear_the_newest() {
        let (readiness, writes) = (Readiness::default(), AtomicU32::new(0));
        let began = Instant::now();
        let asked = async |ms: u64, works: bool| {
            let now = began + Duration::from_millis(ms);
            let write = || async {
                writes.fetch_add(1, Ordering::SeqCst);
                match works {
                    true => Ok(()),
                    false => Err(StoreError::Unavailable("Make room.".to_owned())),
                }
            };
            readiness.of(now, write).await
        };
        for ms in 0..1_000 {
            assert_eq!(asked(ms, true).await, None);
        }
        assert_eq!(writes.load(Ordering::SeqCst), 1);
        for ms in 1_000..2_000 {
            assert_eq!(asked(ms, false).await.as_deref(), Some("Make room."));
        }
        assert_eq!(writes.load(Ordering::SeqCst), 2);
        assert_eq!(asked(2_000, true).await, None, "it is mended");
        assert_eq!(asked(1_999, false).await, None, "who waited for that one");
        assert_eq!(writes.load(Ordering::SeqCst), 3);
    }
}
