//! What people do with chats, and who is told.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use domain::chat::{ChatQuery, ChatRole, Joining, Missed, Moved, SetMemberOutcome, SettingsUpdate};
use domain::clock::Clock;
use domain::event::{Audience, Event, EventBody};
use domain::failure::{Kind, StoreError, WriteError};
use domain::ids::{ChatId, Seq, UserId, Version};
use domain::limits::{GROUP_MEMBERS, MARKER_CROWD};
use domain::session::Caller;
use domain::user::{NewUser, PasswordHash, UserName};
use futures_executor::block_on;
use testkit::world::{World, refusal, refused_fields};

const CHAT_NOT_FOUND: (Kind, &str) = (Kind::NotFound, "chat_not_found");
const NOT_ALLOWED: (Kind, &str) = (Kind::Forbidden, "not_allowed");

/// Anna owns the group, Ben is its admin, Cleo a member, Dora a stranger; Emil has left it.
async fn group() -> (World, [Caller; 5], ChatId) {
    let world = World::default();
    let mut people = Vec::new();
    for name in ["Anna", "Ben", "Cleo", "Dora", "Emil"] {
        people.push(world.person(name).await);
    }
    let people: [Caller; 5] = people.try_into().unwrap();
    let [anna, ben, cleo, _, emil] = &people;
    let chat = world.group(anna, &[ben, cleo, emil]).await;
    world.chats.set_member(anna, chat, ben.user, ChatRole::Admin).await.unwrap();
    world.chats.remove_member(emil, chat, emil.user).await.unwrap();
    world.bus.take();
    (world, people, chat)
}

/// The only event since the last call; it went to the chat's members.
fn told(world: &World, chat: ChatId) -> EventBody {
    let [event]: [Event; 1] = world.bus.take().try_into().unwrap();
    assert_eq!(event.audience, Audience::Members(chat));
    event.body
}

#[test]
fn an_open_group_and_a_room_are_joined_by_their_number() {
    block_on(async {
        let world = World::default();
        let [anna, ben] = [world.person("Anna").await, world.person("Ben").await];
        let open = world.chats.create_open_group(&anna, "Come in").await.unwrap().chat.id;
        let room = world.chats.enter_room(&anna, "lobby").await.unwrap().0.chat.id;
        let closed = world.group(&anna, &[]).await;
        for chat in [open, room] {
            world.bus.take();
            world.chats.join(&ben, chat).await.unwrap();
            assert_eq!(world.bus.take().len(), 1, "that somebody came in");
            world.chats.join(&ben, chat).await.unwrap();
            assert_eq!(world.bus.take(), [], "they were in already");
            assert_eq!(world.chats.get(&ben, chat).await.unwrap().member_count, 2);
        }
        world.chats.join(&anna, closed).await.unwrap();
        for other in [closed, ChatId::stored(999)] {
            let refused = world.chats.join(&ben, other).await;
            assert!(matches!(refused, Err(WriteError::Store(StoreError::NotFound))), "{other}");
        }
        world.chats.ban(&anna, (open, ben.user), None, None).await.unwrap();
        assert!(matches!(world.chats.join(&ben, open).await, Err(WriteError::Refused(_))));
    });
}

#[test]
fn strangers_and_former_members_find_no_chat() {
    block_on(async {
        let (world, [anna, _, _, dora, emil], chat) = group().await;
        let missing = ChatId::stored(999_999);
        for (caller, chat) in [(&dora, chat), (&emil, chat), (&anna, missing)] {
            let chats = &world.chats;
            assert_eq!(refusal(chats.get(caller, chat).await), CHAT_NOT_FOUND);
            assert_eq!(refusal(chats.members(caller, chat, None, 5).await), CHAT_NOT_FOUND);
            let changes = chats.changes(caller, chat, Version::ZERO, 5).await;
            assert_eq!(refusal(changes), CHAT_NOT_FOUND);
            let ahead = chats.changes(caller, chat, Version::stored(999), 5).await;
            assert_eq!(refusal(ahead), CHAT_NOT_FOUND);
            assert_eq!(refusal(chats.update(caller, chat, titled("")).await), CHAT_NOT_FOUND);
            assert_eq!(refusal(chats.delete(caller, chat).await), CHAT_NOT_FOUND);
            assert_eq!(refusal(chats.mark_read(caller, chat, Seq::ZERO).await), CHAT_NOT_FOUND);
            let seq = Seq::stored(99);
            assert_eq!(refusal(chats.mark_read(caller, chat, seq).await), CHAT_NOT_FOUND);
            for user in [anna.user, dora.user, UserId::stored(999)] {
                let set = chats.set_member(caller, chat, user, ChatRole::Member).await;
                assert_eq!(refusal(set), CHAT_NOT_FOUND);
                let removed = chats.remove_member(caller, chat, user).await;
                assert_eq!(refusal(removed), CHAT_NOT_FOUND);
            }
            assert_eq!(refusal(world.typing.set(caller, chat, true).await), CHAT_NOT_FOUND);
        }
        assert_eq!(world.bus.take(), []);
    });
}

#[test]
fn a_direct_chat_is_announced_once_to_both() {
    block_on(async {
        let world = World::default();
        let (anna, ben) = (world.person("Anna").await, world.person("Ben").await);
        let (view, made) = world.chats.open_direct(&anna, ben.user).await.unwrap();
        assert!(made);
        let members = vec![anna.user, ben.user];
        let chat = view.chat.clone();
        let id = chat.id;
        let by = Some(anna.user);
        assert_eq!(told(&world, id), EventBody::ChatCreated { chat, members, by });
        assert_eq!(view.peer.unwrap().name, "Ben");
        let (again, made) = world.chats.open_direct(&ben, anna.user).await.unwrap();
        assert_eq!((again.chat.id, made), (id, false));
        assert_eq!(again.peer.unwrap().name, "Anna");
        assert_eq!(world.bus.take(), [], "nothing new");
        let nobody = world.chats.open_direct(&anna, UserId::stored(999)).await;
        assert_eq!(refusal(nobody), (Kind::NotFound, "user_not_found"));
        let left = world.chats.remove_member(&anna, id, anna.user).await;
        assert_eq!(refusal(left), (Kind::Conflict, "direct_chat"));
        assert_eq!(refusal(world.chats.update(&anna, id, titled("Us")).await), NOT_ALLOWED);
        let cleo = world.person("Cleo").await;
        let third = world.chats.set_member(&anna, id, cleo.user, ChatRole::Member).await;
        assert_eq!(refusal(third), NOT_ALLOWED);
        world.chats.delete(&ben, id).await.unwrap();
        assert_eq!(told(&world, id), EventBody::ChatDeleted(id));
    });
}

#[test]
fn a_group_has_its_maker_for_an_owner() {
    block_on(async {
        let world = World::default();
        let (anna, ben) = (world.person("Anna").await, world.person("Ben").await);
        let named = [ben.user, anna.user, ben.user];
        let view = world.chats.create_group(&anna, " Tea ", &named).await.unwrap();
        assert_eq!((view.role, view.member_count), (ChatRole::Owner, 2));
        assert_eq!(view.chat.title.as_ref().unwrap().as_str(), "Tea");
        let members = vec![ben.user, anna.user];
        let id = view.chat.id;
        let by = Some(anna.user);
        assert_eq!(told(&world, id), EventBody::ChatCreated { chat: view.chat, members, by });
        for (title, code) in [
            ("", "empty"),
            (&*"x".repeat(201), "too_long"),
            ("a\0b", "nul_character"),
            ("a\nb", "invisible_character"),
        ] {
            let answer = world.chats.create_group(&anna, title, &[]).await;
            assert_eq!(refused_fields(answer), [("title", code)]);
            assert_eq!(
                refused_fields(world.chats.update(&anna, id, titled(title)).await),
                [("title", code)]
            );
        }
        let answer = world.chats.create_group(&anna, "Tea", &[UserId::stored(999)]).await;
        assert_eq!(refused_fields(answer), [("members", "user_not_found")]);
        let crowd: Vec<_> = (1_000..).map(UserId::stored).take(GROUP_MEMBERS).collect();
        let answer = world.chats.create_group(&anna, "Tea", &crowd).await;
        assert_eq!(refused_fields(answer), [("members", "too_many_members")]);
        assert_eq!(world.bus.take(), []);
    });
}

#[test]
fn admins_let_people_in_and_take_them_out() {
    block_on(async {
        let (world, [anna, ben, cleo, dora, _], chat) = group().await;
        let chats = &world.chats;
        let set = |caller, user, role| chats.set_member(caller, chat, user, role);
        assert_eq!(refusal(set(&cleo, dora.user, ChatRole::Member).await), NOT_ALLOWED);
        assert_eq!(refusal(set(&ben, dora.user, ChatRole::Admin).await), NOT_ALLOWED);
        let added = set(&ben, dora.user, ChatRole::Member).await.unwrap();
        assert_eq!(added, SetMemberOutcome::Added);
        assert!(matches!(told(&world, chat), EventBody::MemberJoined(m) if m.user.id == dora.user));
        let kept = set(&ben, dora.user, ChatRole::Member).await.unwrap();
        assert_eq!(kept, SetMemberOutcome::Kept);
        let nobody = set(&ben, UserId::stored(999), ChatRole::Member).await;
        assert_eq!(refusal(nobody), (Kind::NotFound, "user_not_found"));
        for (caller, user) in [(&cleo, dora.user), (&ben, anna.user), (&cleo, ben.user)] {
            assert_eq!(refusal(chats.remove_member(caller, chat, user).await), NOT_ALLOWED);
        }
        assert_eq!(world.bus.take(), [], "refusals are nobody's business");
        chats.remove_member(&ben, chat, dora.user).await.unwrap();
        assert!(matches!(told(&world, chat), EventBody::MemberLeft(m) if m.user.id == dora.user));
        let gone = chats.remove_member(&ben, chat, dora.user).await;
        assert_eq!(refusal(gone), (Kind::NotFound, "member_not_found"));
        chats.remove_member(&anna, chat, ben.user).await.unwrap();
        assert!(matches!(told(&world, chat), EventBody::MemberLeft(m) if m.user.id == ben.user));
    });
}

#[test]
fn a_group_may_be_full() {
    block_on(async {
        let (world, [anna, _, _, dora, _], chat) = group().await;
        let fred = world.person("fred").await;
        // Three are in; one place is left free.
        for number in 0..GROUP_MEMBERS - 4 {
            let name = UserName::new(&format!("Guest {number}")).unwrap();
            let password = PasswordHash::stored(String::new());
            let guest = NewUser::named(name, password, world.clock.now());
            let guest = world.stores.users.add(guest).await.unwrap().id;
            let (members, now) = (&world.stores.members, world.clock.now());
            let (capacity, at) = (GROUP_MEMBERS, now);
            members.add(Joining { chat, user: guest, capacity, at }).await.unwrap();
        }
        world.chats.set_member(&anna, chat, dora.user, ChatRole::Member).await.unwrap();
        let full = world.chats.set_member(&anna, chat, fred.user, ChatRole::Member).await;
        assert_eq!(refusal(full), (Kind::Conflict, "too_many_members"));
    });
}

#[test]
fn a_group_is_handed_over_before_its_owner_leaves() {
    block_on(async {
        let (world, [anna, ben, cleo, ..], chat) = group().await;
        let chats = &world.chats;
        let left = chats.remove_member(&anna, chat, anna.user).await;
        assert_eq!(refusal(left), (Kind::Conflict, "owner_leaves"));
        let own = chats.set_member(&anna, chat, anna.user, ChatRole::Member).await;
        assert_eq!(refusal(own), (Kind::Conflict, "owner_role"));
        let grabbed = chats.set_member(&ben, chat, ben.user, ChatRole::Owner).await;
        assert_eq!(refusal(grabbed), NOT_ALLOWED);
        assert_eq!(refusal(chats.delete(&ben, chat).await), NOT_ALLOWED);
        chats.set_member(&anna, chat, cleo.user, ChatRole::Owner).await.unwrap();
        let roles: Vec<_> = world
            .bus
            .take_bodies()
            .into_iter()
            .map(|body| match body {
                EventBody::MemberUpdated(member) => (member.user.id, member.role),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(roles, [(cleo.user, ChatRole::Owner), (anna.user, ChatRole::Admin)]);
        chats.remove_member(&anna, chat, anna.user).await.unwrap();
        world.bus.take();
        chats.delete(&cleo, chat).await.unwrap();
        assert_eq!(told(&world, chat), EventBody::ChatDeleted(chat));
        assert_eq!(refusal(chats.get(&cleo, chat).await), CHAT_NOT_FOUND);
    });
}

#[test]
fn a_new_title_is_told() {
    block_on(async {
        let (world, [_, ben, cleo, ..], chat) = group().await;
        assert_eq!(refusal(world.chats.update(&cleo, chat, titled("Mine")).await), NOT_ALLOWED);
        let view = world.chats.update(&ben, chat, titled(" Ours ")).await.unwrap();
        assert_eq!(view.chat.title.as_ref().unwrap().as_str(), "Ours");
        assert_eq!(told(&world, chat), EventBody::ChatUpdated(view.chat));
    });
}

#[test]
fn markers_are_told_when_they_move() {
    block_on(async {
        let (world, [anna, ben, ..], chat) = group().await;
        let sent = world.say(&anna, chat, "Hello").await;
        world.bus.take();
        let (seq, version) = (sent.seq, sent.version.next());
        world.chats.mark_read(&ben, chat, seq).await.unwrap();
        assert_eq!(told(&world, chat), EventBody::Read { chat, user: ben.user, seq, version });
        assert_eq!(world.chats.mark_read(&ben, chat, Seq::ZERO).await.unwrap().moved, Moved::Not);
        assert_eq!(world.bus.take(), []);
        let ahead = world.chats.mark_read(&ben, chat, seq.next()).await;
        assert_eq!(refused_fields(ahead), [("seq", "seq_ahead")]);
    });
}

#[test]
fn in_a_crowd_only_the_reader_is_told_of_their_marker() {
    block_on(async {
        let world = World::default();
        let mut people = Vec::new();
        for nth in 0..=MARKER_CROWD {
            people.push(world.person(&format!("Person {nth}")).await);
        }
        let others: Vec<_> = people[1..].iter().collect();
        let (anna, ben) = (&people[0], &people[1]);
        let chat = world.group(anna, &others).await;
        let seq = world.say(anna, chat, "Hello").await.seq;
        world.bus.take();
        world.chats.mark_read(ben, chat, seq).await.unwrap();
        world.chats.mark_read(ben, chat, seq).await.unwrap();
        let user = ben.user;
        let told = Event {
            audience: Audience::Users(vec![user]),
            body: EventBody::ReadAlone { chat, user, seq },
        };
        assert_eq!(world.bus.take(), [told]);
        let page = world.chats.members(anna, chat, None, 2).await.unwrap();
        let seen: Vec<_> = page.members.iter().map(|member| member.read_seq).collect();
        assert_eq!(seen, [Seq::ZERO; 2]);
    });
}

#[test]
fn copies_that_are_up_to_date_are_told_from_the_others() {
    block_on(async {
        let (world, [anna, ben, ..], chat) = group().await;
        let (quiet, now) = (world.group(&anna, &[&ben]).await, Version::stored(1));
        let strange = world.group(&anna, &[]).await;
        world.say(&anna, chat, "Hello").await;
        let copies = [(chat, now), (quiet, Version::ZERO), (quiet, now), (strange, now)];
        let unchanged = world.chats.unchanged(&ben, &copies).await.unwrap();
        let same: Vec<_> = unchanged.into_iter().collect();
        assert_eq!(same, [(quiet, now)], "of two copies of a chat the newer one");
    });
}

#[test]
fn a_copy_from_the_future_is_refused() {
    block_on(async {
        let (world, [anna, ..], chat) = group().await;
        let version = world.chats.get(&anna, chat).await.unwrap().version;
        let now = world.chats.changes(&anna, chat, version, 10).await.unwrap();
        assert_eq!((now.version, now.more, now.members.len()), (version, false, 0));
        let ahead = world.chats.changes(&anna, chat, version.next(), 10).await;
        assert_eq!(refusal(ahead), (Kind::Conflict, "version_ahead"));
        assert_eq!(world.chats.versions(&anna).await.unwrap(), [(chat, version)]);
        let all = ChatQuery { archived: None, whispers: true, after: None, limit: 10 };
        assert_eq!(world.chats.list(&anna, all).await.unwrap().chats[0].version, version);
    });
}

#[test]
fn what_was_missed_is_told_again_in_order() {
    block_on(async {
        let (world, [anna, ben, cleo, ..], chat) = group().await;
        let since = world.chats.get(&anna, chat).await.unwrap().version;
        let first = world.say(&anna, chat, "one").await.id;
        let second = world.say(&ben, chat, "two").await.id;
        world.messages.edit(&anna, chat, first, "one, edited").await.unwrap();
        world.chats.remove_member(&cleo, chat, cleo.user).await.unwrap();
        world.messages.delete(&ben, chat, second).await.unwrap();
        world.chats.update(&anna, chat, titled("Another")).await.unwrap();
        let missed =
            async |since, limit| world.chats.missed_since(chat, since, limit).await.unwrap();
        let Missed { events, reached, more } = missed(since, 100).await.unwrap();
        assert_eq!((reached, more), (world.chats.get(&anna, chat).await.unwrap().version, false));
        let published = world.bus.take();
        assert_eq!(events, published[2..], "each thing once, as it is now");
        let first = missed(since, 1).await.unwrap();
        assert_eq!((&first.events[..], first.more), (&published[2..3], true), "page by page");
        let rest = missed(first.reached, 100).await.unwrap();
        assert_eq!((&rest.events[..], rest.more), (&published[3..], false));
        world.chats.delete(&anna, chat).await.unwrap();
        assert_eq!(missed(since, 100).await, None);
    });
}

/// A change of the title only.
fn titled(title: &str) -> SettingsUpdate<'_> {
    SettingsUpdate { title: Some(title), ..SettingsUpdate::default() }
}
