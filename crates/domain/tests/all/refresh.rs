//! Refresh tokens, logging out, and tickets.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use domain::failure::Kind;
use domain::limits::{REFRESH_GRACE, SESSION_LIFE, TICKET_LIFE};
use domain::session::{Protocol, Renewal, SignedIn};
use futures_executor::block_on;
use std::time::Duration;
use testkit::world::{PASSWORD, World, refusal, sign_in};

const INVALID: (Kind, &str) = (Kind::Unauthenticated, "refresh_token_invalid");
const REUSED: (Kind, &str) = (Kind::Unauthenticated, "refresh_token_reused");
const MICROSECOND: Duration = Duration::from_micros(1);

async fn refresh(world: &World, token: &str) -> SignedIn {
    world.sessions.refresh(token).await.unwrap()
}

async fn assert_ended(world: &World, signed: &SignedIn) {
    assert!(world.sessions.authenticate(&signed.access_token).await.is_err());
    let ended = world.ended().await;
    assert!(ended.iter().any(|ended| ended.session == signed.session));
}

#[test]
fn a_token_leads_to_its_successor() {
    block_on(async {
        let world = World::default();
        let mut signed = world.register("Anna").await;
        for _ in 0..5 {
            world.clock.advance(Duration::from_secs(3600));
            let next = refresh(&world, &signed.refresh_token).await;
            assert_eq!((next.session, &next.user), (signed.session, &signed.user));
            assert_ne!(next.refresh_token, signed.refresh_token);
            world.sessions.authenticate(&next.access_token).await.unwrap();
            signed = next;
        }
    });
}

#[test]
fn a_client_that_renews_repeatedly_keeps_its_token() {
    block_on(async {
        let world = World::default();
        world.register("Anna").await;
        let mut command = sign_in("Anna", PASSWORD);
        command.client.renewal = Renewal::Repeatedly;
        command.client.protocol = Protocol::new("old");
        let first = world.sessions.log_in(command).await.unwrap();
        for _ in 0..40 {
            world.clock.advance(SESSION_LIFE / 2);
            let next = refresh(&world, &first.refresh_token).await;
            let caller = world.sessions.authenticate(&next.access_token).await.unwrap();
            assert_eq!((caller.session, caller.protocol.as_str()), (first.session, "old"));
            refresh(&world, &next.refresh_token).await;
            let owner = world.sessions.check_refresh_token(&first.refresh_token).await;
            assert_eq!(owner.unwrap(), first.user.id);
        }
        world.sessions.log_out_with(&first.refresh_token).await.unwrap();
        assert_eq!(refusal(world.sessions.refresh(&first.refresh_token).await), INVALID);
        assert_ended(&world, &first).await;
    });
}

#[test]
fn a_token_used_repeatedly_ends_with_its_session() {
    block_on(async {
        let world = World::default();
        world.register("Anna").await;
        let mut command = sign_in("Anna", PASSWORD);
        command.client.renewal = Renewal::Repeatedly;
        let first = world.sessions.log_in(command).await.unwrap();
        world.clock.advance(SESSION_LIFE + MICROSECOND);
        assert_eq!(refusal(world.sessions.refresh(&first.refresh_token).await), INVALID);
    });
}

#[test]
fn repeated_within_the_grace_it_gets_the_same_successor() {
    block_on(async {
        let world = World::default();
        let first = world.register("Anna").await;
        let next = refresh(&world, &first.refresh_token).await;
        for _ in 0..2 {
            let again = refresh(&world, &first.refresh_token).await;
            assert_eq!(again.refresh_token, next.refresh_token);
            assert_eq!(again.session, next.session);
        }
        world.clock.advance(REFRESH_GRACE);
        let again = refresh(&world, &first.refresh_token).await;
        assert_eq!(again.refresh_token, next.refresh_token, "to the last moment");
        refresh(&world, &again.refresh_token).await;
    });
}

#[test]
fn without_a_grace_a_used_token_is_dead_at_once() {
    block_on(async {
        let world = World::default();
        let first = world.register("Anna").await;
        let next = world.sessions.refresh_once(&first.refresh_token).await.unwrap();
        for _ in 0..2 {
            let again = world.sessions.refresh_once(&first.refresh_token).await;
            assert_eq!(refusal(again), INVALID);
        }
        let third = world.sessions.refresh_once(&next.refresh_token).await.unwrap();
        world.clock.advance(REFRESH_GRACE + MICROSECOND);
        let late = world.sessions.refresh_once(&next.refresh_token).await;
        assert_eq!(refusal(late), REUSED);
        assert_ended(&world, &third).await;
    });
}

#[test]
fn repeated_after_the_grace_it_ends_the_session() {
    block_on(async {
        let world = World::default();
        let first = world.register("Anna").await;
        let next = refresh(&world, &first.refresh_token).await;
        world.clock.advance(REFRESH_GRACE + MICROSECOND);
        assert_eq!(refusal(world.sessions.refresh(&first.refresh_token).await), REUSED);
        assert_ended(&world, &next).await;
        assert_eq!(refusal(world.sessions.refresh(&next.refresh_token).await), INVALID);
    });
}

#[test]
fn repeated_after_its_successor_was_used_it_ends_the_session() {
    block_on(async {
        let world = World::default();
        let first = world.register("Anna").await;
        let second = refresh(&world, &first.refresh_token).await;
        let third = refresh(&world, &second.refresh_token).await;
        // Within the grace; the last but one may still repeat, the one before it may not.
        let again = refresh(&world, &second.refresh_token).await;
        assert_eq!(again.refresh_token, third.refresh_token);
        assert_eq!(refusal(world.sessions.refresh(&first.refresh_token).await), REUSED);
        assert_ended(&world, &third).await;
        assert_eq!(refusal(world.sessions.refresh(&third.refresh_token).await), INVALID);
    });
}

#[test]
fn another_session_lives_on() {
    block_on(async {
        let world = World::default();
        let first = world.register("Anna").await;
        let other = world.sessions.log_in(sign_in("Anna", PASSWORD)).await.unwrap();
        refresh(&world, &first.refresh_token).await;
        world.clock.advance(REFRESH_GRACE + MICROSECOND);
        assert_eq!(refusal(world.sessions.refresh(&first.refresh_token).await), REUSED);
        refresh(&world, &other.refresh_token).await;
    });
}

#[test]
fn what_is_forged_ends_nothing() {
    block_on(async {
        let world = World::default();
        let signed = world.register("Anna").await;
        let token = &signed.refresh_token;
        let (session, rest) = token.split_once('.').unwrap();
        let (generation, proof) = rest.split_once('.').unwrap();
        let next: i64 = generation.parse::<i64>().unwrap() + 1;
        let other_proof = proof.replace(|c: char| c.is_ascii_digit(), "0") + "0";
        for forged in [
            "",
            ".",
            "..",
            "a.b.c",
            "🦊.0.x",
            &format!("{session}.{generation}"),
            &format!("{session}.{generation}."),
            &format!("{session}.{generation}.{}", &proof[1..]),
            &format!("{session}.{generation}.{other_proof}"),
            &format!("{session}.{next}.{proof}"),
            &format!("{session}.-1.{proof}"),
            &format!("{session}.{}.{proof}", i64::MAX),
            &format!("{session}.99999999999999999999.{proof}"),
            &format!("999999.{generation}.{proof}"),
            &format!("{token}.x"),
            &format!(" {token}"),
        ] {
            assert_eq!(refusal(world.sessions.refresh(forged).await), INVALID, "{forged}");
            assert_eq!(refusal(world.sessions.log_out_with(forged).await), INVALID, "{forged}");
        }
        refresh(&world, token).await;
    });
}

#[test]
fn a_token_of_one_session_is_not_one_of_another() {
    block_on(async {
        let world = World::default();
        let anna = world.register("Anna").await;
        let ben = world.register("Ben").await;
        let rest = |signed: &SignedIn| signed.refresh_token.split_once('.').unwrap().1.to_owned();
        let crossed = format!("{}.{}", anna.session, rest(&ben));
        assert_eq!(refusal(world.sessions.refresh(&crossed).await), INVALID);
        refresh(&world, &anna.refresh_token).await;
        refresh(&world, &ben.refresh_token).await;
    });
}

#[test]
fn looking_at_a_token_does_not_use_it() {
    block_on(async {
        let world = World::default();
        let first = world.register("Anna").await;
        for _ in 0..2 {
            let owner = world.sessions.check_refresh_token(&first.refresh_token).await;
            assert_eq!(owner.unwrap(), first.user.id);
        }
        refresh(&world, &first.refresh_token).await;
        for token in [first.refresh_token.as_str(), first.access_token.as_str(), "x"] {
            let checked = world.sessions.check_refresh_token(token).await;
            assert_eq!(refusal(checked), INVALID, "{token}");
        }
        assert!(world.sessions.authenticate(&first.access_token).await.is_ok());
    });
}

#[test]
fn a_session_that_is_not_refreshed_expires() {
    block_on(async {
        let world = World::default();
        let signed = world.register("Anna").await;
        world.clock.advance(SESSION_LIFE);
        let signed = refresh(&world, &signed.refresh_token).await;
        world.clock.advance(SESSION_LIFE + MICROSECOND);
        assert_eq!(refusal(world.sessions.refresh(&signed.refresh_token).await), INVALID);
        world.sessions.purge().await.unwrap();
        assert_eq!(world.ended().await, []);
    });
}

#[test]
fn logging_out_ends_one_session() {
    block_on(async {
        let world = World::default();
        let phone = world.register("Anna").await;
        let laptop = world.sessions.log_in(sign_in("Anna", PASSWORD)).await.unwrap();
        let stranger = world.person("Ben").await;
        let caller = world.sessions.authenticate(&laptop.access_token).await.unwrap();
        assert_eq!(world.sessions.list(&caller).await.unwrap().len(), 2);
        let answer = world.sessions.end(&stranger, phone.session).await;
        assert_eq!(refusal(answer), (Kind::NotFound, "session_not_found"));
        world.sessions.end(&caller, phone.session).await.unwrap();
        assert_ended(&world, &phone).await;
        assert_eq!(refusal(world.sessions.refresh(&phone.refresh_token).await), INVALID);
        // An old token ends the session too, because the client may have missed the last answer.
        refresh(&world, &laptop.refresh_token).await;
        world.clock.advance(Duration::from_secs(60));
        world.sessions.log_out_with(&laptop.refresh_token).await.unwrap();
        assert_ended(&world, &laptop).await;
        assert_eq!(refusal(world.sessions.log_out_with(&laptop.refresh_token).await), INVALID);
    });
}

#[test]
fn a_ticket_opens_one_socket_in_time() {
    block_on(async {
        let world = World::default();
        let anna = world.person("Anna").await;
        let invalid = (Kind::Unauthenticated, "ticket_invalid");
        let (ticket, expires_at) = world.sessions.issue_ticket(&anna).await.unwrap();
        assert_eq!(world.sessions.take_ticket(&ticket).await.unwrap(), anna);
        assert_eq!(refusal(world.sessions.take_ticket(&ticket).await), invalid, "once");
        assert_eq!(refusal(world.sessions.take_ticket("").await), invalid);
        let (late, _) = world.sessions.issue_ticket(&anna).await.unwrap();
        assert_ne!(late, ticket);
        world.clock.advance(TICKET_LIFE + MICROSECOND);
        assert!(expires_at < domain::clock::Clock::now(&*world.clock));
        assert_eq!(refusal(world.sessions.take_ticket(&late).await), invalid, "in time");
        let (orphan, _) = world.sessions.issue_ticket(&anna).await.unwrap();
        world.sessions.end(&anna, anna.session).await.unwrap();
        assert_eq!(refusal(world.sessions.take_ticket(&orphan).await), invalid, "session ended");
        assert_eq!(refusal(world.sessions.issue_ticket(&anna).await), invalid);
    });
}
