//! Why something is not imported.

use super::Misplaced;
use crate::failure::StoreError;

/// Why a record was not imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It breaks a rule.
    #[error("{0}")]
    Rule(String),
    /// Something that it refers to does not exist.
    #[error("{0} is not there")]
    Missing(&'static str),
    /// It conflicts with what exists.
    #[error("{0}")]
    Conflict(&'static str),
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<Misplaced> for ImportError {
    fn from(why: Misplaced) -> Self {
        match why {
            Misplaced::NoAuthor => Self::Missing("the chat, or its author in it,"),
            Misplaced::OutOfOrder => Self::Conflict(
                "its chat has a later message already, or the message is another chat's",
            ),
        }
    }
}
