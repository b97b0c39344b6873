//! Which channels events go to.

use domain::event::{Audience, Event, EventBody};
use domain::ids::ChatId;
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
        let people = match (&event.audience, &event.body) {
            // Nobody follows a chat that there was not.
            (_, EventBody::ChatCreated { members, .. }) => members,
            (Audience::Users(users), _) => users,
            (Audience::Members(chat) | Audience::MembersExcept(chat, _), body) => {
                let mut channels = vec![self.of(Topic::Chat(*chat))];
                // Where the newcomer is, the chat may not be followed yet.
                if let EventBody::MemberJoined(member) = body {
                    channels.push(self.of(Topic::Person(member.user.id)));
                }
                return channels;
            }
        };
        if people.len() > APART {
            return vec![self.all()];
        }
        people.iter().map(|user| self.of(Topic::Person(*user))).collect()
    }
}

/// The chat whose channel an event goes to, if it goes to no other.
pub(crate) fn only_chat(event: &Event) -> Option<ChatId> {
    match (&event.audience, &event.body) {
        (_, EventBody::ChatCreated { .. } | EventBody::MemberJoined(_))
        | (Audience::Users(_), _) => None,
        (Audience::Members(chat) | Audience::MembersExcept(chat, _), _) => Some(*chat),
    }
}
