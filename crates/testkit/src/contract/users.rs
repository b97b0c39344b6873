//! Promises of [`domain::user::UserStore`].

use super::Stores;
use super::fixtures::{
    NOBODY, assert_conflict, assert_ended, assert_not_found, at, at_once, changes, new_user,
    people, person, session, sessions, set_active,
};
use domain::failure::StoreError;
use domain::ids::UserId;
use domain::session::EndedSession;
use domain::user::{
    AccountRole, Email, NewUser, PasswordChange, PasswordHash, Profile, ProfileChange, SignsInBy,
    User, UserName, UserQuery,
};

pub async fn an_account_is_there_as_it_was_made(stores: &Stores) {
    let new = NewUser { role: AccountRole::Admin, ..new_user("  Zoë 🐈  ") };
    let user = stores.users.add(new.clone()).await.unwrap();
    let expected = User {
        id: user.id,
        name: new.name,
        role: AccountRole::Admin,
        profile: Profile::default(),
        active: true,
        created_at: at(0),
        last_seen_at: None,
        deleted_at: None,
        external_id: None,
    };
    assert_eq!(user, expected);
    assert_eq!(user.name.as_str(), "Zoë 🐈");
    assert_eq!(stores.users.get(user.id).await.unwrap(), user);
}

pub async fn names_that_fold_alike_conflict(stores: &Stores) {
    for (first, second) in [
        ("Anna", "aNNA"),
        ("Straße", "STRASSE"),
        ("Привет", "ПРИВЕТ"),
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
        ("é", "e\u{301}"),
        ("ＡＢＣ", "abc"),
    ] {
        let user = person(stores, first).await;
        assert_conflict(stores.users.add(new_user(second)).await);
        let found = stores.users.credentials(user.name.folded()).await.unwrap();
        assert_eq!(found.user, user, "the first one stays");
    }
}

pub async fn of_one_name_added_at_once_one_is_added(stores: &Stores) {
    let spellings = ["Anna", "ANNA", "aNNa", "anna"];
    let calls = spellings.repeat(5).into_iter().map(|name| {
        let users = stores.users.clone();
        async move { users.add(new_user(name)).await }
    });
    let answers = at_once(calls).await;
    let (added, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!(added.len(), 1);
    assert!(refused.iter().all(|answer| matches!(answer, Err(StoreError::Conflict))));
    let known = stores.users.credentials("anna").await.unwrap();
    assert_eq!(known.user, added.into_iter().next().unwrap().unwrap());
}

pub async fn a_name_may_have_150_characters_of_4_bytes(stores: &Stores) {
    let name = "🦊".repeat(150);
    let user = person(stores, &name).await;
    assert_eq!(stores.users.get(user.id).await.unwrap().name.as_str(), name);
    assert_eq!(stores.users.credentials(&name).await.unwrap().user, user);
}

pub async fn get_answers_disabled_accounts_too(stores: &Stores) {
    let user = person(stores, "Anna").await;
    let disabled = set_active(stores, user.id, false, at(5)).await.unwrap();
    assert_eq!(disabled, User { active: false, ..user.clone() });
    assert_eq!(stores.users.get(user.id).await.unwrap(), disabled);
    assert_eq!(stores.users.credentials("anna").await.unwrap().user, disabled);
    let enabled = set_active(stores, user.id, true, at(6)).await.unwrap();
    assert_eq!(enabled, user);
    assert_eq!(stores.users.get(user.id).await.unwrap(), user);
}

fn change(was: &PasswordHash, new: &PasswordHash) -> PasswordChange {
    PasswordChange { was: was.clone(), new: new.clone() }
}

pub async fn who_has_no_account_is_not_found(stores: &Stores) {
    person(stores, "Anna").await;
    let nobody = UserId::stored(NOBODY);
    assert_not_found(stores.users.get(nobody).await);
    assert_not_found(stores.users.credentials("ann").await);
    let hash = PasswordHash::stored("hash".into());
    assert_not_found(stores.users.set_password(nobody, change(&hash, &hash), None, at(1)).await);
    assert_not_found(set_active(stores, nobody, true, at(1)).await);
}

pub async fn get_many_answers_each_once_by_id(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let wanted = [cleo, UserId::stored(NOBODY), anna, cleo, anna];
    let found: Vec<_> =
        stores.users.get_many(&wanted).await.unwrap().into_iter().map(|user| user.id).collect();
    assert_eq!(found, [anna, cleo]);
    assert_eq!(stores.users.get_many(&[]).await.unwrap(), []);
    assert_eq!(
        stores.users.get_many(&[ben]).await.unwrap(),
        [stores.users.get(ben).await.unwrap()]
    );
}

pub async fn credentials_have_the_hash_of_the_folded_name(stores: &Stores) {
    let user = person(stores, "Anna").await;
    person(stores, "Annabel").await;
    let known = stores.users.credentials("anna").await.unwrap();
    assert_eq!(known.user, user);
    assert_eq!(known.password.as_str(), "hash of Anna");
}

pub async fn set_password_ends_all_sessions_but_one(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let lost = session(stores, anna, 10).await;
    let kept = session(stores, anna, 11).await;
    let other = session(stores, ben, 12).await;
    let was = PasswordHash::stored("hash of Anna".into());
    let hash = PasswordHash::stored("another hash".into());
    let set = stores.users.set_password(anna, change(&was, &hash), Some(kept.id), at(20));
    set.await.unwrap();
    assert_eq!(stores.users.credentials("anna").await.unwrap().password, hash);
    assert_eq!(stores.users.credentials("ben").await.unwrap().password.as_str(), "hash of Ben");
    assert_eq!(sessions(stores, anna, 20).await, [kept.id]);
    assert_ended(stores, lost.id, 20).await;
    let ended = [EndedSession { session: lost.id, user: anna }];
    assert_eq!(changes(stores).await.ended, ended);

    let late = PasswordHash::stored("a hash that came late".into());
    let set = stores.users.set_password(anna, change(&was, &late), Some(lost.id), at(20));
    assert_conflict(set.await);
    assert_eq!(stores.users.credentials("anna").await.unwrap().password, hash);
    assert_eq!(sessions(stores, anna, 20).await, [kept.id]);

    stores.users.set_password(anna, change(&hash, &hash), None, at(21)).await.unwrap();
    assert_eq!(sessions(stores, anna, 21).await, []);
    assert_eq!(sessions(stores, ben, 21).await, [other.id]);
}

pub async fn a_hash_is_renewed_and_sessions_stay(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let kept = session(stores, anna, 10).await;
    let was = PasswordHash::stored("hash of Anna".into());
    let hash = PasswordHash::stored("a better hash".into());
    stores.users.renew_hash(anna, change(&was, &hash)).await.unwrap();
    assert_eq!(stores.users.credentials("anna").await.unwrap().password, hash);
    assert_eq!(stores.users.credentials("ben").await.unwrap().password.as_str(), "hash of Ben");
    assert_eq!(sessions(stores, anna, 20).await, [kept.id]);
    assert_conflict(stores.users.renew_hash(anna, change(&was, &was)).await);
    assert_conflict(stores.users.renew_hash(ben, change(&was, &was)).await);
    assert_eq!(stores.users.credentials("anna").await.unwrap().password, hash);
    assert_not_found(stores.users.renew_hash(UserId::stored(NOBODY), change(&was, &was)).await);
}

pub async fn disabling_ends_all_sessions(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let mut lost = [session(stores, anna, 10).await.id, session(stores, anna, 11).await.id];
    let other = session(stores, ben, 12).await;
    set_active(stores, anna, true, at(19)).await.unwrap();
    assert_eq!(sessions(stores, anna, 19).await.len(), 2, "enabling ends nothing");
    set_active(stores, anna, false, at(20)).await.unwrap();
    assert_eq!(sessions(stores, anna, 20).await, []);
    assert_eq!(sessions(stores, ben, 20).await, [other.id]);
    let mut ended: Vec<_> =
        changes(stores).await.ended.into_iter().map(|ended| ended.session).collect();
    ended.sort_unstable();
    lost.sort_unstable();
    assert_eq!(ended, lost);
}

pub async fn no_session_opens_beside_the_disabling(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    let opening = (0..20).map(|nth| {
        let stores = stores.clone();
        async move {
            if nth == 10 {
                set_active(&stores, anna, false, at(20)).await.map(drop)
            } else {
                stores.sessions.open(super::fixtures::new_session(anna, 20)).await.map(drop)
            }
        }
    });
    for answer in at_once(opening).await {
        assert!(matches!(answer, Ok(()) | Err(StoreError::NotFound)), "{answer:?}");
    }
    assert_eq!(sessions(stores, anna, 20).await, []);
}

pub async fn last_seen_only_moves_forward(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let seen = async |user| stores.users.get(user).await.unwrap().last_seen_at;
    stores.users.set_last_seen(&[anna, UserId::stored(NOBODY)], at(50)).await.unwrap();
    assert_eq!((seen(anna).await, seen(ben).await), (Some(at(50)), None));
    stores.users.set_last_seen(&[ben, anna], at(40)).await.unwrap();
    assert_eq!((seen(anna).await, seen(ben).await), (Some(at(50)), Some(at(40))));
    stores.users.set_last_seen(&[ben, anna], at(60)).await.unwrap();
    assert_eq!((seen(anna).await, seen(ben).await), (Some(at(60)), Some(at(60))));
    stores.users.set_last_seen(&[], at(70)).await.unwrap();
    assert_eq!((seen(anna).await, seen(cleo).await), (Some(at(60)), None));
}

fn address(typed: &str) -> ProfileChange {
    ProfileChange { email: Some(Email::new(typed).unwrap()), ..ProfileChange::default() }
}

async fn signs_in(stores: &Stores, folded: &str) -> Option<UserId> {
    match stores.users.credentials_by_email(folded).await {
        Ok(found) => Some(found.user.id),
        Err(error) => {
            assert!(matches!(error, StoreError::NotFound), "{error:?}");
            None
        }
    }
}

pub async fn an_address_signs_in_the_account_that_had_it_first(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    assert_eq!(signs_in(stores, "tea@example.org").await, None);
    stores.users.set_profile(anna, address("Tea@Example.org")).await.unwrap();
    let shown = stores.users.set_profile(ben, address("tea@example.org")).await.unwrap();
    assert_eq!(shown.email.as_str(), "tea@example.org", "several may have one");
    assert_eq!(signs_in(stores, "tea@example.org").await, Some(anna));
    stores.users.set_profile(anna, address("")).await.unwrap();
    assert_eq!(signs_in(stores, "tea@example.org").await, None);
    stores.users.set_profile(ben, address("tea@example.org")).await.unwrap();
    assert_eq!(signs_in(stores, "tea@example.org").await, Some(ben));
    let found = stores.users.credentials_by_email("tea@example.org").await.unwrap();
    assert_eq!(found.password, PasswordHash::stored("hash of Ben".into()));
}

fn by_address(name: &str, email: &str) -> NewUser {
    let email = Email::new(email).unwrap();
    NewUser { email, signs_in_by: SignsInBy::Email, ..new_user(name) }
}

pub async fn who_signs_in_by_an_address_needs_a_free_one(stores: &Stores) {
    let anna = stores.users.add(by_address("Anna", "tea@example.org")).await.unwrap().id;
    assert_eq!(signs_in(stores, "tea@example.org").await, Some(anna));
    assert_conflict(stores.users.add(by_address("Ben", "TEA@example.org")).await);
    let by_name = NewUser { signs_in_by: SignsInBy::Name, ..by_address("Ben", "tea@example.org") };
    let ben = stores.users.add(by_name).await.unwrap().id;
    assert_eq!(stores.users.account(ben).await.unwrap().email.as_str(), "tea@example.org");
    assert_eq!(signs_in(stores, "tea@example.org").await, Some(anna));
}

pub async fn of_one_address_added_at_once_one_is_added(stores: &Stores) {
    let calls = (0..8).map(|number| {
        let users = stores.users.clone();
        async move { users.add(by_address(&format!("Anna {number}"), "tea@example.org")).await }
    });
    let added = at_once(calls).await;
    assert_eq!(added.iter().filter(|added| added.is_ok()).count(), 1);
    assert!(added.into_iter().all(|added| matches!(added, Ok(_) | Err(StoreError::Conflict))));
}

pub async fn an_account_may_be_renamed(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let named = |typed: &str| {
        let name = Some(UserName::new(typed).unwrap());
        ProfileChange { name, ..ProfileChange::default() }
    };
    assert_conflict(stores.users.set_profile(anna, named("BEN")).await);
    let renamed = stores.users.set_profile(anna, named("Zoë")).await.unwrap();
    assert_eq!(renamed.user.name.as_str(), "Zoë");
    stores.users.set_profile(ben, named("BEN")).await.unwrap();
    let found = |name: &str| {
        let (users, folded) = (stores.users.clone(), domain::text::fold(name));
        async move { users.credentials(&folded).await.ok().map(|found| found.user.id) }
    };
    assert_eq!(found("ZOË").await, Some(anna));
    assert_eq!(found("ben").await, Some(ben));
    assert_eq!(found("anna").await, None);
    let query =
        UserQuery {
            folded: domain::text::fold("zoë"), after: None, limit: 10, sharing_with: None
        };
    let page = stores.users.find(query).await.unwrap();
    assert_eq!(page.users.iter().map(|user| user.id).collect::<Vec<_>>(), [anna]);
}

/// `ada` with a Cyrillic first letter.
const CYRILLIC: &str = "\u{430}da";

pub async fn a_name_that_looks_like_another_is_refused(stores: &Stores) {
    let ada = person(stores, "ada").await.id;
    for name in [CYRILLIC, "\u{410}DA", "\u{430}d\u{430}"] {
        assert_conflict(stores.users.add(new_user(name)).await);
    }
    let renamed = |typed: &str| {
        let name = Some(UserName::new(typed).unwrap());
        ProfileChange { name, ..ProfileChange::default() }
    };
    let ben = person(stores, "Ben").await.id;
    assert_conflict(stores.users.set_profile(ben, renamed(CYRILLIC)).await);
    stores.users.set_profile(ada, renamed("ADA")).await.unwrap();
    for name in ["modern", "modem", "анна"] {
        person(stores, name).await;
    }
    stores.users.set_profile(ada, renamed("Grace")).await.unwrap();
    let late = person(stores, CYRILLIC).await.id;
    stores.users.set_profile(late, ProfileChange::default()).await.unwrap();
    assert_conflict(stores.users.set_profile(ada, renamed("ada")).await);
}

pub async fn of_names_that_look_alike_added_at_once_one_is_added(stores: &Stores) {
    let names = ["ada", CYRILLIC, "\u{430}d\u{430}", "ad\u{430}"];
    let calls = (0..8).map(|number| {
        let users = stores.users.clone();
        async move { users.add(new_user(names[number % names.len()])).await }
    });
    let added = at_once(calls).await;
    assert_eq!(added.iter().filter(|added| added.is_ok()).count(), 1);
    assert!(added.into_iter().all(|added| matches!(added, Ok(_) | Err(StoreError::Conflict))));
}
