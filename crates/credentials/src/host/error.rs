//! What may be wrong with the settings of an issuer.

use domain::limits::HOST_SECRET_BYTES;

/// Why an issuer's settings cannot be used, as it continues the name of the setting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostIssuerError {
    /// There are none.
    #[error("`algorithms` must name HS256, or some of RS256, PS256, ES256 and EdDSA")]
    NoAlgorithm,
    /// There is no such algorithm, or it is not one of these.
    #[error("`algorithms` must be HS256, RS256, PS256, ES256 or EdDSA, not {0:?}")]
    Algorithm(String),
    /// It takes the other kind of key.
    #[error(
        "{0} is not for this kind of key: HS256 takes `secret`, every other algorithm `keys`, `jwks` or `discovery`"
    )]
    WrongKey(String),
    /// It can be guessed.
    #[error("`secret` must have {HOST_SECRET_BYTES} bytes or more")]
    ShortSecret,
    /// Something in there is no key that any of the algorithms takes.
    #[error(
        "`keys` must be public keys in PEM: RSA with 2048 bits or more, P-256 or Ed25519, as `algorithms` say"
    )]
    Key,
    /// Keys are fetched over HTTPS only.
    #[error("`jwks`, or `issuer` with `discovery`, must be an https address")]
    Address,
    /// Where a provider is cannot be known.
    #[error("`sign_in` takes `discovery = true`")]
    SignIn,
    /// None of the keys is for it.
    #[error("none of `keys` is for {0}")]
    NoKey(String),
}
