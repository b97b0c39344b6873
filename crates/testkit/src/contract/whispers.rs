//! Promises about what two members of a chat whisper there.

use super::Stores;
use super::fixtures::{
    NOBODY, assert_not_found, assert_refused, at, at_once, delete, deleting, draft, group, joining,
    leaving, people, say, versions,
};
use crate::replica::Replica;
use domain::chat::{Chat, ChatKind, Pair, Restriction};
use domain::failure::{StoreError, WriteError};
use domain::ids::{ChatId, Seq, UserId, Version};
use domain::message::SendRefusal;

async fn whispers(stores: &Stores, chat: ChatId, a: UserId, b: UserId) -> Chat {
    stores.addresses.open_whispers(chat, Pair::new(a, b), at(2)).await.unwrap().0
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "an answer goes straight from the call here")]
fn assert_absent(opened: Result<(Chat, bool), WriteError<Restriction>>) {
    assert!(matches!(opened, Err(WriteError::Store(StoreError::NotFound))), "{opened:?}");
}

pub async fn whispers_are_opened_once(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben, cleo]).await.id;
    let calls = (0..20).map(|nth| {
        let pair = if nth % 2 == 0 { Pair::new(anna, ben) } else { Pair::new(ben, anna) };
        let addresses = stores.addresses.clone();
        async move { addresses.open_whispers(chat, pair, at(2)).await.unwrap() }
    });
    let answers = at_once(calls).await;
    assert_eq!(answers.iter().filter(|(_, made)| *made).count(), 1);
    let (whispers, _) = &answers[0];
    assert!(answers.iter().all(|(found, _)| found == whispers), "{answers:?}");
    assert_eq!((whispers.kind, whispers.title.as_ref()), (ChatKind::Whisper(chat), None));
    let view = stores.chats.view(whispers.id, ben).await.unwrap();
    assert_eq!(view.peer.map(|peer| peer.id), Some(anna));
    assert_not_found(stores.chats.view(whispers.id, cleo).await);
    let elsewhere = group(stores, &[anna, ben]).await.id;
    assert_ne!(self::whispers(stores, elsewhere, anna, ben).await.id, whispers.id);
}

pub async fn only_members_whisper(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let nobody = UserId::stored(NOBODY);
    for (chat, a, b) in
        [(chat, anna, cleo), (chat, anna, nobody), (ChatId::stored(NOBODY), anna, ben)]
    {
        assert_absent(stores.addresses.open_whispers(chat, Pair::new(a, b), at(2)).await);
    }
    stores.members.remove(leaving(chat, ben, at(3))).await.unwrap();
    assert_absent(stores.addresses.open_whispers(chat, Pair::new(anna, ben), at(4)).await);
}

pub async fn whispering_leaves_the_chat_as_it_was(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben, cleo]).await.id;
    say(stores, chat, anna, "for all").await;
    let all = super::fixtures::chats_after(None, 10);
    let before = (
        Replica::download(stores, chat, cleo).await,
        stores.chats.list(cleo, all).await.unwrap(),
        versions(stores, cleo).await,
        stores.chats.view(chat, ben).await.unwrap(),
    );
    let whispers = whispers(stores, chat, anna, ben).await.id;
    let said = say(stores, whispers, anna, "for you").await;
    assert_eq!((said.seq, said.version), (Seq::stored(1), Version::stored(2)));
    stores.members.mark_read(whispers, ben, Seq::stored(1)).await.unwrap();
    delete(stores, said.id, at(9)).await.unwrap();
    let after = (
        Replica::download(stores, chat, cleo).await,
        stores.chats.list(cleo, all).await.unwrap(),
        versions(stores, cleo).await,
        stores.chats.view(chat, ben).await.unwrap(),
    );
    assert_eq!(after, before);
    assert_refused(
        stores.messages.append(draft(whispers, cleo, "Me too")).await,
        SendRefusal::ChatNotFound,
    );
}

pub async fn who_leaves_the_chat_leaves_its_whispers(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben, cleo]).await.id;
    let with_ben = whispers(stores, chat, anna, ben).await.id;
    let with_cleo = whispers(stores, chat, cleo, ben).await.id;
    let others = whispers(stores, chat, anna, cleo).await.id;
    say(stores, with_ben, anna, "first").await;
    let left = stores.members.remove(leaving(chat, ben, at(5))).await.unwrap().left;
    let chats: Vec<_> = left.iter().map(|member| member.chat).collect();
    assert_eq!(chats, [chat, with_ben, with_cleo]);
    assert!(left.iter().all(|member| member.user.id == ben && member.left_at == Some(at(5))));
    assert_not_found(stores.chats.view(with_ben, ben).await);
    let view = stores.chats.view(with_ben, anna).await.unwrap();
    assert_eq!((view.member_count, view.version), (1, left[1].version));
    for (whispers, author) in [(with_ben, anna), (with_cleo, cleo)] {
        let answer = stores.messages.append(draft(whispers, author, "Still there?")).await;
        assert_refused(answer, SendRefusal::PeerUnavailable);
    }
    say(stores, others, anna, "Ben is gone").await;

    let joined = stores.members.add(joining(chat, ben, 10, at(6))).await.unwrap().joined;
    let back: Vec<_> = joined.iter().map(|member| (member.chat, member.joined_at)).collect();
    assert_eq!(back, [(chat, at(6)), (with_ben, at(6)), (with_cleo, at(6))]);
    assert_eq!(joined[1].read_seq, Seq::stored(1), "having read everything");
    say(stores, with_ben, anna, "Welcome back").await;
    assert_eq!(stores.chats.view(with_ben, ben).await.unwrap().unread_count, 1);
}

pub async fn whispers_of_two_who_left_wait_for_both(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[cleo, anna, ben]).await.id;
    let whispers = whispers(stores, chat, anna, ben).await.id;
    for user in [anna, ben] {
        stores.members.remove(leaving(chat, user, at(5))).await.unwrap();
    }
    stores.members.add(joining(chat, anna, 10, at(6))).await.unwrap();
    let alone = stores.messages.append(draft(whispers, anna, "Anybody?")).await;
    assert_refused(alone, SendRefusal::PeerUnavailable);
    stores.members.add(joining(chat, ben, 10, at(7))).await.unwrap();
    say(stores, whispers, anna, "Both").await;
}

pub async fn whispers_go_with_the_chat(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let whispers = whispers(stores, chat, anna, ben).await.id;
    let said = say(stores, whispers, anna, "for you").await;
    assert_eq!(stores.chats.delete(deleting(chat)).await.unwrap(), [chat, whispers]);
    assert_not_found(stores.messages.get(said.id).await);
    assert_not_found(stores.chats.view(whispers, anna).await);
    assert_eq!(versions(stores, ben).await, []);
}

pub async fn leaving_and_whispering_at_once_keeps_every_number(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben, cleo]).await.id;
    let whispers = whispers(stores, chat, ben, cleo).await.id;
    let calls = (0..40).map(|nth| {
        let stores = stores.clone();
        async move {
            match nth % 4 {
                0 => drop(stores.members.remove(leaving(chat, ben, at(nth))).await),
                1 => drop(stores.members.add(joining(chat, ben, 10, at(nth))).await),
                2 => drop(stores.messages.append(draft(whispers, cleo, "psst")).await),
                _ => drop(stores.messages.append(draft(chat, anna, "hello")).await),
            }
        }
    });
    at_once(calls).await;
    for (chat, viewer) in [(chat, anna), (whispers, cleo)] {
        let mut copy = Replica::default();
        copy.catch_up(stores, chat, 3).await;
        assert_eq!(copy, Replica::download(stores, chat, viewer).await);
    }
}
