//! The command line.

use crate::config::{RawSettings, Settings};
use crate::error::BoxError;
use crate::{healthcheck, serve, telemetry, user_admin, wire};
use clap::{Parser, Subcommand, ValueEnum};
use tokio::runtime::{Builder, Runtime};

/// A chat server. Without a command it serves.
///
/// Every setting can be a flag, an environment variable or a line in a TOML file, in this order of
/// precedence.
#[derive(Parser)]
#[command(name = "confab", version)]
pub(crate) struct CommandLine {
    #[command(flatten)]
    settings: RawSettings,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve until SIGTERM or SIGINT.
    Serve,
    /// Manage accounts.
    #[command(subcommand)]
    User(UserCommand),
    /// Bring the database's tables up to date, and end. Serving does so too.
    Migrate,
    /// Ask the server at the listening address whether it is ready; the exit code tells.
    Healthcheck,
    /// Print the description of the API (OpenAPI, as JSON).
    Openapi,
}

/// What an account may do.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum RoleArgument {
    /// Chats.
    User,
    /// Manages accounts too.
    Admin,
}

#[derive(Subcommand)]
pub(crate) enum UserCommand {
    /// Make an account.
    Add {
        /// Its name.
        name: String,
        /// What it may do.
        #[arg(long, value_enum, default_value = "user")]
        role: RoleArgument,
        /// Read the password from standard input, up to the end of the line.
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Set an account's password, and end its sessions.
    SetPassword {
        /// Its name.
        name: String,
        /// Read the password from standard input, up to the end of the line.
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Disable an account, and end its sessions.
    Disable {
        /// Its name.
        name: String,
    },
    /// Enable an account again.
    Enable {
        /// Its name.
        name: String,
    },
}

/// Runs a command to its end.
pub(crate) fn run(line: CommandLine) -> Result<(), BoxError> {
    if let Some(Command::Openapi) = line.command {
        return print_openapi();
    }
    let settings = Settings::from_raw(line.settings)?;
    telemetry::start(&settings.log, settings.log_format)?;
    match line.command {
        None | Some(Command::Serve) => runtime()?.block_on(serve::serve(settings)),
        Some(Command::User(command)) => runtime()?.block_on(user_admin::run(&settings, command)),
        Some(Command::Migrate) => runtime()?.block_on(wire::migrate(&settings)),
        Some(Command::Healthcheck) => healthcheck::check(settings.listen),
        Some(Command::Openapi) => Ok(()),
    }
}

fn runtime() -> Result<Runtime, BoxError> {
    Ok(Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}

fn print_openapi() -> Result<(), BoxError> {
    let description = http_actix::serve::describe();
    #[expect(clippy::print_stdout, reason = "it is what was asked for")]
    {
        println!("{}", serde_json::to_string_pretty(&description)?);
    }
    Ok(())
}
