//! Where people reach this server, as it was told at its start. A link that is handed out begins with it, and never
//! with the `Host` of a request, which is whatever its sender wrote.

use axum::http::Uri;
use std::net::SocketAddr;
use std::str::FromStr;

/// What is told beside a link where nobody has said how this server is reached.
const UNTOLD: &str = "This server was started without --public-url, so the link begins with the address that it listens on. \
    Put the name that people reach it by in its place.";

/// A scheme, a host and a port, as a link begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
    is_told: bool,
}

impl PublicUrl {
    /// The address that is listened on, for want of a better one.
    #[must_use]
    pub fn of_listener(address: SocketAddr) -> Self {
        Self {
            origin: format!("http://{address}"),
            is_told: false,
        }
    }

    /// The address of this path.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// `https://status.example`, without a slash after it.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// What to tell whoever is given a link; none when it can be handed on as it is.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        (!self.is_told).then_some(UNTOLD)
    }
}

impl FromStr for PublicUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "it should look like https://drumbeat.example, without a path";
        if text.contains('#') {
            return Err(WRONG);
        }
        let uri: Uri = text.trim().parse().map_err(|_| WRONG)?;
        let scheme = uri.scheme_str().unwrap_or_default();
        let authority = uri
            .authority()
            .map(axum::http::uri::Authority::as_str)
            .unwrap_or_default();
        let is_whole = matches!(scheme, "http" | "https")
            && uri.host().is_some_and(|host| !host.is_empty())
            && !authority.contains('@')
            && matches!(uri.path(), "" | "/")
            && uri.query().is_none();
        match is_whole {
            true => Ok(Self {
                origin: format!("{scheme}://{authority}").to_ascii_lowercase(),
                is_told: true,
            }),
            false => Err(WRONG),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_whole_or_not_at_all() {
        for (text, origin) in [
            ("https://drumbeat.example", "https://drumbeat.example"),
            (" HTTPS://Drumbeat.Example/ ", "https://drumbeat.example"),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("https://[::1]:8443/", "https://[::1]:8443"),
        ] {
            let url: PublicUrl = text.parse().unwrap();
            assert_eq!(url.at("/enter/x"), format!("{origin}/enter/x"), "{text}");
            assert_eq!(url.hint(), None);
        }
        for wrong in [
            "",
            "drumbeat.example",
            "ftp://drumbeat.example",
            "https://",
            "https://ana@drumbeat.example",
            "https://drumbeat.example/path",
            "https://drumbeat.example?x",
            "https://drumbeat.example/#x",
            "https://a b",
            "javascript:alert(1)",
        ] {
            assert!(wrong.parse::<PublicUrl>().is_err(), "{wrong}");
        }
    }
}
