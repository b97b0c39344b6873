//! The native API: REST under `/api/v1` and its socket.

mod accounts;
mod addressed_chats;
mod admin;
mod attachments;
mod avatars;
mod bans;
mod blocks;
mod chats;
mod description;
mod fallback;
mod host_chats;
mod host_log_out;
mod host_people;
mod invites;
mod limits;
mod marks;
mod members;
mod messages;
mod operations;
mod own_data;
mod paging;
mod people;
mod providers;
mod push;
mod references;
mod second_factor;
mod serving;
mod socket;
mod wire;

pub(crate) use description::configure as describe_itself;
pub use description::describe;
pub(crate) use fallback::no_such_path;
pub use socket::NativeCodec;
#[cfg(fuzzing)]
pub use socket::read_frame;
pub(crate) use socket::{PROTOCOL, SocketApi, SocketCalls, configure as socket, metrics};

use self::operations::{Declared, Operations};
use http_core::NATIVE_ROOT;
use http_core::keys::KeyRoutes;
use http_core::rate_limit::RouteClasses;

/// Adds every operation, with its description. It runs once for the router and the OpenAPI document, and once for
/// rate classes and scopes ([`declared`]). The order is that of docs/scopes.md, and the first route that fits is
/// taken.
pub(crate) fn operations(api: &mut impl Operations) {
    // A path is compared with one route after the other, so what is asked for most comes first.
    chats::configure(api);
    messages::configure(api);
    accounts::configure(api);
    providers::configure(api);
    second_factor::configure(api);
    host_log_out::configure(api);
    people::configure(api);
    host_chats::configure(api);
    limits::configure(api);
    host_people::configure(api);
    own_data::configure(api);
    blocks::configure(api);
    admin::configure(api);
    invites::configure(api);
    members::configure(api);
    addressed_chats::configure(api);
    bans::configure(api);
    marks::configure(api);
    attachments::configure(api);
    avatars::configure(api);
    push::configure(api);
}

/// The rate classes of the operations, and what they ask of service keys.
pub(crate) fn declared() -> (RouteClasses, KeyRoutes) {
    let mut declared = Declared::under(NATIVE_ROOT);
    operations(&mut declared);
    (declared.classes, declared.keys)
}
