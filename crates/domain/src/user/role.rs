//! The roles of accounts.

use crate::limits;
use std::fmt;

/// An account's role: what it may do on the whole server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountRole {
    /// Uses chats.
    User,
    /// Also manages accounts, chats and messages.
    Admin,
    /// May do what a user may. Its name has a meaning for the host application, which shows it.
    Named(RoleName),
}

impl AccountRole {
    /// Its word in every protocol and in the database.
    pub fn as_str(&self) -> &str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
            Self::Named(name) => name.as_str(),
        }
    }
    /// The role with that word. [`AccountRoles`] decides whether accounts may be given it.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "user" => Some(Self::User),
            "admin" => Some(Self::Admin),
            word => RoleName::new(word).ok().map(Self::Named),
        }
    }
}

impl fmt::Display for AccountRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The name of a role that an installation adds: 1 to [`limits::ROLE_CHARS`] of `a-z`, `0-9`, `_` and `-`;
/// not `user` or `admin`. Every [`crate::user::UserSummary`] contains one, so it is stored inline and can be
/// copied.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RoleName {
    /// The word, followed by zeros.
    bytes: [u8; limits::ROLE_CHARS],
    length: u8,
}

/// A word that cannot be a role's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a role has 1 to {} characters of a-z, 0-9, _ and -, and is not user or admin",
    limits::ROLE_CHARS
)]
pub struct NotARole;

impl RoleName {
    /// Checks a word.
    pub fn new(word: &str) -> Result<Self, NotARole> {
        let is_good = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
        let length = u8::try_from(word.len()).map_err(|_| NotARole)?;
        let fits = (1..=limits::ROLE_CHARS).contains(&word.len());
        if !fits || !word.bytes().all(is_good) || matches!(word, "user" | "admin") {
            return Err(NotARole);
        }
        let mut bytes = [0; limits::ROLE_CHARS];
        bytes[..word.len()].copy_from_slice(word.as_bytes());
        Ok(Self { bytes, length })
    }
    /// The word.
    pub fn as_str(&self) -> &str {
        // It is ASCII, so this cannot fail.
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }
}

impl fmt::Debug for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

/// The roles that this installation's accounts may be given. An account keeps a role that was removed from
/// the list later, and may do what a user may.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountRoles(Vec<RoleName>);

impl AccountRoles {
    /// The roles `user`, `admin` and these.
    pub fn new(named: Vec<RoleName>) -> Self {
        Self(named)
    }
    /// Adds further roles, unless they are in the list.
    #[must_use]
    pub fn and(mut self, further: impl IntoIterator<Item = RoleName>) -> Self {
        for name in further {
            if !self.0.contains(&name) {
                self.0.push(name);
            }
        }
        self
    }
    /// The role with that word, if accounts may be given it.
    pub fn find(&self, word: &str) -> Option<AccountRole> {
        AccountRole::parse(word).filter(|role| match role {
            AccountRole::User | AccountRole::Admin => true,
            AccountRole::Named(name) => self.0.contains(name),
        })
    }
    /// The words of all roles.
    pub fn words(&self) -> Vec<&str> {
        ["user", "admin"].into_iter().chain(self.0.iter().map(RoleName::as_str)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_a_short_plain_word() {
        for good in ["seller", "salon_member", "a", "x-1", &"r".repeat(32)] {
            assert_eq!(RoleName::new(good).map(|name| name.as_str().to_owned()), Ok(good.into()));
        }
        for bad in
            ["", "user", "admin", "Seller", "a b", "é", "a\0", &"r".repeat(33), &"r".repeat(300)]
        {
            assert_eq!(RoleName::new(bad), Err(NotARole), "{bad:?}");
            let parsed = AccountRole::parse(bad);
            assert_eq!(parsed.is_some(), matches!(bad, "user" | "admin"), "{bad:?}");
        }
    }

    #[test]
    fn only_a_role_on_the_list_is_given() {
        let named = ["seller", "salon_member"].map(|word| RoleName::new(word).unwrap());
        let roles = AccountRoles::new(named.to_vec()).and(named);
        assert_eq!(roles.words(), ["user", "admin", "seller", "salon_member"]);
        for word in roles.words() {
            assert_eq!(roles.find(word).map(|role| role.to_string()).as_deref(), Some(word));
        }
        assert_eq!(roles.find("owner"), None);
        assert_eq!(AccountRoles::default().find("seller"), None);
        assert_eq!(AccountRoles::default().words(), ["user", "admin"]);
    }
}
