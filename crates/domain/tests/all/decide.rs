//! What the tables of decisions share: a chat, and people's standing in it.

use domain::chat::{ChatKind, ChatRole, Horizon, Permissions, Silenced, Standing};
use domain::clock::Timestamp;
use domain::ids::{ChatId, ProjectId, Seq, UserId, Version};
use domain::message::Message;
use std::fmt::Debug;
use testkit::message::first_message;

pub(crate) const ME: UserId = UserId::stored(1);
pub(crate) const OTHER: UserId = UserId::stored(2);
pub(crate) const CHAT: ChatId = ChatId::stored(7);
pub(crate) const ELSEWHERE: ChatId = ChatId::stored(8);
pub(crate) const NOW: Timestamp = Timestamp::from_micros(1_000_000);

pub(crate) const PROJECT: ChatKind = ChatKind::Project(ProjectId::stored(1));
pub(crate) const WHISPER: ChatKind = ChatKind::Whisper(ELSEWHERE);

/// The standing with that name, such as `group owner`; none for any other word.
pub(crate) fn actor(name: &str) -> Option<Standing> {
    let (kind, role) = name.split_once(' ').unwrap_or((name, "member"));
    let kind = match kind {
        "direct" => ChatKind::Direct,
        "whisper" => WHISPER,
        "project" => PROJECT,
        "group" => ChatKind::Group,
        "room" => ChatKind::Room,
        _ => return None,
    };
    let (role, zero, version) = (ChatRole::parse(role)?, Seq::ZERO, Version::stored(1));
    let (chat, user, closed) = (CHAT, ME, false);
    let member_count = 2;
    Some(Standing {
        chat,
        kind,
        user,
        role,
        read_seq: zero,
        horizon: Horizon::NONE,
        silenced: Silenced::Never,
        closed,
        hushed: false,
        open: false,
        permissions: Permissions::default(),
        member_count,
        last_seq: zero,
        version,
    })
}

/// The decision, as a word.
pub(crate) fn word<T, R: Debug>(decision: Result<T, R>, done: impl FnOnce(T) -> String) -> String {
    decision.map_or_else(|why| format!("{why:?}"), done)
}

/// The chat's first message.
pub(crate) fn message(author: UserId) -> Message {
    first_message(CHAT, author, NOW)
}
