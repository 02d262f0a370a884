//! The cookies of a request: what they are called, and who may keep them. Browsers take a `__Host-` cookie over https
//! only; WebKit makes no exception for the machine itself, where there is no TLS. So a browser that asks for this very
//! machine has cookies of plain names, and every other one those of `__Host-` names: of each request one spelling is
//! read, and the other is nothing.
//!
//! Pages read one of them, the mark: `assets/rights.js` is told by the page which spelling it is.

use crate::http::fault::Fault;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// What somebody on this machine asks for. The address of the peer would prove nothing: a proxy here is as near.
const LOOPBACK: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];
/// A proxy that does not pass `Host` on asks for its own way to us, and says one of these.
const FORWARDED: [&str; 3] = ["forwarded", "via", "x-real-ip"];
const ALSO_FORWARDED: &str = "x-forwarded-";

tokio::task_local! {
    static CURRENT: Cookies;
}

/// What the cookies of a request are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookies {
    /// `drumbeat`, without `Secure`: on this machine.
    Plain,
    /// `__Host-drumbeat`: the browser takes it from this very host only, over a connection that it trusts.
    Secure,
}

/// Who may read a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readable {
    /// Only we.
    ByServer,
    /// Scripts of our pages too.
    ByPages,
}

/// One cookie of ours, by both of its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cookie {
    plain: &'static str,
    secure: &'static str,
    readable: Readable,
}

/// The token of a session.
pub const SESSION: Cookie = Cookie {
    plain: "drumbeat",
    secure: "__Host-drumbeat",
    readable: Readable::ByServer,
};
/// The mark of a session (`http/mark.rs`).
pub const MARK: Cookie = Cookie {
    plain: "drumbeat-open",
    secure: "__Host-drumbeat-open",
    readable: Readable::ByPages,
};
/// The token of a browser that is known (`http/browser.rs`).
pub const BROWSER: Cookie = Cookie {
    plain: "drumbeat-browser",
    secure: "__Host-drumbeat-browser",
    readable: Readable::ByServer,
};

impl Cookies {
    /// Those of a request: the one place that decides it.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let mut hosts = headers.get_all(header::HOST).iter();
        let is_loopback = match (hosts.next(), hosts.next()) {
            (Some(host), None) => host.to_str().is_ok_and(is_loopback),
            _ => false,
        };
        let is_forwarded = headers.keys().any(|name| {
            let name = name.as_str();
            FORWARDED.contains(&name) || name.starts_with(ALSO_FORWARDED)
        });
        match is_loopback && !is_forwarded {
            true => Self::Plain,
            false => Self::Secure,
        }
    }

    /// Those of the request that is being answered, for whoever draws its page.
    #[must_use]
    pub fn current() -> Self {
        CURRENT.try_with(|cookies| *cookies).unwrap_or(Self::Secure)
    }

    /// A `Set-Cookie`.
    ///
    /// # Errors
    /// Never in practice: the value is ours.
    pub fn set(self, cookie: Cookie, value: &str, max_age_s: i64) -> Result<HeaderValue, Fault> {
        let name = self.name(cookie);
        let secure = match self {
            Self::Plain => "",
            Self::Secure => " Secure;",
        };
        let hidden = match cookie.readable {
            Readable::ByServer => " HttpOnly;",
            Readable::ByPages => "",
        };
        let text =
            format!("{name}={value}; Path=/;{secure}{hidden} SameSite=Lax; Max-Age={max_age_s}");
        HeaderValue::from_str(&text).map_err(Fault::internal)
    }

    fn name(self, cookie: Cookie) -> &'static str {
        match self {
            Self::Plain => cookie.plain,
            Self::Secure => cookie.secure,
        }
    }
}

/// What a request says in this cookie, under the name that it has there.
#[must_use]
pub fn value(headers: &HeaderMap, cookie: Cookie) -> Option<&str> {
    let wanted = Cookies::of(headers).name(cookie);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find_map(|(name, value)| (name == wanted).then_some(value))
}

/// Whether a browser has shown that it keeps cookies of ours.
#[must_use]
pub fn are_kept(headers: &HeaderMap) -> bool {
    [SESSION, MARK, BROWSER]
        .into_iter()
        .any(|cookie| value(headers, cookie).is_some())
}

/// Answers a request while [`Cookies::current`] tells its cookies.
pub async fn within(request: Request, next: Next) -> Response {
    let cookies = Cookies::of(request.headers());
    CURRENT.scope(cookies, next.run(request)).await
}

/// Spelled as browsers do. What is written otherwise is no browser's, or another machine's.
fn is_loopback(host: &str) -> bool {
    LOOPBACK.iter().any(|name| {
        let Some((start, rest)) = host.split_at_checked(name.len()) else {
            return false;
        };
        let is_port = |port: &str| port.parse::<u16>().is_ok() && !port.starts_with('+');
        start.eq_ignore_ascii_case(name)
            && (rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderName;

    fn headers(of: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = of.iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        });
        pairs.collect()
    }

    #[test]
    fn cookies_are_plain_where_a_browser_asks_for_this_machine() {
        for host in [
            "127.0.0.1",
            "127.0.0.1:3000",
            "localhost:3000",
            "LocalHost",
            "[::1]",
            "[::1]:80",
        ] {
            assert_eq!(
                Cookies::of(&headers(&[("host", host)])),
                Cookies::Plain,
                "{host}"
            );
        }
    }

    #[test]
    fn cookies_are_secure_wherever_else_and_behind_a_proxy() {
        for host in [
            "",
            "drumbeat.example",
            "127.0.0.1.drumbeat.example",
            "localhost.drumbeat.example",
            "drumbeat.localhost",
            "localhost.",
            "127.0.0.1.:3000",
            "127.0.0.1:",
            "127.0.0.1:+80",
            "127.0.0.1:3000:1",
            "127.0.0.1:99999",
            "127.0.0.1@drumbeat.example",
            "127.0.0.2",
            "127.1",
            "2130706433",
            "0.0.0.0",
            "::1",
            "[::1",
            "[::1]x",
            "[0:0:0:0:0:0:0:1]",
            "[::ffff:127.0.0.1]",
            "[::1%lo]",
        ] {
            assert_eq!(
                Cookies::of(&headers(&[("host", host)])),
                Cookies::Secure,
                "{host}"
            );
        }
        for forwarded in [
            "forwarded",
            "via",
            "x-real-ip",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-proto",
            "x-forwarded-server",
        ] {
            let proxied = headers(&[("host", "127.0.0.1:3000"), (forwarded, "")]);
            assert_eq!(Cookies::of(&proxied), Cookies::Secure, "{forwarded}");
        }
        let mut two = headers(&[("host", "localhost")]);
        two.append(header::HOST, HeaderValue::from_static("localhost"));
        assert_eq!(Cookies::of(&two), Cookies::Secure);
        assert_eq!(Cookies::of(&HeaderMap::new()), Cookies::Secure);
    }

    #[test]
    fn of_two_spellings_one_is_read() {
        let both = "drumbeat-open=plain; __Host-drumbeat-open=secure";
        for (host, read) in [("127.0.0.1", "plain"), ("drumbeat.example", "secure")] {
            let headers = headers(&[("host", host), ("cookie", both)]);
            assert_eq!(value(&headers, MARK), Some(read));
            assert_eq!(value(&headers, SESSION), None);
        }
    }
}
