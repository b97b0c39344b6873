//! The way of frames from a socket's task to its connection.

use crate::frame::Frame;
use actix_web::HttpResponse;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// Frames that wait for the connection at most; past that, whoever writes waits.
const FRAMES: usize = 32;

/// The body of the response that opened a socket: the frames that are written to it, as they come. It
/// ends when nobody can write any more.
struct Outgoing {
    frames: mpsc::Receiver<Frame>,
    /// What the WebSocket layer made for the same purpose, which copies each frame for each socket.
    /// By its end the half that reads learns that the connection is gone.
    _replaced: BoxBody,
}

/// Makes the body of the response that opens a socket of what is sent by this.
pub(crate) fn of(response: HttpResponse) -> (HttpResponse, mpsc::Sender<Frame>) {
    let (sender, frames) = mpsc::channel(FRAMES);
    let response =
        response.map_body(|_, replaced| Outgoing { frames, _replaced: replaced }.boxed());
    (response, sender)
}

impl MessageBody for Outgoing {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        self.frames.poll_recv(context).map(|frame| frame.map(|frame| Ok(frame.into())))
    }
}
