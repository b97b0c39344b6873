//! Some of the chats of this node, under one lock, so that what happens in a chat holds up few others.
//!
//! [`Hub::connected`] may be locked while a share is, and never the other way round.

use crate::connected::Connected;
use crate::delivery::{Delivery, hides_answered};
use crate::feed::{Feed, Why};
use crate::gaps::Gap;
use crate::hub::Hub;
use crate::socket_id::SocketId;
use domain::chat::{Followed, Horizon, Horizons, Member, Missed};
use domain::event::{Audience, Event, EventBody};
use domain::ids::{ChatId, UserId, Version};
use domain::nodes::Topic;
use std::cell::LazyCell;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, MutexGuard};

/// The feeds of some chats.
#[derive(Default)]
pub(crate) struct Feeds {
    chats: HashMap<ChatId, Feed>,
    /// The chats in which something is missing. Looking through all of them would hold up others.
    with_gaps: HashSet<ChatId>,
}

impl Feeds {
    /// Those chats.
    pub(crate) fn chats(&self) -> impl Iterator<Item = ChatId> {
        self.chats.keys().copied()
    }

    /// Where something is missing now.
    pub(crate) fn gaps(&self) -> impl Iterator<Item = Gap> {
        let gaps = self.with_gaps.iter().filter_map(|chat| Some((*chat, self.chats.get(chat)?)));
        gaps.map(|(chat, feed)| Gap { chat, from: feed.delivered, why: feed.why })
    }
}

/// The share of a chat while it is locked.
pub(crate) struct Share<'a> {
    hub: &'a Hub,
    chat: ChatId,
    feeds: MutexGuard<'a, Feeds>,
}

/// What a socket that joins a chat finds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nobody on this node listened to it.
    Unheard,
    /// It is further than it was said to be.
    Moved,
    /// Nothing that the socket did not know.
    AsSaid,
}

impl<'a> Share<'a> {
    pub(crate) fn new(hub: &'a Hub, chat: ChatId, feeds: MutexGuard<'a, Feeds>) -> Self {
        Self { hub, chat, feeds }
    }

    fn feed(&self) -> Option<&Feed> {
        self.feeds.chats.get(&self.chat)
    }

    fn feed_mut(&mut self) -> Option<&mut Feed> {
        self.feeds.chats.get_mut(&self.chat)
    }

    /// Takes in an event of the chat, and delivers what is next in order.
    pub(crate) fn publish(&mut self, version: Version, event: Event) {
        self.prepare(&event.body, version);
        let Some(feed) = self.feed_mut() else { return };
        let ready = feed.accept(version, event);
        self.note_gap();
        self.deliver_in_order(ready);
    }

    /// A chat that nobody here listened to so far may begin with this event.
    fn prepare(&mut self, body: &EventBody, version: Version) {
        let newcomers: &[UserId] = match body {
            EventBody::ChatCreated { members, .. } => members,
            EventBody::MemberJoined(member) => &[member.user.id],
            _ => return,
        };
        let is_here = |connected: &Connected| {
            newcomers.iter().any(|user| connected.people.contains_key(user))
        };
        if is_here(&self.hub.connected()) {
            self.open_feed(Version::stored(version.get() - 1));
        }
    }

    /// There are events of the chat up to this version, says somebody.
    pub(crate) fn note(&mut self, version: Version, why: Why) {
        if let Some(feed) = self.feed_mut() {
            feed.note(version, why);
        }
        self.note_gap();
    }

    /// Takes in what the database has of the chat, and delivers it. Returns up to where; `None` if nobody
    /// follows the chat any more.
    pub(crate) fn fill(&mut self, mut missed: Missed) -> Option<Version> {
        let horizons = std::mem::take(&mut missed.horizons);
        let feed = self.feed_mut()?;
        let ready = feed.fill(missed);
        let reached = feed.delivered;
        self.note_gap();
        self.hide(&horizons, &ready);
        self.deliver_in_order(ready);
        Some(reached)
    }

    /// Lets a socket listen, by what was said of the chat a moment ago. If it listens already, it was let in by an
    /// event, which knows better what is hidden from it.
    pub(crate) fn join(
        &mut self,
        id: SocketId,
        &Followed { version, horizon, .. }: &Followed,
    ) -> Found {
        let found = match self.feed() {
            Some(feed) if feed.delivered > version => Found::Moved,
            Some(_) => Found::AsSaid,
            None => {
                self.open_feed(version);
                Found::Unheard
            }
        };
        if !self.feed().is_some_and(|feed| feed.listeners.contains_key(&id)) {
            self.attach(id, horizon);
        }
        found
    }

    /// Lets somebody into the chat, which was at this version when `member` was read. Returns false if it is
    /// further: among what was delivered since may be that they left.
    pub(crate) fn let_in(&mut self, member: Member, version: Version) -> bool {
        self.open_feed(version);
        let is_as_read = self.feed().is_some_and(|feed| feed.delivered <= version);
        if is_as_read {
            let user = member.user.id;
            self.listen(user, member.horizon);
            let body = EventBody::MemberUpdated(member);
            self.deliver(Event { audience: Audience::Users(vec![user]), body });
        }
        self.close_unheard();
        is_as_read
    }

    /// Follows the chat from a version on, unless it is followed.
    fn open_feed(&mut self, at: Version) {
        if let Entry::Vacant(place) = self.feeds.chats.entry(self.chat) {
            place.insert(Feed::at(at));
            self.hub.follow(Topic::Chat(self.chat));
        }
    }

    pub(crate) fn close_feed(&mut self) {
        self.feeds.with_gaps.remove(&self.chat);
        if self.feeds.chats.remove(&self.chat).is_some() {
            self.hub.unfollow(Topic::Chat(self.chat));
        }
    }

    /// A chat that nobody here listens to is not followed.
    fn close_unheard(&mut self) {
        if self.feed().is_some_and(|feed| feed.listeners.is_empty()) {
            self.close_feed();
        }
    }

    /// Delivers events of the chat. Who listens follows from the events themselves, so it is right at each of
    /// them.
    fn deliver_in_order(&mut self, events: Vec<Event>) {
        for event in events {
            match &event.body {
                EventBody::ChatCreated { members, .. } => {
                    for user in members {
                        self.listen(*user, Horizon::NONE);
                    }
                }
                EventBody::MemberJoined(member) | EventBody::MemberUpdated(member) => {
                    self.listen(member.user.id, member.horizon);
                }
                _ => {}
            }
            let left = match &event.body {
                EventBody::MemberLeft(member) => Some(member.user.id),
                _ => None,
            };
            self.deliver(event);
            if let Some(user) = left {
                self.stop_listening(user);
            }
        }
        // Whoever it was opened for may have gone meanwhile.
        self.close_unheard();
    }

    /// Delivers an event as it is.
    pub(crate) fn deliver(&self, event: Event) {
        let delivery = Arc::new(Delivery::new(event, &self.hub.slots));
        match &delivery.event.audience {
            Audience::Members(_) => self.put(&delivery, &[]),
            Audience::MembersExcept(_, others) => self.put(&delivery, others),
            Audience::Users(users) => self.hub.put_to_people(users, &delivery),
        }
    }

    /// Puts an event into the mailboxes of those who listen to the chat and see it.
    fn put(&self, delivery: &Arc<Delivery>, except: &[UserId]) {
        let Some(feed) = self.feed() else { return };
        let event = &delivery.event;
        // They all get the same one: it says no more than that there is something to hide.
        let without_answered =
            LazyCell::new(|| Arc::new(delivery.without_answered(&self.hub.slots)));
        for (id, listener) in &feed.listeners {
            if except.contains(&listener.user) {
                continue;
            }
            if feed.horizons.is_empty() {
                listener.mailbox.put(delivery);
                continue;
            }
            let horizon = feed.horizons.get(id).copied().unwrap_or_default();
            if !event.body.is_hidden(horizon) {
                let hides = hides_answered(event, horizon);
                listener.mailbox.put(if hides { &without_answered } else { delivery });
            }
        }
    }

    /// Lets somebody's sockets listen, from whom that is hidden.
    fn listen(&mut self, user: UserId, horizon: Horizon) {
        for id in self.sockets_of(user) {
            self.attach(id, horizon);
        }
    }

    /// Hides from people what the database says is hidden, and what these events, which come later, say. Among what
    /// is delivered now may be what was said while somebody was not in the chat.
    fn hide(&mut self, horizons: &Horizons, events: &[Event]) {
        let members = events.iter().filter_map(|event| event.body.member());
        let told = members.map(|member| (member.user.id, member.horizon));
        for (user, horizon) in horizons.iter().copied().chain(told) {
            if horizon.is_none() {
                continue;
            }
            for id in self.sockets_of(user) {
                if let Some(feed) = self.feed_mut() {
                    feed.hide(id, horizon);
                }
            }
        }
    }

    fn stop_listening(&mut self, user: UserId) {
        for id in self.sockets_of(user) {
            self.detach(id);
        }
    }

    fn sockets_of(&self, user: UserId) -> Vec<SocketId> {
        self.hub.connected().ids_of(user)
    }

    fn attach(&mut self, id: SocketId, horizon: Horizon) {
        let chat = self.chat;
        let Some(feed) = self.feeds.chats.get_mut(&chat) else { return };
        // A socket that is taken out meanwhile either is not there any more, or finds the chat among its own.
        if let Some(listener) = self.hub.connected().listens(id, chat) {
            feed.listen(id, listener, horizon);
        }
    }

    pub(crate) fn detach(&mut self, id: SocketId) {
        self.hub.connected().stops_listening(id, self.chat);
        self.forget(id);
    }

    /// Takes out a socket that does not listen any more.
    pub(crate) fn forget(&mut self, id: SocketId) {
        if let Some(feed) = self.feed_mut() {
            feed.forget(id);
            self.close_unheard();
        }
    }

    /// Whether all sockets that listen to the chat could take so many events at once.
    pub(crate) fn has_room(&self, events: usize) -> bool {
        let mut listeners = self.feed().into_iter().flat_map(|feed| feed.listeners.values());
        listeners.all(|listener| listener.mailbox.has_room(events))
    }

    /// Whether somebody here listens to the chat.
    pub(crate) fn is_followed(&self) -> bool {
        self.feed().is_some()
    }

    /// Notes whether something is missing in the chat now.
    fn note_gap(&mut self) {
        let has_gap = self.feed().is_some_and(Feed::has_gap);
        match has_gap {
            true => self.feeds.with_gaps.insert(self.chat),
            false => self.feeds.with_gaps.remove(&self.chat),
        };
        if has_gap {
            self.hub.gap_seen.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mailbox::Mailbox;
    use domain::ids::{Seq, SessionId};
    use domain::session::{Caller, Proof, Protocol};
    use domain::user::AccountRole;
    use std::thread;

    const CHAT: ChatId = ChatId::stored(1);
    const USER: UserId = UserId::stored(1);

    fn version(number: i64) -> Version {
        Version::stored(number)
    }

    fn connect(hub: &Hub) -> (SocketId, Arc<Mailbox>) {
        let mailbox = Arc::<Mailbox>::default();
        let caller = Caller {
            user: USER,
            session: SessionId::stored(1),
            protocol: Protocol::NATIVE,
            role: AccountRole::User,
            proof: Proof::default(),
            issuer: None,
            key: None,
        };
        (hub.take_in(&caller, Arc::clone(&mailbox)), mailbox)
    }

    fn followed(chat: ChatId, at: i64) -> Followed {
        Followed { chat, version: version(at), horizon: Horizon::NONE }
    }

    fn read(chat: ChatId, at: i64) -> Event {
        let (user, seq, version) = (USER, Seq::stored(1), version(at));
        let body = EventBody::Read { chat, user, seq, version };
        Event { audience: Audience::Members(chat), body }
    }

    #[test]
    fn who_joins_learns_what_nobody_followed_and_what_has_moved() {
        let hub = Hub::default();
        let join = |at| hub.share(CHAT).join(connect(&hub).0, &followed(CHAT, at));
        assert_eq!(join(3), Found::Unheard);
        // What happened before the second one came, and after it had looked.
        hub.share(CHAT).publish(version(4), read(CHAT, 4));
        assert_eq!(join(3), Found::Moved);
        assert_eq!(join(4), Found::AsSaid);
        assert_eq!(join(5), Found::AsSaid, "an event on its way comes later");
    }

    #[test]
    fn what_happens_in_a_chat_waits_for_no_other_and_for_no_socket() {
        let hub = Hub::default();
        let other = ChatId::stored(2);
        let (socket, mailbox) = connect(&hub);
        hub.share(CHAT).join(socket, &followed(CHAT, 0));
        let (_other, _sockets) = (hub.share(other), hub.connected());
        thread::scope(|threads| {
            threads.spawn(|| hub.share(CHAT).publish(version(1), read(CHAT, 1)));
        });
        assert_eq!(mailbox.waiting(), 1);
    }

    #[test]
    fn a_chat_is_followed_as_long_as_somebody_listens() {
        let hub = Hub::default();
        let (socket, _mailbox) = connect(&hub);
        hub.share(CHAT).join(socket, &followed(CHAT, 0));
        assert_eq!(hub.followed(), [CHAT]);
        hub.take_out(socket);
        assert_eq!(hub.followed(), []);
        hub.share(CHAT).join(socket, &followed(CHAT, 0));
        hub.share(CHAT).publish(version(1), read(CHAT, 1));
        assert_eq!(hub.followed(), [], "the socket that it was opened for is gone");
    }
}
