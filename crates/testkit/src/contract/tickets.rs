//! Promises of [`domain::session::SessionStore`] about tickets.

use super::Stores;
use super::fixtures::{NOBODY, assert_not_found, at, at_once, people, person, session, signed_out};
use domain::failure::StoreError;
use domain::ids::SessionId;

pub async fn a_ticket_is_taken_once(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let hers = session(stores, anna, 10).await.id;
    let his = session(stores, ben, 10).await.id;
    stores.sessions.add_ticket([1; 32], hers, at(40)).await.unwrap();
    stores.sessions.add_ticket([2; 32], his, at(40)).await.unwrap();
    assert_eq!(stores.sessions.take_ticket([1; 32], at(20)).await.unwrap(), hers);
    assert_not_found(stores.sessions.take_ticket([1; 32], at(20)).await);
    assert_eq!(stores.sessions.take_ticket([2; 32], at(20)).await.unwrap(), his);
    assert_not_found(stores.sessions.take_ticket([3; 32], at(20)).await);
}

pub async fn of_takers_at_once_one_gets_it(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    let opened = session(stores, anna, 10).await.id;
    stores.sessions.add_ticket([1; 32], opened, at(40)).await.unwrap();
    let calls = (0..20).map(|_| {
        let sessions = stores.sessions.clone();
        async move { sessions.take_ticket([1; 32], at(20)).await }
    });
    let (got, missed): (Vec<_>, Vec<_>) = at_once(calls).await.into_iter().partition(Result::is_ok);
    assert_eq!(got.len(), 1);
    assert!(missed.iter().all(|answer| matches!(answer, Err(StoreError::NotFound))));
}

pub async fn an_expired_ticket_is_not_there(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    let opened = session(stores, anna, 10).await.id;
    stores.sessions.add_ticket([1; 32], opened, at(40)).await.unwrap();
    stores.sessions.add_ticket([2; 32], opened, at(40)).await.unwrap();
    assert_eq!(stores.sessions.take_ticket([1; 32], at(40)).await.unwrap(), opened);
    assert_not_found(stores.sessions.take_ticket([2; 32], at(41)).await);
}

pub async fn a_ticket_ends_with_its_session(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    let ended = session(stores, anna, 10).await.id;
    let expired = session(stores, anna, 11).await.id;
    stores.sessions.add_ticket([1; 32], ended, at(900)).await.unwrap();
    stores.sessions.add_ticket([2; 32], expired, at(900)).await.unwrap();
    stores.sessions.end(anna, ended, signed_out(20)).await.unwrap();
    assert_not_found(stores.sessions.take_ticket([1; 32], at(20)).await);
    assert_not_found(stores.sessions.take_ticket([2; 32], at(112)).await);
    assert_not_found(stores.sessions.add_ticket([3; 32], ended, at(900)).await);
    let never = SessionId::stored(NOBODY);
    assert_not_found(stores.sessions.add_ticket([4; 32], never, at(900)).await);
}
