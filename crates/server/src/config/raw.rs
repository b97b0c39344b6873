//! Settings as they are written, and reading one of them.

use crate::secrets;
use clap::Args;
use serde::{Deserialize, Deserializer, de};
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

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
            pub(super) config: Option<PathBuf>,
            $(
                $(#[doc = $help])+
                #[arg(long, env = $variable, global = true, hide_env_values = true)]
                #[serde(deserialize_with = "word")]
                pub(super) $field: Option<String>,
            )+
        }

        impl RawSettings {
            /// Takes what is missing here from `other`.
            pub(super) fn or(self, other: Self) -> Self {
                Self { config: self.config, $($field: self.$field.or(other.$field),)+ }
            }
        }

        /// How each setting is called in an error.
        #[derive(Clone, Copy)]
        #[allow(non_camel_case_types, dead_code, reason = "they are the fields, and some take any text")]
        pub(super) enum Name { $($field,)+ }

        impl Name {
            pub(super) fn variable(self) -> &'static str {
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

pub(super) fn read_file(file: &Path) -> Result<RawSettings, SettingsError> {
    let failed = |source: Box<dyn std::error::Error + Send + Sync>| SettingsError::File {
        file: file.display().to_string(),
        source,
    };
    let text = fs::read_to_string(file).map_err(|error| failed(error.into()))?;
    toml::from_str(&text).map_err(|error| failed(error.into()))
}

pub(super) fn bad(name: Name, given: &str, wanted: &'static str) -> SettingsError {
    SettingsError::Value { setting: name.variable(), given: given.to_owned(), wanted }
}

/// A key. One that is wrong is not shown: it may be right but for one digit.
pub(super) fn key(name: Name, given: Option<&str>) -> Result<Option<[u8; 32]>, SettingsError> {
    let wrong = || bad(name, "what was given", "64 hexadecimal digits");
    given.map(|given| secrets::parse(given.trim()).ok_or_else(wrong)).transpose()
}

pub(super) fn parse<T: FromStr>(
    name: Name,
    given: Option<String>,
    wanted: &'static str,
) -> Result<Option<T>, SettingsError> {
    given.map(|given| given.trim().parse().map_err(|_| bad(name, &given, wanted))).transpose()
}

pub(super) fn number<T: FromStr + PartialOrd + Copy>(
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
pub(super) fn choice<T: Copy>(
    name: Name,
    given: Option<String>,
    choices: &[(&str, T)],
    wanted: &'static str,
) -> Result<T, SettingsError> {
    let Some(given) = given else { return Ok(choices[0].1) };
    let found = choices.iter().find(|(word, _)| *word == given.trim());
    found.map(|(_, value)| *value).ok_or_else(|| bad(name, &given, wanted))
}
