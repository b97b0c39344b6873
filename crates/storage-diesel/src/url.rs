//! Which database a URL names.

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
        // Each connection to a database in memory would see one of its own, and `file:` and `?`
        // would be read as SQLite's options instead of a name.
        if path.is_empty() || path.starts_with([':', '?']) || path.starts_with("file:") {
            return Err(OpenError::SqlitePath);
        }
        Ok(Self::Sqlite(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_file_or_a_server() {
        let sqlite = |url| Target::parse(url).expect("a good URL");
        assert_eq!(sqlite("sqlite://data/confab.db"), Target::Sqlite("data/confab.db"));
        assert_eq!(sqlite("sqlite:///var/confab.db"), Target::Sqlite("/var/confab.db"));
        assert_eq!(sqlite("sqlite:confab.db"), Target::Sqlite("confab.db"));
        for url in ["postgres://h/db", "postgresql://u@h:1/db"] {
            assert_eq!(Target::parse(url).expect("a good URL"), Target::Postgres(url));
        }
    }

    #[test]
    fn anything_else_is_refused_by_the_settings_name() {
        for url in ["", "confab.db", "mysql://h/db", "sqlite:", "sqlite::memory:", "Postgres://h"] {
            let error = Target::parse(url).expect_err(url).to_string();
            assert!(error.contains("DATABASE_URL"), "{url}: {error}");
        }
    }
}
