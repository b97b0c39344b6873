//! Invitations, from the command line.

use crate::composition::assemble_access;
use crate::error::BoxError;
use crate::settings::Settings;
use crate::user_admin::{date, explain, print};
use clap::Subcommand;
use domain::admin::Actor;
use domain::ids::InviteId;
use domain::invite::{Invites, MakeInvite};
use domain::limits::PAGE_MAX;

#[derive(Subcommand)]
pub(crate) enum InviteCommand {
    /// Make an invitation, and print its code, which nobody can be told again.
    Add {
        /// How many accounts can be made with it.
        #[arg(long, default_value_t = 1)]
        uses: u32,
        /// For how many days it is good.
        #[arg(long, default_value_t = 7)]
        days: u32,
        /// What it is for.
        #[arg(long, default_value = "")]
        note: String,
    },
    /// List the invitations, a line each: id, how many accounts were made, of how many, until when, note.
    List,
    /// Revoke an invitation. Accounts that were made with it stay.
    Revoke {
        /// Its id.
        id: String,
    },
}

/// Runs one of the commands, and prints what it did.
pub(crate) async fn run(settings: &Settings, command: InviteCommand) -> Result<(), BoxError> {
    let (invites, _) = assemble_access(settings).await?;
    match command {
        InviteCommand::Add { uses, days, note } => {
            let wanted = MakeInvite { uses, days, note: &note };
            let made = invites.make(Actor::OPERATOR, wanted).await.map_err(explain)?;
            print(&format!("/#/invite/{}", made.code))
        }
        InviteCommand::List => list(&invites).await,
        InviteCommand::Revoke { id } => {
            let id: InviteId = id.parse()?;
            invites.revoke(Actor::OPERATOR, id).await.map_err(explain)?;
            print(&format!("revoked the invitation {id}"))
        }
    }
}

async fn list(invites: &Invites) -> Result<(), BoxError> {
    let mut before = None;
    loop {
        let page = invites.list(Actor::OPERATOR, before, PAGE_MAX).await?;
        for invite in &page.invites {
            let (end, note) = (date(invite.expires_at.as_micros()), invite.note.as_str());
            print(&format!("{}\t{}\t{}\t{end}\t{note}", invite.id, invite.used, invite.uses))?;
        }
        before = page.invites.last().map(|invite| invite.id);
        if !page.more {
            return Ok(());
        }
    }
}
