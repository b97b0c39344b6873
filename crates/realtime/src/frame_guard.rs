//! Stops a socket that announces more than it may send.
//!
//! The WebSocket layer's own limit does not bound memory: it gathers a frame's bytes before it looks
//! at how many there are. So this reads the frames' headers as the bytes come in, and ends the
//! stream at the first that breaks a rule.

use crate::close::CloseCode;
use actix_web::error::PayloadError;
use actix_web::web::{Bytes, Payload};
use domain::limits::CONTROL_FRAMES_PER_SECOND;
use futures_util::Stream;
use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Instant;

/// Bytes of a frame, at most, which may change while the socket is open; and why the stream was
/// ended, if it was.
#[derive(Clone)]
pub(crate) struct FrameLimit {
    bytes: Rc<Cell<u64>>,
    broken: Rc<Cell<Option<CloseCode>>>,
}

impl FrameLimit {
    /// That many bytes.
    pub(crate) fn new(bytes: u64) -> Self {
        Self { bytes: Rc::new(Cell::new(bytes)), broken: Rc::default() }
    }
    /// That many from the next frame on.
    pub(crate) fn set(&self, bytes: u64) {
        self.bytes.set(bytes);
    }
    /// Which rule a frame broke.
    pub(crate) fn broken(&self) -> Option<CloseCode> {
        self.broken.get()
    }
}

/// The bytes of a socket, up to the first frame that breaks a rule.
pub(crate) struct FrameGuard {
    inner: Payload,
    limit: FrameLimit,
    headers: Headers,
}

impl FrameGuard {
    /// Watches over `inner`.
    pub(crate) fn new(inner: Payload, limit: FrameLimit) -> Self {
        Self { inner, limit, headers: Headers::default() }
    }
}

impl Stream for FrameGuard {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.limit.broken().is_some() {
            return Poll::Ready(None);
        }
        let next = Pin::new(&mut self.inner).poll_next(cx);
        if let Poll::Ready(Some(Ok(bytes))) = &next {
            let limit = self.limit.bytes.get();
            if let Err(code) = self.headers.read(bytes, limit, Instant::now()) {
                self.limit.broken.set(Some(code));
                return Poll::Ready(None);
            }
        }
        next
    }
}

/// Finds the header of each frame in a stream of bytes (RFC 6455, section 5.2).
#[derive(Default)]
struct Headers {
    /// What is there of a header that is not whole yet.
    partial: Vec<u8>,
    /// Bytes of the present frame that are still to come.
    remaining: u64,
    /// Bytes of the present message so far.
    message: u64,
    idle: Idle,
}

/// Counts frames that say nothing, and cost as much as others.
#[derive(Default)]
struct Idle {
    /// When the present second began.
    since: Option<Instant>,
    count: u32,
}

impl Idle {
    fn count(&mut self, now: Instant) -> Result<(), CloseCode> {
        if self.since.is_none_or(|since| now >= since + Duration::from_secs(1)) {
            *self = Self { since: Some(now), count: 0 };
        }
        self.count += 1;
        if self.count > CONTROL_FRAMES_PER_SECOND { Err(CloseCode::Policy) } else { Ok(()) }
    }
}

impl Headers {
    /// Reads what comes at a time; a message may have `limit` bytes, in how many frames so ever.
    fn read(&mut self, mut bytes: &[u8], limit: u64, now: Instant) -> Result<(), CloseCode> {
        while !bytes.is_empty() {
            if self.remaining > 0 {
                let here = usize::try_from(self.remaining).unwrap_or(usize::MAX).min(bytes.len());
                self.remaining -= here as u64;
                bytes = &bytes[here..];
                continue;
            }
            self.partial.push(bytes[0]);
            bytes = &bytes[1..];
            if let Some(length) = frame_length(&self.partial)? {
                self.begin(self.partial[0], length, limit, now)?;
                self.partial.clear();
            }
        }
        Ok(())
    }
}

impl Headers {
    /// A frame begins with this byte, and has a payload of that length.
    fn begin(&mut self, first: u8, length: u64, limit: u64, now: Instant) -> Result<(), CloseCode> {
        let continues = first & OPCODE == 0;
        let is_whole = first & FINAL != 0 && !continues;
        if first & CONTROL != 0 || (length == 0 && !is_whole) {
            self.idle.count(now)?;
        }
        if first & CONTROL == 0 {
            let before = if continues { self.message } else { 0 };
            self.message = before.saturating_add(length);
            if self.message > limit {
                return Err(CloseCode::TooBig);
            }
        }
        self.remaining = length;
        Ok(())
    }
}

const FINAL: u8 = 0b1000_0000;
const OPCODE: u8 = 0b0000_1111;
const CONTROL: u8 = 0b0000_1000;

/// The length of a frame's payload once its header is whole.
fn frame_length(header: &[u8]) -> Result<Option<u64>, CloseCode> {
    const RESERVED: u8 = 0b0111_0000;
    const MASKED: u8 = 0b1000_0000;
    let &[first, second, ..] = header else { return Ok(None) };
    let short = second & !MASKED;
    let control = first & CONTROL != 0;
    let unknown = !matches!(first & OPCODE, 0x0..=0x2 | 0x8..=0xA);
    if first & RESERVED != 0 || second & MASKED == 0 || unknown || (control && short > 125) {
        return Err(CloseCode::ProtocolError);
    }
    let extended = match short {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    const MASK_KEY: usize = 4;
    if header.len() < 2 + extended + MASK_KEY {
        return Ok(None);
    }
    let wide = header[2..2 + extended].iter().fold(0, |n, byte| n << 8 | u64::from(*byte));
    Ok(Some(if extended == 0 { u64::from(short) } else { wide }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(length: usize) -> Vec<u8> {
        let mut frame = vec![0x81];
        match length {
            0..=125 => frame.push(0x80 | u8::try_from(length).unwrap()),
            126..=0xFFFF => {
                frame.push(0x80 | 126);
                frame.extend(u16::try_from(length).unwrap().to_be_bytes());
            }
            _ => {
                frame.push(0x80 | 127);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        frame.extend([1, 2, 3, 4]);
        frame.extend(vec![0xFF; length]);
        frame
    }

    #[test]
    fn frames_within_the_limit_pass_however_they_are_cut() {
        let stream = [text(0), text(1), text(125), text(126), text(70_000), text(3)].concat();
        for cut in [1, 2, 3, 7, 4096, stream.len()] {
            let mut headers = Headers::default();
            for part in stream.chunks(cut) {
                assert_eq!(headers.read(part, 70_000, Instant::now()), Ok(()), "cut at {cut}");
            }
        }
    }

    #[test]
    fn a_frame_over_the_limit_is_stopped_at_its_header() {
        let (mut headers, now) = (Headers::default(), Instant::now());
        assert_eq!(headers.read(&text(101)[..6], 100, now), Err(CloseCode::TooBig));
        let huge = [0x82, 0xFF, 0, 0, 0, 1, 0, 0, 0, 0, 9, 9, 9, 9];
        assert_eq!(Headers::default().read(&huge, 1 << 20, now), Err(CloseCode::TooBig));
        let most = [0x82, 0xFF, 255, 255, 255, 255, 255, 255, 255, 255, 9, 9, 9, 9];
        assert_eq!(Headers::default().read(&most, 1 << 20, now), Err(CloseCode::TooBig));
    }

    #[test]
    fn what_is_no_frame_is_a_protocol_error() {
        for bad in
            [[0xC1, 0x81], [0xA1, 0x81], [0x91, 0x81], [0x81, 0x01], [0x83, 0x81], [0x89, 0xFE]]
        {
            assert_eq!(
                Headers::default().read(&bad, 100, Instant::now()),
                Err(CloseCode::ProtocolError),
                "{bad:?}"
            );
        }
    }

    const PING: [u8; 6] = [0x89, 0x80, 0, 0, 0, 0];

    #[test]
    fn so_many_control_frames_are_taken_within_a_second() {
        const MOST: usize = CONTROL_FRAMES_PER_SECOND as usize;
        let (mut headers, now) = (Headers::default(), Instant::now());
        let second = Duration::from_secs(1);
        for began in [now, now + second, now + 3 * second] {
            assert_eq!(headers.read(&PING.repeat(MOST), 100, began), Ok(()));
            // What says something is not counted, and neither is a message that is empty.
            assert_eq!(headers.read(&[text(0), text(9)].concat(), 100, began), Ok(()));
        }
        let last = now + 3 * second + Duration::from_millis(999);
        assert_eq!(headers.read(&PING, 100, last), Err(CloseCode::Policy));
    }

    #[test]
    fn empty_parts_of_a_message_count_as_control_frames_do() {
        let (begins, goes_on) = ([0x01, 0x80, 0, 0, 0, 0], [0x00, 0x80, 0, 0, 0, 0]);
        let flood = [&begins[..], &goes_on.repeat(CONTROL_FRAMES_PER_SECOND as usize)].concat();
        let read = |bytes: &[u8]| Headers::default().read(bytes, 100, Instant::now());
        assert_eq!(read(&flood), Err(CloseCode::Policy));
        assert_eq!(read(&flood[..flood.len() - 6]), Ok(()));
    }

    #[test]
    fn the_parts_of_a_message_are_limited_together() {
        let part = |first: u8, length: usize| {
            let mut frame = text(length);
            frame[0] = first;
            frame
        };
        let (begins, goes_on, ends) = (part(0x01, 60), part(0x00, 30), part(0x80, 10));
        let read =
            |frames: &[&[u8]]| Headers::default().read(&frames.concat(), 100, Instant::now());
        assert_eq!(read(&[&begins, &PING, &goes_on, &ends, &text(100)]), Ok(()));
        assert_eq!(read(&[&begins, &goes_on, &goes_on]), Err(CloseCode::TooBig));
    }
}
