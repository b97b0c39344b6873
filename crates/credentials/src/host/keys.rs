//! Public keys of an issuer.

use super::error::HostIssuerError;
use domain::limits::HOST_KEYS;
use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse,
};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind};
use serde_json::Value;

/// A key, for one algorithm.
pub(super) struct Key {
    /// What tokens call it.
    pub(super) id: Option<String>,
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
}

impl Key {
    /// The secret of an HMAC.
    pub(super) fn secret(secret: &[u8]) -> Self {
        Self { id: None, algorithm: Algorithm::HS256, key: DecodingKey::from_secret(secret) }
    }

    /// Whether a token may be signed by it that says so. One without an id may be any.
    pub(super) fn may_be(&self, algorithm: Algorithm, id: Option<&str>) -> bool {
        let same = |own: &str| id.is_none_or(|id| own == id);
        self.algorithm == algorithm && self.id.as_deref().is_none_or(same)
    }
}

/// Each key of these blocks of PEM with each of the algorithms that it is for.
pub(super) fn of_pem(algorithms: &[Algorithm], pem: &str) -> Result<Vec<Key>, HostIssuerError> {
    const BEGIN: &str = "-----BEGIN ";
    let mut found = Vec::new();
    for block in pem.split(BEGIN).skip(1) {
        let is_public = block.starts_with("PUBLIC KEY") || block.starts_with("RSA PUBLIC KEY");
        let block = format!("{BEGIN}{block}");
        let of = |&algorithm: &Algorithm| {
            let key = public_key(algorithm, block.as_bytes())?;
            Some(Key { id: None, algorithm, key })
        };
        let keys: Vec<_> = algorithms.iter().filter_map(of).collect();
        if !is_public || keys.is_empty() {
            return Err(HostIssuerError::Key);
        }
        found.extend(keys);
    }
    if found.is_empty() { Err(HostIssuerError::Key) } else { Ok(found) }
}

fn public_key(algorithm: Algorithm, pem: &[u8]) -> Option<DecodingKey> {
    let key = match algorithm {
        Algorithm::RS256 | Algorithm::PS256 => DecodingKey::from_rsa_pem(pem),
        Algorithm::ES256 => DecodingKey::from_ec_pem(pem),
        Algorithm::EdDSA => DecodingKey::from_ed_pem(pem),
        _ => return None,
    };
    key.ok().filter(|key| is_long_enough(algorithm, key))
}

/// The first of the keys of a JWK set, each with each of the algorithms that it is for. What is no public
/// key, is for something else or is too short is passed over. `None` if it is no set.
pub(super) fn of_set(algorithms: &[Algorithm], json: &[u8]) -> Option<Vec<Key>> {
    let mut set: Value = serde_json::from_slice(json).ok()?;
    let Some(Value::Array(keys)) = set.get_mut("keys").map(Value::take) else { return None };
    let keys = keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
    let keys = keys.filter(verifies).take(HOST_KEYS).flat_map(|jwk| {
        let of = |&algorithm: &Algorithm| {
            let key = key_of(&jwk, algorithm)?;
            Some(Key { id: jwk.common.key_id.clone(), algorithm, key })
        };
        algorithms.iter().filter_map(of).collect::<Vec<_>>()
    });
    Some(keys.collect())
}

/// Whether a key is meant for checking signatures, as far as it says (RFC 7517, 4.2 and 4.3).
fn verifies(key: &Jwk) -> bool {
    let operations = key.common.key_operations.as_ref();
    matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature))
        && operations.is_none_or(|operations| operations.contains(&KeyOperations::Verify))
}

fn key_of(jwk: &Jwk, algorithm: Algorithm) -> Option<DecodingKey> {
    let named = jwk.common.key_algorithm;
    if named.is_some_and(|named| named != KeyAlgorithm::from(algorithm)) {
        return None;
    }
    let fits = match (&jwk.algorithm, algorithm) {
        (AlgorithmParameters::RSA(_), Algorithm::RS256 | Algorithm::PS256) => true,
        (AlgorithmParameters::EllipticCurve(key), Algorithm::ES256) => {
            key.curve == EllipticCurve::P256
        }
        (AlgorithmParameters::OctetKeyPair(key), Algorithm::EdDSA) => {
            key.curve == EllipticCurve::Ed25519
        }
        // A secret that is published is none.
        _ => false,
    };
    let key = DecodingKey::from_jwk(jwk).ok().filter(|_| fits)?;
    is_long_enough(algorithm, &key).then_some(key)
}

fn is_long_enough(algorithm: Algorithm, key: &DecodingKey) -> bool {
    /// Bytes of an RSA key of 2048 bits, at least: its modulus alone has as many.
    const RSA_BYTES: usize = 256;
    /// Bytes of a point of P-256; those of other curves are longer.
    const P256_BYTES: usize = 65;
    const ED25519_BYTES: usize = 32;
    match (algorithm, key.kind()) {
        (Algorithm::RS256 | Algorithm::PS256, DecodingKeyKind::SecretOrDer(bytes)) => {
            bytes.len() >= RSA_BYTES
        }
        (Algorithm::RS256 | Algorithm::PS256, DecodingKeyKind::RsaModulusExponent { n, .. }) => {
            let zeros = n.iter().take_while(|byte| **byte == 0).count();
            n.len() - zeros >= RSA_BYTES && n[zeros] >= 0x80 || n.len() - zeros > RSA_BYTES
        }
        (Algorithm::ES256, DecodingKeyKind::SecretOrDer(bytes)) => bytes.len() == P256_BYTES,
        (Algorithm::EdDSA, DecodingKeyKind::SecretOrDer(bytes)) => bytes.len() >= ED25519_BYTES,
        _ => false,
    }
}
