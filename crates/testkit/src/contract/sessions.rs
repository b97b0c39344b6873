//! Promises of [`domain::session::SessionStore`], but for tickets.

use super::Stores;
use super::fixtures::{
    NOBODY, assert_conflict, assert_ended, assert_not_found, at, at_once, changes, new_session,
    new_user, people, person, session, sessions, set_active, signed_out,
};
use super::host_accounts::{new, of};
use domain::admin::{AccountChange, AuditAction, AuditQuery, AuditTarget, Record};
use domain::failure::StoreError;
use domain::host::{ExternalId, HostPerson, HostSession};
use domain::ids::{SessionId, UserId};
use domain::limits::{FORGOTTEN_TOGETHER, SESSIONS_PER_USER};
use domain::session::{EndedAtHost, EndedSession, NewSession, OpenSession, Session};
use domain::user::AccountRole;
use std::time::Duration;

pub async fn a_session_is_there_as_it_was_opened(stores: &Stores) {
    let user = person(stores, "Anna").await;
    let new = new_session(user.id, 10);
    let opened = stores.sessions.open(new.clone()).await.unwrap();
    let expected = Session {
        id: opened.id,
        user: user.id,
        seed: new.seed,
        generation: opened.generation,
        client: new.client,
        created_at: at(10),
        refreshed_at: at(10),
        expires_at: at(110),
        proved_at: Some(at(10)),
    };
    assert_eq!(opened, expected);
    let signed = stores.sessions.get(opened.id, at(11)).await.unwrap();
    assert_eq!((signed.session, &signed.user), (opened, &user));
    assert!(!signed.has_second_factor);
    let unproved = NewSession { proved_at: None, ..new_session(user.id, 12) };
    let unproved = stores.sessions.open(unproved).await.unwrap();
    assert_eq!(unproved.proved_at, None);
    let signed = stores.sessions.get(unproved.id, at(13)).await.unwrap();
    assert_eq!(signed.session, unproved);
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
    assert_ended(stores, second.id, 15).await;
    let ended = [EndedSession { session: second.id, user: anna }];
    assert_eq!(changes(stores).await.ended, ended);
    stores.sessions.get(others.id, at(15)).await.unwrap();
}

pub async fn what_has_expired_is_not_there(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    let opened = session(stores, anna, 10).await;
    stores.sessions.get(opened.id, at(110)).await.unwrap();
    assert_eq!(sessions(stores, anna, 110).await, [opened.id]);
    assert_ended(stores, opened.id, 111).await;
    assert_eq!(sessions(stores, anna, 111).await, []);
    let generation = opened.generation;
    assert_not_found(stores.sessions.rotate(opened.id, generation, at(111), at(300)).await);
    assert_not_found(stores.sessions.end(anna, opened.id, signed_out(111)).await);
    assert_eq!(changes(stores).await.ended, [], "expired is not ended");
}

pub async fn what_never_was_is_not_there(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    let never = SessionId::stored(NOBODY);
    assert_ended(stores, never, 0).await;
    assert_not_found(stores.sessions.rotate(never, 0, at(0), at(100)).await);
    assert_not_found(stores.sessions.end(anna, never, signed_out(0)).await);
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

pub async fn a_session_is_proved_by_its_owner(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let (first, other) = (session(stores, anna, 10).await, session(stores, anna, 10).await);
    assert_not_found(stores.sessions.prove(ben, first.id, at(20)).await);
    assert_not_found(stores.sessions.prove(anna, SessionId::stored(NOBODY), at(20)).await);
    assert_not_found(stores.sessions.prove(anna, first.id, at(111)).await);
    stores.sessions.prove(anna, first.id, at(20)).await.unwrap();
    let proved = stores.sessions.get(first.id, at(21)).await.unwrap().session;
    assert_eq!(proved, Session { proved_at: Some(at(20)), ..first });
    assert_eq!(stores.sessions.get(other.id, at(21)).await.unwrap().session, other);
    let rotated = stores.sessions.rotate(first.id, 0, at(30), at(200)).await.unwrap();
    assert_eq!(rotated.proved_at, Some(at(20)), "refreshing proves nothing");
    let log = stores.admin.audit(AuditQuery { limit: 1, ..AuditQuery::default() }).await.unwrap();
    let line = Record::of_oneself(anna, AuditAction::SessionProved, at(20));
    assert_eq!(log.entries[0].record, line);
}

pub async fn what_a_store_changed_itself_is_never_missing(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let opened = session(stores, anna, 10).await;
    let id = opened.id;
    let signed = async || {
        let signed = stores.sessions.get_recent(id, at(20)).await.unwrap();
        assert_eq!(stores.sessions.get(id, at(20)).await.unwrap(), signed);
        assert_eq!(stores.sessions.get_recent(id, at(20)).await.unwrap(), signed, "once more");
        signed
    };
    assert_eq!(signed().await.session, opened);
    let rotated = stores.sessions.rotate(id, opened.generation, at(20), at(200)).await.unwrap();
    assert_eq!(signed().await.session, rotated);
    stores.sessions.prove(anna, id, at(21)).await.unwrap();
    assert_eq!(signed().await.session.proved_at, Some(at(21)));
    let role = AccountChange { role: Some(AccountRole::Admin), ..AccountChange::default() };
    stores.admin.update_user(anna, role, Vec::new(), at(22)).await.unwrap();
    assert_eq!(signed().await.user.role, AccountRole::Admin);
    assert_not_found(stores.sessions.end(ben, id, signed_out(23)).await);
    signed().await;
    set_active(stores, anna, false, at(24)).await.unwrap();
    assert_ended(stores, id, 24).await;
}

pub async fn only_its_owner_ends_a_session(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let opened = session(stores, anna, 10).await;
    let other = session(stores, anna, 11).await;
    assert_not_found(stores.sessions.end(ben, opened.id, signed_out(20)).await);
    stores.sessions.get(opened.id, at(20)).await.unwrap();
    stores.sessions.end(anna, opened.id, signed_out(20)).await.unwrap();
    assert_ended(stores, opened.id, 20).await;
    assert_not_found(stores.sessions.end(anna, opened.id, signed_out(21)).await);
    assert_not_found(stores.sessions.rotate(opened.id, opened.generation, at(21), at(200)).await);
    assert_eq!(sessions(stores, anna, 21).await, [other.id]);
}

pub async fn changes_are_told_by_the_stores_clock(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let first = session(stores, anna, 10).await.id;
    let second = session(stores, ben, 10).await.id;
    let before = stores.sessions.changes_since(None, 10).await.unwrap();
    assert_eq!((&before.ended[..], &before.roles[..], before.complete), (&[][..], &[][..], true));
    // The callers' clocks are wrong, in either direction.
    stores.sessions.end(anna, first, signed_out(-1_000_000)).await.unwrap();
    stores.sessions.end(ben, second, signed_out(20)).await.unwrap();
    let role = AccountChange { role: Some(AccountRole::Admin), ..AccountChange::default() };
    stores.admin.update_user(anna, role, vec![], at(1_000_000_000)).await.unwrap();

    let asked = Some(before.at);
    let mut told = stores.sessions.changes_since(asked, 10).await.unwrap();
    told.ended.sort_by_key(|ended| ended.session);
    let ended = |session, user| EndedSession { session, user };
    assert_eq!(told.ended, [ended(first, anna), ended(second, ben)]);
    assert_eq!(told.roles, [(anna, AccountRole::Admin)]);
    assert!(told.complete && told.at >= before.at);
    let again = stores.sessions.changes_since(asked, 10).await.unwrap();
    assert_eq!((again.ended.len(), again.roles.len()), (2, 1), "asking forgets nothing");

    let one = stores.sessions.changes_since(asked, 1).await.unwrap();
    assert_eq!((one.ended.len(), one.roles.len(), one.complete), (1, 1, false), "too many");
    let later = Some(again.at.plus(Duration::from_secs(60)));
    let nothing = stores.sessions.changes_since(later, 10).await.unwrap();
    assert_eq!((&nothing.ended[..], &nothing.roles[..]), (&[][..], &[][..]));
    assert!(nothing.complete);
}

pub async fn what_is_open_is_told_with_the_role_of_its_owner(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let [ended, open] = [session(stores, anna, 10).await.id, session(stores, anna, 10).await.id];
    let [early, late] = [session(stores, ben, 10).await.id, session(stores, ben, 50).await.id];
    stores.sessions.end(anna, ended, signed_out(20)).await.unwrap();
    let role = AccountChange { role: Some(AccountRole::Admin), ..AccountChange::default() };
    stores.admin.update_user(anna, role, vec![], at(20)).await.unwrap();
    let asked = [late, open, ended, early, open, SessionId::stored(NOBODY)];
    let mut expected = [
        OpenSession { session: open, user: anna, role: AccountRole::Admin },
        OpenSession { session: early, user: ben, role: AccountRole::User },
        OpenSession { session: late, user: ben, role: AccountRole::User },
    ];
    expected.sort_by_key(|open| open.session);
    assert_eq!(stores.sessions.open_among(&asked, at(110)).await.unwrap(), expected);
    let left = expected.into_iter().filter(|open| open.session == late).collect::<Vec<_>>();
    assert_eq!(stores.sessions.open_among(&asked, at(111)).await.unwrap(), left, "expired");
    assert_eq!(stores.sessions.open_among(&[], at(20)).await.unwrap(), []);
    set_active(stores, ben, false, at(20)).await.unwrap();
    assert_eq!(stores.sessions.open_among(&[early, late], at(20)).await.unwrap(), []);
}

pub async fn what_is_over_is_forgotten_in_parts(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    let live = session(stores, anna, 50).await.id;
    let hash = |nth: usize| {
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&nth.to_be_bytes());
        hash
    };
    for nth in 0..=FORGOTTEN_TOGETHER {
        stores.sessions.add_ticket(hash(nth), live, at(100)).await.unwrap();
    }
    let purge = || stores.sessions.purge(at(120), Duration::from_secs(3600));
    assert!(purge().await.unwrap(), "there is one more");
    let mut left = 0;
    for nth in 0..=FORGOTTEN_TOGETHER {
        left += usize::from(stores.sessions.take_ticket(hash(nth), at(60)).await.is_ok());
    }
    assert_eq!(left, 1);
    stores.sessions.add_ticket(hash(0), live, at(100)).await.unwrap();
    assert!(!purge().await.unwrap());
    assert_not_found(stores.sessions.take_ticket(hash(0), at(60)).await);
    assert_eq!(sessions(stores, anna, 60).await, [live]);
}

pub async fn what_came_of_a_hosts_session_ends_with_it(stores: &Stores) {
    let mut people = Vec::new();
    for (issuer, subject) in [("shop", "17"), ("shop", "18"), ("forum", "17")] {
        let new = new(&of(issuer, subject), new_user(&format!("{subject} of {issuer}")));
        people.push(stores.host_accounts.add_for(new).await.unwrap().id);
    }
    let [anna, ben, cleo] = people[..] else { panic!("three") };
    let open = async |user, of_host: Option<&str>| {
        let host_session = of_host.and_then(HostSession::new);
        let session = NewSession { host_session, ..new_session(user, 10) };
        stores.sessions.open(session).await.unwrap().id
    };
    let (phone, laptop) = (open(anna, Some("s 1")).await, open(anna, Some("s 1")).await);
    let (other, unknown) = (open(anna, Some("s 2")).await, open(anna, None).await);
    let (bens, cleos) = (open(ben, Some("s 1")).await, open(cleo, Some("s 1")).await);
    let line = Record::new(None, AuditAction::UserSessions, "by shop".to_owned(), at(20));
    let end = async |subject: Option<&str>, session: &str| {
        let HostPerson { issuer, .. } = of("shop", "17");
        let (subject, session) = (subject.and_then(ExternalId::new), HostSession::new(session));
        let ended = EndedAtHost { issuer, subject, session: session.unwrap() };
        stores.sessions.end_from_host(ended, line.clone()).await.unwrap();
    };
    let live = async || {
        let all = [phone, laptop, other, unknown, bens, cleos];
        let open = stores.sessions.open_among(&all, at(20)).await.unwrap();
        open.into_iter().map(|open| open.session).collect::<Vec<_>>()
    };
    end(Some("17"), "s 3").await;
    end(Some("19"), "s 1").await;
    assert_eq!(live().await, [phone, laptop, other, unknown, bens, cleos]);
    end(Some("17"), "s 1").await;
    assert_eq!(live().await, [other, unknown, bens, cleos]);
    let mut ended = changes(stores).await.ended;
    ended.sort_by_key(|ended| ended.session);
    let both = [phone, laptop].map(|session| EndedSession { session, user: anna });
    assert_eq!(ended, both, "nodes are told");
    // Without a person, whosever it is at that host.
    end(None, "s 1").await;
    assert_eq!(live().await, [other, unknown, cleos]);
    let query = AuditQuery { limit: 10, ..AuditQuery::default() };
    let log = stores.admin.audit(query).await.unwrap().entries;
    let lines = log.iter().filter(|entry| entry.record == line).map(|entry| entry.target);
    let lines: Vec<_> = lines.collect();
    assert_eq!(lines, [ben, anna].map(AuditTarget::User), "one for each account");
}

pub async fn purging_forgets_what_is_over(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    let expired = session(stores, anna, 10).await.id;
    let [live, ended] = [session(stores, anna, 50).await.id, session(stores, anna, 50).await.id];
    stores.sessions.add_ticket([1; 32], live, at(100)).await.unwrap();
    stores.sessions.add_ticket([2; 32], live, at(140)).await.unwrap();
    stores.sessions.end(anna, ended, signed_out(60)).await.unwrap();

    stores.sessions.purge(at(120), Duration::from_secs(3600)).await.unwrap();
    assert_ended(stores, expired, 20).await;
    assert_eq!(sessions(stores, anna, 60).await, [live]);
    assert_not_found(stores.sessions.take_ticket([1; 32], at(60)).await);
    assert_eq!(stores.sessions.take_ticket([2; 32], at(60)).await.unwrap(), live);
    let remembered = [EndedSession { session: ended, user: anna }];
    assert_eq!(changes(stores).await.ended, remembered, "it is not an hour old");
    stores.sessions.purge(at(120), Duration::ZERO).await.unwrap();
    assert_eq!(changes(stores).await.ended, []);
    assert_eq!(sessions(stores, anna, 60).await, [live]);
}
