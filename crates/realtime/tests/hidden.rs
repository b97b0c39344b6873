//! What is hidden from a listener is not pushed to them, whichever way the events come.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

mod opening;

use actix_web::dev::Payload;
use bytestring::ByteString;
use domain::chat::{ChatRole, Chats, HistoryShown, PermissionsUpdate, SettingsUpdate};
use domain::event::{EventBody, EventBus};
use domain::ids::{ChatId, MessageId};
use domain::message::{Message, Messages, Send};
use domain::session::Caller;
use domain::user::AccountRole;
use futures_util::stream::{self, StreamExt};
use opening::open;
use realtime::{
    Answer, Beginning, Conversation, Delivery, Frame, Hub, MAILBOX_SIZE, Push, SocketServices,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use testkit::memory::RecordingBus;
use testkit::world::World;
use tokio::sync::{Notify, oneshot};

/// What a client was pushed: texts of messages, with `>` in front if what they reply to is hidden.
#[derive(Default)]
struct Pushed {
    texts: Mutex<Vec<String>>,
    more: Notify,
}

impl Pushed {
    fn texts(&self) -> MutexGuard<'_, Vec<String>> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything up to that text, which comes; and forgets it.
    async fn up_to(&self, text: &str) -> Vec<String> {
        loop {
            let more = self.more.notified();
            if self.texts().iter().any(|pushed| pushed == text) {
                return std::mem::take(&mut *self.texts());
            }
            more.await;
        }
    }
}

/// A protocol that notes what it is to push.
struct Noting(Arc<Pushed>);

impl Conversation for Noting {
    const PROTOCOL: &'static str = "noting";
    type Note = ();

    fn request(&mut self, _: ByteString) -> Answer<()> {
        Answer { holds_pushes: false, future: Box::pin(async { (None, None) }) }
    }

    fn answered(&mut self, (): ()) {}

    fn push(&mut self, delivery: &Arc<Delivery>) -> Push {
        let told = match &delivery.event.body {
            EventBody::Read { seq, .. } => Some(format!("read {seq}")),
            body => body.message().map(|message| message.text.clone()),
        };
        if let Some(told) = told {
            let mark = if delivery.hides_answered { ">" } else { "" };
            self.0.texts().push(format!("{mark}{told}"));
            self.0.more.notify_one();
        }
        Push::Now(None)
    }

    fn set_role(&mut self, _: AccountRole) -> Option<Frame> {
        None
    }
}

/// A chat of Ada's that hides its past, and who listens.
struct Scene {
    services: SocketServices,
    messages: Messages,
    bus: Arc<RecordingBus>,
    ada: Caller,
    chat: ChatId,
    old: Message,
}

impl Scene {
    /// Opens a socket of somebody, which listens from then on for as long as the response is there.
    async fn listens(&self, who: &Caller) -> (Arc<Pushed>, actix_web::HttpResponse) {
        let pushed = Arc::<Pushed>::default();
        let (tell, begun) = oneshot::channel();
        let (of, who, notes) = (self.services.clone(), who.clone(), Arc::clone(&pushed));
        let silence = Payload::Stream { payload: stream::pending().boxed_local() };
        let response = open(silence, async move |socket| {
            let begin = async |_, beginning: Beginning| {
                let _ = tell.send(beginning.chats);
                Ok((Noting(notes), None::<Frame>))
            };
            socket.converse(&of, Arc::new(who), begin).await
        })
        .await;
        begun.await.unwrap();
        (pushed, response)
    }

    fn chats(&self) -> &Chats {
        &self.services.chats
    }

    /// Lets what happened reach the hub.
    fn publish(&self) {
        self.bus.take().into_iter().for_each(|event| self.services.hub.publish(event));
    }

    async fn say(&self, text: &str, reply_to: Option<MessageId>) -> MessageId {
        let said = Send { reply_to, ..Send::new(self.chat, text) };
        self.messages.send(&self.ada, said).await.unwrap().message.id
    }

    async fn adds(&self, who: &Caller) {
        self.chats().set_member(&self.ada, self.chat, who.user, ChatRole::Member).await.unwrap();
    }
}

async fn scene() -> (Scene, [Caller; 3]) {
    let world = World::default();
    let [ada, ben, cleo, dora] = [
        world.person("ada").await,
        world.person("ben").await,
        world.person("cleo").await,
        world.person("dora").await,
    ];
    let chat = world.group(&ada, &[&dora]).await;
    let history = Some(HistoryShown::FromJoining);
    let permissions = PermissionsUpdate { history, ..PermissionsUpdate::default() };
    let update = SettingsUpdate { permissions, ..SettingsUpdate::default() };
    world.chats.update(&ada, chat, update).await.unwrap();
    let old = world.say(&ada, chat, "old").await;
    let World { sessions, chats, presence, messages, bus, .. } = world;
    bus.take();
    let services = SocketServices {
        hub: Arc::new(Hub::new(&[])),
        sessions: Arc::new(sessions),
        chats: Arc::new(chats),
        presence: Arc::new(presence),
    };
    (Scene { services, messages, bus, ada, chat, old }, [ben, cleo, dora])
}

#[actix_web::test]
async fn what_happens_to_hidden_messages_is_not_pushed_to_newcomers() {
    let (scene, [ben, cleo, dora]) = scene().await;
    let (dora_sees, _dora) = scene.listens(&dora).await;
    // Ben listens before he comes in, and Cleo after she did.
    let (ben_sees, _ben) = scene.listens(&ben).await;
    scene.adds(&ben).await;
    scene.adds(&cleo).await;
    scene.publish();
    let (cleo_sees, _cleo) = scene.listens(&cleo).await;
    let (chat, old) = (scene.chat, scene.old.id);
    scene.messages.edit(&scene.ada, chat, old, "old, edited").await.unwrap();
    scene.messages.react(&dora, (None, old), "👍", true).await.unwrap();
    scene.messages.pin(&scene.ada, chat, old, true).await.unwrap();
    scene.chats().mark_read(&dora, chat, scene.old.seq).await.unwrap();
    let answer = scene.say("answer", Some(old)).await;
    scene.say("answer to the answer", Some(answer)).await;
    scene.messages.delete(&scene.ada, chat, old).await.unwrap();
    scene.say("new", None).await;
    scene.publish();
    let seen = [">answer", "answer to the answer", "new"];
    assert_eq!(ben_sees.up_to("new").await, seen);
    assert_eq!(cleo_sees.up_to("new").await, seen);
    let marked = "old, edited";
    let all = [marked, marked, marked, "read 1", "answer", "answer to the answer", "", "new"];
    assert_eq!(dora_sees.up_to("new").await, all);
}

#[actix_web::test]
async fn a_backlog_has_nothing_hidden() {
    let (scene, [ben, ..]) = scene().await;
    scene.adds(&ben).await;
    let (sees, _ben) = scene.listens(&ben).await;
    for n in 0..=MAILBOX_SIZE {
        scene.say(&n.to_string(), None).await;
    }
    let old = scene.old.id;
    scene.messages.edit(&scene.ada, scene.chat, old, "old, edited").await.unwrap();
    scene.say("answer", Some(old)).await;
    scene.say("last", None).await;
    scene.publish();
    let mut seen = sees.up_to("last").await;
    assert_eq!(seen.len(), MAILBOX_SIZE + 3);
    seen.drain(..=MAILBOX_SIZE);
    assert_eq!(seen, [">answer", "last"]);
}

#[actix_web::test]
async fn what_was_said_while_somebody_was_out_is_not_filled_in_for_them() {
    let (scene, [ben, _, dora]) = scene().await;
    scene.adds(&ben).await;
    scene.publish();
    let (ben_sees, _ben) = scene.listens(&ben).await;
    let (dora_sees, _dora) = scene.listens(&dora).await;
    scene.say("before", None).await;
    scene.publish();
    assert_eq!(ben_sees.up_to("before").await, ["before"]);
    // More than is filled in at once, so that his return is among what comes later. None of it is told of.
    scene.chats().remove_member(&scene.ada, scene.chat, ben.user).await.unwrap();
    for n in 0..150 {
        scene.say(&format!("meanwhile {n}"), None).await;
    }
    scene.adds(&ben).await;
    scene.say("after", None).await;
    scene.bus.take();
    scene.say("told", None).await;
    scene.publish();
    let (hub, chats) = (Arc::clone(&scene.services.hub), Arc::clone(&scene.services.chats));
    let filling = actix_web::rt::spawn(async move { hub.fill_gaps(&chats).await });
    assert_eq!(ben_sees.up_to("told").await, ["after", "told"]);
    assert_eq!(dora_sees.up_to("told").await.len(), 153);
    filling.abort();
}
