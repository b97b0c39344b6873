//! What several dialects say alike.

use crate::Services;
use bytestring::ByteString;
use domain::admin::Actor;
use domain::chat::{ChatView, DeleteError, GetError};
use domain::clock::Timestamp;
use domain::failure::{Failure, StoreError};
use domain::ids::{ChatId, MessageId, UserId};
use domain::limits::PAGE_MAX;
use domain::message::{ChangeError, Message};
use domain::session::Caller;
use domain::user::User;
use serde_json::Value;
use std::collections::HashMap;

/// Where somebody's picture is; anybody may see it.
pub(super) fn avatar(user: UserId) -> String {
    format!("{}/users/{user}/avatar", crate::native::ROOT)
}

/// Seconds since 1970, with their fraction.
#[expect(clippy::cast_precision_loss, reason = "a double has microseconds for 285 years")]
pub(super) fn unix_seconds(at: Timestamp) -> f64 {
    at.as_micros() as f64 / 1e6
}

/// A frame.
pub(super) fn text(frame: &Value) -> ByteString {
    frame.to_string().into()
}

/// Those of these people that there are.
pub(super) async fn people(
    services: &Services,
    ids: impl IntoIterator<Item = UserId>,
) -> Result<HashMap<UserId, User>, StoreError> {
    let mut ids: Vec<_> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    let people = services.users.get_many(&ids).await?;
    Ok(people.into_iter().map(|user| (user.id, user)).collect())
}

/// The last message of a chat that was not deleted, as far as it is near the end.
pub(super) async fn last_shown(
    services: &Services,
    caller: &Caller,
    view: &ChatView,
) -> Result<Option<Message>, Failure> {
    match &view.last_message {
        Some(last) if last.deleted_at.is_some() => {
            let before = Some(last.seq);
            let (near, _) =
                services.messages.newest(caller, view.chat.id, before, PAGE_MAX).await?;
            Ok(near.into_iter().rev().find(|message| message.deleted_at.is_none()))
        }
        last => Ok(last.clone()),
    }
}

/// Deletes a message: as somebody in its chat, or else as an admin of the server.
pub(super) async fn delete_message(
    services: &Services,
    caller: &Caller,
    message: &Message,
) -> Result<(), Failure> {
    let deleted = services.messages.delete(caller, message.chat, message.id).await;
    match (deleted, Actor::admin(caller)) {
        (Ok(_), _) => Ok(()),
        (Err(ChangeError::NotAllowed | ChangeError::NotFound), Ok(admin)) => {
            Ok(services.admin.delete_message(admin, message.id).await?)
        }
        (Err(error), _) => Err(error.into()),
    }
}

/// The same by its number, where nothing else says which chat it is in.
pub(super) async fn delete_any(
    services: &Services,
    caller: &Caller,
    id: MessageId,
) -> Result<(), Failure> {
    match (services.messages.find(caller, id).await, Actor::admin(caller)) {
        (Ok(message), _) if message.deleted_at.is_some() => Err(ChangeError::NotFound.into()),
        (Ok(message), _) => delete_message(services, caller, &message).await,
        (Err(ChangeError::NotFound), Ok(admin)) => {
            Ok(services.admin.delete_message(admin, id).await?)
        }
        (Err(error), _) => Err(error.into()),
    }
}

/// Deletes a chat: as somebody in it, or else as an admin of the server.
pub(super) async fn delete_chat(
    services: &Services,
    caller: &Caller,
    chat: ChatId,
) -> Result<(), Failure> {
    let deleted = services.chats.delete(caller, chat).await;
    match (deleted, Actor::admin(caller)) {
        (Ok(()), _) => Ok(()),
        (Err(DeleteError::NotAllowed | DeleteError::Chat(GetError::NotFound)), Ok(admin)) => {
            Ok(services.admin.delete_chat(admin, chat).await?)
        }
        (Err(error), _) => Err(error.into()),
    }
}
