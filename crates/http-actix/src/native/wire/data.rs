//! What hosts keep with people, chats and messages.

use domain::data::Data;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The object, which was checked before it was kept.
pub(super) fn data_of(data: Option<&Data>) -> Option<Value> {
    serde_json::from_str(data?.as_str()).ok()
}

/// A patch that is there, even if it is `null`.
pub(super) fn given<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(value).map(Some)
}
