//! What is recorded about signing in: in the audit log, and in the process's log.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use domain::admin::{AccountUpdate, Actor, AuditEntry, AuditKind, AuditQuery, AuditTarget};
use domain::session::{
    ChangePassword, ChangePasswordError, EndReason, LogInError, Origin, RefreshError,
    SecurityEvent, SignedIn,
};
use futures_executor::block_on;
use std::time::Duration;
use testkit::world::{PASSWORD, World, sign_in};

/// The sign-in entries of the audit log, oldest first: about whom, what, and the details.
async fn lines(world: &World) -> Vec<(AuditTarget, &'static str, String)> {
    let query = AuditQuery { kind: Some(AuditKind::SignIn), before: None, limit: 100 };
    let page = world.admin.audit(Actor::OPERATOR, query).await.unwrap();
    let line =
        |entry: AuditEntry| (entry.target, entry.record.action.as_str(), entry.record.detail);
    page.entries.into_iter().rev().map(line).collect()
}

async fn log_in(world: &World, name: &str) -> SignedIn {
    world.sessions.log_in(sign_in(name, PASSWORD)).await.unwrap()
}

fn origin() -> Origin {
    let command = sign_in("anybody", PASSWORD);
    Origin::of(&command.client, command.address)
}

fn refused(name: Option<&str>, why: &'static str) -> SecurityEvent {
    SecurityEvent::Refused { name: name.map(str::to_owned), origin: Some(origin()), why }
}

#[test]
fn every_sign_in_is_written_down_and_nothing_that_was_typed_for_nobody() {
    block_on(async {
        let world = World::default();
        let anna = world.register("Anna").await.user.id;
        log_in(&world, "anna").await;
        for (name, password) in [("ANNA", "wrong password"), ("a secret word", PASSWORD)] {
            let answer = world.sessions.log_in(sign_in(name, password)).await;
            assert!(matches!(answer, Err(LogInError::Credentials)), "{answer:?}");
        }
        let change = AccountUpdate { active: Some(false), ..AccountUpdate::default() };
        world.admin.update_user(Actor::OPERATOR, anna, change).await.unwrap();
        let answer = world.sessions.log_in(sign_in("anna", PASSWORD)).await;
        assert!(matches!(answer, Err(LogInError::Disabled)), "{answer:?}");

        let told: Vec<_> = lines(&world).await;
        let (user, nobody) = (AuditTarget::User(anna), AuditTarget::Nobody);
        let kinds: Vec<_> = told.iter().map(|(target, action, _)| (*target, *action)).collect();
        let expected = [
            (user, "user.registered"),
            (user, "session.opened"),
            (user, "session.opened"),
            (user, "session.refused"),
            (nobody, "session.refused"),
            (user, "session.refused"),
        ];
        assert_eq!(kinds, expected);
        let why: Vec<_> = told[3..].iter().map(|(.., detail)| detail.as_str()).collect();
        assert_eq!(why, ["wrong_credentials", "wrong_credentials", "account_disabled"]);

        let name = "Anna".to_owned();
        let logged_in = SecurityEvent::LoggedIn { name: name.clone(), origin: origin() };
        let expected = [
            SecurityEvent::Registered { name, origin: Some(origin()) },
            logged_in.clone(),
            logged_in,
            refused(Some("Anna"), "wrong_credentials"),
            refused(None, "wrong_credentials"),
            refused(Some("Anna"), "account_disabled"),
        ];
        assert_eq!(world.log.take(), expected);
    });
}

#[test]
fn ended_sessions_and_passwords_are_written_down() {
    block_on(async {
        let world = World::default();
        let (first, second) = (world.register("Anna").await, log_in(&world, "Anna").await);
        let caller = world.sessions.authenticate(&first.access_token).await.unwrap();
        world.log.take();
        let wrong = ChangePassword { old: "wrong password", new: "another good one" };
        let answer = world.sessions.change_password(&caller, wrong).await;
        assert!(matches!(answer, Err(ChangePasswordError::Old)), "{answer:?}");
        let third = log_in(&world, "Anna").await;
        world.sessions.log_out_with(&third.refresh_token).await.unwrap();
        world.sessions.end(&caller, second.session).await.unwrap();
        let right = ChangePassword { old: PASSWORD, new: "another good one" };
        world.sessions.change_password(&caller, right).await.unwrap();
        world.sessions.refresh(&first.refresh_token).await.unwrap();
        world.clock.advance(Duration::from_secs(60));
        let answer = world.sessions.refresh(&first.refresh_token).await;
        assert!(matches!(answer, Err(RefreshError::Reused)), "{answer:?}");

        let user = caller.user;
        let ended = |session, why| SecurityEvent::Ended { user, session, why };
        let expected = [
            SecurityEvent::Refused {
                name: Some("Anna".into()),
                origin: None,
                why: "wrong_old_password",
            },
            SecurityEvent::LoggedIn { name: "Anna".into(), origin: origin() },
            ended(third.session, EndReason::SignedOut),
            ended(second.session, EndReason::SignedOut),
            SecurityEvent::PasswordChanged(user),
            ended(first.session, EndReason::TokenReused),
        ];
        assert_eq!(world.log.take(), expected);
        let told: Vec<_> = lines(&world).await.into_iter().skip(3).collect();
        let line = |action, detail: String| (AuditTarget::User(user), action, detail);
        let expected = [
            line("session.refused", "wrong_old_password".into()),
            line("session.opened", third.session.to_string()),
            line("session.ended", format!("{}: signed_out", third.session)),
            line("session.ended", format!("{}: signed_out", second.session)),
            line("password.changed", String::new()),
            line("session.ended", format!("{}: refresh_token_reused", first.session)),
        ];
        assert_eq!(told, expected);
    });
}
