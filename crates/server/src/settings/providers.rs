//! How people sign in: with passwords, and with OpenID providers.

use super::error::SettingsError;
use super::values;
use super::values::unless_empty;
use clap::{ArgAction, Args};
use domain::host::{HostClaims, HostIssuer, HostKeys, Issuer, ProviderClient, ProviderName};
use domain::internet::Reach;
use domain::user::Passwords;
use std::collections::HashSet;

/// The word for the provider that stands in the environment.
const NAME: &str = "oidc";

#[derive(Args)]
pub(crate) struct SignInSettings {
    /// The address of the page, as browsers have it, for identity providers to send people back to
    #[arg(long, env = "CONFAB_PUBLIC_URL", value_parser = values::public_address)]
    public_url: Option<String>,
    /// Whether anybody signs in with a password: on or off. Off leaves identity providers and hosts' tokens
    #[arg(long, env = "CONFAB_PASSWORDS", default_value = "on", action = ArgAction::Set, value_parser = values::switch)]
    passwords: bool,
    /// The issuer of an OpenID provider that people sign in with. Several are in the file of
    /// CONFAB_HOST_ISSUERS
    #[arg(long, env = "CONFAB_OIDC_ISSUER")]
    oidc_issuer: Option<String>,
    /// What this server is called there
    #[arg(long, env = "CONFAB_OIDC_CLIENT_ID")]
    oidc_client_id: Option<String>,
    /// What it proves that by; a public client has none
    #[arg(long, env = "CONFAB_OIDC_CLIENT_SECRET")]
    oidc_client_secret: Option<String>,
    /// What people call the provider; it is on the button
    #[arg(long, env = "CONFAB_OIDC_LABEL", default_value = "OpenID")]
    oidc_label: String,
    /// What the provider is asked for, separated by commas
    #[arg(long, env = "CONFAB_OIDC_SCOPES", default_value = "openid,profile,email")]
    oidc_scopes: String,
    /// By which algorithms its tokens may be signed, separated by commas: RS256, PS256, ES256, EdDSA
    #[arg(long, env = "CONFAB_OIDC_ALGORITHMS", default_value = "RS256")]
    oidc_algorithms: String,
    /// The claim that says who somebody is
    #[arg(long, env = "CONFAB_OIDC_SUBJECT_CLAIM", default_value = "sub", value_parser = claim)]
    oidc_subject_claim: String,
    /// The claim with what they are called
    #[arg(long, env = "CONFAB_OIDC_NAME_CLAIM", default_value = "preferred_username", value_parser = claim)]
    oidc_name_claim: String,
    /// The claim with their e-mail address
    #[arg(long, env = "CONFAB_OIDC_EMAIL_CLAIM", default_value = "email", value_parser = claim)]
    oidc_email_claim: String,
    /// The claim with the address of their picture
    #[arg(long, env = "CONFAB_OIDC_PICTURE_CLAIM", default_value = "picture", value_parser = claim)]
    oidc_picture_claim: String,
    /// The claim with somebody's roles
    #[arg(long, env = "CONFAB_OIDC_ROLE_CLAIM", default_value = "roles")]
    oidc_role_claim: String,
    /// Who has one of these roles there is an admin here; separated by commas
    #[arg(long, env = "CONFAB_OIDC_ADMIN_ROLES", default_value = "", hide_default_value = true)]
    oidc_admin_roles: String,
}

impl SignInSettings {
    /// Whether passwords are taken.
    pub(crate) fn passwords(&self) -> Passwords {
        if self.passwords { Passwords::On } else { Passwords::Off }
    }

    /// The address of the page, without a slash at the end, if it is known.
    pub(crate) fn public_url(&self) -> Option<&str> {
        self.public_url.as_deref()
    }

    /// These issuers and the one of the environment, if nothing about them and other settings contradicts itself.
    pub(super) fn with_own(
        &self,
        mut issuers: Vec<HostIssuer>,
    ) -> Result<Vec<HostIssuer>, SettingsError> {
        issuers.extend(self.own()?);
        let (mut seen, mut names) = (HashSet::new(), HashSet::new());
        for issuer in &issuers {
            let name = issuer.sign_in.as_ref().map(|client| client.name.as_str());
            if !seen.insert(issuer.issuer.as_str()) {
                let given = issuer.issuer.as_str();
                return Err(wrong(
                    "CONFAB_OIDC_ISSUER",
                    given,
                    "another issuer than those of CONFAB_HOST_ISSUERS",
                ));
            }
            if let Some(twice) = name.filter(|name| !names.insert(*name)) {
                return Err(wrong(
                    "CONFAB_HOST_ISSUERS",
                    twice,
                    "the `name` of one `sign_in` only",
                ));
            }
        }
        if !names.is_empty() && self.public_url.is_none() {
            let wanted = "the address of the page, to which identity providers send people back";
            return Err(wrong("CONFAB_PUBLIC_URL", "", wanted));
        }
        if issuers.is_empty() && !self.passwords {
            let wanted =
                "possible without CONFAB_OIDC_ISSUER or CONFAB_HOST_ISSUERS: nobody could sign in";
            return Err(wrong("CONFAB_PASSWORDS", "off", wanted));
        }
        Ok(issuers)
    }

    fn own(&self) -> Result<Option<HostIssuer>, SettingsError> {
        let issuer = unless_empty(self.oidc_issuer.as_deref());
        let client_id = unless_empty(self.oidc_client_id.as_deref());
        let (issuer, client_id) = match (issuer, client_id) {
            (None, None) => return Ok(None),
            (Some(issuer), Some(client_id)) => (issuer, client_id),
            (Some(_), None) => {
                let wanted = "what this server is called at CONFAB_OIDC_ISSUER";
                return Err(wrong("CONFAB_OIDC_CLIENT_ID", "", wanted));
            }
            (None, Some(_)) => {
                let wanted = "the issuer that CONFAB_OIDC_CLIENT_ID is of";
                return Err(wrong("CONFAB_OIDC_ISSUER", "", wanted));
            }
        };
        let named = Issuer::new(issuer);
        let issuer =
            named.ok_or_else(|| wrong("CONFAB_OIDC_ISSUER", issuer, "an https address"))?;
        let secret = unless_empty(self.oidc_client_secret.as_deref()).map(str::to_owned);
        let asked = Asked {
            name: NAME.to_owned(),
            label: self.oidc_label.clone(),
            scopes: words(&self.oidc_scopes),
        };
        let sign_in = asked.client(client_id.to_owned(), secret);
        let sign_in = sign_in.map_err(|(what, wanted)| match what {
            "label" => wrong("CONFAB_OIDC_LABEL", &self.oidc_label, wanted),
            _ => wrong("CONFAB_OIDC_SCOPES", &self.oidc_scopes, wanted),
        })?;
        let claims = HostClaims {
            subject: self.oidc_subject_claim.clone(),
            name: self.oidc_name_claim.clone(),
            email: self.oidc_email_claim.clone(),
            picture: self.oidc_picture_claim.clone(),
            role: self.oidc_role_claim.clone(),
        };
        Ok(Some(HostIssuer {
            issuer,
            audience: None,
            algorithms: words(&self.oidc_algorithms),
            keys: HostKeys::Discovered,
            claims,
            admin_roles: words(&self.oidc_admin_roles),
            pictures: Reach::default(),
            sign_in: Some(sign_in),
        }))
    }
}

/// What is asked of a provider, unchecked.
pub(super) struct Asked {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) scopes: Vec<String>,
}

impl Asked {
    /// The client, or what is wrong and what should be there instead.
    pub(super) fn client(
        self,
        client_id: String,
        client_secret: Option<String>,
    ) -> Result<ProviderClient, (&'static str, &'static str)> {
        let name = ProviderName::new(&self.name);
        let name = name.ok_or(("name", "1 to 32 characters of a-z, 0-9 and -"))?;
        let label = self.label.trim().to_owned();
        if !(1..=64).contains(&label.chars().count()) || label.contains(char::is_control) {
            return Err(("label", "1 to 64 characters"));
        }
        if !self.scopes.iter().any(|scope| scope == "openid") {
            return Err(("scopes", "scopes with openid among them"));
        }
        Ok(ProviderClient { name, label, client_id, client_secret, scopes: self.scopes })
    }
}

fn claim(text: &str) -> Result<String, &'static str> {
    let name = text.trim();
    if name.is_empty() { Err("the name of a claim") } else { Ok(name.to_owned()) }
}

fn words(text: &str) -> Vec<String> {
    values::words(text).map(str::to_owned).collect()
}

fn wrong(setting: &str, given: &str, wanted: &str) -> SettingsError {
    let given = if given.is_empty() { "nothing".to_owned() } else { format!("{given:?}") };
    SettingsError::Value { setting: setting.to_owned(), given, wanted: wanted.to_owned() }
}
