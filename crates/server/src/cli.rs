//! The command line.

use crate::config::{RawSettings, Settings};
use crate::error::BoxError;
use crate::traces::Traces;
use crate::user_admin::{self, UserCommand};
use crate::wire::PROCESS_PICTURE;
use crate::{backup, healthcheck, import, serve, telemetry, wire};
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
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

/// Runs a command to its end.
pub(crate) fn run(line: CommandLine) -> Result<ExitCode, BoxError> {
    match &line.command {
        Some(Command::Openapi) => print_openapi().map(|()| ExitCode::SUCCESS),
        Some(Command::ProcessPicture { format, purpose }) => {
            Ok(wire::process_picture(format, purpose))
        }
        _ => run_with_settings(line).map(|()| ExitCode::SUCCESS),
    }
}

fn run_with_settings(line: CommandLine) -> Result<(), BoxError> {
    let settings = Settings::from_raw(line.settings)?;
    if let None | Some(Command::Serve) = line.command {
        return serve_traced(settings);
    }
    telemetry::start(&settings, None)?;
    match line.command {
        Some(Command::User(command)) => runtime()?.block_on(user_admin::run(&settings, command)),
        Some(Command::Import { file }) => runtime()?.block_on(import::run(&settings, &file)),
        Some(Command::Backup { folder }) => runtime()?.block_on(backup::run(&settings, &folder)),
        Some(Command::Migrate) => runtime()?.block_on(wire::migrate(&settings)),
        Some(Command::Healthcheck) => healthcheck::check(settings.listen),
        None | Some(Command::Serve | Command::Openapi | Command::ProcessPicture { .. }) => Ok(()),
    }
}

fn serve_traced(settings: Settings) -> Result<(), BoxError> {
    let runtime = runtime()?;
    let open = |settings| Traces::open(settings, runtime.handle());
    let traces = settings.traces.as_ref().map(open).transpose()?;
    telemetry::start(&settings, traces.as_ref())?;
    let served = runtime.block_on(serve::serve(settings));
    // The runtime is still there to send them.
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
