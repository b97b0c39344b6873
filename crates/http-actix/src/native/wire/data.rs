//! What hosts keep with people, chats and messages.

use domain::data::Data;
use serde_json::Value;

/// The object, which was checked before it was kept.
pub(super) fn data_of(data: Option<&Data>) -> Option<Value> {
    serde_json::from_str(data?.as_str()).ok()
}
