//! The in-memory adapters keep the contract, and the contract's list is complete.

use domain::media::FileStore;
use domain::presence::{LocalPresence, PresenceStore};
use domain::session::TokenSigner;
use domain::user::PasswordHasher;
use std::collections::HashSet;
use std::sync::Arc;
use testkit::contract::Stores;
use testkit::memory::{MemoryDb, MemoryFiles, PlainHasher, TestSigner};

async fn stores() -> Stores {
    MemoryDb::new().stores()
}

async fn presence() -> Arc<dyn PresenceStore> {
    Arc::new(LocalPresence::default())
}

async fn hasher() -> Arc<dyn PasswordHasher> {
    PlainHasher::new()
}

async fn signer() -> Arc<dyn TokenSigner> {
    TestSigner::new(1)
}

async fn files() -> Arc<dyn FileStore> {
    MemoryFiles::new()
}

testkit::contract_tests!(stores);
testkit::file_tests!(files);
testkit::presence_tests!(presence);
testkit::hasher_tests!(hasher);
testkit::signer_tests!(signer);

/// A promise that is missing from the list would never be tested.
#[test]
fn every_promise_is_on_the_list() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/contract");
    let read = |file: &str| std::fs::read_to_string(format!("{folder}/{file}")).unwrap();
    let list = read("suite.rs")
        + &read("suite_sign_ins.rs")
        + &read("suite_races.rs")
        + &read("suite_others.rs");
    let listed: HashSet<_> = list.split_whitespace().collect();
    let mut promises = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.ends_with("fixtures.rs") {
            continue;
        }
        for line in std::fs::read_to_string(&path).unwrap().lines() {
            let Some(rest) = line.strip_prefix("pub async fn ") else { continue };
            let promise = rest.split('(').next().unwrap();
            assert!(listed.contains(&promise), "{promise} of {} is not listed", path.display());
            promises += 1;
        }
    }
    assert!(promises > 90, "{promises} promises were found");
}
