//! Calling with a key.

use super::{ActAsError, KeyAccess, KeyToken, Mistyped, Place, ServiceKey, ServiceKeys};
use crate::chat::GetError;
use crate::failure::{Failure, Kind, StoreError};
use crate::host::{HostPerson, Reference};
use crate::ids::UserId;
use crate::limits;
use crate::media::OpenError;
use crate::message::{ChangeError, ChangeRefusal};
use crate::session::{Caller, Proof, Protocol};
use crate::user::User;

/// Why a key is refused.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It is not a key: a part is missing or mistyped.
    #[error("The service key is incomplete or mistyped: its checksum is wrong.")]
    Mistyped(#[from] Mistyped),
    /// It was revoked, or never existed.
    #[error("The service key is not valid; it may have been revoked.")]
    Unknown,
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Mistyped(_) | KeyError::Unknown => {
                Self::new(Kind::Unauthenticated, "key_invalid", error)
            }
            KeyError::Store(error) => error.into(),
        }
    }
}

impl ServiceKeys {
    /// Finds the key that was sent. It is looked up each time, so revoking it takes effect at once.
    pub async fn recognise(&self, given: &str) -> Result<ServiceKey, KeyError> {
        let (hash, now) = (self.hash(&KeyToken::parse(given)?), self.ports.clock.now());
        let found = self.ports.keys.find(hash, now).await;
        let key = found.map_err(|error| match error {
            StoreError::NotFound => KeyError::Unknown,
            error => KeyError::Store(error),
        })?;
        // The first use is recorded at once, to show that the key is in use; later ones only occasionally.
        let is_first = key.used_at == key.created_at;
        if is_first || now.since(key.used_at) >= limits::SERVICE_KEY_USE_NOTED {
            let end = now.plus(limits::KEY_LIFE);
            self.ports.keys.note_use(key.session, now, end).await.map_err(KeyError::Store)?;
        }
        Ok(key)
    }

    /// Admits a key to a route, and returns the caller: the key's own account, or the one that it acts as.
    pub async fn admit(
        &self,
        key: &ServiceKey,
        route: KeyAccess,
        act_as: Option<Reference<UserId>>,
    ) -> Result<Caller, ActAsError> {
        let calling = key.admit(route)?;
        let (user, role) = match act_as {
            None => (key.account, key.role),
            Some(act_as) => {
                calling.check_acting()?;
                let person = self.person(key, act_as).await?;
                (person.id, person.role)
            }
        };
        Ok(Caller {
            user,
            session: key.session,
            protocol: Protocol::NATIVE,
            role: calling.role_as(role),
            proof: Proof::default(),
            issuer: Some(key.issuer.clone()),
            key: Some(calling),
        })
    }

    async fn person(
        &self,
        key: &ServiceKey,
        act_as: Reference<UserId>,
    ) -> Result<User, ActAsError> {
        let found = match act_as {
            Reference::Id(id) => self.ports.users.get(id).await,
            Reference::External(subject) => {
                let person = HostPerson { issuer: key.issuer.clone(), subject };
                self.ports.host_accounts.of_person(&person).await.map(|known| known.user)
            }
        };
        match found {
            Ok(user) if user.deleted_at.is_some() => Err(ActAsError::Deleted),
            Ok(user) if !user.active => Err(ActAsError::Disabled),
            Ok(user) => Ok(user),
            Err(StoreError::NotFound) => Err(ActAsError::Unknown),
            Err(error) => Err(error.into()),
        }
    }

    /// Hides whispers from a key that may not see them. `places` are the things that a request names,
    /// starting with the chat. If one of them is or belongs to a whisper, the answer is as if the last of
    /// them did not exist.
    pub async fn check_places(&self, caller: &Caller, places: &[Place]) -> Result<(), Failure> {
        let Some(last) = places.last().filter(|_| !caller.sees_whispers()) else { return Ok(()) };
        // A key that would need another scope to reach the chat is told so, of whispers as of any other chat.
        let lacks = caller.lacks_reach();
        let places = if lacks.is_some() { &places[..1] } else { places };
        for place in places {
            if self.ports.keys.is_whisper(*place).await? {
                if let (Some(lacks), Place::Chat(_)) = (lacks, place) {
                    return Err(lacks.into());
                }
                return Err(match last {
                    Place::Chat(_) => GetError::NotFound.into(),
                    Place::Message(_) => ChangeError::Refused(ChangeRefusal::NotFound).into(),
                    Place::Attachment(_) => OpenError::NotFound.into(),
                });
            }
        }
        Ok(())
    }
}
