//! Texts that people read, mostly about refusals, with one file for each language.
//!
//! Texts that clients compare and nobody reads are not here, but where they are sent. Many texts are the
//! originals' own, mistakes included, because clients may look for them.

mod en;
mod ru;
pub(crate) mod say;

/// A language of the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Russian,
}

/// A text that several dialects use, or one that only one of them has. Each is written in every language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Text {
    /// There is no token.
    NotSignedIn,
    /// A field is missing.
    Required,
    /// A field is empty.
    Blank,
    /// A field is null.
    Null,
    /// There is no such thing, or the caller may not know of it.
    NotFound,
    /// The address does not take that method.
    Method(String),
    /// What `dialogs` says.
    Dialogs(Dialogs),
    /// What `minichat` says.
    Minichat(Minichat),
    /// What `events` says.
    Events(Events),
    /// A body is something else than an object.
    NotAnObject(&'static str),
    /// A body is of a type that is not read.
    MediaType(String),
    /// A field has more characters than this.
    TooLong(usize),
    /// A field is no text.
    NotAString,
    /// A user name has other characters than it may.
    UserName,
    /// Somebody has that user name.
    NameTaken,
    /// A password has fewer than eight characters.
    PasswordShort,
    /// A password has no capital letter.
    PasswordSmall,
    /// A password has nothing but letters.
    PasswordLetters,
    /// A password is changed somewhere else.
    PasswordElsewhere,
    /// A field is no file.
    NotAFile,
    /// A field is something else than a list.
    NotAList(&'static str),
    /// A list has nothing in it.
    EmptyList,
    /// There is nothing of that id.
    NoSuchId(String),
    /// A field is something else than an id.
    NotAnId(&'static str),
    /// A token is invalid.
    TokenWrong,
    /// A header has no token.
    TokenMissing,
    /// A token has a space in it.
    TokenSpaces,
    /// The other person of a new chat is missing.
    WithWhom,
    /// There is no such person.
    NoSuchUser,
    /// The name shown for somebody whose account was deleted.
    Somebody,
    /// Only members may write in a chat.
    NotAMember,
    /// Only its author may edit a message.
    NotYoursToEdit,
    /// Only its author may delete a message.
    NotYoursToDelete,
    /// A request for a socket has no valid credential.
    SocketRefused,
}

/// What `dialogs` says to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Dialogs {
    /// A field is no text.
    NotText,
    /// A user name is taken.
    NameTaken,
    /// A user name has other characters than it may.
    NameCharacters,
    /// A field has more than that many characters.
    TooManyCharacters(usize),
    /// An e-mail address is malformed.
    EmailForm,
    /// A password is too similar to another field.
    PasswordLike(PasswordLike),
    /// A password has fewer than that many characters.
    PasswordShort(usize),
    /// A password is common.
    PasswordCommon,
    /// A password is nothing but digits.
    PasswordNumeric,
    /// The name or the password is wrong, or the account is disabled.
    NoActiveAccount,
    /// A token is invalid or has expired.
    TokenNotValid,
    /// A token may not be used for this.
    TokenNotAccepted,
    /// It is a token of another type.
    TokenType,
    /// The account is disabled.
    UserInactive,
    /// This server does not store that field.
    NotKept,

    // On its socket.
    /// A frame is malformed.
    InvalidFormat,
    /// There is no such event.
    UndefinedEvent,
    /// Nobody has signed in yet.
    MustAuthenticate,
    /// A token was refused.
    AuthorizationFailed,
    /// A frame lacks a field.
    MissedFields,
    /// There is no such person.
    NoProfile,
    /// The two have a dialog already.
    DialogExists,
    /// A dialog with oneself.
    DialogWithOneself,
    /// There is no such dialog, in the words of the earlier version.
    NoDialog,
    /// The same in the words of the later version, which begin with a small letter.
    NoDialogLater,
    /// There is no such group.
    NoGroup,
    /// There is no such message.
    NoMessage,
    /// Somebody else's message cannot be deleted.
    ForeignDelete,
    /// Somebody else's message cannot be changed.
    ForeignUpdate,
    /// A group has that slug.
    SlugTaken(String),
}

/// What `minichat` says to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Minichat {
    /// A field has more characters than this.
    TooLong(usize),
    /// A field has fewer characters than this.
    TooShort(usize),
    /// A user name has other characters than it may.
    UserName,
    /// Somebody has that user name.
    NameTaken,
    /// An e-mail address is malformed.
    BadEmail,
    /// A field has none of the values that it may have.
    NoChoice(String),
    /// There is nothing with that id.
    NoSuchId(String),
    /// A field is something else than an id.
    NotAnId(&'static str),
    /// There is no such room, in the words of the original's framework.
    NoChatRoom,
    /// A token is refused.
    TokenNotAccepted,
    /// The detail that goes with it: the token is invalid.
    TokenWrong,
    /// It is a token of another type.
    TokenType,
    /// A header has a scheme without a token, or with more than one.
    TokenAlone,
    /// The account of a token is disabled.
    Inactive,
    /// The caller may not do that.
    Forbidden,
    /// An account was made.
    Registered,
    /// A password and its repetition differ.
    PasswordsDiffer,
    /// Somebody signed in.
    LoggedIn,
    /// A name or a password is missing.
    LogInFields,
    /// The name or the password is wrong.
    WrongLogIn,
    /// Somebody signed out.
    LoggedOut,
    /// A profile was changed.
    ProfileChanged,
    /// Somebody else has that e-mail address.
    EmailInUse,
    /// A picture must be sent as a file, not as a name.
    PictureIsFile,
    /// The present password was typed wrong.
    OldPassword,
    /// A new password and its repetition differ.
    NewPasswordsDiffer,
    /// A password was changed.
    PasswordChanged,
    /// A chat was made.
    ChatMade,
    /// A chat was there already.
    ChatThere,
    /// The other person of a new chat is missing.
    WithWhom,
    /// There is no such person.
    NoUser,
    /// A chat with oneself.
    WithOneself,
    /// The title of a chat of these two.
    ChatOfTwo(String, String),
    /// The description of a chat of these two.
    AboutTwo(String, String),
    /// There is no such room.
    NoRoom,
    /// Somebody came into a room.
    Joined,
    /// Somebody left a room.
    Left,
    /// Messages were marked as read.
    MarkedRead,
    /// A message is empty.
    EmptyMessage,
    /// A frame is not JSON.
    NotJson,
    /// Something else is wrong with a frame.
    Failed,
}

/// The field that a password is too similar to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PasswordLike {
    UserName,
    Email,
}

/// What `events` says to people over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Events {
    /// A token is refused.
    BadToken,
    /// The detail that goes with it: the token is invalid or has expired.
    TokenOver,
    /// The account of a token is disabled.
    Inactive,
    /// The address or the password is wrong.
    NoSuchLogin,
    /// The thing belongs to somebody else.
    Forbidden,
    /// A field is no text.
    NotText,
    /// An e-mail address is malformed.
    BadEmail,
    /// Another account signs in by that address. Clients look for the word `email` in it.
    EmailTaken,
    /// A name has other letters than Cyrillic ones.
    NotCyrillic,
    /// A name has only one letter.
    ShortName,
    /// A field is no date.
    BadDate,
    /// The person is younger than twelve.
    TooYoung,
    /// A file that was sent can only be deleted with its message.
    FileSent,
}

impl From<Events> for Text {
    fn from(text: Events) -> Self {
        Self::Events(text)
    }
}

impl From<Dialogs> for Text {
    fn from(text: Dialogs) -> Self {
        Self::Dialogs(text)
    }
}

impl From<Minichat> for Text {
    fn from(text: Minichat) -> Self {
        Self::Minichat(text)
    }
}
