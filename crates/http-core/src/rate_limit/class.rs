//! Which limit a request falls under.

use crate::path::fits;
use actix_web::http::Method;
use domain::limits::{
    LOGINS_PER_ACCOUNT, LOGINS_PER_ADDRESS, REGISTRATIONS_PER_ADDRESS, REQUESTS_PER_ACCOUNT,
    REQUESTS_PER_ADDRESS, Rate, SEARCHES_PER_ACCOUNT, SEARCHES_PER_ADDRESS, SENDS_PER_ACCOUNT,
    SENDS_PER_ADDRESS, UPLOADS_PER_ACCOUNT, UPLOADS_PER_ADDRESS,
};

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A password is tried.
    LogIn,
    /// An account is made.
    Register,
    /// A message is sent or changed.
    Send,
    /// A file is taken in.
    Upload,
    /// Something is searched for.
    Search,
    /// Anything else.
    Other,
}

impl Class {
    /// All of them.
    pub(crate) const ALL: [Self; 6] =
        [Self::LogIn, Self::Register, Self::Send, Self::Upload, Self::Search, Self::Other];

    /// What figures call it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::LogIn => "log_in",
            Self::Register => "register",
            Self::Send => "send",
            Self::Upload => "upload",
            Self::Search => "search",
            Self::Other => "other",
        }
    }
}

/// What is not [`Class::Other`]: an operation under `/api/v1`, or a request on the socket.
const CLASSES: [(&str, &str, Class); 23] = [
    ("POST", "/auth/register", Class::Register),
    ("POST", "/auth/login", Class::LogIn),
    ("PUT", "/auth/password", Class::LogIn),
    ("DELETE", "/users/me", Class::LogIn),
    ("POST", "/chats/{}/messages", Class::Send),
    ("PATCH", "/chats/{}/messages/{}", Class::Send),
    ("DELETE", "/chats/{}/messages/{}", Class::Send),
    ("PUT", "/messages/{}/reactions/{}", Class::Send),
    ("DELETE", "/messages/{}/reactions/{}", Class::Send),
    ("PUT", "/chats/{}/pins/{}", Class::Send),
    ("DELETE", "/chats/{}/pins/{}", Class::Send),
    (SOCKET, "react", Class::Send),
    (SOCKET, "send", Class::Send),
    (SOCKET, "edit", Class::Send),
    (SOCKET, "delete", Class::Send),
    ("POST", "/attachments", Class::Upload),
    ("PUT", "/users/me/avatar", Class::Upload),
    ("GET", "/users", Class::Search),
    ("GET", "/users/me/export", Class::Search),
    ("GET", "/admin/users", Class::Search),
    ("GET", "/messages/search", Class::Search),
    // Its host is looked up.
    ("PUT", "/push/subscription", Class::Search),
    ("POST", "/push/renewals", Class::Search),
];

/// In the place of a method.
const SOCKET: &str = "socket";

/// What is not counted: whoever watches the server must always be answered.
const UNCOUNTED: [&str; 2] = ["/healthz", "/readyz"];

impl Class {
    /// Of a request over HTTP; `None` if it is not counted. The path is the one that the request
    /// is routed by, so that no spelling of it falls under another limit.
    pub(crate) fn of_request(method: &Method, path: &str) -> Option<Self> {
        if UNCOUNTED.contains(&path) {
            return None;
        }
        let of_dialect = || crate::dialects::class_of(method.as_str(), path);
        let found = match path.strip_prefix(crate::native::ROOT) {
            Some(operation) => Some(Self::find(method.as_str(), operation)),
            None => of_dialect(),
        };
        Some(found.unwrap_or(Self::Other))
    }

    /// Of a request on the socket, by its type.
    pub(crate) fn of_frame(kind: &str) -> Self {
        Self::find(SOCKET, kind)
    }

    fn find(method: &str, what: &str) -> Self {
        let found = CLASSES.iter().find(|(m, template, _)| *m == method && fits(template, what));
        found.map_or(Self::Other, |(_, _, class)| *class)
    }

    /// How often one account may. Nobody has one before it is made.
    pub(super) fn per_account(self) -> Option<Rate> {
        match self {
            Self::LogIn => Some(LOGINS_PER_ACCOUNT),
            Self::Register => None,
            Self::Send => Some(SENDS_PER_ACCOUNT),
            Self::Upload => Some(UPLOADS_PER_ACCOUNT),
            Self::Search => Some(SEARCHES_PER_ACCOUNT),
            Self::Other => Some(REQUESTS_PER_ACCOUNT),
        }
    }

    /// How often one address may.
    pub(super) fn per_address(self) -> Rate {
        match self {
            Self::LogIn => LOGINS_PER_ADDRESS,
            Self::Register => REGISTRATIONS_PER_ADDRESS,
            Self::Send => SENDS_PER_ADDRESS,
            Self::Upload => UPLOADS_PER_ADDRESS,
            Self::Search => SEARCHES_PER_ADDRESS,
            Self::Other => REQUESTS_PER_ADDRESS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_the_class_of_its_operation() {
        let of = |method, path| Class::of_request(&method, path);
        for (method, path, class) in [
            (Method::POST, "/api/v1/auth/login", Class::LogIn),
            (Method::POST, "/api/v1/chats/7/messages", Class::Send),
            (Method::GET, "/api/v1/chats/7/messages", Class::Other),
            (Method::DELETE, "/api/v1/chats/7/messages/8", Class::Send),
            (Method::GET, "/api/v1/users", Class::Search),
            (Method::GET, "/api/v1/users/1", Class::Other),
            (Method::GET, "/users", Class::Other),
            (Method::GET, "/", Class::Other),
        ] {
            assert_eq!(of(method.clone(), path), Some(class), "{method} {path}");
        }
        assert_eq!(of(Method::GET, "/readyz"), None);
        assert_eq!(Class::of_frame("send"), Class::Send);
        assert_eq!(Class::of_frame("ping"), Class::Other);
    }
}
