//! The number under which the log has a request; it goes back in `x-request-id`. It is always made
//! here: one that a client chose could be that of somebody else's request.

use axum::http::{Extensions, HeaderValue, Request};
use rand::RngCore;
use tower_http::request_id::{MakeRequestId, RequestId};

/// Makes ids: random, so that none tells how many there were.
#[derive(Clone, Copy, Debug, Default)]
pub struct RandomId;

impl MakeRequestId for RandomId {
    fn make_request_id<B>(&mut self, _: &Request<B>) -> Option<RequestId> {
        let id = format!("{:016x}", rand::rng().next_u64());
        HeaderValue::from_str(&id).ok().map(RequestId::new)
    }
}

/// Takes away what a client sent as the id; the layer that sets one keeps what it finds.
pub fn forget<B>(mut request: Request<B>) -> Request<B> {
    request.headers_mut().remove("x-request-id");
    request
}

/// The id of the request that carries these extensions.
#[must_use]
pub fn of(extensions: &Extensions) -> String {
    extensions
        .get::<RequestId>()
        .and_then(|id| id.header_value().to_str().ok())
        .unwrap_or("none")
        .to_owned()
}
