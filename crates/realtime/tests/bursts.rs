//! What a mailbox has no room for is read from the database, and nobody is closed for it.

mod opening;

use actix_web::dev::Payload;
use bytestring::ByteString;
use domain::event::EventBus;
use domain::message::Send;
use domain::session::SessionSockets;
use domain::user::AccountRole;
use futures_util::stream::{self, StreamExt};
use opening::open;
use realtime::{
    Answer, Beginning, Conversation, Delivery, Frame, Hub, MAILBOX_SIZE, Push, SocketServices,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use testkit::world::World;
use tokio::sync::{Notify, oneshot};

/// What a client was pushed.
#[derive(Default)]
struct Pushed {
    versions: Mutex<Vec<i64>>,
    more: Notify,
}

/// A protocol that notes what it is to push.
struct Noting(Arc<Pushed>);

impl Pushed {
    fn versions(&self) -> MutexGuard<'_, Vec<i64>> {
        self.versions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Conversation for Noting {
    const PROTOCOL: &'static str = "noting";
    type Note = ();

    fn request(&mut self, _: ByteString) -> Answer<()> {
        Answer { holds_pushes: false, future: Box::pin(async { (None, None) }) }
    }

    fn answered(&mut self, (): ()) {}

    fn push(&mut self, delivery: &Arc<Delivery>) -> Push {
        if let Some((_, version)) = delivery.event.body.version() {
            self.0.versions().push(version.get());
            self.0.more.notify_one();
        }
        Push::Now(None)
    }

    fn set_role(&mut self, _: AccountRole) -> Option<Frame> {
        None
    }
}

#[actix_web::test]
async fn a_burst_reaches_its_listeners_whole_and_in_order() {
    let world = World::default();
    let (ada, ben) = (world.person("ada").await, world.person("ben").await);
    let chat = world.group(&ada, &[&ben]).await;
    let World { sessions, chats, presence, messages, bus, .. } = world;
    let services = SocketServices {
        hub: Arc::new(Hub::new(&[])),
        sessions: Arc::new(sessions),
        chats: Arc::new(chats),
        presence: Arc::new(presence),
    };
    let pushed = Arc::<Pushed>::default();
    let (tell, begun) = oneshot::channel();
    let (of, who, notes) = (services.clone(), ada.clone(), Arc::clone(&pushed));
    let silence = Payload::Stream { payload: stream::pending().boxed_local() };
    let response = open(silence, async move |socket| {
        let begin = async |_, beginning: Beginning| {
            let _ = tell.send(beginning.chats);
            Ok((Noting(notes), None::<Frame>))
        };
        socket.converse(&of, Arc::new(who), begin).await
    })
    .await;
    let at = begun.await.unwrap()[0].1.get();

    // All at once, before the socket's task has a turn: far more than its mailbox holds.
    let burst = 2 * MAILBOX_SIZE;
    bus.take();
    for n in 0..burst {
        let text = n.to_string();
        let said = Send::new(chat, &text);
        messages.send(&ben, said).await.unwrap();
    }
    let events = bus.take();
    assert_eq!(events.len(), burst);
    events.into_iter().for_each(|event| services.hub.publish(event));

    let last = at + i64::try_from(burst).unwrap();
    let come = || pushed.versions().clone();
    while come().last() != Some(&last) {
        if tokio::time::timeout(std::time::Duration::from_secs(5), pushed.more.notified())
            .await
            .is_err()
        {
            panic!("{} {:?} {:?}", come().len(), come().last(), last)
        }
    }
    assert_eq!(come(), (at + 1..=last).collect::<Vec<_>>());
    assert_eq!(services.hub.sessions().len(), 1, "the socket is still there");

    // And from then on by the mailbox again.
    let said = Send::new(chat, "late");
    messages.send(&ben, said).await.unwrap();
    bus.take().into_iter().for_each(|event| services.hub.publish(event));
    while come().last() != Some(&(last + 1)) {
        pushed.more.notified().await;
    }
    assert_eq!(come().len(), burst + 1);
    drop(response);
}
