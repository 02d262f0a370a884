//! Requests whose body is still on its way.

use crate::site::Server;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Such a request.
pub struct HalfSent(TcpStream);

/// A request for this with a body of so many bytes. The answer's status when there is one without the body.
pub async fn begin(
    server: &Server,
    cookie: &str,
    (path, kind, size): (&str, &str, usize),
) -> Result<HalfSent, u16> {
    let address = server.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The server says to go on when it begins to read the body.
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\ncookie: {cookie}\r\ncontent-type: {kind}\r\n\
        content-length: {size}\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    match status(&mut stream).await {
        100 => Ok(HalfSent(stream)),
        other => Err(other),
    }
}

impl HalfSent {
    /// Sends the body and tells the status of the answer.
    pub async fn end(mut self, body: &[u8]) -> u16 {
        self.0.write_all(body).await.unwrap();
        status(&mut self.0).await
    }
}

/// The status of the answer that comes next; its headers are read as well.
async fn status(stream: &mut TcpStream) -> u16 {
    status_of(&head(stream).await)
}

async fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

fn status_of(head: &str) -> u16 {
    head.split(' ').nth(1).unwrap().parse().unwrap()
}

/// Sends half of a body of so many bytes, reads the answer, sends the other half, and asks for something else on the same
/// connection. The status of both answers.
pub async fn answered_early(
    server: &Server,
    cookie: &str,
    (path, kind, size): (&str, &str, usize),
) -> (u16, u16) {
    let address = server.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\ncookie: {cookie}\r\ncontent-type: {kind}\r\n\
        content-length: {size}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let half = vec![b'a'; size / 2];
    stream.write_all(&half).await.unwrap();
    let early = answer(&mut stream).await;
    stream.write_all(&half).await.unwrap();
    let next = format!("GET /healthz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(next.as_bytes()).await.unwrap();
    (early, answer(&mut stream).await)
}

/// The status of the answer that comes next; all of it is read.
async fn answer(stream: &mut TcpStream) -> u16 {
    let head = head(stream).await;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<usize>().unwrap())
    });
    let mut body = vec![0; length.unwrap()];
    stream.read_exact(&mut body).await.unwrap();
    status_of(&head)
}
