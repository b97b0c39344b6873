//! Who is online, who is typing, and who is told.

use domain::block::MockBlockStore;
use domain::chat::{
    ChatKind, ChatRole, Horizon, Permissions, PermissionsUpdate, Posting, SettingsUpdate, Silenced,
    Standing,
};
use domain::clock::{Clock, Timestamp};
use domain::directory::{Directory, Policy};
use domain::event::{Audience, Event, EventBody};
use domain::ids::{ChatId, Seq, SessionId, UserId, Version};
use domain::limits::{
    OFFLINE_GRACE, PRESENCE_SLICE_DELIVERIES, TYPING_CROWD, TYPING_INTERVAL, TYPING_LIFE,
    VISIT_LIFE,
};
use domain::presence::{
    ConnectionId, MockPresenceStore, PresenceChange, PresencePorts, PresenceService, Settled,
    Typing, TypingPorts,
};
use domain::session::{Caller, Proof, Protocol};
use domain::user::AccountRole;
use futures_executor::block_on;
use std::sync::Arc;
use std::time::Duration;
use testkit::world::World;

const FIRST: ConnectionId = ConnectionId(1);
const SECOND: ConnectionId = ConnectionId(2);
const MICROSECOND: Duration = Duration::from_micros(1);

/// Anna and Ben share a chat; Cleo is a stranger.
async fn world() -> (World, [Caller; 3], ChatId) {
    let world = World::default();
    let [anna, ben, cleo] =
        [world.person("Anna").await, world.person("Ben").await, world.person("Cleo").await];
    let chat = world.group(&anna, &[&ben]).await;
    world.bus.take();
    (world, [anna, ben, cleo], chat)
}

/// The world's ports, but for who is connected.
fn ports(world: &World) -> PresencePorts {
    PresencePorts {
        presence: Arc::new(MockPresenceStore::new()),
        members: world.stores.members.clone(),
        users: world.stores.users.clone(),
        blocks: world.stores.blocks.clone(),
        directory: Arc::new(Directory::new(Policy::default(), world.stores.ties.clone())),
        here: world.bus.clone(),
        clock: world.clock.clone(),
    }
}

fn presence(world: &World, of: &Caller, told: &Caller, online: bool) -> Vec<Event> {
    let last_seen_at = world.clock.now();
    let body = EventBody::Presence { user: of.user, online, last_seen_at };
    vec![Event { audience: Audience::Users(vec![told.user]), body }]
}

#[test]
fn somebody_without_a_socket_is_there_while_they_do_something() {
    block_on(async {
        let (world, [anna, ben, _], _) = world().await;
        let is_there = async || {
            world.presence.settle().await.unwrap();
            world.presence.online(&ben, &[anna.user]).await.unwrap().of(anna.user).unwrap()
        };
        world.presence.stay(anna.user);
        assert!(!is_there().await, "who has not come does not stay");
        world.presence.visit(anna.user).await.unwrap();
        assert!(is_there().await);
        assert_eq!(world.bus.take(), presence(&world, &anna, &ben, true));
        world.clock.advance(VISIT_LIFE - MICROSECOND);
        world.presence.stay(anna.user);
        world.clock.advance(VISIT_LIFE - MICROSECOND);
        assert!(is_there().await);
        assert_eq!(world.bus.take(), [], "nothing is new");
        world.clock.advance(MICROSECOND);
        assert!(!is_there().await);
        assert_eq!(world.bus.take(), presence(&world, &anna, &ben, false));

        world.presence.visit(anna.user).await.unwrap();
        assert!(is_there().await);
        world.presence.leave(anna.user).await.unwrap();
        world.presence.leave(anna.user).await.unwrap();
        assert!(!is_there().await, "without a grace");

        world.presence.visit(anna.user).await.unwrap();
        world.presence.connect(anna.user, FIRST).await.unwrap();
        world.clock.advance(VISIT_LIFE);
        assert!(is_there().await, "a socket holds longer");
        world.presence.visit(anna.user).await.unwrap();
        world.presence.disconnect(anna.user, FIRST).await.unwrap();
        assert!(is_there().await, "the grace");
        world.clock.advance(OFFLINE_GRACE);
        assert!(!is_there().await, "whose socket closed has gone");
    });
}

#[test]
fn coming_and_going_is_told_once_to_whom_it_concerns() {
    block_on(async {
        let (world, [anna, ben, _], _) = world().await;
        world.presence.connect(anna.user, FIRST).await.unwrap();
        world.presence.connect(anna.user, SECOND).await.unwrap();
        world.presence.settle().await.unwrap();
        assert_eq!(world.bus.take(), presence(&world, &anna, &ben, true));
        world.presence.settle().await.unwrap();
        world.presence.disconnect(anna.user, FIRST).await.unwrap();
        world.clock.advance(OFFLINE_GRACE);
        world.presence.settle().await.unwrap();
        assert_eq!(world.bus.take(), [], "the second connection holds");

        world.presence.disconnect(anna.user, SECOND).await.unwrap();
        world.clock.advance(OFFLINE_GRACE - MICROSECOND);
        world.presence.settle().await.unwrap();
        assert_eq!(world.bus.take(), [], "the grace is not over");
        world.clock.advance(MICROSECOND);
        world.presence.settle().await.unwrap();
        assert_eq!(world.bus.take(), presence(&world, &anna, &ben, false));
        let seen = world.users.get(anna.user).await.unwrap().last_seen_at;
        assert_eq!(seen, Some(world.clock.now()));
    });
}

#[test]
fn who_says_again_that_they_are_here_is_told_of_again() {
    block_on(async {
        let (world, [anna, ben, _], _) = world().await;
        world.presence.connect(anna.user, FIRST).await.unwrap();
        world.presence.settle().await.unwrap();
        world.bus.take();
        for online in [true, false, true] {
            world.presence.repeat(anna.user, !online);
            world.presence.repeat(anna.user, online);
            world.presence.tell().await.unwrap();
            assert_eq!(world.bus.take(), presence(&world, &anna, &ben, online), "once");
        }
    });
}

#[test]
fn thousands_who_come_at_once_are_told_of_in_slices() {
    block_on(async {
        let world = World::default();
        let mut people = Vec::new();
        for n in 0..120 {
            people.push(world.person(&format!("person {n}")).await);
        }
        world.group(&people[0], &people[1..].iter().collect::<Vec<_>>()).await;
        for (n, person) in (1..).zip(&people) {
            world.presence.connect(person.user, ConnectionId(n)).await.unwrap();
        }
        world.bus.take();
        world.presence.settle().await.unwrap();
        let slice = PRESENCE_SLICE_DELIVERIES.div_ceil(people.len() - 1);
        let told = |from: usize, to: usize| -> Vec<_> {
            people[from..to].iter().map(|person| (person.user, true)).collect()
        };
        assert_eq!(told_of(&world), told(0, slice));

        // Somebody who leaves before their arrival was announced is announced once, as offline.
        let [.., early] = &people[..] else { unreachable!("people") };
        world.presence.go_offline(early.user, ConnectionId(120)).await.unwrap();
        world.presence.settle().await.unwrap();
        assert_eq!(told_of(&world), told(slice, 2 * slice));
        world.presence.tell().await.unwrap();
        let rest = told_of(&world);
        let (last, rest) = rest.split_last().unwrap();
        assert_eq!((rest, *last), (&told(2 * slice, 119)[..], (early.user, false)));
        world.presence.tell().await.unwrap();
        assert_eq!(told_of(&world), []);
    });
}

/// The people that somebody was told about since the last call.
fn told_of(world: &World) -> Vec<(UserId, bool)> {
    let events = world.bus.take().into_iter();
    let told = events.map(|event| match event.body {
        EventBody::Presence { user, online, .. } => (user, online),
        other => panic!("{other:?}"),
    });
    told.collect()
}

#[test]
fn a_short_absence_is_nobodys_business() {
    block_on(async {
        let (world, [anna, ..], _) = world().await;
        world.presence.connect(anna.user, FIRST).await.unwrap();
        world.presence.settle().await.unwrap();
        world.bus.take();
        for connection in 2..10 {
            let gone = ConnectionId(connection - 1);
            world.presence.disconnect(anna.user, gone).await.unwrap();
            world.clock.advance(OFFLINE_GRACE - MICROSECOND);
            world.presence.settle().await.unwrap();
            world.presence.connect(anna.user, ConnectionId(connection)).await.unwrap();
            world.presence.settle().await.unwrap();
        }
        assert_eq!(world.bus.take(), []);
    });
}

#[test]
fn presence_is_seen_by_those_who_share_a_chat() {
    block_on(async {
        let (world, [anna, ben, cleo], chat) = world().await;
        for (person, connection) in [(&anna, 1), (&cleo, 2)] {
            world.presence.connect(person.user, ConnectionId(connection)).await.unwrap();
        }
        let everybody = [anna.user, ben.user, cleo.user];
        let seen = world.presence.online(&ben, &everybody).await.unwrap();
        let of = everybody.map(|user| seen.of(user));
        assert_eq!(of, [Some(true), Some(false), None], "of a stranger, nothing");
        let seen = world.presence.online(&cleo, &everybody).await.unwrap();
        assert_eq!(everybody.map(|user| seen.of(user)), [None, None, Some(true)]);
        world.chats.remove_member(&ben, chat, ben.user).await.unwrap();
        let seen = world.presence.online(&ben, &everybody).await.unwrap();
        assert_eq!(seen.of(anna.user), None, "who has left sees no more");
    });
}

#[test]
fn typing_is_told_to_the_others_and_not_too_often() {
    block_on(async {
        let (world, [anna, ben, _], chat) = world().await;
        let typing = |until| {
            let audience = Audience::MembersExcept(chat, vec![anna.user]);
            vec![Event { audience, body: EventBody::Typing { chat, user: anna.user, until } }]
        };
        world.typing.set(&anna, chat, true).await.unwrap();
        assert_eq!(world.bus.take(), typing(Some(world.clock.now().plus(TYPING_LIFE))));
        world.clock.advance(TYPING_INTERVAL - MICROSECOND);
        world.typing.set(&anna, chat, true).await.unwrap();
        assert_eq!(world.bus.take(), [], "too soon");
        world.typing.set(&ben, chat, true).await.unwrap();
        assert_eq!(world.bus.take().len(), 1, "another's typing is another matter");
        world.clock.advance(MICROSECOND);
        world.typing.set(&anna, chat, true).await.unwrap();
        assert_eq!(world.bus.take(), typing(Some(world.clock.now().plus(TYPING_LIFE))));
        world.typing.set(&anna, chat, false).await.unwrap();
        assert_eq!(world.bus.take(), typing(None));
        world.typing.set(&anna, chat, false).await.unwrap();
        assert_eq!(world.bus.take(), [], "they had stopped");
        world.typing.set(&anna, chat, true).await.unwrap();
        assert_eq!(world.bus.take().len(), 1, "after a stop it is news at once");
    });
}

#[test]
fn who_sends_something_types_no_more() {
    block_on(async {
        let (world, [anna, ben, _], chat) = world().await;
        world.say(&anna, chat, "nobody was told that she types").await;
        assert_eq!(world.bus.take().len(), 1, "the message");
        world.typing.set(&anna, chat, true).await.unwrap();
        world.typing.set(&ben, chat, true).await.unwrap();
        let typed = world.bus.take();
        let send = domain::message::Send {
            client_id: Some("1"),
            ..domain::message::Send::new(chat, "hello")
        };
        let sent = world.messages.send(&anna, send).await.unwrap().message;
        let body = EventBody::Typing { chat, user: anna.user, until: None };
        let stopped = Event { audience: typed[0].audience.clone(), body };
        let created =
            Event { audience: Audience::Members(chat), body: EventBody::MessageCreated(sent) };
        assert_eq!(world.bus.take(), [stopped, created], "before the message, and only she");
        world.typing.set(&anna, chat, true).await.unwrap();
        assert_eq!(world.bus.take().len(), 1, "what she writes next is news at once");
        world.messages.send(&anna, send).await.unwrap();
        assert_eq!(world.bus.take(), [], "a replay is no message");
    });
}

#[test]
fn nobody_is_told_who_types_in_a_crowd() {
    block_on(async {
        let world = World::default();
        let mut people = Vec::new();
        for nth in 0..=TYPING_CROWD {
            people.push(world.person(&format!("Person {nth}")).await);
        }
        let others: Vec<_> = people[1..].iter().collect();
        let (anna, last) = (&people[0], others.last().unwrap().user);
        let crowd = world.group(anna, &others).await;
        let fits = world.group(anna, &others[1..]).await;
        world.bus.take();
        world.typing.set(anna, crowd, true).await.unwrap();
        world.typing.set(anna, crowd, false).await.unwrap();
        assert_eq!(world.bus.take(), []);
        world.typing.set(anna, fits, true).await.unwrap();
        assert_eq!(world.bus.take().len(), 1);
        world.chats.remove_member(anna, crowd, last).await.unwrap();
        world.bus.take();
        world.typing.set(anna, crowd, true).await.unwrap();
        assert_eq!(world.bus.take().len(), 1, "one fewer is no crowd");
    });
}

#[test]
fn who_only_reads_types_for_nobody() {
    block_on(async {
        let (world, [anna, ben, ..], chat) = world().await;
        let permissions =
            PermissionsUpdate { posting: Some(Posting::Admins), ..PermissionsUpdate::default() };
        let channel = SettingsUpdate { permissions, ..SettingsUpdate::default() };
        world.chats.update(&anna, chat, channel).await.unwrap();
        world.bus.take();
        world.typing.set(&ben, chat, true).await.unwrap();
        assert_eq!(world.bus.take(), []);
        world.typing.set(&anna, chat, true).await.unwrap();
        assert_eq!(world.bus.take().len(), 1, "its owner writes");
    });
}

#[test]
fn typing_that_was_passed_on_looks_nothing_up() {
    let mut members = domain::chat::MockMemberStore::new();
    let standing = Standing {
        chat: ChatId::stored(1),
        kind: ChatKind::Room,
        user: UserId::stored(1),
        role: ChatRole::Member,
        read_seq: Seq::ZERO,
        horizon: Horizon::NONE,
        silenced: Silenced::Never,
        closed: false,
        hushed: false,
        open: false,
        permissions: Permissions::default(),
        member_count: TYPING_CROWD + 1,
        last_seq: Seq::ZERO,
        version: Version::stored(1),
    };
    // Nobody is told in a crowd, and that is known for as long.
    members.expect_standing().times(2).returning(move |_, _| Ok(standing));
    let world = World::default();
    let typing = Typing::new(TypingPorts {
        members: Arc::new(members),
        blocks: world.stores.blocks.clone(),
        bus: world.bus.clone(),
        clock: world.clock.clone(),
        typists: Arc::default(),
    });
    let (user, session) = (UserId::stored(1), SessionId::stored(1));
    let (protocol, role, proof) = (Protocol::NATIVE, AccountRole::User, Proof::default());
    let anna = Caller { user, session, protocol, role, proof, issuer: None, key: None };
    for _ in 0..2 {
        for _ in 0..100 {
            block_on(typing.set(&anna, ChatId::stored(1), true)).unwrap();
        }
        world.clock.advance(TYPING_INTERVAL);
    }
}

#[test]
fn typing_that_expired_needs_no_stop() {
    block_on(async {
        let (world, [anna, ..], chat) = world().await;
        world.typing.set(&anna, chat, true).await.unwrap();
        world.bus.take();
        world.clock.advance(TYPING_LIFE);
        world.typing.set(&anna, chat, false).await.unwrap();
        assert_eq!(world.bus.take(), [], "it was over by itself");
    });
}

#[test]
fn what_another_node_notes_is_told_here_and_noted_there() {
    let (world, [anna, ben, _], _) = block_on(world());
    let (user, online, at) = (anna.user, false, Timestamp::from_micros(7));
    let mut presence = MockPresenceStore::new();
    let changes = vec![PresenceChange { user, online, at }];
    presence.expect_settle().return_once(|_| Ok(Settled { changes, to_note: Vec::new() }));
    presence.expect_online().returning(|_| Ok(Vec::new()));
    let ports = PresencePorts { presence: Arc::new(presence), ..ports(&world) };
    block_on(PresenceService::new(ports).settle()).unwrap();
    let body = EventBody::Presence { user, online, last_seen_at: at };
    assert_eq!(world.bus.take(), [Event { audience: Audience::Users(vec![ben.user]), body }]);
    assert_eq!(block_on(world.users.get(user)).unwrap().last_seen_at, None);
}

/// Thousands who come back at once are asked about one by one.
#[test]
fn whom_nobody_can_see_costs_no_look_at_their_blocks() {
    let (world, [.., cleo], _) = block_on(world());
    let mut presence = MockPresenceStore::new();
    let changes = vec![PresenceChange { user: cleo.user, online: true, at: world.clock.now() }];
    presence.expect_settle().return_once(|_| Ok(Settled { changes, to_note: Vec::new() }));
    let blocks = Arc::new(MockBlockStore::new());
    let ports = PresencePorts { presence: Arc::new(presence), blocks, ..ports(&world) };
    block_on(PresenceService::new(ports).settle()).unwrap();
    assert_eq!(world.bus.take(), [], "nobody is told");
}

#[test]
fn who_opens_a_chat_is_announced_to_all_in_it() {
    block_on(async {
        let (world, [anna, ben, cleo], chat) = world().await;
        let body = EventBody::Arrived { chat, user: anna.user };
        world.chats.arrive(&anna, chat).await.unwrap();
        let told = Audience::Members(chat);
        assert_eq!(world.bus.take(), [Event { audience: told, body: body.clone() }]);
        assert!(world.chats.arrive(&cleo, chat).await.is_err(), "she is not in it");
        world.blocks.block(&anna, ben.user).await.unwrap();
        world.bus.take();
        world.chats.arrive(&anna, chat).await.unwrap();
        let told = Audience::MembersExcept(chat, vec![ben.user]);
        assert_eq!(world.bus.take(), [Event { audience: told, body }]);
    });
}

#[test]
fn who_shows_themselves_to_everybody_is_seen_without_a_chat_but_not_by_whom_they_blocked() {
    block_on(async {
        let (world, [anna, _, cleo], _) = world().await;
        world.presence.connect(anna.user, FIRST).await.unwrap();
        let among_contacts = world.presence.online(&cleo, &[anna.user]).await.unwrap();
        assert_eq!(among_contacts.of(anna.user), None);
        let openly = world.presence.online_openly(&cleo, &[anna.user]).await.unwrap();
        assert_eq!(openly.of(anna.user), Some(true));
        world.blocks.block(&anna, cleo.user).await.unwrap();
        let blocked = world.presence.online_openly(&cleo, &[anna.user]).await.unwrap();
        assert_eq!(blocked.of(anna.user), Some(false));
        assert!(!blocked.shows_last_seen(anna.user));
    });
}
