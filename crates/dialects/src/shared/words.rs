//! Small pieces of responses that several dialects have in common.

use crate::shared::services::Services;
use domain::chat::ChatView;
use domain::failure::{Failure, StoreError};
use domain::ids::UserId;
use domain::limits::PAGE_MAX;
use domain::message::Message;
use domain::session::Caller;
use domain::user::{User, UserName};
use realtime::Frame;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::HashMap;

/// The path of somebody's avatar.
pub(crate) fn avatar(user: UserId) -> String {
    format!("{}/users/{user}/avatar", http_core::NATIVE_ROOT)
}

/// The name of somebody, or that of deleted users.
pub(crate) fn name(user: Option<&User>) -> String {
    user.map_or_else(UserName::deleted, |user| user.name.clone()).to_string()
}

/// The text of a message; if it is empty, the names of its files, since these protocols have no field for files.
pub(crate) fn content(message: &Message) -> Cow<'_, str> {
    let files = message.extras.attachments.iter();
    if message.text.is_empty() {
        files.map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ").into()
    } else {
        message.text.as_str().into()
    }
}

/// A frame with this JSON.
pub(crate) fn text(frame: &Value) -> Frame {
    Frame::text(frame.to_string())
}

/// These people by id, without those who do not exist.
pub(crate) async fn people(
    services: &Services,
    ids: impl IntoIterator<Item = UserId>,
) -> Result<HashMap<UserId, User>, StoreError> {
    let mut ids: Vec<_> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    let people = services.users.get_many(&ids).await?;
    Ok(people.into_iter().map(|user| (user.id, user)).collect())
}

/// The last of these messages, given oldest first, that was not deleted.
pub(crate) fn last_there(messages: Vec<Message>) -> Option<Message> {
    messages.into_iter().rev().find(|message| message.deleted_at.is_none())
}

/// The last message of a chat that was not deleted, if it is among the newest [`PAGE_MAX`].
pub(crate) async fn last_shown(
    services: &Services,
    caller: &Caller,
    view: &ChatView,
) -> Result<Option<Message>, Failure> {
    match &view.last_message {
        Some(last) if last.deleted_at.is_some() => {
            let before = Some(last.seq);
            let (near, _) =
                services.messages.newest(caller, view.chat.id, before, PAGE_MAX).await?;
            Ok(last_there(near))
        }
        last => Ok(last.clone()),
    }
}
