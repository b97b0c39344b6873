//! Signing in with OpenID providers.

use domain::host::Provider;
use domain::user::Passwords;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// How people sign in.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignInWays {
    /// Whether a name and its password do.
    passwords: bool,
    /// With whom they can instead, in the order in which they are shown.
    providers: Vec<IdentityProvider>,
}

/// An OpenID provider.
#[derive(Serialize, ToSchema)]
struct IdentityProvider {
    /// Its word in addresses.
    name: String,
    /// What people call it.
    label: String,
}

impl SignInWays {
    pub(crate) fn new(passwords: Passwords, providers: &[Provider]) -> Self {
        let providers = providers.iter().map(|provider| IdentityProvider {
            name: provider.name.as_str().to_owned(),
            label: provider.label.clone(),
        });
        Self { passwords: passwords == Passwords::On, providers: providers.collect() }
    }
}

/// How a sign-in with a provider begins.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct BeginQuery {
    /// `true` if the provider is to ask once more who it is, although it knows.
    #[serde(default)]
    pub(crate) again: bool,
}

/// What a provider gave a browser that it sent back to the page.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderReturn {
    /// As the provider handed it back.
    pub(crate) state: String,
    /// The provider's code.
    pub(crate) code: Option<String>,
    /// Its word for why there is none.
    pub(crate) error: Option<String>,
    /// Who says so, if they said it.
    pub(crate) iss: Option<String>,
}
