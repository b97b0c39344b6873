//! Which topics (chats and people) the sockets of this node need, and which it is subscribed to.

use domain::nodes::Topic;
use std::collections::{HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};

/// How long a subscription outlives the last socket that needed it. People often come back at once, and
/// subscribing again costs a comparison with the database.
const LINGER: Duration = Duration::from_secs(10);

/// A topic is *needed* from [`Self::need`] to [`Self::release`], *asked for* until the server has confirmed the
/// subscription, and *followed* from then on.
#[derive(Default)]
pub(crate) struct Topics {
    known: HashMap<Topic, State>,
    /// Topics to subscribe to.
    asked: HashSet<Topic>,
    /// Topics that were released, in the order of the times. They may be needed again by now.
    released: VecDeque<(Instant, Topic)>,
}

#[derive(Default)]
struct State {
    needed: bool,
    followed: bool,
}

impl Topics {
    pub(crate) fn len(&self) -> usize {
        self.known.len()
    }

    pub(crate) fn need(&mut self, topic: Topic) {
        self.known.entry(topic).or_default().needed = true;
        self.asked.insert(topic);
    }

    pub(crate) fn release(&mut self, topic: Topic, now: Instant) {
        if let Some(state) = self.known.get_mut(&topic) {
            state.needed = false;
            self.released.push_back((now, topic));
        }
    }

    /// Whether a topic waits for its subscription.
    pub(crate) fn is_asked(&self, topic: Topic) -> bool {
        self.asked.contains(&topic)
    }

    /// For a new connection, on which nothing is followed yet: asks for everything that is needed.
    pub(crate) fn ask_again(&mut self) {
        self.released.clear();
        self.known.retain(|_, state| {
            state.followed = false;
            state.needed
        });
        self.asked = self.known.keys().copied().collect();
    }

    /// At most `limit` of the topics that are asked for: those to subscribe to, and those that are still
    /// followed, since they were released and needed again. All stay asked for until [`Self::are_followed`].
    pub(crate) fn to_ask(&self, limit: usize) -> (Vec<Topic>, Vec<Topic>) {
        let is_new = |topic: &Topic| self.known.get(topic).is_some_and(|state| !state.followed);
        self.asked.iter().take(limit).partition(|topic| is_new(topic))
    }

    pub(crate) fn are_followed(&mut self, topics: impl Iterator<Item = Topic>) {
        for topic in topics {
            self.asked.remove(&topic);
            if let Some(state) = self.known.get_mut(&topic) {
                state.followed = true;
            }
        }
    }

    /// Topics that were released [`LINGER`] ago and are not needed again. They are forgotten here; the caller
    /// ends their subscriptions.
    pub(crate) fn let_go(&mut self, now: Instant) -> Vec<Topic> {
        let mut gone = Vec::new();
        while let Some((at, topic)) = self.released.front().copied()
            && now.duration_since(at) >= LINGER
        {
            self.released.pop_front();
            if self.known.get(&topic).is_some_and(|state| !state.needed) {
                let followed = self.known.remove(&topic).is_some_and(|state| state.followed);
                self.asked.remove(&topic);
                gone.extend(followed.then_some(topic));
            }
        }
        gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::ChatId;

    const FIRST: Topic = Topic::Chat(ChatId::stored(1));
    const SECOND: Topic = Topic::Chat(ChatId::stored(2));

    fn follow_all(topics: &mut Topics) -> Vec<Topic> {
        let (mut new, again) = topics.to_ask(10);
        topics.are_followed(new.clone().into_iter().chain(again));
        new.sort_unstable();
        new
    }

    #[test]
    fn a_topic_lingers_and_is_let_go_of_once() {
        let (mut topics, now) = (Topics::default(), Instant::now());
        topics.need(FIRST);
        topics.need(SECOND);
        assert!(topics.is_asked(FIRST));
        assert_eq!(follow_all(&mut topics), [FIRST, SECOND]);
        assert!(!topics.is_asked(FIRST));
        topics.release(FIRST, now);
        assert_eq!(topics.let_go(now), []);
        assert_eq!(topics.let_go(now + LINGER), [FIRST]);
        assert_eq!(topics.let_go(now + 2 * LINGER), []);
        assert_eq!(topics.len(), 1);
    }

    #[test]
    fn what_is_needed_again_in_time_is_asked_about_but_not_asked_for() {
        let (mut topics, now) = (Topics::default(), Instant::now());
        topics.need(FIRST);
        follow_all(&mut topics);
        topics.release(FIRST, now);
        topics.need(FIRST);
        assert_eq!(topics.to_ask(10), (vec![], vec![FIRST]));
        assert_eq!(topics.let_go(now + LINGER), []);
    }

    #[test]
    fn a_new_connection_follows_what_is_needed() {
        let (mut topics, now) = (Topics::default(), Instant::now());
        topics.need(FIRST);
        topics.need(SECOND);
        follow_all(&mut topics);
        topics.release(SECOND, now);
        topics.ask_again();
        assert_eq!(follow_all(&mut topics), [FIRST]);
        assert_eq!(topics.let_go(now + LINGER), []);
    }
}
