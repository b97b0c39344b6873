//! Metrics for Prometheus, if the settings ask for them.

use crate::error::BoxError;
use http_actix::metrics::{self, Render};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::interval;

/// The upper bounds of the histogram buckets of durations, in seconds.
const SECONDS: [f64; 14] =
    [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// The upper bounds of the buckets of messages in one commit.
const MESSAGES: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

/// How often samples are put into their buckets; until then, each takes some bytes of memory.
const UPKEEP: Duration = Duration::from_secs(1);

/// The recorder of metrics, and the listener that will serve them.
pub(crate) struct Metrics {
    listener: TcpListener,
    handle: PrometheusHandle,
}

impl Metrics {
    /// Starts recording. To be called before anything that records metrics.
    pub(crate) fn start(listen: SocketAddr) -> Result<Self, BoxError> {
        let listener = TcpListener::bind(listen).map_err(|error| {
            format!("CONFAB_METRICS_LISTEN: cannot listen at {listen}: {error}")
        })?;
        let suffix = |suffix: &str| Matcher::Suffix(suffix.to_owned());
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(suffix("_seconds"), &SECONDS)?
            .set_buckets_for_metric(suffix("_messages"), &MESSAGES)?
            .install_recorder()?;
        metrics::register();
        Ok(Self { listener, handle })
    }

    /// Starts serving, and returns the address. `look` is called before each answer, to sample metrics that
    /// are not updated when something happens.
    pub(crate) fn show(
        self,
        look: impl Fn() + Send + Sync + 'static,
    ) -> Result<SocketAddr, BoxError> {
        let address = self.listener.local_addr()?;
        let upkeep = self.handle.clone();
        tokio::spawn(async move {
            let mut turns = interval(UPKEEP);
            loop {
                turns.tick().await;
                upkeep.run_upkeep();
            }
        });
        let render: Render = Arc::new(move || {
            look();
            self.handle.render()
        });
        tokio::spawn(metrics::listen(self.listener, render)?);
        Ok(address)
    }
}
