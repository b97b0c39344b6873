//! Creating accounts.

use super::{
    AccountRole, HashError, HashOrigin, NewUser, Password, PasswordError, PasswordHasher, Profile,
    ProfileChange, SignsInBy, UpdateProfile, UserName,
};
use crate::clock::Timestamp;
use crate::failure::{Failure, FieldFailure, Kind, StoreError};
use crate::text::TextError;

/// The command to create an account.
#[derive(Debug)]
pub struct AddUser<'a> {
    /// The name as typed.
    pub name: &'a str,
    /// The password as typed.
    pub password: &'a str,
    /// The owner's profile. Its `name` is ignored.
    pub profile: UpdateProfile<'a>,
    /// Whether its owner will sign in by name or by e-mail address.
    pub signs_in_by: SignsInBy,
}

impl<'a> AddUser<'a> {
    /// An account with an empty profile.
    pub fn new(name: &'a str, password: &'a str) -> Self {
        let profile = UpdateProfile::default();
        Self { name, password, profile, signs_in_by: SignsInBy::Name }
    }
}

/// Why no account was created.
#[derive(Debug, thiserror::Error)]
pub enum AddUserError {
    /// The name, the password or the profile breaks a rule. All errors are reported at once.
    #[error("the name or the password breaks a rule")]
    Fields {
        /// What is wrong with the name.
        name: Option<TextError>,
        /// What is wrong with the password.
        password: Option<PasswordError>,
        /// What is wrong with the profile.
        profile: Vec<FieldFailure>,
    },
    /// Another account has that name, perhaps in another spelling.
    #[error("This user name is taken.")]
    NameTaken,
    /// Another account has a name that looks like it.
    #[error("This user name looks like one that is taken.")]
    NameLooksAlike,
    /// The name could be mistaken for the operator's.
    #[error("This user name is reserved.")]
    NameReserved,
    /// Another account signs in by that e-mail address.
    #[error("This e-mail address is taken.")]
    EmailTaken,
    /// This installation has no such role.
    #[error("There is no such role.")]
    Role,
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<AddUserError> for Failure {
    fn from(error: AddUserError) -> Self {
        match error {
            AddUserError::Fields { name, password, profile } => Self::fields(
                name.map(|e| field("username", e.code(), &e))
                    .into_iter()
                    .chain(password.map(|e| field("password", e.code(), &e)))
                    .chain(profile)
                    .collect(),
            ),
            AddUserError::NameTaken => Self::taken("username", "name_taken", error),
            AddUserError::NameLooksAlike => Self::taken("username", "name_lookalike", error),
            AddUserError::NameReserved => Self::field("username", "name_reserved", error),
            AddUserError::EmailTaken => Self::taken("email", "email_taken", error),
            AddUserError::Role => Self::field("role", "unknown_role", error),
            AddUserError::Hash(error) => error.into(),
            AddUserError::Store(error) => error.into(),
        }
    }
}

fn field(field: &'static str, code: &'static str, why: &dyn std::error::Error) -> FieldFailure {
    FieldFailure { field, code, detail: format!("The {field} {why}.") }
}

impl From<HashError> for Failure {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => Self::new(
                Kind::Unavailable,
                "busy",
                "Too many people are signing in right now; try again in a moment.",
            ),
            HashError::Failed => {
                Self::new(Kind::Internal, "internal", "The server made a mistake.")
            }
        }
    }
}

impl AddUser<'_> {
    /// The checked profile. An account that signs in by e-mail address must have one.
    fn said(&self) -> Result<ProfileChange, Vec<FieldFailure>> {
        let said = UpdateProfile { name: None, ..self.profile }.checked()?;
        let nothing = said.email.as_ref().is_none_or(|email| email.as_str().is_empty());
        if self.signs_in_by == SignsInBy::Email && nothing {
            let why = TextError::Empty;
            return Err(vec![field("email", why.code(), &why)]);
        }
        Ok(said)
    }
}

/// Checks a command and hashes its password, for administration and registration. Nothing is hashed if a
/// field is wrong, since hashing is expensive. `from` decides whose turn it is in the queue of passwords.
pub(crate) async fn new_user(
    hasher: &dyn PasswordHasher,
    command: AddUser<'_>,
    role: AccountRole,
    from: HashOrigin,
    now: Timestamp,
) -> Result<NewUser, AddUserError> {
    let name = UserName::new(command.name);
    // An invalid name is reported beside the faults of the password, which are then found without a name.
    let compared = name.clone().unwrap_or_else(|_| UserName::stored(String::new(), String::new()));
    let password = Password::new(command.password, &compared);
    let (name, password, said) = match (name, password, command.said()) {
        (Ok(name), Ok(password), Ok(said)) => (name, password, said),
        (name, password, said) => {
            let profile = said.err().unwrap_or_default();
            let (name, password) = (name.err(), password.err());
            return Err(AddUserError::Fields { name, password, profile });
        }
    };
    let password = hasher.hash(password, from).await?;
    let profile = Profile {
        first_name: said.first_name.unwrap_or_default(),
        last_name: said.last_name.unwrap_or_default(),
        bio: said.bio.unwrap_or_default(),
    };
    let (email, signs_in_by) = (said.email.unwrap_or_default(), command.signs_in_by);
    let (origin, invite) = (None, None);
    Ok(NewUser {
        name,
        role,
        password,
        created_at: now,
        profile,
        email,
        signs_in_by,
        origin,
        invite,
    })
}
