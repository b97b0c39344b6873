//! APIs that are served beside the native one.

use crate::rate_limit::RouteClasses;
use actix_web::web::ServiceConfig;
use std::sync::Arc;

/// An API's routes, and the rate limits that they count for.
#[derive(Clone)]
pub struct Mount {
    configure: Arc<dyn Fn(&mut ServiceConfig) + Send + Sync>,
    classes: RouteClasses,
}

impl Mount {
    /// The routes that `configure` registers, with their rate limits.
    pub fn new(
        configure: impl Fn(&mut ServiceConfig) + Send + Sync + 'static,
        classes: RouteClasses,
    ) -> Self {
        Self { configure: Arc::new(configure), classes }
    }

    /// Registers its routes.
    pub fn configure(&self, app: &mut ServiceConfig) {
        (self.configure)(app);
    }

    /// The rate limits that its routes count for.
    pub fn classes(&self) -> &RouteClasses {
        &self.classes
    }
}
