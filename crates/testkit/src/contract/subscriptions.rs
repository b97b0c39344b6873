//! Promises of [`domain::push::SubscriptionStore`].

use super::Stores;
use super::fixtures::{
    NOBODY, assert_conflict, assert_not_found, at, group, leaving, people, say, session,
    set_active, signed_out,
};
use domain::chat::{Preferences, PreferencesUpdate};
use domain::ids::{ChatId, SessionId, UserId};
use domain::push::{Candidate, CandidateQuery, Content, Endpoint, ReceiverKeys, Subscription};

/// More than these tests need.
const MANY: usize = 10;

fn endpoint(name: &str) -> Endpoint {
    Endpoint::stored(format!("https://push.example.org/{name}"))
}

fn subscription(session: SessionId, user: UserId, name: &str) -> Subscription {
    Subscription {
        session,
        user,
        endpoint: endpoint(name),
        keys: ReceiverKeys { p256dh: [4; 65], auth: [0xff; 16] },
        content: Content::SenderAndText,
        expires_at: None,
    }
}

/// A device of somebody's, subscribed at second 10.
async fn device(stores: &Stores, user: UserId, name: &str) -> Subscription {
    let session = session(stores, user, 10).await.id;
    let new = subscription(session, user, name);
    stores.subscriptions.set(new.clone(), MANY, at(10)).await.unwrap();
    new
}

async fn candidates(stores: &Stores, chat: ChatId, author: UserId) -> Vec<Candidate> {
    let from = SessionId::stored(1);
    let query = CandidateQuery { chat, authors: vec![author], from, now: at(20), limit: 100 };
    stores.subscriptions.candidates(query).await.unwrap()
}

fn devices(candidates: Vec<Candidate>) -> Vec<Subscription> {
    candidates.into_iter().map(|candidate| candidate.subscription).collect()
}

pub async fn a_subscription_is_there_as_it_was_set(stores: &Stores) {
    let [anna] = people(stores, ["Anna"]).await;
    let first = device(stores, anna, "first").await;
    assert_eq!(stores.subscriptions.get(first.session, at(11)).await.unwrap(), first);
    let other = session(stores, anna, 10).await.id;
    assert_not_found(stores.subscriptions.get(other, at(11)).await);
    let ends = Subscription {
        content: Content::Sender,
        expires_at: Some(at(30)),
        ..subscription(other, anna, "other")
    };
    stores.subscriptions.set(ends.clone(), MANY, at(10)).await.unwrap();
    assert_eq!(stores.subscriptions.get(other, at(30)).await.unwrap(), ends);
    assert_not_found(stores.subscriptions.get(other, at(31)).await);
    assert_not_found(stores.subscriptions.get(first.session, at(111)).await);
}

pub async fn a_session_has_one_and_an_endpoint_has_one(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let first = device(stores, anna, "first").await;
    let second = subscription(first.session, anna, "second");
    stores.subscriptions.set(second.clone(), MANY, at(11)).await.unwrap();
    assert_eq!(stores.subscriptions.get(first.session, at(11)).await.unwrap(), second);
    // Somebody else signs in with the same browser.
    let taken = device(stores, ben, "second").await;
    assert_eq!(stores.subscriptions.get(taken.session, at(11)).await.unwrap(), taken);
    assert_not_found(stores.subscriptions.get(first.session, at(11)).await);
}

pub async fn only_a_session_that_is_there_subscribes(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let session = session(stores, anna, 10).await.id;
    let set = async |session, user, now| {
        stores.subscriptions.set(subscription(session, user, "x"), MANY, at(now)).await
    };
    assert_not_found(set(SessionId::stored(NOBODY), anna, 10).await);
    assert_not_found(set(session, ben, 10).await);
    assert_not_found(set(session, anna, 111).await);
    set(session, anna, 110).await.unwrap();
    stores.sessions.end(anna, session, signed_out(110)).await.unwrap();
    assert_not_found(set(session, anna, 110).await);
}

pub async fn subscriptions_have_a_limit(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let first = device(stores, anna, "first").await;
    let second = device(stores, anna, "second").await;
    device(stores, ben, "of another").await;
    let third = session(stores, anna, 10).await.id;
    let set = async |new: Subscription| stores.subscriptions.set(new, 2, at(10)).await;
    assert_conflict(set(subscription(third, anna, "third")).await);
    assert_not_found(stores.subscriptions.get(third, at(10)).await);
    set(subscription(first.session, anna, "again")).await.unwrap();
    // The subscription with the same endpoint is replaced, so it does not count.
    set(subscription(third, anna, "second")).await.unwrap();
    assert_not_found(stores.subscriptions.get(second.session, at(10)).await);
    let conflict = set(subscription(second.session, anna, "back")).await;
    assert_conflict(conflict);
    assert_eq!(stores.subscriptions.get(third, at(10)).await.unwrap().endpoint, endpoint("second"));
}

pub async fn a_subscription_goes_with_its_session(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben, cleo]).await.id;
    let ended = device(stores, ben, "ended").await;
    let kept = device(stores, ben, "kept").await;
    let disabled = device(stores, cleo, "disabled").await;
    assert_eq!(devices(candidates(stores, chat, anna).await).len(), 3);
    stores.sessions.end(ben, ended.session, signed_out(12)).await.unwrap();
    set_active(stores, cleo, false, at(12)).await.unwrap();
    set_active(stores, cleo, true, at(12)).await.unwrap();
    assert_eq!(devices(candidates(stores, chat, anna).await), [kept]);
    assert_not_found(stores.subscriptions.get(disabled.session, at(12)).await);
    assert!(!stores.subscriptions.remove(ended.session, None).await.unwrap());
}

pub async fn an_endpoint_that_was_replaced_is_not_removed(stores: &Stores) {
    let [anna] = people(stores, ["Anna"]).await;
    let old = device(stores, anna, "old").await;
    let new = subscription(old.session, anna, "new");
    stores.subscriptions.set(new.clone(), MANY, at(11)).await.unwrap();
    let remove = async |endpoint| stores.subscriptions.remove(old.session, endpoint).await.unwrap();
    assert!(!remove(Some(old.endpoint)).await);
    assert_eq!(stores.subscriptions.get(old.session, at(11)).await.unwrap(), new);
    assert!(remove(Some(new.endpoint)).await);
    assert_not_found(stores.subscriptions.get(old.session, at(11)).await);
    assert!(!remove(None).await);
}

pub async fn a_subscription_is_found_by_its_endpoint(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let [first, second] = [device(stores, anna, "a").await, device(stores, ben, "b").await];
    let find = async |name, now| stores.subscriptions.find(endpoint(name), at(now)).await;
    assert_eq!(find("a", 11).await.unwrap(), first);
    assert_eq!(find("b", 11).await.unwrap(), second);
    assert_not_found(find("c", 11).await);
    assert_not_found(find("a", 111).await);
    stores.sessions.end(ben, second.session, signed_out(12)).await.unwrap();
    assert_not_found(find("b", 12).await);
    let ends = Subscription { expires_at: Some(at(30)), ..first };
    stores.subscriptions.set(ends.clone(), MANY, at(12)).await.unwrap();
    assert_eq!(find("a", 30).await.unwrap(), ends);
    assert_not_found(find("a", 31).await);
}

pub async fn a_subscription_is_replaced_where_it_still_is(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let [first, other] = [device(stores, anna, "a").await, device(stores, ben, "b").await];
    let replace = async |old, new: &Subscription, now| {
        stores.subscriptions.replace(endpoint(old), new.clone(), at(now)).await
    };
    let new = Subscription {
        keys: ReceiverKeys { p256dh: [5; 65], auth: [0; 16] },
        expires_at: Some(at(40)),
        content: Content::Sender,
        ..subscription(first.session, anna, "new")
    };
    assert_not_found(replace("b", &new, 11).await);
    assert_not_found(replace("a", &new, 111).await);
    assert_eq!(stores.subscriptions.get(first.session, at(11)).await.unwrap(), first);
    replace("a", &new, 11).await.unwrap();
    assert_eq!(stores.subscriptions.get(first.session, at(11)).await.unwrap(), new);
    assert_not_found(replace("a", &first, 11).await);
    // A subscription may keep its endpoint, and takes it from another session that has it.
    replace("new", &new, 11).await.unwrap();
    let taken = subscription(first.session, anna, "b");
    replace("new", &taken, 11).await.unwrap();
    assert_eq!(stores.subscriptions.get(first.session, at(11)).await.unwrap(), taken);
    assert_not_found(stores.subscriptions.get(other.session, at(11)).await);
    stores.sessions.end(anna, first.session, signed_out(12)).await.unwrap();
    assert_not_found(replace("b", &first, 12).await);
}

pub async fn candidates_are_the_devices_of_the_other_members(stores: &Stores) {
    let [anna, ben, cleo, dora] = people(stores, ["Anna", "Ben", "Cleo", "Dora"]).await;
    let chat = group(stores, &[anna, ben, cleo]).await.id;
    device(stores, anna, "of the author").await;
    let [phone, laptop] = [device(stores, ben, "phone").await, device(stores, ben, "laptop").await];
    device(stores, dora, "of a stranger").await;
    device(stores, cleo, "of who left").await;
    stores.members.remove(leaving(chat, cleo, at(12))).await.unwrap();
    let ends = session(stores, ben, 10).await.id;
    let ends = Subscription { expires_at: Some(at(19)), ..subscription(ends, ben, "expired") };
    stores.subscriptions.set(ends, MANY, at(10)).await.unwrap();
    assert_eq!(devices(candidates(stores, chat, anna).await), [phone, laptop]);
    assert_eq!(candidates(stores, ChatId::stored(NOBODY), anna).await, []);
}

pub async fn candidates_come_with_what_their_owners_want(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben, cleo]).await.id;
    let [of_ben, of_cleo] = [device(stores, ben, "ben").await, device(stores, cleo, "cleo").await];
    let seq = say(stores, chat, anna, "one").await.seq;
    say(stores, chat, anna, "two").await;
    stores.members.mark_read(chat, ben, seq).await.unwrap();
    let wanted = PreferencesUpdate {
        muted_until: Some(Some(at(99))),
        archived: Some(true),
        mentions_only: Some(true),
        ..PreferencesUpdate::default()
    };
    stores.chats.set_preferences(chat, ben, wanted).await.unwrap();
    stores.blocks.block(cleo, anna, MANY, at(12)).await.unwrap();
    stores.blocks.block(anna, ben, MANY, at(12)).await.unwrap();
    let muted_until = Some(at(99));
    let preferences =
        Preferences { muted_until, mentions_only: true, pinned: false, archived: true };
    let of_anna = device(stores, anna, "anna").await;
    let (ben_id, cleo_id) = (ben, cleo);
    let [ben, cleo] = candidates(stores, chat, anna).await.try_into().unwrap();
    let of_ben_first = of_ben.clone();
    let expected =
        Candidate { subscription: of_ben_first, read_seq: seq, preferences, blocked: Vec::new() };
    assert_eq!(ben, expected);
    assert_eq!((&cleo.subscription, &cleo.blocked[..]), (&of_cleo, &[anna][..]));
    assert_eq!((cleo.read_seq.get(), cleo.preferences), (0, Preferences::default()));

    // Of several authors, each is told what the others wrote.
    let (authors, from) = (vec![anna, ben_id, cleo_id], SessionId::stored(1));
    let query = CandidateQuery { chat, authors, from, now: at(20), limit: 100 };
    let found = stores.subscriptions.candidates(query).await.unwrap();
    let found: Vec<_> = found.into_iter().map(|one| (one.subscription, one.blocked)).collect();
    let expected = [(of_ben, vec![]), (of_cleo, vec![anna]), (of_anna, vec![ben_id])];
    assert_eq!(found, expected);
}

pub async fn chats_are_reachable_where_somebody_subscribes(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let [both, left, none] = [
        group(stores, &[anna, ben]).await.id,
        group(stores, &[anna, ben]).await.id,
        group(stores, &[anna, cleo]).await.id,
    ];
    device(stores, ben, "phone").await;
    device(stores, ben, "laptop").await;
    stores.members.remove(leaving(left, ben, at(12))).await.unwrap();
    let chats = vec![none, left, both, ChatId::stored(NOBODY)];
    assert_eq!(stores.subscriptions.reachable(chats).await.unwrap(), [both]);
    assert_eq!(stores.subscriptions.reachable(Vec::new()).await.unwrap(), []);
}

pub async fn candidates_are_paged_by_session(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let mut all = Vec::new();
    for name in ["a", "b", "c"] {
        all.push(device(stores, ben, name).await);
    }
    let page = async |from, limit| {
        let query = CandidateQuery { chat, authors: vec![anna], from, now: at(20), limit };
        devices(stores.subscriptions.candidates(query).await.unwrap())
    };
    assert_eq!(page(SessionId::stored(1), 2).await, all[..2]);
    assert_eq!(page(SessionId::stored(all[1].session.get() + 1), 2).await, all[2..]);
    assert_eq!(page(all[1].session, 1).await, all[1..2]);
    assert_eq!(page(SessionId::stored(all[2].session.get() + 1), 2).await, []);
}
