//! Which packed form of a body a client takes (RFC 9110 §12.5.3).

use axum::http::{HeaderMap, header};

/// A form in which a body is at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Brotli, the smallest.
    Brotli,
    /// Gzip.
    Gzip,
    /// As it is.
    Identity,
}

impl Encoding {
    /// The smallest that the client takes. A body is always sent: who refuses even the plain
    /// form gets that one.
    #[must_use]
    pub fn accepted(headers: &HeaderMap) -> Self {
        let mut gzip = false;
        for value in headers.get_all(header::ACCEPT_ENCODING) {
            for part in value.to_str().unwrap_or_default().split(',') {
                let (name, quality) = part.split_once(';').unwrap_or((part, ""));
                if refused(quality) {
                    continue;
                }
                let name = name.trim();
                if name.eq_ignore_ascii_case("br") {
                    return Self::Brotli;
                }
                gzip |= name.eq_ignore_ascii_case("gzip");
            }
        }
        if gzip { Self::Gzip } else { Self::Identity }
    }

    /// Whether the client takes gzip, whatever else it takes.
    #[must_use]
    pub fn takes_gzip(headers: &HeaderMap) -> bool {
        let values = headers.get_all(header::ACCEPT_ENCODING).iter();
        let mut parts = values.flat_map(|v| v.to_str().unwrap_or_default().split(','));
        parts.any(|part| {
            let (name, quality) = part.split_once(';').unwrap_or((part, ""));
            name.trim().eq_ignore_ascii_case("gzip") && !refused(quality)
        })
    }

    /// The name in `Content-Encoding`, none for the plain form.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }
}

/// `q=0`, `q=0.0`…: the client will not have it.
fn refused(quality: &str) -> bool {
    quality
        .trim()
        .strip_prefix("q=")
        .is_some_and(|q| q.trim_start_matches(['0', '.']).is_empty())
}

/// Whether the client holds this very version already (`If-None-Match`, weak comparison).
#[must_use]
pub fn is_held(headers: &HeaderMap, etag: &str) -> bool {
    headers.get_all(header::IF_NONE_MATCH).iter().any(|value| {
        value.to_str().unwrap_or_default().split(',').any(|held| {
            let held = held.trim();
            held == "*" || held.strip_prefix("W/").unwrap_or(held) == etag
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn accepted(value: &'static str) -> Encoding {
        let headers = [(header::ACCEPT_ENCODING, HeaderValue::from_static(value))];
        Encoding::accepted(&headers.into_iter().collect())
    }

    #[test]
    fn the_smallest_form_that_is_accepted_is_sent() {
        assert_eq!(accepted("gzip, deflate, br, zstd"), Encoding::Brotli);
        assert_eq!(accepted("gzip;q=1.0, br;q=0"), Encoding::Gzip);
        assert_eq!(accepted("br;q=0.000"), Encoding::Identity);
        assert_eq!(accepted("BR"), Encoding::Brotli);
        assert_eq!(accepted("deflate"), Encoding::Identity);
        assert_eq!(accepted(""), Encoding::Identity);
        assert_eq!(Encoding::accepted(&HeaderMap::new()), Encoding::Identity);
    }

    #[test]
    fn gzip_is_taken_where_it_is_named_and_not_refused() {
        let takes = |value| {
            let headers = [(header::ACCEPT_ENCODING, HeaderValue::from_static(value))];
            Encoding::takes_gzip(&headers.into_iter().collect())
        };
        assert!(takes("gzip, deflate, br") && takes("br, GZIP;q=0.5"));
        assert!(!takes("br") && !takes("gzip;q=0") && !takes(""));
    }

    #[test]
    fn a_held_version_is_known_by_its_tag() {
        let held = |value| {
            let headers = [(header::IF_NONE_MATCH, HeaderValue::from_static(value))];
            is_held(&headers.into_iter().collect(), "\"a\"")
        };
        assert!(held("\"a\"") && held("W/\"a\"") && held("\"b\", \"a\"") && held("*"));
        assert!(!held("\"b\"") && !held("a"));
    }
}
