//! Creating accounts, signing in, and what an admin does.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use domain::admin::{AccountUpdate, Actor, AuditAction, AuditKind, AuditQuery};
use domain::chat::ChatRole;
use domain::clock::Clock;
use domain::event::EventBody;
use domain::failure::Kind;
use domain::ids::UserId;
use domain::limits::USER_NAME_CHARS;
use domain::second_factor::SecondFactorState;
use domain::session::{
    Caller, ChangePassword, Client, Login, Origin, Proof, Protocol, Registration, SessionPolicy,
    SignIn,
};
use domain::text::TextError;
use domain::user::{
    AccountRole, AddUser, PasswordChange, PasswordHash, PersonName, RoleName, SignsInBy,
    UpdateProfile, UserName,
};
use futures_executor::block_on;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;
use testkit::world::{PASSWORD, World, refusal, refused_fields, sign_in};

const CHANGES: AuditQuery = AuditQuery { kind: Some(AuditKind::Change), before: None, limit: 10 };

#[test]
fn whoever_registers_is_signed_in() {
    block_on(async {
        let world = World::default();
        let signed = world.register("  Anna  ").await;
        assert_eq!((signed.user.name.as_str(), signed.user.role), ("Anna", AccountRole::User));
        let caller = world.sessions.authenticate(&signed.access_token).await.unwrap();
        let session = signed.session;
        assert_eq!(
            caller,
            Caller {
                user: signed.user.id,
                session,
                protocol: Protocol::NATIVE,
                role: AccountRole::User,
                proof: Proof {
                    second_factor: SecondFactorState::Off,
                    proved_at: Some(world.clock.now()),
                },
                issuer: None,
                key: None,
            }
        );
        let again = world.sessions.log_in(sign_in(" aNNA ", PASSWORD)).await.unwrap();
        assert_eq!(again.user, signed.user);
        assert_ne!(again.session, session);
    });
}

#[test]
fn every_refusal_of_a_registration_has_its_word() {
    block_on(async {
        let world = World::default();
        world.register("Anna").await;
        for (name, password, expected) in [
            ("", PASSWORD, vec![("username", "empty")]),
            ("  ", PASSWORD, vec![("username", "empty")]),
            (&*"x".repeat(151), PASSWORD, vec![("username", "too_long")]),
            // Four characters each after NFKC.
            (&*"⁗".repeat(76), PASSWORD, vec![("username", "too_long")]),
            ("a\0b", PASSWORD, vec![("username", "nul_character")]),
            ("a\u{202e}b", PASSWORD, vec![("username", "invisible_character")]),
            ("Ben", "short", vec![("password", "password_too_short")]),
            ("Ben", &*"aB3$".repeat(19), vec![("password", "password_too_long")]),
            ("Ben", "good\0enough", vec![("password", "nul_character")]),
            ("Ben", "8675309867", vec![("password", "password_all_digits")]),
            ("Ben", "password", vec![("password", "password_common")]),
            ("Margarete42", "margarete42", vec![("password", "password_is_name")]),
            ("", "short", vec![("username", "empty"), ("password", "password_too_short")]),
        ] {
            let answer = world.try_register(name, password).await;
            assert_eq!(refused_fields(answer), expected, "{name:?} {password:?}");
        }
        let taken = world.try_register("ANNA", PASSWORD).await;
        assert_eq!(refusal(taken), (Kind::Conflict, "name_taken"));
        let taken = world.try_register("ANNA", PASSWORD).await;
        assert_eq!(refused_fields(taken), [("username", "name_taken")]);
    });
}

#[test]
fn registration_may_be_closed() {
    block_on(async {
        let policy =
            SessionPolicy { registration: Some(Registration::Closed), ..SessionPolicy::default() };
        let world = World::new(policy);
        let answer = world.try_register("Anna", PASSWORD).await;
        assert_eq!(refusal(answer), (Kind::Forbidden, "registration_closed"));
    });
}

#[test]
fn a_login_tells_nobody_which_names_exist() {
    block_on(async {
        let world = World::default();
        world.register("Anna").await;
        let before = world.hasher.verified();
        for (name, password) in
            [("Anna", "wrong password"), ("Nobody", PASSWORD), ("", ""), ("Anna", ""), ("\0", "\0")]
        {
            let answer = world.sessions.log_in(sign_in(name, password)).await;
            assert_eq!(refusal(answer), (Kind::Unauthenticated, "wrong_credentials"), "{name:?}");
        }
        assert_eq!(world.hasher.verified() - before, 5, "each took as long as a right one");
    });
}

#[test]
fn a_disabled_account_is_told_so_only_with_its_password() {
    block_on(async {
        let world = World::default();
        let anna = world.register("Anna").await;
        set_active(&world, anna.user.id, false).await;
        let answer = world.sessions.log_in(sign_in("Anna", PASSWORD)).await;
        assert_eq!(refusal(answer), (Kind::Forbidden, "account_disabled"));
        let answer = world.sessions.log_in(sign_in("Anna", "wrong password")).await;
        assert_eq!(refusal(answer), (Kind::Unauthenticated, "wrong_credentials"));
        let invalid = (Kind::Unauthenticated, "token_invalid");
        assert_eq!(refusal(world.sessions.authenticate(&anna.access_token).await), invalid);
        let answer = world.sessions.refresh(&anna.refresh_token).await;
        assert_eq!(refusal(answer), (Kind::Unauthenticated, "refresh_token_invalid"));
        set_active(&world, anna.user.id, true).await;
        assert_eq!(refusal(world.sessions.authenticate(&anna.access_token).await), invalid);
        world.sessions.log_in(sign_in("Anna", PASSWORD)).await.unwrap();
    });
}

async fn set_active(world: &World, id: UserId, active: bool) {
    let update = AccountUpdate { active: Some(active), ..AccountUpdate::default() };
    world.admin.update_user(Actor::OPERATOR, id, update).await.unwrap();
}

#[test]
fn only_admins_manage_and_never_their_own_account() {
    block_on(async {
        let world = World::default();
        let (anna, ben) = (world.person("Anna").await, world.person("Ben").await);
        let root = Caller { role: AccountRole::Admin, ..anna.clone() };
        assert_eq!(refusal(Actor::admin(&anna)), (Kind::Forbidden, "admin_only"));
        let role = AccountRole::Named(RoleName::new("seller").unwrap());
        let seller = Caller { role, ..anna.clone() };
        assert_eq!(refusal(Actor::admin(&seller)), (Kind::Forbidden, "admin_only"));
        let actor = Actor::admin(&root).unwrap();

        let off = AccountUpdate { active: Some(false), ..AccountUpdate::default() };
        let user = AccountUpdate { role: Some("user"), ..AccountUpdate::default() };
        for update in [off, user] {
            let answer = world.admin.update_user(actor, anna.user, update).await;
            assert_eq!(refusal(answer), (Kind::Conflict, "own_account"));
            let answer = world.admin.update_user(actor, UserId::stored(999), update).await;
            assert_eq!(refusal(answer), (Kind::NotFound, "user_not_found"));
        }
        let answer = world.admin.set_password(actor, anna.user, "another good one").await;
        assert_eq!(refusal(answer), (Kind::Conflict, "own_account"));
        for unknown in ["owner", "", "Seller", "a role with spaces"] {
            let update = AccountUpdate { role: Some(unknown), ..off };
            let answer = world.admin.update_user(actor, ben.user, update).await;
            assert_eq!(refused_fields(answer), [("role", "unknown_role")], "{unknown:?}");
        }
        assert!(world.users.get(ben.user).await.unwrap().active, "nothing of it was done");
        let update = AccountUpdate { role: Some("seller"), ..off };
        let updated = world.admin.update_user(actor, ben.user, update).await.unwrap().user;
        assert_eq!((updated.role.as_str(), updated.active), ("seller", false));
        let log = world.admin.audit(actor, CHANGES).await.unwrap().entries;
        let lines: Vec<_> = log.iter().map(|e| (e.record.action, &*e.record.detail)).collect();
        let expected = [(AuditAction::UserDisabled, ""), (AuditAction::UserRole, "seller")];
        assert_eq!(lines, expected);
        assert!(log.iter().all(|entry| entry.record.actor == Some(anna.user)));
    });
}

#[test]
fn a_role_counts_from_the_next_call_on() {
    block_on(async {
        let world = World::default();
        let (anna, ben) = (world.register("Anna").await, world.person("Ben").await);
        let chat = world.group(&ben, &[]).await;
        world.chats.set_member(&ben, chat, anna.user.id, ChatRole::Member).await.unwrap();
        world.bus.take();
        let update = AccountUpdate { role: Some("admin"), ..AccountUpdate::default() };
        world.admin.update_user(Actor::OPERATOR, anna.user.id, update).await.unwrap();
        let caller = world.sessions.authenticate(&anna.access_token).await.unwrap();
        assert_eq!(caller.role, AccountRole::Admin);
        let [EventBody::MemberUpdated(member)] = &world.bus.take_bodies()[..] else {
            panic!("others in the chat are told")
        };
        assert_eq!((member.chat, member.user.role), (chat, AccountRole::Admin));
    });
}

#[test]
fn people_say_who_they_are() {
    block_on(async {
        let world = World::default();
        let anna = world.person("Anna").await;
        let update = UpdateProfile {
            first_name: Some("  Анна "),
            email: Some("anna@example.org"),
            ..UpdateProfile::default()
        };
        let account = world.users.update_profile(&anna, update).await.unwrap();
        assert_eq!(account.user.profile.first_name.as_str(), "Анна");
        assert_eq!(account.email.as_str(), "anna@example.org");
        assert_eq!(world.users.me(&anna).await.unwrap(), account);
        let wrong = UpdateProfile { email: Some("anna"), bio: Some("\0"), ..update };
        let answer = world.users.update_profile(&anna, wrong).await;
        let expected = [("bio", "nul_character"), ("email", "email_invalid")];
        assert_eq!(refused_fields(answer), expected);
        assert_eq!(world.users.me(&anna).await.unwrap(), account, "nothing of it was done");
        let found = world.users.find(&anna, "АННА", None, 10).await.unwrap();
        assert_eq!(found.users, [account.user]);
    });
}

#[test]
fn access_tokens_expire_and_are_not_forged() {
    block_on(async {
        let world = World::default();
        let anna = world.register("Anna").await;
        let token = &anna.access_token;
        for forged in ["", "x", &format!("{token}0"), &token.replacen('1', "2", 1)] {
            let invalid = (Kind::Unauthenticated, "token_invalid");
            let answer = world.sessions.authenticate(forged).await;
            assert_eq!(refusal(answer), invalid, "{forged}");
            let answer = world.sessions.authenticate_to_read(forged).await;
            assert_eq!(refusal(answer), invalid, "{forged}");
        }
        world.clock.set(anna.access_expires_at.minus(Duration::from_micros(1)));
        let caller = world.sessions.authenticate(token).await.unwrap();
        assert_eq!(world.sessions.authenticate_to_read(token).await.unwrap(), caller);
        world.clock.set(anna.access_expires_at.plus(Duration::from_secs(1)));
        let expired = (Kind::Unauthenticated, "token_expired");
        assert_eq!(refusal(world.sessions.authenticate(token).await), expired);
        assert_eq!(refusal(world.sessions.authenticate_to_read(token).await), expired);
    });
}

#[test]
fn a_new_password_ends_the_other_sessions() {
    block_on(async {
        let world = World::default();
        let phone = world.register("Anna").await;
        let laptop = world.sessions.log_in(sign_in("Anna", PASSWORD)).await.unwrap();
        let caller = world.sessions.authenticate(&laptop.access_token).await.unwrap();
        let change = |old, new| ChangePassword { old, new };
        let new = "another good one";
        let answer = world.sessions.change_password(&caller, change("wrong", new)).await;
        assert_eq!(refused_fields(answer), [("old_password", "wrong_password")]);
        let answer = world.sessions.change_password(&caller, change(PASSWORD, "short")).await;
        assert_eq!(refused_fields(answer), [("new_password", "password_too_short")]);
        world.sessions.authenticate(&phone.access_token).await.unwrap();

        world.sessions.change_password(&caller, change(PASSWORD, new)).await.unwrap();
        let answer = world.sessions.authenticate(&phone.access_token).await;
        assert_eq!(refusal(answer), (Kind::Unauthenticated, "token_invalid"));
        world.sessions.authenticate(&laptop.access_token).await.unwrap();
        let ended = world.ended().await;
        assert_eq!(ended.iter().map(|e| e.session).collect::<Vec<_>>(), [phone.session]);
        assert!(world.sessions.log_in(sign_in("Anna", PASSWORD)).await.is_err());
        world.sessions.log_in(sign_in("Anna", new)).await.unwrap();
        world.admin.set_password(Actor::OPERATOR, caller.user, PASSWORD).await.unwrap();
        assert!(world.sessions.authenticate(&laptop.access_token).await.is_err(), "the operator's");
    });
}

#[test]
fn a_hash_of_another_sort_is_renewed_at_a_log_in() {
    block_on(async {
        let world = World::default();
        let anna = world.register("Anna").await;
        let users = &world.stores.users;
        let was = users.credentials("anna").await.unwrap().password;
        let old = PasswordHash::stored(format!("old$0${PASSWORD}"));
        let taken_over = PasswordChange { was, new: old.clone() };
        users.renew_hash(anna.user.id, taken_over).await.unwrap();
        assert!(world.sessions.log_in(sign_in("Anna", "wrong")).await.is_err());
        assert_eq!(users.credentials("anna").await.unwrap().password, old);
        world.sessions.log_in(sign_in("Anna", PASSWORD)).await.unwrap();
        let renewed = users.credentials("anna").await.unwrap().password;
        assert!(renewed.as_str().starts_with("plain$"), "{}", renewed.as_str());
        world.sessions.log_in(sign_in("Anna", PASSWORD)).await.unwrap();
        assert_eq!(users.credentials("anna").await.unwrap().password, renewed, "once is enough");
        world.sessions.authenticate(&anna.access_token).await.expect("sessions stay");
    });
}

#[test]
fn people_are_found_by_a_part_of_their_name() {
    block_on(async {
        let world = World::default();
        let anna = world.register("Anna").await.user;
        let ben = world.person("Ben").await;
        let found = world.users.find(&ben, " NN ", None, 10).await.unwrap();
        assert_eq!((&found.users[..], found.next), (std::slice::from_ref(&anna), None));
        let first = world.users.find(&ben, "", None, 1).await.unwrap();
        assert_eq!(first.users, std::slice::from_ref(&anna));
        assert_eq!(world.users.get(anna.id).await.unwrap(), anna);
        for long in ["x".repeat(201), "x".repeat(101), "⁗".repeat(26)] {
            let answer = world.users.find(&ben, &long, None, 10).await;
            assert_eq!(refused_fields(answer), [("q", "too_long")]);
        }
        let found = world.users.find(&ben, &"⁗".repeat(25), None, 10).await.unwrap();
        assert_eq!(found.users, []);
        let answer = world.users.get(domain::ids::UserId::stored(999)).await;
        assert_eq!(refusal(answer), (Kind::NotFound, "user_not_found"));
    });
}

#[test]
fn a_name_has_a_limit_in_its_folded_form() {
    for fits in ["⁗".repeat(75), "x".repeat(150)] {
        assert!(UserName::new(&fits).is_ok() && PersonName::new(&fits).is_ok());
    }
    let long = "⁗".repeat(76);
    assert_eq!(UserName::new(&long), Err(TextError::TooLongFolded(300)));
    assert_eq!(PersonName::new(&long), Err(TextError::TooLongFolded(300)));
    assert_eq!(
        UserName::sought(&long).unwrap().folded().chars().count(),
        304,
        "older ones sign in"
    );
}

#[test]
fn the_dotted_and_the_dotless_i_are_two_letters_of_a_name() {
    block_on(async {
        let world = World::default();
        let anna = world.register("ISPARTA").await.user;
        let other = world.register("ısparta").await.user;
        for (typed, user) in [("isparta", &anna), ("Isparta", &anna), ("ısparta", &other)] {
            let signed = world.sessions.log_in(sign_in(typed, PASSWORD)).await.unwrap();
            assert_eq!(signed.user.id, user.id, "{typed}");
        }
        assert!(world.sessions.log_in(sign_in("İsparta", PASSWORD)).await.is_err());
        let ben = world.person("Ben").await;
        let found = world.users.find(&ben, "ısparta", None, 10).await.unwrap().users;
        assert_eq!(found, [anna, other], "a search takes them as one");
    });
}

#[test]
fn who_signs_in_by_an_address_gets_a_name_that_is_free() {
    block_on(async {
        let world = World::default();
        let address = IpAddr::from(Ipv4Addr::LOCALHOST);
        let origin = Origin::of(&Client::default(), address);
        let add = async |name: &str, email: &str| {
            let profile = UpdateProfile { email: Some(email), ..UpdateProfile::default() };
            let command =
                AddUser { profile, signs_in_by: SignsInBy::Email, ..AddUser::new(name, PASSWORD) };
            let prepared = world.sessions.prepare_account(command, origin.clone()).await?;
            world.sessions.make_account(prepared).await
        };
        let mut names = Vec::new();
        for number in 0..6 {
            let made = add("Anna", &format!("anna{number}@example.org")).await.unwrap();
            names.push(made.name.to_string());
        }
        assert_eq!(names[..4], ["Anna", "Anna 2", "Anna 3", "Anna 4"]);
        assert!(names[4..].iter().all(|name| name.starts_with("Anna ")), "{names:?}");
        let long = "x".repeat(USER_NAME_CHARS);
        add(&long, "long0@example.org").await.unwrap();
        let second = add(&long, "long1@example.org").await.unwrap();
        assert_eq!(second.name.as_str(), format!("{} 2", &long[..USER_NAME_CHARS - 2]));

        let taken = add("Ben", "ANNA0@example.org").await;
        assert_eq!(refusal(taken), (Kind::Conflict, "email_taken"));
        assert_eq!(refusal(add("Ben", "").await), (Kind::Invalid, "invalid"));
        assert_eq!(refusal(add("Ben", "ben").await), (Kind::Invalid, "invalid"));

        let by_address =
            SignIn { login: Login::Email("Anna1@example.org"), ..sign_in("", PASSWORD) };
        let signed = world.sessions.log_in(by_address).await.unwrap();
        assert_eq!(signed.user.name.as_str(), "Anna 2");
        let wrong = SignIn { login: Login::Email("anna@"), ..sign_in("", PASSWORD) };
        let wrong = world.sessions.log_in(wrong).await;
        assert_eq!(refusal(wrong), (Kind::Unauthenticated, "wrong_credentials"));
    });
}
