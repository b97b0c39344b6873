//! Promises about read markers, and the unread counts that follow from them.

use super::Stores;
use super::fixtures::{
    NOBODY, assert_conflict, assert_not_found, at, at_once, chats_after, delete, draft, edit,
    group, leaving, people, person, say, text,
};
use domain::chat::{Moved, ReadMarker};
use domain::ids::{ChatId, Seq, UserId, Version};
use domain::limits::{MARKER_CROWD, UNREAD_AMONG, UNREAD_COUNT_MAX};

async fn unread(stores: &Stores, chat: ChatId, viewer: UserId) -> i64 {
    stores.chats.view(chat, viewer).await.unwrap().unread_count
}

fn marker(seq: i64, moved: Option<i64>) -> ReadMarker {
    let moved = moved.map_or(Moved::Not, |version| Moved::Shared(Version::stored(version)));
    ReadMarker { seq: Seq::stored(seq), moved, closed: false }
}

pub async fn a_marker_only_moves_forward(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    for said in ["one", "two", "three"] {
        say(stores, chat, anna, said).await;
    }
    for (to, expected) in [
        (0, marker(0, None)),
        (2, marker(2, Some(5))),
        (2, marker(2, None)),
        (1, marker(2, None)),
        (3, marker(3, Some(6))),
        (0, marker(3, None)),
    ] {
        let moved = stores.members.mark_read(chat, ben, Seq::stored(to)).await.unwrap();
        assert_eq!(moved, expected, "to {to}");
        let standing = stores.members.standing(chat, ben).await.unwrap();
        assert_eq!(standing.read_seq, expected.seq);
    }
    let standing = stores.members.standing(chat, anna).await.unwrap();
    assert_eq!((standing.read_seq, standing.version), (Seq::ZERO, Version::stored(6)));
}

pub async fn a_marker_in_a_crowd_is_its_owners_alone(stores: &Stores) {
    let mut crowd = Vec::new();
    for nth in 0..=MARKER_CROWD {
        crowd.push(person(stores, &format!("Reader{nth}")).await.id);
    }
    let (chat, [anna, ben]) = (group(stores, &crowd).await.id, [crowd[0], crowd[1]]);
    say(stores, chat, anna, "one").await;
    say(stores, chat, anna, "two").await;
    let before = stores.chats.view(chat, ben).await.unwrap();
    for (to, seq, moved) in
        [(1, 1, Moved::Alone), (1, 1, Moved::Not), (2, 2, Moved::Alone), (0, 2, Moved::Not)]
    {
        let marker = stores.members.mark_read(chat, ben, Seq::stored(to)).await.unwrap();
        let expected = ReadMarker { seq: Seq::stored(seq), moved, closed: false };
        assert_eq!(marker, expected, "to {to}");
    }
    assert_conflict(stores.members.mark_read(chat, ben, Seq::stored(3)).await);
    let after = stores.chats.view(chat, ben).await.unwrap();
    assert_eq!((before.unread_count, before.read_seq), (2, Seq::ZERO));
    assert_eq!((after.unread_count, after.read_seq), (0, Seq::stored(2)));
    assert_eq!(after.version, before.version, "nothing changed for anybody else");
    let member = async || {
        let page = stores.members.list(chat, Some(anna), 1).await.unwrap();
        (page.members[0].user.id, page.members[0].read_seq)
    };
    assert_eq!(member().await, (ben, Seq::ZERO), "and nobody else learns of it");

    // Once somebody leaves, the chat is small enough; the next move of the marker is shown to others.
    stores.members.remove(leaving(chat, crowd[2], at(5))).await.unwrap();
    assert_eq!(member().await, (ben, Seq::ZERO));
    say(stores, chat, anna, "three").await;
    let marker = stores.members.mark_read(chat, ben, Seq::stored(3)).await.unwrap();
    assert_eq!(marker.moved, Moved::Shared(Version::stored(before.version.get() + 3)));
    assert_eq!(member().await, (ben, Seq::stored(3)));
}

pub async fn counts_stop_at_their_limit(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let limit = i64::try_from(UNREAD_COUNT_MAX).unwrap();
    for _ in 0..=limit {
        say(stores, chat, anna, "@Ben, look").await;
    }
    for (read, counted) in [(0, limit), (1, limit), (2, limit - 1)] {
        stores.members.mark_read(chat, ben, Seq::stored(read)).await.unwrap();
        let view = stores.chats.view(chat, ben).await.unwrap();
        assert_eq!((view.unread_count, view.mention_count), (counted, counted), "after {read}");
    }
}

pub async fn nobody_reads_what_is_not_written(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    assert_conflict(stores.members.mark_read(chat, ben, Seq::stored(1)).await);
    say(stores, chat, anna, "one").await;
    assert_conflict(stores.members.mark_read(chat, ben, Seq::stored(2)).await);
    assert_not_found(stores.members.mark_read(chat, cleo, Seq::stored(1)).await);
    assert_not_found(stores.members.mark_read(ChatId::stored(NOBODY), ben, Seq::ZERO).await);
    stores.members.remove(leaving(chat, ben, at(5))).await.unwrap();
    assert_not_found(stores.members.mark_read(chat, ben, Seq::stored(1)).await);
    let version = stores.chats.view(chat, anna).await.unwrap().version;
    assert_eq!(version, Version::stored(3), "made, a message, somebody left");
}

pub async fn markers_moved_at_once_end_at_the_furthest(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    for nth in 0..20 {
        say(stores, chat, anna, &nth.to_string()).await;
    }
    let calls = (1..=20).rev().map(|seq| {
        let members = stores.members.clone();
        async move { members.mark_read(chat, ben, Seq::stored(seq)).await.unwrap() }
    });
    let moved = at_once(calls).await;
    let mut versions: Vec<_> = moved.iter().filter_map(|marker| marker.moved.version()).collect();
    versions.sort_unstable();
    let standing = stores.members.standing(chat, ben).await.unwrap();
    assert_eq!(standing.read_seq, Seq::stored(20));
    let consecutive: Vec<_> = (22..=standing.version.get()).map(Version::stored).collect();
    assert_eq!(versions, consecutive, "each move is one version, the rest none");
}

pub async fn unread_is_what_others_wrote_and_nobody_deleted(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    say(stores, chat, anna, "one").await;
    say(stores, chat, ben, "two").await;
    let third = say(stores, chat, anna, "three").await.id;
    assert_eq!(unread(stores, chat, ben).await, 2);
    assert_eq!(unread(stores, chat, anna).await, 1);
    edit(stores, third, text("edited"), at(101)).await.unwrap();
    assert_eq!(unread(stores, chat, ben).await, 2);
    delete(stores, third, at(102)).await.unwrap();
    assert_eq!(unread(stores, chat, ben).await, 1);
    let view = stores.chats.view(chat, ben).await.unwrap();
    let tombstone = view.last_message.unwrap();
    assert_eq!((tombstone.id, tombstone.text.as_str()), (third, ""));
    assert_eq!(tombstone.deleted_at, Some(at(102)));
    stores.members.mark_read(chat, ben, Seq::stored(1)).await.unwrap();
    assert_eq!(unread(stores, chat, ben).await, 0);
    say(stores, chat, anna, "four").await;
    assert_eq!(unread(stores, chat, ben).await, 1, "sending does not read");
    let listed = stores.chats.list(ben, chats_after(None, 10)).await.unwrap().chats;
    assert_eq!(listed[0].unread_count, 1);
}

pub async fn unread_is_counted_among_the_newest(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    say(stores, chat, ben, "long ago").await;
    let calls = (1..UNREAD_AMONG).map(|_| {
        let messages = stores.messages.clone();
        async move { messages.append(draft(chat, anna, "one's own")).await.unwrap() }
    });
    at_once(calls).await;
    assert_eq!(unread(stores, chat, anna).await, 1, "it is just among them");
    say(stores, chat, anna, "one's own").await;
    assert_eq!(unread(stores, chat, anna).await, 0);
    say(stores, chat, ben, "now").await;
    assert_eq!(unread(stores, chat, anna).await, 1);
    assert_eq!(unread(stores, chat, ben).await, 100);
}
