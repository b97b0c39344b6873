//! What the sockets of dialects refuse, and that they stay open.

use tests::{DialectSocket, Engine, Person, Server, Value, json, on_both};

on_both!(
    what_does_not_fit_is_refused_and_the_socket_stays,
    a_flood_of_messages_is_refused,
    a_disabled_account_is_turned_away,
    dialects_that_are_off_are_not_there,
);

async fn what_does_not_fit_is_refused_and_the_socket_stays(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    assert_eq!((ada.id, grace.id), (1, 2), "one of the addresses names them");
    let chat = ada.direct(&grace).await;
    for dialect in DialectSocket::all(chat) {
        let mut wire = dialect.open(&server, &ada).await.expect("a socket");
        let too_long = "x".repeat(8_193);
        for text in [too_long.as_str(), " \n\t ", "a\0b"] {
            wire.send(&dialect.send(chat, text)).await;
            if dialect.tells_errors() {
                wire.until(&format!("an error of {}", dialect.name), DialectSocket::is_error).await;
            }
        }
        wire.binary(b"\xff\x00\xff").await;
        if dialect.tells_errors() {
            wire.until(&format!("an error of {} for bytes", dialect.name), DialectSocket::is_error)
                .await;
        }
        let longest = "y".repeat(8_192);
        wire.send(&dialect.send(chat, &longest)).await;
        let is_said = |frame: &Value| frame.to_string().contains(&longest);
        wire.until(&format!("the longest text by {}", dialect.name), is_said).await;
    }
}

/// More than anybody may send at once.
const FLOOD: usize = 150;

async fn a_flood_of_messages_is_refused(engine: Engine) {
    let rates = [("CONFAB_RATE_LIMITS", "on"), ("CONFAB_RATES", "send=20:1")];
    let server = Server::start_with(engine, &rates).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    for dialect in DialectSocket::all(chat).iter().filter(|dialect| dialect.tells_errors()) {
        let mut wire = dialect.open(&server, &ada).await.expect("a socket");
        for _ in 0..FLOOD {
            wire.send(&dialect.send(chat, "hello")).await;
        }
        let says = |frame: &Value, words| frame.to_string().contains(words);
        let is_told = |frame: &Value| {
            DialectSocket::is_error(frame)
                && (says(frame, "too often") || says(frame, "Слишком много"))
        };
        wire.until(&format!("a refusal by {}", dialect.name), is_told).await;
        wire.close().await;
    }
    // Nobody else is held up.
    let dialect = DialectSocket::all(chat).remove(0);
    let mut wire = dialect.open(&server, &grace).await.expect("a socket");
    wire.send(&dialect.send(chat, "and I")).await;
    wire.until("what she said", |frame: &Value| frame.to_string().contains("and I")).await;
}

async fn a_disabled_account_is_turned_away(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let root = Person::admin(&server, "Root").await;
    let chat = ada.direct(&grace).await;
    let events = DialectSocket::all(chat).remove(1);
    let mut wire = events.open(&server, &ada).await.expect("a socket");
    let path = format!("/admin/users/{}", ada.id);
    root.patch(&path, &json!({"is_active": false})).await.expect(200);
    while wire.next().await.is_ok() {}
    let refused = events.open(&server, &ada).await.map(drop);
    assert_eq!(refused.expect_err("disabled").0, 403);
}

async fn dialects_that_are_off_are_not_there(engine: Engine) {
    let server = Server::start_with(engine, &[("CONFAB_DIALECTS", "events")]).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    for dialect in DialectSocket::all(chat) {
        let opened = dialect.open(&server, &ada).await.map(drop);
        if dialect.name == "events" {
            opened.expect("this one is on");
        } else {
            assert_eq!(opened.expect_err(dialect.name).0, 404, "{}", dialect.name);
        }
    }
}
