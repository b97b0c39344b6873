//! Promises about deleting chats that are large.

use super::Stores;
use super::fixtures::{
    assert_not_found, assert_refused, at, at_once, deleting, draft, draft_with_client_id, group,
    leaving, people, refused, say, versions,
};
use domain::admin::ListedKind;
use domain::chat::{DeleteRefusal, Pair};
use domain::ids::{ChatId, MessageId, Seq, UserId, Version};
use domain::limits::CHAT_ERASED_AT_ONCE;
use domain::message::{Emoji, MarkRefusal, MessageQuery, Page, React, Search, SendRefusal, Star};

/// The number of rows that are erased at once here.
const STEP: usize = 100;

fn reaction(message: MessageId, user: UserId, emoji: &str) -> React {
    React { chat: None, message, user, emoji: Ok(Emoji::new(emoji).unwrap()), on: true, at: at(2) }
}

/// A chat with more messages than are erased at once. Cleo has left it, and Ben has reacted to the first.
async fn a_large_chat(stores: &Stores, [anna, ben, cleo]: [UserId; 3]) -> ChatId {
    let chat = group(stores, &[anna, ben, cleo]).await.id;
    let first =
        stores.messages.append(draft_with_client_id(chat, anna, "first")).await.unwrap().message.id;
    stores.marks.react(reaction(first, ben, "👍")).await.unwrap();
    stores.marks.star(Star { message: first, user: ben, on: true }).await.unwrap();
    let calls = (0..CHAT_ERASED_AT_ONCE).map(|nth| {
        let messages = stores.messages.clone();
        async move { messages.append(draft(chat, anna, &format!("needle {nth}"))).await.unwrap() }
    });
    at_once(calls).await;
    stores.members.remove(leaving(chat, cleo, at(9))).await.unwrap();
    chat
}

pub async fn a_large_chat_is_gone_at_once_and_its_rows_follow(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = a_large_chat(stores, [anna, ben, cleo]).await;
    let pair = Pair::new(anna, ben);
    let whispered = stores.addresses.open_whispers(chat, pair, at(3)).await.unwrap().0.id;
    let kept = group(stores, &[anna, ben]).await.id;
    let first = stores.messages.page(chat, Page::After(Seq::ZERO), 1).await.unwrap().messages;
    assert_eq!(stores.chats.delete(deleting(chat)).await.unwrap(), [chat, whispered]);

    for gone in [chat, whispered] {
        assert_not_found(stores.chats.view(gone, anna).await);
        assert_not_found(stores.members.standing(gone, ben).await);
        assert_not_found(stores.chats.changes(gone, Version::ZERO, 10).await);
        assert_not_found(stores.addresses.outline(gone).await);
        assert_eq!(stores.members.list(gone, None, 10).await.unwrap().members, []);
        assert_eq!(stores.messages.page(gone, Page::Latest, 10).await.unwrap().messages, []);
        let sent = stores.messages.append(draft(gone, anna, "?")).await;
        assert_refused(sent, SendRefusal::ChatNotFound);
        let again = stores.chats.delete(deleting(gone)).await;
        assert_eq!(refused(again), DeleteRefusal::ChatNotFound);
    }
    let late = stores.marks.react(reaction(first[0].id, ben, "🦊")).await;
    assert_eq!(refused(late), MarkRefusal::NotFound);
    let version = stores.chats.view(kept, anna).await.unwrap().version;
    assert_eq!(stores.chats.heads(&[chat, whispered, kept]).await.unwrap(), [(kept, version)]);
    assert_eq!(versions(stores, ben).await, [(kept, version)]);
    let groups = stores.admin.chats(Some(ListedKind::Group), None, 10).await.unwrap().chats;
    assert_eq!(groups.iter().map(|group| group.chat.id).collect::<Vec<_>>(), [kept]);
    let query = MessageQuery::read(&Search { q: "needle", ..Search::default() }).unwrap();
    assert_eq!(stores.messages.find(anna, query, None, 10).await.unwrap().messages, []);
    assert_eq!(stores.marks.starred(ben, true, None, 10).await.unwrap().messages, []);

    loop {
        let rows = stores.chats.erase_deleted(STEP).await.unwrap();
        assert!(rows <= STEP + 1, "{rows} rows at once");
        if rows == 0 {
            break;
        }
        say(stores, kept, ben, "meanwhile").await;
    }
    assert_not_found(stores.messages.get(first[0].id).await);
    let reused = stores.messages.append(draft_with_client_id(kept, anna, "first")).await.unwrap();
    assert!(!reused.replayed, "its client ids went with it");
    assert_eq!(stores.own.chats(cleo, None, 10).await.unwrap(), [], "so did who had left");
}
