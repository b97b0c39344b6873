//! Promises of [`domain::media::MediaStore`].

use super::Stores;
use super::fixtures::{NOBODY, assert_conflict, assert_not_found, at, at_once, people, refused};
use domain::failure::{StoreError, WriteError};
use domain::ids::{AttachmentId, UserId};
use domain::media::{
    Attachment, FileKey, FileName, NewAttachment, Picture, Reservation, ReserveRefusal,
    StoredAttachment,
};

/// A key made of this number.
pub(super) fn key(n: u8) -> FileKey {
    FileKey::new([n; 32])
}

/// A key that is about to be used.
pub(super) fn reservation(owner: UserId, n: u8) -> Reservation {
    Reservation { owner, key: key(n), at: at(100), until: at(200), at_most: 50, quota: None }
}

/// An attachment to be stored under a reserved key.
pub(super) fn new(owner: UserId, n: u8) -> NewAttachment {
    NewAttachment {
        owner,
        key: key(n),
        name: FileName::new("a 🦊.pdf"),
        mime: "application/pdf",
        size: 9_000_000_000,
        picture: None,
        created_at: at(110),
    }
}

/// A finished upload.
pub(super) async fn upload(stores: &Stores, owner: UserId, n: u8) -> Attachment {
    stores.media.reserve(reservation(owner, n)).await.unwrap();
    stores.media.add(new(owner, n)).await.unwrap()
}

/// The keys due for deletion, those of attachments from before `unused` without a message included.
pub(super) async fn due(stores: &Stores, now: i64, unused: i64) -> Vec<FileKey> {
    stores.media.collect(at(now), at(unused), 100).await.unwrap()
}

pub async fn a_reserved_key_becomes_an_attachment(stores: &Stores) {
    let [anna, bela] = people(stores, ["Anna", "Bela"]).await;
    let file = upload(stores, anna, 1).await;
    let expected = new(anna, 1);
    let (id, name) = (file.id, expected.name);
    let same =
        Attachment { id, name, mime: expected.mime.into(), size: expected.size, picture: None };
    assert_eq!(file, same);
    let stored = StoredAttachment { attachment: file, owner: anna, key: key(1), sent: None };
    assert_eq!(stores.media.get(id).await.unwrap(), stored);

    let picture = Picture { width: 16_384, height: 1, preview: "data:image/webp;base64,eA".into() };
    stores.media.reserve(reservation(bela, 2)).await.unwrap();
    let picture = NewAttachment { picture: Some(picture), ..new(bela, 2) };
    let added = stores.media.add(picture.clone()).await.unwrap();
    assert_eq!(added.picture, picture.picture);
    assert_eq!(stores.media.get(added.id).await.unwrap().attachment, added);
    assert_not_found(stores.media.get(AttachmentId::stored(NOBODY)).await);
}

pub async fn only_the_owner_uses_a_reservation(stores: &Stores) {
    let [anna, bela] = people(stores, ["Anna", "Bela"]).await;
    let nobody = stores.media.reserve(reservation(UserId::stored(NOBODY), 1)).await;
    assert!(matches!(nobody, Err(WriteError::Store(StoreError::NotFound))), "{nobody:?}");
    stores.media.reserve(reservation(anna, 1)).await.unwrap();
    assert_conflict(stores.media.add(new(bela, 1)).await);
    assert_conflict(stores.media.add(new(anna, 2)).await);
    assert_conflict(stores.media.set_avatar(bela, Some(key(1)), at(110)).await);
    assert_conflict(stores.media.set_avatar(anna, Some(key(2)), at(110)).await);
    stores.media.add(new(anna, 1)).await.unwrap();
    assert_conflict(stores.media.add(new(anna, 1)).await);
    assert_conflict(stores.media.set_avatar(anna, Some(key(1)), at(110)).await);
}

pub async fn a_reservation_runs_out(stores: &Stores) {
    let [anna] = people(stores, ["Anna"]).await;
    for n in 1..4 {
        stores.media.reserve(reservation(anna, n)).await.unwrap();
    }
    let late = |n| NewAttachment { created_at: at(200), ..new(anna, n) };
    assert_conflict(stores.media.add(late(1)).await);
    assert_conflict(stores.media.set_avatar(anna, Some(key(1)), at(200)).await);
    stores.media.give_up(&key(2), at(105)).await.unwrap();
    assert_conflict(stores.media.add(new(anna, 2)).await);
    assert_eq!(due(stores, 104, 0).await, []);
    assert_eq!(due(stores, 105, 0).await, [key(2)]);
    assert_eq!(due(stores, 200, 0).await, [key(2), key(1), key(3)]);
    // Giving up a key that is in use or unknown changes nothing.
    let used = upload(stores, anna, 4).await;
    stores.media.give_up(&key(4), at(105)).await.unwrap();
    stores.media.give_up(&key(9), at(105)).await.unwrap();
    assert_eq!(stores.media.get(used.id).await.unwrap().key, key(4));
    assert_eq!(due(stores, 105, 0).await, [key(2)]);
}

pub async fn uploads_without_a_message_have_a_limit(stores: &Stores) {
    let [anna, bela] = people(stores, ["Anna", "Bela"]).await;
    let reserve = |n, now| {
        let wanted = reservation(anna, n);
        stores.media.reserve(Reservation { at_most: 3, at: at(now), ..wanted })
    };
    let first = upload(stores, anna, 1).await;
    reserve(2, 100).await.unwrap();
    reserve(3, 100).await.unwrap();
    assert_eq!(refused(reserve(4, 100).await), ReserveRefusal::TooMany);
    upload(stores, bela, 5).await;
    // An upload that is removed, given up or expired makes room.
    stores.media.remove_unused(anna, first.id, at(120)).await.unwrap();
    reserve(6, 120).await.unwrap();
    assert_eq!(refused(reserve(7, 120).await), ReserveRefusal::TooMany);
    stores.media.give_up(&key(2), at(130)).await.unwrap();
    reserve(7, 130).await.unwrap();
    assert_eq!(refused(reserve(8, 130).await), ReserveRefusal::TooMany);
    reserve(8, 200).await.unwrap();
}

pub async fn files_of_an_account_have_a_quota(stores: &Stores) {
    let [anna, bela] = people(stores, ["Anna", "Bela"]).await;
    let chat = super::fixtures::group(stores, &[bela, anna]).await.id;
    // Room for one file of the largest size, in addition to those already stored.
    let size = 1_000;
    let reserve = async |n, files: u64| {
        let quota = Some(files * size + domain::limits::FILE_BYTES);
        let wanted = Reservation { quota, ..reservation(anna, n) };
        stores.media.reserve(wanted).await
    };
    let stored = async |n| {
        stores.media.reserve(reservation(anna, n)).await.unwrap();
        stores.media.add(NewAttachment { size, ..new(anna, n) }).await.unwrap()
    };
    let (sent, other, unsent) = (stored(1).await, stored(2).await, stored(3).await);
    upload(stores, bela, 4).await;
    assert_eq!(refused(reserve(5, 2).await), ReserveRefusal::Quota);
    reserve(5, 3).await.unwrap();
    assert_eq!(refused(reserve(6, 3).await), ReserveRefusal::Quota, "one is on its way");
    stores.media.give_up(&key(5), at(100)).await.unwrap();
    // Deleting a file makes room, in whatever way.
    stores.media.remove_unused(anna, unsent.id, at(100)).await.unwrap();
    reserve(6, 2).await.unwrap();
    stores.media.give_up(&key(6), at(100)).await.unwrap();
    let draft = domain::message::Draft {
        attachments: vec![sent.id],
        ..super::fixtures::draft(chat, anna, "a file")
    };
    let message = stores.messages.append(draft).await.unwrap().message;
    assert_eq!(refused(reserve(7, 1).await), ReserveRefusal::Quota, "sent files count");
    super::fixtures::delete(stores, message.id, at(101)).await.unwrap();
    reserve(7, 1).await.unwrap();
    stores.media.give_up(&key(7), at(100)).await.unwrap();
    let draft = domain::message::Draft {
        attachments: vec![other.id],
        ..super::fixtures::draft(chat, anna, "a file")
    };
    stores.messages.append(draft).await.unwrap();
    assert_eq!(refused(reserve(8, 0).await), ReserveRefusal::Quota);
    stores.chats.delete(super::fixtures::deleting(chat)).await.unwrap();
    reserve(8, 0).await.unwrap();
}

pub async fn reservations_at_once_keep_the_limit(stores: &Stores) {
    let [anna] = people(stores, ["Anna"]).await;
    let calls = (0..12).map(|n| {
        let media = stores.media.clone();
        async move { media.reserve(Reservation { at_most: 5, ..reservation(anna, n) }).await }
    });
    let made = at_once(calls).await.into_iter().filter(Result::is_ok).count();
    assert_eq!(made, 5);
}

pub async fn an_upload_is_removed_by_its_owner(stores: &Stores) {
    let [anna, bela] = people(stores, ["Anna", "Bela"]).await;
    let file = upload(stores, anna, 1).await;
    assert_not_found(stores.media.remove_unused(bela, file.id, at(120)).await);
    let nothing = AttachmentId::stored(NOBODY);
    assert_not_found(stores.media.remove_unused(anna, nothing, at(120)).await);
    assert_eq!(due(stores, 120, 0).await, []);
    stores.media.remove_unused(anna, file.id, at(120)).await.unwrap();
    assert_not_found(stores.media.get(file.id).await);
    assert_not_found(stores.media.remove_unused(anna, file.id, at(120)).await);
    assert_eq!(due(stores, 120, 0).await, [key(1)]);
}

pub async fn the_avatar_is_the_one_set_last(stores: &Stores) {
    let [anna, bela] = people(stores, ["Anna", "Bela"]).await;
    for n in 1..4 {
        stores.media.reserve(reservation(anna, n)).await.unwrap();
    }
    assert_eq!(stores.media.avatar(anna).await.unwrap(), None);
    stores.media.set_avatar(anna, None, at(110)).await.unwrap();
    stores.media.set_avatar(anna, Some(key(1)), at(110)).await.unwrap();
    assert_eq!(stores.media.avatar(anna).await.unwrap(), Some(key(1)));
    assert_eq!(stores.media.avatar(bela).await.unwrap(), None);
    assert_eq!(stores.media.avatar(UserId::stored(NOBODY)).await.unwrap(), None);
    let people = [anna, bela, UserId::stored(NOBODY)];
    let shown = stores.media.avatars(&people).await.unwrap();
    assert_eq!(shown, [(anna, key(1))].into());
    stores.media.set_avatar(anna, Some(key(2)), at(120)).await.unwrap();
    assert_eq!(stores.media.avatar(anna).await.unwrap(), Some(key(2)));
    assert_eq!(due(stores, 120, 0).await, [key(1)]);
    // If the new one cannot be set, the old one stays.
    assert_conflict(stores.media.set_avatar(anna, Some(key(9)), at(130)).await);
    assert_eq!(stores.media.avatar(anna).await.unwrap(), Some(key(2)));
    stores.media.set_avatar(anna, None, at(140)).await.unwrap();
    assert_eq!(stores.media.avatar(anna).await.unwrap(), None);
    assert_eq!(due(stores, 140, 0).await, [key(1), key(2)]);
}

pub async fn what_waited_too_long_is_collected(stores: &Stores) {
    let [anna] = people(stores, ["Anna"]).await;
    let file = upload(stores, anna, 1).await;
    assert_eq!(due(stores, 300, 110).await, []);
    assert_eq!(stores.media.get(file.id).await.unwrap().key, key(1));
    assert_eq!(due(stores, 300, 111).await, [key(1)]);
    assert_not_found(stores.media.get(file.id).await);
}

pub async fn what_waited_too_long_is_collected_in_parts(stores: &Stores) {
    let [anna] = people(stores, ["Anna"]).await;
    for n in 1..=3 {
        stores.media.reserve(reservation(anna, n)).await.unwrap();
        let created_at = at(110 + i64::from(n));
        stores.media.add(NewAttachment { created_at, ..new(anna, n) }).await.unwrap();
    }
    let some = stores.media.collect(at(300), at(200), 2).await.unwrap();
    assert_eq!(some, [key(1), key(2)]);
    stores.media.forget(&some).await.unwrap();
    assert_eq!(stores.media.collect(at(300), at(200), 2).await.unwrap(), [key(3)]);
}

pub async fn what_is_due_is_collected_until_it_is_forgotten(stores: &Stores) {
    let [anna] = people(stores, ["Anna"]).await;
    let kept = upload(stores, anna, 9).await;
    for n in 1..6 {
        stores.media.reserve(reservation(anna, n)).await.unwrap();
        stores.media.give_up(&key(n), at(190 - i64::from(n))).await.unwrap();
    }
    let oldest = stores.media.collect(at(200), at(0), 2).await.unwrap();
    assert_eq!(oldest, [key(5), key(4)]);
    assert_eq!(stores.media.collect(at(200), at(0), 2).await.unwrap(), oldest);
    stores.media.forget(&[key(5), key(9), key(77)]).await.unwrap();
    stores.media.forget(&[]).await.unwrap();
    assert_eq!(due(stores, 200, 0).await, [key(4), key(3), key(2), key(1)]);
    assert_eq!(stores.media.get(kept.id).await.unwrap().key, key(9));
}
