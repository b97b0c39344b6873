//! Data that a host stores with people, chats and messages: a JSON object that this server shows but never
//! interprets.

mod json;
mod patch;

pub use patch::DataPatch;

use crate::failure::Failure;
use crate::limits;
use json::Json;

/// A JSON object of at most [`limits::DATA_BYTES`] bytes and [`limits::DATA_DEPTH`] levels, written without
/// white space and with sorted keys, so that objects with the same content are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Data(String);

impl Data {
    /// For adapters: data that was checked before it was stored.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// Its JSON.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its JSON, owned.
    pub fn into_string(self) -> String {
        self.0
    }

    /// What it says in words: its texts, without the names of its members, one after the other. It is found by them
    /// where somebody asks for that, and only there.
    pub fn texts(&self) -> String {
        // What is stored was read before, so it can be read again.
        let Ok(json) = Json::parse(&self.0) else { return String::new() };
        let mut texts = Vec::new();
        json.collect_texts(&mut texts);
        texts.join("\n")
    }

    fn written(json: &Json) -> Result<Self, DataError> {
        let text = json.to_string();
        if text.len() > limits::DATA_BYTES { Err(DataError::TooLong) } else { Ok(Self(text)) }
    }
}

/// Why data is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DataError {
    /// It is neither a JSON object nor, where that removes data, `null`.
    #[error("data is a JSON object; null takes it away.")]
    NotAnObject,
    /// It is too long, or would be after patching.
    #[error("data has {} bytes at most, written as JSON without white space.", limits::DATA_BYTES)]
    TooLong,
    /// Objects and lists are nested too deeply.
    #[error("data has {} levels of objects and lists at most.", limits::DATA_DEPTH)]
    TooDeep,
}

impl DataError {
    /// The code, for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotAnObject => "data_not_an_object",
            Self::TooLong => "data_too_long",
            Self::TooDeep => "data_too_deep",
        }
    }
}

impl From<DataError> for Failure {
    fn from(error: DataError) -> Self {
        Self::field("data", error.code(), error)
    }
}
