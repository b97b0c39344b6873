//! Looking up what rendering messages needs.

use super::render::Scene;
use crate::shared::services::Services;
use crate::shared::words::people;
use domain::failure::Failure;
use domain::ids::{ChatId, UserId};
use domain::message::{Message, ShownPage};
use domain::session::Caller;
use domain::user::User;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// A scene without people, for rendering files only.
pub(super) fn nobody<'a>(services: &'a Services, origin: &'a str) -> Scene<'a> {
    let (people, online) = (HashMap::new(), HashSet::new());
    Scene { origin, media: &services.media, people, online }
}

/// Renders the messages of one chat.
pub(super) async fn of_chat(
    services: &Services,
    caller: &Caller,
    origin: &str,
    page: &ShownPage,
) -> Result<Vec<Value>, Failure> {
    let ShownPage { messages, quoted, .. } = page;
    let known: Vec<_> = messages.iter().chain(quoted).collect();
    let shown: Vec<_> = messages.iter().collect();
    all(services, caller, origin, (&shown, &known)).await
}

/// Renders the last message of each chat that has one.
pub(super) async fn last(
    services: &Services,
    caller: &Caller,
    origin: &str,
    last: &[&Message],
) -> Result<HashMap<ChatId, Value>, Failure> {
    let answered: Vec<_> = last.iter().filter_map(|message| message.reply_to).collect();
    let answered = services.messages.find_each(caller, &answered).await?;
    let known: Vec<_> = last.iter().copied().chain(&answered).collect();
    let shown = all(services, caller, origin, (last, &known)).await?;
    Ok(last.iter().map(|message| message.chat).zip(shown).collect())
}

/// Renders messages with those that they reply to, which are among the known ones.
async fn all(
    services: &Services,
    caller: &Caller,
    origin: &str,
    (shown, known): (&[&Message], &[&Message]),
) -> Result<Vec<Value>, Failure> {
    let mut chats: Vec<_> = shown.iter().map(|message| message.chat).collect();
    chats.dedup();
    let gathering = services.chats.gathering(caller, &chats).await?;
    let authors = people(services, known.iter().map(|message| message.author)).await?;
    let mut scene = nobody(services, origin);
    scene.online = online(services, caller, authors.values()).await?;
    scene.people = authors.iter().map(|(id, user)| (*id, user)).collect();
    let known: HashMap<_, _> = known.iter().map(|message| (message.id, *message)).collect();
    let json = |message: &&Message| {
        let answered = message.reply_to.and_then(|id| known.get(&id)).copied();
        scene.message(message, answered, |message| gathering.has_read(message))
    };
    Ok(shown.iter().map(json).collect())
}

/// Who of these people is online, as far as the caller may know; the caller always is.
pub(super) async fn online<'a>(
    services: &Services,
    caller: &Caller,
    people: impl Iterator<Item = &'a User>,
) -> Result<HashSet<UserId>, Failure> {
    let ids: Vec<_> = people.map(|user| user.id).collect();
    let visible = services.presence.online(caller, &ids).await?;
    Ok(visible.online.into_iter().chain([caller.user]).collect())
}
