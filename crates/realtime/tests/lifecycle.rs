//! However a socket ends, its owner is online by it no more.

mod opening;

use actix_web::dev::Payload;
use bytestring::ByteString;
use domain::session::Caller;
use domain::session::SessionSockets;
use domain::user::AccountRole;
use opening::open;
use realtime::{
    Answer, Beginning, CloseCode, Conversation, Delivery, Frame, Hub, Push, SocketServices,
};
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use testkit::world::World;
use tokio::sync::oneshot;
use tokio::task::yield_now;

/// A protocol that says nothing but `ready`.
struct Silent;

impl Conversation for Silent {
    const PROTOCOL: &'static str = "silent";
    type Note = ();

    fn request(&mut self, _: ByteString) -> Answer<()> {
        Answer { holds_pushes: false, future: Box::pin(async { (None, None) }) }
    }

    fn answered(&mut self, (): ()) {}

    fn push(&mut self, _: &Arc<Delivery>) -> Push {
        Push::Now(None)
    }

    fn set_role(&mut self, _: AccountRole) -> Option<Frame> {
        None
    }
}

async fn somebody() -> (SocketServices, Caller) {
    let world = World::default();
    let caller = world.person("ada").await;
    let World { sessions, chats, presence, .. } = world;
    let services = SocketServices {
        hub: Arc::new(Hub::new(&[])),
        sessions: Arc::new(sessions),
        chats: Arc::new(chats),
        presence: Arc::new(presence),
    };
    (services, caller)
}

async fn is_online(services: &SocketServices, caller: &Caller) -> bool {
    let visible =
        services.presence.online(caller, &[caller.user]).await.expect("presence in memory");
    visible.of(caller.user) == Some(true)
}

#[actix_web::test]
async fn who_hangs_up_while_the_first_frame_is_written_is_offline() {
    let (services, caller) = somebody().await;
    let (hung_up, goes_on) = oneshot::channel();
    let (tell, ended) = oneshot::channel();
    let (of, who) = (services.clone(), caller.clone());
    let response = open(Payload::None, async move |socket| {
        let begin = async |caller: Arc<Caller>, _: Beginning| {
            assert!(is_online(&of, &caller).await, "by being connected");
            goes_on.await.unwrap();
            Ok((Silent, Some(Frame::text("ready"))))
        };
        let code = socket.converse(&of, Arc::new(who), begin).await;
        let _ = tell.send(code);
        code
    })
    .await;
    // The client is gone before its first frame can be written.
    drop(response);
    hung_up.send(()).unwrap();
    assert_eq!(ended.await, Ok(Err(CloseCode::Normal)));
    assert!(!is_online(&services, &caller).await);
    assert_eq!(services.hub.sessions(), []);
}

#[actix_web::test]
async fn whose_conversation_does_not_begin_is_offline() {
    let (services, caller) = somebody().await;
    let (tell, ended) = oneshot::channel();
    let (of, who) = (services.clone(), caller.clone());
    let response = open(Payload::None, async move |socket| {
        let begin = async |_: Arc<Caller>, _: Beginning| {
            Err::<(Silent, Option<Frame>), _>(CloseCode::Trouble)
        };
        let code = socket.converse(&of, Arc::new(who), begin).await;
        let _ = tell.send(code);
        code
    })
    .await;
    assert_eq!(ended.await, Ok(Err(CloseCode::Trouble)));
    assert!(!is_online(&services, &caller).await);
    drop(response);
}

#[actix_web::test]
async fn whose_task_is_given_up_or_panics_is_offline() {
    for panics in [true, false] {
        let (services, caller) = somebody().await;
        let (tell, begun) = oneshot::channel();
        let (of, who) = (services.clone(), caller.clone());
        let response = open(Payload::None, async move |socket| {
            let begin = async |_: Arc<Caller>, _: Beginning| {
                let _ = tell.send(());
                assert!(!panics, "the task of this socket panics, as the test wants");
                Ok((Silent, None))
            };
            let served = socket.converse(&of, Arc::new(who), begin);
            let mut served = Box::pin(served);
            // Up to where it waits for the client, and no further.
            poll_fn(|context| {
                let _ = served.as_mut().poll(context);
                Poll::Ready(())
            })
            .await;
            Ok(CloseCode::Normal)
        })
        .await;
        begun.await.unwrap();
        while is_online(&services, &caller).await {
            yield_now().await;
        }
        drop(response);
    }
}
