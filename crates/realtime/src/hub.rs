//! Who listens to what on this node.

use super::CloseCode;
use super::feed::{Feed, Why};
use super::holes::{Doubts, Hole};
use super::mailbox::{Delivery, MAILBOX_SIZE, Mailbox, Orders};
use domain::event::{Audience, Event, EventBody, EventBus};
use domain::ids::{ChatId, SessionId, UserId, Version};
use domain::nodes::{Doubt, Sockets, Subscriptions, Topic};
use domain::presence::ConnectionId;
use domain::session::Caller;
use domain::user::AccountRole;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::mem::replace;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, mpsc};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct SocketId(u64);

/// The sockets of this node, and the chats that they listen to. Its lock is held for a few map
/// look-ups and never while anything waits.
#[derive(Default)]
pub struct Hub {
    state: Mutex<State>,
    pub(super) hole_seen: Notify,
    pub(super) doubted: Notify,
    /// The same, without a reason.
    pub(super) hardly_doubted: Notify,
}

#[derive(Default)]
pub(super) struct State {
    last_socket: u64,
    /// Set once the process is stopping; sockets that come now are turned away.
    stopping: bool,
    sockets: HashMap<SocketId, Socket>,
    pub(super) people: HashMap<UserId, HashSet<SocketId>>,
    pub(super) chats: HashMap<ChatId, Feed>,
    /// What brings the events of other nodes, if there are any.
    others: Option<Arc<dyn Subscriptions>>,
    /// What is to be compared with the database.
    pub(super) doubts: Doubts,
}

struct Socket {
    user: UserId,
    session: SessionId,
    mailbox: Mailbox,
    /// The role of its owner, as the socket was told.
    role: AccountRole,
    /// What it listens to.
    chats: HashSet<ChatId>,
    /// Whether it has joined the chats that its owner was in.
    joined: bool,
}

/// A socket's place in the hub, which it leaves when this is dropped.
pub struct Connection {
    hub: Arc<Hub>,
    id: SocketId,
    pub(super) deliveries: mpsc::Receiver<Arc<Delivery>>,
    /// Those that were taken out to be written next.
    pub(super) arrived: Vec<Arc<Delivery>>,
    pub(super) orders: Arc<Orders>,
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

impl Sockets for Hub {
    fn deliver(&self, event: Event) {
        self.publish(event);
    }

    fn reached(&self, chat: ChatId, version: Version) {
        if let Some(feed) = self.state().chats.get_mut(&chat)
            && feed.note(version, Why::Reached)
        {
            self.hole_seen.notify_one();
        }
    }

    fn compare(&self, doubt: Doubt) {
        let waits = if doubt == Doubt::AnyChat { &self.hardly_doubted } else { &self.doubted };
        self.state().doubts.add(doubt);
        waits.notify_one();
    }
}

impl Hub {
    /// Takes a socket in. From now on chats that its owner comes into reach it.
    pub fn connect(self: &Arc<Self>, &Caller { user, session, role }: &Caller) -> Connection {
        let (mailbox, deliveries, orders) = Mailbox::new();
        let mut state = self.state();
        if state.stopping {
            mailbox.close(CloseCode::Restarting);
        }
        state.last_socket += 1;
        let id = SocketId(state.last_socket);
        let chats = HashSet::new();
        let socket = Socket { user, session, mailbox, role, chats, joined: false };
        state.sockets.insert(id, socket);
        if state.people.entry(user).or_default().insert(id) && state.people[&user].len() == 1 {
            state.follow(Topic::Person(user));
        }
        drop(state);
        Connection { hub: Arc::clone(self), id, deliveries, arrived: Vec::new(), orders }
    }

    /// Closes the sockets of these sessions.
    pub fn close_sessions(&self, ended: &HashSet<SessionId>) {
        for socket in self.state().sockets.values().filter(|s| ended.contains(&s.session)) {
            socket.mailbox.close(CloseCode::SessionEnded);
        }
    }

    /// Says which roles these people have now, to their sockets. Saying it again does nothing.
    pub fn set_roles(&self, roles: &[(UserId, AccountRole)]) {
        let State { people, sockets, .. } = &mut *self.state();
        for (user, role) in roles {
            for id in people.get(user).into_iter().flatten() {
                if let Some(socket) = sockets.get_mut(id)
                    && replace(&mut socket.role, *role) != *role
                {
                    socket.mailbox.set_role(*role);
                }
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

    /// From now on the events of other nodes come by these. To be called before any socket is there.
    pub fn hear_others(&self, others: Arc<dyn Subscriptions>) {
        self.state().others = Some(others);
    }

    /// Whether all sockets that listen to a chat could take so many events at once.
    pub(super) fn has_room(&self, chat: ChatId, events: usize) -> bool {
        let state = self.state();
        let listeners = state.chats.get(&chat).into_iter().flat_map(|feed| &feed.listeners);
        let mut sockets = listeners.filter_map(|id| state.sockets.get(id));
        sockets.all(|socket| socket.mailbox.waiting() + events <= MAILBOX_SIZE)
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
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
            self.open_feed(chat, Version::stored(version.get() - 1));
        }
    }

    /// Follows a chat from a version on, unless it is followed.
    pub(super) fn open_feed(&mut self, chat: ChatId, at: Version) {
        if let Entry::Vacant(place) = self.chats.entry(chat) {
            place.insert(Feed::at(at));
            self.follow(Topic::Chat(chat));
        }
    }

    fn close_feed(&mut self, chat: ChatId) {
        if self.chats.remove(&chat).is_some() {
            self.unfollow(Topic::Chat(chat));
        }
    }

    fn follow(&self, topic: Topic) {
        if let Some(others) = &self.others {
            others.follow(topic);
        }
    }

    fn unfollow(&self, topic: Topic) {
        if let Some(others) = &self.others {
            others.unfollow(topic);
        }
    }

    /// Delivers events of a chat. Who listens follows from the events themselves, so it is right at
    /// each of them.
    pub(super) fn deliver_in_order(&mut self, chat: ChatId, events: Vec<Event>) {
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

    pub(super) fn deliver_at_once(&mut self, event: Event) {
        let gone = match event.body {
            EventBody::ChatDeleted(chat) => Some(chat),
            _ => None,
        };
        self.deliver(event);
        if let Some(chat) = gone {
            self.close_feed(chat);
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

    pub(super) fn listen(&mut self, chat: ChatId, user: UserId) {
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
            self.close_feed(chat);
        }
    }

    /// Whether a socket of that person should listen to a chat that they are in, and does not.
    pub(super) fn misses(&self, chat: ChatId, user: UserId) -> bool {
        let sockets = self.people.get(&user).into_iter().flatten();
        let mut sockets = sockets.filter_map(|id| self.sockets.get(id));
        sockets.any(|socket| socket.joined && !socket.chats.contains(&chat))
    }

    pub(super) fn holes(&self) -> Vec<Hole> {
        let holes = self.chats.iter().filter(|(_, feed)| feed.has_hole());
        let hole = |(chat, feed): (&ChatId, &Feed)| Hole {
            chat: *chat,
            from: feed.delivered,
            why: feed.why,
        };
        holes.map(hole).collect()
    }
}

impl Connection {
    /// What presence knows this connection by.
    pub fn presence_id(&self) -> ConnectionId {
        ConnectionId(self.id.0)
    }

    /// Listens to these chats, which were at these versions a moment ago.
    pub fn join(&self, chats: &[(ChatId, Version)]) {
        let mut state = self.hub.state();
        for &(chat, version) in chats {
            state.open_feed(chat, version);
            state.attach(self.id, chat);
        }
        if let Some(socket) = state.sockets.get_mut(&self.id) {
            socket.joined = true;
        }
    }

    /// Waits until what other nodes tell its owner arrives here; see [`Subscriptions::followed`].
    pub(super) async fn hears_others(&self, user: UserId) {
        let others = self.hub.state().others.clone();
        if let Some(others) = others {
            others.followed(Topic::Person(user)).await;
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
                state.unfollow(Topic::Person(socket.user));
            }
        }
        for chat in socket.chats {
            state.forget(self.id, chat);
        }
    }
}
