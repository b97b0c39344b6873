//! Invitations: links with which people can register where registration is not open.
//!
//! The code in a link is random, and shown once, when an admin creates it; only its hash is stored.

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

/// The hash by which an invitation is found, given its code.
pub(crate) fn hash(signer: &dyn TokenSigner, code: &str) -> [u8; 32] {
    signer.digest(&[b"invite", code.trim().as_bytes()].concat())
}
