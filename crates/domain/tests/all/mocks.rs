//! Mocks of the ports, for failures, which the store in memory does not have.

use domain::clock::SystemClock;
use domain::directory::{Directory, MockTieStore, Policy};
use domain::event::MockEventBus;
use domain::failure::{Failure, Kind, StoreError};
use domain::host::{ExternalIds, MockExternalIdStore};
use domain::ids::{ChatId, SessionId, UserId};
use domain::message::{AppendError, MessagePorts, Messages, MockMarkStore, MockMessageStore, Send};
use domain::second_factor::{MockSecondFactorStore, SecondFactorState};
use domain::session::{Caller, MockSessionStore, MockTokenSigner, Proof, Protocol};
use domain::session::{SessionPolicy, SessionPorts, Sessions};
use domain::user::{AccountRole, HashError, MockPasswordHasher, MockUserStore};
use futures_executor::block_on;
use std::sync::Arc;

const ANNA: Caller = Caller {
    user: UserId::stored(1),
    session: SessionId::stored(1),
    protocol: Protocol::NATIVE,
    role: AccountRole::User,
    proof: Proof { second_factor: SecondFactorState::Off, proved_at: None },
    issuer: None,
    key: None,
};

#[test]
fn what_was_not_stored_is_not_published() {
    let mut messages = MockMessageStore::new();
    messages
        .expect_append()
        .times(1)
        .returning(|_| Err(AppendError::Store(StoreError::unavailable("the disk is full"))));
    let mut bus = MockEventBus::new();
    bus.expect_publish().never();
    let messages = Messages::new(MessagePorts {
        messages: Arc::new(messages),
        marks: Arc::new(MockMarkStore::new()),
        addresses: Arc::new(domain::chat::MockAddressStore::new()),
        members: Arc::new(domain::chat::MockMemberStore::new()),
        blocks: Arc::new(domain::block::MockBlockStore::new()),
        typists: Arc::default(),
        external_ids: Arc::new(ExternalIds::new(Arc::new(MockExternalIdStore::new()))),
        directory: Arc::new(Directory::new(Policy::default(), Arc::new(MockTieStore::new()))),
        bus: Arc::new(bus),
        clock: Arc::new(SystemClock),
    });
    let send = Send::new(ChatId::stored(1), "Hello");
    let failure: Failure = block_on(messages.send(&ANNA, send)).unwrap_err().into();
    assert_eq!((failure.kind, failure.code), (Kind::Unavailable, "unavailable"));
    assert!(failure.kind.retryable() && failure.cause.is_some());
    assert!(!failure.detail.contains("disk"), "the cause is for the log");
}

#[test]
fn a_full_queue_of_passwords_is_no_wrong_password() {
    let mut users = MockUserStore::new();
    users
        .expect_credentials()
        .withf(|name| name == "anna")
        .returning(|_| Err(StoreError::NotFound));
    let mut hasher = MockPasswordHasher::new();
    hasher.expect_verify().returning(|_, _, _| Err(HashError::Busy));
    let ports = SessionPorts {
        users: Arc::new(users),
        sessions: Arc::new(MockSessionStore::new()),
        hasher: Arc::new(hasher),
        signer: Arc::new(MockTokenSigner::new()),
        clock: Arc::new(SystemClock),
        invites: Arc::new(domain::invite::MockInviteStore::new()),
        host_accounts: Arc::new(domain::host::MockHostAccountStore::new()),
        set_up: Arc::new(domain::session::MockSetUpStore::new()),
        second_factors: Arc::new(MockSecondFactorStore::new()),
        host_tokens: None,
        providers: None,
        bus: testkit::memory::RecordingBus::new(),
        log: testkit::memory::RecordingLog::new(),
    };
    let sessions = Sessions::new(ports, SessionPolicy::default());
    let sign_in = testkit::world::sign_in("Anna", "a password");
    let failure: Failure = block_on(sessions.log_in(sign_in)).unwrap_err().into();
    assert_eq!((failure.kind, failure.code), (Kind::Unavailable, "busy"));
}
