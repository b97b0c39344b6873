//! The format of an import's lines.

use domain::clock::Timestamp;
use domain::ids::{ChatId, MessageId, NotAnId, UserId};
use domain::import::{ImportError, MessageRecord};
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
    id: i64,
    chat: i64,
    author: i64,
    kind: Option<String>,
    text: String,
    #[serde(default, deserialize_with = "json")]
    data: Option<String>,
    reply_to: Option<i64>,
    #[serde(deserialize_with = "moment")]
    created_at: Timestamp,
    #[serde(default, deserialize_with = "maybe_moment")]
    edited_at: Option<Timestamp>,
}

impl MessageLine {
    /// The message as it is imported.
    pub(super) fn record(&self) -> Result<(MessageId, MessageRecord<'_>), ImportError> {
        let record = MessageRecord {
            chat: id::<ChatId>(self.chat)?,
            author: id::<UserId>(self.author)?,
            kind: self.kind.as_deref(),
            text: &self.text,
            data: self.data.as_deref(),
            reply_to: self.reply_to.map(id::<MessageId>).transpose()?,
            created_at: self.created_at,
            edited_at: self.edited_at,
        };
        Ok((id(self.id)?, record))
    }
}

/// A number as an id, if it is in the range of ids.
pub(super) fn id<T: TryFrom<i64, Error = NotAnId>>(number: i64) -> Result<T, ImportError> {
    T::try_from(number).map_err(|error| ImportError::Rule(error.to_string()))
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
