//! What one client knows, and what it is owed.

use super::push::NativeCodec;
use super::request::{Asker, Parsed};
use super::resume::Reached;
use super::wire::{Ready, ReadyData, text};
use crate::Services;
use crate::rate_limit::ClientAddress;
use crate::realtime::{Answer, CloseCode, Connection, Conversation, Delivery, SocketTimes};
use bytestring::ByteString;
use domain::event::EventBody;
use domain::ids::{ChatId, UserId, Version};
use domain::session::Caller;
use domain::user::AccountRole;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use tokio::sync::watch;

/// One socket of somebody who is signed in.
pub(super) struct NativeConversation {
    asker: Asker,
    /// The role that the person was given since the socket was opened.
    role: watch::Receiver<Option<AccountRole>>,
    /// Up to which version the client has, or is about to have, each chat.
    sent: HashMap<ChatId, Version>,
    /// Chats whose pushes wait for the client to ask for more changes.
    behind: HashSet<ChatId>,
}

impl NativeConversation {
    /// Joins the person's chats and says where they are. The order makes it exact: what changes
    /// after the join waits in the mailbox, and what changed before the second look is in it.
    pub(super) async fn begin(
        services: Services,
        caller: Caller,
        address: ClientAddress,
        connection: &Connection,
    ) -> Result<(Self, ByteString), CloseCode> {
        let trouble = |_| CloseCode::Trouble;
        let joined = services.chats.versions(&caller).await.map_err(trouble)?;
        connection.join(&joined);
        let now = services.chats.versions(&caller).await.map_err(trouble)?;
        connection.join(&now);
        let sent: HashMap<_, _> = now.iter().copied().collect();
        for (chat, _) in joined.iter().filter(|(chat, _)| !sent.contains_key(chat)) {
            connection.leave(*chat);
        }
        let presence = connection.presence_id();
        services.presence.connect(caller.user, presence).await.map_err(trouble)?;
        let ready = ReadyData {
            user_id: caller.user.get(),
            session_id: caller.session.get(),
            chats: now.iter().map(|(chat, version)| (chat.get(), version.get())).collect(),
            heartbeat: SocketTimes::default().heartbeat.as_secs(),
        };
        let asker = Asker { services, caller: Arc::new(caller), connection: presence, address };
        let conversation = Self { asker, role: connection.role(), sent, behind: HashSet::new() };
        Ok((conversation, text(&Ready::from(ready))))
    }

    /// Says that the connection is gone.
    pub(super) async fn end(self) {
        let Asker { services, caller, connection, .. } = self.asker;
        if let Err(error) = services.presence.disconnect(caller.user, connection).await {
            tracing::warn!(%error, "a connection's end was not noted");
        }
    }

    /// Who asks is who they are now: a role counts from the next request on.
    fn refresh_role(&mut self) {
        let given = *self.role.borrow_and_update();
        if let Some(role) = given.filter(|role| *role != self.asker.caller.role) {
            self.asker.caller = Arc::new(Caller { role, ..(*self.asker.caller).clone() });
        }
    }

    fn forget(&mut self, chat: ChatId) {
        self.sent.remove(&chat);
        self.behind.remove(&chat);
    }

    fn user(&self) -> UserId {
        self.asker.caller.user
    }
}

impl Conversation for NativeConversation {
    type Note = Vec<Reached>;

    fn request(&mut self, frame: ByteString) -> Answer<Self::Note> {
        self.refresh_role();
        let parsed = Parsed::new(&frame);
        let holds_pushes = parsed.resumes();
        let asker = self.asker.clone();
        Answer { holds_pushes, future: Box::pin(parsed.answer(asker)) }
    }

    fn answered(&mut self, reached: Self::Note) {
        for Reached { chat, version } in reached {
            match version {
                None => {
                    self.behind.insert(chat);
                }
                Some(version) => {
                    self.behind.remove(&chat);
                    let sent = self.sent.entry(chat).or_default();
                    *sent = version.max(*sent);
                }
            }
        }
    }

    fn push(&mut self, delivery: &Delivery) -> Option<ByteString> {
        let body = &delivery.event.body;
        if let Some((chat, version)) = body.version() {
            let sent = self.sent.entry(chat).or_default();
            if version <= *sent {
                return None;
            }
            *sent = version;
            let leaves = matches!(body, EventBody::MemberLeft(m) if m.user.id == self.user());
            if leaves {
                self.forget(chat);
            } else if self.behind.contains(&chat) {
                return None;
            }
        }
        if let EventBody::ChatDeleted(chat) = body {
            self.forget(*chat);
        }
        delivery.frame(&NativeCodec)
    }
}
