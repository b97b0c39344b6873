//! Where pictures of people are. An address changes with the picture, so that no browser shows the one
//! before.

use super::services::Services;
use super::words::avatar;
use domain::failure::StoreError;
use domain::ids::UserId;
use domain::media::FileKey;
use std::collections::HashMap;

/// How many characters tell two pictures of one person apart.
const VERSION_CHARS: usize = 8;

/// The pictures that people chose.
#[derive(Debug, Default)]
pub(crate) struct Pictures(HashMap<UserId, FileKey>);

impl Pictures {
    /// Those of these people.
    pub(crate) async fn of(
        services: &Services,
        people: impl IntoIterator<Item = UserId>,
    ) -> Result<Self, StoreError> {
        let mut people: Vec<_> = people.into_iter().collect();
        people.sort_unstable();
        people.dedup();
        Ok(Self(services.media.avatars(&people).await?))
    }

    /// Where somebody's picture is, on this server; anybody may see it, and everybody has one.
    pub(crate) fn path(&self, user: UserId) -> String {
        let address = avatar(user);
        match self.0.get(&user).and_then(|key| key.as_str().get(..VERSION_CHARS)) {
            Some(version) => format!("{address}?v={version}"),
            None => address,
        }
    }
}
