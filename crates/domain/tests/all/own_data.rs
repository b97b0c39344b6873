//! Exporting one's data, and deleting the account.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use domain::admin::{Actor, AuditAction, AuditKind, AuditQuery};
use domain::chat::ChatRole;
use domain::clock::Timestamp;
use domain::event::EventBody;
use domain::failure::Kind;
use domain::idempotency::{Begun, KeptAnswer, NewRequest};
use domain::ids::{ChatId, UserId};
use domain::limits::{FORGOTTEN_TOGETHER, PAGE_MAX};
use domain::media::{Upload, Whole};
use domain::message::Emoji;
use domain::own_data::{DeleteAccount, ExportItem, ExportPlace, LeftMessages};
use domain::session::Caller;
use domain::user::AccountRole;
use futures_executor::block_on;
use testkit::world::{PASSWORD, World, refusal, refused_fields};

const CHANGES: AuditQuery = AuditQuery { kind: Some(AuditKind::Change), before: None, limit: 10 };

fn command(password: &str, messages: LeftMessages) -> DeleteAccount<'_> {
    DeleteAccount { password: Some(password), messages }
}

async fn exported(world: &World, caller: &Caller) -> Vec<ExportItem> {
    let (mut items, mut place) = (Vec::new(), Some(ExportPlace::default()));
    while let Some(from) = place {
        let page = world.own.export(caller, from).await.unwrap();
        assert!(page.items.len() <= 1_000, "a page is small");
        items.extend(page.items);
        place = page.next;
    }
    items
}

#[test]
fn an_export_is_all_of_ones_own_and_nothing_else() {
    block_on(async {
        let world = World::default();
        let (anna, ben) = (world.person("Anna").await, world.person("Ben").await);
        let (chat, left) = (world.group(&anna, &[&ben]).await, world.group(&ben, &[&anna]).await);
        for chat in [chat, left] {
            for nth in 0..250 {
                world.say(&anna, chat, &format!("{nth}")).await;
                world.say(&ben, chat, "another's").await;
            }
        }
        world.chats.remove_member(&anna, left, anna.user).await.unwrap();
        for who in [&anna, &ben] {
            let body = &mut Whole::new(b"text".to_vec());
            world.media.upload(who, Upload { name: "a", mime: "", body }).await.unwrap();
        }
        world.blocks.block(&anna, ben.user).await.unwrap();
        let items = exported(&world, &anna).await;
        let count = |is: fn(&ExportItem) -> bool| items.iter().filter(|item| is(item)).count();
        assert_eq!(count(|item| matches!(item, ExportItem::Account(_))), 1);
        assert_eq!(count(|item| matches!(item, ExportItem::Session(_))), 1);
        assert_eq!(count(|item| matches!(item, ExportItem::Block(_))), 1);
        assert_eq!(count(|item| matches!(item, ExportItem::File(_))), 1);
        let chats = items.iter().filter_map(|item| match item {
            ExportItem::Chat(view) => Some((view.chat.id, view.last_message.is_none())),
            _ => None,
        });
        assert_eq!(chats.collect::<Vec<(ChatId, bool)>>(), [(chat, true)]);
        let said = items.iter().filter_map(|item| match item {
            ExportItem::Message(message) => Some(message),
            _ => None,
        });
        let said: Vec<_> = said.collect();
        assert_eq!(said.len(), 500, "where she was before, too");
        assert!(said.iter().all(|message| message.author == anna.user));
        assert!(said.is_sorted_by_key(|message| (message.chat, message.seq)));
    });
}

#[test]
fn a_deletion_is_finished_chat_by_chat() {
    block_on(async {
        let world = World::default();
        let [anna, ben, cleo] =
            [world.person("Anna").await, world.person("Ben").await, world.person("Cleo").await];
        let group = world.group(&anna, &[&ben, &cleo]).await;
        world.chats.set_member(&anna, group, cleo.user, ChatRole::Admin).await.unwrap();
        let alone = world.group(&anna, &[]).await;
        world.say(&anna, group, "hers").await;
        world.say(&ben, group, "his").await;
        world.bus.take();
        world.own.delete(&anna, command(PASSWORD, LeftMessages::Delete)).await.unwrap();
        let told = world.bus.take_bodies();
        assert!(
            told.iter().all(|body| matches!(body, EventBody::MemberUpdated(m)
            if m.user.name == "deleted user")),
            "{told:?}"
        );
        assert_eq!(told.len(), 2);

        world.own.finish_deletions().await.unwrap();
        let told = world.bus.take_bodies();
        let [
            EventBody::MessageDeleted(gone),
            EventBody::MemberUpdated(heir),
            EventBody::MemberLeft(left),
            EventBody::ChatDeleted(empty),
        ] = &told[..]
        else {
            panic!("{told:?}")
        };
        assert_eq!((gone.author, &*gone.text), (anna.user, ""));
        assert_eq!((heir.user.id, heir.role), (cleo.user, ChatRole::Owner));
        assert_eq!((left.user.id, *empty), (anna.user, alone));
        world.own.finish_deletions().await.unwrap();
        assert_eq!(world.bus.take(), [], "it is done");
    });
}

#[test]
fn reactions_are_exported_and_go_with_the_messages() {
    block_on(async {
        for messages in [LeftMessages::Keep, LeftMessages::Delete] {
            let world = World::default();
            let (anna, ben) = (world.person("Anna").await, world.person("Ben").await);
            let (group, left) =
                (world.group(&ben, &[&anna]).await, world.group(&ben, &[&anna]).await);
            let mut expected = Vec::new();
            for nth in 0..2 * PAGE_MAX {
                let chat = [group, left][nth % 2];
                let message = world.say(&ben, chat, "his").await.id;
                world.messages.react(&anna, (None, message), "\u{1f44d}", true).await.unwrap();
                expected.push((chat, message));
            }
            let hers = world.say(&anna, group, "hers").await.id;
            world.messages.react(&ben, (None, hers), "\u{1f44d}", true).await.unwrap();
            world.chats.remove_member(&anna, left, anna.user).await.unwrap();
            let items = exported(&world, &anna).await;
            let reactions = items.iter().filter_map(|item| match item {
                ExportItem::Reactions(own) => {
                    assert_eq!(own.emoji, [Emoji::new("\u{1f44d}").unwrap()]);
                    Some((own.chat, own.message))
                }
                _ => None,
            });
            assert_eq!(reactions.collect::<Vec<_>>(), expected);

            world.own.delete(&anna, command(PASSWORD, messages)).await.unwrap();
            world.bus.take();
            world.own.finish_deletions().await.unwrap();
            let told = world.bus.take_bodies();
            let bare = told.iter().filter_map(|body| match body {
                EventBody::MessageUpdated(m) => Some((m.chat, m.id, m.extras.reactions.len())),
                _ => None,
            });
            let mut bare: Vec<_> = bare.collect();
            bare.sort_unstable_by_key(|(_, message, _)| *message);
            let gone = expected.into_iter().map(|(chat, message)| (chat, message, 0));
            let gone = gone.filter(|_| messages == LeftMessages::Delete).collect::<Vec<_>>();
            assert_eq!(bare, gone);
        }
    });
}

#[test]
fn every_refusal_of_a_deletion_has_its_word() {
    block_on(async {
        let world = World::default();
        let (anna, ben) = (world.person("Anna").await, world.person("Ben").await);
        let keep = LeftMessages::Keep;
        let wrong = world.own.delete(&anna, command("wrong password", keep)).await;
        assert_eq!(refused_fields(wrong), [("password", "wrong_password")]);
        world.sessions.authenticate(&world.register("Cleo").await.access_token).await.unwrap();
        let root = Actor::admin(&Caller { role: AccountRole::Admin, ..anna.clone() }).unwrap();
        let own = world.own.delete_other(root, anna.user, keep).await;
        assert_eq!(refusal(own), (Kind::Conflict, "own_account"));
        let nobody = world.own.delete_other(root, UserId::stored(999), keep).await;
        assert_eq!(refusal(nobody), (Kind::NotFound, "user_not_found"));
        world.own.delete_other(root, ben.user, keep).await.unwrap();
        let again = world.own.delete_other(root, ben.user, keep).await;
        assert_eq!(refusal(again), (Kind::NotFound, "user_not_found"));
        let gone = world.own.delete(&ben, command(PASSWORD, keep)).await;
        assert_eq!(refusal(gone), (Kind::NotFound, "user_not_found"));
        let log = world.admin.audit(root, CHANGES).await.unwrap().entries;
        let lines: Vec<_> = log.iter().map(|e| (e.record.action, &*e.record.detail)).collect();
        assert_eq!(lines, [(AuditAction::UserDeleted, "messages: keep")]);
    });
}

#[test]
fn who_is_gone_enters_no_room() {
    block_on(async {
        let world = World::default();
        let (anna, ben) = (world.person("Anna").await, world.person("Ben").await);
        world.chats.enter_room(&ben, "hall").await.unwrap();
        world.own.delete(&anna, command(PASSWORD, LeftMessages::Keep)).await.unwrap();
        // What was let through before that, and comes after.
        for room in ["hall", "another"] {
            let refused = refusal(world.chats.enter_room(&anna, room).await);
            assert_eq!(refused, (Kind::Conflict, "changed_meanwhile"), "{room}");
        }
    });
}

#[test]
fn kept_answers_go_with_the_account() {
    block_on(async {
        let world = World::default();
        let (anna, ben) = (world.person("Anna").await, world.person("Ben").await);
        let request = |who: &Caller, nth: usize| {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&nth.to_be_bytes());
            let at = Timestamp::from_micros(0);
            NewRequest { owner: who.user, key, request: [7; 32], at, until: at }
        };
        let kept = KeptAnswer { status: 201, content_type: None, body: b"Hello".to_vec() };
        let requests = &world.stores.idempotency;
        // More than are deleted at once.
        let last = FORGOTTEN_TOGETHER;
        for (who, nth) in (0..=last).map(|nth| (&anna, nth)).chain([(&ben, 0)]) {
            requests.begin(request(who, nth)).await.unwrap();
            requests.end(request(who, nth), Some(kept.clone())).await.unwrap();
        }
        world.own.delete(&anna, command(PASSWORD, LeftMessages::Keep)).await.unwrap();
        world.own.finish_deletions().await.unwrap();
        for nth in 0..=last {
            assert_eq!(requests.begin(request(&anna, nth)).await.unwrap(), Begun::New, "{nth}");
        }
        assert_eq!(requests.begin(request(&ben, 0)).await.unwrap(), Begun::Answered(kept));
    });
}
