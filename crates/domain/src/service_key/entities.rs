//! What a key is.

use super::Scopes;
use crate::admin::{AuditAction, Record};
use crate::clock::Timestamp;
use crate::failure::{Failure, Kind};
use crate::host::Issuer;
use crate::ids::{AttachmentId, ChatId, MessageId, SessionId, UserId};
use crate::limits::{
    SERVICE_KEY_RATE, SERVICE_KEY_RATE_MAX, SERVICE_KEYS, SERVICE_KEYS_PER_ACCOUNT,
};
use crate::session::Seed;
use crate::user::{AccountRole, NewUser, UserName};
use std::num::NonZeroU32;

/// Requests a second: 1 to [`SERVICE_KEY_RATE_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyRate(NonZeroU32);

impl KeyRate {
    /// So many; `None` if a key may not have that rate.
    pub fn new(per_second: u32) -> Option<Self> {
        NonZeroU32::new(per_second).filter(|n| n.get() <= SERVICE_KEY_RATE_MAX).map(Self)
    }
    /// The number.
    pub const fn per_second(self) -> NonZeroU32 {
        self.0
    }
}

impl Default for KeyRate {
    fn default() -> Self {
        Self(SERVICE_KEY_RATE)
    }
}

/// A key that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceKey {
    /// The session that it is.
    pub session: SessionId,
    /// Its account.
    pub account: UserId,
    /// The name of that.
    pub name: UserName,
    /// Its role.
    pub role: AccountRole,
    /// What it may do.
    pub scopes: Scopes,
    /// Whose ids it means.
    pub issuer: Issuer,
    /// How often it may call.
    pub rate: KeyRate,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last noted that it was used, or when it was added.
    pub used_at: Timestamp,
}

/// A key to be added.
#[derive(Debug, Clone)]
pub struct NewServiceKey {
    /// Its account, unless there is one of that name that was made for keys.
    pub user: NewUser,
    /// The hash of the key.
    pub hash: [u8; 32],
    /// What every session has.
    pub seed: Seed,
    /// What it may do.
    pub scopes: Scopes,
    /// Whose ids it means.
    pub issuer: Issuer,
    /// How often it may call.
    pub rate: KeyRate,
    /// Who adds it; `None` for the operator.
    pub actor: Option<UserId>,
    /// Now.
    pub at: Timestamp,
    /// When it ends unless it is used before.
    pub expires_at: Timestamp,
}

/// What is there before a key is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyFacts {
    /// Keys of all accounts.
    pub keys: usize,
    /// The account of that name, if there is one that was made for keys.
    pub account: Option<KeyAccount>,
}

/// An account that was made for keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyAccount {
    /// Which.
    pub id: UserId,
    /// Whether it may sign in.
    pub active: bool,
    /// Its keys.
    pub keys: usize,
}

/// Why a key was not added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddKeyRefusal {
    /// There are too many.
    #[error("There are {SERVICE_KEYS} service keys already; revoke one.")]
    TooMany,
    /// The account has too many.
    #[error("There are {SERVICE_KEYS_PER_ACCOUNT} keys of this name already; revoke one.")]
    TooManyOfName,
    /// The account is disabled.
    #[error("The account of this name is disabled.")]
    Disabled,
}

impl From<AddKeyRefusal> for Failure {
    fn from(refusal: AddKeyRefusal) -> Self {
        match refusal {
            AddKeyRefusal::TooMany | AddKeyRefusal::TooManyOfName => {
                Self::new(Kind::Conflict, "too_many_keys", refusal)
            }
            AddKeyRefusal::Disabled => Self::new(Kind::Forbidden, "account_disabled", refusal),
        }
    }
}

impl NewServiceKey {
    /// Decides whether it is added: with the account that is there, or else a new one.
    pub fn decide(&self, facts: KeyFacts) -> Result<Option<UserId>, AddKeyRefusal> {
        if facts.keys >= SERVICE_KEYS {
            return Err(AddKeyRefusal::TooMany);
        }
        match facts.account {
            None => Ok(None),
            Some(KeyAccount { active: false, .. }) => Err(AddKeyRefusal::Disabled),
            Some(account) if account.keys >= SERVICE_KEYS_PER_ACCOUNT => {
                Err(AddKeyRefusal::TooManyOfName)
            }
            Some(account) => Ok(Some(account.id)),
        }
    }

    /// The line of the audit log about its account, if that was made for it.
    pub fn account_added(&self) -> Record {
        Record::new(self.actor, AuditAction::UserAdded, self.user.role.to_string(), self.at)
    }

    /// The line about the key, once it has a number.
    pub fn added(&self, id: SessionId) -> Record {
        let Self { scopes, issuer, rate, .. } = self;
        let (issuer, rate) = (issuer.as_str(), rate.per_second());
        let detail = format!("{id}: {scopes}; issuer {issuer}; {rate} a second");
        Record::new(self.actor, AuditAction::KeyAdded, detail, self.at)
    }
}

/// Keys to be revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokeKeys {
    /// The name of their account.
    pub name: UserName,
    /// Which of them; `None` for all.
    pub session: Option<SessionId>,
    /// Who revokes them; `None` for the operator.
    pub actor: Option<UserId>,
    /// Now.
    pub at: Timestamp,
}

impl RevokeKeys {
    /// The line of the audit log about one of them.
    pub fn revoked(&self, id: SessionId) -> Record {
        Record::new(self.actor, AuditAction::KeyRevoked, id.to_string(), self.at)
    }
}

/// What a request names that may be of a whisper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A chat.
    Chat(ChatId),
    /// A message.
    Message(MessageId),
    /// A file.
    Attachment(AttachmentId),
}
