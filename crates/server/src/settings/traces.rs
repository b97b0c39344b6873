//! The settings of traces.

use super::values;
use clap::Args;

/// Where traces are sent, and how many of them.
#[derive(Args)]
pub(crate) struct TracesSettings {
    /// Where to send traces, as OTLP over HTTP, like http://collector:4318/v1/traces; nowhere unless set
    #[arg(long, env = "CONFAB_TRACES_URL", value_parser = values::web_address)]
    pub(crate) traces_url: Option<String>,
    /// The share of traces that is sent, 0 to 1
    #[arg(long, env = "CONFAB_TRACES_SHARE", default_value = "1", value_parser = values::number(0.0..=1.0_f64))]
    pub(crate) traces_share: f64,
}
