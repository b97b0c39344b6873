//! Promises to those who do not wait for the answer: what they asked for happens whole or not at
//! all, and everybody else's calls go on.

use super::Stores;
use super::fixtures::{
    POLL_COUNTS, assert_not_found, at, at_once, delete, deleting, draft_with_client_id, edit,
    group, joining, leaving, people, person, poll_then_drop, refused, say, session, set_member,
    text,
};
use crate::replica::Replica;
use domain::chat::{ChatRole, DeleteRefusal, Pair};
use domain::failure::StoreError;
use domain::ids::{Seq, Version};

pub async fn a_send_is_stored_whole_or_not_at_all(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    for (nth, times) in POLL_COUNTS.into_iter().enumerate() {
        let draft = draft_with_client_id(chat, anna, &format!("id-{nth}"));
        poll_then_drop(times, stores.messages.append(draft)).await;
    }
    // Each retry finds the message, or stores it now.
    for nth in 0..POLL_COUNTS.len() {
        let draft = draft_with_client_id(chat, anna, &format!("id-{nth}"));
        let message = stores.messages.append(draft).await.unwrap().message;
        assert_eq!(message.text, "said once");
    }
    let copy = Replica::download(stores, chat, ben).await;
    copy.assert_sound();
    assert_eq!(copy.messages.len(), POLL_COUNTS.len(), "each once");
    let sends = i64::try_from(POLL_COUNTS.len()).unwrap();
    assert_eq!(copy.version, Version::stored(1 + sends));
}

pub async fn sends_dropped_among_others_touch_nobody(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let calls = (0..40).map(|nth| {
        let messages = stores.messages.clone();
        async move {
            let append = messages.append(draft_with_client_id(chat, anna, &format!("id-{nth}")));
            if nth % 2 == 0 {
                let times = POLL_COUNTS[nth % POLL_COUNTS.len()];
                poll_then_drop(times, append).await.transpose().unwrap()
            } else {
                Some(append.await.unwrap())
            }
        }
    });
    for (nth, answer) in at_once(calls).await.into_iter().enumerate() {
        assert!(nth % 2 == 0 || answer.is_some_and(|appended| !appended.replayed));
        let draft = draft_with_client_id(chat, anna, &format!("id-{nth}"));
        stores.messages.append(draft).await.unwrap();
    }
    let copy = Replica::download(stores, chat, ben).await;
    copy.assert_sound();
    assert_eq!((copy.messages.len(), copy.version), (40, Version::stored(41)));
}

pub async fn a_change_is_made_whole_or_not_at_all(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    for times in POLL_COUNTS {
        let sent = say(stores, chat, anna, "before").await;
        poll_then_drop(times, edit(stores, sent.id, text("after"), at(200))).await;
        let now = stores.messages.get(sent.id).await.unwrap();
        let whole =
            now.text == "after" && now.edited_at == Some(at(200)) && now.version > sent.version;
        assert!(now == sent || whole, "{now:?}");

        let sent = say(stores, chat, anna, "before").await;
        poll_then_drop(times, delete(stores, sent.id, at(201))).await;
        let now = stores.messages.get(sent.id).await.unwrap();
        let whole = now.text.is_empty() && now.deleted_at.is_some() && now.version > sent.version;
        assert!(now == sent || whole, "{now:?}");
    }
    Replica::download(stores, chat, ben).await.assert_sound();
}

pub async fn members_dropped_half_way_leave_a_sound_chat(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    for (times, seq) in POLL_COUNTS.into_iter().zip(1..) {
        say(stores, chat, ben, "Hello").await;
        poll_then_drop(times, stores.members.mark_read(chat, anna, Seq::stored(seq))).await;
        poll_then_drop(times, stores.members.add(joining(chat, cleo, 10, at(200)))).await;
        poll_then_drop(times, stores.members.remove(leaving(chat, cleo, at(201)))).await;
        poll_then_drop(times, stores.members.set(set_member(chat, anna, ben, ChatRole::Owner)))
            .await;
        poll_then_drop(times, stores.members.set(set_member(chat, ben, anna, ChatRole::Owner)))
            .await;
    }
    let mut caught_up = Replica::default();
    let copy = loop {
        caught_up.catch_up(stores, chat, 2).await;
        let copy = Replica::download(stores, chat, ben).await;
        // A call that was dropped late may still be carried out in between.
        if copy.version == caught_up.version {
            break copy;
        }
    };
    assert_eq!(caught_up, copy);
    copy.assert_sound();
    assert_eq!(copy.messages.len(), POLL_COUNTS.len());
    let owners = copy.members.values().filter(|member| member.role == ChatRole::Owner).count();
    assert_eq!(owners, 1, "the chat was handed over whole or not at all");
}

pub async fn a_chat_is_made_whole_or_not_at_all(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    for times in POLL_COUNTS {
        poll_then_drop(times, stores.chats.open_direct(Pair::new(anna, ben), at(1))).await;
        let chat = stores.chats.open_direct(Pair::new(anna, ben), at(1)).await.unwrap().0.id;
        assert_eq!(stores.chats.view(chat, anna).await.unwrap().member_count, 2);
        let message = say(stores, chat, ben, "Hello").await.id;
        poll_then_drop(times, stores.chats.delete(deleting(chat))).await;
        // A call that was dropped late may still be carried out; this one deletes the chat for certain.
        let deleted = stores.chats.delete(deleting(chat)).await;
        let gone = DeleteRefusal::ChatNotFound;
        assert!(deleted.is_ok() || refused(deleted) == gone);
        assert_not_found(stores.messages.get(message).await);
        assert_not_found(stores.chats.view(chat, anna).await);
    }
}

pub async fn sessions_dropped_half_way_do_not_harm_others(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    let opened = session(stores, anna, 10).await;
    let mut generation = opened.generation;
    for times in POLL_COUNTS {
        poll_then_drop(times, stores.sessions.rotate(opened.id, generation, at(20), at(300))).await;
        let now = stores.sessions.get(opened.id, at(20)).await.unwrap().session.generation;
        assert!(now == generation || now == generation + 1, "{generation} became {now}");
        generation = now;
    }
    // A call that was dropped late may still be carried out, so the generation is read again.
    let at_last = loop {
        let now = stores.sessions.get(opened.id, at(20)).await.unwrap().session.generation;
        match stores.sessions.rotate(opened.id, now, at(20), at(300)).await {
            Ok(session) => break session,
            Err(StoreError::Conflict) => {}
            Err(other) => panic!("{other:?}"),
        }
    };
    assert_eq!(at_last.expires_at, at(300));
}
