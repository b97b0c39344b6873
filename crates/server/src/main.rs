//! `confab`: a chat server in one binary.

mod apis;
mod background_jobs;
mod backup;
mod cli;
mod config;
mod error;
mod healthcheck;
mod import;
mod metrics;
mod secrets;
mod serve;
mod telemetry;
mod traces;
mod user_admin;
mod wire;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let command_line = cli::CommandLine::parse();
    match cli::run(command_line) {
        Ok(code) => code,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "this is where an operator looks")]
            {
                eprintln!("confab: {}", error::one_line(&*error));
            }
            ExitCode::FAILURE
        }
    }
}
