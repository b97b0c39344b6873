//! What is written to sockets.

use crate::close::CloseCode;
use actix_http::ws::{Codec, Message};
use actix_web::web::{Bytes, BytesMut};
use bytestring::ByteString;
use tokio_util::codec::Encoder;

/// A WebSocket frame as it goes over the wire, its header included. Copies share it.
#[derive(Debug, Clone)]
pub struct Frame(Bytes);

impl Frame {
    /// This text.
    pub fn text(text: impl Into<ByteString>) -> Self {
        Self::of(Message::Text(text.into()))
    }

    pub(crate) fn ping() -> Self {
        Self::of(Message::Ping(Bytes::new()))
    }

    pub(crate) fn pong(said: Bytes) -> Self {
        Self::of(Message::Pong(said))
    }

    pub(crate) fn close(code: CloseCode) -> Self {
        Self::of(Message::Close(Some(code.into())))
    }

    fn of(message: Message) -> Self {
        let mut bytes = BytesMut::new();
        // Only a part of a message that was not begun has no frame.
        let _ = Codec::new().encode(message, &mut bytes);
        Self(bytes.freeze())
    }
}

impl From<Frame> for Bytes {
    fn from(frame: Frame) -> Self {
        frame.0
    }
}
