//! Promises of [`domain::host::ExternalIdStore`], and of what else knows external ids.

use super::Stores;
use super::fixtures::{
    assert_conflict, assert_not_found, at, at_once, deleting, new_session, new_user, person,
    summary, title, titled, versions,
};
use domain::chat::{Chat, NewGroup, Permissions};
use domain::host::{ExternalId, HostPerson, HostSaid, Issuer, NewHostAccount};
use domain::ids::UserId;
use domain::own_data::{LeftMessages, PendingDeletion};
use domain::user::{User, UserSummary};

fn issuer(name: &str) -> Issuer {
    Issuer::new(name).unwrap()
}

fn ids<const N: usize>(ids: [&str; N]) -> Vec<ExternalId> {
    ids.map(|id| ExternalId::new(id).unwrap()).to_vec()
}

/// A host user.
async fn of_host(stores: &Stores, of: &str, id: &str, name: &str) -> User {
    let person = HostPerson { issuer: issuer(of), subject: ExternalId::new(id).unwrap() };
    let (name_said, email) = (name.to_owned(), String::new());
    let said = HostSaid { name: name_said, email, is_admin: false, picture: None };
    let new = NewHostAccount { person, user: new_user(name), said, records: Vec::new() };
    stores.host_accounts.add_for(new).await.unwrap()
}

fn new_group(owner: UserId, of: &str, id: &str) -> NewGroup {
    let external_id = Some((issuer(of), ExternalId::new(id).unwrap()));
    let (title, members) = (title("A group"), Vec::new());
    let (open, permissions, data) = (false, Permissions::default(), None);
    NewGroup { title, owner, members, open, permissions, external_id, data, created_at: at(1) }
}

async fn group(stores: &Stores, owner: UserId, of: &str, id: &str) -> Chat {
    stores.chats.create_group(new_group(owner, of, id)).await.unwrap()
}

pub async fn people_are_found_by_their_hosts_ids(stores: &Stores) {
    let anna = of_host(stores, "shop", "17", "Anna").await.id;
    let ben = of_host(stores, "shop", "o/18 \u{1f98a}", "Ben").await.id;
    of_host(stores, "forum", "19", "Cleo").await;
    person(stores, "Dan").await;
    let wanted = ids(["17", "19", "o/18 \u{1f98a}", "17", "1", " 17", "Anna"]);
    let mut found = stores.external_ids.users(&issuer("shop"), &wanted).await.unwrap();
    found.sort_by_key(|(_, user)| *user);
    let expected: Vec<_> = ids(["17", "o/18 \u{1f98a}"]).into_iter().zip([anna, ben]).collect();
    assert_eq!(found, expected);
    for (of, id) in [("SHOP", "17"), ("sho", "p17"), ("forum", "17")] {
        let found = stores.external_ids.users(&issuer(of), &ids([id])).await.unwrap();
        assert_eq!(found, [], "{of} {id}");
    }
    assert_eq!(stores.external_ids.users(&issuer("shop"), &[]).await.unwrap(), []);
}

pub async fn many_are_found_at_once(stores: &Stores) {
    let anna = of_host(stores, "shop", "17", "Anna").await.id;
    let chat = group(stores, anna, "shop", "17").await.id;
    let many = (0..2_500).map(|nth| ExternalId::new(&nth.to_string()).unwrap());
    let many: Vec<_> = many.collect();
    let found = stores.external_ids.users(&issuer("shop"), &many).await.unwrap();
    assert_eq!(found, [(ExternalId::new("17").unwrap(), anna)]);
    let found = stores.external_ids.chats(&issuer("shop"), &many).await.unwrap();
    assert_eq!(found, [(ExternalId::new("17").unwrap(), chat)]);
}

pub async fn who_was_deleted_is_found_no_more(stores: &Stores) {
    let anna = of_host(stores, "shop", "17", "Anna").await.id;
    let ben = of_host(stores, "shop", "18", "Ben").await.id;
    super::fixtures::set_active(stores, ben, false, at(1)).await.unwrap();
    let deletion = PendingDeletion { user: anna, messages: LeftMessages::Keep, at: at(1) };
    stores.own.begin_deletion(deletion, None).await.unwrap();
    let found = stores.external_ids.users(&issuer("shop"), &ids(["17", "18"])).await.unwrap();
    assert_eq!(found, [(ExternalId::new("18").unwrap(), ben)], "a disabled one is there");
    assert_eq!(stores.users.get(anna).await.unwrap().external_id, None);
}

pub async fn whoever_is_shown_has_their_external_id(stores: &Stores) {
    let made = of_host(stores, "shop", "17", "Anna").await;
    let id = ExternalId::new("17");
    assert_eq!(made.external_id, id);
    let anna = made.id;
    assert_eq!(stores.users.get(anna).await.unwrap(), made);
    assert_eq!(stores.users.account(anna).await.unwrap().user, made);
    assert_eq!(stores.users.get_many(&[anna]).await.unwrap(), [made]);
    let chat = group(stores, anna, "shop", "order/7").await.id;
    let members = stores.members.list(chat, None, 10).await.unwrap().members;
    let shown = UserSummary { external_id: id, ..summary(anna, "Anna") };
    assert_eq!(members[0].user, shown);
    let changes = stores.chats.changes(chat, domain::ids::Version::ZERO, 10).await.unwrap();
    assert_eq!(changes.members[0].user, shown);
}

pub async fn a_session_knows_the_host_of_its_owner(stores: &Stores) {
    let anna = of_host(stores, "shop", "17", "Anna").await.id;
    let ben = person(stores, "Ben").await.id;
    for (user, seed, of) in [(anna, 1, Some(issuer("shop"))), (ben, 2, None)] {
        let session = stores.sessions.open(new_session(user, seed)).await.unwrap();
        let signed = stores.sessions.get(session.id, at(2)).await.unwrap();
        assert_eq!((signed.user.id, signed.issuer), (user, of));
    }
}

pub async fn a_chat_has_the_external_id_that_it_was_made_with(stores: &Stores) {
    let anna = of_host(stores, "shop", "17", "Anna").await.id;
    let made = group(stores, anna, "shop", "order/7").await;
    assert_eq!(made.external_id, ExternalId::new("order/7"));
    assert_eq!(stores.chats.view(made.id, anna).await.unwrap().chat, made);
    let renamed = titled(made.id, anna, title("Another"));
    let renamed = stores.chats.update(renamed).await.unwrap().unwrap();
    assert_eq!(renamed.external_id, made.external_id);
    let changes = stores.chats.changes(made.id, made.version, 10).await.unwrap();
    assert_eq!(changes.chat, Some(renamed));
    let wanted = ids(["order/7", "order/8", "order"]);
    let found = stores.external_ids.chats(&issuer("shop"), &wanted).await.unwrap();
    assert_eq!(found, [(ExternalId::new("order/7").unwrap(), made.id)]);
    let found = stores.external_ids.chats(&issuer("forum"), &wanted).await.unwrap();
    assert_eq!(found, []);
}

pub async fn a_chats_external_id_is_unique_for_its_issuer(stores: &Stores) {
    let anna = of_host(stores, "shop", "17", "Anna").await.id;
    let first = group(stores, anna, "shop", "7").await;
    let again = stores.chats.create_group(new_group(anna, "shop", "7")).await;
    assert_conflict(again);
    let other = group(stores, anna, "forum", "7").await;
    assert_ne!(first.id, other.id);
    let mine = versions(stores, anna).await;
    assert_eq!(mine.len(), 2, "a conflict makes nothing");
    let nobody = UserId::UNKNOWN;
    assert_not_found(stores.chats.create_group(new_group(nobody, "shop", "8")).await);
    group(stores, anna, "shop", "8").await;
}

pub async fn of_those_who_make_a_chat_of_one_external_id_one_does(stores: &Stores) {
    let anna = of_host(stores, "shop", "17", "Anna").await.id;
    let calls = (0..8).map(|_| {
        let chats = stores.chats.clone();
        async move { chats.create_group(new_group(anna, "shop", "7")).await }
    });
    let (made, refused): (Vec<_>, Vec<_>) =
        at_once(calls).await.into_iter().partition(Result::is_ok);
    assert_eq!((made.len(), refused.len()), (1, 7));
    refused.into_iter().for_each(assert_conflict);
}

pub async fn the_external_id_of_a_deleted_chat_is_free(stores: &Stores) {
    let anna = of_host(stores, "shop", "17", "Anna").await.id;
    let first = group(stores, anna, "shop", "7").await;
    stores.chats.delete(deleting(first.id)).await.unwrap();
    let found = stores.external_ids.chats(&issuer("shop"), &ids(["7"])).await.unwrap();
    assert_eq!(found, []);
    let second = group(stores, anna, "shop", "7").await;
    let found = stores.external_ids.chats(&issuer("shop"), &ids(["7"])).await.unwrap();
    assert_eq!(found, [(ExternalId::new("7").unwrap(), second.id)]);
}
