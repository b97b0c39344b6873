//! What a chat lets its people do, as its owner or its host sets it. Chats of two people have no such
//! settings: what they permit is the default.

use super::ChatKind;
use crate::clock::Timestamp;
use crate::failure::{Failure, Kind};

/// A setting that is one of some words.
macro_rules! setting {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $choice:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub enum $name {
            $($(#[$each])* $choice,)+
        }

        impl $name {
            const ALL: &'static [Self] = &[$(Self::$choice,)+];

            /// Its word in the native API and in the database.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$choice => $word,)+
                }
            }
            /// The setting of that word.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|choice| choice.as_str() == word)
            }
        }
    };
}

setting! {
    /// Who writes in a chat.
    Posting {
        /// Whoever is in it.
        #[default]
        Everyone = "everyone",
        /// Its admins and its owner; all others read. Service keys that are in it write, too.
        Admins = "admins",
    }
}

setting! {
    /// Who reacts to messages.
    Reacting {
        /// Whoever is in the chat.
        #[default]
        Everyone = "everyone",
        /// Only those who may write there.
        Writers = "writers",
    }
}

setting! {
    /// Who leaves a chat by themselves, where that is possible at all.
    Leaving {
        /// Whoever is in it.
        #[default]
        Everyone = "everyone",
        /// Its admins only; members are taken out by them.
        Admins = "admins",
    }
}

setting! {
    /// Who adds people to a group.
    Inviting {
        /// Its admins.
        #[default]
        Admins = "admins",
        /// Whoever is in it.
        Everyone = "everyone",
    }
}

setting! {
    /// Who whispers in a chat.
    Whispering {
        /// Whoever is in it.
        #[default]
        Everyone = "everyone",
        /// Nobody. What was whispered before stays, and nothing is added to it.
        Nobody = "nobody",
    }
}

setting! {
    /// What somebody who comes into a chat sees of what was said before.
    HistoryShown {
        /// All of it.
        #[default]
        Everything = "everything",
        /// Nothing: what they see begins when they come in, and again each time that they come back.
        FromJoining = "from_joining",
    }
}

/// What a chat lets its people do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Permissions {
    /// Who writes.
    pub posting: Posting,
    /// Who reacts.
    pub reacting: Reacting,
    /// Who leaves.
    pub leaving: Leaving,
    /// Who adds people.
    pub inviting: Inviting,
    /// Who whispers.
    pub whispering: Whispering,
    /// What newcomers see.
    pub history: HistoryShown,
}

/// What is to be permitted from now on; `None` leaves a setting as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PermissionsUpdate {
    /// Who writes.
    pub posting: Option<Posting>,
    /// Who reacts.
    pub reacting: Option<Reacting>,
    /// Who leaves.
    pub leaving: Option<Leaving>,
    /// Who adds people.
    pub inviting: Option<Inviting>,
    /// Who whispers.
    pub whispering: Option<Whispering>,
    /// What newcomers see.
    pub history: Option<HistoryShown>,
}

/// Why a setting is none for a kind of chat: it would change nothing there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnsuitablePermission {
    /// Rooms are entered, and a project's chat is filled by its host.
    #[error("Only in groups may \"inviting\" be \"everyone\": nobody adds people elsewhere.")]
    Inviting,
    /// Who is in a project's chat is said by the project.
    #[error("In a project's chat \"leaving\" may not be \"admins\": nobody leaves it anyway.")]
    Leaving,
}

impl From<UnsuitablePermission> for Failure {
    fn from(why: UnsuitablePermission) -> Self {
        Self::field("permissions", "permission_unsuitable", why)
    }
}

/// Why something is not done that people do in other chats: the settings of this one do not let them, or whoever
/// moderates it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Restriction {
    /// The actor is no admin, and only admins write.
    #[error("Only admins write in this chat.")]
    Posting,
    /// The actor may not write, and only those who may react.
    #[error("Only those who may write in this chat react.")]
    Reacting,
    /// The actor is no admin, and only admins leave.
    #[error("Members do not leave this chat by themselves.")]
    Leaving,
    /// Nobody whispers.
    #[error("Nobody whispers in this chat.")]
    Whispering,
    /// The actor is silenced.
    #[error("You are silenced in this chat.")]
    Silenced {
        /// Until when; `None` is until it is lifted.
        until: Option<Timestamp>,
    },
}

impl From<Restriction> for Failure {
    fn from(why: Restriction) -> Self {
        match why {
            Restriction::Posting => Self::new(Kind::Forbidden, "posting_restricted", why),
            Restriction::Reacting => Self::new(Kind::Forbidden, "reacting_restricted", why),
            Restriction::Leaving => Self::new(Kind::Forbidden, "leaving_restricted", why),
            Restriction::Whispering => Self::new(Kind::Forbidden, "whispering_restricted", why),
            Restriction::Silenced { .. } => Self::new(Kind::Forbidden, "silenced", why),
        }
    }
}

/// A setting as it is stored.
fn stored(name: &str, word: &str) -> String {
    format!("{name}:{word}")
}

impl Permissions {
    /// For adapters: as they are stored, which is nothing for what is as in most chats.
    pub fn to_words(self) -> String {
        let standard = Self::default();
        let mut words = Vec::new();
        let mut add = |name: &str, word: &str, usual: &str| {
            if word != usual {
                words.push(stored(name, word));
            }
        };
        add("posting", self.posting.as_str(), standard.posting.as_str());
        add("reacting", self.reacting.as_str(), standard.reacting.as_str());
        add("leaving", self.leaving.as_str(), standard.leaving.as_str());
        add("inviting", self.inviting.as_str(), standard.inviting.as_str());
        add("whispering", self.whispering.as_str(), standard.whispering.as_str());
        add("history", self.history.as_str(), standard.history.as_str());
        words.join(" ")
    }

    /// For adapters: which of the words that [`Self::to_words`] writes says that a chat hides its past, as
    /// [`super::rules::hides_past`] decides it, so that a statement finds such chats.
    pub fn word_that_hides_past() -> String {
        stored("history", HistoryShown::FromJoining.as_str())
    }

    /// For adapters: what [`Self::to_words`] wrote. `None` if it wrote no such thing.
    pub fn stored(words: &str) -> Option<Self> {
        let mut permissions = Self::default();
        for said in words.split_whitespace() {
            let (name, word) = said.split_once(':')?;
            match name {
                "posting" => permissions.posting = Posting::parse(word)?,
                "reacting" => permissions.reacting = Reacting::parse(word)?,
                "leaving" => permissions.leaving = Leaving::parse(word)?,
                "inviting" => permissions.inviting = Inviting::parse(word)?,
                "whispering" => permissions.whispering = Whispering::parse(word)?,
                "history" => permissions.history = HistoryShown::parse(word)?,
                _ => return None,
            }
        }
        Some(permissions)
    }
}

impl PermissionsUpdate {
    /// What is permitted with this in a chat of that kind, in which that is permitted now.
    pub fn applied_to(
        self,
        now: Permissions,
        kind: ChatKind,
    ) -> Result<Permissions, UnsuitablePermission> {
        let wanted = Permissions {
            posting: self.posting.unwrap_or(now.posting),
            reacting: self.reacting.unwrap_or(now.reacting),
            leaving: self.leaving.unwrap_or(now.leaving),
            inviting: self.inviting.unwrap_or(now.inviting),
            whispering: self.whispering.unwrap_or(now.whispering),
            history: self.history.unwrap_or(now.history),
        };
        let standard = Permissions::default();
        if kind != ChatKind::Group && wanted.inviting != standard.inviting {
            return Err(UnsuitablePermission::Inviting);
        }
        if matches!(kind, ChatKind::Project(_)) && wanted.leaving != standard.leaving {
            return Err(UnsuitablePermission::Leaving);
        }
        Ok(wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::rules;
    use crate::ids::ProjectId;

    /// Each setting as it is not by default.
    const STRICT: PermissionsUpdate = PermissionsUpdate {
        posting: Some(Posting::Admins),
        reacting: Some(Reacting::Writers),
        leaving: Some(Leaving::Admins),
        inviting: Some(Inviting::Everyone),
        whispering: Some(Whispering::Nobody),
        history: Some(HistoryShown::FromJoining),
    };

    #[test]
    fn words_are_read_as_they_were_written() {
        assert_eq!(Permissions::default().to_words(), "");
        let strict = STRICT.applied_to(Permissions::default(), ChatKind::Group).unwrap();
        let words = "posting:admins reacting:writers leaving:admins inviting:everyone \
                     whispering:nobody history:from_joining";
        assert_eq!(strict.to_words(), words);
        for permissions in [
            Permissions::default(),
            strict,
            Permissions { posting: Posting::Everyone, ..strict },
            Permissions { whispering: Whispering::Everyone, ..strict },
        ] {
            assert_eq!(Permissions::stored(&permissions.to_words()), Some(permissions));
        }
        for damaged in ["posting", "posting:owner", "singing:everyone"] {
            assert_eq!(Permissions::stored(damaged), None, "{damaged}");
        }
    }

    #[test]
    fn the_word_that_hides_the_past_is_there_when_the_rule_says_so() {
        let word = Permissions::word_that_hides_past();
        let standard = Permissions::default();
        let strict = STRICT.applied_to(standard, ChatKind::Group).unwrap();
        for history in HistoryShown::ALL.iter().copied() {
            for others in [standard, strict] {
                let permissions = Permissions { history, ..others };
                let words = permissions.to_words();
                assert_eq!(words.contains(&word), rules::hides_past(permissions), "{words}");
            }
        }
    }

    #[test]
    fn what_is_not_given_stays() {
        let permissions = Permissions { posting: Posting::Admins, ..Permissions::default() };
        let wanted = PermissionsUpdate { leaving: Some(Leaving::Admins), ..Default::default() };
        let expected = Permissions { leaving: Leaving::Admins, ..permissions };
        assert_eq!(wanted.applied_to(permissions, ChatKind::Room), Ok(expected));
        let none = PermissionsUpdate::default();
        assert_eq!(none.applied_to(expected, ChatKind::Room), Ok(expected));
    }

    #[test]
    fn a_setting_that_would_change_nothing_is_refused() {
        let project = ChatKind::Project(ProjectId::stored(1));
        let now = Permissions::default();
        let leaving = PermissionsUpdate { leaving: STRICT.leaving, ..Default::default() };
        let inviting = PermissionsUpdate { inviting: STRICT.inviting, ..Default::default() };
        for kind in [ChatKind::Room, project] {
            assert_eq!(inviting.applied_to(now, kind), Err(UnsuitablePermission::Inviting));
        }
        assert_eq!(leaving.applied_to(now, project), Err(UnsuitablePermission::Leaving));
        assert!(leaving.applied_to(now, ChatKind::Room).is_ok());
        let same = PermissionsUpdate { inviting: Some(Inviting::Admins), ..Default::default() };
        assert_eq!(same.applied_to(now, project), Ok(now));
    }
}
