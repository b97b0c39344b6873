//! Pictures in the forms of dialects.

use image::RgbImage;
use image::codecs::png::PngEncoder;
use tests::{Engine, Person, Server, Value, json, on_both, within};

on_both!(
    a_file_is_shown_for_any_token,
    a_picture_of_oneself_is_sent_in_a_form,
    the_same_in_minichat,
    a_picture_beside_a_bad_field_is_not_set,
    a_form_in_parts_may_bring_texts_alone,
);

/// A form with texts and a file.
fn form(texts: &[(&str, &str)], field: &str, bytes: &[u8]) -> Vec<u8> {
    let mut form = Vec::new();
    for (name, text) in texts {
        let head = format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        form.extend([head.as_bytes(), text.as_bytes(), b"\r\n"].concat());
    }
    let head = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"a.png\"\r\n\
         Content-Type: image/png\r\n\r\n"
    );
    form.extend([head.as_bytes(), bytes, b"\r\n--edge--\r\n"].concat());
    form
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

async fn call(
    server: &Server,
    who: &Person,
    (method, path): (&str, &str),
    body: Vec<u8>,
) -> (u16, Value) {
    let request = client().request(method.parse().expect("a method"), server.url(path));
    let of_flowchat = path.starts_with("/api/users/") || path.starts_with("/api/chats/");
    let scheme = match of_flowchat {
        true => "Token",
        false if path.starts_with("/api/v1/profile") => "JWT",
        false => "Bearer",
    };
    let request = request.header("authorization", format!("{scheme} {}", who.access));
    let request = request.header("content-type", "multipart/form-data; boundary=edge").body(body);
    let answer = within(path, request.send()).await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
}

/// A key that lives long.
async fn key_of(server: &Server, who: &Person) -> String {
    let body = json!({"username": who.name, "password": tests::PASSWORD});
    let answer = client().post(server.url("/api/login/")).json(&body).send().await;
    let answer: Value = answer.expect("an answer").json().await.expect("JSON");
    answer["token"].as_str().expect("a key").to_owned()
}

/// The status with which a file is shown.
async fn shown_to(server: &Server, path: &str, token: Option<&str>) -> u16 {
    let request = client().get(server.url(path));
    let request = token.into_iter().fold(request, |r, token| r.header("authorization", token));
    within(path, request.send()).await.expect("an answer").status().as_u16()
}

fn png() -> Vec<u8> {
    let mut png = Vec::new();
    RgbImage::new(8, 8).write_with_encoder(PngEncoder::new(&mut png)).expect("a picture");
    png
}

/// An address of the native API that dialects give out.
async fn a_file_is_shown_for_any_token(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben, eve] = Person::several(&server, ["Ada", "Ben", "Eve"]).await;
    let chat = ada.direct(&ben).await;
    let file = ada.upload("notes.txt").await["id"].clone();
    let message = json!({"text": "", "attachments": [file]});
    ada.post(&format!("/chats/{chat}/messages"), &message).await.expect(201);
    is_shown_for_any_token(&server, &format!("/api/v1/media/{file}"), &ben, &eve).await;
    // Where there is no place for it, its name stands for it.
    let path = format!("/api/chats/{chat}/get_messages/");
    let (_, shown) = call(&server, &ben, ("GET", &path), Vec::new()).await;
    assert_eq!(shown[0]["text"], "notes.txt", "{shown}");
}

/// To who may see it, and to nobody else.
async fn is_shown_for_any_token(server: &Server, path: &str, to: &Person, stranger: &Person) {
    assert_eq!(shown_to(server, path, None).await, 401);
    let tokens = [
        (format!("Token {}", key_of(server, to).await), 200),
        (format!("JWT {}", to.access), 200),
        (format!("Bearer {}", to.access), 200),
        (format!("Token {}", key_of(server, stranger).await), 404),
        ("Token nothing".to_owned(), 401),
    ];
    for (token, status) in tokens {
        assert_eq!(shown_to(server, path, Some(&token)).await, status, "{token}");
    }
}

async fn a_picture_of_oneself_is_sent_in_a_form(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, eve] = Person::several(&server, ["Ada", "Eve"]).await;
    let profile = format!("/api/users/{}/", ada.id);
    let body = form(&[("first_name", "Augusta")], "avatar", &png());
    let (status, changed) = call(&server, &ada, ("PATCH", &profile), body.clone()).await;
    assert_eq!((status, &changed["first_name"]), (200, &json!("Augusta")), "{changed}");
    let avatar = changed["avatar"].as_str().expect("an address").to_owned();
    assert!(avatar.starts_with(&server.url("/api/v1/users/")), "{avatar}");
    let shown = reqwest::get(&avatar).await.expect("an answer");
    assert_ne!(shown.headers()["content-type"], "image/svg+xml", "it is the one that was sent");
    let root = Person::admin(&server, "Root").await;
    for other in [&eve, &root] {
        assert_eq!(call(&server, other, ("PATCH", &profile), body.clone()).await.0, 404);
    }
    let refused = form(&[], "avatar", b"no picture");
    for path in [profile.as_str(), "/api/auth/profile/"] {
        let (status, refused) = call(&server, &ada, ("PATCH", path), refused.clone()).await;
        assert_eq!((status, refused["avatar"].is_array()), (400, true), "{refused}");
    }
    let same = reqwest::get(&avatar).await.expect("an answer");
    assert_eq!(same.bytes().await.expect("a body"), shown.bytes().await.expect("a body"));
    // Another picture has another address, so that no browser shows the one before.
    let (_, again) = call(&server, &ada, ("PATCH", &profile), body).await;
    assert_ne!(again["avatar"], avatar);
}

async fn the_same_in_minichat(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let body = form(&[("first_name", "Augusta")], "avatar", &png());
    let (status, changed) = call(&server, &ada, ("PUT", "/api/auth/profile/"), body).await;
    let user = &changed["user"];
    assert_eq!((status, &user["first_name"]), (200, &json!("Augusta")), "{changed}");
    let avatar = user["profile"]["avatar"].as_str().expect("an address");
    let kind = async || {
        let shown = reqwest::get(avatar).await.expect("an answer");
        shown.headers()["content-type"].to_str().expect("a text").to_owned()
    };
    assert_ne!(kind().await, "image/svg+xml", "it is the one that was sent");
    let without = client().patch(server.url("/api/auth/profile/")).bearer_auth(&ada.access);
    let without = without.json(&json!({"avatar": ""})).send().await.expect("an answer");
    assert_eq!(without.status(), 200);
    assert_eq!(kind().await, "image/svg+xml", "it is the one that everybody has");
}

async fn a_picture_beside_a_bad_field_is_not_set(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, _ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let kind = async || {
        let avatar = client().get(server.url(&format!("/api/v1/users/{}/avatar", ada.id)));
        let shown = avatar.bearer_auth(&ada.access).send().await.expect("an answer");
        shown.headers()["content-type"].to_str().expect("a text").to_owned()
    };
    let (profile, dialogs) =
        (format!("/api/users/{}/", ada.id), format!("/api/v1/profile/{}", ada.id));
    let forms = [
        (profile.as_str(), "username", "Ben"),
        ("/api/auth/profile/", "email", "no address"),
        (dialogs.as_str(), "username", "Ben"),
    ];
    for (path, field, bad) in forms {
        let body = form(&[(field, bad)], "avatar", &png());
        let (status, refused) = call(&server, &ada, ("PATCH", path), body).await;
        assert_eq!((status, refused[field].is_array()), (400, true), "{path}: {refused}");
        assert_eq!(kind().await, "image/svg+xml", "{path}: it is the one that everybody has");
        // The same is taken when nothing else is wrong, so that each was refused for that field.
        let (status, changed) =
            call(&server, &ada, ("PATCH", path), form(&[], "avatar", &png())).await;
        assert_eq!(status, 200, "{path}: {changed}");
        assert_ne!(kind().await, "image/svg+xml", "{path}: it is the one that was sent");
        let gone = client().delete(server.url("/api/v1/users/me/avatar"));
        let gone = gone.bearer_auth(&ada.access).send().await.expect("an answer");
        assert!(gone.status().is_success(), "{}", gone.status());
    }
}

async fn a_form_in_parts_may_bring_texts_alone(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let texts = b"--edge\r\nContent-Disposition: form-data; name=\"first_name\"\r\n\r\nAugusta\r\n\
        --edge--\r\n";
    for (path, at) in
        [("/api/auth/profile/".to_owned(), "/user"), (format!("/api/users/{}/", ada.id), "")]
    {
        let (status, changed) = call(&server, &ada, ("PATCH", &path), texts.to_vec()).await;
        let name = changed.pointer(&format!("{at}/first_name"));
        assert_eq!((status, name), (200, Some(&json!("Augusta"))), "{changed}");
    }
    let room = String::from_utf8_lossy(texts).replace("first_name", "name");
    let (status, made) = call(&server, &ada, ("POST", "/api/chat/rooms/"), room.into()).await;
    assert_eq!((status, &made["name"]), (201, &json!("Augusta")), "{made}");
    let (status, refused) =
        call(&server, &ada, ("POST", "/api/chat/rooms/"), b"--edge".to_vec()).await;
    assert_eq!((status, &refused["detail"]), (400, &json!("The form is broken.")), "{refused}");
}
