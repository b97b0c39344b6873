//! The network between a node and its Redis, which can be slow, broken, or gone without a word.

use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep_until};

/// What may be under way in one direction of a connection: so many pieces of at most so many bytes. With
/// more nothing is read, as when a kernel's buffers are full.
const PIECES: usize = 1_024;
const PIECE: usize = 16 * 1_024;

/// Passes on what two sides of a connection tell each other, as long as it is let.
pub struct Proxy {
    port: u16,
    network: watch::Sender<Network>,
    cuts: watch::Sender<()>,
    serving: JoinHandle<()>,
}

#[derive(Clone, Copy, Default)]
struct Network {
    /// How long everything takes, each way.
    delay: Duration,
    /// Nothing arrives, and nobody is told.
    partitioned: bool,
}

impl Proxy {
    /// One before what listens at that address.
    pub async fn before(address: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let (network, state) = watch::channel(Network::default());
        let (cuts, cut) = watch::channel(());
        let serving = tokio::spawn(serve(listener, address.to_owned(), state, cut));
        Self { port, network, cuts, serving }
    }

    /// What `REDIS_URL` is set to.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Parts the two sides until [`Self::heal`]. No connection is closed, and new ones begin but are not
    /// answered. What was sent arrives afterwards, also from who has given up waiting: TCP sends again.
    pub fn partition(&self) {
        self.network.send_modify(|network| network.partitioned = true);
    }

    /// Lets everything arrive again.
    pub fn heal(&self) {
        self.network.send_modify(|network| network.partitioned = false);
    }

    /// Makes whatever is sent from now on take so long, each way.
    pub fn delay(&self, delay: Duration) {
        self.network.send_modify(|network| network.delay = delay);
    }

    /// Closes the connections that there are, with what is under way on them.
    pub fn cut(&self) {
        self.cuts.send_replace(());
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(
    listener: TcpListener,
    address: String,
    network: watch::Receiver<Network>,
    cut: watch::Receiver<()>,
) {
    let mut connections = JoinSet::new();
    while let Ok((near, _)) = listener.accept().await {
        let (address, network, mut cut) = (address.clone(), network.clone(), cut.clone());
        cut.mark_unchanged();
        connections.spawn(async move {
            tokio::select! {
                _ = cut.changed() => {}
                () = join(near, &address, network) => {}
            }
        });
        while connections.try_join_next().is_some() {}
    }
}

/// Joins one side with the other until both have said all.
async fn join(near: TcpStream, address: &str, network: watch::Receiver<Network>) {
    let Ok(far) = TcpStream::connect(address).await else { return };
    for side in [&near, &far] {
        side.set_nodelay(true).expect("a socket");
    }
    let ((from_near, to_near), (from_far, to_far)) = (near.into_split(), far.into_split());
    tokio::join!(
        pass(from_near, to_far, network.clone()),
        pass(from_far, to_near, network.clone())
    );
}

/// Passes on what one side says, and that it has no more to say.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, network: watch::Receiver<Network>) {
    let (under_way, mut pieces) = mpsc::channel::<(Instant, Vec<u8>)>(PIECES);
    let mut there = network.clone();
    let read = async move {
        let mut buffer = vec![0; PIECE];
        while let Ok(length) = from.read(&mut buffer).await {
            let due = Instant::now() + network.borrow().delay;
            // An empty piece is the end.
            let passed = under_way.send((due, buffer[..length].to_vec())).await;
            if length == 0 || passed.is_err() {
                return;
            }
        }
    };
    let write = async move {
        while let Some((due, piece)) = pieces.recv().await {
            sleep_until(due).await;
            let is_let = there.wait_for(|network| !network.partitioned).await.is_ok();
            if !is_let || piece.is_empty() || to.write_all(&piece).await.is_err() {
                break;
            }
        }
        let _ = to.shutdown().await;
    };
    tokio::join!(read, write);
}
