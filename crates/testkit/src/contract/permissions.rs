//! Promises about what a chat lets its people do, as its owner or its host sets it.

use super::Stores;
use super::fixtures::{
    assert_refused, at, at_once, change_settings, delete, draft, draft_with_client_id, editing,
    group, leaving, people, refused, say, set_member, text, title,
};
use crate::replica::Replica;
use domain::admin::{AuditAction, Record};
use domain::chat::{
    ChangeSettings, ChatRole, Inviting, Leaving, ManagedAddress, ManagedChat, ManagedRefusal,
    MemberList, NewGroup, Pair, Permissions, PermissionsUpdate, Posting, Reacting, RemoveMember,
    RemoveMemberRefusal, Restriction, SetMemberRefusal, SettingsRefusal, UnsuitablePermission,
    Whispering,
};
use domain::host::{ExternalId, Issuer};
use domain::ids::{ChatId, MessageId, ProjectId, UserId, Version};
use domain::limits::GROUP_MEMBERS;
use domain::message::{
    AppendError, ChangeRefusal, Draft, Emoji, MarkRefusal, Pin, React, SendRefusal,
};

fn permitting(chat: ChatId, actor: UserId, permissions: PermissionsUpdate) -> ChangeSettings {
    ChangeSettings { permissions, ..change_settings(chat, actor) }
}

async fn permit(stores: &Stores, chat: ChatId, owner: UserId, permissions: PermissionsUpdate) {
    let changed = stores.chats.update(permitting(chat, owner, permissions)).await.unwrap();
    assert!(changed.is_some(), "{permissions:?} is a change");
}

fn posting(posting: Posting) -> PermissionsUpdate {
    PermissionsUpdate { posting: Some(posting), ..PermissionsUpdate::default() }
}

fn whispering(whispering: Whispering) -> PermissionsUpdate {
    PermissionsUpdate { whispering: Some(whispering), ..PermissionsUpdate::default() }
}

fn reaction(message: MessageId, user: UserId, on: bool) -> React {
    React { chat: None, message, user, emoji: Emoji::new("👍"), on, at: at(2) }
}

pub async fn permissions_are_settings_of_a_chat(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let made = group(stores, &[anna, ben]).await;
    assert_eq!(made.permissions, Permissions::default());
    let permissions = Permissions { whispering: Whispering::Nobody, ..Permissions::default() };
    let quiet = NewGroup {
        title: title("Class"),
        owner: anna,
        members: vec![ben],
        open: false,
        permissions,
        external_id: None,
        data: None,
        created_at: at(1),
    };
    let quiet = stores.chats.create_group(quiet).await.unwrap();
    assert_eq!((quiet.permissions, quiet.version), (permissions, Version::stored(1)));
    let whispers = stores.addresses.open_whispers(quiet.id, Pair::new(anna, ben), at(2)).await;
    assert_eq!(refused(whispers), Restriction::Whispering);
    let wanted = PermissionsUpdate {
        posting: Some(Posting::Admins),
        inviting: Some(Inviting::Everyone),
        ..PermissionsUpdate::default()
    };
    let set = || stores.chats.update(permitting(made.id, anna, wanted));
    let changed = set().await.unwrap().unwrap();
    let expected = Permissions {
        posting: Posting::Admins,
        inviting: Inviting::Everyone,
        ..Permissions::default()
    };
    assert_eq!((changed.permissions, changed.version), (expected, Version::stored(2)));
    assert_eq!(set().await.unwrap(), None, "they are so already");
    let leaving = PermissionsUpdate { leaving: Some(Leaving::Admins), ..Default::default() };
    permit(stores, made.id, anna, leaving).await;
    let expected = Permissions { leaving: Leaving::Admins, ..expected };
    let view = stores.chats.view(made.id, ben).await.unwrap();
    assert_eq!((view.chat.permissions, view.version), (expected, Version::stored(3)));
    let changes = stores.chats.changes(made.id, Version::stored(2), 10).await.unwrap();
    assert_eq!(changes.chat.unwrap().permissions, expected);
    assert_eq!(stores.members.standing(made.id, ben).await.unwrap().permissions, expected);
    stores.members.set(set_member(made.id, anna, ben, ChatRole::Admin)).await.unwrap();
    for (actor, why) in [(ben, SettingsRefusal::NotAllowed), (cleo, SettingsRefusal::ChatNotFound)]
    {
        let set = stores.chats.update(permitting(made.id, actor, posting(Posting::Everyone)));
        assert_eq!(refused(set.await), why);
    }
}

pub async fn only_admins_and_keys_write_where_others_read(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let before =
        stores.messages.append(draft_with_client_id(chat, ben, "before")).await.unwrap().message;
    permit(stores, chat, anna, posting(Posting::Admins)).await;
    let restricted = SendRefusal::Restricted(Restriction::Posting);
    assert_refused(stores.messages.append(draft(chat, ben, "Hello")).await, restricted);
    assert_refused(
        stores.messages.append(draft(chat, cleo, "Hello")).await,
        SendRefusal::ChatNotFound,
    );
    let again = stores.messages.append(draft_with_client_id(chat, ben, "before")).await.unwrap();
    assert_eq!((again.replayed, again.message.id), (true, before.id), "it was sent already");
    say(stores, chat, anna, "News").await;
    let of_key = Draft { is_key: true, ..draft(chat, ben, "From the host") };
    stores.messages.append(of_key).await.unwrap();
    stores.members.set(set_member(chat, anna, ben, ChatRole::Admin)).await.unwrap();
    say(stores, chat, ben, "An admin, too").await;
    stores.members.set(set_member(chat, anna, ben, ChatRole::Member)).await.unwrap();
    assert_refused(stores.messages.append(draft(chat, ben, "Hello")).await, restricted);
    permit(stores, chat, anna, posting(Posting::Everyone)).await;
    say(stores, chat, ben, "Hello").await;
}

pub async fn who_reads_changes_nothing_but_takes_back(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let own = say(stores, chat, ben, "mine").await;
    permit(stores, chat, anna, posting(Posting::Admins)).await;
    let edit = |is_key| {
        let edit = editing((chat, own.id), ben, Ok(text("other words")), at(5));
        stores.messages.edit(domain::message::Edit { is_key, ..edit })
    };
    assert_eq!(refused(edit(false).await), ChangeRefusal::Restricted(Restriction::Posting));
    assert!(edit(true).await.unwrap().is_some(), "a key writes");
    assert!(stores.marks.react(reaction(own.id, ben, true)).await.unwrap().is_some());
    let reacting = PermissionsUpdate { reacting: Some(Reacting::Writers), ..Default::default() };
    permit(stores, chat, anna, reacting).await;
    assert!(stores.marks.react(reaction(own.id, ben, false)).await.unwrap().is_some());
    let again = stores.marks.react(reaction(own.id, ben, true)).await;
    assert_eq!(refused(again), MarkRefusal::Restricted(Restriction::Reacting));
    assert!(stores.marks.react(reaction(own.id, anna, true)).await.unwrap().is_some());
    let pin = Pin { chat, message: own.id, actor: anna.into(), on: true, at: at(6) };
    assert!(stores.marks.pin(pin).await.unwrap().is_some());
    assert!(delete(stores, own.id, at(7)).await.unwrap().is_some(), "one's own words");
}

pub async fn members_leave_and_add_as_is_permitted(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let add = || stores.members.set(set_member(chat, ben, cleo, ChatRole::Member));
    assert_eq!(refused(add().await), SetMemberRefusal::NotAllowed);
    let wanted = PermissionsUpdate {
        leaving: Some(Leaving::Admins),
        inviting: Some(Inviting::Everyone),
        ..PermissionsUpdate::default()
    };
    permit(stores, chat, anna, wanted).await;
    let admin = stores.members.set(set_member(chat, ben, cleo, ChatRole::Admin)).await;
    assert_eq!(refused(admin), SetMemberRefusal::NotAllowed, "as members only");
    assert_eq!(add().await.unwrap().joined.len(), 1);
    let left = stores.members.remove(leaving(chat, cleo, at(60))).await;
    assert_eq!(refused(left), RemoveMemberRefusal::Restricted(Restriction::Leaving));
    let owner = stores.members.remove(leaving(chat, anna, at(60))).await;
    assert_eq!(refused(owner), RemoveMemberRefusal::OwnerLeaves);
    stores.members.set(set_member(chat, anna, ben, ChatRole::Admin)).await.unwrap();
    stores.members.remove(leaving(chat, ben, at(61))).await.unwrap();
    let out = RemoveMember { chat, actor: anna.into(), user: cleo, at: at(62) };
    assert_eq!(stores.members.remove(out).await.unwrap().left.len(), 1);
}

pub async fn whispers_are_hushed_while_nobody_whispers(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben, cleo]).await.id;
    let elsewhere = group(stores, &[anna, ben]).await.id;
    let pair = Pair::new(anna, ben);
    let open = |chat, pair| stores.addresses.open_whispers(chat, pair, at(2));
    let here = open(chat, pair).await.unwrap().0.id;
    let there = open(elsewhere, pair).await.unwrap().0.id;
    let said = say(stores, here, ben, "psst").await;
    let version = stores.chats.view(here, ben).await.unwrap().version;
    permit(stores, chat, anna, whispering(Whispering::Nobody)).await;
    let hushed = Restriction::Whispering;
    for pair in [pair, Pair::new(ben, cleo)] {
        assert_eq!(refused(open(chat, pair).await), hushed, "opened before or not");
    }
    let more = stores.messages.append(draft(here, ben, "Are you there?")).await;
    assert_refused(more, SendRefusal::Restricted(hushed));
    let of_key = Draft { is_key: true, ..draft(here, ben, "a key") };
    assert_refused(stores.messages.append(of_key).await, SendRefusal::Restricted(hushed));
    let reacted = stores.marks.react(reaction(said.id, anna, true)).await;
    assert_eq!(refused(reacted), MarkRefusal::Restricted(hushed));
    let edited = editing((here, said.id), ben, Ok(text("hush")), at(5));
    let edited = stores.messages.edit(edited).await;
    assert_eq!(refused(edited), ChangeRefusal::Restricted(hushed));
    assert_eq!(stores.chats.view(here, ben).await.unwrap().version, version, "it is as it was");
    say(stores, there, ben, "elsewhere they go on").await;
    say(stores, chat, ben, "and for all").await;
    permit(stores, chat, anna, whispering(Whispering::Everyone)).await;
    assert_eq!(open(chat, pair).await.unwrap().0.id, here);
    say(stores, here, ben, "Still there?").await;
}

pub async fn a_managed_chat_permits_what_its_host_says(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let wanted = |address, permissions| ManagedChat {
        address,
        title: Some(title("News")),
        data: None,
        permissions,
        members: MemberList::whole(&[(anna, None), (ben, None)], GROUP_MEMBERS).unwrap(),
        capacity: GROUP_MEMBERS,
        at: at(1),
        record: Record {
            actor: None,
            at: at(1),
            action: AuditAction::HostChatSet,
            detail: String::new(),
            origin: None,
        },
    };
    let issuer = Issuer::new("shop").unwrap();
    let group = || ManagedAddress::Host(issuer.clone(), ExternalId::new("news").unwrap());
    let put = |address, permissions| stores.addresses.put_managed(wanted(address, permissions));
    let made = put(group(), posting(Posting::Admins)).await.unwrap();
    let channel = Permissions { posting: Posting::Admins, ..Permissions::default() };
    assert_eq!((made.made, made.chat.permissions), (true, channel));
    let chat = made.chat.id;
    let restricted = SendRefusal::Restricted(Restriction::Posting);
    assert_refused(stores.messages.append(draft(chat, ben, "Hello")).await, restricted);
    let same = put(group(), PermissionsUpdate::default()).await.unwrap();
    assert!(!same.is_change(), "what is not said stays");
    let pair = Pair::new(anna, ben);
    let whispers = stores.addresses.open_whispers(chat, pair, at(2)).await.unwrap().0.id;
    let quiet =
        PermissionsUpdate { posting: Some(Posting::Everyone), ..whispering(Whispering::Nobody) };
    let changed = put(group(), quiet).await.unwrap();
    assert_eq!((changed.updated, changed.chat.version), (true, Version::stored(2)));
    assert_eq!(stores.chats.view(chat, ben).await.unwrap().chat, changed.chat);
    say(stores, chat, ben, "Hello").await;
    let hushed = SendRefusal::Restricted(Restriction::Whispering);
    assert_refused(stores.messages.append(draft(whispers, ben, "psst")).await, hushed);

    let project = ManagedAddress::Project(ProjectId::stored(7));
    let inviting = PermissionsUpdate { inviting: Some(Inviting::Everyone), ..Default::default() };
    for make in [true, false] {
        let unsuitable = put(project.clone(), inviting).await;
        let why = ManagedRefusal::Permission(UnsuitablePermission::Inviting);
        assert_eq!(refused(unsuitable), why, "to be made: {make}");
        put(project.clone(), posting(Posting::Admins)).await.unwrap();
    }
}

pub async fn nothing_is_written_after_only_admins_may(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben, cleo]).await.id;
    let calls = (0..60).map(|nth| {
        let stores = stores.clone();
        async move {
            if nth == 30 {
                permit(&stores, chat, anna, posting(Posting::Admins)).await;
                return true;
            }
            let author = if nth % 2 == 0 { ben } else { cleo };
            match stores.messages.append(draft(chat, author, "Hello")).await {
                Ok(_) => true,
                Err(AppendError::Refused(SendRefusal::Restricted(Restriction::Posting))) => false,
                Err(error) => panic!("{error:?}"),
            }
        }
    });
    let sent = at_once(calls).await.into_iter().filter(|done| *done).count() - 1;
    let copy = Replica::download(stores, chat, anna).await;
    copy.assert_sound();
    assert_eq!(copy.messages.len(), sent);
    let set = stores.chats.view(chat, anna).await.unwrap().chat.version;
    assert!(copy.messages.values().all(|message| message.version < set), "none came after it");
    let after = stores.messages.append(draft(chat, ben, "Hello")).await;
    assert_refused(after, SendRefusal::Restricted(Restriction::Posting));
}

pub async fn no_whisper_is_opened_after_nobody_may(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben, cleo]).await.id;
    let calls = (0..20).map(|nth| {
        let stores = stores.clone();
        async move {
            if nth == 10 {
                permit(&stores, chat, anna, whispering(Whispering::Nobody)).await;
                return None;
            }
            let pair = if nth % 2 == 0 { Pair::new(anna, ben) } else { Pair::new(ben, cleo) };
            stores.addresses.open_whispers(chat, pair, at(2)).await.ok().map(|(chat, _)| chat.id)
        }
    });
    for whispers in at_once(calls).await.into_iter().flatten() {
        for author in [anna, ben, cleo] {
            let more = stores.messages.append(draft(whispers, author, "psst")).await;
            let hushed = Err(SendRefusal::Restricted(Restriction::Whispering));
            let more = more.map_err(|error| match error {
                AppendError::Refused(why) => why,
                AppendError::Store(error) => panic!("{error:?}"),
            });
            let outside = Err(SendRefusal::ChatNotFound);
            assert!(more == hushed || more == outside, "{more:?}");
        }
    }
}
