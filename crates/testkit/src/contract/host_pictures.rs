//! Promises of [`domain::media::HostPictureStore`].

use super::Stores;
use super::fixtures::{assert_conflict, at, at_once, new_user};
use super::host_accounts::{new, of};
use super::media::{due as keys_due, key, reservation};
use domain::admin::AccountChange;
use domain::host::{HostSaid, HostUpdate, NewHostAccount, PictureAddress, PictureChange};
use domain::ids::UserId;
use domain::media::{DuePicture, Reservation};
use domain::own_data::{LeftMessages, PendingDeletion};

fn address(name: &str) -> PictureAddress {
    PictureAddress::stored(format!("https://shop.example.org/{name}"))
}

fn named(person: &str, picture: Option<&str>) -> NewHostAccount {
    let new = new(&of("shop", person), new_user(person));
    let said = HostSaid { picture: picture.map(address), ..new.said.clone() };
    NewHostAccount { said, ..new }
}

/// A person whose host named that picture when they were made.
async fn made(stores: &Stores, person: &str, picture: Option<&str>) -> UserId {
    stores.host_accounts.add_for(named(person, picture)).await.unwrap().id
}

async fn says(stores: &Stores, person: &str, picture: &str, (change, now): (PictureChange, i64)) {
    let said = Some(named(person, Some(picture)).said);
    let change =
        HostUpdate { said, change: AccountChange::default(), picture: change, records: Vec::new() };
    stores.host_accounts.update_for(&of("shop", person), change, at(now)).await.unwrap();
}

/// What is due then, and taken for a hundred seconds.
async fn taken(stores: &Stores, now: i64) -> Vec<DuePicture> {
    stores.host_pictures.take(at(now), at(now + 100), 10).await.unwrap()
}

fn picture(user: UserId, name: &str, attempt: u32) -> DuePicture {
    DuePicture { user, address: address(name), attempt }
}

/// Reserves a key for somebody.
async fn reserve(stores: &Stores, user: UserId, n: u8) {
    let until = at(10_000);
    stores.media.reserve(Reservation { until, ..reservation(user, n) }).await.unwrap();
}

pub async fn a_picture_is_due_until_it_is_the_avatar(stores: &Stores) {
    let anna = made(stores, "Anna", Some("a.png")).await;
    made(stores, "Ben", None).await;
    let known = stores.host_accounts.of_person(&of("shop", "Anna")).await.unwrap();
    assert_eq!(known.said.unwrap().picture, Some(address("a.png")));
    assert_eq!(taken(stores, -1).await, [], "it is due from its naming on");
    let due = taken(stores, 1_000).await;
    assert_eq!(due, [picture(anna, "a.png", 1)]);
    reserve(stores, anna, 1).await;
    stores.host_pictures.keep(&due[0], key(1), at(1_010)).await.unwrap();
    assert_eq!(stores.media.avatar(anna).await.unwrap(), Some(key(1)));
    assert_eq!(taken(stores, 9_000).await, []);
    // It is kept once.
    reserve(stores, anna, 2).await;
    assert_conflict(stores.host_pictures.keep(&due[0], key(2), at(1_020)).await);
    assert_eq!(stores.media.avatar(anna).await.unwrap(), Some(key(1)));

    says(stores, "Anna", "b.png", (PictureChange::Renamed, 2_000)).await;
    assert_eq!(taken(stores, 1_999).await, []);
    let due = taken(stores, 2_000).await;
    assert_eq!(due, [picture(anna, "b.png", 1)]);
    stores.host_pictures.keep(&due[0], key(2), at(2_010)).await.unwrap();
    assert_eq!(stores.media.avatar(anna).await.unwrap(), Some(key(2)));
    assert_eq!(keys_due(stores, 2_010, 0).await, [key(1)]);
}

pub async fn a_picture_that_was_taken_is_due_again_later(stores: &Stores) {
    let anna = made(stores, "Anna", Some("a.png")).await;
    let first = taken(stores, 1_000).await;
    assert_eq!(taken(stores, 1_099).await, []);
    let second = taken(stores, 1_100).await;
    assert_eq!(second, [picture(anna, "a.png", 2)]);
    // Whoever had it first comes too late to put it off, and not to keep it.
    stores.host_pictures.put_off(&first[0], None).await.unwrap();
    stores.host_pictures.put_off(&first[0], Some(at(5_000))).await.unwrap();
    let third = taken(stores, 1_200).await;
    assert_eq!(third, [picture(anna, "a.png", 3)]);
    stores.host_pictures.put_off(&third[0], Some(at(3_000))).await.unwrap();
    assert_eq!(taken(stores, 2_999).await, []);
    let fourth = taken(stores, 3_000).await;
    assert_eq!(fourth, [picture(anna, "a.png", 4)]);
    reserve(stores, anna, 1).await;
    stores.host_pictures.keep(&first[0], key(1), at(3_010)).await.unwrap();
    stores.host_pictures.put_off(&fourth[0], Some(at(3_020))).await.unwrap();
    assert_eq!(taken(stores, 9_000).await, []);

    let ben = made(stores, "Ben", Some("b.png")).await;
    let due = taken(stores, 9_000).await;
    stores.host_pictures.put_off(&due[0], None).await.unwrap();
    assert_eq!(taken(stores, 90_000).await, [], "it was given up");
    says(stores, "Ben", "c.png", (PictureChange::Renamed, 90_000)).await;
    assert_eq!(taken(stores, 90_000).await, [picture(ben, "c.png", 1)]);
}

pub async fn of_several_takers_one_gets_a_picture(stores: &Stores) {
    let mut people = Vec::new();
    for person in ["Anna", "Ben", "Cleo"] {
        people.push(made(stores, person, Some("a.png")).await);
    }
    let take = |_| {
        let stores = stores.clone();
        async move { stores.host_pictures.take(at(1_000), at(2_000), 2).await }
    };
    let mut all = Vec::new();
    for some in at_once((0..8).map(take)).await {
        let some = some.unwrap();
        assert!(some.len() <= 2);
        all.extend(some.into_iter().map(|picture| picture.user));
    }
    all.extend(taken(stores, 1_000).await.into_iter().map(|picture| picture.user));
    all.sort();
    assert_eq!(all, people);
}

pub async fn who_chose_a_picture_keeps_it_until_another_is_named(stores: &Stores) {
    let anna = made(stores, "Anna", None).await;
    reserve(stores, anna, 1).await;
    stores.media.set_avatar(anna, Some(key(1)), at(900)).await.unwrap();
    says(stores, "Anna", "a.png", (PictureChange::Named, 1_000)).await;
    assert_eq!(taken(stores, 1_000).await, []);
    says(stores, "Anna", "b.png", (PictureChange::Renamed, 1_000)).await;
    let due = taken(stores, 1_000).await;
    assert_eq!(due, [picture(anna, "b.png", 1)]);
    // They choose while it is being fetched.
    stores.media.set_avatar(anna, None, at(1_010)).await.unwrap();
    reserve(stores, anna, 2).await;
    assert_conflict(stores.host_pictures.keep(&due[0], key(2), at(1_020)).await);
    stores.host_pictures.put_off(&due[0], Some(at(1_020))).await.unwrap();
    assert_eq!(taken(stores, 9_000).await, []);
    assert_eq!(stores.media.avatar(anna).await.unwrap(), None);

    let ben = made(stores, "Ben", None).await;
    says(stores, "Ben", "a.png", (PictureChange::Named, 1_000)).await;
    assert_eq!(taken(stores, 1_000).await, [picture(ben, "a.png", 1)]);
    // What else is said leaves it as it is.
    says(stores, "Ben", "a.png", (PictureChange::Stays, 1_050)).await;
    assert_eq!(taken(stores, 1_050).await, []);
    assert_eq!(taken(stores, 1_100).await, [picture(ben, "a.png", 2)]);
}

pub async fn the_picture_that_was_named_last_is_kept(stores: &Stores) {
    let anna = made(stores, "Anna", Some("a.png")).await;
    let old = taken(stores, 1_000).await;
    says(stores, "Anna", "b.png", (PictureChange::Renamed, 1_010)).await;
    reserve(stores, anna, 1).await;
    assert_conflict(stores.host_pictures.keep(&old[0], key(1), at(1_020)).await);
    stores.host_pictures.put_off(&old[0], None).await.unwrap();
    assert_eq!(taken(stores, 1_020).await, [picture(anna, "b.png", 1)]);
    // A key that is not reserved becomes no avatar, and the picture stays due.
    let due = picture(anna, "b.png", 1);
    assert_conflict(stores.host_pictures.keep(&due, key(9), at(1_030)).await);
    stores.host_pictures.keep(&due, key(1), at(1_040)).await.unwrap();
}

pub async fn a_picture_goes_with_the_account(stores: &Stores) {
    let anna = made(stores, "Anna", Some("a.png")).await;
    let due = taken(stores, 1_000).await;
    reserve(stores, anna, 1).await;
    let deletion = PendingDeletion { user: anna, messages: LeftMessages::Keep, at: at(1_010) };
    stores.own.begin_deletion(deletion, None).await.unwrap();
    assert!(stores.host_pictures.keep(&due[0], key(1), at(1_020)).await.is_err());
    stores.host_pictures.put_off(&due[0], Some(at(1_030))).await.unwrap();
    assert_eq!(taken(stores, 9_000).await, []);
    assert_eq!(stores.media.avatar(anna).await.unwrap(), None);
}
