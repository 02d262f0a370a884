//! The whole address that a request came from, for the audit log.

use crate::http::Site;
use crate::http::client::address;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

/// In words; empty where there is no connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub String);

impl ClientAddress {
    /// That of this request, as the trusted proxies tell it.
    #[must_use]
    pub fn of(site: &Site, parts: &Parts) -> Self {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let client = peer.map(|ConnectInfo(peer)| {
            address(peer.ip(), &parts.headers, site.limits.trusted_proxies)
        });
        Self(client.map_or_else(String::new, |ip| ip.to_canonical().to_string()))
    }
}

impl FromRequestParts<Arc<Site>> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Infallible> {
        Ok(Self::of(site, parts))
    }
}
