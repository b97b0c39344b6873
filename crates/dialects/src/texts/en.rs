//! In English.

use super::{PasswordLike, Text};
use std::borrow::Cow;

pub(super) fn say(text: &Text) -> Cow<'static, str> {
    match text {
        Text::NotSignedIn => "Authentication credentials were not provided.".into(),
        Text::Required => "This field is required.".into(),
        Text::Blank => "This field may not be blank.".into(),
        Text::Null => "This field may not be null.".into(),
        Text::NotFound => "Not found.".into(),
        Text::Method(method) => format!("Method \"{method}\" not allowed.").into(),
        Text::NotText => "Not a valid string.".into(),
        Text::DjangoNameTaken => "A user with that username already exists.".into(),
        Text::DjangoNameCharacters => "Enter a valid username. This value may contain only letters, \
            numbers, and @/./+/-/_ characters."
            .into(),
        Text::TooManyCharacters(most) => {
            format!("Ensure this field has no more than {most} characters.").into()
        }
        Text::EmailForm => "Enter a valid email address.".into(),
        Text::PasswordLike(PasswordLike::UserName) => {
            "The password is too similar to the username.".into()
        }
        Text::PasswordLike(PasswordLike::Email) => {
            "The password is too similar to the email address.".into()
        }
        Text::PasswordShort(least) => {
            format!("This password is too short. It must contain at least {least} characters.")
                .into()
        }
        Text::PasswordCommon => "This password is too common.".into(),
        Text::PasswordNumeric => "This password is entirely numeric.".into(),
        Text::NoActiveAccount => "No active account found with the given credentials".into(),
        Text::TokenNotValid => "Token is invalid or expired".into(),
        Text::TokenNotAccepted => "Given token not valid for any token type".into(),
        Text::TokenType => "Token has wrong type".into(),
        Text::UserInactive => "User is inactive".into(),
        Text::NotKept => "This server does not keep this.".into(),
        Text::InvalidFormat => "Invalid format".into(),
        Text::UndefinedEvent => "Undefined event".into(),
        Text::MustAuthenticate => "You must be authenticated".into(),
        Text::AuthorizationFailed => "Authorization failed".into(),
        Text::MissedFields => "Missed required fields".into(),
        Text::NoProfile => "Profile does not exist".into(),
        Text::DialogExists => "Dialog with these 2 person already exist".into(),
        Text::DialogWithOneself => "A dialog is with somebody else".into(),
        Text::NoDialog => "Dialog doesn't exist".into(),
        Text::NoDialogLater => "dialog doesn't exist".into(),
        Text::NoGroup => "group doesn't exist".into(),
        Text::NoMessage => "Message doesn't exist".into(),
        Text::ForeignDelete => "You can't delete foreign message".into(),
        Text::ForeignUpdate => "You can't update foreign messages".into(),
        Text::SlugTaken(slug) => format!("slug - `{slug}` has already taken").into(),
    }
}
