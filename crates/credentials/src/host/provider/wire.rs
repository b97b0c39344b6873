//! What a provider answers.

use oauth2::ExtraTokenFields;
use serde::{Deserialize, Serialize};

/// What its answer to a code has besides the tokens of OAuth.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct IdToken {
    pub(super) id_token: Option<String>,
}

impl ExtraTokenFields for IdToken {}
