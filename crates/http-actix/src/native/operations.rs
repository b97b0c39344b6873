//! Where operations are added to.

use actix_web::dev::HttpServiceFactory;
use actix_web::web;
use http_core::rate_limit::{Class, RouteClasses};
use utoipa::openapi::PathItem;
use utoipa_actix_web::{OpenApiFactory, service_config};

/// Takes operations in: to serve them, or to describe them too. A description takes megabytes to
/// make, so it is made once and not by every worker.
pub(crate) trait Operations {
    /// Takes in one operation.
    fn service(
        &mut self,
        operation: impl HttpServiceFactory + OpenApiFactory + 'static,
    ) -> &mut Self;

    /// Takes in one that is done less often than others, and counts as this.
    fn counted(
        &mut self,
        _: Class,
        operation: impl HttpServiceFactory + OpenApiFactory + 'static,
    ) -> &mut Self {
        self.service(operation)
    }
}

impl Operations for web::ServiceConfig {
    fn service(
        &mut self,
        operation: impl HttpServiceFactory + OpenApiFactory + 'static,
    ) -> &mut Self {
        Self::service(self, operation)
    }
}

impl Operations for service_config::ServiceConfig<'_> {
    fn service(
        &mut self,
        operation: impl HttpServiceFactory + OpenApiFactory + 'static,
    ) -> &mut Self {
        Self::service(self, operation)
    }
}

/// What the operations count as.
pub(super) struct Classes {
    root: &'static str,
    found: RouteClasses,
}

impl Classes {
    /// Of operations under `root`.
    pub(super) fn under(root: &'static str) -> Self {
        Self { root, found: RouteClasses::default() }
    }

    /// Those that were taken in.
    pub(super) fn found(self) -> RouteClasses {
        self.found
    }
}

impl Operations for Classes {
    fn service(&mut self, _: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self {
        self
    }

    fn counted(
        &mut self,
        class: Class,
        operation: impl HttpServiceFactory + OpenApiFactory + 'static,
    ) -> &mut Self {
        for (path, item) in operation.paths().paths {
            for method in methods(&item) {
                self.found.add(method, format!("{}{path}", self.root), class);
            }
        }
        self
    }
}

/// The methods that a described path takes.
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
