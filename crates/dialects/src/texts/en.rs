//! In English.

use super::{Dialogs, Events, PasswordLike, Text};
use std::borrow::Cow;

pub(super) fn say(text: &Text) -> Cow<'static, str> {
    match text {
        Text::NotSignedIn => "Authentication credentials were not provided.".into(),
        Text::Required => "This field is required.".into(),
        Text::Blank => "This field may not be blank.".into(),
        Text::Null => "This field may not be null.".into(),
        Text::NotFound => "Not found.".into(),
        Text::Method(method) => format!("Method \"{method}\" not allowed.").into(),
        Text::Dialogs(text) => dialogs(text),
        Text::Events(text) => events(*text).into(),
    }
}

pub(super) fn dialogs(text: &Dialogs) -> Cow<'static, str> {
    match text {
        Dialogs::NotText => "Not a valid string.".into(),
        Dialogs::NameTaken => "A user with that username already exists.".into(),
        Dialogs::NameCharacters => "Enter a valid username. This value may contain only letters, \
            numbers, and @/./+/-/_ characters."
            .into(),
        Dialogs::TooManyCharacters(most) => {
            format!("Ensure this field has no more than {most} characters.").into()
        }
        Dialogs::EmailForm => "Enter a valid email address.".into(),
        Dialogs::PasswordLike(PasswordLike::UserName) => {
            "The password is too similar to the username.".into()
        }
        Dialogs::PasswordLike(PasswordLike::Email) => {
            "The password is too similar to the email address.".into()
        }
        Dialogs::PasswordShort(least) => {
            format!("This password is too short. It must contain at least {least} characters.")
                .into()
        }
        Dialogs::PasswordCommon => "This password is too common.".into(),
        Dialogs::PasswordNumeric => "This password is entirely numeric.".into(),
        Dialogs::NoActiveAccount => "No active account found with the given credentials".into(),
        Dialogs::TokenNotValid => "Token is invalid or expired".into(),
        Dialogs::TokenNotAccepted => "Given token not valid for any token type".into(),
        Dialogs::TokenType => "Token has wrong type".into(),
        Dialogs::UserInactive => "User is inactive".into(),
        Dialogs::NotKept => "This server does not keep this.".into(),
        Dialogs::InvalidFormat => "Invalid format".into(),
        Dialogs::UndefinedEvent => "Undefined event".into(),
        Dialogs::MustAuthenticate => "You must be authenticated".into(),
        Dialogs::AuthorizationFailed => "Authorization failed".into(),
        Dialogs::MissedFields => "Missed required fields".into(),
        Dialogs::NoProfile => "Profile does not exist".into(),
        Dialogs::DialogExists => "Dialog with these 2 person already exist".into(),
        Dialogs::DialogWithOneself => "A dialog is with somebody else".into(),
        Dialogs::NoDialog => "Dialog doesn't exist".into(),
        Dialogs::NoDialogLater => "dialog doesn't exist".into(),
        Dialogs::NoGroup => "group doesn't exist".into(),
        Dialogs::NoMessage => "Message doesn't exist".into(),
        Dialogs::ForeignDelete => "You can't delete foreign message".into(),
        Dialogs::ForeignUpdate => "You can't update foreign messages".into(),
        Dialogs::SlugTaken(slug) => format!("slug - `{slug}` has already taken").into(),
    }
}

fn events(text: Events) -> &'static str {
    match text {
        Events::BadToken => "Given token not valid for any token type",
        Events::TokenOver => "Token is invalid or expired",
        Events::Inactive => "User is inactive",
        Events::NoSuchLogin => "No active account found with the given credentials",
        Events::Forbidden => "You do not have permission to perform this action.",
        Events::NotText => "Not a valid string.",
        Events::BadEmail => "Enter a valid email address.",
        Events::NotCyrillic => "The name has characters that are not Cyrillic letters.",
        Events::ShortName => "The name is too short.",
        Events::BadDate => "Date has wrong format. Use one of these formats instead: YYYY-MM-DD.",
        Events::TooYoung => "Nobody under 12 years.",
        Events::FileSent => "The file was sent; it is deleted with its message.",
    }
}
