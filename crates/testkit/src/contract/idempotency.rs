//! Promises of [`domain::idempotency::IdempotencyStore`].

use super::Stores;
use super::fixtures::{at, at_once};
use domain::failure::WriteError;
use domain::idempotency::{Begun, KeptAnswer, NewRequest, RepeatRefusal};
use domain::ids::UserId;
use domain::limits::FORGOTTEN_TOGETHER;

fn request(owner: i64, key: u8, second: i64) -> NewRequest {
    let owner = UserId::stored(owner);
    let (at, until) = (at(second), at(second + 60));
    NewRequest { owner, key: [key; 32], request: [7; 32], at, until }
}

fn answer() -> KeptAnswer {
    let content_type = Some("application/json".to_owned());
    KeptAnswer { status: 201, content_type, body: b"{\"id\":7}".to_vec() }
}

fn refusal(begun: Result<Begun, WriteError<RepeatRefusal>>) -> RepeatRefusal {
    match begun {
        Err(WriteError::Refused(why)) => why,
        begun => panic!("refused: {begun:?}"),
    }
}

pub async fn a_request_is_answered_as_before(stores: &Stores) {
    let store = &stores.idempotency;
    let first = request(1, 1, 10);
    assert_eq!(store.begin(first.clone()).await.unwrap(), Begun::New);
    assert_eq!(refusal(store.begin(request(1, 1, 11)).await), RepeatRefusal::UnderWay);
    store.end(first.clone(), Some(answer())).await.unwrap();
    let again = store.begin(request(1, 1, 100_000)).await.unwrap();
    assert_eq!(again, Begun::Answered(answer()));
    let other = NewRequest { request: [8; 32], ..request(1, 1, 12) };
    assert_eq!(refusal(store.begin(other).await), RepeatRefusal::Reused);
    // Keys are of an account, and answers are kept once.
    for other in [request(2, 1, 10), request(1, 2, 10)] {
        assert_eq!(store.begin(other).await.unwrap(), Begun::New);
    }
    store.end(first, None).await.unwrap();
    assert_eq!(store.begin(request(1, 1, 12)).await.unwrap(), Begun::Answered(answer()));
    // An answer may have no body.
    let (empty, no) = (request(3, 1, 10), (None, Vec::new()));
    let (content_type, body) = no;
    let nothing = KeptAnswer { status: 204, content_type, body };
    assert_eq!(store.begin(empty.clone()).await.unwrap(), Begun::New);
    store.end(empty.clone(), Some(nothing.clone())).await.unwrap();
    assert_eq!(store.begin(empty).await.unwrap(), Begun::Answered(nothing));
}

pub async fn what_was_not_kept_is_carried_out_again(stores: &Stores) {
    let store = &stores.idempotency;
    let first = request(1, 1, 10);
    assert_eq!(store.begin(first.clone()).await.unwrap(), Begun::New);
    store.end(first, None).await.unwrap();
    let other = NewRequest { request: [8; 32], ..request(1, 1, 11) };
    assert_eq!(store.begin(other).await.unwrap(), Begun::New);
}

pub async fn what_came_to_no_end_is_taken_over(stores: &Stores) {
    let store = &stores.idempotency;
    let (lost, late, next) = (request(1, 1, 10), request(1, 1, 69), request(1, 1, 70));
    assert_eq!(store.begin(lost.clone()).await.unwrap(), Begun::New);
    assert_eq!(refusal(store.begin(late).await), RepeatRefusal::UnderWay);
    assert_eq!(store.begin(next.clone()).await.unwrap(), Begun::New);
    // Whoever had it comes too late.
    for answer in [Some(answer()), None] {
        store.end(lost.clone(), answer).await.unwrap();
        assert_eq!(refusal(store.begin(request(1, 1, 71)).await), RepeatRefusal::UnderWay);
    }
    store.end(next, Some(answer())).await.unwrap();
    assert_eq!(store.begin(request(1, 1, 72)).await.unwrap(), Begun::Answered(answer()));
}

pub async fn of_several_at_once_one_begins(stores: &Stores) {
    let begin = |_| {
        let store = stores.idempotency.clone();
        async move { store.begin(request(1, 1, 10)).await }
    };
    let all = at_once((0..8).map(begin)).await;
    let begun = all.iter().filter(|one| matches!(one, Ok(Begun::New))).count();
    let refused = all
        .iter()
        .filter(|one| matches!(one, Err(WriteError::Refused(RepeatRefusal::UnderWay))))
        .count();
    assert_eq!((begun, refused), (1, 7));
}

pub async fn old_requests_are_forgotten(stores: &Stores) {
    let store = &stores.idempotency;
    for (key, second) in [(1, 10), (2, 20)] {
        let new = request(1, key, second);
        store.begin(new.clone()).await.unwrap();
        store.end(new, Some(answer())).await.unwrap();
    }
    assert!(!store.forget(at(20)).await.unwrap());
    assert_eq!(store.begin(request(1, 1, 30)).await.unwrap(), Begun::New);
    assert_eq!(store.begin(request(1, 2, 30)).await.unwrap(), Begun::Answered(answer()));
}

/// A request whose key has that number.
fn numbered(nth: usize) -> NewRequest {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&nth.to_be_bytes());
    let second = i64::try_from(nth).unwrap();
    NewRequest { key, ..request(1 + second % 2, 0, second) }
}

pub async fn old_requests_are_forgotten_in_parts(stores: &Stores) {
    let store = &stores.idempotency;
    for nth in 0..=FORGOTTEN_TOGETHER {
        store.begin(numbered(nth)).await.unwrap();
    }
    let last = numbered(FORGOTTEN_TOGETHER);
    assert!(store.forget(at(100_000)).await.unwrap(), "there is one more");
    // The oldest are forgotten first.
    assert_eq!(refusal(store.begin(last.clone()).await), RepeatRefusal::UnderWay);
    let before_last = numbered(FORGOTTEN_TOGETHER - 1);
    assert_eq!(store.begin(before_last).await.unwrap(), Begun::New);
    assert!(!store.forget(at(100_000)).await.unwrap());
    assert_eq!(store.begin(last).await.unwrap(), Begun::New);
}

pub async fn requests_of_an_account_are_deleted_in_parts(stores: &Stores) {
    let store = &stores.idempotency;
    for key in 1..=3 {
        let new = request(1, key, 10);
        store.begin(new.clone()).await.unwrap();
        store.end(new, Some(answer())).await.unwrap();
    }
    let under_way = request(1, 4, 10);
    store.begin(under_way.clone()).await.unwrap();
    let others = request(2, 1, 10);
    store.begin(others.clone()).await.unwrap();
    let delete = || stores.own.delete_requests(UserId::stored(1), 3);
    assert!(delete().await.unwrap());
    assert!(!delete().await.unwrap());
    assert!(!delete().await.unwrap());
    // What ends now keeps no answer.
    store.end(under_way, Some(answer())).await.unwrap();
    for key in 1..=4 {
        assert_eq!(store.begin(request(1, key, 11)).await.unwrap(), Begun::New, "{key}");
    }
    assert_eq!(refusal(store.begin(others).await), RepeatRefusal::UnderWay);
}
