//! Somebody is removed while they look, comes back, and does not see what was said in between.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use domain::chat::{
    ChatPorts, ChatRole, Chats, HistoryShown, MemberStore, MockMemberStore, PermissionsUpdate,
    SettingsUpdate,
};
use domain::directory::{Directory, Policy};
use domain::failure::Kind;
use domain::host::ExternalIds;
use domain::ids::{ChatId, MessageId, Version};
use domain::media::{Media, MediaPorts};
use domain::message::{Message, MessagePorts, Messages, Page};
use domain::session::Caller;
use futures_executor::block_on;
use std::sync::Arc;
use testkit::memory::{PlainPictures, TestSigner};
use testkit::world::{World, refusal};

/// What is said while Ben is out.
const HIDDEN: &str = "without Ben";

/// A group that hides its past from newcomers, in which Ben has been from the beginning.
struct Scene {
    world: Arc<World>,
    anna: Caller,
    ben: Caller,
    chat: ChatId,
    seen: MessageId,
}

impl Scene {
    async fn new() -> Self {
        let world = Arc::new(World::default());
        let [anna, ben] = [world.person("Anna").await, world.person("Ben").await];
        let chat = world.group(&anna, &[&ben]).await;
        let history = Some(HistoryShown::FromJoining);
        let permissions = PermissionsUpdate { history, ..PermissionsUpdate::default() };
        let update = SettingsUpdate { permissions, ..SettingsUpdate::default() };
        world.chats.update(&anna, chat, update).await.unwrap();
        let seen = world.say(&anna, chat, "for Ben too").await.id;
        Self { world, anna, ben, chat, seen }
    }

    /// Members as they are, but once somebody was asked where they stand, Ben is removed, something is said and
    /// pinned, and he comes back.
    fn members(&self) -> Arc<dyn MemberStore> {
        let (world, anna, ben) = (self.world.clone(), self.anna.clone(), self.ben.clone());
        let mut members = MockMemberStore::new();
        members.expect_standing().returning(move |chat, user| {
            let meanwhile = async {
                let there = world.stores.members.standing(chat, user).await;
                world.chats.remove_member(&anna, chat, ben.user).await.unwrap();
                let said = world.say(&anna, chat, HIDDEN).await.id;
                world.messages.pin(&anna, chat, said, true).await.unwrap();
                world.chats.set_member(&anna, chat, ben.user, ChatRole::Member).await.unwrap();
                there
            };
            // An executor does not run within another one.
            std::thread::scope(|scope| scope.spawn(|| block_on(meanwhile)).join().unwrap())
        });
        Arc::new(members)
    }

    fn directory(&self) -> Arc<Directory> {
        Arc::new(Directory::new(Policy::default(), self.world.stores.ties.clone()))
    }

    fn messages(&self) -> Messages {
        let (world, stores) = (&self.world, &self.world.stores);
        Messages::new(MessagePorts {
            messages: stores.messages.clone(),
            marks: stores.marks.clone(),
            addresses: stores.addresses.clone(),
            members: self.members(),
            blocks: stores.blocks.clone(),
            typists: Arc::default(),
            external_ids: Arc::new(ExternalIds::new(stores.external_ids.clone())),
            directory: self.directory(),
            bus: world.bus.clone(),
            clock: world.clock.clone(),
        })
    }

    fn chats(&self) -> Chats {
        let (world, stores) = (&self.world, &self.world.stores);
        Chats::new(ChatPorts {
            chats: stores.chats.clone(),
            addresses: stores.addresses.clone(),
            members: self.members(),
            bans: stores.bans.clone(),
            blocks: stores.blocks.clone(),
            directory: self.directory(),
            bus: world.bus.clone(),
            clock: world.clock.clone(),
        })
    }
}

#[test]
fn who_is_removed_while_they_look_does_not_see_what_is_said_meanwhile() {
    block_on(async {
        let scene = Scene::new().await;
        let Scene { world, ben, chat, seen, .. } = &scene;
        let (chat, messages) = (*chat, scene.messages());
        let texts = |found: Vec<Message>| -> Vec<String> {
            found.into_iter().map(|message| message.text).collect()
        };
        let look = |what: &str, found: Vec<String>| {
            assert!(!found.iter().any(|text| text == HIDDEN), "{what}: {found:?}");
        };
        look("pins", texts(messages.pinned(ben, chat).await.unwrap()));
        look("what is shown", texts(messages.shown(ben, chat, (0, 9)).await.unwrap().messages));
        look("the newest", texts(messages.newest(ben, chat, None, 9).await.unwrap().0));
        let newest = messages.newest_before(ben, chat, None, 9).await.unwrap().0;
        look("the newest before a message", texts(newest));
        look("what is overheard", texts(messages.overheard(ben, chat, None, 9).await.unwrap().0));
        let page = messages.page(ben, chat, Page::Latest, 9).await.unwrap().page;
        look("a page", texts(page.messages));
        let changes = scene.chats().changes(ben, chat, Version::ZERO, 99).await.unwrap();
        look("changes", texts(changes.messages));
        // The next message is the one that is said meanwhile.
        let last = world.messages.page(&scene.anna, chat, Page::Latest, 1).await.unwrap().page;
        let next = MessageId::stored(last.messages[0].id.get() + 1);
        let got = refusal(messages.get(ben, chat, next).await);
        assert_eq!(got, (Kind::NotFound, "message_not_found"));
        assert_ne!(*seen, next);
    });
}

#[test]
fn files_of_a_chat_are_read_together_with_who_sees_them() {
    block_on(async {
        let scene = Scene::new().await;
        let (world, stores) = (&scene.world, &scene.world.stores);
        let ports = MediaPorts {
            media: stores.media.clone(),
            // Whoever asks it where somebody stands fails.
            members: Arc::new(MockMemberStore::new()),
            files: world.files.clone(),
            images: Arc::new(PlainPictures),
            users: stores.users.clone(),
            directory: scene.directory(),
            signer: TestSigner::new(1),
            clock: world.clock.clone(),
        };
        let media = Media::new(ports, None);
        assert_eq!(media.in_chat(&scene.ben, scene.chat, 9).await.unwrap(), []);
    });
}
