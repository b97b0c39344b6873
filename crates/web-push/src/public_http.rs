//! HTTP that stays on the public internet.

use bytes::Bytes;
use domain::limits::PUSH_PATIENCE;
use domain::push::Reach;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use std::error::Error;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use std::vec;
use tower_service::Service;

/// Connections to one push service that are kept open, and for how long.
const KEPT: usize = 8;
const KEPT_FOR: Duration = Duration::from_secs(60);
/// Bytes of the head of an answer, at most.
const HEAD_BYTES: usize = 64 * 1024;

/// A client that connects only to addresses that its resolver let through, and follows no
/// redirects. A host that is an address itself is not looked up, so whoever calls checks that.
pub(crate) type Client = Legacy<HttpsConnector<HttpConnector<Lookup>>, Full<Bytes>>;

pub(crate) fn client(reach: Reach) -> Client {
    let mut connector = HttpConnector::new_with_resolver(Lookup::new(reach));
    connector.enforce_http(false);
    connector.set_connect_timeout(Some(PUSH_PATIENCE));
    let builder = match HttpsConnectorBuilder::new().with_native_roots() {
        Ok(builder) => builder,
        Err(error) => {
            tracing::warn!(%error, "the system trusts nobody, so Web Push reaches no service");
            let nobody = RootCertStore::empty();
            let config = ClientConfig::builder().with_root_certificates(nobody);
            HttpsConnectorBuilder::new().with_tls_config(config.with_no_client_auth())
        }
    };
    let builder = match reach {
        Reach::Public => builder.https_only(),
        Reach::LoopbackToo => builder.https_or_http(),
    };
    Legacy::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_max_idle_per_host(KEPT)
        .pool_idle_timeout(KEPT_FOR)
        .http1_max_buf_size(HEAD_BYTES)
        .build(builder.enable_http1().wrap_connector(connector))
}

/// Looks up names once and lets through only what may be called: what is connected to is what was
/// checked, whatever the name says a moment later.
#[derive(Clone)]
pub(crate) struct Lookup {
    reach: Reach,
    names: GaiResolver,
}

/// A name of which an address is not public.
#[derive(Debug, thiserror::Error)]
#[error("an address of this name is not on the public internet")]
pub(crate) struct NotPublic;

impl NotPublic {
    /// Whether that is why something failed.
    pub(crate) fn caused(error: &(dyn Error + 'static)) -> bool {
        let mut cause = Some(error);
        while let Some(error) = cause {
            // An error that was put into one of these is not among its sources.
            let within = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            if error.is::<Self>() || within.is_some_and(|error| Self::caused(error)) {
                return true;
            }
            cause = error.source();
        }
        false
    }
}

impl Lookup {
    pub(crate) fn new(reach: Reach) -> Self {
        Self { reach, names: GaiResolver::new() }
    }
}

type Failed = Box<dyn Error + Send + Sync>;

impl Service<Name> for Lookup {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = Failed;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Failed>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Failed>> {
        self.names.poll_ready(context).map_err(Failed::from)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (found, reach) = (self.names.call(name), self.reach);
        Box::pin(async move {
            let addresses: Vec<SocketAddr> = found.await?.collect();
            // One bad address among good ones is somebody's attempt, and no push service's.
            if addresses.iter().any(|address| !reach.admits(address.ip())) {
                return Err(NotPublic.into());
            }
            Ok(addresses.into_iter())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn looked_up(name: &str, reach: Reach) -> Result<Vec<SocketAddr>, Failed> {
        let found = Lookup::new(reach).call(name.parse().unwrap()).await?;
        Ok(found.collect())
    }

    #[tokio::test]
    async fn names_that_lead_inside_are_not_followed() {
        for name in ["localhost", "127.1", "2130706433", "0x7f.1", "0"] {
            let error = looked_up(name, Reach::Public).await.unwrap_err();
            assert!(NotPublic::caused(&*error), "{name}: {error}");
        }
        assert!(!looked_up("localhost", Reach::LoopbackToo).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn nor_are_they_called() {
        let asked = client(Reach::Public).get("https://localhost:9/".parse().unwrap()).await;
        let error = asked.unwrap_err();
        assert!(NotPublic::caused(&error), "{error:?}");
    }
}
