//! The texts in English. Mistakes in those of the originals are the originals'.

use super::{Dialogs, Events, Minichat, PasswordLike, Text};
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
        Text::Minichat(text) => minichat(text),
        Text::Events(text) => events(*text).into(),
        Text::NotAnObject(kind) => {
            format!("Invalid data. Expected a dictionary, but got {kind}.").into()
        }
        Text::MediaType(kind) => format!("Unsupported media type \"{kind}\" in request.").into(),
        Text::TooLong(most) => {
            format!("Ensure this field has no more than {most} characters.").into()
        }
        Text::NotAString => "Not a valid string.".into(),
        Text::UserName => "Enter a valid username. This value may contain only letters, numbers, \
                           and @/./+/-/_ characters."
            .into(),
        Text::NameTaken => "A user with that username already exists.".into(),
        Text::PasswordShort => "The password is too short!".into(),
        Text::PasswordSmall => "The password has no capital letters!".into(),
        Text::PasswordLetters => "The password has no digits!".into(),
        Text::PasswordElsewhere => "A password is changed at PUT /api/v1/auth/password.".into(),
        Text::NotAFile => {
            "The submitted data was not a file. Check the encoding type on the form.".into()
        }
        Text::NotAList(kind) => format!("Expected a list of items but got type \"{kind}\".").into(),
        Text::EmptyList => "This list may not be empty.".into(),
        Text::NoSuchId(id) => format!("Invalid pk \"{id}\" - object does not exist.").into(),
        Text::NotAnId(kind) => {
            format!("Incorrect type. Expected pk value, received {kind}.").into()
        }
        Text::TokenWrong => "Invalid token.".into(),
        Text::TokenMissing => "Invalid token header. No credentials provided.".into(),
        Text::TokenSpaces => "Invalid token header. Token string should not contain spaces.".into(),
        Text::WithWhom => "user_id is required.".into(),
        Text::NoSuchUser => "There is no such user.".into(),
        Text::Somebody => "Unknown user".into(),
        Text::NotAMember => "You are not in this chat and cannot send messages to it".into(),
        Text::NotYoursToEdit => "You are not the author and cannot edit this".into(),
        Text::NotYoursToDelete => "You are not the author and cannot delete this".into(),
        Text::SocketRefused => "This socket is not for you.".into(),
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

fn minichat(text: &Minichat) -> Cow<'static, str> {
    match text {
        Minichat::TooLong(what) => format!("Ensure this field has no more than {what} characters.").into(),
        Minichat::TooShort(what) => format!("Ensure this field has at least {what} characters.").into(),
        Minichat::UserName => "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.".into(),
        Minichat::NameTaken => "A user with that username already exists.".into(),
        Minichat::BadEmail => "Enter a valid email address.".into(),
        Minichat::NoChoice(what) => format!("\"{what}\" is not a valid choice.").into(),
        Minichat::NoSuchId(what) => format!("Invalid pk \"{what}\" - object does not exist.").into(),
        Minichat::NotAnId(what) => format!("Incorrect type. Expected pk value, received {what}.").into(),
        Minichat::NoChatRoom => "No ChatRoom matches the given query.".into(),
        Minichat::TokenNotAccepted => "Given token not valid for any token type".into(),
        Minichat::TokenWrong => "Token is invalid".into(),
        Minichat::TokenType => "Token has wrong type".into(),
        Minichat::TokenAlone => "Authorization header must contain two space-delimited values".into(),
        Minichat::Inactive => "User is inactive".into(),
        Minichat::Forbidden => "You do not have permission to perform this action.".into(),
        Minichat::Registered => "The account was made".into(),
        Minichat::PasswordsDiffer => "The passwords differ".into(),
        Minichat::LoggedIn => "Signed in".into(),
        Minichat::LogInFields => "A user name and a password are required".into(),
        Minichat::WrongLogIn => "The user name or the password is wrong".into(),
        Minichat::LoggedOut => "Signed out".into(),
        Minichat::ProfileChanged => "The profile was changed".into(),
        Minichat::EmailInUse => "A user with that e-mail address already exists".into(),
        Minichat::PictureIsFile => "A picture is sent as a file.".into(),
        Minichat::OldPassword => "The old password is wrong".into(),
        Minichat::NewPasswordsDiffer => "The new passwords differ".into(),
        Minichat::PasswordChanged => "The password was changed".into(),
        Minichat::ChatMade => "The chat was made".into(),
        Minichat::ChatThere => "The chat is there already".into(),
        Minichat::WithWhom => "A user's id is required".into(),
        Minichat::NoUser => "There is no such user".into(),
        Minichat::WithOneself => "A chat is with somebody else".into(),
        Minichat::ChatOfTwo(one, other) => format!("Chat: {one} and {other}").into(),
        Minichat::AboutTwo(one, other) => format!("Direct chat between {one} and {other}").into(),
        Minichat::NoRoom => "There is no such room".into(),
        Minichat::Joined => "You are in the room".into(),
        Minichat::Left => "You have left the room".into(),
        Minichat::MarkedRead => "The messages are marked as read".into(),
        Minichat::EmptyMessage => "A message cannot be empty".into(),
        Minichat::NotJson => "Wrong format of JSON".into(),
        Minichat::Failed => "Something went wrong".into(),
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
        Events::EmailTaken => "A user with this email already exists.",
        Events::BadEmail => "Enter a valid email address.",
        Events::NotCyrillic => "The name has characters that are not Cyrillic letters.",
        Events::ShortName => "The name is too short.",
        Events::BadDate => "Date has wrong format. Use one of these formats instead: YYYY-MM-DD.",
        Events::TooYoung => "Nobody under 12 years.",
        Events::FileSent => "The file was sent; it is deleted with its message.",
    }
}
