//! Promises of the stores about who is brought into a group against their will.

use super::Stores;
use super::fixtures::{
    assert_not_found, at, draft, group, joining, leaving, people, refused, say, set_member, title,
    versions,
};
use domain::chat::{
    ChatRole, NewGroup, Pair, Permissions, RemoveMember, SetMemberError, SetMemberRefusal,
};
use domain::ids::{ChatId, UserId};
use domain::limits::WRITTEN_AMONG;
use domain::message::Draft;

async fn add(
    stores: &Stores,
    (chat, actor, user): (ChatId, UserId, UserId),
) -> Result<usize, SetMemberError> {
    let set = stores.members.set(set_member(chat, actor, user, ChatRole::Member)).await;
    set.map(|changed| changed.joined.len())
}

/// Sends a message in the direct chat of the two, at that time.
async fn write(stores: &Stores, from: UserId, to: UserId, seconds: i64) {
    let chat = stores.chats.open_direct(Pair::new(from, to), at(1)).await.unwrap().0.id;
    let draft = Draft { sent_at: at(seconds), ..draft(chat, from, "hello") };
    stores.messages.append(draft).await.unwrap();
}

pub async fn who_has_blocked_somebody_is_not_brought_in_by_them(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    stores.blocks.block(anna, ben, 10, at(5)).await.unwrap();
    let new = |owner: UserId, members: Vec<UserId>| NewGroup {
        title: title("New"),
        owner,
        members,
        open: false,
        permissions: Permissions::default(),
        external_id: None,
        data: None,
        created_at: at(6),
    };
    for members in [vec![anna], vec![anna, cleo]] {
        assert_not_found(stores.chats.create_group(new(ben, members)).await);
    }
    assert_eq!(versions(stores, ben).await, [], "nothing was made");
    let chat = group(stores, &[ben, cleo]).await.id;
    let before = stores.chats.view(chat, ben).await.unwrap();
    let refusal = refused(add(stores, (chat, ben, anna)).await);
    assert_eq!(refusal, SetMemberRefusal::UserNotFound);
    assert_eq!(stores.chats.view(chat, ben).await.unwrap(), before);
    // Others may add her, and she may add him; once the block is lifted, so may he.
    stores.members.set(set_member(chat, ben, cleo, ChatRole::Admin)).await.unwrap();
    assert_eq!(add(stores, (chat, cleo, anna)).await.unwrap(), 1);
    stores.chats.create_group(new(anna, vec![ben])).await.unwrap();
    stores.blocks.unblock(anna, ben).await.unwrap();
    stores.chats.create_group(new(ben, vec![anna])).await.unwrap();
}

pub async fn who_left_is_brought_back_by_whom_they_wrote_to(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben, cleo]).await.id;
    stores.members.set(set_member(chat, anna, cleo, ChatRole::Admin)).await.unwrap();
    write(stores, ben, anna, 10).await;
    stores.members.remove(leaving(chat, ben, at(20))).await.unwrap();
    for actor in [anna, cleo] {
        let refusal = refused(add(stores, (chat, actor, ben)).await);
        assert_eq!(refusal, SetMemberRefusal::Left, "not since");
    }
    // Only what he wrote to the actor counts, not what was written to him or what he wrote to others.
    write(stores, anna, ben, 21).await;
    assert_eq!(refused(add(stores, (chat, anna, ben)).await), SetMemberRefusal::Left);
    write(stores, ben, anna, 22).await;
    assert_eq!(refused(add(stores, (chat, cleo, ben)).await), SetMemberRefusal::Left);
    assert_eq!(add(stores, (chat, anna, ben)).await.unwrap(), 1);
    // After leaving again, only what he writes from then on counts.
    stores.members.remove(leaving(chat, ben, at(23))).await.unwrap();
    assert_eq!(refused(add(stores, (chat, anna, ben)).await), SetMemberRefusal::Left);
    write(stores, ben, anna, 24).await;
    let direct = stores.chats.open_direct(Pair::new(anna, ben), at(1)).await.unwrap().0.id;
    for _ in 0..WRITTEN_AMONG {
        say(stores, direct, anna, "and what else?").await;
    }
    let refusal = refused(add(stores, (chat, anna, ben)).await);
    assert_eq!(refusal, SetMemberRefusal::Left, "that is long ago");
}

pub async fn who_was_taken_out_may_be_brought_back(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let removal = RemoveMember { chat, actor: anna.into(), user: ben, at: at(20) };
    stores.members.remove(removal).await.unwrap();
    assert_eq!(add(stores, (chat, anna, ben)).await.unwrap(), 1);
    // Leaving and coming back on one's own leaves no trace.
    stores.members.remove(leaving(chat, ben, at(21))).await.unwrap();
    stores.members.add(joining(chat, ben, 10, at(22))).await.unwrap();
    stores.members.remove(RemoveMember { at: at(23), ..removal }).await.unwrap();
    assert_eq!(add(stores, (chat, anna, ben)).await.unwrap(), 1);
}
