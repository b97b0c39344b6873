//! `confab key`: service keys, from the command line.

use crate::composition::assemble_access;
use crate::error::BoxError;
use crate::settings::Settings;
use crate::user_admin::{date, explain, print};
use clap::Subcommand;
use domain::admin::Actor;
use domain::ids::SessionId;
use domain::service_key::{AddKey, ServiceKeys};

#[derive(Subcommand)]
pub(crate) enum KeyCommand {
    /// Add a service key, and print it: nobody can be told it again. A name that has a key gets one more.
    Add {
        /// The name of its account, which is made for it.
        name: String,
        /// What it may do: scopes with commas between them, as docs/scopes.md lists them.
        #[arg(long)]
        scopes: String,
        /// The issuer of the host whose ids it uses.
        #[arg(long)]
        issuer: String,
        /// How many requests it may make in a second; 100 unless this says otherwise.
        #[arg(long)]
        rate: Option<u32>,
    },
    /// List the service keys, a line each: id, name, scopes, issuer, rate, when it was made, when it was used.
    List,
    /// Revoke the service keys of a name. Their account stays.
    Revoke {
        /// The name.
        name: String,
        /// Only the one of this id.
        #[arg(long)]
        id: Option<String>,
    },
}

/// Runs a command and prints what it did.
pub(crate) async fn run(settings: &Settings, command: KeyCommand) -> Result<(), BoxError> {
    let (_, keys) = assemble_access(settings).await?;
    match command {
        KeyCommand::Add { name, scopes, issuer, rate } => {
            let wanted = AddKey { name: &name, scopes: &scopes, issuer: &issuer, rate };
            let added = keys.add(Actor::OPERATOR, wanted).await.map_err(explain)?;
            print(added.token.reveal())
        }
        KeyCommand::List => list(&keys).await,
        KeyCommand::Revoke { name, id } => {
            let id = id.map(|id| id.parse::<SessionId>()).transpose()?;
            let revoked = keys.revoke(Actor::OPERATOR, &name, id).await.map_err(explain)?;
            let ids: Vec<_> = revoked.iter().map(SessionId::to_string).collect();
            print(&format!("revoked the service key {} of {name}", ids.join(", ")))
        }
    }
}

async fn list(keys: &ServiceKeys) -> Result<(), BoxError> {
    for key in keys.list(Actor::OPERATOR).await? {
        let made = date(key.created_at.as_micros());
        // The time of the last use begins as that of the creation.
        let used = if key.used_at == key.created_at {
            "never".to_owned()
        } else {
            date(key.used_at.as_micros())
        };
        let (id, name, scopes, issuer) = (key.session, key.name, key.scopes, key.issuer.as_str());
        let rate = key.rate.per_second();
        print(&format!("{id}\t{name}\t{scopes}\t{issuer}\t{rate}\t{made}\t{used}"))?;
    }
    Ok(())
}
