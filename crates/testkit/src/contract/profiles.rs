//! Promises of [`domain::user::UserStore`] about profiles.

use super::Stores;
use super::fixtures::{NOBODY, assert_not_found, at_once, people, person};
use domain::ids::UserId;
use domain::text;
use domain::user::{Account, Bio, Email, PersonName, Profile, ProfileChange, UserQuery};

fn name(text: &str) -> PersonName {
    PersonName::new(text).unwrap()
}

fn full_name(first: &str, last: &str) -> ProfileChange {
    let (first_name, last_name) = (Some(name(first)), Some(name(last)));
    ProfileChange { first_name, last_name, ..ProfileChange::default() }
}

async fn found(stores: &Stores, typed: &str) -> Vec<UserId> {
    let query = UserQuery { folded: text::fold(typed), after: None, limit: 50, sharing_with: None };
    stores.users.find(query).await.unwrap().users.into_iter().map(|user| user.id).collect()
}

pub async fn a_profile_begins_empty(stores: &Stores) {
    let anna = person(stores, "Anna").await;
    let expected = Account { user: anna.clone(), email: Email::default() };
    assert_eq!(anna.profile, Profile::default());
    assert_eq!(stores.users.account(anna.id).await.unwrap(), expected);
    assert_not_found(stores.users.account(UserId::stored(NOBODY)).await);
    let change = ProfileChange::default();
    assert_not_found(stores.users.set_profile(UserId::stored(NOBODY), change).await);
}

pub async fn parts_of_a_profile_change_alone(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    let change = ProfileChange {
        bio: Some(Bio::new("Tea.\n🦊").unwrap()),
        email: Some(Email::new("anna@example.org").unwrap()),
        ..full_name("Anna", "Каренина")
    };
    let set = stores.users.set_profile(anna, change).await.unwrap();
    let shown = |account: &Account| {
        let Profile { first_name, last_name, bio } = account.user.profile.clone();
        [first_name.as_str(), last_name.as_str(), bio.as_str(), account.email.as_str()]
            .map(str::to_owned)
    };
    assert_eq!(shown(&set), ["Anna", "Каренина", "Tea.\n🦊", "anna@example.org"]);
    assert_eq!(stores.users.account(anna).await.unwrap(), set);
    assert_eq!(stores.users.get(anna).await.unwrap(), set.user);
    let change = ProfileChange { first_name: Some(name("")), ..ProfileChange::default() };
    let set = stores.users.set_profile(anna, change).await.unwrap();
    assert_eq!(shown(&set), ["", "Каренина", "Tea.\n🦊", "anna@example.org"]);
    let same = stores.users.set_profile(anna, ProfileChange::default()).await.unwrap();
    assert_eq!(same, set);
}

pub async fn parts_that_change_at_once_are_all_changed(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    let word = |_| Some(name("Word"));
    let changes = [
        ProfileChange { first_name: word(()), ..ProfileChange::default() },
        ProfileChange { last_name: word(()), ..ProfileChange::default() },
        ProfileChange { bio: Some(Bio::new("Word").unwrap()), ..ProfileChange::default() },
    ];
    let calls = changes.iter().cycle().take(12).cloned().map(|change| {
        let users = stores.users.clone();
        async move { users.set_profile(anna, change).await }
    });
    for answer in at_once(calls).await {
        answer.unwrap();
    }
    let profile = stores.users.get(anna).await.unwrap().profile;
    let bio = Bio::new("Word").unwrap();
    assert_eq!(profile, Profile { first_name: name("Word"), last_name: name("Word"), bio });
    assert_eq!(found(stores, "word word").await, [anna]);
}

pub async fn people_are_found_by_their_names(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["anna", "Ben_1", "cleo"]).await;
    stores.users.set_profile(anna, full_name("Анна", "Каренина")).await.unwrap();
    stores.users.set_profile(ben, full_name("Bén", "100% Groß")).await.unwrap();
    for (typed, expected) in [
        ("КАРЕН", vec![anna]),
        ("анна кар", vec![anna]),
        ("ANNA", vec![anna]),
        ("be\u{301}n", vec![ben]),
        ("ben", vec![ben]),
        ("GROSS", vec![ben]),
        ("0% g", vec![ben]),
        ("n_1", vec![ben]),
        ("_", vec![ben]),
        ("bén 100", vec![ben]),
        ("1bén", vec![]),
        ("каренина анна", vec![]),
        ("", vec![anna, ben, cleo]),
    ] {
        assert_eq!(found(stores, typed).await, expected, "{typed:?}");
    }
    stores.users.set_profile(anna, full_name("", "")).await.unwrap();
    assert_eq!(found(stores, "каренина").await, [], "what was taken away finds nobody");
    assert_eq!(found(stores, "anna").await, [anna]);
}
