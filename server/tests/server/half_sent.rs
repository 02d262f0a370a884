//! Requests that were let in and whose body is still on its way.

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
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    head.split(' ').nth(1).unwrap().parse().unwrap()
}
