//! OpenTelemetry traces, if the settings ask for them (ADR 35).

use crate::error::BoxError;
use hyper_rustls::HttpsConnectorBuilder;
use opentelemetry::global;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use std::time::Duration;
use tokio::runtime::Handle;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::{Layer, Registry};

/// How long the collector may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the last traces may take while the server stops.
const LAST: Duration = Duration::from_secs(2);

/// Sends traces in batches, from a thread of the library's. Nothing waits for the collector, and what it does
/// not accept is dropped.
pub(crate) struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// Begins to send traces to the collector at `url`. `share` is the part of all traces that is sent, from
    /// 0 to 1. `runtime` must live until the traces are closed.
    pub(crate) fn open(url: &str, share: f64, runtime: &Handle) -> Result<Self, BoxError> {
        let connector = HttpsConnectorBuilder::new().with_native_roots()?;
        let connector = connector.https_or_http().enable_http1().build();
        let client = HyperClient::new(connector, PATIENCE, None);
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(OnRuntime { client, runtime: runtime.clone() })
            .with_endpoint(url)
            .build()
            .map_err(|error| format!("CONFAB_TRACES_URL: {error}"))?;
        let provider = SdkTracerProvider::builder()
            .with_resource(Resource::builder().with_service_name("confab").build())
            // The id of the trace decides alone. A caller whose `traceparent` says "sampled" decides nothing,
            // or anybody could have everything traced.
            .with_sampler(Sampler::TraceIdRatioBased(share))
            .with_batch_exporter(exporter)
            .build();
        global::set_text_map_propagator(TraceContextPropagator::new());
        Ok(Self { provider })
    }

    /// The layer that records spans: only this server's own, which have the level `trace` so that they are
    /// not in the log as well.
    pub(crate) fn layer(&self) -> Box<dyn Layer<Registry> + Send + Sync> {
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("confab"))
            .with_location(false)
            .with_target(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(is_ours))
            .boxed()
    }

    /// Sends what is left, within [`LAST`].
    pub(crate) fn close(self) {
        if let Err(error) = self.provider.shutdown_with_timeout(LAST) {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// The crates that open spans.
const OURS: [&str; 5] = ["dialects", "http_actix", "http_core", "realtime", "storage_diesel"];

fn is_ours(what: &Metadata<'_>) -> bool {
    let target = what.target();
    let ours = OURS.iter().any(|module| target.starts_with(module));
    what.is_span() && *what.level() == Level::TRACE && ours
}

/// A client for the library's thread, which is outside of the runtime: it calls on the runtime, because hyper
/// needs one.
#[derive(Debug)]
struct OnRuntime<C> {
    client: C,
    runtime: Handle,
}

#[async_trait::async_trait]
impl<C: HttpClient + Clone + 'static> HttpClient for OnRuntime<C> {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        self.runtime.spawn(async move { client.send_bytes(request).await }).await?
    }
}
