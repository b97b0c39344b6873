//! Invitations, as admins see and make them.

use super::rfc_3339;
use domain::ids::UserId;
use domain::invite;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An invitation that is wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewInvite {
    /// How many accounts can be made with it: 1 to 10,000; 1 unless given.
    uses: Option<u32>,
    /// For how many days it is good: 1 to 365; 7 unless given.
    days: Option<u32>,
    /// What it is for: up to 100 visible characters.
    note: Option<String>,
}

impl NewInvite {
    pub(crate) fn command(&self) -> invite::MakeInvite<'_> {
        const DAYS: u32 = 7;
        invite::MakeInvite {
            uses: self.uses.unwrap_or(1),
            days: self.days.unwrap_or(DAYS),
            note: self.note.as_deref().unwrap_or_default(),
        }
    }
}

/// An invitation.
#[derive(Serialize, ToSchema)]
pub(crate) struct Invite {
    id: i64,
    /// The admin; `null` for whoever runs the server.
    created_by: Option<i64>,
    created_at: String,
    /// From when on it lets nobody in.
    expires_at: String,
    /// How many accounts can be made with it.
    uses: u32,
    /// How many were.
    used: u32,
    /// What it is for, perhaps nothing.
    note: String,
}

impl From<&invite::Invite> for Invite {
    fn from(invite: &invite::Invite) -> Self {
        Self {
            id: invite.id.get(),
            created_by: invite.created_by.map(UserId::get),
            created_at: rfc_3339(invite.created_at),
            expires_at: rfc_3339(invite.expires_at),
            uses: invite.uses,
            used: invite.used,
            note: invite.note.as_str().to_owned(),
        }
    }
}

/// An invitation that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeInvite {
    #[serde(flatten)]
    invite: Invite,
    /// What lets people in, as `invite` of a registration or behind `/#/invite/` of the page. It is told once.
    code: String,
}

impl From<&invite::MadeInvite> for MadeInvite {
    fn from(made: &invite::MadeInvite) -> Self {
        Self { invite: Invite::from(&made.invite), code: made.code.clone() }
    }
}
