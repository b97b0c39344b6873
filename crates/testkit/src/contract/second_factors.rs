//! Promises of [`domain::second_factor::SecondFactorStore`].

use super::Stores;
use super::fixtures::{NOBODY, assert_conflict, assert_not_found, at, at_once, people, session};
use domain::admin::{AuditAction, AuditQuery, AuditTarget, Record};
use domain::failure::StoreError;
use domain::ids::UserId;
use domain::own_data::{LeftMessages, PendingDeletion};
use domain::second_factor::{Confirmation, FactorSeed, SecondFactor, Step};

const SEED: FactorSeed = FactorSeed([5; 16]);
const CODES: [[u8; 32]; 2] = [[1; 32], [2; 32]];

fn line(user: UserId, action: AuditAction) -> Record {
    Record::of_oneself(user, action, at(1))
}

async fn confirm(stores: &Stores, user: UserId, seed: FactorSeed) -> Result<(), StoreError> {
    let confirmation = Confirmation { seed, step: Step::stored(100), codes: CODES.to_vec() };
    let record = line(user, AuditAction::SecondFactorOn);
    stores.second_factors.confirm(user, confirmation, record).await
}

async fn turn_on(stores: &Stores, user: UserId) {
    stores.second_factors.begin(user, SEED).await.unwrap();
    confirm(stores, user, SEED).await.unwrap();
}

async fn use_step(stores: &Stores, user: UserId, step: i64) -> Result<(), StoreError> {
    stores.second_factors.use_step(user, SEED, Step::stored(step)).await
}

async fn use_code(stores: &Stores, user: UserId, hash: [u8; 32]) -> Result<(), StoreError> {
    let record = line(user, AuditAction::RecoveryCodeUsed);
    stores.second_factors.use_recovery_code(user, hash, record).await
}

async fn remove(stores: &Stores, user: UserId) -> Result<(), StoreError> {
    let record = line(user, AuditAction::SecondFactorOff);
    stores.second_factors.remove(user, record).await
}

/// The audit log, newest first.
async fn log(stores: &Stores) -> Vec<(AuditAction, AuditTarget)> {
    let query = AuditQuery { limit: 100, ..AuditQuery::default() };
    let entries = stores.admin.audit(query).await.unwrap().entries;
    entries.iter().map(|entry| (entry.record.action, entry.target)).collect()
}

pub async fn a_second_factor_is_on_when_it_was_confirmed(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let opened = session(stores, anna, 1).await.id;
    let is_on = async || {
        let signed = stores.sessions.get(opened, at(2)).await.unwrap();
        assert_eq!(stores.sessions.get_recent(opened, at(2)).await.unwrap(), signed);
        signed.has_second_factor
    };
    assert_not_found(stores.second_factors.get(anna).await);
    assert_not_found(stores.second_factors.begin(UserId::stored(NOBODY), SEED).await);
    assert_not_found(confirm(stores, anna, SEED).await);
    stores.second_factors.begin(anna, FactorSeed([4; 16])).await.unwrap();
    stores.second_factors.begin(anna, SEED).await.unwrap();
    let begun = SecondFactor { seed: SEED, is_on: false, last_step: None };
    assert_eq!(stores.second_factors.get(anna).await.unwrap(), begun);
    assert!(!is_on().await, "begun");
    assert_conflict(confirm(stores, anna, FactorSeed([4; 16])).await);
    assert_conflict(use_step(stores, anna, 101).await);
    confirm(stores, anna, SEED).await.unwrap();
    let on = SecondFactor { is_on: true, last_step: Some(Step::stored(100)), ..begun };
    assert_eq!(stores.second_factors.get(anna).await.unwrap(), on);
    assert!(is_on().await);
    assert_conflict(confirm(stores, anna, SEED).await);
    assert_conflict(stores.second_factors.begin(anna, FactorSeed([4; 16])).await);
    assert_eq!(stores.second_factors.get(anna).await.unwrap(), on);
    assert_not_found(stores.second_factors.get(ben).await);
    let logged = log(stores).await;
    assert_eq!(logged[0], (AuditAction::SecondFactorOn, AuditTarget::User(anna)));
    assert_eq!(logged.iter().filter(|(what, _)| *what == AuditAction::SecondFactorOn).count(), 1);
}

pub async fn a_step_is_used_once_and_none_before_it(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    turn_on(stores, anna).await;
    assert_conflict(use_step(stores, anna, 100).await);
    use_step(stores, anna, 102).await.unwrap();
    for used in [101, 102] {
        assert_conflict(use_step(stores, anna, used).await);
    }
    let other = FactorSeed([4; 16]);
    assert_conflict(stores.second_factors.use_step(anna, other, Step::stored(200)).await);
    assert_conflict(use_step(stores, ben, 103).await);
    let calls = (0..8).map(|_| {
        let stores = stores.clone();
        async move { use_step(&stores, anna, 103).await }
    });
    let answers = at_once(calls).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    for refused in answers.into_iter().filter(Result::is_err) {
        assert_conflict(refused);
    }
    let last = stores.second_factors.get(anna).await.unwrap().last_step;
    assert_eq!(last, Some(Step::stored(103)));
}

pub async fn a_recovery_code_is_used_once_by_its_owner(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    turn_on(stores, anna).await;
    assert_not_found(use_code(stores, ben, CODES[0]).await);
    assert_not_found(use_code(stores, anna, [9; 32]).await);
    let calls = (0..8).map(|_| {
        let stores = stores.clone();
        async move { use_code(&stores, anna, CODES[0]).await }
    });
    let answers = at_once(calls).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    for refused in answers.into_iter().filter(Result::is_err) {
        assert_not_found(refused);
    }
    let used = (AuditAction::RecoveryCodeUsed, AuditTarget::User(anna));
    assert_eq!(log(stores).await.iter().filter(|line| **line == used).count(), 1);
    let made = line(anna, AuditAction::RecoveryCodesMade);
    stores.second_factors.set_recovery_codes(anna, vec![[3; 32]], made).await.unwrap();
    assert_not_found(use_code(stores, anna, CODES[1]).await);
    use_code(stores, anna, [3; 32]).await.unwrap();
    let made = line(ben, AuditAction::RecoveryCodesMade);
    assert_not_found(stores.second_factors.set_recovery_codes(ben, CODES.to_vec(), made).await);
    assert_not_found(use_code(stores, ben, CODES[0]).await);
}

pub async fn a_second_factor_goes_with_its_codes(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    assert_not_found(remove(stores, anna).await);
    stores.second_factors.begin(anna, SEED).await.unwrap();
    assert_not_found(remove(stores, anna).await);
    confirm(stores, anna, SEED).await.unwrap();
    turn_on(stores, ben).await;
    remove(stores, anna).await.unwrap();
    assert_not_found(stores.second_factors.get(anna).await);
    assert_not_found(use_code(stores, anna, CODES[0]).await);
    assert_not_found(remove(stores, anna).await);
    let removed = (AuditAction::SecondFactorOff, AuditTarget::User(anna));
    assert_eq!(log(stores).await[0], removed, "once");
    let deletion = PendingDeletion { user: ben, messages: LeftMessages::Keep, at: at(5) };
    stores.own.begin_deletion(deletion, None).await.unwrap();
    assert_not_found(stores.second_factors.get(ben).await);
    assert_not_found(use_code(stores, ben, CODES[0]).await);
    assert_not_found(stores.second_factors.begin(ben, SEED).await);
}
