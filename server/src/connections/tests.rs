//! On real connections, with short times.

use super::*;
use axum::body::{Bytes, to_bytes};
use axum::routing::{get, post};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Longer than anything takes; only a fault waits so long.
const PATIENCE: Duration = Duration::from_secs(30);
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: here\r\n\r\n";

/// Answers what somebody sends who is signed in.
async fn of_signed_in(request: Request<Body>) -> Bytes {
    keep_connection(request.extensions());
    to_bytes(request.into_body(), 99).await.unwrap()
}

/// A server of one path, which answers when it is told to.
struct Served {
    at: SocketAddr,
    /// A permit for each slow answer that was begun.
    begun: Arc<Semaphore>,
    go: Arc<Notify>,
    stop: watch::Sender<bool>,
    ended: JoinHandle<()>,
}

async fn served(limits: ConnectionLimits) -> Served {
    let go = Arc::new(Notify::new());
    let begun = Arc::new(Semaphore::new(0));
    let (waits, begins) = (Arc::clone(&go), Arc::clone(&begun));
    let slow = move || {
        let (waits, begins) = (Arc::clone(&waits), Arc::clone(&begins));
        async move {
            begins.add_permits(1);
            waits.notified().await;
            "slow"
        }
    };
    let router = Router::new()
        .route("/", get("here"))
        .route("/slow", get(slow))
        .route("/form", post(|body: Bytes| async move { body }))
        .route("/signed-in", post(of_signed_in))
        .route("/healthz", get("ok"));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let (stop, stopping) = watch::channel(false);
    let ended = tokio::spawn(serve(listener, router, limits, stopping));
    Served {
        at,
        begun,
        go,
        stop,
        ended,
    }
}

async fn connected(served: &Served) -> TcpStream {
    TcpStream::connect(served.at).await.unwrap()
}

/// Asks for the slow answer; returns when the server is at work on it.
async fn begin_slow(served: &Served, stream: &mut TcpStream) {
    stream
        .write_all(b"GET /slow HTTP/1.1\r\nhost: here\r\n\r\n")
        .await
        .unwrap();
    let begun = timeout(PATIENCE, served.begun.acquire()).await;
    begun.expect("it never began").unwrap().forget();
}

/// Reads until these words came.
async fn read_until(stream: &mut TcpStream, wanted: &str) -> String {
    let mut read = Vec::new();
    let all = async {
        while !String::from_utf8_lossy(&read).contains(wanted) {
            assert_ne!(stream.read_buf(&mut read).await.unwrap(), 0, "it ended");
        }
    };
    timeout(PATIENCE, all).await.expect("it never came");
    String::from_utf8(read).unwrap()
}

async fn closes(stream: &mut TcpStream) {
    let mut rest = Vec::new();
    // Closed with bytes unread, it may be a reset.
    let _end = timeout(PATIENCE, stream.read_to_end(&mut rest))
        .await
        .expect("it stayed open");
}

fn short() -> ConnectionLimits {
    ConnectionLimits {
        header: Duration::from_millis(100),
        idle: Duration::from_millis(200),
        ..ConnectionLimits::default()
    }
}

#[tokio::test]
async fn who_says_nothing_or_does_not_end_their_headers_is_let_go() {
    let served = served(short()).await;
    let (mut silent, mut begun) = (connected(&served).await, connected(&served).await);
    begun.write_all(b"GET / HTTP/1.1\r\nhost: h").await.unwrap();
    closes(&mut silent).await;
    closes(&mut begun).await;
}

#[tokio::test]
async fn a_connection_that_rests_too_long_is_closed_and_an_answer_that_takes_long_is_waited_for() {
    let served = served(short()).await;
    let mut slow = connected(&served).await;
    begin_slow(&served, &mut slow).await;
    let mut rests = connected(&served).await;
    rests.write_all(REQUEST).await.unwrap();
    read_until(&mut rests, "here").await;
    closes(&mut rests).await;
    // By now the slow one has waited for longer than any of the times.
    served.go.notify_one();
    read_until(&mut slow, "slow").await;
}

#[tokio::test]
async fn while_all_are_at_work_health_is_answered_and_others_are_told_to_come_back() {
    let served = served(ConnectionLimits {
        all: 2,
        spare: 1,
        ..ConnectionLimits::default()
    })
    .await;
    let mut busy = [connected(&served).await, connected(&served).await];
    for stream in &mut busy {
        begin_slow(&served, stream).await;
    }
    for (path, expected) in [("/healthz", "ok"), ("/", "503 Service Unavailable")] {
        let mut spare = connected(&served).await;
        let request = format!("GET {path} HTTP/1.1\r\nhost: here\r\n\r\n");
        spare.write_all(request.as_bytes()).await.unwrap();
        // The head and what it says may come apart.
        let answer = read_until(&mut spare, "\r\n\r\n").await;
        let answer = match answer.contains(expected) {
            true => answer,
            false => answer + &read_until(&mut spare, expected).await,
        };
        assert!(answer.contains("connection: close"), "{answer}");
        closes(&mut spare).await;
    }
    for stream in &mut busy {
        served.go.notify_one();
        read_until(stream, "slow").await;
    }
}

#[tokio::test]
async fn silent_spare_connections_make_room_for_health() {
    let served = served(ConnectionLimits {
        all: 1,
        spare: 2,
        ..ConnectionLimits::default()
    })
    .await;
    let mut busy = connected(&served).await;
    begin_slow(&served, &mut busy).await;
    let mut silent = [connected(&served).await, connected(&served).await];
    let mut health = connected(&served).await;
    let request = b"GET /healthz HTTP/1.1\r\nhost: here\r\n\r\n";
    health.write_all(request).await.unwrap();
    read_until(&mut health, "200 OK").await;
    closes(&mut silent[0]).await;
    served.go.notify_one();
    read_until(&mut busy, "slow").await;
}

#[tokio::test]
async fn a_spare_connection_has_less_time_for_its_headers() {
    let served = served(ConnectionLimits {
        all: 1,
        spare: 1,
        // Closing it in this time would be a fault of the test's patience.
        header: PATIENCE * 10,
        spare_header: Duration::from_millis(100),
        ..ConnectionLimits::default()
    })
    .await;
    let mut busy = connected(&served).await;
    begin_slow(&served, &mut busy).await;
    let mut spare = connected(&served).await;
    spare.write_all(b"GET /heal").await.unwrap();
    closes(&mut spare).await;
}

#[tokio::test]
async fn headers_beyond_64_kb_are_not_waited_for_and_a_longer_body_is_taken() {
    let served = served(ConnectionLimits {
        header: PATIENCE * 10,
        ..ConnectionLimits::default()
    })
    .await;
    let mut endless = connected(&served).await;
    let headers = format!("GET / HTTP/1.1\r\nx: {}", "a".repeat(100_000));
    // The server may close it before all is sent.
    let _sent = endless.write_all(headers.as_bytes()).await;
    closes(&mut endless).await;

    let mut stream = connected(&served).await;
    let long = "a".repeat(30_000);
    let body = format!("{}end", "b".repeat(500_000));
    let head = format!(
        "POST /form HTTP/1.1\r\nhost: here\r\nx: {long}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body.as_bytes()).await.unwrap();
    let answer = read_until(&mut stream, "bend").await;
    assert!(answer.ends_with(&body));
}

/// Sends a body up to its last byte, once the server has begun to read.
async fn begin_body(served: &Served, path: &str) -> TcpStream {
    let mut stream = connected(served).await;
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: here\r\ncontent-length: 3\r\nexpect: 100-continue\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    read_until(&mut stream, "100 Continue\r\n\r\n").await;
    stream.write_all(b"ab").await.unwrap();
    stream
}

#[tokio::test]
async fn a_body_that_does_not_come_makes_room_unless_its_sender_is_signed_in() {
    let served = served(ConnectionLimits {
        all: 2,
        spare: 0,
        ..ConnectionLimits::default()
    })
    .await;
    let mut signed_in = begin_body(&served, "/signed-in").await;
    let mut stranger = begin_body(&served, "/form").await;
    let mut next = connected(&served).await;
    next.write_all(REQUEST).await.unwrap();
    read_until(&mut next, "here").await;
    closes(&mut stranger).await;
    signed_in.write_all(b"c").await.unwrap();
    read_until(&mut signed_in, "abc").await;
}

#[tokio::test]
async fn stopping_answers_what_was_begun_and_closes_what_rests() {
    let served = served(ConnectionLimits::default()).await;
    let (mut slow, mut rests) = (connected(&served).await, connected(&served).await);
    rests.write_all(REQUEST).await.unwrap();
    read_until(&mut rests, "here").await;
    begin_slow(&served, &mut slow).await;
    let mut silent = connected(&served).await;
    served.stop.send_replace(true);
    closes(&mut rests).await;
    closes(&mut silent).await;
    served.go.notify_one();
    read_until(&mut slow, "slow").await;
    timeout(PATIENCE, served.ended)
        .await
        .expect("it went on")
        .unwrap();
}
