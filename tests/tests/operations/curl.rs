//! The examples of the documents that two dialects come from, with the headers and the bodies that
//! `curl` sends for them as they are printed.

use tests::{Engine, Server, Value, fits, json, on_both, within};

on_both!(
    the_examples_of_minichat,
    accounts_of_minichat,
    the_examples_of_flowchat,
    the_examples_of_flowchat_about_people,
);

const JSON: (&str, &str) = ("Content-Type", "application/json");
/// What `curl -d` says when it is told nothing.
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

struct Curl<'a> {
    server: &'a Server,
}

impl Curl<'_> {
    async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (u16, Value) {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let method = method.parse().expect("a method");
        let mut request = client.request(method, self.server.url(path)).body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = within(path, request.send()).await.expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or(Value::Null))
    }

    #[track_caller]
    fn is((status, body): (u16, Value), wanted_status: u16, wanted: &Value) -> Value {
        assert_eq!(status, wanted_status, "{body}");
        if let Err(why) = fits(wanted, &body) {
            panic!("{why}\nwanted {wanted}\ngot    {body}");
        }
        body
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

async fn the_examples_of_minichat(engine: Engine) {
    let server = Server::start(engine).await;
    let curl = Curl { server: &server };
    let register = r#"{
    "username": "testuser",
    "email": "test@example.com",
    "password": "securepass123",
    "password_confirm": "securepass123",
    "first_name": "Test",
    "last_name": "User"
  }"#;
    let signed_in = |message: &str| {
        json!({
            "user": {
                "id": 1, "username": "testuser", "email": "test@example.com",
                "first_name": "Test", "last_name": "User",
            },
            "tokens": {"access": "<text>", "refresh": "<text>"},
            "message": message,
        })
    };
    let answer = curl.call("POST", "/api/auth/register/", &[JSON], register).await;
    Curl::is(answer, 201, &signed_in("Пользователь успешно зарегистрирован"));
    let login = r#"{"username": "testuser", "password": "securepass123"}"#;
    let answer = curl.call("POST", "/api/auth/login/", &[JSON], login).await;
    let signed = Curl::is(answer, 200, &signed_in("Успешный вход"));
    let bearer = format!("Bearer {}", text(&signed["tokens"]["access"]));
    let bearer = ("Authorization", bearer.as_str());

    let other = r#"{"username": "other", "password": "securepass123", "password_confirm": "securepass123"}"#;
    assert_eq!(curl.call("POST", "/api/auth/register/", &[JSON], other).await.0, 201);
    let people = json!({"users": [{
        "id": 2, "username": "other", "first_name": "", "last_name": "", "full_name": "",
        "is_online": false, "last_seen": null, "avatar": "<text>",
    }]});
    let answer = curl.call("GET", "/api/auth/search/?q=oth", &[bearer], "").await;
    Curl::is(answer, 200, &people);
    let wanted = r#"{"user_id": 2}"#;
    let path = "/api/chat/create-direct-chat/";
    let (status, made) = curl.call("POST", path, &[bearer, JSON], wanted).await;
    assert_eq!((status, &made["message"]), (201, &json!("Чат успешно создан")), "{made}");
    assert_eq!(made["room"]["name"], "Чат: testuser и other");
    assert_eq!(made["room"]["participants"].as_array().map(Vec::len), Some(2));
    assert_eq!(made["id"], made["room"]["id"], "the React client reads it there");
    let (status, again) = curl.call("POST", path, &[bearer, JSON], wanted).await;
    assert_eq!((status, &again["message"]), (200, &json!("Чат уже существует")), "{again}");
    let message = r#"{
    "room": 1,
    "content": "Привет! Как дела?"
  }"#;
    let (status, sent) = curl.call("POST", "/api/chat/messages/", &[bearer, JSON], message).await;
    assert_eq!(status, 201, "{sent}");
    assert_eq!((&sent["room"], &sent["content"]), (&json!(1), &json!("Привет! Как дела?")));
}

/// What the document leaves open, on accounts.
async fn accounts_of_minichat(engine: Engine) {
    let server = Server::start(engine).await;
    let curl = Curl { server: &server };
    let register = r#"{"username": "testuser", "password": "securepass123", "password_confirm": "securepass123"}"#;
    let signed = curl.call("POST", "/api/auth/register/", &[JSON], register).await.1;
    let tokens = &signed["tokens"];
    let bearer = format!("Bearer {}", text(&tokens["access"]));
    let bearer = ("Authorization", bearer.as_str());
    let taken = "A user with that username already exists.";
    let short = "Ensure this field has at least 8 characters.";
    let refused = [
        (
            r#"{"username": "x", "password": "securepass123", "password_confirm": "other"}"#,
            json!({"non_field_errors": ["Пароли не совпадают"]}),
        ),
        (
            r#"{"username": "TESTUSER", "password": "short", "password_confirm": "short", "email": "z"}"#,
            json!({
                "username": [taken], "password": [short], "email": ["Enter a valid email address."],
            }),
        ),
        (
            r#"{"username": true, "password": "securepass123", "password_confirm": "securepass123"}"#,
            json!({"username": ["Not a valid string."]}),
        ),
        (
            r#"{"username": "y", "password": "12345678", "password_confirm": "12345678"}"#,
            json!({"password": ["The password must not be all digits."]}),
        ),
        (
            "{}",
            json!({
                "username": ["This field is required."], "password": ["This field is required."],
                "password_confirm": ["This field is required."],
            }),
        ),
    ];
    for (body, why) in refused {
        Curl::is(curl.call("POST", "/api/auth/register/", &[JSON], body).await, 400, &why);
    }
    let wrong = r#"{"username": "testuser", "password": "wrong"}"#;
    let answer = curl.call("POST", "/api/auth/login/", &[JSON], wrong).await;
    let told = "Неверное имя пользователя или пароль";
    Curl::is(answer, 400, &json!({"error": told, "detail": told}));
    sessions_of_minichat(&curl, tokens, bearer).await;
}

/// A refresh token works until its session ends.
async fn sessions_of_minichat(curl: &Curl<'_>, tokens: &Value, bearer: (&str, &str)) {
    let refresh = json!({"refresh": tokens["refresh"]}).to_string();
    for _ in 0..3 {
        let answer = curl.call("POST", "/api/auth/token/refresh/", &[JSON], &refresh).await;
        Curl::is(answer, 200, &json!({"access": "<text>", "refresh": "<text>"}));
    }
    let change = r#"{"old_password": "wrong", "new_password": "securepass124", "new_password_confirm": "securepass124"}"#;
    let answer = curl.call("POST", "/api/auth/change-password/", &[bearer, JSON], change).await;
    Curl::is(answer, 400, &json!({"old_password": ["Неверный текущий пароль"]}));
    let change = change.replace("wrong", "securepass123");
    let answer = curl.call("POST", "/api/auth/change-password/", &[bearer, JSON], &change).await;
    Curl::is(answer, 200, &json!({"message": "Пароль успешно изменен"}));
    let answer = curl.call("POST", "/api/auth/logout/", &[bearer, JSON], &refresh).await;
    Curl::is(answer, 200, &json!({"message": "Успешный выход"}));
    let answer = curl.call("POST", "/api/auth/token/refresh/", &[JSON], &refresh).await;
    Curl::is(answer, 401, &json!({"detail": "Token is invalid", "code": "token_not_valid"}));
    let answer = curl.call("GET", "/api/auth/me/", &[bearer], "").await;
    assert_eq!((answer.0, &answer.1["code"]), (401, &json!("token_not_valid")), "{}", answer.1);
}

async fn the_examples_of_flowchat(engine: Engine) {
    let server = Server::start(engine).await;
    let curl = Curl { server: &server };
    let register = r#"{"username": "andrew", "password": "Andrew123Password"}"#;
    let answer = curl.call("POST", "/api/users/", &[JSON], register).await;
    Curl::is(
        answer,
        201,
        &json!({
            "avatar": "<text>", "bio": null, "first_name": "", "id": 1, "is_online": false,
            "last_active": null, "last_name": "", "username": "andrew",
        }),
    );
    let other = r#"{"username": "john_doe", "password": "Securepassword1"}"#;
    assert_eq!(curl.call("POST", "/api/users/", &[JSON], other).await.0, 201);
    let answer = curl.call("POST", "/api/login/", &[JSON], other).await;
    let signed = Curl::is(
        answer,
        200,
        &json!({
            "id": 2, "username": "john_doe", "token": "<text>", "detail": "Login successful",
        }),
    );
    let token = format!("Token {}", text(&signed["token"]));
    let key = ("Authorization", token.as_str());

    // Without a content type of its own, `curl` says that it sends a form.
    let wanted = r#"{"user_id": "1"}"#;
    let answer = curl.call("POST", "/api/chats/get_or_create/", &[key, FORM], wanted).await;
    let chat = json!({
        "created_at": "<time>", "display_name": "andrew", "display_photo": "<text>",
        "display_time": null, "id": 1, "is_group": false, "last_message": "", "members": [1, 2],
        "title": null,
    });
    Curl::is(answer, 200, &chat);
    let say = r#"{"chat": 1, "text": "Все хорошо!"}"#;
    let answer = curl.call("POST", "/api/messages/", &[key, JSON], say).await;
    let message = json!({
        "author": {"avatar": "<text>", "id": 2, "username": "john_doe"}, "chat": 1,
        "created_at": "<time>", "edited_at": null, "id": 1, "is_read": false, "text": "Все хорошо!",
    });
    Curl::is(answer, 201, &message);
    let mut chat = chat;
    chat["last_message"] = json!("Все хорошо!");
    chat["display_time"] = json!("<time>");
    // The examples of reading say POST, the headings GET.
    for method in ["GET", "POST"] {
        let answer = curl.call(method, "/api/chats/1/", &[key], "").await;
        Curl::is(answer, 200, &chat);
        let answer = curl.call(method, "/api/chats/", &[key], "").await;
        Curl::is(answer, 200, &json!([chat]));
    }
    let answer = curl.call("GET", "/api/chats/1/get_messages/", &[key], "").await;
    Curl::is(answer, 200, &json!([message]));
}

async fn the_examples_of_flowchat_about_people(engine: Engine) {
    let server = Server::start(engine).await;
    let curl = Curl { server: &server };
    for person in [
        r#"{"username": "andrew", "password": "Andrew123Password"}"#,
        r#"{"username": "john_doe", "password": "Securepassword1"}"#,
    ] {
        assert_eq!(curl.call("POST", "/api/users/", &[JSON], person).await.0, 201);
    }
    let login = r#"{"username": "john_doe", "password": "Securepassword1"}"#;
    let signed = curl.call("POST", "/api/login/", &[JSON], login).await.1;
    let token = format!("Token {}", text(&signed["token"]));
    let key = ("Authorization", token.as_str());
    // This example puts both headers into one.
    let both = format!("{token}, Content-Type: application/json");
    let body = r#"{"first_name": "CoolBoy"}"#;
    let headers = [("Authorization", both.as_str()), FORM];
    let answer = curl.call("PATCH", "/api/users/2/", &headers, body).await;
    let profile = json!({
        "avatar": "<text>", "bio": null, "first_name": "CoolBoy", "id": 2, "is_online": false,
        "last_active": null, "last_name": "", "username": "john_doe",
    });
    Curl::is(answer, 200, &profile);
    Curl::is(curl.call("GET", "/api/users/me/", &[key], "").await, 200, &profile);
    Curl::is(curl.call("GET", "/api/users/2/profile/", &[key], "").await, 200, &profile);
    let answer = curl.call("GET", "/api/users/all/", &[key], "").await;
    Curl::is(
        answer,
        200,
        &json!([
            {"id": 1, "username": "andrew", "avatar": "<text>"},
            {"id": 2, "username": "john_doe", "avatar": "<text>"},
        ]),
    );
    let answer = curl.call("POST", "/api/logout/", &[key], "").await;
    Curl::is(answer, 200, &json!({"detail": "Logged out successfully"}));
    let answer = curl.call("GET", "/api/users/me/", &[key], "").await;
    Curl::is(answer, 401, &json!({"detail": "Недопустимый токен."}));
}
