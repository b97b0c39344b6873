//! Promises of [`domain::message::MessageStore`] and [`domain::media::MediaStore`] about messages
//! that came with files.

use super::Stores;
use super::media::{due, key, upload};
use super::scene::{
    NOBODY, assert_not_found, assert_refused, at, at_once, draft, group, named, people,
};
use domain::ids::{AttachmentId, ChatId, UserId, Version};
use domain::message::{Draft, MessageText, Page, SendRefusal};

/// A message that is nothing but files.
fn files(chat: ChatId, author: UserId, ids: &[AttachmentId]) -> Draft {
    let text = MessageText::beside_attachments(" ").unwrap();
    Draft { text, attachments: ids.to_vec(), ..draft(chat, author, "files") }
}

pub async fn a_message_takes_its_uploads_along(stores: &Stores) {
    let [anna, bela] = people(stores, ["Anna", "Bela"]).await;
    let chat = group(stores, &[anna, bela]).await.id;
    let first = upload(stores, anna, 1).await;
    let second = upload(stores, anna, 2).await;
    let plain = stores.messages.append(draft(chat, anna, "plain")).await.unwrap().message;
    let sent = stores.messages.append(files(chat, anna, &[second.id, first.id])).await.unwrap();
    let sent = sent.message;
    assert_eq!(sent.extras.attachments, [second, first.clone()], "in the order of the draft");
    assert_eq!(sent.text, "");
    assert_eq!(stores.messages.get(sent.id).await.unwrap(), sent);
    let page = stores.messages.page(chat, Page::Latest, 10).await.unwrap();
    assert_eq!(page.messages, [plain.clone(), sent.clone()]);
    let changes = stores.chats.changes(chat, Version::ZERO, 100).await.unwrap();
    assert_eq!(changes.messages, [plain, sent.clone()]);
    let view = stores.chats.view(chat, bela).await.unwrap();
    assert_eq!(view.last_message, Some(sent.clone()));
    assert_eq!(stores.media.get(first.id).await.unwrap().chat, Some(chat));
    // It is not an upload that waits any more.
    assert_not_found(stores.media.remove_unused(anna, first.id, at(120)).await);
    assert_eq!(due(stores, 900, 900).await, []);
    let text = MessageText::new("more").unwrap();
    let edited = stores.messages.edit(sent.id, text, at(130)).await.unwrap();
    assert_eq!(edited.extras, sent.extras);
}

pub async fn only_unused_uploads_of_ones_own_are_taken(stores: &Stores) {
    let [anna, bela] = people(stores, ["Anna", "Bela"]).await;
    let chat = group(stores, &[anna, bela]).await.id;
    let (own, used) = (upload(stores, anna, 1).await.id, upload(stores, anna, 2).await.id);
    let (others, removed) = (upload(stores, bela, 3).await.id, upload(stores, anna, 4).await.id);
    stores.messages.append(files(chat, anna, &[used])).await.unwrap();
    stores.media.remove_unused(anna, removed, at(120)).await.unwrap();
    for wrong in [used, others, removed, AttachmentId::stored(NOBODY)] {
        let refused = stores.messages.append(files(chat, anna, &[own, wrong])).await;
        assert_refused(refused, SendRefusal::AttachmentNotFound);
    }
    let sent = stores.messages.append(files(chat, anna, &[own])).await.unwrap().message;
    assert_eq!((sent.seq.get(), sent.version.get()), (2, 3), "refusals use up no number");
}

pub async fn an_upload_named_at_once_goes_into_one_message(stores: &Stores) {
    let [anna] = people(stores, ["Anna"]).await;
    let mut chats = Vec::new();
    for _ in 0..4 {
        chats.push(group(stores, &[anna]).await.id);
    }
    for n in 1..4 {
        let file = upload(stores, anna, n).await.id;
        let sends = chats.iter().flat_map(|chat| [*chat; 3]).map(|chat| {
            let messages = stores.messages.clone();
            async move { messages.append(files(chat, anna, &[file])).await }
        });
        let sent = at_once(sends).await;
        let (sent, refused): (Vec<_>, Vec<_>) = sent.into_iter().partition(Result::is_ok);
        assert_eq!(sent.len(), 1);
        for refused in refused {
            assert_refused(refused, SendRefusal::AttachmentNotFound);
        }
    }
}

pub async fn a_replay_has_its_attachments(stores: &Stores) {
    let [anna] = people(stores, ["Anna"]).await;
    let chat = group(stores, &[anna]).await.id;
    let file = upload(stores, anna, 1).await;
    let draft = Draft { attachments: vec![file.id], ..named(chat, anna, "once") };
    let sent = stores.messages.append(draft.clone()).await.unwrap();
    let again = stores.messages.append(draft).await.unwrap();
    assert_eq!((sent.replayed, again.replayed), (false, true));
    assert_eq!(again.message, sent.message);
    assert_eq!(again.message.extras.attachments, [file]);
}

pub async fn a_deleted_message_lets_its_files_go(stores: &Stores) {
    let [anna] = people(stores, ["Anna"]).await;
    let chat = group(stores, &[anna]).await.id;
    let (gone, kept) = (upload(stores, anna, 1).await.id, upload(stores, anna, 2).await.id);
    let sent = stores.messages.append(files(chat, anna, &[gone])).await.unwrap().message;
    stores.messages.append(files(chat, anna, &[kept])).await.unwrap();
    let tombstone = stores.messages.delete(sent.id, at(150)).await.unwrap();
    assert!(tombstone.extras.attachments.is_empty());
    assert_eq!(stores.messages.get(sent.id).await.unwrap(), tombstone);
    assert_not_found(stores.media.get(gone).await);
    assert_eq!(stores.media.get(kept).await.unwrap().chat, Some(chat));
    assert_eq!(due(stores, 150, 0).await, [key(1)]);
}

pub async fn a_deleted_chat_lets_its_files_go(stores: &Stores) {
    let [anna] = people(stores, ["Anna"]).await;
    let (one, other) = (group(stores, &[anna]).await.id, group(stores, &[anna]).await.id);
    let (gone, kept) = (upload(stores, anna, 1).await.id, upload(stores, anna, 2).await.id);
    let waiting = upload(stores, anna, 3).await.id;
    stores.messages.append(files(one, anna, &[gone])).await.unwrap();
    stores.messages.append(files(other, anna, &[kept])).await.unwrap();
    stores.chats.delete(one).await.unwrap();
    assert_not_found(stores.media.get(gone).await);
    assert_eq!(stores.media.get(kept).await.unwrap().chat, Some(other));
    assert_eq!(stores.media.get(waiting).await.unwrap().chat, None);
    assert_eq!(due(stores, 150, 0).await, [key(1)]);
}
