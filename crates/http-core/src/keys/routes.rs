//! What each route asks of service keys.

use crate::credential::any_token;
use crate::path::fits;
use actix_web::HttpRequest;
use actix_web::http::Method;
use domain::service_key::{KeyAccess, KeyToken};

/// What the routes of the native API ask of service keys, collected from their declarations.
#[derive(Debug, Clone, Default)]
pub struct KeyRoutes(Vec<KeyRoute>);

/// What one route asks of service keys.
#[derive(Debug, Clone)]
pub struct KeyRoute {
    /// Its method.
    pub method: &'static str,
    /// Its path; `{…}` stands for one segment.
    pub path: String,
    /// The scope that a key needs, or that no key may call it.
    pub access: KeyAccess,
}

impl KeyRoutes {
    /// Adds a route.
    pub fn add(&mut self, method: &'static str, path: String, access: KeyAccess) {
        self.0.push(KeyRoute { method, path, access });
    }

    /// All routes, in the order in which they were declared.
    pub fn iter(&self) -> impl Iterator<Item = &KeyRoute> {
        self.0.iter()
    }

    /// What the route of a request asks; `None` if there is no such route. If several fit, the first counts,
    /// as it does when actix routes the request.
    pub(crate) fn of(&self, method: &Method, path: &str) -> Option<KeyAccess> {
        // HEAD is answered as GET is.
        let method = if method == Method::HEAD { "GET" } else { method.as_str() };
        let mut fitting = self.0.iter().filter(|route| route.method == method);
        fitting.find(|route| fits(&route.path, path)).map(|route| route.access)
    }
}

/// The token of a request, if it looks like a service key. It may still be an invalid one.
pub(crate) fn shown(request: &HttpRequest) -> Option<&str> {
    any_token(request).filter(|token| KeyToken::is_meant(token))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::service_key::Scope;

    #[test]
    fn a_route_asks_what_was_declared() {
        let mut routes = KeyRoutes::default();
        routes.add("GET", "/chats/{chat_id}".to_owned(), Scope::ChatsRead.into());
        routes.add("DELETE", "/chats/{chat_id}".to_owned(), Scope::ChatsWrite.into());
        routes.add("GET", "/push".to_owned(), KeyAccess::Closed);
        let of = |method, path| routes.of(&method, path);
        assert_eq!(of(Method::GET, "/chats/1"), Some(KeyAccess::Open(Scope::ChatsRead)));
        assert_eq!(of(Method::HEAD, "/chats/1"), Some(KeyAccess::Open(Scope::ChatsRead)));
        assert_eq!(of(Method::DELETE, "/chats/1"), Some(KeyAccess::Open(Scope::ChatsWrite)));
        assert_eq!(of(Method::GET, "/push"), Some(KeyAccess::Closed));
        for (method, path) in
            [(Method::PUT, "/chats/1"), (Method::GET, "/chats/1/"), (Method::GET, "/")]
        {
            assert_eq!(of(method, path), None, "{path}");
        }
    }
}
