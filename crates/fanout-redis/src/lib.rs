//! Several nodes as one server, over Redis.
//!
//! - [`Bus`] is the event bus of a node: an event goes to the sockets here at once, and through a
//!   bounded queue to Redis (`outbox.rs`), unless it is of a chat that no other node follows
//!   (`peers.rs`). What other nodes publish on the topics that sockets here need comes back by
//!   connections that listen (`inbox.rs`).
//! - `link.rs` connects to one server, or to all of a cluster, whose channels `shards.rs` finds.
//! - [`Presence`] keeps who is connected anywhere, with a lease for each node.
//!
//! Redis loses what nobody hears, and may be away at any time. Nothing here waits for it: what was
//! not told, or may not have been heard, becomes a doubt that the sockets resolve by comparing with
//! the database ([`domain::nodes::Sockets::compare`]).
#![warn(missing_docs)]

mod backoff;
mod channels;
mod connection;
mod dedup;
mod inbox;
mod link;
mod node;
mod outbox;
mod peer_interest;
mod pending_sync;
mod presence;
mod shards;
mod topics;
mod wire;

use async_trait::async_trait;
use channels::Channels;
use domain::event::{Event, EventBus};
use domain::nodes::{Doubt, Sockets, Subscriptions, Topic};
use inbox::Inbox;
use link::Link;
use node::Node;
use outbox::Outbox;
use std::sync::Arc;

pub use link::BadUrl;
pub use presence::Presence;

/// How a node finds Redis, and the other nodes there.
#[derive(Debug, Clone)]
pub struct Options {
    /// `redis://…` or `rediss://…`, or several of these by commas, of servers of one cluster.
    pub url: String,
    /// What the nodes of this installation have in common, and no other that uses the same Redis.
    pub installation: String,
}

/// The event bus of a node among others.
pub struct Bus {
    here: Arc<dyn EventBus>,
    outbox: Arc<Outbox>,
    inbox: Arc<Inbox>,
}

/// What a node has of the others.
pub struct Nodes {
    /// Tells them, and hears them.
    pub bus: Arc<Bus>,
    /// Who is connected anywhere.
    pub presence: Arc<Presence>,
}

/// Joins the other nodes: begins to connect, and goes on trying for ever. `here` is where events of
/// this node go, and `sockets` where those of others do. To be called on a tokio runtime, which must
/// outlive what is answered.
pub fn join(
    options: &Options,
    here: Arc<dyn EventBus>,
    sockets: Arc<dyn Sockets>,
) -> Result<Nodes, BadUrl> {
    let link = Link::new(&options.url)?;
    let channels = Channels::new(&options.installation);
    let node = Node::new();
    let outbox = Outbox::start(link.clone(), channels.clone(), node);
    let inbox =
        Inbox::start(link.clone(), channels, node, Arc::clone(&outbox), Arc::clone(&sockets));
    let untold = Arc::clone(&outbox);
    // What a node had committed when it died, nobody may have told.
    let node_died = move || {
        untold.lost();
        sockets.compare(Doubt::Everything);
    };
    let presence = Presence::new(link, &options.installation, node, Box::new(node_died));
    let bus = Arc::new(Bus { here, outbox, inbox });
    Ok(Nodes { bus, presence: Arc::new(presence) })
}

impl Bus {
    /// Whether events of other nodes arrive here, and those of this one there.
    pub fn is_up(&self) -> bool {
        self.inbox.is_up() && self.outbox.is_open()
    }

    /// Waits until what was published is told, but not for long.
    pub async fn close(&self) {
        self.outbox.close().await;
    }
}

impl EventBus for Bus {
    fn publish(&self, event: Event) {
        self.outbox.send(&event);
        self.here.publish(event);
    }
}

#[async_trait]
impl Subscriptions for Bus {
    fn follow(&self, topic: Topic) {
        self.inbox.follow(topic);
    }

    fn unfollow(&self, topic: Topic) {
        self.inbox.unfollow(topic);
    }

    async fn followed(&self, topic: Topic) {
        self.inbox.followed(topic).await;
    }
}
