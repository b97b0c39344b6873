//! Promises of [`domain::user::UserStore::find`].

use super::Stores;
use super::fixtures::{at, people, person, set_active};
use domain::ids::UserId;
use domain::text;
use domain::user::UserQuery;

fn query(typed: &str) -> UserQuery {
    UserQuery { folded: text::fold(typed), after: None, limit: 50, sharing_with: None }
}

async fn names(stores: &Stores, query: UserQuery) -> Vec<String> {
    let page = stores.users.find(query).await.unwrap();
    assert_eq!(page.next, None);
    page.users.into_iter().map(|user| user.name.to_string()).collect()
}

pub async fn wildcards_are_themselves(stores: &Stores) {
    let all =
        ["100% Anna", "a_b", "axb", "back\\slash", "50 % off", "Anna", "[abc]*", "it's \"x\""];
    people(stores, all).await;
    for (typed, found) in [
        ("%", vec!["100% Anna", "50 % off"]),
        ("0% a", vec!["100% Anna"]),
        ("a_b", vec!["a_b"]),
        ("_", vec!["a_b"]),
        ("\\", vec!["back\\slash"]),
        ("\\%", vec![]),
        ("k\\s", vec!["back\\slash"]),
        ("[a", vec!["[abc]*"]),
        ("*", vec!["[abc]*"]),
        ("'s", vec!["it's \"x\""]),
        ("\"", vec!["it's \"x\""]),
        ("", all.to_vec()),
    ] {
        assert_eq!(names(stores, query(typed)).await, found, "{typed:?}");
    }
}

pub async fn case_is_folded_in_every_script(stores: &Stores) {
    people(stores, ["Анна Каренина", "ΣΊΣΥΦΟΣ", "Groß", "ANNA", "Éva", "🦊 Fox"]).await;
    for (typed, found) in [
        ("КАРЕН", vec!["Анна Каренина"]),
        ("анна", vec!["Анна Каренина"]),
        ("σίσυφοσ", vec!["ΣΊΣΥΦΟΣ"]),
        ("υφος", vec!["ΣΊΣΥΦΟΣ"]),
        ("GROSS", vec!["Groß"]),
        ("nna", vec!["ANNA"]),
        ("e\u{301}V", vec!["Éva"]),
        ("🦊", vec!["🦊 Fox"]),
        ("eva", vec![]),
    ] {
        assert_eq!(names(stores, query(typed)).await, found, "{typed:?}");
    }
}

pub async fn a_dotless_i_is_searched_as_an_i(stores: &Stores) {
    let all = ["ISPARTA", "ısparta", "İzmir"];
    people(stores, all).await;
    for (typed, found) in [("ısparta", &all[..2]), ("IS", &all[..2]), ("izm", &all[2..])] {
        let query = UserQuery { folded: text::searchable(typed), ..query("") };
        assert_eq!(names(stores, query).await, found, "{typed}");
    }
}

pub async fn only_active_accounts_are_found(stores: &Stores) {
    let [_, ben] = people(stores, ["Anna", "Anna-Ben"]).await;
    set_active(stores, ben, false, at(5)).await.unwrap();
    assert_eq!(names(stores, query("anna")).await, ["Anna"]);
    assert_eq!(names(stores, query("")).await, ["Anna"]);
    set_active(stores, ben, true, at(6)).await.unwrap();
    assert_eq!(names(stores, query("anna")).await, ["Anna", "Anna-Ben"]);
}

pub async fn pages_follow_each_other_by_id(stores: &Stores) {
    let mut wanted = Vec::new();
    for number in 0..5 {
        wanted.push(person(stores, &format!("Anna {number}")).await.id);
        person(stores, &format!("Ben {number}")).await;
    }
    for limit in [1, 2, 3, 4] {
        let mut found: Vec<UserId> = Vec::new();
        loop {
            let after = found.last().copied();
            let page =
                stores.users.find(UserQuery { after, limit, ..query("anna") }).await.unwrap();
            assert!(page.users.len() == limit || page.next.is_none());
            found.extend(page.users.iter().map(|user| user.id));
            if page.next.is_none() {
                break;
            }
        }
        assert_eq!(found, wanted, "limit {limit}");
    }
    let exact = stores.users.find(UserQuery { limit: 5, ..query("anna") }).await.unwrap();
    assert_eq!((exact.users.len(), exact.next), (5, None), "five of five, and no more");
    let after = wanted.last().copied();
    let beyond = stores.users.find(UserQuery { after, ..query("anna") }).await.unwrap();
    assert_eq!((beyond.users.len(), beyond.next), (0, None));
}
