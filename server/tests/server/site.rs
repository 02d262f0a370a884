//! The real router on a real file database and a free port, inside the test.

use app::api::{Outcome, Pushed, Snapshot};
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use domain::{Command, CommandId, Envelope, IncidentId, Person, PersonId, Policy, Time};
use reqwest::{Client, RequestBuilder, Response, StatusCode, redirect};
use serde_json::{Value, json};
use server::clock::ServerClock;
use server::connections::{self, ConnectionLimits};
use server::demo;
use server::http::{Limits, PublicUrl, Site, router};
use server::log::Log;
use server::store::{Session, SqliteStore, Store};
use sha2::{Digest, Sha256};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower::ServiceExt as _;
use uuid::Uuid;

/// A running server; gone when dropped.
pub struct Server {
    pub url: String,
    pub client: Client,
    pub log: Log,
    pub store: Arc<dyn Store>,
    pub clock: ServerClock,
    pub stop: watch::Sender<bool>,
    pub setup_path: String,
    app: Router,
    _folder: TempDir,
}

/// Somebody's browser.
pub struct Browser<'a> {
    pub server: &'a Server,
    pub cookie: String,
}

impl Server {
    /// One that anybody may enter as one of the people of the demo, with nothing on its log.
    pub async fn with_demo_people() -> Self {
        Self::start(true).await
    }

    /// The same within other bounds.
    pub async fn with_limits(limits: Limits) -> Self {
        Self::start_in(
            tempfile::tempdir().unwrap(),
            true,
            ServerClock::default(),
            limits,
        )
        .await
    }

    /// One that asks for passwords, and has no account yet.
    pub async fn with_passwords() -> Self {
        Self::start(false).await
    }

    /// The same within other bounds.
    pub async fn with_passwords_within(limits: Limits) -> Self {
        let clock = ServerClock::default();
        Self::start_in(tempfile::tempdir().unwrap(), false, clock, limits).await
    }

    async fn start(demo: bool) -> Self {
        let clock = ServerClock::default();
        Self::start_in(tempfile::tempdir().unwrap(), demo, clock, Limits::default()).await
    }

    /// As [`Server::with_demo_people`], on a machine with this clock.
    #[cfg(feature = "test-clock")]
    pub async fn with_clock(clock: ServerClock) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), true, clock, Limits::default()).await
    }

    /// Another one on the same database and the same machine, as after a restart.
    pub async fn restarted(self) -> Self {
        self.restarted_after("").await
    }

    /// The same, once this was done to the file behind the server's back.
    pub async fn restarted_after(self, change: &str) -> Self {
        let Self {
            _folder: folder,
            log,
            stop,
            clock,
            ..
        } = self;
        stop.send_replace(true);
        log.shutdown().await;
        if !change.is_empty() {
            let file = folder.path().join("drumbeat.db");
            let mut file = SqliteConnectOptions::new()
                .filename(file)
                .connect()
                .await
                .unwrap();
            let change = sqlx::AssertSqlSafe(change.to_owned());
            sqlx::raw_sql(change).execute(&mut file).await.unwrap();
        }
        Self::start_in(folder, true, next_start(&clock), Limits::default()).await
    }

    async fn start_in(folder: TempDir, demo: bool, clock: ServerClock, limits: Limits) -> Self {
        let url = format!("sqlite://{}", folder.path().join("drumbeat.db").display());
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&url).await.unwrap());
        let people = if demo { demo::people() } else { Vec::new() };
        for account in &people {
            // Known already after a restart.
            let _added: bool = store.add_account(account).await.unwrap();
        }
        let log = Log::start(Arc::clone(&store), Policy::default(), clock.clone())
            .await
            .unwrap();
        let (stop, stopping) = watch::channel(false);
        let people = people.into_iter().map(|a| a.person).collect();
        let site = Site::new(
            log.clone(),
            Arc::clone(&store),
            clock.clone(),
            stopping.clone(),
            people,
        );
        let setup_path = site.open_setup().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let site = site.reached_at(PublicUrl::of_listener(address));
        let app = router(Arc::new(site.with_limits(limits)));
        let url = format!("http://{address}");
        let held = ConnectionLimits::default();
        tokio::spawn(connections::serve(listener, app.clone(), held, stopping));
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            url,
            client,
            log,
            store,
            clock,
            stop,
            setup_path,
            app,
            _folder: folder,
        }
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.url))
    }

    pub fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.url))
    }

    /// The answer to a GET, whole.
    pub async fn page(&self, path: &str) -> (StatusCode, String) {
        let response = self.get(path).send().await.unwrap();
        (response.status(), response.text().await.unwrap())
    }

    /// The cookie of a session of this person, made without the door.
    pub async fn session_of(&self, person: PersonId) -> String {
        let token = person.to_string();
        let token_hash = Sha256::digest(&token).into();
        let expires_at = self.clock.now() + chrono::Duration::days(1);
        self.store
            .add_session(&Session {
                token_hash,
                person,
                expires_at,
            })
            .await
            .unwrap();
        format!("drumbeat={token}")
    }

    /// An answer of the app to a GET without a connection: no piece of its body is made before somebody asks for it.
    pub async fn unread(&self, path: &str, cookie: &str) -> axum::response::Response {
        let request = Request::get(path)
            .header("host", self.url.trim_start_matches("http://"))
            .header("cookie", cookie)
            .body(Body::empty());
        self.app.clone().oneshot(request.unwrap()).await.unwrap()
    }

    /// A browser in which the n-th person of the demo has signed in.
    pub async fn enter(&self, nth: usize) -> Browser<'_> {
        let person = demo::people()[nth].person.id.to_string();
        let response = self.post("/sign-in").body(format!("person={person}"));
        let response = response.header("content-type", FORM).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        Browser {
            server: self,
            cookie: cookie_of(&response).unwrap(),
        }
    }
}

/// A restart does not set the machine's clock.
#[cfg(feature = "test-clock")]
fn next_start(clock: &ServerClock) -> ServerClock {
    clock.of_next_start()
}

#[cfg(not(feature = "test-clock"))]
fn next_start(_: &ServerClock) -> ServerClock {
    ServerClock::default()
}

pub const FORM: &str = "application/x-www-form-urlencoded";

/// The cookie that an answer sets, as a browser sends it back.
pub fn cookie_of(response: &Response) -> Option<String> {
    let cookie = response.headers().get("set-cookie")?.to_str().ok()?;
    Some(cookie.split(';').next()?.to_owned())
}

impl Browser<'_> {
    pub fn get(&self, path: &str) -> RequestBuilder {
        self.server.get(path).header("cookie", &self.cookie)
    }

    pub fn post(&self, path: &str) -> RequestBuilder {
        self.server.post(path).header("cookie", &self.cookie)
    }

    /// Calls a server function.
    pub async fn call(&self, function: &str, arguments: &Value) -> Response {
        self.post(&format!("/sync/{function}"))
            .json(arguments)
            .send()
            .await
            .unwrap()
    }

    pub async fn snapshot(&self) -> Snapshot {
        let response = self.call("snapshot", &json!({ "number": null })).await;
        assert_eq!(response.status(), StatusCode::OK);
        response.json().await.unwrap()
    }

    /// See [`Server::unread`].
    pub async fn unread(&self, path: &str) -> axum::response::Response {
        self.server.unread(path, &self.cookie).await
    }

    pub async fn me(&self) -> Person {
        self.snapshot().await.me
    }

    pub async fn push(&self, commands: &[Envelope]) -> Pushed {
        let response = self
            .call("push", &json!({ "since": 0, "commands": commands }))
            .await;
        assert_eq!(response.status(), StatusCode::OK);
        response.json().await.unwrap()
    }

    /// Sends one command that must be accepted.
    pub async fn does(&self, incident: IncidentId, command: Command) -> CommandId {
        let envelope = envelope(incident, self.server.clock.now(), command);
        let pushed = self.push(std::slice::from_ref(&envelope)).await;
        assert_eq!(
            pushed.answers[0].outcome,
            Outcome::Accepted,
            "{:?}",
            envelope.command
        );
        envelope.id
    }
}

/// Whether a page has a script beside our own, which comes from a file: words of somebody else are text.
pub fn other_scripts(page: &str) -> bool {
    let mut scripts = page.split("<script").skip(1);
    scripts.any(|script| {
        let own = script.strip_prefix(" type=\"module\" src=\"/pkg/");
        own.and_then(|rest| rest.split_once("\"></script>"))
            .is_none_or(|(name, _)| name.contains(['"', '<', '>']))
    })
}

/// A command on its way, with an id of its own.
pub fn envelope(incident: IncidentId, made_at: Time, command: Command) -> Envelope {
    Envelope {
        id: CommandId(new_id()),
        incident,
        made_at,
        command,
    }
}

/// An id of the shape of a UUIDv7, new in this process and, in effect, among all.
pub fn new_id() -> Uuid {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let nth = u128::from(NEXT.fetch_add(1, Ordering::SeqCst));
    let process = u128::from(std::process::id());
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | process << 32 | nth)
}
