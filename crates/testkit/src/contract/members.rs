//! Promises of [`domain::chat::MemberStore`], but for read markers.

use super::Stores;
use super::fixtures::{
    NOBODY, assert_kept_out, assert_not_found, at, at_once, banning, group, joining, leaving,
    owner, people, person, refused, say, set_member, summary,
};
use crate::replica::Replica;
use domain::chat::{
    BanRefusal, ChangedMembers, ChatKind, ChatRole, Horizon, JoinError, JoinRefusal, Member,
    Membership, Permissions, RemoveMember, RemoveMemberRefusal, RoomName, SetMemberRefusal,
    Silenced, Standing,
};
use domain::failure::StoreError;
use domain::ids::{ChatId, Seq, UserId, Version};

async fn version(stores: &Stores, chat: ChatId, viewer: UserId) -> i64 {
    stores.chats.view(chat, viewer).await.unwrap().version.get()
}

pub async fn a_standing_is_that_of_now(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    say(stores, chat, anna, "one").await;
    say(stores, chat, anna, "two").await;
    stores.members.mark_read(chat, ben, Seq::stored(1)).await.unwrap();
    let expected = Standing {
        chat,
        kind: ChatKind::Group,
        user: ben,
        role: ChatRole::Member,
        read_seq: Seq::stored(1),
        horizon: Horizon::NONE,
        silenced: Silenced::Never,
        closed: false,
        hushed: false,
        open: false,
        permissions: Permissions::default(),
        member_count: 2,
        last_seq: Seq::stored(2),
        version: Version::stored(4),
    };
    assert_eq!(stores.members.standing(chat, ben).await.unwrap(), expected);
    assert_not_found(stores.members.standing(chat, cleo).await);
    assert_not_found(stores.members.standing(ChatId::stored(NOBODY), anna).await);
    stores.members.remove(leaving(chat, ben, at(5))).await.unwrap();
    assert_not_found(stores.members.standing(chat, ben).await);
}

pub async fn members_are_listed_by_id(stores: &Stores) {
    let [anna, ben, cleo, dora] = people(stores, ["Anna", "Ben", "Cleo", "Dora"]).await;
    let chat = group(stores, &[dora, ben, anna, cleo]).await.id;
    stores.members.remove(leaving(chat, cleo, at(5))).await.unwrap();
    for limit in [1, 2, 3, 4] {
        let mut found: Vec<UserId> = Vec::new();
        loop {
            let page = stores.members.list(chat, found.last().copied(), limit).await.unwrap();
            assert!(page.members.len() == limit || !page.more);
            found.extend(page.members.iter().map(|member| member.user.id));
            if !page.more {
                break;
            }
        }
        assert_eq!(found, [anna, ben, dora], "limit {limit}");
    }
    let exact = stores.members.list(chat, None, 3).await.unwrap();
    assert!(!exact.more, "three of three, and no more");
    let beyond = stores.members.list(chat, Some(dora), 3).await.unwrap();
    assert_eq!((beyond.members, beyond.more), (vec![], false));
}

pub async fn who_comes_in_has_read_everything(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna]).await.id;
    say(stores, chat, anna, "before").await;
    let joined = stores.members.add(joining(chat, ben, 10, at(5))).await.unwrap();
    let expected = Member {
        chat,
        user: summary(ben, "Ben"),
        role: ChatRole::Member,
        joined_at: at(5),
        left_at: None,
        read_seq: Seq::stored(1),
        horizon: Horizon::NONE,
        silence: None,
        version: Version::stored(3),
    };
    assert_eq!(joined, ChangedMembers { joined: vec![expected], ..ChangedMembers::default() });
    let view = stores.chats.view(chat, ben).await.unwrap();
    assert_eq!((view.unread_count, view.version), (0, Version::stored(3)));
    say(stores, chat, anna, "after").await;
    assert_eq!(stores.chats.view(chat, ben).await.unwrap().unread_count, 1);
}

pub async fn who_is_in_already_changes_nothing(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    say(stores, chat, anna, "unread").await;
    let before = Replica::download(stores, chat, anna).await;
    for capacity in [2, 10] {
        for user in [ben, anna] {
            let added = stores.members.add(joining(chat, user, capacity, at(9))).await.unwrap();
            assert_eq!(added, ChangedMembers::default());
        }
    }
    assert_eq!(Replica::download(stores, chat, anna).await, before);
}

pub async fn who_left_comes_back_anew(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    stores.members.set(set_member(chat, anna, ben, ChatRole::Admin)).await.unwrap();
    let left = stores.members.remove(leaving(chat, ben, at(5))).await.unwrap().left.remove(0);
    let expected = Member {
        chat,
        user: summary(ben, "Ben"),
        role: ChatRole::Admin,
        joined_at: at(1),
        left_at: Some(at(5)),
        read_seq: Seq::ZERO,
        horizon: Horizon::NONE,
        silence: None,
        version: Version::stored(3),
    };
    assert_eq!(left, expected);
    let again = stores.members.remove(leaving(chat, ben, at(6))).await;
    assert_eq!(refused(again), RemoveMemberRefusal::ChatNotFound);
    assert_eq!(stores.chats.view(chat, anna).await.unwrap().member_count, 1);
    say(stores, chat, anna, "meanwhile").await;
    let back = stores.members.add(joining(chat, ben, 10, at(7))).await.unwrap().joined;
    let expected = Member {
        role: ChatRole::Member,
        joined_at: at(7),
        left_at: None,
        read_seq: Seq::stored(1),
        version: Version::stored(5),
        ..left
    };
    let page = stores.members.list(chat, Some(anna), 10).await.unwrap();
    assert_eq!((&back, page.members), (&vec![expected], back.clone()), "once");
    let told = stores.chats.changes(chat, Version::ZERO, 50).await.unwrap();
    assert_eq!(told.members.len(), 2, "once");
}

pub async fn nobody_comes_into_a_full_chat(stores: &Stores) {
    const FULL: JoinRefusal = JoinRefusal::Full { capacity: 2 };
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    assert_kept_out(stores.members.add(joining(chat, cleo, 2, at(5))).await, FULL);
    assert_eq!(version(stores, chat, anna).await, 1, "a refusal is no change");
    stores.members.remove(leaving(chat, ben, at(6))).await.unwrap();
    assert!(
        !stores.members.add(joining(chat, cleo, 2, at(7))).await.unwrap().joined.is_empty(),
        "there is room for one"
    );
    assert_kept_out(stores.members.add(joining(chat, ben, 2, at(8))).await, FULL);
    for (chat, user) in [(chat, UserId::stored(NOBODY)), (ChatId::stored(NOBODY), ben)] {
        let answer = stores.members.add(joining(chat, user, 10, at(9))).await;
        assert!(matches!(answer, Err(JoinError::Store(StoreError::NotFound))), "{answer:?}");
    }
    assert_eq!(version(stores, chat, anna).await, 3);
}

pub async fn who_comes_at_once_does_not_exceed_the_limit(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    let chat = group(stores, &[anna]).await.id;
    let mut guests = Vec::new();
    for number in 0..12 {
        guests.push(person(stores, &format!("Guest {number}")).await.id);
    }
    // Each tries twice; only one of the two calls may let them in.
    let calls = guests.repeat(2).into_iter().map(|guest| {
        let members = stores.members.clone();
        async move { members.add(joining(chat, guest, 6, at(5))).await }
    });
    let mut joined = Vec::new();
    for answer in at_once(calls).await {
        match answer {
            Ok(added) => joined.extend(added.joined.iter().map(|member| member.version.get())),
            Err(JoinError::Refused(JoinRefusal::Full { .. })) => {}
            other => panic!("{other:?}"),
        }
    }
    joined.sort_unstable();
    assert_eq!(joined, [2, 3, 4, 5, 6], "five places were free");
    assert_eq!(stores.chats.view(chat, anna).await.unwrap().member_count, 6);
}

pub async fn a_role_is_one_change_or_none(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let set = |chat, user, role| stores.members.set(set_member(chat, anna, user, role));
    let mut admin = set(chat, ben, ChatRole::Admin).await.unwrap();
    let changed = admin.changed.remove(0);
    assert_eq!((changed.role, changed.version.get()), (ChatRole::Admin, 2));
    assert_eq!(admin, ChangedMembers::default());
    assert_eq!(set(chat, ben, ChatRole::Admin).await.unwrap(), ChangedMembers::default());
    assert_eq!(version(stores, chat, anna).await, 2);
    assert_eq!(stores.members.standing(chat, ben).await.unwrap().role, ChatRole::Admin);
    let nowhere = set(ChatId::stored(NOBODY), ben, ChatRole::Admin).await;
    assert_eq!(refused(nowhere), SetMemberRefusal::ChatNotFound);
    let nobody = set(chat, UserId::stored(NOBODY), ChatRole::Admin).await;
    assert_eq!(refused(nobody), SetMemberRefusal::UserNotFound);
    assert_eq!(version(stores, chat, anna).await, 2, "a refusal is no change");
    let added = set(chat, cleo, ChatRole::Admin).await.unwrap();
    let [joined]: [Member; 1] = added.joined.try_into().unwrap();
    assert_eq!((joined.role, joined.joined_at, joined.version.get()), (ChatRole::Admin, at(50), 3));
    assert_eq!((added.changed, added.left), (vec![], vec![]));
}

pub async fn handing_over_is_two_changes(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben, cleo]).await.id;
    let hand_over = |from, to| stores.members.set(set_member(chat, from, to, ChatRole::Owner));
    let handed = hand_over(anna, ben).await.unwrap();
    let [owner, admin]: [Member; 2] = handed.changed.try_into().unwrap();
    assert_eq!((owner.user.id, owner.role, owner.version.get()), (ben, ChatRole::Owner, 2));
    assert_eq!((admin.user.id, admin.role, admin.version.get()), (anna, ChatRole::Admin, 3));
    assert_eq!(version(stores, chat, anna).await, 3);
    for (from, to, why) in [
        (anna, cleo, SetMemberRefusal::NotAllowed),
        (cleo, anna, SetMemberRefusal::NotAllowed),
        (ben, UserId::stored(NOBODY), SetMemberRefusal::UserNotFound),
        (UserId::stored(NOBODY), ben, SetMemberRefusal::ChatNotFound),
    ] {
        assert_eq!(refused(hand_over(from, to).await), why);
    }
    assert_eq!(version(stores, chat, anna).await, 3, "a refusal is no change");
    let copy = Replica::download(stores, chat, ben).await;
    assert_eq!((&copy.members[&ben], &copy.members[&anna]), (&owner, &admin));
    let dora = person(stores, "Dora").await.id;
    let handed = hand_over(ben, dora).await.unwrap();
    let roles = |members: Vec<Member>| -> Vec<_> {
        members.into_iter().map(|m| (m.user.id, m.role, m.version.get())).collect()
    };
    assert_eq!(roles(handed.joined), [(dora, ChatRole::Admin, 4)], "who is not in comes in first");
    let expected = [(dora, ChatRole::Owner, 5), (ben, ChatRole::Admin, 6)];
    assert_eq!(roles(handed.changed), expected);
}

pub async fn of_hand_overs_at_once_one_succeeds(stores: &Stores) {
    let [anna, ben, cleo, dora] = people(stores, ["Anna", "Ben", "Cleo", "Dora"]).await;
    let chat = group(stores, &[anna, ben, cleo, dora]).await.id;
    let calls = [ben, cleo, dora].repeat(4).into_iter().map(|to| {
        let members = stores.members.clone();
        async move { members.set(set_member(chat, anna, to, ChatRole::Owner)).await }
    });
    let mut won = 0;
    for answer in at_once(calls).await {
        match answer {
            // When several transfers go to the same person, all but the first change nothing.
            Ok(changed) => won += usize::from(!changed.changed.is_empty()),
            answer => assert_eq!(refused(answer), SetMemberRefusal::NotAllowed),
        }
    }
    assert_eq!(won, 1);
    let page = stores.members.list(chat, None, 10).await.unwrap();
    let owners = page.members.iter().filter(|member| member.role == ChatRole::Owner);
    assert_eq!(owners.count(), 1, "a group has one owner");
    assert_eq!(version(stores, chat, anna).await, 3);
}

pub async fn removing_is_one_change(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let removing = move |chat, user| RemoveMember { chat, actor: anna.into(), user, at: at(6) };
    for (chat, user, why) in [
        (chat, cleo, RemoveMemberRefusal::NotAMember),
        (chat, UserId::stored(NOBODY), RemoveMemberRefusal::NotAMember),
        (ChatId::stored(NOBODY), ben, RemoveMemberRefusal::ChatNotFound),
    ] {
        assert_eq!(refused(stores.members.remove(removing(chat, user)).await), why);
    }
    assert_eq!(version(stores, chat, anna).await, 1);
    let calls = (0..10).map(|_| {
        let members = stores.members.clone();
        async move { members.remove(removing(chat, ben)).await }
    });
    let (done, missed): (Vec<_>, Vec<_>) =
        at_once(calls).await.into_iter().partition(Result::is_ok);
    assert_eq!(done.len(), 1);
    for answer in missed {
        assert_eq!(refused(answer), RemoveMemberRefusal::NotAMember);
    }
    assert_eq!(version(stores, chat, anna).await, 2);
}

/// Somebody may have been removed or lost their role since the use case checked.
pub async fn who_is_out_changes_no_members(stores: &Stores) {
    let [anna, ben, cleo, dora] = people(stores, ["Anna", "Ben", "Cleo", "Dora"]).await;
    let chat = group(stores, &[anna, ben, cleo]).await.id;
    stores.members.set(set_member(chat, anna, ben, ChatRole::Admin)).await.unwrap();
    stores.members.remove(leaving(chat, ben, at(5))).await.unwrap();
    let before = Replica::download(stores, chat, anna).await;
    let removed = RemoveMember { chat, actor: ben.into(), user: cleo, at: at(6) };
    assert_eq!(refused(stores.members.remove(removed).await), RemoveMemberRefusal::ChatNotFound);
    for (user, role) in [(dora, ChatRole::Member), (cleo, ChatRole::Admin), (ben, ChatRole::Owner)]
    {
        let set = stores.members.set(set_member(chat, ben, user, role)).await;
        assert_eq!(refused(set), SetMemberRefusal::ChatNotFound);
    }
    stores.members.add(joining(chat, ben, 10, at(7))).await.unwrap();
    let came_back = version(stores, chat, anna).await;
    let removed = stores.members.remove(removed).await;
    assert_eq!(refused(removed), RemoveMemberRefusal::NotAllowed, "who comes back is a member");
    let set = stores.members.set(set_member(chat, ben, dora, ChatRole::Member)).await;
    assert_eq!(refused(set), SetMemberRefusal::NotAllowed);
    assert_eq!(version(stores, chat, anna).await, came_back);
    let mut after = Replica::download(stores, chat, anna).await;
    after.members.remove(&ben);
    assert_eq!(after.members, before.members);
}

pub async fn contacts_share_a_chat_now(stores: &Stores) {
    let names = ["Anna", "Ben", "Cleo", "Dora", "Emil"];
    let [anna, ben, cleo, dora, emil] = people(stores, names).await;
    group(stores, &[dora, anna, cleo]).await;
    group(stores, &[anna, cleo]).await;
    let left = group(stores, &[anna, ben]).await.id;
    group(stores, &[emil, cleo]).await;
    assert_eq!(stores.members.contacts(anna, 10, 10).await.unwrap(), [ben, cleo, dora]);
    stores.members.remove(leaving(left, ben, at(5))).await.unwrap();
    assert_eq!(
        stores.members.contacts(anna, 10, 10).await.unwrap(),
        [cleo, dora],
        "each once, by id"
    );
    assert_eq!(stores.members.contacts(ben, 10, 10).await.unwrap(), [], "who left shares nothing");
    assert_eq!(stores.members.contacts(cleo, 10, 2).await.unwrap(), [anna, dora], "at most two");
    assert_eq!(stores.members.contacts(cleo, 10, 3).await.unwrap(), [anna, dora, emil]);
    assert_eq!(stores.members.contacts(cleo, 2, 10).await.unwrap(), [anna, emil], "of no crowd");
}

pub async fn sharing_is_mutual_and_with_oneself(stores: &Stores) {
    let [anna, ben, cleo, dora] = people(stores, ["Anna", "Ben", "Cleo", "Dora"]).await;
    let sharing = async |user, others: &[UserId]| {
        let mut sharing = stores.members.sharing(user, others).await.unwrap();
        sharing.sort_unstable();
        sharing
    };
    let everybody = [dora, cleo, ben, anna, UserId::stored(NOBODY)];
    assert_eq!(sharing(anna, &everybody).await, [anna]);
    let left = group(stores, &[anna, ben]).await.id;
    group(stores, &[cleo, anna]).await;
    assert_eq!(sharing(anna, &everybody).await, [anna, ben, cleo]);
    assert_eq!(sharing(cleo, &everybody).await, [anna, cleo]);
    assert_eq!(sharing(anna, &[cleo, dora]).await, [cleo], "only who was asked about");
    stores.members.remove(leaving(left, ben, at(5))).await.unwrap();
    assert_eq!(sharing(anna, &everybody).await, [anna, cleo]);
    assert_eq!(sharing(ben, &everybody).await, [ben]);
    assert_eq!(sharing(anna, &[]).await, []);
}

pub async fn memberships_are_those_of_now(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let first = group(stores, &[anna, ben]).await;
    let second = group(stores, &[ben, cleo]).await;
    let added = stores.members.add(joining(second.id, anna, 10, at(5))).await.unwrap();
    stores.members.remove(leaving(first.id, ben, at(6))).await.unwrap();
    let asked = [ben, UserId::stored(NOBODY), anna];
    let found = stores.members.memberships(&asked).await.unwrap();
    let expected = [
        (anna, first.id, first.version),
        (anna, second.id, added.joined[0].version),
        (ben, second.id, second.version),
    ];
    let horizon = Horizon::NONE;
    let membership = |(user, chat, version)| Membership { user, chat, version, horizon };
    assert_eq!(found, expected.map(membership));
    assert_eq!(stores.members.memberships(&[]).await.unwrap(), []);
}

pub async fn a_group_keeps_its_owner(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    stores.members.set(set_member(chat, anna, ben, ChatRole::Admin)).await.unwrap();
    let before = version(stores, chat, anna).await;
    let own = stores.members.set(set_member(chat, anna, anna, ChatRole::Admin)).await;
    assert_eq!(refused(own), SetMemberRefusal::OwnRole);
    let leaves = stores.members.remove(leaving(chat, anna, at(6))).await;
    assert_eq!(refused(leaves), RemoveMemberRefusal::OwnerLeaves);
    let removed = RemoveMember { actor: ben.into(), ..leaving(chat, anna, at(6)) };
    assert_eq!(refused(stores.members.remove(removed).await), RemoveMemberRefusal::NotAllowed);
    assert_eq!(refused(stores.bans.ban(banning(chat, ben, anna)).await), BanRefusal::NotAllowed);
    assert_eq!(stores.bans.list(chat, at(7), None, 10).await.unwrap().bans, []);
    assert_eq!(version(stores, chat, anna).await, before);
    stores.members.set(set_member(chat, anna, ben, ChatRole::Owner)).await.unwrap();
    stores.members.remove(leaving(chat, anna, at(8))).await.unwrap();

    // A room needs no owner.
    let name = RoomName::new("hall").unwrap();
    let room = stores.addresses.open_room(&name, owner(anna), at(9)).await.unwrap().0.id;
    stores.members.add(joining(room, ben, 10, at(9))).await.unwrap();
    let own = stores.members.set(set_member(room, anna, anna, ChatRole::Member)).await;
    assert_eq!(refused(own), SetMemberRefusal::OwnRole);
    stores.members.remove(leaving(room, anna, at(10))).await.unwrap();
    assert_not_found(stores.members.standing(room, anna).await);
}
