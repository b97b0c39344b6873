//! A socket's place in the hub.

use crate::close::CloseCode;
use crate::delivery::Delivery;
use crate::hub::Hub;
use crate::mailbox::Mailbox;
use crate::share::Found;
use crate::socket_id::SocketId;
use domain::chat::{Chats, Followed, Horizon, Missed};
use domain::failure::StoreError;
use domain::ids::{ChatId, SessionId, UserId, Version};
use domain::limits::PAGE_MAX;
use domain::nodes::{Doubt, Sockets, Topic};
use domain::presence::ConnectionId;
use domain::session::Caller;
use futures_util::future::LocalBoxFuture;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

/// What was read of a chat; `None` if it is gone.
type Read = (ChatId, Result<Option<Missed>, StoreError>);

/// To which session a socket belongs.
#[derive(Clone)]
pub struct Belonging {
    hub: Arc<Hub>,
    id: SocketId,
}

impl Belonging {
    /// From now on the socket ends with that session of its owner, which was there a moment ago. If it ended
    /// since, the next look closes the socket: each tells of what ended within the last
    /// [`domain::limits::SESSION_LOOK_MARGIN`].
    pub fn set_session(&self, session: SessionId) {
        if let Some(socket) = self.hub.connected().sockets.get_mut(&self.id) {
            socket.session = session;
        }
    }
}

/// A socket's place in the hub, which it leaves when this is dropped.
pub(crate) struct Connection {
    hub: Arc<Hub>,
    id: SocketId,
    pub(crate) mailbox: Arc<Mailbox>,
    /// Those that were taken out to be written next.
    pub(crate) arrived: Vec<Arc<Delivery>>,
    chats: Arc<Chats>,
    user: UserId,
    /// What is being read of a chat that the socket is behind with.
    reading: Option<LocalBoxFuture<'static, Read>>,
    /// When its session was still there, and its owner had the role that it was told.
    connected_at: Instant,
}

impl Connection {
    /// Takes a socket in. From now on chats that its owner comes into reach it.
    pub(crate) fn new(hub: &Arc<Hub>, chats: &Arc<Chats>, caller: &Caller) -> Self {
        let mailbox = Arc::<Mailbox>::default();
        Self {
            hub: Arc::clone(hub),
            id: hub.take_in(caller, Arc::clone(&mailbox)),
            mailbox,
            arrived: Vec::new(),
            chats: Arc::clone(chats),
            user: caller.user,
            reading: None,
            connected_at: Instant::now(),
        }
    }

    /// Waits for deliveries, and adds them to those that arrived: at most so many from the mailbox, and a
    /// page of a chat that the socket is behind with. Nothing is lost when this is dropped.
    ///
    /// # Errors
    /// The database is away.
    pub(crate) async fn arrive(&mut self, most: usize) -> Result<(), CloseCode> {
        while self.arrived.is_empty() {
            if self.reading.is_none()
                && let Some((chat, from)) = self.mailbox.behind()
            {
                let hub = Arc::clone(&self.hub);
                self.reading =
                    Some(Box::pin(read(hub, Arc::clone(&self.chats), self.user, (chat, from))));
            }
            let is_reading = self.reading.is_some();
            tokio::select! {
                (chat, missed) = some(&mut self.reading), if is_reading => {
                    self.reading = None;
                    self.catch_up(chat, missed)?;
                }
                () = self.mailbox.arrive(&mut self.arrived, most, is_reading) => {}
            }
        }
        Ok(())
    }

    fn catch_up(
        &mut self,
        chat: ChatId,
        missed: Result<Option<Missed>, StoreError>,
    ) -> Result<(), CloseCode> {
        let missed = missed.map_err(|error| {
            tracing::warn!(%error, "could not read what a mailbox had no room for");
            CloseCode::Trouble
        })?;
        let hidden = missed.iter().flat_map(|missed| &missed.horizons);
        let horizon = hidden.map(|(_, horizon)| *horizon).next().unwrap_or(Horizon::NONE);
        let events = self.mailbox.fill(chat, missed);
        let deliver = |event| Arc::new(Delivery::beyond(event, horizon, &self.hub.slots));
        self.arrived.extend(events.into_iter().map(deliver));
        Ok(())
    }

    /// Whether somebody looked of late what became of its session, and of its owner's role.
    pub(crate) fn is_sure(&self) -> bool {
        self.hub.confirmed.is_recent(self.connected_at)
    }

    /// Waits until that is so.
    pub(crate) async fn sure(&self) {
        self.hub.confirmed.recent(self.connected_at).await;
    }

    /// By what it is said that it belongs to another session.
    pub(crate) fn belonging(&self) -> Belonging {
        Belonging { hub: Arc::clone(&self.hub), id: self.id }
    }

    /// What presence knows this connection by.
    pub(crate) fn presence_id(&self) -> ConnectionId {
        ConnectionId(self.id.0)
    }

    /// Joins the person's chats and returns the version of each from which on events are pushed. What
    /// changes after the join waits in the mailbox. Between the look at the chats and the join, something may
    /// have changed:
    ///
    /// - in a chat that others here listen to, whose feed is further now: then there is a second look, and what
    ///   changed before it is in it;
    /// - in a chat that nobody here listened to: it is compared with the database, together with those of
    ///   others who connect at the same time. What other nodes change meanwhile is found when the bus follows
    ///   the chat.
    pub(crate) async fn join_chats(
        &self,
        caller: &Caller,
    ) -> Result<Vec<(ChatId, Version)>, StoreError> {
        self.hears_others(caller).await;
        let version = |followed: &Followed| (followed.chat, followed.version);
        let joined = self.chats.followed(caller).await?;
        if !self.join(&joined) {
            return Ok(joined.iter().map(version).collect());
        }
        let now = self.chats.followed(caller).await?;
        self.join(&now);
        let there: HashSet<_> = now.iter().map(|followed| followed.chat).collect();
        for gone in joined.iter().filter(|followed| !there.contains(&followed.chat)) {
            self.hub.share(gone.chat).detach(self.id);
        }
        Ok(now.iter().map(version).collect())
    }

    /// Waits until what other nodes tell its owner arrives here; see
    /// [`domain::nodes::Subscriptions::followed`].
    async fn hears_others(&self, caller: &Caller) {
        if let Some(others) = self.hub.others() {
            others.followed(Topic::Person(caller.user)).await;
        }
    }

    /// Listens to these chats, which were at these versions a moment ago. Returns whether one of them is
    /// further by now.
    fn join(&self, chats: &[Followed]) -> bool {
        let (mut opened, mut has_moved) = (Vec::new(), false);
        for followed in chats {
            match self.hub.share(followed.chat).join(self.id, followed) {
                Found::Unheard => opened.push(followed.chat),
                Found::Moved => has_moved = true,
                Found::AsSaid => {}
            }
        }
        self.hub.connected().has_joined(self.id);
        if !opened.is_empty() {
            self.hub.compare(Doubt::Chats(opened));
        }
        has_moved
    }
}

/// Reads a page of what somebody missed in a chat. Few read at once: a burst that was too much for one
/// socket was too much for others.
async fn read(
    hub: Arc<Hub>,
    chats: Arc<Chats>,
    user: UserId,
    (chat, from): (ChatId, Version),
) -> Read {
    let turn = hub.catching_up.acquire().await;
    let missed = chats.missed_by(user, chat, from, PAGE_MAX).await;
    drop(turn);
    (chat, missed)
}

/// Goes on with what is being read, of which there must be something.
async fn some(reading: &mut Option<LocalBoxFuture<'static, Read>>) -> Read {
    reading.as_mut().expect("a chat that is read").await
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.hub.take_out(self.id);
    }
}
