//! Who creates the first admin of a server.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use domain::failure::Kind;
use domain::session::{Registration, SessionPolicy, SetUp, SetUpError, SetUpState, SignedIn};
use domain::user::{AccountRole, AddUser};
use futures_executor::block_on;
use testkit::world::{PASSWORD, World, refusal, refused_fields, sign_in};

/// The code in the set-up link that a server shows.
async fn code(world: &World) -> String {
    let link = world.sessions.set_up_link().await.unwrap().unwrap();
    link.split('/').nth(2).unwrap().to_owned()
}

async fn set_up(
    world: &World,
    name: &str,
    (code, registration): (&str, Option<&str>),
) -> Result<SignedIn, SetUpError> {
    let asked = sign_in(name, PASSWORD);
    let account = AddUser::new(name, PASSWORD);
    let (client, address) = (asked.client, asked.address);
    world.sessions.set_up(SetUp { code, account, registration, client, address }).await
}

#[test]
fn the_link_makes_one_admin_who_decides_who_may_register() {
    block_on(async {
        let world = World::default();
        world.register("Anna").await;
        let code = code(&world).await;
        let invalid = (Kind::Forbidden, "set_up_link_invalid");
        for wrong in ["", &code[1..], "0123456789abcdef0123456789abcdef"] {
            assert_eq!(refusal(set_up(&world, "Chief", (wrong, Some("open"))).await), invalid);
        }
        for word in [None, Some(""), Some("Open"), Some("everybody")] {
            let refused = set_up(&world, "Chief", (&code, word)).await;
            assert_eq!(
                refused_fields(refused),
                [("registration", "unknown_registration")],
                "{word:?}"
            );
        }
        let taken = set_up(&world, "anna", (&code, Some("closed"))).await;
        assert_eq!(refusal(taken), (Kind::Conflict, "name_taken"));
        world.register("Ben").await;

        let signed =
            set_up(&world, "Chief", (&format!(" {code}\n"), Some("closed"))).await.unwrap();
        assert_eq!(signed.user.role, AccountRole::Admin);
        let caller = world.sessions.authenticate(&signed.access_token).await.unwrap();
        assert_eq!((caller.user, caller.role), (signed.user.id, AccountRole::Admin));
        assert_eq!(world.sessions.set_up_link().await.unwrap(), None);
        let again = set_up(&world, "Chief 2", (&code, Some("open"))).await;
        assert_eq!(refusal(again), (Kind::Conflict, "already_set_up"));
        let closed = (Kind::Forbidden, "registration_closed");
        assert_eq!(refusal(world.try_register("Cleo", PASSWORD).await), closed);
    });
}

#[test]
fn a_setting_says_who_may_register_and_whoever_sets_up_is_not_asked() {
    block_on(async {
        let registration = Some(Registration::Invite);
        let world = World::new(SessionPolicy { registration, ..SessionPolicy::default() });
        let link = world.sessions.set_up_link().await.unwrap().unwrap();
        assert!(link.ends_with("/invite"), "{link}");
        let code = code(&world).await;
        let twice = set_up(&world, "Chief", (&code, Some("open"))).await;
        assert_eq!(refusal(twice), (Kind::Conflict, "registration_is_a_setting"));
        set_up(&world, "Chief", (&code, None)).await.unwrap();
        let refused = world.try_register("Anna", PASSWORD).await;
        assert_eq!(refusal(refused), (Kind::Forbidden, "registration_closed"));
    });
}

#[test]
fn nobody_sets_up_a_server_that_was_or_that_has_an_admin() {
    let admit = |done, has_admin| SetUpState { done, has_admin }.admit().is_ok();
    let all = [admit(false, false), admit(true, false), admit(false, true), admit(true, true)];
    assert_eq!(all, [true, false, false, false]);
}
