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
mod host_log_out;
mod invites;
mod marks;
mod members;
mod messages;
mod operations;
mod own_data;
mod paging;
mod people;
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

use self::operations::{Classes, Operations};
use http_core::NATIVE_ROOT;
use http_core::rate_limit::RouteClasses;

/// Adds every operation, each with its description.
pub(crate) fn operations(api: &mut impl Operations) {
    accounts::configure(api);
    second_factor::configure(api);
    host_log_out::configure(api);
    people::configure(api);
    own_data::configure(api);
    blocks::configure(api);
    admin::configure(api);
    invites::configure(api);
    chats::configure(api);
    members::configure(api);
    addressed_chats::configure(api);
    bans::configure(api);
    messages::configure(api);
    marks::configure(api);
    attachments::configure(api);
    avatars::configure(api);
    push::configure(api);
}

/// What the operations count as; those that are not there count as any other request.
pub(crate) fn classes() -> RouteClasses {
    let mut classes = Classes::under(NATIVE_ROOT);
    operations(&mut classes);
    classes.found()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::Method;
    use http_core::rate_limit::Class;

    #[test]
    fn a_request_has_the_class_of_its_operation() {
        let classes = classes();
        for (method, path, class) in [
            (Method::POST, "/api/v1/auth/login", Class::LogIn),
            (Method::POST, "/api/v1/auth/register", Class::Register),
            (Method::PUT, "/api/v1/auth/password", Class::LogIn),
            (Method::POST, "/api/v1/auth/backchannel-logout", Class::LogIn),
            (Method::DELETE, "/api/v1/users/me", Class::LogIn),
            (Method::POST, "/api/v1/auth/step-up", Class::LogIn),
            (Method::DELETE, "/api/v1/users/me/second-factor", Class::LogIn),
            (Method::POST, "/api/v1/chats/7/messages", Class::Send),
            (Method::GET, "/api/v1/chats/7/messages", Class::Other),
            (Method::PATCH, "/api/v1/chats/7/messages/8", Class::Send),
            (Method::DELETE, "/api/v1/chats/7/messages/8", Class::Send),
            (Method::PUT, "/api/v1/messages/8/reactions/x", Class::Send),
            (Method::DELETE, "/api/v1/messages/8/reactions/x", Class::Send),
            (Method::PUT, "/api/v1/chats/7/pins/8", Class::Send),
            (Method::DELETE, "/api/v1/chats/7/pins/8", Class::Send),
            (Method::POST, "/api/v1/attachments", Class::Upload),
            (Method::PUT, "/api/v1/users/me/avatar", Class::Upload),
            (Method::GET, "/api/v1/users", Class::Search),
            (Method::GET, "/api/v1/users/1", Class::Other),
            (Method::GET, "/api/v1/users/me/export", Class::Search),
            (Method::GET, "/api/v1/admin/users", Class::Search),
            (Method::GET, "/api/v1/messages/search", Class::Search),
            (Method::PUT, "/api/v1/push/subscription", Class::Search),
            (Method::POST, "/api/v1/push/renewals", Class::Search),
            (Method::GET, "/users", Class::Other),
            (Method::GET, "/", Class::Other),
        ] {
            assert_eq!(classes.of(&method, path), Some(class), "{method} {path}");
        }
    }
}
