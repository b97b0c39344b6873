//! Tokens that hosts sign.

mod error;
mod fetch;
mod fetched;
mod keys;
mod provider;

pub use self::error::HostIssuerError;
use self::fetched::{Fetched, Place};
use self::keys::Key;
pub use self::provider::OpenIdProviders;
use async_trait::async_trait;
use domain::clock::Timestamp;
use domain::host::{
    ExternalId, HostClaims, HostIdentity, HostIssuer, HostKeys, HostLogOutError, HostPerson,
    HostSession, HostTokenError, HostTokens, Issuer, LoggedOut, PictureAddress, ProviderClient,
};
use domain::internet::Reach;
use domain::limits::{HOST_SECRET_BYTES, HOST_TOKEN_BYTES, HOST_TOKEN_LEEWAY};
use jsonwebtoken::dangerous::insecure_decode;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Header, Validation, decode};
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::sync::Arc;

/// What a token says.
type Claims = Map<String, Value>;

/// The tokens of several issuers.
pub struct Hosts(Vec<Arc<Host>>);

struct Host {
    issuer: Issuer,
    audience: Option<String>,
    client: Option<Arc<ProviderClient>>,
    claims: HostClaims,
    admin_roles: Vec<String>,
    pictures: Reach,
    keys: Keys,
}

/// What a token is to do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// Be exchanged for a session.
    Exchange,
    /// Say whom a provider signed in.
    SignIn,
    /// End sessions.
    LogOut,
}

enum Keys {
    Configured(Vec<Key>),
    Fetched(Arc<Fetched>),
}

impl Hosts {
    /// Reads the keys.
    ///
    /// # Errors
    /// Those of an issuer cannot be used.
    pub fn new(issuers: Vec<HostIssuer>) -> Result<Self, HostIssuerError> {
        let hosts = issuers.into_iter().map(|issuer| Host::new(issuer).map(Arc::new));
        hosts.collect::<Result<_, _>>().map(Self)
    }
}

impl Host {
    fn new(settings: HostIssuer) -> Result<Self, HostIssuerError> {
        let HostIssuer {
            issuer,
            audience,
            algorithms,
            keys,
            claims,
            admin_roles,
            pictures,
            sign_in,
        } = settings;
        if sign_in.is_some() && !matches!(keys, HostKeys::Discovered) {
            return Err(HostIssuerError::SignIn);
        }
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
        let published = |issuer: &Issuer, place, named| {
            Fetched::new(issuer.clone(), place, named).map(|keys| Keys::Fetched(Arc::new(keys)))
        };
        let keys = match keys {
            HostKeys::Secret(secret) if secret.len() < HOST_SECRET_BYTES => {
                return Err(HostIssuerError::ShortSecret);
            }
            HostKeys::Secret(secret) => Keys::Configured(vec![Key::secret(&secret)]),
            HostKeys::Public(pem) => Keys::Configured(configured(&named, &algorithms, &pem)?),
            HostKeys::Published(address) => published(&issuer, Place::Set(address), named)?,
            HostKeys::Discovered => published(&issuer, Place::Discovery, named)?,
        };
        let client = sign_in.map(Arc::new);
        Ok(Self { issuer, audience, client, claims, admin_roles, pictures, keys })
    }

    /// Whom tokens for a purpose must be for.
    fn audience(&self, purpose: Purpose) -> Vec<&str> {
        let client = self.client.as_ref().map(|client| client.client_id.as_str());
        match purpose {
            Purpose::Exchange => self.audience.as_deref().into_iter().collect(),
            Purpose::SignIn => client.into_iter().collect(),
            Purpose::LogOut => self.audience.as_deref().into_iter().chain(client).collect(),
        }
    }

    /// The claims of a token that this issuer signed for one of them. When it is valid is not looked at.
    async fn signed(
        &self,
        header: &Header,
        (token, audience): (&str, &[&str]),
    ) -> Result<Claims, HostTokenError> {
        let token = (token, audience);
        let keys = match &self.keys {
            Keys::Configured(keys) => return self.verified(keys, header, token),
            Keys::Fetched(keys) if keys.allows(header.alg) => keys,
            Keys::Fetched(_) => return Err(HostTokenError::Algorithm),
        };
        let known = keys.keys().await?;
        let answer = self.verified(&known, header, token);
        let is_known = |key: &Key| header.kid.is_some() && key.id == header.kid;
        match answer {
            // It may be signed by a key that is newer than what is known.
            Err(HostTokenError::Invalid | HostTokenError::Algorithm)
                if !known.iter().any(is_known) =>
            {
                match self.verified(&keys.newest().await?, header, token) {
                    Err(HostTokenError::Algorithm) => Err(HostTokenError::Invalid),
                    answer => answer,
                }
            }
            Err(HostTokenError::Algorithm) => Err(HostTokenError::Invalid),
            answer => answer,
        }
    }

    /// The claims, if one of these keys signed them.
    fn verified(
        &self,
        keys: &[Key],
        header: &Header,
        (token, audience): (&str, &[&str]),
    ) -> Result<Claims, HostTokenError> {
        let mut validation = Validation::new(header.alg);
        // Times are compared with the domain's clock.
        validation.validate_exp = false;
        validation.required_spec_claims = HashSet::from(["iss".to_owned(), "aud".to_owned()]);
        validation.set_issuer(&[self.issuer.as_str()]);
        validation.set_audience(audience);
        let mut answer = Err(HostTokenError::Algorithm);
        for key in keys.iter().filter(|key| key.may_be(header.alg, header.kid.as_deref())) {
            answer = match decode::<Claims>(token, &key.key, &validation) {
                Ok(read) => return Ok(read.claims),
                Err(why) if is_about_audience(why.kind()) => return Err(HostTokenError::Audience),
                Err(_) => Err(HostTokenError::Invalid),
            };
        }
        answer
    }

    /// What the claims say of a person.
    fn identity(&self, claims: &Claims) -> Result<HostIdentity, HostTokenError> {
        let text = |name: &str| claim(claims, name).and_then(Value::as_str);
        Ok(HostIdentity {
            person: self.person(claims)?,
            name: text(&self.claims.name).map(str::to_owned),
            email: text(&self.claims.email).map(str::to_owned),
            is_admin: (!self.admin_roles.is_empty()).then(|| self.is_admin(claims)),
            picture: text(&self.claims.picture).and_then(|said| self.picture(said)),
            session: text(SESSION).and_then(HostSession::new),
        })
    }

    /// The address of a picture, if it is one that may be fetched. Nobody is kept out for their picture.
    fn picture(&self, said: &str) -> Option<PictureAddress> {
        let address = PictureAddress::new(said, self.pictures).inspect_err(|error| {
            let issuer = self.issuer.as_str();
            tracing::debug!(issuer, %error, "a token's picture is ignored");
        });
        address.ok()
    }

    /// Whom the claims are about.
    fn person(&self, claims: &Claims) -> Result<HostPerson, HostTokenError> {
        let subject = claim(claims, &self.claims.subject).and_then(Value::as_str);
        let subject = subject.and_then(ExternalId::new).ok_or(HostTokenError::Subject)?;
        Ok(HostPerson { issuer: self.issuer.clone(), subject })
    }

    fn is_admin(&self, claims: &Claims) -> bool {
        let is_one = |role: &str| self.admin_roles.iter().any(|admin| admin == role);
        match claim(claims, &self.claims.role) {
            Some(Value::String(role)) => is_one(role),
            Some(Value::Array(roles)) => roles.iter().filter_map(Value::as_str).any(is_one),
            _ => false,
        }
    }
}

/// The claim with the session at the host.
const SESSION: &str = "sid";

/// What makes a token one for logging out.
fn log_out(claims: &Claims) -> Option<&Value> {
    claims.get("events")?.get("http://schemas.openid.net/event/backchannel-logout")
}

/// The claim of that name, or the one that its dots lead to.
fn claim<'a>(claims: &'a Claims, name: &str) -> Option<&'a Value> {
    let inner = || {
        let (outer, rest) = name.split_once('.')?;
        claim(claims.get(outer)?.as_object()?, rest)
    };
    claims.get(name).or_else(inner)
}

/// The keys of an issuer that are in its settings: some for each algorithm.
fn configured(
    algorithms: &[Algorithm],
    names: &[String],
    pem: &str,
) -> Result<Vec<Key>, HostIssuerError> {
    let found = keys::of_pem(algorithms, pem)?;
    let without = |algorithm: &Algorithm| found.iter().all(|key| key.algorithm != *algorithm);
    match algorithms.iter().position(without) {
        Some(nth) => Err(HostIssuerError::NoKey(names[nth].clone())),
        None => Ok(found),
    }
}

#[async_trait]
impl HostTokens for Hosts {
    async fn read(&self, token: &str, now: Timestamp) -> Result<HostIdentity, HostTokenError> {
        let (host, claims) = self.claims((token, Purpose::Exchange), now).await?;
        if log_out(&claims).is_some() {
            return Err(HostTokenError::LogOut);
        }
        host.identity(&claims)
    }

    async fn read_log_out(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<LoggedOut, HostLogOutError> {
        let (host, claims) = self.claims((token, Purpose::LogOut), now).await?;
        let is_log_out = log_out(&claims).is_some_and(Value::is_object)
            && claims.get("jti").is_some_and(Value::is_string)
            && claims.contains_key("iat")
            && !claims.contains_key("nonce");
        if !is_log_out {
            return Err(HostLogOutError::NotLogOut);
        }
        let is_about = claim(&claims, &host.claims.subject).is_some();
        let person = is_about.then(|| host.person(&claims)).transpose()?;
        let Some(session) = claims.get(SESSION) else {
            return person.map(LoggedOut::Person).ok_or(HostLogOutError::OfNobody);
        };
        let session = session.as_str().and_then(HostSession::new);
        let session = session.ok_or(HostLogOutError::Session)?;
        let subject = person.map(|person| person.subject);
        Ok(LoggedOut::Session { issuer: host.issuer.clone(), subject, session })
    }
}

impl Hosts {
    /// Fetches the keys of those that publish them, so that the first token need not wait. What fails is in the
    /// log, and done again when a token comes.
    pub async fn fetch_keys(&self) {
        for host in &self.0 {
            if let Keys::Fetched(keys) = &host.keys {
                let _ = keys.newest().await;
            }
        }
    }

    /// What a token says that is valid now, and who signed it.
    async fn claims(
        &self,
        (token, purpose): (&str, Purpose),
        now: Timestamp,
    ) -> Result<(&Host, Claims), HostTokenError> {
        if token.len() > HOST_TOKEN_BYTES {
            return Err(HostTokenError::TooLong);
        }
        // Only to find out whose keys to check it with. An algorithm that has no name here is not read at all.
        let said = insecure_decode::<Claims>(token).map_err(|_| unreadable(token))?;
        let issuer = said.claims.get("iss").and_then(Value::as_str);
        let host = self.0.iter().find(|host| Some(host.issuer.as_str()) == issuer);
        let host = host.ok_or(HostTokenError::Issuer)?;
        let audience = host.audience(purpose);
        if audience.is_empty() {
            return Err(HostTokenError::Issuer);
        }
        // Extensions that must be understood, none of which is.
        if said.header.crit.is_some() {
            return Err(HostTokenError::Invalid);
        }
        let claims = host.signed(&said.header, (token, &audience)).await?;
        is_valid_at(&claims, now)?;
        Ok((host, claims))
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

/// Of a token whose header or claims cannot be read: whether that is since nothing signs it.
fn unreadable(token: &str) -> HostTokenError {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let header = token.split('.').next().and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let header = header.and_then(|json| serde_json::from_slice::<Claims>(&json).ok());
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
fn is_valid_at(claims: &Claims, now: Timestamp) -> Result<(), HostTokenError> {
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
