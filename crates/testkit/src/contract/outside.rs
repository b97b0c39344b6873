//! What the stores promise to service keys that reach every chat: to see it from outside, and to moderate it.

use super::Stores;
use super::fixtures::{
    NOBODY, assert_not_found, at, banning, change_settings, deleting, group, leaving, people,
    refused, say, set_member,
};
use domain::admin::{AuditQuery, AuditTarget};
use domain::chat::{
    AllChats, ChangeSettings, ChatActor, ChatRole, ChatView, DeleteChat, LiftBan, NewBan, Pair,
    Preferences, RemoveMember, RemoveMemberRefusal, SetMember, Standing,
};
use domain::ids::{ChatId, Seq, UserId};
use domain::message::{DeleteMessage, MessageQuery, Pin};
use std::time::Duration;

fn by(key: UserId) -> ChatActor {
    ChatActor::Host(key, at(300))
}

/// Who did what to what, the oldest first.
async fn log(stores: &Stores, key: UserId) -> Vec<(AuditTarget, String)> {
    let query = AuditQuery { limit: 100, ..AuditQuery::default() };
    let entries = stores.admin.audit(query).await.unwrap().entries;
    let told = entries.into_iter().rev().filter(|entry| entry.record.actor == Some(key));
    told.map(|entry| (entry.target, entry.record.detail)).collect()
}

pub async fn a_chat_is_seen_from_outside(stores: &Stores) {
    let [anna, ben, key] = people(stores, ["Anna", "Ben", "Shop"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let sent = say(stores, chat, anna, "xylophone").await;
    let of_anna = stores.chats.view(chat, anna).await.unwrap();
    let expected = ChatView {
        role: ChatRole::Owner,
        peer: None,
        preferences: Preferences::default(),
        read_seq: Seq::stored(1),
        unread_count: 0,
        mention_count: 0,
        ..of_anna
    };
    assert_eq!(stores.chats.view_from_outside(chat).await.unwrap(), expected);
    let facts = stores.members.facts(chat).await.unwrap();
    let standing = stores.members.standing(chat, ben).await.unwrap();
    let Standing { read_seq, horizon, silenced, .. } = standing;
    let place = (read_seq, horizon, silenced);
    assert_eq!(facts.standing(ben, ChatRole::Member, place), standing);
    let query = MessageQuery { chat: Some(chat), author: None, ..MessageQuery::default() };
    for (from_outside, expected) in [(true, vec![sent.id]), (false, Vec::new())] {
        let query = MessageQuery { from_outside, ..query.clone() };
        let found = stores.messages.find(key, query, None, 10).await.unwrap();
        let found: Vec<_> = found.messages.iter().map(|message| message.id).collect();
        assert_eq!(found, expected);
    }
    stores.chats.delete(deleting(chat)).await.unwrap();
    for gone in [chat, ChatId::stored(NOBODY)] {
        assert_not_found(stores.chats.view_from_outside(gone).await);
        assert_not_found(stores.members.facts(gone).await);
        let query = MessageQuery { chat: Some(gone), from_outside: true, ..query.clone() };
        assert_eq!(stores.messages.find(key, query, None, 10).await.unwrap().messages, []);
    }
}

pub async fn all_chats_are_listed_by_their_ids(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let pair = Pair::new(anna, ben);
    let whispers = stores.addresses.open_whispers(chat, pair, at(2)).await.unwrap().0.id;
    let direct = stores.chats.open_direct(pair, at(3)).await.unwrap().0.id;
    let gone = group(stores, &[anna]).await.id;
    stores.chats.delete(deleting(gone)).await.unwrap();
    let list = async |whispers, after, limit| {
        let page = stores.chats.all(AllChats { whispers, after, limit }).await.unwrap();
        let ids: Vec<_> = page.chats.iter().map(|view| view.chat.id).collect();
        (ids, page.more)
    };
    assert_eq!(list(false, None, 10).await, (vec![chat, direct], false));
    assert_eq!(list(true, None, 10).await, (vec![chat, whispers, direct], false));
    assert_eq!(list(false, None, 1).await, (vec![chat], true));
    assert_eq!(list(false, Some(chat), 1).await, (vec![direct], false));
    assert_eq!(list(false, Some(direct), 1).await, (Vec::new(), false));
    let page = stores.chats.all(AllChats { whispers: false, after: None, limit: 1 }).await.unwrap();
    assert_eq!(page.chats[0], stores.chats.view_from_outside(chat).await.unwrap());
}

pub async fn a_key_moderates_from_outside(stores: &Stores) {
    let [anna, ben, cleo, key] = people(stores, ["Anna", "Ben", "Cleo", "Shop"]).await;
    let chat = group(stores, &[anna, ben, cleo]).await.id;
    let sent = say(stores, chat, ben, "Hello").await.id;
    let (actor, target) = (by(key), AuditTarget::Chat(chat));
    let pin = Pin { chat, message: sent, actor, on: true, at: at(300) };
    assert!(stores.marks.pin(pin).await.unwrap().is_some());
    assert!(stores.marks.pin(pin).await.unwrap().is_none(), "it is pinned");
    let wait = Duration::from_secs(9);
    let slow = ChangeSettings { actor, slow_mode: Some(wait), ..change_settings(chat, key) };
    assert_eq!(stores.chats.update(slow).await.unwrap().unwrap().slow_mode, wait);
    stores.bans.ban(NewBan { by: actor, ..banning(chat, key, cleo) }).await.unwrap();
    stores.bans.lift(LiftBan { chat, actor, user: cleo }).await.unwrap();
    let removing = RemoveMember { actor, ..leaving(chat, ben, at(300)) };
    assert_eq!(stores.members.remove(removing).await.unwrap().left.len(), 1);
    assert_eq!(refused(stores.members.remove(removing).await), RemoveMemberRefusal::NotAMember);
    let delete = DeleteMessage { chat, message: sent, actor, at: at(300) };
    assert!(stores.messages.delete(delete).await.unwrap().unwrap().deleted_at.is_some());
    assert!(stores.messages.delete(delete).await.unwrap().is_none());
    let deleting = DeleteChat { chat, actor: Some(actor), by_writers: false };
    assert_eq!(stores.chats.delete(deleting).await.unwrap(), [chat]);
    let told = [
        (target, format!("pinned message {sent}")),
        (target, "changed its settings".to_owned()),
        (target, format!("banned user {cleo}")),
        (target, format!("lifted the ban of user {cleo}")),
        (target, format!("removed user {ben}")),
        (AuditTarget::Message(sent), String::new()),
        (target, "group \"A group\"".to_owned()),
    ];
    assert_eq!(log(stores, key).await, told);
}

pub async fn a_key_hands_a_chat_over(stores: &Stores) {
    let [anna, ben, cleo, key] = people(stores, ["Anna", "Ben", "Cleo", "Shop"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let role = async |user| {
        let standing = stores.members.standing(chat, user).await;
        standing.ok().map(|standing| standing.role)
    };
    let owning =
        |user| SetMember { actor: by(key), ..set_member(chat, key, user, ChatRole::Owner) };
    stores.members.set(owning(ben)).await.unwrap();
    let roles = [role(anna).await, role(ben).await, role(key).await];
    assert_eq!(roles, [Some(ChatRole::Admin), Some(ChatRole::Owner), None]);
    // Who left by themselves comes in by the host's word, and owns it.
    stores.members.set(set_member(chat, ben, cleo, ChatRole::Member)).await.unwrap();
    stores.members.remove(leaving(chat, cleo, at(200))).await.unwrap();
    stores.members.set(owning(cleo)).await.unwrap();
    let roles = [role(anna).await, role(ben).await, role(cleo).await];
    assert_eq!(roles, [Some(ChatRole::Admin), Some(ChatRole::Admin), Some(ChatRole::Owner)]);
    assert_eq!(stores.members.set(owning(cleo)).await.unwrap(), Default::default());
    let target = AuditTarget::Chat(chat);
    let told = [ben, cleo].map(|user| (target, format!("made user {user} owner")));
    assert_eq!(log(stores, key).await, told);
}
