//! Many writers at once: they wait for each other, and none makes another fail.

use crate::common::{Database, all_chats, at, draft, draft_with_client_id, group, person, titled};
use domain::failure::StoreError;
use domain::ids::{Seq, UserId};
use domain::message::{AppendError, DeleteMessage, Page};
use std::sync::Arc;
use storage_diesel::{Options, Sending, open};
use tokio::task::JoinSet;

/// One test for each database.
macro_rules! on_both {
    ($($test:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(crate::common::sqlite().await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(crate::common::postgres().await).await;
            })*
        }
    };
}

on_both! {
    forty_writers_wait_for_each_other
    one_that_cannot_be_stored_fails_alone
    two_nodes_store_a_client_id_once
    without_the_queue_the_same_is_stored
    closing_commits_what_was_accepted
    dropped_calls_leave_every_connection_usable
    a_group_of_thousands_is_made_at_once
}

/// More than one statement could bind, on either database.
async fn a_group_of_thousands_is_made_at_once(db: Database) {
    let anna = person(&db.storage, "Anna").await;
    db.execute(
        "INSERT INTO users (id, name, name_folded, password_hash, role, active, created_at, searched)
            WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 9999)
            SELECT 1000 + n, 'Person ' || n, 'person ' || n, 'hash', 'user', true, created_at, 'person'
            FROM numbers, users",
    )
    .await;
    let others: Vec<_> = (1..10_000).map(|n| UserId::stored(1_000 + n)).collect();
    let chat = group(&db.storage, anna, &others).await;
    let seen = db.storage.chats.view(chat.id, others[9_998]).await.unwrap();
    assert_eq!(seen.member_count, 10_000);
}

async fn forty_writers_wait_for_each_other(db: Database) {
    let storage = Arc::new(db.storage);
    let anna = person(&storage, "Anna").await;
    let mut chats = Vec::new();
    for _ in 0..3 {
        chats.push(group(&storage, anna, &[]).await.id);
    }
    let mut writers = JoinSet::new();
    for nth in 0..40 {
        let (storage, chat) = (storage.clone(), chats[nth % 3]);
        writers.spawn(async move {
            for round in 0..10 {
                let sent = storage.messages.append(draft(chat, anna, "Hello")).await.unwrap();
                match (nth + round) % 5 {
                    0 => {
                        assert!(
                            storage.members.mark_read(chat, anna, sent.message.seq).await.is_ok()
                        );
                    }
                    1 => drop(storage.chats.update(titled(chat, anna, "New")).await.unwrap()),
                    2 => drop(
                        storage
                            .messages
                            .delete(DeleteMessage {
                                chat,
                                message: sent.message.id,
                                actor: anna.into(),
                                at: at(200),
                            })
                            .await
                            .unwrap(),
                    ),
                    3 => drop(person(&storage, &format!("Ben {nth} {round}")).await),
                    _ => drop(storage.chats.list(anna, all_chats()).await.unwrap()),
                }
            }
        });
    }
    while let Some(writer) = writers.join_next().await {
        writer.unwrap();
    }
    let mut messages = 0;
    for chat in chats {
        let page = storage.messages.page(chat, Page::After(Seq::ZERO), 500).await.unwrap();
        assert!(page.messages.iter().map(|m| m.seq.get()).eq(1..=page.messages.len() as i64));
        assert!(page.messages.is_sorted_by_key(|message| message.id), "ids rise with seqs");
        messages += page.messages.len();
    }
    assert_eq!(messages, 400);
}

async fn one_that_cannot_be_stored_fails_alone(db: Database) {
    let anna = person(&db.storage, "Anna").await;
    let chat = group(&db.storage, anna, &[]).await.id;
    // A write that the rules allow and the database refuses.
    let refuse = if db.url.starts_with("sqlite") {
        "CREATE TRIGGER t BEFORE INSERT ON messages WHEN NEW.text = 'poison' \
         BEGIN SELECT RAISE(ABORT, 'poison'); END"
    } else {
        "ALTER TABLE messages ADD CHECK (text <> 'poison')"
    };
    db.execute(refuse).await;
    let mut senders = JoinSet::new();
    for nth in 0..60 {
        let messages = db.storage.messages.clone();
        let text = if nth % 20 == 7 { "poison" } else { "Hello" };
        senders.spawn(async move { (text, messages.append(draft(chat, anna, text)).await) });
    }
    while let Some(sender) = senders.join_next().await {
        match sender.unwrap() {
            ("poison", answer) => {
                assert!(matches!(answer, Err(AppendError::Store(StoreError::Unavailable(_)))));
            }
            (_, answer) => drop(answer.unwrap()),
        }
    }
    let page = db.storage.messages.page(chat, Page::Latest, 100).await.unwrap();
    assert!(page.messages.iter().map(|m| m.seq.get()).eq(1..=57), "a refusal uses up no seq");
}

async fn two_nodes_store_a_client_id_once(db: Database) {
    let other = open(&db.url, &Options::default()).await.unwrap();
    let anna = person(&db.storage, "Anna").await;
    let chats = [group(&db.storage, anna, &[]).await.id, group(&db.storage, anna, &[]).await.id];
    let mut senders = JoinSet::new();
    for nth in 0..200 {
        let node = if nth % 2 == 0 { &db.storage } else { &other };
        let messages = node.messages.clone();
        let draft = draft_with_client_id(chats[nth / 2 % 2], anna, &format!("id-{}", nth / 8));
        senders.spawn(async move { messages.append(draft).await });
    }
    let (mut stored, mut refused) = (0, 0);
    while let Some(sender) = senders.join_next().await {
        match sender.unwrap() {
            Ok(appended) => stored += i32::from(!appended.replayed),
            Err(AppendError::Refused(_)) => refused += 1,
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!((stored, refused), (25, 100), "once each, in the chat that came first");
}

async fn without_the_queue_the_same_is_stored(db: Database) {
    let options = Options { sending: Sending::OneByOne, ..Options::default() };
    let storage = open(&db.url, &options).await.unwrap();
    let anna = person(&storage, "Anna").await;
    let chat = group(&storage, anna, &[]).await.id;
    let mut senders = JoinSet::new();
    for nth in 0..60 {
        let messages = storage.messages.clone();
        let draft = draft_with_client_id(chat, anna, &format!("id-{}", nth / 2));
        senders.spawn(async move { messages.append(draft).await.unwrap() });
    }
    senders.join_all().await;
    let page = storage.messages.page(chat, Page::Latest, 100).await.unwrap();
    assert!(page.messages.iter().map(|m| m.seq.get()).eq(1..=30));
    storage.close().await;
}

async fn closing_commits_what_was_accepted(db: Database) {
    let anna = person(&db.storage, "Anna").await;
    let chat = group(&db.storage, anna, &[]).await.id;
    let mut waiting: Vec<_> =
        (0..100).map(|_| db.storage.messages.append(draft(chat, anna, "Hello"))).collect();
    for call in &mut waiting {
        // Asked once, it has handed its message in.
        let _ = std::future::poll_fn(|cx| std::task::Poll::Ready(call.as_mut().poll(cx))).await;
    }
    drop(waiting);
    db.storage.close().await;
    let late = db.storage.messages.append(draft(chat, anna, "late")).await;
    assert!(matches!(late, Err(AppendError::Store(StoreError::Unavailable(_)))));
    assert!(matches!(db.storage.ping().await, Err(StoreError::Unavailable(_))));

    let again = open(&db.url, &Options::default()).await.unwrap();
    again.ping().await.unwrap();
    assert_eq!(again.members.standing(chat, anna).await.unwrap().last_seq, Seq::stored(100));
}

async fn dropped_calls_leave_every_connection_usable(db: Database) {
    let storage = Arc::new(db.storage);
    let anna = person(&storage, "Anna").await;
    let chat = group(&storage, anna, &[]).await.id;
    for round in 0..30 {
        let mut calls = JoinSet::new();
        for nth in 0..20 {
            let storage = storage.clone();
            calls.spawn(async move {
                match nth % 4 {
                    0 => drop(storage.chats.view(chat, anna).await),
                    1 => drop(storage.chats.update(titled(chat, anna, "New")).await),
                    2 => drop(storage.messages.append(draft(chat, anna, "Hello")).await),
                    _ => drop(storage.messages.page(chat, Page::Latest, 50).await),
                }
            });
        }
        for _ in 0..round {
            tokio::task::yield_now().await;
        }
        calls.shutdown().await;
    }
    // More calls at once than there are connections.
    let mut calls = JoinSet::new();
    for _ in 0..50 {
        let storage = storage.clone();
        calls.spawn(async move {
            storage.chats.view(chat, anna).await.unwrap();
            storage.chats.update(titled(chat, anna, "Last")).await.unwrap();
        });
    }
    calls.join_all().await;
    let view = storage.chats.view(chat, anna).await.unwrap();
    let page = storage.messages.page(chat, Page::After(Seq::ZERO), 1000).await.unwrap();
    assert!(page.messages.iter().map(|m| m.seq.get()).eq(1..=view.last_seq.get()));
}
