//! How a node learns of sessions that end, and roles that change, on other nodes.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use domain::admin::{AccountUpdate, Actor};
use domain::clock::{Clock, SystemClock, Timestamp};
use domain::failure::StoreError;
use domain::ids::{SessionId, UserId};
use domain::limits::{SESSION_CHECK_EVERY, SESSION_CHECK_SIZE, SESSION_LIFE};
use domain::session::{
    MockSessionStore, MockTokenSigner, OpenSession, SessionChanges, SessionPolicy, SessionPorts,
    SessionSockets, SessionWatch, Sessions, SignedIn,
};
use domain::user::{AccountRole, MockPasswordHasher, MockUserStore};
use futures_executor::block_on;
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use testkit::world::World;

/// A node's sockets, recording what they are told.
#[derive(Default)]
struct Node {
    open: Mutex<Vec<SessionId>>,
    roles: Mutex<BTreeMap<UserId, AccountRole>>,
    confirmed: Mutex<usize>,
}

impl Node {
    fn with(sessions: impl IntoIterator<Item = SessionId>) -> Self {
        Self { open: Mutex::new(sessions.into_iter().collect()), ..Self::default() }
    }

    fn confirmed(&self) -> usize {
        *self.confirmed.lock().unwrap()
    }

    fn role(&self, user: UserId) -> Option<AccountRole> {
        self.roles.lock().unwrap().get(&user).copied()
    }
}

impl SessionSockets for Node {
    fn any(&self) -> bool {
        !self.open.lock().unwrap().is_empty()
    }

    fn sessions(&self) -> Vec<SessionId> {
        self.open.lock().unwrap().clone()
    }

    fn close_sessions(&self, ended: &HashSet<SessionId>) {
        self.open.lock().unwrap().retain(|session| !ended.contains(session));
    }

    fn set_roles(&self, roles: &[(UserId, AccountRole)]) {
        self.roles.lock().unwrap().extend(roles.iter().copied());
    }

    fn confirm(&self, at: Instant) {
        assert!(at.elapsed() < Duration::from_secs(60), "the time is that of this look");
        *self.confirmed.lock().unwrap() += 1;
    }
}

async fn disable(world: &World, who: &SignedIn) {
    let update = AccountUpdate { active: Some(false), ..AccountUpdate::default() };
    world.admin.update_user(Actor::OPERATOR, who.user.id, update).await.unwrap();
}

async fn give_role(world: &World, who: &SignedIn, role: &str) {
    let update = AccountUpdate { role: Some(role), ..AccountUpdate::default() };
    world.admin.update_user(Actor::OPERATOR, who.user.id, update).await.unwrap();
}

async fn look(world: &World, watch: &mut SessionWatch, node: &Node) {
    world.sessions.watch(watch, node).await.unwrap();
}

#[test]
fn a_node_that_looks_again_and_again_hears_of_everything() {
    block_on(async {
        let world = World::default();
        let [anna, ben] = [world.register("Anna").await, world.register("Ben").await];
        let (node, mut watch) = (Node::with([anna.session, ben.session]), SessionWatch::default());
        look(&world, &mut watch, &node).await;
        assert_eq!(node.sessions(), [anna.session, ben.session]);
        world.clock.advance(Duration::from_millis(100));
        disable(&world, &ben).await;
        give_role(&world, &anna, "admin").await;
        look(&world, &mut watch, &node).await;
        assert_eq!(node.sessions(), [anna.session]);
        assert_eq!(node.role(anna.user.id), Some(AccountRole::Admin));
        assert_eq!(node.confirmed(), 2);
    });
}

#[test]
fn a_node_that_stood_still_hears_of_what_was_forgotten_meanwhile() {
    block_on(async {
        let world = World::default();
        let [anna, ben] = [world.register("Anna").await, world.register("Ben").await];
        give_role(&world, &anna, "admin").await;
        let (node, mut watch) = (Node::with([anna.session, ben.session]), SessionWatch::default());
        look(&world, &mut watch, &node).await;
        assert_eq!(node.role(anna.user.id), Some(AccountRole::Admin));
        disable(&world, &ben).await;
        give_role(&world, &anna, "user").await;
        world.clock.advance(Duration::from_secs(3600));
        world.sessions.purge().await.unwrap();
        assert_eq!(world.ended().await, []);
        look(&world, &mut watch, &node).await;
        assert_eq!(node.sessions(), [anna.session]);
        assert_eq!(node.role(anna.user.id), Some(AccountRole::User));
    });
}

#[test]
fn a_socket_ends_with_the_life_of_its_session() {
    block_on(async {
        let world = World::default();
        let anna = world.register("Anna").await;
        let (node, mut watch) = (Node::with([anna.session]), SessionWatch::default());
        world.clock.advance(SESSION_LIFE);
        look(&world, &mut watch, &node).await;
        assert_eq!(node.sessions(), [anna.session], "to the last moment");
        let mut waited = Duration::ZERO;
        while node.any() {
            world.clock.advance(Duration::from_secs(1));
            waited += Duration::from_secs(1);
            look(&world, &mut watch, &node).await;
        }
        assert!(waited <= SESSION_CHECK_EVERY + Duration::from_secs(1), "{waited:?}");
        assert_eq!(world.ended().await, [], "nobody ended it");
    });
}

#[test]
fn a_node_without_sockets_asks_nothing() {
    block_on(async {
        let mut store = MockSessionStore::new();
        store.expect_changes_since().never();
        let node = Node::default();
        sessions(store).watch(&mut SessionWatch::default(), &node).await.unwrap();
        assert_eq!(node.confirmed(), 0);
    });
}

fn sessions(store: MockSessionStore) -> Sessions {
    let ports = SessionPorts {
        users: Arc::new(MockUserStore::new()),
        sessions: Arc::new(store),
        hasher: Arc::new(MockPasswordHasher::new()),
        signer: Arc::new(MockTokenSigner::new()),
        clock: Arc::new(SystemClock),
        invites: Arc::new(domain::invite::MockInviteStore::new()),
        host_accounts: Arc::new(domain::host::MockHostAccountStore::new()),
        set_up: Arc::new(domain::session::MockSetUpStore::new()),
        second_factors: Arc::new(domain::second_factor::MockSecondFactorStore::new()),
        host_tokens: None,
        providers: None,
        bus: testkit::memory::RecordingBus::new(),
        log: testkit::memory::RecordingLog::new(),
    };
    Sessions::new(ports, SessionPolicy::default())
}

fn nothing_new(at: Timestamp, complete: bool) -> SessionChanges {
    SessionChanges { at, ended: Vec::new(), roles: Vec::new(), complete }
}

/// What a store is asked from when on, and which sessions it is asked about, look by look.
fn asked_after(answers: Vec<Result<SessionChanges, StoreError>>) -> Vec<(bool, usize)> {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let mut store = MockSessionStore::new();
    let (looks, checks) = (asked.clone(), asked.clone());
    let answers = Mutex::new(answers.into_iter());
    let count = answers.lock().unwrap().len();
    store.expect_changes_since().returning(move |since, _| {
        looks.lock().unwrap().push((since.is_some(), 0));
        answers.lock().unwrap().next().unwrap()
    });
    store.expect_open_among().returning(move |ids, _| {
        assert!(ids.len() <= SESSION_CHECK_SIZE, "bounded");
        checks.lock().unwrap().last_mut().unwrap().1 += ids.len();
        let role = AccountRole::User;
        Ok(ids.iter().map(|&id| OpenSession { session: id, user: ANNA, role }).collect())
    });
    let sessions = sessions(store);
    let node = Node::with((1..=MANY).map(SessionId::stored));
    let mut watch = SessionWatch::default();
    for _ in 0..count {
        let _ = block_on(sessions.watch(&mut watch, &node));
    }
    assert_eq!(node.sessions().len(), usize::try_from(MANY).unwrap(), "all are still there");
    asked.lock().unwrap().clone()
}

const ANNA: UserId = UserId::stored(1);
const MANY: i64 = 2_500;

#[test]
fn after_a_look_that_failed_everything_is_checked() {
    let now = SystemClock.now();
    let all = usize::try_from(MANY).unwrap();
    let away = || Err(StoreError::unavailable("the database is away"));
    let fine = || Ok(nothing_new(now, true));
    let asked = asked_after(vec![fine(), fine(), away(), away(), fine(), fine()]);
    let expected = [(false, all), (true, 0), (true, 0), (false, 0), (false, all), (true, 0)];
    assert_eq!(asked, expected);
}

#[test]
fn when_there_is_too_much_to_tell_everything_is_checked() {
    let now = SystemClock.now();
    let all = usize::try_from(MANY).unwrap();
    let asked = asked_after(vec![Ok(nothing_new(now, true)), Ok(nothing_new(now, false))]);
    assert_eq!(asked, [(false, all), (true, all)]);
}
