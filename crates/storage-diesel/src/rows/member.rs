//! Rows of members, present and former.

use super::{Head, PersonRow, chat_role};
use crate::error::Failure;
use crate::schema::members;
use crate::types::Instant;
use diesel::prelude::{Insertable, Queryable, Selectable};
use domain::chat::{ChatKind, ChatRole, Horizon, Member, Preferences, Silence, Silenced, Standing};
use domain::ids::{ChatId, MessageId, Seq, UserId, Version};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = members, treat_none_as_default_value = false)]
pub(crate) struct MemberRow {
    pub(crate) chat_id: i64,
    pub(crate) user_id: i64,
    pub(crate) role: String,
    pub(crate) joined_at: Instant,
    pub(crate) left_at: Option<Instant>,
    pub(crate) read_seq: i64,
    /// The read marker that others know, which stays behind in crowds (ADR 45).
    pub(crate) shown_seq: i64,
    pub(crate) version: i64,
    pub(crate) muted_until: Option<Instant>,
    pub(crate) pinned: bool,
    pub(crate) archived: bool,
    /// Whether a former member left by themselves.
    pub(crate) left_freely: bool,
    pub(crate) mentions_only: bool,
    /// The last message that they do not see: its seq, and its id. Zero hides nothing.
    pub(crate) hidden_seq: i64,
    pub(crate) hidden_id: i64,
    /// Their last silence, which may be over: by whom, what for, since when, and until when. Who was never silenced has
    /// no `silenced_at`, and who is until it is lifted no `silenced_until`.
    pub(crate) silenced_by: Option<i64>,
    pub(crate) silenced_reason: Option<String>,
    pub(crate) silenced_at: Option<Instant>,
    pub(crate) silenced_until: Option<Instant>,
}

/// The horizon of a member with these columns.
pub(crate) fn horizon((seq, message): (i64, i64)) -> Horizon {
    match seq {
        0 => Horizon::NONE,
        _ => Horizon::at(Seq::stored(seq), MessageId::stored(message)),
    }
}

/// How long a member with these columns says nothing: since when, and until when.
pub(crate) fn silenced((at, until): (Option<Instant>, Option<Instant>)) -> Silenced {
    match (at, until) {
        (None, _) => Silenced::Never,
        (Some(_), Some(until)) => Silenced::Until(until.0),
        (Some(_), None) => Silenced::UntilLifted,
    }
}

impl MemberRow {
    /// The row of somebody who was never in the chat. The caller sets the version and the markers.
    pub(crate) fn new(chat_id: i64, user_id: i64, role: ChatRole, joined_at: Instant) -> Self {
        Self {
            chat_id,
            user_id,
            role: role.as_str().to_owned(),
            joined_at,
            left_at: None,
            read_seq: 0,
            shown_seq: 0,
            version: 1,
            muted_until: None,
            pinned: false,
            archived: false,
            left_freely: false,
            mentions_only: false,
            hidden_seq: 0,
            hidden_id: 0,
            silenced_by: None,
            silenced_reason: None,
            silenced_at: None,
            silenced_until: None,
        }
    }
    pub(crate) fn horizon(&self) -> Horizon {
        horizon((self.hidden_seq, self.hidden_id))
    }
    /// Their last silence, which may be over.
    pub(crate) fn silence(&self) -> Option<Silence> {
        let (by, at) = (UserId::stored(self.silenced_by?), self.silenced_at?.0);
        let until = self.silenced_until.map(|until| until.0);
        Some(Silence { by, reason: self.silenced_reason.clone(), at, until })
    }
    pub(crate) fn set_silence(&mut self, silence: &Silence) {
        self.silenced_by = Some(silence.by.get());
        self.silenced_reason.clone_from(&silence.reason);
        self.silenced_at = Some(Instant(silence.at));
        self.silenced_until = silence.until.map(Instant);
    }
    pub(crate) fn preferences(&self) -> Preferences {
        Preferences {
            muted_until: self.muted_until.map(|until| until.0),
            mentions_only: self.mentions_only,
            pinned: self.pinned,
            archived: self.archived,
        }
    }
    /// The member's standing in the chat, of that kind and with that head.
    pub(crate) fn standing(&self, kind: ChatKind, head: &Head) -> Result<Standing, Failure> {
        let (user, read_seq) = (UserId::stored(self.user_id), Seq::stored(self.read_seq));
        let silenced = silenced((self.silenced_at, self.silenced_until));
        let place = (read_seq, self.horizon(), silenced);
        Ok(head.facts(kind).standing(user, chat_role(&self.role)?, place))
    }
    /// The member with that person's profile.
    pub(crate) fn named(self, person: PersonRow) -> Result<Member, Failure> {
        let (horizon, silence) = (self.horizon(), self.silence());
        Ok(Member {
            chat: ChatId::stored(self.chat_id),
            user: person.try_into()?,
            role: chat_role(&self.role)?,
            joined_at: self.joined_at.0,
            left_at: self.left_at.map(|at| at.0),
            read_seq: Seq::stored(self.shown_seq),
            horizon,
            silence,
            version: Version::stored(self.version),
        })
    }
}
