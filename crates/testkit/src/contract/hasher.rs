//! Promises of [`domain::user::PasswordHasher`].

use domain::user::{HashOrigin, Password, PasswordHash, PasswordHasher, UserName};

const HERE: HashOrigin = HashOrigin::Operator;

fn password(typed: &str) -> Password {
    Password::new(typed, &UserName::new("somebody").unwrap()).unwrap()
}

async fn verify(hasher: &dyn PasswordHasher, typed: &str, hash: &PasswordHash) -> bool {
    hasher.verify(typed.to_owned(), Some(hash.clone()), HERE).await.unwrap().right
}

pub async fn a_hash_knows_its_password(hasher: &dyn PasswordHasher) {
    for typed in ["correct horse", "пароль-мой-7", "aB3$🦊zQ9&🦋", &"aB3$".repeat(18)]
    {
        let hash = hasher.hash(password(typed), HERE).await.unwrap();
        assert!(verify(hasher, typed, &hash).await, "{typed}");
        let mut headless = typed.chars();
        headless.next();
        for wrong in ["", "Correct horse", headless.as_str(), &format!(" {typed}")] {
            assert!(!verify(hasher, wrong, &hash).await, "{wrong}");
        }
    }
}

pub async fn two_hashes_of_one_password_differ(hasher: &dyn PasswordHasher) {
    let first = hasher.hash(password("correct horse"), HERE).await.unwrap();
    let second = hasher.hash(password("correct horse"), HERE).await.unwrap();
    assert_ne!(first.as_str(), second.as_str());
    assert!(verify(hasher, "correct horse", &first).await);
    assert!(verify(hasher, "correct horse", &second).await);
}

pub async fn without_a_hash_nothing_is_right(hasher: &dyn PasswordHasher) {
    for typed in ["correct horse", ""] {
        assert!(!hasher.verify(typed.to_owned(), None, HERE).await.unwrap().right, "{typed:?}");
    }
}

pub async fn more_than_72_bytes_are_never_right(hasher: &dyn PasswordHasher) {
    let longest = "aB3$".repeat(18);
    let hash = hasher.hash(password(&longest), HERE).await.unwrap();
    assert!(!verify(hasher, &format!("{longest}x"), &hash).await);
    assert!(!verify(hasher, &longest.repeat(1_000), &hash).await);
}
