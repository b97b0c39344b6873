//! What is put into the server beside the native API.

use crate::rate_limit::RouteClasses;
use actix_web::web::ServiceConfig;
use std::sync::Arc;

/// Routes, and what they count as.
#[derive(Clone)]
pub struct Mount {
    configure: Arc<dyn Fn(&mut ServiceConfig) + Send + Sync>,
    classes: RouteClasses,
}

impl Mount {
    /// What `configure` adds, whose routes count as this.
    pub fn new(
        configure: impl Fn(&mut ServiceConfig) + Send + Sync + 'static,
        classes: RouteClasses,
    ) -> Self {
        Self { configure: Arc::new(configure), classes }
    }

    /// Adds its routes.
    pub fn configure(&self, app: &mut ServiceConfig) {
        (self.configure)(app);
    }

    /// What they count as.
    pub fn classes(&self) -> &RouteClasses {
        &self.classes
    }
}
