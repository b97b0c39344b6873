//! An event on its way to sockets, and the frames that it makes.

use crate::frame::Frame;
use domain::chat::Horizon;
use domain::event::Event;
use std::any::Any;
use std::sync::{Arc, OnceLock};
use tokio::sync::OnceCell;

/// What a protocol makes of events. The same event makes the same frame for everybody who speaks
/// the protocol, so it is encoded once and the frame is shared.
pub trait Codec: Send + Sync {
    /// What the protocol is called; no two codecs have the same name.
    fn protocol(&self) -> &'static str;

    /// The frame of an event; `None` if the protocol has no word for it.
    fn encode(&self, delivery: &Delivery) -> Option<Frame>;
}

/// The protocols whose frames are shared, as they were registered when the process started: each has a
/// slot beside every event.
#[derive(Clone, Default)]
pub(crate) struct Slots(Arc<[&'static str]>);

impl Slots {
    pub(crate) fn new(codecs: &[&dyn Codec]) -> Self {
        Self(codecs.iter().map(|codec| codec.protocol()).collect())
    }

    /// There are a handful, so looking through them is as quick as any table.
    fn of(&self, codec: &dyn Codec) -> Option<usize> {
        self.0.iter().position(|protocol| *protocol == codec.protocol())
    }
}

/// Whether the event is about a reply to a message that is hidden.
pub(crate) fn hides_answered(event: &Event, horizon: Horizon) -> bool {
    event.body.message().is_some_and(|message| horizon.hides_answered(message))
}

/// An event on its way to sockets, with the frames that it made so far.
pub struct Delivery {
    /// What happened.
    pub event: Event,
    /// Whether those to whom it goes do not see the message that it replies to. It is another delivery than the
    /// one to those who do.
    pub hides_answered: bool,
    /// Bytes of it, about.
    pub(crate) size: usize,
    slots: Slots,
    frames: Box<[OnceLock<Option<Frame>>]>,
    /// Few protocols need it, and it is large.
    context: OnceCell<Box<dyn Any + Send + Sync>>,
}

impl Delivery {
    pub(crate) fn new(event: Event, slots: &Slots) -> Self {
        let (size, slots, context) = (event.body.size(), slots.clone(), OnceCell::new());
        let frames = slots.0.iter().map(|_| OnceLock::new()).collect();
        Self { event, hides_answered: false, size, slots, frames, context }
    }

    /// The same event, for those who do not see the message that it replies to.
    pub(crate) fn without_answered(&self, slots: &Slots) -> Self {
        Self { hides_answered: true, ..Self::new(self.event.clone(), slots) }
    }

    /// An event for somebody from whom that is hidden, who sees the event itself.
    pub(crate) fn beyond(event: Event, horizon: Horizon, slots: &Slots) -> Self {
        let hides_answered = hides_answered(&event, horizon);
        Self { hides_answered, ..Self::new(event, slots) }
    }

    /// The event's frame. The first socket of a protocol makes it, the others share it; one of a codec
    /// that was not registered is made for each socket.
    pub fn frame(&self, codec: &dyn Codec) -> Option<Frame> {
        match self.slots.of(codec) {
            Some(slot) => self.frames[slot].get_or_init(|| codec.encode(self)).clone(),
            None => codec.encode(self),
        }
    }

    /// What frames say beside the event. The first socket that needs it looks it up for all.
    ///
    /// # Errors
    /// Those of `look_up`; the next socket tries again.
    ///
    /// # Panics
    /// A protocol of another kind keeps another type here.
    pub async fn context<T: Any + Send + Sync, E>(
        &self,
        look_up: impl AsyncFnOnce() -> Result<T, E>,
    ) -> Result<&T, E> {
        let boxed = || async { Ok(Box::new(look_up().await?) as Box<dyn Any + Send + Sync>) };
        let context = self.context.get_or_try_init(boxed).await?;
        Ok(context.downcast_ref().expect("all protocols that look something up share one type"))
    }

    /// The same, if it was looked up.
    pub fn known_context<T: Any>(&self) -> Option<&T> {
        self.context.get()?.downcast_ref()
    }
}
