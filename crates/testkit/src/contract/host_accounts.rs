//! Promises of [`domain::host::HostAccountStore`].

use super::Stores;
use super::scene::{assert_conflict, assert_not_found, at, at_once, new_user, origin, person};
use domain::admin::{AuditQuery, Record};
use domain::host::{HostPerson, Issuer, Subject};
use domain::user::NewUser;

fn of(issuer: &str, subject: &str) -> HostPerson {
    let (issuer, subject) = (Issuer::new(issuer).unwrap(), Subject::new(subject).unwrap());
    HostPerson { issuer, subject }
}

pub async fn a_person_of_a_host_has_one_account(stores: &Stores) {
    let anna = of("shop", "17");
    assert_not_found(stores.host_accounts.of_person(&anna).await);
    let user = NewUser { origin: Some(origin()), ..new_user("Anna") };
    let made = stores.host_accounts.add_for(anna.clone(), user).await.unwrap();
    assert_eq!(stores.host_accounts.of_person(&anna).await.unwrap(), made);
    assert_eq!(stores.users.get(made.id).await.unwrap(), made);
    let log = stores.admin.audit(AuditQuery { limit: 1, ..AuditQuery::default() }).await.unwrap();
    assert_eq!(log.entries[0].record, Record::registered(made.id, origin(), at(0)));
    for other in [of("shop", "1"), of("sho", "p17"), of("SHOP", "17"), of("shop", " 17")] {
        assert_not_found(stores.host_accounts.of_person(&other).await);
    }
}

pub async fn the_same_subject_of_two_issuers_is_two_people(stores: &Stores) {
    let (here, there) = (of("shop", "17"), of("forum", "17"));
    let one = stores.host_accounts.add_for(here.clone(), new_user("Anna")).await.unwrap();
    let other = stores.host_accounts.add_for(there.clone(), new_user("Ben")).await.unwrap();
    assert_eq!(stores.host_accounts.of_person(&here).await.unwrap(), one);
    assert_eq!(stores.host_accounts.of_person(&there).await.unwrap(), other);
    assert_ne!(one.id, other.id);
}

pub async fn a_conflict_adds_nothing(stores: &Stores) {
    person(stores, "Anna").await;
    let (one, other) = (of("shop", "17"), of("shop", "18"));
    assert_conflict(stores.host_accounts.add_for(one.clone(), new_user("ANNA")).await);
    assert_not_found(stores.host_accounts.of_person(&one).await);
    let made = stores.host_accounts.add_for(one.clone(), new_user("Anna 2")).await.unwrap();
    assert_conflict(stores.host_accounts.add_for(one.clone(), new_user("Anna 3")).await);
    assert_not_found(stores.users.credentials("anna 3").await);
    assert_eq!(stores.host_accounts.of_person(&one).await.unwrap(), made);
    stores.host_accounts.add_for(other, new_user("Anna 3")).await.unwrap();
}

pub async fn of_those_who_add_a_person_at_once_one_does(stores: &Stores) {
    let calls = (0..8).map(|nth| {
        let stores = stores.clone();
        let user = new_user(&format!("Anna {nth}"));
        async move { stores.host_accounts.add_for(of("shop", "17"), user).await }
    });
    let (made, refused): (Vec<_>, Vec<_>) =
        at_once(calls).await.into_iter().partition(Result::is_ok);
    assert_eq!((made.len(), refused.len()), (1, 7));
    refused.into_iter().for_each(assert_conflict);
    let found = stores.host_accounts.of_person(&of("shop", "17")).await.unwrap();
    assert_eq!(found, made.into_iter().next().unwrap().unwrap());
}
