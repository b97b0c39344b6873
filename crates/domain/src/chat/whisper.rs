//! What two members of a chat say to each other there, unseen by the rest.

use super::{AddressStore, Chat, ChatView, Chats, MemberStore, Pair, Restriction};
use crate::clock::Clock;
use crate::event::{Audience, Event, EventBody, EventBus};
use crate::failure::{Failure, Kind, StoreError, WriteError};
use crate::ids::{ChatId, UserId};
use crate::service_key::{CallingKey, KeyRefusal};
use crate::session::Caller;

/// Why nothing was whispered.
#[derive(Debug, thiserror::Error)]
pub enum WhisperError {
    /// There is no such chat, or the caller is not in it.
    #[error("There is no such chat.")]
    ChatNotFound,
    /// The person is not in that chat.
    #[error("This user is not in the chat.")]
    NotAMember,
    /// Between two people there is nobody to whisper past.
    #[error("In a chat of two people there is nobody to whisper past.")]
    BetweenTwo,
    /// The settings of the chat let nobody whisper, or the caller is silenced.
    #[error(transparent)]
    Restricted(#[from] Restriction),
    /// The person is not there to be written to.
    #[error("This person cannot be written to.")]
    PeerUnavailable,
    /// To oneself.
    #[error("You cannot whisper to yourself.")]
    Oneself,
    /// A key calls that sees none.
    #[error(transparent)]
    Key(#[from] KeyRefusal),
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<WhisperError> for Failure {
    fn from(error: WhisperError) -> Self {
        match error {
            WhisperError::ChatNotFound => Self::new(Kind::NotFound, "chat_not_found", error),
            WhisperError::NotAMember => Self::new(Kind::NotFound, "member_not_found", error),
            WhisperError::BetweenTwo => Self::new(Kind::Conflict, "chat_of_two", error),
            WhisperError::PeerUnavailable => Self::new(Kind::Forbidden, "peer_unavailable", error),
            WhisperError::Restricted(why) => why.into(),
            WhisperError::Oneself => Self::field("to", "whisper_to_oneself", error),
            WhisperError::Key(refusal) => refusal.into(),
            WhisperError::Store(error) => error.into(),
        }
    }
}

/// What opening whispers stands on.
pub(crate) struct WhisperPorts<'a> {
    pub(crate) addresses: &'a dyn AddressStore,
    pub(crate) members: &'a dyn MemberStore,
    pub(crate) bus: &'a dyn EventBus,
    pub(crate) clock: &'a dyn Clock,
}

/// The whispers of the caller and another member of a chat, and whether they were opened just now.
pub(crate) async fn open_whispers(
    ports: WhisperPorts<'_>,
    caller: &Caller,
    chat: ChatId,
    to: UserId,
) -> Result<(Chat, bool), WhisperError> {
    caller.key.as_ref().map_or(Ok(()), CallingKey::check_whispers)?;
    let standing = |user, missing| async move {
        ports.members.standing(chat, user).await.map_err(|error| match error {
            StoreError::NotFound => missing,
            error => WhisperError::Store(error),
        })
    };
    let actor = standing(caller.user, WhisperError::ChatNotFound).await?;
    if actor.kind.is_between_two() {
        return Err(WhisperError::BetweenTwo);
    }
    if to == caller.user {
        return Err(WhisperError::Oneself);
    }
    // Whoever is silenced after this opens whispers in which they are silenced, too.
    let now = ports.clock.now();
    actor.silenced.lets_speak(now)?;
    let pair = Pair::new(caller.user, to);
    let opened = ports.addresses.open_whispers(chat, pair, now).await;
    let (whispers, made) = opened.map_err(|error| match error {
        WriteError::Refused(why) => WhisperError::Restricted(why),
        // The caller was in a moment ago: it is the other one who is not.
        WriteError::Store(StoreError::NotFound) => WhisperError::NotAMember,
        WriteError::Store(StoreError::Conflict) => WhisperError::PeerUnavailable,
        WriteError::Store(error) => WhisperError::Store(error),
    })?;
    if made {
        let id = whispers.id;
        let (chat, by) = (whispers.clone(), Some(caller.user));
        let body = EventBody::ChatCreated { chat, members: pair.people(), by };
        ports.bus.publish(Event { audience: Audience::Members(id), body });
    }
    Ok((whispers, made))
}

impl Chats {
    /// What the caller and another member whisper in a chat, and whether that was opened just now.
    pub async fn open_whispers(
        &self,
        caller: &Caller,
        chat: ChatId,
        to: UserId,
    ) -> Result<(ChatView, bool), WhisperError> {
        let ports = WhisperPorts {
            addresses: &*self.ports.addresses,
            members: &*self.ports.members,
            bus: &*self.ports.bus,
            clock: &*self.ports.clock,
        };
        let (whispers, made) = open_whispers(ports, caller, chat, to).await?;
        let view = self.ports.chats.view(whispers.id, caller.user).await;
        let view = view.map_err(WhisperError::Store)?;
        Ok((view.shown_to(caller, self.ports.clock.now()), made))
    }
}
