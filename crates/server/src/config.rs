//! Settings: from flags, the environment and a TOML file, in this order of precedence.

mod media;
mod push;
mod raw;
mod traces;

pub(crate) use media::MediaPlace;
pub(crate) use media::make_private_folder;
pub(crate) use push::PushSettings;
pub(crate) use raw::{RawSettings, SettingsError};
pub(crate) use traces::TracesSettings;

use self::raw::{Name, bad, choice, key, number, parse, read_file};
use dialects::Dialects;
use domain::limits;
use domain::user::{AccountRoles, RoleName};
use std::net::SocketAddr;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What an address looks like.
const ADDRESS: &str = "an address like 127.0.0.1:8080";

/// How to log.
#[derive(Clone, Copy)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// The settings, each with a value that is good.
pub(crate) struct Settings {
    pub(crate) listen: SocketAddr,
    pub(crate) metrics_listen: Option<SocketAddr>,
    pub(crate) traces: Option<TracesSettings>,
    data_dir: PathBuf,
    database_url: Option<String>,
    pub(crate) database_connections: usize,
    pub(crate) redis_url: Option<String>,
    pub(crate) secret_key: Option<[u8; 32]>,
    pub(crate) media: MediaPlace,
    pub(crate) image_workers: usize,
    pub(crate) push: PushSettings,
    pub(crate) open_registration: bool,
    pub(crate) account_roles: AccountRoles,
    pub(crate) dialects: Dialects,
    pub(crate) allowed_origins: Vec<String>,
    pub(crate) access_token_life: Duration,
    pub(crate) session_life: Duration,
    pub(crate) bcrypt_cost: u32,
    pub(crate) bcrypt_threads: usize,
    pub(crate) workers: usize,
    pub(crate) rate_limits: bool,
    pub(crate) trusted_proxies: usize,
    pub(crate) log: String,
    pub(crate) log_format: LogFormat,
}

impl Settings {
    /// Reads the file, if one is named, and checks everything.
    pub(crate) fn from_raw(raw: RawSettings) -> Result<Self, SettingsError> {
        let raw = match &raw.config {
            Some(file) => {
                let from_file = read_file(file)?;
                raw.or(from_file)
            }
            None => raw,
        };
        let media = media::place(&raw)?;
        let push = push::settings(&raw)?;
        let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
        let allowed_origins = raw.allowed_origins.unwrap_or_default();
        let days = number(Name::session_days, raw.session_days, 1, 3650)?;
        let life = number(Name::access_token_life, raw.access_token_life, 1, 86_400)?;
        let cost = number(Name::bcrypt_cost, raw.bcrypt_cost, 4, 31)?;
        Ok(Self {
            listen: parse(Name::listen, raw.listen, ADDRESS)?
                .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
            metrics_listen: parse(Name::metrics_listen, raw.metrics_listen, ADDRESS)?,
            traces: TracesSettings::parse(raw.traces_url, raw.traces_share)?,
            data_dir: raw.data_dir.map_or_else(|| PathBuf::from("data"), PathBuf::from),
            database_url: raw.database_url,
            database_connections: number(
                Name::database_connections,
                raw.database_connections,
                1,
                1_000,
            )?
            .unwrap_or(8),
            redis_url: raw.redis_url.filter(|url| !url.trim().is_empty()),
            secret_key: key(Name::secret_key, raw.secret_key.as_deref())?,
            image_workers: number(Name::image_workers, raw.image_workers, 1, 64)?.unwrap_or(1),
            media,
            push,
            open_registration: choice(
                Name::registration,
                raw.registration,
                &[("open", true), ("closed", false)],
                "open or closed",
            )?,
            account_roles: raw.account_roles.map_or_else(|| Ok(AccountRoles::default()), roles)?,
            dialects: raw.dialects.map_or_else(|| Ok(Dialects::default()), dialects)?,
            allowed_origins: origins(&allowed_origins)?,
            access_token_life: life.map_or(limits::ACCESS_TOKEN_LIFE, Duration::from_secs),
            session_life: days
                .map_or(limits::SESSION_LIFE, |days: u64| Duration::from_secs(days * 86_400)),
            bcrypt_cost: cost.unwrap_or(12),
            bcrypt_threads: number(Name::bcrypt_threads, raw.bcrypt_threads, 1, 64)?
                .unwrap_or((processors / 2).max(1)),
            workers: number(Name::workers, raw.workers, 1, 256)?.unwrap_or(processors),
            rate_limits: choice(
                Name::rate_limits,
                raw.rate_limits,
                &[("on", true), ("off", false)],
                "on or off",
            )?,
            trusted_proxies: number(Name::trusted_proxies, raw.trusted_proxies, 0, 16)?
                .unwrap_or(0),
            log: raw.log.unwrap_or_else(|| "info".to_owned()),
            log_format: choice(
                Name::log_format,
                raw.log_format,
                &[("text", LogFormat::Text), ("json", LogFormat::Json)],
                "text or json",
            )?,
        })
    }

    /// The data folder, which is made if it is not there; only its owner may look inside.
    pub(crate) fn data_dir(&self) -> Result<&Path, SettingsError> {
        let failed = |source| SettingsError::DataFolder {
            folder: self.data_dir.display().to_string(),
            source,
        };
        make_private_folder(&self.data_dir).map_err(failed)?;
        Ok(&self.data_dir)
    }

    /// Where the database is.
    pub(crate) fn database_url(&self) -> Result<String, SettingsError> {
        match &self.database_url {
            Some(url) => Ok(url.clone()),
            None => Ok(format!("sqlite:{}", self.data_dir()?.join("confab.db").display())),
        }
    }
}

fn origins(given: &str) -> Result<Vec<String>, SettingsError> {
    let each = given.split(',').map(str::trim).filter(|origin| !origin.is_empty());
    each.map(|origin| {
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        match host {
            Some(host) if !host.is_empty() && !host.contains('/') => Ok(origin.to_owned()),
            _ => Err(bad(Name::allowed_origins, origin, "an origin like https://chat.example.org")),
        }
    })
    .collect()
}

#[expect(clippy::needless_pass_by_value, reason = "a setting is handed over")]
fn dialects(given: String) -> Result<Dialects, SettingsError> {
    let names = given.split(',').map(str::trim).filter(|name| !name.is_empty() && *name != "none");
    let wanted = "none, or names of dialects (see --help)";
    Dialects::named(names).ok_or_else(|| bad(Name::dialects, &given, wanted))
}

/// An empty text is no further roles.
#[expect(clippy::needless_pass_by_value, reason = "a setting is handed over")]
fn roles(given: String) -> Result<AccountRoles, SettingsError> {
    let wanted = "up to 32 words of 1 to 32 characters of a-z, 0-9, _ and -";
    let each = given.split(',').map(str::trim).filter(|word| !word.is_empty());
    let named =
        each.map(|word| RoleName::new(word).map_err(|_| bad(Name::account_roles, word, wanted)));
    let named = named.collect::<Result<Vec<_>, _>>()?;
    if named.len() > limits::ROLES {
        return Err(bad(Name::account_roles, &given, wanted));
    }
    Ok(AccountRoles::new(named))
}

#[cfg(test)]
mod tests;
