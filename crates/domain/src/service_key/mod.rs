//! Service keys, which a host's backend calls with.
//!
//! A key is random, and shown once, when an operator adds it; only its hash is stored. It belongs to a
//! session of a service account, which is no person's, so whatever ends a session ends the key. Its
//! [`Scopes`] say what it may do: each route requires one of them, and [`Scope::ActAs`] lets it act as
//! somebody else.

mod act_as;
mod admit;
mod call;
mod entities;
mod manage;
mod port;
mod scope;
mod token;

pub use act_as::{ACT_AS, ActAsError, read_act_as};
pub use admit::{CallingKey, KeyAccess, KeyRefusal, Reach};
pub use call::KeyError;
pub use entities::{
    AddKeyRefusal, KeyAccount, KeyFacts, KeyRate, NewServiceKey, Place, RevokeKeys, ServiceKey,
};
pub use manage::{AddKey, AddKeyError, AddedKey, RevokeKeyError};
#[cfg(feature = "mocks")]
pub use port::MockServiceKeyStore;
pub use port::ServiceKeyStore;
pub use scope::{Scope, Scopes, ScopesError};
pub use token::{KeyToken, Mistyped};

use crate::clock::Clock;
use crate::host::HostAccountStore;
use crate::session::TokenSigner;
use crate::user::{PasswordHasher, UserStore};
use std::sync::Arc;

/// The ports that service keys need.
pub struct ServiceKeyPorts {
    /// Keys.
    pub keys: Arc<dyn ServiceKeyStore>,
    /// Accounts.
    pub users: Arc<dyn UserStore>,
    /// Which host user each account belongs to.
    pub host_accounts: Arc<dyn HostAccountStore>,
    /// Makes random keys, and hashes them.
    pub signer: Arc<dyn TokenSigner>,
    /// Hashes passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The use cases of keys.
pub struct ServiceKeys {
    ports: ServiceKeyPorts,
}

impl ServiceKeys {
    /// Uses the given ports.
    pub fn new(ports: ServiceKeyPorts) -> Self {
        Self { ports }
    }

    fn hash(&self, key: &KeyToken) -> [u8; 32] {
        self.ports.signer.digest(&[b"service key", key.reveal().as_bytes()].concat())
    }
}
