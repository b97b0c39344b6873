//! Rendering events as native frames.

use super::wire::{Push, PushData, text};
use crate::native::wire::{ChatBase, Member, Message, Preferences, Silence, rfc_3339};
use domain::event::EventBody;
use domain::ids::{ChatId, UserId, Version};
use domain::user::AccountRole;
use realtime::{Codec, Delivery, Frame};

/// The name of the native API where protocols are distinguished, as in metrics.
pub(crate) const PROTOCOL: &str = "native";

/// Renders the frames of the native API.
pub struct NativeCodec;

impl Codec for NativeCodec {
    fn protocol(&self) -> &'static str {
        PROTOCOL
    }

    fn encode(&self, delivery: &Delivery) -> Option<Frame> {
        let event = &delivery.event;
        let (chat, version) = (event.body.chat(), event.body.version().map(|(_, version)| version));
        let (kind, data) = kind_and_data(&event.body)?;
        let (chat, version) = (chat.map(ChatId::get), version.map(Version::get));
        Some(text(&Push { kind, chat, version, data }))
    }
}

/// The frame that informs the owner of a socket about their account's new role.
pub(super) fn role_frame(role: AccountRole) -> Frame {
    let data = PushData::Role { role: role.to_string() };
    text(&Push { kind: "role", chat: None, version: None, data })
}

/// The content of an event's frame; `None` if this protocol has no frame for it.
fn kind_and_data(body: &EventBody) -> Option<(&'static str, PushData)> {
    let message = |m| PushData::Message(Message::from(m));
    let member = |m| PushData::Member(Member::told_to_all(m));
    Some(match body {
        EventBody::Arrived { .. } => return None,
        EventBody::MessageCreated(m) => ("message.created", message(m)),
        EventBody::MessageEdited(m) => ("message.edited", message(m)),
        EventBody::MessageUpdated(m) => ("message.updated", message(m)),
        EventBody::MessageDeleted(m) => ("message.deleted", message(m)),
        EventBody::ChatCreated { chat, members, .. } => {
            let members = members.iter().copied().map(UserId::get).collect();
            ("chat.created", PushData::NewChat { chat: ChatBase::from(chat), members })
        }
        EventBody::ChatUpdated(chat) => ("chat.updated", PushData::Chat(ChatBase::from(chat))),
        EventBody::ChatDeleted(chat) => ("chat.deleted", PushData::Gone { id: chat.get() }),
        EventBody::ChatPreferences { preferences, .. } => {
            ("chat.preferences", PushData::Preferences(Preferences::from(*preferences)))
        }
        EventBody::Silenced { silence, .. } => {
            let silence = silence.as_ref().map(Silence::from);
            ("chat.silence", PushData::Silence { silence })
        }
        EventBody::MemberJoined(m) => ("member.joined", member(m)),
        EventBody::MemberUpdated(m) => ("member.updated", member(m)),
        EventBody::MemberLeft(m) => ("member.left", member(m)),
        EventBody::Read { user, seq, .. } | EventBody::ReadAlone { user, seq, .. } => {
            ("read", PushData::Read { user_id: user.get(), seq: seq.get() })
        }
        EventBody::Starred { message, on, .. } => {
            ("star", PushData::Star { message_id: message.get(), starred: *on })
        }
        EventBody::Blocked { user, on } => {
            ("block", PushData::Block { user_id: user.get(), blocked: *on })
        }
        EventBody::Typing { user, until, .. } => {
            let until = until.map(rfc_3339);
            ("typing", PushData::Typing { user_id: user.get(), typing: until.is_some(), until })
        }
        EventBody::Presence { user, online, last_seen_at } => {
            let last_seen_at = rfc_3339(*last_seen_at);
            let data = PushData::Presence { user_id: user.get(), online: *online, last_seen_at };
            ("presence", data)
        }
    })
}
