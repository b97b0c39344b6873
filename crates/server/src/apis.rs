//! What is served over HTTP: the native API, the page, and the protocols of other servers.

use crate::settings::Settings;
use domain::service_key::ServiceKeys;
use domain::session::Sessions;
use http_actix::health::Health;
use http_actix::{Backend, NativeCodec, UseCases};
use http_core::auth::Origins;
use http_core::rate_limit::{RateLimits, RouteClasses};
use http_core::{Access, Mount};
use realtime::{Codec, Hub, SocketServices};
use std::sync::Arc;

/// Everything that an HTTP API calls.
pub(crate) fn backend(
    settings: &Settings,
    use_cases: UseCases,
    (sessions, keys, hub): (Arc<Sessions>, Arc<ServiceKeys>, Arc<Hub>),
    health: Arc<Health>,
) -> Backend {
    let UseCases { chats, presence, .. } = use_cases.clone();
    Backend {
        use_cases,
        access: Access {
            sessions: sessions.clone(),
            keys,
            origins: Arc::new(Origins::new(settings.allowed_origins().to_vec())),
            rate_limits: Arc::new(RateLimits::new(
                settings.trusted_proxies,
                settings.rate_limits.then(|| settings.limits.rates()),
            )),
        },
        sockets: SocketServices { hub, sessions, chats, presence },
        health,
    }
}

/// The hub, with a codec for every protocol that is served.
pub(crate) fn hub(settings: &Settings) -> Hub {
    let native: &dyn Codec = &NativeCodec;
    let codecs: Vec<_> = [native].into_iter().chain(settings.dialects.codecs()).collect();
    Hub::new(&codecs)
}

/// What is served beside the native API: the page, and the protocols of other servers.
pub(crate) fn mounts(settings: &Settings, backend: &Backend) -> Vec<Mount> {
    let UseCases { users, admin, chats, messages, media, own, presence, typing, .. } =
        backend.use_cases.clone();
    let sessions = backend.access.sessions.clone();
    let services = dialects::Services {
        users,
        admin,
        sessions,
        chats,
        messages,
        media,
        own,
        presence,
        typing,
    };
    // The page declares no rate classes: its files count for `Class::Other`, as whatever is not declared does. It is
    // tried first, so that a dialect, wherever the settings place it, does not take the address of one of its files.
    let page = Mount::new(web_client::configure, RouteClasses::default());
    vec![page, settings.dialects.mount(services, backend.sockets.clone())]
}
