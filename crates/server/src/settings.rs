//! Settings: from flags, the environment and a TOML file, in this order of precedence.

mod media;
mod push;
mod traces;

pub(crate) use media::MediaPlace;
pub(crate) use media::make_private_folder;
pub(crate) use push::PushSettings;
pub(crate) use traces::TracesSettings;

use crate::secrets;
use clap::Args;
use dialects::Dialects;
use domain::limits;
use domain::user::{AccountRoles, RoleName};
use serde::{Deserialize, Deserializer, de};
use std::fs;
use std::net::SocketAddr;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

/// Declares a setting once: its field, its variable, its help.
macro_rules! raw_settings {
    ($($(#[doc = $help:literal])+ $field:ident: $variable:literal,)+) => {
        /// The settings as somebody wrote them.
        #[derive(Args, Default, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub(crate) struct RawSettings {
            /// A TOML file with settings, named as the flags are, with `_` for `-`
            #[arg(long, env = "CONFAB_CONFIG", global = true, value_name = "FILE")]
            #[serde(skip)]
            config: Option<PathBuf>,
            $(
                $(#[doc = $help])+
                #[arg(long, env = $variable, global = true, hide_env_values = true)]
                #[serde(deserialize_with = "word")]
                $field: Option<String>,
            )+
        }

        impl RawSettings {
            /// Takes what is missing here from `other`.
            fn or(self, other: Self) -> Self {
                Self { config: self.config, $($field: self.$field.or(other.$field),)+ }
            }
        }

        /// How each setting is called in an error.
        #[derive(Clone, Copy)]
        #[allow(non_camel_case_types, dead_code, reason = "they are the fields, and some take any text")]
        enum Name { $($field,)+ }

        impl Name {
            fn variable(self) -> &'static str {
                match self { $(Self::$field => $variable,)+ }
            }
        }
    };
}

raw_settings! {
    /// Where to listen [default: 127.0.0.1:8080]
    listen: "CONFAB_LISTEN",
    /// Where Prometheus may read figures, at /metrics; nowhere unless set
    metrics_listen: "CONFAB_METRICS_LISTEN",
    /// Where to send traces, as OTLP over HTTP, like http://collector:4318/v1/traces; nowhere unless set
    traces_url: "CONFAB_TRACES_URL",
    /// The share of traces that is sent, 0 to 1 [default: 1]
    traces_share: "CONFAB_TRACES_SHARE",
    /// The folder of the database and the secrets [default: ./data]
    data_dir: "CONFAB_DATA_DIR",
    /// sqlite:FILE or postgres://… [default: a SQLite file in the data folder]
    database_url: "DATABASE_URL",
    /// Connections to the database, at most [default: 8]
    database_connections: "CONFAB_DATABASE_CONNECTIONS",
    /// redis://… or rediss://…, or several of a Redis Cluster by commas, by which several servers on one
    /// PostgreSQL are as one [default: this server runs alone]
    redis_url: "REDIS_URL",
    /// The secret that tokens are signed with, 64 hexadecimal digits, the same on every node [default:
    /// secret.key in the data folder; with REDIS_URL, what the nodes agree on in the database]
    secret_key: "CONFAB_SECRET_KEY",
    /// The folder of uploaded files [default: media in the data folder]
    media_dir: "CONFAB_MEDIA_DIR",
    /// A bucket of storage that speaks S3, for uploaded files instead of a folder
    s3_bucket: "CONFAB_S3_BUCKET",
    /// The address of that storage, like https://s3.example.org [default: that of AWS]
    s3_endpoint: "CONFAB_S3_ENDPOINT",
    /// Its region [default: us-east-1]
    s3_region: "CONFAB_S3_REGION",
    /// The id of a key to it [default: what the machine was given by AWS]
    s3_access_key: "CONFAB_S3_ACCESS_KEY",
    /// The secret of that key
    s3_secret_key: "CONFAB_S3_SECRET_KEY",
    /// Pictures that are processed at once, each by a process with up to 100 MB of memory [default: 1]
    image_workers: "CONFAB_IMAGE_WORKERS",
    /// Who may make an account: open or closed [default: open]
    registration: "CONFAB_REGISTRATION",
    /// Roles that accounts may have besides user and admin, separated by commas
    /// [default: seller,salon_member]
    account_roles: "CONFAB_ACCOUNT_ROLES",
    /// Protocols of other servers that are served, separated by commas, or none: dialogs, events,
    /// minichat, flowchat, rooms [default: all]
    dialects: "CONFAB_DIALECTS",
    /// Web pages that may call from a browser, besides this server's own, separated by commas
    allowed_origins: "CONFAB_ALLOWED_ORIGINS",
    /// Seconds for which an access token is good [default: 600]
    access_token_life: "CONFAB_ACCESS_TOKEN_LIFE",
    /// Days after which a session ends that is not used [default: 30]
    session_days: "CONFAB_SESSION_DAYS",
    /// The cost of a password's hash, 4 to 31; one more takes twice as long [default: 12]
    bcrypt_cost: "CONFAB_BCRYPT_COST",
    /// Threads that hash passwords [default: half the processors]
    bcrypt_threads: "CONFAB_BCRYPT_THREADS",
    /// Threads that serve requests [default: the processors]
    workers: "CONFAB_WORKERS",
    /// Whether there are limits to how often anybody may do something: on or off [default: on]
    rate_limits: "CONFAB_RATE_LIMITS",
    /// Proxies in front of this server whose X-Forwarded-For is believed, 0 to 16 [default: 0]
    trusted_proxies: "CONFAB_TRUSTED_PROXIES",
    /// Whom push services may ask about this server: mailto:… or https://…
    /// [default: mailto:operator@example.org]
    push_contact: "CONFAB_PUSH_CONTACT",
    /// The private key for Web Push, 64 hexadecimal digits [default: vapid.key in the data folder]
    vapid_key: "CONFAB_VAPID_KEY",
    /// Whether Web Push may call this machine, also without TLS: off or on. For tests only
    /// [default: off]
    push_loopback: "CONFAB_PUSH_LOOPBACK",
    /// What to log: error, warn, info, debug, or a filter like info,domain=debug [default: info]
    log: "CONFAB_LOG",
    /// How to log: text or json [default: text]
    log_format: "CONFAB_LOG_FORMAT",
}

/// What an address looks like.
const ADDRESS: &str = "an address like 127.0.0.1:8080";

/// A file may write a number or a truth value without quotes.
fn word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match toml::Value::deserialize(deserializer)? {
        toml::Value::String(text) => Ok(Some(text)),
        toml::Value::Integer(number) => Ok(Some(number.to_string())),
        toml::Value::Boolean(on) => Ok(Some(if on { "on" } else { "off" }.to_owned())),
        _ => Err(de::Error::custom("a setting is a text, a number or a truth value")),
    }
}

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    #[error("{setting}: {given:?} is not {wanted}")]
    Value { setting: &'static str, given: String, wanted: &'static str },
    #[error("the settings file {file}")]
    File { file: String, source: Box<dyn std::error::Error + Send + Sync> },
    #[error("the data folder {folder} (CONFAB_DATA_DIR)")]
    DataFolder { folder: String, source: std::io::Error },
    #[error("the folder of uploaded files {folder} (CONFAB_MEDIA_DIR)")]
    MediaFolder { folder: String, source: std::io::Error },
}

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

fn read_file(file: &Path) -> Result<RawSettings, SettingsError> {
    let failed = |source: Box<dyn std::error::Error + Send + Sync>| SettingsError::File {
        file: file.display().to_string(),
        source,
    };
    let text = fs::read_to_string(file).map_err(|error| failed(error.into()))?;
    toml::from_str(&text).map_err(|error| failed(error.into()))
}

fn bad(name: Name, given: &str, wanted: &'static str) -> SettingsError {
    SettingsError::Value { setting: name.variable(), given: given.to_owned(), wanted }
}

/// A key. One that is wrong is not shown: it may be right but for one digit.
fn key(name: Name, given: Option<&str>) -> Result<Option<[u8; 32]>, SettingsError> {
    let wrong = || bad(name, "what was given", "64 hexadecimal digits");
    given.map(|given| secrets::parse(given.trim()).ok_or_else(wrong)).transpose()
}

fn parse<T: FromStr>(
    name: Name,
    given: Option<String>,
    wanted: &'static str,
) -> Result<Option<T>, SettingsError> {
    given.map(|given| given.trim().parse().map_err(|_| bad(name, &given, wanted))).transpose()
}

fn number<T: FromStr + PartialOrd + Copy>(
    name: Name,
    given: Option<String>,
    least: T,
    most: T,
) -> Result<Option<T>, SettingsError> {
    let wanted = "a whole number in its range (see --help)";
    let shown = given.clone().unwrap_or_default();
    match parse(name, given, wanted)? {
        Some(number) if number < least || number > most => Err(bad(name, &shown, wanted)),
        number => Ok(number),
    }
}

/// The first choice is the default.
fn choice<T: Copy>(
    name: Name,
    given: Option<String>,
    choices: &[(&str, T)],
    wanted: &'static str,
) -> Result<T, SettingsError> {
    let Some(given) = given else { return Ok(choices[0].1) };
    let found = choices.iter().find(|(word, _)| *word == given.trim());
    found.map(|(_, value)| *value).ok_or_else(|| bad(name, &given, wanted))
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
