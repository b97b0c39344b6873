//! Parsing database URLs.

use crate::error::OpenError;

/// A database to open.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Target<'a> {
    /// The file at this path.
    Sqlite(&'a str),
    /// The server and database of this URL.
    Postgres(&'a str),
}

impl<'a> Target<'a> {
    pub(crate) fn parse(url: &'a str) -> Result<Self, OpenError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url));
        }
        let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"));
        let path = path.ok_or(OpenError::Url)?;
        // Refused: with a database in memory, each connection would have its own; and SQLite would interpret
        // `file:` and `?` as options.
        if path.is_empty() || path.starts_with([':', '?']) || path.starts_with("file:") {
            return Err(OpenError::SqlitePath);
        }
        Ok(Self::Sqlite(path))
    }
}
