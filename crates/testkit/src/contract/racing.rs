//! Promises about many calls at once.

use super::Stores;
use super::fixtures::{
    at, at_once, delete, deleting, draft, draft_with_client_id, edit, editing, group, joining,
    leaving, people, person, reply, say, set_member, text, versions,
};
use crate::replica::Replica;
use domain::chat::{ChatRole, RemoveMember};
use domain::failure::StoreError;
use domain::ids::{ChatId, UserId, Version};
use domain::message::{AppendError, Emoji, Pin, React, SendRefusal};
use std::collections::HashSet;

const WRITERS: usize = 40;

async fn crowd(stores: &Stores) -> Vec<UserId> {
    let mut crowd = Vec::new();
    for number in 0..WRITERS {
        crowd.push(person(stores, &format!("Writer {number}")).await.id);
    }
    crowd
}

/// Panics unless the chat holds that many messages and nothing else happened in it.
async fn assert_sent(stores: &Stores, chat: ChatId, viewer: UserId, messages: usize) {
    let copy = Replica::download(stores, chat, viewer).await;
    copy.assert_sound();
    assert_eq!(copy.messages.len(), messages);
    for message in copy.messages.values() {
        assert_eq!(message.version.get(), message.seq.get() + 1, "versions are consecutive");
    }
}

pub async fn writers_to_one_chat_are_numbered_densely(stores: &Stores) {
    let crowd = crowd(stores).await;
    let chat = group(stores, &crowd).await.id;
    let calls = crowd.iter().copied().map(|author| {
        let stores = stores.clone();
        async move {
            let mut seqs = Vec::new();
            for nth in 0..3 {
                seqs.push(say(&stores, chat, author, &format!("{author}: {nth}")).await.seq);
            }
            seqs
        }
    });
    let answers = at_once(calls).await;
    assert!(answers.iter().all(|seqs| seqs.is_sorted_by(|a, b| a < b)), "each keeps its order");
    let answered: HashSet<_> = answers.into_iter().flatten().collect();
    assert_eq!(answered.len(), 3 * WRITERS, "no seq is given twice");
    assert_sent(stores, chat, crowd[0], 3 * WRITERS).await;
}

pub async fn writers_to_several_chats_do_not_mix(stores: &Stores) {
    let crowd = crowd(stores).await;
    let mut chats = Vec::new();
    for _ in 0..4 {
        chats.push(group(stores, &crowd).await.id);
    }
    let calls = crowd.iter().copied().enumerate().map(|(nth, author)| {
        let (stores, chats) = (stores.clone(), chats.clone());
        async move {
            for step in 0..4 {
                say(&stores, chats[(nth + step) % 4], author, "Hello").await;
            }
        }
    });
    at_once(calls).await;
    for chat in chats {
        assert_sent(stores, chat, crowd[0], WRITERS).await;
    }
}

pub async fn one_client_id_at_once_stores_one_message(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    // Four ids, each used ten times, in turn.
    let calls = (0..WRITERS).map(|nth| {
        let messages = stores.messages.clone();
        async move {
            let draft = draft_with_client_id(chat, anna, &format!("id-{}", nth % 4));
            messages.append(draft).await.unwrap()
        }
    });
    let answers = at_once(calls).await;
    assert_eq!(answers.iter().filter(|appended| !appended.replayed).count(), 4);
    for answer in &answers {
        let stored = stores.messages.get(answer.message.id).await.unwrap();
        assert_eq!(answer.message, stored, "all answer the one that is stored");
    }
    assert_sent(stores, chat, ben, 4).await;
}

pub async fn one_client_id_at_once_in_two_chats_goes_to_one(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chats = [group(stores, &[anna, ben]).await.id, group(stores, &[anna, ben]).await.id];
    let calls = (0..WRITERS).map(|nth| {
        let messages = stores.messages.clone();
        async move { messages.append(draft_with_client_id(chats[nth % 2], anna, "id")).await }
    });
    let mut stored = Vec::new();
    for answer in at_once(calls).await {
        match answer {
            Ok(appended) => stored.push(appended.message.id),
            Err(AppendError::Refused(SendRefusal::ClientIdReused)) => {}
            other => panic!("{other:?}"),
        }
    }
    stored.dedup();
    assert_eq!(stored.len(), 1);
    let home = stores.messages.get(stored[0]).await.unwrap().chat;
    for chat in chats {
        assert_sent(stores, chat, ben, usize::from(chat == home)).await;
    }
}

pub async fn what_is_refused_beside_others_fails_alone(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let other = group(stores, &[anna, ben]).await.id;
    stores.messages.append(draft_with_client_id(other, anna, "used")).await.unwrap();
    let elsewhere = say(stores, other, anna, "elsewhere").await.id;
    let calls = (0..WRITERS).map(|nth| {
        let messages = stores.messages.clone();
        let draft = match nth % 5 {
            0 => draft(chat, cleo, "a stranger"),
            1 => draft_with_client_id(chat, anna, "used"),
            2 => reply(chat, anna, elsewhere),
            _ => draft(chat, ben, "good"),
        };
        async move { messages.append(draft).await }
    });
    for (nth, answer) in at_once(calls).await.into_iter().enumerate() {
        match (nth % 5, answer) {
            (0, Err(AppendError::Refused(SendRefusal::ChatNotFound)))
            | (1, Err(AppendError::Refused(SendRefusal::ClientIdReused)))
            | (2, Err(AppendError::Refused(SendRefusal::ReplyNotFound)))
            | (3 | 4, Ok(_)) => {}
            (_, other) => panic!("{nth}: {other:?}"),
        }
    }
    assert_sent(stores, chat, anna, WRITERS / 5 * 2).await;
}

pub async fn every_sort_of_change_at_once_is_one_version_each(stores: &Stores) {
    let crowd = crowd(stores).await;
    let chat = group(stores, &crowd[..20]).await.id;
    let owner = crowd[0];
    let mut sent = Vec::new();
    for nth in 0..10 {
        sent.push(say(stores, chat, owner, &nth.to_string()).await.id);
    }
    let calls = (0..WRITERS).map(|nth| {
        let (stores, user, message) = (stores.clone(), crowd[nth], sent[nth % 10]);
        async move {
            match nth {
                0..10 => drop(edit(&stores, message, text("edited"), at(200)).await),
                10..20 => drop(stores.members.remove(leaving(chat, user, at(201))).await.unwrap()),
                20..30 => {
                    drop(stores.members.add(joining(chat, user, 100, at(202))).await.unwrap());
                }
                _ => drop(delete(&stores, message, at(203)).await.unwrap()),
            }
        }
    });
    at_once(calls).await;
    let copy = Replica::download(stores, chat, owner).await;
    copy.assert_sound();
    assert_eq!(copy.members.len(), 20);
    assert!(copy.messages.values().all(|m| m.deleted_at.is_some() && m.text.is_empty()));
    // An edit after the deletion is refused; each other one makes a version.
    let edited = copy.messages.values().filter(|message| message.edited_at.is_some()).count();
    let expected = 1 + 10 + 30 + i64::try_from(edited).unwrap();
    assert_eq!(copy.version, Version::stored(expected));
    let mut caught_up = Replica::default();
    caught_up.catch_up(stores, chat, 3).await;
    assert_eq!(caught_up, copy);
}

pub async fn nobody_gets_a_message_in_who_has_left(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let calls = (0..WRITERS).map(|nth| {
        let stores = stores.clone();
        async move {
            if nth == WRITERS / 2 {
                let left = stores.members.remove(leaving(chat, ben, at(5))).await.unwrap().left;
                return Ok(left[0].version);
            }
            stores.messages.append(draft(chat, ben, "Still here")).await.map(|a| a.message.version)
        }
    });
    let answers = at_once(calls).await;
    let left = *answers[WRITERS / 2].as_ref().unwrap();
    let mut versions: Vec<_> = answers.iter().flatten().copied().collect();
    versions.sort_unstable();
    assert_eq!(versions.last(), Some(&left), "nothing of theirs is later");
    let refused = answers
        .iter()
        .filter(|answer| matches!(answer, Err(AppendError::Refused(SendRefusal::ChatNotFound))));
    assert_eq!(versions.len() + refused.count(), WRITERS);
    assert_sent(stores, chat, anna, versions.len() - 1).await;
}

pub async fn nobody_changes_a_message_who_has_left(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    stores.members.set(set_member(chat, anna, ben, ChatRole::Admin)).await.unwrap();
    let message = say(stores, chat, ben, "Hello").await.id;
    let calls = (0..WRITERS).map(|nth| {
        let stores = stores.clone();
        async move {
            if nth == WRITERS / 2 {
                let removal = RemoveMember { chat, actor: anna.into(), user: ben, at: at(201) };
                let left = stores.members.remove(removal).await.unwrap().left;
                return Some(left[0].version);
            }
            let emoji = char::from_u32(0x1f400 + u32::try_from(nth / 3).unwrap()).unwrap();
            let emoji = Emoji::new(&emoji.to_string());
            let react = React { chat: None, message, user: ben, emoji, on: true, at: at(2) };
            let pin = Pin { chat, message, actor: ben.into(), on: nth % 2 == 0, at: at(200) };
            let edit = editing((chat, message), ben, Ok(text("edited")), at(200));
            match nth % 3 {
                0 => stores.messages.edit(edit).await.ok().flatten(),
                1 => stores.marks.react(react).await.ok().flatten(),
                _ => stores.marks.pin(pin).await.ok().flatten(),
            }
            .map(|changed| changed.version)
        }
    });
    let answers = at_once(calls).await;
    let left = answers[WRITERS / 2].unwrap();
    let mut versions: Vec<_> = answers.into_iter().flatten().collect();
    versions.sort_unstable();
    assert_eq!(versions.last(), Some(&left), "nothing of theirs is later");
    let copy = Replica::download(stores, chat, anna).await;
    copy.assert_sound();
    assert_eq!(copy.version, left, "nor did a refusal count");
    assert!(versions.into_iter().map(Version::get).eq(4..=left.get()), "each once");
}

pub async fn a_chat_deleted_under_its_writers_is_gone_whole(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let calls = (0..WRITERS).map(|nth| {
        let stores = stores.clone();
        async move {
            if nth == WRITERS / 2 {
                stores.chats.delete(deleting(chat)).await.unwrap();
                return None;
            }
            let draft = draft_with_client_id(chat, ben, &format!("id-{nth}"));
            match stores.messages.append(draft).await {
                Ok(appended) => Some(appended.message.id),
                Err(AppendError::Refused(SendRefusal::ChatNotFound)) => None,
                Err(other) => panic!("{other:?}"),
            }
        }
    });
    for message in at_once(calls).await.into_iter().flatten() {
        let gone = stores.messages.get(message).await;
        assert!(matches!(gone, Err(StoreError::NotFound)), "{gone:?}");
    }
    assert_eq!(versions(stores, ben).await, []);
}
