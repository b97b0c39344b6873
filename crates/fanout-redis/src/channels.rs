//! Which channels events go to.

use domain::event::{Audience, Event, EventBody};
use domain::ids::{ChatId, UserId};
use domain::nodes::Topic;

/// Up to so many people are told each on a channel of their own; what is for more goes to all nodes
/// once.
const APART: usize = 16;

/// The channels of an installation. Names are spread over the shards of a cluster.
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

    /// The channel that every node listens to.
    pub(crate) fn all(&self) -> String {
        format!("{}:all", self.prefix)
    }

    /// Where an event has to be published to reach whoever it is for.
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

/// Who has to hear of an event.
enum Reach<'a> {
    /// Who follows the chat.
    Chat(ChatId),
    /// And where the newcomer is, since the chat may not be followed there yet.
    Newcomer(ChatId, UserId),
    /// Each of these.
    People(&'a [UserId]),
}

impl<'a> Reach<'a> {
    fn of(event: &'a Event) -> Self {
        match (&event.audience, &event.body) {
            // Nobody follows a chat that there was not.
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
