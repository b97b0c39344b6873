//! Deleting messages and chats. In these protocols, admins of the server use the same routes as everybody.

use crate::shared::services::Services;
use domain::admin::Actor;
use domain::failure::{Failure, WriteError};
use domain::ids::{ChatId, MessageId};
use domain::message::{ChangeRefusal as Refusal, Message};
use domain::session::Caller;

/// Deletes a message: as a member of its chat, or else as an admin of the server.
pub(crate) async fn delete_message(
    services: &Services,
    caller: &Caller,
    message: &Message,
) -> Result<(), Failure> {
    let deleted = services.messages.delete(caller, message.chat, message.id).await;
    match (deleted, Actor::admin(caller)) {
        (Ok(_), _) => Ok(()),
        (Err(WriteError::Refused(Refusal::NotAllowed | Refusal::NotFound)), Ok(admin)) => {
            Ok(services.admin.delete_message(admin, message.id).await?)
        }
        (Err(error), _) => Err(error.into()),
    }
}

/// As [`delete_message`], given only the message's id.
pub(crate) async fn delete_any(
    services: &Services,
    caller: &Caller,
    id: MessageId,
) -> Result<(), Failure> {
    match (services.messages.find(caller, id).await, Actor::admin(caller)) {
        (Ok(message), _) if message.deleted_at.is_some() => Err(Refusal::NotFound.into()),
        (Ok(message), _) => delete_message(services, caller, &message).await,
        (Err(WriteError::Refused(Refusal::NotFound)), Ok(admin)) => {
            Ok(services.admin.delete_message(admin, id).await?)
        }
        (Err(error), _) => Err(error.into()),
    }
}

/// Deletes a chat: as a member, or else as an admin of the server.
pub(crate) async fn delete_chat(
    services: &Services,
    caller: &Caller,
    chat: ChatId,
) -> Result<(), Failure> {
    let deleted = services.chats.delete(caller, chat).await;
    match (deleted, Actor::admin(caller)) {
        (Ok(()), _) => Ok(()),
        (Err(WriteError::Refused(_)), Ok(admin)) => {
            Ok(services.admin.delete_chat(admin, chat).await?)
        }
        (Err(error), _) => Err(error.into()),
    }
}
