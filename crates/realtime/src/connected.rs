//! The sockets of this node, and whose they are.

use crate::close::CloseCode;
use crate::feed::Listener;
use crate::mailbox::Mailbox;
use crate::socket_id::SocketId;
use domain::ids::{ChatId, SessionId, UserId};
use domain::session::Caller;
use domain::user::AccountRole;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

#[derive(Default)]
pub(crate) struct Connected {
    last_socket: u64,
    /// Set once the process is stopping; sockets that come now are turned away.
    pub(crate) stopping: bool,
    pub(crate) sockets: HashMap<SocketId, Socket>,
    /// A list takes less than a set, and most people have one socket or two.
    pub(crate) people: HashMap<UserId, Vec<SocketId>>,
}

pub(crate) struct Socket {
    user: UserId,
    pub(crate) session: SessionId,
    pub(crate) mailbox: Arc<Mailbox>,
    /// The role of its owner, as the socket was told.
    pub(crate) role: AccountRole,
    /// What it listens to.
    chats: HashSet<ChatId>,
    /// Whether it has joined the chats that its owner was in.
    joined: bool,
}

/// What was left by a socket.
pub(crate) struct Left {
    pub(crate) user: UserId,
    /// Whether it was the last one of that person.
    pub(crate) was_last: bool,
    /// What it listened to.
    pub(crate) chats: HashSet<ChatId>,
}

impl Connected {
    /// Takes a socket in, and tells it to close if the process is stopping. Whether it is the first one of
    /// its owner.
    pub(crate) fn take_in(&mut self, caller: &Caller, mailbox: Arc<Mailbox>) -> (SocketId, bool) {
        let &Caller { user, session, role, .. } = caller;
        if self.stopping {
            mailbox.close(CloseCode::Restarting);
        }
        self.last_socket += 1;
        let id = SocketId(self.last_socket);
        let chats = HashSet::new();
        let socket = Socket { user, session, mailbox, role, chats, joined: false };
        self.sockets.insert(id, socket);
        let of_owner = self.people.entry(user).or_insert_with(|| Vec::with_capacity(1));
        of_owner.push(id);
        (id, of_owner.len() == 1)
    }

    /// Takes a socket out.
    pub(crate) fn take_out(&mut self, id: SocketId) -> Option<Left> {
        let Socket { user, chats, .. } = self.sockets.remove(&id)?;
        let of_owner = self.people.get_mut(&user)?;
        of_owner.retain(|other| *other != id);
        let was_last = of_owner.is_empty();
        if was_last {
            self.people.remove(&user);
        }
        Some(Left { user, was_last, chats })
    }

    /// From now on a socket listens to a chat. `None` if it is gone.
    pub(crate) fn listens(&mut self, id: SocketId, chat: ChatId) -> Option<Listener> {
        let socket = self.sockets.get_mut(&id)?;
        socket.chats.insert(chat);
        Some(Listener { user: socket.user, mailbox: Arc::clone(&socket.mailbox) })
    }

    /// From now on a socket does not listen to a chat.
    pub(crate) fn stops_listening(&mut self, id: SocketId, chat: ChatId) {
        if let Some(socket) = self.sockets.get_mut(&id) {
            socket.chats.remove(&chat);
        }
    }

    /// A socket has joined the chats that its owner was in.
    pub(crate) fn has_joined(&mut self, id: SocketId) {
        if let Some(socket) = self.sockets.get_mut(&id) {
            socket.joined = true;
        }
    }

    /// Whether a socket of that person should listen to a chat that they are in, and does not.
    pub(crate) fn misses(&self, chat: ChatId, user: UserId) -> bool {
        self.of(user).any(|socket| socket.joined && !socket.chats.contains(&chat))
    }

    /// The sockets of a person.
    pub(crate) fn of(&self, user: UserId) -> impl Iterator<Item = &Socket> {
        let ids = self.people.get(&user).into_iter().flatten();
        ids.filter_map(|id| self.sockets.get(id))
    }

    /// What they are called.
    pub(crate) fn ids_of(&self, user: UserId) -> Vec<SocketId> {
        self.people.get(&user).into_iter().flatten().copied().collect()
    }
}
