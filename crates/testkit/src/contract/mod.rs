//! What every adapter must do, whatever database it uses.
//!
//! Each function tests one promise of a port's docs. They share nothing: each creates the people and chats it
//! needs, and expects that nobody else writes to the store. Nothing here sleeps, and no result depends on how
//! fast an adapter is. `suite.rs`, `suite_sign_ins.rs`, `suite_races.rs` and `suite_others.rs` list them all and
//! make tests of them.

mod expand;
mod fixtures;
mod suite;
mod suite_others;
mod suite_races;
mod suite_sign_ins;

pub mod addresses;
pub mod admin;
pub mod attaching;
pub mod bans_and_preferences;
pub mod blocks;
pub mod cancelled;
pub mod changes;
pub mod chat_lists;
pub mod chats;
pub mod consent;
pub mod data;
pub mod deleting;
pub mod directory;
pub mod edits;
pub mod external_ids;
pub mod files;
pub mod hasher;
pub mod horizons;
pub mod host_accounts;
pub mod host_pictures;
pub mod idempotency;
pub mod import;
pub mod invites;
pub mod lookups;
pub mod media;
pub mod members;
pub mod mentions;
pub mod message_search;
pub mod messages;
pub mod newest;
pub mod outside;
pub mod own_data;
pub mod pages;
pub mod people_search;
pub mod permissions;
pub mod pins;
pub mod presence;
pub mod profiles;
pub mod quotes;
pub mod racing;
pub mod reactions;
pub mod reading;
pub mod second_factors;
pub mod service_keys;
pub mod sessions;
pub mod set_up;
pub mod sign_ins;
pub mod signer;
pub mod silences;
pub mod stars;
pub mod subscriptions;
pub mod tickets;
pub mod users;
pub mod whispers;

use domain::admin::AdminStore;
use domain::block::BlockStore;
use domain::chat::{AddressStore, BanStore, ChatStore, MemberStore};
use domain::directory::TieStore;
use domain::host::{ExternalIdStore, HostAccountStore};
use domain::idempotency::IdempotencyStore;
use domain::import::ImportStore;
use domain::invite::InviteStore;
use domain::media::{HostPictureStore, MediaStore};
use domain::message::{MarkStore, MessageStore};
use domain::own_data::OwnDataStore;
use domain::push::SubscriptionStore;
use domain::second_factor::SecondFactorStore;
use domain::service_key::ServiceKeyStore;
use domain::session::{SessionStore, SetUpStore};
use domain::user::UserStore;
use std::sync::Arc;

/// The stores of one adapter, over one database.
#[derive(Clone)]
pub struct Stores {
    /// Accounts.
    pub users: Arc<dyn UserStore>,
    /// Sessions.
    pub sessions: Arc<dyn SessionStore>,
    /// Chats.
    pub chats: Arc<dyn ChatStore>,
    /// Chats that have an address.
    pub addresses: Arc<dyn AddressStore>,
    /// Who is banned from them.
    pub bans: Arc<dyn BanStore>,
    /// Their members.
    pub members: Arc<dyn MemberStore>,
    /// Messages.
    pub messages: Arc<dyn MessageStore>,
    /// Reactions, pins and stars.
    pub marks: Arc<dyn MarkStore>,
    /// Who has blocked whom.
    pub blocks: Arc<dyn BlockStore>,
    /// A user's own data, for its export and its deletion.
    pub own: Arc<dyn OwnDataStore>,
    /// Admins' changes, and the audit log.
    pub admin: Arc<dyn AdminStore>,
    /// Attachments and avatars; their contents are in the file store.
    pub media: Arc<dyn MediaStore>,
    /// Web Push subscriptions.
    pub subscriptions: Arc<dyn SubscriptionStore>,
    /// Importing other servers' data.
    pub import: Arc<dyn ImportStore>,
    /// Invitations to create an account.
    pub invites: Arc<dyn InviteStore>,
    /// Which host user each account belongs to.
    pub host_accounts: Arc<dyn HostAccountStore>,
    /// Pictures of hosts' people that are to be fetched.
    pub host_pictures: Arc<dyn HostPictureStore>,
    /// The ids that hosts give people and chats.
    pub external_ids: Arc<dyn ExternalIdStore>,
    /// Which people share chats.
    pub ties: Arc<dyn TieStore>,
    /// Whether the server has been set up.
    pub set_up: Arc<dyn SetUpStore>,
    /// Second factors.
    pub second_factors: Arc<dyn SecondFactorStore>,
    /// Service keys.
    pub service_keys: Arc<dyn ServiceKeyStore>,
    /// Requests that may be repeated.
    pub idempotency: Arc<dyn IdempotencyStore>,
}
