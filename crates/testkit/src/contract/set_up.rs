//! Promises of [`domain::session::SetUpStore`].

use super::Stores;
use super::fixtures::{at, at_once, new_user, person, refused};
use domain::admin::AccountChange;
use domain::failure::{StoreError, WriteError};
use domain::session::{AlreadySetUp, Registration, SetUpState};
use domain::user::{AccountRole, NewUser, User};

const NEW: SetUpState = SetUpState { done: false, has_admin: false };

async fn set_up(
    stores: &Stores,
    name: &str,
    registration: Option<Registration>,
) -> Result<User, WriteError<AlreadySetUp>> {
    let user = NewUser { role: AccountRole::Admin, ..new_user(name) };
    stores.set_up.set_up(user, registration).await
}

pub async fn a_server_is_set_up_once(stores: &Stores) {
    person(stores, "Anna").await;
    assert_eq!(stores.set_up.state().await.unwrap(), NEW);
    assert_eq!(stores.set_up.registration().await.unwrap(), None);
    let made = set_up(stores, "Chief", Some(Registration::Invite)).await.unwrap();
    assert_eq!(made.role, AccountRole::Admin);
    assert_eq!(stores.users.get(made.id).await.unwrap(), made);
    let done = SetUpState { done: true, has_admin: true };
    assert_eq!(stores.set_up.state().await.unwrap(), done);
    let again = set_up(stores, "Chief 2", Some(Registration::Open)).await;
    assert_eq!(refused(again), AlreadySetUp);
    assert!(stores.users.credentials("chief 2").await.is_err());
    assert_eq!(stores.set_up.registration().await.unwrap(), Some(Registration::Invite));
}

pub async fn who_is_refused_leaves_it_to_be_set_up(stores: &Stores) {
    person(stores, "Anna").await;
    let taken = set_up(stores, "ANNA", Some(Registration::Closed)).await;
    assert!(matches!(taken, Err(WriteError::Store(StoreError::Conflict))), "{taken:?}");
    assert_eq!(stores.set_up.state().await.unwrap(), NEW);
    assert_eq!(stores.set_up.registration().await.unwrap(), None);
    set_up(stores, "Chief", None).await.unwrap();
    assert_eq!(stores.set_up.registration().await.unwrap(), None);
    assert!(stores.set_up.state().await.unwrap().done);
}

pub async fn nobody_sets_up_what_has_an_admin(stores: &Stores) {
    let anna = person(stores, "Anna").await;
    let change = AccountChange { role: Some(AccountRole::Admin), ..AccountChange::default() };
    stores.admin.update_user(anna.id, change, vec![], at(1)).await.unwrap();
    let has_admin = SetUpState { done: false, has_admin: true };
    assert_eq!(stores.set_up.state().await.unwrap(), has_admin);
    let answer = set_up(stores, "Chief", Some(Registration::Closed)).await;
    assert_eq!(refused(answer), AlreadySetUp);
    assert_eq!(stores.set_up.state().await.unwrap(), has_admin);
}

pub async fn of_those_who_set_up_at_once_one_does(stores: &Stores) {
    let calls = (0..8).map(|nth| {
        let stores = stores.clone();
        async move { set_up(&stores, &format!("Chief {nth}"), Some(Registration::Open)).await }
    });
    let (made, others): (Vec<_>, Vec<_>) =
        at_once(calls).await.into_iter().partition(Result::is_ok);
    assert_eq!((made.len(), others.len()), (1, 7));
    others.into_iter().for_each(|other| assert_eq!(refused(other), AlreadySetUp));
}
