//! Telling who is in a chat that somebody has opened it.

use super::{Chats, GetError};
use crate::block::without_blocked;
use crate::event::{Audience, Event, EventBody};
use crate::ids::ChatId;
use crate::limits;
use crate::session::Caller;

impl Chats {
    /// The caller has opened a chat that they are in, on one more connection. All who are in it are told,
    /// the caller too, but for those whom the caller has blocked; in a crowd of more than
    /// [`limits::PRESENCE_CROWD`] nobody but the caller.
    pub async fn arrive(&self, caller: &Caller, chat: ChatId) -> Result<(), GetError> {
        let actor = self.standing(caller, chat).await?;
        let crowd = usize::try_from(actor.member_count).unwrap_or(usize::MAX);
        let audience = if crowd <= limits::PRESENCE_CROWD {
            let all = Audience::Members(chat);
            without_blocked(&*self.ports.blocks, caller.user, all).await?
        } else {
            Audience::Users(vec![caller.user])
        };
        let body = EventBody::Arrived { chat, user: caller.user };
        self.ports.bus.publish(Event { audience, body });
        Ok(())
    }
}
