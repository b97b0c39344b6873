//! Promises of [`domain::idempotency::IdempotencyStore`].

use super::Stores;
use super::scene::{at, at_once};
use domain::failure::WriteError;
use domain::idempotency::{Begun, KeptAnswer, NewRequest, RepeatRefusal};
use domain::ids::UserId;

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
    store.forget(at(20)).await.unwrap();
    assert_eq!(store.begin(request(1, 1, 30)).await.unwrap(), Begun::New);
    assert_eq!(store.begin(request(1, 2, 30)).await.unwrap(), Begun::Answered(answer()));
}
