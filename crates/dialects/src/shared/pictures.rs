//! The URLs of avatars. A URL changes with the picture, so that no browser shows an old one from its cache.

use super::services::Services;
use super::words::avatar;
use domain::failure::StoreError;
use domain::ids::UserId;
use domain::media::FileKey;
use std::collections::HashMap;

/// How many characters of a picture's key are in its URL, to tell a person's pictures apart.
const VERSION_CHARS: usize = 8;

/// The avatars that people uploaded.
#[derive(Debug, Default)]
pub(crate) struct Pictures(HashMap<UserId, FileKey>);

impl Pictures {
    /// The avatars of these people.
    pub(crate) async fn of(
        services: &Services,
        people: impl IntoIterator<Item = UserId>,
    ) -> Result<Self, StoreError> {
        let mut people: Vec<_> = people.into_iter().collect();
        people.sort_unstable();
        people.dedup();
        Ok(Self(services.media.avatars(&people).await?))
    }

    /// The path of somebody's avatar. Everybody has one, and it needs no token.
    pub(crate) fn path(&self, user: UserId) -> String {
        let address = avatar(user);
        match self.0.get(&user).and_then(|key| key.as_str().get(..VERSION_CHARS)) {
            Some(version) => format!("{address}?v={version}"),
            None => address,
        }
    }
}
