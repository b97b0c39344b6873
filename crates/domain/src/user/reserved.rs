//! Reserved names: those by which somebody could pass for the people who run the server.

use super::UserName;
use unicode_security::skeleton;

/// Names that nobody can register or choose. Operators and admins can give them to anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReservedNames(Vec<String>);

/// The default.
pub const RESERVED_NAMES: [&str; 13] = [
    "admin",
    "administrator",
    "all",
    "confab",
    "deleted user",
    "everyone",
    "moderator",
    "operator",
    "root",
    "security",
    "staff",
    "support",
    "system",
];

impl Default for ReservedNames {
    fn default() -> Self {
        Self::new(RESERVED_NAMES)
    }
}

impl ReservedNames {
    /// These names, in any case and spelling.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let seen = names.into_iter().map(|name| seen(&crate::text::fold(name)));
        Self(seen.filter(|name| !name.is_empty()).collect())
    }

    /// Whether a name is one of them, or looks like one.
    pub fn contains(&self, name: &UserName) -> bool {
        let seen = seen(name.folded());
        self.0.contains(&seen)
    }
}

/// What people see in a name: the letters and digits that its characters look like, without spaces and
/// punctuation. Lowercased again at the end, because a skeleton may turn a digit into a capital letter.
fn seen(folded: &str) -> String {
    skeleton(folded).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reserved_name_is_known_however_it_is_written() {
        let reserved = ReservedNames::default();
        let is_reserved = |typed| reserved.contains(&UserName::new(typed).expect("a good name"));
        for typed in
            ["admin", "ADMIN", "a.d.m.i.n", "\u{430}dmin", "Deleted User", "deleted_user", "ro0t"]
        {
            assert!(is_reserved(typed), "{typed}");
        }
        for typed in ["ada", "administer", "root2", "rooter", "user", "анна", "___"] {
            assert!(!is_reserved(typed), "{typed}");
        }
        let own = ReservedNames::new(["Captain", " "]);
        assert!(own.contains(&UserName::new("captain").expect("a good name")));
        assert!(!own.contains(&UserName::new("admin").expect("a good name")));
    }
}
