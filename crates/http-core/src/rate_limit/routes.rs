//! The rate limits that routes count for.

use super::Class;
use crate::path::fits;
use actix_web::http::Method;

/// The rate limit that each route counts for. Routes that are not declared count for [`Class::Other`].
#[derive(Debug, Clone, Default)]
pub struct RouteClasses(Vec<RouteClass>);

#[derive(Debug, Clone)]
struct RouteClass {
    /// `None` for any method.
    method: Option<&'static str>,
    /// `{…}` stands for one segment.
    path: String,
    class: Option<Class>,
}

impl RouteClasses {
    /// Adds a route that counts for this class. If several match a request, the first one applies.
    pub fn add(&mut self, method: &'static str, path: String, class: Class) {
        self.0.push(RouteClass { method: Some(method), path, class: Some(class) });
    }

    /// Adds a path whose requests are not counted.
    pub fn add_uncounted(&mut self, path: &str) {
        self.0.push(RouteClass { method: None, path: path.to_owned(), class: None });
    }

    /// Appends other routes.
    pub fn extend(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
    }

    /// The class of a request; `None` if it is not counted. `path` is the normalised one that requests are
    /// routed by, so that another spelling does not evade a limit.
    pub fn of(&self, method: &Method, path: &str) -> Option<Class> {
        let fitting = self.0.iter().find(|route| {
            route.method.is_none_or(|declared| declared == method) && fits(&route.path, path)
        });
        fitting.map_or(Some(Class::Other), |route| route.class)
    }
}
