//! Promises of [`domain::session::SessionStore`] and [`domain::user::UserStore`] about the audit log.

use super::Stores;
use super::fixtures::{
    assert_conflict, assert_not_found, at, new_session, new_user, origin, person, session,
    signed_out,
};
use domain::admin::{
    AccountChange, AuditAction, AuditEntry, AuditKind, AuditQuery, AuditTarget, Record,
};
use domain::clock::Timestamp;
use domain::ids::UserId;
use domain::limits::{REFUSALS_TOGETHER, SESSIONS_PER_USER, SIGN_INS_KEPT};
use domain::session::{EndReason, Ending, Origin, RefusedSignIn};
use domain::user::{NewUser, PasswordChange, PasswordHash};

async fn read(stores: &Stores, kind: Option<AuditKind>) -> Vec<AuditEntry> {
    let query = AuditQuery { kind, before: None, limit: 2 * SIGN_INS_KEPT };
    stores.admin.audit(query).await.unwrap().entries
}

/// The sign-in entries of the audit log, oldest first, none of which counts more than one.
async fn log(stores: &Stores) -> Vec<(AuditTarget, Record)> {
    let entries = read(stores, Some(AuditKind::SignIn)).await;
    assert!(entries.iter().all(|entry| entry.count == 1));
    entries.into_iter().rev().map(|entry| (entry.target, entry.record)).collect()
}

fn refused(account: Option<UserId>, at: Timestamp) -> RefusedSignIn {
    RefusedSignIn { account, origin: Some(origin()), at, why: "wrong_credentials" }
}

pub async fn making_an_account_and_signing_in_and_out_is_logged(stores: &Stores) {
    let anna = NewUser { origin: Some(origin()), ..new_user("Anna") };
    let anna = stores.users.add(anna).await.unwrap().id;
    let new = new_session(anna, 10);
    let opened = stores.sessions.open(new.clone()).await.unwrap();
    let ending = Ending { at: at(20), why: EndReason::TokenReused };
    stores.sessions.end(anna, opened.id, ending).await.unwrap();
    assert_not_found(stores.sessions.end(anna, opened.id, signed_out(21)).await);
    let by = Origin::of(&new.client, new.address);
    let expected = [
        Record::registered(anna, origin(), at(0)),
        Record::opened(anna, opened.id, by, at(10)),
        Record::ended(anna, opened.id, EndReason::TokenReused, at(20)),
    ];
    assert_eq!(log(stores).await, expected.map(|line| (AuditTarget::User(anna), line)));
}

pub async fn only_who_makes_their_own_account_registers(stores: &Stores) {
    person(stores, "Anna").await;
    let again = NewUser { origin: Some(origin()), ..new_user("ANNA") };
    assert_conflict(stores.users.add(again).await);
    assert_eq!(log(stores).await, []);
}

pub async fn ones_own_password_is_logged(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    let (was, new) =
        ["hash of Anna", "another"].map(|hash| PasswordHash::stored(hash.into())).into();
    let change = PasswordChange { was, new };
    stores.users.set_password(anna, change.clone(), None, at(20)).await.unwrap();
    assert_conflict(stores.users.set_password(anna, change, None, at(21)).await);
    let line = Record::password_changed(anna, at(20));
    assert_eq!(log(stores).await, [(AuditTarget::User(anna), line)]);
}

pub async fn a_session_that_gives_way_is_logged(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    let first = session(stores, anna, 10).await.id;
    for _ in 0..SESSIONS_PER_USER {
        session(stores, anna, 11).await;
    }
    let ended = log(stores).await.into_iter().map(|(_, line)| line);
    let ended = ended.filter(|line| line.action == AuditAction::SessionEnded);
    let expected = Record::ended(anna, first, EndReason::Surplus, at(11));
    assert_eq!(ended.collect::<Vec<_>>(), [expected]);
}

pub async fn what_was_refused_is_logged_and_counted_where_nobody_is_meant(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    let hour = i64::try_from(REFUSALS_TOGETHER.as_secs()).unwrap();
    for seconds in [0, 1, hour - 1, hour, hour + 1] {
        stores.sessions.note_refusal(refused(None, at(seconds))).await.unwrap();
        stores.sessions.note_refusal(refused(Some(anna), at(seconds))).await.unwrap();
    }
    let entries = read(stores, None).await;
    let of = |target| {
        let of_it = entries.iter().filter(move |entry| entry.target == target);
        of_it.map(|e| (e.record.at, e.count, e.record.origin.clone())).collect::<Vec<_>>()
    };
    let counted = [(at(hour), 2, None), (at(0), 3, None)];
    assert_eq!(of(AuditTarget::Nobody), counted, "nobody's say neither what nor where");
    let each = [hour + 1, hour, hour - 1, 1, 0].map(|then| (at(then), 1, Some(origin())));
    assert_eq!(of(AuditTarget::User(anna)), each);
    let line = Record::refused("wrong_credentials", Some(origin()), at(hour + 1));
    assert_eq!(entries[0].record, line);
}

pub async fn of_what_was_refused_the_newest_is_kept(stores: &Stores) {
    let (anna, ben) = (person(stores, "Anna").await.id, person(stores, "Ben").await.id);
    session(stores, anna, 1).await;
    stores.sessions.note_refusal(refused(Some(ben), at(2))).await.unwrap();
    let kept = i64::try_from(SIGN_INS_KEPT).unwrap();
    for seconds in 0..kept + 3 {
        stores.sessions.note_refusal(refused(Some(anna), at(seconds))).await.unwrap();
    }
    let lines = log(stores).await;
    let of = |action, user| {
        let is_it = move |line: &&(AuditTarget, Record)| {
            line.1.action == action && line.0 == AuditTarget::User(user)
        };
        lines.iter().filter(is_it).map(|(_, line)| line.at).collect::<Vec<_>>()
    };
    let expected: Vec<_> = (3..kept + 3).map(at).collect();
    assert_eq!(of(AuditAction::SessionRefused, anna), expected);
    assert_eq!(of(AuditAction::SessionRefused, ben), [at(2)], "somebody else's stay");
    assert_eq!(of(AuditAction::SessionOpened, anna), [at(1)], "others stay");
}

pub async fn old_sign_ins_are_forgotten_and_changes_stay(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    change(stores, anna).await;
    for seconds in [10, 20, 30] {
        session(stores, anna, seconds).await;
    }
    stores.sessions.forget_sign_ins(at(20)).await.unwrap();
    let times: Vec<_> = read(stores, None).await.iter().map(|entry| entry.record.at).collect();
    assert_eq!(times, [at(30), at(20), at(5)]);
}

async fn change(stores: &Stores, user: UserId) {
    let (action, detail) = (AuditAction::UserSessions, String::new());
    let record = Record { actor: None, at: at(5), action, detail, origin: None };
    let change = AccountChange { end_sessions: true, ..AccountChange::default() };
    stores.admin.update_user(user, change, vec![record], at(5)).await.unwrap();
}

pub async fn the_log_is_read_by_kind(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    session(stores, anna, 1).await;
    change(stores, anna).await;
    session(stores, anna, 10).await;
    let actions = async |kind| -> Vec<_> {
        read(stores, kind).await.iter().map(|entry| entry.record.action).collect()
    };
    let (opened, ended) = (AuditAction::SessionOpened, AuditAction::UserSessions);
    assert_eq!(actions(None).await, [opened, ended, opened]);
    assert_eq!(actions(Some(AuditKind::Change)).await, [ended]);
    assert_eq!(actions(Some(AuditKind::SignIn)).await, [opened, opened]);
    let query = AuditQuery { kind: Some(AuditKind::SignIn), before: None, limit: 1 };
    let page = stores.admin.audit(query).await.unwrap();
    assert!(page.more);
    let before = page.entries.last().map(|entry| entry.id);
    let page = stores.admin.audit(AuditQuery { before, ..query }).await.unwrap();
    assert_eq!((page.entries.len(), page.more), (1, false));
}
