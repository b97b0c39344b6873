//! Keys for sockets.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use domain::clock::Clock;
use domain::failure::Kind;
use domain::limits::SOCKET_KEY_LIFE;
use domain::session::{Keyed, Protocol};
use futures_executor::block_on;
use std::time::Duration;
use testkit::world::{PASSWORD, World, refusal, sign_in};

const INVALID: (Kind, &str) = (Kind::Unauthenticated, "token_invalid");

async fn signed_in(world: &World, protocol: &Protocol) -> Keyed {
    let mut command = sign_in("Anna", PASSWORD);
    command.client.protocol = protocol.clone();
    world.sessions.log_in_for_key(command).await.unwrap()
}

#[test]
fn a_key_opens_sockets_of_its_protocol_until_it_or_its_session_ends() {
    block_on(async {
        let (world, one, other) = (World::default(), Protocol::new("one"), Protocol::new("other"));
        world.register("Anna").await;
        let caller = signed_in(&world, &one).await.caller;
        let key = world.sessions.socket_key(&caller).await.unwrap();
        let (known, end) = world.sessions.authenticate_socket_key(&key, &one).await.unwrap();
        assert_eq!(known, caller);
        let life = end.since(world.clock.now());
        assert!(life <= SOCKET_KEY_LIFE && life + Duration::from_secs(1) > SOCKET_KEY_LIFE);
        for elsewhere in [&other, &Protocol::NATIVE] {
            let refused = world.sessions.authenticate_socket_key(&key, elsewhere).await;
            assert_eq!(refusal(refused), INVALID);
        }
        for forged in ["", "1.2", "1.2.x", &key[..key.len() - 1], &format!("{key}0")] {
            let refused = world.sessions.authenticate_socket_key(forged, &one).await;
            assert_eq!(refusal(refused), INVALID, "{forged}");
        }
        world.clock.advance(life);
        let late = world.sessions.authenticate_socket_key(&key, &one).await;
        assert_eq!(refusal(late), (Kind::Unauthenticated, "token_expired"));
        let key = world.sessions.socket_key(&caller).await.unwrap();
        world.sessions.end(&caller, caller.session).await.unwrap();
        let ended = world.sessions.authenticate_socket_key(&key, &one).await;
        assert_eq!(refusal(ended), INVALID);
    });
}

#[test]
fn keys_of_one_use_are_good_for_no_other() {
    block_on(async {
        let (world, one) = (World::default(), Protocol::new("one"));
        world.register("Anna").await;
        let Keyed { key: token, caller, .. } = signed_in(&world, &one).await;
        let for_sockets = world.sessions.socket_key(&caller).await.unwrap();
        let (for_media, _) = world.sessions.media_key(&caller).await.unwrap();
        assert_eq!(refusal(world.sessions.recognise(&for_sockets).await), INVALID);
        assert_eq!(refusal(world.sessions.authenticate_media_key(&for_sockets).await), INVALID);
        for other in [for_media, token] {
            let refused = world.sessions.authenticate_socket_key(&other, &one).await;
            assert_eq!(refusal(refused), INVALID, "{other}");
        }
    });
}

#[test]
fn it_is_known_by_which_protocols_somebody_is_signed_in() {
    block_on(async {
        let (world, one, other) = (World::default(), Protocol::new("one"), Protocol::new("other"));
        world.register("Anna").await;
        let caller = signed_in(&world, &one).await.caller;
        assert!(world.sessions.speaks(caller.user, &one).await.unwrap());
        assert!(!world.sessions.speaks(caller.user, &other).await.unwrap());
        world.sessions.end(&caller, caller.session).await.unwrap();
        assert!(!world.sessions.speaks(caller.user, &one).await.unwrap());
    });
}
