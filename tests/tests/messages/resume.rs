//! Coming back after any time away: the copy that one held, with what is answered, equals a copy
//! downloaded afresh, to the last field.

use std::sync::Arc;
use tests::{Engine, Follower, Person, Replica, Server, Socket, json, on_both};
use tokio::sync::watch;

on_both!(
    ten_thousand_changes_are_caught_up,
    any_version_can_be_caught_up_change_by_change,
    pushes_go_on_exactly_after_resuming,
    what_went_away_meanwhile_is_said,
);

/// Makes changes of every kind in a chat until it is at a version.
async fn stir(person: Person, chat: i64, until: i64) {
    let mut socket = person.socket().await;
    let mut mine = Vec::new();
    let mut reached = 0;
    while reached < until {
        let mut asked = Vec::new();
        for n in 0..30 {
            let text = format!("{} says {n} after {reached}", person.name);
            asked.push(socket.submit(json!({"type": "send", "chat": chat, "text": text})).await);
        }
        for (n, id) in mine.drain(..).enumerate().collect::<Vec<_>>() {
            let text = format!("edited after {reached}");
            let request = match n % 5 {
                0 => json!({"type": "delete", "chat": chat, "message": id}),
                1..4 => json!({"type": "edit", "chat": chat, "message": id, "text": text}),
                _ => continue,
            };
            asked.push(socket.submit(request).await);
        }
        for id in asked {
            let ok = socket.answer(&id).await.expect("an answer")["ok"].clone();
            let message = &ok["message"];
            reached = reached.max(message["version"].as_i64().expect("a version"));
            if message["edited_at"].is_null() && message["deleted_at"].is_null() {
                mine.push(message["id"].clone());
            }
        }
        let seq = person.chat(chat).await["last_seq"].clone();
        socket.ask(json!({"type": "read", "chat": chat, "seq": seq})).await;
        socket.take_pushes();
    }
}

/// Several people change a chat at once until it is past a version; its owner, the members and
/// the title as well.
async fn stir_together(owner: &Person, others: &[&Person], chat: i64, until: i64) {
    let mut writers = Vec::new();
    for person in others {
        for _ in 0..2 {
            writers.push(tokio::spawn(stir((*person).clone(), chat, until)));
        }
    }
    for round in 0..20 {
        let title = json!({"title": format!("Title {round}")});
        owner.patch(&format!("/chats/{chat}"), &title).await.expect(200);
        let role = if round % 2 == 0 { "admin" } else { "member" };
        let member = format!("/chats/{chat}/members/{}", others[0].id);
        owner.put(&member, &json!({"role": role})).await.expect(200);
    }
    for writer in writers {
        writer.await.expect("the writers get through");
    }
}

async fn ten_thousand_changes_are_caught_up(engine: Engine) {
    let server = Server::start(engine).await;
    let names = ["Owner", "Ada", "Grace", "Alan", "Leaver", "Comer"];
    let [owner, ada, grace, alan, leaver, comer] = Person::several(&server, names).await;
    let chat = owner.group("Busy", &[&ada, &grace, &alan, &leaver]).await;
    let quiet = ada.direct(&grace).await;
    for n in 0..100 {
        owner.send(chat, &format!("before {n}")).await;
    }
    ada.send(quiet, "hello").await;
    let before = Replica::download(&ada).await;
    let mut away = Follower::new(ada.clone(), before.clone());

    stir_together(&owner, &[&grace, &alan], chat, 10_200).await;
    leaver.delete(&format!("/chats/{chat}/members/{}", leaver.id)).await.expect(204);
    owner.put(&format!("/chats/{chat}/members/{}", comer.id), &json!(null)).await.expect(201);
    owner
        .delete(&format!("/chats/{chat}/messages/{}", first_of(&owner, chat).await))
        .await
        .expect(200);

    let fresh = Replica::download(&ada).await;
    assert!(fresh.version(chat) >= before.version(chat).map(|v| v + 10_000));
    away.catch_up().await;
    assert_eq!(away.replica, fresh, "over the socket");
    assert!(away.pages > 5, "so many changes do not fit into {} pages", away.pages);
    assert_eq!(by_rest(&ada, chat, before, 200).await, fresh, "over REST");
}

async fn first_of(person: &Person, chat: i64) -> String {
    let page = person.get(&format!("/chats/{chat}/messages?after=0&limit=1")).await.expect(200);
    page["items"][0]["id"].to_string()
}

/// Brings a copy of one chat to the present with `GET …/changes`.
async fn by_rest(person: &Person, chat: i64, mut copy: Replica, limit: usize) -> Replica {
    loop {
        let since = copy.version(chat).expect("it is held");
        let path = format!("/chats/{chat}/changes?since={since}&limit={limit}");
        let changes = person.get(&path).await.expect(200);
        copy.apply_changes(chat, &changes);
        if changes["more"] == false {
            return copy;
        }
    }
}

async fn any_version_can_be_caught_up_change_by_change(engine: Engine) {
    let server = Server::start(engine).await;
    let [owner, ada, grace] = Person::several(&server, ["Owner", "Ada", "Grace"]).await;
    let chat = owner.group("Busy", &[&ada, &grace]).await;
    let mut live = Follower::new(ada.clone(), Replica::download(&ada).await);
    live.catch_up().await;
    // Somebody who is connected sees every version; some of their copies are kept.
    let following = tokio::spawn(async move {
        let mut kept = vec![live.replica.clone()];
        live.follow(chat, "the end", |copy| {
            if copy.version(chat) > kept.last().and_then(|k| k.version(chat)).map(|v| v + 40) {
                kept.push(copy.clone());
            }
        })
        .await;
        (live.replica, kept)
    });
    stir_together(&owner, &[&grace], chat, 700).await;
    owner.send(chat, "the end").await;
    let (live, kept) = following.await.expect("it follows to the end");
    let fresh = Replica::download(&ada).await;
    assert_eq!(live, fresh, "whoever stayed connected");
    assert!(kept.len() > 5, "{} copies", kept.len());
    for (n, copy) in kept.into_iter().enumerate() {
        let version = copy.version(chat);
        let limit = [1, 2, 7, 200][n % 4];
        assert_eq!(by_rest(&ada, chat, copy, limit).await, fresh, "{version:?}, by {limit}");
    }
    // From nothing at all, too.
    let path = format!("/chats/{chat}/changes?since=0&limit=1");
    let first = ada.get(&path).await.expect(200);
    assert_eq!(first["more"], true);
    let ahead = fresh.version(chat).map_or(0, |v| v + 1);
    let path = format!("/chats/{chat}/changes?since={ahead}");
    ada.get(&path).await.refused(409, "version_ahead");
}

async fn pushes_go_on_exactly_after_resuming(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    let start = Replica::download(&ada).await;
    stir(grace.clone(), chat, 1_500).await;
    let (stop, stopped) = watch::channel(false);
    let writing = tokio::spawn(write_until(grace.clone(), chat, stopped));
    // Each comes back from far behind while the chat goes on, and then stays.
    let start = Arc::new(start);
    let mut followers = Vec::new();
    for _ in 0..4 {
        let mut follower = Follower::new(ada.clone(), (*start).clone());
        followers.push(tokio::spawn(async move {
            for _ in 0..3 {
                follower.catch_up().await;
                follower.go_away();
            }
            follower.catch_up().await;
            follower.follow(chat, "the end", |_| {}).await;
            follower.replica
        }));
    }
    for _ in 0..50 {
        ada.send(chat, "meanwhile").await;
    }
    stop.send_replace(true);
    writing.await.expect("the writer stops");
    ada.send(chat, "the end").await;
    let fresh = Replica::download(&ada).await;
    for follower in followers {
        assert_eq!(follower.await.expect("it follows to the end"), fresh);
    }
}

async fn write_until(person: Person, chat: i64, stop: watch::Receiver<bool>) {
    let mut socket = person.socket().await;
    while !*stop.borrow() {
        socket.send(chat, "on and on").await;
        socket.take_pushes();
    }
}

async fn what_went_away_meanwhile_is_said(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let (kept, left) = (ada.direct(&grace).await, grace.group("Left", &[&ada]).await);
    let deleted = grace.group("Deleted", &[&ada]).await;
    grace.delete(&format!("/chats/{left}/members/{}", ada.id)).await.expect(204);
    grace.delete(&format!("/chats/{deleted}")).await.expect(204);
    let came = grace.group("New", &[&ada]).await;
    let (mut socket, ready): (Socket, _) = ada.socket_and_ready().await;
    assert_eq!(ready["chats"], json!({kept.to_string(): 1, came.to_string(): 1}));
    let held = json!({kept.to_string(): 1, left.to_string(): 1, deleted.to_string(): 1,
        came.to_string(): 90, "999999": 4});
    let resumed = socket.ask(json!({"type": "resume", "chats": held})).await;
    assert_eq!(resumed["gone"], json!([left, deleted, 999_999]));
    assert_eq!(resumed["reset"], json!([came]));
    let expected = json!({kept.to_string():
        {"version": 1, "more": false, "chat": null, "members": [], "messages": [], "quoted": []}});
    assert_eq!(resumed["chats"], expected);
    let many: serde_json::Map<_, _> = (1..=1_001).map(|n| (n.to_string(), json!(1))).collect();
    socket.refused(json!({"type": "resume", "chats": many}), "invalid").await;
}
