//! The cookie that opens sockets.

#![expect(
    clippy::cognitive_complexity,
    reason = "a scenario is a straight line, of which each assertion counts as a branch"
)]

use super::{Page, ask, ended, pages, status_of};
use tests::{Engine, JsonSocket, PASSWORD, Person, Server, Value, json, on_both};

on_both!(
    a_cookie_opens_sockets_and_nothing_else,
    a_cookie_ends_with_its_session,
    a_cookie_is_renewed_for_a_browser,
);

async fn a_cookie_opens_sockets_and_nothing_else(engine: Engine) {
    let server = Server::start(engine).await;
    let people = pages(&server, ["Ada", "Ben", "Eve"]).await;
    let [ada, ben, eve] = &people[..] else { panic!("three") };
    let chat = format!("/ws/chat/{}/", ada.chat_with(ben).await);
    let own = server.url("");
    let address = server.address();
    let open = async |path: &str, headers: &[(&'static str, &str)]| {
        status_of(JsonSocket::open_with(address, path, headers).await).await
    };
    let cookie = ("cookie", ada.cookie.as_str());
    for path in ["/ws/notifications/", "/ws/notifications", &chat, chat.trim_end_matches('/')] {
        assert_eq!(open(path, &[cookie, ("origin", &own)]).await, 101, "{path}");
        assert_eq!(open(path, &[cookie]).await, 403, "{path} without an origin");
        let other = [cookie, ("origin", "https://evil.example")];
        assert_eq!(open(path, &other).await, 403, "{path} from another page");
        let forged = [("cookie", "sessionid=1.2.x"), ("origin", own.as_str())];
        assert_eq!(open(path, &forged).await, 403, "{path} with a forged cookie");
    }
    let token = [("authorization", ada.token.as_str()), ("origin", own.as_str())];
    assert_eq!(open("/ws/notifications/", &token).await, 403, "a token opens no socket here");
    assert_eq!(status_of(eve.open(&chat).await).await, 403, "a stranger");
    assert_eq!(status_of(eve.open("/ws/chat/999999/").await).await, 403, "no chat");
    assert_eq!(status_of(eve.open("/ws/chat/x/").await).await, 403, "no number");
    // The cookie is good for nothing else, and its content no token.
    let value = ada.cookie.trim_start_matches("sessionid=");
    let as_token = format!("Token {value}");
    let as_bearer = format!("Bearer {value}");
    for header in [("cookie", ada.cookie.as_str()), ("authorization", as_token.as_str())] {
        assert_eq!(ask(&server, ("GET", "/api/chats/"), &[header], &Value::Null).await.status, 401);
    }
    let headers = [("authorization", as_bearer.as_str())];
    assert_eq!(ask(&server, ("GET", "/api/v1/users/me"), &headers, &Value::Null).await.status, 401);
    assert_ne!(open("/ws/chats/", &[cookie, ("origin", &own)]).await, 101);
    let bearer = [("authorization", as_bearer.as_str()), ("origin", own.as_str())];
    for path in ["/ws/chats/", &chat, "/api/v1/ws"] {
        assert_ne!(open(path, &bearer).await, 101, "{path}");
    }
    let log = server.log();
    assert!(!log.contains(value), "a cookie is in the log");
    assert!(!log.contains(ada.token.trim_start_matches("Token ")), "a token is in the log");
}

async fn a_cookie_ends_with_its_session(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let (first, second) = (Page::log_in(&server, "Ada").await, Page::log_in(&server, "Ada").await);
    let mut open = first.open("/ws/notifications/").await.expect("a socket");
    let mut other = second.open("/ws/notifications/").await.expect("a socket");
    let headers = [("authorization", first.token.as_str())];
    let out = ask(&server, ("POST", "/api/logout/"), &headers, &Value::Null).await;
    assert_eq!((out.status, out.body), (200, json!({"detail": "Logged out successfully"})));
    assert!(
        out.cookies[0].starts_with("sessionid=; HttpOnly; Max-Age=0; Path=/"),
        "{out:?}",
        out = out.cookies
    );
    // An account has one token in the original, which is void on every device.
    assert_eq!((ended(&mut open).await, ended(&mut other).await), (4502, 4502));
    for page in [&first, &second] {
        assert_eq!(status_of(page.open("/ws/notifications/").await).await, 403);
        assert_eq!(page.ask("GET", "/api/users/me/", Value::Null).await.0, 401);
    }
    ada.get("/users/me").await.expect(200);

    let third = Page::log_in(&server, "Ada").await;
    let mut open = third.open("/ws/notifications/").await.expect("a socket");
    let change = json!({"old_password": PASSWORD, "new_password": "another-kettle-43"});
    ada.put("/auth/password", &change).await.expect(204);
    assert_eq!(ended(&mut open).await, 4502);
    assert_eq!(status_of(third.open("/ws/notifications/").await).await, 403);
}

async fn a_cookie_is_renewed_for_a_browser(engine: Engine) {
    let server = Server::start(engine).await;
    Person::register(&server, "Ada").await;
    let body = json!({"username": "Ada", "password": PASSWORD});
    let answer = ask(&server, ("POST", "/api/login/"), &[], &body).await;
    let [session, csrf] = &answer.cookies[..] else { panic!("{:?}", answer.cookies) };
    let rest = |cookie: &str| cookie.split_once(';').expect("a value").1.to_owned();
    assert_eq!(rest(session), " HttpOnly; Max-Age=1209600; Path=/; SameSite=Lax");
    assert_eq!(rest(csrf), " Max-Age=31449600; Path=/; SameSite=Lax");
    let page = Page::log_in(&server, "Ada").await;
    let me = async |headers: &[(&str, &str)]| {
        let token = [("authorization", page.token.as_str())];
        let headers = [&token[..], headers].concat();
        ask(&server, ("GET", "/api/users/me/"), &headers, &Value::Null).await.cookies.len()
    };
    assert_eq!(me(&[]).await, 0, "a program keeps none");
    assert_eq!(me(&[("sec-fetch-site", "same-origin")]).await, 2, "a browser lost it");
    assert_eq!(me(&[("cookie", &page.cookie)]).await, 0, "it is new");
    assert_eq!(me(&[("cookie", "sessionid=x")]).await, 2, "it is none");
}
