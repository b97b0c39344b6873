//! Settings of traces.

use super::raw::{Name, SettingsError, bad, parse};

/// Where traces are sent, and how many of them.
pub(crate) struct TracesSettings {
    /// `http://…` or `https://…`.
    pub(crate) url: String,
    /// From 0 to 1.
    pub(crate) share: f64,
}

impl TracesSettings {
    /// `None` if no traces are wanted.
    pub(super) fn parse(
        url: Option<String>,
        share: Option<String>,
    ) -> Result<Option<Self>, SettingsError> {
        let wanted = "a share from 0 to 1";
        let given = share.clone().unwrap_or_default();
        let share = parse(Name::traces_share, share, wanted)?.unwrap_or(1.0);
        if !(0.0..=1.0).contains(&share) {
            return Err(bad(Name::traces_share, &given, wanted));
        }
        let Some(url) = url else { return Ok(None) };
        let url = url.trim().to_owned();
        if !url.starts_with("http://") && !url.starts_with("https://") {
            let wanted = "an address like http://collector:4318/v1/traces";
            return Err(bad(Name::traces_url, &url, wanted));
        }
        Ok(Some(Self { url, share }))
    }
}
