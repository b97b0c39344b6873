//! Registering operations: for serving, for their description, and for their rate limits and scopes.

use actix_web::dev::HttpServiceFactory;
use actix_web::web;
use domain::service_key::KeyAccess;
use http_core::keys::KeyRoutes;
use http_core::rate_limit::{Class, RouteClasses};
use utoipa::openapi::PathItem;
use utoipa::openapi::path::Operation;
use utoipa_actix_web::{OpenApiFactory, service_config};

/// Something that operations are registered with: to serve them, or to describe them. Making a description takes
/// megabytes, so it is made once, not by every worker.
pub(crate) trait Operations {
    /// Registers an operation, with what it requires of service keys.
    fn service(
        &mut self,
        keys: impl Into<KeyAccess>,
        operation: impl HttpServiceFactory + OpenApiFactory + 'static,
    ) -> &mut Self;

    /// Registers an operation that counts for a rate limit of its own.
    fn counted(
        &mut self,
        _: Class,
        keys: impl Into<KeyAccess>,
        operation: impl HttpServiceFactory + OpenApiFactory + 'static,
    ) -> &mut Self {
        self.service(keys, operation)
    }
}

impl Operations for web::ServiceConfig {
    fn service(
        &mut self,
        _: impl Into<KeyAccess>,
        operation: impl HttpServiceFactory + OpenApiFactory + 'static,
    ) -> &mut Self {
        Self::service(self, operation)
    }
}

impl Operations for service_config::ServiceConfig<'_> {
    fn service(
        &mut self,
        _: impl Into<KeyAccess>,
        operation: impl HttpServiceFactory + OpenApiFactory + 'static,
    ) -> &mut Self {
        Self::service(self, operation)
    }
}

/// What operations declare.
pub(super) struct Declared {
    root: &'static str,
    /// The rate limits that they count for.
    pub(super) classes: RouteClasses,
    /// What they require of service keys.
    pub(super) keys: KeyRoutes,
}

impl Declared {
    /// The declarations of operations under `root`.
    pub(super) fn under(root: &'static str) -> Self {
        Self { root, classes: RouteClasses::default(), keys: KeyRoutes::default() }
    }

    /// The methods and paths of an operation.
    fn routes(&self, operation: &impl OpenApiFactory) -> Vec<(&'static str, String)> {
        let paths = operation.paths().paths.into_iter();
        let routes = paths.flat_map(|(path, item)| {
            let path = format!("{}{path}", self.root);
            methods(&item).map(|method| (method, path.clone())).collect::<Vec<_>>()
        });
        routes.collect()
    }
}

impl Operations for Declared {
    fn service(
        &mut self,
        keys: impl Into<KeyAccess>,
        operation: impl HttpServiceFactory + OpenApiFactory + 'static,
    ) -> &mut Self {
        let access = keys.into();
        for (method, path) in self.routes(&operation) {
            self.keys.add(method, path, access);
        }
        self
    }

    fn counted(
        &mut self,
        class: Class,
        keys: impl Into<KeyAccess>,
        operation: impl HttpServiceFactory + OpenApiFactory + 'static,
    ) -> &mut Self {
        for (method, path) in self.routes(&operation) {
            self.classes.add(method, path, class);
        }
        self.service(keys, operation)
    }
}

/// The methods that a described path allows.
pub(super) fn methods(item: &PathItem) -> impl Iterator<Item = &'static str> {
    let operations = [
        ("GET", &item.get),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ];
    operations.into_iter().filter(|(_, operation)| operation.is_some()).map(|(method, _)| method)
}

/// The operation of a described path for a method.
pub(super) fn operation<'a>(item: &'a mut PathItem, method: &str) -> Option<&'a mut Operation> {
    let found = match method {
        "GET" => &mut item.get,
        "POST" => &mut item.post,
        "PUT" => &mut item.put,
        "PATCH" => &mut item.patch,
        "DELETE" => &mut item.delete,
        _ => return None,
    };
    found.as_mut()
}
