//! What sockets know of their sessions, and of their owners' roles.
//!
//! A node may stand still, or lose its database, while sessions end elsewhere. Its sockets must not go
//! on from where they were before somebody has looked: what waited to be read would be done for an
//! account that is disabled by now.

use crate::close::CloseCode;
use crate::connected::Connected;
use crate::connection::Connection;
use crate::conversation::Conversation;
use crate::hub::Hub;
use crate::mailbox::Command;
use crate::serve::write;
use crate::socket::Socket;
use domain::ids::{SessionId, UserId};
use domain::limits::DATABASE_ABSENCE;
use domain::session::SessionSockets;
use domain::user::AccountRole;
use std::collections::HashSet;
use std::mem::replace;
use std::pin::pin;
use std::time::Instant;
use tokio::time::timeout;

impl SessionSockets for Hub {
    fn any(&self) -> bool {
        !self.connected().sockets.is_empty()
    }

    fn sessions(&self) -> Vec<SessionId> {
        let mut sessions: Vec<_> = self.connected().sockets.values().map(|s| s.session).collect();
        sessions.sort_unstable();
        sessions.dedup();
        sessions
    }

    fn close_sessions(&self, ended: &HashSet<SessionId>) {
        if ended.is_empty() {
            return;
        }
        for socket in self.connected().sockets.values().filter(|s| ended.contains(&s.session)) {
            socket.mailbox.close(CloseCode::SessionEnded);
        }
    }

    fn set_roles(&self, roles: &[(UserId, AccountRole)]) {
        let Connected { people, sockets, .. } = &mut *self.connected();
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

    fn confirm(&self, at: Instant) {
        self.confirmed.confirm(at);
    }
}

/// Waits until it is known whether the session is still there, and which role its owner has.
pub(crate) async fn until_sure<C: Conversation>(
    socket: &mut Socket,
    connection: &Connection,
    conversation: &mut C,
) -> Result<(), CloseCode> {
    let mailbox = &connection.mailbox;
    let mut sure = pin!(timeout(DATABASE_ABSENCE, connection.sure()));
    loop {
        let role = tokio::select! {
            // In this order: what was found out was commanded before it became sure.
            biased;
            command = mailbox.command() => match command {
                Command::Close(code) => return Err(code),
                Command::Role(role) => role,
            },
            sure = &mut sure => return sure.map_err(|_| CloseCode::Trouble),
        };
        write(socket, mailbox, conversation.set_role(role)).await?;
    }
}
