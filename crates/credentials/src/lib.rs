//! Proofs of who somebody is: passwords kept as bcrypt hashes, access tokens as JWTs, and keyed
//! digests for what is kept or handed out in other forms.
#![warn(missing_docs)]

mod host;
mod passwords;
mod queue;
mod tokens;

pub use host::{HostIssuerError, Hosts, OpenIdProviders};
pub use passwords::{BcryptHasher, CostError};
pub use tokens::{Secret, Tokens};
