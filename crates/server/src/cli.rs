//! The command line.

use crate::error::BoxError;
use crate::invite_admin::{self, InviteCommand};
use crate::key_admin::{self, KeyCommand};
use crate::own_program::PROCESS_PICTURE;
use crate::settings::{self, Settings, SettingsError};
use crate::traces::Traces;
use crate::user_admin::{self, UserCommand};
use crate::{backup, composition, healthcheck, import, serve, telemetry};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::runtime::{Builder, Runtime};

/// A chat server. Without a command it serves.
///
/// Every setting can be a flag, an environment variable or a line in a TOML file, in this order of
/// precedence.
#[derive(Parser)]
#[command(name = "confab", version)]
struct CommandLine {
    #[command(flatten)]
    _settings: Settings,
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
    /// Manage invitations to make an account.
    #[command(subcommand)]
    Invite(InviteCommand),
    /// Manage service keys, by which the backend of a host calls.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Take over people, chats and messages of another server from lines of JSON.
    Import {
        /// The file; - is standard input.
        file: PathBuf,
    },
    /// Copy the database, the uploaded files and the secrets into a new folder, while the server runs.
    Backup {
        /// The folder to make.
        folder: PathBuf,
    },
    /// Bring the database's tables up to date, and end. Serving does so too.
    Migrate,
    /// Ask the server at the listening address whether it is ready; the exit code tells.
    Healthcheck,
    /// Print the description of the API (OpenAPI, as JSON).
    Openapi,
    /// Work on one picture; the server calls itself so.
    #[command(name = PROCESS_PICTURE, hide = true)]
    ProcessPicture { format: String, purpose: String },
}

/// Reads the command line and the settings, and runs the command to its end. `--help` and mistakes on the command
/// line end the process, as usual with clap.
pub(crate) fn run(words: impl IntoIterator<Item = OsString>) -> Result<ExitCode, BoxError> {
    let words: Vec<_> = words.into_iter().collect();
    let (settings, matches) = match settings::read(CommandLine::command(), &words) {
        Err(SettingsError::CommandLine(error)) => error.exit(),
        read => read?,
    };
    match CommandLine::from_arg_matches(&matches)?.command {
        None | Some(Command::Serve) => serve_traced(settings)?,
        Some(Command::Openapi) => print_openapi()?,
        Some(Command::ProcessPicture { format, purpose }) => {
            return Ok(composition::process_picture(&format, &purpose));
        }
        Some(command) => run_beside(&settings, command)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs a command that may run beside a server.
fn run_beside(settings: &Settings, command: Command) -> Result<(), BoxError> {
    telemetry::start(settings, None)?;
    match command {
        Command::User(command) => runtime()?.block_on(user_admin::run(settings, command)),
        Command::Invite(command) => runtime()?.block_on(invite_admin::run(settings, command)),
        Command::Key(command) => runtime()?.block_on(key_admin::run(settings, command)),
        Command::Import { file } => runtime()?.block_on(import::run(settings, &file)),
        Command::Backup { folder } => runtime()?.block_on(backup::run(settings, &folder)),
        Command::Migrate => runtime()?.block_on(composition::migrate(settings)),
        Command::Healthcheck => healthcheck::check(settings.listen),
        Command::Serve | Command::Openapi | Command::ProcessPicture { .. } => Ok(()),
    }
}

fn serve_traced(settings: Settings) -> Result<(), BoxError> {
    let runtime = runtime()?;
    let open = |url| Traces::open(url, settings.traces.traces_share, runtime.handle());
    let traces = settings.traces.traces_url.as_deref().map(open).transpose()?;
    telemetry::start(&settings, traces.as_ref())?;
    let served = runtime.block_on(serve::serve(settings));
    // Sending the last traces needs the runtime.
    if let Some(traces) = traces {
        traces.close();
    }
    served
}

fn runtime() -> Result<Runtime, BoxError> {
    Ok(Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}

fn print_openapi() -> Result<(), BoxError> {
    let description = http_actix::describe();
    #[expect(clippy::print_stdout, reason = "it is what was asked for")]
    {
        println!("{}", serde_json::to_string_pretty(&description)?);
    }
    Ok(())
}
