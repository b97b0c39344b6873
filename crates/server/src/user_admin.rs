//! `confab user`: administration of accounts from the command line.

use crate::composition::assemble_admin;
use crate::error::BoxError;
use crate::settings::Settings;
use clap::Subcommand;
use domain::admin::{AccountQuery, AccountUpdate, Actor, Administration};
use domain::failure::Failure;
use domain::ids::UserId;
use domain::limits::PAGE_MAX;
use domain::own_data::LeftMessages;
use domain::user::{Account, AddUser, UpdateProfile};
use std::io::{self, BufRead, Write};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

#[derive(Subcommand)]
pub(crate) enum UserCommand {
    /// Make an account.
    Add {
        /// Its name.
        name: String,
        /// What it may do: user, admin, or a role of the setting account-roles.
        #[arg(long, default_value = "user")]
        role: String,
        /// Its e-mail address, by which it signs in too where a dialect does so.
        #[arg(long, default_value = "")]
        email: String,
        /// Read the password from standard input, up to the end of the line.
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// List the accounts, a line each: id, name, role, whether it is active, when it was made.
    List {
        /// Only those whose name contains this.
        query: Option<String>,
    },
    /// Show an account.
    Show {
        /// Its name.
        name: String,
    },
    /// Give an account a role.
    SetRole {
        /// Its name.
        name: String,
        /// user, admin, or a role of the setting account-roles.
        role: String,
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
    /// Turn an account's second factor off, whose owner has lost it.
    TurnOffSecondFactor {
        /// Its name.
        name: String,
    },
    /// End an account's sessions.
    EndSessions {
        /// Its name.
        name: String,
    },
    /// Delete an account for ever. A server that runs beside this, or the next one, finishes what
    /// the account left in chats.
    Delete {
        /// Its name.
        name: String,
        /// Make its messages tombstones; otherwise they stay, as those of a deleted user.
        #[arg(long)]
        with_messages: bool,
    },
}

/// The actor of these commands: somebody who can run the binary with access to the database.
const OPERATOR: Actor = Actor::OPERATOR;

/// Runs a command and prints what it did. It works on the database directly, whether or not a server runs.
pub(crate) async fn run(settings: &Settings, command: UserCommand) -> Result<(), BoxError> {
    let (admin, own) = assemble_admin(settings).await?;
    let done = match command {
        UserCommand::Add { name, role, email, password_stdin: _ } => {
            let password = read_password()?;
            let profile = UpdateProfile { email: Some(&email), ..UpdateProfile::default() };
            let command = AddUser { profile, ..AddUser::new(&name, &password) };
            let user = admin.add_user(OPERATOR, command, &role).await.map_err(explain)?;
            format!("added {} with the id {}", user.name, user.id)
        }
        UserCommand::List { query } => return list(&admin, &query.unwrap_or_default()).await,
        UserCommand::Show { name } => shown(&find(&admin, &name).await?),
        UserCommand::SetRole { name, role } => {
            let update = AccountUpdate { role: Some(&role), ..AccountUpdate::default() };
            change(&admin, &name, update).await?;
            format!("{name} is now {role}")
        }
        UserCommand::SetPassword { name, password_stdin: _ } => {
            let (id, password) = (find_id(&admin, &name).await?, read_password()?);
            admin.set_password(OPERATOR, id, &password).await.map_err(explain)?;
            format!("set the password of {name} and ended its sessions")
        }
        UserCommand::Disable { name } => {
            let update = AccountUpdate { active: Some(false), ..AccountUpdate::default() };
            change(&admin, &name, update).await?;
            format!("disabled {name} and ended its sessions")
        }
        UserCommand::Enable { name } => {
            let update = AccountUpdate { active: Some(true), ..AccountUpdate::default() };
            change(&admin, &name, update).await?;
            format!("enabled {name}")
        }
        UserCommand::TurnOffSecondFactor { name } => {
            let id = find_id(&admin, &name).await?;
            admin.turn_off_second_factor(id).await.map_err(explain)?;
            format!("turned the second factor of {name} off")
        }
        UserCommand::EndSessions { name } => {
            let id = find_id(&admin, &name).await?;
            admin.end_sessions(OPERATOR, id).await.map_err(explain)?;
            format!("ended the sessions of {name}")
        }
        UserCommand::Delete { name, with_messages } => {
            let messages = if with_messages { LeftMessages::Delete } else { LeftMessages::Keep };
            let id = find_id(&admin, &name).await?;
            own.delete_other(OPERATOR, id, messages).await.map_err(explain)?;
            format!("deleted {name}")
        }
    };
    print(&done)
}

async fn find(admin: &Administration, name: &str) -> Result<Account, BoxError> {
    admin.user_by_name(OPERATOR, name).await.map_err(explain)
}

async fn find_id(admin: &Administration, name: &str) -> Result<UserId, BoxError> {
    Ok(find(admin, name).await?.user.id)
}

async fn change(
    admin: &Administration,
    name: &str,
    update: AccountUpdate<'_>,
) -> Result<(), BoxError> {
    let id = find_id(admin, name).await?;
    admin.update_user(OPERATOR, id, update).await.map(drop).map_err(explain)
}

/// Prints all accounts, page by page, so that any number takes little memory.
async fn list(admin: &Administration, typed: &str) -> Result<(), BoxError> {
    let mut after = None;
    loop {
        let query = AccountQuery { after, limit: PAGE_MAX, ..AccountQuery::default() };
        let page = admin.users(OPERATOR, typed, query).await.map_err(explain)?;
        for account in &page.accounts {
            let user = &account.user;
            let active = if user.active { "active" } else { "disabled" };
            let made = date(user.created_at.as_micros());
            print(&format!("{}\t{}\t{}\t{active}\t{made}", user.id, user.name, user.role))?;
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

fn shown(account: &Account) -> String {
    let Account { user, email } = account;
    let seen = user.last_seen_at.map(|at| date(at.as_micros()));
    let lines = [
        ("id", user.id.to_string()),
        ("name", user.name.to_string()),
        ("role", user.role.to_string()),
        ("active", if user.active { "yes" } else { "no" }.to_owned()),
        ("first name", user.profile.first_name.as_str().to_owned()),
        ("last name", user.profile.last_name.as_str().to_owned()),
        ("e-mail", email.as_str().to_owned()),
        ("made", date(user.created_at.as_micros())),
        ("last seen", seen.unwrap_or_else(|| "never".to_owned())),
    ];
    lines.map(|(name, value)| format!("{name}: {value}")).join("\n")
}

/// A time in microseconds since 1970, in UTC and to the second as RFC 3339 writes it.
pub(crate) fn date(micros: i64) -> String {
    let moment = OffsetDateTime::from_unix_timestamp(micros.div_euclid(1_000_000));
    moment.ok().and_then(|moment| moment.format(&Rfc3339).ok()).unwrap_or_default()
}

/// Prints a line. If the pipe was closed, perhaps by `head`, the rest is dropped without an error.
pub(crate) fn print(line: &str) -> Result<(), BoxError> {
    match writeln!(io::stdout(), "{line}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// A failure as one line: the sentences of all fields, or that of the whole.
pub(crate) fn explain(error: impl Into<Failure>) -> BoxError {
    let failure = error.into();
    let fields: Vec<_> = failure.fields.into_iter().map(|field| field.detail).collect();
    if fields.is_empty() { failure.detail.into() } else { fields.join(" ").into() }
}

/// A password is never an argument, which other users of the machine could see in the list of processes.
fn read_password() -> Result<String, BoxError> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err("no password came from standard input".into());
    }
    Ok(password.to_owned())
}
