//! Who listens to what on this node.

use super::mailbox::{Closing, Delivery, Mailbox};
use super::{CloseCode, feed::Feed};
use domain::chat::Chats;
use domain::event::{Audience, Event, EventBody, EventBus};
use domain::ids::{ChatId, SessionId, UserId, Version};
use domain::presence::ConnectionId;
use domain::user::AccountRole;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, mpsc, watch};

/// How long a missing event may be on its way before the database is asked for it.
const HOLE_PATIENCE: Duration = Duration::from_millis(50);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct SocketId(u64);

/// The sockets of this node, and the chats that they listen to. Its lock is held for a few map
/// look-ups and never while anything waits.
#[derive(Default)]
pub struct Hub {
    state: Mutex<State>,
    hole_seen: Notify,
}

#[derive(Default)]
struct State {
    last_socket: u64,
    /// Set once the process is stopping; sockets that come now are turned away.
    stopping: bool,
    sockets: HashMap<SocketId, Socket>,
    people: HashMap<UserId, HashSet<SocketId>>,
    chats: HashMap<ChatId, Feed>,
}

struct Socket {
    user: UserId,
    session: SessionId,
    mailbox: Mailbox,
    /// The role that its owner was given since it was opened, if another.
    role: watch::Sender<Option<AccountRole>>,
    /// What it listens to.
    chats: HashSet<ChatId>,
}

/// A socket's place in the hub, which it leaves when this is dropped.
pub struct Connection {
    hub: Arc<Hub>,
    id: SocketId,
    pub(super) deliveries: mpsc::Receiver<Arc<Delivery>>,
    pub(super) closing: Arc<Closing>,
    role: watch::Receiver<Option<AccountRole>>,
}

impl EventBus for Hub {
    fn publish(&self, event: Event) {
        let mut state = self.state();
        match event.body.version() {
            Some((chat, version)) => {
                state.prepare(&event.body, chat, version);
                let Some(feed) = state.chats.get_mut(&chat) else { return };
                let ready = feed.accept(version, event);
                if feed.has_hole() {
                    self.hole_seen.notify_one();
                }
                state.deliver_in_order(chat, ready);
            }
            None => state.deliver_at_once(event),
        }
    }
}

impl Hub {
    /// Takes a socket in. From now on chats that its owner comes into reach it.
    pub fn connect(self: &Arc<Self>, user: UserId, session: SessionId) -> Connection {
        let (mailbox, deliveries, closing) = Mailbox::new();
        let mut state = self.state();
        if state.stopping {
            mailbox.close(CloseCode::Restarting);
        }
        state.last_socket += 1;
        let id = SocketId(state.last_socket);
        let (sender, role) = watch::channel(None);
        let socket = Socket { user, session, mailbox, role: sender, chats: HashSet::new() };
        state.sockets.insert(id, socket);
        state.people.entry(user).or_default().insert(id);
        drop(state);
        Connection { hub: Arc::clone(self), id, deliveries, closing, role }
    }

    /// Closes the sockets of these sessions.
    pub fn close_sessions(&self, ended: &HashSet<SessionId>) {
        for socket in self.state().sockets.values().filter(|s| ended.contains(&s.session)) {
            socket.mailbox.close(CloseCode::SessionEnded);
        }
    }

    /// Says which roles these people have now, to their sockets. Saying it again does nothing.
    pub fn set_roles(&self, roles: &[(UserId, AccountRole)]) {
        let state = self.state();
        for (user, role) in roles {
            let sockets = state.people.get(user).into_iter().flatten();
            for socket in sockets.filter_map(|id| state.sockets.get(id)) {
                socket.role.send_if_modified(|known| known.replace(*role) != Some(*role));
            }
        }
    }

    /// Closes every socket, those to come included: the process is stopping.
    pub fn stop(&self) {
        let mut state = self.state();
        state.stopping = true;
        for socket in state.sockets.values() {
            socket.mailbox.close(CloseCode::Restarting);
        }
    }

    /// How many sockets are open.
    pub fn sockets(&self) -> usize {
        self.state().sockets.len()
    }

    /// How many events wait for each socket.
    pub(crate) fn waiting(&self) -> Vec<usize> {
        self.state().sockets.values().map(|socket| socket.mailbox.waiting()).collect()
    }

    /// Fills holes from the database, for ever. A hole opens when an event was published out of
    /// order, or not at all because its process died or its caller left.
    pub async fn fill_holes(&self, chats: &Chats) {
        loop {
            self.hole_seen.notified().await;
            tokio::time::sleep(HOLE_PATIENCE).await;
            let holes: Vec<_> = self.state().holes();
            for (chat, delivered) in holes {
                match chats.events_since(chat, delivered).await {
                    Ok((events, reached)) => self.fill(chat, events, reached),
                    Err(error) => {
                        tracing::warn!(%error, %chat, "could not read what was missed; trying again");
                        self.hole_seen.notify_one();
                    }
                }
            }
        }
    }

    fn fill(&self, chat: ChatId, events: Vec<Event>, reached: Version) {
        let mut state = self.state();
        if reached == Version::ZERO {
            let audience = Audience::Members(chat);
            state.deliver_at_once(Event { audience, body: EventBody::ChatDeleted(chat) });
            return;
        }
        let Some(feed) = state.chats.get_mut(&chat) else { return };
        let ready = feed.fill(events, reached);
        if feed.has_hole() {
            self.hole_seen.notify_one();
        }
        state.deliver_in_order(chat, ready);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic below would leave a listener too many or too few, and its socket closed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// A chat that nobody here listened to so far may begin with this event.
    fn prepare(&mut self, body: &EventBody, chat: ChatId, version: Version) {
        let newcomers: &[UserId] = match body {
            EventBody::ChatCreated { members, .. } => members,
            EventBody::MemberJoined(member) => &[member.user.id],
            _ => return,
        };
        if newcomers.iter().any(|user| self.people.contains_key(user)) {
            let before = Version::stored(version.get() - 1);
            self.chats.entry(chat).or_insert_with(|| Feed::at(before));
        }
    }

    /// Delivers events of a chat. Who listens follows from the events themselves, so it is right at
    /// each of them.
    fn deliver_in_order(&mut self, chat: ChatId, events: Vec<Event>) {
        for event in events {
            match &event.body {
                EventBody::ChatCreated { members, .. } => {
                    for user in members {
                        self.listen(chat, *user);
                    }
                }
                EventBody::MemberJoined(member) | EventBody::MemberUpdated(member) => {
                    self.listen(chat, member.user.id);
                }
                _ => {}
            }
            let left = match &event.body {
                EventBody::MemberLeft(member) => Some(member.user.id),
                _ => None,
            };
            self.deliver(event);
            if let Some(user) = left {
                self.stop_listening(chat, user);
            }
        }
    }

    fn deliver_at_once(&mut self, event: Event) {
        let gone = match event.body {
            EventBody::ChatDeleted(chat) => Some(chat),
            _ => None,
        };
        self.deliver(event);
        if let Some(chat) = gone {
            self.chats.remove(&chat);
        }
    }

    fn deliver(&self, event: Event) {
        let delivery = Arc::new(Delivery::new(event));
        let in_chat = |chat| self.chats.get(chat).into_iter().flat_map(|feed| &feed.listeners);
        match &delivery.event.audience {
            Audience::Members(chat) => {
                self.put(in_chat(chat), &delivery, None);
            }
            Audience::MembersExcept(chat, user) => {
                self.put(in_chat(chat), &delivery, Some(*user));
            }
            Audience::Users(users) => {
                let sockets = users.iter().filter_map(|user| self.people.get(user)).flatten();
                self.put(sockets, &delivery, None);
            }
        }
    }

    fn put<'a>(
        &self,
        sockets: impl Iterator<Item = &'a SocketId>,
        delivery: &Arc<Delivery>,
        except: Option<UserId>,
    ) {
        for socket in sockets.filter_map(|id| self.sockets.get(id)) {
            if Some(socket.user) != except {
                socket.mailbox.put(delivery);
            }
        }
    }

    fn listen(&mut self, chat: ChatId, user: UserId) {
        for id in self.sockets_of(user) {
            self.attach(id, chat);
        }
    }

    fn stop_listening(&mut self, chat: ChatId, user: UserId) {
        for id in self.sockets_of(user) {
            self.detach(id, chat);
        }
    }

    fn sockets_of(&self, user: UserId) -> Vec<SocketId> {
        self.people.get(&user).into_iter().flatten().copied().collect()
    }

    fn attach(&mut self, id: SocketId, chat: ChatId) {
        if let (Some(socket), Some(feed)) = (self.sockets.get_mut(&id), self.chats.get_mut(&chat)) {
            socket.chats.insert(chat);
            feed.listeners.insert(id);
        }
    }

    fn detach(&mut self, id: SocketId, chat: ChatId) {
        if let Some(socket) = self.sockets.get_mut(&id) {
            socket.chats.remove(&chat);
        }
        self.forget(id, chat);
    }

    /// A chat that nobody here listens to any more is no longer followed.
    fn forget(&mut self, id: SocketId, chat: ChatId) {
        let Some(feed) = self.chats.get_mut(&chat) else { return };
        feed.listeners.remove(&id);
        if feed.listeners.is_empty() {
            self.chats.remove(&chat);
        }
    }

    fn holes(&self) -> Vec<(ChatId, Version)> {
        let holes = self.chats.iter().filter(|(_, feed)| feed.has_hole());
        holes.map(|(chat, feed)| (*chat, feed.delivered)).collect()
    }
}

impl Connection {
    /// What presence knows this connection by.
    pub fn presence_id(&self) -> ConnectionId {
        ConnectionId(self.id.0)
    }

    /// Where the role shows that its owner was given since.
    pub fn role(&self) -> watch::Receiver<Option<AccountRole>> {
        self.role.clone()
    }

    /// Listens to these chats, which were at these versions a moment ago.
    pub fn join(&self, chats: &[(ChatId, Version)]) {
        let mut state = self.hub.state();
        for &(chat, version) in chats {
            state.chats.entry(chat).or_insert_with(|| Feed::at(version));
            state.attach(self.id, chat);
        }
    }

    /// Listens to this chat no more.
    pub fn leave(&self, chat: ChatId) {
        self.hub.state().detach(self.id, chat);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut state = self.hub.state();
        let Some(socket) = state.sockets.remove(&self.id) else { return };
        if let Some(others) = state.people.get_mut(&socket.user) {
            others.remove(&self.id);
            if others.is_empty() {
                state.people.remove(&socket.user);
            }
        }
        for chat in socket.chats {
            state.forget(self.id, chat);
        }
    }
}
