//! Promises of [`domain::service_key::ServiceKeyStore`].

use super::Stores;
use super::fixtures::{
    NOBODY, assert_conflict, assert_ended, assert_not_found, at, at_once, draft, group, new_user,
    people, person, say, set_active, signed_out,
};
use super::media::upload;
use domain::admin::{AuditAction, AuditQuery};
use domain::chat::{ChatQuery, Pair};
use domain::failure::WriteError;
use domain::host::Issuer;
use domain::ids::{AttachmentId, ChatId, MessageId, SessionId, UserId};
use domain::limits::{SERVICE_KEYS, SERVICE_KEYS_PER_ACCOUNT};
use domain::message::{Draft, Star};
use domain::service_key::{
    AddKeyRefusal, KeyRate, NewServiceKey, Place, RevokeKeys, Scopes, ServiceKey,
};
use domain::session::Seed;
use domain::user::{AccountRole, UserName};

fn hash(nth: usize) -> [u8; 32] {
    let mut hash = [9; 32];
    hash[..8].copy_from_slice(&nth.to_be_bytes());
    hash
}

/// The nth key, for an account with that name.
fn new_key(name: &str, nth: usize) -> NewServiceKey {
    NewServiceKey {
        user: new_user(name),
        hash: hash(nth),
        seed: Seed([3; 16]),
        scopes: Scopes::parse("messages:write,act_as").unwrap(),
        issuer: Issuer::new("https://shop.example").unwrap(),
        rate: KeyRate::new(7).unwrap(),
        actor: None,
        at: at(10),
        expires_at: at(1_000),
    }
}

async fn add(stores: &Stores, name: &str, nth: usize) -> ServiceKey {
    stores.service_keys.add(new_key(name, nth)).await.unwrap()
}

async fn refused(stores: &Stores, name: &str, nth: usize) -> AddKeyRefusal {
    match stores.service_keys.add(new_key(name, nth)).await {
        Err(WriteError::Refused(why)) => why,
        other => panic!("{other:?}"),
    }
}

fn revoking(name: &str, session: Option<SessionId>) -> RevokeKeys {
    RevokeKeys { name: UserName::new(name).unwrap(), session, actor: None, at: at(20) }
}

async fn found(stores: &Stores, nth: usize) -> Option<SessionId> {
    stores.service_keys.find(hash(nth), at(30)).await.ok().map(|key| key.session)
}

pub async fn a_key_is_there_until_it_is_revoked(stores: &Stores) {
    let key = add(stores, "Shop", 0).await;
    let new = new_key("Shop", 0);
    let wanted = ServiceKey {
        session: key.session,
        account: key.account,
        name: new.user.name,
        role: AccountRole::User,
        scopes: new.scopes,
        issuer: new.issuer,
        rate: new.rate,
        created_at: at(10),
        used_at: at(10),
    };
    assert_eq!(key, wanted);
    let account = stores.users.get(key.account).await.unwrap();
    assert_eq!((account.name, account.active), (wanted.name.clone(), true));
    let signed = stores.sessions.get(key.session, at(11)).await.unwrap();
    assert_eq!((signed.user.id, signed.session.proved_at), (key.account, None));
    assert_eq!(stores.service_keys.find(hash(0), at(11)).await.unwrap(), wanted);
    assert_not_found(stores.service_keys.find(hash(1), at(11)).await);
    assert_not_found(stores.sessions.by_key(hash(0), at(11)).await);

    let second = add(stores, "sHOP", 1).await;
    assert_eq!(second.account, key.account, "a name has one account");
    let other = add(stores, "Bank", 2).await;
    let all = stores.service_keys.list(at(11)).await.unwrap();
    assert_eq!(all, [key.clone(), second.clone(), other.clone()]);

    assert_not_found(stores.service_keys.revoke(revoking("Shop", Some(other.session))).await);
    let one = stores.service_keys.revoke(revoking("shop", Some(key.session))).await.unwrap();
    assert_eq!(one, [key.session]);
    assert_eq!(stores.service_keys.list(at(21)).await.unwrap(), [second.clone(), other.clone()]);
    assert_not_found(stores.service_keys.find(hash(0), at(21)).await);
    assert_ended(stores, key.session, 21).await;
    let ended = stores.sessions.changes_since(Some(at(-1_000_000)), 10).await.unwrap().ended;
    assert_eq!(ended.iter().map(|ended| ended.session).collect::<Vec<_>>(), [key.session]);
    let third = add(stores, "Shop", 3).await;
    let rest = stores.service_keys.revoke(revoking("Shop", None)).await.unwrap();
    assert_eq!(rest, [second.session, third.session]);
    assert_not_found(stores.service_keys.revoke(revoking("Shop", None)).await);
    assert_not_found(stores.service_keys.revoke(revoking("Nobody", None)).await);
    assert_eq!(add(stores, "Shop", 4).await.account, key.account, "its account stays");
}

pub async fn of_those_who_revoke_a_key_at_once_one_does(stores: &Stores) {
    let key = add(stores, "Shop", 0).await;
    let calls = (0..8).map(|_| {
        let keys = stores.service_keys.clone();
        async move { keys.revoke(revoking("Shop", None)).await }
    });
    let answers = at_once(calls).await;
    assert_eq!(answers.into_iter().filter_map(Result::ok).collect::<Vec<_>>(), [[key.session]]);
    let query = AuditQuery { kind: None, before: None, limit: 10 };
    let lines = stores.admin.audit(query).await.unwrap().entries;
    let revoked = lines.iter().filter(|line| line.record.action == AuditAction::KeyRevoked);
    assert_eq!(revoked.count(), 1);
}

pub async fn what_is_done_to_keys_is_logged(stores: &Stores) {
    let key = add(stores, "Shop", 0).await;
    stores.service_keys.revoke(revoking("Shop", None)).await.unwrap();
    let query = AuditQuery { kind: None, before: None, limit: 10 };
    let mut lines = stores.admin.audit(query).await.unwrap().entries;
    lines.reverse();
    let told: Vec<_> =
        lines.into_iter().map(|line| (line.record.action, line.record.detail)).collect();
    let (id, scopes) = (key.session, "messages:write,act_as");
    let wanted = [
        (AuditAction::UserAdded, "user".to_owned()),
        (AuditAction::KeyAdded, format!("{id}: {scopes}; issuer https://shop.example; 7 a second")),
        (AuditAction::KeyRevoked, id.to_string()),
    ];
    assert_eq!(told, wanted);
}

pub async fn a_person_is_no_account_for_keys(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    match stores.service_keys.add(new_key("anna", 0)).await {
        Err(WriteError::Store(error)) => assert_conflict::<()>(Err(error)),
        other => panic!("{other:?}"),
    }
    stores.service_keys.find(hash(0), at(30)).await.unwrap_err();
    assert_eq!(stores.sessions.list(anna, at(30)).await.unwrap(), []);
    let shop = add(stores, "Shop", 1).await;
    set_active(stores, shop.account, false, at(12)).await.unwrap();
    assert_eq!(found(stores, 1).await, None, "it ends with its account's sessions");
    assert_eq!(refused(stores, "Shop", 2).await, AddKeyRefusal::Disabled);
    set_active(stores, shop.account, true, at(13)).await.unwrap();
    assert_eq!(add(stores, "Shop", 3).await.account, shop.account);
}

pub async fn a_key_ends_with_its_session(stores: &Stores) {
    let key = add(stores, "Shop", 0).await;
    let other = add(stores, "Shop", 1).await;
    stores.sessions.end(key.account, key.session, signed_out(15)).await.unwrap();
    assert_eq!([found(stores, 0).await, found(stores, 1).await], [None, Some(other.session)]);
    assert_eq!(stores.service_keys.find(hash(1), at(1_000)).await.unwrap(), other);
    assert_not_found(stores.service_keys.find(hash(1), at(1_001)).await);
    assert_eq!(stores.service_keys.list(at(1_001)).await.unwrap(), []);
}

pub async fn a_use_of_a_key_is_noted(stores: &Stores) {
    let key = add(stores, "Shop", 0).await;
    stores.service_keys.note_use(key.session, at(500), at(2_000)).await.unwrap();
    let used = ServiceKey { used_at: at(500), ..key.clone() };
    assert_eq!(stores.service_keys.find(hash(0), at(1_500)).await.unwrap(), used);
    stores.service_keys.revoke(revoking("Shop", None)).await.unwrap();
    stores.service_keys.note_use(key.session, at(501), at(3_000)).await.unwrap();
    assert_eq!(found(stores, 0).await, None);
}

pub async fn keys_have_limits(stores: &Stores) {
    for nth in 0..SERVICE_KEYS_PER_ACCOUNT {
        add(stores, "Shop", nth).await;
    }
    assert_eq!(refused(stores, "Shop", SERVICE_KEYS).await, AddKeyRefusal::TooManyOfName);
    for nth in SERVICE_KEYS_PER_ACCOUNT..SERVICE_KEYS {
        add(stores, &format!("Shop {}", nth / SERVICE_KEYS_PER_ACCOUNT), nth).await;
    }
    assert_eq!(refused(stores, "Bank", SERVICE_KEYS).await, AddKeyRefusal::TooMany);
    assert_eq!(stores.service_keys.list(at(11)).await.unwrap().len(), SERVICE_KEYS);
    stores.service_keys.revoke(revoking("Shop", None)).await.unwrap();
    add(stores, "Bank", SERVICE_KEYS).await;
    let one_less = SERVICE_KEYS + SERVICE_KEYS_PER_ACCOUNT - 1;
    for nth in SERVICE_KEYS + 1..one_less {
        add(stores, &format!("Bank {nth}"), nth).await;
    }
    let last = (one_less..one_less + 8).map(|nth| {
        let keys = stores.service_keys.clone();
        async move { keys.add(new_key(&format!("Bank {nth}"), nth)).await.is_ok() }
    });
    let last = at_once(last).await;
    assert_eq!(last.into_iter().filter(|added| *added).count(), 1, "of several at once");
    assert_eq!(stores.service_keys.list(at(11)).await.unwrap().len(), SERVICE_KEYS);
}

/// A chat of three, and the whispers of two of them.
async fn whispered(stores: &Stores) -> (UserId, ChatId, ChatId) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben, cleo]).await.id;
    let pair = Pair::new(anna, ben);
    let whispers = stores.addresses.open_whispers(chat, pair, at(2)).await.unwrap().0.id;
    (anna, chat, whispers)
}

pub async fn a_whisper_is_told_from_what_is_none(stores: &Stores) {
    let (anna, chat, whispers) = whispered(stores).await;
    let aloud = say(stores, chat, anna, "for all").await.id;
    let whisper = say(stores, whispers, anna, "for you").await.id;
    let loose = upload(stores, anna, 1).await.id;
    let (shown, hidden) = (upload(stores, anna, 2).await.id, upload(stores, anna, 3).await.id);
    for (chat, file) in [(chat, shown), (whispers, hidden)] {
        let with = Draft { attachments: vec![file], ..draft(chat, anna, "See") };
        stores.messages.append(with).await.unwrap();
    }
    let nobody = |place: fn(i64) -> Place| place(NOBODY);
    for (place, is_whisper) in [
        (Place::Chat(chat), false),
        (Place::Chat(whispers), true),
        (Place::Message(aloud), false),
        (Place::Message(whisper), true),
        (Place::Attachment(loose), false),
        (Place::Attachment(shown), false),
        (Place::Attachment(hidden), true),
        (nobody(|id| Place::Chat(ChatId::stored(id))), false),
        (nobody(|id| Place::Message(MessageId::stored(id))), false),
        (nobody(|id| Place::Attachment(AttachmentId::stored(id))), false),
    ] {
        let answer = stores.service_keys.is_whisper(place).await.unwrap();
        assert_eq!(answer, is_whisper, "{place:?}");
    }
}

pub async fn lists_leave_whispers_out_where_they_are_not_wanted(stores: &Stores) {
    let (anna, chat, whispers) = whispered(stores).await;
    let mut starred = Vec::new();
    for nth in 0..3 {
        for chat in [chat, whispers] {
            let message = say(stores, chat, anna, &format!("{nth}")).await.id;
            stores.marks.star(Star { message, user: anna, on: true }).await.unwrap();
            starred.push((chat, message));
        }
    }
    starred.reverse();
    for shown in [true, false] {
        let query = ChatQuery { archived: None, whispers: shown, after: None, limit: 1 };
        let page = stores.chats.list(anna, query).await.unwrap();
        let first = if shown { whispers } else { chat };
        assert_eq!((page.chats[0].chat.id, page.more), (first, shown));
        let wanted = starred.iter().filter(|(of, _)| shown || *of == chat).map(|(_, id)| *id);
        let wanted: Vec<_> = wanted.take(3).collect();
        let page = stores.marks.starred(anna, shown, None, 3).await.unwrap();
        let found: Vec<_> = page.messages.iter().map(|message| message.id).collect();
        assert_eq!((found, page.more), (wanted, shown));
    }
}
