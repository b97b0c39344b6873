//! Background jobs that consist of several steps, with pauses between them.

use domain::chat::Chats;
use domain::failure::StoreError;
use domain::nodes::{Doubt, Sockets};
use realtime::Hub;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// How often to compare after a write with an unknown outcome. The pauses double from one second on, which
/// makes about a minute in all.
const LOOKS: u32 = 6;

/// How many steps one run of erasing chats takes at most, so that other jobs get their turn.
const STEPS: usize = 100;

/// Removes what is left of deleted chats, or a part of it. It pauses as long as it works, so that it delays
/// writers at most half of the time.
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

/// Compares all sockets with the database repeatedly. A write without an answer published no event, and may
/// still be committed for a while.
pub(crate) async fn compare_for_a_minute(hub: &Hub) {
    for look in 0..LOOKS {
        hub.compare(Doubt::Everything);
        sleep(Duration::from_secs(1 << look)).await;
    }
}
