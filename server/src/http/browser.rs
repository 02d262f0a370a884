//! Browsers in which somebody has signed in before: their tries go before those of strangers. It is no session and
//! opens nothing. The cookie holds a random token; the database holds its hash (D3).

use crate::http::Site;
use crate::http::cookies::{self, Cookies};
use crate::http::fault::Fault;
use crate::http::session::{Token, hash_of};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use domain::PersonId;

/// The longest that browsers keep a cookie.
const KEPT_DAYS: i64 = 400;
const DAY_S: i64 = 24 * 60 * 60;

/// The hash of the token of this browser, if it has one.
pub fn hash_in(headers: &HeaderMap) -> Option<[u8; 32]> {
    token_in(headers).map(hash_of)
}

fn token_in(headers: &HeaderMap) -> Option<&str> {
    cookies::value(headers, cookies::BROWSER).filter(|token| !token.is_empty())
}

/// Remembers that this person came in by their password in this browser, and has the browser remember it. Where
/// that fails they are in all the same.
pub async fn remember(
    site: &Site,
    headers: &HeaderMap,
    person: PersonId,
    response: &mut Response,
) -> Result<(), Fault> {
    let token = match token_in(headers) {
        Some(token) => token.to_owned(),
        None => Token::random()?.text(),
    };
    let (hash, now) = (hash_of(&token), site.clock.now());
    let before = now - chrono::Duration::days(KEPT_DAYS);
    let kept = site.store.remember_browser(&hash, person, now, before);
    if let Err(error) = kept.await {
        tracing::warn!(%error, "a browser is not remembered");
        return Ok(());
    }
    let max_age_s = KEPT_DAYS * DAY_S;
    let cookie = Cookies::of(headers).set(cookies::BROWSER, &token, max_age_s)?;
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(())
}
