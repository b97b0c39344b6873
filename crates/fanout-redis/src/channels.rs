//! Which Redis channels events are published on.

use domain::event::{Audience, Event, EventBody};
use domain::ids::{ChatId, UserId};
use domain::nodes::Topic;

/// An event for at most this many people is published on each one's channel; one for more people is published
/// once, for all nodes.
const APART: usize = 16;

/// The channels of an installation. Their names have no hash tag, so a cluster spreads them over its shards.
#[derive(Clone)]
pub(crate) struct Channels {
    prefix: String,
}

impl Channels {
    pub(crate) fn new(installation: &str) -> Self {
        Self { prefix: format!("confab:{installation}") }
    }

    /// The channel of a topic.
    pub(crate) fn of(&self, topic: Topic) -> String {
        match topic {
            Topic::Chat(chat) => format!("{}:chat:{chat}", self.prefix),
            Topic::Person(user) => format!("{}:person:{user}", self.prefix),
        }
    }

    /// The channel that every node subscribes to.
    pub(crate) fn all(&self) -> String {
        format!("{}:all", self.prefix)
    }

    /// The channels that an event has to be published on to reach its audience.
    pub(crate) fn of_event(&self, event: &Event) -> Vec<String> {
        match Reach::of(event) {
            Reach::Chat(chat) => vec![self.of(Topic::Chat(chat))],
            Reach::Newcomer(chat, user) => {
                vec![self.of(Topic::Chat(chat)), self.of(Topic::Person(user))]
            }
            Reach::People(people) if people.len() > APART => vec![self.all()],
            Reach::People(people) => {
                people.iter().map(|user| self.of(Topic::Person(*user))).collect()
            }
        }
    }
}

/// Which nodes have to receive an event.
enum Reach<'a> {
    /// Those that follow the chat.
    Chat(ChatId),
    /// Those, and the new member's nodes, which may not follow the chat yet.
    Newcomer(ChatId, UserId),
    /// The nodes of each of these people.
    People(&'a [UserId]),
}

impl<'a> Reach<'a> {
    fn of(event: &'a Event) -> Self {
        match (&event.audience, &event.body) {
            // No node can follow a chat that has just been created.
            (_, EventBody::ChatCreated { members, .. }) => Self::People(members),
            (Audience::Users(users), _) => Self::People(users),
            (
                Audience::Members(chat) | Audience::MembersExcept(chat, _),
                EventBody::MemberJoined(member),
            ) => Self::Newcomer(*chat, member.user.id),
            (Audience::Members(chat) | Audience::MembersExcept(chat, _), _) => Self::Chat(*chat),
        }
    }
}

/// The chat whose channel an event goes to, if it goes to no other.
pub(crate) fn only_chat(event: &Event) -> Option<ChatId> {
    match Reach::of(event) {
        Reach::Chat(chat) => Some(chat),
        Reach::Newcomer(..) | Reach::People(_) => None,
    }
}
