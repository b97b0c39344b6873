//! Creating accounts by invitation.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use domain::admin::Actor;
use domain::failure::{Failure, Kind};
use domain::invite::{MadeInvite, MakeInvite};
use domain::session::{Origin, RegisterError, Registration, SessionPolicy};
use domain::user::{AddUser, User};
use futures_executor::block_on;
use std::time::Duration;
use testkit::world::{PASSWORD, World, refusal, refused_fields, sign_in};

fn world(registration: Registration) -> World {
    World::new(SessionPolicy { registration: Some(registration), ..SessionPolicy::default() })
}

async fn make(world: &World, uses: u32) -> MadeInvite {
    let wanted = MakeInvite { uses, days: 7, note: "" };
    world.invites.make(Actor::OPERATOR, wanted).await.unwrap()
}

fn origin() -> Origin {
    let command = sign_in("anybody", PASSWORD);
    Origin::of(&command.client, command.address)
}

async fn register(world: &World, name: &str, code: Option<&str>) -> Result<User, RegisterError> {
    let command = AddUser::new(name, PASSWORD);
    let account = world.sessions.prepare_invited(command, origin(), code).await?;
    world.sessions.make_account(account).await
}

#[test]
fn who_shows_a_code_makes_an_account() {
    block_on(async {
        let world = world(Registration::Invite);
        let made = make(&world, 2).await;
        let code = made.code.as_str();
        let refused = async |name, code| refusal(register(&world, name, code).await);
        let required = (Kind::Forbidden, "invite_required");
        assert_eq!(refused("Anna", None).await, required);
        assert_eq!(refused("Anna", Some(" ")).await, required);
        let unknown = (Kind::Forbidden, "invite_invalid");
        assert_eq!(refused("Anna", Some("another")).await, unknown);
        register(&world, "Anna", Some(&format!(" {code} "))).await.unwrap();
        assert_eq!(refused("ANNA", Some(code)).await, (Kind::Conflict, "name_taken"));
        register(&world, "Ben", Some(code)).await.unwrap();
        let used_up = (Kind::Forbidden, "invite_used_up");
        assert_eq!(refused("Cleo", Some(code)).await, used_up);

        let late = make(&world, 1).await;
        world.clock.advance(Duration::from_secs(7 * 24 * 3600));
        let expired = (Kind::Forbidden, "invite_expired");
        assert_eq!(refused("Cleo", Some(&late.code)).await, expired);
        let gone = make(&world, 1).await;
        world.invites.revoke(Actor::OPERATOR, gone.invite.id).await.unwrap();
        assert_eq!(refused("Cleo", Some(&gone.code)).await, unknown);
        let again = world.invites.revoke(Actor::OPERATOR, gone.invite.id).await;
        assert_eq!(refusal(again), (Kind::NotFound, "invite_not_found"));
    });
}

#[test]
fn of_two_who_were_prepared_for_the_last_use_one_gets_in() {
    block_on(async {
        let world = world(Registration::Invite);
        let made = make(&world, 1).await;
        let prepare = async |name| {
            let command = AddUser::new(name, PASSWORD);
            world.sessions.prepare_invited(command, origin(), Some(&made.code)).await.unwrap()
        };
        let (anna, ben) = (prepare("Anna").await, prepare("Ben").await);
        world.sessions.make_account(anna).await.unwrap();
        let refused = refusal(world.sessions.make_account(ben).await);
        assert_eq!(refused, (Kind::Forbidden, "invite_used_up"));
    });
}

#[test]
fn a_protocol_without_invitations_is_closed() {
    block_on(async {
        let world = world(Registration::Invite);
        let refused = world.sessions.prepare_account(AddUser::new("Anna", PASSWORD), origin());
        assert_eq!(refusal(refused.await), (Kind::Forbidden, "registration_closed"));
    });
}

#[test]
fn a_code_changes_nothing_where_registration_is_open_or_closed() {
    block_on(async {
        let open = world(Registration::Open);
        register(&open, "Anna", Some("no such code")).await.unwrap();
        let closed = world(Registration::Closed);
        let made = make(&closed, 1).await;
        let refused = refusal(register(&closed, "Anna", Some(&made.code)).await);
        assert_eq!(refused, (Kind::Forbidden, "registration_closed"));
    });
}

#[test]
fn an_invitation_has_bounds() {
    block_on(async {
        let world = World::default();
        for (uses, days, note, field) in [
            (0, 7, "", "uses"),
            (10_001, 7, "", "uses"),
            (1, 0, "", "days"),
            (1, 366, "", "days"),
            (1, 7, "a\u{202e}b", "note"),
        ] {
            let made = world.invites.make(Actor::OPERATOR, MakeInvite { uses, days, note }).await;
            let fields = refused_fields(made.map_err(Failure::from));
            assert_eq!(fields.iter().map(|field| field.0).collect::<Vec<_>>(), [field]);
        }
    });
}
