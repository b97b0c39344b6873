//! Promises about who finds whom: of [`domain::directory::TieStore`], and of the lists that a viewer narrows.

use super::Stores;
use super::fixtures::{
    NOBODY, at, group, joining, leaving, owner, people, person, say, set_active, set_member,
};
use domain::chat::{ChatRole, Pair, RoomName};
use domain::directory::Tie;
use domain::ids::{ChatId, UserId};
use domain::text;
use domain::user::UserQuery;

async fn tied(stores: &Stores, user: UserId, tie: Tie, others: &[UserId]) -> Vec<UserId> {
    stores.ties.tied(user, tie, others).await.unwrap()
}

pub async fn ties_are_those_of_chats_now(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let all = [cleo, UserId::stored(NOBODY), ben, anna];
    for tie in [Tie::Met, Tie::Shares] {
        assert_eq!(tied(stores, anna, tie, &all).await, [anna], "{tie:?}");
    }
    assert_eq!(tied(stores, anna, Tie::None, &all).await, all, "nothing is asked for");
    let chat = group(stores, &[anna, ben]).await.id;
    for tie in [Tie::Met, Tie::Shares] {
        assert_eq!(tied(stores, anna, tie, &all).await, [ben, anna], "in their order: {tie:?}");
        assert_eq!(tied(stores, cleo, tie, &all).await, [cleo], "{tie:?}");
        assert_eq!(tied(stores, anna, tie, &[]).await, [], "{tie:?}");
    }
    stores.members.remove(leaving(chat, ben, at(5))).await.unwrap();
    assert_eq!(tied(stores, anna, Tie::Shares, &all).await, [anna]);
    assert_eq!(tied(stores, anna, Tie::Met, &all).await, [ben, anna], "what Ben wrote is shown");
    assert_eq!(tied(stores, ben, Tie::Met, &all).await, [ben], "Ben sees that chat no more");
    stores.members.set(set_member(chat, anna, cleo, ChatRole::Member)).await.unwrap();
    assert_eq!(tied(stores, cleo, Tie::Met, &all).await, [cleo, ben, anna]);
}

async fn listed(stores: &Stores, typed: &str, person: UserId, limit: usize) -> Vec<UserId> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let folded = text::fold(typed);
        let query = UserQuery { folded, after, limit, sharing_with: Some(person) };
        let page = stores.users.find(query).await.unwrap();
        assert!(page.users.len() <= limit);
        found.extend(page.users.iter().map(|user| user.id));
        after = page.next;
        if after.is_none() {
            return found;
        }
    }
}

pub async fn only_who_shares_a_chat_is_listed(stores: &Stores) {
    let mut wanted = Vec::new();
    for number in 0..6 {
        wanted.push(person(stores, &format!("Anna {number}")).await.id);
        person(stores, &format!("Anna Stranger {number}")).await;
    }
    let (me, out) = (wanted[2], wanted.pop().unwrap());
    assert_eq!(listed(stores, "", me, 9).await, [], "who is in no chat sees no list");
    group(stores, &wanted[..4]).await;
    group(stores, &wanted[2..]).await;
    let left = group(stores, &[me, out]).await.id;
    stores.members.remove(leaving(left, out, at(5))).await.unwrap();
    for limit in [1, 2, 3, 9] {
        assert_eq!(listed(stores, "", me, limit).await, wanted, "limit {limit}");
        assert_eq!(listed(stores, "anna", me, limit).await, wanted, "limit {limit}");
        assert_eq!(listed(stores, "a 4", me, limit).await, [wanted[4]], "limit {limit}");
        assert_eq!(listed(stores, "stranger", me, limit).await, [], "limit {limit}");
    }
    set_active(stores, wanted[3], false, at(6)).await.unwrap();
    wanted.remove(3);
    assert_eq!(listed(stores, "", me, 2).await, wanted, "accounts that are active");
}

pub async fn only_rooms_of_a_member_are_listed(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let mut rooms = Vec::new();
    for nth in 0..4 {
        let name = RoomName::new(&format!("room-{nth}")).unwrap();
        rooms.push(stores.addresses.open_room(&name, owner(anna), at(nth)).await.unwrap().0.id);
    }
    let of = async |member| {
        let page = stores.addresses.rooms(None, 9, Some(member)).await.unwrap();
        page.rooms.into_iter().map(|room| room.id).collect::<Vec<ChatId>>()
    };
    assert_eq!(of(ben).await, []);
    for room in [rooms[0], rooms[2]] {
        stores.members.add(joining(room, ben, 10, at(6))).await.unwrap();
    }
    stores.chats.open_direct(Pair::new(anna, ben), at(7)).await.unwrap();
    assert_eq!(of(ben).await, [rooms[2], rooms[0]], "the one active last first");
    let first = stores.addresses.rooms(None, 1, Some(ben)).await.unwrap();
    assert_eq!((first.rooms.len(), first.more), (1, true));
    say(stores, rooms[0], ben, "here").await;
    assert_eq!(of(ben).await, [rooms[0], rooms[2]]);
    stores.members.remove(leaving(rooms[2], ben, at(8))).await.unwrap();
    assert_eq!(of(ben).await, [rooms[0]]);
    assert_eq!(of(anna).await.len(), 4);
}
