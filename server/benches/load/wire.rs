//! One kept connection that does as little as a client can: a client that works more than the server would hide what
//! the server costs.

use anyhow::{Context as _, ensure};
use std::io::Read;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What browsers accept.
pub const AS_BROWSERS: &str = "gzip, deflate, br";
const HEADERS_MAX: usize = 32;
const BUFFER_BYTES: usize = 16 * 1024;
const HEAD_BEFORE: &[u8] = b"{\"head\":";

/// A connection.
pub struct Wire {
    stream: TcpStream,
    received: Vec<u8>,
}

/// A whole answer as it came.
pub struct Answer<'a> {
    pub bytes: &'a [u8],
    head_bytes: usize,
}

impl Wire {
    pub async fn to(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.context("connecting")?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            received: Vec::with_capacity(BUFFER_BYTES),
        })
    }

    /// Sends a request and returns the answer when all of it is there.
    pub async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<Answer<'_>> {
        self.received.clear();
        self.stream.write_all(request).await?;
        loop {
            if let Some(head_bytes) = whole(&self.received)? {
                return Ok(Answer {
                    bytes: &self.received,
                    head_bytes,
                });
            }
            self.read_more().await?;
        }
    }

    /// Sends a request whose answer never ends; read it with [`Wire::next_head`].
    pub async fn follow(&mut self, request: &[u8]) -> anyhow::Result<()> {
        self.received.clear();
        Ok(self.stream.write_all(request).await?)
    }

    /// The next place in the log that the live feed tells. Nothing is lost when it is dropped half-way.
    pub async fn next_head(&mut self) -> anyhow::Result<u64> {
        loop {
            let start = self
                .received
                .windows(HEAD_BEFORE.len())
                .position(|w| w == HEAD_BEFORE);
            let start = start.map(|at| at + HEAD_BEFORE.len());
            let end = start.and_then(|s| {
                self.received[s..]
                    .iter()
                    .position(|b| *b == b'}')
                    .map(|n| s + n)
            });
            if let (Some(start), Some(end)) = (start, end) {
                let head = std::str::from_utf8(&self.received[start..end])?.parse()?;
                self.received.drain(..end);
                return Ok(head);
            }
            self.read_more().await?;
        }
    }

    async fn read_more(&mut self) -> anyhow::Result<()> {
        let read = self.stream.read_buf(&mut self.received).await?;
        ensure!(
            read > 0,
            "the server closed: {}",
            String::from_utf8_lossy(&self.received)
        );
        Ok(())
    }
}

impl<'a> Answer<'a> {
    /// An answer that was kept.
    pub fn of(bytes: &'a [u8]) -> anyhow::Result<Self> {
        let head_bytes = whole(bytes)?.context("half an answer")?;
        Ok(Self { bytes, head_bytes })
    }

    /// The same answer if it is a 200.
    pub fn ok(self) -> anyhow::Result<Self> {
        ensure!(
            self.bytes.starts_with(b"HTTP/1.1 200 "),
            "{}",
            String::from_utf8_lossy(self.bytes)
        );
        Ok(self)
    }

    /// All headers.
    pub fn headers(&self) -> anyhow::Result<Vec<(String, String)>> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut response = httparse::Response::new(&mut headers);
        response.parse(self.bytes)?;
        let shown = |h: &httparse::Header<'_>| {
            (
                h.name.to_owned(),
                String::from_utf8_lossy(h.value).into_owned(),
            )
        };
        Ok(response.headers.iter().map(shown).collect())
    }

    /// One header; empty when it is not there.
    pub fn header(&self, name: &str) -> anyhow::Result<String> {
        let mut headers = self.headers()?.into_iter();
        Ok(headers
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .unwrap_or_default())
    }

    /// The body as it was packed.
    pub fn body(&self) -> anyhow::Result<Vec<u8>> {
        let raw = &self.bytes[self.head_bytes..];
        if self.header("transfer-encoding")? != "chunked" {
            return Ok(raw.to_vec());
        }
        let mut body = Vec::new();
        unchunk(raw, |chunk| body.extend_from_slice(chunk))?;
        Ok(body)
    }

    /// The body as it is read.
    pub fn text(&self) -> anyhow::Result<String> {
        let (body, mut text) = (self.body()?, String::new());
        let mut unpacked: Box<dyn Read> = match self.header("content-encoding")?.as_str() {
            "br" => Box::new(brotli::Decompressor::new(body.as_slice(), BUFFER_BYTES)),
            "gzip" => Box::new(flate2::read::GzDecoder::new(body.as_slice())),
            _ => Box::new(body.as_slice()),
        };
        unpacked.read_to_string(&mut text)?;
        Ok(text)
    }
}

/// A GET as a browser sends it.
pub fn get(path: &str, encodings: &str, cookie: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nhost: localhost\r\naccept-encoding: {encodings}\r\n\
         sec-fetch-site: same-origin\r\ncookie: {cookie}\r\n\r\n"
    )
    .into_bytes()
}

/// A POST as a page of ours sends it.
pub fn post(path: &str, kind: &str, cookie: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\naccept-encoding: {AS_BROWSERS}\r\n\
         sec-fetch-site: same-origin\r\ncookie: {cookie}\r\ncontent-type: {kind}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// How long the head is, if the answer is there to its end.
fn whole(bytes: &[u8]) -> anyhow::Result<Option<usize>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head_bytes) = response.parse(bytes)? else {
        return Ok(None);
    };
    let body = &bytes[head_bytes..];
    for header in response.headers.iter() {
        if header.name.eq_ignore_ascii_case("content-length") {
            let length: usize = std::str::from_utf8(header.value)?.parse()?;
            return Ok((body.len() >= length).then_some(head_bytes));
        }
        if header.name.eq_ignore_ascii_case("transfer-encoding") {
            return Ok(unchunk(body, |_| ())?.then_some(head_bytes));
        }
    }
    Ok(Some(head_bytes))
}

/// Hands over each whole chunk; tells whether the last one was there.
fn unchunk(mut rest: &[u8], mut each: impl FnMut(&[u8])) -> anyhow::Result<bool> {
    loop {
        let parsed = httparse::parse_chunk_size(rest)
            .map_err(|_| anyhow::anyhow!("a chunk without its size"))?;
        let httparse::Status::Complete((start, length)) = parsed else {
            return Ok(false);
        };
        let end = start + usize::try_from(length)?;
        // Each chunk is followed by the end of a line.
        if rest.len() < end + 2 {
            return Ok(false);
        }
        if length == 0 {
            return Ok(true);
        }
        each(&rest[start..end]);
        rest = &rest[end + 2..];
    }
}
