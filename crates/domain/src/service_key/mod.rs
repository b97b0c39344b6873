//! Service keys, by which a host's backend calls.
//!
//! A key is random and shown once, when an operator adds it; only its hash is kept. It is a session of an account
//! that was made for keys and is nobody's, so whatever ends a session ends it. What it may do is in its
//! [`Scopes`], of which each route asks for one; as somebody else it calls if they have [`Scope::ActAs`].

mod act_as;
mod admit;
mod call;
mod entities;
mod manage;
mod port;
mod scope;
mod token;

pub use act_as::{ACT_AS, ActAsError, read_act_as};
pub use admit::{CallingKey, KeyAccess, KeyRefusal};
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

/// What the use cases of keys stand on.
pub struct ServiceKeyPorts {
    /// Keys.
    pub keys: Arc<dyn ServiceKeyStore>,
    /// Accounts.
    pub users: Arc<dyn UserStore>,
    /// Which account is whose at a host.
    pub host_accounts: Arc<dyn HostAccountStore>,
    /// Randomness and hashes.
    pub signer: Arc<dyn TokenSigner>,
    /// Passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The use cases of keys.
pub struct ServiceKeys {
    ports: ServiceKeyPorts,
}

impl ServiceKeys {
    /// Over the given ports.
    pub fn new(ports: ServiceKeyPorts) -> Self {
        Self { ports }
    }

    fn hash(&self, key: &KeyToken) -> [u8; 32] {
        self.ports.signer.digest(&[b"service key", key.reveal().as_bytes()].concat())
    }
}
