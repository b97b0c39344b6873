//! Service keys: who creates them, what they allow, and for whom they act.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use domain::admin::{Actor, AuditAction, AuditQuery};
use domain::chat::ChatQuery;
use domain::clock::Clock;
use domain::failure::{Failure, Kind};
use domain::host::{ExternalId, HostPerson, HostSaid, Issuer, NewHostAccount, Reference};
use domain::ids::UserId;
use domain::limits::{KEY_LIFE, SERVICE_KEY_RATE, SERVICE_KEY_RATE_MAX, SERVICE_KEY_USE_NOTED};
use domain::message::{Search, Send};
use domain::service_key::{
    AddKey, AddedKey, KeyAccess, KeyToken, Place, Scope, Scopes, ServiceKey,
};
use domain::session::{Caller, NoAdmin};
use domain::user::{AccountRole, NewUser, PasswordHash, UserName};
use futures_executor::block_on;
use std::slice;
use std::time::Duration;
use testkit::world::{PASSWORD, World, refusal, refused_fields, sign_in};

const ISSUER: &str = "https://shop.example";

async fn add(world: &World, name: &str, scopes: &str) -> AddedKey {
    let wanted = AddKey { name, scopes, issuer: ISSUER, rate: None };
    world.service_keys.add(Actor::OPERATOR, wanted).await.unwrap()
}

/// A key with all scopes except those named.
async fn all_but(world: &World, lacks: &[Scope]) -> ServiceKey {
    let scopes = Scopes::ALL.iter().filter(|scope| !lacks.contains(scope));
    let scopes: Vec<_> = scopes.map(Scope::as_str).collect();
    add(world, "Shop", &scopes.join(",")).await.key
}

async fn call(
    world: &World,
    key: &ServiceKey,
    by: Scope,
    act_as: Option<Reference<UserId>>,
) -> Caller {
    world.service_keys.admit(key, by.into(), act_as).await.unwrap()
}

async fn role(world: &World, user: UserId, role: &str) {
    let role = domain::admin::AccountUpdate { role: Some(role), ..Default::default() };
    world.admin.update_user(Actor::OPERATOR, user, role).await.unwrap();
}

#[test]
fn a_key_is_good_until_it_is_revoked() {
    block_on(async {
        let world = World::default();
        let AddedKey { key, token } = add(&world, "Shop", "people:read, act_as").await;
        assert_eq!(key.rate.per_second(), SERVICE_KEY_RATE);
        assert_eq!(world.service_keys.recognise(token.reveal()).await.unwrap(), key);
        assert_eq!(world.service_keys.list(Actor::OPERATOR).await.unwrap(), slice::from_ref(&key));
        let invalid = (Kind::Unauthenticated, "key_invalid");
        let typed = token.reveal().replace('0', "1");
        for bad in [typed.as_str(), "confab_key_", KeyToken::of(&[1; 32]).reveal()] {
            assert_eq!(refusal(world.service_keys.recognise(bad).await), invalid, "{bad}");
        }
        for (bad, why) in
            [(typed.as_str(), "mistyped"), (KeyToken::of(&[1; 32]).reveal(), "revoked")]
        {
            let refused = world.service_keys.recognise(bad).await.unwrap_err();
            assert!(Failure::from(refused).detail.contains(why), "{why}");
        }
        // The key is not accepted as any other kind of token.
        let closed = (Kind::Forbidden, "key_not_allowed");
        assert_eq!(refusal(world.sessions.authenticate(token.reveal()).await), closed);
        assert_eq!(refusal(world.sessions.recognise(token.reveal()).await), closed);
        let wrong = (Kind::Unauthenticated, "wrong_credentials");
        assert_eq!(refusal(world.sessions.log_in(sign_in("Shop", PASSWORD)).await), wrong);

        let revoked = world.service_keys.revoke(Actor::OPERATOR, " shop ", None).await.unwrap();
        assert_eq!(revoked, [key.session]);
        assert_eq!(refusal(world.service_keys.recognise(token.reveal()).await), invalid);
        let again = world.service_keys.revoke(Actor::OPERATOR, "Shop", None).await;
        assert_eq!(refusal(again), (Kind::NotFound, "key_not_found"));
    });
}

#[test]
fn what_is_wrong_with_a_key_to_be_added_is_named() {
    block_on(async {
        let world = World::default();
        world.register("Anna").await;
        let good = AddKey { name: "Shop", scopes: "act_as", issuer: ISSUER, rate: Some(1) };
        let long = "x".repeat(256);
        for (bad, field, code) in [
            (AddKey { name: " ", ..good }, "name", "empty"),
            (AddKey { name: "anna", ..good }, "name", "name_taken"),
            (AddKey { scopes: "", ..good }, "scopes", "unknown_scope"),
            (AddKey { scopes: "act_as,root", ..good }, "scopes", "unknown_scope"),
            (AddKey { issuer: "", ..good }, "issuer", "out_of_range"),
            (AddKey { issuer: &long, ..good }, "issuer", "out_of_range"),
            (AddKey { rate: Some(0), ..good }, "rate", "out_of_range"),
            (AddKey { rate: Some(SERVICE_KEY_RATE_MAX + 1), ..good }, "rate", "out_of_range"),
        ] {
            let refused = world.service_keys.add(Actor::OPERATOR, bad).await;
            assert_eq!(refused_fields(refused), [(field, code)], "{bad:?}");
        }
        assert_eq!(world.service_keys.list(Actor::OPERATOR).await.unwrap(), []);
        world.service_keys.add(Actor::OPERATOR, good).await.unwrap();
    });
}

#[test]
fn the_first_use_is_noted_and_others_now_and_then() {
    block_on(async {
        let world = World::default();
        let AddedKey { key, token } = add(&world, "Shop", "act_as").await;
        let used_at = async || world.service_keys.list(Actor::OPERATOR).await.unwrap()[0].used_at;
        let first = key.created_at.plus(Duration::from_secs(1));
        for (later, noted) in [
            (Duration::from_secs(1), first),
            (SERVICE_KEY_USE_NOTED - Duration::from_secs(1), first),
            (Duration::from_secs(1), first.plus(SERVICE_KEY_USE_NOTED)),
        ] {
            world.clock.advance(later);
            world.service_keys.recognise(token.reveal()).await.unwrap();
            assert_eq!(used_at().await, noted);
        }
        world.clock.advance(KEY_LIFE + Duration::from_secs(1));
        assert!(world.service_keys.recognise(token.reveal()).await.is_err(), "unused for years");
    });
}

#[test]
fn each_route_asks_for_its_scope() {
    block_on(async {
        let world = World::default();
        let everything = add(&world, "All", &Scopes::ALL.to_string()).await.key;
        for scope in Scope::ALL.iter().copied() {
            let nothing_else = add(&world, scope.as_str(), scope.as_str()).await.key;
            for asked in Scope::ALL.iter().copied() {
                let answer = nothing_else.admit(asked.into());
                if asked == scope {
                    let calling = answer.unwrap();
                    assert_eq!((calling.by, calling.account), (scope, nothing_else.account));
                } else {
                    assert_eq!(refusal(answer), (Kind::Forbidden, "scope_missing"));
                }
            }
            assert!(everything.admit(scope.into()).is_ok());
            let detail = Failure::from(nothing_else.admit(KeyAccess::Closed).unwrap_err());
            assert_eq!((detail.kind, detail.code), (Kind::Forbidden, "key_not_allowed"));
        }
        let lacking = add(&world, "Shop", "act_as").await.key;
        let refused = Failure::from(lacking.admit(Scope::ChatsRead.into()).unwrap_err());
        assert!(refused.detail.contains("chats:read"), "{}", refused.detail);
    });
}

#[test]
fn a_key_manages_where_its_scope_says_so() {
    block_on(async {
        let world = World::default();
        let key = add(&world, "Shop", &Scopes::ALL.to_string()).await.key;
        for by in Scope::ALL.iter().copied() {
            let caller = call(&world, &key, by, None).await;
            let managing = [Scope::AdminRead, Scope::AdminWrite, Scope::ProjectsWrite];
            assert_eq!(caller.manages().is_ok(), managing.contains(&by), "{by}");
            assert_eq!((caller.user, caller.actor()), (key.account, key.account));
            if let Ok(actor) = Actor::admin(&caller) {
                assert_eq!(actor.account(), Some(key.account));
            }
        }
        // The key's account cannot be made an admin to get around its scopes.
        role(&world, key.account, "admin").await;
        let few = add(&world, "Shop", "messages:read").await.key;
        let caller = call(&world, &few, Scope::MessagesRead, None).await;
        assert_eq!((few.role, caller.role), (AccountRole::Admin, AccountRole::User));
        assert_eq!(caller.manages(), Err(NoAdmin::Role));
    });
}

/// The host user with that id.
async fn person_of_host(world: &World, issuer: &str, id: &str, name: &str) -> UserId {
    let (issuer, subject) = (Issuer::new(issuer).unwrap(), ExternalId::new(id).unwrap());
    let name = UserName::new(name).unwrap();
    let user = NewUser::named(name, PasswordHash::stored("x".to_owned()), world.clock.now());
    let person = HostPerson { issuer, subject };
    let (name, email) = (String::new(), String::new());
    let said = HostSaid { name, email, is_admin: false, picture: None };
    let new = NewHostAccount { person, user, said, records: Vec::new() };
    world.stores.host_accounts.add_for(new).await.unwrap().id
}

fn external(id: &str) -> Option<Reference<UserId>> {
    Some(Reference::External(ExternalId::new(id).unwrap()))
}

#[test]
fn a_key_acts_as_people_of_its_issuer_and_by_number() {
    block_on(async {
        let world = World::default();
        let key = add(&world, "Shop", "act_as,messages:write").await.key;
        let ours = person_of_host(&world, ISSUER, "17", "Ada").await;
        person_of_host(&world, "https://bank.example", "18", "Bob").await;
        let anna = world.person("Anna").await;
        let by = Scope::MessagesWrite;
        let as_ours = call(&world, &key, by, external("17")).await;
        assert_eq!((as_ours.user, as_ours.actor()), (ours, key.account));
        assert_eq!(call(&world, &key, by, Some(Reference::Id(anna.user))).await.user, anna.user);
        let unknown = (Kind::NotFound, "act_as_unknown");
        for nobody in
            [external("18"), external("Ada"), Some(Reference::Id(UserId::stored(999_999)))]
        {
            let answer = world.service_keys.admit(&key, by.into(), nobody).await;
            assert_eq!(refusal(answer), unknown);
        }
        let lacking = add(&world, "Shop", "messages:write").await.key;
        let refused = world.service_keys.admit(&lacking, by.into(), external("17")).await;
        let refused = Failure::from(refused.unwrap_err());
        assert_eq!((refused.kind, refused.code), (Kind::Forbidden, "scope_missing"));
        assert!(refused.detail.contains("act_as"), "{}", refused.detail);
    });
}

#[test]
fn nobody_is_acted_as_who_may_not_sign_in() {
    block_on(async {
        let world = World::default();
        let key = add(&world, "Shop", "act_as,messages:write").await.key;
        let (anna, ben) = (world.person("Anna").await.user, world.person("Ben").await.user);
        let off = domain::admin::AccountUpdate { active: Some(false), ..Default::default() };
        world.admin.update_user(Actor::OPERATOR, anna, off).await.unwrap();
        let keep = domain::own_data::LeftMessages::Keep;
        world.own.delete_other(Actor::OPERATOR, ben, keep).await.unwrap();
        for (user, code) in [(anna, "act_as_disabled"), (ben, "act_as_deleted")] {
            let act_as = Some(Reference::Id(user));
            let answer = world.service_keys.admit(&key, Scope::MessagesWrite.into(), act_as).await;
            assert_eq!(refusal(answer), (Kind::Forbidden, code));
        }
    });
}

#[test]
fn an_admin_is_acted_as_without_an_admins_powers() {
    block_on(async {
        let world = World::default();
        let (root, anna) = (world.person("Rita").await.user, world.person("Anna").await.user);
        role(&world, root, "admin").await;
        let plain = all_but(&world, &[Scope::AdminWrite]).await;
        let mighty = add(&world, "Mighty", &Scopes::ALL.to_string()).await.key;
        for by in [Scope::AdminRead, Scope::ProjectsWrite, Scope::MessagesRead] {
            let caller = call(&world, &plain, by, Some(Reference::Id(root))).await;
            assert_eq!((caller.role, caller.manages()), (AccountRole::User, Err(NoAdmin::Role)));
            let caller = call(&world, &mighty, by, Some(Reference::Id(root))).await;
            assert_eq!((caller.role, caller.manages()), (AccountRole::Admin, Ok(())));
            assert_eq!(Actor::admin(&caller).unwrap().account(), Some(mighty.account));
            let caller = call(&world, &mighty, by, Some(Reference::Id(anna))).await;
            assert_eq!(caller.manages(), Err(NoAdmin::Role), "they are no admin");
        }
    });
}

#[test]
fn acts_of_an_admin_are_logged_as_the_keys() {
    block_on(async {
        let world = World::default();
        let anna = world.person("Anna").await.user;
        let key = add(&world, "Shop", "admin:write").await.key;
        let caller = call(&world, &key, Scope::AdminWrite, None).await;
        let actor = Actor::admin(&caller).unwrap();
        // What requires a step-up from a person requires the scope from a key.
        let off = domain::admin::AccountUpdate { active: Some(false), ..Default::default() };
        world.admin.update_user(actor, anna, off).await.unwrap();
        let query = AuditQuery { kind: None, before: None, limit: 1 };
        let line = world.stores.admin.audit(query).await.unwrap().entries.remove(0).record;
        assert_eq!((line.action, line.actor), (AuditAction::UserDisabled, Some(key.account)));
    });
}

#[test]
fn whispers_are_hidden_from_a_key_without_the_scope() {
    block_on(async {
        let world = World::default();
        let [anna, ben] = [world.person("Anna").await, world.person("Ben").await];
        let cleo = world.person("Cleo").await;
        let chat = world.group(&anna, &[&ben, &cleo]).await;
        world.say(&anna, chat, "a word for all").await;
        let whisper = Send { to: Some(ben.user), ..Send::new(chat, "a word for you") };
        let whispered = world.messages.send(&anna, whisper).await.unwrap().message;
        world.messages.star(&anna, whispered.id, true).await.unwrap();
        let seeing = add(&world, "Seeing", &Scopes::ALL.to_string()).await.key;
        let blind = all_but(&world, &[Scope::WhispersRead]).await;
        for (key, sees) in [(&seeing, true), (&blind, false)] {
            let caller =
                call(&world, key, Scope::MessagesRead, Some(Reference::Id(anna.user))).await;
            let query = ChatQuery { archived: None, whispers: true, after: None, limit: 10 };
            let chats = world.chats.list(&caller, query).await.unwrap().chats.len();
            assert_eq!(chats, if sees { 2 } else { 1 });
            let wanted = Search { q: "word", ..Search::default() };
            let found = world.messages.search(&caller, &wanted, None, 10).await.unwrap();
            let (messages, chats) = (found.messages.len(), found.chats.len());
            assert_eq!((messages, chats), if sees { (2, 2) } else { (1, 1) });
            let starred = world.messages.starred(&caller, None, 10).await.unwrap().messages.len();
            assert_eq!(starred, usize::from(sees));
            let (of, message) = (Place::Chat(whispered.chat), Place::Message(whispered.id));
            for (places, code) in [
                (vec![of], "chat_not_found"),
                (vec![message], "message_not_found"),
                (vec![of, message], "message_not_found"),
                (vec![Place::Chat(chat), message], "message_not_found"),
            ] {
                let answer = world.service_keys.check_places(&caller, &places).await;
                if sees {
                    answer.unwrap();
                } else {
                    assert_eq!(refusal(answer), (Kind::NotFound, code));
                }
            }
            world.service_keys.check_places(&caller, &[Place::Chat(chat)]).await.unwrap();
            let again = world.messages.send(&caller, whisper).await;
            let opened = world.chats.open_whispers(&caller, chat, cleo.user).await;
            if sees {
                again.unwrap();
                opened.unwrap();
            } else {
                let missing = (Kind::Forbidden, "scope_missing");
                assert_eq!((refusal(again), refusal(opened)), (missing, missing));
            }
        }
        // People see their own data.
        world.service_keys.check_places(&anna, &[Place::Chat(whispered.chat)]).await.unwrap();
    });
}
