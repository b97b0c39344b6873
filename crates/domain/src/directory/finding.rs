//! The rule that decides who may find whom.

use crate::user::AccountRole;

/// Whom somebody may find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Finding {
    /// Everybody who has an account, and every room.
    #[default]
    Everybody,
    /// Those with whom they share a chat, and the rooms that they are in.
    Shared,
    /// Nobody: they have no list of people, and see only who is in their chats. They find the rooms that they are
    /// in.
    Nobody,
}

/// Why somebody asks for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// To see them in a list of people, or to find them by a name.
    Listing,
    /// To see the profile and picture of the account with an id, or to block or ban it.
    Profile,
    /// To open a direct chat with them, or to add them to a group.
    Contact,
}

/// How somebody is connected to a person. A closer one includes the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tie {
    /// Not at all.
    None,
    /// The person is or was in a chat that they are in now, which still shows what the person wrote.
    Met,
    /// Both are in one chat now.
    Shares,
}

impl Finding {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Everybody, Self::Shared, Self::Nobody];

    /// Its word in settings and in the native API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Everybody => "everybody",
            Self::Shared => "shared",
            Self::Nobody => "nobody",
        }
    }

    /// The value with that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|finding| finding.as_str() == word)
    }

    /// The tie that a person needs to be found for that; `None` if nobody is found. One's own id is always
    /// found.
    pub const fn needs(self, wanted: Wanted) -> Option<Tie> {
        match (self, wanted) {
            (Self::Everybody, _) => Some(Tie::None),
            (Self::Nobody, Wanted::Listing) => None,
            (Self::Shared | Self::Nobody, Wanted::Profile) => Some(Tie::Met),
            (Self::Shared, Wanted::Listing) | (Self::Shared | Self::Nobody, Wanted::Contact) => {
                Some(Tie::Shares)
            }
        }
    }

    /// Whether they find rooms and open groups that they are not in: in the list of rooms, and to enter them.
    pub const fn finds_rooms(self) -> bool {
        matches!(self, Self::Everybody)
    }
}

/// Whom accounts may find, by their roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    usual: Finding,
    roles: Vec<(AccountRole, Finding)>,
}

impl Default for Policy {
    fn default() -> Self {
        Self::new(Finding::default(), Vec::new())
    }
}

impl Policy {
    /// `usual` applies to roles that are not named. Admins find everybody unless they are named, because they
    /// administer the server.
    pub fn new(usual: Finding, mut roles: Vec<(AccountRole, Finding)>) -> Self {
        if !roles.iter().any(|(role, _)| *role == AccountRole::Admin) {
            roles.push((AccountRole::Admin, Finding::Everybody));
        }
        Self { usual, roles }
    }

    /// Whom an account with that role finds.
    pub fn of(&self, role: AccountRole) -> Finding {
        let named = self.roles.iter().find(|(named, _)| *named == role);
        named.map_or(self.usual, |(_, finding)| *finding)
    }

    /// The roles that are named.
    pub fn roles(&self) -> impl Iterator<Item = AccountRole> {
        self.roles.iter().map(|(role, _)| *role)
    }

    /// Whether everybody finds everybody.
    pub fn hides_nothing(&self) -> bool {
        let all = self.roles.iter().map(|(_, finding)| *finding);
        all.chain([self.usual]).all(|finding| finding == Finding::Everybody)
    }
}
