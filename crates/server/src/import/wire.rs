//! The format of an import's lines.

use domain::clock::Timestamp;
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// One line.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Line {
    User {
        id: i64,
        username: String,
        password_hash: Option<String>,
        role: Option<String>,
        first_name: Option<String>,
        last_name: Option<String>,
        bio: Option<String>,
        email: Option<String>,
        #[serde(deserialize_with = "moment")]
        created_at: Timestamp,
        #[serde(default, deserialize_with = "maybe_moment")]
        last_seen_at: Option<Timestamp>,
        issuer: Option<String>,
        external_id: Option<String>,
        #[serde(default, deserialize_with = "json")]
        data: Option<String>,
    },
    Chat {
        id: i64,
        kind: String,
        title: Option<String>,
        description: Option<String>,
        #[serde(default)]
        open: bool,
        project_id: Option<i64>,
        #[serde(default)]
        members: Vec<i64>,
        owner: Option<i64>,
        #[serde(deserialize_with = "moment")]
        created_at: Timestamp,
        issuer: Option<String>,
        external_id: Option<String>,
        #[serde(default, deserialize_with = "json")]
        data: Option<String>,
    },
    Member {
        chat: i64,
        user: i64,
        role: Option<String>,
        #[serde(deserialize_with = "moment")]
        joined_at: Timestamp,
    },
    Message(MessageLine),
    Star {
        user: i64,
        message: i64,
    },
    Read {
        user: i64,
        message: i64,
    },
}

/// A message.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MessageLine {
    pub(super) id: i64,
    pub(super) chat: i64,
    pub(super) author: i64,
    pub(super) kind: Option<String>,
    pub(super) text: String,
    #[serde(default, deserialize_with = "json")]
    pub(super) data: Option<String>,
    pub(super) reply_to: Option<i64>,
    #[serde(deserialize_with = "moment")]
    pub(super) created_at: Timestamp,
    #[serde(default, deserialize_with = "maybe_moment")]
    pub(super) edited_at: Option<Timestamp>,
}

/// Any JSON, as its text.
fn json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<Value>::deserialize(deserializer)?.map(|value| value.to_string()))
}

fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    parse(&String::deserialize(deserializer)?)
}

fn maybe_moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    Option::<String>::deserialize(deserializer)?.map(|text| parse(&text)).transpose()
}

fn parse<E: de::Error>(text: &str) -> Result<Timestamp, E> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).map_err(E::custom)?;
    let micros = i64::try_from(moment.unix_timestamp_nanos() / 1_000).map_err(E::custom)?;
    Ok(Timestamp::from_micros(micros))
}
