//! Whose tokens are taken, as an operator says it.

use super::{Issuer, ProviderClient};
use crate::internet::Reach;

/// An issuer, whose keys and algorithms nobody has looked at yet.
#[derive(Clone)]
pub struct HostIssuer {
    /// Its name, which is `iss`.
    pub issuer: Issuer,
    /// Whom tokens must be for that are exchanged: `aud`, or one of them. `None`: none are.
    pub audience: Option<String>,
    /// The algorithms that it may sign by.
    pub algorithms: Vec<String>,
    /// How its signature is checked.
    pub keys: HostKeys,
    /// Which claims say what.
    pub claims: HostClaims,
    /// Who has one of these roles there is an admin here. None: the host does not say who is.
    pub admin_roles: Vec<String>,
    /// Where pictures of its people may be fetched from.
    pub pictures: Reach,
    /// How people sign in with it on the page, if they do.
    pub sign_in: Option<ProviderClient>,
}

/// How an issuer's signature is checked. It is one or the other, so that a public key never becomes the secret
/// of an HMAC.
#[derive(Clone)]
pub enum HostKeys {
    /// By a secret that the host shares; HS256 only.
    Secret(Vec<u8>),
    /// By public keys, as one or several blocks of PEM; every other algorithm.
    Public(String),
    /// By the public keys that are published at this address, as a JWK set.
    Published(String),
    /// The same, at the address that the issuer's OpenID configuration has.
    Discovered,
}

/// Which claims say what. A dot leads into a claim that is an object, unless a claim is named with it.
#[derive(Debug, Clone)]
pub struct HostClaims {
    /// Who it is.
    pub subject: String,
    /// What they are called.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// The address of their picture.
    pub picture: String,
    /// Their roles, one or several.
    pub role: String,
}
