//! Profiles: names, biography and e-mail address.

use super::{User, UserName};
use crate::failure::{Failure, FieldFailure, Kind, StoreError};
use crate::limits;
use crate::session::StepUpRequired;
use crate::text::{self, TextError};

/// The public profile. Each part may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    /// The first name.
    pub first_name: PersonName,
    /// The last name.
    pub last_name: PersonName,
    /// A short biography.
    pub bio: Bio,
}

/// An account with what only its owner and admins may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The account.
    pub user: User,
    /// Its e-mail address.
    pub email: Email,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct $name(String);

        impl $name {
            /// For adapters: a value that was checked before it was stored.
            pub fn stored(text: String) -> Self {
                Self(text)
            }
            /// The text, perhaps empty.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}

words!(
    /// A first or last name: at most [`limits::PERSON_NAME_CHARS`] visible characters, which fold to at
    /// most [`limits::NAME_FOLDED_CHARS`]; it may be empty.
    PersonName
);
words!(
    /// A biography of at most [`limits::BIO_CHARS`] characters; it may be empty.
    Bio
);
words!(
    /// An e-mail address of the form `somebody@somewhere.tld`, with at most [`limits::EMAIL_CHARS`]
    /// characters; it may be empty. It is not verified. Several accounts may have the same one, and the
    /// account that had it first signs in by it.
    Email
);

impl PersonName {
    /// Trims and checks what a person typed.
    pub fn new(typed: &str) -> Result<Self, TextError> {
        let name = or_nothing(text::visible(typed, limits::PERSON_NAME_CHARS).map(str::to_owned))?;
        text::folded(&name, limits::NAME_FOLDED_CHARS)?;
        Ok(Self(name))
    }
}

impl Bio {
    /// Trims and checks what a person typed.
    pub fn new(typed: &str) -> Result<Self, TextError> {
        or_nothing(text::lines(typed, limits::BIO_CHARS)).map(Self)
    }
}

fn or_nothing(checked: Result<String, TextError>) -> Result<String, TextError> {
    match checked {
        Err(TextError::Empty) => Ok(String::new()),
        checked => checked,
    }
}

/// Why an address was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// It breaks a rule for all texts.
    #[error(transparent)]
    Text(#[from] TextError),
    /// It does not have the form of an address.
    #[error("must be an address like ada@example.org")]
    Form,
}

impl EmailError {
    /// The code, for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Text(why) => why.code(),
            Self::Form => "email_invalid",
        }
    }
}

impl Email {
    /// Trims and checks what a person typed.
    pub fn new(typed: &str) -> Result<Self, EmailError> {
        let text = or_nothing(text::visible(typed, limits::EMAIL_CHARS).map(str::to_owned))?;
        if text.is_empty() || has_form_of_address(&text) {
            Ok(Self(text))
        } else {
            Err(EmailError::Form)
        }
    }
}

impl Email {
    /// The address in lower case, for comparing; `None` if it is empty.
    pub fn folded(&self) -> Option<String> {
        (!self.0.is_empty()).then(|| self.0.to_lowercase())
    }
}

/// A name, one `@`, and a host name with a dot. Anything stricter would refuse addresses that exist.
fn has_form_of_address(text: &str) -> bool {
    let Some((name, host)) = text.rsplit_once('@') else { return false };
    let plain = |c: char| !c.is_whitespace() && !"@<>(),;:\"\\[]".contains(c);
    let label = |l: &str| {
        let good = |c: char| c.is_alphanumeric() || c == '-';
        !l.is_empty() && l.chars().all(good) && !l.starts_with('-') && !l.ends_with('-')
    };
    let dotted =
        |text: &str| !text.starts_with('.') && !text.ends_with('.') && !text.contains("..");
    (1..=limits::EMAIL_NAME_CHARS).contains(&name.chars().count())
        && name.chars().all(plain)
        && dotted(name)
        && host.contains('.')
        && host.split('.').all(label)
}

/// A change of a profile, as typed; `None` leaves a part as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct UpdateProfile<'a> {
    /// The user name.
    pub name: Option<&'a str>,
    /// The first name. This and the parts below are removed by an empty text.
    pub first_name: Option<&'a str>,
    /// The last name.
    pub last_name: Option<&'a str>,
    /// The biography.
    pub bio: Option<&'a str>,
    /// The e-mail address.
    pub email: Option<&'a str>,
}

/// A checked change of a profile; `None` leaves a part as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileChange {
    /// The user name.
    pub name: Option<UserName>,
    /// The first name.
    pub first_name: Option<PersonName>,
    /// The last name.
    pub last_name: Option<PersonName>,
    /// The biography.
    pub bio: Option<Bio>,
    /// The e-mail address.
    pub email: Option<Email>,
}

impl ProfileChange {
    /// The names of the parts that it changes.
    pub fn fields(&self) -> Vec<&'static str> {
        let Self { name, first_name, last_name, bio, email } = self;
        let changes = [
            (name.is_some(), "username"),
            (first_name.is_some(), "first_name"),
            (last_name.is_some(), "last_name"),
            (bio.is_some(), "bio"),
            (email.is_some(), "email"),
        ];
        changes.into_iter().filter(|(changes, _)| *changes).map(|(_, name)| name).collect()
    }

    /// Applies the change to an account.
    pub fn apply(self, account: Account) -> Account {
        let Account { user, email } = account;
        let Profile { first_name, last_name, bio } = user.profile;
        let profile = Profile {
            first_name: self.first_name.unwrap_or(first_name),
            last_name: self.last_name.unwrap_or(last_name),
            bio: self.bio.unwrap_or(bio),
        };
        let name = self.name.unwrap_or(user.name);
        Account { user: User { profile, name, ..user }, email: self.email.unwrap_or(email) }
    }
}

impl Profile {
    /// The text that a search for people looks in: the user name and the full name, each on its own line
    /// and in the form of [`text::searchable`].
    pub fn searched(&self, name: &UserName) -> String {
        let full = format!("{} {}", self.first_name.as_str(), self.last_name.as_str());
        format!("{}\n{}", text::searchable(name.as_str()), text::searchable(full.trim()))
    }
}

/// Why a profile was not changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateProfileError {
    /// Some of it breaks a rule.
    #[error("the profile breaks a rule")]
    Fields(Vec<FieldFailure>),
    /// There is no such account, or it was deleted.
    #[error("There is no such user.")]
    NotFound,
    /// It is somebody else's, and the caller is not an admin.
    #[error("This profile is not yours to change.")]
    NotAllowed,
    /// It changes the e-mail address, which needs a recent proof of identity.
    #[error(transparent)]
    StepUp(#[from] StepUpRequired),
    /// Somebody has that user name, perhaps in another spelling.
    #[error("This user name is taken.")]
    NameTaken,
    /// Somebody has a name that looks like it.
    #[error("This user name looks like one that is taken.")]
    NameLooksAlike,
    /// The name is reserved, because it looks official.
    #[error("This user name is reserved.")]
    NameReserved,
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for UpdateProfileError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            error => Self::Store(error),
        }
    }
}

impl From<UpdateProfileError> for Failure {
    fn from(error: UpdateProfileError) -> Self {
        match error {
            UpdateProfileError::Fields(fields) => Self::fields(fields),
            UpdateProfileError::NotFound => Self::new(Kind::NotFound, "user_not_found", error),
            UpdateProfileError::StepUp(error) => error.into(),
            UpdateProfileError::NameTaken => Self::taken("username", "name_taken", error),
            UpdateProfileError::NameLooksAlike => Self::taken("username", "name_lookalike", error),
            UpdateProfileError::NameReserved => Self::field("username", "name_reserved", error),
            UpdateProfileError::NotAllowed => Self::new(Kind::Forbidden, "not_allowed", error),
            UpdateProfileError::Store(error) => error.into(),
        }
    }
}

impl UpdateProfile<'_> {
    /// Checks every part, and reports all that break a rule.
    pub fn check(&self) -> Result<ProfileChange, UpdateProfileError> {
        self.checked().map_err(UpdateProfileError::Fields)
    }

    /// As [`Self::check`], with the failed fields as the error.
    pub(crate) fn checked(&self) -> Result<ProfileChange, Vec<FieldFailure>> {
        let mut wrong = Vec::new();
        let mut refuse = |field, code, why: &dyn std::error::Error| {
            let detail = format!("The {} {why}.", str::replace(field, "_", " "));
            wrong.push(FieldFailure { field, code, detail });
        };
        let name = self.name.map(UserName::new).transpose();
        let first_name = self.first_name.map(PersonName::new).transpose();
        let last_name = self.last_name.map(PersonName::new).transpose();
        let bio = self.bio.map(Bio::new).transpose();
        let email = self.email.map(Email::new).transpose();
        let _ = name.as_ref().map_err(|e| refuse("username", e.code(), e));
        let _ = first_name.as_ref().map_err(|e| refuse("first_name", e.code(), e));
        let _ = last_name.as_ref().map_err(|e| refuse("last_name", e.code(), e));
        let _ = bio.as_ref().map_err(|e| refuse("bio", e.code(), e));
        let _ = email.as_ref().map_err(|e| refuse("email", e.code(), e));
        match (name, first_name, last_name, bio, email) {
            (Ok(name), Ok(first_name), Ok(last_name), Ok(bio), Ok(email)) => {
                Ok(ProfileChange { name, first_name, last_name, bio, email })
            }
            _ => Err(wrong),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_the_form_of_one() {
        for good in [
            "ada@example.org",
            "a.b+c_d@x-y.example.co",
            "анна@почта.рф",
            "  ada@example.org ",
            "o'hara@example.org",
            "",
            &format!("{}@example.org", "a".repeat(64)),
        ] {
            assert_eq!(Email::new(good).map(|e| e.0), Ok(good.trim().to_owned()), "{good:?}");
        }
        for bad in [
            "ada",
            "ada@",
            "@example.org",
            "ada@example",
            "ada@@example.org",
            "a@b@example.org",
            "a da@example.org",
            "ada@exam ple.org",
            "ada@example..org",
            ".ada@example.org",
            "a..b@example.org",
            "ada@-example.org",
            "ada@example.org.",
            "Ada <ada@example.org>",
            &format!("{}@example.org", "a".repeat(65)),
        ] {
            assert_eq!(Email::new(bad), Err(EmailError::Form), "{bad:?}");
        }
        let long = format!("a@{}.org", "x".repeat(250));
        assert_eq!(Email::new(&long), Err(TextError::TooLong(254).into()));
        assert_eq!(Email::new("a\0@example.org"), Err(TextError::Nul.into()));
        assert_eq!(Email::new("a\u{202e}@example.org"), Err(TextError::Invisible.into()));
    }

    #[test]
    fn what_breaks_a_rule_is_named_all_at_once() {
        let update = UpdateProfile {
            name: Some(" "),
            first_name: Some("a\nb"),
            last_name: Some(&"x".repeat(151)),
            bio: Some("\0"),
            email: Some("x"),
        };
        let Err(UpdateProfileError::Fields(fields)) = update.check() else { panic!("refused") };
        let fields: Vec<_> = fields.iter().map(|f| (f.field, f.code)).collect();
        assert_eq!(
            fields,
            [
                ("username", "empty"),
                ("first_name", "invisible_character"),
                ("last_name", "too_long"),
                ("bio", "nul_character"),
                ("email", "email_invalid"),
            ]
        );
    }
}
