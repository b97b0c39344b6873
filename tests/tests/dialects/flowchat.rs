//! What the recorded conversations of `flowchat` leave open: refusals to the letter, its cookie, groups, and
//! who is let in.

use tests::{Door, Engine, PASSWORD, Person, Server, Value, Wire, json, on_both, within};

on_both!(
    refusals_are_in_the_words_of_the_original,
    tokens_are_refused_in_the_words_of_the_original,
    a_cookie_opens_sockets_and_nothing_else,
    a_cookie_ends_with_its_session,
    a_cookie_is_renewed_for_a_browser,
    nothing_but_messages_is_told_in_a_chat,
    a_former_member_hears_and_says_nothing,
    groups_are_made_and_changed,
    an_account_is_deleted_with_its_password,
    people_of_other_systems_keep_to_themselves,
);

/// Somebody at the front end.
struct Page<'a> {
    server: &'a Server,
    token: String,
    cookie: String,
    id: i64,
}

struct Answer {
    status: u16,
    body: Value,
    cookies: Vec<String>,
    challenge: Option<String>,
}

async fn ask(
    server: &Server,
    (method, path): (&str, &str),
    headers: &[(&str, &str)],
    body: &Value,
) -> Answer {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let request = client.request(method.parse().expect("a method"), server.url(path));
    let request = headers.iter().fold(request, |r, (name, value)| r.header(*name, *value));
    let request = if body.is_null() { request } else { request.json(body) };
    let answer = within(path, request.send()).await.expect("an answer");
    let text = |value: &reqwest::header::HeaderValue| value.to_str().expect("a text").to_owned();
    Answer {
        status: answer.status().as_u16(),
        cookies: answer.headers().get_all("set-cookie").iter().map(text).collect(),
        challenge: answer.headers().get("www-authenticate").map(text),
        body: answer.json().await.unwrap_or(Value::Null),
    }
}

impl<'a> Page<'a> {
    async fn log_in(server: &'a Server, name: &str) -> Self {
        let body = json!({"username": name, "password": PASSWORD});
        let answer = ask(server, ("POST", "/api/login/"), &[], &body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let cookie = answer.cookies.iter().find(|line| line.starts_with("sessionid="));
        let cookie = cookie.expect("a cookie").split(';').next().expect("a value").to_owned();
        let token = format!("Token {}", answer.body["token"].as_str().expect("a token"));
        Self { server, token, cookie, id: answer.body["id"].as_i64().expect("an id") }
    }

    async fn ask(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let headers = [("authorization", self.token.as_str())];
        let answer = ask(self.server, (method, path), &headers, &body).await;
        (answer.status, answer.body)
    }

    async fn open(&self, path: &str) -> Result<Wire, (u16, Value)> {
        Door::open_with_cookie(self.server.address(), path, &self.cookie).await
    }

    async fn chat_with(&self, other: &Self) -> i64 {
        let body = json!({"user_id": other.id.to_string()});
        let (status, chat) = self.ask("POST", "/api/chats/get_or_create/", body).await;
        assert_eq!(status, 200, "{chat}");
        chat["id"].as_i64().expect("an id")
    }
}

async fn pages<'a, const N: usize>(server: &'a Server, names: [&str; N]) -> Vec<Page<'a>> {
    let mut pages = Vec::new();
    for person in Person::several(server, names).await {
        pages.push(Page::log_in(server, &person.name).await);
    }
    pages
}

async fn status_of(opened: Result<Wire, (u16, Value)>) -> u16 {
    match opened {
        Ok(_) => 101,
        Err((status, _)) => status,
    }
}

async fn refusals_are_in_the_words_of_the_original(engine: Engine) {
    let server = Server::start(engine).await;
    let people = pages(&server, ["Ada", "Ben", "Eve"]).await;
    let [ada, ben, eve] = &people[..] else { panic!("three") };
    let chat = ada.chat_with(ben).await;
    let sent = json!({"chat": chat, "text": "hello"});
    let (_, said) = ada.ask("POST", "/api/messages/", sent).await;
    let message = format!("/api/messages/{}/", said["id"]);
    let (empty, required) = ("Это поле не может быть пустым.", "Обязательное поле.");
    let no_user = json!({"detail": "No User matches the given query."});
    let no_chat = json!({"detail": "No ChatModel matches the given query."});
    let no_message = json!({"detail": "No MessageModel matches the given query."});
    let not_in = "Вы не являетесь участником чата и не можете отправлять сообщения";
    let long = "x".repeat(1_001);
    let of_chat = format!("/api/chats/{chat}/");
    let me = format!("/api/users/{}/", ben.id);
    for (who, method, path, body, status, wanted) in [
        (
            ben,
            "POST",
            "/api/messages/",
            json!({"text": " "}),
            400,
            json!({"chat": [required], "text": [empty]}),
        ),
        (
            ben,
            "POST",
            "/api/messages/",
            json!({"chat": chat, "text": long}),
            400,
            json!({"text": ["Убедитесь, что это значение содержит не более 1000 символов."]}),
        ),
        (
            ben,
            "POST",
            "/api/messages/",
            json!({"chat": "x", "text": "y"}),
            400,
            json!({"chat": ["Некорректный тип. Ожидалось значение первичного ключа, получен str."]}),
        ),
        (
            eve,
            "POST",
            "/api/messages/",
            json!({"chat": chat, "text": "y"}),
            403,
            json!({"detail": not_in}),
        ),
        (
            eve,
            "POST",
            "/api/messages/",
            json!({"chat": 99, "text": "y"}),
            403,
            json!({"detail": not_in}),
        ),
        (
            ben,
            "PATCH",
            &message,
            json!({"text": "y"}),
            403,
            json!({"detail": "Вы не являетесь автором и не можете редактировать этот объект"}),
        ),
        (
            ben,
            "DELETE",
            &message,
            Value::Null,
            403,
            json!({"detail": "Вы не являетесь автором и не можете удалять этот объект"}),
        ),
        (eve, "GET", &message, Value::Null, 404, no_message.clone()),
        (eve, "PATCH", &message, json!({"text": "y"}), 404, no_message.clone()),
        (eve, "DELETE", &message, Value::Null, 404, no_message.clone()),
        (ada, "PUT", &message, json!({}), 400, json!({"chat": [required], "text": [required]})),
        (ada, "PATCH", &message, json!({"text": null}), 400, json!({"text": [empty]})),
        (eve, "GET", &of_chat, Value::Null, 404, no_chat.clone()),
        (eve, "PATCH", &of_chat, json!({"title": "mine"}), 404, no_chat.clone()),
        (eve, "DELETE", &of_chat, Value::Null, 404, no_chat.clone()),
        (eve, "GET", &format!("{of_chat}get_messages/"), Value::Null, 404, no_chat.clone()),
        (ada, "GET", "/api/chats/x/", Value::Null, 404, json!({"detail": "Страница не найдена."})),
        (ada, "GET", &me, Value::Null, 404, no_user.clone()),
        (ada, "PATCH", &me, json!({"bio": "x"}), 404, no_user.clone()),
        (ada, "GET", "/api/users/999999/profile/", Value::Null, 404, no_user.clone()),
        (ada, "GET", "/api/users/x/profile/", Value::Null, 404, no_user.clone()),
        (
            ben,
            "PATCH",
            &me,
            json!({"avatar": "x"}),
            400,
            json!({"avatar": ["Загруженный файл не является корректным файлом."]}),
        ),
        (
            ben,
            "PATCH",
            &me,
            json!({"username": "Ada", "first_name": null}),
            400,
            json!({"username": ["Пользователь с таким именем уже существует."], "first_name": [empty]}),
        ),
        (ben, "PUT", &me, json!({}), 400, json!({"username": [required], "password": [required]})),
        (ben, "DELETE", &me, Value::Null, 400, json!({"password": [required]})),
        (
            ben,
            "DELETE",
            &me,
            json!({"password": "x"}),
            400,
            json!({"password": ["Неверный пароль."]}),
        ),
        (
            ben,
            "POST",
            "/api/chats/get_or_create/",
            json!({"user_id": ""}),
            400,
            json!({"detail": "user_id обязателен."}),
        ),
        (
            ben,
            "POST",
            "/api/chats/get_or_create/",
            json!({"user_id": "x"}),
            404,
            json!({"detail": "Пользователь не найден."}),
        ),
        (
            ben,
            "POST",
            "/api/chats/",
            json!({"members": []}),
            400,
            json!({"members": ["Этот список не может быть пустым."]}),
        ),
        (
            ben,
            "POST",
            "/api/chats/",
            json!({"members": [999_999], "title": "x".repeat(51)}),
            400,
            json!({
                "members": ["Недопустимый первичный ключ \"999999\" - объект не существует."],
                "title": ["Убедитесь, что это значение содержит не более 50 символов."],
            }),
        ),
        (
            ben,
            "GET",
            "/api/messages/",
            Value::Null,
            405,
            json!({"detail": "Метод \"GET\" не разрешен."}),
        ),
        (
            ben,
            "POST",
            "/api/chats/",
            json!([]),
            400,
            json!({
                "non_field_errors": ["Недопустимые данные. Ожидался dictionary, но был получен list."],
            }),
        ),
    ] {
        assert_eq!(
            who.ask(method, path, body.clone()).await,
            (status, wanted),
            "{method} {path} {body}"
        );
    }
    // A chat in which nothing was said has no body at all.
    let other = ada.chat_with(eve).await;
    let path = format!("/api/chats/{other}/get_messages/");
    assert_eq!(ada.ask("GET", &path, Value::Null).await, (200, Value::Null));
}

async fn tokens_are_refused_in_the_words_of_the_original(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let page = Page::log_in(&server, "Ada").await;
    let bearer = format!("Bearer {}", page.token.trim_start_matches("Token "));
    let nothing = "Учетные данные не были предоставлены.";
    for (header, detail) in [
        ("Basic x", nothing),
        (bearer.as_str(), nothing),
        ("Token null", "Недопустимый токен."),
        ("Token a.b.c", "Недопустимый токен."),
        ("Token", "Недопустимый заголовок токена. Не предоставлены учетные данные."),
        ("Token a b", "Недопустимый заголовок токена. Токен не должен содержать пробелов."),
    ] {
        let headers = [("authorization", header)];
        let answer = ask(&server, ("GET", "/api/users/me/"), &headers, &Value::Null).await;
        assert_eq!((answer.status, &answer.body), (401, &json!({"detail": detail})), "{header}");
        assert_eq!(answer.challenge.as_deref(), Some("Token"), "{header}");
        // Where nobody need sign in, a token that is not good is refused all the same.
        let answer = ask(&server, ("POST", "/api/users/"), &headers, &json!({})).await;
        assert_eq!(answer.status, if detail == nothing { 400 } else { 401 }, "{header}");
    }
    let listed = ada.get("/auth/sessions").await.expect(200);
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(2), "a token is a session");
    let query = format!("/api/users/me/?token={}", page.token.trim_start_matches("Token "));
    assert_eq!(ask(&server, ("GET", &query), &[], &Value::Null).await.status, 401);
}

async fn a_cookie_opens_sockets_and_nothing_else(engine: Engine) {
    let server = Server::start(engine).await;
    let people = pages(&server, ["Ada", "Ben", "Eve"]).await;
    let [ada, ben, eve] = &people[..] else { panic!("three") };
    let chat = format!("/ws/chat/{}/", ada.chat_with(ben).await);
    let own = server.url("");
    let address = server.address();
    let open = async |path: &str, headers: &[(&'static str, &str)]| {
        status_of(Wire::open_with(address, path, headers).await).await
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

async fn ended(wire: &mut Wire) -> u16 {
    loop {
        if let Err(code) = wire.next().await {
            return code;
        }
    }
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

async fn nothing_but_messages_is_told_in_a_chat(engine: Engine) {
    let server = Server::start(engine).await;
    let people = pages(&server, ["Ada", "Ben"]).await;
    let [ada, ben] = &people[..] else { panic!("two") };
    let chat = ada.chat_with(ben).await;
    let path = format!("/ws/chat/{chat}/");
    let mut hers = ada.open(&path).await.expect("a socket");
    let mut his = ben.open(&path).await.expect("a socket");
    let long = json!({"text": "x".repeat(8_193)}).to_string();
    for nothing in
        ["", "{", "[]", "{}", r#"{"text": ""}"#, r#"{"text": " \n"}"#, r#"{"text": null}"#, &long]
    {
        hers.send(nothing).await;
    }
    hers.binary(b"\xff\x00\xff").await;
    let (_, said) =
        ben.ask("POST", "/api/messages/", json!({"chat": chat, "text": "over HTTP"})).await;
    let (id, path) = (&said["id"], format!("/api/messages/{}/", said["id"]));
    ben.ask("PATCH", &path, json!({"text": "edited"})).await;
    assert_eq!(ben.ask("DELETE", &path, Value::Null).await.0, 204, "{id}");
    hers.send(&json!({"text": "said", "type": "anything"}).to_string()).await;
    for wire in [&mut hers, &mut his] {
        for (text, author) in [("over HTTP", ben.id), ("said", ada.id)] {
            let frame = wire.next().await.expect("the socket stays open");
            let time = frame["time"].as_str().expect("a time");
            assert!(time.ends_with("+00:00") && time.len() == 32, "{time}");
            let avatar = format!("/api/v1/users/{author}/avatar");
            let wanted = json!({
                "text": text, "author_id": author, "author_avatar": avatar, "time": time,
            });
            assert_eq!(frame, wanted);
        }
    }
}

async fn a_former_member_hears_and_says_nothing(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let group = ada.group("Theirs", &[&ben]).await;
    let page = Page::log_in(&server, "Ben").await;
    let path = format!("/ws/chat/{group}/");
    let mut his = page.open(&path).await.expect("a socket");
    let message = ada.send(group, "hello").await;
    assert_eq!(his.next().await.expect("a frame")["text"], "hello");
    ada.delete(&format!("/chats/{group}/members/{}", ben.id)).await.expect(204);
    ada.send(group, "without Ben").await;
    his.send(&json!({"text": "I am here"}).to_string()).await;
    assert_eq!(status_of(page.open(&path).await).await, 403);
    for (path, status) in [
        (format!("/api/chats/{group}/"), 404),
        (format!("/api/chats/{group}/get_messages/"), 404),
        (format!("/api/messages/{}/", message["id"]), 404),
    ] {
        assert_eq!(page.ask("GET", &path, Value::Null).await.0, status, "{path}");
    }
    let body = json!({"chat": group, "text": "x"});
    assert_eq!(page.ask("POST", "/api/messages/", body).await.0, 403);
    let said: Vec<_> = ada.history(group).await.iter().map(|m| m["text"].clone()).collect();
    assert_eq!(said, ["hello", "without Ben"]);
    // The next thing that he hears is what is said after he is in again.
    let back = json!({"role": "member"});
    ada.put(&format!("/chats/{group}/members/{}", ben.id), &back).await;
    ada.send(group, "with Ben").await;
    assert_eq!(his.next().await.expect("a frame")["text"], "with Ben");
}

async fn groups_are_made_and_changed(engine: Engine) {
    let server = Server::start(engine).await;
    let people = pages(&server, ["Ada", "Ben", "Cleo"]).await;
    let [ada, ben, cleo] = &people[..] else { panic!("three") };
    let mut news = ben.open("/ws/notifications/").await.expect("a socket");
    let body = json!({"members": [ada.id, ben.id], "title": "Tea", "is_group": true});
    let (status, group) = ada.ask("POST", "/api/chats/", body).await;
    assert_eq!(status, 201, "{group}");
    let wanted = [
        ("title", json!("Tea")),
        ("is_group", json!(true)),
        ("display_name", json!("Tea")),
        ("members", json!([ada.id, ben.id])),
        ("last_message", json!("")),
        ("display_time", Value::Null),
    ];
    for (field, value) in wanted {
        assert_eq!(group[field], value, "{field}");
    }
    let photo = group["display_photo"].as_str().expect("an address");
    let shown = reqwest::get(server.url(photo)).await.expect("an answer");
    assert_eq!(shown.headers()["content-type"], "image/svg+xml");
    let path = format!("/api/chats/{}/", group["id"]);
    let (status, changed) = ada.ask("PATCH", &path, json!({"title": "Tea time"})).await;
    assert_eq!((status, &changed["display_name"]), (200, &json!("Tea time")));
    let body = json!({"members": [ada.id, cleo.id]});
    let (status, changed) = ada.ask("PUT", &path, body).await;
    assert_eq!((status, &changed["members"]), (200, &json!([ada.id, cleo.id])));
    assert_eq!(ben.ask("GET", &path, Value::Null).await.0, 404);
    assert_eq!(cleo.ask("PATCH", &path, json!({"title": "Mine"})).await.0, 403);
    assert_eq!(ada.ask("DELETE", &path, Value::Null).await, (204, Value::Null));
    assert_eq!(ada.ask("GET", &path, Value::Null).await.0, 404);
    // Two people without a group have a chat that is there once.
    let body = json!({"members": [ada.id, ben.id]});
    let (status, chat) = ada.ask("POST", "/api/chats/", body).await;
    assert_eq!(
        (status, &chat["is_group"], &chat["display_name"]),
        (201, &json!(false), &json!("Ben"))
    );
    assert_eq!(chat["id"], ben.chat_with(ada).await);
    let frame = news.next().await.expect("the socket stays open");
    assert_eq!(
        frame,
        json!({"type": "new_chat", "chat_id": chat["id"]}),
        "of groups nothing is told"
    );
}

async fn an_account_is_deleted_with_its_password(engine: Engine) {
    let server = Server::start(engine).await;
    let people = pages(&server, ["Ada", "Ben"]).await;
    let [ada, ben] = &people[..] else { panic!("two") };
    let chat = ada.chat_with(ben).await;
    let body = json!({"chat": chat, "text": "hello"});
    assert_eq!(ada.ask("POST", "/api/messages/", body).await.0, 201);
    let me = format!("/api/users/{}/", ada.id);
    assert_eq!(ben.ask("DELETE", &me, json!({"password": PASSWORD})).await.0, 404);
    let gone = ada.ask("DELETE", &me, json!({"password": PASSWORD})).await;
    assert_eq!(gone, (204, Value::Null));
    assert_eq!(ada.ask("GET", "/api/users/me/", Value::Null).await.0, 401);
    assert_eq!(status_of(ada.open("/ws/notifications/").await).await, 403);
    assert_eq!(ben.ask("GET", &format!("{me}profile/"), Value::Null).await.0, 404);
    server
        .until("the message to be gone", async |_| {
            let (_, shown) = ben.ask("GET", &format!("/api/chats/{chat}/"), Value::Null).await;
            shown["display_name"] == "Неизвестный пользователь" && shown["last_message"] == ""
        })
        .await;
}

/// Who signed in here is seen by everybody who did, as in the original. Others share a chat first.
async fn people_of_other_systems_keep_to_themselves(engine: Engine) {
    let server = Server::start(engine).await;
    let [_, ben, cleo] = Person::several(&server, ["Ada", "Ben", "Cleo"]).await;
    let page = Page::log_in(&server, "Ada").await;
    let (_of_ben, _of_cleo) = (ben.socket().await, cleo.socket().await);
    let his = Page::log_in(&server, "Ben").await;
    let seen = async |id: i64| {
        let path = format!("/api/users/{id}/profile/");
        let (status, profile) = page.ask("GET", &path, Value::Null).await;
        assert_eq!(status, 200, "{profile}");
        (profile["is_online"].clone(), profile["last_active"].is_null())
    };
    assert_eq!(seen(his.id).await, (json!(true), false));
    assert_eq!(seen(cleo.id).await, (json!(false), true));
    ben.put(&format!("/users/{}/block", page.id), &Value::Null).await;
    assert_eq!(seen(his.id).await, (json!(false), true));
}
