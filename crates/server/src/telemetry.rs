//! The log.

use crate::config::LogFormat;
use crate::error::BoxError;
use std::io::{self, IsTerminal};
use tracing_subscriber::EnvFilter;

/// Logs to standard error from now on.
pub(crate) fn start(filter: &str, format: LogFormat) -> Result<(), BoxError> {
    let filter = EnvFilter::builder()
        .parse(filter)
        .map_err(|error| format!("CONFAB_LOG: {filter:?} is not a filter: {error}"))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match format {
        LogFormat::Text => log.with_ansi(io::stderr().is_terminal()).init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
    Ok(())
}
