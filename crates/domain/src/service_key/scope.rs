//! Scopes: what a service key may do.

use std::fmt;

macro_rules! scopes {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)+) => {
        /// One thing that a key may do. `docs/scopes.md` says which routes each opens.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Scope { $($(#[$doc])* $name,)+ }

        impl Scope {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Its word, everywhere.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }
        }
    };
}

scopes! {
    /// Read accounts, profiles and blocks.
    PeopleRead = "people:read",
    /// Change a profile and a picture, block and unblock.
    PeopleWrite = "people:write",
    /// Read chats, their members and bans.
    ChatsRead = "chats:read",
    /// Make, change and delete chats, and say who is in them.
    ChatsWrite = "chats:write",
    /// Read and search messages.
    MessagesRead = "messages:read",
    /// Send, change and mark messages.
    MessagesWrite = "messages:write",
    /// Read files.
    MediaRead = "media:read",
    /// Upload files.
    MediaWrite = "media:write",
    /// Make, change and delete the chats of projects.
    ProjectsWrite = "projects:write",
    /// Read what only admins may.
    AdminRead = "admin:read",
    /// Change what only admins may.
    AdminWrite = "admin:write",
    /// Call as somebody else.
    ActAs = "act_as",
    /// See whispers, in whatever else the key may read.
    WhispersRead = "whispers:read",
    /// Read every chat, with what the key may read.
    AllChatsRead = "all_chats:read",
    /// Moderate every chat, with what the key may change, and read it.
    AllChatsWrite = "all_chats:write",
}

impl Scope {
    /// The scope with that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scope| scope.as_str() == word)
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scopes(u16);

/// Why words are not scopes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScopesError {
    /// There is none.
    #[error("A key needs one scope at least.")]
    Empty,
    /// One of them is not a scope.
    #[error("{0:?} is no scope; there are {known}.", known = Scopes::ALL)]
    Unknown(String),
}

impl Scopes {
    /// Every scope.
    pub const ALL: Self = Self((1 << Scope::ALL.len()) - 1);

    /// Parses words separated by commas; at least one.
    pub fn parse(typed: &str) -> Result<Self, ScopesError> {
        let mut bits = 0;
        for word in typed.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            let scope = Scope::parse(word);
            bits |= scope.ok_or_else(|| ScopesError::Unknown(word.to_owned()))?.bit();
        }
        if bits == 0 { Err(ScopesError::Empty) } else { Ok(Self(bits)) }
    }

    /// For adapters: scopes that were stored. Unknown ones, which a later version may have stored, are ignored.
    pub fn stored(written: &str) -> Self {
        let known = written.split(',').filter_map(Scope::parse);
        Self(known.fold(0, |all, scope| all | scope.bit()))
    }

    /// Whether the set contains this scope.
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.iter().copied().filter(move |scope| self.contains(*scope))
    }
}

impl fmt::Display for Scopes {
    /// The words, separated by commas.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, scope) in self.iter().enumerate() {
            let comma = if nth == 0 { "" } else { "," };
            write!(f, "{comma}{scope}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_as_they_are_written() {
        for scope in Scope::ALL {
            assert_eq!(Scope::parse(scope.as_str()), Some(*scope));
            let alone = Scopes::parse(scope.as_str()).unwrap();
            assert_eq!(alone.iter().collect::<Vec<_>>(), [*scope]);
        }
        let two = Scopes::parse(" act_as, people:read,,act_as ").unwrap();
        assert_eq!(two.to_string(), "people:read,act_as");
        assert_eq!(Scopes::stored(&two.to_string()), two);
        assert_eq!(Scopes::parse(&Scopes::ALL.to_string()), Ok(Scopes::ALL));
        assert_eq!(Scopes::stored("people:read,people:tickle"), Scopes::stored("people:read"));
    }

    #[test]
    fn what_is_no_scope_is_named() {
        for nothing in ["", " , "] {
            assert_eq!(Scopes::parse(nothing), Err(ScopesError::Empty));
        }
        for bad in ["people", "People:read", "people:read act_as", "*"] {
            let refused = Scopes::parse(&format!("act_as,{bad}")).unwrap_err();
            assert_eq!(refused, ScopesError::Unknown(bad.to_owned()));
            let said = refused.to_string();
            assert!(said.contains(bad) && said.contains("messages:write"), "{said}");
        }
    }
}
