//! People and their profiles.

use super::{Peer, data_of, external_id, rfc_3339};
use domain::data::Data;
use domain::directory;
use domain::presence::Visible;
use domain::{block, user};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// A search for people.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct UserQuery {
    /// What the user name, or the first and last name, must contain, in any case.
    pub(crate) q: Option<String>,
    /// The `next` of the page before.
    pub(crate) cursor: Option<String>,
    /// 1 to 200; 50 unless given.
    pub(crate) limit: Option<usize>,
}

/// What you want to say about yourself. What is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProfileUpdate {
    /// Up to 150 visible characters.
    first_name: Option<String>,
    /// Up to 150 visible characters.
    last_name: Option<String>,
    /// Up to 1,000 characters.
    bio: Option<String>,
    /// Up to 254 characters. Only you and admins see it.
    #[schema(example = "ada@example.org")]
    email: Option<String>,
}

impl ProfileUpdate {
    pub(crate) fn command(&self) -> user::UpdateProfile<'_> {
        user::UpdateProfile {
            name: None,
            first_name: self.first_name.as_deref(),
            last_name: self.last_name.as_deref(),
            bio: self.bio.as_deref(),
            email: self.email.as_deref(),
        }
    }
}

/// Somebody.
#[derive(Serialize, ToSchema)]
pub(crate) struct User {
    id: i64,
    /// What their host calls them; `null` if they are from none.
    external_id: Option<String>,
    /// `deleted user` for one that was deleted.
    username: String,
    /// `user`, `admin`, or a word of this installation.
    role: String,
    first_name: String,
    last_name: String,
    bio: String,
    created_at: String,
    /// Whether the account was deleted.
    deleted: bool,
    /// Whether they are connected; `null` if you share no chat.
    online: Option<bool>,
    /// When they last were; `null` if never, or if you share no chat.
    last_seen_at: Option<String>,
}

impl User {
    /// As far as the caller may see.
    pub(crate) fn new(user: &user::User, visible: &Visible) -> Self {
        let last_seen_at = user.last_seen_at.filter(|_| visible.shows_last_seen(user.id));
        Self {
            id: user.id.get(),
            external_id: external_id(user.external_id.as_ref()),
            username: user.name.to_string(),
            role: user.role.to_string(),
            first_name: user.profile.first_name.as_str().to_owned(),
            last_name: user.profile.last_name.as_str().to_owned(),
            bio: user.profile.bio.as_str().to_owned(),
            created_at: rfc_3339(user.created_at),
            deleted: user.deleted_at.is_some(),
            online: visible.of(user.id),
            last_seen_at: last_seen_at.map(rfc_3339),
        }
    }
}

/// Somebody, with what their host keeps with them.
#[derive(Serialize, ToSchema)]
pub(crate) struct Person {
    #[serde(flatten)]
    user: User,
    /// What their host keeps with them; `null` if there is nothing, or if you are neither they nor a key of that host.
    #[schema(value_type = Option<Object>)]
    data: Option<Value>,
}

impl Person {
    pub(crate) fn new(user: User, data: Option<&Data>) -> Self {
        Self { user, data: data_of(data) }
    }
}

/// You.
#[derive(Serialize, ToSchema)]
pub(crate) struct Me {
    #[serde(flatten)]
    user: User,
    /// What your host keeps with you; `null` if there is nothing. Only you and its keys see it.
    #[schema(value_type = Option<Object>)]
    data: Option<Value>,
    /// Empty if you gave none. Only you and admins see it.
    email: String,
    /// Whether your second factor is on.
    second_factor: bool,
    finds: Finds,
}

/// Whom you find: everybody, those who share a chat with you, or nobody.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Finds {
    Everybody,
    Shared,
    Nobody,
}

impl From<directory::Finding> for Finds {
    fn from(finding: directory::Finding) -> Self {
        match finding {
            directory::Finding::Everybody => Self::Everybody,
            directory::Finding::Shared => Self::Shared,
            directory::Finding::Nobody => Self::Nobody,
        }
    }
}

impl Me {
    pub(crate) fn new(
        account: &user::Account,
        data: Option<&Data>,
        visible: &Visible,
        (second_factor, finds): (bool, directory::Finding),
    ) -> Self {
        let (email, data) = (account.email.as_str().to_owned(), data_of(data));
        let (user, finds) = (User::new(&account.user, visible), finds.into());
        Self { user, data, email, second_factor, finds }
    }
}

/// Somebody whom you have blocked.
#[derive(Serialize, ToSchema)]
pub(crate) struct Block {
    user: Peer,
    since: String,
}

impl From<&block::Block> for Block {
    fn from(block: &block::Block) -> Self {
        Self { user: Peer::from(&block.user), since: rfc_3339(block.since) }
    }
}
