//! Promises of [`domain::chat::AddressStore`], but for whispers.

use super::Stores;
use super::fixtures::{
    NOBODY, assert_not_found, at, at_once, joining, owner, people, person, say, title,
};
use crate::replica::Replica;
use domain::admin::{AuditAction, AuditQuery, AuditTarget, Record};
use domain::chat::{
    ChatCursor, ChatKind, ChatRole, ManagedAddress, ManagedChat, ManagedRefusal, ManagedSync,
    MemberList, Named, NewBan, PermissionsUpdate, RoomName, Title,
};
use domain::data::{Data, DataPatch};
use domain::failure::{StoreError, WriteError};
use domain::host::{ExternalId, Issuer};
use domain::ids::{ChatId, ProjectId, UserId, Version};
use domain::limits::GROUP_MEMBERS;

const PROJECT: ProjectId = ProjectId::stored(77);

fn room(name: &str) -> RoomName {
    RoomName::new(name).unwrap()
}

fn record(action: AuditAction) -> Record {
    Record { actor: None, at: at(1), action, detail: "as wanted".to_owned(), origin: None }
}

fn wanted(members: &[UserId], owner: Option<UserId>) -> ManagedChat {
    let role = |user| (owner == Some(user)).then_some(ChatRole::Owner);
    let named: Vec<_> = members.iter().map(|user| (*user, role(*user))).collect();
    ManagedChat {
        address: ManagedAddress::Project(PROJECT),
        title: Some(title("Bridge")),
        data: None,
        permissions: PermissionsUpdate::default(),
        members: MemberList::whole(&named, GROUP_MEMBERS).unwrap(),
        capacity: GROUP_MEMBERS,
        at: at(1),
        record: record(AuditAction::ProjectChatSet),
    }
}

async fn put(stores: &Stores, wanted: ManagedChat) -> ManagedSync {
    stores.addresses.put_managed(wanted).await.unwrap()
}

async fn assert_nobody(stores: &Stores, wanted: ManagedChat) {
    let put = stores.addresses.put_managed(wanted).await;
    assert!(matches!(put, Err(WriteError::Store(StoreError::NotFound))), "{put:?}");
}

pub async fn a_room_is_opened_once_however_it_is_spelt(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let opened = stores.addresses.open_room(&room("Общий-1"), owner(anna), at(1)).await;
    let (chat, made) = opened.unwrap();
    assert!(made);
    assert_eq!((chat.kind, chat.version), (ChatKind::Room, Version::stored(1)));
    assert_eq!(chat.title, Some(title("Общий-1")));
    let again = stores.addresses.open_room(&room("ОБЩИЙ-1"), owner(ben), at(2)).await.unwrap();
    assert_eq!(again, (chat.clone(), false), "it is as it was made");
    assert!(stores.addresses.open_room(&room("Общий-2"), owner(ben), at(2)).await.unwrap().1);
    let view = stores.chats.view(chat.id, anna).await.unwrap();
    assert_eq!((view.role, view.member_count), (ChatRole::Owner, 1));
    assert_not_found(stores.chats.view(chat.id, ben).await);
    let nobody = UserId::stored(NOBODY);
    assert_not_found(stores.addresses.open_room(&room("empty"), owner(nobody), at(3)).await);
}

pub async fn a_room_opened_at_once_is_one(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    let calls = (0..20).map(|_| {
        let addresses = stores.addresses.clone();
        async move { addresses.open_room(&room("lobby"), owner(anna), at(1)).await.unwrap() }
    });
    let answers = at_once(calls).await;
    assert_eq!(answers.iter().filter(|(_, made)| *made).count(), 1);
    assert!(answers.iter().all(|(chat, _)| *chat == answers[0].0), "{answers:?}");
}

pub async fn rooms_are_listed_by_activity(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let mut rooms = Vec::new();
    for nth in 0..5 {
        let name = room(&format!("room-{nth}"));
        rooms.push(stores.addresses.open_room(&name, owner(anna), at(nth)).await.unwrap().0.id);
    }
    stores.members.add(joining(rooms[1], ben, 10, at(6))).await.unwrap();
    say(stores, rooms[1], ben, "here").await;
    let expected = [rooms[1], rooms[4], rooms[3], rooms[2], rooms[0]];
    for limit in 1..=6 {
        let mut found: Vec<ChatId> = Vec::new();
        let mut after = None;
        loop {
            let page = stores.addresses.rooms(after, limit, None).await.unwrap();
            assert!(page.rooms.len() <= limit);
            found.extend(page.rooms.iter().map(|room| room.id));
            let Some(last) = page.rooms.last().filter(|_| page.more) else { break };
            after = Some(ChatCursor { active_at: last.active_at, chat: last.id });
        }
        assert_eq!(found, expected, "limit {limit}");
    }
    let first = stores.addresses.rooms(None, 1, None).await.unwrap().rooms.remove(0);
    assert_eq!((first.name.as_str(), first.member_count), ("room-1", 2));
}

pub async fn a_projects_chat_is_what_is_wanted(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    assert_not_found(stores.addresses.project(PROJECT).await);
    let made = put(stores, wanted(&[anna, ben], Some(anna))).await;
    assert!(made.made && made.chat.kind == ChatKind::Project(PROJECT));
    let chat = made.chat.id;
    assert_eq!(stores.addresses.project(PROJECT).await.unwrap(), chat);

    let same = put(stores, wanted(&[anna, ben], None)).await;
    assert_eq!(same, ManagedSync { made: false, ..made.clone() }, "no difference is no change");

    let other = ManagedChat { title: Some(title("Tunnel")), ..wanted(&[ben, cleo], Some(cleo)) };
    let synced = put(stores, other).await;
    assert!(!synced.made && synced.updated);
    let versions = |members: &[domain::chat::Member]| -> Vec<_> {
        members.iter().map(|member| (member.user.id, member.version.get())).collect()
    };
    assert_eq!(synced.chat.version, Version::stored(2));
    assert_eq!(versions(&synced.members.left), [(anna, 3)]);
    assert_eq!(versions(&synced.members.joined), [(cleo, 4)]);
    assert_eq!(versions(&synced.members.changed), [(cleo, 5)]);
    let copy = Replica::download(stores, chat, ben).await;
    assert_eq!(copy.version, Version::stored(5));
    assert_eq!(copy.members[&cleo].role, ChatRole::Owner);
    assert!(!copy.members.contains_key(&anna));
    assert_not_found(stores.chats.view(chat, anna).await);
}

pub async fn a_change_of_a_projects_chat_is_logged(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    assert_not_found(
        stores.addresses.delete_project(PROJECT, record(AuditAction::ChatDeleted)).await,
    );
    let made = put(stores, wanted(&[anna, ben], None)).await;
    put(stores, wanted(&[anna, ben], None)).await;
    put(stores, wanted(&[ben], None)).await;
    let deleted = stores.addresses.delete_project(PROJECT, record(AuditAction::ChatDeleted)).await;
    assert_eq!(deleted.unwrap().gone, [made.chat.id]);
    assert_not_found(stores.addresses.project(PROJECT).await);
    let log = stores
        .admin
        .audit(AuditQuery { limit: 10, ..AuditQuery::default() })
        .await
        .unwrap()
        .entries;
    let told: Vec<_> = log.iter().map(|e| (e.record.action, &*e.record.detail)).collect();
    let set = (AuditAction::ProjectChatSet, "as wanted");
    let deleted = (AuditAction::ChatDeleted, "project \"Bridge\"");
    assert_eq!(told, [deleted, set, set], "what changed nothing is not logged");
    assert!(log.iter().all(|entry| entry.target == AuditTarget::Chat(made.chat.id)));
}

pub async fn a_project_with_somebody_unknown_stays_as_it_was(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let unknown = [ben, UserId::stored(NOBODY)];
    assert_nobody(stores, wanted(&unknown, None)).await;
    assert_not_found(stores.addresses.project(PROJECT).await);
    let made = put(stores, wanted(&[anna], None)).await;
    assert_nobody(stores, wanted(&unknown, None)).await;
    let view = stores.chats.view(made.chat.id, anna).await.unwrap();
    assert_eq!((view.version, view.member_count), (Version::stored(1), 1));
}

pub async fn a_project_may_have_nobody_for_a_while(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    let chat = put(stores, wanted(&[], None)).await.chat.id;
    let synced = put(stores, wanted(&[anna], Some(anna))).await;
    assert_eq!((synced.members.joined.len(), synced.members.changed.len()), (1, 1));
    assert_eq!(put(stores, wanted(&[], None)).await.members.left.len(), 1);
    assert_not_found(stores.chats.view(chat, anna).await);
}

fn hosts(id: &str, title: Option<Title>, members: MemberList) -> ManagedChat {
    let issuer = Issuer::new("shop").unwrap();
    ManagedChat {
        address: ManagedAddress::Host(issuer, ExternalId::new(id).unwrap()),
        title,
        data: None,
        permissions: PermissionsUpdate::default(),
        members,
        capacity: GROUP_MEMBERS,
        at: at(5),
        record: record(AuditAction::HostChatSet),
    }
}

pub async fn a_hosts_group_is_what_is_wanted(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let whole = |named: &[Named]| MemberList::whole(named, GROUP_MEMBERS).unwrap();
    let change =
        |named: &[Named], gone: &[UserId]| MemberList::change(named, gone, GROUP_MEMBERS).unwrap();
    let order = Some(title("Order 7"));
    let none = stores.addresses.put_managed(hosts("7", None, change(&[(ben, None)], &[]))).await;
    assert!(matches!(none, Err(WriteError::Refused(ManagedRefusal::ChatNotFound))), "{none:?}");

    let first = whole(&[(anna, Some(ChatRole::Owner)), (ben, None)]);
    let made = put(stores, hosts("7", order.clone(), first.clone())).await;
    assert!(made.made && made.chat.kind == ChatKind::Group);
    assert_eq!(made.chat.external_id, ExternalId::new("7"));
    let chat = made.chat.id;
    let again = put(stores, hosts("7", order.clone(), first)).await;
    assert_eq!(again, ManagedSync { made: false, ..made }, "no difference is no change");
    let other = put(stores, hosts("8", order.clone(), whole(&[]))).await;
    assert!(other.made && other.chat.id != chat, "each id is a chat of its own");

    let role = Some(ChatRole::Admin);
    let changed = put(stores, hosts("7", None, change(&[(cleo, role)], &[ben]))).await;
    let who = |members: &[domain::chat::Member]| -> Vec<_> {
        members.iter().map(|member| (member.user.id, member.version.get())).collect()
    };
    assert_eq!(who(&changed.members.left), [(ben, 2)]);
    assert_eq!(who(&changed.members.joined), [(cleo, 3)]);
    assert_eq!(who(&changed.members.changed), [(cleo, 4)]);
    assert!(!changed.updated);
    let nobody = change(&[(UserId::stored(NOBODY), None)], &[]);
    assert_nobody(stores, hosts("7", None, nobody)).await;
    let copy = Replica::download(stores, chat, anna).await;
    assert_eq!(copy.version, Version::stored(4));
    assert_eq!(copy.members.keys().copied().collect::<Vec<_>>(), [anna, cleo]);
    assert_eq!(copy.members[&cleo].role, ChatRole::Admin);
}

pub async fn whoever_a_host_brings_in_is_banned_no_longer(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let both =
        || MemberList::whole(&[(anna, Some(ChatRole::Owner)), (ben, None)], GROUP_MEMBERS).unwrap();
    let chat = put(stores, hosts("7", Some(title("Order 7")), both())).await.chat.id;
    let ban = NewBan { chat, by: anna.into(), user: ben, reason: Ok(None), until: None, at: at(6) };
    assert_eq!(stores.bans.ban(ban).await.unwrap().left.len(), 1);
    let back = put(stores, hosts("7", Some(title("Order 7")), both())).await;
    assert_eq!(back.members.joined.len(), 1);
    assert_eq!(stores.bans.list(chat, at(7), None, 10).await.unwrap().bans, []);
}

pub async fn of_those_who_make_a_hosts_group_at_once_one_does(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    let calls = (0..20).map(|_| {
        let addresses = stores.addresses.clone();
        let members = MemberList::whole(&[(anna, None)], GROUP_MEMBERS).unwrap();
        let wanted = hosts("7", Some(title("Order 7")), members);
        async move { addresses.put_managed(wanted).await.unwrap() }
    });
    let answers = at_once(calls).await;
    assert_eq!(answers.iter().filter(|put| put.made).count(), 1);
    assert!(answers.iter().all(|put| put.chat.id == answers[0].chat.id), "{answers:?}");
}

pub async fn data_of_a_hosts_group_is_a_version_with_its_title(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    let wanted = |name, json: &str| {
        let members = MemberList::whole(&[(anna, None)], GROUP_MEMBERS).unwrap();
        let data = Some(DataPatch::parse(json).unwrap());
        ManagedChat { data, ..hosts("7", Some(title(name)), members) }
    };
    let made = put(stores, wanted("Order 7", r#"{"state": "new", "note": null}"#)).await;
    let data = |json: &str| Some(Data::stored(json.to_owned()));
    assert_eq!((made.chat.data, made.chat.version.get()), (data(r#"{"state":"new"}"#), 1));
    let sent = put(stores, wanted("Order 7, sent", r#"{"state": "sent"}"#)).await;
    assert!(sent.updated && !sent.made);
    assert_eq!((sent.chat.data, sent.chat.version.get()), (data(r#"{"state":"sent"}"#), 2));
    let again = put(stores, wanted("Order 7, sent", r#"{"state": "sent"}"#)).await;
    assert!(!again.is_change());
    let bare = put(stores, wanted("Order 7, sent", "null")).await;
    assert_eq!((bare.chat.data, bare.chat.version.get()), (None, 3));
    let view = stores.chats.view(made.chat.id, anna).await.unwrap();
    assert_eq!((view.chat.data, view.version.get()), (None, 3));
}
