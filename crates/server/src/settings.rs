//! Settings: from flags, the environment and a TOML file, in this order of precedence.
//!
//! A setting is one field of [`Settings`], or of a group in the files beside this one. Its variable, help,
//! default and parser are defined there and nowhere else. A doc comment on a field is the text that `--help`
//! prints, without a full stop. Its row in docs/OPERATIONS.md is checked against the field by a test.

mod error;
mod hosts;
mod limits;
mod media;
mod names;
mod providers;
mod push;
mod sources;
mod traces;
mod values;

pub(crate) use error::SettingsError;
pub(crate) use limits::LimitSettings;
pub(crate) use media::{
    MediaPlace, MediaSettings, check_media_folder, make_private_folder, media_folder,
};
pub(crate) use names::NamesSettings;
pub(crate) use providers::SignInSettings;
pub(crate) use push::PushSettings;
pub(crate) use sources::read;
pub(crate) use traces::TracesSettings;

use clap::{ArgAction, Args, ValueEnum};
use dialects::Dialects;
use domain::directory::Policy;
use domain::host::HostIssuer;
use domain::internet::Reach;
use domain::second_factor::SecondFactorPolicy;
use domain::session::SessionPolicy;
use domain::user::{AccountRoles, Passwords, RoleName};
use std::net::SocketAddr;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::time::Duration;
use values::{Key, Origins};

/// The settings, each with a valid value.
#[derive(Args)]
pub(crate) struct Settings {
    /// A TOML file with settings, named as the flags are, with `_` for `-`
    #[arg(long, env = "CONFAB_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where to listen; port 0 takes a free one
    #[arg(long, env = "CONFAB_LISTEN", default_value = "127.0.0.1:8080", value_parser = values::address)]
    pub(crate) listen: SocketAddr,
    /// Where Prometheus reads metrics, at /metrics; nowhere unless set
    #[arg(long, env = "CONFAB_METRICS_LISTEN", value_parser = values::address)]
    pub(crate) metrics_listen: Option<SocketAddr>,
    #[command(flatten)]
    pub(crate) traces: TracesSettings,
    /// The folder of the database and the secrets
    #[arg(long, env = "CONFAB_DATA_DIR", default_value = "./data")]
    data_dir: PathBuf,
    /// sqlite:FILE or postgres://… [default: a SQLite file in the data folder]
    #[arg(long, env = "DATABASE_URL")]
    database_url: Option<String>,
    /// Connections to the database, at most
    #[arg(long, env = "CONFAB_DATABASE_CONNECTIONS", default_value = "8", value_parser = values::number(1..=1_000_usize))]
    pub(crate) database_connections: usize,
    /// redis://… or rediss://…, or several servers of a Redis Cluster separated by commas, by which
    /// several nodes on one PostgreSQL act as one server [default: this node runs alone]
    #[arg(long, env = "REDIS_URL")]
    redis_url: Option<String>,
    /// The secret that tokens are signed with, 64 hexadecimal digits, the same on every node [default:
    /// secret.key in the data folder; with REDIS_URL, what the nodes agree on in the database]
    #[arg(long, env = "CONFAB_SECRET_KEY", value_parser = values::key)]
    secret_key: Option<Key>,
    #[command(flatten)]
    pub(crate) media: MediaSettings,
    /// Pictures processed at once, each by a process with up to 100 MB of memory
    #[arg(long, env = "CONFAB_IMAGE_WORKERS", default_value = "1", value_parser = values::number(1..=64_usize))]
    pub(crate) image_workers: usize,
    /// Who may make an account [default: what was chosen when the server was set up; open before]
    #[arg(long, env = "CONFAB_REGISTRATION")]
    registration: Option<Registration>,
    /// Who needs a second factor
    #[arg(long, env = "CONFAB_SECOND_FACTOR", default_value = "optional")]
    second_factor: SecondFactor,
    /// Whom people find, in lists, by search, by id and for a direct chat: everybody, shared (who
    /// shares a chat with them) or nobody. Exceptions for roles stand behind it, as in
    /// shared,seller=everybody; admins find everybody unless they are named
    #[arg(long, env = "CONFAB_DIRECTORY", default_value = "everybody", value_parser = values::directory)]
    pub(crate) directory: Policy,
    /// A TOML file with the issuers whose tokens are exchanged for this server's [default: none are]
    #[arg(long, env = "CONFAB_HOST_ISSUERS", value_name = "FILE")]
    host_issuers: Option<PathBuf>,
    /// Whether pictures of hosts' people may be fetched from this machine, also without TLS: off or
    /// on. For tests only
    #[arg(long, env = "CONFAB_HOST_PICTURES_LOOPBACK", default_value = "off", action = ArgAction::Set, value_parser = values::switch)]
    host_pictures_loopback: bool,
    #[command(flatten)]
    pub(crate) sign_in: SignInSettings,
    #[command(flatten)]
    pub(crate) names: NamesSettings,
    /// Roles that accounts may have besides user, admin and those of the dialects that are served,
    /// separated by commas
    #[arg(long, env = "CONFAB_ACCOUNT_ROLES", default_value = "", hide_default_value = true, value_parser = values::roles)]
    account_roles: AccountRoles,
    /// Protocols of other servers that are served, separated by commas, or all or none: dialogs,
    /// events, minichat, flowchat, rooms; each may have a host name or a path to itself, as in
    /// rooms@chat.example.org,events@/events
    #[arg(long, env = "CONFAB_DIALECTS", default_value = "all", value_parser = values::dialects)]
    pub(crate) dialects: Dialects,
    /// Web pages that may call from a browser, besides this server's own, separated by commas
    #[arg(long, env = "CONFAB_ALLOWED_ORIGINS", default_value = "", hide_default_value = true, value_parser = values::origins)]
    allowed_origins: Origins,
    /// Seconds for which an access token is good
    #[arg(long, env = "CONFAB_ACCESS_TOKEN_LIFE", default_value = "600", value_parser = values::number(1..=86_400_u64))]
    access_token_life: u64,
    /// Days after which a session ends that is not used
    #[arg(long, env = "CONFAB_SESSION_DAYS", default_value = "30", value_parser = values::number(1..=3_650_u64))]
    session_days: u64,
    /// The cost of a password's hash, 4 to 31; one more takes twice as long
    #[arg(long, env = "CONFAB_BCRYPT_COST", default_value = "12", value_parser = values::number(4..=31_u32))]
    pub(crate) bcrypt_cost: u32,
    // Hashing keeps a processor busy for as long as it takes. The other half serves requests meanwhile, so that nobody
    // slows everybody down by signing in a hundred times.
    /// Threads that hash passwords [default: half the processors]
    #[arg(long, env = "CONFAB_BCRYPT_THREADS", default_value_t = (processors() / 2).max(1), hide_default_value = true, value_parser = values::number(1..=64_usize))]
    pub(crate) bcrypt_threads: usize,
    /// Threads that serve requests [default: the processors]
    #[arg(long, env = "CONFAB_WORKERS", default_value_t = processors(), hide_default_value = true, value_parser = values::number(1..=256_usize))]
    pub(crate) workers: usize,
    /// Whether there are limits to how often anybody may do something: on or off
    #[arg(long, env = "CONFAB_RATE_LIMITS", default_value = "on", action = ArgAction::Set, value_parser = values::switch)]
    pub(crate) rate_limits: bool,
    #[command(flatten)]
    pub(crate) limits: LimitSettings,
    /// Proxies in front of this server whose X-Forwarded-For is believed, 0 to 16
    #[arg(long, env = "CONFAB_TRUSTED_PROXIES", default_value = "0", value_parser = values::number(0..=16_usize))]
    pub(crate) trusted_proxies: usize,
    #[command(flatten)]
    pub(crate) push: PushSettings,
    /// What to log: error, warn, info, debug, or a filter like info,domain=debug
    #[arg(long, env = "CONFAB_LOG", default_value = "info")]
    pub(crate) log: String,
    /// How to log
    #[arg(long, env = "CONFAB_LOG_FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,
}

/// How to log.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// Who may make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Registration {
    /// Anybody
    Open,
    /// Whoever has an invitation, by the native API and the page
    Invite,
    /// Nobody but operators, by `confab user add`
    Closed,
}

impl From<Registration> for domain::session::Registration {
    fn from(setting: Registration) -> Self {
        match setting {
            Registration::Open => Self::Open,
            Registration::Invite => Self::Invite,
            Registration::Closed => Self::Closed,
        }
    }
}

/// Who needs a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SecondFactor {
    /// Nobody; whoever wants one turns it on
    Optional,
    /// Admins, for whatever takes an admin
    Admins,
}

impl From<SecondFactor> for SecondFactorPolicy {
    fn from(setting: SecondFactor) -> Self {
        match setting {
            SecondFactor::Optional => Self::Optional,
            SecondFactor::Admins => Self::Admins,
        }
    }
}

impl Settings {
    /// Checks what depends on several settings together.
    fn check(&self) -> Result<(), SettingsError> {
        let roles = self.roles();
        let unknown = self.directory.roles().find(|role| roles.find(role.as_str()).is_none());
        if let Some(role) = unknown {
            return Err(SettingsError::Value {
                setting: "CONFAB_DIRECTORY".to_owned(),
                given: format!("\"{role}\""),
                wanted: "a role that accounts may have (see CONFAB_ACCOUNT_ROLES)".to_owned(),
            });
        }
        let is_off = self.sign_in.passwords() == Passwords::Off;
        if is_off && self.second_factor == SecondFactor::Admins {
            return Err(SettingsError::Value {
                setting: "CONFAB_SECOND_FACTOR".to_owned(),
                given: "\"admins\"".to_owned(),
                wanted: "possible while CONFAB_PASSWORDS is off: a second factor is asked for \
                         beside a password, and without passwords it is for the identity provider \
                         to ask for one"
                    .to_owned(),
            });
        }
        self.media.place().map(drop)
    }

    /// Who may make an account, and how long one is signed in.
    pub(crate) fn session_policy(&self) -> SessionPolicy {
        const DAY: u64 = 86_400;
        SessionPolicy {
            registration: self.registration.map(Into::into),
            access_life: Duration::from_secs(self.access_token_life),
            session_life: Duration::from_secs(self.session_days * DAY),
            reserved: self.names.reserved(),
            second_factor: self.second_factor.into(),
            passwords: self.sign_in.passwords(),
            pictures: self.pictures(),
        }
    }

    /// The issuers whose tokens are accepted; none without a file.
    pub(crate) fn host_issuers(&self) -> Result<Vec<HostIssuer>, SettingsError> {
        let named = values::path_unless_empty(self.host_issuers.as_deref());
        let mut issuers = self.sign_in.with_own(named.map_or(Ok(Vec::new()), hosts::read)?)?;
        issuers.iter_mut().for_each(|issuer| issuer.pictures = self.pictures());
        Ok(issuers)
    }

    /// Where pictures of hosts' people may be fetched from.
    pub(crate) fn pictures(&self) -> Reach {
        if self.host_pictures_loopback { Reach::LoopbackToo } else { Reach::Public }
    }

    /// The data folder. It is created if it is missing, and only its owner may enter it.
    pub(crate) fn data_dir(&self) -> Result<&Path, SettingsError> {
        let failed = |source| SettingsError::DataFolder {
            folder: self.data_dir.display().to_string(),
            source,
        };
        make_private_folder(&self.data_dir).map_err(failed)?;
        Ok(&self.data_dir)
    }

    /// The URL of the database. The default needs the data folder, which is created for it.
    pub(crate) fn database_url(&self) -> Result<String, SettingsError> {
        match &self.database_url {
            Some(url) => Ok(url.clone()),
            None => Ok(format!("sqlite:{}", self.data_dir()?.join("confab.db").display())),
        }
    }

    /// The files that an SQLite database may have; none for PostgreSQL. They need not exist.
    pub(crate) fn database_files(&self) -> Result<Vec<PathBuf>, SettingsError> {
        let url = self.database_url()?;
        let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"));
        let files = |path| ["", "-wal", "-shm"].map(|end| PathBuf::from(format!("{path}{end}")));
        Ok(path.map(files).map(Vec::from).unwrap_or_default())
    }

    /// The Redis that connects several nodes; `None` if this node is alone.
    pub(crate) fn redis_url(&self) -> Option<&str> {
        values::unless_empty(self.redis_url.as_deref())
    }

    /// The secret that tokens are signed with, if a setting gives it.
    pub(crate) fn secret_key(&self) -> Option<[u8; 32]> {
        self.secret_key.map(|Key(bytes)| bytes)
    }

    /// The roles that accounts may have: those of the setting, and those that the served dialects need.
    pub(crate) fn roles(&self) -> AccountRoles {
        let of_dialects = self.dialects.roles().filter_map(|word| RoleName::new(word).ok());
        self.account_roles.clone().and(of_dialects)
    }

    /// The origins of other web pages that may call.
    pub(crate) fn allowed_origins(&self) -> &[String] {
        &self.allowed_origins.0
    }
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

#[cfg(test)]
mod tests;
