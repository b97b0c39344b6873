//! Looking up people.

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
    /// The text that [`super::Profile::searched`] must contain, folded in the same way: at most
    /// [`limits::PEOPLE_SEARCH_CHARS`] characters.
    pub folded: String,
    /// Only accounts with higher ids.
    pub after: Option<UserId>,
    /// How many, at most.
    pub limit: usize,
    /// Only people who are in a chat with this person now, themselves included if they are in any. Others do
    /// not count against [`limits::PEOPLE_SEARCHED`].
    pub sharing_with: Option<UserId>,
}

/// A page of people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPage {
    /// By ascending id.
    pub users: Vec<User>,
    /// What to pass as `after` for the next page; `None` if there are no more. It is the last of these, or
    /// further on if the search stopped after [`limits::PEOPLE_SEARCHED`] accounts: then the page is not
    /// full, and may be empty.
    pub next: Option<UserId>,
}

/// Why a look-up failed.
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
    /// The folded text to search for; empty if what was typed is blank.
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

    /// One account, if the caller finds that person.
    pub async fn profile(&self, caller: &Caller, id: UserId) -> Result<User, FindError> {
        self.get(self.ports.directory.found(caller, Wanted::Profile, id).await?).await
    }

    /// Those of the accounts whom the caller may contact; see [`Self::get_many`].
    pub async fn contacts(&self, caller: &Caller, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
        self.get_many(&self.ports.directory.all_found(caller, Wanted::Contact, ids).await?).await
    }

    /// One account, even if it is disabled or deleted. It does not ask who is calling: use it only for ids
    /// that the caller was shown in something that they may see, such as the author of a message.
    pub async fn get(&self, id: UserId) -> Result<User, FindError> {
        self.ports.users.get(id).await.map_err(|error| match error {
            StoreError::NotFound => FindError::NotFound,
            error => error.into(),
        })
    }

    /// Those of the accounts that exist, disabled and deleted ones included, by ascending id; see [`Self::get`].
    pub async fn get_many(&self, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
        if ids.is_empty() { Ok(Vec::new()) } else { self.ports.users.get_many(ids).await }
    }

    /// The active account with that name, in any case. A name that breaks a rule is nobody's.
    pub async fn named(&self, typed: &str) -> Result<User, FindError> {
        let name = UserName::sought(typed).map_err(|_| FindError::NotFound)?;
        let found = self.ports.users.credentials(name.folded()).await;
        let user = found.map_err(|error| match error {
            StoreError::NotFound => FindError::NotFound,
            error => error.into(),
        })?;
        Some(user.user).filter(|user| user.active).ok_or(FindError::NotFound)
    }

    /// The account to which that e-mail address belongs, in whatever case; `None` if there is none that the caller
    /// finds.
    pub async fn with_email(
        &self,
        caller: &Caller,
        typed: &str,
    ) -> Result<Option<UserId>, StoreError> {
        let Some(folded) = Email::new(typed).ok().and_then(|email| email.folded()) else {
            return Ok(None);
        };
        let id = match self.ports.users.credentials_by_email(&folded).await {
            Ok(found) => found.user.id,
            Err(StoreError::NotFound) => UserId::UNKNOWN,
            Err(error) => return Err(error),
        };
        let found = self.ports.directory.found(caller, Wanted::Profile, id).await?;
        Ok(Some(found).filter(|id| *id != UserId::UNKNOWN))
    }

    /// Active accounts that the caller finds whose user name, or first and last name, contains `typed` in any
    /// case; all that they find if it is blank.
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
