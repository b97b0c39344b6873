//! Promises of [`domain::session::SessionStore`], but for tickets.

use super::Stores;
use super::scene::{
    NOBODY, assert_conflict, assert_not_found, at, at_once, new_session, people, person, session,
    sessions, set_active,
};
use domain::failure::StoreError;
use domain::ids::{SessionId, UserId};
use domain::limits::SESSIONS_PER_USER;
use domain::session::{EndedSession, Session};

pub async fn a_session_is_there_as_it_was_opened(stores: &Stores) {
    let user = person(stores, "Anna").await;
    let new = new_session(user.id, 10);
    let opened = stores.sessions.open(new.clone()).await.unwrap();
    let expected = Session {
        id: opened.id,
        user: user.id,
        seed: new.seed,
        generation: opened.generation,
        device: new.device,
        created_at: at(10),
        refreshed_at: at(10),
        expires_at: at(110),
    };
    assert_eq!(opened, expected);
    let signed = stores.sessions.get(opened.id, at(11)).await.unwrap();
    assert_eq!((signed.session, signed.user), (opened, user));
}

pub async fn only_an_active_account_opens_one(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    assert_not_found(stores.sessions.open(new_session(UserId::stored(NOBODY), 10)).await);
    set_active(stores, anna, false, at(5)).await.unwrap();
    assert_not_found(stores.sessions.open(new_session(anna, 10)).await);
    set_active(stores, anna, true, at(6)).await.unwrap();
    session(stores, anna, 10).await;
}

pub async fn past_the_limit_the_one_unused_for_longest_ends(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let others = session(stores, ben, 1).await;
    let first = session(stores, anna, 10).await;
    let second = session(stores, anna, 11).await;
    for _ in 2..SESSIONS_PER_USER {
        session(stores, anna, 12).await;
    }
    assert_eq!(sessions(stores, anna, 13).await.len(), SESSIONS_PER_USER);
    stores.sessions.rotate(first.id, first.generation, at(14), at(120)).await.unwrap();

    let newest = session(stores, anna, 15).await;
    let left = sessions(stores, anna, 15).await;
    assert_eq!(left.len(), SESSIONS_PER_USER);
    assert_eq!(left[..2], [newest.id, first.id], "the first was refreshed");
    assert_not_found(stores.sessions.get(second.id, at(15)).await);
    let ended = [EndedSession { session: second.id, user: anna }];
    assert_eq!(stores.sessions.ended_since(at(15)).await.unwrap(), ended);
    stores.sessions.get(others.id, at(15)).await.unwrap();
}

pub async fn what_has_expired_is_not_there(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    let opened = session(stores, anna, 10).await;
    stores.sessions.get(opened.id, at(110)).await.unwrap();
    assert_eq!(sessions(stores, anna, 110).await, [opened.id]);
    assert_not_found(stores.sessions.get(opened.id, at(111)).await);
    assert_eq!(sessions(stores, anna, 111).await, []);
    let generation = opened.generation;
    assert_not_found(stores.sessions.rotate(opened.id, generation, at(111), at(300)).await);
    assert_not_found(stores.sessions.end(anna, opened.id, at(111)).await);
    assert_eq!(stores.sessions.ended_since(at(0)).await.unwrap(), [], "expired is not ended");
}

pub async fn what_never_was_is_not_there(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    let never = SessionId::stored(NOBODY);
    assert_not_found(stores.sessions.get(never, at(0)).await);
    assert_not_found(stores.sessions.rotate(never, 0, at(0), at(100)).await);
    assert_not_found(stores.sessions.end(anna, never, at(0)).await);
    assert_eq!(sessions(stores, anna, 0).await, []);
}

pub async fn the_list_begins_with_the_one_used_last(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let first = session(stores, anna, 10).await;
    let second = session(stores, anna, 11).await;
    session(stores, ben, 12).await;
    assert_eq!(sessions(stores, anna, 20).await, [second.id, first.id]);
    let used = stores.sessions.rotate(first.id, first.generation, at(20), at(200)).await.unwrap();
    assert_eq!(stores.sessions.list(anna, at(20)).await.unwrap(), [used, second]);
}

pub async fn rotation_moves_the_generation_and_the_end(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    let opened = session(stores, anna, 10).await;
    let next = opened.generation + 1;
    let rotated =
        stores.sessions.rotate(opened.id, opened.generation, at(20), at(500)).await.unwrap();
    let expected =
        Session { generation: next, refreshed_at: at(20), expires_at: at(500), ..opened.clone() };
    assert_eq!(rotated, expected);
    assert_eq!(stores.sessions.get(opened.id, at(400)).await.unwrap().session, expected);
    for wrong in [opened.generation, next + 1, -1] {
        assert_conflict(stores.sessions.rotate(opened.id, wrong, at(30), at(900)).await);
    }
    assert_eq!(stores.sessions.get(opened.id, at(400)).await.unwrap().session, expected);
    stores.sessions.rotate(opened.id, next, at(30), at(900)).await.unwrap();
}

pub async fn of_rotations_at_once_one_succeeds(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    let opened = session(stores, anna, 10).await;
    let (id, generation) = (opened.id, opened.generation);
    let calls = (0..20).map(|_| {
        let sessions = stores.sessions.clone();
        async move { sessions.rotate(id, generation, at(20), at(200)).await }
    });
    let (won, lost): (Vec<_>, Vec<_>) = at_once(calls).await.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1);
    assert!(lost.iter().all(|answer| matches!(answer, Err(StoreError::Conflict))), "{lost:?}");
    let now = stores.sessions.get(id, at(20)).await.unwrap().session;
    assert_eq!(now.generation, generation + 1);
}

pub async fn only_its_owner_ends_a_session(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let opened = session(stores, anna, 10).await;
    let other = session(stores, anna, 11).await;
    assert_not_found(stores.sessions.end(ben, opened.id, at(20)).await);
    stores.sessions.get(opened.id, at(20)).await.unwrap();
    stores.sessions.end(anna, opened.id, at(20)).await.unwrap();
    assert_not_found(stores.sessions.get(opened.id, at(20)).await);
    assert_not_found(stores.sessions.end(anna, opened.id, at(21)).await);
    assert_not_found(stores.sessions.rotate(opened.id, opened.generation, at(21), at(200)).await);
    assert_eq!(sessions(stores, anna, 21).await, [other.id]);
}

pub async fn endings_are_remembered_from_their_time_on(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let first = session(stores, anna, 10).await.id;
    let second = session(stores, ben, 10).await.id;
    stores.sessions.end(anna, first, at(20)).await.unwrap();
    stores.sessions.end(ben, second, at(30)).await.unwrap();
    let first = EndedSession { session: first, user: anna };
    let second = EndedSession { session: second, user: ben };
    for (since, expected) in
        [(0, vec![first, second]), (20, vec![first, second]), (21, vec![second]), (31, vec![])]
    {
        let mut ended = stores.sessions.ended_since(at(since)).await.unwrap();
        ended.sort_by_key(|ended| ended.session);
        assert_eq!(ended, expected, "since {since}");
        assert_eq!(stores.sessions.ended_since(at(since)).await.unwrap().len(), expected.len());
    }
}

pub async fn purging_forgets_what_is_over(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    let expired = session(stores, anna, 10).await.id;
    let live = session(stores, anna, 50).await.id;
    let [early, late] = [session(stores, anna, 50).await.id, session(stores, anna, 50).await.id];
    stores.sessions.add_ticket([1; 32], live, at(100)).await.unwrap();
    stores.sessions.add_ticket([2; 32], live, at(140)).await.unwrap();
    stores.sessions.end(anna, early, at(60)).await.unwrap();
    stores.sessions.end(anna, late, at(70)).await.unwrap();

    stores.sessions.purge(at(120), at(70)).await.unwrap();
    assert_not_found(stores.sessions.get(expired, at(20)).await);
    assert_eq!(sessions(stores, anna, 60).await, [live]);
    assert_not_found(stores.sessions.take_ticket([1; 32], at(60)).await);
    assert_eq!(stores.sessions.take_ticket([2; 32], at(60)).await.unwrap(), live);
    let ended = [EndedSession { session: late, user: anna }];
    assert_eq!(stores.sessions.ended_since(at(0)).await.unwrap(), ended);
}
