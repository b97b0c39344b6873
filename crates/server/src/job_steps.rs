//! Background jobs that consist of several steps, with pauses between them.

use domain::chat::Chats;
use domain::failure::StoreError;
use domain::media::{DuePicture, HostPictures, PictureOutcome};
use domain::nodes::{Doubt, Sockets};
use futures_util::future::join_all;
use realtime::Hub;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// How often to compare after a write with an unknown outcome. The pauses double from one second on, which
/// makes about a minute in all.
const LOOKS: u32 = 6;

/// How many steps one run of a job takes at most, so that other jobs get their turn.
const STEPS: usize = 100;
/// The same of erasing chats, whose steps are short.
const ERASING_STEPS: usize = 1_000;
/// How many times longer than a step of erasing chats to leave the database alone after it.
const REST: u32 = 3;

/// Removes what is left of deleted chats, or a part of it. Between its short steps it leaves the database alone, so
/// that it delays few writers, and those hardly.
pub(crate) async fn erase(chats: &Chats) -> Result<(), StoreError> {
    for _ in 0..ERASING_STEPS {
        let began = Instant::now();
        if !chats.erase_deleted().await? {
            return Ok(());
        }
        sleep(began.elapsed() * REST).await;
    }
    Ok(())
}

/// Fetches the pictures of hosts' people that are due, some at once.
pub(crate) async fn fetch_pictures(pictures: &HostPictures) -> Result<(), StoreError> {
    for _ in 0..STEPS {
        let taken = pictures.take().await?;
        if taken.is_empty() {
            return Ok(());
        }
        let fetched = join_all(taken.iter().map(|picture| pictures.fetch(picture))).await;
        for (picture, outcome) in taken.iter().zip(fetched) {
            note(picture, &outcome?);
        }
    }
    Ok(())
}

/// Of an address the host alone is logged: the rest may let in whoever knows it.
fn note(picture: &DuePicture, outcome: &PictureOutcome) {
    let (user, host) = (picture.user.get(), picture.address.authority());
    match outcome {
        PictureOutcome::Kept | PictureOutcome::Moot => {}
        PictureOutcome::PutOff(why) => {
            tracing::debug!(user, host, %why, "a picture of a host is tried again later");
        }
        PictureOutcome::GivenUp(why) => {
            tracing::warn!(user, host, %why, "a picture of a host is given up");
        }
    }
}

/// Compares all sockets with the database repeatedly. A write without an answer published no event, and may
/// still be committed for a while.
pub(crate) async fn compare_for_a_minute(hub: &Hub) {
    for look in 0..LOOKS {
        hub.compare(Doubt::Everything);
        sleep(Duration::from_secs(1 << look)).await;
    }
}
