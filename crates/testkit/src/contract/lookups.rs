//! Promises about finding chats, and who is in them.

use super::Stores;
use super::fixtures::{
    NOBODY, assert_not_found, at, banning, delete, draft, group, joining, leaving, new_session,
    owner, people, person, say, signed_out, summary,
};
use domain::chat::{
    Chat, ChatCursor, ChatKey, ChatKind, ChatRole, DeleteChat, DeleteRefusal, NewBan, Pair,
    RoomName,
};
use domain::failure::WriteError;
use domain::ids::{ChatId, UserId};
use domain::message::Draft;
use domain::session::NewSession;
use domain::user::AccountRole;

async fn room(stores: &Stores, name: &str, by: UserId) -> Chat {
    let name = RoomName::new(name).unwrap();
    stores.addresses.open_room(&name, owner(by), at(1)).await.unwrap().0
}

pub async fn a_key_opens_its_session(stores: &Stores) {
    let anna = person(stores, "Anna").await;
    let keyed = |hash| NewSession { key: Some(hash), ..new_session(anna.id, 10) };
    let first = stores.sessions.open(keyed([1; 32])).await.unwrap();
    let second = stores.sessions.open(keyed([2; 32])).await.unwrap();
    let found = stores.sessions.by_key([1; 32], at(20)).await.unwrap();
    assert_eq!((found.session, &found.user), (first.clone(), &anna));
    assert_not_found(stores.sessions.by_key([3; 32], at(20)).await);
    assert_not_found(stores.sessions.by_key([1; 32], at(111)).await);
    stores.sessions.end(anna.id, first.id, signed_out(30)).await.unwrap();
    assert_not_found(stores.sessions.by_key([1; 32], at(30)).await);
    assert_eq!(stores.sessions.by_key([2; 32], at(30)).await.unwrap().session, second);
}

pub async fn a_chat_is_found_by_its_key(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let direct = |a, b| stores.addresses.find(ChatKey::Direct(Pair::new(a, b)));
    assert_not_found(direct(ben, anna).await);
    let (chat, _) = stores.chats.open_direct(Pair::new(ben, anna), at(1)).await.unwrap();
    assert_eq!(direct(anna, ben).await.unwrap(), chat.id);
    assert_not_found(direct(anna, anna).await);
    let hall = room(stores, "Hall", anna).await.id;
    let named = |name| stores.addresses.find(ChatKey::from(&RoomName::new(name).unwrap()));
    assert_eq!(named("hALL").await.unwrap(), hall);
    assert_not_found(named("Hal").await);
}

pub async fn an_outline_has_the_two_people(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let (chat, _) = stores.chats.open_direct(Pair::new(ben, anna), at(1)).await.unwrap();
    let outline = stores.addresses.outline(chat.id).await.unwrap();
    assert_eq!(outline.people, [summary(anna, "Anna"), summary(ben, "Ben")]);
    assert_eq!((outline.pair(), &outline.chat), (Some(Pair::new(anna, ben)), &chat));
    assert_eq!(outline.cursor(), ChatCursor { active_at: at(1), chat: chat.id });
    say(stores, chat.id, anna, "Hello").await;
    assert_eq!(stores.addresses.outline(chat.id).await.unwrap().active_at, at(100));
    let (notes, _) = stores.chats.open_direct(Pair::new(ben, ben), at(1)).await.unwrap();
    let outline = stores.addresses.outline(notes.id).await.unwrap();
    assert_eq!(outline.pair(), Some(Pair::new(ben, ben)));
    let group = group(stores, &[anna, ben]).await;
    let outline = stores.addresses.outline(group.id).await.unwrap();
    assert_eq!((outline.pair(), outline.chat), (None, group));
    assert_not_found(stores.addresses.outline(ChatId::stored(NOBODY)).await);
}

pub async fn whispers_are_found_by_who_is_in_them(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben, cleo]).await.id;
    let mut lanes = Vec::new();
    for other in [ben, cleo] {
        let pair = Pair::new(anna, other);
        let (lane, _) = stores.addresses.open_whispers(chat, pair, at(2)).await.unwrap();
        assert_eq!(lane.kind, ChatKind::Whisper(chat));
        lanes.push((lane.id, other));
    }
    assert_eq!(stores.addresses.whispers(chat, anna).await.unwrap(), lanes);
    assert_eq!(stores.addresses.whispers(chat, ben).await.unwrap(), [(lanes[0].0, anna)]);
    stores.members.remove(leaving(chat, cleo, at(3))).await.unwrap();
    assert_eq!(stores.addresses.whispers(chat, cleo).await.unwrap(), []);
    assert_eq!(stores.addresses.whispers(chat, anna).await.unwrap(), lanes);
}

pub async fn what_was_said_last_in_rooms_is_for_who_may_enter(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let [hall, empty] = [room(stores, "hall", anna).await.id, room(stores, "empty", anna).await.id];
    let group = group(stores, &[anna, ben]).await.id;
    say(stores, group, anna, "among us").await;
    say(stores, hall, anna, "first").await;
    let last = say(stores, hall, anna, "last").await;
    let all = [hall, empty, group, ChatId::stored(NOBODY)];
    let said = stores.addresses.last_said(&all, ben, at(5)).await.unwrap();
    assert_eq!(said, std::slice::from_ref(&last));
    assert_eq!(stores.addresses.last_said(&[], ben, at(5)).await.unwrap(), []);
    let ban = NewBan { at: at(6), until: Some(at(9)), ..banning(hall, anna, ben) };
    stores.bans.ban(ban).await.unwrap();
    assert_eq!(stores.addresses.last_said(&all, ben, at(8)).await.unwrap(), []);
    assert_eq!(stores.addresses.last_said(&all, ben, at(9)).await.unwrap(), [last]);
}

pub async fn chats_are_found_by_who_wrote_in_them(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let [hall, empty] = [room(stores, "hall", anna).await.id, room(stores, "empty", anna).await.id];
    let (direct, _) = stores.chats.open_direct(Pair::new(ben, anna), at(1)).await.unwrap();
    let group = group(stores, &[anna, ben]).await.id;
    for chat in [group, direct.id, hall] {
        say(stores, chat, anna, "Hello").await;
    }
    let gone = say(stores, empty, anna, "a slip").await.id;
    delete(stores, gone, at(200)).await.unwrap();
    let written = async |who, limit| stores.addresses.written(who, limit).await.unwrap();
    assert_eq!(written(anna, 9).await, [hall, direct.id]);
    assert_eq!(written(anna, 1).await, [hall]);
    assert_eq!(written(ben, 9).await, []);
    stores.members.remove(leaving(hall, anna, at(300))).await.unwrap();
    assert_eq!(written(anna, 9).await, [direct.id]);
}

pub async fn writers_are_named_once_for_each_role(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let hall = room(stores, "hall", anna).await.id;
    stores.members.add(joining(hall, ben, 10, at(2))).await.unwrap();
    let group = group(stores, &[anna, ben]).await.id;
    for (author, role) in [
        (ben, AccountRole::User),
        (anna, AccountRole::User),
        (anna, AccountRole::Admin),
        (anna, AccountRole::User),
    ] {
        let said = Draft { author_role: Some(role), ..draft(hall, author, "Hello") };
        stores.messages.append(said).await.unwrap();
    }
    let hidden = say(stores, group, ben, "among us").await;
    let found = async |viewer, newest| {
        let chats = [group, hall, ChatId::stored(NOBODY)];
        let found = stores.addresses.writers(&chats, viewer, newest).await.unwrap();
        found.iter().map(|w| (w.chat, w.author, w.role.unwrap())).collect::<Vec<_>>()
    };
    let all = [
        (hall, anna, AccountRole::Admin),
        (hall, anna, AccountRole::User),
        (hall, ben, AccountRole::User),
    ];
    assert_eq!(found(cleo, 9).await, all);
    assert_eq!(found(cleo, 1).await, all[1..2]);
    let among = (group, ben, AccountRole::User);
    assert_eq!(found(anna, 9).await, [all.as_slice(), &[among]].concat());
    delete(stores, hidden.id, at(200)).await.unwrap();
    assert_eq!(found(anna, 9).await, all);
}

pub async fn a_room_without_an_owner_is_its_writers(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let name = RoomName::new("hall").unwrap();
    let member = (anna, ChatRole::Member);
    let hall = stores.addresses.open_room(&name, member, at(1)).await.unwrap().0.id;
    let delete_by = async |chat, who: UserId| {
        let wanted = DeleteChat { chat, actor: Some(who.into()), by_writers: true };
        stores.chats.delete(wanted).await.map_err(|error| match error {
            WriteError::Refused(refusal) => refusal,
            WriteError::Store(error) => panic!("{error}"),
        })
    };
    let (stranger, not_allowed) = (DeleteRefusal::ChatNotFound, DeleteRefusal::NotAllowed);
    assert_eq!(delete_by(hall, anna).await, Err(not_allowed), "she has not written");
    let said = say(stores, hall, anna, "Hello").await.id;
    assert_eq!(delete_by(hall, ben).await, Err(stranger));
    stores.members.add(joining(hall, ben, 100, at(2))).await.unwrap();
    assert_eq!(delete_by(hall, ben).await, Err(not_allowed));
    delete(stores, said, at(200)).await.unwrap();
    assert_eq!(delete_by(hall, anna).await, Err(not_allowed), "what she wrote is gone");
    say(stores, hall, anna, "Hello").await;
    stores.members.remove(leaving(hall, anna, at(201))).await.unwrap();
    assert_eq!(delete_by(hall, anna).await, Err(stranger), "she wrote, and is not in it any more");
    say(stores, hall, ben, "Hello").await;
    assert_eq!(delete_by(hall, ben).await, Ok(vec![hall]));

    let owned = room(stores, "owned", anna).await.id;
    stores.members.add(joining(owned, ben, 100, at(2))).await.unwrap();
    say(stores, owned, ben, "Hello").await;
    assert_eq!(delete_by(owned, ben).await, Err(not_allowed));
    let group = group(stores, &[anna, ben]).await.id;
    say(stores, group, ben, "Hello").await;
    assert_eq!(delete_by(group, ben).await, Err(not_allowed));
    assert_eq!(delete_by(ChatId::stored(NOBODY), ben).await, Err(stranger));
}

pub async fn members_of_several_chats_come_together(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let first = group(stores, &[anna, ben]).await.id;
    let second = group(stores, &[ben, cleo]).await.id;
    stores.members.add(joining(first, cleo, 10, at(2))).await.unwrap();
    stores.members.remove(leaving(first, ben, at(3))).await.unwrap();
    let ids = async |viewer, limit| {
        let chats = [second, first, first, ChatId::stored(NOBODY)];
        let members = stores.members.together(&chats, viewer, limit).await.unwrap();
        members.into_iter().map(|member| (member.chat, member.user.id)).collect::<Vec<_>>()
    };
    let all = [(first, anna), (first, cleo), (second, ben), (second, cleo)];
    assert_eq!(ids(None, 10).await, all);
    assert_eq!(ids(Some(cleo), 10).await, all);
    assert_eq!(ids(None, 3).await, all[..3]);
    assert_eq!(ids(Some(anna), 10).await, all[..2]);
    assert_eq!(ids(Some(ben), 10).await, all[2..]);
}
