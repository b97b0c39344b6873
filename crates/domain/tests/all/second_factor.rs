//! An account's second factor, and stepping up.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use domain::admin::{AccountUpdate, Actor, AuditKind, AuditQuery};
use domain::clock::{Clock, Timestamp};
use domain::failure::Kind;
use domain::limits::{RECOVERY_CODES, STEP_UP_LIFE};
use domain::own_data::{DeleteAccount, LeftMessages};
use domain::second_factor::{RecoveryCode, SecondFactorPolicy, Step};
use domain::session::{
    Caller, ChangePassword, LogInError, Retyped, SecurityEvent, SessionPolicy, SignIn, SignedIn,
};
use domain::user::UpdateProfile;
use futures_executor::block_on;
use std::time::Duration;
use testkit::memory::TestSigner;
use testkit::world::{PASSWORD, World, refusal, refused_fields, sign_in};

const REQUIRED: (Kind, &str) = (Kind::Unauthenticated, "second_factor_required");
const WRONG: (Kind, &str) = (Kind::Unauthenticated, "wrong_second_factor");
const STEP_UP: (Kind, &str) = (Kind::Forbidden, "step_up_required");
const STEP: Duration = Duration::from_secs(30);

/// Somebody whose second factor is on.
struct Guarded {
    caller: Caller,
    secret: String,
    codes: Vec<RecoveryCode>,
}

impl Guarded {
    /// The code that many steps from now.
    fn code(&self, world: &World, steps: i64) -> String {
        let step = Step::stored(Step::at(world.clock.now()).get() + steps);
        TestSigner::code_of(&self.secret, step).digits()
    }
}

async fn guarded(world: &World, name: &str) -> Guarded {
    let caller = world.person(name).await;
    let begun = world.sessions.begin_second_factor(&caller, PASSWORD).await.unwrap();
    let mut anna = Guarded { caller, secret: begun.secret, codes: Vec::new() };
    let code = anna.code(world, 0);
    anna.codes = world.sessions.confirm_second_factor(&anna.caller, &code).await.unwrap();
    // Past the step that this used up.
    world.clock.advance(STEP);
    anna
}

async fn log_in(world: &World, code: Option<&str>) -> Result<SignedIn, LogInError> {
    world.sessions.log_in(SignIn { code, ..sign_in("Anna", PASSWORD) }).await
}

/// The caller, as the next call identifies them.
async fn again(world: &World, signed: &SignedIn) -> Caller {
    world.sessions.authenticate(&signed.access_token).await.unwrap()
}

fn typed(code: Option<&str>) -> Retyped<'_> {
    Retyped { password: PASSWORD, code }
}

#[test]
fn nothing_is_asked_for_until_a_code_confirms() {
    block_on(async {
        let world = World::default();
        let anna = world.person("Anna").await;
        let answer = world.sessions.confirm_second_factor(&anna, "123456").await;
        assert_eq!(refusal(answer), (Kind::Conflict, "second_factor_not_begun"));
        let answer = world.sessions.begin_second_factor(&anna, "wrong password").await;
        assert_eq!(refused_fields(answer), [("password", "wrong_password")]);
        let first = world.sessions.begin_second_factor(&anna, PASSWORD).await.unwrap();
        let begun = world.sessions.begin_second_factor(&anna, PASSWORD).await.unwrap();
        assert_ne!(first.secret, begun.secret);
        assert_eq!(begun.secret.len(), 32);
        assert!(begun.address.starts_with("otpauth://totp/Confab:Anna?secret="), "{begun:?}");
        assert!(begun.address.contains(&begun.secret));
        log_in(&world, None).await.unwrap();

        let now = Step::at(world.clock.now());
        let code_of = |secret: &str| TestSigner::code_of(secret, now).digits();
        for wrong in [&code_of(&first.secret), "", "12345", "AAAA-AAAA-AAAA-AAAA"] {
            let answer = world.sessions.confirm_second_factor(&anna, wrong).await;
            assert_eq!(refused_fields(answer), [("code", "wrong_second_factor")], "{wrong}");
        }
        log_in(&world, None).await.unwrap();
        let code = code_of(&begun.secret);
        let codes = world.sessions.confirm_second_factor(&anna, &code).await.unwrap();
        assert_eq!(codes.len(), RECOVERY_CODES);
        for answer in [
            world.sessions.confirm_second_factor(&anna, &code).await.map(drop),
            world.sessions.begin_second_factor(&anna, PASSWORD).await.map(drop),
        ] {
            assert_eq!(refusal(answer), (Kind::Conflict, "second_factor_on"));
        }
        assert_eq!(refusal(log_in(&world, None).await), REQUIRED);
        assert_eq!(refusal(log_in(&world, Some(&code)).await), WRONG, "it confirmed");
    });
}

#[test]
fn signing_in_takes_the_password_and_then_a_code_once() {
    block_on(async {
        let world = World::default();
        let anna = guarded(&world, "Anna").await;
        let sessions = world.sessions.list(&anna.caller).await.unwrap().len();
        let code = anna.code(&world, 0);
        // With a wrong password, nothing is revealed about the code, and no code is used up.
        for code in [None, Some(&*code), Some("000000")] {
            let wrong = SignIn { code, ..sign_in("Anna", "wrong password") };
            let answer = world.sessions.log_in(wrong).await;
            assert_eq!(refusal(answer), (Kind::Unauthenticated, "wrong_credentials"));
        }
        for none in [None, Some(""), Some("  ")] {
            assert_eq!(refusal(log_in(&world, none).await), REQUIRED);
        }
        let answer = world.sessions.log_in_for_key(sign_in("Anna", PASSWORD)).await;
        assert_eq!(refusal(answer), REQUIRED);
        assert_eq!(refusal(log_in(&world, Some("not a code")).await), WRONG);
        assert_eq!(world.sessions.list(&anna.caller).await.unwrap().len(), sessions);

        let signed = log_in(&world, Some(&code)).await.unwrap();
        assert!(again(&world, &signed).await.proof.second_factor.is_on());
        assert_eq!(refusal(log_in(&world, Some(&code)).await), WRONG, "used");
        assert_eq!(refusal(log_in(&world, Some(&anna.code(&world, -1))).await), WRONG, "before it");
        log_in(&world, Some(&anna.code(&world, 1))).await.unwrap();
        assert_eq!(refusal(log_in(&world, Some(&anna.code(&world, 0))).await), WRONG);
    });
}

#[test]
fn a_code_counts_one_step_to_each_side_exactly() {
    block_on(async {
        for (steps, counts) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let world = World::default();
            let anna = guarded(&world, "Anna").await;
            world.clock.advance(3 * STEP);
            let answer = log_in(&world, Some(&anna.code(&world, steps))).await;
            assert_eq!(answer.is_ok(), counts, "{steps}");
        }
        // At the last microsecond, and at the one after it.
        let world = World::default();
        let anna = guarded(&world, "Anna").await;
        world.clock.advance(3 * STEP);
        let code = anna.code(&world, 0);
        let step = Step::at(world.clock.now()).get();
        let end = Timestamp::from_micros((step + 2) * 30_000_000);
        world.clock.set(end);
        assert_eq!(refusal(log_in(&world, Some(&code)).await), WRONG);
        world.clock.set(end.minus(Duration::from_micros(1)));
        log_in(&world, Some(&code)).await.unwrap();
    });
}

#[test]
fn codes_are_their_owners_alone() {
    block_on(async {
        let world = World::default();
        let (anna, ben) = (guarded(&world, "Anna").await, guarded(&world, "Ben").await);
        assert_eq!(refusal(log_in(&world, Some(&ben.code(&world, 0))).await), WRONG);
        assert_eq!(refusal(log_in(&world, Some(&ben.codes[0].grouped())).await), WRONG);
        log_in(&world, Some(&anna.code(&world, 0))).await.unwrap();
        let code = ben.codes[0].grouped();
        let command = SignIn { code: Some(&code), ..sign_in("Ben", PASSWORD) };
        world.sessions.log_in(command).await.unwrap();
    });
}

#[test]
fn a_recovery_code_works_once_until_there_are_others() {
    block_on(async {
        let world = World::default();
        let anna = guarded(&world, "Anna").await;
        let shown: Vec<_> = anna.codes.iter().map(RecoveryCode::grouped).collect();
        log_in(&world, Some(&shown[0].to_lowercase())).await.unwrap();
        assert_eq!(refusal(log_in(&world, Some(&shown[0])).await), WRONG);
        let answer = world.sessions.new_recovery_codes(&anna.caller, typed(None)).await;
        assert_eq!(refused_fields(answer), [("code", "second_factor_required")]);
        let code = anna.code(&world, 0);
        let wrong = Retyped { password: "wrong password", code: Some(&code) };
        let answer = world.sessions.new_recovery_codes(&anna.caller, wrong).await;
        assert_eq!(refused_fields(answer), [("password", "wrong_password")]);
        let new =
            world.sessions.new_recovery_codes(&anna.caller, typed(Some(&code))).await.unwrap();
        assert_eq!(new.len(), RECOVERY_CODES);
        assert_eq!(refusal(log_in(&world, Some(&shown[1])).await), WRONG, "replaced");
        log_in(&world, Some(&new[9].grouped())).await.unwrap();
    });
}

#[test]
fn turning_it_off_takes_the_password_and_a_code() {
    block_on(async {
        let world = World::default();
        let anna = guarded(&world, "Anna").await;
        let code = anna.code(&world, 0);
        for (password, code, expected) in [
            ("", Some(&*code), ("password", "wrong_password")),
            ("wrong password", Some(&code), ("password", "wrong_password")),
            (PASSWORD, None, ("code", "second_factor_required")),
            (PASSWORD, Some("000000"), ("code", "wrong_second_factor")),
        ] {
            let typed = Retyped { password, code };
            let answer = world.sessions.turn_off_second_factor(&anna.caller, typed).await;
            assert_eq!(refused_fields(answer), [expected]);
        }
        assert_eq!(refusal(log_in(&world, None).await), REQUIRED);
        let off = typed(Some(&code));
        world.sessions.turn_off_second_factor(&anna.caller, off).await.unwrap();
        log_in(&world, None).await.unwrap();
        let answer = world.sessions.turn_off_second_factor(&anna.caller, typed(None)).await;
        assert_eq!(refusal(answer), (Kind::Conflict, "second_factor_off"));
        let answer = world.sessions.new_recovery_codes(&anna.caller, typed(None)).await;
        assert_eq!(refusal(answer), (Kind::Conflict, "second_factor_off"));
    });
}

#[test]
fn the_operator_helps_whoever_has_lost_it() {
    block_on(async {
        let world = World::default();
        let anna = guarded(&world, "Anna").await;
        world.admin.turn_off_second_factor(anna.caller.user).await.unwrap();
        log_in(&world, None).await.unwrap();
        let answer = world.admin.turn_off_second_factor(anna.caller.user).await;
        assert_eq!(refusal(answer), (Kind::Conflict, "second_factor_off"));
        let query = AuditQuery { kind: Some(AuditKind::Change), before: None, limit: 10 };
        let log = world.admin.audit(Actor::OPERATOR, query).await.unwrap().entries;
        let lines: Vec<_> =
            log.iter().map(|entry| (entry.record.action.as_str(), entry.record.actor)).collect();
        assert_eq!(lines, [("user.second_factor", None)]);
    });
}

#[test]
fn every_outcome_is_written_down() {
    block_on(async {
        let world = World::default();
        let anna = guarded(&world, "Anna").await;
        world.log.take();
        assert_eq!(refusal(log_in(&world, None).await), REQUIRED);
        assert_eq!(refusal(log_in(&world, Some("000000")).await), WRONG);
        log_in(&world, Some(&anna.codes[0].grouped())).await.unwrap();
        let code = anna.code(&world, 0);
        world.sessions.step_up(&anna.caller, typed(Some(&code))).await.unwrap();
        world.sessions.step_up(&anna.caller, typed(Some(&code))).await.unwrap_err();
        let wrong = Retyped { password: "wrong password", code: None };
        world.sessions.step_up(&anna.caller, wrong).await.unwrap_err();

        let words: Vec<_> = world
            .log
            .take()
            .into_iter()
            .map(|event| match event {
                SecurityEvent::Refused { why, .. } => why,
                SecurityEvent::OwnAccount { what, .. } => what,
                SecurityEvent::LoggedIn { .. } => "ok",
                event => panic!("{event:?}"),
            })
            .collect();
        let expected = [
            "second_factor_required",
            "wrong_second_factor",
            "second_factor.code_used",
            "ok",
            "session.proved",
            "wrong_second_factor",
            "wrong_password",
        ];
        assert_eq!(words, expected);
        let query = AuditQuery { kind: Some(AuditKind::SignIn), before: None, limit: 100 };
        let log = world.admin.audit(Actor::OPERATOR, query).await.unwrap().entries;
        let lines: Vec<_> = log.iter().rev().map(|entry| entry.record.action.as_str()).collect();
        let expected = [
            "user.registered",
            "session.opened",
            "second_factor.on",
            "session.refused",
            "session.refused",
            "second_factor.code_used",
            "session.opened",
            "session.proved",
            "session.refused",
            "session.refused",
        ];
        assert_eq!(lines, expected);
    });
}

#[test]
fn what_could_harm_most_takes_a_session_proved_lately() {
    block_on(async {
        let world = World::default();
        let (signed, ben) = (world.register("Anna").await, world.person("Ben").await);
        let role = AccountUpdate { role: Some("admin"), ..AccountUpdate::default() };
        world.admin.update_user(Actor::OPERATOR, signed.user.id, role).await.unwrap();
        let off = AccountUpdate { active: Some(false), ..AccountUpdate::default() };
        let mail = UpdateProfile { email: Some("a@example.org"), ..UpdateProfile::default() };
        let anna = again(&world, &signed).await;
        world.users.update_profile(&anna, mail).await.unwrap();

        world.clock.advance(STEP_UP_LIFE);
        Actor::admin(&again(&world, &signed).await).unwrap();
        let other = UpdateProfile { email: Some("b@example.org"), ..mail };
        world.users.update_profile(&again(&world, &signed).await, other).await.unwrap();
        world.clock.advance(Duration::from_micros(1));
        let stale = again(&world, &signed).await;
        let actor = Actor::admin(&stale).unwrap();
        assert_eq!(refusal(world.users.update_profile(&stale, mail).await), STEP_UP);
        assert_eq!(world.users.me(&stale).await.unwrap().email.as_str(), "b@example.org");
        world.users.update_profile(&stale, other).await.unwrap();
        let of_ben = |profile| AccountUpdate { profile, ..AccountUpdate::default() };
        for update in [role, off, of_ben(mail)] {
            assert_eq!(refusal(world.admin.update_user(actor, ben.user, update).await), STEP_UP);
        }
        let set = world.admin.set_password(actor, ben.user, "another good one").await;
        assert_eq!(refusal(set), STEP_UP);
        let keep = LeftMessages::Keep;
        assert_eq!(refusal(world.own.delete_other(actor, ben.user, keep).await), STEP_UP);
        let delete = || DeleteAccount { password: None, messages: keep };
        assert_eq!(refusal(world.own.delete(&stale, delete()).await), STEP_UP);
        assert_eq!(world.users.get(ben.user).await.unwrap().role.as_str(), "user");
        // Enabling an account, the other roles and the rest of a profile need no step-up.
        for update in [
            AccountUpdate { active: Some(true), ..AccountUpdate::default() },
            AccountUpdate { role: Some("seller"), ..AccountUpdate::default() },
            of_ben(UpdateProfile { bio: Some("x"), email: Some(""), ..UpdateProfile::default() }),
        ] {
            world.admin.update_user(actor, ben.user, update).await.unwrap();
        }
        let refreshed = world.sessions.refresh(&signed.refresh_token).await.unwrap();
        assert_eq!(again(&world, &refreshed).await.proof, stale.proof, "refreshing proves nothing");

        world.sessions.step_up(&stale, typed(None)).await.unwrap();
        let fresh = again(&world, &signed).await;
        let actor = Actor::admin(&fresh).unwrap();
        world.users.update_profile(&fresh, mail).await.unwrap();
        let unlike = UpdateProfile { email: Some("ben@example.org"), ..mail };
        world.admin.update_user(actor, ben.user, of_ben(unlike)).await.unwrap();
        world.admin.set_password(actor, ben.user, "another good one").await.unwrap();
        world.admin.update_user(actor, ben.user, off).await.unwrap();
        world.own.delete_other(actor, ben.user, keep).await.unwrap();
        world.own.delete(&fresh, delete()).await.unwrap();
    });
}

#[test]
fn with_a_second_factor_a_password_alone_is_not_enough_later() {
    block_on(async {
        let world = World::default();
        let anna = guarded(&world, "Anna").await;
        let signed = log_in(&world, Some(&anna.code(&world, 0))).await.unwrap();
        world.clock.advance(STEP_UP_LIFE + STEP);
        let stale = again(&world, &signed).await;
        let change = || ChangePassword { old: PASSWORD, new: "another good one" };
        assert_eq!(refusal(world.sessions.change_password(&stale, change()).await), STEP_UP);
        let delete = || DeleteAccount { password: Some(PASSWORD), messages: LeftMessages::Keep };
        assert_eq!(refusal(world.own.delete(&stale, delete()).await), STEP_UP);
        let answer = world.sessions.step_up(&stale, typed(None)).await;
        assert_eq!(refused_fields(answer), [("code", "second_factor_required")]);
        let code = anna.code(&world, 0);
        world.sessions.step_up(&stale, typed(Some(&code))).await.unwrap();
        let fresh = again(&world, &signed).await;
        world.sessions.change_password(&fresh, change()).await.unwrap();
    });
}

#[test]
fn admins_manage_nothing_without_one_where_it_is_asked_for() {
    block_on(async {
        let policy =
            SessionPolicy { second_factor: SecondFactorPolicy::Admins, ..SessionPolicy::default() };
        let world = World::new(policy);
        let signed = world.register("Anna").await;
        let role = AccountUpdate { role: Some("admin"), ..AccountUpdate::default() };
        let user = again(&world, &signed).await;
        assert_eq!(refusal(Actor::admin(&user)), (Kind::Forbidden, "admin_only"));
        world.admin.update_user(Actor::OPERATOR, user.user, role).await.unwrap();
        let needed = (Kind::Forbidden, "second_factor_needed");
        log_in(&world, None).await.unwrap();
        let admin = again(&world, &signed).await;
        assert_eq!(refusal(Actor::admin(&admin)), needed);
        let reserved = UpdateProfile { name: Some("admin"), ..UpdateProfile::default() };
        assert!(world.users.update_profile(&admin, reserved).await.is_err());

        let begun = world.sessions.begin_second_factor(&admin, PASSWORD).await.unwrap();
        assert_eq!(refusal(Actor::admin(&again(&world, &signed).await)), needed, "begun");
        let code = TestSigner::code_of(&begun.secret, Step::at(world.clock.now())).digits();
        world.sessions.confirm_second_factor(&admin, &code).await.unwrap();
        let admin = again(&world, &signed).await;
        let actor = Actor::admin(&admin).unwrap();
        world.admin.user(actor, admin.user).await.unwrap();
    });
}
