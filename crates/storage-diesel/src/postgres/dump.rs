//! Backing up the database with PostgreSQL's `pg_dump`.

use crate::error::BackupError;
use crate::tls::Parts;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};
use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// Runs `pg_dump`, which takes a consistent snapshot.
pub(crate) async fn backup(url: &str, to: &Path) -> Result<(), BackupError> {
    let mut command = Command::new("pg_dump");
    command.arg("--format=custom").arg("--no-owner").arg("--file").arg(to);
    command.stdin(Stdio::null()).envs(environment(url)?);
    let run = move || match command.output() {
        Ok(done) if done.status.success() => Ok(()),
        Ok(done) => {
            let said = String::from_utf8_lossy(&done.stderr).trim().replace('\n', "; ");
            Err(BackupError::Program(said))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Err(BackupError::NoProgram),
        Err(error) => Err(BackupError::database(error)),
    };
    tokio::task::spawn_blocking(run).await.map_err(BackupError::database)?
}

/// The URL's parts as environment variables, because a process's arguments are visible to every user.
fn environment(url: &str) -> Result<Vec<(&'static str, String)>, BackupError> {
    let Parts { url, mode, root } = Parts::of(url);
    let config: Config = url.parse().map_err(BackupError::database)?;
    let host = config.get_hosts().first().map(|host| match host {
        Host::Tcp(name) => name.clone(),
        Host::Unix(folder) => folder.display().to_string(),
    });
    let password = config.get_password().map(|word| String::from_utf8_lossy(word).into_owned());
    let named = [
        ("PGHOST", host),
        ("PGPORT", config.get_ports().first().map(ToString::to_string)),
        ("PGUSER", config.get_user().map(str::to_owned)),
        ("PGPASSWORD", password),
        ("PGDATABASE", config.get_dbname().or(config.get_user()).map(str::to_owned)),
        ("PGSSLMODE", Some(mode.unwrap_or("disable").to_owned())),
        ("PGSSLROOTCERT", root.map(str::to_owned)),
    ];
    Ok(named.into_iter().filter_map(|(name, value)| Some((name, value?))).collect())
}
