//! Catching up.

use super::{Chat, Chats, GetError, Horizon, Horizons, Member};
use crate::block::hide_markers;
use crate::clock::Timestamp;
use crate::event::{Audience, Event, EventBody};
use crate::failure::{Failure, Kind, StoreError};
use crate::ids::{ChatId, UserId, Version};
use crate::limits::PAGE_BYTES;
use crate::message::Message;
use crate::session::Caller;
use crate::size::{self, WithAnswered};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What changed in a chat after some version, each thing once and as it is now. Put in place of
/// what one had, it brings a copy of the chat to `version` exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// The chat, if its title changed.
    pub chat: Option<Chat>,
    /// Members, the one changed longest ago first.
    pub members: Vec<Member>,
    /// Messages, the one changed longest ago first.
    pub messages: Vec<Message>,
    /// Messages that some of those answer and that are not among them, in the order of their seqs.
    pub quoted: Vec<Message>,
    /// The version that a copy has with these changes.
    pub version: Version,
    /// Whether the chat is past that version; ask again with it.
    pub more: bool,
}

impl Changes {
    /// Nothing, of a chat that a copy at that version is up to date with.
    pub fn none(version: Version) -> Self {
        let (chat, members, messages, quoted) = Default::default();
        Self { chat, members, messages, quoted, version, more: false }
    }

    /// Without the messages that are hidden. The version stays: there is nothing else up to it.
    #[must_use]
    fn beyond(mut self, horizon: Horizon) -> Self {
        self.messages.retain(|message| !horizon.hides(message));
        self.quoted.retain(|message| !horizon.hides(message));
        self
    }

    /// As much of it as comes to so many bytes, what it quotes included, in the order of the versions;
    /// what shares the first of them at least.
    pub fn within(self, bytes: usize) -> Self {
        let mut quoted = WithAnswered::among(self.messages.iter().chain(&self.quoted));
        let messages = self.messages.iter().map(|m| (m.version, quoted.add(m)));
        let members = self.members.iter().map(|member| (member.version, member.size()));
        let chat = self.chat.iter().map(|chat| (chat.version, chat.size()));
        let mut sizes = BTreeMap::<Version, usize>::new();
        for (version, size) in messages.chain(members).chain(chat) {
            *sizes.entry(version).or_default() += size;
        }
        let fitting = size::fitting(sizes.values().copied(), bytes);
        match sizes.keys().nth(fitting) {
            None => self,
            Some(_) => {
                let last = sizes.keys().nth(fitting.saturating_sub(1)).copied();
                self.up_to(last.unwrap_or_default())
            }
        }
    }

    fn up_to(self, version: Version) -> Self {
        let (messages, rest): (Vec<_>, Vec<_>) =
            self.messages.into_iter().partition(|message| message.version <= version);
        let quoted = size::quoted(&messages, self.quoted.into_iter().chain(rest));
        Self {
            chat: self.chat.filter(|chat| chat.version <= version),
            members: self.members.into_iter().filter(|m| m.version <= version).collect(),
            messages,
            quoted,
            version,
            more: true,
        }
    }

    /// Bytes that they take when they are shown.
    pub fn size(&self) -> usize {
        let messages = self.messages.iter().chain(&self.quoted).map(Message::size);
        let members = self.members.iter().map(Member::size);
        let chat = self.chat.iter().map(Chat::size);
        messages.chain(members).chain(chat).sum()
    }
}

/// Events that were missed, each thing once and as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Missed {
    /// In the order of their versions; those without one come first.
    pub events: Vec<Event>,
    /// What is hidden from whom, as far as the events do not say so in time: whoever left and came back may have
    /// come back by a later event than these.
    pub horizons: Horizons,
    /// The version that they bring a listener to.
    pub reached: Version,
    /// Whether the chat is past that version; ask again with it.
    pub more: bool,
}

/// Why no changes were shown.
#[derive(Debug, thiserror::Error)]
pub enum ChangesError {
    /// The caller cannot see that chat.
    #[error(transparent)]
    Chat(#[from] GetError),
    /// The chat never was at that version: the copy is not of this chat, or of a database that has
    /// been restored since. It must be thrown away.
    #[error("The chat has not reached this version; download it afresh.")]
    VersionAhead,
}

impl From<StoreError> for ChangesError {
    fn from(error: StoreError) -> Self {
        Self::Chat(error.into())
    }
}

impl From<ChangesError> for Failure {
    fn from(error: ChangesError) -> Self {
        match error {
            ChangesError::Chat(error) => error.into(),
            ChangesError::VersionAhead => Self::new(Kind::Conflict, "version_ahead", error),
        }
    }
}

impl Chats {
    /// What changed in a chat after `since`, about `limit` things and [`PAGE_BYTES`] at most.
    pub async fn changes(
        &self,
        caller: &Caller,
        chat: ChatId,
        since: Version,
        limit: usize,
    ) -> Result<Changes, ChangesError> {
        let (standing, changes) = if caller.reaches_all() {
            let standing = self.standing(caller, chat).await?;
            (standing, self.ports.chats.changes(chat, since, limit).await?)
        } else {
            let chats = &self.ports.chats;
            let found = chats.changes_with_standing(caller.user, chat, since, limit).await;
            found.map_err(GetError::from)?
        };
        if since > standing.version {
            return Err(ChangesError::VersionAhead);
        }
        let mut changes = changes.beyond(standing.horizon).within(PAGE_BYTES);
        if standing.closed {
            hide_markers(&*self.ports.blocks, caller.user, &mut changes.members).await?;
        }
        let now = self.ports.clock.now();
        let shown = |member: Member| member.shown_to(&standing, now);
        changes.members = changes.members.into_iter().map(shown).collect();
        Ok(changes)
    }

    /// Which of these copies of the caller's chats, at these versions, are up to date. One query answers for
    /// all of them, as after a lost connection nearly all are.
    pub async fn unchanged(
        &self,
        caller: &Caller,
        copies: &[(ChatId, Version)],
    ) -> Result<HashSet<(ChatId, Version)>, StoreError> {
        let now = self.ports.chats.followed(caller.user).await?.into_iter();
        let now: HashMap<_, _> = now.map(|followed| (followed.chat, followed.version)).collect();
        let same = copies.iter().filter(|(chat, version)| now.get(chat) == Some(version));
        Ok(same.copied().collect())
    }

    /// The same as events, for whoever delivers them and found a hole: they bring every listener
    /// from `since` further, about `limit` events at a time. `None` says that the chat is gone. What is hidden from
    /// some of the listeners is among them.
    pub async fn missed_since(
        &self,
        chat: ChatId,
        since: Version,
        limit: usize,
    ) -> Result<Option<Missed>, StoreError> {
        let Some(changes) = self.read_missed(chat, since, limit).await? else { return Ok(None) };
        // Who came back since then is in the changes, unless they are not all of them.
        let hides = changes.more && !changes.messages.is_empty();
        let horizons =
            if hides { self.ports.members.horizons(chat, None).await? } else { Vec::new() };
        Ok(Some(missed(chat, changes, horizons, self.ports.clock.now())))
    }

    /// The same for one person alone, who listens to the chat or did until now, without what is hidden from them.
    pub async fn missed_by(
        &self,
        viewer: UserId,
        chat: ChatId,
        since: Version,
        limit: usize,
    ) -> Result<Option<Missed>, StoreError> {
        let Some(mut changes) = self.read_missed(chat, since, limit).await? else {
            return Ok(None);
        };
        if !changes.members.is_empty() && self.is_closed(chat, viewer).await? {
            hide_markers(&*self.ports.blocks, viewer, &mut changes.members).await?;
        }
        let mut horizons = Vec::new();
        if !changes.messages.is_empty() {
            horizons = self.ports.members.horizons(chat, Some(viewer)).await?;
        }
        for (_, horizon) in &horizons {
            changes = changes.beyond(*horizon);
        }
        for member in changes.members.iter_mut().filter(|member| member.user.id != viewer) {
            member.silence = None;
        }
        Ok(Some(missed(chat, changes, horizons, self.ports.clock.now())))
    }

    async fn is_closed(&self, chat: ChatId, viewer: UserId) -> Result<bool, StoreError> {
        match self.ports.members.standing(chat, viewer).await {
            Ok(standing) => Ok(standing.closed),
            // Only chats between two are closed, and nobody leaves those.
            Err(StoreError::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn read_missed(
        &self,
        chat: ChatId,
        since: Version,
        limit: usize,
    ) -> Result<Option<Changes>, StoreError> {
        match self.ports.chats.changes(chat, since, limit).await {
            Ok(changes) => Ok(Some(changes.within(PAGE_BYTES))),
            Err(StoreError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn missed(chat: ChatId, changes: Changes, horizons: Horizons, now: Timestamp) -> Missed {
    let (reached, more) = (changes.version, changes.more);
    let present = changes.members.iter().filter(|member| member.left_at.is_none());
    let silences: Vec<_> = present.filter_map(|member| member.told_silence(now)).collect();
    let mut bodies = bodies(changes);
    bodies.sort_by_key(EventBody::version);
    let audience = Audience::Members(chat);
    let events = bodies.into_iter().map(|body| Event { audience: audience.clone(), body });
    // Each of these goes to one person, who is told at the latest when they are told that they changed.
    let events = silences.into_iter().chain(events);
    Missed { events: events.collect(), horizons, reached, more }
}

fn bodies(changes: Changes) -> Vec<EventBody> {
    let chat = changes.chat.into_iter().map(EventBody::ChatUpdated);
    let members = changes.members.into_iter().map(|member| {
        if member.left_at.is_some() {
            EventBody::MemberLeft(member)
        } else {
            // They came in, or their role or their marker changed: this says how they are now.
            EventBody::MemberUpdated(member)
        }
    });
    let messages = changes.messages.into_iter().map(|message| {
        if message.deleted_at.is_some() {
            EventBody::MessageDeleted(message)
        } else if message.edited_at.is_some() {
            EventBody::MessageEdited(message)
        } else if message.is_marked() {
            EventBody::MessageUpdated(message)
        } else {
            EventBody::MessageCreated(message)
        }
    });
    chat.chain(members).chain(messages).collect()
}
