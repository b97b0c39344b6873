//! People of a host, whom its backend brings in.

use super::given;
use domain::data::DataPatch;
use domain::failure::Failure;
use domain::host::{Brought, BroughtIn, ExternalId, HostSays};
use http_core::problem::Problem;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// What your host says of somebody. What is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HostPersonUpdate {
    /// Up to 150 visible characters. If somebody has the name, a number is put behind it.
    #[schema(example = "Ada")]
    username: Option<String>,
    /// Up to 254 characters. Only they and admins see it.
    #[schema(example = "ada@example.org")]
    email: Option<String>,
    /// The `https` address of a picture, which is fetched in the background and becomes their avatar: 2,048 characters
    /// and 5 MiB at most.
    #[schema(example = "https://shop.example.org/people/17.png")]
    picture: Option<String>,
    /// Merged into the data that you keep with them, as JSON Merge Patch (RFC 7396) says: an object of 4,096 bytes at
    /// most; `null` takes it away. Only they and your keys see it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Object>)]
    data: Option<Value>,
}

impl HostPersonUpdate {
    pub(crate) fn said(self, id: ExternalId) -> Result<HostSays, Problem> {
        let Self { username: name, email, picture, data } = self;
        Ok(HostSays { id, name, email, picture, data: patch(data)? })
    }
}

fn patch(data: Option<Value>) -> Result<Option<DataPatch>, Problem> {
    let patch = data.map(|data| DataPatch::parse(&data.to_string())).transpose();
    patch.map_err(|why| Failure::from(why).into())
}

/// A line about somebody.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HostPersonLine {
    /// What your host calls them, without `ext:`: 1 to 255 characters.
    #[schema(example = "17")]
    pub(crate) external_id: String,
    /// Up to 150 visible characters. If somebody has the name, a number is put behind it.
    #[schema(example = "Ada")]
    pub(crate) username: Option<String>,
    /// Up to 254 characters. Only they and admins see it.
    #[schema(example = "ada@example.org")]
    pub(crate) email: Option<String>,
    /// The `https` address of a picture, which becomes their avatar.
    #[schema(example = "https://shop.example.org/people/17.png")]
    picture: Option<String>,
    /// Merged into the data that you keep with them; `null` takes it away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Object>)]
    data: Option<Value>,
}

impl HostPersonLine {
    pub(crate) fn said(self, id: ExternalId) -> Result<HostSays, Problem> {
        let Self { username: name, email, picture, data, .. } = self;
        Ok(HostSays { id, name, email, picture, data: patch(data)? })
    }
}

/// What became of a line.
#[derive(Serialize, ToSchema)]
pub(crate) struct HostPersonOutcome {
    /// Which line, from 1.
    line: usize,
    /// What your host calls them; `null` if the line was refused.
    external_id: Option<String>,
    /// Their number here; `null` if the line was refused.
    id: Option<i64>,
    /// Their name here; `null` if the line was refused.
    username: Option<String>,
    /// `added`, `changed`, `unchanged` or `refused`.
    outcome: &'static str,
    /// Why it was refused.
    error: Option<Problem>,
}

impl HostPersonOutcome {
    pub(crate) fn new(line: usize, outcome: Result<(ExternalId, BroughtIn), Problem>) -> Self {
        match outcome {
            Ok((external_id, BroughtIn { user, what })) => Self {
                line,
                external_id: Some(external_id.as_str().to_owned()),
                id: Some(user.id.get()),
                username: Some(user.name.to_string()),
                outcome: match what {
                    Brought::Added => "added",
                    Brought::Changed => "changed",
                    Brought::Unchanged => "unchanged",
                },
                error: None,
            },
            Err(why) => Self {
                line,
                external_id: None,
                id: None,
                username: None,
                outcome: "refused",
                error: Some(why),
            },
        }
    }

    /// Adds it to an answer.
    pub(crate) fn write(&self, answer: &mut Vec<u8>) {
        answer.extend(serde_json::to_vec(self).unwrap_or_default());
        answer.push(b'\n');
    }
}
