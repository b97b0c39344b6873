//! The entities of service keys.

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
    /// A rate; `None` if a key may not have it.
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

/// A service key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceKey {
    /// Its session, whose id is also the key's.
    pub session: SessionId,
    /// Its account.
    pub account: UserId,
    /// The account's name.
    pub name: UserName,
    /// The account's role.
    pub role: AccountRole,
    /// What it may do.
    pub scopes: Scopes,
    /// The issuer of the external ids in its requests.
    pub issuer: Issuer,
    /// How often it may call.
    pub rate: KeyRate,
    /// When it was added.
    pub created_at: Timestamp,
    /// When its use was last recorded; at first, when it was added.
    pub used_at: Timestamp,
}

/// A key to add.
#[derive(Debug, Clone)]
pub struct NewServiceKey {
    /// The account to create for it, unless a service account of that name exists.
    pub user: NewUser,
    /// The hash of the key.
    pub hash: [u8; 32],
    /// The seed of its session.
    pub seed: Seed,
    /// What it may do.
    pub scopes: Scopes,
    /// The issuer of the external ids in its requests.
    pub issuer: Issuer,
    /// How often it may call.
    pub rate: KeyRate,
    /// Who adds it; `None` for the operator.
    pub actor: Option<UserId>,
    /// Now.
    pub at: Timestamp,
    /// When it expires unless it is used before.
    pub expires_at: Timestamp,
}

/// What exists before a key is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyFacts {
    /// How many keys all accounts have together.
    pub keys: usize,
    /// The service account of that name, if there is one.
    pub account: Option<KeyAccount>,
}

/// A service account: one that was created for keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyAccount {
    /// Which.
    pub id: UserId,
    /// Whether it is active, not disabled.
    pub active: bool,
    /// How many keys it has.
    pub keys: usize,
}

/// Why a key was not added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddKeyRefusal {
    /// There are too many keys.
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
    /// Decides whether the key is added: to the returned account, or to a new one if that is `None`.
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

    /// The audit log's entry about its account, if that is created for it.
    pub fn account_added(&self) -> Record {
        Record::new(self.actor, AuditAction::UserAdded, self.user.role.to_string(), self.at)
    }

    /// The audit log's entry about the key, which has this id.
    pub fn added(&self, id: SessionId) -> Record {
        let Self { scopes, issuer, rate, .. } = self;
        let (issuer, rate) = (issuer.as_str(), rate.per_second());
        let detail = format!("{id}: {scopes}; issuer {issuer}; {rate} a second");
        Record::new(self.actor, AuditAction::KeyAdded, detail, self.at)
    }
}

/// Keys to revoke.
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
    /// The audit log's entry about one of them.
    pub fn revoked(&self, id: SessionId) -> Record {
        Record::new(self.actor, AuditAction::KeyRevoked, id.to_string(), self.at)
    }
}

/// Something that a request names and that may belong to a whisper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A chat.
    Chat(ChatId),
    /// A message.
    Message(MessageId),
    /// A file.
    Attachment(AttachmentId),
}
