//! Looking people up.

use super::{Email, User, UserName, Users};
use crate::directory::{Finding, Tie, Wanted};
use crate::failure::{Failure, Kind, StoreError};
use crate::ids::UserId;
use crate::limits;
use crate::session::Caller;
use crate::text::{self, TextError};

/// A search for people. An empty text finds everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserQuery {
    /// What [`super::Profile::searched`] must contain, in the same form: at most
    /// [`limits::PEOPLE_SEARCH_CHARS`] characters.
    pub folded: String,
    /// Only those after this one.
    pub after: Option<UserId>,
    /// At most this many.
    pub limit: usize,
    /// Only those who are in a chat with this person now, the person among them if they are in one; others are
    /// not even looked through.
    pub sharing_with: Option<UserId>,
}

/// People, and where to look for more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPage {
    /// In the order of their ids.
    pub users: Vec<User>,
    /// After whom the same query goes on, if there may be more: the last of these, or further on if so
    /// many were looked through ([`limits::PEOPLE_SEARCHED`]) that a page is not full, or is empty.
    pub next: Option<UserId>,
}

/// Why nobody was found.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// There is no such account.
    #[error("There is no such user.")]
    NotFound,
    /// The text to search for breaks a rule.
    #[error("The search {0}.")]
    Query(TextError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<FindError> for Failure {
    fn from(error: FindError) -> Self {
        match error {
            FindError::NotFound => Self::new(Kind::NotFound, "user_not_found", error),
            FindError::Query(why) => Self::field("q", why.code(), error),
            FindError::Store(error) => error.into(),
        }
    }
}

impl UserQuery {
    /// The text to look for, of what was typed: nothing if that is blank.
    pub(crate) fn fold(typed: &str) -> Result<String, FindError> {
        match text::trimmed(typed, limits::SEARCH_CHARS) {
            Ok(typed) => text::searchable_within(typed, limits::PEOPLE_SEARCH_CHARS)
                .map_err(FindError::Query),
            Err(TextError::Empty) => Ok(String::new()),
            Err(why) => Err(FindError::Query(why)),
        }
    }
}

impl Users {
    /// Whom the caller finds.
    pub fn finding(&self, caller: &Caller) -> Finding {
        self.ports.directory.of(caller)
    }

    /// One account as the caller may see it: [`Self::get`] if they find whose it is.
    pub async fn profile(&self, caller: &Caller, id: UserId) -> Result<User, FindError> {
        self.get(self.ports.directory.found(caller, Wanted::Profile, id).await?).await
    }

    /// Those of the accounts that there are with whom the caller may come into contact; see [`Self::get_many`].
    pub async fn contacts(&self, caller: &Caller, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
        self.get_many(&self.ports.directory.all_found(caller, Wanted::Contact, ids).await?).await
    }

    /// One account, disabled, deleted or neither, for whoever was shown its id in what they may see.
    pub async fn get(&self, id: UserId) -> Result<User, FindError> {
        self.ports.users.get(id).await.map_err(|error| match error {
            StoreError::NotFound => FindError::NotFound,
            error => error.into(),
        })
    }

    /// Those of the accounts that there are, disabled and deleted ones too, in the order of their ids.
    pub async fn get_many(&self, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
        if ids.is_empty() { Ok(Vec::new()) } else { self.ports.users.get_many(ids).await }
    }

    /// The active account of that name, however it is spelt. Nobody has a name that breaks a rule.
    pub async fn named(&self, typed: &str) -> Result<User, FindError> {
        let name = UserName::sought(typed).map_err(|_| FindError::NotFound)?;
        let found = self.ports.users.credentials(name.folded()).await;
        let user = found.map_err(|error| match error {
            StoreError::NotFound => FindError::NotFound,
            error => error.into(),
        })?;
        Some(user.user).filter(|user| user.active).ok_or(FindError::NotFound)
    }

    /// The account that signs in by that e-mail address, in whatever case; `None` if there is none.
    pub async fn with_email(&self, typed: &str) -> Result<Option<UserId>, StoreError> {
        let Some(folded) = Email::new(typed).ok().and_then(|email| email.folded()) else {
            return Ok(None);
        };
        match self.ports.users.credentials_by_email(&folded).await {
            Ok(found) => Ok(Some(found.user.id)),
            Err(StoreError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Active accounts that the caller finds and whose user name, or first and last name, contains `typed`,
    /// in any case; all that they find if it is blank.
    pub async fn find(
        &self,
        caller: &Caller,
        typed: &str,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<UserPage, FindError> {
        let folded = UserQuery::fold(typed)?;
        let sharing_with = match self.finding(caller).needs(Wanted::Listing) {
            None => return Ok(UserPage { users: Vec::new(), next: None }),
            Some(Tie::None) => None,
            Some(Tie::Met | Tie::Shares) => Some(caller.user),
        };
        Ok(self.ports.users.find(UserQuery { folded, after, limit, sharing_with }).await?)
    }
}
