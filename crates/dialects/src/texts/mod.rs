//! What people read who were refused something, in each language: one file a language.
//!
//! What a client compares and nobody reads is no text of this kind; it stands where it is sent.

mod en;
mod ru;
pub(crate) mod say;

/// A language that texts are there in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Russian,
}

/// What is said to people. Each has its words in every language.
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
    /// There is no such thing, or it is none of the caller's business.
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
    /// A token is not good.
    TokenWrong,
    /// A header has no token.
    TokenMissing,
    /// A token has a space in it.
    TokenSpaces,
    /// It is not said with whom.
    WithWhom,
    /// There is no such person.
    NoSuchUser,
    /// Somebody who is not there any more.
    Somebody,
    /// Who writes in a chat is a member.
    NotAMember,
    /// A message is somebody else's, so it is not edited.
    NotYoursToEdit,
    /// A message is somebody else's, so it is not deleted.
    NotYoursToDelete,
    /// A request for a socket says nothing that lets it in.
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
    /// An e-mail address has not the form of one.
    EmailForm,
    /// A password is too like what is said to be so.
    PasswordLike(PasswordLike),
    /// A password is short.
    PasswordShort(usize),
    /// A password is common.
    PasswordCommon,
    /// A password is nothing but digits.
    PasswordNumeric,
    /// A name and a password that nobody signs in with.
    NoActiveAccount,
    /// A token is wrong, or its time is over.
    TokenNotValid,
    /// A token may not be used for this.
    TokenNotAccepted,
    /// It is a token of another sort.
    TokenType,
    /// The account is disabled.
    UserInactive,
    /// There is nowhere to keep a field.
    NotKept,

    // Of its socket.
    /// A frame has not the form of one.
    InvalidFormat,
    /// There is no such event.
    UndefinedEvent,
    /// Nobody has signed in yet.
    MustAuthenticate,
    /// A token did not sign in.
    AuthorizationFailed,
    /// A frame lacks something.
    MissedFields,
    /// There is no such person.
    NoProfile,
    /// The two have a dialog.
    DialogExists,
    /// A dialog needs two.
    DialogWithOneself,
    /// There is no such dialog, said at the beginning of a sentence.
    NoDialog,
    /// The same in the words of a later age.
    NoDialogLater,
    /// There is no such group.
    NoGroup,
    /// There is no such message.
    NoMessage,
    /// Somebody else's message is not deleted.
    ForeignDelete,
    /// Somebody else's message is not changed.
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
    /// It is no e-mail address.
    BadEmail,
    /// A word is none of those that there are.
    NoChoice(String),
    /// There is nothing of that number.
    NoSuchId(String),
    /// Something else stands where a number must.
    NotAnId(&'static str),
    /// There is no such room, where the framework says it.
    NoChatRoom,
    /// A token is not good.
    TokenNotAccepted,
    /// The same, closer.
    TokenWrong,
    /// It is a token of another sort.
    TokenType,
    /// A scheme without a token, or more than one.
    TokenAlone,
    /// The account of a token is disabled.
    Inactive,
    /// It is not the caller's to do.
    Forbidden,
    /// An account was made.
    Registered,
    /// A password and its repetition differ.
    PasswordsDiffer,
    /// Somebody signed in.
    LoggedIn,
    /// A name or a password is missing.
    LogInFields,
    /// Nobody signs in like this.
    WrongLogIn,
    /// Somebody signed out.
    LoggedOut,
    /// A profile was changed.
    ProfileChanged,
    /// Somebody else has that e-mail address.
    EmailInUse,
    /// A picture is sent as a file, not named.
    PictureIsFile,
    /// The password now is another.
    OldPassword,
    /// A new password and its repetition differ.
    NewPasswordsDiffer,
    /// A password was changed.
    PasswordChanged,
    /// A chat was made.
    ChatMade,
    /// A chat was there already.
    ChatThere,
    /// It is not said with whom.
    WithWhom,
    /// There is no such person.
    NoUser,
    /// A chat is with somebody else.
    WithOneself,
    /// What a chat of these two is called.
    ChatOfTwo(String, String),
    /// What a chat of these two is about.
    AboutTwo(String, String),
    /// There is no such room.
    NoRoom,
    /// Somebody came into a room.
    Joined,
    /// Somebody left a room.
    Left,
    /// Messages were marked as read.
    MarkedRead,
    /// A message says nothing.
    EmptyMessage,
    /// A frame is no JSON.
    NotJson,
    /// Something else is wrong with a frame.
    Failed,
}

/// What a password is too like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PasswordLike {
    UserName,
    Email,
}

/// What `events` says to people over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Events {
    /// The token is not good.
    BadToken,
    /// The same, closer.
    TokenOver,
    /// The account of a token is disabled.
    Inactive,
    /// Nobody signs in like this.
    NoSuchLogin,
    /// It is somebody else's.
    Forbidden,
    /// It is no text.
    NotText,
    /// It is no e-mail address.
    BadEmail,
    /// Somebody signs in by that address. Clients look for the word `email` in it.
    EmailTaken,
    /// A name has other letters than Cyrillic ones.
    NotCyrillic,
    /// A name has one letter.
    ShortName,
    /// It is no date.
    BadDate,
    /// Younger than twelve.
    TooYoung,
    /// The file goes with its message.
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
