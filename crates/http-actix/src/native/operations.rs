//! Where operations are added to.

use actix_web::dev::HttpServiceFactory;
use actix_web::web;
use utoipa_actix_web::{OpenApiFactory, service_config};

/// Takes operations in: to serve them, or to describe them too. A description takes megabytes to
/// make, so it is made once and not by every worker.
pub trait Operations {
    /// Takes in one operation.
    fn service(
        &mut self,
        operation: impl HttpServiceFactory + OpenApiFactory + 'static,
    ) -> &mut Self;
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
