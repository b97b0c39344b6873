//! What answers where nothing is, or nothing of that method.

use crate::path::{ANY_NAME, fits};
use crate::problem::Problem;
use crate::serve::described;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use std::collections::BTreeSet;
use utoipa::openapi::OpenApi;

/// Which methods the paths of the description take.
pub struct AllowedMethods(Vec<(String, Vec<&'static str>)>);

impl AllowedMethods {
    /// Those of that description.
    pub fn of(description: &OpenApi) -> Self {
        let paths = description.paths.paths.iter();
        let methods = paths.map(|(path, item)| {
            let operations = [
                ("GET", &item.get),
                ("POST", &item.post),
                ("PUT", &item.put),
                ("PATCH", &item.patch),
                ("DELETE", &item.delete),
            ];
            let there = operations.into_iter().filter(|(_, operation)| operation.is_some());
            (path.clone(), there.map(|(method, _)| method).collect())
        });
        Self(methods.collect())
    }

    /// The methods of every operation that the path may mean. What is there and not described (the
    /// socket, pages, health) is read and nothing else.
    fn at(&self, path: &str) -> Vec<&'static str> {
        let meant = self.0.iter().filter(|(template, _)| fits(template, path));
        let methods: BTreeSet<_> = meant.flat_map(|(_, methods)| methods).copied().collect();
        if methods.is_empty() { vec!["GET"] } else { methods.into_iter().collect() }
    }
}

/// What answers where nothing is.
///
/// # Errors
/// Always: it is one.
pub async fn no_such_path(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let here = request.resource_map().match_pattern(request.path());
    Err(if here.is_some_and(|pattern| !pattern.starts_with(ANY_NAME)) {
        Problem::method_not_allowed(&described().allowed.at(request.path()))
    } else {
        Problem::new(StatusCode::NOT_FOUND, "no_such_path", "There is nothing at this path.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_takes_the_methods_of_all_operations_that_it_may_mean() {
        let allowed = AllowedMethods::of(&crate::serve::describe());
        assert_eq!(allowed.at("/api/v1/auth/login"), ["POST"]);
        assert_eq!(allowed.at("/api/v1/chats/7"), ["DELETE", "GET", "PATCH"]);
        assert_eq!(allowed.at("/healthz"), ["GET"]);
    }
}
