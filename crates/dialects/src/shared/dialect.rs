//! The description of a dialect, by which the server uses it.

use super::route::Route;
use super::sign_up::SignUp;
use crate::texts::Language;
use realtime::Codec;

/// A protocol of another server.
pub(crate) struct Dialect {
    /// Its name in settings.
    pub(crate) name: &'static str,
    /// The language of the original.
    pub(crate) language: Language,
    /// Its routes.
    pub(crate) routes: &'static [Route],
    /// How it handles registration at a path that it shares with another dialect.
    pub(crate) sign_up: Option<SignUp>,
    /// Roles that its accounts may have in addition to the usual ones.
    pub(crate) roles: &'static [&'static str],
    /// The codec for the frames that are the same for all its sockets, if there are any.
    pub(crate) codec: Option<&'static dyn Codec>,
    /// Parses a frame and drops the result, for fuzzing.
    #[cfg(any(test, fuzzing))]
    pub(crate) read: fn(&str),
}
