//! Jobs of several steps, with rests between them.

use domain::chat::Chats;
use domain::failure::StoreError;
use domain::nodes::{Doubt, Sockets};
use realtime::Hub;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// How often it is looked for what came of a write of which nobody knows, each time after twice as many
/// seconds: for a minute.
const LOOKS: u32 = 6;

/// How many steps of erasing chats come before what else was deleted has its turn.
const STEPS: usize = 100;

/// Takes away what is left of deleted chats, or a part of it. It rests as long as it works, so that whoever writes
/// meanwhile waits for no more than every other step.
pub(crate) async fn erase(chats: &Chats) -> Result<(), StoreError> {
    for _ in 0..STEPS {
        let began = Instant::now();
        if !chats.erase_deleted().await? {
            return Ok(());
        }
        sleep(began.elapsed()).await;
    }
    Ok(())
}

/// Of a write that got no answer nobody was told. So sockets are compared with the database, for as long
/// as it may still be done.
pub(crate) async fn compare_for_a_minute(hub: &Hub) {
    for look in 0..LOOKS {
        hub.compare(Doubt::Everything);
        sleep(Duration::from_secs(1 << look)).await;
    }
}
