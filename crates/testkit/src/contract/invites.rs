//! Promises of [`domain::invite::InviteStore`].

use super::Stores;
use super::fixtures::{
    NOBODY, assert_conflict, assert_not_found, at, at_once, new_user, origin, person,
};
use domain::admin::{AuditAction, AuditQuery, AuditTarget, Record};
use domain::failure::{StoreError, WriteError};
use domain::ids::{InviteId, UserId};
use domain::invite::{Invite, InviteNote, InviteRefusal, NewInvite};
use domain::limits::INVITES;
use domain::user::{NewUser, User};

const CODE: [u8; 32] = [1; 32];

fn record(action: AuditAction) -> Record {
    let detail = "as wanted".to_owned();
    Record { actor: Some(UserId::stored(7)), at: at(1), action, detail, origin: None }
}

async fn add(stores: &Stores, hash: [u8; 32], uses: u32, expires: i64) -> Invite {
    let invite = NewInvite {
        hash,
        created_by: Some(UserId::stored(7)),
        created_at: at(1),
        expires_at: at(expires),
        uses,
        note: InviteNote::new("for the choir").unwrap(),
    };
    stores.invites.add(invite, record(AuditAction::InviteMade)).await.unwrap()
}

async fn register(
    stores: &Stores,
    name: &str,
    now: i64,
) -> Result<User, WriteError<InviteRefusal>> {
    let user = NewUser { origin: Some(origin()), ..new_user(name) };
    stores.invites.register(CODE, user, at(now)).await
}

fn refusal(answer: Result<User, WriteError<InviteRefusal>>) -> InviteRefusal {
    match answer {
        Err(WriteError::Refused(why)) => why,
        answer => panic!("refused: {answer:?}"),
    }
}

async fn used(stores: &Stores) -> u32 {
    stores.invites.find(CODE).await.unwrap().used
}

pub async fn an_invitation_is_there_until_it_is_removed(stores: &Stores) {
    assert_not_found(stores.invites.find(CODE).await);
    let invite = add(stores, CODE, 3, 100).await;
    let expected = Invite {
        id: invite.id,
        created_by: Some(UserId::stored(7)),
        created_at: at(1),
        expires_at: at(100),
        uses: 3,
        used: 0,
        note: InviteNote::new("for the choir").unwrap(),
    };
    assert_eq!(invite, expected);
    assert_eq!(stores.invites.find(CODE).await.unwrap(), invite);
    stores.invites.remove(invite.id, record(AuditAction::InviteRevoked)).await.unwrap();
    assert_not_found(stores.invites.find(CODE).await);
    for id in [invite.id, InviteId::stored(NOBODY)] {
        assert_not_found(stores.invites.remove(id, record(AuditAction::InviteRevoked)).await);
    }
    assert_eq!(refusal(register(stores, "Anna", 10).await), InviteRefusal::Unknown);
    let log = stores.admin.audit(AuditQuery { limit: 10, ..AuditQuery::default() }).await.unwrap();
    let told: Vec<_> = log.entries.iter().map(|e| (e.record.action, e.target)).collect();
    let target = AuditTarget::Invite(invite.id);
    let expected = [(AuditAction::InviteRevoked, target), (AuditAction::InviteMade, target)];
    assert_eq!(told, expected, "once each");
}

pub async fn invitations_are_listed_the_newest_first(stores: &Stores) {
    let mut all = Vec::new();
    for nth in 1..=5 {
        all.insert(0, add(stores, [nth; 32], 1, 100).await);
    }
    for limit in 1..=6 {
        let (mut found, mut before) = (Vec::<Invite>::new(), None);
        loop {
            let page = stores.invites.list(before, limit).await.unwrap();
            found.extend(page.invites);
            before = found.last().map(|invite| invite.id);
            if !page.more {
                break;
            }
        }
        assert_eq!(found, all, "limit {limit}");
    }
}

pub async fn who_is_invited_gets_in_and_is_counted(stores: &Stores) {
    let invite = add(stores, CODE, 2, 100).await;
    let anna = register(stores, "Anna", 99).await.unwrap();
    assert_eq!(stores.users.get(anna.id).await.unwrap(), anna);
    let log = stores.admin.audit(AuditQuery { limit: 1, ..AuditQuery::default() }).await.unwrap();
    let line = Record::invited(anna.id, invite.id, origin(), at(0));
    assert_eq!(log.entries[0].record, line);
    let taken = register(stores, "ANNA", 99).await;
    assert!(matches!(taken, Err(WriteError::Store(StoreError::Conflict))), "{taken:?}");
    assert_eq!(used(stores).await, 1, "who is refused uses nothing up");
    assert_eq!(refusal(register(stores, "Ben", 100).await), InviteRefusal::Expired);
    register(stores, "Ben", 99).await.unwrap();
    assert_eq!(refusal(register(stores, "Cleo", 99).await), InviteRefusal::UsedUp);
    assert_eq!(used(stores).await, 2);
    assert_not_found(stores.users.credentials("cleo").await);
}

pub async fn of_those_who_want_the_last_use_one_gets_in(stores: &Stores) {
    add(stores, CODE, 1, 100).await;
    let calls = (0..8).map(|nth| {
        let stores = stores.clone();
        async move { register(&stores, &format!("Anna {nth}"), 10).await }
    });
    let answers = at_once(calls).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    for answer in answers.into_iter().filter(Result::is_err) {
        assert_eq!(refusal(answer), InviteRefusal::UsedUp);
    }
    assert_eq!(used(stores).await, 1);
}

pub async fn invitations_have_a_limit_and_old_ones_are_forgotten(stores: &Stores) {
    let new = |nth: usize| {
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&nth.to_be_bytes());
        hash
    };
    for nth in 0..INVITES - 1 {
        add(stores, new(nth), 1, 10 + i64::from(nth > 0)).await;
    }
    let more = NewInvite {
        hash: CODE,
        created_by: None,
        created_at: at(1),
        expires_at: at(100),
        uses: 1,
        note: InviteNote::default(),
    };
    let made = record(AuditAction::InviteMade);
    let last = (INVITES..INVITES + 8).map(|nth| {
        let (invites, made) = (stores.invites.clone(), made.clone());
        let invite = NewInvite { hash: new(nth), ..more.clone() };
        async move { invites.add(invite, made).await.is_ok() }
    });
    let last = at_once(last).await;
    assert_eq!(last.into_iter().filter(|added| *added).count(), 1, "of several at once");
    assert_conflict(stores.invites.add(more.clone(), made.clone()).await);
    stores.invites.forget(at(11)).await.unwrap();
    assert_not_found(stores.invites.find(new(0)).await);
    stores.invites.find(new(1)).await.unwrap();
    stores.invites.add(more, made).await.unwrap();
    person(stores, "Anna").await;
}
