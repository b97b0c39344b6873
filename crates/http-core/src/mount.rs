//! APIs that are served beside the native one.

use crate::rate_limit::RouteClasses;
use actix_web::web::ServiceConfig;
use std::sync::Arc;

type Configure = Arc<dyn Fn(&mut ServiceConfig) + Send + Sync>;

/// An API's routes, and the rate limits that they count for.
#[derive(Clone)]
pub struct Mount {
    configure: Configure,
    under_native: Option<Configure>,
    classes: RouteClasses,
}

impl Mount {
    /// The routes that `configure` registers, with their rate limits. They are tried after those of the native API:
    /// the router tries one after the other, and an API may have a hundred.
    pub fn new(
        configure: impl Fn(&mut ServiceConfig) + Send + Sync + 'static,
        classes: RouteClasses,
    ) -> Self {
        Self { configure: Arc::new(configure), under_native: None, classes }
    }

    /// With routes under [`crate::NATIVE_ROOT`], which `configure` registers. They are tried before those of the native
    /// API, which answers whatever else is asked for there.
    #[must_use]
    pub fn with_routes_under_native(
        self,
        configure: impl Fn(&mut ServiceConfig) + Send + Sync + 'static,
    ) -> Self {
        Self { under_native: Some(Arc::new(configure)), ..self }
    }

    /// Registers its routes, those under the native API's root apart.
    pub fn configure(&self, app: &mut ServiceConfig) {
        (self.configure)(app);
    }

    /// Registers its routes under the native API's root.
    pub fn configure_under_native(&self, app: &mut ServiceConfig) {
        if let Some(configure) = &self.under_native {
            configure(app);
        }
    }

    /// The rate limits that its routes count for.
    pub fn classes(&self) -> &RouteClasses {
        &self.classes
    }
}
