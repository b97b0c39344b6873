//! Tokens that hosts sign.

use async_trait::async_trait;
use domain::clock::Timestamp;
use domain::host::{
    HostClaims, HostIdentity, HostIssuer, HostKeys, HostPerson, HostTokenError, HostTokens, Issuer,
    Subject,
};
use domain::limits::{HOST_SECRET_BYTES, HOST_TOKEN_BYTES, HOST_TOKEN_LEEWAY};
use jsonwebtoken::dangerous::insecure_decode;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind, Validation, decode};
use serde_json::{Map, Value};
use std::collections::HashSet;

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
    #[error("{0} is not for this kind of key: HS256 takes `secret`, every other algorithm `keys`")]
    WrongKey(String),
    /// It can be guessed.
    #[error("`secret` must have {HOST_SECRET_BYTES} bytes or more")]
    ShortSecret,
    /// Something in there is no key that any of the algorithms takes.
    #[error(
        "`keys` must be public keys in PEM: RSA with 2048 bits or more, P-256 or Ed25519, as `algorithms` say"
    )]
    Key,
    /// None of the keys is for it.
    #[error("none of `keys` is for {0}")]
    NoKey(String),
}

/// The tokens of several issuers.
pub struct Hosts(Vec<Host>);

struct Host {
    issuer: Issuer,
    audience: String,
    claims: HostClaims,
    admin_roles: Vec<String>,
    keys: Vec<(Algorithm, DecodingKey)>,
}

impl Hosts {
    /// Reads the keys.
    ///
    /// # Errors
    /// Those of an issuer cannot be used.
    pub fn new(issuers: Vec<HostIssuer>) -> Result<Self, HostIssuerError> {
        issuers.into_iter().map(Host::new).collect::<Result<_, _>>().map(Self)
    }
}

impl Host {
    fn new(settings: HostIssuer) -> Result<Self, HostIssuerError> {
        let HostIssuer { issuer, audience, algorithms, keys, claims, admin_roles } = settings;
        let named: Vec<_> =
            algorithms.iter().map(|name| algorithm(name)).collect::<Result<_, _>>()?;
        if named.is_empty() {
            return Err(HostIssuerError::NoAlgorithm);
        }
        let is_secret = matches!(keys, HostKeys::Secret(_));
        for (algorithm, name) in named.iter().zip(&algorithms) {
            if (*algorithm == Algorithm::HS256) != is_secret {
                return Err(HostIssuerError::WrongKey(name.clone()));
            }
        }
        let keys = match keys {
            HostKeys::Secret(secret) if secret.len() < HOST_SECRET_BYTES => {
                return Err(HostIssuerError::ShortSecret);
            }
            HostKeys::Secret(secret) => vec![(Algorithm::HS256, DecodingKey::from_secret(&secret))],
            HostKeys::Public(pem) => public_keys(&named, &pem)?,
        };
        let without = |algorithm: &Algorithm| keys.iter().all(|(of, _)| of != algorithm);
        match named.iter().position(without) {
            Some(nth) => Err(HostIssuerError::NoKey(algorithms[nth].clone())),
            None => Ok(Self { issuer, audience, claims, admin_roles, keys }),
        }
    }

    /// The claims of a token that this issuer signed for this server. When it is valid is not looked at.
    fn signed(
        &self,
        algorithm: Algorithm,
        token: &str,
    ) -> Result<Map<String, Value>, HostTokenError> {
        let mut validation = Validation::new(algorithm);
        // Times are compared with the domain's clock.
        validation.validate_exp = false;
        validation.required_spec_claims = HashSet::from(["iss".to_owned(), "aud".to_owned()]);
        validation.set_issuer(&[self.issuer.as_str()]);
        validation.set_audience(&[&self.audience]);
        let mut answer = Err(HostTokenError::Algorithm);
        for (_, key) in self.keys.iter().filter(|(of, _)| *of == algorithm) {
            answer = match decode::<Map<String, Value>>(token, key, &validation) {
                Ok(read) => return Ok(read.claims),
                Err(why) if is_about_audience(why.kind()) => return Err(HostTokenError::Audience),
                Err(_) => Err(HostTokenError::Invalid),
            };
        }
        answer
    }

    /// What the claims say of a person.
    fn identity(&self, claims: &Map<String, Value>) -> Result<HostIdentity, HostTokenError> {
        let text = |name: &str| claim(claims, name).and_then(Value::as_str);
        let subject = text(&self.claims.subject).and_then(Subject::new);
        let subject = subject.ok_or(HostTokenError::Subject)?;
        Ok(HostIdentity {
            person: HostPerson { issuer: self.issuer.clone(), subject },
            name: text(&self.claims.name).map(str::to_owned),
            email: text(&self.claims.email).map(str::to_owned),
            is_admin: (!self.admin_roles.is_empty()).then(|| self.is_admin(claims)),
        })
    }

    fn is_admin(&self, claims: &Map<String, Value>) -> bool {
        let is_one = |role: &str| self.admin_roles.iter().any(|admin| admin == role);
        match claim(claims, &self.claims.role) {
            Some(Value::String(role)) => is_one(role),
            Some(Value::Array(roles)) => roles.iter().filter_map(Value::as_str).any(is_one),
            _ => false,
        }
    }
}

/// The claim of that name, or the one that its dots lead to.
fn claim<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let inner = || {
        let (outer, rest) = name.split_once('.')?;
        claim(claims.get(outer)?.as_object()?, rest)
    };
    claims.get(name).or_else(inner)
}

#[async_trait]
impl HostTokens for Hosts {
    async fn read(&self, token: &str, now: Timestamp) -> Result<HostIdentity, HostTokenError> {
        if token.len() > HOST_TOKEN_BYTES {
            return Err(HostTokenError::TooLong);
        }
        // Only to find out whose keys to check it with. An algorithm that has no name here is not read at all.
        let said = insecure_decode::<Map<String, Value>>(token).map_err(|_| unreadable(token))?;
        let issuer = said.claims.get("iss").and_then(Value::as_str);
        let host = self.0.iter().find(|host| Some(host.issuer.as_str()) == issuer);
        let host = host.ok_or(HostTokenError::Issuer)?;
        let claims = host.signed(said.header.alg, token)?;
        is_valid_at(&claims, now)?;
        host.identity(&claims)
    }
}

fn algorithm(name: &str) -> Result<Algorithm, HostIssuerError> {
    match name {
        "HS256" => Ok(Algorithm::HS256),
        "RS256" => Ok(Algorithm::RS256),
        "PS256" => Ok(Algorithm::PS256),
        "ES256" => Ok(Algorithm::ES256),
        "EdDSA" => Ok(Algorithm::EdDSA),
        _ => Err(HostIssuerError::Algorithm(name.to_owned())),
    }
}

/// Each key with each of the algorithms that it is for.
fn public_keys(
    algorithms: &[Algorithm],
    pem: &str,
) -> Result<Vec<(Algorithm, DecodingKey)>, HostIssuerError> {
    const BEGIN: &str = "-----BEGIN ";
    let mut found = Vec::new();
    for block in pem.split(BEGIN).skip(1) {
        let is_public = block.starts_with("PUBLIC KEY") || block.starts_with("RSA PUBLIC KEY");
        let block = format!("{BEGIN}{block}");
        let of = |algorithm: &Algorithm| Some((*algorithm, public_key(*algorithm, &block)?));
        let keys: Vec<_> = algorithms.iter().filter_map(of).collect();
        if !is_public || keys.is_empty() {
            return Err(HostIssuerError::Key);
        }
        found.extend(keys);
    }
    if found.is_empty() { Err(HostIssuerError::Key) } else { Ok(found) }
}

fn public_key(algorithm: Algorithm, pem: &str) -> Option<DecodingKey> {
    /// Bytes of an RSA key of 2048 bits, at least: its modulus alone has as many.
    const RSA_BYTES: usize = 256;
    /// Bytes of a point of P-256; those of other curves are longer.
    const P256_BYTES: usize = 65;
    let pem = pem.as_bytes();
    let bytes = |key: &DecodingKey| match key.kind() {
        DecodingKeyKind::SecretOrDer(bytes) => bytes.len(),
        DecodingKeyKind::RsaModulusExponent { n, .. } => n.len(),
    };
    match algorithm {
        Algorithm::RS256 | Algorithm::PS256 => {
            DecodingKey::from_rsa_pem(pem).ok().filter(|key| bytes(key) >= RSA_BYTES)
        }
        Algorithm::ES256 => {
            DecodingKey::from_ec_pem(pem).ok().filter(|key| bytes(key) == P256_BYTES)
        }
        Algorithm::EdDSA => DecodingKey::from_ed_pem(pem).ok(),
        _ => None,
    }
}

/// Of a token whose header or claims cannot be read: whether that is since nothing signs it.
fn unreadable(token: &str) -> HostTokenError {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let header = token.split('.').next().and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let header = header.and_then(|json| serde_json::from_slice::<Map<String, Value>>(&json).ok());
    match header.as_ref().and_then(|header| header.get("alg")) {
        Some(Value::String(alg)) if algorithm(alg).is_err() => HostTokenError::Algorithm,
        _ => HostTokenError::Invalid,
    }
}

fn is_about_audience(kind: &ErrorKind) -> bool {
    match kind {
        ErrorKind::InvalidAudience => true,
        ErrorKind::MissingRequiredClaim(claim) => claim == "aud",
        _ => false,
    }
}

/// A claim that is no number of seconds is as good as a forged one.
fn is_valid_at(claims: &Map<String, Value>, now: Timestamp) -> Result<(), HostTokenError> {
    let seconds = |claim: &str| match claims.get(claim) {
        None => Ok(None),
        Some(value) => value.as_f64().map(Some).ok_or(HostTokenError::Invalid),
    };
    let leeway = HOST_TOKEN_LEEWAY.as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "microseconds of this age have 51 bits")]
    let now = now.as_micros() as f64 / 1_000_000.0;
    if seconds("exp")?.ok_or(HostTokenError::NoExpiry)? + leeway <= now {
        return Err(HostTokenError::Expired);
    }
    for claim in ["nbf", "iat"] {
        if seconds(claim)?.is_some_and(|from| from > now + leeway) {
            return Err(HostTokenError::NotYet);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
