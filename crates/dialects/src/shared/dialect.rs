//! What a dialect is to the server.

use super::route::Route;
use actix_web::web::ServiceConfig;
use realtime::Codec;

/// A protocol of another server.
pub(crate) struct Dialect {
    /// What settings call it.
    pub(crate) name: &'static str,
    /// Its addresses.
    pub(crate) routes: &'static [Route],
    /// Addresses that are tried after those of all others.
    pub(crate) last: Option<fn(&mut ServiceConfig)>,
    /// What makes the frames that all its sockets share, if it has any.
    pub(crate) codec: Option<&'static dyn Codec>,
    /// Reads a frame and forgets it, for those who try what any text does.
    #[cfg(any(test, fuzzing))]
    pub(crate) read: fn(&str),
}
