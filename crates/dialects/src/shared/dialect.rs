//! What a dialect is to the server.

use super::route::Route;
use super::sign_up::SignUp;
use crate::texts::Language;
use realtime::Codec;

/// A protocol of another server.
pub(crate) struct Dialect {
    /// What settings call it.
    pub(crate) name: &'static str,
    /// The language of the original.
    pub(crate) language: Language,
    /// Its addresses.
    pub(crate) routes: &'static [Route],
    /// How it makes an account at an address that it shares with another.
    pub(crate) sign_up: Option<SignUp>,
    /// Roles that its accounts may have besides those of everybody.
    pub(crate) roles: &'static [&'static str],
    /// What makes the frames that all its sockets share, if it has any.
    pub(crate) codec: Option<&'static dyn Codec>,
    /// Reads a frame and forgets it, for those who try what any text does.
    #[cfg(any(test, fuzzing))]
    pub(crate) read: fn(&str),
}
