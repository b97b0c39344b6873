//! Groups that a host's backend fills.

use super::{GivenId, MemberRole, PermissionsUpdate, given};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

/// How a group of your host is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HostChat {
    /// 1 to 200 visible characters.
    #[schema(example = "Order 1042")]
    pub(crate) title: String,
    /// Who is in it, and nobody else.
    pub(crate) members: Vec<HostMember>,
    /// Merged into the data that is there, as JSON Merge Patch (RFC 7396) says; `null` takes it away. Unless given,
    /// it stays.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Object>)]
    pub(crate) data: Option<Value>,
    /// What it is to let its people do.
    #[serde(default)]
    pub(crate) permissions: PermissionsUpdate,
}

/// Somebody who is to be in a group of your host.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HostMember {
    pub(crate) user_id: GivenId,
    /// What they may do. Unless given, whoever is in keeps their role, and whoever comes in is a plain member.
    #[serde(default)]
    pub(crate) role: Option<MemberRole>,
}

/// Who comes into a group of your host, and who goes. Everybody else stays as they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HostMembersChange {
    /// Who is to be in.
    #[serde(default)]
    pub(crate) members: Vec<HostMember>,
    /// Who is to be out. Whoever is not in does no harm.
    #[serde(default)]
    pub(crate) remove: Vec<GivenId>,
}
