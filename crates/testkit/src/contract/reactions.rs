//! Promises of [`domain::message::MarkStore`] about reactions.

use super::Stores;
use super::fixtures::{
    NOBODY, at, at_once, delete, deleting, draft, draft_with_client_id, edit, group, leaving,
    people, person, refused, say, text,
};
use crate::replica::Replica;
use domain::chat::Pair;
use domain::ids::{MessageId, UserId, Version};
use domain::limits::{REACTION_KINDS, REACTIONS_PER_MESSAGE};
use domain::message::{Emoji, MarkRefusal, Marked, Message, NotAnEmoji, Page, React, Reaction};

fn reaction(message: MessageId, user: UserId, emoji: &str) -> React {
    React { chat: None, message, user, emoji: Ok(Emoji::new(emoji).unwrap()), on: true, at: at(2) }
}

async fn set(stores: &Stores, message: MessageId, user: UserId, emoji: &str) -> Marked {
    stores.marks.react(reaction(message, user, emoji)).await.unwrap()
}

async fn take_back(stores: &Stores, message: MessageId, user: UserId, emoji: &str) -> Marked {
    let react = React { on: false, ..reaction(message, user, emoji) };
    stores.marks.react(react).await.unwrap()
}

/// The reactions to a message: each emoji with its users.
async fn on(stores: &Stores, message: MessageId) -> Vec<(String, Vec<UserId>)> {
    let reactions = stores.messages.get(message).await.unwrap().extras.reactions;
    reactions.into_iter().map(|r| (r.emoji.to_string(), r.users)).collect()
}

pub async fn a_reaction_is_one_change(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let sent = say(stores, chat, anna, "Hello").await;
    let other = say(stores, chat, anna, "again").await;
    let reacted = set(stores, sent.id, ben, "👍").await.unwrap();
    let mut expected = Message { version: Version::stored(4), ..sent };
    let thumb = Reaction { emoji: Emoji::new("👍").unwrap(), users: vec![ben] };
    expected.extras.reactions.push(thumb);
    assert_eq!(reacted, expected);
    assert_eq!(stores.messages.get(reacted.id).await.unwrap(), expected);
    assert_eq!(stores.messages.get(other.id).await.unwrap(), other);
    assert_eq!(stores.chats.view(chat, anna).await.unwrap().version, Version::stored(4));

    let bare = take_back(stores, reacted.id, ben, "👍").await.unwrap();
    expected.extras.reactions.clear();
    expected.version = Version::stored(5);
    assert_eq!(bare, expected);
    assert_eq!(stores.messages.get(bare.id).await.unwrap(), expected);
    let view = stores.chats.view(chat, anna).await.unwrap();
    assert_eq!(view.active_at, at(100), "a reaction is no activity");
    let nowhere = stores.marks.react(reaction(MessageId::stored(NOBODY), ben, "👍")).await;
    assert_eq!(refused(nowhere), MarkRefusal::NotFound);
}

pub async fn a_reaction_twice_is_one(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let id = say(stores, chat, anna, "Hello").await.id;
    assert_eq!(take_back(stores, id, ben, "👍").await, None, "it is not there");
    assert!(set(stores, id, ben, "👍").await.is_some());
    assert_eq!(set(stores, id, ben, "👍").await, None);
    assert_eq!(take_back(stores, id, anna, "👍").await, None, "it is another's");
    assert_eq!(stores.chats.view(chat, anna).await.unwrap().version, Version::stored(3));
    assert!(take_back(stores, id, ben, "👍").await.is_some());
    assert_eq!(take_back(stores, id, ben, "👍").await, None);
    assert_eq!(stores.chats.view(chat, anna).await.unwrap().version, Version::stored(4));
}

pub async fn emoji_stand_in_the_order_of_first_use(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben, cleo]).await.id;
    let id = say(stores, chat, anna, "Hello").await.id;
    for (user, emoji) in [(cleo, "🦊"), (anna, "👍"), (anna, "🦊"), (ben, "👍"), (ben, "❤️")]
    {
        set(stores, id, user, emoji).await.unwrap();
    }
    let row = |emoji: &str, users: &[UserId]| (emoji.to_owned(), users.to_vec());
    let expected = [row("🦊", &[cleo, anna]), row("👍", &[anna, ben]), row("❤️", &[ben])];
    assert_eq!(on(stores, id).await, expected);
    take_back(stores, id, cleo, "🦊").await.unwrap();
    let kept = on(stores, id).await;
    assert_eq!(kept[0], row("🦊", &[anna]), "it keeps its place while anybody uses it");
    set(stores, id, cleo, "🦊").await.unwrap();
    assert_eq!(on(stores, id).await[0], row("🦊", &[anna, cleo]));
    for user in [anna, cleo] {
        take_back(stores, id, user, "🦊").await.unwrap();
    }
    set(stores, id, ben, "🦊").await.unwrap();
    let expected = [row("👍", &[anna, ben]), row("❤️", &[ben]), row("🦊", &[ben])];
    assert_eq!(on(stores, id).await, expected, "used anew it stands last");
}

pub async fn a_tombstone_has_no_reactions(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let id = say(stores, chat, anna, "Hello").await.id;
    set(stores, id, ben, "👍").await.unwrap();
    let tombstone = delete(stores, id, at(101)).await.unwrap().unwrap();
    assert_eq!(tombstone.extras.reactions, []);
    assert_eq!(on(stores, id).await, []);
    for on in [true, false] {
        let late = stores.marks.react(React { on, ..reaction(id, ben, "👍") }).await;
        assert_eq!(refused(late), MarkRefusal::Deleted);
    }
    assert_eq!(stores.messages.get(id).await.unwrap(), tombstone);
    assert_eq!(stores.chats.view(chat, anna).await.unwrap().version, tombstone.version);
}

pub async fn limits_of_reactions_hold(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let mut all = vec![anna, ben];
    for nth in 0..REACTIONS_PER_MESSAGE / REACTION_KINDS {
        all.push(person(stores, &format!("Guest {nth}")).await.id);
    }
    let chat = group(stores, &all).await.id;
    let id = say(stores, chat, anna, "Hello").await.id;
    let emoji =
        |nth: usize| char::from_u32(0x1f400 + u32::try_from(nth).unwrap()).unwrap().to_string();
    for nth in 0..REACTION_KINDS {
        set(stores, id, anna, &emoji(nth)).await.unwrap();
    }
    let more = reaction(id, ben, &emoji(REACTION_KINDS));
    assert_eq!(refused(stores.marks.react(more).await), MarkRefusal::TooManyEmoji);
    set(stores, id, ben, &emoji(0)).await.unwrap();
    let guests = all[2..].iter().flat_map(|guest| (0..REACTION_KINDS).map(move |n| (*guest, n)));
    for (guest, nth) in guests.take(REACTIONS_PER_MESSAGE - REACTION_KINDS - 1) {
        set(stores, id, guest, &emoji(nth)).await.unwrap();
    }
    let more = reaction(id, ben, &emoji(1));
    let refusal = refused(stores.marks.react(more.clone()).await);
    assert_eq!(refusal, MarkRefusal::TooManyReactions);
    take_back(stores, id, anna, &emoji(0)).await.unwrap();
    assert!(stores.marks.react(more).await.unwrap().is_some());
}

pub async fn reactions_come_with_every_way_to_a_message(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    say(stores, chat, anna, "bare").await;
    let id =
        stores.messages.append(draft_with_client_id(chat, anna, "id")).await.unwrap().message.id;
    let reacted = set(stores, id, ben, "🦊").await.unwrap();
    assert_eq!(reacted.extras.reactions.len(), 1);
    let page = stores.messages.page(chat, Page::Latest, 10).await.unwrap();
    assert_eq!(page.messages.last(), Some(&reacted));
    let changes = stores.chats.changes(chat, Version::ZERO, 100).await.unwrap();
    assert_eq!(changes.messages.last(), Some(&reacted));
    let view = stores.chats.view(chat, ben).await.unwrap();
    assert_eq!(view.last_message.as_ref(), Some(&reacted));
    let replay = stores.messages.append(draft_with_client_id(chat, anna, "id")).await.unwrap();
    assert_eq!((&replay.message, replay.replayed), (&reacted, true));
    let edited = edit(stores, id, text("edited"), at(101)).await.unwrap();
    assert_eq!(edited.extras, reacted.extras, "an edit leaves them");
    assert_eq!(stores.messages.get(id).await.unwrap(), edited);
}

pub async fn reactions_go_with_their_chat(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let gone = group(stores, &[anna, ben]).await.id;
    let kept = group(stores, &[anna, ben]).await.id;
    let lost = say(stores, gone, anna, "Hello").await.id;
    let stays = say(stores, kept, anna, "Hello").await.id;
    set(stores, lost, ben, "👍").await.unwrap();
    set(stores, stays, ben, "👍").await.unwrap();
    stores.chats.delete(deleting(gone)).await.unwrap();
    let late = stores.marks.react(reaction(lost, ben, "👍")).await;
    assert_eq!(refused(late), MarkRefusal::NotFound);
    assert_eq!(on(stores, stays).await.len(), 1);
}

pub async fn of_reactions_at_once_each_counts(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let id = say(stores, chat, anna, "Hello").await.id;
    let calls = (0..40).map(|nth| {
        let stores = stores.clone();
        async move {
            if nth % 8 == 7 {
                stores.messages.append(draft(chat, ben, "meanwhile")).await.unwrap();
            } else {
                let user = if nth % 2 == 0 { anna } else { ben };
                let emoji = ["👍", "🦊", "❤️", "🎉"][nth % 4];
                set(&stores, id, user, emoji).await;
            }
        }
    });
    at_once(calls).await;
    let users: usize = on(stores, id).await.iter().map(|(_, users)| users.len()).sum();
    assert_eq!(users, 4, "each emoji was used by one of the two, again and again");
    let copy = Replica::download(stores, chat, anna).await;
    copy.assert_sound();
    assert_eq!(copy.version, Version::stored(2 + 5 + 4));
}

/// Somebody may have been removed since the use case checked.
pub async fn who_is_out_does_not_react(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let other = group(stores, &[anna, ben]).await.id;
    let id = say(stores, chat, anna, "Hello").await.id;
    set(stores, id, ben, "👍").await.unwrap();
    let elsewhere = React { chat: Some(other), ..reaction(id, ben, "🦊") };
    assert_eq!(refused(stores.marks.react(elsewhere).await), MarkRefusal::NotFound);
    stores.members.remove(leaving(chat, ben, at(5))).await.unwrap();
    let before = stores.messages.get(id).await.unwrap();
    for emoji in [Ok(Emoji::new("👍").unwrap()), Err(NotAnEmoji)] {
        for (chat, on) in [(None, true), (Some(chat), true), (None, false), (Some(chat), false)] {
            let late = React { chat, message: id, user: ben, emoji: emoji.clone(), on, at: at(2) };
            assert_eq!(refused(stores.marks.react(late).await), MarkRefusal::NotFound);
        }
    }
    assert_eq!(stores.messages.get(id).await.unwrap(), before);
}

pub async fn nobody_reacts_in_a_closed_chat(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = stores.chats.open_direct(Pair::new(anna, ben), at(1)).await.unwrap().0.id;
    let id = say(stores, chat, anna, "Hello").await.id;
    set(stores, id, ben, "👍").await.unwrap();
    stores.blocks.block(anna, ben, 10, at(150)).await.unwrap();
    let late = stores.marks.react(reaction(id, ben, "🦊")).await;
    assert_eq!(refused(late), MarkRefusal::PeerUnavailable);
    let no_emoji = React { emoji: Err(NotAnEmoji), ..reaction(id, ben, "🦊") };
    let refusal = refused(stores.marks.react(no_emoji.clone()).await);
    assert_eq!(refusal, MarkRefusal::PeerUnavailable, "which comes first");
    let refusal = refused(stores.marks.react(React { on: false, ..no_emoji }).await);
    assert_eq!(refusal, MarkRefusal::Emoji(NotAnEmoji));
    assert!(take_back(stores, id, ben, "👍").await.is_some(), "one may take back");
}
