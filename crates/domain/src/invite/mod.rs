//! Invitations: links by which people make accounts where registration is not open.
//!
//! The code in a link is random and shown once, when an admin makes it; only its hash is kept.

mod entities;
mod manage;
mod port;

pub use entities::{Invite, InviteNote, InviteRefusal, NewInvite};
pub use manage::{
    InvitePorts, Invites, MadeInvite, MakeInvite, MakeInviteError, RevokeInviteError,
};
#[cfg(feature = "mocks")]
pub use port::MockInviteStore;
pub use port::{InvitePage, InviteStore};

use crate::session::TokenSigner;

/// What an invitation is known by whose code somebody shows.
pub(crate) fn hash(signer: &dyn TokenSigner, code: &str) -> [u8; 32] {
    signer.digest(&[b"invite", code.trim().as_bytes()].concat())
}
