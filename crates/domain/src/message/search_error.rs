//! Why nothing is searched.

use crate::chat::ReachError;
use crate::failure::{Failure, StoreError};
use crate::host::NotAReference;
use crate::text::TextError;

/// Why a search was refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The text breaks a rule.
    #[error("The search {0}.")]
    Text(#[from] TextError),
    /// Who wrote it is given twice.
    #[error("There is more than one from.")]
    TwoAuthors,
    /// The chat is given twice.
    #[error("There is more than one in.")]
    TwoChats,
    /// The day is given twice.
    #[error("There is more than one before.")]
    TwoDates,
    /// The words of the data are given twice.
    #[error("There is more than one data.")]
    TwoData,
    /// The words of the data break a rule, or are none.
    #[error("data {0}.")]
    Data(TextError),
    /// The author's name cannot be a name.
    #[error("from {0}.")]
    Author(TextError),
    /// The author's external id is invalid.
    #[error("from: {0}.")]
    AuthorId(NotAReference),
    /// The chat's id is invalid.
    #[error("in is the id of a chat: {0}.")]
    Chat(NotAReference),
    /// The day is invalid.
    #[error("before is a day, such as 2026-08-11.")]
    Date,
    /// The service key does not reach the chat.
    #[error(transparent)]
    Reach(#[from] ReachError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<SearchError> for Failure {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Text(why) => Self::field("q", why.code(), error),
            SearchError::TwoAuthors => Self::field("from", "conflicting_parameters", error),
            SearchError::TwoChats => Self::field("in", "conflicting_parameters", error),
            SearchError::TwoDates => Self::field("before", "conflicting_parameters", error),
            SearchError::TwoData => Self::field("data", "conflicting_parameters", error),
            SearchError::Data(why) => Self::field("data", why.code(), error),
            SearchError::Author(why) => Self::field("from", why.code(), error),
            SearchError::AuthorId(_) => Self::field("from", "invalid_id", error),
            SearchError::Chat(_) => Self::field("in", "invalid_id", error),
            SearchError::Date => Self::field("before", "invalid_date", error),
            SearchError::Reach(error) => error.into(),
            SearchError::Store(error) => error.into(),
        }
    }
}
