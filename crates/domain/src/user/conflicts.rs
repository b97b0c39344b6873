//! Explaining why a store refused a name.

use super::{AddUserError, UserName, UserStore};
use crate::failure::StoreError;

/// Whether a store refused a name because somebody has it; otherwise somebody has one that looks like it.
pub(crate) async fn is_taken(users: &dyn UserStore, name: &UserName) -> Result<bool, StoreError> {
    match users.credentials(name.folded()).await {
        Ok(_) => Ok(true),
        Err(StoreError::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Converts the store's error of adding an account with that name.
pub(crate) async fn not_added(
    users: &dyn UserStore,
    name: &UserName,
    error: StoreError,
) -> AddUserError {
    match error {
        StoreError::Conflict => match is_taken(users, name).await {
            Ok(true) => AddUserError::NameTaken,
            Ok(false) => AddUserError::NameLooksAlike,
            Err(error) => AddUserError::Store(error),
        },
        error => AddUserError::Store(error),
    }
}
