//! Calls that only other protocols than the native one need.

use domain::admin::{AccountUpdate, Actor};
use domain::chat::ChatRole;
use domain::clock::Clock;
use domain::failure::Kind;
use domain::ids::{ChatId, UserId};
use domain::limits::{KEY_LIFE, KEY_USE_NOTED};
use domain::message::Send;
use domain::presence::ConnectionId;
use domain::session::{Caller, ChangePassword};
use domain::user::{AccountRole, UpdateProfile};
use futures_executor::block_on;
use std::time::Duration;
use testkit::world::{PASSWORD, World, refusal, sign_in};

const INVALID: (Kind, &str) = (Kind::Unauthenticated, "token_invalid");

#[test]
fn a_key_is_good_until_its_session_ends() {
    block_on(async {
        let world = World::default();
        let anna = world.register("Anna").await;
        let wrong = world.sessions.log_in_for_key(sign_in("Anna", "wrong")).await;
        assert_eq!(refusal(wrong), (Kind::Unauthenticated, "wrong_credentials"));
        let keyed = world.sessions.log_in_for_key(sign_in("anna", PASSWORD)).await.unwrap();
        assert!(!keyed.key.contains('.'), "it is not taken for an access token");
        let caller = world.sessions.recognise(&keyed.key).await.unwrap();
        assert_eq!(caller.user, anna.user.id);
        assert_eq!(refusal(world.sessions.authenticate(&keyed.key).await), INVALID);
        assert_eq!(refusal(world.sessions.recognise("nonsense").await), INVALID);
        let known = world.sessions.recognise(&anna.access_token).await.unwrap();
        assert_eq!(known.session, anna.session);
        // Its use keeps it.
        for _ in 0..3 {
            world.clock.advance(KEY_LIFE - Duration::from_secs(1));
            world.sessions.recognise(&keyed.key).await.unwrap();
            world.sessions.recognise(&keyed.key).await.unwrap();
        }
        let sessions = world.sessions.list(&caller).await.unwrap();
        assert_eq!(sessions.len(), 1, "the other one has expired");
        assert_eq!(sessions[0].refreshed_at, world.clock.now());
        world.clock.advance(KEY_USE_NOTED - Duration::from_secs(1));
        world.sessions.recognise(&keyed.key).await.unwrap();
        let again = world.sessions.list(&caller).await.unwrap();
        assert_eq!(again, sessions, "it is noted once a day");
        // Another password ends it.
        let other = world.sessions.log_in(sign_in("Anna", PASSWORD)).await.unwrap();
        let other = world.sessions.authenticate(&other.access_token).await.unwrap();
        let change = ChangePassword { old: PASSWORD, new: "another kettle 43" };
        world.sessions.change_password(&other, change).await.unwrap();
        assert_eq!(refusal(world.sessions.recognise(&keyed.key).await), INVALID);
    });
}

#[test]
fn a_disabled_account_is_told_so() {
    block_on(async {
        let world = World::default();
        let anna = world.register("Anna").await;
        let off = AccountUpdate { active: Some(false), ..AccountUpdate::default() };
        world.admin.update_user(Actor::OPERATOR, anna.user.id, off).await.unwrap();
        let answer = world.sessions.recognise(&anna.access_token).await;
        assert_eq!(refusal(answer), (Kind::Forbidden, "account_disabled"));
        assert_eq!(refusal(world.sessions.authenticate(&anna.access_token).await), INVALID);
    });
}

#[test]
fn nobody_reads_their_own_message() {
    block_on(async {
        let world = World::default();
        let [anna, ben, cleo] =
            [world.person("Anna").await, world.person("Ben").await, world.person("Cleo").await];
        let chat = world.group(&anna, &[&ben]).await;
        let said = world.say(&anna, chat, "Hello").await;
        let own = world.messages.read(&anna, said.id).await;
        assert_eq!(refusal(own), (Kind::Conflict, "own_message"));
        let stranger = world.messages.read(&cleo, said.id).await;
        assert_eq!(refusal(stranger), (Kind::NotFound, "message_not_found"));
        assert_eq!(world.messages.read(&ben, said.id).await.unwrap(), (said.clone(), true));
        assert_eq!(world.messages.read(&ben, said.id).await.unwrap(), (said.clone(), false));
        let gathering = world.chats.gathering(&anna, &[chat]).await.unwrap();
        assert!(gathering.has_read(&said));
        let next = world.say(&anna, chat, "And?").await;
        assert!(!gathering.has_read(&next));
        let nothing = world.chats.gathering(&cleo, &[chat]).await.unwrap();
        assert!(nothing.of(chat).is_empty(), "who is not in it sees nobody");
    });
}

#[test]
fn a_room_is_overheard_by_who_may_enter() {
    block_on(async {
        let world = World::default();
        let [anna, ben] = [world.person("Anna").await, world.person("Ben").await];
        let room = world.chats.enter_room(&anna, "hall").await.unwrap().0.chat.id;
        let first = world.say(&anna, room, "first").await;
        let last = world.say(&anna, room, "last").await;
        let heard =
            async |before, most| world.messages.overheard(&ben, room, before, most).await.unwrap();
        assert_eq!(heard(None, 10).await, (vec![first.clone(), last.clone()], false));
        assert_eq!(heard(None, 1).await, (vec![last.clone()], true));
        assert_eq!(heard(Some(last.id), 10).await, (vec![first.clone()], false));
        assert_eq!(heard(Some(first.id), 10).await, (vec![], false));
        world.chats.ban(&anna, (room, ben.user), None, None).await.unwrap();
        assert_eq!(heard(None, 10).await, (vec![], false));
        assert!(world.chats.last_said(&ben, &[room]).await.unwrap().is_empty());
        let group = world.group(&anna, &[]).await;
        world.say(&anna, group, "among ourselves").await;
        let group = world.messages.overheard(&ben, group, None, 10).await.unwrap();
        assert_eq!(group, (vec![], false));
    });
}

#[test]
fn what_came_before_a_message_of_any_chat_is_found() {
    block_on(async {
        let world = World::default();
        let anna = world.person("Anna").await;
        let mut chats = Vec::new();
        for _ in 0..3 {
            chats.push((world.group(&anna, &[]).await, Vec::new()));
        }
        let mut ids = Vec::new();
        // The third chat has nothing.
        for nth in [0, 1, 1, 0, 1, 1, 1, 0, 0, 1, 0, 1] {
            let (chat, said) = &mut chats[nth];
            let message = world.say(&anna, *chat, "something").await;
            ids.push(message.id);
            said.push(message);
        }
        for (chat, said) in &chats {
            for before in &ids {
                let earlier: Vec<_> = said.iter().filter(|m| m.id < *before).cloned().collect();
                let found = world.messages.newest_before(&anna, *chat, Some(*before), 3).await;
                let last = earlier[earlier.len().saturating_sub(3)..].to_vec();
                assert_eq!(found.unwrap(), (last, earlier.len() > 3));
            }
        }
    });
}

#[test]
fn what_is_found_is_ones_own() {
    block_on(async {
        let world = World::default();
        let [anna, ben, cleo] =
            [world.person("Anna").await, world.person("Ben").await, world.person("Cleo").await];
        let missing = world.chats.find_direct(&anna, ben.user).await;
        assert_eq!(refusal(missing), (Kind::NotFound, "chat_not_found"));
        let direct = world.chats.open_direct(&ben, anna.user).await.unwrap().0.chat.id;
        assert_eq!(world.chats.find_direct(&anna, ben.user).await.unwrap(), direct);
        let said = world.messages.send(&anna, Send::new(direct, "Hello")).await.unwrap().message;
        assert_eq!(world.messages.find(&ben, said.id).await.unwrap(), said);
        let foreign = world.messages.find(&cleo, said.id).await;
        assert_eq!(refusal(foreign), (Kind::NotFound, "message_not_found"));
        assert!(world.messages.newest(&cleo, direct, None, 5).await.is_err());
        assert_eq!(world.messages.at(direct, said.seq).await.unwrap(), Some(said));
        assert_eq!(world.users.named("bEN").await.unwrap().id, ben.user);
        assert_eq!(refusal(world.users.named("Zoe").await), (Kind::NotFound, "user_not_found"));
        let update = UpdateProfile { first_name: Some("B"), ..UpdateProfile::default() };
        let other = world.users.update_profile_of(&anna, ben.user, update).await;
        assert_eq!(refusal(other), (Kind::Forbidden, "not_allowed"));
        let own = world.users.update_profile_of(&ben, ben.user, update).await.unwrap();
        assert_eq!(own.user.profile.first_name.as_str(), "B");
        let nobody = world.users.update_profile_of(&anna, UserId::stored(999), update).await;
        assert_eq!(refusal(nobody), (Kind::NotFound, "user_not_found"));
        assert!(world.chats.outline(ChatId::stored(999)).await.is_err());
    });
}

#[test]
fn who_says_that_they_go_has_gone() {
    block_on(async {
        let world = World::default();
        let [anna, ben] = [world.person("Anna").await, world.person("Ben").await];
        let room = world.chats.enter_room(&anna, "hall").await.unwrap().0.chat.id;
        world.chats.enter_room(&ben, "hall").await.unwrap();
        let connection = ConnectionId(1);
        world.presence.connect(anna.user, connection).await.unwrap();
        world.presence.settle().await.unwrap();
        assert_eq!(world.presence.crowds(&[room]).await.unwrap().get(&room), Some(&1));
        assert_eq!(world.presence.contacts_online(&ben).await.unwrap(), [anna.user]);
        assert!(world.presence.contacts_online(&anna).await.unwrap().is_empty());
        world.bus.take();
        world.presence.go_offline(anna.user, connection).await.unwrap();
        world.presence.settle().await.unwrap();
        assert_eq!(world.bus.take().len(), 1, "no grace");
        assert!(world.presence.crowds(&[room]).await.unwrap().is_empty());
    });
}

#[test]
fn a_message_of_a_room_is_found_by_who_may_enter() {
    block_on(async {
        let world = World::default();
        let [anna, ben] = [world.person("Anna").await, world.person("Ben").await];
        let room = world.chats.enter_room(&anna, "hall").await.unwrap().0.chat.id;
        let said = world.say(&anna, room, "Hello").await;
        assert!(world.messages.find(&ben, said.id).await.is_err());
        assert_eq!(world.messages.find_overheard(&ben, said.id).await.unwrap(), said);
        world.chats.ban(&anna, (room, ben.user), None, None).await.unwrap();
        assert!(world.messages.find_overheard(&ben, said.id).await.is_err());
        let group = world.group(&anna, &[]).await;
        let hidden = world.say(&anna, group, "among ourselves").await;
        assert!(world.messages.find_overheard(&ben, hidden.id).await.is_err());
    });
}

#[test]
fn a_room_is_read_by_who_wrote_in_it_and_a_chat_of_two_by_both() {
    block_on(async {
        let world = World::default();
        let [anna, ben, cleo] =
            [world.person("Anna").await, world.person("Ben").await, world.person("Cleo").await];
        let admin = Caller { role: AccountRole::Admin, ..cleo.clone() };
        let room = world.chats.enter_room(&anna, "hall").await.unwrap().0.chat.id;
        world.chats.enter_room(&ben, "hall").await.unwrap();
        world.say(&anna, room, "Hello").await;
        let direct = world.chats.open_direct(&anna, ben.user).await.unwrap().0.chat.id;
        for (chat, reader, expected) in [
            (room, &anna, true),
            (room, &ben, false),
            (room, &cleo, false),
            (room, &admin, true),
            (direct, &anna, true),
            (direct, &ben, true),
            (direct, &cleo, false),
            (direct, &admin, false),
        ] {
            let outline = world.chats.outline(chat).await.unwrap();
            let reads = world.chats.may_read(reader, &outline).await.unwrap();
            assert_eq!(reads, expected, "{chat}, {:?} {}", reader.role, reader.user);
        }
    });
}

#[test]
fn a_common_room_is_deleted_by_who_wrote_in_it() {
    block_on(async {
        let world = World::default();
        let [anna, ben] = [world.person("Anna").await, world.person("Ben").await];
        let room = world.chats.enter_common_room(&anna, "hall").await.unwrap().0;
        assert_eq!(room.role, ChatRole::Member);
        let room = room.chat.id;
        world.chats.enter_common_room(&ben, "hall").await.unwrap();
        world.say(&ben, room, "Hello").await;
        assert!(world.chats.delete_as_writer(&anna, room).await.is_err());
        assert!(world.chats.delete(&ben, room).await.is_err());
        assert_eq!(world.chats.written(&ben).await.unwrap(), [room]);
        world.chats.delete_as_writer(&ben, room).await.unwrap();
        assert!(world.chats.outline(room).await.is_err());

        let owned = world.chats.enter_room(&anna, "hers").await.unwrap().0.chat.id;
        world.chats.enter_common_room(&ben, "hers").await.unwrap();
        world.say(&ben, owned, "Hello").await;
        assert!(world.chats.delete_as_writer(&ben, owned).await.is_err());
        world.chats.delete_as_writer(&anna, owned).await.unwrap();
    });
}
