//! Who is told of a silence, at once and when they catch up.

use domain::chat::{ChatRole, Silence};
use domain::event::{Audience, Event, EventBody};
use domain::failure::Kind;
use domain::ids::{ChatId, UserId, Version};
use domain::message::Send;
use futures_executor::block_on;
use testkit::world::{World, refusal};

/// Whom these events tell of a silence, and whether there is one.
fn told(events: &[Event]) -> Vec<(Audience, bool)> {
    let of = |event: &Event| match &event.body {
        EventBody::Silenced { silence, .. } => Some((event.audience.clone(), silence.is_some())),
        _ => None,
    };
    events.iter().filter_map(of).collect()
}

fn changed(events: &[Event]) -> Vec<(UserId, Version)> {
    let of = |event: &Event| match &event.body {
        EventBody::MemberUpdated(member) => Some((member.user.id, member.version)),
        _ => None,
    };
    events.iter().filter_map(of).collect()
}

#[test]
fn a_silence_is_told_to_its_member_and_a_change_to_all() {
    block_on(async {
        let world = World::default();
        let [anna, ben, cleo] =
            [world.person("Anna").await, world.person("Ben").await, world.person("Cleo").await];
        let chat = world.group(&anna, &[&ben, &cleo]).await;
        let since = world.chats.get(&ben, chat).await.unwrap().version;
        world.bus.take();
        world.chats.silence(&anna, (chat, ben.user), None, Some(" Spam ")).await.unwrap();
        let events = world.bus.take();
        let to_ben = Audience::Users(vec![ben.user]);
        assert_eq!(changed(&events), [(ben.user, since.next())]);
        assert_eq!(told(&events), [(to_ben.clone(), true)]);

        // Whoever delivers and missed it tells each their own; whoever catches up alone gets theirs alone.
        let missed = world.chats.missed_since(chat, since, 10).await.unwrap().unwrap();
        assert_eq!(changed(&missed.events), [(ben.user, since.next())]);
        assert_eq!(told(&missed.events), [(to_ben.clone(), true)]);
        for (viewer, expected) in [(&ben, vec![(to_ben.clone(), true)]), (&cleo, Vec::new())] {
            let missed = world.chats.missed_by(viewer.user, chat, since, 10).await.unwrap();
            assert_eq!(told(&missed.unwrap().events), expected);
        }
        let seen = async |viewer| {
            let page = world.chats.members(viewer, chat, None, 10).await.unwrap();
            let changes = world.chats.changes(viewer, chat, since, 10).await.unwrap();
            let theirs = page.members.into_iter().find(|member| member.user.id == ben.user);
            let theirs = theirs.unwrap();
            assert_eq!(changes.members, std::slice::from_ref(&theirs));
            theirs.silence.and_then(|silence: Silence| silence.reason)
        };
        let spam = Some("Spam".to_owned());
        assert_eq!((seen(&anna).await, seen(&ben).await), (spam.clone(), spam));
        assert_eq!(seen(&cleo).await, None);
        let send = world.messages.send(&ben, Send::new(chat, "Hello")).await;
        assert_eq!(refusal(send), (Kind::Forbidden, "silenced"));
        let whispers = world.chats.open_whispers(&ben, chat, cleo.user).await;
        assert_eq!(refusal(whispers), (Kind::Forbidden, "silenced"));

        world.bus.take();
        world.chats.lift_silence(&anna, chat, ben.user).await.unwrap();
        let events = world.bus.take();
        assert_eq!(changed(&events), [(ben.user, since.next().next())]);
        assert_eq!(told(&events), [(to_ben.clone(), false)]);
        // A gap is filled with that it is over, for whoever heard that it began.
        let missed = world.chats.missed_since(chat, since, 10).await.unwrap().unwrap();
        assert_eq!(told(&missed.events), [(to_ben, false)]);
        assert_eq!(seen(&anna).await, None);
        assert_eq!(world.chats.get(&ben, chat).await.unwrap().silence, None);
        let again = world.chats.lift_silence(&anna, chat, ben.user).await;
        assert_eq!(refusal(again), (Kind::NotFound, "silence_not_found"));
    });
}

#[test]
fn of_a_lift_after_somebody_left_nobody_is_told() {
    block_on(async {
        let world = World::default();
        let [anna, ben] = [world.person("Anna").await, world.person("Ben").await];
        let chat = world.group(&anna, &[&ben]).await;
        world.chats.silence(&anna, (chat, ben.user), None, None).await.unwrap();
        world.chats.remove_member(&ben, chat, ben.user).await.unwrap();
        world.bus.take();
        world.chats.lift_silence(&anna, chat, ben.user).await.unwrap();
        assert_eq!(world.bus.take(), []);
        let nobody = world.chats.silence(&anna, (chat, ben.user), None, None).await;
        assert_eq!(refusal(nobody), (Kind::NotFound, "member_not_found"));
        let nowhere = ChatId::stored(4_711);
        let nothing = world.chats.silence(&anna, (nowhere, ben.user), None, None).await;
        assert_eq!(refusal(nothing), (Kind::NotFound, "chat_not_found"));
        let member = world.chats.set_member(&anna, chat, ben.user, ChatRole::Member).await;
        assert_eq!(refusal(member), (Kind::Forbidden, "left_by_choice"), "it is no way back in");
    });
}
