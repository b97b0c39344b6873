//! What one node says of sessions that end through another one. That a node misses nothing of what it did itself is in
//! the contract of all stores.

use crate::common::{Database, at, person};
use domain::failure::StoreError;
use domain::ids::{SessionId, UserId};
use domain::session::{Client, EndReason, Ending, NewSession, Seed};
use std::net::{IpAddr, Ipv4Addr};
use storage_diesel::{Options, Storage, open};

#[tokio::test]
async fn sqlite() {
    an_end_through_another_node_is_known_at_once_and_soon_for_reading(
        crate::common::sqlite().await,
    )
    .await;
}

#[tokio::test]
async fn postgres() {
    an_end_through_another_node_is_known_at_once_and_soon_for_reading(
        crate::common::postgres().await,
    )
    .await;
}

async fn an_end_through_another_node_is_known_at_once_and_soon_for_reading(db: Database) {
    let other = open(&db.url, &Options::default()).await.unwrap();
    let anna = person(&db.storage, "Anna").await;
    let id = opened(&db.storage, anna).await;
    other.sessions.get_recent(id, at(20)).await.unwrap();
    let ending = Ending { at: at(20), why: EndReason::SignedOut };
    db.storage.sessions.end(anna, id, ending).await.unwrap();
    let exact = other.sessions.get(id, at(20)).await;
    assert!(matches!(exact, Err(StoreError::NotFound)), "{exact:?}");
    // Asking does not make it last: each look is at what was read half a second ago at most.
    while other.sessions.get_recent(id, at(20)).await.is_ok() {
        tokio::task::yield_now().await;
    }
    other.close().await;
}

async fn opened(storage: &Storage, user: UserId) -> SessionId {
    let session = NewSession {
        user,
        seed: Seed([7; 16]),
        client: Client::default(),
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        created_at: at(10),
        expires_at: at(100),
        proved_at: None,
        key: None,
        host_session: None,
    };
    storage.sessions.open(session).await.unwrap().id
}
