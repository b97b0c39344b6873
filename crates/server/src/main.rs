//! `confab`: a chat server in one binary.

mod apis;
mod background_jobs;
mod backup;
mod cli;
mod composition;
mod descriptors;
mod error;
mod healthcheck;
mod import;
mod invite_admin;
mod job_steps;
mod key_admin;
mod metrics;
mod own_program;
mod private;
mod readiness;
mod secrets;
mod serve;
mod settings;
mod telemetry;
mod traces;
mod user_admin;

use std::process::ExitCode;

fn main() -> ExitCode {
    private::begin();
    match cli::run(std::env::args_os()) {
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
