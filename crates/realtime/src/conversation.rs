//! What a protocol is to the sockets that speak it.

use crate::close::CloseCode;
use crate::delivery::Delivery;
use crate::frame::Frame;
use bytestring::ByteString;
use domain::user::AccountRole;
use futures_util::future::LocalBoxFuture;
use std::sync::Arc;
use tokio::time::Instant;

/// What a protocol does with one socket.
pub trait Conversation: 'static {
    /// What the protocol is called.
    const PROTOCOL: &'static str;

    /// Whether its owner is online by being connected; otherwise they say so.
    const APPEARS: bool = true;

    /// Whether its owner is online for a moment after it is closed, as somebody who lost a connection;
    /// otherwise they are gone with it.
    const LINGERS: bool = true;

    /// What a request asks to remember once it is answered.
    type Note: 'static;

    /// Starts answering a text frame. The future is always run to its end, and one at a time.
    fn request(&mut self, text: ByteString) -> Answer<Self::Note>;

    /// A request was answered with this note.
    fn answered(&mut self, note: Self::Note);

    /// Whether the conversation is over, and the socket may begin another. Asked after each answer.
    fn is_over(&self) -> bool {
        false
    }

    /// The frame for an event, unless the client knows it already.
    fn push(&mut self, delivery: &Arc<Delivery>) -> Push;

    /// When the conversation has something to do by itself, if ever. Looked at after each answer with a note,
    /// and after each [`Self::tend`].
    fn due_at(&self) -> Option<Instant> {
        None
    }

    /// Does what is due; the frame that tells of it, if any.
    ///
    /// # Errors
    /// The conversation is over.
    fn tend(&mut self) -> Result<Option<Frame>, CloseCode> {
        Ok(None)
    }

    /// The owner of the socket was given another role; the frame that says so, if the protocol does.
    fn set_role(&mut self, role: AccountRole) -> Option<Frame>;
}

/// What is pushed for an event.
pub enum Push {
    /// This, or nothing.
    Now(Option<Frame>),
    /// What comes of this, which looks something up; nothing else is written before.
    Later(LocalBoxFuture<'static, Result<Option<Frame>, CloseCode>>),
}

/// A request on its way.
pub struct Answer<N> {
    /// Whether pushes must wait until it is answered.
    pub holds_pushes: bool,
    /// The frame to answer with, if any, and what to remember.
    pub future: LocalBoxFuture<'static, (Option<Frame>, Option<N>)>,
}
