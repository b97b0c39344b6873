//! Promises of [`domain::block::BlockStore`].

use super::Stores;
use super::fixtures::{
    NOBODY, assert_conflict, assert_not_found, assert_refused, at, at_once, draft,
    draft_with_client_id, group, people, say, set_active, summary, versions,
};
use domain::block::{Block, BlockPage};
use domain::chat::Pair;
use domain::failure::StoreError;
use domain::ids::{ChatId, UserId};
use domain::message::SendRefusal;

async fn block(stores: &Stores, blocker: UserId, blocked: UserId) -> bool {
    stores.blocks.block(blocker, blocked, 10, at(5)).await.unwrap()
}

async fn direct(stores: &Stores, a: UserId, b: UserId) -> ChatId {
    stores.chats.open_direct(Pair::new(a, b), at(1)).await.unwrap().0.id
}

/// Whether the chat is closed to each of these people, by their standing and by an attempt to write.
async fn is_closed(stores: &Stores, chat: ChatId, people: &[UserId]) -> bool {
    let mut closed = Vec::new();
    for person in people {
        let standing = stores.members.standing(chat, *person).await.unwrap().closed;
        let sent = stores.messages.append(draft(chat, *person, "hello")).await;
        assert_eq!(sent.is_err(), standing, "{sent:?}");
        if standing {
            assert_refused(sent, SendRefusal::PeerUnavailable);
        }
        closed.push(standing);
    }
    assert!(closed.iter().all(|one| *one == closed[0]), "for both alike: {closed:?}");
    closed[0]
}

pub async fn whom_one_blocks_is_listed_by_id(stores: &Stores) {
    let [anna, ben, cleo, dora] = people(stores, ["Anna", "Ben", "Cleo", "Dora"]).await;
    for blocked in [dora, ben, cleo] {
        assert!(block(stores, anna, blocked).await);
    }
    assert!(!stores.blocks.block(anna, ben, 10, at(9)).await.unwrap(), "again is no news");
    let all = stores.blocks.list(anna, None, 10).await.unwrap();
    let since = at(5);
    let expected = [(ben, "Ben"), (cleo, "Cleo"), (dora, "Dora")]
        .map(|(id, name)| Block { user: summary(id, name), since });
    assert_eq!(all, BlockPage { blocks: expected.to_vec(), more: false });
    let first = stores.blocks.list(anna, None, 2).await.unwrap();
    assert_eq!((first.blocks.len(), first.more), (2, true));
    let rest = stores.blocks.list(anna, Some(cleo), 2).await.unwrap();
    assert_eq!((&rest.blocks[..], rest.more), (&expected[2..], false));
    assert_eq!(stores.blocks.list(ben, None, 10).await.unwrap().blocks, [], "nobody is told");
    assert!(stores.blocks.unblock(anna, cleo).await.unwrap());
    assert!(!stores.blocks.unblock(anna, cleo).await.unwrap());
    assert_eq!(stores.blocks.list(anna, None, 10).await.unwrap().blocks.len(), 2);
    assert_not_found(stores.blocks.block(anna, UserId::stored(NOBODY), 10, at(5)).await);
    assert!(!stores.blocks.unblock(anna, UserId::stored(NOBODY)).await.unwrap());
}

pub async fn a_block_closes_the_direct_chat_for_both(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = direct(stores, anna, ben).await;
    let (other, notes) = (direct(stores, anna, cleo).await, direct(stores, anna, anna).await);
    let shared = group(stores, &[anna, ben]).await.id;
    let kept =
        stores.messages.append(draft_with_client_id(chat, ben, "once")).await.unwrap().message;
    let before = stores.chats.view(chat, ben).await.unwrap();
    block(stores, anna, ben).await;
    assert!(is_closed(stores, chat, &[anna, ben]).await);
    let after = stores.chats.view(chat, ben).await.unwrap();
    assert_eq!(after, before, "nobody is told: nothing has changed");
    let replay = stores.messages.append(draft_with_client_id(chat, ben, "once")).await.unwrap();
    assert_eq!((replay.message, replay.replayed), (kept, true), "what is stored is stored");
    assert!(!is_closed(stores, other, &[anna, cleo]).await);
    assert!(!is_closed(stores, notes, &[anna]).await);
    assert!(!is_closed(stores, shared, &[anna, ben]).await, "a group is between more than two");

    block(stores, ben, anna).await;
    stores.blocks.unblock(anna, ben).await.unwrap();
    assert!(is_closed(stores, chat, &[anna, ben]).await, "the other one still wants nothing");
    stores.blocks.unblock(ben, anna).await.unwrap();
    assert!(!is_closed(stores, chat, &[anna, ben]).await);
}

pub async fn a_block_keeps_a_direct_chat_from_being_opened(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    block(stores, anna, ben).await;
    let pair = Pair::new(anna, ben);
    assert_conflict(stores.chats.open_direct(pair, at(6)).await);
    assert_eq!(versions(stores, ben).await, [], "none was made");
    stores.blocks.unblock(anna, ben).await.unwrap();
    let chat = direct(stores, ben, anna).await;
    assert!(!is_closed(stores, chat, &[anna, ben]).await);
    block(stores, ben, anna).await;
    assert_conflict(stores.chats.open_direct(pair, at(7)).await);
    assert!(direct(stores, anna, anna).await != chat, "one's notes are one's own");
}

pub async fn disabling_closes_and_enabling_opens(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let (chat, other) = (direct(stores, anna, ben).await, direct(stores, ben, cleo).await);
    set_active(stores, ben, false, at(5)).await.unwrap();
    assert!(is_closed(stores, chat, &[anna]).await);
    assert!(is_closed(stores, other, &[cleo]).await);
    assert_conflict(stores.chats.open_direct(Pair::new(anna, ben), at(6)).await);
    block(stores, cleo, ben).await;
    set_active(stores, ben, true, at(7)).await.unwrap();
    assert!(!is_closed(stores, chat, &[anna, ben]).await);
    assert!(is_closed(stores, other, &[cleo, ben]).await, "blocked all the same");
    set_active(stores, cleo, false, at(8)).await.unwrap();
    stores.blocks.unblock(cleo, ben).await.unwrap();
    assert!(is_closed(stores, other, &[ben]).await, "disabled all the same");
    set_active(stores, cleo, true, at(9)).await.unwrap();
    assert!(!is_closed(stores, other, &[cleo, ben]).await);
}

pub async fn a_block_is_found_in_both_directions(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    block(stores, anna, ben).await;
    block(stores, cleo, ben).await;
    for (a, b, blocked) in [(anna, ben, true), (ben, anna, true), (anna, cleo, false)] {
        assert_eq!(stores.blocks.between(a, b).await.unwrap(), blocked);
    }
    let everybody = [cleo, ben, anna, UserId::stored(NOBODY)];
    assert_eq!(stores.blocks.blockers(ben, &everybody).await.unwrap(), [anna, cleo]);
    assert_eq!(stores.blocks.blockers(ben, &[cleo]).await.unwrap(), [cleo], "of those asked about");
    assert_eq!(stores.blocks.blockers(anna, &everybody).await.unwrap(), []);
    assert_eq!(stores.blocks.blockers(ben, &[]).await.unwrap(), []);
}

pub async fn mentions_by_who_is_blocked_do_not_count(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben, cleo]).await.id;
    for author in [ben, cleo, ben] {
        say(stores, chat, author, "look, @Anna").await;
    }
    let counts = async || {
        let view = stores.chats.view(chat, anna).await.unwrap();
        (view.unread_count, view.mention_count)
    };
    assert_eq!(counts().await, (3, 3));
    block(stores, ben, anna).await;
    assert_eq!(counts().await, (3, 3), "the other way round nothing changes");
    block(stores, anna, ben).await;
    assert_eq!(counts().await, (3, 1), "the messages are there to be read all the same");
    stores.blocks.unblock(anna, ben).await.unwrap();
    assert_eq!(counts().await, (3, 3));
}

pub async fn blocks_have_a_limit(stores: &Stores) {
    let [anna, ben, cleo, dora] = people(stores, ["Anna", "Ben", "Cleo", "Dora"]).await;
    for blocked in [ben, cleo] {
        stores.blocks.block(anna, blocked, 2, at(5)).await.unwrap();
    }
    let chat = direct(stores, anna, dora).await;
    assert_conflict(stores.blocks.block(anna, dora, 2, at(6)).await);
    assert!(!is_closed(stores, chat, &[anna, dora]).await, "a refusal closes nothing");
    assert!(!stores.blocks.block(anna, ben, 2, at(7)).await.unwrap(), "again is no more");
    stores.blocks.unblock(anna, ben).await.unwrap();
    assert!(stores.blocks.block(anna, dora, 2, at(8)).await.unwrap(), "a place is free");
}

pub async fn opening_and_blocking_at_once_end_closed(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let pairs = [(anna, ben), (cleo, ben)];
    let calls = (0..16).map(|nth| {
        let stores = stores.clone();
        let (one, other) = pairs[nth % 2];
        async move {
            match nth / 2 {
                3 => stores.blocks.block(one, other, 10, at(5)).await.map(drop),
                4 => on_and_off(&stores, one, other).await,
                _ => stores.chats.open_direct(Pair::new(one, other), at(5)).await.map(drop),
            }
        }
    });
    for answer in at_once(calls).await {
        assert!(matches!(answer, Ok(()) | Err(StoreError::Conflict)), "{answer:?}");
    }
    for (one, other) in pairs {
        assert_conflict(stores.chats.open_direct(Pair::new(one, other), at(6)).await);
    }
    for (chat, _) in versions(stores, ben).await {
        assert!(is_closed(stores, chat, &[ben]).await);
    }
    let _ = say(stores, direct(stores, ben, ben).await, ben, "alone").await;
}

/// Blocks and unblocks: another writer of the same accounts and chats.
async fn on_and_off(stores: &Stores, one: UserId, other: UserId) -> Result<(), StoreError> {
    stores.blocks.block(other, one, 10, at(5)).await?;
    stores.blocks.unblock(other, one).await.map(drop)
}
