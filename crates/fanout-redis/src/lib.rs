//! Several nodes as one server, over Redis.
//!
//! - [`Bus`] is a node's event bus. It delivers an event to the local sockets at once, and through a bounded
//!   queue to Redis (`outbox.rs`), unless no other node follows the event's chat (`peer_interest.rs`). Events
//!   that other nodes publish on the topics that local sockets need arrive by `inbox.rs`.
//! - `link.rs` connects to one server, or to all of a cluster, whose layout `shards.rs` reads.
//! - [`Presence`] keeps track of who is connected to any node, with a lease for each node.
//!
//! Redis drops messages without a subscriber, and may be unreachable at any time. Nothing here waits for it:
//! whatever was not published, or may not have arrived, becomes a doubt that the sockets resolve by comparing
//! with the database ([`domain::nodes::Sockets::compare`]).
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
    /// `redis://…` or `rediss://…`, or several of these, separated by commas, for the servers of one cluster.
    pub url: String,
    /// A name that this installation's nodes share, and that no other installation on the same Redis has.
    pub installation: String,
}

/// The event bus of a node among others.
pub struct Bus {
    here: Arc<dyn EventBus>,
    outbox: Arc<Outbox>,
    inbox: Arc<Inbox>,
}

/// A node's connections to the other nodes.
pub struct Nodes {
    /// Publishes events, and receives other nodes'.
    pub bus: Arc<Bus>,
    /// Who is connected to any node.
    pub presence: Arc<Presence>,
}

/// Joins the other nodes: starts to connect, and keeps trying for ever. This node's events go to `here`,
/// other nodes' events to `sockets`. To be called on a tokio runtime, which must outlive the result.
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
    // A node that died may have committed changes without publishing them.
    let node_died = move || {
        untold.lost();
        sockets.compare(Doubt::Everything);
    };
    let presence = Presence::new(link, &options.installation, node, Box::new(node_died));
    let bus = Arc::new(Bus { here, outbox, inbox });
    Ok(Nodes { bus, presence: Arc::new(presence) })
}

impl Bus {
    /// Whether events pass in both directions.
    pub fn is_up(&self) -> bool {
        self.inbox.is_up() && self.outbox.is_open()
    }

    /// Waits until all published events are sent, with a short timeout.
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
