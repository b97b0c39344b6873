//! Last-seen times are stored, if not at once.

use domain::clock::Clock;
use domain::directory::{Directory, Policy};
use domain::failure::StoreError;
use domain::ids::UserId;
use domain::presence::{MockPresenceStore, PresencePorts, PresenceService, Settled};
use domain::user::MockUserStore;
use futures_executor::block_on;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use testkit::world::World;

#[test]
fn last_seen_times_that_were_not_stored_are_tried_again() {
    let world = World::default();
    let mut presence = MockPresenceStore::new();
    let mut news = [&[1, 2][..], &[2, 3], &[]].into_iter();
    presence.expect_settle().returning(move |_| {
        let to_note = news.next().unwrap().iter().copied().map(UserId::stored).collect();
        Ok(Settled { changes: Vec::new(), to_note })
    });
    let stored = Arc::new(Mutex::new(Vec::new()));
    let mut users = MockUserStore::new();
    users.expect_set_last_seen().returning({
        let stored = stored.clone();
        move |people, at| {
            let mut people = people.to_vec();
            people.sort_unstable();
            let mut stored = stored.lock().unwrap();
            stored.push((people, at));
            // The first two attempts fail.
            if stored.len() < 3 { Err(StoreError::unavailable("it is away")) } else { Ok(()) }
        }
    });
    let service = PresenceService::new(PresencePorts {
        presence: Arc::new(presence),
        members: world.stores.members.clone(),
        users: Arc::new(users),
        blocks: world.stores.blocks.clone(),
        directory: Arc::new(Directory::new(Policy::default(), world.stores.ties.clone())),
        here: world.bus.clone(),
        clock: world.clock.clone(),
    });
    let first = world.clock.now();
    assert!(block_on(service.settle()).is_err());
    world.clock.advance(Duration::from_secs(1));
    let second = world.clock.now();
    assert!(block_on(service.settle()).is_err());
    world.clock.advance(Duration::from_secs(1));
    block_on(service.settle()).unwrap();
    let people = |ids: &[i64]| ids.iter().copied().map(UserId::stored).collect::<Vec<_>>();
    let expected = [
        (people(&[1, 2]), first),
        // Of a person, the last time counts.
        (people(&[1]), first),
        (people(&[1]), first),
        (people(&[2, 3]), second),
    ];
    assert_eq!(*stored.lock().unwrap(), expected);
}
