//! What sockets know of their sessions, and of their owners' roles.
//!
//! A node may stand still, or lose its database, while sessions end elsewhere. Its sockets must not go
//! on from where they were before somebody has looked: what waited to be read would be done for an
//! account that is disabled by now.

use crate::close::CloseCode;
use crate::connection::Connection;
use crate::conversation::Conversation;
use crate::hub::Hub;
use crate::mailbox::Command;
use crate::serve::write;
use crate::socket::Socket;
use crate::state::State;
use domain::ids::{SessionId, UserId};
use domain::limits::{DATABASE_ABSENCE, SESSION_UNSURE};
use domain::session::SessionSockets;
use domain::user::AccountRole;
use std::collections::HashSet;
use std::mem::replace;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use tokio::sync::watch;
use tokio::time::timeout;

impl SessionSockets for Hub {
    fn any(&self) -> bool {
        !self.state().sockets.is_empty()
    }

    fn sessions(&self) -> Vec<SessionId> {
        let mut sessions: Vec<_> = self.state().sockets.values().map(|s| s.session).collect();
        sessions.sort_unstable();
        sessions.dedup();
        sessions
    }

    fn close_sessions(&self, ended: &HashSet<SessionId>) {
        if ended.is_empty() {
            return;
        }
        for socket in self.state().sockets.values().filter(|s| ended.contains(&s.session)) {
            socket.mailbox.close(CloseCode::SessionEnded);
        }
    }

    fn set_roles(&self, roles: &[(UserId, AccountRole)]) {
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
    let control = &connection.control;
    let mut sure = pin!(timeout(DATABASE_ABSENCE, connection.sure()));
    loop {
        let role = tokio::select! {
            // In this order: what was found out was commanded before it became sure.
            biased;
            command = control.next() => match command {
                Command::Close(code) => return Err(code),
                Command::Role(role) => role,
            },
            sure = &mut sure => return sure.map_err(|_| CloseCode::Trouble),
        };
        write(socket, control, conversation.set_role(role)).await?;
    }
}

/// When ended sessions and changed roles were last looked for, successfully.
pub(crate) struct Confirmed {
    at: watch::Sender<Instant>,
    /// Whether the log says already that sockets wait.
    told: AtomicBool,
}

impl Default for Confirmed {
    fn default() -> Self {
        Self { at: watch::Sender::new(Instant::now()), told: AtomicBool::new(false) }
    }
}

impl Confirmed {
    /// What had happened up to then was told.
    pub(crate) fn confirm(&self, at: Instant) {
        self.at.send_replace(at);
        if self.told.swap(false, Ordering::Relaxed) {
            tracing::info!("sessions were looked up again: sockets go on");
        }
    }

    /// Whether that was of late, for a socket that was opened then.
    pub(crate) fn is_recent(&self, opened: Instant) -> bool {
        is_recent(opened) || is_recent(*self.at.borrow())
    }

    /// Waits until it is.
    pub(crate) async fn recent(&self, opened: Instant) {
        if !self.told.swap(true, Ordering::Relaxed) {
            tracing::warn!("sockets wait: nobody can say whether their sessions are still there");
        }
        let mut confirmed = self.at.subscribe();
        // The sender is not dropped while this borrows it.
        let _ = confirmed.wait_for(|at| is_recent(opened) || is_recent(*at)).await;
    }
}

fn is_recent(at: Instant) -> bool {
    at.elapsed() < SESSION_UNSURE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_socket_waits_until_somebody_has_looked() {
        let confirmed = Confirmed::default();
        let now = Instant::now();
        let long_ago = now.checked_sub(SESSION_UNSURE).expect("a machine that runs for longer");
        assert!(confirmed.is_recent(long_ago), "the hub is new");
        confirmed.confirm(long_ago);
        assert!(!confirmed.is_recent(long_ago));
        assert!(confirmed.is_recent(now), "a socket that was just opened was looked up");
        let mut waiting = pin!(confirmed.recent(long_ago));
        assert!(futures_util::poll!(&mut waiting).is_pending());
        confirmed.confirm(long_ago);
        assert!(futures_util::poll!(&mut waiting).is_pending(), "a look from before the pause");
        confirmed.confirm(Instant::now());
        waiting.await;
    }
}
