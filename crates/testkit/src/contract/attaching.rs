//! Promises of [`domain::message::MessageStore`] and [`domain::media::MediaStore`] about messages
//! that came with files.

use super::Stores;
use super::fixtures::{
    NOBODY, assert_conflict, assert_not_found, assert_refused, at, at_once, delete, deleting,
    draft, draft_with_client_id, edit, group, leaving, people,
};
use super::media::{due, key, new, reservation, upload};
use domain::failure::{StoreError, WriteError};
use domain::ids::{AttachmentId, ChatId, UserId, Version};
use domain::media::ChatFile;
use domain::message::{Author, Draft, MessageQuery, MessageText, Page, SendRefusal};
use domain::own_data::{LeftMessages, PendingDeletion};
use std::collections::BTreeSet;

/// A message with files and no text.
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
    assert_eq!(stores.media.get(first.id).await.unwrap().sent.map(|(chat, _)| chat), Some(chat));
    // It no longer counts as an unused upload.
    assert_not_found(stores.media.remove_unused(anna, first.id, at(120)).await);
    assert_eq!(due(stores, 900, 900).await, []);
    let text = MessageText::new("more").unwrap();
    let edited = edit(stores, sent.id, text, at(130)).await.unwrap();
    assert_eq!(edited.extras, sent.extras);
}

pub async fn a_message_of_nothing_but_files_is_found_by_its_author(stores: &Stores) {
    let [anna, bela] = people(stores, ["Anna", "Bela"]).await;
    let chat = group(stores, &[anna, bela]).await.id;
    let upload = upload(stores, anna, 1).await;
    let sent = stores.messages.append(files(chat, anna, &[upload.id])).await.unwrap().message;
    stores.messages.append(draft(chat, bela, "Thanks")).await.unwrap();
    let gone = stores.messages.append(draft(chat, anna, "gone")).await.unwrap().message;
    delete(stores, gone.id, at(50)).await.unwrap();
    let by_anna = MessageQuery { author: Some(Author::Id(anna)), ..MessageQuery::default() };
    let found = stores.messages.find(bela, by_anna, None, 10).await.unwrap();
    assert_eq!(found.messages, [sent]);
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
    let draft = Draft { attachments: vec![file.id], ..draft_with_client_id(chat, anna, "once") };
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
    let tombstone = delete(stores, sent.id, at(150)).await.unwrap().unwrap();
    assert!(tombstone.extras.attachments.is_empty());
    assert_eq!(stores.messages.get(sent.id).await.unwrap(), tombstone);
    assert_not_found(stores.media.get(gone).await);
    assert_eq!(stores.media.get(kept).await.unwrap().sent.map(|(chat, _)| chat), Some(chat));
    assert_eq!(due(stores, 150, 0).await, [key(1)]);
}

pub async fn a_deleted_chat_lets_its_files_go(stores: &Stores) {
    let [anna] = people(stores, ["Anna"]).await;
    let (one, other) = (group(stores, &[anna]).await.id, group(stores, &[anna]).await.id);
    let (gone, kept) = (upload(stores, anna, 1).await.id, upload(stores, anna, 2).await.id);
    let waiting = upload(stores, anna, 3).await.id;
    stores.messages.append(files(one, anna, &[gone])).await.unwrap();
    stores.messages.append(files(other, anna, &[kept])).await.unwrap();
    stores.chats.delete(deleting(one)).await.unwrap();
    assert_not_found(stores.media.get(gone).await);
    assert_eq!(stores.media.get(kept).await.unwrap().sent.map(|(chat, _)| chat), Some(other));
    assert_eq!(stores.media.get(waiting).await.unwrap().sent.map(|(chat, _)| chat), None);
    assert_eq!(due(stores, 150, 0).await, [key(1)]);
}

pub async fn a_deleted_account_lets_its_files_go(stores: &Stores) {
    let [anna, bela] = people(stores, ["Anna", "Bela"]).await;
    let chat = group(stores, &[bela, anna]).await.id;
    let (sent, waiting) = (upload(stores, anna, 1).await.id, upload(stores, anna, 2).await.id);
    let others = upload(stores, bela, 3).await.id;
    stores.messages.append(files(chat, anna, &[sent])).await.unwrap();
    for n in 4..7 {
        stores.media.reserve(reservation(anna, n)).await.unwrap();
    }
    stores.media.set_avatar(anna, Some(key(4)), at(110)).await.unwrap();
    let deletion = PendingDeletion { user: anna, messages: LeftMessages::Keep, at: at(115) };
    stores.own.begin_deletion(deletion, None).await.unwrap();
    assert_eq!(
        stores.media.get(sent).await.unwrap().sent.map(|(chat, _)| chat),
        Some(chat),
        "as its message"
    );
    assert_eq!(stores.media.get(others).await.unwrap().key, key(3));
    assert_not_found(stores.media.get(waiting).await);
    assert_eq!(stores.media.avatar(anna).await.unwrap(), None);
    let gone: BTreeSet<_> = due(stores, 115, 0).await.into_iter().collect();
    assert_eq!(gone, BTreeSet::from([key(2), key(4)]));
    // Uploads in progress are refused at the end, and new ones at the start.
    assert_conflict(stores.media.add(new(anna, 5)).await);
    assert_conflict(stores.media.set_avatar(anna, Some(key(6)), at(120)).await);
    let gone = stores.media.reserve(reservation(anna, 7)).await;
    assert!(matches!(gone, Err(WriteError::Store(StoreError::NotFound))), "{gone:?}");
    assert_eq!(due(stores, 200, 0).await.len(), 4);
}

pub async fn ones_files_are_paged(stores: &Stores) {
    let [anna, bela] = people(stores, ["Anna", "Bela"]).await;
    let chat = group(stores, &[anna, bela]).await.id;
    let mut own = Vec::new();
    for n in 1..6 {
        own.push(upload(stores, anna, n).await.id);
        upload(stores, bela, 10 + n).await;
    }
    stores.messages.append(files(chat, anna, &[own[3], own[1]])).await.unwrap();
    stores.media.remove_unused(anna, own[2], at(120)).await.unwrap();
    let mut expected = Vec::new();
    for id in [own[0], own[1], own[3], own[4]] {
        expected.push(stores.media.get(id).await.unwrap());
    }
    let chats: Vec<_> = expected.iter().map(|file| file.sent.map(|(chat, _)| chat)).collect();
    assert_eq!(chats, [None, Some(chat), Some(chat), None]);
    for limit in [1, 3, 4, 5] {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = stores.own.files(anna, after, limit).await.unwrap();
            assert!(page.len() <= limit);
            let Some(last) = page.last() else { break };
            after = Some(last.attachment.id);
            found.extend(page);
        }
        assert_eq!(found, expected, "limit {limit}");
    }
    assert_eq!(stores.own.files(UserId::stored(NOBODY), None, 10).await.unwrap(), []);
}

pub async fn the_newest_files_of_a_chat_are_listed(stores: &Stores) {
    let [anna, bela] = people(stores, ["Anna", "Bela"]).await;
    let chat = group(stores, &[anna, bela]).await.id;
    let other = group(stores, &[anna, bela]).await.id;
    let mut ids = Vec::new();
    for (n, owner) in (1..=3).zip([anna, bela, anna]) {
        let file = upload(stores, owner, n).await;
        stores.messages.append(files(chat, owner, &[file.id])).await.unwrap();
        let listed = ChatFile { attachment: file, owner, uploaded_at: at(110) };
        ids.push(listed);
    }
    let elsewhere = upload(stores, anna, 4).await.id;
    stores.messages.append(files(other, anna, &[elsewhere])).await.unwrap();
    upload(stores, anna, 5).await;
    assert_eq!(stores.media.in_chat(bela, chat, 100).await.unwrap(), ids);
    assert_eq!(stores.media.in_chat(bela, chat, 2).await.unwrap(), ids[1..]);
    assert_not_found(stores.media.in_chat(bela, ChatId::stored(NOBODY), 100).await);
    stores.members.remove(leaving(chat, bela, at(120))).await.unwrap();
    assert_not_found(stores.media.in_chat(bela, chat, 100).await);
}
