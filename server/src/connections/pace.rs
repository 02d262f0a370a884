//! How long a connection may take for what it does. Its bytes and its requests are watched; the time is looked at
//! whenever it moves, and at the moment when it would have been too long.

use super::ConnectionLimits;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{Extensions, Request};
use hyper::body::{Frame, Incoming, SizeHint};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    /// Nothing has come yet.
    Silent,
    /// Headers are coming.
    Headers,
    /// A request is being answered. How long that takes is for the handler to bound.
    AtWork,
    /// An answer goes on, or is long on its way out.
    Streaming,
    /// Nothing is to be done; a short answer may be on its way out.
    Resting,
    /// The body of a request is coming, and its sender is not known to be signed in. The handler bounds the time.
    Receiving,
}

/// What a connection is doing, as those see it who wait for it.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    phase: AtomicU8,
    /// Counts whatever starts the time anew.
    beats: AtomicU32,
}

impl Pulse {
    pub(super) fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Relaxed) {
            0 => Phase::Silent,
            1 => Phase::Headers,
            2 => Phase::AtWork,
            3 => Phase::Streaming,
            4 => Phase::Resting,
            _ => Phase::Receiving,
        }
    }

    /// To be kept while this is so.
    pub(super) fn at(self: &Arc<Self>, phase: Phase) -> During {
        self.enter(phase);
        During(Some(Arc::clone(self)))
    }

    fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::Relaxed);
        self.beat();
    }

    fn beat(&self) {
        self.beats.fetch_add(1, Ordering::Relaxed);
    }

    /// The body is there, or its sender is signed in: the connection makes no room for others any more.
    fn has_received(&self) {
        if self.phase() == Phase::Receiving {
            self.enter(Phase::AtWork);
        }
    }

    fn has_read(&self) {
        match self.phase() {
            Phase::Silent | Phase::Resting => self.enter(Phase::Headers),
            // However they drip, headers have one time for all of them.
            Phase::Headers | Phase::AtWork | Phase::Streaming | Phase::Receiving => {}
        }
    }

    fn has_written(&self) {
        self.beat();
    }
}

/// What a connection does as long as this is kept; then it rests. See [`Pulse::at`].
pub(super) struct During(Option<Arc<Pulse>>);

impl During {
    /// Goes on as something else.
    pub(super) fn go_on(mut self, phase: Phase) -> Self {
        if let Some(pulse) = &self.0 {
            pulse.enter(phase);
        }
        Self(self.0.take())
    }
}

impl Drop for During {
    fn drop(&mut self) {
        if let Some(pulse) = &self.0 {
            pulse.enter(Phase::Resting);
        }
    }
}

/// The connection of a request whose body is coming, as an extension of the request.
#[derive(Clone)]
struct Connection(Arc<Pulse>);

/// Keeps the connection of this request while its body comes, also when there is no room for others. For senders who
/// are signed in: strangers could hold every connection by bodies that never end.
pub(crate) fn keep_connection(extensions: &Extensions) {
    if let Some(Connection(pulse)) = extensions.get() {
        pulse.has_received();
    }
}

/// The body of a request on its way in.
pub(super) struct Received {
    body: Incoming,
    pulse: Arc<Pulse>,
}

impl Received {
    /// The request to be answered, and what its connection does until it is answered.
    pub(super) fn begin(pulse: &Arc<Pulse>, request: Request<Incoming>) -> (During, Request<Body>) {
        if request.body().is_end_stream() {
            return (pulse.at(Phase::AtWork), request.map(Body::new));
        }
        let during = pulse.at(Phase::Receiving);
        let mut request = request.map(|body| {
            let pulse = Arc::clone(pulse);
            Body::new(Self { body, pulse })
        });
        let connection = Connection(Arc::clone(pulse));
        request.extensions_mut().insert(connection);
        (during, request)
    }
}

impl HttpBody for Received {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if matches!(polled, Poll::Ready(None)) || self.body.is_end_stream() {
            self.pulse.has_received();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// An answer that goes on for some time.
pub(super) struct Streamed {
    body: Body,
    _during: During,
}

impl Streamed {
    pub(super) fn new(body: Body, during: During) -> Self {
        Self {
            body,
            _during: during.go_on(Phase::Streaming),
        }
    }
}

impl HttpBody for Streamed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The time that a connection has.
#[derive(Debug)]
pub(super) struct Pace {
    header: Duration,
    idle: Duration,
    beats: u32,
    since: Instant,
}

impl Pace {
    pub(super) fn new(header: Duration, limits: &ConnectionLimits, now: Instant) -> Self {
        Self {
            header,
            idle: limits.idle,
            beats: 0,
            since: now,
        }
    }

    /// When it will have taken too long; none while that is not for us to say.
    fn due(&mut self, pulse: &Pulse, now: impl FnOnce() -> Instant) -> Option<Instant> {
        let beats = pulse.beats.load(Ordering::Relaxed);
        if beats != self.beats {
            self.beats = beats;
            self.since = now();
        }
        match pulse.phase() {
            Phase::Silent | Phase::Headers => Some(self.since + self.header),
            Phase::Streaming | Phase::Resting => Some(self.since + self.idle),
            Phase::AtWork | Phase::Receiving => None,
        }
    }

    /// Ready when it has taken too long. To be polled after each move of the connection.
    pub(super) fn poll(
        &mut self,
        pulse: &Pulse,
        mut alarm: Pin<&mut Sleep>,
        context: &mut Context<'_>,
    ) -> Poll<()> {
        let Some(due) = self.due(pulse, Instant::now) else {
            return Poll::Pending;
        };
        // An alarm that is too early is put off when it rings: most never do.
        if alarm.deadline() > due {
            alarm.as_mut().reset(due);
        }
        while alarm.as_mut().poll(context).is_ready() {
            if Instant::now() >= due {
                return Poll::Ready(());
            }
            alarm.as_mut().reset(due);
        }
        Poll::Pending
    }
}

/// A connection whose bytes are seen.
pub(super) struct Watched {
    stream: TcpStream,
    pulse: Arc<Pulse>,
}

impl Watched {
    pub(super) fn new(stream: TcpStream, pulse: Arc<Pulse>) -> Self {
        Self { stream, pulse }
    }

    fn wrote(&self, done: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if matches!(done, Poll::Ready(Ok(bytes)) if bytes > 0) {
            self.pulse.has_written();
        }
        done
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let done = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.pulse.has_read();
        }
        done
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.wrote(done)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.wrote(done)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due_s(pace: &mut Pace, pulse: &Pulse, start: Instant, now_s: u64) -> Option<u64> {
        let due = pace.due(pulse, || start + Duration::from_secs(now_s))?;
        Some((due - start).as_secs())
    }

    #[test]
    fn headers_have_ten_seconds_however_they_drip_and_a_rest_has_sixty() {
        let start = Instant::now();
        let limits = ConnectionLimits::default();
        let mut pace = Pace::new(limits.header, &limits, start);
        let pulse = Arc::new(Pulse::default());
        assert_eq!(
            due_s(&mut pace, &pulse, start, 5),
            Some(10),
            "it says nothing"
        );
        pulse.has_read();
        assert_eq!(due_s(&mut pace, &pulse, start, 9), Some(19));
        pulse.has_read();
        assert_eq!(
            due_s(&mut pace, &pulse, start, 18),
            Some(19),
            "one byte more"
        );
        let at_work = pulse.at(Phase::AtWork);
        pulse.has_read();
        assert_eq!(
            due_s(&mut pace, &pulse, start, 20),
            None,
            "a body is the handler's"
        );
        drop(at_work);
        assert_eq!(due_s(&mut pace, &pulse, start, 30), Some(90), "answered");
        pulse.has_read();
        assert_eq!(
            due_s(&mut pace, &pulse, start, 70),
            Some(80),
            "the next request"
        );
    }

    #[test]
    fn a_stream_that_is_read_goes_on_and_one_that_nobody_reads_ends() {
        let start = Instant::now();
        let limits = ConnectionLimits::default();
        let mut pace = Pace::new(limits.header, &limits, start);
        let pulse = Arc::new(Pulse::default());
        let _streams = pulse.at(Phase::AtWork).go_on(Phase::Streaming);
        for second in (0..3_600).step_by(15) {
            pulse.has_written();
            assert_eq!(due_s(&mut pace, &pulse, start, second), Some(second + 60));
        }
        assert_eq!(due_s(&mut pace, &pulse, start, 3_640), Some(3_585 + 60));
    }
}
