//! From which address a request comes, as the limits count it.

use crate::connections::network;
use crate::http::Site;
use crate::http::fault::Fault;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of a client, or the first half of one of version 6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Client(pub IpAddr);

impl FromRequestParts<Arc<Site>> for Client {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Fault> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let ConnectInfo(peer) = peer.ok_or_else(|| Fault::internal("no address of a peer"))?;
        let address = address(peer.ip(), &parts.headers, site.limits.trusted_proxies);
        Ok(Self(network(address)))
    }
}

/// What the proxies say, counted from the one next to us: whatever stands further left in the header, anybody can
/// have put there.
pub(super) fn address(peer: IpAddr, headers: &HeaderMap, trusted_proxies: u8) -> IpAddr {
    let Some(skipped) = usize::from(trusted_proxies).checked_sub(1) else {
        return peer;
    };
    let lines = headers.get_all(FORWARDED_FOR);
    // Bytes: what a client has put there need not be text, and must not spoil what the proxies add to it.
    let hops: Vec<&[u8]> = lines
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .collect();
    // Fewer than there are proxies: it came in behind the outermost.
    let client = hops.iter().rev().nth(skipped).or(hops.first());
    client
        .and_then(|client| std::str::from_utf8(client).ok())
        .and_then(|client| parsed(client.trim()))
        .unwrap_or(peer)
}

/// With a port or without.
fn parsed(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().ok();
    address.or_else(|| {
        text.parse()
            .ok()
            .map(|with_port: SocketAddr| with_port.ip())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn told(peer: &str, lines: &[&'static str], trusted_proxies: u8) -> String {
        let lines = lines
            .iter()
            .map(|line| (FORWARDED_FOR, HeaderValue::from_static(line)));
        let address = address(peer.parse().unwrap(), &lines.collect(), trusted_proxies);
        network(address).to_string()
    }

    #[test]
    fn what_a_client_says_of_itself_is_not_believed() {
        let forged = ["198.51.100.1, 203.0.113.9"];
        assert_eq!(told("127.0.0.1", &forged, 0), "127.0.0.1");
        assert_eq!(told("127.0.0.1", &forged, 1), "203.0.113.9");
        assert_eq!(
            told("127.0.0.1", &["198.51.100.1", "203.0.113.9"], 1),
            "203.0.113.9"
        );
        let two = ["198.51.100.1, 203.0.113.9, 10.0.0.2"];
        assert_eq!(told("127.0.0.1", &two, 2), "203.0.113.9");
    }

    #[test]
    fn bytes_that_are_no_text_spoil_only_their_own_part() {
        let told = |line: &[u8], trusted_proxies| {
            let line = HeaderValue::from_bytes(line).unwrap();
            let headers = HeaderMap::from_iter([(FORWARDED_FOR, line)]);
            let peer = IpAddr::from([127, 0, 0, 1]);
            address(peer, &headers, trusted_proxies).to_string()
        };
        assert_eq!(told(b"\xff, 203.0.113.9", 1), "203.0.113.9");
        assert_eq!(
            told(b"198.51.100.1, \xff, 203.0.113.9, 10.0.0.2", 2),
            "203.0.113.9"
        );
        assert_eq!(told(b"203.0.113.9, \xff", 1), "127.0.0.1");
    }

    #[test]
    fn what_cannot_be_read_leaves_the_peer() {
        assert_eq!(told("192.0.2.7", &[], 1), "192.0.2.7");
        assert_eq!(told("192.0.2.7", &["unknown"], 1), "192.0.2.7");
        assert_eq!(told("192.0.2.7", &["203.0.113.9, "], 1), "192.0.2.7");
        assert_eq!(told("192.0.2.7", &["203.0.113.9"], 2), "203.0.113.9");
    }

    #[test]
    fn an_address_counts_however_it_is_written() {
        assert_eq!(told("::1", &["203.0.113.9:4711"], 1), "203.0.113.9");
        assert_eq!(told("::1", &["[2001:db8:1:2::9]:443"], 1), "2001:db8:1:2::");
        assert_eq!(told("::1", &["2001:db8:1:2:ffff::1"], 1), "2001:db8:1:2::");
        assert_eq!(told("::ffff:203.0.113.9", &[], 0), "203.0.113.9");
        assert_eq!(told("::1", &[], 0), "::1");
    }
}
