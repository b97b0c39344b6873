//! A server that goes down and comes back.

use crate::common::{draft, group, person, postgres};
use domain::failure::StoreError;
use domain::ids::Seq;
use domain::message::{AppendError, Page};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::task::JoinSet;

const HANG_UP: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
    WHERE datname = current_database() AND pid <> pg_backend_pid()";

#[tokio::test(flavor = "multi_thread")]
async fn after_the_server_hung_up_calls_work_again() {
    let db = postgres().await;
    let anna = person(&db.storage, "Anna").await;
    let chat = group(&db.storage, anna, &[]).await.id;
    let storage = Arc::new(db.storage.messages.clone());
    let over = Arc::new(AtomicBool::new(false));
    let mut senders = JoinSet::new();
    for _ in 0..20 {
        let (messages, over) = (storage.clone(), over.clone());
        senders.spawn(async move {
            let mut stored = Vec::new();
            while !over.load(Ordering::Relaxed) {
                match messages.append(draft(chat, anna, "Hello")).await {
                    Ok(appended) => stored.push(appended.message.seq),
                    Err(AppendError::Store(StoreError::Unavailable(_))) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
            stored
        });
    }
    for _ in 0..10 {
        db.execute(HANG_UP).await;
        // Reads find their connections dead too; one soon succeeds.
        while db.storage.chats.view(chat, anna).await.is_err() {}
        db.storage.messages.append(draft(chat, anna, "in between")).await.ok();
    }
    over.store(true, Ordering::Relaxed);
    let acknowledged: Vec<Seq> = senders.join_all().await.into_iter().flatten().collect();
    assert!(!acknowledged.is_empty());
    let distinct: HashSet<_> = acknowledged.iter().collect();
    assert_eq!(distinct.len(), acknowledged.len(), "no seq is given out twice");

    db.storage.messages.append(draft(chat, anna, "at last")).await.unwrap();
    let mut seqs = Vec::new();
    loop {
        let after = seqs.last().copied().unwrap_or(Seq::ZERO);
        let page = db.storage.messages.page(chat, Page::After(after), 200).await.unwrap();
        seqs.extend(page.messages.iter().map(|message| message.seq));
        if !page.newer {
            break;
        }
    }
    assert!(seqs.iter().map(|seq| seq.get()).eq(1..=seqs.len() as i64), "no holes");
    assert!(acknowledged.iter().all(|seq| seq.get() <= seqs.len() as i64), "none is lost");
}
