//! What routes count as, as they were declared.

use super::Class;
use crate::path::fits;
use actix_web::http::Method;

/// What requests count as, by the routes that they are for. What no route says counts as
/// [`Class::Other`].
#[derive(Debug, Clone, Default)]
pub struct RouteClasses(Vec<RouteClass>);

#[derive(Debug, Clone)]
struct RouteClass {
    /// `None` is any.
    method: Option<&'static str>,
    /// `{…}` stands for one segment.
    path: String,
    class: Option<Class>,
}

impl RouteClasses {
    /// A route that counts as this. Where several fit a request, the first counts.
    pub fn add(&mut self, method: &'static str, path: String, class: Class) {
        self.0.push(RouteClass { method: Some(method), path, class: Some(class) });
    }

    /// A path whose requests are not counted.
    pub fn add_uncounted(&mut self, path: &str) {
        self.0.push(RouteClass { method: None, path: path.to_owned(), class: None });
    }

    /// All of these after those that are there.
    pub fn extend(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
    }

    /// Of a request; `None` if it is not counted. The path is the one that the request is routed by, so
    /// that no spelling of it falls under another limit.
    pub fn of(&self, method: &Method, path: &str) -> Option<Class> {
        let fitting = self.0.iter().find(|route| {
            route.method.is_none_or(|declared| declared == method) && fits(&route.path, path)
        });
        fitting.map_or(Some(Class::Other), |route| route.class)
    }
}
