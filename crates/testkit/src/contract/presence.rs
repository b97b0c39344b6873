//! Promises of [`domain::presence::PresenceStore`].

use super::fixtures::at;
use domain::clock::Timestamp;
use domain::ids::UserId;
use domain::limits::OFFLINE_GRACE;
use domain::presence::{ConnectionId, PresenceStore, Settled};
use std::time::Duration;

const ANNA: UserId = UserId::stored(1);
const BEN: UserId = UserId::stored(2);
const FIRST: ConnectionId = ConnectionId(1);
const SECOND: ConnectionId = ConnectionId(2);

fn just_before_the_grace(left: Timestamp) -> Timestamp {
    left.plus(OFFLINE_GRACE).minus(Duration::from_micros(1))
}

async fn settled(store: &dyn PresenceStore, now: Timestamp) -> Vec<(UserId, bool)> {
    let Settled { mut changes, mut to_note } = store.settle(now).await.unwrap();
    changes.sort_by_key(|change| change.user);
    to_note.sort();
    assert!(changes.iter().all(|change| change.at == now), "{changes:?}");
    assert!(changes.iter().map(|change| change.user).eq(to_note), "nobody else notes it");
    changes.into_iter().map(|change| (change.user, change.online)).collect()
}

async fn online(store: &dyn PresenceStore) -> Vec<UserId> {
    store.online(&[BEN, UserId::stored(3), ANNA]).await.unwrap()
}

pub async fn online_answers_in_the_order_of_the_question(store: &dyn PresenceStore) {
    assert_eq!(online(store).await, []);
    store.connect(ANNA, FIRST).await.unwrap();
    assert_eq!(online(store).await, [ANNA], "at once");
    store.connect(BEN, SECOND).await.unwrap();
    assert_eq!(online(store).await, [BEN, ANNA]);
    assert_eq!(store.online(&[]).await.unwrap(), []);
}

pub async fn the_last_connection_counts(store: &dyn PresenceStore) {
    store.connect(ANNA, FIRST).await.unwrap();
    store.connect(ANNA, FIRST).await.unwrap();
    store.connect(ANNA, SECOND).await.unwrap();
    assert_eq!(settled(store, at(0)).await, [(ANNA, true)]);
    store.disconnect(ANNA, FIRST, at(1)).await.unwrap();
    store.disconnect(ANNA, FIRST, at(1)).await.unwrap();
    store.disconnect(ANNA, ConnectionId(9), at(1)).await.unwrap();
    store.disconnect(BEN, SECOND, at(1)).await.unwrap();
    assert_eq!(settled(store, at(100)).await, [], "the second is still there");
    assert_eq!(online(store).await, [ANNA]);
    store.disconnect(ANNA, SECOND, at(100)).await.unwrap();
    assert_eq!(settled(store, at(100).plus(OFFLINE_GRACE)).await, [(ANNA, false)]);
    assert_eq!(online(store).await, []);
}

pub async fn each_change_is_answered_once(store: &dyn PresenceStore) {
    store.connect(ANNA, FIRST).await.unwrap();
    store.connect(BEN, SECOND).await.unwrap();
    assert_eq!(settled(store, at(0)).await, [(ANNA, true), (BEN, true)]);
    assert_eq!(settled(store, at(0)).await, []);
    store.disconnect(ANNA, FIRST, at(1)).await.unwrap();
    assert_eq!(settled(store, at(1).plus(OFFLINE_GRACE)).await, [(ANNA, false)]);
    assert_eq!(settled(store, at(500)).await, []);
}

pub async fn within_the_grace_nobody_has_gone(store: &dyn PresenceStore) {
    store.connect(ANNA, FIRST).await.unwrap();
    assert_eq!(settled(store, at(0)).await, [(ANNA, true)]);
    store.disconnect(ANNA, FIRST, at(10)).await.unwrap();
    assert_eq!(settled(store, just_before_the_grace(at(10))).await, []);
    assert_eq!(online(store).await, [ANNA], "not for long enough yet");
    store.connect(ANNA, SECOND).await.unwrap();
    assert_eq!(settled(store, at(100)).await, [], "back in time");
    store.disconnect(ANNA, SECOND, at(110)).await.unwrap();
    assert_eq!(settled(store, just_before_the_grace(at(110))).await, [], "counted anew");
    assert_eq!(settled(store, at(110).plus(OFFLINE_GRACE)).await, [(ANNA, false)]);
}

pub async fn who_came_and_went_in_between_is_told_of_within_the_grace(store: &dyn PresenceStore) {
    store.connect(ANNA, FIRST).await.unwrap();
    store.disconnect(ANNA, FIRST, at(1)).await.unwrap();
    let soon = just_before_the_grace(at(1));
    assert_eq!(settled(store, soon).await, [(ANNA, true)], "whoever asked was told so");
    assert_eq!(settled(store, at(1).plus(OFFLINE_GRACE)).await, [(ANNA, false)]);
    assert_eq!(online(store).await, []);
}

pub async fn who_came_and_went_long_ago_is_not_told_of(store: &dyn PresenceStore) {
    store.connect(ANNA, FIRST).await.unwrap();
    store.disconnect(ANNA, FIRST, at(1)).await.unwrap();
    assert_eq!(settled(store, at(100)).await, []);
    assert_eq!(online(store).await, []);
}
