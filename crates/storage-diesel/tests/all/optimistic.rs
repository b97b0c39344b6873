//! Messages that are decided on by what a server remembers of their chat, while another one changes it: whatever is
//! remembered, only what is so when a message is stored counts.

use crate::common::{Database, at, draft, draft_with_client_id, group, person, postgres, titled};
use domain::chat::{
    ChangeSettings, ChatRole, DeleteChat, LiftSilence, NewSilence, Pair, PermissionsUpdate,
    Posting, RemoveMember, SetMember,
};
use domain::ids::{ChatId, Seq, UserId, Version};
use domain::message::{AppendError, Draft, MessageQuery, MessageText, Page, SendRefusal};
use domain::words;
use std::time::Duration;
use storage_diesel::{Options, Storage, open};
use testkit::message::full_draft;
use tokio::task::JoinSet;

/// A group of Anna's with Ben, who has written in it through one server; another one changes it.
struct Scene {
    db: Database,
    other: Storage,
    anna: UserId,
    ben: UserId,
    chat: ChatId,
}

impl Scene {
    async fn new() -> Self {
        let db = postgres().await;
        let (anna, ben) = (person(&db.storage, "Anna").await, person(&db.storage, "Ben").await);
        let chat = group(&db.storage, anna, &[ben]).await.id;
        let other = open(&db.url, &Options::default()).await.unwrap();
        let scene = Self { db, other, anna, ben, chat };
        scene.remember(chat).await;
        scene
    }

    /// Has the first server remember Ben as a member of a chat.
    async fn remember(&self, chat: ChatId) {
        for text in ["one", "two"] {
            self.send(draft(chat, self.ben, text)).await.unwrap();
        }
    }

    async fn send(&self, draft: Draft) -> Result<i64, SendRefusal> {
        match self.db.storage.messages.append(draft).await {
            Ok(sent) => Ok(sent.message.seq.get()),
            Err(AppendError::Refused(why)) => Err(why),
            Err(AppendError::Store(error)) => panic!("{error}"),
        }
    }

    /// Ben's next message in the group.
    async fn next(&self) -> Result<i64, SendRefusal> {
        self.send(draft(self.chat, self.ben, "next")).await
    }

    async fn change(&self, change: impl FnOnce(&mut ChangeSettings)) {
        let mut settings = ChangeSettings { title: None, ..titled(self.chat, self.anna, "x") };
        change(&mut settings);
        self.other.chats.update(settings).await.unwrap();
    }

    async fn permit(&self, posting: Posting) {
        let posting = Some(posting);
        let permissions = PermissionsUpdate { posting, ..PermissionsUpdate::default() };
        self.change(|settings| settings.permissions = permissions).await;
    }

    /// Anna takes Ben out. The version of that.
    async fn take_out(&self) -> Version {
        let (chat, user) = (self.chat, self.ben);
        let remove = RemoveMember { chat, actor: self.anna.into(), user, at: at(50) };
        self.other.members.remove(remove).await.unwrap().left[0].version
    }

    /// Anna lets Ben in. The version of that.
    async fn let_in(&self) -> Version {
        let (chat, user, role) = (self.chat, self.ben, ChatRole::Member);
        let set = SetMember { chat, actor: self.anna.into(), user, role, capacity: 10, at: at(60) };
        self.other.members.set(set).await.unwrap().joined[0].version
    }

    async fn end(self) {
        self.other.close().await;
        self.db.storage.close().await;
    }
}

#[tokio::test]
async fn a_member_who_left_elsewhere_is_refused() {
    let scene = Scene::new().await;
    scene.take_out().await;
    assert_eq!(scene.next().await, Err(SendRefusal::ChatNotFound));
    assert_eq!(scene.next().await, Err(SendRefusal::ChatNotFound), "nor by what is remembered now");
    scene.let_in().await;
    assert_eq!(scene.next().await, Ok(3));
    scene.end().await;
}

#[tokio::test]
async fn a_chat_whose_settings_change_elsewhere_is_written_in_as_they_are_now() {
    let scene = Scene::new().await;
    scene.permit(Posting::Admins).await;
    assert!(matches!(scene.next().await, Err(SendRefusal::Restricted(_))));
    scene.permit(Posting::Everyone).await;
    assert_eq!(scene.next().await, Ok(3));
    scene.change(|settings| settings.slow_mode = Some(Duration::from_secs(30))).await;
    assert_eq!(scene.next().await, Ok(4), "the first in slow mode");
    let slow = SendRefusal::SlowMode { wait: Duration::from_secs(30) };
    assert_eq!(scene.next().await, Err(slow));
    scene.end().await;
}

#[tokio::test]
async fn a_member_who_is_silenced_elsewhere_says_nothing_until_that_is_lifted() {
    let scene = Scene::new().await;
    let (chat, user, by) = (scene.chat, scene.ben, scene.anna.into());
    let silence = NewSilence { chat, user, by, reason: Ok(None), at: at(50), until: None };
    scene.other.bans.silence(silence).await.unwrap();
    assert!(matches!(scene.next().await, Err(SendRefusal::Restricted(_))));
    let lift = LiftSilence { chat, user, actor: scene.anna.into(), at: at(60) };
    scene.other.bans.lift_silence(lift).await.unwrap();
    assert_eq!(scene.next().await, Ok(3));
    scene.end().await;
}

#[tokio::test]
async fn a_chat_that_is_closed_or_deleted_elsewhere_takes_nothing() {
    let scene = Scene::new().await;
    let direct = scene.db.storage.chats.open_direct(Pair::new(scene.anna, scene.ben), at(5)).await;
    let direct = direct.unwrap().0.id;
    scene.remember(direct).await;
    scene.other.blocks.block(scene.anna, scene.ben, 10, at(6)).await.unwrap();
    let refused = scene.send(draft(direct, scene.ben, "Hello?")).await;
    assert_eq!(refused, Err(SendRefusal::PeerUnavailable));
    scene.other.blocks.unblock(scene.anna, scene.ben).await.unwrap();
    assert_eq!(scene.send(draft(direct, scene.ben, "Hello!")).await, Ok(3));
    let wanted = DeleteChat { chat: scene.chat, actor: None, by_writers: false };
    scene.other.chats.delete(wanted).await.unwrap();
    assert_eq!(scene.next().await, Err(SendRefusal::ChatNotFound));
    scene.end().await;
}

#[tokio::test]
async fn a_message_that_was_sent_elsewhere_is_replayed() {
    let scene = Scene::new().await;
    let draft = draft_with_client_id(scene.chat, scene.ben, "id");
    let first = scene.other.messages.append(draft.clone()).await.unwrap();
    let again = scene.db.storage.messages.append(draft).await.unwrap();
    assert!(again.replayed && again.message == first.message);
    assert_eq!(scene.next().await, Ok(4), "numbers go on where the other server left them");
    scene.end().await;
}

/// What the database gives back, by a page and by the words, is what the sender was told.
#[tokio::test]
async fn what_is_stored_is_what_was_told() {
    let scene = Scene::new().await;
    let storage = &scene.db.storage;
    let text = MessageText::new("Grüße").unwrap();
    let greeting = Draft { text, ..full_draft(scene.chat, scene.ben, at(100)) };
    let sent = storage.messages.append(greeting).await.unwrap().message;
    let page = storage.messages.page(scene.chat, Page::Latest, 1).await.unwrap();
    assert_eq!(page.messages, std::slice::from_ref(&sent));
    let heads = storage.chats.heads(&[scene.chat]).await.unwrap();
    assert_eq!(heads, [(scene.chat, sent.version)]);
    let words = words::wanted("grüße", false);
    let query = MessageQuery { words, ..MessageQuery::default() };
    let found = storage.messages.find(scene.anna, query, None, 5).await.unwrap();
    assert_eq!(found.messages, [sent]);
    scene.end().await;
}

/// Each message lies between an arrival and a departure of its author, in the order of the versions.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_writes_where_they_are_not_while_they_come_and_go() {
    let scene = Scene::new().await;
    let mut writing = JoinSet::new();
    for _ in 0..4 {
        let (messages, draft) =
            (scene.db.storage.messages.clone(), draft(scene.chat, scene.ben, "Hello"));
        writing.spawn(async move {
            for _ in 0..100 {
                match messages.append(draft.clone()).await {
                    Ok(_) | Err(AppendError::Refused(SendRefusal::ChatNotFound)) => {}
                    Err(other) => panic!("{other}"),
                }
            }
        });
    }
    let mut absences = Vec::new();
    while !writing.is_empty() {
        absences.push((scene.take_out().await, scene.let_in().await));
        while writing.try_join_next().map(Result::unwrap).is_some() {}
    }
    let mut after = Seq::ZERO;
    loop {
        let page = Page::After(after);
        let messages =
            scene.db.storage.messages.page(scene.chat, page, 100).await.unwrap().messages;
        let Some(last) = messages.last() else { break };
        after = last.seq;
        for message in &messages {
            let was_out = |(left, back): &(Version, Version)| {
                (left.get()..back.get()).contains(&message.version.get())
            };
            assert!(!absences.iter().any(was_out), "{:?} in {absences:?}", message.version);
        }
    }
    scene.end().await;
}
