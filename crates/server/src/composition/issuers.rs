//! Who signs people in besides this server.

use crate::error::BoxError;
use crate::settings::Settings;
use credentials::{Hosts, OpenIdProviders};
use domain::host::{HostTokens, Providers};
use std::sync::Arc;

/// What tokens of hosts are checked by, and the providers; each if there are any.
type Opened = (Option<Arc<dyn HostTokens>>, Option<Arc<dyn Providers>>);

pub(super) fn opened(settings: &Settings) -> Result<Opened, BoxError> {
    let issuers = settings.host_issuers()?;
    if issuers.is_empty() {
        return Ok((None, None));
    }
    let hosts = Hosts::new(issuers);
    let hosts = hosts.map_err(|error| format!("CONFAB_HOST_ISSUERS, CONFAB_OIDC_…: {error}"))?;
    let hosts = Arc::new(hosts);
    let fetching = Arc::clone(&hosts);
    // Nobody waits: the server starts while a host is away.
    drop(tokio::spawn(async move { fetching.fetch_keys().await }));
    let Some(page) = settings.sign_in.public_url() else { return Ok((Some(hosts), None)) };
    let providers = OpenIdProviders::new(hosts.clone(), page.to_owned());
    let providers = providers.ok_or("CONFAB_PUBLIC_URL is not an address")?;
    Ok((Some(hosts), Some(Arc::new(providers))))
}
