//! What a chat lets its people do.

use domain::chat;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A setting that is one of some words, as the domain has it.
macro_rules! setting {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $choice:ident,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum $name {
            $($(#[$each])* $choice,)+
        }

        impl From<$name> for chat::$name {
            fn from(setting: $name) -> Self {
                match setting {
                    $($name::$choice => Self::$choice,)+
                }
            }
        }

        impl From<chat::$name> for $name {
            fn from(setting: chat::$name) -> Self {
                match setting {
                    $(chat::$name::$choice => Self::$choice,)+
                }
            }
        }
    };
}

setting! {
    /// Who writes in a chat: everybody in it, or its admins and its owner only. Service keys that are in it always
    /// write.
    Posting { Everyone, Admins, }
}
setting! {
    /// Who reacts to messages: everybody in the chat, or only those who may write there.
    Reacting { Everyone, Writers, }
}
setting! {
    /// Who leaves by themselves, where that is possible: everybody, or admins only.
    Leaving { Everyone, Admins, }
}
setting! {
    /// Who adds people to a group: its admins, or everybody in it.
    Inviting { Admins, Everyone, }
}
setting! {
    /// Who whispers in the chat: everybody in it, or nobody.
    Whispering { Everyone, Nobody, }
}
setting! {
    /// What somebody who comes into the chat sees of what was said before: all of it, or nothing.
    HistoryShown { Everything, FromJoining, }
}

/// What a chat lets its people do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Permissions {
    posting: Posting,
    reacting: Reacting,
    leaving: Leaving,
    inviting: Inviting,
    whispering: Whispering,
    history: HistoryShown,
}

impl From<chat::Permissions> for Permissions {
    fn from(permissions: chat::Permissions) -> Self {
        Self {
            posting: permissions.posting.into(),
            reacting: permissions.reacting.into(),
            leaving: permissions.leaving.into(),
            inviting: permissions.inviting.into(),
            whispering: permissions.whispering.into(),
            history: permissions.history.into(),
        }
    }
}

/// What a chat is to let its people do; what is not given stays.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PermissionsUpdate {
    posting: Option<Posting>,
    reacting: Option<Reacting>,
    /// Nobody leaves a project's chat, so there it is never `admins`.
    leaving: Option<Leaving>,
    /// Nobody adds people to what is no group, so there it is never `everyone`.
    inviting: Option<Inviting>,
    whispering: Option<Whispering>,
    /// It concerns those who come in from then on.
    history: Option<HistoryShown>,
}

impl From<PermissionsUpdate> for chat::PermissionsUpdate {
    fn from(wanted: PermissionsUpdate) -> Self {
        Self {
            posting: wanted.posting.map(Into::into),
            reacting: wanted.reacting.map(Into::into),
            leaving: wanted.leaving.map(Into::into),
            inviting: wanted.inviting.map(Into::into),
            whispering: wanted.whispering.map(Into::into),
            history: wanted.history.map(Into::into),
        }
    }
}
