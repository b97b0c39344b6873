//! Avatars.

use super::stream::Watched;
use super::{
    Chunks, FileError, FileKey, ImageError, ImageFormat, Media, OpenFile, Part, Purpose,
    UploadError,
};
use crate::directory::Wanted;
use crate::failure::{Failure, Kind, StoreError};
use crate::ids::UserId;
use crate::session::Caller;
use crate::user::{UpdateProfileError, User};
use std::collections::HashMap;

/// Why an avatar was not set.
#[derive(Debug, thiserror::Error)]
pub enum SetAvatarError {
    /// It is not a picture that can be decoded.
    #[error("An avatar is a JPEG, PNG, GIF or WebP picture.")]
    NotAnImage,
    /// The account is somebody else's, or does not exist.
    #[error(transparent)]
    Profile(#[from] UpdateProfileError),
    /// The upload failed.
    #[error(transparent)]
    Upload(#[from] UploadError),
}

impl From<SetAvatarError> for Failure {
    fn from(error: SetAvatarError) -> Self {
        match error {
            SetAvatarError::NotAnImage => Self::new(Kind::Invalid, "not_an_image", error),
            SetAvatarError::Profile(error) => error.into(),
            SetAvatarError::Upload(error) => error.into(),
        }
    }
}

/// Why an avatar could not be shown.
#[derive(Debug, thiserror::Error)]
pub enum AvatarError {
    /// There is no such account.
    #[error("There is no such user.")]
    NotFound,
    /// Its bytes could not be read.
    #[error(transparent)]
    Files(FileError),
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for AvatarError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            error => Self::Store(error),
        }
    }
}

impl From<AvatarError> for Failure {
    fn from(error: AvatarError) -> Self {
        match error {
            AvatarError::NotFound => Self::new(Kind::NotFound, "user_not_found", error),
            AvatarError::Files(error) => error.into(),
            AvatarError::Store(error) => error.into(),
        }
    }
}

/// A picture that is stored and is nobody's avatar yet. One that is neither used nor discarded is deleted once its
/// reservation ends.
#[derive(Debug)]
pub struct PendingAvatar {
    owner: UserId,
    key: FileKey,
}

/// Somebody's avatar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Avatar {
    /// A picture that they uploaded.
    Chosen(FileKey),
    /// A generated one.
    Default(DefaultAvatar),
}

/// The generated avatar of somebody without a picture. It is always the same for one account and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultAvatar {
    /// One or two characters.
    pub initials: String,
    /// The background's hue, in degrees from 0 to 359.
    pub hue: u16,
}

/// The initials of somebody whose name has no letter, or is not shown.
const NO_INITIALS: &str = "?";

/// Multiplies the id by the golden angle, so that consecutive ids get hues that are far apart.
fn hue(id: UserId) -> u16 {
    (id.get().unsigned_abs() % 360 * 137 % 360) as u16
}

impl DefaultAvatar {
    /// The avatar of an account.
    pub fn of(user: &User) -> Self {
        let profile = &user.profile;
        let full = format!("{} {}", profile.first_name.as_str(), profile.last_name.as_str());
        let name = if full.trim().is_empty() { user.name.as_str() } else { &full };
        let words = name.split([' ', '_', '.', '-']);
        let first = words.filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
        let initials: String = first.take(2).flat_map(char::to_uppercase).collect();
        let initials = if initials.is_empty() { NO_INITIALS.to_owned() } else { initials };
        Self { initials, hue: hue(user.id) }
    }

    /// The same for every id, whether or not an account has it.
    fn of_anybody(id: UserId) -> Self {
        Self { initials: NO_INITIALS.to_owned(), hue: hue(id) }
    }
}

impl Media {
    /// Makes a picture the caller's avatar. If this fails, the earlier one stays.
    pub async fn set_avatar(
        &self,
        caller: &Caller,
        body: &mut dyn Chunks,
    ) -> Result<(), SetAvatarError> {
        let pending = self.prepare_avatar(caller, body).await?;
        self.use_avatar(pending).await
    }

    /// Stores a picture that is to become the caller's avatar once all that came with it is found good.
    pub async fn prepare_avatar(
        &self,
        caller: &Caller,
        body: &mut dyn Chunks,
    ) -> Result<PendingAvatar, SetAvatarError> {
        let key = self.make_avatar(caller.user, body).await?;
        Ok(PendingAvatar { owner: caller.user, key })
    }

    /// Stores a picture as an avatar that nobody has yet, under a key that is reserved for that account. If this
    /// fails, nothing is kept.
    pub(super) async fn make_avatar(
        &self,
        owner: UserId,
        body: &mut dyn Chunks,
    ) -> Result<FileKey, SetAvatarError> {
        // Without a quota: an avatar replaces the earlier one, and does not count.
        let key = self.reserve(owner, None).await?;
        match self.store_avatar((owner, &key), body).await {
            Ok(()) => Ok(key),
            Err(error) => Err(self.discard(&key, error).await),
        }
    }

    /// Makes a prepared picture its owner's avatar.
    pub async fn use_avatar(&self, pending: PendingAvatar) -> Result<(), SetAvatarError> {
        let (PendingAvatar { owner, key }, now) = (pending, self.ports.clock.now());
        let set = self.ports.media.set_avatar(owner, Some(key), now).await;
        Ok(set.map_err(UploadError::from)?)
    }

    /// Deletes a prepared picture that is not used.
    pub async fn discard_avatar(&self, pending: PendingAvatar) {
        self.discard(&pending.key, ()).await;
    }

    /// As [`Self::prepare_avatar`], for a given account; it is refused if that is not the caller's own.
    pub async fn prepare_avatar_of(
        &self,
        caller: &Caller,
        owner: UserId,
        body: &mut dyn Chunks,
    ) -> Result<PendingAvatar, SetAvatarError> {
        if owner == caller.user {
            return self.prepare_avatar(caller, body).await;
        }
        let found = self.ports.directory.found(caller, Wanted::Profile, owner).await;
        let owner = found.map_err(UpdateProfileError::from)?;
        self.ports.users.get(owner).await.map_err(UpdateProfileError::from)?;
        Err(UpdateProfileError::NotAllowed.into())
    }

    async fn store_avatar(
        &self,
        (owner, key): (UserId, &FileKey),
        body: &mut dyn Chunks,
    ) -> Result<(), SetAvatarError> {
        let body = Watched::new(body, ImageFormat::HEAD).await.map_err(UploadError::from)?;
        if body.head().is_empty() {
            return Err(UploadError::Empty.into());
        }
        let format = ImageFormat::of(body.head()).ok_or(SetAvatarError::NotAnImage)?;
        let stored = self.store_picture((owner, key), (body, format), Purpose::Avatar).await;
        match stored {
            Ok(_) => Ok(()),
            Err(UploadError::Image(ImageError::Broken)) => Err(SetAvatarError::NotAnImage),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes the caller's avatar, if there is one.
    pub async fn remove_avatar(&self, caller: &Caller) -> Result<(), StoreError> {
        self.ports.media.set_avatar(caller.user, None, self.ports.clock.now()).await
    }

    /// Whether avatars depend on the viewer, because some people may not find all others.
    pub fn avatars_need_viewer(&self) -> bool {
        !self.ports.directory.hides_nothing()
    }

    /// Somebody's avatar, if the viewer may find them. If avatars depend on the viewer and it is unknown, a
    /// neutral avatar is returned, whether or not the account exists: other servers' front ends load pictures
    /// without a token.
    pub async fn avatar(
        &self,
        viewer: Option<&Caller>,
        user: UserId,
    ) -> Result<Avatar, AvatarError> {
        let user = match viewer {
            Some(caller) => self.ports.directory.found(caller, Wanted::Profile, user).await?,
            None if self.avatars_need_viewer() => {
                return Ok(Avatar::Default(DefaultAvatar::of_anybody(user)));
            }
            None => user,
        };
        if let Some(key) = self.ports.media.avatar(user).await? {
            return Ok(Avatar::Chosen(key));
        }
        let user = self.ports.users.get(user).await?;
        Ok(Avatar::Default(DefaultAvatar::of(&user)))
    }

    /// The uploaded avatars of these people; those without one are left out.
    pub async fn avatars(&self, users: &[UserId]) -> Result<HashMap<UserId, FileKey>, StoreError> {
        if users.is_empty() { Ok(HashMap::new()) } else { self.ports.media.avatars(users).await }
    }

    /// The contents of an uploaded avatar.
    pub async fn read_avatar(&self, key: &FileKey, part: Part) -> Result<OpenFile, AvatarError> {
        self.ports.files.open(key, part, None).await.map_err(|error| match error {
            // It has just been replaced.
            FileError::NotFound => AvatarError::NotFound,
            error => AvatarError::Files(error),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::user::{AccountRole, Profile, UserName};

    fn named(id: i64, name: &str) -> DefaultAvatar {
        DefaultAvatar::of(&User {
            id: UserId::stored(id),
            name: UserName::new(name).unwrap(),
            role: AccountRole::User,
            profile: Profile::default(),
            active: true,
            created_at: Timestamp::from_micros(0),
            last_seen_at: None,
            deleted_at: None,
            external_id: None,
        })
    }

    #[test]
    fn initials_are_those_of_the_name() {
        for (name, initials) in [
            ("Ada", "A"),
            ("ada lovelace", "AL"),
            ("Mary Ann Evans", "MA"),
            ("grace.hopper", "GH"),
            ("ß", "SS"),
            ("юлия", "Ю"),
            ("<b>", "B"),
            ("👍", "?"),
        ] {
            assert_eq!(named(1, name).initials, initials, "{name}");
        }
        assert_eq!(named(7, "Ada"), named(7, "Ada"));
        assert_ne!(named(7, "Ada").hue, named(8, "Ada").hue);
    }
}
