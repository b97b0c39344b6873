//! Promises of [`domain::admin::AdminStore`].

use super::Stores;
use super::fixtures::{
    NOBODY, assert_conflict, assert_not_found, at, at_once, changes, group, joining, leaving,
    new_user, people, person, say, session, sessions, set_active, versions,
};
use crate::replica::Replica;
use domain::admin::{
    AccountChange, AccountQuery, AuditAction, AuditEntry, AuditKind, AuditQuery, AuditTarget,
    ListedKind, Record,
};
use domain::chat::{JoinError, Pair};
use domain::failure::StoreError;
use domain::ids::{ChatId, MessageId, UserId};
use domain::user::{AccountRole, PasswordHash, RoleName, UpdateProfile, UserQuery};

fn seller() -> AccountRole {
    AccountRole::Named(RoleName::new("seller").unwrap())
}

fn record(action: AuditAction, actor: Option<UserId>, seconds: i64) -> Record {
    Record { actor, at: at(seconds), action, detail: String::new(), origin: None }
}

fn role(role: AccountRole) -> AccountChange {
    AccountChange { role: Some(role), ..AccountChange::default() }
}

async fn log(stores: &Stores) -> Vec<AuditEntry> {
    let kind = Some(AuditKind::Change);
    let page = stores.admin.audit(AuditQuery { kind, before: None, limit: 100 }).await.unwrap();
    assert!(!page.more);
    page.entries
}

fn told(entry: &AuditEntry) -> (AuditAction, AuditTarget, &str) {
    (entry.record.action, entry.target, &entry.record.detail)
}

pub async fn a_role_is_another_at_once(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let opened = session(stores, anna, 10).await;
    let updated = stores.admin.update_user(anna, role(seller()), vec![], at(20)).await.unwrap();
    let user = updated.account.user.clone();
    assert_eq!((user.id, user.role), (anna, seller()));
    assert_eq!(updated.members, []);
    assert_eq!(stores.users.account(anna).await.unwrap(), updated.account);
    let signed = stores.sessions.get(opened.id, at(20)).await.unwrap();
    assert_eq!(signed.user.role, seller(), "its sessions go on with it");
    assert_eq!(stores.users.get(ben).await.unwrap().role, AccountRole::User);
    assert_eq!(changes(stores).await.roles, [(anna, seller())]);
    let nobody = UserId::stored(NOBODY);
    assert_not_found(stores.admin.update_user(nobody, role(seller()), vec![], at(21)).await);
}

pub async fn a_role_is_a_change_of_each_chat(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let (first, left) =
        (group(stores, &[ben, anna]).await.id, group(stores, &[ben, anna]).await.id);
    let direct = stores.chats.open_direct(Pair::new(anna, ben), at(2)).await.unwrap().0.id;
    let elsewhere = group(stores, &[ben]).await.id;
    stores.members.remove(leaving(left, anna, at(3))).await.unwrap();
    say(stores, first, ben, "one").await;
    let mut copy = Replica::download(stores, first, ben).await;
    let versions = versions(stores, ben).await;
    let updated = stores.admin.update_user(anna, role(seller()), vec![], at(20)).await.unwrap();
    let told: Vec<_> =
        updated.members.iter().map(|m| (m.chat, m.user.role, m.version.get())).collect();
    assert_eq!(told, [(first, seller(), 3), (direct, seller(), 2)], "each by one version");
    for (chat, before) in versions {
        let moved = stores.chats.view(chat, ben).await.unwrap().version.get() - before.get();
        assert_eq!(moved, i64::from(chat == first || chat == direct), "{chat}");
    }
    assert_eq!(stores.chats.view(direct, ben).await.unwrap().peer.unwrap().role, seller());
    copy.catch_up(stores, first, 1).await;
    assert_eq!(copy, Replica::download(stores, first, ben).await);
    assert_eq!(copy.members[&anna].user.role, seller());
    let again = stores.admin.update_user(anna, role(seller()), vec![], at(21)).await.unwrap();
    assert_eq!(again.members, [], "the same role is no change");
    assert_eq!(stores.chats.view(elsewhere, ben).await.unwrap().version.get(), 1);
}

pub async fn a_password_set_by_an_admin_ends_all_sessions(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let (lost, other) = (session(stores, anna, 10).await, session(stores, ben, 10).await);
    let hash = PasswordHash::stored("another hash".into());
    let change = AccountChange { password: Some(hash.clone()), ..AccountChange::default() };
    stores.admin.update_user(anna, change, vec![], at(20)).await.unwrap();
    assert_eq!(stores.users.credentials("anna").await.unwrap().password, hash);
    assert_eq!(sessions(stores, anna, 20).await, []);
    session(stores, anna, 21).await;
    let change = AccountChange { end_sessions: true, ..AccountChange::default() };
    stores.admin.update_user(anna, change, vec![], at(22)).await.unwrap();
    assert_eq!(sessions(stores, anna, 22).await, []);
    assert_eq!(sessions(stores, ben, 22).await, [other.id]);
    let ended = changes(stores).await.ended;
    assert_eq!(ended.len(), 2, "both are remembered: {ended:?} {lost:?}");
}

pub async fn an_admin_changes_what_a_profile_says(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let update = UpdateProfile {
        first_name: Some("Annabel"),
        email: Some("anna@example.org"),
        ..UpdateProfile::default()
    };
    let change = AccountChange { profile: update.check().unwrap(), ..role(seller()) };
    let updated = stores.admin.update_user(anna, change, vec![], at(20)).await.unwrap().account;
    assert_eq!(updated.user.profile.first_name.as_str(), "Annabel");
    assert_eq!((updated.email.as_str(), updated.user.role), ("anna@example.org", seller()));
    assert_eq!(stores.users.account(anna).await.unwrap(), updated);
    let found = UserQuery { folded: "annabel".into(), after: None, limit: 5, sharing_with: None };
    assert_eq!(stores.users.find(found).await.unwrap().users, std::slice::from_ref(&updated.user));
    let nothing = stores.admin.update_user(anna, AccountChange::default(), vec![], at(21)).await;
    assert_eq!(nothing.unwrap().account, updated, "what is left out stays");
    assert_eq!(stores.users.account(ben).await.unwrap().email.as_str(), "");
}

pub async fn the_log_is_written_with_the_change(stores: &Stores) {
    let root = person(stores, "Root").await.id;
    let added = record(AuditAction::UserAdded, None, 10);
    let anna = stores.admin.add_user(new_user("Anna"), added.clone()).await.unwrap().id;
    assert_conflict(stores.admin.add_user(new_user("ANNA"), added).await);
    let records = vec![
        Record { detail: "seller".into(), ..record(AuditAction::UserRole, Some(root), 11) },
        record(AuditAction::UserDisabled, Some(root), 11),
    ];
    let change = AccountChange { active: Some(false), ..role(seller()) };
    let updated = stores.admin.update_user(anna, change.clone(), records.clone(), at(11)).await;
    assert!(!updated.unwrap().account.user.active);
    let nobody = UserId::stored(NOBODY);
    assert_not_found(stores.admin.update_user(nobody, change, records, at(12)).await);

    let entries = log(stores).await;
    let lines: Vec<_> = entries.iter().map(told).collect();
    let target = AuditTarget::User(anna);
    let expected = [
        (AuditAction::UserDisabled, target, ""),
        (AuditAction::UserRole, target, "seller"),
        (AuditAction::UserAdded, target, ""),
    ];
    assert_eq!(lines, expected, "what was refused left no line");
    let who: Vec<_> = entries.iter().map(|e| (e.record.actor, e.record.at)).collect();
    assert_eq!(who, [(Some(root), at(11)), (Some(root), at(11)), (None, at(10))]);
}

pub async fn the_log_is_read_from_its_end(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    for nth in 0..5 {
        let records = vec![record(AuditAction::UserSessions, None, nth)];
        let change = AccountChange { end_sessions: true, ..AccountChange::default() };
        stores.admin.update_user(anna, change, records, at(nth)).await.unwrap();
    }
    let all = log(stores).await;
    assert!(all.is_sorted_by(|a, b| a.id > b.id && a.record.at > b.record.at));
    for limit in [1, 2, 3, 5] {
        let mut read: Vec<AuditEntry> = Vec::new();
        loop {
            let before = read.last().map(|entry| entry.id);
            let query = AuditQuery { kind: None, before, limit };
            let page = stores.admin.audit(query).await.unwrap();
            read.extend(page.entries);
            if !page.more {
                break;
            }
        }
        assert_eq!(read, all, "limit {limit}");
    }
}

pub async fn accounts_are_found_by_role_and_state(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    stores.admin.update_user(ben, role(seller()), vec![], at(5)).await.unwrap();
    set_active(stores, cleo, false, at(5)).await.unwrap();
    let query = || AccountQuery { limit: 10, ..AccountQuery::default() };
    let found = async |query| -> Vec<UserId> {
        let page = stores.admin.find_users(query).await.unwrap();
        page.accounts.into_iter().map(|account| account.user.id).collect()
    };
    assert_eq!(found(query()).await, [anna, ben, cleo], "disabled ones too");
    assert_eq!(found(AccountQuery { role: Some(seller()), ..query() }).await, [ben]);
    assert_eq!(found(AccountQuery { active: Some(false), ..query() }).await, [cleo]);
    assert_eq!(found(AccountQuery { active: Some(true), ..query() }).await, [anna, ben]);
    assert_eq!(found(AccountQuery { folded: "n".into(), ..query() }).await, [anna, ben]);
    assert_eq!(found(AccountQuery { folded: "%".into(), ..query() }).await, []);
    assert_eq!(found(AccountQuery { after: Some(anna), limit: 1, ..query() }).await, [ben]);
}

pub async fn chats_are_listed_without_what_was_said(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await;
    say(stores, chat.id, ben, "one").await;
    let direct = stores.chats.open_direct(Pair::new(anna, ben), at(2)).await.unwrap().0;
    let page = stores.admin.chats(None, None, 10).await.unwrap();
    let listed: Vec<_> = page
        .chats
        .iter()
        .map(|c| (c.chat.id, c.member_count, c.message_count, c.active_at))
        .collect();
    assert_eq!(listed, [(chat.id, 2, 1, at(100)), (direct.id, 2, 0, at(2))]);
    let ids = async |kind, after, limit| {
        let page = stores.admin.chats(kind, after, limit).await.unwrap();
        (page.chats.iter().map(|c| c.chat.id).collect::<Vec<ChatId>>(), page.more)
    };
    assert_eq!(ids(Some(ListedKind::Direct), None, 10).await, (vec![direct.id], false));
    assert_eq!(ids(None, None, 1).await, (vec![chat.id], true));
    assert_eq!(ids(None, Some(chat.id), 1).await, (vec![direct.id], false));
}

pub async fn what_an_admin_deletes_is_logged(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let (chat, kept) = (group(stores, &[anna, ben]).await, group(stores, &[anna]).await);
    let said = say(stores, kept.id, anna, "marker").await;
    let chats = record(AuditAction::ChatDeleted, Some(ben), 20);
    let messages = record(AuditAction::MessageDeleted, Some(ben), 21);
    let gone = stores.admin.delete_chat(chat.id, chats.clone()).await.unwrap();
    assert_eq!((gone.chat, gone.gone), (chat.clone(), vec![chat.id]));
    assert_not_found(stores.admin.delete_chat(chat.id, chats).await);
    assert_not_found(stores.chats.view(chat.id, anna).await);
    let tombstone = stores.admin.delete_message(said.id, messages.clone()).await.unwrap();
    assert_eq!((tombstone.deleted_at, &*tombstone.text), (Some(at(21)), ""));
    assert_conflict(stores.admin.delete_message(said.id, messages.clone()).await);
    assert_not_found(stores.admin.delete_message(MessageId::stored(NOBODY), messages).await);
    let entries = log(stores).await;
    let expected = [
        (AuditAction::MessageDeleted, AuditTarget::Message(said.id), ""),
        (AuditAction::ChatDeleted, AuditTarget::Chat(chat.id), "group \"A group\""),
    ];
    assert_eq!(entries.iter().map(told).collect::<Vec<_>>(), expected);
}

pub async fn roles_set_at_once_are_in_order(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let calls = (0..12).map(|nth| {
        let (admin, members) = (stores.admin.clone(), stores.members.clone());
        async move {
            let wanted = [AccountRole::User, seller()][nth % 2];
            match nth % 3 {
                0 => admin.update_user(ben, role(wanted), vec![], at(20)).await.map(drop),
                1 => admin.update_user(anna, role(wanted), vec![], at(20)).await.map(drop),
                _ => match members.add(joining(chat, ben, 10, at(20))).await {
                    Err(JoinError::Store(error)) => Err(error),
                    Err(JoinError::Refused(_)) | Ok(_) => Ok(()),
                },
            }
        }
    });
    for answer in at_once(calls).await {
        assert!(matches!(answer, Ok(()) | Err(StoreError::NotFound)), "{answer:?}");
    }
    let copy = Replica::download(stores, chat, anna).await;
    for user in [anna, ben] {
        let now = stores.users.get(user).await.unwrap().role;
        assert_eq!(copy.members[&user].user.role, now);
    }
}

pub async fn whispers_are_no_business_of_admins(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await;
    let pair = Pair::new(anna, ben);
    let whispers = stores.addresses.open_whispers(chat.id, pair, at(2)).await.unwrap().0.id;
    let said = say(stores, whispers, anna, "psst").await;
    let page = stores.admin.chats(None, None, 10).await.unwrap();
    assert_eq!(page.chats.iter().map(|c| c.chat.id).collect::<Vec<_>>(), [chat.id]);
    let record = |action| record(action, Some(ben), 20);
    assert_not_found(stores.admin.delete_chat(whispers, record(AuditAction::ChatDeleted)).await);
    let message = record(AuditAction::MessageDeleted);
    assert_not_found(stores.admin.delete_message(said.id, message).await);
    assert_eq!(stores.messages.get(said.id).await.unwrap(), said);
    let gone = stores.admin.delete_chat(chat.id, record(AuditAction::ChatDeleted)).await.unwrap();
    assert_eq!(gone.gone, [chat.id, whispers]);
}
