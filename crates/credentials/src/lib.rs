//! Credentials: passwords as bcrypt hashes, access tokens as JWTs, and keyed digests for secrets in other forms.
#![warn(missing_docs)]

mod host;
mod passwords;
mod queue;
mod tokens;

pub use host::{HostIssuerError, Hosts, OpenIdProviders};
pub use passwords::{BcryptHasher, CostError};
pub use tokens::{Secret, Tokens};
