//! Who is asking: the one place where a session becomes a person (D2). The cookie holds a
//! random token; the database holds its hash (D3).

use crate::connections::keep_connection;
use crate::http::Site;
use crate::http::browser;
use crate::http::cookies::{self, Cookies};
use crate::http::fault::Fault;
use crate::http::mark::{self, Mark};
use crate::http::page;
use crate::store::Session;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Person, PersonId, Time};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use rand::TryRngCore;
use rand::rngs::OsRng;
use sha2::{Digest, Sha256};
use std::sync::{Arc, OnceLock};

/// How long a session lasts.
const SESSION_DAYS: i64 = 14;
const DAY_S: i64 = 24 * 60 * 60;
/// Looks whether the cookies of a new session came back (`http/sign_in.rs`).
pub const KEPT: &str = "/signed-in";

/// A secret of 256 bits that goes to one browser, or one console.
pub struct Token([u8; 32]);

impl Token {
    /// A new one, from the operating system's randomness.
    ///
    /// # Errors
    /// [`Fault::Internal`] when there is none to be had.
    pub fn random() -> Result<Self, Fault> {
        let mut bytes = [0; 32];
        OsRng.try_fill_bytes(&mut bytes).map_err(Fault::internal)?;
        Ok(Self(bytes))
    }

    /// What is kept of it.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        hash_of(&self.text())
    }

    /// As it is handed out.
    #[must_use]
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }
}

/// What would be kept of a token of this text. Hashing first makes the comparison of secrets
/// blind to how much of a guess is right.
#[must_use]
pub fn hash_of(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// Where a page asks whether its session is still open (`assets/rights.js`).
pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/session", get(async || StatusCode::NO_CONTENT))
        .route_layer(middleware::from_fn_with_state(site, require))
}

/// The person whose session a request carries; [`require`] put them there.
#[derive(Clone, Debug)]
pub struct SignedIn(pub Person);

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or(Fault::SignedOut)
    }
}

/// For who is no administrator.
pub const NOT_YOURS: Fault =
    Fault::Forbidden("Only an administrator can do this. Ask one of them.");

/// Whoever is signed in and may change people, policy and accounts; nobody else gets into a handler that
/// asks for this (D2).
#[derive(Clone, Debug)]
pub struct Administrator(pub Person);

impl<S: Sync> FromRequestParts<S> for Administrator {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        let SignedIn(person) = SignedIn::from_request_parts(parts, state).await?;
        if person.administrator {
            return Ok(Self(person));
        }
        Err(NOT_YOURS)
    }
}

/// Lets nobody pass without a session.
///
/// # Errors
/// [`Fault::SignedOut`], or what the store said.
pub async fn require(
    State(site): State<Arc<Site>>,
    request: Request,
    next: Next,
) -> Result<Response, Fault> {
    let person = person(&site, request.headers())
        .await?
        .ok_or(Fault::SignedOut)?;
    keep_connection(request.extensions());
    let (mut request, lost) = watched(&site, request, &person);
    request.extensions_mut().insert(SignedIn(person));
    let response = next.run(request).await;
    lost.get().map_or(Ok(response), |fault| Err(fault.clone()))
}

/// The same for pages: who is not signed in is led to the door and from there back. Who sends a form is
/// not led away from what they wrote.
///
/// # Errors
/// What the store said.
pub async fn require_or_lead(
    State(site): State<Arc<Site>>,
    request: Request,
    next: Next,
) -> Result<Response, Fault> {
    let Some(carried) = carried(&site, request.headers()).await? else {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Ok((StatusCode::UNAUTHORIZED, page::signed_out()).into_response());
        }
        let wanted = request.uri().path_and_query().map_or("/", |p| p.as_str());
        let door = format!("/sign-in?then={}", in_query(wanted));
        return Ok(see_other(&door));
    };
    // It began before there were marks: pages need one to know that it is open.
    let unmarked = (Mark::of(request.headers()) == Mark::Absent).then(|| {
        let left_s = (carried.expires_at - site.clock.now()).num_seconds();
        Cookies::of(request.headers()).set(cookies::MARK, &carried.mark(), left_s)
    });
    keep_connection(request.extensions());
    let (mut request, lost) = watched(&site, request, &carried.person);
    request.extensions_mut().insert(SignedIn(carried.person));
    let mut response = next.run(request).await;
    match lost.get() {
        None => {}
        Some(Fault::SignedOut) => {
            return Ok((StatusCode::UNAUTHORIZED, page::signed_out()).into_response());
        }
        Some(fault) => return Err(fault.clone()),
    }
    if let Some(mark) = unmarked {
        response.headers_mut().append(header::SET_COOKIE, mark?);
    }
    Ok(response)
}

/// The request with a body that does not end before it was asked once more whether its sender is still who they were
/// when they were let in: a body may be on its way for long, and what it asks for is done only when it is there. What
/// came between is told in the second.
fn watched(site: &Arc<Site>, request: Request, was: &Person) -> (Request, Arc<OnceLock<Fault>>) {
    let lost = Arc::new(OnceLock::new());
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return (request, lost);
    }
    let (parts, body) = request.into_parts();
    let tells = Arc::clone(&lost);
    let check = SessionCheck {
        site: Arc::clone(site),
        headers: parts.headers.clone(),
        person: was.id,
        administers: was.administrator,
    };
    let asked = async move {
        match check.ask().await {
            Ok(()) => Ok(Bytes::new()),
            Err(fault) => Err(tells.get_or_init(|| fault).clone()),
        }
    };
    let asked = stream::once(asked).map_err(axum::Error::new);
    let body = body.into_data_stream().chain(asked);
    (Request::from_parts(parts, Body::from_stream(body)), lost)
}

/// Asks again whether whoever was let in may still be: what takes long outlasts neither their session nor their
/// rights.
pub struct SessionCheck {
    site: Arc<Site>,
    headers: HeaderMap,
    person: PersonId,
    administers: bool,
}

impl SessionCheck {
    /// Of this person's request with these headers.
    pub fn of_person(site: &Arc<Site>, headers: HeaderMap, person: &Person) -> Self {
        Self {
            site: Arc::clone(site),
            headers,
            person: person.id,
            administers: false,
        }
    }

    /// The same, for what only an administrator may have.
    pub fn of_administrator(site: &Arc<Site>, headers: HeaderMap, person: &Person) -> Self {
        Self {
            administers: true,
            ..Self::of_person(site, headers, person)
        }
    }

    /// Whether they may still be here.
    ///
    /// # Errors
    /// [`Fault::SignedOut`], [`NOT_YOURS`], or what the store said.
    pub async fn ask(&self) -> Result<(), Fault> {
        match person(&self.site, &self.headers).await? {
            Some(now) if now.id != self.person => Err(Fault::SignedOut),
            Some(now) if self.administers && !now.administrator => Err(NOT_YOURS),
            Some(_) => Ok(()),
            None => Err(Fault::SignedOut),
        }
    }
}

/// A session that a request carries.
struct Carried {
    person: Person,
    token_hash: [u8; 32],
    expires_at: Time,
}

impl Carried {
    fn mark(&self) -> String {
        mark::text(self.person.id, &self.token_hash)
    }
}

/// The session that the cookie names, if it has not ended and the mark beside it says nothing else. One
/// that was ended in its browser while we were out of reach ends here.
async fn carried(site: &Site, headers: &HeaderMap) -> Result<Option<Carried>, Fault> {
    let Some(token_hash) = token_hash(headers) else {
        return Ok(None);
    };
    let session = site.log.people().session(token_hash, site.clock.now());
    let Some((person, expires_at)) = session.await? else {
        return Ok(None);
    };
    let carried = Carried {
        person,
        token_hash,
        expires_at,
    };
    let is_open = match Mark::of(headers) {
        Mark::Absent => true,
        Mark::Open(mark) => mark == carried.mark(),
        Mark::Ended | Mark::EndedEverywhere => {
            end_carried(site, headers, Which::This).await?;
            false
        }
    };
    Ok(is_open.then_some(carried))
}

/// Whose session the cookie names, if it is open. Reads; it writes only where the browser says that
/// its session has ended.
///
/// # Errors
/// What the store said.
pub async fn person(site: &Site, headers: &HeaderMap) -> Result<Option<Person>, Fault> {
    Ok(carried(site, headers).await?.map(|c| c.person))
}

/// Sessions to be ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The one that the request carries.
    This,
    /// All of its owner.
    Everywhere,
}

/// Ends the session that a request carries; all of its owner's where its mark asks for that.
///
/// # Errors
/// What the store said.
pub async fn end_carried(site: &Site, headers: &HeaderMap, which: Which) -> Result<(), Fault> {
    let Some(token_hash) = token_hash(headers) else {
        return Ok(());
    };
    let people = site.log.people();
    // A stranger's request writes nothing.
    let Some((owner, _)) = people.session(token_hash, site.clock.now()).await? else {
        return Ok(());
    };
    if which == Which::Everywhere || Mark::of(headers) == Mark::EndedEverywhere {
        people.end_sessions_of(owner.id).await?;
    } else {
        people.end_session(token_hash).await?;
    }
    Ok(())
}

/// The hash of the token in the cookie.
#[must_use]
pub fn token_hash(headers: &HeaderMap) -> Option<[u8; 32]> {
    cookies::value(headers, cookies::SESSION).map(hash_of)
}

/// Begins a session of this person in the place of the one that the request carries, and leads on to
/// `then`; a browser that has not shown yet that it keeps cookies by a page that looks ([`KEPT`]). `by` is the hash of the password that let them in; none who comes by a click.
///
/// # Errors
/// [`Fault::SignedOut`] when it is their password no more, or what the store said.
pub async fn begin(
    site: &Site,
    headers: &HeaderMap,
    person: PersonId,
    by: Option<&str>,
    then: &str,
) -> Result<Response, Fault> {
    let token = Token::random()?;
    let expires_at = site.clock.now() + chrono::Duration::days(SESSION_DAYS);
    let session = Session {
        token_hash: token.hash(),
        person,
        expires_at,
    };
    // Before the new one begins: the old one may ask for the end of all sessions of the same person.
    end_carried(site, headers, Which::This).await?;
    let mark = mark::text(person, &session.token_hash);
    let (password_hash, keep) = (by.map(str::to_owned), site.limits.sessions_per_person);
    let begun = site
        .log
        .people()
        .begin_session(session, password_hash, keep);
    if !begun.await? {
        return Err(Fault::SignedOut);
    }
    let mut response = match cookies::are_kept(headers) {
        true => see_other(then),
        false => see_other(&format!("{KEPT}?then={}", in_query(then))),
    };
    let max_age_s = SESSION_DAYS * DAY_S;
    put_cookies(headers, &mut response, &token.text(), &mark, max_age_s)?;
    if by.is_some() {
        browser::remember(site, headers, person, &mut response).await?;
    }
    Ok(response)
}

/// Takes the cookies of a session away that has ended.
///
/// # Errors
/// Never in practice: the cookies' text is ours.
pub fn take_cookies(headers: &HeaderMap, response: &mut Response) -> Result<(), Fault> {
    put_cookies(headers, response, "", "", 0)
}

fn put_cookies(
    headers: &HeaderMap,
    response: &mut Response,
    token: &str,
    mark: &str,
    max_age_s: i64,
) -> Result<(), Fault> {
    let cookies = Cookies::of(headers);
    let of_session = cookies.set(cookies::SESSION, token, max_age_s)?;
    let mark = cookies.set(cookies::MARK, mark, max_age_s)?;
    let out = response.headers_mut();
    out.append(header::SET_COOKIE, of_session);
    out.append(header::SET_COOKIE, mark);
    Ok(())
}

/// 303: fetch that page, whatever method brought you here.
pub fn see_other(path: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(path) else {
        return Fault::BadRequest("The address to go on to cannot be read.").into_response();
    };
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

/// Where to go on to after the door: a path of ours, whatever the address bar says.
#[must_use]
pub fn own_path(then: Option<&str>) -> &str {
    match then {
        Some(path)
            if path.starts_with('/')
                && !path.starts_with("//")
                && !path.contains('\\')
                && path.chars().all(|c| c.is_ascii_graphic()) =>
        {
            path
        }
        _ => "/",
    }
}

/// As it may stand as a value in a query.
fn in_query(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_the_door_it_goes_on_to_a_page_of_ours() {
        assert_eq!(
            own_path(Some("/incidents/INC-2026-0042?tab=people")),
            "/incidents/INC-2026-0042?tab=people"
        );
        for other in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "evil",
            "/a\nb",
            "",
        ] {
            assert_eq!(own_path(Some(other)), "/", "{other:?}");
        }
        assert_eq!(own_path(None), "/");
    }

    #[test]
    fn the_token_is_found_among_other_cookies_and_hashed() {
        let cookies = HeaderValue::from_static("a=b; __Host-drumbeat=secret; c=d");
        let headers = [(header::COOKIE, cookies)].into_iter().collect();
        assert_eq!(token_hash(&headers), Some(hash_of("secret")));
        assert_eq!(token_hash(&HeaderMap::new()), None);
    }

    #[test]
    fn an_address_survives_the_way_through_the_query() {
        assert_eq!(
            in_query("/incidents/INC-2026-0042?a=b&c"),
            "/incidents/INC-2026-0042%3Fa%3Db%26c"
        );
    }
}
