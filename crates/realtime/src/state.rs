//! The sockets of this node and the chats that they listen to, under the lock of the hub.

use crate::close::CloseCode;
use crate::delivery::{Delivery, Slots, hides_answered};
use crate::feed::Feed;
use crate::gaps::{Gap, ToReconcile};
use crate::mailbox::Mailbox;
use crate::socket_id::SocketId;
use domain::chat::{Followed, Horizon, Horizons};
use domain::event::{Audience, Event, EventBody};
use domain::ids::{ChatId, SessionId, UserId, Version};
use domain::nodes::{Subscriptions, Topic};
use domain::session::Caller;
use domain::user::AccountRole;
use std::cell::LazyCell;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

#[derive(Default)]
pub(crate) struct State {
    pub(crate) slots: Slots,
    last_socket: u64,
    /// Set once the process is stopping; sockets that come now are turned away.
    pub(crate) stopping: bool,
    pub(crate) sockets: HashMap<SocketId, Socket>,
    pub(crate) people: HashMap<UserId, HashSet<SocketId>>,
    pub(crate) chats: HashMap<ChatId, Feed>,
    /// What brings the events of other nodes, if there are any.
    pub(crate) others: Option<Arc<dyn Subscriptions>>,
    /// What is to be compared with the database.
    pub(crate) to_reconcile: ToReconcile,
    /// The chats in which something is missing. Looking through all of them would hold up everybody.
    with_gaps: HashSet<ChatId>,
}

pub(crate) struct Socket {
    user: UserId,
    pub(crate) session: SessionId,
    pub(crate) mailbox: Mailbox,
    /// The role of its owner, as the socket was told.
    pub(crate) role: AccountRole,
    /// What it listens to.
    chats: HashSet<ChatId>,
    /// Whether it has joined the chats that its owner was in.
    joined: bool,
}

/// What a socket that joins chats finds.
#[derive(Default)]
pub(crate) struct Joined {
    /// Those that nobody on this node listened to.
    pub(crate) opened: Vec<ChatId>,
    /// Whether one is further than it was said to be.
    pub(crate) has_moved: bool,
}

impl State {
    /// Nothing is open yet.
    pub(crate) fn new(slots: Slots) -> Self {
        Self { slots, ..Self::default() }
    }

    /// Takes a socket in, and tells it to close if the process is stopping.
    pub(crate) fn take_in(&mut self, caller: &Caller, mailbox: Mailbox) -> SocketId {
        let &Caller { user, session, role, .. } = caller;
        if self.stopping {
            mailbox.close(CloseCode::Restarting);
        }
        self.last_socket += 1;
        let id = SocketId(self.last_socket);
        let chats = HashSet::new();
        let socket = Socket { user, session, mailbox, role, chats, joined: false };
        self.sockets.insert(id, socket);
        if self.people.entry(user).or_default().insert(id) && self.people[&user].len() == 1 {
            self.follow(Topic::Person(user));
        }
        id
    }

    /// Takes a socket out, with all that it listened to.
    pub(crate) fn take_out(&mut self, id: SocketId) {
        let Some(socket) = self.sockets.remove(&id) else { return };
        if let Some(others) = self.people.get_mut(&socket.user) {
            others.remove(&id);
            if others.is_empty() {
                self.people.remove(&socket.user);
                self.unfollow(Topic::Person(socket.user));
            }
        }
        for chat in socket.chats {
            self.forget(id, chat);
        }
    }

    /// Lets a socket listen to these chats, which were at these versions a moment ago. To those that it listens to
    /// already it was let in by an event, which knows better what is hidden from it.
    pub(crate) fn join(&mut self, id: SocketId, chats: &[Followed]) -> Joined {
        let mut joined = Joined::default();
        for &Followed { chat, version, horizon } in chats {
            match self.chats.get(&chat) {
                Some(feed) => joined.has_moved |= feed.delivered > version,
                None => {
                    self.open_feed(chat, version);
                    joined.opened.push(chat);
                }
            }
            let listens = |feed: &Feed| feed.listeners.contains(&id);
            if !self.chats.get(&chat).is_some_and(listens) {
                self.attach(id, chat, horizon);
            }
        }
        if let Some(socket) = self.sockets.get_mut(&id) {
            socket.joined = true;
        }
        joined
    }

    /// A chat that nobody here listened to so far may begin with this event.
    pub(crate) fn prepare(&mut self, body: &EventBody, chat: ChatId, version: Version) {
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
    pub(crate) fn open_feed(&mut self, chat: ChatId, at: Version) {
        if let Entry::Vacant(place) = self.chats.entry(chat) {
            place.insert(Feed::at(at));
            self.follow(Topic::Chat(chat));
        }
    }

    fn close_feed(&mut self, chat: ChatId) {
        self.with_gaps.remove(&chat);
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
    pub(crate) fn deliver_in_order(&mut self, chat: ChatId, events: Vec<Event>) {
        for event in events {
            match &event.body {
                EventBody::ChatCreated { members, .. } => {
                    for user in members {
                        self.listen(chat, *user, Horizon::NONE);
                    }
                }
                EventBody::MemberJoined(member) | EventBody::MemberUpdated(member) => {
                    self.listen(chat, member.user.id, member.horizon);
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

    pub(crate) fn deliver_at_once(&mut self, event: Event) {
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
        let delivery = Arc::new(Delivery::new(event, &self.slots));
        match &delivery.event.audience {
            Audience::Members(chat) => self.put_in_chat(*chat, &delivery, &[]),
            Audience::MembersExcept(chat, others) => self.put_in_chat(*chat, &delivery, others),
            Audience::Users(users) => {
                let sockets = users.iter().filter_map(|user| self.people.get(user)).flatten();
                self.put(sockets, &delivery, &[]);
            }
        }
    }

    /// Puts an event into the mailboxes of those who listen to a chat and see it.
    fn put_in_chat(&self, chat: ChatId, delivery: &Arc<Delivery>, except: &[UserId]) {
        let Some(feed) = self.chats.get(&chat) else { return };
        if feed.horizons.is_empty() {
            return self.put(feed.listeners.iter(), delivery, except);
        }
        let event = &delivery.event;
        // They all get the same one: it says no more than that there is something to hide.
        let without_answered = LazyCell::new(|| Arc::new(delivery.without_answered(&self.slots)));
        for id in &feed.listeners {
            let horizon = feed.horizons.get(id).copied().unwrap_or_default();
            if event.body.is_hidden(horizon) {
                continue;
            }
            let hides = hides_answered(event, horizon);
            let seen = if hides { &*without_answered } else { delivery };
            self.put(std::iter::once(id), seen, except);
        }
    }

    fn put<'a>(
        &self,
        sockets: impl Iterator<Item = &'a SocketId>,
        delivery: &Arc<Delivery>,
        except: &[UserId],
    ) {
        for socket in sockets.filter_map(|id| self.sockets.get(id)) {
            if !except.contains(&socket.user) {
                socket.mailbox.put(delivery);
            }
        }
    }

    /// Lets somebody's sockets listen to a chat of which that is hidden from them.
    pub(crate) fn listen(&mut self, chat: ChatId, user: UserId, horizon: Horizon) {
        for id in self.sockets_of(user) {
            self.attach(id, chat, horizon);
        }
    }

    /// Hides from people what the database says is hidden, and what these events, which come later, say. Among what
    /// is delivered now may be what was said while somebody was not in the chat.
    pub(crate) fn hide(&mut self, chat: ChatId, horizons: &Horizons, events: &[Event]) {
        let members = events.iter().filter_map(|event| event.body.member());
        let told = members.map(|member| (member.user.id, member.horizon));
        for (user, horizon) in horizons.iter().copied().chain(told) {
            if horizon.is_none() {
                continue;
            }
            for id in self.sockets_of(user) {
                if let Some(feed) = self.chats.get_mut(&chat) {
                    feed.hide(id, horizon);
                }
            }
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

    fn attach(&mut self, id: SocketId, chat: ChatId, horizon: Horizon) {
        if let (Some(socket), Some(feed)) = (self.sockets.get_mut(&id), self.chats.get_mut(&chat)) {
            socket.chats.insert(chat);
            feed.listen(id, horizon);
        }
    }

    pub(crate) fn detach(&mut self, id: SocketId, chat: ChatId) {
        if let Some(socket) = self.sockets.get_mut(&id) {
            socket.chats.remove(&chat);
        }
        self.forget(id, chat);
    }

    /// A chat that nobody here listens to any more is no longer followed.
    fn forget(&mut self, id: SocketId, chat: ChatId) {
        let Some(feed) = self.chats.get_mut(&chat) else { return };
        feed.forget(id);
        if feed.listeners.is_empty() {
            self.close_feed(chat);
        }
    }

    /// Whether a socket of that person should listen to a chat that they are in, and does not.
    pub(crate) fn misses(&self, chat: ChatId, user: UserId) -> bool {
        let sockets = self.people.get(&user).into_iter().flatten();
        let mut sockets = sockets.filter_map(|id| self.sockets.get(id));
        sockets.any(|socket| socket.joined && !socket.chats.contains(&chat))
    }

    /// Notes whether something is missing in a chat now. Returns whether something is.
    pub(crate) fn note_gap(&mut self, chat: ChatId) -> bool {
        let has_gap = self.chats.get(&chat).is_some_and(Feed::has_gap);
        match has_gap {
            true => self.with_gaps.insert(chat),
            false => self.with_gaps.remove(&chat),
        };
        has_gap
    }

    /// Where something is missing now.
    pub(crate) fn gaps(&self) -> Vec<Gap> {
        let gaps = self.with_gaps.iter().filter_map(|chat| Some((*chat, self.chats.get(chat)?)));
        let gap = |(chat, feed): (ChatId, &Feed)| Gap { chat, from: feed.delivered, why: feed.why };
        gaps.map(gap).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_joins_learns_what_nobody_followed_and_what_has_moved() {
        let (chat, version) = (ChatId::stored(1), Version::stored);
        let mut state = State::default();
        let mut join = |socket, at| {
            let followed = Followed { chat, version: version(at), horizon: Horizon::NONE };
            let Joined { opened, has_moved } = state.join(SocketId(socket), &[followed]);
            // What happened before the second one came, and after it had looked.
            state.chats.get_mut(&chat).unwrap().delivered = version(4);
            (opened, has_moved)
        };
        assert_eq!(join(1, 3), (vec![chat], false));
        assert_eq!(join(2, 3), (Vec::new(), true));
        assert_eq!(join(3, 4), (Vec::new(), false));
        assert_eq!(join(4, 5), (Vec::new(), false), "an event on its way comes later");
    }
}
