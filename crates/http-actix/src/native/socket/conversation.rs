//! One client of the native socket: what it has of each chat, and so what it is still to be sent.

use super::calls::Client;
use super::proof::{Renewals, Until};
use super::push::{NativeCodec, PROTOCOL, role_frame};
use super::request::{Note, Parsed};
use super::resume::Reached;
use super::wire::{Ready, ReadyData, text};
use bytestring::ByteString;
use domain::event::EventBody;
use domain::ids::{ChatId, UserId, Version};
use domain::session::Caller;
use domain::user::AccountRole;
use realtime::{Answer, CloseCode, Conversation, Delivery, Frame, Push, SocketTimes};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::time::Instant;

/// The conversation on one authenticated socket.
pub(super) struct NativeConversation {
    client: Client,
    renewals: Renewals,
    /// Until when the client's proof of who it is counts.
    until: Until,
    /// The version up to which the client has each chat, counting frames that are being written. Pushes up to
    /// it are skipped.
    sent: BTreeMap<ChatId, Version>,
    /// Chats of which the last answer to `resume` had only a part. Their pushes are skipped until the client
    /// has asked for the rest, which will include them.
    behind: BTreeSet<ChatId>,
}

impl NativeConversation {
    /// Begins a conversation, with the frame `ready`. `now` has the versions of the person's chats at this
    /// moment; the client compares them with its own.
    pub(super) fn begin(
        client: Client,
        (renewals, until): (Renewals, Until),
        now: Vec<(ChatId, Version)>,
    ) -> (Self, Frame) {
        let caller = &client.caller;
        let ready = ReadyData {
            user_id: caller.user.get(),
            session_id: caller.session.get(),
            role: caller.role.as_str().to_owned(),
            chats: now.iter().map(|(chat, version)| (chat.get(), version.get())).collect(),
            heartbeat: SocketTimes::DEFAULT.heartbeat.as_secs(),
            expiry: until.expiry(),
        };
        let sent = now.into_iter().collect();
        (Self { client, renewals, until, sent, behind: BTreeSet::new() }, text(&Ready::from(ready)))
    }

    fn reached(&mut self, reached: Vec<Reached>) {
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

    fn forget(&mut self, chat: ChatId) {
        self.sent.remove(&chat);
        self.behind.remove(&chat);
    }

    fn user(&self) -> UserId {
        self.client.caller.user
    }
}

impl Conversation for NativeConversation {
    const PROTOCOL: &'static str = PROTOCOL;
    type Note = Note;

    fn request(&mut self, frame: ByteString) -> Answer<Self::Note> {
        let parsed = Parsed::new(&frame);
        let holds_pushes = parsed.resumes();
        let (client, renewals) = (self.client.clone(), self.renewals.clone());
        Answer { holds_pushes, future: Box::pin(parsed.answer(client, renewals)) }
    }

    fn answered(&mut self, note: Self::Note) {
        match note {
            Note::Reached(reached) => self.reached(reached),
            Note::Renewed(renewed) => {
                let caller = Caller::clone(&self.client.caller);
                self.client.caller = Arc::new(Caller { session: renewed.session, ..caller });
                self.until = renewed.until;
            }
        }
    }

    fn due_at(&self) -> Option<Instant> {
        Some(self.until.due_at())
    }

    fn tend(&mut self) -> Result<Option<Frame>, CloseCode> {
        self.until.tend()
    }

    fn push(&mut self, delivery: &Arc<Delivery>) -> Push {
        let body = &delivery.event.body;
        if let Some((chat, version)) = body.version() {
            let sent = self.sent.entry(chat).or_default();
            if version <= *sent {
                return Push::Now(None);
            }
            *sent = version;
            let leaves = matches!(body, EventBody::MemberLeft(m) if m.user.id == self.user());
            if leaves {
                self.forget(chat);
            } else if self.behind.contains(&chat) {
                return Push::Now(None);
            }
        }
        if let EventBody::ChatDeleted(chat) = body {
            self.forget(*chat);
        }
        Push::Now(delivery.frame(&NativeCodec))
    }

    fn set_role(&mut self, role: AccountRole) -> Option<Frame> {
        self.client.set_role(role);
        Some(role_frame(role))
    }
}
