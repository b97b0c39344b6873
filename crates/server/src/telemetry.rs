//! The log, and traces.

use crate::error::BoxError;
use crate::settings::{LogFormat, Settings};
use crate::traces::Traces;
use std::io::{self, IsTerminal};
use std::iter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

/// Starts logging to standard error, and tracing if that is configured.
pub(crate) fn start(settings: &Settings, traces: Option<&Traces>) -> Result<(), BoxError> {
    let filter = EnvFilter::builder()
        .parse(&settings.log)
        .map_err(|error| format!("CONFAB_LOG: {:?} is not a filter: {error}", settings.log))?;
    let log = fmt::layer().with_writer(io::stderr);
    let log: Box<dyn Layer<Registry> + Send + Sync> = match settings.log_format {
        LogFormat::Text => log.with_ansi(io::stderr().is_terminal()).with_filter(filter).boxed(),
        LogFormat::Json => log.json().flatten_event(true).with_filter(filter).boxed(),
    };
    let layers: Vec<_> = iter::once(log).chain(traces.map(Traces::layer)).collect();
    tracing_subscriber::registry().with(layers).init();
    Ok(())
}
