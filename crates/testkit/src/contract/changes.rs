//! Promises of [`domain::chat::ChatStore::changes`]: the ones that catching up stands on.

use super::Stores;
use super::fixtures::{
    NOBODY, assert_not_found, at, at_once, delete, draft, edit, group, joining, leaving, people,
    say, set_member, text, title, titled,
};
use crate::replica::Replica;
use domain::chat::{Changes, ChatRole};
use domain::ids::{ChatId, Seq, UserId, Version};
use domain::message::DeleteMessage;

/// A chat that saw every kind of change, and a copy of it after each.
async fn eventful(stores: &Stores) -> (ChatId, UserId, Vec<Replica>) {
    let [anna, ben, cleo, dora] = people(stores, ["Anna", "Ben", "Cleo", "Dora"]).await;
    let chat = group(stores, &[anna, ben, cleo]).await.id;
    let mut copies = vec![Replica::default()];
    macro_rules! then {
        ($($change:expr;)*) => {$(
            copies.push(Replica::download(stores, chat, anna).await);
            $change.await.unwrap();
        )*};
    }
    let first = say(stores, chat, anna, "one").await.id;
    let second = say(stores, chat, ben, "two").await.id;
    let third = say(stores, chat, cleo, "three").await.id;
    then! {
        edit(stores, first, text("one, edited"), at(101));
        stores.members.mark_read(chat, ben, Seq::stored(2));
        stores.members.add(joining(chat, dora, 10, at(102)));
        stores.messages.append(draft(chat, dora, "four"));
        delete(stores, second, at(103));
        stores.members.set(set_member(chat, anna, dora, ChatRole::Admin));
        stores.chats.update(titled(chat, anna, title("Another title")));
        stores.members.remove(leaving(chat, cleo, at(104)));
        stores.messages.append(draft(chat, anna, "five"));
        edit(stores, first, text("one, edited again"), at(105));
        stores.members.mark_read(chat, ben, Seq::stored(4));
        stores.members.set(set_member(chat, anna, dora, ChatRole::Owner));
        stores.messages.delete(DeleteMessage { chat, message: third, actor: anna.into(), at: at(106) });
        stores.members.add(joining(chat, cleo, 10, at(107)));
        stores.members.remove(leaving(chat, ben, at(108)));
        edit(stores, first, text("one, for the last time"), at(109));
    }
    copies.push(Replica::download(stores, chat, anna).await);
    (chat, anna, copies)
}

pub async fn a_copy_of_any_version_catches_up_exactly(stores: &Stores) {
    let (chat, viewer, copies) = eventful(stores).await;
    let fresh = Replica::download(stores, chat, viewer).await;
    fresh.assert_sound();
    for limit in [1, 2, 3, 7, 200] {
        for copy in &copies {
            let mut caught_up = copy.clone();
            caught_up.catch_up(stores, chat, limit).await;
            assert_eq!(caught_up, fresh, "from {}, {limit} at a time", copy.version);
        }
    }
}

pub async fn every_version_leads_to_the_last(stores: &Stores) {
    let (chat, _, copies) = eventful(stores).await;
    let last = copies.last().unwrap().version;
    for limit in [1, 2, 3, 7] {
        for since in 0..=last.get() {
            let mut reached = Replica { version: Version::stored(since), ..Replica::default() };
            reached.catch_up(stores, chat, limit).await;
            assert_eq!(reached.version, last, "from {since}, {limit} at a time");
        }
    }
}

pub async fn a_page_is_complete_up_to_its_version(stores: &Stores) {
    let (chat, _, copies) = eventful(stores).await;
    let all = stores.chats.changes(chat, Version::ZERO, 200).await.unwrap();
    assert_eq!((all.version, all.more), (copies.last().unwrap().version, false));
    for since in 0..=all.version.get() {
        let since = Version::stored(since);
        for limit in [1, 2, 3, 7, 200] {
            let page = stores.chats.changes(chat, since, limit).await.unwrap();
            assert_eq!(page, part_of(&all, since, &page), "since {since}, limit {limit}");
            let before_the_last = versions(&page).filter(|v| *v < page.version).count();
            assert!(before_the_last < limit.max(2), "since {since}: about {limit} at most");
        }
    }
}

/// The part of all changes that a complete page after `since` must contain.
fn part_of(all: &Changes, since: Version, page: &Changes) -> Changes {
    let within = |version: Version| version > since && version <= page.version;
    Changes {
        chat: all.chat.clone().filter(|chat| within(chat.version)),
        members: all.members.iter().filter(|m| within(m.version)).cloned().collect(),
        messages: all.messages.iter().filter(|m| within(m.version)).cloned().collect(),
        quoted: page.quoted.clone(),
        version: page.version,
        more: page.version < all.version,
    }
}

pub async fn a_long_chat_is_complete_from_anywhere(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let first = say(stores, chat, anna, "first").await.id;
    for nth in 2..=240 {
        let said = say(stores, chat, anna, &nth.to_string()).await;
        match nth % 6 {
            0 => drop(stores.members.mark_read(chat, ben, said.seq).await.unwrap()),
            1 => drop(edit(stores, said.id, text("edited"), at(200)).await.unwrap()),
            2 => drop(edit(stores, first, text("again"), at(201)).await.unwrap()),
            _ => {}
        }
    }
    let all = stores.chats.changes(chat, Version::ZERO, 1000).await.unwrap();
    assert_eq!((all.messages.len(), all.more), (240, false));
    for since in (0..all.version.get()).step_by(11).map(Version::stored) {
        for limit in [20, 1000] {
            let page = stores.chats.changes(chat, since, limit).await.unwrap();
            assert_eq!(page, part_of(&all, since, &page), "since {since}, limit {limit}");
            assert!(page.version > since && versions(&page).count() <= limit, "since {since}");
        }
    }
}

fn versions(changes: &Changes) -> impl Iterator<Item = Version> {
    let messages = changes.messages.iter().map(|message| message.version);
    let members = changes.members.iter().map(|member| member.version);
    messages.chain(members).chain(changes.chat.iter().map(|chat| chat.version))
}

pub async fn each_thing_is_there_once_and_as_it_is_now(stores: &Stores) {
    let (chat, _, _) = eventful(stores).await;
    let all = stores.chats.changes(chat, Version::ZERO, 200).await.unwrap();
    assert!(all.members.is_sorted_by_key(|member| member.version), "oldest change first");
    assert!(all.messages.is_sorted_by_key(|message| message.version), "oldest change first");
    let told: Vec<_> =
        all.messages.iter().map(|m| (m.seq.get(), m.text.as_str(), m.deleted_at)).collect();
    let expected = [
        (4, "four", None),
        (2, "", Some(at(103))),
        (5, "five", None),
        (3, "", Some(at(106))),
        (1, "one, for the last time", None),
    ];
    assert_eq!(told, expected);
    for message in &all.messages {
        assert_eq!(stores.messages.get(message.id).await.unwrap(), *message);
    }
    let people: Vec<_> = all
        .members
        .iter()
        .map(|m| (m.user.name.as_str(), m.role, m.left_at, m.read_seq.get()))
        .collect();
    let expected = [
        ("Dora", ChatRole::Owner, None, 3),
        ("Anna", ChatRole::Admin, None, 0),
        ("Cleo", ChatRole::Member, None, 5),
        ("Ben", ChatRole::Member, Some(at(108)), 4),
    ];
    assert_eq!(people, expected, "those who left are included");
    assert_eq!(all.chat.unwrap().title, Some(title("Another title")));
}

pub async fn nothing_changed_since_now(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let version = say(stores, chat, anna, "one").await.version;
    let (members, messages, quoted) = (vec![], vec![], vec![]);
    let nothing = Changes { chat: None, members, messages, quoted, version, more: false };
    assert_eq!(stores.chats.changes(chat, version, 10).await.unwrap(), nothing);
    assert_not_found(stores.chats.changes(ChatId::stored(NOBODY), Version::ZERO, 10).await);
}

pub async fn a_large_group_begins_on_one_page(stores: &Stores) {
    let [anna, ben, cleo, dora] = people(stores, ["Anna", "Ben", "Cleo", "Dora"]).await;
    let chat = group(stores, &[anna, ben, cleo, dora]).await.id;
    let page = stores.chats.changes(chat, Version::ZERO, 1).await.unwrap();
    assert_eq!((page.version, page.more), (Version::stored(1), false));
    assert_eq!((page.chat.is_some(), page.members.len()), (true, 4));
}

pub async fn pages_walked_while_others_write_miss_nothing(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let first = say(stores, chat, anna, "0").await.id;
    let calls = (0..40).map(|nth| {
        let stores = stores.clone();
        async move {
            if nth % 4 == 3 {
                let mut copy = Replica::default();
                copy.catch_up(&stores, chat, 2).await;
                copy.assert_sound();
                Some(copy)
            } else if nth % 4 == 2 {
                let said = text(&format!("edited by {nth}"));
                edit(&stores, first, said, at(200)).await.unwrap();
                None
            } else {
                say(&stores, chat, ben, &nth.to_string()).await;
                None
            }
        }
    });
    let copies = at_once(calls).await;
    let fresh = Replica::download(stores, chat, anna).await;
    assert_eq!(fresh.version, Version::stored(32), "made, 21 messages, 10 edits");
    for mut copy in copies.into_iter().flatten() {
        copy.catch_up(stores, chat, 3).await;
        assert_eq!(copy, fresh);
    }
}
