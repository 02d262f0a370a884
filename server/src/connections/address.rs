//! Addresses as limits count them.

use std::net::{IpAddr, Ipv6Addr};

/// The address, or the first half of one of version 6: one household or office has as many of those as it likes.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) if !address.is_loopback() => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address => address,
    }
}
