//! Which channels events go to.

use domain::event::{Audience, Event, EventBody};
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
            // Where the newcomer is, the chat may not be followed yet.
            (Audience::Members(chat), EventBody::MemberJoined(member)) => {
                return vec![self.of(Topic::Chat(*chat)), self.of(Topic::Person(member.user.id))];
            }
            (Audience::Members(chat) | Audience::MembersExcept(chat, _), _) => {
                return vec![self.of(Topic::Chat(*chat))];
            }
        };
        if people.len() > APART {
            return vec![self.all()];
        }
        people.iter().map(|user| self.of(Topic::Person(*user))).collect()
    }
}
