//! Answers that carry what others wrote. A hundred browsers that follow the log get the same events, each with words
//! of its own around them: the events are packed once, as a part of a gzip file that begins and ends at a whole byte,
//! and each answer is put together from it (RFC 1951 §3.2.4, RFC 1952).

use super::encoding::Encoding;
use app::api::PulledEvent;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Packed events that are kept: those who follow are at a few places of the log at a time.
const KEPT: usize = 16;
/// Deflate, no name, no time, no system.
const GZIP_HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// The most that a stored block holds.
const BLOCK_MAX_BYTES: usize = u16::MAX as usize;

/// What was packed lately.
#[derive(Default)]
pub struct Packer(Mutex<VecDeque<Arc<Packed>>>);

/// Events as a part of a gzip file.
struct Packed {
    /// The first and the last of them, and how many there are: the very same, not equal ones, for times may have been
    /// corrected since.
    first: Arc<str>,
    last: Arc<str>,
    count: usize,
    deflated: Vec<u8>,
    sum: Crc,
}

/// JSON with a list of events in it.
pub struct WithEvents<'a> {
    /// Up to the first event.
    pub before: String,
    pub events: &'a [PulledEvent],
    /// After the last one; never empty.
    pub after: String,
}

impl Packer {
    /// The answer, packed if the client takes that and it is worth it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn answer(
        &self,
        headers: &HeaderMap,
        json: &WithEvents<'_>,
    ) -> Result<Response, serde_json::Error> {
        let kind = HeaderValue::from_static("application/json");
        let mut response = match self.packed(headers, json)? {
            None => json.text()?.into_response(),
            Some(packed) => {
                let mut response = Bytes::from(json.gzip(&packed)).into_response();
                let headers = response.headers_mut();
                let gzip = HeaderValue::from_static("gzip");
                headers.insert(header::CONTENT_ENCODING, gzip);
                let vary = HeaderValue::from_static("accept-encoding");
                headers.insert(header::VARY, vary);
                response
            }
        };
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        Ok(response)
    }

    /// None where it goes out plain.
    fn packed(
        &self,
        headers: &HeaderMap,
        json: &WithEvents<'_>,
    ) -> Result<Option<Arc<Packed>>, serde_json::Error> {
        let bytes: usize = json.events.iter().map(PulledEvent::bytes).sum();
        if bytes < usize::from(super::PACKED_MIN_BYTES) || !Encoding::takes_gzip(headers) {
            return Ok(None);
        }
        let ends = json.events.first().zip(json.events.last());
        let ends = ends.and_then(|(first, last)| first.json().zip(last.json()));
        // What was read from the store for one reader alone is packed on its way out.
        let Some((first, last)) = ends else {
            return Ok(None);
        };
        // Whoever asks for the same meanwhile waits for it: that is shorter than packing it too.
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = json.events.len();
        let is_it = |p: &&Arc<Packed>| {
            Arc::ptr_eq(&p.first, first) && Arc::ptr_eq(&p.last, last) && p.count == count
        };
        if let Some(found) = kept.iter().find(is_it) {
            return Ok(Some(Arc::clone(found)));
        }
        let text = PulledEvent::list(json.events)?;
        let Some(deflated) = deflated(&text) else {
            return Ok(None);
        };
        let packed = Arc::new(Packed {
            first: Arc::clone(first),
            last: Arc::clone(last),
            count,
            sum: sum(&text),
            deflated,
        });
        kept.truncate(KEPT - 1);
        kept.push_front(Arc::clone(&packed));
        Ok(Some(packed))
    }
}

impl WithEvents<'_> {
    fn text(&self) -> Result<String, serde_json::Error> {
        let events = PulledEvent::list(self.events)?;
        Ok(format!("{}{events}{}", self.before, self.after))
    }

    fn gzip(&self, events: &Packed) -> Vec<u8> {
        let room = self.before.len() + events.deflated.len() + self.after.len() + 64;
        let mut file = Vec::with_capacity(room);
        file.extend_from_slice(&GZIP_HEAD);
        store(&mut file, &self.before, false);
        file.extend_from_slice(&events.deflated);
        store(&mut file, &self.after, true);
        let mut all = sum(&self.before);
        all.combine(&events.sum);
        all.combine(&sum(&self.after));
        file.extend_from_slice(&all.sum().to_le_bytes());
        file.extend_from_slice(&all.amount().to_le_bytes());
        file
    }
}

/// As it is, in blocks that are not packed; they begin at a whole byte.
fn store(file: &mut Vec<u8>, text: &str, is_end: bool) {
    let mut blocks = text.as_bytes().chunks(BLOCK_MAX_BYTES).peekable();
    while let Some(block) = blocks.next() {
        let is_last = is_end && blocks.peek().is_none();
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        file.push(u8::from(is_last));
        file.extend_from_slice(&length.to_le_bytes());
        file.extend_from_slice(&(!length).to_le_bytes());
        file.extend_from_slice(block);
    }
}

/// Up to a whole byte, and not the end of the file. None when it cannot be packed.
fn deflated(text: &str) -> Option<Vec<u8>> {
    let mut packer = Compress::new(Compression::fast(), false);
    let mut out = Vec::with_capacity(text.len() / 2 + 1_024);
    loop {
        let read = usize::try_from(packer.total_in()).ok()?;
        let rest = text.as_bytes().get(read..)?;
        let status = packer
            .compress_vec(rest, &mut out, FlushCompress::Sync)
            .ok()?;
        let is_read = packer.total_in() == text.len() as u64;
        if is_read && out.len() < out.capacity() {
            return Some(out);
        }
        if status == Status::StreamEnd {
            return None;
        }
        out.reserve(1_024.max(text.len() / 8));
    }
}

fn sum(text: &str) -> Crc {
    let mut sum = Crc::new();
    sum.update(text.as_bytes());
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::contract::{Scribe, declared};
    use std::io::Read as _;

    fn events(count: u32) -> Vec<PulledEvent> {
        let mut scribe = Scribe::default();
        let written = (1..=count).flat_map(|n| {
            scribe
                .accepted(n.into(), n.into(), declared("Ü <b>", n))
                .events
        });
        written.map(|r| PulledEvent::for_many(r, 300)).collect()
    }

    fn asks(encodings: &'static str) -> HeaderMap {
        let value = HeaderValue::from_static(encodings);
        [(header::ACCEPT_ENCODING, value)].into_iter().collect()
    }

    async fn body(response: Response) -> Vec<u8> {
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await;
        body.unwrap().to_vec()
    }

    fn around(events: &[PulledEvent], before: String) -> WithEvents<'_> {
        let after = "],\"head\":7}".to_owned();
        WithEvents {
            before,
            events,
            after,
        }
    }

    fn unpacked(packed: &[u8]) -> String {
        let mut text = String::new();
        let mut reader = flate2::read::GzDecoder::new(packed);
        reader.read_to_string(&mut text).unwrap();
        text
    }

    #[tokio::test]
    async fn answers_around_the_same_events_unpack_to_what_is_sent_plain() {
        let (packer, events) = (Packer::default(), events(40));
        for (from, before) in [
            (0, "{\"a\":\"ä\",["),
            (0, "{["),
            (7, "{["),
            (0, "{\"b\":1,["),
        ] {
            let json = around(&events[from..], before.to_owned());
            let plain = packer.answer(&asks("identity"), &json).unwrap();
            assert!(!plain.headers().contains_key(header::CONTENT_ENCODING));
            let packed = packer.answer(&asks("gzip, deflate, br"), &json).unwrap();
            assert_eq!(packed.headers()[header::CONTENT_ENCODING], "gzip");
            let (plain, packed) = (body(plain).await, body(packed).await);
            assert_eq!(unpacked(&packed).into_bytes(), plain);
            assert!(packed.len() * 3 < plain.len());
        }
        assert_eq!(packer.0.lock().unwrap().len(), 2);
    }

    #[tokio::test]
    async fn what_is_longer_than_a_block_around_them_unpacks_too() {
        let (packer, events) = (Packer::default(), events(40));
        let json = around(&events, "x".repeat(3 * BLOCK_MAX_BYTES + 1));
        let packed = body(packer.answer(&asks("gzip"), &json).unwrap()).await;
        assert_eq!(unpacked(&packed), json.text().unwrap());
    }

    #[test]
    fn equal_events_that_are_not_the_same_are_packed_anew() {
        let packer = Packer::default();
        for round in 1..=2 {
            let events = events(40);
            let json = around(&events, String::new());
            packer.answer(&asks("gzip"), &json).unwrap();
            assert_eq!(packer.0.lock().unwrap().len(), round);
        }
    }

    #[test]
    fn as_many_are_kept_as_said() {
        let (packer, events) = (Packer::default(), events(40));
        for from in 0..KEPT + 5 {
            let json = around(&events[from..], String::new());
            packer.answer(&asks("gzip"), &json).unwrap();
        }
        assert_eq!(packer.0.lock().unwrap().len(), KEPT);
    }
}
