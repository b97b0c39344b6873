//! Accounts, from the command line.

use crate::cli::{RoleArgument, UserCommand};
use crate::config::Settings;
use crate::error::BoxError;
use crate::wire::assemble_users;
use domain::failure::Failure;
use domain::user::{AccountRole, AddUser};
use std::io::{self, BufRead};

/// Runs one of the commands and says what it did.
pub(crate) async fn run(settings: &Settings, command: UserCommand) -> Result<(), BoxError> {
    let users = assemble_users(settings).await?;
    let done = match command {
        UserCommand::Add { name, role, password_stdin: _ } => {
            let role = match role {
                RoleArgument::User => AccountRole::User,
                RoleArgument::Admin => AccountRole::Admin,
            };
            let password = read_password()?;
            let command = AddUser { name: &name, password: &password, role };
            let user = users.add(command).await.map_err(explain)?;
            format!("added {} with the id {}", user.name, user.id)
        }
        UserCommand::SetPassword { name, password_stdin: _ } => {
            let password = read_password()?;
            users.set_password_by_name(&name, &password).await?;
            format!("set the password of {name} and ended its sessions")
        }
        UserCommand::Disable { name } => {
            users.set_active_by_name(&name, false).await.map_err(explain)?;
            format!("disabled {name} and ended its sessions")
        }
        UserCommand::Enable { name } => {
            users.set_active_by_name(&name, true).await.map_err(explain)?;
            format!("enabled {name}")
        }
    };
    #[expect(clippy::print_stdout, reason = "it is what the operator waits for")]
    {
        println!("{done}");
    }
    Ok(())
}

/// Every field's sentence, on one line.
fn explain(error: impl Into<Failure>) -> BoxError {
    let failure = error.into();
    let fields: Vec<_> = failure.fields.into_iter().map(|field| field.detail).collect();
    if fields.is_empty() { failure.detail.into() } else { fields.join(" ").into() }
}

fn read_password() -> Result<String, BoxError> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err("no password came from standard input".into());
    }
    Ok(password.to_owned())
}
